"""Who is written what, when a mail arrives or staff do something. PURE.

Each letter has a key that makes it unique on its ticket (promise 3). Nobody is written to for history,
automatic mail, forged senders (dmarc=fail) or our own people; strangers get one generic letter (F15).
Letters that a time brings about are in followups/due.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.judging.decisions import AccountMatch, Decision, Sender
from triaged.letters import context as contexts
from triaged.letters.context import Context, Desk, Line
from triaged.letters.desk_letters import STAFF_LANGUAGE, digest, mail_owed, rulebook_refused, unplaced
from triaged.letters.templates import BILINGUAL, FALLBACK, Letters, Written, join
from triaged.letters.wording import Words, one_line
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.service_levels import Promises
from triaged.reading.identifiers import telling
from triaged.reading.identifiers.kinds import IDENTIFIERS
from triaged.reading.values import Identifiers, Reading
from triaged.tickets.cases import Case, CaseStep
from triaged.tickets.event_data import OfLetter
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Event, Happening, Letter, Ticket
from triaged.vocabulary import Severity

__all__ = [
    "STAFF_LANGUAGE", "addressees", "case_words", "digest", "in_hours", "mail_owed", "new_s1", "on_arrival",
    "on_case_moved", "on_closed", "on_identified", "on_merged", "on_resolved", "on_split", "partner_letter",
    "rulebook_refused", "staff", "staff_letter", "undeliverable", "unplaced",
]  # fmt: skip
EXCERPT = 1500
_OPENS = frozenset({"new", "linked_new"})
_AGAIN = frozenset({"encrypted", "missing_information"})  # may be said again on an answer
_SILENT = frozenset({"duplicate", "abuse"})


def on_arrival(
    reading: Reading,
    sender: Sender,
    placed: Placed,
    decision: Decision,
    match: AccountMatch,
    ticket: Ticket,
    letters: Letters,
    promises: Promises,
    now: datetime,
    recipients: tuple[tuple[str, ...], tuple[str, ...]],
    desk: Desk,
    before: Ticket | None = None,
) -> tuple[Letter, ...]:
    """Every letter that a mail's arrival brings about, to the partner and to staff.

    `ticket` is as it stands after this mail, `before` as it stood (None: it is new); `recipients` are
    (to, cc) by promise 10. Letters that a rule holds are left out.
    """
    if ticket.history or reading.automatic is not None or placed.joins in _SILENT:
        return ()
    written: list[Letter | None] = []
    written_to = recipients[0] and sender.authentication != "fail" and sender.role != "staff"
    if written_to and not (placed.joins in _OPENS and reading.thanks):
        written.append(
            _answer(reading, placed, decision, ticket, letters, promises, now, recipients, desk, before)
        )
    if sender.authentication != "fail":
        written += _to_staff(reading, decision, ticket, letters, promises, now, desk, before)
    held = set(decision.verdict.hold_letters)
    return tuple(
        in_hours(letter, ticket, promises, now)
        for letter in written
        if letter is not None and letter.kind not in held
    )


def _answer(
    reading: Reading, placed: Placed, decision: Decision, ticket: Ticket, letters: Letters, promises: Promises,
    now: datetime, recipients: tuple[tuple[str, ...], tuple[str, ...]], desk: Desk, before: Ticket | None,
) -> Letter | None:  # fmt: skip
    """The one letter to the sender: acknowledgment, the question for what is missing, or thanks for it."""
    kind = _kind(reading, placed, ticket, before)
    if kind is None:
        return None
    template = key = kind
    if before is not None and kind in _AGAIN:
        key = f"{kind}@{1 + _written(ticket, kind)}"
    if kind == "acknowledgment" and decision.verdict.letter in letters.names:
        template = str(decision.verdict.letter)
    to, cc = recipients
    return partner_letter(
        kind, key, ticket, letters, promises, now, desk, to=to, cc=cc, template=template,
        given=reading.identifiers,
    )  # fmt: skip


def _kind(reading: Reading, placed: Placed, ticket: Ticket, before: Ticket | None) -> str | None:
    stranger = not ticket.trusted and ticket.partner_domain is None
    if reading.encrypted and ticket.no_identifier and not stranger:
        return "encrypted"  # it may have named them: nobody is asked as if it had been read
    if before is not None and ENCRYPTED in before.tags and ticket.no_identifier and not stranger:
        return "missing_information"
    if placed.joins not in _OPENS:
        if not ticket.trusted:
            return None
        if before is not None and before.no_identifier and not ticket.no_identifier:
            return "details_received" if ticket.account_name is not None else None
        if before is None or before.trusted:
            return None
    if stranger:
        return "acknowledgment_unverified"
    if ticket.no_identifier:
        return "missing_information"
    return "acknowledgment" if ticket.trusted else "acknowledgment_unverified"


def _written(ticket: Ticket, kind: str) -> int:
    """How many letters of a kind were written on a ticket."""
    return sum(e.kind is Happening.LETTER_WRITTEN and OfLetter.of(e).kind == kind for e in ticket.events)


def _to_staff(
    reading: Reading, decision: Decision, ticket: Ticket, letters: Letters, promises: Promises,
    now: datetime, desk: Desk, before: Ticket | None,
) -> list[Letter | None]:  # fmt: skip
    """A new S1, reasons for a review that were not there before, and whom a rule names."""
    was_s1 = before is not None and before.severity is Severity.S1
    known = before.reviews if before else ()
    new_reasons = tuple(r for r in decision.review if r not in known)
    written: list[Letter | None] = []
    if ticket.severity is Severity.S1 and not was_s1:
        written.append(new_s1(ticket, letters, promises, now, desk, _excerpt(reading)))
    if new_reasons:
        key = f"review@{sum(e.kind is Happening.REVIEW_ASKED for e in ticket.events)}"
        told = {"reasons": new_reasons, "excerpt": _excerpt(reading)}
        written.append(staff_letter("review", key, ticket, letters, desk, told))
    named = [who for who in decision.verdict.notify if "@" in who] if before is None else []
    written += [
        staff_letter(
            "notify", f"notify:{who}", ticket, letters, desk, {"excerpt": _excerpt(reading)}, to=(who,)
        )
        for who in named
    ]
    return written


def new_s1(
    ticket: Ticket, letters: Letters, promises: Promises, now: datetime, desk: Desk, excerpt: str = ""
) -> Letter | None:
    """Tells staff that a ticket has become S1: on arrival, by an answer, a correction, the directory; each time."""
    words = letters.words(STAFF_LANGUAGE)
    zone = contexts.zone_of(desk.time_zone)
    running = (c for c in clocks.commitments(ticket, promises, now) if c.state == "running")
    told = tuple(contexts.promise(c, words, zone) for c in running)
    return staff_letter(
        "new_s1",
        f"new-s1@{_written(ticket, 'new_s1') + 1}",
        ticket,
        letters,
        desk,
        {"promises": told, "excerpt": excerpt},
    )


def on_resolved(
    ticket: Ticket, letters: Letters, promises: Promises, now: datetime, desk: Desk, *,
    silence: bool = False, report: str = "",
) -> Letter | None:  # fmt: skip
    """Solved, with the question how satisfied the partner is; each time it is resolved anew.

    `report` is what the partner is told about it, in the words of staff; nothing else of theirs gets in.
    """
    kind = "resolved_for_silence" if silence else "resolved"
    extra = {"report": report, "reopen_days": promises.schedules.reopen_within.length.days}
    return partner_letter(kind, f"resolved@{_count(ticket, Happening.RESOLVED)}", ticket, letters, promises, now, desk, extra)  # fmt: skip


def on_closed(
    ticket: Ticket, letters: Letters, promises: Promises, now: datetime, desk: Desk
) -> Letter | None:
    """Closed for good."""
    key = f"closed@{_count(ticket, Happening.CLOSED)}"
    return partner_letter("closed", key, ticket, letters, promises, now, desk)


def on_case_moved(
    ticket: Ticket, case: Case, letters: Letters, promises: Promises, now: datetime, desk: Desk
) -> Letter | None:
    """The partner learns each step of an engineering case; the expected date is told as no promise."""
    words = letters.words(letters.language_for("case_update", ticket.language))
    confirm = promises.schedules.case.confirm_after if case.step is CaseStep.CONFIRMING else None
    calendar = promises.schedules.calendar
    ends = promises.after(confirm, calendar, ticket.region, case.since) if confirm else None
    extra = {**case_words(case, words, ticket, ends), "report": case.note}
    if not _is_ahead(case, now, ticket):
        extra["expected"] = ""
    key = f"case:{case.id}@{case.moves}"
    return partner_letter("case_update", key, ticket, letters, promises, now, desk, extra)


def on_identified(
    ticket: Ticket, letters: Letters, promises: Promises, now: datetime, desk: Desk
) -> Letter | None:
    """Staff found out which account it is about: what that changes for the partner."""
    key = f"account@{_count(ticket, Happening.JUDGED)}"
    return partner_letter("account_identified", key, ticket, letters, promises, now, desk)


def on_split(
    ticket: Ticket, other: str, letters: Letters, promises: Promises, now: datetime, desk: Desk
) -> Letter | None:
    """A second matter got this ticket of its own; `other` is the reference of the first."""
    return partner_letter("split_off", "split", ticket, letters, promises, now, desk, {"other": other})


def on_merged(
    ticket: Ticket, other: str, letters: Letters, promises: Promises, now: datetime, desk: Desk
) -> Letter | None:
    """It goes on under another reference."""
    key = f"merged@{_count(ticket, Happening.MERGED)}"
    return partner_letter("merged", key, ticket, letters, promises, now, desk, {"other": other})


def _is_ahead(case: Case, now: datetime, ticket: Ticket) -> bool:
    """Whether the expected date can still be expected: not passed, and the fix not there yet."""
    if case.expected is None or case.step in (CaseStep.CONFIRMING, CaseStep.RESOLVED):
        return False
    return case.expected >= now.astimezone(contexts.zone_of(ticket.time_zone)).date()


def case_words(case: Case, words: Words, ticket: Ticket, ends: datetime | None) -> dict[str, Any]:
    """What letters say of a case, in a language's own words."""
    zone = contexts.zone_of(ticket.time_zone)
    return {
        "case": case.id,
        "step": words.case_steps.get(str(case.step), str(case.step)),
        "expected": words.day(case.expected) if case.expected else "",
        "confirm": case.step is CaseStep.CONFIRMING,
        "ends": words.moment(ends, zone) if ends else "",
    }


