"""The model in force, for leads: its card, and what waits to be compared and promoted (by the commands)."""

from __future__ import annotations

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.learning import places
from triaged.web.desk.page import page
from triaged.web.pages import May, get
from triaged.web.visit import Visit

_LONGEST = 100_000


def show(visit: Visit) -> Response:
    """Its card as it was written at training, and the candidates."""
    models, card, name, error = visit.house.knowledge.models, "", "", ""
    try:
        folder = places.current(models)
        name, text = places.name_of(folder), folder / "card.md"
        card = text.read_text("utf-8")[:_LONGEST]
    except Faulty as fault:
        error = "; ".join(fault.lines)
    except OSError as fault:
        error = f"its card cannot be read: {fault.strerror}"
    waiting = [places.name_of(one) for one in places.candidates(models)]
    return page(visit, "model.html", name=name, card=card, error=error, waiting=waiting)


PAGES = (get("/model", May.LEAD, show),)
