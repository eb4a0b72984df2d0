"""For admins: the end of somebody's sessions, and what is held of a person, to be handed out or erased. Both are audited."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.responses import Response

from triaged import maillog
from triaged.vocabulary import counted
from triaged.web.desk.page import page
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit


def sessions(visit: Visit) -> Response:
    """The form."""
    return page(visit, "sessions.html", told="")


def end(visit: Visit) -> Response:
    """Every session of an address ends, in every browser."""
    address = visit.form.get("address").strip().lower()[:320]
    by = visit.who.address
    number = visit.house.store.end_sessions_of(address, f"ended by {by}", visit.now)
    ended = f"{counted(number, 'session')} of {address} ended"
    maillog.done_by_page(by, ended)
    return page(visit, "sessions.html", told=f"{ended}.")


def privacy(visit: Visit) -> Response:
    """Whom it is about, and who asked before."""
    return _held(visit, "", None)


def look(visit: Visit) -> Response:
    """Everything held of somebody."""
    address = _address(visit)
    if not address:
        return _held(visit, "", None, "Write one whole address.")
    held = visit.house.store.held(address, who=visit.who.address, now=visit.now)
    return _held(visit, address, asdict(held))


def erase(visit: Visit) -> Response:
    """For good; the address is typed a second time."""
    address = _address(visit)
    if not address or visit.form.get("again").strip().lower() != address.lower():
        return _held(visit, "", None, "Nothing was erased: the address typed again is another one.")
    counts = visit.house.store.erase(address, visit.who.address, visit.now)
    told = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in counts.items() if number)
    return _held(visit, "", None, f"Erased: {told or 'nothing was held'}.")


def _address(visit: Visit) -> str:
    given = visit.form.get("address").strip()[:320]
    local, at, domain = given.rpartition("@")
    return given if local and at and domain and not any(c.isspace() for c in given) else ""


def _held(visit: Visit, address: str, held: dict[str, Any] | None, told: str = "") -> Response:
    audits = visit.house.store.audits(50)
    return page(visit, "privacy.html", address=address, held=held, told=told, audits=audits)


PAGES = (
    get("/sessions", May.ADMIN, sessions),
    post("/sessions/end", May.ADMIN, end),
    get("/privacy", May.ADMIN, privacy),
    post("/privacy/look", May.ADMIN, look),
    post("/privacy/erase", May.ADMIN, erase),
)
