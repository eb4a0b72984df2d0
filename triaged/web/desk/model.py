"""The model in force, for leads: its card, how it does on recent mail, corrections that wait; train, compare and promote.

Each takes minutes and is a job (web/jobs.py) that runs the code of the commands. A promotion needs a reason and is audited.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.learning import in_force, places
from triaged.web.desk import working
from triaged.web.desk.page import page, since
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit, go

_LONGEST = 100_000
KINDS = ("watch", "train", "compare", "promote")


def show(visit: Visit) -> Response:
    """Its card as it was written at training, the candidates, and the last of each kind of work."""
    in_force.noticed(visit.house.store, visit.house.knowledge.models, visit.now)
    return _shown(visit)


def _shown(visit: Visit, error: str = "", *, status: int = 200) -> Response:
    models, card, told, fault = visit.house.knowledge.models, "", {}, ""
    try:
        folder = places.current(models)
        told = places.card_of(folder)
        card = (folder / "card.md").read_text("utf-8")[:_LONGEST]
    except Faulty as wrong:
        fault = "; ".join(wrong.lines)
    except OSError as wrong:
        fault = f"its card cannot be read: {wrong.strerror}"
    jobs = {kind: working.of(visit, kind) for kind in KINDS}
    return page(
        visit,
        "model.html",
        status=status,
        name=str(told.get("id", "")),
        promoted=told.get("promoted") or {},
        promoted_at=_moment(told.get("promoted") or {}, "at"),
        ships=in_force.ships(told),
        card=card,
        fault=fault,
        error=error,
        reason=visit.form.get("reason"),
        waiting=[
            name
            for one in reversed(places.candidates(models))
            if (name := places.name_of(one)) != told.get("id")
        ],
        corrections=visit.house.store.corrections_since(_moment(told, "trained_at")),
        jobs=jobs,
        silent={kind: working.is_silent(job) for kind, job in jobs.items()},
        said=visit.query("said"),
    )


def _moment(card: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(str(card.get(name, "")))
    except ValueError:
        return None


def _begun(visit: Visit, kind: str, asked: Mapping[str, Any]) -> Response:
    begun = visit.house.working.begin(kind, visit.who.address, asked)
    return go(f"/model?said={'begun' if begun else 'busy'}")


def watch(visit: Visit) -> Response:
    """How the model in force does on recent mail: what it abstains on, whether people agree, drift."""
    word, begin = since(visit, "30d", visit.form.get("since"))
    return _begun(visit, "watch", {"since": begin.isoformat(), "span": word})


def train(visit: Visit) -> Response:
    """A new candidate, of the examples that ship and people's corrections."""
    return _begun(visit, "train", {})


def compare(visit: Visit) -> Response:
    """A candidate beside the model in force."""
    return _begun(visit, "compare", {"model": visit.form.get("model")[:100]})


def promote(visit: Visit) -> Response:
    """Put a candidate in force; one that is worse only where that is said, too."""
    reason = " ".join(visit.form.get("reason").split())[:1000]
    if not reason:
        return _shown(visit, "The reason is missing: it is kept with the model.", status=400)
    asked = {
        "model": visit.form.get("model")[:100],
        "reason": reason,
        "anyway": bool(visit.form.get("anyway")),
    }
    return _begun(visit, "promote", asked)


PAGES = (
    get("/model", May.LEAD, show),
    post("/model/watch", May.LEAD, watch),
    post("/model/train", May.LEAD, train),
    post("/model/compare", May.LEAD, compare),
    post("/model/promote", May.LEAD, promote),
)
