"""Our form filled in, at its borders: which label counts, and how far below the last one its value may stand."""

from __future__ import annotations

import pytest

from triaged.reading.answers.filled_in import answered
from triaged.reading.new_text.support import Support
from triaged.reading.values import Form

SUPPORT = Support(frozenset({"partner-support@zohocorp.com"}))
MAIN, LAST = "Primary customer email of the account", "User ID of the person (ZUID)"
FORM = Form((MAIN, "ZUID", LAST), printed=("Screenshots 60011122233: please attach",))
LONGEST = f"it@{'b' * 116}"


def filled(*rows: str) -> tuple[tuple[str, ...], bool]:
    """What was filled in below an attribution of ours, and whether anything was asked."""
    head = "On Tue, Nov 10, 2026 at 10:14 AM Partner Support <partner-support@zohocorp.com> wrote:"
    return answered([head, *(f"> {row}".rstrip() for row in rows)], (FORM,), SUPPORT)


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
    ],
)  # fmt: skip
def test_a_label_begins_its_line_and_a_short_one_has_its_colon(
    rows: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    assert filled(*rows)[0] == lines
