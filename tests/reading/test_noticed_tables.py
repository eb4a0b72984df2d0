"""Tables in plain text, words of machines and addresses that stand for any: what an id or address stands in."""

from __future__ import annotations

import pytest

from tests.reading.test_noticed_binding import A, L, M, N, bound
from triaged.reading.identifiers import error_text
from triaged.reading.identifiers.passages import LONGEST, Passage, normal
from triaged.reading.identifiers.placeholders import is_placeholder

BOTH = "zoid N template, zuid M template"
UNREAD = "zuid N label, zuid M label"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"ZOID\tZUID\n{N}\t{M}", BOTH),
        (f"ZOID\t\tZUID\n{N}\t{M}", BOTH),
        (f"ZOID | ZUID\n{N} | {M}", BOTH),
        (f"| ZOID | ZUID |\n|---|---|\n| {N} | {M} |", BOTH),
        (f"| | ZOID | ZUID |\n| a | {N} | {M} |", BOTH),
        (f"ZOID;ZUID\n{N};{M}", BOTH),
        (f"ZOID, ZUID\n{N}, {M}", BOTH),
        (f"ZOID  ZUID\n{N}   {M}", BOTH),
        (f"ZOID\tZUID\n===\t---\n{N}\t{M}", BOTH),
        (f"ZOID\tZUID\n=======\n{N}\t{M}", BOTH),
        (f"Name\tZOID\tZUID\nAnna\t{N}\t{M}", BOTH),
        (f"ZOID\tZUID\n{N} x\t{M} y", BOTH),
        (f"ZOID\tZUID\n\n{N}\t{M}", BOTH),
        (f"ZOID | ZUID\n \n{N} | {M}", BOTH),
        (f"ZOID\tZUID\n\n{N}\t{M}\n\n{L}\t{M}", f"{BOTH}, zoid L template, zuid M template"),
        (f"ZOID\tZUID\n{N}\t{M}\n{L}\t{M}", f"{BOTH}, zoid L template, zuid M template"),
        (f"ZOID\tSuperAdmin\n{N}\t{A}", "zoid N template, sa A template"),
        (f"ZOID\tSuperAdmin\n{A}\t{N}", "ca A words"),
        (f"ZOID\tInvoice\n{N}\t{M}", "zoid N template"),
        (f"ZOID\tZUID\t{'y' * 60}\n{N}\t{M}\tz", BOTH),
        (f"ZOID\tZUID\t{'y' * 61}\n{N}\t{M}\tz", ""),
        (f"ZOID\tZUID\n\n\n{N}\t{M}", UNREAD),
        (f"ZOID\tZUID\nhello\n{N}\t{M}", ""),
        (f"The ZOID of the customer\tZUID\n{N}\t{M}", UNREAD),
        (f"ZOID\tZUID\n{N}", "zuid N label"),
        ("ZOID\tZUID", ""),
    ],
)
def test_a_value_is_called_as_the_head_of_its_column(text: str, told: str) -> None:
    assert bound(text) == told


