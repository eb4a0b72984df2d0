"""Whatever model came into force stands in the audit, though its promoter died before he could say so.

The model's card says who promoted it, when and why: it comes into its place together with the model. Whoever looks next
(the promoter himself, a daemon that loads, the model's page) writes down what the audit does not have yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from triaged.config import shipped
from triaged.errors import Faulty
from triaged.learning import places
from triaged.store.store import Store
from triaged.walk import rulebook_change

PROMOTED, FOUND = "model.promote", "model.found"


def noticed(store: Store, models: Path, now: datetime) -> bool:
    """Write down the model in force unless the audit has it; whether it had not. Daemons of this store then load anew."""
    with suppress(Faulty):
        card = places.card_of(places.current(models))
        if ships(card):
            return False
        promoted = card.get("promoted") or {}
        last = store.last_audit((PROMOTED, FOUND))
        if not promoted and last is None:  # it lay there before this history began
            return False
        new = store.audit_once(*_row(card, promoted, now), same=("promoted_at",), kinds=(PROMOTED, FOUND))
        if new:
            rulebook_change.ask_reload(store, str(promoted.get("by", "")), now, model=_name(card))
        return new
    return False


def ships(card: Mapping[str, Any]) -> bool:
    """Whether it is the model that comes with the program: nobody of this house promoted it."""
    return bool(card) and _mark(card) == _shipped()


def _row(
    card: Mapping[str, Any], promoted: Mapping[str, Any], now: datetime
) -> tuple[str, str, str, dict[str, Any], datetime]:
    """Who, what, about which model, told how, and when."""
    if not promoted:
        by_hand = {"reason": "changed in its folder by hand", "promoted_at": ""}
        return "", FOUND, _name(card), by_hand, now
    told: dict[str, Any] = {
        "reason": promoted.get("reason") or promoted.get("anyway") or "",
        "against": promoted.get("against") or [],
        "promoted_at": str(promoted.get("at", "")),
    }
    try:
        at = datetime.fromisoformat(told["promoted_at"])
    except ValueError:
        at = now
    return str(promoted.get("by", "")), PROMOTED, _name(card), told, at if at.tzinfo else now


def _name(card: Mapping[str, Any]) -> str:
    return str(card.get("id", ""))[:64]


def _mark(card: Mapping[str, Any]) -> tuple[str, str]:
    return _name(card), str((card.get("promoted") or {}).get("at", ""))


def _shipped() -> tuple[str, str]:
    try:
        return _mark(places.card_of(places.current(shipped.models())))
    except Faulty:
        return "", ""
