"""Due times that passed: claim -> look up -> plan -> write -> tell (promise 4).

A due step is a row, claimed once with a lease; what to do is worked out anew from the ticket as it is
then, so a restart, a clock jump or a second daemon takes no step twice and none too late for its sense.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from triaged import maillog
from triaged.followups import due, steps
from triaged.followups.steps import BURST, MEETING, PLAN
from triaged.meetings.meeting import NO_ACCESS, current
from triaged.store.rows import Fenced, TicketFilter
from triaged.store.store import Transaction
from triaged.tickets.ticket import LIVE, Due, Ticket
from triaged.walk.house import House
from triaged.walk.knowledge import Knowledge
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan
from triaged.walk.plans import bursts, due_steps

BATCH = 50
LEASE = timedelta(minutes=5)
RETRY = timedelta(minutes=1)
DEAF = timedelta(minutes=30)  # a mailbox that fails for longer: nobody can be said to be silent


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
    of_step = steps.of(step)
    if of_step is None or not of_step.counts_silence:
        return True
    if house.store.waiting_mail():
        return False
    state = next((s for s in house.store.mailbox_states() if s.mailbox == step.mailbox), None)
    fails = state is not None and state.failures > 0
    return not (state and fails and now - (state.good_at or state.failed_at or now) > DEAF)


def take_one(house: House, step: Due, now: datetime) -> None:
    """Take one claimed step in one transaction. Raises Fenced if the claim was lost."""
    if not _hears(house, step, now):
        house.store.due_retry(step.id, house.owner, "the answer may be on its way", now + RETRY)
        return
    if step.ticket_id is None:
        (_burst if step.kind == BURST else _digest)(house, step, now)
        return
    knowledge = house.knowledge
    with house.store.transaction() as tx:
        ticket = tx.ticket(step.ticket_id)
        plan = _plan(tx, step, ticket, knowledge, now) if ticket else due_steps.of_no_ticket(step)
        written = Pen(tx, knowledge, house.secret, now, house.owner).write(plan)
    if ticket is None:
        return
    taken = steps.of(step)
    house.metrics.dues.labels(step.kind, taken.label if taken else "unknown").inc()
    maillog.step_taken(step.kind, step.step, step.ticket_id, len(written))


def _plan(tx: Transaction, step: Due, ticket: Ticket, knowledge: Knowledge, now: datetime) -> Plan:
    writer = knowledge.writer(ticket.mailbox, now)
    if step.kind == PLAN:
        return due_steps.planned_anew(step, ticket, writer)
    meeting = current(ticket) if step.kind == MEETING else None
    access = tx.access_of(ticket.id, meeting.number) if meeting else NO_ACCESS
    return due_steps.taken(step, ticket, writer, access)


def _digest(house: House, step: Due, now: datetime) -> None:
    """The morning digest of a mailbox; of one that was taken out none, nor a next one."""
    knowledge = house.knowledge
    box = step.mailbox if step.mailbox in house.mailboxes else None
    late = due_steps.is_stale(step, now)
    open_ones = _open_tickets(house, box) if box and not late else []
    plan = (
        due_steps.digest(step, open_ones, knowledge.writer(box, now))
        if box
        else due_steps.of_no_mailbox(step, now)
    )
    with house.store.transaction() as tx:
        letters = Pen(tx, knowledge, house.secret, now, house.owner).write(plan)
    maillog.step_taken(step.kind, step.step, None, len(letters))


def _burst(house: House, step: Due, now: datetime) -> None:
    """What one address was not told an hour ago."""
    knowledge, address = house.knowledge, bursts.address_of(step)
    since = step.due_at - 2 * bursts.HOUR
    wanted = TicketFilter(person=address, created_since=since, mailbox=step.mailbox, limit=2 * bursts.MOST)
    numbers = sorted(one.id for one in house.store.tickets(wanted))
    found = [ticket for number in numbers if (ticket := house.store.ticket(number)) is not None]
    box = knowledge.config.mailbox(step.mailbox or "").name
    plan = bursts.taken(step, found, knowledge.writer(box, now))
    with house.store.transaction() as tx:
        letters = Pen(tx, knowledge, house.secret, now, house.owner).write(plan)
    maillog.step_taken(step.kind, step.step, None, len(letters))


def _open_tickets(house: House, mailbox: str) -> list[Ticket]:
    tickets = house.store.tickets(TicketFilter(states=LIVE, mailbox=mailbox, limit=5000))
    return [house.store.ticket(one.id) or one for one in tickets]


def plan_digests(house: House, now: datetime) -> None:
    """Make sure every mailbox has its next digest planned; safe to call at every start."""
    knowledge = house.knowledge
    dues = tuple(
        due.next_digest(knowledge.writer(mailbox.name, now)) for mailbox in knowledge.config.mailboxes
    )
    with house.store.transaction() as tx:
        Pen(tx, knowledge, house.secret, now, house.owner).write(Plan(dues=dues))
