"""What a ticket's events bear out, for letters to assert: who has it, whether anybody touched it, how it is treated. PURE.

Every answer leans on an event or a field of the ticket; where none bears it out the answer is no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triaged.reading.identifiers.kinds import IDENTIFYING_WAYS
from triaged.tickets.event_data import Assigned, Grounds, OfMail, Tagged
from triaged.tickets.ticket import Event, Happening, Person, Ticket

PRIORITY = "priority-customer"  # the tag by which a rule treats an account as a large user account
_LARGE = "large-account"  # the policy of that treatment, on tickets judged before their tags were kept
_WORK = (Happening.STAFF_ANSWERED, Happening.IDENTIFIED, Happening.ASSIGNED, Happening.SEVERITY_CORRECTED)
_BY_COMMAND = (Happening.STAFF_NOTED, Happening.CASE_MOVED)  # also brought about by mail that may be forged
_NAMED = re.compile(r"([a-z]{2,20})[._]([a-z]{2,20}(?:-[a-z]{2,20})?)")
_NO_NAMES = frozenset(
    {
        "support",
        "team",
        "desk",
        "help",
        "service",
        "tier",
        "group",
        "queue",
        "partner",
        "info",
        "lead",
        "leads",
    }
)


def is_priority(ticket: Ticket) -> bool:
    """Whether it gets the treatment of a large user account: not for an excluded service, not unverified."""
    if not (ticket.large_user and ticket.trusted):
        return False
    told = (Tagged.of(event).tags for event in _backwards(ticket, Happening.JUDGED))
    tags = next((one for one in told if one is not None), None)
    return ticket.service_level == _LARGE if tags is None else PRIORITY in tags


def is_confirmed(ticket: Ticket) -> bool:
    """Whether the account was found by an id that the mails named, not only by a customer's address."""
    judged = (Grounds.of(event).account for event in _backwards(ticket, Happening.JUDGED))
    found = next((one.matched_by for one in judged if one is not None), None)
    return ticket.account_key is not None and found in (None, *IDENTIFYING_WAYS)


def is_touched(ticket: Ticket) -> bool:
    """Whether somebody of ours has worked on it since it was last reopened."""
    for event in _backwards(ticket, *_WORK, *_BY_COMMAND, Happening.REOPENED):
        if event.kind in _WORK or event.actor.startswith("cli:"):
            return True
        if event.kind is Happening.REOPENED:
            return False
    return False


def is_thanked(ticket: Ticket) -> bool:
    """Whether the partner's last word was thanks: "it works now", and no question since."""
    said = (Happening.RECEIVED, Happening.PARTNER_ANSWERED, Happening.REOPENED)
    last = next(_backwards(ticket, *said), None)
    return last is not None and OfMail.of(last).thanks


def requester(ticket: Ticket) -> Person:
    """Who asked."""
    return next((p for p in ticket.people if p.role == "requester"), Person(""))


def company(ticket: Ticket) -> str:
    """The partner's name, as the directory had it when the ticket was last judged."""
    return next(filter(None, (Grounds.of(e).company for e in _backwards(ticket, Happening.JUDGED))), "")


def person(ticket: Ticket) -> str:
    """The name of whom the ticket is assigned to: as told with the assignment, as written in his own
    answers, or by his address (ben.carter@…); empty where none of them says."""
    address = (ticket.assigned_to or "").lower()
    for event in _backwards(ticket, Happening.ASSIGNED, Happening.STAFF_ANSWERED):
        told = Assigned.of(event)  # an answer tells its writer's name alike
        of = (told.to or "") if event.kind is Happening.ASSIGNED else event.actor
        if address and of.lower() == address and told.name:
            return told.name
    return named(address)


def named(address: str) -> str:
    """The name that an address says (ben.carter@…); empty where it says none."""
    found = _NAMED.fullmatch(address.lower().partition("@")[0])
    if not found or _NO_NAMES & set(found.groups()):
        return ""
    return " ".join(part.title() for part in found.groups())


def _backwards(ticket: Ticket, *kinds: Happening) -> Iterator[Event]:
    return (event for event in reversed(ticket.events) if event.kind in kinds)
