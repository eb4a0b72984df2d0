"""Answering the partner, and noting for ourselves: two forms that cannot be mistaken for one another (P4).

An answer is one letter in the partner's thread. Before it leaves, what is probably not meant is asked about (P34), what
others did meanwhile is shown (P16), and for some seconds it can be taken back. Its text is never lost on the way.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import PlainTextResponse, Response

from triaged.errors import Faulty
from triaged.letters import canned, rich
from triaged.letters.guards import doubts
from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.ticket import Attached
from triaged.walk.by_hand import ChangedMeanwhile, TakenAlready
from triaged.web.desk.page import hand, name_of
from triaged.web.desk.ticket import NOTE, REPLY, SENT, Trouble, Writing, shown_with
from triaged.web.forms import answer_files
from triaged.web.pages import May, post
from triaged.web.tickets.answering import drop_if_sent, with_kept
from triaged.web.visit import Visit, go, ticket_of

UNDO = timedelta(seconds=20)
_FORMS = (REPLY, NOTE)


def answer(visit: Visit) -> Response:
    """Send it, look at it, fill in an answer kept ready, or throw it away."""
    found, form, store = ticket_of(visit), visit.form, visit.house.store
    reference, text, then = found.ticket.reference, form.get("text"), form.get("then")
    then = then if then in ("wait", "resolve") else ""
    if form.get("of") != reference:
        return shown_with(visit, found, Writing(text, then), _wrong_ticket(visit), status=400)
    if form.get("do") == "discard":
        store.drop_draft(visit.who.address, reference, REPLY)
        return go(f"/queue/{reference}?said=discarded#answer")
    files, refused = with_kept(visit, store.draft(visit.who.address, reference, REPLY))
    if form.get("do") == "canned":
        text = _filled_in(visit, found, text)
    _keep(visit, visit.who.address, reference, REPLY, text, then, files)
    if form.get("do") in ("preview", "canned") or refused:
        preview = rich.page(text) if form.get("do") == "preview" and not refused else ""
        writing = Writing(text, then, files, refused, preview=preview)
        return shown_with(visit, found, writing, status=400 if refused else 200)
    return _send(visit, found, Writing(text, then, files))


def _wrong_ticket(visit: Visit) -> Trouble:
    return Trouble("answer", f"This form belongs to {visit.form.get('of')[:20] or 'no ticket'}.")


def _send(visit: Visit, found: TicketPage, writing: Writing) -> Response:
    ticket, address, store = found.ticket, visit.who.address, visit.house.store
    if len(writing.text) > rich.LONGEST:
        error = f"{rich.LONGEST:,} characters fit; attach the rest as a file."
        return shown_with(visit, found, writing, Trouble("answer", error), status=400)
    asked = () if visit.form.get("sure") else doubts(writing.text, len(writing.files))
    if asked:
        doubtful = Writing(writing.text, writing.then, writing.files, doubts=asked)
        return shown_with(visit, found, doubtful, status=400)
    try:
        hand(visit).answer(ticket, writing.text, writing.files, then=writing.then, undo=UNDO)  # type: ignore[arg-type]
    except TakenAlready:
        pass  # the first of the two has kept what was sent
    except ChangedMeanwhile as changed:
        trouble = Trouble("answer", came=changed.events)
        return shown_with(visit, ticket_of(visit), writing, trouble, status=409)
    except Faulty as fault:
        return shown_with(visit, found, writing, Trouble("answer", "; ".join(fault.lines)), status=400)
    else:
        _keep(visit, address, ticket.reference, SENT, writing.text, writing.then, writing.files)
    # Or it would stand there as if it had not been sent, also where it came twice (P15)
    store.drop_draft(address, ticket.reference, REPLY)
    return go(f"/queue/{ticket.reference}?said=answered")


def _filled_in(visit: Visit, found: TicketPage, text: str) -> str:
    """The text with an answer kept ready below it, written for this ticket in its language."""
    known, ticket = visit.house.knowledge, found.ticket
    one = known.rulebook.letters.answers.get(visit.form.get("canned"))
    if one is None:
        return text
    name = name_of(visit.who.address)
    ready = canned.written(one, known.writer(ticket.mailbox, visit.now), ticket, name)
    return f"{text.rstrip()}\n\n{ready}" if text.strip() else ready


def draft(visit: Visit) -> Response:
    """Kept while it is typed; files come with the form itself, and stay as they are."""
    found, store, address = ticket_of(visit), visit.house.store, visit.who.address
    reference, which = found.ticket.reference, _which(visit)
    kept = store.draft(address, reference, which)
    files = kept.files if kept else ()
    if visit.form.get("text").strip() or files:
        _keep(visit, address, reference, which, visit.form.get("text"), visit.form.get("then"), files)
        drop_if_sent(visit, reference, which)
        visit.house.here.tell(found.ticket.id, address, visit.now, writes=True)
    else:
        store.drop_draft(address, reference, which)
    return PlainTextResponse("kept")


def keep(visit: Visit, address: str) -> str:
    """What came when the session was over stands there again after signing in (P13)."""
    reference = visit.request.path_params["reference"][:32].upper()
    files = with_kept(visit, visit.house.store.draft(address, reference, REPLY))[0]
    if visit.form.get("text").strip() or files:
        text, then = visit.form.get("text"), visit.form.get("then")
        _keep(visit, address, reference, _which(visit), text, then, files)
    return f"/queue/{reference}"


def _which(visit: Visit) -> str:
    given = visit.form.get("which")
    return given if given in _FORMS else REPLY


def _keep(
    visit: Visit, address: str, reference: str, which: str, text: str, then: str, files: tuple[Attached, ...]
) -> None:
    fields = {"text": text[: rich.LONGEST_KEPT], "then": then[:10]}
    visit.house.store.save_draft(Draft(address, reference, which, fields, visit.now, files))


PAGES = (
    post("/queue/{reference}/answer", May.STAFF, answer, keep=keep, rate="upload", takes=answer_files),
    post("/queue/{reference}/draft", May.STAFF, draft, keep=keep),
)
