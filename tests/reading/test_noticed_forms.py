"""Our form filled in once more: whose letter it is, which lists count, and what a value is made of."""

from __future__ import annotations

import pytest

from tests.reading.test_forms_borders import FORM, HEAD, LAST, MAIN, SUPPORT
from triaged.reading.answers.filled_in import answered, filled_in
from triaged.reading.values import Form

MINE, GIVEN = f"{MAIN}: it@alder.example", (f"{MAIN}: it@alder.example",)
ASKS = Form((MAIN, "Service name"))
HELPS = Form(("ZUID of the user", "Service name"), heading="It would help to know:")
SAYS = Form((MAIN, "ZUID", LAST), sentences=("Please fill in what you know",))
PRINTS = Form((MAIN, "ZUID", LAST), printed=(f"{MAIN}: as you see",))
HELP = HELPS.heading
Found = tuple[tuple[str, ...], bool]
NOTHING: Found = ((), False)


def quoted(*rows: str, forms: tuple[Form, ...] = (FORM,)) -> Found:
    """What was filled in below an attribution of ours."""
    return answered([HEAD, *(f"> {row}".rstrip() for row in rows)], forms, SUPPORT)


def wrote(who: str) -> str:
    return f"On Tue, Nov 10, 2026 at 10:14 AM {who} wrote:"


@pytest.mark.parametrize(
    ("head", "counts"),
    [
        ([wrote("Ben <ben@zohocorp.com>")], True),
        ([wrote("Ben <ben@elm.example>")], False),
        ([wrote("Ben")], False),
        ([wrote("Zoho Partner Support")], True),
        ([wrote("Partner Support <ben@elm.example>")], False),
        (["-----Original Message-----", "From: Partner Support <partner-support@zohocorp.com>", "Sent: Thursday, 26 November 2026", "To: Anna", "Subject: x", ""], True),
        (["-----Original Message-----", "From: Cy <cy@elm.example>", "Sent: Thursday, 26 November 2026", "To: Anna", "Subject: x", ""], False),
        (["-----Original Message-----", "From: Cy", "Sent: Thursday, 26 November 2026", "To: Anna", "Subject: x", ""], False),
        (["From: Partner Support", "Sent: Thursday, 26 November 2026", "To: Anna", "Subject: x", ""], True),
        ([], False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mark", ["> ", ""])
def test_lines_count_in_a_mail_that_support_wrote_whatever_its_head_looks_like(
    head: list[str], counts: bool, mark: str
) -> None:
    rows = [*head, f"{mark}{MINE}", "", f"{mark}{LAST}:"]
    assert answered(rows, (FORM,), SUPPORT) == ((GIVEN, True) if counts else NOTHING)


def test_each_mail_of_a_quote_is_somebody_s() -> None:
    theirs = [wrote("Ben <ben@elm.example>"), f"> {MAIN}: it@elm.example", f"> {LAST}:"]
    ours = [HEAD, f"> {MINE}", f"> {LAST}:"]
    assert answered([*ours, *theirs], (FORM,), SUPPORT) == (GIVEN, True)
    assert answered([*theirs, *ours], (FORM,), SUPPORT) == (GIVEN, True)
    assert answered(["ZUID: 5", "", *ours, "Bye"], (FORM,), SUPPORT) == (GIVEN, True)


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        (["Please fill in what you know", MINE, f"{LAST}:"], True),
        (["> please FILL in *what*", "> you know", f"> {MINE}", f"> {LAST}:"], True),
        (["Please fill in all you know", MINE, f"{LAST}:"], False),
        ([wrote("Ben <ben@elm.example>"), "> Please fill in what you know", f"> {MINE}", f"> {LAST}:"], False),
        ([MINE, f"{LAST}:"], False),
    ],
)  # fmt: skip
def test_where_nobody_says_who_wrote_it_a_sentence_of_ours_does(rows: list[str], counts: bool) -> None:
    assert answered(rows, (SAYS,), SUPPORT) == ((GIVEN, True) if counts else NOTHING)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("ZOID: 60031122334", "ZUID:"), (("ZOID: 60031122334",), True)),
        (("ZOID: 60031122334",), NOTHING),
        (("ZOID: 60031122334", "ZUID: 7003"), NOTHING),
        (("ZOID: 60031122334", "hello", "ZUID:"), ((), True)),
        (("ZOID: 60031122334", "", "Name: x", "ZUID:"), (("ZOID: 60031122334",), True)),
        (("ZOID: 6003", "", "ZUID: ", "- *ZGID* : 7003"), (("ZOID: 6003", "ZGID: 7003"), True)),
        (("ZUID:", "hello", "ZOID: 6003", "bye"), ((), True)),
        (("our ZOID is 6003", "ZUID"), NOTHING),
        (("hello", "you", "there"), NOTHING),
    ],
)
def test_in_words_of_no_letter_neighbouring_lines_count_where_one_was_left_empty(
    rows: tuple[str, ...], found: Found
) -> None:
    assert quoted(*rows) == found


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((HELP, "- ZUID of the user: 6003", "- Service name"), (("ZUID of the user: 6003",), True)),
        ((HELP, "- ZUID of the user 6003", "second line"), (("ZUID of the user: 6003",), True)),
        ((HELP, "- ZUID of the user", "6003", "bye"), ((), True)),
        (("- ZUID of the user: 6003", "- Service name"), NOTHING),
        (("Service name: Zoho CRM", HELP, "- ZUID of the user: 6003", "- Service name"), (("ZUID of the user: 6003",), True)),
        (("Service name: Zoho CRM", HELP, "- ZUID of the user: 6003", "- Service name: Zoho Desk"), (("ZUID of the user: 6003", "Service name: Zoho Desk"), True)),
        ((f"{MAIN}:", "Service name: Zoho CRM"), (("Service name: Zoho CRM",), True)),
        ((MINE, "Service name: Zoho CRM"), ((*GIVEN, "Service name: Zoho CRM"), True)),
        (("Service name: Zoho CRM", "ZUID of the user:"), NOTHING),
        (("Service name:", "ZUID: 6003", "ZOID:"), (("ZUID: 6003",), True)),
    ],
)  # fmt: skip
def test_what_would_help_is_a_list_behind_its_heading_and_what_a_letter_told_is_old(
    rows: tuple[str, ...], found: Found
) -> None:
    assert quoted(*rows, forms=(HELPS, ASKS)) == found


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        (("one", "two", "", "three"), "one\ntwo\nthree"),
        (("", "* two *", "_three_"), "two\nthree"),
        (("one", "- Screenshots 60011122233: please attach", "two"), "one\ntwo"),
        (("- Screenshots", "behind"), "- Screenshots\nbehind"),
        (("x" * 4_100,), "x" * 4_000),
        (("*it@alder.example*",), "it@alder.example"),
        (("= it@alder.example",), "it@alder.example"),
    ],
)
def test_a_value_goes_on_up_to_the_next_label_of_its_form(rows: tuple[str, ...], value: str) -> None:
    assert quoted(f"{MAIN}: {rows[0]}", *rows[1:], f"{LAST}:") == ((f"{MAIN}: {value}",), True)


