"""Who is on a ticket after a mail: nobody is lost, nobody loses his part, and there is an end to it."""

from __future__ import annotations

import pytest

from triaged.tickets.ticket import Person
from triaged.walk.tickets_from_mail import MOST_PEOPLE, join

ANNA, BEN, CARL = "anna@oak.example", "ben@oak.example", "carl@oak.example"
KNOWN = (Person(ANNA, role="requester"), Person(BEN, role="cc"), Person(CARL, role="other"))


def roles(*more: tuple[str, str], known: tuple[Person, ...] = KNOWN) -> dict[str, str]:
    found = join(known, tuple(Person(address, role=role) for address, role in more))
    return {person.address: person.role for person in found}


@pytest.mark.parametrize(
    ("address", "role", "has"),
    [
        (ANNA, "cc", "requester"),
        (ANNA, "other", "requester"),
        (BEN, "requester", "cc"),
        (BEN, "other", "cc"),
        (CARL, "cc", "cc"),
        (CARL, "requester", "cc"),
        (CARL, "other", "other"),
        ("dora@oak.example", "requester", "cc"),
        ("dora@oak.example", "other", "other"),
    ],
)
def test_one_who_only_stood_by_may_rise_and_nobody_else_changes(address: str, role: str, has: str) -> None:
    after = roles((address, role))
    assert after.pop(address) == has
    assert after == {one.address: one.role for one in KNOWN if one.address != address}


def test_whom_nobody_asked_for_may_ask() -> None:
    assert roles((ANNA, "requester"), known=()) == {ANNA: "requester"}
    assert roles((ANNA, "requester"), known=(Person(ANNA, role="other"),)) == {ANNA: "requester"}


def test_the_first_stay_where_there_are_too_many() -> None:
    crowd = [(f"p{n}@oak.example", "cc") for n in range(MOST_PEOPLE)]
    after = roles(*crowd)
    assert len(after) == MOST_PEOPLE and list(after)[:3] == [ANNA, BEN, CARL]
    assert len(roles(*crowd, known=())) == MOST_PEOPLE
