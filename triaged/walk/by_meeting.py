"""What our own people make happen to a screen-sharing session, by command or console: look up -> plan -> write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.meetings import codes
from triaged.meetings.eligibility import Taken
from triaged.meetings.meeting import Access, Meeting, current
from triaged.store.meeting_rows import CodeMade
from triaged.store.store import Store, Transaction
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Ticket
from triaged.walk import meeting_codes, meeting_links
from triaged.walk.by_hand import ByHand
from triaged.walk.knowledge import Knowledge
from triaged.walk.meeting_links import Found
from triaged.walk.plan import Plan
from triaged.walk.plans import meeting_orders
from triaged.walk.plans.meeting_orders import Consent, MeetingOrder

UNKNOWN = Access()
_ABOUT = timedelta(hours=5)  # longer than any session lasts
WRONG = {
    "wrong": "that is not the code",
    "dead": "that is not the code; it was tried too often and is dead: make another",
    "none": "there is no code that is good now: make one",
}


@frozen
class ByMeeting(ByHand):
    """As `ByHand`: every method answers the ticket then, and raises Faulty with the reason where it cannot be.

    `tell` is what the partner reads of it, in the words of staff; `reason` stays with us.
    """

    def offer(
        self, ticket: Ticket, times: Sequence[datetime], host: str, *, access: Access = UNKNOWN, reason: str = "",
        tell: str = "",
    ) -> Ticket:  # fmt: skip
        """Offer a session with times to choose from."""
        order = self._ordered(ticket, reason, tell)
        taken = taken_about(self.store, host, times, ticket)
        return self._do(
            ticket, lambda tx, now: meeting_orders.offer(now, times, host.lower(), access, taken, order)
        )

    def accept(
        self, ticket: Ticket, starts: datetime, person: str, version: str, *, reason: str = ""
    ) -> Ticket:
        """A person of the partner accepts the terms of this version and a time, and staff heard it of him."""
        order = self._ordered(ticket, reason)
        consent = Consent(version, person.lower(), f"told to {self.actor}")
        before = self._now(ticket)
        taken = taken_about(self.store, there(before).host, [starts], ticket)
        found = Found(UNKNOWN)
        if not isinstance(meeting_orders.accept(before, starts, consent, UNKNOWN, taken, order), Refused):
            found = self._access_for(before, starts)
        order = replace(order, reason="; ".join(filter(None, (reason, found.fault))))
        return self._do(
            ticket, lambda tx, now: meeting_orders.accept(now, starts, consent, found.access, taken, order)
        )

    def decline(self, ticket: Ticket, reason: str = "") -> Ticket:
        """The partner does not want it: none is offered again on this ticket."""
        order = self._ordered(ticket, reason)
        return self._do(ticket, lambda tx, now: meeting_orders.decline(now, order))

    def move(
        self, ticket: Ticket, starts: datetime | None, *, host: str = "", reason: str = "", tell: str = ""
    ) -> Ticket:
        """To another time, another host, or both."""
        meeting = there(self._now(ticket))
        at = starts or meeting.starts or self.now
        access = self.store.access_of(ticket.id, meeting.number)
        taken = taken_about(self.store, host or meeting.host, [at], ticket)
        order = self._ordered(ticket, reason, tell)
        return self._do(ticket, lambda tx, now: meeting_orders.move(now, at, access, taken, order, host))

    def give_access(self, ticket: Ticket, access: Access, reason: str = "") -> Ticket:
        """How to get in: kept for the invitation, which leaves again where it has left."""
        meeting = there(self._now(ticket))
        taken = taken_about(self.store, meeting.host, [meeting.starts] if meeting.starts else [], ticket)
        order = self._ordered(ticket, reason)
        return self._do(ticket, lambda tx, now: meeting_orders.give_access(now, access, taken, order))

    def cancel(self, ticket: Ticket, reason: str, tell: str = "") -> Ticket:
        """It does not take place."""
        order = self._ordered(ticket, reason, tell)
        return self._do(ticket, lambda tx, now: meeting_orders.cancel(now, order))

    def begin(self, ticket: Ticket, code: str = "", reason: str = "") -> Ticket:
        """The line stands; by the code that the partner reads out, else by the word of staff."""
        used, order = "", self._ordered(ticket, reason)
        if code:
            meeting = there(self._now(ticket))
            used = meeting_codes.hashed(code, ticket.id, meeting, self.store.secret())
            tried = self.store.try_code(ticket.id, meeting.number, used, self.now)
            if tried != "good":
                raise Faulty(f"{ticket.reference}: {WRONG[tried]}")

        def plan(tx: Transaction, now: Ticket) -> Plan | Refused:
            meeting = there(now)
            if used and not tx.is_live_code(now.id, meeting.number, used, self.now):
                return Refused(WRONG["none"])
            return meeting_orders.begin(now, used, order)

        return self._do(ticket, plan)

    def hold(self, ticket: Ticket, summary: str = "", reason: str = "") -> Ticket:
        """It took place; `summary`: what came of it."""
        order = self._ordered(ticket, reason)
        return self._do(ticket, lambda tx, now: meeting_orders.hold(now, summary, order))

    def sum_up(self, ticket: Ticket, summary: str) -> Ticket:
        """What came of one that was held."""
        order = self._ordered(ticket, "")
        return self._do(ticket, lambda tx, now: meeting_orders.sum_up(now, summary, order))

    def miss(self, ticket: Ticket, missing: str = "", reason: str = "") -> Ticket:
        """Who did not come: partner, staff, or nobody says."""
        order = self._ordered(ticket, reason)
        return self._do(ticket, lambda tx, now: meeting_orders.miss(now, missing, order))

    def new_code(self, ticket: Ticket, person: str = "") -> tuple[Ticket, str]:
        """A connection code, shown once, and for whom; any other of this session is dead with it."""
        code, made = code_for(self.store, self._now(ticket))
        order = self._ordered(ticket, "")
        for_ = person or self.actor
        return self._do(ticket, lambda tx, now: meeting_orders.new_code(now, made, for_, order)), code

    def _access_for(self, ticket: Ticket, starts: datetime) -> Found:
        return access_for(self.store, self.knowledge, ticket, starts)

    def _ordered(self, ticket: Ticket, reason: str, tell: str = "") -> MeetingOrder:
        writer = self.knowledge.writer(ticket.mailbox, self.now)
        return MeetingOrder(self.actor, "staff", reason, writer, tell)

    def _now(self, ticket: Ticket) -> Ticket:
        found = self.store.ticket(ticket.id)
        if found is None:
            raise Faulty(f"{ticket.reference}: no such ticket")
        return found


def there(ticket: Ticket) -> Meeting:
    """The ticket's session. Raises Faulty where it has none."""
    meeting = current(ticket)
    if meeting is None:
        raise Faulty(f"{ticket.reference} has no screen-sharing session")
    return meeting


def taken_about(store: Store, host: str, times: Sequence[datetime], ticket: Ticket) -> list[Taken]:
    """What takes a host's time around these times, this ticket's own session aside."""
    if not times:
        return []
    return store.taken_times(host, min(times) - _ABOUT, max(times) + _ABOUT, but=ticket.id)


def access_for(store: Store, knowledge: Knowledge, ticket: Ticket, starts: datetime) -> Found:
    """How to get into the ticket's session at that time. A program may be run for it (bounded): ask for no time that is refused."""
    meeting = there(ticket)
    known = store.access_of(ticket.id, meeting.number)
    offered, allowed = knowledge.rulebook.promises.screen_sharing, knowledge.config.meeting_programs
    return meeting_links.for_time(ticket, meeting, starts, offered, known, allowed)


def code_for(store: Store, ticket: Ticket) -> tuple[str, CodeMade]:
    """A new code of the ticket's session, as people read it and as it is kept."""
    meeting = there(ticket)
    code = meeting_codes.make()
    hashed = meeting_codes.hashed(code, ticket.id, meeting, store.secret())
    expires = meeting.ends or meeting.since
    return codes.shown(code), CodeMade(codes.next_number(ticket, meeting), hashed, expires)
