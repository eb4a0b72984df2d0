"""What a person does to a ticket beside answering: close, reopen, rate, a fix's word, people, private, follow, consent."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged.store.page_rows import Draft, TicketPage
from triaged.tickets.ticket import OVER
from triaged.walk.by_page import Changed, No, Outcome
from triaged.walk.plans import page_acts
from triaged.web import render
from triaged.web.pages import May, get, post
from triaged.web.tickets import shown, wording
from triaged.web.tickets.ticket import Writing, shown_with
from triaged.web.visit import Visit, go, ticket_of, ticket_of_form


def _act(visit: Visit, said: str, do: Callable[[int], Outcome]) -> Response:
    """Do it and come back to the ticket; what stands in the way is shown there."""
    found = ticket_of_form(visit)
    outcome = do(found.ticket.id)
    if isinstance(outcome, No) and outcome.why == "unseen":
        raise HTTPException(404)
    if isinstance(outcome, No):
        return shown_with(visit, found, Writing(error=wording.refusal(outcome)), status=400)
    if isinstance(outcome, Changed):
        return shown_with(visit, ticket_of(visit), Writing(came=outcome.events), status=409)
    return go(f"/tickets/{found.ticket.reference}?said={said}")


def close(visit: Visit) -> Response:
    """Who opened it closes it."""
    key, seen = visit.form.key, visit.form.seen
    return _act(visit, "closed", lambda n: visit.acts.close(n, form=key, seen=seen))


def reopen(visit: Visit) -> Response:
    """It is not solved, or was closed by mistake."""
    key, seen = visit.form.key, visit.form.seen
    reason = visit.form.get("reason")[:2000]
    return _act(visit, "reopened", lambda n: visit.acts.reopen(n, reason, form=key, seen=seen))


def feedback_form(visit: Visit) -> Response:
    """The question of satisfaction; a letter's link chooses a number, and counts nothing (P25)."""
    found = ticket_of(visit)
    score = visit.query("score")
    kept = visit.house.store.draft(visit.who.address, found.ticket.reference, "feedback")
    typed = {name: str(value) for name, value in kept.fields.items()} if kept else {}
    chosen = score if score in ("1", "2", "3", "4", "5") else typed.get("score", "")
    return _feedback(visit, found, chosen, typed.get("comment", ""))


def feedback(visit: Visit) -> Response:
    """A rating is given."""
    found, score, comment = ticket_of_form(visit), visit.form.get("score"), visit.form.get("comment")
    number = int(score) if score in ("1", "2", "3", "4", "5") else 0
    outcome = visit.acts.rate(found.ticket.id, number, comment, form=visit.form.key)
    if isinstance(outcome, No):
        return _feedback(visit, found, score, comment, error=wording.refusal(outcome), status=400)
    visit.house.store.drop_draft(visit.who.address, found.ticket.reference, "feedback")
    return go(f"/tickets/{found.ticket.reference}?said=rated")


def keep_feedback(visit: Visit, address: str) -> str:
    """A rating that came when the session was over."""
    reference = visit.request.path_params["reference"][:32].upper()
    fields = {name: visit.form.get(name)[:20_000] for name in ("score", "comment")}
    visit.house.store.save_draft(Draft(address, reference, "feedback", fields, visit.now))
    return f"/tickets/{reference}/feedback"


def _feedback(
    visit: Visit, found: TicketPage, score: str, comment: str, *, error: str = "", status: int = 200
) -> Response:
    ticket = found.ticket
    over = ticket.state in OVER
    return render.page(
        visit, "feedback.html", status=status, ticket=shown.ticket(ticket), score=score, comment=comment, error=error,
        asks=over and page_acts.asks_for_rating(ticket), over=over,
    )  # fmt: skip


def fix(visit: Visit) -> Response:
    """The fix holds, or it does not."""
    key, seen = visit.form.key, visit.form.seen
    case, comment = visit.form.get("case")[:20], visit.form.get("comment")
    holds = visit.form.get("holds") == "yes"
    return _act(
        visit, "fix", lambda n: visit.acts.fix(n, case, holds=holds, comment=comment, form=key, seen=seen)
    )


def add_person(visit: Visit) -> Response:
    """A colleague joins."""
    address = visit.form.get("address").strip()[:320]
    return _act(visit, "people", lambda n: visit.acts.add_person(n, address, form=visit.form.key))


def remove_person(visit: Visit) -> Response:
    """Somebody leaves; whoever removes himself sees the ticket no more."""
    address = visit.form.get("address").strip()[:320]
    found = ticket_of(visit)
    response = _act(visit, "people", lambda n: visit.acts.remove_person(n, address, form=visit.form.key))
    gone = visit.house.store.ticket_page(visit.who.scope, found.ticket.id) is None
    return go("/tickets") if gone else response


def follow(visit: Visit) -> Response:
    """Letters come to me, or no longer."""
    return _switch(visit, lambda n, on, key: visit.acts.follow(n, on=on, form=key))


def private(visit: Visit) -> Response:
    """Kept from the organisation's admin, or no longer."""
    return _switch(visit, lambda n, on, key: visit.acts.keep_private(n, on=on, form=key))


def consent(visit: Visit) -> Response:
    """Support may sign in to the account for this ticket, or no longer."""
    return _switch(visit, lambda n, on, key: visit.acts.consent(n, on=on, form=key))


def _switch(visit: Visit, turn: Callable[[int, bool, str], Outcome]) -> Response:
    on, key = visit.form.get("on") == "yes", visit.form.key
    return _act(visit, "saved", lambda n: turn(n, on, key))


_AT = "/tickets/{reference}"
PAGES = (
    post(f"{_AT}/close", May.PARTNER, close),
    post(f"{_AT}/reopen", May.PARTNER, reopen),
    get(f"{_AT}/feedback", May.PARTNER, feedback_form),
    post(f"{_AT}/feedback", May.PARTNER, feedback, keep=keep_feedback),
    post(f"{_AT}/fix", May.PARTNER, fix),
    post(f"{_AT}/people/add", May.PARTNER, add_person),
    post(f"{_AT}/people/remove", May.PARTNER, remove_person),
    post(f"{_AT}/follow", May.PARTNER, follow),
    post(f"{_AT}/private", May.PARTNER, private),
    post(f"{_AT}/consent", May.PARTNER, consent),
)
