"""What people make happen by a page: judged on the ticket as it is, planned, written by the same pen as all else.

Every act answers one of three: `Done`, `Changed` (somebody was faster: what he did, and nothing was written) or
`No` with a word for the reason that a page puts into the reader's language. What one may not see is `No("unseen")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from triaged.store.scope import Scope
from triaged.store.store import Store
from triaged.tickets.ticket import Attached, Event, Ticket
from triaged.walk.knowledge import Knowledge

Why = Literal[
    "unseen",  # there is no such ticket for this person
    "not_yours",  # only the opener may
    "empty",  # nothing stands in the form
    "too_long",
    "state",  # not in the state the ticket is in
    "rated",  # this solution was rated already
    "score",  # no number from 1 to 5
    "too_late",  # to be reopened: a new request is the way
    "not_a_colleague",
    "too_many",
    "already",  # it is so already
    "needed",  # the last whom letters reach
    "no_case",
    "refused",
]


@dataclass(frozen=True, slots=True)
class Done:
    """It is so now. `again`: this very form had been taken before, and nothing was done twice.

    `ticket` as it stands then; None where a mail was kept that the walk has still to take up (`mail`: its number).
    """

    ticket: Ticket | None = None
    mail: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """The ticket is no longer the one the form was written on; these events came since."""

    ticket: Ticket
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class No:
    """It cannot be. `words`: the reason in English, for staff and the log."""

    why: Why
    words: str = ""


Outcome = Done | Changed | No


@dataclass(frozen=True, slots=True)
class Request:
    """The fields of a new request, as they were typed; `happened_before`: "yes", "no" or empty."""

    subject: str
    description: str
    superadmin_email: str = ""
    service: str = ""
    zoid: str = ""
    zuid: str = ""
    category: str = ""
    happened_before: str = ""

    def missing(self) -> tuple[str, ...]:
        """Of superadmin_email, zoid, zuid, service those left empty; says nothing of whose an account is."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ByPage:
    """A person of a partner at a page. `scope`: who; `name`: as the mail of his shows it; `now`: aware UTC.

    `form`: the form's own key (random, at most 64 characters): one form is accepted once. `seen`: the `version` of
    the page it stood on; `anyway`: the person has been shown what changed since.
    """

    store: Store
    knowledge: Knowledge
    scope: Scope
    now: datetime
    name: str = ""

    def answer(
        self,
        ticket_id: int,
        text: str,
        files: Sequence[Attached],
        *,
        form: str,
        seen: int,
        anyway: bool = False,
    ) -> Outcome:
        """The text becomes a mail of this person on the ticket, kept before anything else."""
        raise NotImplementedError

    def readers(self, ticket: Ticket) -> tuple[str, ...]:
        """Who will read an answer of this person, by address: the other people of the ticket (staff too)."""
        raise NotImplementedError

    def request(self, request: Request, files: Sequence[Attached], *, form: str) -> Outcome:
        """A new request becomes such a mail."""
        raise NotImplementedError

    def close(self, ticket_id: int, *, form: str, seen: int, anyway: bool = False) -> Outcome:
        """Who opened it closes it."""
        raise NotImplementedError

    def reopen(self, ticket_id: int, reason: str, *, form: str, seen: int, anyway: bool = False) -> Outcome:
        """It is not solved after all, or was closed by mistake."""
        raise NotImplementedError

    def rate(self, ticket_id: int, score: int, comment: str, *, form: str) -> Outcome:
        """1 to 5, once each time it is resolved; 1 or 2 with a complaint opens it again."""
        raise NotImplementedError

    def fix(
        self, ticket_id: int, case_id: str, *, holds: bool, comment: str, form: str, seen: int
    ) -> Outcome:
        """The engineering case's fix holds, or does not."""
        raise NotImplementedError

    def add_person(self, ticket_id: int, address: str, *, form: str) -> Outcome:
        """A colleague of the same partner joins; only by the opener or an admin."""
        raise NotImplementedError

    def remove_person(self, ticket_id: int, address: str, *, form: str) -> Outcome:
        """He leaves the ticket and sees it no more."""
        raise NotImplementedError

    def follow(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """Letters about it come to this person, or no longer."""
        raise NotImplementedError

    def keep_private(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """Kept from the organisation's admin, or no longer; by the opener."""
        raise NotImplementedError

    def consent(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """This person allows support to sign in to the account for this ticket, or no longer."""
        raise NotImplementedError
