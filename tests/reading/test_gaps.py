"""Between a label and a value: the words that join them, and those that part them."""

from __future__ import annotations

import pytest

from triaged.reading.identifiers import gaps

JOINED = [
    ",", ": ", " is the ", " is ", " ", " you wanted ", " の ", "は", " [abc] ", " <abc> ", " 【abc】", " (for example 12) ", " (x)(y)(z) ",
    " ((x)) ", " .... ", " .. ", " (", "? ", "?", "?\nA: ", " of Alder ", " of Mr Smith is ", " I sent, ", " that we sent you, ",
    " (Mr. Tanner, ", ": Ida Tanner, ", ": Ida Tanner Of The West ", ", Ida Tanner, ", ", Ida Tanner, is ", "である田中様 ",
    "は下記の通りです。\n", " as follows:\n", " is as follows.\n", ": Ida Tanner\nEmail: ", " belongs to Ida (", " the\nthe ", " is\nthe ",
    " the\n- ", " the\na: ", "\n", "\n\n\n\n\n", ":\n- ", ":\nmail ", ":\n\nthe ", ":\n\n",
    " the" * 8 + " ", ":\n" + "the " * 3, " b c d e f g h i j k l m = ", " " * 220,
    " the\nthe the the the ", ": Ida, Tanner Of The West ", ", for example): ", ", for example) ", " or group id]: ",
]  # fmt: skip
PARTED = [
    ", ", " xylophone ", ": a b ", " is not ", " n/a ", " the. ", " I sent ", " and ", " and the ", " of alder ", ": ida tanner, ",
    ", ida tanner, ", " x, y ", " the, ", " role ( ", " is held by Ida (", " holds ", "\nfoo\n", " the\n\n", " xylophone\n",
    ":\nxylophone ", "\n\n\n\n\n\n", " the" * 9 + " ", ":\n" + "the " * 4, " b c d e f g h i j k l m n = ", " " * 221,
    " holds (", " holds Ida ", " the\nthe the the the: ", " the\n- the the the the ", ": Ida, Tanner Of The Far West ", ", n/a): ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "joined"), [*((gap, True) for gap in JOINED), *((gap, False) for gap in PARTED)]
)
def test_a_label_leads_to_its_value_over_words_that_say_no_more(gap: str, joined: bool) -> None:
    assert gaps.leads_to(gap.lower(), gap) is joined


@pytest.mark.parametrize(
    ("gap", "at_line_start", "elsewhere"),
    [
        (" ", True, False),
        ("", True, False),
        (" (", True, True),
        (" is the ", True, True),
        (" は ", True, True),
        (", ", True, True),
        (". that is the ", True, True),
        ("\nrole: ", True, True),
        ("\nrole - zoho ", True, True),
        (" the" * 15, True, True),
        (" the" * 15 + " ", False, False),
        (" and ", False, False),
        (" of ", False, False),
        (" の ", False, False),
        (" is xylophone ", False, False),
        (". x ", False, False),
        ("\n", False, False),
        ("\nrole ", False, False),
    ],
)
def test_a_label_follows_its_value(gap: str, at_line_start: bool, elsewhere: bool) -> None:
    assert gaps.follows(gap, at_line_start=True) is at_line_start
    assert gaps.follows(gap, at_line_start=False) is elsewhere


@pytest.mark.parametrize(
    ("gap", "beside"),
    [
        (" of Alder, ", True),
        (" of the customer, ", True),
        (" of Alder,\n", True),
        (" of Alder、", True),
        (" of" * 6 + ", ", True),
        (" of" * 7 + ", ", False),
        (" of alder, ", False),
        (" of Alder ", False),
        (" of, the, ", False),
        (" of Alder\n\nthe, ", False),
        (", ", False),
    ],
)
def test_an_address_stands_beside_a_label_behind_few_words_and_a_comma(gap: str, beside: bool) -> None:
    assert gaps.names(gap.lower(), gap) is beside


@pytest.mark.parametrize(
    ("gap", "none"),
    [("n/a", True), ("nicht bekannt", True), ("不明", True), ("the. x", True), ("the", False)],
)
def test_words_can_say_that_there_is_no_value(gap: str, none: bool) -> None:
    assert gaps.says_none(gap) is none
