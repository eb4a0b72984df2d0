"""What a person of a partner orders by a page, judged on the ticket as it is now. PURE.

A refusal is a word that a page puts into the reader's language (walk/by_page.py says which there are).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from triaged.followups import due
from triaged.frozen import frozen
from triaged.judging.decisions import Partner
from triaged.letters import compose, page_letters
from triaged.letters.page_letters import Words
from triaged.letters.recipients import addressees
from triaged.letters.writer import Writer
from triaged.tickets import cases, states
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import PeopleChanged, Rated, Turned
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import OVER, Happening, Letter, Person, State, Ticket
from triaged.walk.plan import Change, Plan, change, some
from triaged.walk.tickets_from_mail import MOST_PEOPLE

Why = Literal[
    "unseen",  # there is no such ticket for this person
    "not_yours",  # only the opener may
    "empty",  # nothing stands in the form
    "too_long",
    "state",  # not in the state the ticket is in
    "rated",  # this solution was rated already
    "score",  # no number from 1 to 5
    "too_late",  # to be reopened: a new request is the way
    "not_a_colleague",
    "too_many",
    "already",  # it is so already
    "needed",  # the last whom letters reach
    "no_case",
    "unknown_sender",  # no partner's, so that nothing can be asked in his name
    "meeting_state",  # the screen-sharing session is not in the state for it
    "meeting_time",  # none of those offered, or passed
    "meeting_taken",  # the host has another session then
    "meeting_terms",  # not those in force
    "meeting_people",  # he is nobody of the ticket
    "meeting_code",  # no connection code now
]


@frozen
class No:
    """It cannot be. `words`: the reason in English, for staff and the log."""

    why: Why
    words: str = ""


@frozen
class Act:
    """Who acts, of which partner, and what composing goes by. `admin`: he may see his whole organisation."""

    address: str
    name: str
    partner: Partner | None
    admin: bool
    writer: Writer
    key: str

    @property
    def now(self) -> datetime:
        """When."""
        return self.writer.now

    def words(self, text: str = "") -> Words:
        """What he wrote."""
        return Words(self.address, self.name, text, self.key)


def opener(ticket: Ticket) -> str:
    """Who asked: whoever's mail opened it, else the first it was opened for."""
    first = next((e.actor for e in ticket.events if e.kind is Happening.RECEIVED), "")
    people = [p.address for p in ticket.people]
    if first in people:
        return first
    return next((p.address for p in ticket.people if p.role == "requester"), "")


def close(before: Ticket, act: Act) -> Plan | No:
    """Who opened it closes it; the others are told, and staff."""
    if opener(before) != act.address:
        return No("not_yours", "only who opened it may close it")
    moved = _moved(before, Happening.CLOSED, act, "closed by who opened it")
    if isinstance(moved, No):
        return moved
    letter = page_letters.but(compose.on_closed(act.writer, moved.ticket), act.address)
    told = page_letters.acted(act.writer, moved.ticket, act.words(), "closed by who opened it")
    return _plan(before, moved.ticket, act, [letter, told])


def may_reopen(ticket: Ticket, address: str, now: datetime, within: timedelta) -> bool:
    """Whether somebody may open it again: it was resolved lately, or it was he who closed it."""
    if ticket.merged_into is not None:
        return False
    if ticket.state is State.RESOLVED:
        return ticket.resolved_at is None or now - ticket.resolved_at <= within
    if ticket.state is not State.CLOSED or ticket.closed_at is None or now - ticket.closed_at > within:
        return False
    closed = next((e for e in reversed(ticket.events) if e.kind is Happening.CLOSED), None)
    return closed is not None and closed.actor == address


def reopen(before: Ticket, reason: str, act: Act) -> Plan | No:
    """It is not solved, or was closed by mistake."""
    if before.state not in OVER:
        return No("state", f"{before.reference} is {before.state}")
    within = act.writer.promises.schedules.reopen_within.length
    if not may_reopen(before, act.address, act.now, within):
        return No("too_late", f"{before.reference} is {before.state}: a later answer opens a new, linked one")
    moved = _moved(before, Happening.REOPENED, act, reason.strip() or "opened again on its page")
    if isinstance(moved, No):
        return moved
    told = page_letters.acted(act.writer, moved.ticket, act.words(reason), "opened again")
    return _plan(before, moved.ticket, act, [told])


