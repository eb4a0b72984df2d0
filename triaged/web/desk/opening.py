"""A ticket for a call or a chat: what was heard is taken down, and judged and acknowledged like any mail.

What cannot be opened yet stays as a draft, files and all, as answers do.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parseaddr

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.reading.mime import charsets
from triaged.store.page_rows import Draft
from triaged.tickets.ticket import Attached
from triaged.walk.by_call import open_for_call
from triaged.walk.page_mail import Channel, Written
from triaged.web.desk.page import page
from triaged.web.files import kinds
from triaged.web.forms import answer_files
from triaged.web.pages import May, get, post
from triaged.web.tickets.answering import with_kept
from triaged.web.visit import Refusal, Visit, go

ABOUT, FORM = "new", "call"
LONGEST = 40_000  # characters typed or pasted; a file may be as long as its bytes allow
_LONGEST_FIELDS = {"channel": 10, "caller": 400, "subject": 300, "text": 2 * LONGEST, "mailbox": 100}


def form(visit: Visit) -> Response:
    """The form, with what was begun."""
    kept = visit.house.store.draft(visit.who.address, ABOUT, FORM)
    return _form(visit, kept.fields if kept else {}, kept.files if kept else ())


def take_down(visit: Visit) -> Response:
    """Open it and go there."""
    store, address = visit.house.store, visit.who.address
    before = store.draft(address, ABOUT, FORM)
    if visit.form.get("do") == "discard":
        store.drop_draft(address, ABOUT, FORM)
        return go("/open")
    with store.transaction() as tx:
        if tx.take_form(visit.form.key, visit.now, None).again:
            return go("/queue?view=everything&sort=created")
    typed = {name: visit.form.get(name)[:most] for name, most in _LONGEST_FIELDS.items()}
    files, refused = with_kept(visit, before)
    try:
        if refused:
            raise Faulty("some files cannot be taken; the others and the text are kept")
        written = _written(typed, files)
        ticket = open_for_call(
            store, visit.house.knowledge, written, address, visit.now, mailbox=typed["mailbox"]
        )
    except Faulty as fault:
        store.save_draft(Draft(address, ABOUT, FORM, dict(typed), visit.now, files))
        return _form(visit, typed, files, refused=refused, error="; ".join(fault.lines))
    store.drop_draft(address, ABOUT, FORM)
    return go(f"/queue/{ticket.reference}?said=opened")


def _written(typed: Mapping[str, str], files: tuple[Attached, ...]) -> Written:
    """What was said. Where nothing is typed, the first text file is the transcript. Raises Faulty."""
    text = typed["text"]
    if len(text) > LONGEST:
        raise Faulty(f"this is too long: {LONGEST:,} characters fit; attach the transcript as a text file")
    transcript = None if text.strip() else next((one for one in files if one.type == "text/plain"), None)
    if transcript is not None:
        text, files = (
            charsets.decode(transcript.content).text,
            tuple(f for f in files if f is not transcript),
        )
    channel: Channel = "chat" if typed["channel"] == "chat" else "phone"
    name, address = parseaddr(typed["caller"].strip())
    return Written(address.lower(), name, typed["subject"].strip(), text, files, channel)


def _form(
    visit: Visit,
    typed: Mapping[str, str],
    files: tuple[Attached, ...],
    *,
    refused: tuple[Refusal, ...] = (),
    error: str = "",
) -> Response:
    uploads = visit.house.web.uploads
    return page(
        visit,
        "open.html",
        status=400 if error else 200,
        error=error,
        refused=refused,
        typed={name: typed.get(name, "") for name in _LONGEST_FIELDS},
        files=files,
        longest=LONGEST,
        mailboxes=[box.name for box in visit.house.config.mailboxes],
        uploads=uploads,
        accepted=kinds.accepted(uploads),
    )


PAGES = (
    get("/open", May.STAFF, form),
    post("/open", May.STAFF, take_down, rate="upload", takes=answer_files),
)
