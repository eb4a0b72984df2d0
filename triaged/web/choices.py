"""What somebody chooses for his browser: language, zone, keys; and the first page."""

from __future__ import annotations

from starlette.responses import Response

from triaged.web import cookies, render, times
from triaged.web.catalogues import LANGUAGES
from triaged.web.cookies import Choices
from triaged.web.pages import May, get, post
from triaged.web.signing_in.destinations import own_path
from triaged.web.visit import Visit, go


def first(visit: Visit) -> Response:
    """Everybody to his own: partners to their tickets, staff to the queue, strangers to the sign-in."""
    if visit.person is None:
        return go("/sign-in")
    return go("/queue" if visit.person.is_staff else "/tickets")


def show(visit: Visit) -> Response:
    """The form."""
    zones = sorted(zone for zone in times.names() if "/" in zone or zone == "UTC")
    zones = [zone for zone in zones if not zone.startswith(("Etc/", "posix/", "right/", "SystemV/"))]
    return render.page(visit, "choices.html", zones=zones, saved=visit.query("saved") == "1")


def save(visit: Visit) -> Response:
    """Kept in this browser; what is none of the offered counts as not chosen."""
    language, zone = visit.form.get("language"), visit.form.get("zone")
    chosen = Choices(
        language if language in LANGUAGES else "",
        zone if zone in times.names() else "",
        visit.form.get("keys") == "off",
        visit.form.get("sound") == "on",
    )
    response = go(own_path(visit.form.get("next")) or "/choices?saved=1")
    cookies.write_choices(response, chosen, secure=visit.house.web.is_secure)
    return response


PAGES = (
    get("/", May.ANYBODY, first),
    get("/choices", May.ANYBODY, show),
    post("/choices", May.ANYBODY, save),
)
