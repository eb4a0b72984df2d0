"""A ticket's page for staff: the conversation, what is known and from where, why, the promises, the story, the forms.

Forms of other modules come back to it when they fail, with all that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from starlette.responses import PlainTextResponse, Response

from triaged.frozen import frozen
from triaged.letters.recipients import addressees
from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.cases import CaseStep
from triaged.tickets.ticket import OVER, Attached, Event
from triaged.vocabulary import Severity
from triaged.walk import passages, story
from triaged.walk.plans import marks
from triaged.web.desk import meetings
from triaged.web.desk.orders import ACTS
from triaged.web.desk.page import page
from triaged.web.files import kinds
from triaged.web.pages import May, get, post
from triaged.web.tickets import shown
from triaged.web.visit import Refusal, Visit, go, ticket_of

REPLY, NOTE = "reply", "note"  # the two forms of writing, each with a draft of its own
SENT = "sent"  # the last answer that was sent, until it cannot be taken back any more


@frozen
class Writing:
    """The answer as it is being written: what was typed, what stands in the way, how it will look."""

    text: str = ""
    then: str = ""
    files: tuple[Attached, ...] = ()
    refused: tuple[Refusal, ...] = ()
    doubts: tuple[str, ...] = ()
    preview: str = ""
    is_draft: bool = False


@frozen
class Trouble:
    """What a form met: `act` is its name, `typed` what stood in it, `came` what others did meanwhile."""

    act: str = ""
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    came: tuple[Event, ...] = ()


NONE = Trouble()


def show(visit: Visit) -> Response:
    """The page, with what this person left half written."""
    found = ticket_of(visit)
    if visit.request.path_params["reference"] != found.ticket.reference:
        return go(f"/queue/{found.ticket.reference}")
    visit.house.here.tell(found.ticket.id, visit.who.address, visit.now)
    return shown_with(visit, found)


def shown_with(
    visit: Visit, found: TicketPage, writing: Writing | None = None, trouble: Trouble = NONE, *, status: int = 200,
    code: tuple[str, str] = ("", ""),
) -> Response:  # fmt: skip
    """The page with its forms as they stand. `code`: a connection code to be shown once, or why there is none."""
    ticket, known, store = found.ticket, visit.house.knowledge, visit.house.store
    reference, address = ticket.reference, visit.who.address
    writing = writing or of_draft(store.draft(address, reference, REPLY))
    note = store.draft(address, reference, NOTE)
    to, cc = addressees(ticket)
    within = known.rulebook.promises.schedules.reopen_within.length
    return page(
        visit,
        "ticket.html",
        status=status,
        found=found,
        ticket=ticket,
        words=shown.conversation(found),
        story=story.reasons(ticket, store, known, visit.now),
        cases=shown.engineering(ticket),
        consents=shown.consents(ticket),
        beside=store.beside(visit.who.scope, ticket, visit.now),
        relations=[
            (store_reference(one.to, one.reference), one.how) for one in marks.relations(ticket).values()
        ],
        others=visit.house.here.others(ticket.id, address, visit.now),
        readers=(*to, *cc),
        reopens=shown.is_reopened_by_answer(ticket, within, visit.now),
        writing=writing,
        sharing=meetings.beside(visit, ticket),
        code=code[0],
        code_error=code[1],
        note=str(note.fields.get("text", "")) if note else "",
        trouble=trouble,
        canned=sorted(known.rulebook.letters.answers.values(), key=lambda one: one.title),
        acts=ACTS,
        paragraphs=passages.paragraphs(found),
        said=visit.query("said"),
        is_live=ticket.state not in OVER,
        severities=list(Severity),
        steps=list(CaseStep),
        uploads=visit.house.web.uploads,
        accepted=kinds.accepted(visit.house.web.uploads),
    )


def code(visit: Visit) -> Response:
    """A connection code for somebody who has no page at hand, shown this once."""
    made = meetings.new_code(visit, ticket_of(visit).ticket)
    return shown_with(visit, ticket_of(visit), status=200 if made[0] else 400, code=made)


def store_reference(number: int, told: str) -> str:
    """A related ticket's reference."""
    return told or f"PS-{number}"


def of_draft(draft: Draft | None) -> Writing:
    """What was left half written."""
    if draft is None:
        return Writing()
    text, then = (str(draft.fields.get(name, "")) for name in ("text", "then"))
    return Writing(text=text, then=then, files=draft.files, is_draft=True)


def bring_back(visit: Visit, reference: str) -> None:
    """An answer that was taken back is a draft again, files and all."""
    store, address = visit.house.store, visit.who.address
    sent = store.draft(address, reference, SENT)
    if sent is not None:
        store.save_draft(replace(sent, form=REPLY, saved_at=visit.now))
        store.drop_draft(address, reference, SENT)


def here(visit: Visit) -> Response:
    """Tells that somebody is at this ticket, and answers who else is: a hint, nothing is locked."""
    found, now = ticket_of(visit), visit.now
    visit.house.here.tell(found.ticket.id, visit.who.address, now, writes=visit.form.get("writes") == "1")
    others = visit.house.here.others(found.ticket.id, visit.who.address, now)
    lines = (f"{one.address} {'writes' if one.writes else 'looks'}" for one in others)
    return PlainTextResponse("; ".join(lines))


PAGES = (
    get("/queue/{reference}", May.STAFF, show),
    post("/queue/{reference}/here", May.STAFF, here),
    post("/queue/{reference}/session/code", May.STAFF, code),
)
