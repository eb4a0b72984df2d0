"""Try a mail: pasted or uploaded, read in a process of its own, judged as arriving now; nothing is written."""

from __future__ import annotations

import threading
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.errors import Faulty
from triaged.learning import places
from triaged.readers.pool import Readers
from triaged.reading.values import Reading
from triaged.walk.judge import Envelope
from triaged.walk.knowledge import Knowledge
from triaged.walk.trying import tried
from triaged.web.desk.page import page
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit

_LONGEST = 120_000  # characters of a pasted mail: what a field of a form may hold
_AT_ONCE = threading.Lock()  # one mail at a time: a reader is a whole process with a model


def form(visit: Visit) -> Response:
    """The form; with a mail of the ledger in it where the address names one (`?mail=7`)."""
    return _shown(visit, _of_ledger(visit), "", None)


def judge(visit: Visit) -> Response:
    """What would happen, and why."""
    text = visit.form.get("mail")[:_LONGEST]
    boxes = [box.name for box in visit.house.config.mailboxes]
    mailbox = visit.form.get("mailbox") if visit.form.get("mailbox") in boxes else None
    raw = text.replace("\r\n", "\n").encode("utf-8", "replace")
    if not text.strip():
        return _shown(visit, text, "Paste a mail, its headers first.", None)
    if not _AT_ONCE.acquire(timeout=20):
        return _shown(visit, text, "Somebody else is trying a mail just now. Please try again.", None)
    try:
        known = visit.house.knowledge
        (found,) = tried(["the mail"], _read(raw, known, visit), known, visit.now, mailbox)
    except Faulty as fault:
        return _shown(visit, text, "; ".join(fault.lines), None)
    finally:
        _AT_ONCE.release()
    return _shown(visit, text, "", found)


def _read(raw: bytes, known: Knowledge, visit: Visit) -> list[Reading]:
    model: Path | None = places.current(known.models)
    readers = Readers(known.surroundings, model)
    try:
        return readers.read([(raw, Envelope("", visit.now).door)])
    finally:
        readers.close()


def _of_ledger(visit: Visit) -> str:
    given = visit.query("mail")
    if not given:
        return ""
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0
    row = visit.house.store.mail(number)
    if row is None:
        raise HTTPException(404)
    return (row.raw or b"").decode("utf-8", "replace")[:_LONGEST]


def _shown(visit: Visit, text: str, error: str, found: object) -> Response:
    boxes = [box.name for box in visit.house.config.mailboxes]
    status = 400 if error else 200
    return page(visit, "try.html", status=status, text=text, error=error, found=found, mailboxes=boxes)


PAGES = (get("/try", May.STAFF, form), post("/try", May.STAFF, judge, rate="upload"))
