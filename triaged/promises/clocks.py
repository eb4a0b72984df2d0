"""The clocks of a ticket, worked out purely from its events: what is promised, used, paused, due. PURE.

`commitments` replays the ticket's story through one `Clock` a promise (promises/clock.py):

- waiting for the partner pauses, his answer resumes; what mail robots send touches nothing (F14, F19);
- a change of severity or policy keeps what was used: as time where that is kinder (a milder severity),
  as share where that is kinder (a more severe one), so that nothing is breached at once by arithmetic (F18);
- the acknowledgment never stops "first response" unless the policy says it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from triaged.promises.clock import Clock, Commitment, Count
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.service_levels import Countdown, Policy, Promises
from triaged.tickets.event_data import ByStaff, OfLetter, OfMail, TakenBack, Terms
from triaged.tickets.ticket import LIVE, Event, Happening, Ticket

# Events of letters tell what they count as (letters/kinds.py); the oldest ones only the letter's kind.
OF_OLD = {
    **dict.fromkeys(("acknowledgment", "acknowledgment_unverified", "missing_information"), "acknowledgment"),
    **dict.fromkeys(("progress_update", "case_update"), "update"),
}
# A ticket's letter and its due steps ask the same in turn: the last answer is kept.
_asked: list[tuple[Ticket, Promises, datetime, tuple[Commitment, ...]] | None] = [None]
_ENDS = frozenset({Happening.CLOSED, Happening.MERGED})
# What of a story is looked into here; of the rest only when it happened.
READ = _ENDS | {
    *(
        Happening.RECEIVED,
        Happening.JUDGED,
        Happening.SEVERITY_CORRECTED,
        Happening.WAITING,
        Happening.RESUMED,
    ),
    *(Happening.PARTNER_ANSWERED, Happening.STAFF_ANSWERED, Happening.LETTER_SENT, Happening.IDENTIFIED),
    *(Happening.RESOLVED, Happening.REOPENED, Happening.TAKEN_BACK),
}


def commitments(ticket: Ticket, promises: Promises, now: datetime) -> tuple[Commitment, ...]:
    """What is promised on a ticket as of `now`; empty where its service level promises nothing."""
    last = _asked[0]  # one look: threads may ask for different tickets
    if last is None or last[0] is not ticket or last[1] is not promises or last[2] != now:
        last = _asked[0] = (ticket, promises, now, _commitments(ticket, promises, now))
    return last[3]


def with_next_promise(ticket: Ticket, promises: Promises, now: datetime) -> Ticket:
    """The ticket with what is promised next on it: the earliest commitment that is neither kept nor paused."""
    open_ = commitments(ticket, promises, now)
    due = [c for c in open_ if c.met_at is None and c.state in ("running", "missed") and ticket.state in LIVE]
    first = min(due, key=lambda c: c.due, default=None)
    promise, promised_at = (str(first.kind), first.due) if first else (None, None)
    if (promise, promised_at) == (ticket.promise, ticket.promised_at):
        return ticket
    promised = replace(ticket, promise=promise, promised_at=promised_at)
    # Clocks do not look at what is promised next: the answer is the same
    _asked[0] = (promised, promises, now, open_)
    return promised


def _commitments(ticket: Ticket, promises: Promises, now: datetime) -> tuple[Commitment, ...]:
    replay = _Replay(ticket, promises)
    if replay.started is None:
        return ()
    for event in sorted(_standing(ticket.events), key=lambda e: e.at):
        replay.take(event)
    replay.change_terms(Terms.of_ticket(ticket), max(replay.at, ticket.updated_at), "as the ticket stands")
    now = max(now.astimezone(UTC), replay.at)
    return tuple(clock.tell(now, replay.zone) for clock in replay.clocks.values() if clock.counts)


def _standing(events: Sequence[Event]) -> Sequence[Event]:
    """The story without answers that were taken back before they left, and what came with them."""
    gone = {TakenBack.of(event).letter for event in events if event.kind is Happening.TAKEN_BACK}
    return [event for event in events if ByStaff.of(event).letter not in gone] if gone else events


def terms_over_time(ticket: Ticket) -> Terms:
    """The terms a ticket began with: its first judgment's, for what that does not say the ticket's own."""
    first = next((e for e in ticket.events if e.kind is Happening.JUDGED), None)
    own = Terms.of_ticket(ticket)
    return own.after(first) if first else own


class _Replay:
    """A ticket's story, event by event, on all its clocks."""

    def __init__(self, ticket: Ticket, promises: Promises) -> None:
        self.promises = promises
        self.terms = terms_over_time(ticket)
        self.clocks: dict[str, Clock] = {}
        self.waiting = False
        self.resolved = False
        self.closed = False
        self.acknowledged_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.started = began(ticket)
        self.at = self.started or ticket.created_at
        region = promises.regions.get(ticket.region)
        self.zone = ZoneInfo(region.time_zone if region else "UTC")
        if self.started is not None:
            self._open_missing_clocks(self.started)

    def take(self, event: Event) -> None:
        """What an event does to the clocks; those before the start and those not named here do nothing."""
        if self.started is None or event.at < self.started:
            return
        at = self.at = max(self.at, event.at.astimezone(UTC))
        kind = event.kind
        if kind in (Happening.JUDGED, Happening.SEVERITY_CORRECTED):
            self.change_terms(self.terms.after(event), at, event.reason)
        elif kind is Happening.WAITING:
            self._set_waiting(True, at)
        elif kind in (Happening.RESUMED, Happening.PARTNER_ANSWERED):
            if not OfMail.of(event).history:
                self._set_waiting(False, at)
        elif kind is Happening.STAFF_ANSWERED:
            self._answered(at)
        elif kind is Happening.LETTER_SENT:
            letter = OfLetter.of(event)
            self._letter_sent(OF_OLD.get(letter.kind) if letter.counts_as is None else letter.counts_as, at)
        elif kind is Happening.IDENTIFIED:
            self._meet(kind, at, "the problem is identified")
        elif kind is Happening.RESOLVED:
            self._resolved(event, at)
        elif kind is Happening.REOPENED:
            self._reopened(at)
        elif kind in _ENDS:
            self._closed(event, at)

    def change_terms(self, terms: Terms, at: datetime, why: str) -> None:
        """A new severity, policy, region or plan; or the identifiers have come."""
        before, self.terms = self.terms, terms
        if replace(terms, provisional=before.provisional) != before:
            for clock in self.clocks.values():
                if not clock.over:
                    self._retarget(clock, at)
            if not self.resolved and not self.closed:
                self._open_missing_clocks(at)
            self._count_acknowledgment(at)
        self._pause_or_go_on(at, why)

    def _retarget(self, clock: Clock, at: datetime) -> None:
        policy = self.promises.policy(self.terms.service_level)
        target = policy and policy.target(clock.kind, self.terms.severity, self.terms.plan)
        if not policy or not target:
            clock.cancel(at, f"{self.terms.service_level} promises none for {self.terms.severity}")
            return
        counts = self.promises.countdowns(target, policy, self.terms.region, clock.started)
        limit = self._limit_share(policy, clock.kind, clock.started, counts)
        clock.retarget(at, policy, self.terms.severity, target.text, counts, limit)

    def _open_missing_clocks(self, at: datetime) -> None:
        policy = self.promises.policy(self.terms.service_level)
        for kind in COMMITMENTS:
            target = policy and policy.target(kind, self.terms.severity, self.terms.plan)
            known = self.clocks.get(kind)
            if not policy or not target or (known and not known.cancelled):
                continue
            counts = self.promises.countdowns(target, policy, self.terms.region, at)
            self.clocks[kind] = Clock(
                kind, policy, self.terms.severity, at, target.text, [Count(c) for c in counts],
                self._limit_share(policy, kind, at, counts), at,
            )  # fmt: skip
        self._pause_or_go_on(at, "")

    def _limit_share(
        self, policy: Policy, kind: str, start: datetime, counts: Sequence[Countdown]
    ) -> float | None:
        target = policy.target(kind, self.terms.severity, self.terms.plan)
        if target is None or target.limit is None:
            return None
        limit = self.promises.countdown(target.limit, policy.calendar, self.terms.region, start)
        return limit.length / counts[-1].length

    def _pause_or_go_on(self, at: datetime, why: str) -> None:
        reason = self._why_paused()
        for clock in self.clocks.values():
            if reason:
                clock.pause(at, reason)
            else:
                clock.go_on(at, why or "nothing is waited for")

    def _why_paused(self) -> str:
        if self.waiting:
            return "waiting on the partner"
        policy = self.promises.policy(self.terms.service_level)
        if self.terms.provisional and policy and self.terms.severity not in policy.runs_while_unidentified:
            return f"the identifiers are missing, and {self.terms.severity} waits for them"
        return ""

    def _set_waiting(self, waiting: bool, at: datetime) -> None:
        self.waiting = waiting
        self._pause_or_go_on(at, "the partner answered")

    def _answered(self, at: datetime) -> None:
        self.answered_at = self.answered_at or at
        self._meet(Happening.STAFF_ANSWERED, at, "staff answered")
        self._next_round(at, "staff answered")

    def _letter_sent(self, counts_as: str | None, at: datetime) -> None:
        if counts_as == "acknowledgment":
            self.acknowledged_at = self.acknowledged_at or at
            self._count_acknowledgment(at)
        if counts_as == "update":
            self._next_round(at, "the partner was told how it stands")

    def _count_acknowledgment(self, at: datetime) -> None:
        """Met by the acknowledgment, or no longer so, when the policy says or unsays it."""
        policy = self.promises.policy(self.terms.service_level)
        if policy is None or self.acknowledged_at is None:
            return
        for clock in self.clocks.values():
            if not COMMITMENTS[clock.kind].by_acknowledgment:
                continue
            if policy.acknowledgment_counts:
                clock.stop(at, "the acknowledgment counts in this policy")
            elif clock.met_at is not None and self.answered_at is None and not self.resolved:
                clock.take_up_again(at, f"in {policy.name} only a human answer counts")
                self._retarget(clock, at)

    def _resolved(self, event: Event, at: datetime) -> None:
        self.resolved, self.waiting = True, False
        human = event.actor != "daemon"
        for clock in self.clocks.values():
            effect = COMMITMENTS[clock.kind].when_resolved
            if effect == "ends":
                clock.cancel(at, "resolved")
            elif effect == "met" or human:
                clock.stop(at, "resolved")
            else:
                clock.cancel(at, "resolved for silence")

    def _reopened(self, at: datetime) -> None:
        self.resolved = self.closed = False
        for clock in self.clocks.values():
            if clock.cancelled or (COMMITMENTS[clock.kind].reopens and clock.over):
                clock.take_up_again(at, "reopened")
        self._next_round(at, "reopened")

    def _closed(self, event: Event, at: datetime) -> None:
        if event.kind is Happening.CLOSED and not self.resolved:
            self._resolved(event, at)
        self.closed = True
        for clock in self.clocks.values():
            clock.cancel(at, event.kind.value)

    def _meet(self, happening: Happening, at: datetime, why: str) -> None:
        for clock in self.clocks.values():
            if COMMITMENTS[clock.kind].met_by is happening:
                clock.stop(at, why)

    def _next_round(self, at: datetime, why: str) -> None:
        for clock in self.clocks.values():
            if COMMITMENTS[clock.kind].rounds and not clock.over:
                clock.begin_round(at, why)


def began(ticket: Ticket) -> datetime | None:
    """When the proper request reached us. History starts no clock before the partner writes anew."""
    if ticket.history:
        return None
    anew = (e.at for e in ticket.events if e.kind in READ and OfMail.of(e).ends_history)
    return min(anew, default=ticket.created_at).astimezone(UTC)
