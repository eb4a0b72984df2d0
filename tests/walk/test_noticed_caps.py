"""How much may be written to whom, at each limit and one before it, and in which words it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.store.samples import NOW, letter, new_ticket
from tests.tickets.world import DESK, writer
from triaged.config.config import LimitsSection
from triaged.store import Store
from triaged.tickets.ticket import Letter, Ticket
from triaged.walk.caps import (
    DAY,
    HOUR,
    IN_A_NAME_AN_HOUR,
    STRANGERS_AN_HOUR,
    SUMMARY,
    TO_ONE_UNVERIFIED_AN_HOUR,
    Caps,
)

ANNA, BEN, LEADS = "anna@oakbridge.example", "ben@oakbridge.example", "leads@zohocorp.com"
SECOND = timedelta(seconds=1)
LIMITS = LimitsSection(letters_per_address_hour=4, letters_per_ticket_day=6, letters_to_unverified_hour=5)


class Outbox:
    """Tickets and what was written on them before, each in a transaction of its own."""

    def __init__(self, store: Store) -> None:
        self.store, self.number = store, 0

    def ticket(self, **more: Any) -> Ticket:
        with self.store.transaction() as tx:
            return tx.open_ticket(new_ticket(**{"trusted": True} | more))

    def wrote(self, times: int, on: Ticket, at: datetime = NOW, **more: Any) -> None:
        numbers = range(self.number, self.number + times)
        self.number += times
        letters = [replace(letter(f"k{n}", to=(f"{n}@oakbridge.example",)), **more) for n in numbers]
        with self.store.transaction() as tx:
            tx.write(
                letters, on.id, [f"<{n}@z.example>" for n in numbers], [b"x"] * times, at,
                unverified=not on.trusted, in_name_of=on.partner_domain,
            )  # fmt: skip

    def fails(self, *addresses: str) -> None:
        with self.store.transaction() as tx:
            for one in addresses:
                tx.mark_address(one, "550 no such user", NOW)

    def fit(self, one: Letter, ticket: Ticket, *, ordered: bool = False) -> tuple[Letter | None, str]:
        with self.store.transaction() as tx:
            return Caps(tx, LIMITS, NOW, ordered).fit(one, ticket, writer(NOW))


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store)


# -- whom a letter reaches at all ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "cc", "failed", "left"),
    [
        ((ANNA,), (BEN,), (), ((ANNA,), (BEN,))),
        ((ANNA,), (BEN,), (BEN,), ((ANNA,), ())),
        ((ANNA,), (BEN,), (ANNA,), ((BEN,), ())),
        ((), (BEN,), (), ((BEN,), ())),
        ((ANNA, "x" * 900 + "@oak.example"), (), (), ((ANNA,), ())),
    ],
)
@pytest.mark.parametrize(("audience", "trusted"), [("partner", True), ("partner", False), ("staff", False)])
def test_a_letter_goes_to_those_it_reaches_and_who_was_in_cc_stands_in_for_whom_it_does_not(
    outbox: Outbox, to: Any, cc: Any, failed: Any, left: Any, audience: str, trusted: bool
) -> None:
    ticket = outbox.ticket(trusted=trusted)
    outbox.fails(*failed)
    one = letter(to=to, cc=cc, audience=audience)
    assert outbox.fit(one, ticket) == (replace(one, to=left[0], cc=left[1]), "")


def test_a_letter_that_reaches_nobody_names_them_all(outbox: Outbox) -> None:
    ticket = outbox.ticket()
    outbox.fails(BEN, ANNA)
    told = f"letters do not reach {ANNA}, {BEN}"
    assert outbox.fit(letter(to=(BEN,), cc=(ANNA,)), ticket) == (None, told)


# -- to the partner's side -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "at", "stopped"),
    [(3, NOW - HOUR, False), (4, NOW - HOUR, True), (4, NOW - HOUR - SECOND, False)],
)
def test_an_address_has_so_many_letters_in_an_hour(
    outbox: Outbox, times: int, at: datetime, stopped: bool
) -> None:
    outbox.wrote(times, outbox.ticket(), at, to=(ANNA,))
    ticket, one = outbox.ticket(), letter(to=(ANNA,))
    told = "more than 4 letters to this address in an hour"
    assert outbox.fit(one, ticket) == ((None, told) if stopped else (one, ""))
    assert outbox.fit(one, ticket, ordered=True) == (one, ""), "who orders it by hand knows"
    both = letter(to=(ANNA,), cc=(BEN,))
    assert outbox.fit(both, ticket) == (replace(both, to=(BEN,), cc=()) if stopped else both, "")


@pytest.mark.parametrize("times", [TO_ONE_UNVERIFIED_AN_HOUR - 1, TO_ONE_UNVERIFIED_AN_HOUR])
def test_who_is_not_verified_has_fewer_and_it_costs_who_is_nothing(outbox: Outbox, times: int) -> None:
    outbox.wrote(times, outbox.ticket(trusted=False), to=(ANNA,))
    one, stopped = letter(to=(ANNA,)), times == TO_ONE_UNVERIFIED_AN_HOUR
    told = "more than 3 letters to this address in an hour"
    assert outbox.fit(one, outbox.ticket(trusted=False)) == ((None, told) if stopped else (one, ""))
    assert outbox.fit(one, outbox.ticket()) == (one, "")


@pytest.mark.parametrize(
    ("times", "at", "stopped"), [(5, NOW - DAY, False), (6, NOW - DAY, True), (6, NOW - DAY - SECOND, False)]
)
def test_a_ticket_has_so_many_letters_in_a_day(
    outbox: Outbox, times: int, at: datetime, stopped: bool
) -> None:
    ticket, one = outbox.ticket(), letter(to=(ANNA,))
    outbox.wrote(times, ticket, at)
    told = "more than 6 letters on this ticket in a day"
    assert outbox.fit(one, ticket) == ((None, told) if stopped else (one, ""))
    assert outbox.fit(one, ticket, ordered=True) == (one, "")
    assert outbox.fit(one, outbox.ticket()) == (one, "")
    uncapped = letter(kind="relayed", to=(ANNA,))
    assert outbox.fit(uncapped, ticket) == (uncapped, "")
    to_staff = letter(audience="staff", kind="new_s1", to=(LEADS,))
    assert outbox.fit(to_staff, ticket) == (to_staff, "")


@pytest.mark.parametrize(
    ("times", "more", "stopped"),
    [
        (4, {}, False),
        (5, {}, True),
        (5, {"audience": "staff"}, False),
        (5, {"kind": "relayed"}, False),
        (5, {"at": NOW - HOUR}, True),
        (5, {"at": NOW - HOUR - SECOND}, False),
    ],
)
def test_all_whom_nobody_verified_have_so_many_letters_in_an_hour(
    outbox: Outbox, times: int, more: dict[str, Any], stopped: bool
) -> None:
    outbox.wrote(times, outbox.ticket(trusted=False), **more)
    one, told = letter(to=(ANNA,)), "more than 5 letters to unverified senders in an hour"
    assert outbox.fit(one, outbox.ticket(trusted=False)) == ((None, told) if stopped else (one, ""))
    assert outbox.fit(one, outbox.ticket()) == (one, "")


# -- to staff ------------------------------------------------------------------------------------------

REVIEW = letter("review@1", kind="review", audience="staff", to=(LEADS,))


@pytest.mark.parametrize(
    (
        "written",
        "stopped",
    ),  # how many in whose name were written; the letter is in oakbridge's name or in nobody's
    [
        ({"oakbridge.example": IN_A_NAME_AN_HOUR - 1}, ""),
        ({"oakbridge.example": IN_A_NAME_AN_HOUR}, "named"),
        ({"elm.example": IN_A_NAME_AN_HOUR}, ""),
        ({"elm.example": IN_A_NAME_AN_HOUR, "yew.example": STRANGERS_AN_HOUR - IN_A_NAME_AN_HOUR - 1}, ""),
        ({"elm.example": IN_A_NAME_AN_HOUR, "yew.example": STRANGERS_AN_HOUR - IN_A_NAME_AN_HOUR}, "named"),
        ({None: STRANGERS_AN_HOUR - 1}, ""),
        ({None: STRANGERS_AN_HOUR}, "stranger"),
    ],
)
def test_staff_get_so_many_letters_about_what_nobody_verified(
    outbox: Outbox, written: dict[str | None, int], stopped: str
) -> None:
    for name, times in written.items():
        of = outbox.ticket(trusted=False, partner_domain=name)
        outbox.wrote(times, of, audience="staff", kind="review")
    for who, domain in (("named", "oakbridge.example"), ("stranger", None)):
        ticket = outbox.ticket(trusted=False, partner_domain=domain)
        got, why = outbox.fit(REVIEW, ticket)
        if who != stopped:
            assert (got, why) == (REVIEW, "")
            continue
        assert (
            why
            == "more letters to staff about unverified mail than may be in an hour; the rest wait for the digest"
        )
        assert got is not None and (got.kind, got.audience, got.to) == (SUMMARY, "staff", DESK.alert)
        assert f"{why}. `triaged tickets list --review` shows them" in " ".join(got.body.split())
        outbox.wrote(1, ticket, kind=SUMMARY, audience="staff")
        assert outbox.fit(REVIEW, ticket) == (None, why), "they were told already"
    assert outbox.fit(REVIEW, outbox.ticket()) == (REVIEW, ""), "of a verified partner all are told"


@pytest.mark.parametrize(("times", "many"), [(STRANGERS_AN_HOUR - 1, False), (STRANGERS_AN_HOUR, True)])
def test_strangers_letters_of_no_ticket_wait_when_all_of_staff_had_too_many(
    outbox: Outbox, times: int, many: bool
) -> None:
    ticket = outbox.ticket()
    outbox.wrote(times, ticket, audience="staff", to=(LEADS,))
    with outbox.store.transaction() as tx:
        caps, later = Caps(tx, LIMITS, NOW), Caps(tx, LIMITS, NOW + HOUR + SECOND)
        assert caps.floods([LEADS]) is many
        assert caps.floods([LEADS, "sam@zohocorp.com"]) is later.floods([LEADS]) is False
