"""A new request by the template's fields; it becomes a mail of this person. What is missing is told, whose an account is not."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from triaged.letters import rich
from triaged.spec import sizes
from triaged.store.page_rows import Draft
from triaged.tickets.ticket import Attached
from triaged.walk.by_page import Done, No, Request
from triaged.web import render
from triaged.web.catalogues import _
from triaged.web.files import kinds
from triaged.web.forms import answer_files
from triaged.web.pages import May, get, post
from triaged.web.tickets import wording
from triaged.web.tickets.answering import drop_if_sent, with_kept
from triaged.web.visit import Form, Refusal, Visit, go

ABOUT, FORM = "new", "request"
_FIELDS = (
    "subject", "description", "superadmin_email", "service", "zoid", "zuid", "category", "happened_before",
)  # fmt: skip
_LONGEST = {"subject": 300, "description": 20_000}


def show(visit: Visit) -> Response:
    """The form, with what was begun."""
    kept = visit.house.store.draft(visit.who.address, ABOUT, FORM)
    typed = {name: str(value) for name, value in kept.fields.items()} if kept else {}
    return _form(visit, typed, kept.files if kept else (), is_draft=kept is not None)


def take(visit: Visit) -> Response:
    """It is sent, or stays with what stands in its way."""
    form, store = visit.form, visit.house.store
    before = store.draft(visit.who.address, ABOUT, FORM)
    if form.get("do") == "discard":
        store.drop_draft(visit.who.address, ABOUT, FORM)
        return go("/tickets")
    typed = _typed(form)
    files, refused = with_kept(visit, before)
    faults = _faults(typed)
    if refused or faults:
        _keep(visit, visit.who.address, typed, files)
        return _form(visit, typed, files, refused=refused, faults=faults, status=400)
    request = Request(**{name: typed[name] for name in _FIELDS})
    outcome = visit.acts.request(request, files, form=form.key)
    if isinstance(outcome, Done):
        store.drop_draft(visit.who.address, ABOUT, FORM)
        missing = ",".join(request.missing())
        return go(f"/tickets?sent=1{f'&missing={missing}' if missing else ''}")
    _keep(visit, visit.who.address, typed, files)
    why = wording.refusal(outcome) if isinstance(outcome, No) else ""
    return _form(visit, typed, files, faults={"": why}, status=400)


def draft(visit: Visit) -> Response:
    """Kept while it is typed."""
    kept = visit.house.store.draft(visit.who.address, ABOUT, FORM)
    typed = _typed(visit.form)
    if any(value.strip() for value in typed.values()) or (kept and kept.files):
        _keep(visit, visit.who.address, typed, kept.files if kept else ())
        drop_if_sent(visit, ABOUT, FORM)
    return PlainTextResponse("kept")


def keep(visit: Visit, address: str) -> str:
    """A request that came when the session was over."""
    files, _refused = with_kept(visit, visit.house.store.draft(address, ABOUT, FORM))
    _keep(visit, address, _typed(visit.form), files)
    return "/tickets/new"


def _typed(form: Form) -> dict[str, str]:
    typed = {name: form.get(name)[: rich.ROOM * _LONGEST.get(name, 200)] for name in _FIELDS}
    typed["category"] = typed["category"] if typed["category"] in wording.CATEGORIES else ""
    typed["happened_before"] = typed["happened_before"] if typed["happened_before"] in ("yes", "no") else ""
    return typed


def _faults(typed: dict[str, str]) -> dict[str, str]:
    faults = {}
    if not typed["subject"].strip():
        faults["subject"] = _("Give it a subject.")
    if not typed["description"].strip():
        faults["description"] = _("Describe what happens.")
    if len(typed["description"]) > _LONGEST["description"]:
        faults["description"] = _("This is too long: 20,000 characters fit. Attach the rest as a text file.")
    address = typed["superadmin_email"].strip()
    if address and ("@" not in address or " " in address):
        faults["superadmin_email"] = _("This is not a mail address.")
    for name in ("zoid", "zuid"):
        if typed[name].strip() and not any(c.isdigit() for c in typed[name]):
            faults[name] = _("This is a number of 5 to 20 digits.")
    return faults


def _keep(visit: Visit, address: str, typed: dict[str, str], files: tuple[Attached, ...]) -> None:
    visit.house.store.save_draft(Draft(address, ABOUT, FORM, dict(typed), visit.now, files))


def _form(
    visit: Visit,
    typed: dict[str, str],
    files: tuple[Attached, ...],
    *,
    refused: tuple[Refusal, ...] = (),
    faults: dict[str, str] | None = None,
    is_draft: bool = False,
    status: int = 200,
) -> Response:
    uploads = visit.house.web.uploads
    return render.page(
        visit,
        "new_request.html",
        status=status,
        typed={name: typed.get(name, "") for name in _FIELDS},
        files=files,
        refused=refused,
        faults=faults or {},
        is_draft=is_draft,
        services=sorted(one.name for one in visit.house.knowledge.rulebook.services),
        categories=wording.CATEGORIES,
        wording=wording,
        uploads=uploads,
        accepted=kinds.accepted(uploads),
        size_of=sizes.show,
    )


PAGES = (
    get("/tickets/new", May.PARTNER, show),
    post("/tickets/new", May.PARTNER, take, keep=keep, rate="upload", takes=answer_files),
    post("/tickets/new/draft", May.PARTNER, draft, keep=keep),
)