def undeliverable(
    ticket: Ticket, failed: Sequence[tuple[str, str]], letters: Letters, desk: Desk, key: str
) -> Letter | None:
    """Tells staff which addresses (address, why) letters of a ticket do not reach."""
    reasons = tuple(one_line(f"{address}: {why}", 300) for address, why in failed)
    return staff_letter("undeliverable", f"undeliverable:{key}", ticket, letters, desk, {"reasons": reasons})


def partner_letter(
    kind: str,
    key: str,
    ticket: Ticket,
    letters: Letters,
    promises: Promises,
    now: datetime,
    desk: Desk,
    extra: dict[str, Any] | None = None,
    *,
    to: tuple[str, ...] | None = None,
    cc: tuple[str, ...] = (),
    template: str | None = None,
    given: Identifiers | None = None,
    only: frozenset[str] | None = None,
) -> Letter | None:
    """A letter to the people of a ticket, in their language; None when there is nobody to write to.

    `given`: identifiers of the mail it answers, told as understood. `only`: the commitments it tells.
    It waits for its sending hours (`not_before`).
    """
    to, cc = (to, cc) if to is not None else addressees(ticket)
    if not to or ticket.history:
        return None
    told = _told(ticket, promises, now, only)
    template = template or kind
    language = letters.language_for(template, ticket.language)
    written = _in(language, template, ticket, letters, desk, told, extra or {}, given)
    if template in BILINGUAL and language != FALLBACK:
        once = {**(extra or {}), "form": ""}  # what is to be filled in stands in it once
        written = join(written, _in(FALLBACK, template, ticket, letters, desk, told, once, given))
    above = letters.words(language).write_above
    letter = Letter(
        kind=kind,
        key=key,
        audience="partner",
        mailbox=ticket.mailbox,
        to=to,
        cc=cc,
        subject=written.subject,
        body=f"{above}\n\n{written.body}" if above else written.body,
        in_reply_to=ticket.last_message_id,
        references=ticket.references,
        language=language,
    )
    return in_hours(letter, ticket, promises, now)


