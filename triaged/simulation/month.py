"""The month: a moved clock over the real store, the real walk, the real deadlines and the real outbox.

Time jumps from one happening to the next, by the minute: mail arrives, a step is due, a letter may leave,
somebody acts. While the daemon is out, mail waits on its server and people go on; then a daemon with
another name takes over whatever the dead one had claimed.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

from triaged.config.config import Config
from triaged.errors import Faulty
from triaged.followups.still_wanted import Leave
from triaged.frozen import frozen
from triaged.letters import kinds
from triaged.outbox import may_leave
from triaged.outbox.sending import MailboxSender, Means
from triaged.outbox.smtp import Outage as ServerAway
from triaged.readers.pool import InlineReaders
from triaged.simulation import town as towns
from triaged.simulation.life import Life, Story, Truth
from triaged.simulation.postman import Postman
from triaged.simulation.sessions import Sessions
from triaged.store import schema
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival, OutboxLetter
from triaged.store.store import Store
from triaged.walk import deadlines, triage
from triaged.walk.by_hand import ByHand
from triaged.walk.house import House
from triaged.walk.knowledge import Knowledge, gather

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@frozen
class Outage:
    """The daemon, or the SMTP server, is away for a while."""

    what: Literal["daemon", "smtp"]
    begin: datetime
    end: datetime


@frozen(kw_only=True)
class Course:
    """What a month is to be like. `step`: how often the daemon looks; longer is quicker, and all happens up to that late."""

    begin: datetime
    days: int
    mail_per_day: float
    seed: int = 0
    outages: Sequence[Outage] = ()
    step: timedelta = MINUTE


def _with_sessions_for_all(knowledge: Knowledge) -> Knowledge:
    """What ships offers screen sharing to some support plans, and the town's customers have none of those."""
    rulebook = knowledge.rulebook
    offered = rulebook.promises.screen_sharing
    if offered is None:
        return knowledge
    promises = replace(rulebook.promises, screen_sharing=replace(offered, plans=frozenset()))
    return replace(knowledge, rulebook=replace(rulebook, promises=promises))


