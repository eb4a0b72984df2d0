"""What partners read for the words of the code: statuses, channels, steps, and why something cannot be."""

from __future__ import annotations

from triaged.meetings.meeting import MeetingState
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
        "meeting_state": _("The session is no longer in the state for this. Here is how it stands now."),
        "meeting_time": _("This time can no longer be chosen. Please choose another one."),
        "meeting_taken": _("This time has been taken meanwhile. Please choose another one."),
        "meeting_terms": _("The terms have changed meanwhile. Please read them again."),
        "meeting_people": _("Only people of this request decide about its session."),
        "meeting_code": _(
            "There is no code now: it is shown from a quarter of an hour before until the time is over."
        ),
        "unknown_sender": _("Your address belongs to none of our partners."),
    }
    return known.get(no.why, _("This cannot be done now."))


def meeting_state(one: MeetingState) -> str:
    """How a screen-sharing session stands."""
    return {
        MeetingState.OFFERED: _("offered: please choose"),
        MeetingState.DECLINED: _("declined"),
        MeetingState.ACCEPTED: _("booked"),
        MeetingState.MOVED: _("booked, at another time"),
        MeetingState.BEGUN: _("has begun"),
        MeetingState.HELD: _("took place"),
        MeetingState.MISSED: _("did not take place"),
        MeetingState.CANCELLED: _("cancelled"),
    }[one]


def meeting_choice(*, chosen: bool) -> str:
    """What is still to be done before a time is booked."""
    return _("Please read and accept the terms first.") if chosen else _("Please choose a time.")


def attendance(answer: str) -> str:
    """What somebody's calendar answered to the invitation."""
    known = {"accepted": _("will come"), "declined": _("will not come"), "tentative": _("may come")}
    return known.get(answer, _("has not decided"))


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
