"""Attributions: how much of verb, date, address, colon and `>` lines makes one, and whom it names."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import attributions
from triaged.reading.new_text.attributions import Attribution
from triaged.reading.new_text.separators import line
from triaged.reading.values import Address

MAIL = "cy@alder.example"
CY = f"Cy <{MAIL}>"
BELOW = (["x"], ["> x"], ["", "", "", "> x"], ["", "", "", "", "> x"])


def found(*rows: str) -> Attribution | None:
    return attributions.at([line(row) for row in rows], 0)


@pytest.mark.parametrize(
    ("text", "name", "alone", "over_a_quote"),
    [
        (f"On 10 Nov 2026 {CY} wrote", "Cy", True, True),
        (f"On 10 Nov 2026 {CY} wrote:", "Cy", True, True),
        (f"10:14 {CY} wrote:", "Cy", True, True),
        ("On 10 Nov 2026 Cy wrote:", None, True, True),
        ("On 10 Nov 2026 Cy wrote", None, False, True),
        (f"10 Zzz 2026 10:14 {CY} zzz:", "Cy", True, True),
        (f"10 Zzz 2026 {CY} zzz:", None, False, False),
        (f"10 Zzz 2026 10:14 {CY} zzz", None, False, False),
        (f"2026-11-10 {CY}:", "Cy", True, True),
        (f"2026-11-10 Cy ({MAIL}):", "Cy", True, True),
        (f"2026-11-10 {MAIL}:", None, False, False),
        (f"{CY} 2026-11-10:", None, False, False),
        (f"{CY} wrote:", "Cy", True, True),
        (f"{CY} wrote", "Cy", False, True),
        (f"{'x' * 80}, {CY} wrote:", "Cy", True, True),
        (f"Cy, {MAIL}, today wrote:", "", False, True),
        ("Cy wrote:", None, False, True),
        ("Cy wrote", None, False, True),
        ("Am 10.11.2026 schrieb Cy:", None, True, True),
        ("Am Montag schrieb Cy:", None, False, False),
        (f"On 10 Nov 2026 the customer {CY} wrote:", None, False, False),
        ("On 10 Nov 2026 customer wrote:", None, True, True),
        (f"2026-11-10 10:14 support ({MAIL}):", "support", True, True),
        ("2026-11-10 10:14 support:", None, False, False),
        ("smtp server replied:", None, False, False),
        ("On 10 Nov 2026 host mx.oak.example[192.0.2.1] said:", None, False, False),
        ("The list is:", None, False, False),
        (f"{MAIL}", None, False, False),
    ],
)  # fmt: skip
def test_the_more_a_line_has_of_one_the_less_need_a_quote_follow(
    text: str, name: str | None, alone: bool, over_a_quote: bool
) -> None:
    author = Address(name or "", MAIL if name is not None else "")
    expected = Attribution(1, author, text)
    near = expected if over_a_quote else None
    told = [found(text, *below) for below in BELOW]
    assert told == [expected if alone else None, near, near, expected if alone else None]


@pytest.mark.parametrize(
    ("rows", "length"),
    [
        (("On 10 Nov 2026", "Cy", f"<{MAIL}>", "wrote:"), 4),
        (("On 10 Nov 2026", "Cy", "Alder", f"<{MAIL}>", "wrote:"), 0),
        (("On 10 Nov 2026", "", f"{CY} wrote:"), 0),
        (("On 10 Nov 2026", f"> {CY} wrote:"), 0),
        ((f"10:14 {CY}", "wrote:"), 2),
        (("Cy,", f"<{MAIL}> wrote:"), 0),
        ((f"{CY},", "10 Nov 2026, wrote:"), 2),
        ((f"{CY} today", "10 Nov 2026, wrote:"), 2),
        ((f"{MAIL} today", "10 Nov 2026, wrote:"), 0),
        (("-- On 10 Nov 2026 --", f"{CY} wrote:"), 2),
        (("", f"On 10 Nov 2026 {CY} wrote:"), 0),
        ((f"On 10 Nov 2026 {CY}",), 0),
    ],
)
def test_it_may_be_wrapped_over_four_lines_if_its_first_looks_like_one(
    rows: tuple[str, ...], length: int
) -> None:
    one = found(*rows, "> x")
    assert (one.length if one else 0) == length
    assert one is None or one.author.address == MAIL


def test_three_hundred_characters_are_one_and_no_more() -> None:
    def length(size: int) -> int:
        first, second = "On 10 Nov 2026", f"{CY} wrote:"
        one = found(first, "x" * (size - len(first) - len(second) - 2), second, "> x")
        return one.length if one else 0

    assert (length(300), length(301)) == (3, 0)


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("You wrote:", True),
        ("Your support says", True),
        ("the customer wrote to you:", False),
        ("On 10 Nov 2026 Cy wrote:", True),
        ("On 10 Nov 2026 Cy saw:", False),
        ("Cy wrote:", False),
        (f"{MAIL} wrote:", True),
        (f"{MAIL} of 10 Nov 2026", False),
        ("貴社のご回答：", True),
        ("お客様のご回答：", False),
    ],
)
def test_a_line_over_a_quote_says_that_the_words_are_ours(text: str, ours: bool) -> None:
    assert attributions.quotes_us(text) is ours
