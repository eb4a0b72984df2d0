"""Pages from templates: everything escaped, an unknown name a fault, the reader's language and zone throughout."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from starlette.responses import HTMLResponse, Response

from triaged.web import catalogues, times
from triaged.web.catalogues import LANGUAGES
from triaged.web.visit import Visit

HERE = Path(__file__).parent
STATIC = HERE / "static"
_TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))  # embeddings, overrides, isolates


def page(visit: Visit, template: str, *, status: int = 200, **names: Any) -> Response:
    """The page; `names` are the template's own beside those of every page."""
    return HTMLResponse(text(visit, template, **names), status_code=status)


def text(visit: Visit, template: str, **names: Any) -> str:
    """The page's HTML."""
    zone = visit.zone
    common = {
        "visit": visit,
        "person": visit.person,
        "language": visit.language,
        "csrf": visit.csrf,
        "at": times.teller(zone, visit.now),
        "zone": zone.key,
    }
    return environment().get_template(template).render(**(common | names))


@cache
def environment() -> jinja2.Environment:
    """The one environment, for all languages."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_in_reading_order,
    )
    made.install_gettext_callables(catalogues._, catalogues.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {"day": _day, "plain": _plain}
    made.globals |= {"languages": LANGUAGES, "static": static_address}
    return made


def _in_reading_order(value: Any) -> Any:
    """A stranger's name or subject without the marks that would turn it, and what stands beside it, about."""
    return value.translate(_TURNS) if type(value) is str and not value.isascii() else value


def _day(when: date) -> str:
    return times.day(when)


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


@cache
def static_address(name: str) -> str:
    """A file's address, which changes with its content: browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{digest}/{name}"