def test_a_label_counts_as_often_as_forms_print_it() -> None:
    rows = (f"{MAIN}:", f"{LAST}: 6003", f"{MAIN}: second", f"{LAST}: 7007")
    assert quoted(*rows) == ((f"{LAST}: 6003",), True)
    assert quoted(*rows, forms=(FORM, Form((MAIN,)))) == ((f"{LAST}: 6003", f"{MAIN}: second"), True)


def test_a_label_and_a_line_are_the_form_s_however_they_were_wrapped_and_marked() -> None:
    wrapped = (
        "Primary customer",
        "email of the *account*: it@alder.example",
        "User ID of the",
        "person (ZUID):",
    )
    assert quoted(*wrapped) == (GIVEN, True)
    for row in (f"{MAIN}: as you see", f"*{MAIN}:* as  YOU see"):
        assert quoted(row, f"{LAST}: 6003", forms=(PRINTS,)) == ((f"{LAST}: 6003",), True)


def test_three_thousand_lines_of_a_quote_are_read() -> None:
    def last(between: int) -> tuple[str, ...]:
        found = answered([HEAD, f"{MAIN}:", *[""] * between, f"{LAST}: 6003"], (FORM,), SUPPORT)
        assert found.asked
        return found.lines

    assert (last(2_997), last(2_998)) == ((f"{LAST}: 6003",), ())


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (f"{MINE}\n{LAST}:", True),
        (f"{MAIN}:\n{LAST}:", False),
        (f"> {MINE}\n> {LAST}:", True),
        (f"Hello\n\n{MAIN}:\n{LAST}: 60031122334\n\nBye", True),
        (f"{MAIN}:\n{chr(10) * 2_997}{LAST}: 6003", True),
        (f"{MAIN}:\n{chr(10) * 2_999}{LAST}: 6003", False),
        ("Hello", False),
        ("", False),
    ],
)
def test_a_letter_of_ours_copied_without_its_head_holds_an_answer_or_none(text: str, answers: bool) -> None:
    assert filled_in(text, (FORM,)) is answers
