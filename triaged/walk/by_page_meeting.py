"""What a person of the partner makes happen to a screen-sharing session by a page; answers as by_page.py does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from triaged.frozen import frozen
from triaged.meetings.meeting import Meeting, current
from triaged.store.meeting_rows import HourTaken
from triaged.tickets.ticket import Ticket
from triaged.walk.by_meeting import UNKNOWN, access_for, code_for, taken_about
from triaged.walk.by_page import ByPage, Done, No, Outcome
from triaged.walk.plan import Plan
from triaged.walk.plans import meeting_acts
from triaged.walk.plans.page_acts import Act


@frozen
class MeetingByPage(ByPage):
    """As `ByPage`: `form` is taken once. What he may not see, and a ticket without a session, is No."""

    def accept(
        self, ticket_id: int, starts: datetime, version: str, *, peer: str, form: str, digest: str = ""
    ) -> Outcome:
        """The terms of this version (as they were shown, `digest`) are accepted, from this network address, and a time is chosen."""
        found = self._seen(ticket_id)
        if isinstance(found, No):
            return found
        ticket, meeting = found
        taken = taken_about(self.store, meeting.host, [starts], ticket)
        access = UNKNOWN

        def plan(now: Ticket, act: Act) -> Plan | No:
            return meeting_acts.accept(now, starts, version, peer, access, taken, act, digest)

        # a program is run for who may accept alone
        if not isinstance(plan(ticket, self._act(ticket, form)), No):
            access = access_for(self.store, self.knowledge, ticket, starts).access
        return self._booked(ticket_id, plan, form)

    def decline(self, ticket_id: int, *, form: str) -> Outcome:
        """He does not want it."""
        return self._do(ticket_id, meeting_acts.decline, form)

    def move(self, ticket_id: int, starts: datetime, *, form: str) -> Outcome:
        """To another of the times offered."""
        found = self._seen(ticket_id)
        if isinstance(found, No):
            return found
        ticket, meeting = found
        access = self.store.access_of(ticket.id, meeting.number)
        taken = taken_about(self.store, meeting.host, [starts], ticket)
        return self._booked(
            ticket_id, lambda now, act: meeting_acts.move(now, starts, access, taken, act), form
        )

    def cancel(self, ticket_id: int, reason: str = "", *, form: str) -> Outcome:
        """He cannot come, or needs it no more."""
        return self._do(ticket_id, lambda now, act: meeting_acts.cancel(now, reason, act), form)

    def new_code(self, ticket_id: int, *, form: str) -> tuple[Outcome, str]:
        """A connection code, shown this once; empty where there is none."""
        found = self._seen(ticket_id)
        if isinstance(found, No):
            return found, ""
        code, made = code_for(self.store, found[0])
        outcome = self._do(ticket_id, lambda now, act: meeting_acts.new_code(now, made, act), form)
        good = isinstance(outcome, Done) and not outcome.again
        return outcome, code if good else ""

    def free_times(self, ticket: Ticket) -> tuple[datetime, ...]:
        """Those of the times offered that can still be chosen."""
        meeting = current(ticket)
        if meeting is None:
            return ()
        taken = taken_about(self.store, meeting.host, meeting.times, ticket)
        return meeting_acts.free_times(meeting, taken, self.now)

    def _booked(self, ticket_id: int, plan: Callable[[Ticket, Act], Plan | No], form: str) -> Outcome:
        try:
            return self._do(ticket_id, plan, form)
        except HourTaken as taken:
            return No("meeting_taken", str(taken))

    def _seen(self, ticket_id: int) -> tuple[Ticket, Meeting] | No:
        page = self.store.ticket_page(self.scope, ticket_id)
        if page is None or self.scope.is_staff:
            return No("unseen")
        meeting = current(page.ticket)
        return (page.ticket, meeting) if meeting else No("meeting_state", "there is no session")
