"""Try a mail: pasted or uploaded, read in a process of its own, judged as arriving now; nothing is written.

With a changed rulebook beside it (a lead's draft, or one that is uploaded with the mail) the difference is told; so it is of a
ticket's mail, judged as it came then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.errors import Faulty
from triaged.learning import places
from triaged.readers.pool import Readers
from triaged.reading.values import Door, Reading
from triaged.rulebook.rulebook import Rulebook
from triaged.walk import beside, rulebook_change
from triaged.walk.backtest import Side, envelope_of
from triaged.walk.judge import Envelope
from triaged.walk.knowledge import Knowledge
from triaged.walk.trying import tried
from triaged.web.desk import rulebook
from triaged.web.desk.page import page
from triaged.web.files.rulebooks import rulebook_files, texts_of
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit

_LONGEST = 120_000  # characters of a pasted mail
_AT_ONCE = threading.Lock()  # one mail at a time: a reader is a whole process with a model
_BUSY = "Somebody else is trying a mail just now. Please try again."


def form(visit: Visit) -> Response:
    """The form; with a mail of the ledger in it where the address names one (`?mail=7`)."""
    return _shown(visit, _of_ledger(visit))


def judge(visit: Visit) -> Response:
    """What would happen, and why; by a changed rulebook too, where one is given."""
    text = visit.form.get("mail")[:_LONGEST]
    boxes = [box.name for box in visit.house.config.mailboxes]
    mailbox = visit.form.get("mailbox") if visit.form.get("mailbox") in boxes else None
    raw = text.replace("\r\n", "\n").encode("utf-8", "replace")
    if not text.strip():
        return _shown(visit, text, "Paste a mail, its headers first.")
    try:
        sides = _sides(visit, _given(visit))
        with _alone():
            readings = _read(raw, Envelope("", visit.now).door, sides)
        found = [
            tried(["the mail"], [reading], known, visit.now, mailbox)[0]
            for reading, known in zip(readings, sides, strict=True)
        ]
    except Faulty as fault:
        return _shown(visit, text, "\n".join(fault.lines))
    return _shown(visit, text, found=found)


def of_ticket(visit: Visit) -> Response:
    """The mail that opened a ticket, as it came then, by the rulebook in force and by the lead's draft."""
    store, word = visit.house.store, visit.form.get("reference").strip().strip("[]")
    number = store.reference_of(visit.who.scope, word[:60])
    mail = store.opening_mail(number) if number is not None else None
    if mail is None:
        told = rulebook.Told(f"{word[:60]}: no such ticket, or no mail of it is kept")
        return rulebook.shown(visit, told, status=400)
    try:
        sides = _sides(visit, _draft(visit))
        with _alone():
            readings = _read(mail.raw, envelope_of(mail, visit.house.config).door, sides)
    except Faulty as fault:
        return rulebook.shown(visit, rulebook.Told("\n".join(fault.lines)), status=400)
    old, new = (
        beside.as_it_came(mail, reading, known) for reading, known in zip(readings, sides, strict=True)
    )
    return page(visit, "rules_ticket.html", reference=word.upper(), both=beside.beside(old, new))


def _given(visit: Visit) -> Rulebook | None:
    """The changed rulebook that came with the mail; None: none. Raises Faulty."""
    if visit.form.refused:
        raise Faulty(*(f"{one.name}: {one.why}" for one in visit.form.refused))
    if visit.form.files:
        folder = rulebook_change.folder_of(visit.house.config)
        texts = texts_of(visit.form.files)
        standing = {} if visit.form.get("whole") else rulebook_change.standing(folder)
        return _sound(rulebook.checked(folder, {**standing, **texts}))
    return _draft(visit) if visit.form.get("beside") == "draft" and May.LEAD.holds(visit.person) else None


def _draft(visit: Visit) -> Rulebook:
    texts = rulebook.draft_of(visit).texts
    return _sound(rulebook.checked(rulebook_change.folder_of(visit.house.config), texts))


def _sound(found: tuple[Rulebook | None, Sequence[Any]]) -> Rulebook:
    book, complaints = found
    if book is None:
        raise Faulty(*(str(one) for one in complaints[:20] if not one.warning))
    return book


def _sides(visit: Visit, changed: Rulebook | None) -> list[Knowledge]:
    known = visit.house.knowledge
    return [known] if changed is None else [known, Side.of(known, changed).knowledge]


@contextmanager
def _alone() -> Iterator[None]:
    """One mail at a time. Raises Faulty where it takes too long to be one's turn."""
    if not _AT_ONCE.acquire(timeout=20):
        raise Faulty(_BUSY)
    try:
        yield
    finally:
        _AT_ONCE.release()


def _read(raw: bytes, door: Door, sides: Sequence[Knowledge]) -> list[Reading]:
    """The mail as each side reads it: only other services make a difference there."""
    found: list[Reading] = []
    for known in sides:
        if found and known.surroundings == sides[0].surroundings:
            found.append(found[0])
            continue
        readers = Readers(known.surroundings, places.current(known.models))
        try:
            found += readers.read([(raw, door)])
        finally:
            readers.close()
    return found


def _of_ledger(visit: Visit) -> str:
    given = visit.query("mail")
    if not given:
        return ""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0
    row = visit.house.store.mail(number)
    if row is None:
        raise HTTPException(404)
    return (row.raw or b"").decode("utf-8", "replace")[:_LONGEST]


def _shown(visit: Visit, text: str, error: str = "", found: Sequence[Mapping[str, Any]] = ()) -> Response:
    boxes = [box.name for box in visit.house.config.mailboxes]
    lead = May.LEAD.holds(visit.person)
    return page(
        visit,
        "try.html",
        status=400 if error else 200,
        text=text,
        error=error,
        found=found[0] if found else None,
        both=beside.beside(found[0], found[1]) if len(found) > 1 else None,
        mailboxes=boxes,
        has_draft=lead and bool(visit.house.store.draft_files(visit.who.address)),
    )


PAGES = (
    get("/try", May.STAFF, form),
    post("/try", May.STAFF, judge, rate="upload", takes=rulebook_files),
    post("/rules/draft/ticket", May.LEAD, of_ticket, rate="upload"),
)
