"""Letters by a rulebook that lacks what is younger than it; and whom, how long and in which words they tell."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.letters.test_mime import LETTER, sent
from tests.tickets.world import DESK, at, letters, promises, sections, ticket, writer
from triaged.letters import compose, context, page_letters, recipients, samples, sign_in_letter, templates
from triaged.letters.forms import forms
from triaged.letters.sign_in_letter import SignIn
from triaged.letters.templates import LONGEST_BODY, Letters, Written
from triaged.promises import clocks
from triaged.spec.sections import SpecError

NOW = at("2026-11-20 16:00")


def without(*kinds: str, languages: tuple[str, ...] = ("en", "ja", "de", "fr", "es")) -> Letters:
    """The letters that ship, as an older rulebook has them: these kinds have no template."""
    merged = copy.deepcopy(sections())
    for language in languages:
        for kind in kinds:
            merged["letters"][language]["templates"].pop(kind, None)
    return templates.build(merged)


def test_a_letter_younger_than_the_rulebook_tells_what_was_said_and_nothing_around_it() -> None:
    old = without("page_act")
    link = "https://desk.example/t/1"
    said = replace(
        samples.BARE, author="Anna", text="Fixed.", excerpt="no", reasons=("a", "b"), ticket_url=link
    )
    whole = Written(said.thread, f"Anna:\n\nFixed.\n\na\nb\n\n{link}\n", "en")
    assert old.write("page_act", "en", said) == whole
    bare = replace(said, author="", text="", reasons=(), ticket_url="")
    assert old.write("page_act", "en", bare).body == "no\n"
    assert old.write("page_act", "en", replace(bare, ticket_url=link)).body == f"no\n\n{link}\n"
    long = old.write("page_act", "en", replace(bare, text="x" * (LONGEST_BODY + 1))).body
    assert long == "x" * LONGEST_BODY + "\n"


def test_a_letter_that_must_be_there_is_not_made_up() -> None:
    with pytest.raises(KeyError, match="closed"):
        without("closed", languages=("de",)).write("closed", "de", samples.BARE)
    with pytest.raises(SpecError, match="the letter 'closed' is missing"):
        without("closed")


def test_an_older_rulebook_says_nothing_of_a_merge_taken_back_and_acknowledges_one_by_one() -> None:
    t = ticket(NOW)
    old = writer(NOW, letters=without("unmerged", "acknowledgments_combined"))
    assert compose.on_unmerged(old, t, "PS-7") is None
    assert compose.combined(old, (t,), "anna@oakbridge.example", "k") is None
    new = writer(NOW)
    told = compose.on_unmerged(new, t, "PS-7")
    assert told is not None
    assert (told.kind, told.key) == ("unmerged", "unmerged@0")
    assert compose.combined(new, (), "anna@oakbridge.example", "k") is None
    both = compose.combined(new, (t, replace(t, id=43, reference="PS-1043")), "anna@oakbridge.example", "k")
    assert both is not None
    assert (both[0].reference, both[1].kind, both[1].to, both[1].cc) == (
        "PS-1043", "acknowledgments_combined", ("anna@oakbridge.example",), (),
    )  # fmt: skip


def test_a_language_without_its_acknowledgment_has_its_form_and_no_list_of_what_helps() -> None:
    whole, old = forms(letters()), forms(without("acknowledgment", languages=("de",)))
    assert len(old) == len(whole) - 1
    [gone] = {form.heading for form in whole} - {form.heading for form in old}
    assert gone
    assert [form.labels for form in old if not form.heading] == [
        form.labels for form in whole if not form.heading
    ]


def test_who_signs_in_under_an_older_rulebook_gets_a_plain_letter() -> None:
    told = SignIn("anna@oakbridge.example", "Firefox\non Linux", "https://desk.example/s/1", "481516", NOW + timedelta(minutes=15), "s:1")  # fmt: skip
    letter = sign_in_letter.write(writer(NOW, letters=without("sign_in")), told, "de", ZoneInfo("Asia/Tokyo"))
    assert (letter.kind, letter.key, letter.to, letter.language) == (
        "sign_in",
        "s:1",
        ("anna@oakbridge.example",),
        "en",
    )
    assert letter.subject == "Partner Support: 481516"
    assert letter.expires == told.ends
    assert letter.body == (
        "anna@oakbridge.example asked to sign in, from Firefox on Linux. Open this link in the browser in which you asked:\n\n"
        "https://desk.example/s/1\n\nOr type this code there: 481516\n\nBoth work once, until Sat 21 Nov 2026, 01:15 (Asia/Tokyo).\n"
    )
    assert sign_in_letter.write(writer(NOW), told, "de", ZoneInfo("Asia/Tokyo")).language == "de"


@pytest.mark.parametrize(
    ("to", "cc", "left"),
    [
        (("anna@oak.example",), ("bo@oak.example",), (("bo@oak.example",), ())),
        (("bo@oak.example",), ("anna@oak.example",), (("bo@oak.example",), ())),
        (("bo@oak.example",), ("cy@oak.example",), (("bo@oak.example",), ("cy@oak.example",))),
        (
            ("anna@oak.example",),
            ("bo@oak.example", "cy@oak.example"),
            (("bo@oak.example", "cy@oak.example"), ()),
        ),
        (("anna@oak.example",), ("anna@oak.example",), None),
    ],
)
def test_a_letter_leaves_out_who_did_it_himself(
    to: tuple[str, ...], cc: tuple[str, ...], left: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> None:
    letter = page_letters.but(replace(LETTER, to=to, cc=cc), "anna@oak.example")
    assert ((letter.to, letter.cc) if letter else None) == left
    assert page_letters.but(None, "anna@oak.example") is None


@pytest.mark.parametrize(
    ("assigned", "alert", "tiers", "but", "found"),
    [
        ("ben@desk.example", ("leads@desk.example",), {}, "cy@desk.example", ("ben@desk.example",)),
        ("ben@desk.example", ("leads@desk.example",), {}, "Ben@desk.example", ("leads@desk.example",)),
        ("", ("ben@desk.example",), {2: ("two@desk.example",), 3: ("three@desk.example",)}, "ben@desk.example", ("two@desk.example",)),
        ("", ("ben@desk.example",), {2: ("BEN@desk.example",), 3: ("three@desk.example",)}, "ben@desk.example", ("three@desk.example",)),
        ("", ("ben@desk.example",), {}, "ben@desk.example", ("ben@desk.example",)),
    ],
)  # fmt: skip
def test_instead_of_somebody_of_staff_the_next_is_told_and_he_himself_rather_than_nobody(
    assigned: str, alert: tuple[str, ...], tiers: dict[int, tuple[str, ...]], but: str, found: tuple[str, ...]
) -> None:
    desk = replace(DESK, alert=alert, tiers=tiers)
    assert recipients.others_of_staff(ticket(NOW, assigned_to=assigned), desk, but) == found


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Nowhere/Else", "UTC"), ("../etc/passwd", "UTC"), ("", "UTC")],
)
def test_a_letter_leaves_in_utc_where_its_zone_is_unknown(name: str, zone: str) -> None:
    assert context.zone_of(name).key == zone


@pytest.mark.parametrize(("target", "rhythm"), [("4h", "every 4 hours"), ("1h, 4h by night", ""), ("", "")])
def test_a_target_that_is_no_single_span_has_no_rhythm(target: str, rhythm: str) -> None:
    made = clocks.commitments(ticket(NOW), promises(), NOW)[0]
    told = context.promise(
        replace(made, kind="next_update", target=target), letters().words("en"), ZoneInfo("UTC")
    )
    assert (told.every, told.rhythm) == (target, rhythm)


@pytest.mark.parametrize(
    ("name", "dear"),
    [
        ("Holm, Anna", "Hello Anna Holm,"),
        ("Holm,Anna", "Hello Anna Holm,"),
        ("Holm , Anna", "Hello Anna Holm,"),
        ("Holm, ", "Hello Holm,"),
        (", Anna,", "Hello Anna,"),
        (",", "Hello,"),
        ("Holm, Anna, Dr", "Hello Holm, Anna, Dr,"),
    ],
)
def test_a_name_written_backwards_is_turned(name: str, dear: str) -> None:
    assert letters().words("en").salutation(name) == dear


@pytest.mark.parametrize("own", ["", "a b", "<a\r\nBcc: x@y.example>", "ü@desk.example"])
def test_a_letter_without_an_id_of_its_own_is_not_rendered(own: str) -> None:
    with pytest.raises(ValueError, match="is not a Message-ID"):
        sent(LETTER, message_id=own)


@pytest.mark.parametrize("own", ["a@desk.example", "<a@desk.example>", " <a@desk.example> "])
def test_an_id_stands_in_its_brackets(own: str) -> None:
    assert sent(LETTER, message_id=own)["Message-ID"] == "<a@desk.example>"


def test_a_loop_over_what_comes_one_by_one_is_counted_round_by_round() -> None:
    def rendered(source: str) -> str:
        made = templates._compiled(templates._environment(), ("letters",), source)
        return templates._bounded(made, samples.BARE.names(), LONGEST_BODY)

    assert rendered("{% for x in [3, 1]|map('string') %}{{ x }};{% endfor %}") == "3;1;"
    endless = (
        "{% for a in range(900)|map('abs') %}{% for b in range(900)|map('abs') %}{% endfor %}{% endfor %}"
    )
    with pytest.raises(SpecError, match=r"does not render: .*too"):
        rendered(endless)
