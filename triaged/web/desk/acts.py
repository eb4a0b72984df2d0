"""Doing it: an act of orders.py on the version that its form saw.

If somebody was faster nothing is written, and the page shows what he did with all that was typed. What makes letters
leave can be looked at first; merging and splitting must.
"""

from __future__ import annotations

from dataclasses import fields

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.errors import Faulty
from triaged.store.page_rows import TicketPage
from triaged.walk.by_hand import ByHand, ChangedMeanwhile, TakenAlready
from triaged.walk.rehearsal import Rehearsal
from triaged.web.desk.act import Given
from triaged.web.desk.orders import ACTS
from triaged.web.desk.page import hand, page
from triaged.web.desk.ticket import Trouble, bring_back, shown_with
from triaged.web.pages import May, post
from triaged.web.visit import Visit, go, ticket_of


def act(visit: Visit) -> Response:
    """Do it, or show first what it would do."""
    found, name = ticket_of(visit), visit.request.path_params["act"]
    if name not in ACTS:
        raise HTTPException(404)
    row, ticket = ACTS[name], found.ticket
    given = Given(visit.form, visit.house.store, visit.who.address, visit.zone)
    if visit.form.get("of") != ticket.reference:
        return _failed(
            visit, found, name, f"This form belongs to {visit.form.get('of')[:20] or 'no ticket'}."
        )
    try:
        if (row.looks and not given.get("sure")) or (row.tells and given.get("do") == "preview"):
            return _looked_at(visit, found, name, given)
        after = row.order(hand(visit), ticket, given)
    except TakenAlready:
        return go(f"/queue/{ticket.reference}?said={name}")
    except ChangedMeanwhile as changed:
        trouble = Trouble(name, typed=visit.form.plain(), came=changed.events)
        return shown_with(visit, ticket_of(visit), trouble=trouble, status=409)
    except Faulty as fault:
        return _failed(visit, found, name, "; ".join(fault.lines))
    if name == "take-back":
        bring_back(visit, ticket.reference)
    return go(f"/queue/{after.reference}?said={name}")


def _failed(visit: Visit, found: TicketPage, name: str, error: str) -> Response:
    return shown_with(visit, found, trouble=Trouble(name, error, visit.form.plain()), status=400)


def _looked_at(visit: Visit, found: TicketPage, name: str, given: Given) -> Response:
    """What it would do and who would receive what; nothing is written."""
    try_out = rehearsal(hand(visit))
    ACTS[name].order(try_out, found.ticket, given)
    typed = {k: v for k, v in visit.form.plain().items() if k not in ("do", "sure", "of", "part")}
    if passage := given.passage(found.ticket):
        typed["passage"] = passage
    return page(
        visit,
        "preview.html",
        found=found,
        ticket=found.ticket,
        name=name,
        act=ACTS[name],
        letters=try_out.shown,
        changes=try_out.changes,
        typed=typed,
        seen=hand(visit).seen,
        passage=passage,
    )


def rehearsal(by: ByHand) -> Rehearsal:
    """The same person's orders, only planned."""
    return Rehearsal(**{one.name: getattr(by, one.name) for one in fields(by)})


PAGES = (post("/queue/{reference}/do/{act}", May.STAFF, act),)
