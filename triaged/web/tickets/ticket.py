"""A ticket's page: the conversation, and beside it how it stands. Forms of other modules come back to it when they fail."""

from __future__ import annotations

from dataclasses import field, replace

from starlette.responses import Response

from triaged.frozen import frozen
from triaged.letters import bearing
from triaged.spec import sizes
from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.ticket import OVER, Attached, Event, Ticket
from triaged.walk.plans import page_acts
from triaged.web import render
from triaged.web.files import kinds
from triaged.web.pages import May, get
from triaged.web.tickets import shown, wording
from triaged.web.tickets.meeting import meeting_shown
from triaged.web.visit import Refusal, Visit, go, ticket_of

FORM = "answer"  # of drafts


@frozen
class Writing:
    """The answer form as it is shown: what was typed, which files are kept, what stood in the way."""

    text: str = ""
    files: tuple[Attached, ...] = ()
    refused: tuple[Refusal, ...] = ()
    error: str = ""
    came: tuple[Event, ...] = ()  # since the page was made on which it was written
    preview: str = ""
    is_draft: bool = field(default=False)


def show(visit: Visit) -> Response:
    """The page. One that went into another leads there; a reference in another spelling to its own."""
    found = ticket_of(visit)
    if found.heir:
        _carry_draft(visit, found)
        return go(f"/tickets/{found.heir}?from={found.ticket.reference}")
    if visit.request.path_params["reference"] != found.ticket.reference:
        return go(f"/tickets/{found.ticket.reference}")
    draft = visit.house.store.draft(visit.who.address, found.ticket.reference, FORM)
    return shown_with(visit, found, _of_draft(draft))


def _carry_draft(visit: Visit, found: TicketPage) -> None:
    """What was begun to be written on a ticket that went into another is shown there, below what was begun there (P14)."""
    store, address = visit.house.store, visit.who.address
    begun = store.draft(address, found.ticket.reference, FORM)
    if begun is None:
        return
    there = store.draft(address, found.heir, FORM)
    texts = (str(one.fields.get("text", "")).strip() for one in (there, begun) if one)
    files = (*(there.files if there else ()), *begun.files)[: visit.house.web.uploads.files]
    fields = {"text": "\n\n".join(filter(None, texts))}
    store.save_draft(replace(begun, about=found.heir, fields=fields, files=files, saved_at=visit.now))
    store.drop_draft(address, found.ticket.reference, FORM)


def _of_draft(draft: Draft | None) -> Writing:
    if draft is None:
        return Writing()
    return Writing(text=str(draft.fields.get("text", "")), files=draft.files, is_draft=True)


def shown_with(
    visit: Visit, found: TicketPage, writing: Writing, *, status: int = 200, said: str = ""
) -> Response:
    """The page with the answer form as it stands; `said`: what became of a form."""
    ticket, known = found.ticket, visit.house.knowledge
    words = known.rulebook.letters.words(visit.language).commitments
    schedules = known.rulebook.promises.schedules
    came_from = visit.query("from")
    return render.page(
        visit,
        "ticket.html",
        status=status,
        found=found,
        ticket=shown.ticket(ticket),
        words=shown.conversation(found),
        promises=shown.promises(ticket, known.rulebook.promises, words, visit.now),
        cases=shown.engineering(ticket),
        links=shown.links_of_support(found),
        consents=shown.consents(ticket),
        meeting=meeting_shown(visit, ticket),
        consented=page_acts.consents(ticket).get(visit.who.address, (False, None))[0],
        is_opener=page_acts.opener(ticket) == visit.who.address,
        follows=_follows(ticket, visit.who.address),
        may_change_people=page_acts.opener(ticket) == visit.who.address or visit.who.scope.who == "admin",
        may_reopen=page_acts.may_reopen(ticket, visit.who.address, visit.now, schedules.reopen_within.length),
        rates=ticket.state in OVER and page_acts.asks_for_rating(ticket),
        is_live=ticket.state not in OVER,
        support=bearing.person(ticket),
        readers=visit.acts.readers(ticket),
        effect=shown.what_an_answer_does(ticket, schedules.reopen_within.length, visit.now),
        writing=writing,
        news=list(shown.news(writing.came)),
        wording=wording,
        uploads=visit.house.web.uploads,
        accepted=kinds.accepted(visit.house.web.uploads),
        size_of=sizes.show,
        said=said or visit.query("said"),
        came_from=came_from if came_from in found.merged else "",
    )


def _follows(ticket: Ticket, address: str) -> bool:
    return any(p.address == address and p.role in ("requester", "cc") for p in ticket.people)


PAGES = (get("/tickets/{reference}", May.PARTNER, show),)
