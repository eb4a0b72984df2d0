"""Message-IDs of our own letters."""

from __future__ import annotations

import pytest

from triaged.reading import our_ids

SECRET = b"0" * 32
OURS = our_ids.message_id(42, "acknowledgment", SECRET, "desk.example")


def test_a_letter_s_id_is_always_the_same_and_names_its_ticket() -> None:
    assert our_ids.message_id(42, "acknowledgment", SECRET, "desk.example") == OURS
    assert our_ids.verify(OURS, SECRET) == 42


def test_other_letters_and_tickets_have_other_ids() -> None:
    others = {our_ids.message_id(t, k, SECRET, "desk.example") for t in (42, 43) for k in ("a", "b")}
    assert len(others) == 4


@pytest.mark.parametrize("changed", [OURS.upper(), OURS.strip("<>"), f" {OURS} ", OURS.replace("desk.example", "gone.example")])  # fmt: skip
def test_what_other_systems_do_to_an_id_does_not_hurt(changed: str) -> None:
    assert our_ids.verify(changed, SECRET) == 42


@pytest.mark.parametrize(
    "forged",
    [
        OURS.replace("ps.42.", "ps.43."),
        OURS[:-20] + "x" + OURS[-19:],
        our_ids.message_id(42, "acknowledgment", b"1" * 32, "desk.example"),
        "<ps.42@desk.example>",
        "",
        "<>",
        "<ps.042" + OURS[6:],
        "<" + "p" * 5_000 + "@desk.example>",
    ],
)
def test_without_the_secret_nobody_makes_one(forged: str) -> None:
    assert our_ids.verify(forged, SECRET) is None


def test_the_shape_alone_proves_nothing() -> None:
    foreign = our_ids.message_id(42, "acknowledgment", b"another desk of the same make", "other.example")
    assert our_ids.looks_ours(foreign)
    assert our_ids.verify(foreign, SECRET) is None
    assert not our_ids.looks_ours("<20261122.1@mail.example>")


def test_ids_and_marks_are_made_as_in_letters_that_have_left() -> None:
    assert OURS == "<ps.42.fhzhsoiu2u.zk4wttoblic27rnmnnlk@desk.example>"
    assert our_ids.recipient_mark(OURS, "anna@oak.example", SECRET) == "xrypibcl2axlpg2r6tan7ijkoc"


@pytest.mark.parametrize(
    ("letter", "address", "mark", "his"),
    [
        (OURS, "anna@oak.example", "xrypibcl2axlpg2r6tan7ijkoc", True),
        (f" {OURS.upper()} ", " Anna@OAK.example ", " XRYPIBCL2AXLPG2R6TAN7IJKOC ", True),
        (OURS, "ben@oak.example", "xrypibcl2axlpg2r6tan7ijkoc", False),
        (OURS.replace("42", "43"), "anna@oak.example", "xrypibcl2axlpg2r6tan7ijkoc", False),
        (OURS, "anna@oak.example", "xrypibcl2axlpg2r6tan7ijko", False),
        (OURS, "anna@oak.example", "", False),
        (OURS, "anna@oak.example", "ü\udcff", False),
    ],
)
def test_a_mark_is_of_one_letter_to_one_person(letter: str, address: str, mark: str, his: bool) -> None:
    assert our_ids.is_recipient(letter, address, mark, SECRET) is his


@pytest.mark.parametrize(
    ("host", "blanks", "ours"),
    [(255, 0, True), (256, 0, False), (9, 351, True), (9, 352, False)],
)
def test_an_id_of_ours_has_a_host_and_a_length(host: int, blanks: int, ours: bool) -> None:
    written = OURS.replace("desk.example", "h" * host) + " " * blanks
    assert our_ids.looks_ours(written) is ours
    assert (our_ids.verify(written, SECRET) == 42) is ours