def said_by_machines(text: str) -> list[str]:
    passage = Passage.of("new", text)
    return [passage.text[start:end] for start, end in error_text.spans(passage)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("550 5.1.1 <a@b.example> user unknown", ["550 5.1.1 <a@b.example> user unknown"]),
        ("Hello a@b.example\n550 5.1.1 <c@d.example>\n  more e@f.example\nplain g@h.example", ["550 5.1.1 <c@d.example>", "  more e@f.example"]),
        ("  before x@y.example\n> too\nFinal-Recipient: rfc822; c@d.example", ["  before x@y.example", "> too", "Final-Recipient: rfc822; c@d.example"]),
        ("  one a@b.example\n\n550 5.1.1 x", ["550 5.1.1 x"]),
        ("plain a@b.example\ntraceback", ["traceback"]),
        ("550 5.1.1 no address", []),
        ("Error: a@b.example is bad", [" a@b.example is bad"]),
        ("1. Error message shown: a@b.example", [" a@b.example"]),
        ("Fehlermeldung: a@b.example", [" a@b.example"]),
        ("We see an error: a@b.example", []),
        ('It says "a@b.example is unknown" today', ['"a@b.example is unknown"']),
        ('It says "a@b.example unknown" today', []),
        ('We write "a@b.example is unknown" today', []),
        ('We write "the error of a@b.example" today', ['"the error of a@b.example"']),
        (f'"a@b.example is unknown" {"x" * 21} message', ['"a@b.example is unknown"']),
        (f'"a@b.example is unknown" {"x" * 22} message', []),
        (f'says {"x" * 75}"a@b.example is unknown"', ['"a@b.example is unknown"']),
        (f'says {"x" * 77}"a@b.example is unknown"', []),
        (f'{"x" * 972} says "a@b.example is it"', ['"a@b.example is it"']),
        (f'{"x" * 980} says "a@b.example is unknown"', []),
        ('the error "one two" and "a@b.example two three"', ['"a@b.example two three"']),
        ("Fehler „a@b.example ist weg“, «b@b.example est parti»", ["„a@b.example ist weg“", "«b@b.example est parti»"]),
        ("「a@b.exampleはこの組織の方ではありませんよ」と表示", ["「a@b.exampleはこの組織の方ではありませんよ」"]),
        ("「a@b.exampleはこの組織の方ではありません」と表示", []),
    ],
)  # fmt: skip
def test_what_a_machine_says_ends_where_people_write(text: str, spans: list[str]) -> None:
    assert said_by_machines(text) == spans


@pytest.mark.parametrize(
    ("address", "stands_for_any"),
    [
        ("name@company.com", True), ("anna@company.com", False), ("name@alder.com", False), ("name@company.co.jp", True), ("name@company.com.br", True),
        ("name@company.or.jp", True), ("you@alder.co.jp", False), ("name@mail.company.com", True), ("name@company", True), ("name@org.com", True), ("name@com.org", False), ("name@com.org.com", False),
        ("x@yourdomain.com", True), ("x@your.example", True), ("x@mycompany.de", True), ("x@example.com", True), ("x@mail.example.org", True),
        ("x@example", True), ("x@alder.example", False), ("x@host.local", True), ("x@alder.invalid", True), ("abc@xyz.com", True), ("x@abc.com", False),
    ],
)  # fmt: skip
def test_an_address_stands_for_any_by_its_domain_or_by_both_its_parts(
    address: str, stands_for_any: bool
) -> None:
    assert is_placeholder(address) is stands_for_any


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("６００３‐１１２２", "6003-1122"),
        ("a\u00ad\u200bb\r\nc\x00", "ab\nc"),
        ("a\r\nb`c\x00", "a\nb'c"),
        ("№ 6003", "# 6003"),
        ("a\u3000b\u00a0c\x0bd", "a b c d"),
        ("it’s", "it's"),
        ("a" * (LONGEST + 1), "a" * LONGEST),
        ("ü" + "a" * LONGEST, "ü" + "a" * (LONGEST - 1)),
        ("ﷺ" * 20_000, ("صلى الله عليه وسلم" * 20_000)[:LONGEST]),
    ],
)
def test_a_text_is_in_one_spelling_and_no_longer_than_goes(text: str, shown: str) -> None:
    assert normal(text) == shown


@pytest.mark.parametrize(
    ("place", "line", "context"),
    [
        (0, (0, 3), "one"),
        (3, (0, 3), "one"),
        (4, (4, 9), "two x"),
        (9, (4, 9), "two x"),
        (10, (10, 15), "three"),
        (15, (10, 15), "three"),
    ],
)
def test_a_place_stands_in_its_line(place: int, line: tuple[int, int], context: str) -> None:
    passage = Passage.of("new", "one\ntwo x\nthree")
    assert (passage.line_at(place), passage.context(place)) == (line, context)


def test_of_a_long_line_what_stands_around_a_place_is_shown() -> None:
    passage = Passage.of("new", "".join(f"{number:03}" for number in range(100)))
    assert passage.context(150, 30) == passage.text[135:165]
    assert passage.context(3, 30) == passage.text[:30]
    assert passage.context(298, 30) == passage.text[283:]
    assert passage.context(150, 300) == passage.text
    assert passage.context(150) == passage.text[90:210]
