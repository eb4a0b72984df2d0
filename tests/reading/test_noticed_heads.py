"""The head of an enclosed mail: where it ends, what its fields are, and what is none."""

from __future__ import annotations

import pytest

from triaged.reading.mime.message import Message
from triaged.reading.new_text import forwards
from triaged.reading.new_text.forwards import Block, Head, head_at, head_lines
from triaged.reading.new_text.separators import Kind, line
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address

CY, ANNA, BO, WHEN = (
    "Cy <cy@alder.example>",
    "Anna <anna@oak.example>",
    "Bo <bo@elm.example>",
    "Tuesday, 10 November 2026 10:14",
)
F, S, T, C, J = f"From: {CY}", f"Sent: {WHEN}", f"To: {ANNA}", f"Cc: {BO}", "Subject: Down"
MARK, RULE, ORIGINAL = "-------- Forwarded Message --------", "-" * 32, "-----Original Message-----"
OF: dict[str, Kind] = {"f": "from", "s": "date", "t": "to", "o": "other", "j": "subject"}
SHOWN = {"f": CY, "s": WHEN, "t": ANNA, "o": BO, "j": "Down"}


def found(*rows: str) -> Head | None:
    return head_at([line(row) for row in rows], 0)


def block(end: int, kinds: str, recipients: str, **other: str) -> Block:
    """A block of these fields in this order, with the values of the lines above, or with others."""
    return Block(end, {OF[kind]: other.get(kind, SHOWN[kind]) for kind in kinds}, recipients)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((F, S, T, C, J, "", "words"), block(5, "fstoj", f"{ANNA} {BO}")),
        ((F, T, J), block(3, "ftj", ANNA)),
        ((F, J, S), block(3, "fjs", "")),
        (("From: Cy", S, J), block(3, "fsj", "", f="Cy")),
        (("From: Cy", T, J), block(3, "ftj", ANNA, f="Cy")),
        ((S, T, J, F), block(4, "stjf", ANNA)),
        ((J, F, T, S, F), block(4, "jfts", ANNA)),
        ((F, "Importance: High", S, T, J), block(5, "fostj", ANNA, o="High")),
        ((F, S, T, f"Cc {BO}", J), block(3, "fst", ANNA)),
        # Values on lines of their own, and wrapped ones
        ((F, "Sent:", WHEN, "To:", "anna@oak.example,", "bo@elm.example", "Subject:", "Down", " again", "words"),
         block(9, "fstj", " anna@oak.example, bo@elm.example", t="anna@oak.example,")),
        ((F, "To: anna@oak.example;", "<bo@elm.example>", S, J), block(5, "ftsj", "anna@oak.example; <bo@elm.example>", t="anna@oak.example;")),
        ((F, "To: anna@oak.example", "bo@elm.example", S, J), None),
        (("From: Cy", "<cy@alder.example>", S, J), block(4, "fsj", "")),
        ((F, S, "To:", "x" * 119, J), block(5, "fstj", " " + "x" * 119, t="x" * 119)),
        ((F, S, "To:", "x" * 120, J), block(3, "fst", "", t="")),
        ((F, S, T, J, " " + "x" * 99, "y"), block(5, "fstj", ANNA)),
        ((F, S, T, J, " " + "x" * 100), block(4, "fstj", ANNA)),
        ((F, S, T, J, "\twords", "> x"), block(5, "fstj", ANNA)),
        ((F, S, T, J, "words"), block(4, "fstj", ANNA)),
        ((F, S, "To:", "> anna@oak.example", J), block(3, "fst", "", t="")),
        ((F, S, "To:", "", ANNA, J), block(3, "fst", "", t="")),
        # Blank lines between fields
        ((F, "", S, "", T, "", J, "", "words"), block(7, "fstj", ANNA)),
        ((F, "", "", S, T, J), None),
        ((F, T, J, "", S), block(3, "ftj", ANNA)),
        ((F, T, "", S, "", J), block(6, "ftsj", ANNA)),
        ((F, "", F, T, J), None),
        ((F, S, J, "", T), block(5, "fsjt", ANNA)),
        # On one line
        (("From: Cy <cy@alder.example> Sent: now To: Anna <anna@oak.example> Subject: Down", "words"), block(1, "fstj", ANNA, s="now")),
        (("From: Cy <cy@alder.example> To: Anna <anna@oak.example> Date: now Subject: Down Cc: x",), block(1, "ftsj", ANNA, s="now", j="Down Cc: x")),
        (("From: Cy <cy@alder.example> To: Anna <anna@oak.example> Subject: Down",), None),
        # Too little, or too far from its beginning
        ((F, T), None),
        ((F, S), None),
        (("From: Cy", "To: Anna", J), None),
        (("From: Cy", T, "x"), None),
        ((S, T, J), None),
        ((F, "X-Own: bar", S, T, J), None),
        ((F, *[f"To: a{number}@b.example," for number in range(13)], S, J), block(16, "ftsj", " ".join(f"a{number}@b.example," for number in range(13)), t="a0@b.example,")),
        ((F, *[f"To: a{number}@b.example," for number in range(14)], S, J), block(16, "fts", " ".join(f"a{number}@b.example," for number in range(14)), t="a0@b.example,")),
        ((S, *["To: a@b.example,"] * 6, F), block(8, "stf", " ".join(["a@b.example,"] * 6), t="a@b.example,")),
        ((S, *["To: a@b.example,"] * 7, F), None),
    ],
)  # fmt: skip
def test_a_block_without_a_mark_has_three_fields_and_an_address_or_a_date(
    rows: tuple[str, ...], expected: Block | None
) -> None:
    assert found(*rows) == (Head(expected.end, "", expected) if expected else None)


