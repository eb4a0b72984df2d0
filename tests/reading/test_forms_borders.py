"""Our form filled in, at its borders: which label counts, and how far below the last one its value may stand."""

from __future__ import annotations

import pytest

from triaged.reading.answers.filled_in import answered
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address, Form

SUPPORT = Support(frozenset({"partner-support@zohocorp.com"}))
MAIN, LAST = "Primary customer email of the account", "User ID of the person (ZUID)"
FORM = Form((MAIN, "ZUID", LAST), printed=("Screenshots 60011122233: please attach",))
HEAD = "On Tue, Nov 10, 2026 at 10:14 AM Partner Support <partner-support@zohocorp.com> wrote:"
LONGEST = f"it@{'b' * 116}"


def filled(*rows: str, form: Form = FORM) -> tuple[tuple[str, ...], bool]:
    """What was filled in below an attribution of ours, and whether anything was asked."""
    return answered([HEAD, *(f"> {row}".rstrip() for row in rows)], (form,), SUPPORT)


@pytest.mark.parametrize(
    ("below", "value"),
    [
        (("60031122334",), "60031122334"),
        (("", "60031122334"), "60031122334"),
        (("", "", "60031122334"), "60031122334"),
        (("", "", "", "60031122334"), ""),
        (("12345",), "12345"),
        (("1234",), ""),
        (("it@alder.example",), "it@alder.example"),
        (("60 031",), "60 031"),
        (("see above",), ""),
        (("see above", "60031122334"), ""),
        ((LONGEST,), LONGEST),
        ((f"{LONGEST}b",), ""),
        (("- Screenshots 60011122233: please attach",), ""),
    ],
)
def test_below_the_last_label_a_value_stands_near_and_looks_like_one(
    below: tuple[str, ...], value: str
) -> None:
    assert filled(f"{MAIN}:", f"{LAST}:", *below) == ((f"{LAST}: {value}",) if value else (), True)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ((f"{MAIN}: it@alder.example", f"{LAST}:"), (f"{MAIN}: it@alder.example",)),
        ((f"{MAIN}", "it@alder.example", f"{LAST}", "60031122334"), (f"{MAIN}: it@alder.example", f"{LAST}: 60031122334")),
        ((f"{MAIN}:", "ZUID: 60031122334"), ("ZUID: 60031122334",)),
        ((f"{MAIN}:", "ZUID", "60031122334"), ()),
        ((f"{MAIN}:", "ZUID 60031122334", f"{LAST}:"), (f"{MAIN}: ZUID 60031122334",)),
        ((f"The {MAIN}:", f"{LAST}: 60031122334"), (f"{LAST}: 60031122334",)),
        ((f"• {MAIN}: it@alder.example", f"{LAST}:"), (f"{MAIN}: it@alder.example",)),
        ((f"The {MAIN}: it@alder.example", f"{LAST}:"), ()),
        ((f"The {MAIN} is", f"{MAIN}: it@alder.example", f"{LAST}:"), (f"{MAIN}: it@alder.example",)),
    ],
)  # fmt: skip
def test_a_label_begins_its_line_and_a_short_one_has_its_colon(
    rows: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    assert filled(*rows)[0] == lines


@pytest.mark.parametrize(
    ("labels", "rows", "lines"),
    [
        (
            ("Main email", "ZUID"),
            ("Main email: it@alder.example", "ZUID:"),
            ("Main email: it@alder.example",),
        ),
        (("Main email", "ZUID"), ("Main email: it@alder.example", "ZUID: 60031122334"), None),
        (
            ("Main email", "ZUID", "Case"),
            ("Main email: it@alder.example", "ZUID: 60031122334", "Case: 4"),
            ("Main email: it@alder.example", "ZUID: 60031122334", "Case: 4"),
        ),
        ((f"ZUID {'a' * 16}",), (f"ZUID {'a' * 16}: 60031122334",), None),
        ((f"ZUID {'a' * 17}",), (f"ZUID {'a' * 17}: 60031122334",), (f"ZUID {'a' * 17}: 60031122334",)),
        ((MAIN, f"ZUID {'a' * 7}"), (f"{MAIN}:", f"ZUID {'a' * 7}", "60031122334"), ()),
        (
            (MAIN, f"ZUID {'a' * 8}"),
            (f"{MAIN}:", f"ZUID {'a' * 8}", "60031122334"),
            (f"ZUID {'a' * 8}: 60031122334",),
        ),
    ],
)
def test_lines_are_our_form_by_one_left_empty_by_three_or_by_a_label_that_nobody_else_writes(
    labels: tuple[str, ...], rows: tuple[str, ...], lines: tuple[str, ...] | None
) -> None:
    assert filled(*rows, form=Form(labels)) == (lines or (), lines is not None)


def test_a_quote_behind_somebody_s_own_words_is_whose_nobody_says() -> None:
    rows = [HEAD, f"> {MAIN}: it@alder.example", "> ZUID:", "I see", f"> {LAST}: 60031122334"]
    assert answered(rows, (FORM,), SUPPORT) == ((f"{MAIN}: it@alder.example",), True)


@pytest.mark.parametrize(("name", "asked"), [("Al", True), ("Ali", False)])
def test_what_the_partner_wrote_before_is_old_if_his_name_has_three_letters(name: str, asked: bool) -> None:
    head = f"On Tue, Nov 10, 2026 at 10:14 AM {name} Support <partner-support@zohocorp.com> wrote:"
    rows = [head, f"> {MAIN}: it@alder.example", f"> {LAST}:"]
    assert answered(rows, (FORM,), SUPPORT, (Address(name, "al@oak.example"),)).asked is asked
