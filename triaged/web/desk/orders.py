"""What staff can do to a ticket beside writing to the partner: one row an act, each ordered by walk/by_hand.py.

Who adds an act adds its row here, its form to templates/desk/ticket_acts.html and its pair to docs/reference.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from email.utils import parseaddr
from typing import Any

from triaged.errors import Faulty
from triaged.tickets.cases import CaseStep
from triaged.tickets.ticket import Ticket
from triaged.vocabulary import Severity
from triaged.walk.account_named import account_named
from triaged.walk.by_hand import ByHand
from triaged.web.desk.act import Act, Given, Order
from triaged.web.desk.meeting_orders import MEETING_ORDERS


def _severity(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    wanted = given.get("severity").upper()
    if wanted not in list(Severity):
        raise Faulty("a severity is S1, S2, S3 or S4")
    return by.correct(ticket, wanted, given.must("reason", "the reason"))


def _assign(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    name, address = parseaddr(given.me if given.get("me") else given.must("person", "whom it is assigned to"))
    if "@" not in address:
        raise Faulty(f"{given.get('person')!r} is not a valid mail address; reminders go there")
    told: dict[str, Any] = {"to": address.lower()} | ({"name": name} if name else {})
    return by.happen(ticket, "assigned", given.get("reason", f"assigned to {address.lower()}"), **told)


def _note(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    text, report = given.form.get("text").strip()[:20_000], given.get("report")
    if not (text or report):
        raise Faulty("nothing is written")
    told: dict[str, Any] = {"report": report} if report else {}
    return by.happen(ticket, "staff_noted", text or report, **told)


def _happens(kind: str, otherwise: str) -> Order:
    def order(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
        return by.happen(ticket, kind, given.get("reason", otherwise))

    return order


def _ends(kind: str, otherwise: str) -> Order:
    def order(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
        quiet, tell = bool(given.get("quiet")), given.get("tell")
        if quiet and tell:
            raise Faulty("what the partner is told is said in the letter that is not to leave")
        told: dict[str, Any] = {"tell": tell} if tell else {}
        return by.happen(ticket, kind, given.get("reason", otherwise), quiet=quiet, **told)

    return order


def _escalate(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    if given.get("tier") not in ("2", "3"):
        raise Faulty("a tier is 2 or 3")
    tier = int(given.get("tier"))
    return by.happen(ticket, "escalated", given.get("reason", "escalated by staff"), tier=tier)


def _account(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    account = account_named(given.must("account", "the account"), by.knowledge.directory)
    return by.name_account(ticket, account, given.get("reason", "staff found out which account it is"))


def _merge(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    return by.merge(ticket, given.ticket("into"), given.get("reason", "the same case"))


def _split(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    word = given.get("account")
    account = account_named(word, by.knowledge.directory) if word else None
    subject = given.must("subject", "the subject of the other matter")
    reason = given.get("reason", "two matters in one mail")
    return by.split(ticket, subject, reason, account, given.passage(ticket))


def _case(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    case_id, step = given.get("case").upper(), given.get("step", "submitted")
    reason, report, expected = given.get("reason"), given.get("report"), given.day("expected")
    if step not in list(CaseStep):
        raise Faulty(f"{step} is no step of a case")
    if not case_id:
        return by.raise_case(ticket, reason, expected, report)[0]
    return by.move_case(ticket, case_id, step, reason, expected, report)


def _snooze(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    day = given.day("until")
    until = datetime.combine(day, time(9), given.zone).astimezone(UTC) if day else None
    if day is None and not given.get("back"):
        raise Faulty("the day until which it is put off is missing")
    reason = given.get("reason", "back in the queue") if day is None else given.must("reason", "the reason")
    return by.snooze(ticket, until, reason)


def _relate(by: ByHand, ticket: Ticket, given: Given) -> Ticket:
    how = given.get("how", "related")
    if how not in ("related", "duplicate", "none"):
        raise Faulty("tickets are related, duplicates, or neither")
    by.relate(ticket, given.ticket("other"), how, given.get("reason"))  # type: ignore[arg-type]
    return ticket


ACTS: Mapping[str, Act] = {
    "severity": Act("Severity", "The severity stands by your word.", _severity, tells=True),
    "assign": Act("Assign", "It is assigned.", _assign),
    "note": Act("Note", "Noted. No partner sees it.", _note),
    "identify": Act(
        "Identified", "The problem is understood.", _happens("identified", "the problem is identified")
    ),
    "account": Act("Account", "The account is named.", _account, tells=True),
    "wait": Act("Wait", "It waits for the partner.", _happens("waiting", "waiting on the partner")),
    "resolve": Act("Resolve", "It is resolved.", _ends("resolved", "resolved"), tells=True),
    "close": Act("Close", "It is closed.", _ends("closed", "closed"), tells=True),
    "reopen": Act("Reopen", "It is open again.", _happens("reopened", "reopened by staff")),
    "escalate": Act("Escalate", "It is with the higher tier.", _escalate),
    "update": Act(
        "Update letter",
        "The partner is told how it stands.",
        lambda by, ticket, given: by.progress(ticket, given.must("text", "what the partner is told")),
        tells=True,
    ),
    "reviewed": Act(
        "Reviewed",
        "It is off the review list.",
        lambda by, ticket, given: by.reviewed(ticket, given.get("reason", "reviewed")),
    ),
    "case": Act("Engineering case", "The case has moved.", _case, tells=True),
    "merge": Act("Merge", "They are one ticket now.", _merge, tells=True, looks=True),
    "unmerge": Act(
        "Take the merge back",
        "It stands by itself again.",
        lambda by, ticket, given: by.unmerge(ticket, given.get("reason", "merged by mistake")),
    ),
    "split": Act(
        "Split", "The other matter has a ticket of its own: this one.", _split, tells=True, looks=True
    ),
    "snooze": Act("Snooze", "It is put off, or back in the queue.", _snooze),
    "relate": Act("Link", "The mark is set.", _relate),
    "take-back": Act(
        "Take back",
        "The answer does not leave. Its text stands below.",
        lambda by, ticket, given: by.take_back(ticket, given.get("key")),
    ),
    **MEETING_ORDERS,
}
