"""A mail as a whole: its text, its original HTML in a frame that can do nothing, its files and pictures.

Files go out as downloads under a safe name; only raster pictures, by their content, are shown in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from triaged.tickets.ticket import Attached
from triaged.web import render
from triaged.web.files import mail_html
from triaged.web.files.kinds import PICTURES, safe_name
from triaged.web.pages import May, get
from triaged.web.visit import Visit

_FRAME = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_NOTHING = "sandbox; default-src 'none'; frame-ancestors 'none'"


def whole(visit: Visit) -> Response:
    """The whole mail as text, what was folded included; the original beside it."""
    number, raw = _raw(visit)
    if not raw:
        return render.page(visit, "mail.html", whole=None, number=number, back=_back(visit))
    return render.page(visit, "mail.html", whole=mail_html.read(raw), number=number, back=_back(visit))


def frame(visit: Visit) -> Response:
    """The original HTML, cleaned, for the frame: no script, form or request of any kind leaves it."""
    _number, raw = _raw(visit)
    page = mail_html.cleaned(mail_html.read(raw)) if raw else ""
    headers = {
        "content-security-policy": _FRAME,
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "no-referrer",
    }
    return HTMLResponse(page, headers=headers)


def file(visit: Visit) -> Response:
    """A file as a download: never shown, never run, whatever it says it is."""
    found = _file(visit)
    name = safe_name(found.name)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    headers = {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "content-security-policy": _NOTHING,
    }
    return Response(found.content, media_type="application/octet-stream", headers=headers)


def picture(visit: Visit) -> Response:
    """A raster picture in its place."""
    found = _file(visit)
    if found.type not in PICTURES or not PICTURES[found.type](found.content):
        raise HTTPException(404)
    headers = {"content-disposition": "inline", "content-security-policy": _NOTHING}
    return Response(found.content, media_type=found.type, headers=headers)


def _file(visit: Visit) -> Attached:
    given: Mapping[str, str] = visit.request.path_params
    if given["what"] not in ("mail", "letter") or not (
        _is_number(given["number"]) and _is_number(given["index"])
    ):
        raise HTTPException(404)
    what: Literal["mail", "letter"] = "mail" if given["what"] == "mail" else "letter"
    found = visit.house.store.file_of(visit.who.scope, what, int(given["number"]), int(given["index"]))
    if found is None:
        raise HTTPException(404)
    return found


def _raw(visit: Visit) -> tuple[int, bytes]:
    given = visit.request.path_params["number"]
    raw = visit.house.store.raw_of(visit.who.scope, int(given)) if _is_number(given) else None
    if raw is None:
        raise HTTPException(404)
    return int(given), raw


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _back(visit: Visit) -> str:
    """The ticket's page that led here, if it was one of ours."""
    given = visit.query("of").upper()
    known = visit.house.store.reference_of(visit.who.scope, given) if given.startswith("PS-") else None
    at = "/queue" if visit.who.is_staff else "/tickets"
    return f"{at}/{given}" if known is not None else at


PAGES = (
    get("/mails/{number}", May.SIGNED_IN, whole),
    get("/mails/{number}/original", May.SIGNED_IN, frame),
    get("/files/{what}/{number}/{index}", May.SIGNED_IN, file),
    get("/pictures/{what}/{number}/{index}", May.SIGNED_IN, picture),
)
