"""What people are about to order, planned on the ticket as it is and shown, never written: its letters, its people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import field, replace
from datetime import date, datetime
from itertools import count

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.letters.invitation import Entry, read_back
from triaged.meetings.meeting import NO_ACCESS, Access
from triaged.store.store import Transaction
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Letter, Ticket
from triaged.walk.by_hand import ByHand, there
from triaged.walk.by_meeting import ByMeeting
from triaged.walk.by_meeting import there as meeting_of
from triaged.walk.meeting_links import Found
from triaged.walk.plan import Change, Plan


class _Enough(Exception):
    """It is planned; the transaction is to leave nothing behind."""


@frozen
class Rehearsal(ByHand):
    """The same orders as `ByHand`; what each would write stands in `plans`."""

    plans: list[Plan] = field(default_factory=list)

    @property
    def letters(self) -> tuple[Letter, ...]:
        """Those that would leave, the partner's first."""
        found = [letter for change in self.changes for letter in change.letters]
        return tuple(sorted(found, key=lambda one: one.audience != "partner"))

    @property
    def shown(self) -> list[tuple[Letter, Entry | None]]:
        """The same, each with the calendar entry that it brings. How to get in stays out of it: screens are shared."""
        return [(one, self._entry_of(one)) for one in self.letters]

    @property
    def changes(self) -> tuple[Change, ...]:
        """The tickets before and after."""
        return tuple(change for plan in self.plans for change in plan.changes)

    def raise_case(
        self, ticket: Ticket, reason: str, expected: date | None, report: str
    ) -> tuple[Ticket, str]:
        """No number is taken: it is shown under the first that the ticket does not know."""
        taken = {case.id for case in cases.cases(ticket)}
        case_id = next(one for one in (f"CP-{number}" for number in count()) if one not in taken)
        return self.move_case(ticket, case_id, CaseStep.SUBMITTED, reason, expected, report), case_id

    def _entry_of(self, letter: Letter) -> Entry | None:
        entry = read_back(letter.files)
        if entry is None:
            return None
        kept = next(
            (plan.meeting.access for plan in self.plans if plan.meeting and plan.meeting.access), NO_ACCESS
        )
        text = entry.text
        for secret, told in ((entry.link, "(the link)"), (kept.passcode, "(the passcode)")):
            text = text.replace(secret, told) if secret else text
        return replace(entry, text=text)

    def _do(
        self,
        ticket: Ticket,
        plan: Callable[[Transaction, Ticket], Plan | Refused],
        *,
        of: Ticket | None = None,
    ) -> Ticket:
        with suppress(_Enough), self.store.transaction() as tx:
            planned = plan(tx, there(tx, ticket))
            if isinstance(planned, Refused):
                raise Faulty(planned.reason)
            self.plans.append(planned)
            raise _Enough
        made = self.plans[-1]
        wanted = (of or ticket).id
        return made.opened or next(one.after for one in made.changes if one.after.id == wanted)


@frozen
class MeetingRehearsal(Rehearsal, ByMeeting):
    """The same of orders about a screen-sharing session. No program is run: the link that it will make is one that leads nowhere."""

    def _access_for(self, ticket: Ticket, starts: datetime) -> Found:
        known = self.store.access_of(ticket.id, meeting_of(ticket).number)
        offered = self.knowledge.rulebook.promises.screen_sharing
        if known.link or offered is None or not (offered.command or offered.template):
            return Found(known)
        return Found(Access("https://made-when-it-is-booked.invalid/", known.passcode))
