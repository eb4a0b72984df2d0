"""A lead's draft of the next rulebook: edited file by file or uploaded, checked, tested, tried on stored mail, put in force.

A draft is one person's. What is in force is seen through it: files that nobody changed here follow it, and one that somebody
else has changed in force meanwhile is told, with both texts, before anything is overwritten.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from starlette.responses import JSONResponse, Response

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.rulebook.fields import FIELDS
from triaged.rulebook.rulebook import Rulebook
from triaged.rulebook.schema import json_schema
from triaged.rulebook.text_differences import FileDifference, differences
from triaged.spec.strict_yaml import Complaint
from triaged.store.rulebook_keeping import DraftFile
from triaged.walk import rulebook_change
from triaged.walk.backtest import Side
from triaged.walk.rulebook_change import Change, Draft, Overtaken, Tested
from triaged.walk.rulebook_folder import ROOMS
from triaged.web.desk import working
from triaged.web.desk.page import page, since
from triaged.web.files.rulebooks import rulebook_files, texts_of
from triaged.web.pages import May, get, post
from triaged.web.visit import Refusal, Visit, go

_SPANS = ("7d", "30d", "90d")
HERE = "/rules/draft"


@frozen
class Told:
    """What a form on the draft's page met: a fault, files not taken, the rulebook's tests, what was typed as a reason."""

    error: str = ""
    refused: Sequence[Refusal] = ()
    tested: Tested | None = None
    reason: str = ""


NOTHING = Told()


def draft_of(visit: Visit) -> Draft:
    """The visitor's. Raises Faulty where the rulebook in force cannot be read."""
    folder = rulebook_change.folder_of(visit.house.config)
    return rulebook_change.draft_of(visit.house.store, folder, visit.who.address)


def checked(folder: Path, texts: dict[str, str]) -> tuple[Rulebook | None, list[Complaint]]:
    """The rulebook of these files and every complaint; of the same files it is looked at once."""
    return _checked(folder, tuple(texts.items()))


@lru_cache(maxsize=6)
def _checked(folder: Path, texts: tuple[tuple[str, str], ...]) -> tuple[Rulebook | None, list[Complaint]]:
    return rulebook_change.check(folder, dict(texts))


def show(visit: Visit) -> Response:
    """The draft: its files, faults, tests, backtest, difference, and the form that puts it in force."""
    return shown(visit)


def shown(visit: Visit, told: Told = NOTHING, *, status: int = 200) -> Response:
    """The page, with what a form of it met."""
    config, store, job = visit.house.config, visit.house.store, working.of(visit, "backtest")
    folder, draft = rulebook_change.folder_of(config), draft_of(visit)
    rulebook, complaints = checked(folder, draft.texts)
    others = [one for one in store.all_draft_files() if one.address != visit.who.address]
    return page(
        visit,
        "rules_draft.html",
        status=status,
        draft=draft,
        files=sorted({*draft.standing, *(one.name for one in draft.changed)}),
        changed={one.name: one for one in draft.changed},
        overtaken={one.name for one in draft.overtaken},
        folder=folder,
        ships=config.rulebook is None,
        rulebook=rulebook,
        faults=[one for one in complaints if not one.warning],
        warnings=[one for one in complaints if one.warning],
        differences=draft.differences,
        others=sorted({(one.address, one.name) for one in others}),
        told=told,
        job=job,
        silent=working.is_silent(job),
        spans=_SPANS,
        said=visit.query("said"),
    )


def file(visit: Visit) -> Response:
    """One file, to be edited."""
    name = visit.query("name").strip()
    if why := rulebook_change.objection(name, ""):
        return shown(visit, Told(f"{name[:100]}: {why}"), status=400)
    return file_shown(visit, name)


def file_shown(
    visit: Visit, name: str, typed: str | None = None, error: str = "", *, status: int = 200
) -> Response:
    """The page of a file, with what was typed where it was not saved."""
    folder, draft = rulebook_change.folder_of(visit.house.config), draft_of(visit)
    mine = next((one for one in draft.changed if one.name == name), None)
    standing = draft.standing.get(name)
    stands = mine.text if mine else standing
    _rulebook, complaints = checked(folder, draft.texts)
    return page(
        visit,
        "rules_file.html",
        status=status,
        name=name,
        text=typed if typed is not None else stands or "",
        stands=stands if typed is not None and typed != stands else None,
        mine=mine,
        standing=standing,
        in_force=_in_force(standing),
        theirs=_theirs(mine, standing) if mine else (),
        faults=[one for one in complaints if one.file == f"{folder.name}/{name}"],
        elsewhere=sum(one.file != f"{folder.name}/{name}" and not one.warning for one in complaints),
        differences=differences({name: standing} if standing is not None else {}, {name: stands} if stands is not None else {}),
        error=error,
        said=visit.query("said"),
        completion="/rules/completion",
    )  # fmt: skip


