"""One pass over a body: of every line, whether it is the sender's, a quote, a forward's head or its words.

o: own, q: a quote, Q: one in `>` (or under an attribution of one), h: a head, f: forwarded.
"""

from __future__ import annotations

import pytest

from triaged.reading.mime.message import Message
from triaged.reading.new_text.dividing import LINES, Division
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address

SUPPORT = Support(
    frozenset({"partner-support@zohocorp.com"}), frozenset({"oak.example"}), frozenset({"anna", "holm"})
)
REST = "\nSent: Tuesday, 10 November 2026 10:14\nTo: Anna <anna@oak.example>\nSubject: Down"
OURS = "From: Partner Support <partner-support@zohocorp.com>" + REST
CYS = "From: Cy <cy@alder.example>" + REST
DANAS = "From: Dana <dana@elm.example>" + REST
MARK, END = "-------- Forwarded Message --------", "-------- End of forwarded message --------"
ORIGINAL = "-----Original Message-----"
CY_WROTE = "On Tue, Nov 10, 2026 at 10:14 AM Cy <cy@alder.example> wrote:"
WE_WROTE = "On Tue, Nov 10, 2026 at 10:14 AM Partner Support <partner-support@zohocorp.com> wrote:"
ABOVE = "##- Please type your reply above this line -##"
CY, DANA = "cy@alder.example", "dana@elm.example"


def quoted(text: str) -> str:
    return "\n".join(f"> {row}".rstrip() for row in text.split("\n"))


def lines_of(division: Division) -> list[str]:
    """Each line behind the letter of its kind."""
    return [
        f"{piece.kind[0].upper() if piece.marked else piece.kind[0]} {row}"
        for piece in division.pieces
        for row in piece.lines
    ]


def divided(text: str, subject: str) -> Division:
    division = Division(SUPPORT, subject)
    division.read(text)
    return division


@pytest.mark.parametrize(
    ("subject", "blocks", "authors", "replied"),
    [
        # A head without a mark
        ("", ["o Hi", f"q {CYS}\n\nwords"], [], True),
        ("reply", ["o Hi", f"q {CYS}\n\nwords"], [], True),
        ("forward", ["o Hi", f"h {CYS}", "f \nwords"], [CY], False),
        ("forward", ["o Hi", f"q {OURS}\n\nwords"], [], True),
        ("", [f"h {CYS}", "f \nwords"], [CY], False),
        ("", ["o \n", f"h {CYS}", "f \nwords"], [CY], False),
        ("reply", [f"q {CYS}\n\nwords"], [], True),
        ("reply", [f"Q {CYS}", "o \nwords\n\nAnna"], [], True),
        ("reply", [f"Q {CYS}", "o \nwords\n\nRegards, Holm"], [], True),
        ("reply", [f"q {CYS}\n\nwords\n\nCy"], [], True),
        ("reply", [f"q {CYS}\n\nwords\n{DANAS}\n\nold\nAnna"], [], True),
        ("reply", [f"q {CYS}\n\nwords\n> x\nAnna"], [], True),
        ("reply", [f"q {CYS}\n\nwords\n\n{ORIGINAL}\nold\nAnna"], [], True),
        ("reply", [f"q {CYS}\n\nwords\n\n{MARK}\nold\nAnna"], [], True),
        # A forward by its mark
        ("", ["o Hi", f"h {MARK}\n{CYS}", "f \nwords"], [CY], False),
        ("reply", ["o Hi", f"h {MARK}\n{CYS}", "f \nwords"], [CY], False),
        ("", ["o Hi", f"q {MARK}\n{OURS}\n\nwords"], [], True),
        ("", ["o Hi", f"h {MARK}\n{CYS}", "f \nwords", f"h {END}", "o mine", f"q {DANAS}\n\nold"], [CY], True),
        ("", ["o Hi", f"h {MARK}\n{CYS}", "f \nwords", f"h {END}", "o \nsee:\n> one"], [CY], False),
        ("", [f"h {MARK}\n{CYS}", "f \nwords\n", f"h {MARK}\n{DANAS}", "f \nmore"], [CY, DANA], False),
        ("", [f"h {MARK}\n{CYS}", "f \nwords\n", f"q {DANAS}\n\nold"], [CY], True),
        ("", [f"h {MARK}\n{CYS}", "f \nwords\n", f"Q {CY_WROTE}\n> old", "f more"], [CY], True),
        # Words of a forward in `>`
        ("", ["o Hi", f"h {MARK}\n{CYS}", "> words\n> more"], [CY], False),
        ("", ["o Hi", f"h {MARK}\n{CYS}", "f ", "Q > words\n> more", "f well"], [CY], True),
        ("", ["o Hi", f"h {MARK}", f"h> From: Cy <{CY}>\nTo: x", "> words\n> more", "o well"], [CY], False),
        ("", ["o Hi", f"h {MARK}", "> words\n> more", "o well"], [], False),
        ("", ["o Hi", f"h> {MARK}\n{CYS}", "> \n> words", "o bye\n", f"Q {CY_WROTE}\n> x"], [CY], True),
        ("forward", ["o Hi", f"h> {CYS}", "> \n> words", "o bye\n", f"Q {CY_WROTE}\n> x"], [CY], True),
        ("", ["o Hi", f"h> {MARK}\n{CYS}", "> \n> words", "o bye:", "o > x"], [CY], False),
        ("reply", ["o Hi", f"Q {quoted(CYS)}\n>\n> words", "o bye"], [], True),
        ("forward", ["o Hi", f"Q {quoted(OURS)}\n>\n> words", "o bye"], [], True),
        ("forward", ["o Hi", "Q >\n>", "o bye"], [], True),
        ("forward", ["o Hi", "> words\n> more", "o bye"], [], False),
        # Attributions
        ("", ["o Hi", f"Q {CY_WROTE}\n> words\n\n> more", "o \nbye"], [], True),
        ("", ["o Hi", f"q {CY_WROTE}\n\nwords\n> more"], [], True),
        ("reply", ["o Hi", f"Q {CY_WROTE}\n\n> words", "o \nbye"], [], True),
        ("forward", ["o Hi", f"h {CY_WROTE}", "f \nwords"], [CY], False),
        ("forward", ["o Hi", f"h {CY_WROTE}", "> words\n> more", "o \nbye"], [CY], False),
        ("forward", ["o Hi", f"h> {CY_WROTE}", ">> words", "o bye"], [CY], False),
        ("forward", ["o Hi", f"Q {quoted(WE_WROTE)}\n>> words", "o bye"], [], True),
        ("forward", ["o Hi", f"q {WE_WROTE}\n\nwords"], [], True),
        ("forward", [f"h {CY_WROTE}", "f \nwords\n", f"q {CY_WROTE}\n\nold"], [CY], True),
        # `>` of the sender's own
        ("", ["o Open\n> Setup > Users\nbye"], [], False),
        ("reply", ["o Open", "Q > Setup > Users", "o bye"], [], True),
        ("", ["o Open", "Q > Setup > Users\n> b", "o bye"], [], True),
        ("", ["o Open", "Q > Setup>Users", "o bye"], [], True),
        ("", ["o He says:\n\n> down\n> now\nbye"], [], False),
        ("", ["o 彼：\n> down\nbye"], [], False),
        ("reply", ["o He says:\n", "Q > down", "o bye"], [], True),
        ("", [f"Q {CY_WROTE}\n> a", "o \nHe says:", "Q > down", "o bye"], [], True),
        ("", ["o He says", "Q > down", "o bye"], [], True),
        ("", ["o He says:\nyes\n\n", "Q > down"], [], True),
        ("", [f"h {MARK}\n{CYS}", "f \nwords", "Q > Setup > Users", "f more"], [CY], True),
        ("", [f"h {MARK}\n{CYS}", "f \nHe says:", "Q > down", "f more"], [CY], True),
        # Answers wanted above a line
        ("", [f"q {ABOVE}", "o Hi\nx"], [], False),
        ("", ["o \n", f"q {ABOVE}", "o Hi\nx"], [], False),
        ("", ["o Hi", f"q {ABOVE}\nx\n{CYS}"], [], True),
    ],
)  # fmt: skip
def test_each_line_is_of_one_kind(subject: str, blocks: list[str], authors: list[str], replied: bool) -> None:
    """`h>` and `>` stand for a head and words that are read without their first mark."""
    body: list[str] = []
    told: list[str] = []
    for block in blocks:
        kind, _, text = block.partition(" ")
        if kind[0] == ">":
            body += block.split("\n")
            told += [f"f {row.lstrip('> ')}" for row in block.split("\n")]
            continue
        body += [quoted(row) if kind == "h>" else row for row in text.split("\n")]
        told += [f"{kind[0]} {row}" for row in text.split("\n")]
    found = divided("\n".join(body), subject)
    assert [row.rstrip() for row in lines_of(found) if row[2:].strip()] == [
        row.rstrip() for row in told if row[2:].strip()
    ]
    assert [one.address for one in found.authors] == authors
    assert found.replied is replied