def _told(
    ticket: Ticket, promises: Promises, now: datetime, only: frozenset[str] | None
) -> tuple[Commitment, ...]:
    """The commitments a letter tells: of those that run only `only`, and what was missed whatever it is.

    Not the first response where the acknowledgment counts as it: nobody then promises a person's answer.
    """
    found = []
    for c in clocks.commitments(ticket, promises, now):
        row, policy = COMMITMENTS[c.kind], promises.policy(c.policy)
        by_letter = row.by_acknowledgment and policy is not None and policy.acknowledgment_counts
        if by_letter or (c.state == "missed" and not row.told_late):
            continue
        if c.state == "running" and only is not None and c.kind not in only:
            continue
        found.append(replace(c, limit=None) if c.state == "missed" and (c.limit or now) <= now else c)
    return tuple(found)


def staff_letter(
    kind: str, key: str, ticket: Ticket, letters: Letters, desk: Desk, extra: dict[str, Any] | None = None, *,
    to: tuple[str, ...] | None = None, tier: int = 1,
) -> Letter | None:  # fmt: skip
    """A letter to whom the ticket is assigned, else to the list, and on escalation to the tier; None: nobody."""
    to = to if to is not None else staff(ticket, desk, tier)
    if not to:
        return None
    context = contexts.for_staff(ticket, letters.words(STAFF_LANGUAGE), desk)
    written = letters.write(kind, STAFF_LANGUAGE, replace(context, **(extra or {})))
    return Letter(kind, key, "staff", ticket.mailbox, to, written.subject, written.body)


