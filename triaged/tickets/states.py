"""A ticket's life: which happening leads from which state to which, and what else it changes. PURE.

`move` answers with the ticket as it is afterwards and the events that tell it, or with a refusal and its
reason. `TABLE` is the whole of it: what stands there changes the state, a state missing there refuses,
and a happening not in the table may come in any state and changes none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from triaged.frozen import frozen
from triaged.judging.decisions import AccountMatch, Decision
from triaged.tickets.event_data import (
    AddressFailed,
    Assigned,
    Corrected,
    Linked,
    Merged,
    OfCommitment,
    OfMail,
    Rated,
    Review,
    Snoozed,
    Split,
    Tagged,
    Terms,
    Turned,
)
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.vocabulary import counted

NEW, OPEN, WAITING, RESOLVED, CLOSED = State
_H = Happening

TABLE: Mapping[Happening, Mapping[State, State]] = {
    # A human of ours wrote to the partner. On a resolved ticket that is an afterword.
    _H.STAFF_ANSWERED: {NEW: OPEN, OPEN: OPEN, WAITING: WAITING, RESOLVED: RESOLVED, CLOSED: CLOSED},
    # The partner wrote. On a resolved ticket `move` makes it a reopening; a closed one takes no answer.
    _H.PARTNER_ANSWERED: {NEW: NEW, OPEN: OPEN, WAITING: OPEN, RESOLVED: RESOLVED},
    _H.WAITING: {NEW: WAITING, OPEN: WAITING, WAITING: WAITING},
    _H.RESUMED: {WAITING: OPEN},
    _H.IDENTIFIED: {NEW: OPEN, OPEN: OPEN, WAITING: WAITING},
    _H.RESOLVED: {NEW: RESOLVED, OPEN: RESOLVED, WAITING: RESOLVED},
    _H.REOPENED: {RESOLVED: OPEN, CLOSED: OPEN},
    _H.CLOSED: {NEW: CLOSED, OPEN: CLOSED, WAITING: CLOSED, RESOLVED: CLOSED},
    _H.ESCALATED: {NEW: NEW, OPEN: OPEN, WAITING: WAITING},
    _H.MERGED: {NEW: CLOSED, OPEN: CLOSED, WAITING: CLOSED, RESOLVED: CLOSED},
    _H.SPLIT: {NEW: NEW, OPEN: OPEN, WAITING: WAITING, RESOLVED: RESOLVED},
    _H.RATED: {RESOLVED: RESOLVED, CLOSED: CLOSED},
    _H.CASE_MOVED: {NEW: OPEN, OPEN: OPEN, WAITING: WAITING, RESOLVED: RESOLVED},
    # Everything else (notes, letters, automatic mail, failed addresses, assignments, judgments) is told
    # in any state and moves none: an absence note never reopens anything (F14).
}


@frozen
class Moved:
    """The ticket afterwards, its events included, and the new ones alone."""

    ticket: Ticket
    events: tuple[Event, ...]


@frozen
class Refused:
    """Why a happening cannot be."""

    reason: str


def move(
    ticket: Ticket,
    happening: Happening,
    at: datetime,
    actor: str,
    reason: str,
    data: Mapping[str, Any] | None = None,
    *,
    answer_means_waiting: bool = False,
    reopen_within: timedelta = timedelta(days=14),
) -> Moved | Refused:
    """What becomes of a ticket when something happens to it.

    `answer_means_waiting`: an answer of staff sets it waiting on the partner (a setting of the rulebook).
    `reopen_within`: how long after resolving an answer of the partner reopens it. `data` of
    PARTNER_ANSWERED may hold `thanks: True` or `bystander: True` (he does not speak for the partner), which
    reopen nothing, or `history: True`, which moves nothing.
    """
    data = data or {}
    objection = _objection(ticket, happening, data)
    if objection:
        return Refused(objection)
    if happening is _H.PARTNER_ANSWERED:
        return _partner_answered(ticket, at, actor, reason, data, reopen_within)
    moved = _step(ticket, happening, at, actor, reason, data)
    if happening is _H.STAFF_ANSWERED and answer_means_waiting and moved.ticket.state in (NEW, OPEN):
        return _then(moved, _H.WAITING, at, actor, "staff answered: waiting on the partner")
    return moved


def judged(
    ticket: Ticket,
    decision: Decision,
    match: AccountMatch,
    at: datetime,
    *,
    region: str = "",
    actor: str = "daemon",
) -> Moved:
    """The ticket judged, for the first time or again. A human's severity stays (failure F23).

    `region` is the one whose week counts; empty keeps the ticket's.
    """
    severity = ticket.severity if ticket.severity_by_human else decision.severity
    because = ticket.severity_because if ticket.severity_by_human else decision.because
    account = match.account
    after = replace(
        ticket,
        severity=severity,
        severity_because=because,
        content_severity=decision.content_severity,
        provisional=decision.provisional,
        service_level=decision.service_level,
        large_user=match.large_user and ticket.trusted,
        no_identifier=match.unidentified,
        missing=match.wanted(decision.ask),
        tags=_tags(ticket, decision, match),
        queue=decision.queue or ticket.queue,
        reviews=tuple(dict.fromkeys((*ticket.reviews, *decision.review))),
        region=region or ticket.region,
        rulebook_version=decision.rulebook_version or ticket.rulebook_version,
    )
    if account is not None:
        after = replace(
            after,
            account_key=account.key,
            account_name=account.name,
            superadmin_email=account.superadmin_email,
            licences=match.licences,
            plan=account.plan,
        )
    return _told(
        after,
        _H.JUDGED,
        at,
        actor,
        because,
        {**Terms.of_ticket(after).stored(), **Tagged(decision.tags).stored()},
    )


ENCRYPTED = "encrypted"  # its mail could not be read; gone with the next one that can
FOREIGN = "foreign-account"  # another partner's: letters say nothing of it


def _tags(ticket: Ticket, decision: Decision, match: AccountMatch) -> tuple[str, ...]:
    tags = dict.fromkeys((*ticket.tags, *decision.tags))
    if match.account is not None:
        tags.pop(FOREIGN, None)
    if match.foreign:
        tags[FOREIGN] = None
    return tuple(tags)


def merge(
    survivor: Ticket, other: Ticket, at: datetime, actor: str, reason: str
) -> tuple[Moved, Moved] | Refused:
    """`other` goes into `survivor`, with its people, who read there what comes from now on. Answers (survivor, other)."""
    if survivor.id == other.id:
        return Refused(f"{other.reference} cannot be merged into itself")
    if survivor.merged_into is not None:
        return Refused(f"{survivor.reference} is itself merged; merge into its survivor")
    merged = Merged(survivor.id, survivor.reference, str(other.state))
    gone = move(other, _H.MERGED, at, actor, reason, merged.stored())
    if isinstance(gone, Refused):
        return gone
    known = {person.address for person in survivor.people}
    # Whom nobody verified must not get letters about a verified partner's account by a merger (F15).
    same = other.partner_domain == survivor.partner_domain and other.trusted >= survivor.trusted
    role = "cc" if same else "other"
    joined = tuple(
        replace(p, role=p.role if p.role == "other" else role, since=at)
        for p in other.people
        if p.address not in known
    )
    kept = replace(survivor, people=(*survivor.people, *joined))
    guests = tuple(p.address for p in joined)
    data = Linked(from_=other.id, reference=other.reference, people=guests).stored()
    return _told(kept, _H.LINKED, at, actor, f"{other.reference} merged into this: {reason}", data), gone


def split(
    ticket: Ticket, subject: str, at: datetime, actor: str, reason: str, passage: str = ""
) -> tuple[Moved, Ticket] | Refused:
    """A second ticket for the other customer of a mail; its id and reference are the store's to give.

    `passage`: the words of its mails that the second one is about.

    The new one knows nothing of the first one's account and is to be judged on its own. Its clocks run
    from when the request reached us.
    """
    kept = move(ticket, _H.SPLIT, at, actor, reason, Split(subject).stored())
    if isinstance(kept, Refused):
        return kept
    opened = replace(
        ticket, id=0, reference="", state=NEW, subject=subject, updated_at=at, account_key=None,
        account_name=None, superadmin_email=None, large_user=False, licences=0, plan=None, missing=(),
        no_identifier=False, provisional=False, severity_by_human=False, tags=(), tier=1, reviews=(),
        resolved_at=None, closed_at=None, merged_into=None, linked_to=ticket.id,
        events=(
            Event(ticket.created_at, _H.RECEIVED, actor, f"split off {ticket.reference}: {reason}"),
            Event(at, _H.LINKED, actor, f"split off {ticket.reference}", Linked(from_=ticket.id, passage=passage).stored()),
        ),
    )  # fmt: skip
    return kept, opened


def _objection(ticket: Ticket, happening: Happening, data: Mapping[str, Any]) -> str:
    if happening in TABLE and ticket.state not in TABLE[happening]:
        return (
            f"{ticket.reference} is {ticket.state}: {_IMPOSSIBLE.get(happening, 'that cannot be done now')}"
        )
    if happening is _H.ESCALATED and not ticket.tier < OfCommitment.read(data).tier <= 3:
        return f"{ticket.reference} is with tier {ticket.tier} already"
    if happening is _H.REOPENED and ticket.merged_into is not None:
        return f"{ticket.reference} was merged; reopen the ticket it went into"
    if happening is _H.RATED and not 1 <= Rated.read(data).score <= 5:
        return "a rating is a number from 1 to 5"
    if happening is _H.SEVERITY_CORRECTED and Corrected.read(data).severity is None:
        return "a correction names a severity"
    return ""


_IMPOSSIBLE = {
    _H.PARTNER_ANSWERED: "a later answer opens a new ticket linked to it",
    _H.WAITING: "nothing is waited for",
    _H.RESUMED: "it was not waiting",
    _H.RESOLVED: "it is over already",
    _H.CLOSED: "it is over already",
    _H.REOPENED: "only a resolved or closed ticket is reopened",
    _H.RATED: "only a resolved ticket is rated",
}


def _partner_answered(
    ticket: Ticket, at: datetime, actor: str, reason: str, data: Mapping[str, Any], within: timedelta
) -> Moved | Refused:
    mail = OfMail.read(data)
    if mail.history:  # found at first contact: told, but it sets nothing going (promise 11)
        told = _told(ticket, _H.PARTNER_ANSWERED, at, actor, reason, data)
        return Moved(replace(told.ticket, updated_at=max(at, ticket.updated_at)), told.events)
    if ticket.history:
        data = replace(mail, ends_history=True).stored()  # clocks begin here (promises/clocks.py)
    if ticket.state is not RESOLVED:
        moved = _step(ticket, _H.PARTNER_ANSWERED, at, actor, reason, data)
        if ticket.state is not WAITING:
            return moved
        return _then(moved, _H.RESUMED, at, actor, "the partner answered")
    if mail.thanks or mail.bystander:
        return _step(ticket, _H.PARTNER_ANSWERED, at, actor, reason, data)
    if ticket.resolved_at is not None and at - ticket.resolved_at > within:
        return Refused(
            f"{ticket.reference} was resolved more than {counted(within.days, 'day')} ago: "
            "a later answer opens a new ticket linked to it"
        )
    moved = _step(ticket, _H.PARTNER_ANSWERED, at, actor, reason, data)
    return _then(moved, _H.REOPENED, at, actor, "the partner answered a resolved ticket")


def _then(first: Moved, happening: Happening, at: datetime, actor: str, reason: str) -> Moved:
    """A second event that follows from the first."""
    second = _step(first.ticket, happening, at, actor, reason, {})
    return Moved(second.ticket, (*first.events, *second.events))


def _step(
    ticket: Ticket, happening: Happening, at: datetime, actor: str, reason: str, data: Mapping[str, Any]
) -> Moved:
    state = TABLE.get(happening, {}).get(ticket.state, ticket.state)
    changed = replace(ticket, state=state, **_changes(ticket, Event(at, happening, actor, reason, data)))
    return _told(changed, happening, at, actor, reason, data)


def _told(
    ticket: Ticket, happening: Happening, at: datetime, actor: str, reason: str, data: Mapping[str, Any]
) -> Moved:
    event = Event(at, happening, actor, reason, dict(data))
    return Moved(replace(ticket, updated_at=at, events=(*ticket.events, event)), (event,))


def _changes(ticket: Ticket, event: Event) -> dict[str, Any]:
    """Which fields a happening sets, beside the state."""
    match event.kind:
        case _H.RESOLVED:
            return {"resolved_at": event.at, "snoozed_until": None}
        case _H.CLOSED | _H.MERGED:
            merged = Merged.of(event).into or ticket.merged_into
            return {"closed_at": event.at, "merged_into": merged, "snoozed_until": None}
        case _H.REOPENED:
            return {"resolved_at": None, "closed_at": None}
        case _H.PARTNER_ANSWERED:
            return {"history": False} | ({} if OfMail.of(event).moves_nothing else {"snoozed_until": None})
        case _H.SNOOZED:
            return {"snoozed_until": Snoozed.of(event).until}
        case _H.KEPT_PRIVATE:
            return {"private": Turned.of(event).on}
        case _H.ASSIGNED:
            return {"assigned_to": Assigned.of(event).to}
        case _H.ESCALATED:
            return {"tier": OfCommitment.of(event).tier}
        case _H.LINKED:
            return {"linked_to": Linked.of(event).to or ticket.linked_to}
        case _H.REVIEW_ASKED:
            return {"reviews": tuple(dict.fromkeys((*ticket.reviews, Review.of(event).review)))}
        case _H.SEVERITY_CORRECTED:
            return _corrected(ticket, Corrected.of(event))
        case _H.ADDRESS_FAILED:
            address = AddressFailed.of(event).address
            return {"people": tuple(_failed(p, address) for p in ticket.people)}
    return {}


def _corrected(ticket: Ticket, told: Corrected) -> dict[str, Any]:
    because = f"corrected from {ticket.severity} by a human"
    return {"severity": told.severity, "severity_by_human": True, "severity_because": because, "reviews": ()}


def _failed(person: Person, address: str) -> Person:
    return replace(person, failed=True) if person.address == address.lower() else person
