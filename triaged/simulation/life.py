"""How the simulation's people behave: partners ask, answer, thank, are away or gone; staff answer, or forget.

Everything is a happening at a time. What was meant by each mail is kept as `Truth`, so that the month's
end can be checked against it (invariants.py) and not against what the house believes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.letters import kinds
from triaged.simulation import mails, texts
from triaged.simulation.postman import Delivered
from triaged.simulation.town import SERVICES, STAFF, Correspondent, Customer, Town
from triaged.store.rows import Arrival

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SHARE_OF_REQUESTS = 0.24  # of all mail, as measured; the rest answers, thanks, bounces, …
AUTOMATIC = frozenset({"absence", "bounce", "own letter"})
MOST_ROUNDS = 3


@frozen
class Truth:
    """What a mail is, whatever the house makes of it."""

    what: str
    sender: str
    story: Story | None = None


@dataclass(slots=True, eq=False)
class Story:
    """One request and what comes of it."""

    person: Correspondent
    customer: Customer
    service: str
    subject: str
    thread: list[str] = field(default_factory=list)
    rounds: int = 0
    case: str = ""


class Stage(Protocol):
    """What the month gives to its people."""

    @property
    def now(self) -> datetime:
        """The moved clock."""

    def plan(self, at: datetime, happening: Callable[[], None]) -> None:
        """Let it happen then."""

    def arrive(self, arrival: Arrival, truth: Truth) -> None:
        """A mail reaches the server."""

    def at_desk(self, story: Story, work: Callable[[Any, Any], object]) -> bool:
        """A command on the story's ticket; False while there is none or the command is refused."""


