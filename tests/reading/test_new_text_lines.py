"""What a single line of a body is: a separator, a header field, a quote; blocks in unknown languages; who support is."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import foreign_blocks, separators
from triaged.reading.new_text.forwards import Block
from triaged.reading.new_text.separators import Line, line
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address

ABOVE = " reply above this line"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("##- Bitte erst lesen -##", "reply_above"),
        ("Bitte erst lesen -##", ""),
        ("##- Bitte erst lesen", ""),
        ("-" * 3, ""),
        ("-" * 4, "rule"),
        ("Anna ---10/11/2026 10:14:02---Her first words", "original"),
        ("Anna ---10/11/2026 10:14 AM---Her first words", "original"),
        ("Anna --10/11/2026 10:14:02--Her first words", ""),
        (">>> Anna 10.11.26 10:14 >>>", "original"),
        ("fwd", ""),
        ("fwd:", "forward"),
        ("*fwd", ""),
        ("-fwd", "forward"),
        ("=fwd", "forward"),
        ("****fwd", "forward"),
        ("Forwarded message", "forward"),
        ("End of forwarded message", "forward_end"),
        ("Original message", ""),
        ("Original message:", ""),
        ("*Original message", ""),
        ("-Original message", "original"),
        ("=Original message", "original"),
        ("****Original message", "original"),
        ("--Original message of Anna--", "original"),
        ("--Original message of Anna-", ""),
        ("Original message of Anna----", ""),
        (f"----Original message {'x' * 139}", "original"),
        (f"----Original message {'x' * 140}", ""),
        ("--Forwarded by Anna--", "forward"),
        ("--Forwarded by Anna-", ""),
        ("----Forwarded by Anna", ""),
        ("----Forwarded by Anna-", "forward"),
        ("Forwarded by Anna----", ""),
        ("--News by Anna--", ""),
        (f"----Forwarded by {'x' * 87}----", "forward"),
        (f"----Forwarded by {'x' * 88}----", ""),
        ("I" + ABOVE, ""),
        ("-I" + ABOVE, "reply_above"),
        ("----I" + ABOVE, "reply_above"),
        (f"Please {'x' * 40}{ABOVE}", "reply_above"),
        (f"Please {'x' * 41}{ABOVE}", ""),
        (f"-Please {'x' * 41}{ABOVE}", "reply_above"),
        ("Please help us", ""),
    ],
)
def test_a_line_is_a_separator_by_its_words_and_what_frames_them(text: str, mark: str) -> None:
    assert line(text) == Line(text, text, False, mark, "", "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "text", "quoted", "field", "value"),
    [
        ("", "", False, "", ""),
        (" > x ", "> x", True, "", ""),
        (">", ">", True, "", ""),
        (">>> Anna 10.11.26 10:14", ">>> Anna 10.11.26 10:14", True, "", ""),
        ("*From:* Anna |", "*From:* Anna |", False, "from", "Anna"),
        ("From\tAnna", "From\tAnna", False, "from", "Anna"),
        ("From Anna", "From Anna", False, "", ""),
        ("Fromage: Brie", "Fromage: Brie", False, "", ""),
        ("Fromage\tBrie", "Fromage\tBrie", False, "", ""),
        ("Subject: a: b", "Subject: a: b", False, "subject", "a: b"),
        ("差出人：Anna", "差出人:Anna", False, "from", "Anna"),
        (f"From{' ' * 43}:Anna", f"From{' ' * 43}:Anna", False, "from", "Anna"),
        (f"From{' ' * 44}:Anna", f"From{' ' * 44}:Anna", False, "", ""),
        ("a" * 401, "a" * 400, False, "", ""),
        (" \u200bＡnna\u00ad", "Anna", False, "", ""),
    ],
)
def test_a_line_is_understood_whole(raw: str, text: str, quoted: bool, field: str, value: str) -> None:
    found = line(raw)
    assert found == Line(raw if text else "", text, quoted, "", field, value)  # type: ignore[arg-type]
    assert found.blank is (text == "")


def test_one_level_of_quoting_is_taken_off() -> None:
    raws = ("> > a", ">  a", " >a", "a > b")
    assert [separators.unquoted(line(raw)).raw for raw in raws] == ["> a", " a", "a", "a > b"]
    assert separators.unquoted(line("> From: Anna")).field == "from"


FORWARDED = "----- Forwarded Message -----"


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        (f"{FORWARDED} From: Anna", (FORWARDED, "From: Anna")),
        (f"  {FORWARDED}  From: Anna", (FORWARDED, "From: Anna")),
        (f"{FORWARDED} To: Anna", None),
        ("----- Some other words ----- From: Anna", None),
        (f"{FORWARDED} Anna", None),
        (FORWARDED, None),
        ("From: Anna", None),
    ],
)
def test_a_mark_and_the_head_behind_it_are_two_lines(raw: str, rows: tuple[str, ...] | None) -> None:
    assert separators.rows_of(raw) == (rows or (raw,))


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Empty report", ""),
        ("Re Empty report", ""),
        ("Re: Fwd: x", "reply"),
        ("Fwd: Re: x", "forward"),
        ("Automatic reply: Re: x", "reply"),
        ("Automatic reply: Fwd: x", "forward"),
        ("[A] [B][C]  [D] Re: x", "reply"),
        ("[A] [B][C]  [D] [E] Re: x", ""),
        (f"[{'a' * 60}] Fwd: x", "forward"),
        (f"[{'a' * 61}] Fwd: x", ""),
        ("ＲＥ：x", "reply"),
    ],
)
def test_the_first_prefix_of_a_subject_counts(subject: str, kind: str) -> None:
    assert separators.subject_kind(subject) == kind


OURS = "partner-support@zohocorp.com"
SUPPORT = Support(frozenset({OURS}), frozenset({"oak.example"}), frozenset({"anna", "holm"}))
WRITER, GETTER = "Wer: Cy <cy@alder.example>", "Wem: Bo <bo@elm.example>"
WHEN, WHAT = "Wann: 10.11.2026 10:14", "Worum: Leerer Bericht"


@pytest.mark.parametrize(
    ("rows", "block"),
    [
        (
            (WRITER, WHEN, GETTER, WHAT),
            Block(
                4,
                {
                    "from": "Cy <cy@alder.example>",
                    "to": "Bo <bo@elm.example>",
                    "date": "10.11.2026 10:14",
                    "subject": "Leerer Bericht",
                },
                "Bo <bo@elm.example>",
            ),
        ),
        (
            (WHAT, WRITER, f"Wem: {OURS}"),
            Block(3, {"from": "Cy <cy@alder.example>", "to": OURS, "subject": "Leerer Bericht"}, OURS),
        ),
        (
            (f"Wer: {OURS}", "Wann: 2026", WHAT),
            Block(3, {"from": OURS, "to": "", "date": "2026", "subject": "Leerer Bericht"}, ""),
        ),
        (
            (WHAT, WHEN, WRITER, GETTER, "Auch: bo@fir.example"),
            Block(
                5,
                {
                    "from": "Cy <cy@alder.example>",
                    "to": "Bo <bo@elm.example>; bo@fir.example",
                    "date": "10.11.2026 10:14",
                    "subject": "Leerer Bericht",
                },
                "Bo <bo@elm.example>; bo@fir.example",
            ),
        ),
        (
            (WRITER, WHEN, GETTER),
            Block(
                3,
                {"from": "Cy <cy@alder.example>", "to": "Bo <bo@elm.example>", "date": "10.11.2026 10:14"},
                "Bo <bo@elm.example>",
            ),
        ),
        ((WRITER, GETTER), None),
        ((f"Wer: {OURS}", WHEN), None),
        ((WRITER, WHEN, WHAT), None),
        ((WRITER, "Wann: 2026", GETTER), None),
        ((f"Wer: {OURS}", WHAT, "Ort: Bonn"), None),
        ((WHEN, WHAT, "Ort: Bonn"), None),
        ((WHAT, WHEN, "Ort: Bonn", WRITER, GETTER), None),
        ((WRITER, WHEN, "> " + GETTER), None),
        ((WRITER, WHEN, WRITER, GETTER), None),
        ((WRITER, WHEN, "ZOID: 6003", GETTER), None),
        ((WRITER, WHEN, "Hello", GETTER), None),
    ],
)
def test_a_block_in_an_unknown_language_is_known_by_its_shape(
    rows: tuple[str, ...], block: Block | None
) -> None:
    lines = [line("Ort: Bonn"), *map(line, rows)]
    found = foreign_blocks.block_at(lines, 1, SUPPORT)
    assert found == (block and Block(block.end + 1, block.fields, block.recipients))


def test_a_block_has_eight_lines_at_most() -> None:
    rows = [WRITER, WHEN, GETTER, *(f"{word}: Bonn" for word in ("Ort", "Art", "Akt", "Amt", "Arm", "Alm"))]
    found = foreign_blocks.block_at([line(row) for row in rows], 0, SUPPORT)
    assert found is not None
    assert found.end == 8


@pytest.mark.parametrize(
    ("text", "may"),
    [(":abc", False), ("a:b", True), ("Wer:", True), ("Wer", False), (f"{'x' * 47}:", True), (f"{'x' * 48}:", False)],
)  # fmt: skip
def test_a_field_has_its_colon_soon_behind_a_word(text: str, may: bool) -> None:
    assert foreign_blocks.may_begin(line(text)) is may
    assert foreign_blocks.may_begin(Line(text, text.replace(":", "："), False, "", "", "")) is may


@pytest.mark.parametrize(
    ("text", "named", "address"),
    [
        (f"Cc: {OURS.upper()}", True, True),
        ("To: Partner Support", True, False),
        ("To: The partner's support", False, False),
        ("To: Cy <cy@alder.example>", False, False),
    ],
)
def test_a_line_names_support_by_address_or_by_name(text: str, named: bool, address: bool) -> None:
    assert (SUPPORT.is_named(text), SUPPORT.is_address_of(text)) == (named, address)


@pytest.mark.parametrize(
    ("author", "shown", "recipients", "part"),
    [
        (OURS, "", "", True),
        ("cy@alder.example", "", f"Bo <bo@elm.example>; mailto:{OURS}", True),
        ("cy@alder.example", "", f"'{OURS}'", True),
        ("cy@alder.example", "", "x" * (1999 - len(OURS)) + " " + OURS, True),
        ("cy@alder.example", "", "x" * (2000 - len(OURS)) + " " + OURS, False),
        ("dee@zohocorp.com", "Dee", "anna@oak.example", True),
        ("dee@zohocorp.com", "Dee", "bo@elm.example", False),
        ("cy@alder.example", "Cy", "anna@oak.example", False),
        ("", '"Partner Support"', "Anna", True),
        ("", "Zoho Partner Support", "Anna", True),
        ("", "Partner Support (Zoho)", "Anna", True),
        ("", "Anna", "Bo; Partner-Support, Cy", True),
        ("", "Anna", "Bo; Partner Supporters", False),
        ("", "partnersupport@alder.example", "", False),
        ("", "", "", False),
    ],
)
def test_a_mail_is_from_or_to_support(author: str, shown: str, recipients: str, part: bool) -> None:
    assert SUPPORT.is_part_of(Address("", author), shown, recipients) is part


def test_support_without_a_name_is_in_no_nameless_mail() -> None:
    nameless = Support(frozenset({"zoho@zohocorp.com"}))
    assert not nameless.is_part_of(Address("", "cy@alder.example"), "", "Anna;;")


@pytest.mark.parametrize(
    ("rows", "signed"),
    [
        (["Thanks", "Anna"], True),
        (["Thanks", "ANNA HOLM, Oak"], True),
        (["The whole team", "One two Anna"], True),
        (["One two three Anna"], False),
        (["Anna two three four five"], True),
        (["Anna two three four five six"], False),
        (["Anna", "", "b", "c", "d", "e", " ", "f"], True),
        (["Anna", "b", "c", "d", "e", "f", "g"], False),
        ([f"Anna {'x' * 55}"], True),
        ([f"Anna {'x' * 56}"], False),
        (["Bo"], False),
        ([], False),
    ],
)
def test_a_name_among_the_last_lines_is_a_signature_of_the_sender(rows: list[str], signed: bool) -> None:
    assert SUPPORT.is_signed_by_sender(rows) is signed


def test_colleagues_are_of_a_house() -> None:
    assert [SUPPORT.is_colleague(one) for one in ("x@zohocorp.com", "x@oak.example")] == [True, False]
    assert [SUPPORT.is_sender(one) for one in ("x@zohocorp.com", "x@oak.example")] == [False, True]
    houses = (
        frozenset({"zohocorp.com"}),
        frozenset({"oak.example", "zohocorp.com"}),
        frozenset({"oak.example"}),
    )
    assert [Support(SUPPORT.addresses, house).wrote for house in houses] == [True, True, False]