class Month:
    """One simulated stretch of time; `run` lives through it."""

    def __init__(
        self,
        folder: Path,
        course: Course,
        *,
        model: Path | None = None,
        database: str | None = None,
    ) -> None:
        self.now = self.begin = course.begin
        self.end = course.begin + course.days * DAY
        self.outages, self.step = course.outages, course.step
        self.random = random = Random(course.seed)
        self.town = towns.build(random)
        self.config: Config = towns.settle(self.town, folder, database)
        schema.upgrade(self.config.database)
        self.knowledge = _with_sessions_for_all(gather(self.config))
        store = open_store(self.config)
        self.house = House(
            store, InlineReaders(self.knowledge.surroundings, model), self.knowledge, store.secret()
        )
        self.postman = Postman(self.clock, lambda: self._dice() < 0.01)
        self.life = Life(self, self.town, random, course.mail_per_day)
        self.sessions = Sessions(self, Random(f"sessions of {course.seed}"))
        self.truths: dict[int, Truth] = {}  # by number in the ledger
        self.opened_by: dict[Story, int] = {}  # the number of a story's first mail
        self._server: list[tuple[Arrival, Truth]] = []
        self._plan: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._read = 0
        self._sending = ""  # the kind of the letter in hand

    @property
    def store(self) -> Store:
        """What is kept."""
        return self.house.store

    def clock(self) -> datetime:
        """The moved clock."""
        return self.now

    # -- the stage of its people ---------------------------------------------------------------------

    def plan(self, at: datetime, happening: Callable[[], None]) -> None:
        """Let it happen then, or at once if that is past."""
        heapq.heappush(self._plan, (max(at.astimezone(UTC), self.now), next(self._order), happening))

    def arrive(self, arrival: Arrival, truth: Truth) -> None:
        """A mail waits on its server until it is polled."""
        self._server.append((arrival, truth))

    def at_desk(self, story: Story, work: Callable[[Any, Any], object]) -> bool:
        """What `triaged tickets …` does; people are refused what cannot be, as on the command line."""
        number = self.opened_by.get(story)
        row = self.house.store.mail(number) if number else None
        ticket = self.house.store.ticket(row.ticket_id) if row and row.ticket_id else None
        if ticket is None:
            return False
        try:
            work(ByHand(self.house.store, self.knowledge, "cli:cy", self.now), ticket)
        except Faulty:
            return True
        return True

    # -- the days ------------------------------------------------------------------------------------

    def run(self, tell: Callable[[datetime], None] = lambda _: None) -> None:
        """Live until the end; `tell` hears of every new day."""
        for number in range((self.end - self.begin).days):
            self.plan(self.begin + number * DAY, self._new_day(self.begin + number * DAY, tell))
        for outage in self.outages:
            self.plan(outage.begin, self._claim_and_die if outage.what == "daemon" else lambda: None)
            self.plan(outage.end, lambda: None)
        deadlines.plan_digests(self.house, self.now)
        self.until(self.end)

    def until(self, end: datetime) -> None:
        """Let time pass up to `end`, doing whatever is due."""
        while (moment := self._next(end)) < end:
            self.now = moment
            self.turn()
        self.now = end

    def close(self) -> None:
        """Give the store back."""
        self.house.store.close()

    def _new_day(self, day: datetime, tell: Callable[[datetime], None]) -> Callable[[], None]:
        def begin() -> None:
            tell(day)
            self.life.day(day.date())

        return begin

    def _next(self, end: datetime) -> datetime:
        """The next moment at which something is to be done, on the full minute."""
        moments = [self._plan[0][0]] if self._plan else []
        store = self.house.store
        if not self._out("daemon"):
            moments += filter(
                None, [store.next_due_at(), None if self._out("smtp") else store.next_letter_at()]
            )
        since = max(min(moments, default=end), self.now + self.step) - self.begin
        return self.begin + -(-since // self.step) * self.step

    def turn(self) -> None:
        """Everything that is to be done now, once."""
        while self._plan and self._plan[0][0] <= self.now:
            heapq.heappop(self._plan)[2]()
        if self._out("daemon"):
            return
        self._poll()
        store = self.house.store
        while store.waiting_mail() and triage.triage_batch(self.house, self.now):
            pass
        while (at := store.next_due_at()) and at <= self.now and deadlines.take_due(self.house, self.now):
            pass
        self._send()

    def _out(self, what: str) -> bool:
        return any(o.what == what and o.begin <= self.now < o.end for o in self.outages)

    def _poll(self) -> None:
        waiting, self._server = self._server, []
        if not waiting:
            return
        kept = self.house.store.keep([arrival for arrival, _ in waiting], now=self.now)
        for row, (_, truth) in zip(kept, waiting, strict=True):
            self.truths[row.id] = truth
            if truth.what == "request" and truth.story:
                self.opened_by[truth.story] = row.id

    def _send(self) -> None:
        self.postman.away = self._out("smtp")
        means = Means(
            store=self.house.store,
            owner=self.house.owner,
            clock=self.clock,
            metrics=self.house.metrics,
            leaving=self._leaving,
            lines=lambda _: self.postman,
            chance=self._dice,
        )
        for mailbox in self.config.mailboxes:
            try:
                MailboxSender(mailbox, means).send_once()
            except ServerAway:
                continue
        while self._read < len(self.postman.delivered):
            self._read += 1
            letter = self.postman.delivered[self._read - 1]
            if not kinds.of(letter.kind).meeting:
                self.life.read(letter)
            self.sessions.read(letter)

    def _leaving(self, letter: OutboxLetter, now: datetime) -> Leave:
        self._sending = letter.kind
        asked = may_leave.by_ticket(self.house.store, lambda: self.knowledge.rulebook.promises)
        return asked(letter, now)

    def _dice(self) -> float:
        """Letters of screen-sharing sessions have their own, so that the rest of the month is the same without them."""
        dice = self.sessions.random if kinds.of(self._sending).meeting else self.random
        return dice.random()

    def _claim_and_die(self) -> None:
        """The daemon dies in the midst of work: what it had claimed stays claimed by a dead name."""
        store, owner, lease = self.house.store, self.house.owner, timedelta(minutes=10)
        self._poll()
        store.claim_mail(20, self.now, owner, lease)
        store.claim_dues(20, self.now, owner, lease)
        store.claim_letters(20, self.now, owner, lease)
        self.house.owner = f"{owner}+"
