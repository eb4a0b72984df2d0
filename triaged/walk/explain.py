"""What would happen to a mail, and why: the walk without a database (design page, `explain --json`). PURE.

Each mail is judged alone, as arriving now, without caps. Absent things are null or [], never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from triaged.frozen import frozen
from triaged.judging.decisions import Decision, Sender
from triaged.judging.weighing import weigh
from triaged.letters import kinds
from triaged.promises import clocks
from triaged.reading import our_ids
from triaged.reading.identifiers import telling
from triaged.reading.values import Reading
from triaged.rulebook.rulebook import ClassifierSettings
from triaged.tickets import threads
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Letter, Ticket
from triaged.vocabulary import Kind
from triaged.walk.judge import ALONE, Bearings, Envelope, Incoming, Judgment, judge, who
from triaged.walk.plan import Plan
from triaged.walk.plan_for import plan_for
from triaged.walk.plans.judged import Ground

_CONTENT_KINDS = frozenset({Kind.REQUEST, Kind.THANKS})


@frozen
class Explained:
    """A mail's judgment, and the plan that the pen would write."""

    judgment: Judgment
    plan: Plan
    now: datetime

    @property
    def ticket(self) -> Ticket | None:
        """The ticket it would open."""
        return self.plan.opened

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The letters of that ticket."""
        return tuple(letter for change in self.plan.changes for letter in change.letters)


def explain(reading: Reading, envelope: Envelope, ground: Ground) -> Explained:
    """What a mail would bring about, judged alone."""
    sender = who(reading, ground.bearings)
    incoming = Incoming(reading, sender, envelope, _placed(reading, sender))
    judgment = judge(incoming, ground.bearings, ground.now)
    return Explained(judgment, plan_for(incoming, judgment, ground), ground.now)


def _placed(reading: Reading, sender: Sender) -> Placed:
    """A stranger's mail is abuse even when judged alone, if it names a ticket of ours or answers a letter."""
    if sender.role != "stranger":
        return ALONE
    ids, references = threads.mentions(reading)
    if references:
        return _abuse(f"a stranger writes into {references[0]}")
    ours = [i for i in ids if our_ids.looks_ours(i) and i != reading.message_id]
    return _abuse(f"a stranger answers our letter {ours[0]}") if ours else ALONE


def _abuse(why: str) -> Placed:
    return Placed(None, "none", why, "abuse")


def as_object(file: str, explained: Explained, bearings: Bearings) -> dict[str, Any]:
    """The contract's JSON object of one mail."""
    judgment, decision = explained.judgment, explained.judgment.decision
    reading = judgment.reading
    judged = judgment.kind in _CONTENT_KINDS or judgment.kind is Kind.SPOOF
    return {
        "file": file,
        "kind": str(judgment.kind),
        "why": judgment.sort.why,
        "opens_ticket": judgment.sort.opens_ticket,
        "acknowledges": any(kinds.of(letter.kind).acknowledges for letter in explained.letters),
        "language": reading.language,
        "subject": reading.subject,
        "sender": _sender(judgment),
        "identifiers": _identifiers(reading),
        "service": reading.service,
        "service_because": reading.service_why,
        "new_text": reading.new_text,
        "account": _account(judgment),
        "conflict": judgment.match.conflict,
        "conflict_because": judgment.match.conflict_why,
        "missing": list(judgment.match.missing),
        "no_identifier": judgment.match.no_identifier,
        "classifier": _classifier(judgment, decision, bearings.rulebook.classifier),
        "rules": [{"name": o.name, "hit": o.hit, "why": o.why} for o in decision.verdict.outcomes]
        if decision
        else [],
        "content_severity": str(decision.content_severity) if decision and judged else None,
        "severity": str(decision.severity) if decision and judged else None,
        "severity_because": decision.because if decision and judged else None,
        "provisional": decision.provisional if decision else None,
        "tags": list(decision.tags) if decision else [],
        "queue": decision.queue if decision else None,
        "review": list(decision.review) if decision else [],
        "service_level": _service_level(explained, bearings),
        "letters": [_letter(letter) for letter in explained.letters],
        "attachments": [
            {"name": a.name, "type": a.type, "size": a.size, "inline": a.inline} for a in reading.attachments
        ],
        "automatic": _automatic(reading),
        "rulebook": bearings.rulebook.version,
        "defects": list(reading.defects),
    }


def _sender(judgment: Judgment) -> dict[str, Any]:
    sender, partner = judgment.sender, judgment.sender.partner
    return {
        "address": sender.address or None,
        "name": sender.name,
        "role": sender.role,
        "partner": (partner.domain or sender.address) if partner else None,
        "authentication": sender.authentication,
        "trusted": sender.trusted,
        "oddities": list(judgment.reading.authentication.oddities),
        "why": sender.why,
    }


def _identifiers(reading: Reading) -> dict[str, Any]:
    given = reading.identifiers
    return {
        **telling.as_data(given),
        "found": [
            {"kind": f.kind, "value": f.value, "by": f.by, "part": f.part, "context": f.context}
            for f in given.found
        ],
    }


def _account(judgment: Judgment) -> dict[str, Any] | None:
    match = judgment.match
    if match.account is None:
        return None
    return {
        "key": match.account.key,
        "name": match.account.name,
        "superadmin_email": match.account.superadmin_email or None,
        "matched_by": match.matched_by,
        "licences": match.licences,
        "threshold": match.threshold,
        "large_user": match.large_user,
        "eligible": match.eligible,
        "region": match.account.region,
        "partner": match.account.partner_domain or None,
        "other_partners": match.foreign,
        "why": match.why,
    }


def _classifier(
    judgment: Judgment, decision: Decision | None, settings: ClassifierSettings
) -> dict[str, Any] | None:
    guess = judgment.reading.guess
    if guess is None or decision is None:
        return None
    return {
        "severity": str(guess.severity),
        "confidence": round(guess.confidence, 4),
        "probabilities": {name: round(value, 4) for name, value in guess.probabilities},
        "terms": [[term, round(weight, 4)] for term, weight in guess.terms],
        "model": guess.model,
        "blind": guess.blind,
        "abstained": decision.abstained,
        "steps": [
            {
                "step": step.name,
                "severity": str(step.severity),
                "numbers": dict(step.numbers),
                "why": step.why,
            }
            for step in weigh(guess, settings).steps
        ],
    }


def _service_level(explained: Explained, bearings: Bearings) -> dict[str, Any] | None:
    ticket, decision = explained.ticket, explained.judgment.decision
    if ticket is None or decision is None:
        return None
    return {
        "policy": ticket.service_level,
        "because": decision.service_level_because,
        "commitments": [
            {
                "kind": c.kind,
                "due": c.due,
                "limit": c.limit,
                "target": c.target,
                "state": str(c.state),
                "arithmetic": list(c.arithmetic),
            }
            for c in clocks.commitments(ticket, bearings.rulebook.promises, explained.now)
        ],
    }


def _letter(letter: Letter) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "audience": letter.audience,
        "to": list(letter.to),
        "cc": list(letter.cc),
        "subject": letter.subject,
        "language": letter.language,
        "body": letter.body,
        "not_before": letter.not_before,
    }


def _automatic(reading: Reading) -> Mapping[str, Any] | None:
    automatic = reading.automatic
    if automatic is None:
        return None
    return {
        "why": automatic.why,
        "delayed": automatic.delayed,
        "failed": [
            {"address": f.address, "hard": f.hard, "status": f.status, "diagnostic": f.diagnostic}
            for f in automatic.failed
        ],
        "answers": automatic.original_message_id,
    }
