"""Assigning and closing many at once: the chosen ones are posted, never a filter; the count and the letters are named
first; each ticket has its outcome, and one that changed meanwhile is left alone (P19, P20).
"""

from __future__ import annotations

from dataclasses import replace
from email.utils import parseaddr
from typing import Any

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.store.columns import to_micros
from triaged.tickets.ticket import Letter, Ticket
from triaged.walk.by_hand import ByHand
from triaged.web.desk.acts import rehearsal
from triaged.web.desk.page import hand, page
from triaged.web.pages import May, post
from triaged.web.signing_in.destinations import own_path
from triaged.web.visit import Visit, go, number

MOST = 50  # as many as stand on a page


@frozen
class Outcome:
    """What became of one ticket, or would. `why`: why not; `letters`: that leave."""

    reference: str
    subject: str
    mark: str
    why: str = ""
    letters: tuple[Letter, ...] = ()


@frozen
class Wish:
    """What is to be done to all of them."""

    do: str
    person: str
    reason: str
    quiet: bool

    def order(self, by: ByHand, ticket: Ticket) -> None:
        """Do it to one. Raises Faulty."""
        if self.do == "assign":
            name, address = parseaddr(self.person)
            told: dict[str, Any] = {"to": address.lower()} | ({"name": name} if name else {})
            by.happen(ticket, "assigned", self.reason or f"assigned to {address.lower()}", **told)
        else:
            by.happen(ticket, "closed", self.reason or "closed", quiet=self.quiet)


def bulk(visit: Visit) -> Response:
    """First what would happen, then one outcome a ticket."""
    form = visit.form
    back = own_path(form.get("back")) or "/queue"
    chosen = list(dict.fromkeys(form.fields.get("chosen", ())))[:MOST]
    person = visit.who.address if form.get("me") else form.get("person").strip()[:320]
    do = "close" if form.get("do") == "close" else "assign"
    wish = Wish(do, person, form.get("reason").strip()[:2000], quiet=form.get("sure") == "quiet")
    if not chosen:
        return go(back)
    error = ""
    if do == "assign" and "@" not in parseaddr(person)[1]:
        error = "Whom are they assigned to? Give a mail address: reminders go there."
    sure = bool(form.get("sure")) and not error
    outcomes = [_one(visit, wish, mark, sure) for mark in chosen]
    letters = sum(len(one.letters) for one in outcomes)
    return page(
        visit,
        "bulk.html",
        wish=wish,
        outcomes=outcomes,
        fit=[one for one in outcomes if not one.why],
        letters=letters,
        sure=sure,
        error=error,
        back=back,
    )


def _one(visit: Visit, wish: Wish, mark: str, sure: bool) -> Outcome:
    """One ticket: looked at as it stands, and left alone where that is not as it was shown."""
    reference, _at, changed = mark.partition("@")
    store, scope = visit.house.store, visit.who.scope
    at = store.reference_of(scope, reference[:60])
    ticket = store.ticket(at) if at is not None else None
    if ticket is None:
        return Outcome(reference[:20], "", mark, "there is no such ticket")
    if to_micros(ticket.updated_at) != number(changed):
        why = "somebody changed it meanwhile; it is left alone"
        return Outcome(ticket.reference, ticket.subject, mark, why)
    seen = max((event.id for event in ticket.events), default=0)
    by = replace(hand(visit, guarded=False), seen=seen)
    tried = rehearsal(by)
    try:
        wish.order(tried, ticket)
        if sure:
            wish.order(by, ticket)
    except Faulty as fault:
        return Outcome(ticket.reference, ticket.subject, mark, "; ".join(fault.lines))
    return Outcome(ticket.reference, ticket.subject, mark, letters=tried.letters)


PAGES = (post("/queue/bulk", May.STAFF, bulk),)
