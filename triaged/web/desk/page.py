"""What the console's pages share: their frame, and who acts.

The console speaks English, as letters to staff do, whatever language its person chose for other pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from babel.core import Locale
from starlette.responses import Response

from triaged.letters import bearing
from triaged.spec import durations, sizes
from triaged.walk.by_hand import ByHand
from triaged.web import catalogues, render, times
from triaged.web.pages import May
from triaged.web.tickets import wording
from triaged.web.visit import Visit

_NAV = (
    ("/queue", "Queue", May.STAFF), ("/open", "Open a ticket", May.STAFF), ("/screen-sharing", "Screen sharing", May.STAFF), ("/try", "Try a mail", May.STAFF),
    ("/ledger", "Ledger", May.STAFF), ("/outbox", "Outbox", May.STAFF), ("/addresses", "Addresses", May.STAFF),
    ("/reports", "Reports", May.STAFF), ("/rules", "Rules", May.LEAD), ("/model", "Model", May.LEAD),
    ("/sessions", "Sessions", May.ADMIN), ("/privacy", "Privacy", May.ADMIN),
)  # fmt: skip


def page(visit: Visit, template: str, *, status: int = 200, **names: Any) -> Response:
    """A page of the console."""
    visit.language = catalogues.FALLBACK
    catalogues.speak(visit.language)
    here = visit.request.url.path
    nav = [(to, title, _is_at(here, to)) for to, title, may in _NAV if may.holds(visit.person)]
    return render.page(
        visit,
        f"desk/{template}",
        status=status,
        nav=nav,
        wording=wording,
        size_of=sizes.show,
        span=durations.show,
        ago=lambda at: times.distance(at, visit.now),
        language_name=language_name,
        **names,
    )


def language_name(tag: str) -> str:
    """`en` as people say it: English; what is no language stays as it is.

    Told by English alone: a slim environment has no data of languages that the pages do not speak (packaging/slim).
    """
    return str(Locale("en").languages.get(tag.replace("-", "_"), tag))


def _is_at(here: str, to: str) -> bool:
    return here == to or here.startswith(f"{to}/")


def hand(visit: Visit, *, guarded: bool = True) -> ByHand:
    """What this person orders. `guarded`: by a form that is taken once and on the version that it saw."""
    seen, form = (visit.form.seen, visit.form.key) if guarded else (None, "")
    store, known = visit.house.store, visit.house.knowledge
    return ByHand(store, known, visit.who.address, visit.now, name_of(visit.who.address), seen, form)


def name_of(address: str) -> str:
    """How partners read the name of one of ours: by his address, ben.carter@…; empty where it says none."""
    return bearing.named(address)


def since(visit: Visit, otherwise: str, given: str = "") -> tuple[str, datetime]:
    """The span of an address (`30d`), or the one given, and the moment it began; what is no span, or is too long, is `otherwise`."""
    given = given or visit.query("since") or otherwise
    for word in (given, otherwise):
        try:
            return word, visit.now - durations.parse(word)
        except (ValueError, OverflowError):
            continue
    raise AssertionError(otherwise)