@pytest.mark.parametrize(
    ("rows", "end", "expected"),
    [
        ((MARK, F, T), 3, block(3, "ft", ANNA)),
        ((MARK, "", "", "", F, T), 6, block(6, "ft", ANNA)),
        ((MARK, "", "", "", "", F, T), 1, None),
        ((MARK, F), 1, None),
        ((MARK, "hello", F, T), 1, None),
        ((MARK, F, T, J, MARK, "x"), 5, block(4, "ftj", ANNA)),
        ((MARK, F, T, J, "", MARK), 4, block(4, "ftj", ANNA)),
        ((MARK, MARK, "x"), 2, None),
        ((MARK, F, T, J, ORIGINAL), 4, block(4, "ftj", ANNA)),
        ((MARK, f"From {CY}", f"To {ANNA}", f"Date {WHEN}", "Subject Down", "words"), 5, block(5, "ftsj", ANNA)),
        ((MARK, f"From {CY}", "Subject Down", "words"), 1, None),
        ((MARK, "From Cy", f"To {ANNA}", f"Date {WHEN}", "Subject Down"), 1, None),
        ((MARK, f"From {CY}", f"To {ANNA}", f"Date {WHEN}", "Subject Down", "To x", f"From {BO}", "Subject y"), 7, block(7, "ftsj", ANNA)),
    ],
)  # fmt: skip
def test_under_a_mark_two_fields_are_enough(rows: tuple[str, ...], end: int, expected: Block | None) -> None:
    assert found(*rows) == Head(end, "forward", expected)
    assert rows.count(MARK) > 1 or found(ORIGINAL, *rows[1:]) == Head(
        end + (rows[-1] == ORIGINAL), "original", expected
    )


@pytest.mark.parametrize(("blanks", "known"), [(0, True), (2, True), (3, False)])
def test_under_a_rule_a_block_stands_near(blanks: int, known: bool) -> None:
    expected = Head(blanks + 3, "", block(blanks + 3, "ft", ANNA))
    assert found(RULE, *[""] * blanks, F, T) == (expected if known else None)
    assert found(RULE, "x") is None