def asks_for_rating(ticket: Ticket) -> bool:
    """Whether it is solved or closed, and nobody has rated that yet."""
    if ticket.state not in OVER or ticket.merged_into is not None:
        return False
    for event in reversed(ticket.events):
        if event.kind is Happening.RATED:
            return False
        if event.kind in (Happening.RESOLVED, Happening.REOPENED):
            return True
    return True


def rate(before: Ticket, score: int, comment: str, act: Act) -> Plan | No:
    """Once each time it is resolved; 1 or 2 with a complaint opens it again, where it can be."""
    if not 1 <= score <= 5:
        return No("score", "a rating is a number from 1 to 5")
    if before.state not in OVER:
        return No("state", f"{before.reference} is {before.state}: nothing is to be rated yet")
    if not asks_for_rating(before):
        return No("rated", "it was rated since it was resolved")
    moved = _moved(
        before, Happening.RATED, act, f"rated {score} of 5", Rated(score, comment.strip()).stored()
    )
    if isinstance(moved, No):
        return moved
    after, letters = moved.ticket, list[Letter | None]()
    if score <= 2 and comment.strip():
        letters.append(page_letters.acted(act.writer, after, act.words(comment), f"rated {score} of 5"))
        within = act.writer.promises.schedules.reopen_within.length
        if after.state is State.RESOLVED and may_reopen(after, act.address, act.now, within):
            again = _moved(after, Happening.REOPENED, act, f"rated {score} of 5 with a complaint")
            after = again.ticket if isinstance(again, Moved) else after
    return _plan(before, after, act, letters)


def fix(before: Ticket, case_id: str, comment: str, act: Act, *, holds: bool) -> Plan | No:
    """The partner's word on a fix: the case is resolved, or goes back to engineering and staff are told."""
    case = next((c for c in cases.cases(before) if c.id == case_id), None)
    if case is None or case.step is not CaseStep.CONFIRMING:
        return No("no_case", "no case of that number waits for a word on its fix")
    step = CaseStep.RESOLVED if holds else CaseStep.IN_PROGRESS
    reason = "the partner confirmed the fix" if holds else "the partner says the fix does not hold"
    moved = cases.move_case(before, case_id, step, act.now, act.address, reason)
    if isinstance(moved, Refused):
        return No("no_case", moved.reason)
    now = next(c for c in cases.cases(moved.ticket) if c.id == case_id)
    letter = page_letters.but(compose.on_case_moved(act.writer, moved.ticket, now), act.address)
    told = page_letters.acted(act.writer, moved.ticket, act.words(comment), f"{case_id}: {reason}")
    return _plan(before, moved.ticket, act, [letter, told])


def add_person(before: Ticket, person: Person, partner: Partner | None, act: Act) -> Plan | No:
    """A colleague joins. `partner`: whose the newcomer is."""
    if not (act.admin or opener(before) == act.address):
        return No("not_yours", "only who opened it, or an admin, adds people")
    if act.partner is None or partner != act.partner:
        return No(
            "not_a_colleague", f"{person.address} is nobody of {act.partner.name if act.partner else 'them'}"
        )
    standing = next((p for p in before.people if p.address == person.address), None)
    if standing is not None and standing.role in ("requester", "cc"):
        return No("already", f"{person.address} is on it")
    if standing is None and len(before.people) >= MOST_PEOPLE:
        return No("too_many", f"more than {MOST_PEOPLE} people")
    people = tuple(p for p in before.people if p.address != person.address)
    joined = replace(standing or person, role="cc", failed=False)
    after = replace(before, people=(*people, joined))
    data = PeopleChanged(added=person.address, name=person.name)
    return _people_noted(
        before, after, Happening.PEOPLE_CHANGED, act, f"{person.address} joined", data.stored()
    )


