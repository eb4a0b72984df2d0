"""What follows from a condition without a mail: it must never be claimed of conditions that a mail could part."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.rulebook.rulebooks import rulebook
from triaged.rulebook import logic
from triaged.rulebook.conditions import Condition, Seen
from triaged.rulebook.rulebook import Rulebook

WRITTEN = (
    "{language: de}", "{language: {in: [de, fr]}}", "{not: {language: de}}", "{language: {exists: true}}",
    "{language: {exists: false}}", "{language: de, mail.reply: true}", "{any: [{language: de}, {mail.reply: true}]}",
    "{attachments.count: {at_least: 5}}", "{attachments.count: {more_than: 3}}", "{attachments.count: 4}",
    "{attachments.count: {at_most: 3}}", "{attachments.count: {less_than: 5, at_least: 2}}",
    "{classifier.severity: {at_least: S2}}", "{classifier.severity: S3}", "{classifier.severity: {in: [S1, S2]}}",
    "{attachments.types: {contains: [image/png]}}", "{attachments.types: {contains: [image/png, text/plain]}}",
    "{text: {contains: down}}", "{text: {contains: [down, gone]}}", "{not: [{text: {contains: down}}, {language: de}]}",
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "language": (None, "de", "fr", "ja"),
    "mail.reply": (None, True, False),
    "attachments.count": (None, 2, 3, 4, 5, 6),
    "classifier.severity": (None, "S1", "S2", "S3"),
    "attachments.types": ((), ("image/png",), ("text/plain",)),
    "text": ("", "it is down", "gone", "down and gone"),
}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    rules = "".join(
        f"  - name: rule-{number}\n    when: {written}\n    then: {{tags: [x]}}\n"
        for number, written in enumerate(WRITTEN)
    )
    return rulebook(f"rules:\n{rules}")


def _holds(book: Rulebook, one: Condition, other: Condition) -> set[tuple[bool, bool]]:
    """How the two stand together over every mail that could tell them apart."""
    names = sorted(one.fields | other.fields)
    seen = (
        Seen(dict(zip(names, values, strict=True)), book.patterns, book.sayings)
        for values in product(*(VALUES[name] for name in names))
    )
    return {(one.holds(mail), other.holds(mail)) for mail in seen}


def test_what_is_said_to_follow_follows_on_every_mail(book: Rulebook) -> None:
    followed = excluded = 0
    for a, b in product(book.rules, repeat=2):
        together = _holds(book, a.when, b.when)
        if logic.implies(a.when, b.when):
            followed += 1
            assert (True, False) not in together, (WRITTEN[book.rules.index(a)], WRITTEN[book.rules.index(b)])
        if logic.excludes(a.when, b.when):
            excluded += 1
            assert (True, True) not in together, (WRITTEN[book.rules.index(a)], WRITTEN[book.rules.index(b)])
    assert followed > len(WRITTEN) + 15
    assert excluded > 20


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{language: de}", "{language: {in: [de, fr]}}"),
        ("{language: de}", "{language: {exists: true}}"),
        ("{attachments.count: {at_least: 5}}", "{attachments.count: {more_than: 3}}"),
        ("{classifier.severity: {in: [S1, S2]}}", "{classifier.severity: {at_least: S2}}"),
        ("{language: de, mail.reply: true}", "{any: [{language: de}, {mail.reply: true}]}"),
        ("{text: {contains: down}}", "{text: {contains: [down, gone]}}"),
    ],
)
def test_what_plainly_follows_is_seen(book: Rulebook, one: str, other: str) -> None:
    assert logic.implies(book.rules[WRITTEN.index(one)].when, book.rules[WRITTEN.index(other)].when)


def test_no_rule_that_a_mail_can_meet_is_called_impossible(book: Rulebook) -> None:
    assert not any(logic.impossible(rule.when) for rule in book.rules)


COUNTS = ("at_least: 3", "more_than: 3", "at_most: 3", "less_than: 3", "equals: 3", "in: [2, 4]", "at_least: 4", "at_most: 2")  # fmt: skip
OTHERS = (
    "{language: de}", "{language: {in: [de, fr]}}", "{not: {language: de}}", "{not: {language: {in: [de, fr]}}}",
    "{language: {exists: true}}", "{language: {exists: false}}", "{condition: ja}", "{not: {condition: ja}}",
    "{any: [{language: de}, {language: fr}]}", "{language: de, mail.reply: true}", "{any: [{language: de}, {mail.reply: true}]}",
    "{not: {any: [{language: de}, {mail.reply: true}]}}", "{mail.reply: true}", "{mail.reply: false}", "{}",
)  # fmt: skip
WORDS = (
    "{text: {contains: down}}", "{text: {contains: [down, gone]}}", "{text: {contains: gone}}", "{text: {exists: true}}",
    "{text: {exists: false}}", "{not: {text: {contains: down}}}", "{missing: {contains: zoid}}",
    "{missing: {contains: [zoid, zuid]}}", "{missing: {exists: false}}", "{subject: {contains: down}}",
    "{classifier.severity: S1}", "{classifier.severity: {at_least: S2}}", "{classifier.severity: {at_most: S2}}",
    "{partner.tier: {at_least: advanced}}", "{partner.tier: premium}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (
            tuple(f"{{attachments.count: {{{one}}}}}" for one in COUNTS),
            "F..X...X FFXXX..X .XF...X. XXFFX.X. FXFXFXXX ....XF.. FFXXX.FX XXFFX.XF",
        ),
        (
            OTHERS,
            "FFXXFXXFF.FX..F .F.XFXXF......F X.F......X....F XXFF....XX....F ....FX........F XXFFXFXFXX....F "
            "XXFFFXFXXX....F ......XF......F .F.XFXXFF.....F FFXXFXXFFFFXFXF ..........FX..F X.F......XXFX.F "
            "..........FXFXF .........X..XFF ..............F",
        ),
        (
            WORDS,
            "FF.FXX......... .F.FX.......... .FFFX.......... ...FX.......... XXXXFF......... X....F......... "
            "......FFX...... .......FX...... ......XXF...... .........F..... ..........FFX.. ...........F... "
            "..........X.F.. .............F. .............FF",
        ),
    ],
)  # fmt: skip
def test_of_two_conditions_it_is_seen_that_one_follows_or_excludes_the_other(
    written: tuple[str, ...], seen: str
) -> None:
    """F: the one of the row has the one of the column follow; X: they exclude each other; a dot: neither."""
    rules = "".join(
        f"  - {{name: rule-{number}, when: {one}, then: {{tags: [x]}}}}\n"
        for number, one in enumerate(written)
    )
    made = rulebook(f"conditions: {{ja: {{language: ja}}}}\nrules:\n{rules}")

    def sign(one: Condition, other: Condition) -> str:
        return "F" if logic.implies(one, other) else "X" if logic.excludes(one, other) else "."

    assert ["".join(sign(one.when, other.when) for other in made.rules) for one in made.rules] == seen.split()


@pytest.mark.parametrize(
    ("when", "impossible"),
    [
        ("{language: de, condition: ja}", True),
        ("{all: [{language: de}, {language: fr}]}", True),
        ("{any: [{all: [{language: de}, {language: fr}]}, {language: ja}]}", False),
        ("{any: [{all: [{language: de}, {language: fr}]}, {all: [{language: de}, {condition: ja}]}]}", True),
        ("{all: [{mail.reply: true}, {any: [{all: [{language: de}, {language: fr}]}]}]}", True),
        ("{not: {}}", True),
        ("{not: {not: {}}}", False),
        ("{attachments.count: {at_least: 3, at_most: 3}}", False),
        ("{attachments.count: {more_than: 3, at_most: 3}}", True),
        ("{attachments.count: {at_least: 3, less_than: 3}}", True),
        ("{text: {contains: x}, not: {text: {contains: [x, y]}}}", True),
    ],
)
def test_what_can_never_hold_is_seen(when: str, impossible: bool) -> None:
    made = rulebook(
        f"conditions: {{ja: {{language: ja}}}}\nrules:\n"
        "  - {name: other, when: {condition: ja}, then: {tags: [x]}}\n"
        f"  - {{name: it, when: {when}, then: {{tags: [x]}}}}\n"
    )
    assert logic.impossible(made.rules[1].when) is impossible