def _theirs(mine: DraftFile, standing: str | None) -> tuple[FileDifference, ...]:
    """What somebody else changed in force since this file was begun."""
    if standing in (mine.base, mine.text):
        return ()
    before = {} if mine.base is None else {mine.name: mine.base}
    return differences(before, {} if standing is None else {mine.name: standing})


def save(visit: Visit) -> Response:
    """Keep a file of the draft, take it out of the rulebook, or give up what was changed of it; on what the form saw."""
    given, name = visit.form.get("text"), visit.form.get("name").strip()
    if why := rulebook_change.objection(name, given):
        return file_shown(visit, name[:100], given, why, status=400)
    do = visit.form.get("do")
    if do == "revert":
        _given_up(visit, [visit.form.get("mark")])
        return go(f"{HERE}?said=reverted")
    standing = _standing(visit, name)
    if _moved_on(visit, standing):
        error = "Others have put another text of it in force since you opened it: it is shown below. Save again to have yours over it."
        return file_shown(visit, name, given, error, status=409)
    if not _kept(visit, visit.who.address, name, None if do == "remove" else given, standing):
        error = "It was changed meanwhile in another window of yours. What stands now is shown below; what you typed is in the field."
        return file_shown(visit, name, given, error, status=409)
    return go(HERE + "?said=removed" if do == "remove" else f"{HERE}/file?name={name}&said=saved")


def _standing(visit: Visit, name: str) -> str | None:
    """The text of a file in force; None: there is none of that name."""
    return rulebook_change.standing(rulebook_change.folder_of(visit.house.config)).get(name)


def _in_force(standing: str | None) -> str:
    """What stands in force of a file, for a form."""
    return hashlib.sha256(standing.encode()).hexdigest()[:16] if standing is not None else "none"


def _moved_on(visit: Visit, standing: str | None) -> bool:
    """Whether the form would begin a draft, or go over others' text, on another text than its page showed to be in force."""
    seen, begins = visit.form.get("in_force"), not visit.form.get("mark") or bool(visit.form.get("over"))
    return begins and seen not in ("", _in_force(standing))


def _given_up(visit: Visit, marks: Collection[str]) -> None:
    """Of the visitor's own files those with these marks."""
    store = visit.house.store
    mine = {one.mark for one in store.draft_files(visit.who.address)}
    store.drop_draft_files(mine & set(marks))


def _kept(visit: Visit, address: str, name: str, text: str | None, standing: str | None) -> bool:
    """Keep it in somebody's draft, if the form's mark is what stands there. What is as in force (`standing`) is no change."""
    store = visit.house.store
    mark = visit.form.get("mark")[:32]
    mine = next((one for one in store.draft_files(address) if one.name == name), None)
    if (mine.mark if mine else "") != mark:
        return False
    if text == standing:
        return mine is None or store.drop_draft_files([mark]) == 1
    base = mine.base if mine and not visit.form.get("over") else standing
    return store.save_draft_file(DraftFile(address, name, text, base, visit.now, mark))


def keep(visit: Visit, address: str) -> str:
    """A file that was sent when the session was over stands in its writer's draft after signing in (P13)."""
    name, text = visit.form.get("name").strip(), visit.form.get("text")
    if not rulebook_change.objection(name, text) and visit.form.get("do") == "save":
        _kept(visit, address, name, text, _standing(visit, name))
        return f"{HERE}/file?name={name}"
    return HERE


def upload(visit: Visit) -> Response:
    """Files, a folder or a zip become the draft; with `whole`, what is not among them goes."""
    given, draft = visit.form, draft_of(visit)
    if given.refused or not given.files:
        error = "Nothing was taken." if given.refused else "No file came."
        return shown(visit, Told(error, given.refused), status=400)
    texts = texts_of(given.files)
    if given.get("whole"):
        wanted: dict[str, str | None] = {**dict.fromkeys(draft.standing), **texts}
    else:
        wanted = {**{one.name: one.text for one in draft.changed}, **texts}
    begun = {one.name: one.base for one in draft.changed if one.name not in texts}
    files = [
        DraftFile(visit.who.address, name, text, begun.get(name, draft.standing.get(name)), visit.now)
        for name, text in wanted.items()
        if text != draft.standing.get(name)
    ]
    if not _as_seen(visit, draft) or not visit.house.store.replace_draft(
        visit.who.address, files, [one.mark for one in draft.changed]
    ):
        return shown(visit, Told(_CHANGED), status=409)
    return go(f"{HERE}?said=uploaded")


_CHANGED = "Your draft was changed in another window of yours. Nothing was done; look at it as it is now."


