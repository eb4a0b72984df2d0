"""Answering: a text and files become a mail of this person; what cannot be sent yet stays as a draft, files and all."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from triaged.letters import rich
from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.ticket import Attached
from triaged.walk.by_page import Changed, Done, No
from triaged.web.catalogues import _
from triaged.web.forms import answer_files
from triaged.web.pages import May, post
from triaged.web.tickets import wording
from triaged.web.tickets.ticket import FORM, Writing, shown_with
from triaged.web.visit import Form, Refusal, Visit, go, ticket_of, ticket_of_form


def answer(visit: Visit) -> Response:
    """Send, look at it first, or throw it away."""
    found, form = ticket_of_form(visit), visit.form
    reference, text = found.ticket.reference, form.get("text")
    if form.get("do") == "discard":
        visit.house.store.drop_draft(visit.who.address, reference, FORM)
        return go(f"/tickets/{reference}?said=discarded#answer")
    files, refused = _files(visit, reference)
    if form.get("do") == "preview" or refused:
        _keep(visit, visit.who.address, reference, text, files)
        error = _("Some files cannot be attached. Your text and the other files are kept.") if refused else ""
        writing = Writing(text, files, refused, error, preview=rich.page(text) if not refused else "")
        return shown_with(visit, found, writing, status=400 if refused else 200)
    outcome = visit.acts.answer(
        found.ticket.id,
        text,
        files,
        form=form.key,
        seen=form.seen,
        anyway=form.get("anyway") == "1",
    )
    if isinstance(outcome, Done):
        visit.house.store.drop_draft(visit.who.address, reference, FORM)
        return go(f"/tickets/{reference}?said=sent#newest")
    _keep(visit, visit.who.address, reference, text, files)
    return _not_sent(visit, found, Writing(text, files), outcome)


def _not_sent(visit: Visit, found: TicketPage, writing: Writing, outcome: Changed | No) -> Response:
    if isinstance(outcome, Changed):
        newest = ticket_of(visit)
        return shown_with(
            visit, newest, Writing(writing.text, writing.files, came=outcome.events), status=409
        )
    error = wording.refusal(outcome)
    return shown_with(visit, found, Writing(writing.text, writing.files, error=error), status=400)


def draft(visit: Visit) -> Response:
    """Kept while it is typed; files come with the form itself, and stay as they are."""
    found = ticket_of_form(visit)
    reference = found.ticket.reference
    kept = visit.house.store.draft(visit.who.address, reference, FORM)
    text = visit.form.get("text")
    if not text.strip() and not (kept and kept.files):
        visit.house.store.drop_draft(visit.who.address, reference, FORM)
    else:
        _keep(visit, visit.who.address, reference, text, kept.files if kept else ())
        drop_if_sent(visit, reference, FORM)
    return PlainTextResponse("kept")


def drop_if_sent(visit: Visit, about: str, form: str) -> None:
    """A draft that comes after its own form was taken is none: it would stand there again as if nothing had been sent (P15)."""
    if visit.form.key and visit.house.store.taken_form(visit.form.key) is not None:
        visit.house.store.drop_draft(visit.who.address, about, form)


def keep(visit: Visit, address: str) -> str:
    """An answer that came when the session was over: it stands there again after signing in (P13)."""
    reference = visit.request.path_params["reference"][:32].upper()
    before = visit.house.store.draft(address, reference, FORM)
    kept = _still_wanted(visit.form, before)
    if visit.form.get("text").strip() or visit.form.files or kept:
        _keep(visit, address, reference, visit.form.get("text"), (*kept, *visit.form.files))
    return f"/tickets/{reference}"


def _keep(visit: Visit, address: str, reference: str, text: str, files: tuple[Attached, ...]) -> None:
    fields = {"text": text[: rich.LONGEST_KEPT]}
    visit.house.store.save_draft(Draft(address, reference, FORM, fields, visit.now, files))


def _files(visit: Visit, reference: str) -> tuple[tuple[Attached, ...], tuple[Refusal, ...]]:
    """Those kept from before that are still wanted, and the new ones, as many as may be."""
    return with_kept(visit, visit.house.store.draft(visit.who.address, reference, FORM))


def with_kept(visit: Visit, before: Draft | None) -> tuple[tuple[Attached, ...], tuple[Refusal, ...]]:
    """The files of a form with those of its draft."""
    files = (*_still_wanted(visit.form, before), *visit.form.files)
    most = visit.house.web.uploads.files
    why = _("there are more than %(most)s files") % {"most": most}
    beyond = tuple(Refusal(file.name, why) for file in files[most:])
    return files[:most], (*visit.form.refused, *beyond)


def _still_wanted(form: Form, before: Draft | None) -> tuple[Attached, ...]:
    wanted = form.fields.get("kept", ())
    return tuple(f for n, f in enumerate(before.files) if f"{n}:{f.name}" in wanted) if before else ()


PAGES = (
    post("/tickets/{reference}/answer", May.PARTNER, answer, keep=keep, rate="upload", takes=answer_files),
    post("/tickets/{reference}/draft", May.PARTNER, draft, keep=keep),
)
