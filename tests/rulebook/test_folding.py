"""Text as rules see it, patterns that cannot be meant, and values as sentences show them: each at its border."""

from __future__ import annotations

import re
from typing import Any

import pytest

from triaged.rulebook import folding, patterns
from triaged.rulebook.telling import several, shown
from triaged.vocabulary import Severity


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a\nb", "a b"),
        ("a\n\nb", "a\nb"),
        ("a\n \n\nb", "a\nb"),
        ("  a \t b  ", "a b"),
        ("can`t", "can't"),
        ("can’t “x” – y", 'can\'t "x" - y'),
        ("ＡＢＣ１", "ABC1"),
        ("so\u00adft\u200b", "soft"),
        ("全社\n員", "全社員"),
        ("全社 員が all 名", "全社員が all 名"),
        ("한국 사람", "한국 사람"),
        ("a、 全", "a、全"),
        ("\ud800", "?"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_text_is_folded_to_one_writing(text: str, folded: str) -> None:
    assert folding.fold(text) == folded


def test_rules_look_at_sixty_four_thousand_characters() -> None:
    assert folding.fold("a" * 63_999 + "bc") == "a" * 63_999 + "b"
    assert folding.fold("ä" * 63_999 + "bc") == "ä" * 63_999 + "b"


@pytest.mark.parametrize(
    ("folded", "parted"),
    [
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("Version 2.5 is out. Yes", ("Version 2.5 is out.", "Yes")),
        ("Wait... no", ("Wait...", "no")),
        ("障害です。至急", ("障害です。", "至急")),
        ("a\nb", ("a", "b")),
        ("", ()),
    ],
)
def test_sentences_end_at_their_marks_and_at_paragraphs(folded: str, parted: tuple[str, ...]) -> None:
    assert folding.sentences(folded) == parted


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (r"a\Z", "invalid escape sequence: \\Z; write \\z or $"),
        (r"a)", "unexpected ): a); a bracket closes that was never opened; write \\) for the character itself"),
        (r"(?<=a)b", "invalid perl operator: (?<=; RE2 cannot look behind; say it with a second condition or `not:`"),
        (r"(?=a)b", "invalid perl operator: (?=; RE2 cannot look ahead; say it with a second condition"),
        (r"a**", "bad repetition operator: **; RE2 has no possessive or repeated quantifiers"),
        (r"a{1001}", "invalid repetition size: {1001}; RE2 repeats at most 1000 times"),
        (r"(a)\2", "invalid escape sequence: \\2; RE2 has no back-references"),
        (r"[b-a]", "invalid character class range: b-a"),
    ],
)  # fmt: skip
def test_what_re2_cannot_run_is_told_with_the_remedy(pattern: str, fault: str) -> None:
    assert patterns.fault(pattern) == f"RE2 cannot run this pattern: {fault}"


@pytest.mark.parametrize("pattern", ["a*", "(a|)", "x?", ""])
def test_what_is_found_in_every_text_is_a_fault(pattern: str) -> None:
    assert patterns.fault(pattern) == "the pattern matches every text, even an empty one"


@pytest.mark.parametrize("pattern", ["a{1000}", "a+", "a\tb", "a\nb", "(?i)a", "\\bab\\b"])
def test_what_can_be_meant_is_none(pattern: str) -> None:
    assert patterns.fault(pattern) is None
    assert patterns.doubt(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "doubt"),
    [
        ("ä\\b", "\\b knows ASCII letters only and does not work beside 'ä'"),
        ("\\bä", "\\b knows ASCII letters only and does not work beside 'ä'"),
        ("\\ba\\Bü", "\\B knows ASCII letters only and does not work beside 'ü'"),
        ("\\ba\\b日", "\\b knows ASCII letters only and does not work beside '日'"),
        ("äa\\ba", None),
    ],
)
def test_a_boundary_beside_a_letter_it_does_not_know_is_doubted(pattern: str, doubt: str | None) -> None:
    assert patterns.doubt(pattern) == doubt


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "absent"),
        (True, "true"),
        (False, "false"),
        ("S2", "S2"),
        (Severity.S2, "S2"),
        ("S5", "'S5'"),
        ("a\n b", "'a b'"),
        ("a" * 60, f"'{'a' * 60}'"),
        ("a" * 61, f"'{'a' * 57}…'"),
        ((), "empty"),
        (("a", "b"), "'a', 'b'"),
        ([1, 2, 3], "1, 2, 3"),
        ([1, 2, 3, 4], "1, 2, 3 and 1 more"),
        (0.5, "0.5"),
        (2.0, "2"),
        (120, "120"),
    ],
)
def test_a_value_is_shown_as_sentences_have_it(value: Any, told: str) -> None:
    assert shown(value) == told


def test_alternatives_are_linked_as_asked_and_counted_from_the_fourth_on() -> None:
    assert several(("a", "b"), " or ") == "'a' or 'b'"
    assert several(("a", "b", "c", "d", "e"), " or ") == "'a' or 'b' or 'c' and 2 more"


@pytest.mark.parametrize("written", ["(open", "(?m)(open"])
def test_a_pattern_that_cannot_run_is_shown_as_it_was_written(written: str) -> None:
    why = re.escape(f"missing ): {written}; a bracket is not closed; write \\( for the character itself")
    with pytest.raises(ValueError, match=f"^RE2 cannot run this pattern: {why}$"):
        patterns.compiled(written)
