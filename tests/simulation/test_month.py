"""Simulated months keep every invariant: small here, twenty seeds by hand (docs/decisions.md).

The stretch of time holds a leap day, two clock changes, three days without the daemon and two and a half
without SMTP. `TRIAGED_SIMULATION_DAYS` and `TRIAGED_SIMULATION_SEEDS` make it as long as one likes.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest

from tests.simulation.forgeries import FORGERIES, LAWFUL, Check, Forge, copied
from triaged.letters import kinds
from triaged.simulation import invariants, session_invariants, summary, texts
from triaged.simulation.evidence import Evidence
from triaged.simulation.month import Course, Month, Outage
from triaged.tickets.event_data import PeopleChanged
from triaged.tickets.ticket import Happening

BEGIN = datetime(2028, 2, 27, tzinfo=UTC)
DAYS = int(os.environ.get("TRIAGED_SIMULATION_DAYS", "30"))
# The first of them is a month in which everything happens
FIRST = 3
SEEDS = range(FIRST, FIRST + int(os.environ.get("TRIAGED_SIMULATION_SEEDS", "1")))
STEP = timedelta(minutes=5)
MAIL_PER_DAY = float(os.environ.get("TRIAGED_SIMULATION_MAIL", "20"))
PLACES = {
    "US": ("US", None, "America/New_York"), "IN": ("IN", None, "Asia/Kolkata"), "AU": ("AU", None, "Australia/Sydney"),
    "JP": ("JP", None, "Asia/Tokyo"), "SA": ("SA", None, "Asia/Riyadh"), "CA": ("CA", None, "America/Toronto"),
    "EU": ("DE", None, "Europe/Berlin"), "UK": ("GB", "ENG", "Europe/London"),
}  # fmt: skip


def outages() -> list[Outage]:
    return [
        Outage("daemon", BEGIN + timedelta(days=8, hours=13), BEGIN + timedelta(days=11, hours=13)),
        Outage("smtp", BEGIN + timedelta(days=17, hours=10), BEGIN + timedelta(days=20, hours=2)),
    ]


@pytest.fixture(scope="module", params=SEEDS)
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    seed = request.param
    # As `triaged simulate` looks: every minute takes thrice the time
    course = Course(
        begin=BEGIN, days=DAYS, mail_per_day=MAIL_PER_DAY, seed=seed, outages=outages(), step=STEP
    )
    lived = Month(tmp_path_factory.mktemp("month"), course)
    lived.run()
    yield lived
    lived.close()


def test_every_invariant_holds(month: Month) -> None:
    assert invariants.broken(month) == []


@pytest.fixture(scope="module")
def honest(month: Month) -> Evidence:
    return Evidence(month)


@pytest.mark.parametrize(("check", "forge"), FORGERIES, ids=[forge.__name__ for _, forge in FORGERIES])
def test_every_invariant_can_be_broken(honest: Evidence, check: Check, forge: Forge) -> None:
    forged = copied(honest)
    assert list(check(forged)) == []
    forge(forged)
    assert list(check(forged)), "nobody noticed"


@pytest.mark.parametrize(("check", "forge"), LAWFUL, ids=[forge.__name__ for _, forge in LAWFUL])
def test_what_is_odd_breaks_no_invariant(honest: Evidence, check: Check, forge: Forge) -> None:
    forged = copied(honest)
    forge(forged)
    assert list(check(forged)) == []


def test_no_invariant_is_left_out() -> None:
    named = {name for module in (invariants, session_invariants) for name in vars(module)}
    assert {check.__name__ for check, _ in FORGERIES} == {c.__name__ for c in invariants.CHECKS} <= named


def test_the_month_was_worth_living(month: Month) -> None:
    """No invariant holds because nothing happened."""
    kinds = {row.kind for row in month.house.store.letters(limit=10**9) if row.sent_at}
    assert {
        "acknowledgment",
        "missing_information",
        "missed",
        "at_risk",
        "waiting_reminder",
        "resolved",
        *("meeting_offer", "meeting_invitation", "meeting_moved", "meeting_cancelled", "meeting_reminder"),
        *("meeting_news", "meeting_ending", "meeting_summary"),
    } <= kinds
    changes = [
        PeopleChanged.of(event)
        for ticket in month.house.store.each_ticket()
        for event in ticket.events
        if event.kind is Happening.PEOPLE_CHANGED
    ]
    assert any(one.added for one in changes) and any(one.removed for one in changes)
    said = b"".join(
        month.house.store.mail(number).raw or b""
        for number, one in month.truths.items()
        if one.what == "answer"
    )
    assert texts.STILL_BROKEN.encode() in said.replace(b"=\r\n", b"")
    happened = {event.kind for ticket in month.house.store.each_ticket() for event in ticket.events}
    did = {Happening.MERGED, Happening.UNMERGED, Happening.SPLIT, Happening.SNOOZED, Happening.TAKEN_BACK}
    assert did <= happened
    meant = {truth.what for truth in month.truths.values()}
    assert {"request", "answer", "staff answer", "thanks"} <= meant


def test_no_reminder_leaves_in_the_night_or_on_a_holiday_by_another_calculation(month: Month) -> None:
    """The same invariant without our calendars: the wall clock of the region, and the library alone."""
    rows = {row.message_id: row for row in month.house.store.letters(limit=10**9)}
    for one in month.postman.delivered:
        row = rows[one.message_id]
        if not kinds.of(row.kind).reminds or row.kind not in month.knowledge.rulebook.promises.sending:
            continue
        ticket = month.house.store.ticket(row.ticket_id)
        country, part, zone = PLACES[invariants.region_at(ticket, one.at)]
        local = one.at.astimezone(ZoneInfo(zone))
        weekend = (4, 5) if country == "SA" else (5, 6)
        free = holidays.country_holidays(country, subdiv=part, years=local.year)
        assert 8 <= local.hour < 19 and local.weekday() not in weekend and local.date() not in free, (
            row.kind,
            local,
        )


def test_the_same_seed_is_the_same_month(tmp_path: Path) -> None:
    told = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        lived = Month(tmp_path / name, Course(begin=BEGIN, days=2, mail_per_day=20, seed=7))
        lived.run()
        told.append([(d.at, d.kind, d.to, d.subject) for d in lived.postman.delivered])
        lived.close()
    assert told[0] == told[1] and len(told[0]) > 10


def test_a_broken_promise_is_seen(tmp_path: Path) -> None:
    """The invariants can fail: a step that is taken away unseen, and a letter that left twice."""
    lived = Month(tmp_path, Course(begin=BEGIN, days=4, mail_per_day=35, seed=1))
    lived.run()
    assert invariants.broken(lived) == []
    lived.postman.delivered.append(lived.postman.delivered[0])
    with lived.house.store.transaction() as tx:
        for ticket in lived.house.store.each_ticket():
            tx.set_dues(ticket.id, [])
    lived.now += timedelta(days=28)
    found = {one.partition(":")[0] for one in invariants.broken(lived)}
    lived.close()
    assert {"nobody_twice", "no_promise_dropped"} <= found


def test_the_summary_counts_by_the_hour_where_the_letter_went(month: Month) -> None:
    """By another calculation: the region's own clock for partners, the mailbox's for staff."""
    told, store = summary.sum_up(month), month.house.store
    zones = {name: ZoneInfo(zone) for name, (_, _, zone) in PLACES.items()}
    desks = {box.name: ZoneInfo(box.time_zone) for box in month.config.mailboxes}
    wanted: Counter[tuple[str, str, int]] = Counter()
    rows = store.letters(limit=10**9)
    for row in rows:
        if row.sent_at is not None:
            partner = row.audience == "partner" and row.ticket_id is not None
            zone = zones[store.ticket(row.ticket_id).region] if partner else desks[row.mailbox]
            wanted[row.audience, row.kind, row.sent_at.astimezone(zone).hour // 3] += 1
    found = {(who, kind, place): n for who, kind, by in told.letters for place, n in enumerate(by) if n}
    assert found == wanted and len(wanted) > 20
    assert sum(n for *_, n in told.outbox) == sum(row.sent_at is None for row in rows)
    assert sum(n for _, n in told.mails) == len(list(store.each_mail()))
    assert sum(n for *_, n in told.tickets) == len(list(store.each_ticket()))
    assert {group.by for group in told.promises} == {"policy", "severity"}
