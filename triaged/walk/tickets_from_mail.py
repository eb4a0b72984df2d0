"""What a judged mail makes of a ticket: a new one, or the next chapter of one that stands. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.frozen import frozen
from triaged.judging.decisions import AccountMatch
from triaged.reading.values import Reading
from triaged.rulebook.rulebook import Rulebook
from triaged.tickets import states
from triaged.tickets.event_data import Found, Grounds, OfMail
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.vocabulary import Kind
from triaged.walk.judge import Envelope, Judgment

LONGEST_SUBJECT = 500
MOST_PEOPLE = 40


@frozen
class Chapter:
    """A ticket after a mail, and the events the mail brought."""

    ticket: Ticket
    events: tuple[Event, ...]


def open_ticket(
    judgment: Judgment,
    envelope: Envelope,
    rulebook: Rulebook,
    now: datetime,
    *,
    mailbox_time_zone: str,
    mailbox_language: str,
    people: tuple[Person, ...],
    linked_to: int | None = None,
) -> Ticket:
    """The new ticket of a mail, judged, without number: the store gives it one. `decision` must be there."""
    decision = judgment.decision
    assert decision is not None
    reading, partner = judgment.reading, judgment.sender.partner
    region = judgment.region or (envelope.mailbox_regions[0] if envelope.mailbox_regions else "")
    ticket = Ticket(
        id=0,
        reference="PS-…",
        state=State.NEW,
        subject=reading.subject[:LONGEST_SUBJECT],
        mailbox=envelope.mailbox,
        language=_language(judgment, rulebook, mailbox_language),
        created_at=envelope.received_at,
        updated_at=now,
        severity=decision.severity,
        severity_because=decision.because,
        service=judgment.service,
        region=region,
        partner_domain=(partner.domain or judgment.sender.address) if partner else None,
        partner_tier=partner.tier if partner else None,
        time_zone=_zone(judgment, rulebook, region, mailbox_time_zone),
        trusted=judgment.sender.trusted,
        people=people,
        last_message_id=reading.message_id,
        references=tuple(dict.fromkeys((*reading.references, *filter(None, [reading.message_id]))))[-20:],
        history=envelope.history,
        linked_to=linked_to,
        channel=envelope.channel,
        events=(_received(judgment, envelope),),
    )
    moved = states.judged(ticket, decision, judgment.match, now, region=region)
    return with_data(moved, told(judgment)).ticket


def continue_ticket(
    ticket: Ticket, judgment: Judgment, now: datetime, rulebook: Rulebook, people: tuple[Person, ...] = (), *,
    history: bool = False,
) -> Chapter | Refused:  # fmt: skip
    """The ticket after an answer of the partner's side: clocks go on, and what was provisional is judged.

    `history`: an old mail found at first contact (promise 11); it is told, and sets nothing going.
    """
    reading = judgment.reading
    schedules = rulebook.promises.schedules
    heard = judgment.speaks or not ticket.trusted
    mail = OfMail(thanks=judgment.kind is Kind.THANKS, history=history, bystander=not judgment.speaks)
    moved = states.move(
        ticket,
        Happening.PARTNER_ANSWERED,
        now,
        judgment.sender.address or "somebody",
        _first_line(reading),
        mail.stored(),
        reopen_within=schedules.reopen_within.length,
    )
    if isinstance(moved, Refused):
        return moved
    after = moved.ticket
    if judgment.speaks:
        after = _spoken(after, judgment, people)
    if heard:
        tags = tuple(tag for tag in after.tags if tag != states.ENCRYPTED or reading.encrypted)
        after = replace(after, service=judgment.service, tags=tags, **thread_end(after, reading))
    events = moved.events
    sets_going = heard and (after.history or not history)
    if judgment.decision is not None and judgment.kind is not Kind.THANKS and sets_going:
        again = with_data(
            states.judged(after, judgment.decision, judgment.match, now, region=judgment.region),
            told(judgment),
        )
        after, events = again.ticket, (*events, *again.events)
    return Chapter(after, events)


def _spoken(ticket: Ticket, judgment: Judgment, people: tuple[Person, ...]) -> Ticket:
    """The ticket with whom its partner names. One that he takes over loses everybody who is not of his house,
    and the thread it stood in.
    """
    sender = judgment.sender
    known = tuple(replace(p, failed=p.failed and p.address != sender.address) for p in ticket.people)
    if ticket.trusted or not sender.trusted or sender.partner is None:
        return replace(ticket, people=join(known, people))
    house = sender.partner
    own = [p for p in known if p.address.rpartition("@")[2] == house.domain or p.address in house.contacts]
    kept = tuple(replace(p, role="other") if p.role == "cc" else p for p in own)
    return replace(ticket, people=join(kept, people), trusted=True, references=(), last_message_id=None)


def thread_end(ticket: Ticket, reading: Reading) -> dict[str, Any]:
    """What the next letter of a ticket answers, after this mail."""
    if reading.message_id is None:
        return {}
    chain = dict.fromkeys((*ticket.references, reading.message_id))
    return {"last_message_id": reading.message_id, "references": tuple(chain)[-20:]}


def with_data(moved: Moved, data: Mapping[str, Any]) -> Moved:
    """The same, with more told in its last event."""
    *former, last = moved.events
    fuller = replace(last, data={**last.data, **data})
    story = (*moved.ticket.events[: len(moved.ticket.events) - len(moved.events)], *former, fuller)
    return Moved(replace(moved.ticket, events=story), (*former, fuller))


def told(judgment: Judgment) -> dict[str, Any]:
    """What a JUDGED event keeps beside the terms: enough to say why, and to judge again."""
    decision, given, guess = judgment.decision, judgment.identifiers, judgment.reading.guess
    assert decision is not None
    return Grounds(
        identifiers=given,
        service=judgment.service,
        hits=tuple(o.name for o in decision.verdict.outcomes if o.hit),
        content_severity=decision.content_severity,
        service_level_because=decision.service_level_because,
        account=found(judgment.match),
        guess=guess,
        sender=judgment.sender.why,
        company=judgment.sender.partner.name if judgment.sender.partner and judgment.speaks else "",
        rulebook=decision.rulebook_version,
    ).stored()


def found(match: AccountMatch) -> Found:
    """What a JUDGED event keeps of how the account was found."""
    return Found(
        key=match.account.key if match.account else None,
        matched_by=match.matched_by,
        licences=match.licences,
        threshold=match.threshold,
        large_user=match.large_user,
        why=match.why,
    )


def people_of(
    reading: Reading, to: tuple[str, ...], cc: tuple[str, ...], ours: frozenset[str] = frozenset()
) -> tuple[Person, ...]:
    """Everybody of a mail: who gets a ticket's letters (`to`, `cc` by promise 10), and who does not.

    The others get none, but an answer of theirs joins the ticket (failure F11). `ours`: support addresses.
    """
    present = (*reading.from_, *reading.reply_to, *reading.to, *reading.cc)
    names = {a.address: a.name for a in reversed(present)}
    others = dict.fromkeys(a.address for a in present if a.address and a.address not in {*to, *cc, *ours})
    return (
        *(Person(address, names.get(address, ""), "requester") for address in to),
        *(Person(address, names.get(address, ""), "cc") for address in cc),
        *(Person(address, names.get(address, ""), "other") for address in others),
    )[:MOST_PEOPLE]


def join(known: tuple[Person, ...], more: tuple[Person, ...]) -> tuple[Person, ...]:
    """People of a ticket after a mail: newcomers come as copies, nobody is lost, bounded."""
    have = {person.address: person for person in known}
    answered = any(p.role == "requester" for p in known)
    for one in more:
        before = have.get(one.address)
        role = "cc" if one.role == "requester" and answered else one.role
        if before is None:
            have[one.address] = replace(one, role=role)
        elif before.role == "other" and role != "other":
            have[one.address] = replace(before, role=role)
    return tuple(have.values())[:MOST_PEOPLE]


def _received(judgment: Judgment, envelope: Envelope) -> Event:
    sender = judgment.sender.address or "nobody"
    reason = f"mail from {sender} to {envelope.mailbox}: {judgment.sort.why}"
    mail = OfMail(defects=judgment.reading.defects, thanks=judgment.kind is Kind.THANKS)
    return Event(envelope.received_at, Happening.RECEIVED, sender, reason, mail.stored())


def _first_line(reading: Reading) -> str:
    line = next((x.strip() for x in reading.parts.own.splitlines() if x.strip()), "")
    return f"answered: {line[:120]}" if line else "answered"


def _language(judgment: Judgment, rulebook: Rulebook, mailbox_language: str) -> str:
    """The mail's own language where letters exist in it, else the partner's, else the mailbox's."""
    partner = judgment.sender.partner
    for language in (judgment.reading.language, partner.language if partner else None):
        if language and rulebook.letters.language_for("acknowledgment", language) == language:
            return language
    return mailbox_language


def _zone(judgment: Judgment, rulebook: Rulebook, region: str, mailbox_time_zone: str) -> str:
    partner = judgment.sender.partner
    if partner and partner.time_zone:
        return partner.time_zone
    spec = rulebook.promises.regions.get(partner.region if partner else region)
    return spec.time_zone if spec else mailbox_time_zone
