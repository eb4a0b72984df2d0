"""Screen-sharing sessions of the simulated month: staff offer, partners accept, decline, come, or do not.

They have dice of their own, so that the rest of a month is the same with and without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from triaged.errors import Faulty
from triaged.meetings import eligibility
from triaged.meetings.meeting import BOOKED, Access, MeetingState, current
from triaged.promises.screen_sharing import ScreenSharing
from triaged.simulation.postman import Delivered
from triaged.store.scope import of_person
from triaged.store.store import Store
from triaged.tickets.ticket import Ticket
from triaged.walk.by_meeting import ByMeeting
from triaged.walk.by_page import ByPage, No
from triaged.walk.knowledge import Knowledge
from triaged.walk.plans import page_acts

HOSTS = ("ben.carter@zohocorp.com", "mina.patel@zohocorp.com")
HOUR, MINUTE, QUARTER = timedelta(hours=1), timedelta(minutes=1), timedelta(minutes=15)
GUEST = "guest"  # of a partner, who joins once a time is agreed upon
SHARE = 0.35  # of the tickets that are acknowledged
_REFERENCE = re.compile(r"\[(PS-\d+)\]")


class Stage(Protocol):
    """What the month gives."""

    @property
    def now(self) -> datetime:
        """The moved clock."""

    @property
    def store(self) -> Store:
        """What is kept."""

    @property
    def knowledge(self) -> Knowledge:
        """What the house goes by."""

    def plan(self, at: datetime, happening: Callable[[], None]) -> None:
        """Let it happen then."""


class Sessions:
    """All that people do about them; what they are refused is counted, as a command line refuses it."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self.stage, self.random = stage, random
        self.refused: list[str] = []
        self._forms = 0

    def read(self, letter: Delivered) -> None:
        """A letter has come: an acknowledgment may bring an offer, an offer an answer."""
        named = _REFERENCE.search(letter.subject)
        if named is None:
            return
        reference = named[1]
        if letter.kind == "acknowledgment" and self.random.random() < SHARE:
            self._later(self.random.uniform(0.5, 20) * HOUR, lambda: self._offer(reference))
        elif letter.kind == "meeting_offer":
            self._answer_offer(reference)

    # -- what they do

    def _offer(self, reference: str) -> None:
        ticket, host = self._ticket(reference), self.random.choice(HOSTS)
        times = self._times(ticket, host)
        access = self._access()
        self._do(lambda by: by.offer(ticket, times, host, access=access))

    def _access(self) -> Access:
        number = self.random.randrange(10**9)
        return Access(f"https://meet.desk.example/{number:09d}") if number % 5 else Access()

    def _answer_offer(self, reference: str) -> None:
        chance, wait = self.random.random(), self.random.uniform(0.2, 18) * HOUR
        if chance < 0.65:
            self._later(wait, lambda: self._accept(reference))
        elif chance < 0.8:
            self._later(wait, lambda: self._decline(reference))

    def _accept(self, reference: str) -> None:
        ticket = self._ticket(reference)
        meeting = current(ticket)
        if meeting is None or meeting.state is not MeetingState.OFFERED:
            return
        starts, person = self.random.choice(meeting.times), ticket.people[0].address
        version = self._offered.version
        self._do(lambda by: by.accept(ticket, starts, person, version))
        self._come_and_go(reference, starts)
        self._and_then(reference)

    def _come_and_go(self, reference: str, starts: datetime) -> None:
        """A colleague joins the ticket before it begins; some leave again, and of those some come back."""
        until, chance = starts - self.stage.now, self.random.random()
        if chance < 0.5:
            joins = self.stage.now + self.random.random() * 0.5 * until
            self._plan(joins, lambda: self._guest(reference, joins=True))
            if chance < 0.35:
                leaves = joins + self.random.random() * 0.5 * (starts - joins)
                self._plan(leaves, lambda: self._guest(reference, joins=False))
                if chance < 0.15:
                    again = leaves + self.random.random() * (starts - leaves)
                    self._plan(again, lambda: self._guest(reference, joins=True))

    def _guest(self, reference: str, *, joins: bool) -> None:
        """By the page of who opened it."""
        ticket = self._ticket(reference)
        opener, domain = page_acts.opener(ticket), ticket.partner_domain
        scope = of_person(opener, self.stage.knowledge.directory.partner_of(opener))
        page = ByPage(self.stage.store, self.stage.knowledge, scope, self.stage.now)
        self._forms += 1
        order = page.add_person if joins else page.remove_person
        outcome = order(ticket.id, f"{GUEST}@{domain}", form=f"guest {self._forms}")
        if isinstance(outcome, No):
            self.refused.append(outcome.words)

    def _decline(self, reference: str) -> None:
        self._do(lambda by: by.decline(self._ticket(reference), "no need"))
        self._later(HOUR, lambda: self._offer(reference))  # somebody tries it all the same

    def _and_then(self, reference: str) -> None:
        """Before it begins some are moved or cancelled; of the others most take place."""
        meeting = current(self._ticket(reference))
        if meeting is None or meeting.starts is None or meeting.state not in BOOKED:
            return
        until, chance = meeting.starts - self.stage.now, self.random.random()
        somewhen = self.stage.now + self.random.random() * until
        if chance < 0.15:
            self._plan(somewhen, lambda: self._cancel(reference))
        elif chance < 0.4:
            self._plan(somewhen, lambda: self._move(reference))
        elif chance < 0.85:
            begins = meeting.starts + timedelta(minutes=self.random.uniform(-14, 10))
            self._plan(begins, lambda: self._begin(reference))

    def _cancel(self, reference: str) -> None:
        self._do(lambda by: by.cancel(self._ticket(reference), "cannot come", "We are sorry."))

    def _move(self, reference: str) -> None:
        ticket = self._ticket(reference)
        meeting = current(ticket)
        if meeting is None:
            return
        times = self._times(ticket, meeting.host)
        if times:
            self._do(lambda by: by.move(ticket, times[0], reason="asked for"))
        self._and_then(reference)

    def _begin(self, reference: str) -> None:
        """By a code; a line in ten is cut and made anew."""

        def begin(by: ByMeeting) -> None:
            ticket, code = by.new_code(self._ticket(reference))
            by.begin(ticket, code)

        self._do(begin)
        if self.random.random() < 0.1:
            self._later(5 * MINUTE, lambda: self._begin(reference))
        if self.random.random() < 0.5:
            summary = "The key was wrong."
            self._later(HOUR, lambda: self._do(lambda by: by.sum_up(self._ticket(reference), summary)))
        elif self.random.random() < 0.3:
            self._later(25 * MINUTE, lambda: self._do(lambda by: by.hold(self._ticket(reference))))

    # -- how they do it

    def _times(self, ticket: Ticket, host: str) -> Sequence[datetime]:
        """Up to three quarters of an hour within the hours, in which the host is free."""
        promises, found = self.stage.knowledge.rulebook.promises, set[datetime]()
        calendar = promises.calendar(self._offered.hours, ticket.region)
        for _ in range(12):
            at = calendar.next_open(self.stage.now + self.random.uniform(2, 100) * HOUR)
            at += (at.min.replace(tzinfo=at.tzinfo) - at) % QUARTER
            taken = self.stage.store.taken_times(host, at - 5 * HOUR, at + 5 * HOUR, but=ticket.id)
            if not eligibility.why_no_time(
                at, self._offered.minutes, ticket, promises, self.stage.now, taken
            ):
                found.add(at)
        return sorted(found)[:3]

    @property
    def _offered(self) -> ScreenSharing:
        offered: ScreenSharing = self.stage.knowledge.rulebook.promises.sharing
        return offered

    def _ticket(self, reference: str) -> Ticket:
        found = self.stage.store.ticket_by_reference(reference)
        assert found is not None, f"{reference} is written in a letter of ours"
        return found

    def _do(self, order: Callable[[ByMeeting], object]) -> None:
        try:
            order(ByMeeting(self.stage.store, self.stage.knowledge, "cli:ben", self.stage.now))
        except Faulty as fault:
            self.refused.append(str(fault))

    def _later(self, wait: timedelta, happening: Callable[[], None]) -> None:
        self._plan(self.stage.now + wait, happening)

    def _plan(self, at: datetime, happening: Callable[[], None]) -> None:
        self.stage.plan(at, happening)
