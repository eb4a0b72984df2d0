"""What of a question makes its statement, and what only fills it: lists are asked in few shapes, by many.

Making a statement takes longer than running it, so it is made once for each shape, out of blanks, and each asking fills
every place by name (`filling`): nothing of whoever asked first stays in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BindParameter, bindparam

from triaged.store.columns import EPOCH, address_key, storable, to_micros
from triaged.store.listed import spelt
from triaged.store.page_rows import Place, Wanted
from triaged.store.scope import Scope

SHAPES = 64  # of each kind of statement that are kept
_BLANK = "-"
_VALUES = ("mailbox", "partner", "account", "service", "person", "tag", "channel", "text")


def filled(name: str, value: Any, type_: Any, *, several: bool = False) -> BindParameter[Any]:
    """A place of a statement, by its name in `filling`."""
    return bindparam(name, value, type_=type_, expanding=several)


def of_reader(scope: Scope) -> Scope:
    """What of a reader makes a statement: how much he sees, and by how many names of partners."""
    return replace(scope, address=_BLANK, partners=(_BLANK,) * min(len(scope.partners), 2))


def of_question(wanted: Wanted) -> Wanted:
    """What of a question does: which filters it has, its words of a closed set, order and length."""
    blanks = {name: _BLANK for name in _VALUES if getattr(wanted, name)}
    after, before = (place and Place(0, 0) for place in (wanted.after, wanted.before))
    return replace(wanted, now=EPOCH, after=after, before=before, **blanks)  # type: ignore[arg-type]


def filling_of_reader(scope: Scope) -> Mapping[str, Any]:
    """What fills the places that say who asks."""
    return {
        "reader": scope.address,
        "reader_key": address_key(scope.address),
        "reader_partner": scope.partners[0] if scope.partners else "",
        "reader_partners": list(scope.partners),
    }


def filling(
    scope: Scope, wanted: Wanted, place: Place | None = None, found: Sequence[int] = ()
) -> Mapping[str, Any]:
    """What fills every place that a list's statement may have. `found`: those that the text is in."""
    return {
        **filling_of_reader(scope),
        "now": to_micros(wanted.now),
        "mailbox": wanted.mailbox,
        "partner": wanted.partner.lower(),
        "account": wanted.account,
        "service": wanted.service,
        "channel": wanted.channel,
        "person_key": address_key(wanted.person),
        "tag": storable(wanted.tag),
        "found": spelt(found),
        "place_key": place.key if place else None,
        "place_id": place.ticket_id if place else None,
    }