def test_lines_beyond_those_that_are_understood_stay_with_the_last_one() -> None:
    text = "\n".join(f"{number}" for number in range(LINES - 1))
    assert lines_of(divided(f"{text}\n> x\nbye", ""))[-2:] == ["Q > x", "q bye"]
    assert lines_of(divided(f"{text}\nlast\n> x", ""))[-2:] == ["o last", "o > x"]


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_any_line_end_parts_lines(sign: str) -> None:
    assert lines_of(divided(f"Hi{sign}> x{sign}bye", "reply")) == ["o Hi", "Q > x", "o bye"]


def test_of_many_blank_lines_two_are_left() -> None:
    assert lines_of(divided("a\n\n\nb\n\n\n\nc\n\n\n\n\n\nd", "")) == [
        "o a", "o ", "o ", "o b", "o ", "o ", "o c", "o ", "o ", "o d",
    ]  # fmt: skip


def mail(name: str, text: str, *attached: Message, subject: str = "Down") -> Message:
    return Message(
        from_=(Address(name, f"{name.lower()}@alder.example"),), subject=subject, text=text, attached=attached
    )


def test_attached_mails_are_forwards_with_all_that_lies_in_them() -> None:
    division = Division(SUPPORT, "")
    division.read("See attached.")
    ours = Message(from_=(Address("", "partner-support@zohocorp.com"),), text="ours")
    inner = mail("Dana", f"inner\n{CY_WROTE}\n> old", mail("Eve", "innermost"))
    division.attach([mail("Cy", "words", inner), ours, mail("Finn", "more", subject="FW: x")], 2)
    told = [row for row in lines_of(division) if row[0] in "foqQ" and row[2:].strip()]
    assert told == ["o See attached.", "f words", "f inner", f"Q {CY_WROTE}", "Q > old", "q ours", "f more"]
    assert [one.address for one in division.authors] == [
        f"{name}@alder.example" for name in ("cy", "dana", "finn")
    ]


def test_twenty_attached_mails_are_read() -> None:
    division = Division(SUPPORT, "")
    division.attach([mail("Cy", f"words {number}") for number in range(21)], 1)
    assert [row for row in lines_of(division) if row[0] == "f" and row[2:].strip()] == [
        f"f words {number}" for number in range(20)
    ]
    division.attach([mail("Cy", "too deep")], 0)
    assert "f too deep" not in lines_of(division)