def addressees(ticket: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(to, cc) of a ticket's later letters: its people, without those whose address failed.

    Nobody, where the sender is not verified and neither we nor staff ever answered him: that is a forger.
    """
    if not ticket.trusted and not any(_answers(event) for event in ticket.events):
        return (), ()
    live = [p for p in ticket.people if not p.failed and p.address]
    to = tuple(p.address for p in live if p.role == "requester")
    cc = tuple(p.address for p in live if p.role == "cc" and ticket.trusted)
    return (to, cc) if to else (cc, ())


def _answers(event: Event) -> bool:
    written = event.kind in (Happening.LETTER_WRITTEN, Happening.LETTER_SENT)
    return event.kind is Happening.STAFF_ANSWERED or (
        written and OfLetter.of(event).kind in clocks.ACKNOWLEDGMENTS
    )


def staff(ticket: Ticket, desk: Desk, tier: int = 1) -> tuple[str, ...]:
    """The assigned person, else the alert list; from tier 2 on the people of that tier too."""
    first = (ticket.assigned_to,) if ticket.assigned_to and "@" in ticket.assigned_to else desk.alert
    return tuple(dict.fromkeys((*first, *(desk.tiers.get(tier, ()) if tier > 1 else ()))))


def _in(
    language: str, template: str, ticket: Ticket, letters: Letters, desk: Desk,
    told: Sequence[Commitment], extra: dict[str, Any], given: Identifiers | None,
) -> Written:  # fmt: skip
    words = letters.words(language)
    context = contexts.for_partner(ticket, words, desk, told)
    if given is not None and ticket.trusted:
        context = replace(context, understood=_with_given(context, given, words))
    return letters.write(template, language, replace(context, **extra))


def _with_given(context: Context, given: Identifiers, words: Words) -> tuple[Line, ...]:
    """The ids that the mail itself named, so that a wrong one is noticed; at most five of a kind."""
    lines = [
        Line(words.identifiers.get(kind.name, kind.name), ", ".join(values[:5]))
        for kind in IDENTIFIERS
        if kind.asked and kind.digits and (values := telling.enough(given, kind))
    ]
    return (*context.understood, *lines)


def in_hours(letter: Letter, ticket: Ticket, promises: Promises, now: datetime) -> Letter:
    """The letter, held until the hours in which the rulebook lets its kind leave."""
    calendar = promises.sending_calendar(letter.kind, ticket.region)
    if calendar is None or calendar.is_open(now):
        return letter
    return replace(letter, not_before=calendar.next_open(now))


def _excerpt(reading: Reading) -> str:
    cut = (reading.parts.own or reading.text).strip()[:EXCERPT]
    return "\n".join("> " + one_line(line, 200) for line in cut.splitlines()[:25])


def _count(ticket: Ticket, happening: Happening) -> int:
    return sum(event.kind is happening for event in ticket.events)