SUPPORT = Support(frozenset({"partner-support@zohocorp.com"}), frozenset({"oak.example"}))
COLLEAGUES = Support(frozenset({"partner-support@zohocorp.com"}), frozenset({"zohocorp.com"}))
TO_US = Block(3, {"from": CY}, "partner-support@zohocorp.com")
FROM_US = Block(3, {"from": "Ben <ben@zohocorp.com>"}, "anna@zohocorp.com")
THEIRS = Block(3, {"from": CY}, "bo@elm.example")


@pytest.mark.parametrize(
    ("mark", "of", "subject", "above", "support", "first", "forward"),
    [
        ("forward", THEIRS, "", "", SUPPORT, False, True),
        ("forward", None, "reply", "", SUPPORT, False, True),
        ("forward", TO_US, "", "", SUPPORT, False, False),
        ("", THEIRS, "forward", "", SUPPORT, False, True),
        ("", TO_US, "forward", "", SUPPORT, False, False),
        ("", TO_US, "forward", "", COLLEAGUES, False, True),
        ("", TO_US, "", "see below:", COLLEAGUES, True, False),
        ("", FROM_US, "forward", "", COLLEAGUES, False, False),
        ("", THEIRS, "", "", SUPPORT, False, False),
        ("", THEIRS, "", "", SUPPORT, True, True),
        ("", THEIRS, "", "See:", SUPPORT, False, True),
        ("", THEIRS, "", "See：", SUPPORT, False, True),
        ("", THEIRS, "", "Forwarded\nfor you", SUPPORT, False, True),
        ("", THEIRS, "", "Forwarded\nfor\nyou", SUPPORT, True, False),
        ("", THEIRS, "", "Hello", SUPPORT, True, False),
        ("", THEIRS, "reply", "See:", SUPPORT, True, False),
        ("original", None, "", "See:", SUPPORT, True, False),
        ("", THEIRS, "", "See:" + "\n" * 11, SUPPORT, False, True),
        ("", THEIRS, "", "See:" + "\n" * 12, SUPPORT, False, False),
    ],
)  # fmt: skip
def test_an_enclosed_mail_is_passed_on_or_only_answered(
    mark: str, of: Block | None, subject: str, above: str, support: Support, first: bool, forward: bool
) -> None:
    lines = [line(row) for row in above.split("\n")] if above else []
    assert forwards.is_forward(Head(3, mark, of), subject, lines, support, first=first) is forward


def test_an_attached_mail_has_a_head_as_if_it_stood_in_the_text() -> None:
    cy, anna, bo = (Address(name, f"{name.lower()}@alder.example") for name in ("Cy", "Anna", "Bo"))
    mail = Message(from_=(cy, anna), to=(anna,), cc=(bo,), subject="Down")
    shown = forwards.block_of(mail)
    assert shown == Block(
        0, {"from": "Cy <cy@alder.example>", "subject": "Down"}, "anna@alder.example bo@alder.example"
    )
    assert (shown.author, shown.subject) == (cy, "Down")
    assert head_lines(mail) == ("From: Cy <cy@alder.example>", "Subject: Down", "")
    assert forwards.block_of(Message()) == Block(0, {"from": " <>", "subject": ""}, "")
    assert (Block(0).author, Block(0).subject) == (Address("", ""), "")


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        ((F, "Subject: Down", " again", "and again", T), ["Subject: Down", " again", "and again"]),
        ((F, "Subject: Down", "", "x"), ["Subject: Down"]),
        ((F, "Subject:", "Down", "To: x"), ["Subject:", "Down"]),
        ((F, T), []),
        (("words", "Subject: Down"), ["Subject: Down"]),
        ((MARK, "From Cy", "Subject Down", "words", MARK), ["Subject Down", "words"]),
        (("From: Cy Sent: now To: x Subject: Down",), ["Subject: Down"]),
    ],
)
def test_of_a_head_its_subject_is_text_to_search(rows: tuple[str, ...], shown: list[str]) -> None:
    assert list(forwards.subject_rows(rows)) == shown