def remove_person(before: Ticket, address: str, act: Act) -> Plan | No:
    """Somebody leaves: by the opener, an admin, or himself. Who opened it stays."""
    standing = next((p for p in before.people if p.address == address), None)
    if standing is None or standing.role == "other":
        return No("already", f"{address} is not on it")
    if address == opener(before):
        return No("needed", "who opened it stays")
    if not (act.admin or opener(before) == act.address or address == act.address):
        return No("not_yours", "only who opened it, or an admin, removes others")
    after = replace(before, people=tuple(p for p in before.people if p.address != address))
    if not _reaches(after):
        return No("needed", "nobody would be left whom letters reach")
    data = PeopleChanged(removed=address, name=standing.name)
    return _people_noted(before, after, Happening.PEOPLE_CHANGED, act, f"{address} left", data.stored())


def follow(before: Ticket, act: Act, *, on: bool) -> Plan | No:
    """Letters about it come to him, or no longer; he sees it all the same."""
    standing = next((p for p in before.people if p.address == act.address), None)
    follows = standing is not None and standing.role in ("requester", "cc")
    if follows is on:
        return No("already", "it is so already")
    joined = replace(standing or Person(act.address, act.name), role="cc" if on else "reader", failed=False)
    people = tuple(joined if p.address == act.address else p for p in before.people)
    after = replace(before, people=people if standing else (*before.people, joined))
    if len(after.people) > MOST_PEOPLE:
        return No("too_many", f"more than {MOST_PEOPLE} people")
    if not _reaches(after):
        return No("needed", "nobody would be left whom letters reach")
    reason = "follows it" if on else "follows it no more"
    return _people_noted(before, after, Happening.FOLLOWED, act, reason, Turned(on).stored())


def keep_private(before: Ticket, act: Act, *, on: bool) -> Plan | No:
    """Kept from the organisation's admin, or no longer; by who opened it."""
    if opener(before) != act.address:
        return No("not_yours", "only who opened it keeps it private")
    if before.private is on:
        return No("already", "it is so already")
    reason = "kept from the organisation's admin" if on else "shown to the organisation's admin"
    return _noted(
        before, replace(before, private=on), Happening.KEPT_PRIVATE, act, reason, Turned(on).stored()
    )


def consents(ticket: Ticket) -> Mapping[str, tuple[bool, datetime]]:
    """Who allowed support to sign in to the account for this ticket, or took that back, and when; each one's last word."""
    return {
        event.actor: (Turned.of(event).on, event.at)
        for event in ticket.events
        if event.kind is Happening.CONSENTED
    }


def consent(before: Ticket, act: Act, *, on: bool) -> Plan | No:
    """His word on that; it ends no session that runs."""
    if consents(before).get(act.address, (False, act.now))[0] is on:
        return No("already", "it is so already")
    reason = "support may sign in to the account" if on else "support may not sign in to the account"
    return _noted(before, before, Happening.CONSENTED, act, reason, Turned(on).stored())


def _reaches(ticket: Ticket) -> bool:
    return bool(addressees(ticket)[0]) or not ticket.trusted


def _moved(
    before: Ticket, happening: Happening, act: Act, reason: str, data: Mapping[str, Any] | None = None
) -> Moved | No:
    moved = states.move(before, happening, act.now, act.address, reason[:1000], data)
    return No("state", moved.reason) if isinstance(moved, Refused) else moved


def _noted(
    before: Ticket, after: Ticket, happening: Happening, act: Act, reason: str, data: Mapping[str, Any]
) -> Plan | No:
    """Something that moves neither clocks nor steps, nor makes the ticket one of lately."""
    moved = _moved(after, happening, act, reason, data)
    if isinstance(moved, No):
        return moved
    still = replace(moved.ticket, updated_at=before.updated_at)
    return Plan((Change(before, still),), ordered=True)


def _people_noted(
    before: Ticket, after: Ticket, happening: Happening, act: Act, reason: str, data: Mapping[str, Any]
) -> Plan | No:
    """The same of its people: who joins or leaves hears of a session that is booked by a due step."""
    noted = _noted(before, after, happening, act, reason, data)
    if isinstance(noted, No):
        return noted
    (one,) = noted.changes
    return replace(noted, changes=(replace(one, dues=due.plan(one.after, act.writer.promises, act.now)),))


def _plan(before: Ticket, after: Ticket, act: Act, letters: Iterable[Letter | None]) -> Plan:
    return Plan((change(before, after, act.writer, some(letters)),), ordered=True)