class Life:
    """All their doings. `random` decides; the same seed, the same month."""

    def __init__(self, stage: Stage, town: Town, random: Random, mail_per_day: float) -> None:
        self.stage, self.town, self.random = stage, town, random
        self.requests_per_day = mail_per_day * SHARE_OF_REQUESTS
        self.people = {p.address: p for p in town.people}
        self.writers = [p for p in town.people if not p.away and not p.gone]
        self.stories: dict[str, Story] = {}
        self.latest: dict[str, Story] = {}
        self.number = 0

    # -- partners ------------------------------------------------------------------------------------

    def day(self, day: date) -> None:
        """Plan a day's requests, most of them in the partners' own working hours."""
        expected = self.requests_per_day * (0.3 if day.weekday() >= 5 else 1.28)
        for _ in range(_poisson(self.random, expected)):
            person = self.random.choice(self.writers)
            if self.random.random() < 0.02:
                person = self.random.choice([p for p in self.town.people if p.gone])
            hour = self.random.gauss(13, 3) if self.random.random() < 0.9 else self.random.uniform(0, 24)
            at = datetime.combine(day, time(), ZoneInfo(person.zone)) + min(max(hour, 0), 23.9) * HOUR
            self.stage.plan(at, lambda person=person: self._request(person))  # type: ignore[misc]

    def _request(self, person: Correspondent) -> None:
        customer = self.random.choice(self.town.of(person))
        service = customer.subscriptions.partition("=")[0]
        if self.random.random() < 0.15:
            service = self.random.choice(SERVICES)
        subject, body = self.random.choice(texts.REQUESTS[person.language])
        subject = f"{subject.format(service=service)} ({customer.key})"
        story = Story(person, customer, service, subject)
        said = f"{body.format(service=service)}\n\n{self._identifiers(story)}\n\n{person.name}"
        cc = [p.address for p in self.random.sample(self.town.people, 3) if self._colleague(p, person)][:1]
        both = self.random.random() < 0.03
        self._write(story, "request", subject, said, cc=cc, both=both)
        self._staff_takes_it(story)
        self.latest[person.address] = story

    def _identifiers(self, story: Story) -> str:
        chance = self.random.random()
        labels = texts.LABELS[story.person.language]
        given = labels if chance < 0.55 else labels[1:3] if chance < 0.78 else labels[1:2]
        return "\n".join(given).format(service=story.service, **_ids(story.customer))

    def _colleague(self, one: Correspondent, person: Correspondent) -> bool:
        same = one.address.rpartition("@")[2] == person.address.rpartition("@")[2]
        return same and one is not person and self.random.random() < 0.6

    def read(self, letter: Delivered) -> None:
        """A letter has come: who is away or gone answers by machine, others as they are."""
        story = next((self.stories[i] for i in reversed(letter.answers) if i in self.stories), None)
        for address in letter.to:
            person = self.people.get(address)
            if person is None:
                continue
            if person.gone:
                self._later(MINUTE, lambda p=person: self._bounce(p, letter, story))  # type: ignore[misc]
            elif person.away and self.random.random() < 0.7:
                self._later(MINUTE, lambda p=person: self._absence(p, letter, story))  # type: ignore[misc]
            elif story and person is story.person:
                self._react(story, letter.kind)
        if self.random.random() < 0.03:
            self._later(MINUTE, lambda: self._own_copy(letter))

    def _react(self, story: Story, kind: str) -> None:
        chance = self.random.random()
        if kinds.of(kind).asks == "identifiers" and chance < 0.5:
            self._in_daytime(story, 12 * HOUR, lambda: self._identify(story))
        elif kind == "waiting_reminder" and chance < 0.4:
            self._in_daytime(story, 5 * HOUR, lambda: self._details(story))
        elif kind in ("resolved", "resolved_for_silence"):
            self._react_to_solution(story, chance)
        elif kind == "case_update" and story.case == "confirming_fix" and chance < 0.7:
            text = texts.FIX_HOLDS if chance < 0.5 else texts.FIX_FAILS
            what = "thanks" if chance < 0.5 else "answer"
            self._in_daytime(story, 8 * HOUR, lambda: self._reply(story, what, text))

    def _react_to_solution(self, story: Story, chance: float) -> None:
        kinds = (
            ("rating", 0.3, texts.RATINGS),
            ("thanks", 0.5, texts.THANKS),
            ("answer", 0.58, (texts.STILL_BROKEN,)),
        )
        for what, below, words in kinds:
            if chance < below:
                text = self.random.choice(words)
                self._in_daytime(story, 9 * HOUR, lambda w=what, t=text: self._reply(story, w, t))  # type: ignore[misc]
                return

    def _identify(self, story: Story) -> None:
        self._reply(story, "answer", texts.IDENTIFIERS.format(**_ids(story.customer)))

    def _details(self, story: Story) -> None:
        self._reply(story, "answer", self.random.choice(texts.DETAILS))

    def _reply(self, story: Story, what: str, text: str) -> None:
        self._write(story, what, f"Re: {story.subject}", text)
        if what == "answer":
            self._staff_goes_on(story)

    # -- machines ------------------------------------------------------------------------------------

    def _bounce(self, person: Correspondent, letter: Delivered, story: Story | None) -> None:
        raw = mails.bounce(
            person.address,
            letter.sender,
            self.stage.now,
            self._id("mx.example"),
            letter.message_id,
            letter.raw,
        )
        self._arrive(raw, person.mailbox, Truth("bounce", "mailer-daemon", story), envelope_from="")

    def _absence(self, person: Correspondent, letter: Delivered, story: Story | None) -> None:
        who, message_id = (person.name, person.address), self._id(person.address)
        raw = mails.absence(letter, who, texts.ABSENCE, self.stage.now, message_id)
        if self.random.random() < 0.8:
            raw = mails.marked(raw)
        self._arrive(raw, person.mailbox, Truth("absence", person.address, story))

    def _own_copy(self, letter: Delivered) -> None:
        """Providers keep what we send over SMTP in the Sent folder."""
        mailbox = "europe" if "@eu." in letter.sender else "global"
        self._arrive(letter.raw, mailbox, Truth("own letter", letter.sender), sent_folder=True)

    # -- staff ---------------------------------------------------------------------------------------

    def _staff_takes_it(self, story: Story) -> None:
        chance = self.random.random()
        if chance < 0.07:
            return  # forgotten: what must not happen silently
        typical = 35 * MINUTE if chance < 0.75 else 8 * HOUR
        self._later(self._about(typical), lambda: self._staff_answers(story))
        for share, typical, work in (
            (0.4, 2 * HOUR, lambda desk, ticket: desk.happen(ticket, "identified", "found in the logs")),
            (0.05, HOUR, lambda desk, ticket: desk.happen(ticket, "assigned", "given to Cy", to=STAFF[0])),
            (
                0.04,
                3 * HOUR,
                lambda desk, ticket: desk.correct(
                    ticket, self.random.choice(("S1", "S2", "S3", "S4")), "as we see it"
                ),
            ),
            (0.05, 4 * HOUR, lambda desk, ticket: desk.progress(ticket, self.random.choice(texts.REPORTS))),
            (0.06, 3 * HOUR, lambda desk, ticket: desk.snooze(ticket, self.stage.now + 50 * HOUR, "we wait")),
            (0.06, 6 * HOUR, lambda desk, ticket: desk.split(ticket, texts.OTHER_MATTER, "another matter")),
            (0.1, 2 * HOUR, self._answer_by_page),
        ):
            if self.random.random() < share:
                self._later(self._about(typical), lambda work=work: self._at_desk(story, work))  # type: ignore[misc]
        if self.random.random() < 0.03:
            self._engineering(story)
        if self.random.random() < 0.08:
            self._merge(story)

    def _staff_answers(self, story: Story) -> None:
        if self.random.random() < 0.08:  # first some talk inside the team, which is no answer
            self._staff_writes(story, "staff talk", [STAFF[1]], texts.INSIDE, by_sent=False)
        text = self.random.choice(texts.STAFF_ANSWERS)
        self._staff_writes(
            story, "staff answer", [story.person.address], text, by_sent=self.random.random() < 0.6
        )
        chance = self.random.random()
        if chance < 0.6:
            self._in_daytime(story, 7 * HOUR, lambda: self._details(story))
        elif chance < 0.8:
            self._later(self._about(5 * HOUR), lambda: self._resolve(story))

    def _staff_goes_on(self, story: Story) -> None:
        story.rounds += 1
        again = story.rounds < MOST_ROUNDS and self.random.random() < 0.4
        self._later(
            self._about(3 * HOUR), lambda: self._staff_answers(story) if again else self._resolve(story)
        )

    def _resolve(self, story: Story) -> None:
        self._at_desk(
            story, lambda desk, ticket: desk.happen(ticket, "resolved", "The setting is right now.")
        )

    def _engineering(self, story: Story) -> None:
        case, wait = f"CP-{1000 + self.number}", timedelta()
        for step in ("submitted", "in_progress", "confirming_fix"):
            wait += self._about(20 * HOUR)

            def work(desk: Any, ticket: Any, step: str = step) -> None:
                story.case = step
                desk.move_case(ticket, case, step, f"now {step}", None, "")

            self._later(wait, lambda work=work: self._at_desk(story, work))  # type: ignore[misc]

    def _merge(self, story: Story) -> None:
        """Two requests of one person turn out to be the same; later answers to either reach the survivor."""
        other = self.latest.get(story.person.address)
        if other is None:
            return

        def work(desk: Any, ticket: Any) -> None:
            self.stage.at_desk(other, lambda _, into: desk.merge(ticket, into, "the same case"))

        self._later(self._about(3 * HOUR), lambda: self._at_desk(story, work))
        if self.random.random() < 0.5:
            self._later(self._about(30 * HOUR), lambda: self._at_desk(story, _unmerge))

    def _answer_by_page(self, desk: Any, ticket: Any) -> None:
        """Every second one is taken back while it may be."""
        desk.answer(ticket, self.random.choice(texts.STAFF_ANSWERS), undo=10 * MINUTE)
        if self.random.random() < 0.5:
            desk.take_back(ticket)

    def _at_desk(self, story: Story, work: Callable[[Any, Any], object], tries: int = 3) -> None:
        if not self.stage.at_desk(story, work) and tries:
            self._later(2 * HOUR, lambda: self._at_desk(story, work, tries - 1))

    def _staff_writes(self, story: Story, what: str, to: list[str], text: str, *, by_sent: bool) -> None:
        support, mailbox = story.person.support, story.person.mailbox
        sender = support if by_sent else STAFF[0]
        message_id = self._id(sender)
        raw = mails.write(
            ("Cy Moor", sender),
            to,
            f"Re: {story.subject}",
            text,
            self.stage.now,
            message_id,
            cc=[] if by_sent else [support],
            answers=story.thread[-10:],
        )
        self._know(story, message_id)
        self._arrive(raw, mailbox, Truth(what, sender, story), sent_folder=by_sent)

    # -- what they share -----------------------------------------------------------------------------

    def _write(
        self,
        story: Story,
        what: str,
        subject: str,
        text: str,
        *,
        cc: list[str] | None = None,
        both: bool = False,
    ) -> None:
        person, message_id = story.person, self._id(story.person.address)
        raw = mails.write(
            (person.name, person.address),
            [person.support],
            subject,
            text,
            self.stage.now,
            message_id,
            cc=cc or [],
            answers=story.thread[-10:],
        )
        self._know(story, message_id)
        truth = Truth(what, person.address, story)
        self._arrive(raw, person.mailbox, truth)
        if both:
            self._arrive(
                raw,
                "europe" if person.mailbox == "global" else "global",
                Truth("same again", person.address, story),
            )

    def _arrive(
        self,
        raw: bytes,
        mailbox: str,
        truth: Truth,
        *,
        sent_folder: bool = False,
        envelope_from: str | None = None,
    ) -> None:
        self.number += 1
        folder = "Sent" if sent_folder else "INBOX"
        arrival = Arrival(
            raw,
            mailbox,
            "imap",
            folder,
            1,
            self.number,
            self.stage.now,
            envelope_from,
            sent_folder=sent_folder,
            moved=True,
        )
        self.stage.arrive(arrival, truth)

    def _know(self, story: Story, message_id: str) -> None:
        story.thread.append(message_id)
        self.stories[message_id] = story

    def _id(self, address: str) -> str:
        self.number += 1
        return f"<m{self.number}@{address.rpartition('@')[2]}>"

    def _later(self, wait: timedelta, happening: Callable[[], None]) -> None:
        self.stage.plan(self.stage.now + wait, happening)

    def _about(self, typical: timedelta) -> timedelta:
        """Most waits are near the typical one, a few much longer."""
        return typical * min(self.random.lognormvariate(0, 0.9), 20)

    def _in_daytime(self, story: Story, typical: timedelta, happening: Callable[[], None]) -> None:
        at = (self.stage.now + self._about(typical)).astimezone(ZoneInfo(story.person.zone))
        while not (8 <= at.hour < 18 and at.weekday() < 5):
            at += HOUR
        self.stage.plan(at, happening)


def _unmerge(desk: Any, ticket: Any) -> None:
    desk.unmerge(ticket, "two matters after all")


def _ids(customer: Customer) -> dict[str, str]:
    return {"superadmin": customer.superadmin, "zoid": customer.zoid, "zuid": customer.zuid}


def _poisson(random: Random, mean: float) -> int:
    """Knuth's for small means, the normal curve for large ones."""
    if mean > 50:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    count, product, floor = 0, random.random(), math.exp(-mean)
    while product > floor:
        count, product = count + 1, product * random.random()
    return count
