"""What partners read for the words of the code: statuses, channels, steps, and why something cannot be."""

from __future__ import annotations

from triaged.store.page_rows import Status
from triaged.tickets.cases import CaseStep
from triaged.tickets.ticket import Event, Happening
from triaged.walk.plans.page_acts import No
from triaged.web.catalogues import _


def status(one: Status) -> str:
    """How a ticket stands."""
    return {
        Status.OPEN: _("open"),
        Status.WAITING: _("waiting for you"),
        Status.ESCALATED: _("escalated"),
        Status.RESOLVED: _("resolved"),
        Status.CLOSED: _("closed"),
    }[one]


def channel(one: str) -> str:
    """How it came."""
    known = {
        "mail": _("mail"),
        "web": _("web"),
        "phone": _("phone"),
        "chat": _("chat"),
        "session": _("session"),
    }
    return known.get(one, one)


def severity(one: str) -> str:
    """What S1 to S4 mean."""
    return {"S1": _("critical"), "S2": _("high"), "S3": _("medium"), "S4": _("low")}.get(one, one)


def step(one: CaseStep) -> str:
    """A step of an engineering case."""
    return {
        CaseStep.SUBMITTED: _("submitted"),
        CaseStep.IN_REVIEW: _("in review"),
        CaseStep.IN_PROGRESS: _("engineering in progress"),
        CaseStep.CONFIRMING: _("confirming the fix"),
        CaseStep.RESOLVED: _("resolved"),
    }[one]


def refusal(no: No) -> str:
    """Why it cannot be."""
    known = {
        "not_yours": _("Only who opened the request may do this."),
        "empty": _("Nothing is written yet."),
        "too_long": _("This is too long: 20,000 characters fit. Attach the rest as a text file."),
        "state": _("The request is no longer in the state for this. Here is how it stands now."),
        "rated": _("You have rated this solution already. Thank you!"),
        "score": _("Choose a number from 1 to 5."),
        "too_late": _(
            "It is too late to open this request again. Please make a new one; it can name this one."
        ),
        "not_a_colleague": _("Only people of your own company can be added."),
        "too_many": _("There are too many people on this request already."),
        "already": _("It is so already."),
        "needed": _("Somebody must be left whom our letters reach."),
        "no_case": _("No fix waits for your word any more."),
        "unknown_sender": _("Your address belongs to none of our partners."),
    }
    return known.get(no.why, _("This cannot be done now."))


def happened(event: Event) -> str:
    """What came meanwhile, in a few words."""
    known = {
        Happening.PARTNER_ANSWERED: _("A colleague of yours has answered."),
        Happening.STAFF_ANSWERED: _("Support has answered."),
        Happening.WAITING: _("Support waits for an answer of yours."),
        Happening.RESOLVED: _("The request was resolved."),
        Happening.REOPENED: _("The request was opened again."),
        Happening.CLOSED: _("The request was closed."),
        Happening.MERGED: _("The request went into another one."),
        Happening.SPLIT: _("A part of it became a request of its own."),
        Happening.CASE_MOVED: _("The engineering case has moved on."),
        Happening.PEOPLE_CHANGED: _("People joined or left."),
    }
    return known.get(event.kind, _("The request has changed."))


CATEGORIES = (
    "technical support", "payments/renewal", "trial extension", "store", "upgrade", "invoice change", "commission",
    "product management", "sales",
)  # fmt: skip
"""As the template of our letters has them; what is posted is one of these, shown in the reader's language."""


def category(one: str) -> str:
    """A category in the reader's language."""
    return {
        "technical support": _("technical support"),
        "payments/renewal": _("payments/renewal"),
        "trial extension": _("trial extension"),
        "store": _("store"),
        "upgrade": _("upgrade"),
        "invoice change": _("invoice change"),
        "commission": _("commission"),
        "product management": _("product management"),
        "sales": _("sales"),
    }[one]


def identifier(one: str) -> str:
    """What may still be missing."""
    return {
        "superadmin_email": _("the primary customer email (the account's SuperAdmin address)"),
        "service": _("the service"),
        "zoid": _("the service organisation ID (ZOID or ZGID)"),
        "zuid": _("the user ID (ZUID)"),
    }[one]
