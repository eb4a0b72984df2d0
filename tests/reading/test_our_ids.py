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
