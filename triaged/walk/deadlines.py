"""Due times that passed -> letters, escalations, the next due times (promise 4).

A due step is a row, claimed once with a lease; what to do is worked out anew from the ticket as it is
then, so a restart, a clock jump or a second daemon takes no step twice and none too late for its sense.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from triaged import maillog
from triaged.followups import due
from triaged.letters import compose
from triaged.store.dues import PLAN
from triaged.store.rows import Fenced, TicketFilter
from triaged.store.store import Transaction
from triaged.tickets.ticket import Due, State, Ticket
from triaged.walk.house import House
from triaged.walk.pen import Pen, desk_of

BATCH = 50
LEASE = timedelta(minutes=5)
RETRY = timedelta(minutes=1)
DEAF = timedelta(minutes=30)  # a mailbox that fails for longer: nobody can be said to be silent
LIVE = (State.NEW, State.OPEN, State.WAITING)


def take_due(house: House, now: datetime) -> int:
    """Take up to BATCH steps whose time has passed; how many were claimed. 0: nothing is due."""
    if house.steps_astray:
        house.store.take_back_dues(house.owner, now)
    house.steps_astray = True
    began = time.monotonic()
    claimed = house.store.claim_dues(BATCH, now, house.owner, LEASE, house.elsewhere(now))
    for step in claimed:
        if time.monotonic() - began > LEASE.total_seconds() / 2:
            break  # we slept: `now` is long over, and what is left is taken back next time
        try:
            take_one(house, step, now)
        except Fenced:
            continue  # another daemon took it over, or the ticket moved on while we looked
        except Exception as error:  # one step's fault must not hold up the others
            maillog.step_failed(step.kind, step.step, f"{type(error).__name__}: {error}")
            house.store.due_retry(step.id, house.owner, f"{type(error).__name__}: {error}"[:500], now + RETRY)
    else:
        house.steps_astray = False
    return len(claimed)


def _hears(house: House, step: Due, now: datetime) -> bool:
    """Whether silence is silence: not while mail waits for the walk, or its mailbox cannot be read."""
    if not _counts_silence(step):
        return True
    if house.store.waiting_mail():
        return False
    state = next((s for s in house.store.mailbox_states() if s.mailbox == step.mailbox), None)
    fails = state is not None and state.failures > 0
    return not (state and fails and now - (state.good_at or state.failed_at or now) > DEAF)


def _counts_silence(step: Due) -> bool:
    return step.kind in ("waiting", "missing_information") or step.step.startswith(("remind-", "confirm@"))


def take_one(house: House, step: Due, now: datetime) -> None:
    """Take one claimed step in one transaction. Raises Fenced if the claim was lost."""
    if not _hears(house, step, now):
        house.store.due_retry(step.id, house.owner, "the answer may be on its way", now + RETRY)
        return
    if step.ticket_id is None:
        _digest(house, step, now)
        return
    with house.store.transaction() as tx:
        ticket = tx.ticket(step.ticket_id)
        if ticket is None:
            tx.finish_due(step.id, house.owner, "no such ticket", now)
            return
        letters = _act(house, tx, step, ticket, now)
    house.metrics.dues.labels(step.kind, step.step.partition("@")[0]).inc()
    maillog.step_taken(step.kind, step.step, step.ticket_id, letters)


def _act(house: House, tx: Transaction, step: Due, ticket: Ticket, now: datetime) -> int:
    known = house.knowledge
    book = known.rulebook
    if step.kind == PLAN:
        pen = Pen(tx, known.config, book, house.secret, now)
        pen.plan(pen.change(ticket, ticket, ()))
        tx.finish_due(step.id, house.owner, "planned anew", now)
        return 0
    desk = desk_of(known.config.mailbox(ticket.mailbox), known.config)
    acted = due.act(step, ticket, book.promises, book.letters, now, desk)
    if acted.again_at is not None:
        # Not ripe any more: planning anew moves the row (and frees it from our claim).
        Pen(tx, known.config, book, house.secret, now).plan(ticket)
        return 0
    pen = Pen(tx, known.config, book, house.secret, now)
    after = pen.change(ticket, acted.ticket_after, acted.events)
    written = pen.write(after, acted.letters)
    tx.finish_due(step.id, house.owner, acted.withdrawn or "taken", now)
    pen.plan(after)
    return len(written)


def _digest(house: House, step: Due, now: datetime) -> None:
    """The morning digest of a mailbox, unless the morning is long over; and the next one's time."""
    known = house.knowledge
    mailbox = next((m for m in known.config.mailboxes if m.name == step.mailbox), None)
    stale = now - step.due_at > timedelta(hours=12)
    tickets = house.store.tickets(TicketFilter(states=LIVE, mailbox=step.mailbox, limit=5000))
    whole = [house.store.ticket(t.id) or t for t in tickets] if mailbox and not stale else []
    with house.store.transaction() as tx:
        pen = Pen(tx, known.config, known.rulebook, house.secret, now)
        if mailbox is not None:
            desk = desk_of(mailbox, known.config)
            letter = compose.digest(desk, whole, known.rulebook.letters, known.rulebook.promises, now)
            pen.write_from_desk([letter] if letter and not stale else [])
            tx.add_due(due.next_digest(desk, known.rulebook.promises, now))
        tx.finish_due(step.id, house.owner, "stale" if stale else "taken", now)
    maillog.step_taken(step.kind, step.step, None, 1)


def plan_digests(house: House, now: datetime) -> None:
    """Make sure every mailbox has its next digest planned; safe to call at every start."""
    known = house.knowledge
    for mailbox in known.config.mailboxes:
        house.store.plan_due(due.next_digest(desk_of(mailbox, known.config), known.rulebook.promises, now))
