"""Reports of a store: the figures of tickets whole, from slim rows, and no work for tickets outside the span."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from tests.promises import whole_report
from tests.store.asked import explained, heard
from tests.store.samples import NOW, new_ticket
from tests.tickets.world import promises
from triaged.promises import reports
from triaged.store import Store
from triaged.store.reported import STORIES, reported
from triaged.tickets.ticket import Event, Happening, State, Ticket
from triaged.vocabulary import Severity

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DATA: dict[Happening, Callable[[Random], dict[str, Any]]] = {
    Happening.JUDGED: lambda r: {
        "severity": r.choice(("S1", "S2", "S3", "S4")), "service_level": r.choice(("standard", "large-account", "plan")),
        "provisional": r.random() < 0.2, "region": r.choice(("EU", "US", "")), "plan": r.choice((None, "premium", "paid")),
    },
    Happening.SEVERITY_CORRECTED: lambda r: {"severity": r.choice(("S1", "S3"))},
    Happening.RATED: lambda r: {"score": r.choice((None, 1, 2, 3, 4, 5))},
    Happening.PARTNER_ANSWERED: lambda r: {"history": r.random() < 0.1, "ends_history": r.random() < 0.2},
    Happening.STAFF_ANSWERED: lambda r: {"letter": r.choice(("", "answer:1", "answer:2"))},
    Happening.TAKEN_BACK: lambda r: {"letter": r.choice(("answer:1", "answer:2"))},
    Happening.LETTER_SENT: lambda r: r.choice(({"kind": "acknowledgment"}, {"kind": "case_update"}, {"kind": "x", "counts_as": "update"})),
}  # fmt: skip


def ticket_of(random: Random) -> Ticket:
    """A ticket with any story at all, in which things happen in any order."""
    created = NOW - random.random() * 20 * DAY
    judged = DATA[Happening.JUDGED](random)
    kinds = random.choices(list(Happening), k=random.randrange(14))
    story = [
        Event(created + random.random() * 9 * DAY, kind, random.choice(("daemon", "cli:cy")), "why", DATA.get(kind, dict)(random) if kind in DATA else {})
        for kind in kinds
    ]  # fmt: skip
    story.sort(key=lambda one: one.at)
    return new_ticket(
        state=random.choice(list(State)), created_at=created, updated_at=created + random.random() * 8 * DAY,
        severity=Severity(judged["severity"]), service_level=judged["service_level"], plan=judged["plan"],
        region=judged["region"], provisional=judged["provisional"], history=random.random() < 0.2,
        partner_domain=random.choice((None, "oakbridge.example", "elmhill.example")),
        mailbox=random.choice(("global", "europe")), events=tuple(story),
    )  # fmt: skip


def filled(store: Store, random: Random, count: int, **changes: Any) -> None:
    with store.transaction() as tx:
        for _ in range(count):
            tx.open_ticket(replace(ticket_of(random), **changes))


@pytest.mark.parametrize("seed", range(6))
def test_slim_rows_give_the_figures_of_tickets_whole(store: Store, seed: int) -> None:
    random = Random(seed)
    filled(store, random, 40)
    for since in (None, NOW - 10 * DAY, NOW):
        for partner in (None, "elmhill.example"):
            whole = [t for t in store.each_ticket(since) if partner in (None, t.partner_domain)]
            slim = list(store.reported(since, partner, batch=7))
            assert sorted(t.id for t in slim) == [t.id for t in whole]
            for now in (NOW, NOW - 5 * DAY):
                expected = whole_report.report(whole, promises(), now)
                assert reports.report(slim, promises(), now) == expected
                random.shuffle(slim)
                assert reports.report(slim, promises(), now) == expected, "in any order"


def test_what_a_report_holds_is_no_more_than_it_reads(store: Store) -> None:
    filled(store, Random(1), 10)
    for one in store.reported():
        assert (one.people, one.tags, one.references, one.subject) == ((), (), (), "")
        assert all(event.kind in reports.READ and not event.reason for event in one.events[:-1])


def test_tickets_of_one_moment_are_each_counted_once(store: Store) -> None:
    filled(store, Random(2), 9, created_at=NOW)
    assert [t.id for t in store.reported(NOW, batch=2)] == list(range(1001, 1010))


def test_volume_is_told_by_hour_and_day_history_too() -> None:
    from zoneinfo import ZoneInfo

    volume = reports.Volume(ZoneInfo("Asia/Tokyo"))
    for history in (False, True):
        volume.take(new_ticket(created_at=NOW, history=history))  # a Monday, 18:30 in Tokyo
    assert (volume.tickets, volume.hours[18], volume.days) == (2, 2, [2, 0, 0, 0, 0, 0, 0])


def test_tickets_outside_the_span_cost_a_report_nothing(store: Store) -> None:
    filled(store, Random(3), 30, created_at=NOW)
    with heard(store) as before:
        assert len(list(store.reported(NOW - DAY, batch=10))) == 30
    filled(store, Random(4), 300, created_at=NOW - 400 * DAY)
    with heard(store) as after:
        assert len(list(store.reported(NOW - DAY, batch=10))) == 30
    assert [one for one, _ in after if one != "BEGIN"] == [one for one, _ in before if one != "BEGIN"]


def test_a_report_goes_by_when_tickets_were_created_and_by_their_stories(store: Store) -> None:
    asked = [
        reported(NOW - DAY, None, None, 500), reported(NOW, None, (NOW, 1001), 500), STORIES.params(ids=[1001, 1002]),
    ]  # fmt: skip
    found = [plan(store, one) for one in asked]
    assert all("ix_ticket_created_at" in one for one in found[:2]), found
    assert "ix_event_ticket_id" in found[2], found
    assert not any(word in one for one in found for word in ("SCAN", "Seq Scan")), found


def plan(store: Store, statement: Any) -> str:
    """How the database would run it, were its tables large."""
    with store._writing() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
        return explained(connection, statement)
