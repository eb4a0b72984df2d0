"""Who put which rulebook in force, when and why, with the difference, and the way back (P47)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.errors import Faulty
from triaged.rulebook.loading import version_of
from triaged.rulebook.text_differences import differences
from triaged.store.rulebook_keeping import RulebookVersion
from triaged.walk import rulebook_change
from triaged.walk.rulebook_change import Change
from triaged.web.desk.page import page
from triaged.web.desk.rulebook import taken
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit, go, number

_ROWS = 50


def history(visit: Visit) -> Response:
    """Every version, newest first; what somebody changed with an editor too, once anybody has seen it."""
    store, standing = visit.house.store, _standing(visit)
    rulebook_change.noticed(store, visit.house.config, standing, visit.now)
    rows = store.versions(_ROWS + 1, number(visit.query("before")) or None)
    more = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return page(visit, "rules_history.html", rows=rows[:_ROWS], more=more, in_force=version_of(standing))


def version(visit: Visit) -> Response:
    """One of them: what it changed, and whether the daemons have it."""
    return _shown(visit, _version(visit))


def back(visit: Visit) -> Response:
    """Put it in force again, over what the page showed to be in force."""
    house, former = visit.house, _version(visit)
    reason, anyway = visit.form.get("reason").strip(), bool(visit.form.get("anyway"))
    change = Change({}, visit.who.address, reason, visit.form.get("version"), anyway)
    words = house.knowledge.surroundings.words
    try:
        done = rulebook_change.back(house.store, house.config, former.id, change, words, visit.now)
    except Faulty as fault:
        return _shown(visit, former, "\n".join(fault.lines), status=400)
    taken(visit, dict(done.files))
    return go(f"/rules/history/{done.id}?said=put")


def _shown(visit: Visit, one: RulebookVersion, error: str = "", *, status: int = 200) -> Response:
    store, standing = visit.house.store, _standing(visit)
    return page(
        visit,
        "rules_version.html",
        status=status,
        one=one,
        error=error,
        reason=visit.form.get("reason"),
        differences=rulebook_change.changed_by(store, one.id),
        since=differences(standing, one.files),
        in_force=version_of(standing),
        daemon=store.note_of("in_force"),
        refused=store.note_of("reload.refused"),
        said=visit.query("said"),
    )


def _standing(visit: Visit) -> dict[str, str]:
    return rulebook_change.standing(rulebook_change.folder_of(visit.house.config))


def _version(visit: Visit) -> RulebookVersion:
    found = visit.house.store.version(number(visit.request.path_params["number"]))
    if found is None or found.done_at is None:
        raise HTTPException(404)
    return found


PAGES = (
    get("/rules/history", May.LEAD, history),
    get("/rules/history/{number}", May.LEAD, version),
    post("/rules/history/{number}/back", May.LEAD, back, rate="upload"),
)
