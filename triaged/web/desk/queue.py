"""The queue, next due first, and a ticket with its whole conversation; nothing can be changed here yet."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.spec import sizes
from triaged.store.page_rows import Sort, View, Wanted
from triaged.web import render
from triaged.web.catalogues import _
from triaged.web.pages import May, get
from triaged.web.tickets import shown, wording
from triaged.web.tickets.listing import cursor, place
from triaged.web.visit import Visit, go


def show(visit: Visit) -> Response:
    """The queue, or another of its views."""
    given, text = visit.query("view"), visit.query("q").strip()[:200]
    view = next((one for one in View if one.value == given), View.EVERYTHING if text else View.QUEUE)
    wanted = Wanted(
        now=visit.now,
        view=view,
        text=text,
        sort=Sort.UPDATED if view is View.EVERYTHING else Sort.DUE,
        descending=view is View.EVERYTHING,
        after=place(visit.query("after")),
        before=place(visit.query("before")),
    )
    found = visit.house.store.page(visit.who.scope, wanted)

    def link(**said: str) -> str:
        return "/queue?" + urlencode({"view": view.value, **({"q": text} if text else {}), **said})

    return render.page(
        visit,
        "queue.html",
        found=found,
        view=view,
        views=_titles(),
        text=text,
        link=link,
        cursor=cursor,
        wording=wording,
    )


def ticket(visit: Visit) -> Response:
    """A ticket as it stands."""
    store, scope = visit.house.store, visit.who.scope
    number = store.reference_of(scope, visit.request.path_params["reference"])
    found = store.ticket_page(scope, number) if number is not None else None
    if found is None:
        raise HTTPException(404)
    if visit.request.path_params["reference"] != found.ticket.reference:
        return go(f"/queue/{found.ticket.reference}")
    known = visit.house.knowledge
    words = known.rulebook.letters.words(visit.language).commitments
    return render.page(
        visit,
        "queue_ticket.html",
        found=found,
        ticket=found.ticket,
        words=shown.conversation(found),
        promises=shown.promises(found.ticket, known.rulebook.promises, words, visit.now),
        cases=shown.engineering(found.ticket),
        consents=shown.consents(found.ticket),
        wording=wording,
        size_of=sizes.show,
    )


def _titles() -> list[tuple[View, str]]:
    return [
        (View.QUEUE, _("Next due")),
        (View.MINE, _("Mine")),
        (View.UNASSIGNED, _("Unassigned")),
        (View.S1, "S1"),
        (View.AT_RISK, _("At risk")),
        (View.MISSED, _("Missed")),
        (View.REVIEW, _("To review")),
        (View.WAITING, _("Waiting on the partner")),
        (View.EVERYTHING, _("Everything")),
    ]


PAGES = (
    get("/queue", May.STAFF, show),
    get("/queue/{reference}", May.STAFF, ticket),
)