def _as_seen(visit: Visit, draft: Draft) -> bool:
    return visit.form.get("draft") == draft.seen


def discard(visit: Visit) -> Response:
    """Give the draft up, as it was seen."""
    _given_up(visit, visit.form.get("draft").split("."))
    return go(f"{HERE}?said=discarded")


def run_tests(visit: Visit) -> Response:
    """The draft's own tests, run now."""
    rulebook, _complaints = checked(rulebook_change.folder_of(visit.house.config), draft_of(visit).texts)
    if rulebook is None:
        return shown(visit, Told("It has faults; they come first."), status=400)
    words = visit.house.knowledge.surroundings.words
    return shown(visit, Told(tested=rulebook_change.test(rulebook, words)))


def backtest(visit: Visit) -> Response:
    """Begin to judge stored mail by the draft, in a process of its own."""
    draft = draft_of(visit)
    word, begin = since(visit, "30d", visit.form.get("since"))
    if checked(rulebook_change.folder_of(visit.house.config), draft.texts)[0] is None:
        return shown(visit, Told("It has faults; they come first."), status=400)
    asked = {"files": draft.texts, "since": begin.isoformat(), "span": word}
    begun = visit.house.working.begin("backtest", visit.who.address, asked)
    return go(f"{HERE}?said={'begun' if begun else 'busy'}#backtest")


def put(visit: Visit) -> Response:
    """Put the draft in force, as it was seen and over what it was compared with."""
    house, draft, given = visit.house, draft_of(visit), visit.form
    reason = given.get("reason").strip()
    if not _as_seen(visit, draft):
        return shown(visit, Told(_CHANGED, reason=reason), status=409)
    if draft.overtaken:
        names = ", ".join(one.name for one in draft.overtaken)
        return shown(visit, Told(f"Others changed {names} in force since you began: look at both first.", reason=reason), status=409)  # fmt: skip
    change = Change(
        draft.texts, visit.who.address, reason, given.get("version"), anyway=bool(given.get("anyway"))
    )
    words = house.knowledge.surroundings.words
    try:
        done = rulebook_change.put(house.store, house.config, change, words, visit.now)
    except Overtaken as late:
        return shown(visit, Told("; ".join(late.lines), reason=reason), status=409)
    except Faulty as fault:
        return shown(visit, Told("\n".join(fault.lines), reason=reason), status=400)
    house.store.drop_draft_files([one.mark for one in draft.changed])
    taken(visit, draft.texts)
    return go(f"/rules/history/{done.id}?said=put")


def taken(visit: Visit, texts: dict[str, str]) -> None:
    """These pages judge by it at once; daemons take it by themselves."""
    house = visit.house
    rulebook, _complaints = checked(rulebook_change.folder_of(house.config), texts)
    if rulebook is not None:
        side = Side.of(house.knowledge, rulebook)
        house.knowledge = replace(side.knowledge, warnings=tuple(map(str, rulebook.warnings)))


def archive(visit: Visit) -> Response:
    """The whole draft as a zip, to be worked on in an editor and uploaded again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in draft_of(visit).texts.items():
            packed.writestr(f"rules/{name}", text)
    headers = {"content-disposition": 'attachment; filename="rules.zip"'}
    return Response(out.getvalue(), media_type="application/zip", headers=headers)


def completion(visit: Visit) -> Response:
    """What the page's script proposes while one types: keys and facts by the schema, names by the draft's own lists."""
    book = checked(rulebook_change.folder_of(visit.house.config), draft_of(visit).texts)[0]
    names = (book or visit.house.knowledge.rulebook).names
    schema = json_schema(ROOMS, names)
    keys = {key for one in (schema, *schema["$defs"].values()) for key in one.get("properties", {})}
    told = {
        "keys": sorted(keys - set(FIELDS)),
        "facts": sorted(FIELDS),
        "lists": sorted(names.lists),
        "conditions": sorted(names.conditions),
        "words": sorted(names.spoken),
    }
    return JSONResponse(told)


PAGES = (
    get(HERE, May.LEAD, show),
    get(f"{HERE}/file", May.LEAD, file),
    post(f"{HERE}/file", May.LEAD, save, keep=keep, takes=rulebook_files),
    post(f"{HERE}/upload", May.LEAD, upload, takes=rulebook_files, rate="upload"),
    post(f"{HERE}/discard", May.LEAD, discard),
    post(f"{HERE}/test", May.LEAD, run_tests, rate="upload"),
    post(f"{HERE}/backtest", May.LEAD, backtest, rate="upload"),
    post(f"{HERE}/put", May.LEAD, put, rate="upload"),
    get(f"{HERE}/rules.zip", May.LEAD, archive),
    get("/rules/completion", May.LEAD, completion),
)
