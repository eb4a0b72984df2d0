"""What people make happen by a page: judged on the ticket as it is, planned, written by the same pen as all else.

Every act answers one of three: `Done`, `Changed` (somebody was faster: what he did, and nothing was written) or
`No` with a word for the reason that a page puts into the reader's language. What one may not see is `No("unseen")`.
An answer and a new request become mails of that person, kept first; the walk takes them up like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from triaged.config.config import Mailbox
from triaged.frozen import frozen
from triaged.judging.decisions import Partner
from triaged.letters import page_letters, rich
from triaged.letters.wording import one_line
from triaged.store.rows import Arrival, SaidMail
from triaged.store.scope import Scope
from triaged.store.store import Store
from triaged.tickets.ticket import Attached, Event, Person, Ticket
from triaged.walk import page_mail
from triaged.walk.knowledge import Knowledge
from triaged.walk.page_mail import Written
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan
from triaged.walk.plans import news, page_acts
from triaged.walk.plans.page_acts import Act, No, Why

__all__ = ["ByPage", "Changed", "Done", "No", "Outcome", "Request", "Why"]

LONGEST_SUBJECT = 300


@frozen
class Done:
    """It is so now. `again`: this very form had been taken before, and nothing was done twice.

    `ticket` as it stands then; None where a mail was kept that the walk has still to take up (`mail`: its number).
    """

    ticket: Ticket | None = None
    mail: int | None = None
    again: bool = False


@frozen
class Changed:
    """The ticket is no longer the one the form was written on; these events came since, the reader's own left out."""

    ticket: Ticket
    events: tuple[Event, ...]


Outcome = Done | Changed | No


class _Undone(Exception):
    """Nothing of this transaction is to stand; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@frozen
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
        """Of superadmin_email, service, zoid, zuid those left empty; says nothing of whose an account is."""
        asked = ("superadmin_email", "service", "zoid", "zuid")
        return tuple(name for name in asked if not getattr(self, name).strip())

    def text(self) -> str:
        """As the template that partners are asked to fill in, which the reader knows."""
        rows = (
            ("Primary customer email (SuperAdmin address)", self.superadmin_email),
            ("Service name", self.service),
            ("Service organisation ID (ZOID or ZGID)", self.zoid),
            ("User ID (ZUID)", self.zuid),
            ("Category", self.category),
            ("Has it happened before", self.happened_before),
        )
        filled = [f"{label}: {one_line(value, 200)}" for label, value in rows if value.strip()]
        return "\n".join([*filled, "Description:", "", self.description.strip(), ""])


@frozen
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
        self, ticket_id: int, text: str, files: Sequence[Attached] = (), *, form: str, seen: int, anyway: bool = False
    ) -> Outcome:  # fmt: skip
        """The text becomes a mail of this person on the ticket, kept before anything else."""
        if fault := _unfit(text) if text.strip() or not files else None:
            return fault
        page = self.store.ticket_page(self.scope, ticket_id)
        if page is None or self.scope.is_staff:  # staff answer by letters (by_hand.py)
            return No("unseen")
        if not anyway and (came := news.of(page.ticket, seen, self.scope.address)):
            before = self.store.taken_form(form)
            return Done(mail=before.mail_id, again=True) if before else Changed(page.ticket, came)
        ticket = page.ticket
        written = Written(self.scope.address, self.name, "", text, files)
        arrival = page_mail.arrival(
            written, self.knowledge.config.mailbox(ticket.mailbox), self.now, ticket, self.colleagues(ticket)
        )
        return self._keep(arrival, form, _told(written, arrival, ticket, self.colleagues(ticket)))

    def readers(self, ticket: Ticket) -> tuple[str, ...]:
        """Who of the partner's side will read an answer of this person, by address; staff do too."""
        to, cc = page_letters.others(ticket, self.scope.address)
        return (*to, *cc)

    def colleagues(self, ticket: Ticket) -> tuple[str, ...]:
        """The same people as far as they are of his house: they go along where an answer opens a new ticket."""
        house = self._partner
        return tuple(one for one in self.readers(ticket) if house and self._partner_of(one) == house)

    def request(self, request: Request, files: Sequence[Attached] = (), *, form: str) -> Outcome:
        """A new request becomes such a mail."""
        if not request.subject.strip():
            return No("empty", "it has no subject")
        if fault := _unfit(request.description):
            return fault
        if self._partner is None:
            return No("unknown_sender", f"{self.scope.address} is no partner's")
        subject = one_line(request.subject, LONGEST_SUBJECT)
        written = Written(self.scope.address, self.name, subject, request.text(), files)
        return self._keep(page_mail.arrival(written, self._mailbox, self.now), form, None)

    def close(self, ticket_id: int, *, form: str, seen: int, anyway: bool = False) -> Outcome:
        """Who opened it closes it."""
        return self._do(ticket_id, page_acts.close, form, None if anyway else seen)

    def reopen(self, ticket_id: int, reason: str, *, form: str, seen: int, anyway: bool = False) -> Outcome:
        """It is not solved after all, or was closed by mistake."""
        return self._do(
            ticket_id, lambda now, act: page_acts.reopen(now, reason, act), form, None if anyway else seen
        )

    def rate(self, ticket_id: int, score: int, comment: str = "", *, form: str) -> Outcome:
        """1 to 5, once each time it is resolved; 1 or 2 with a complaint opens it again."""
        if len(comment) > rich.LONGEST:
            return No("too_long")
        return self._do(ticket_id, lambda now, act: page_acts.rate(now, score, comment, act), form)

    def fix(
        self, ticket_id: int, case_id: str, *, holds: bool, comment: str = "", form: str, seen: int
    ) -> Outcome:
        """The engineering case's fix holds, or does not."""
        if len(comment) > rich.LONGEST:
            return No("too_long")
        return self._do(
            ticket_id, lambda now, act: page_acts.fix(now, case_id, comment, act, holds=holds), form, seen
        )

    def add_person(self, ticket_id: int, address: str, name: str = "", *, form: str) -> Outcome:
        """A colleague of the same partner joins; only by the opener or an admin."""
        person = Person(address.strip().lower(), one_line(name, 100), "cc")
        ours = self.knowledge.surroundings
        known = None if person.address in ours.support_addresses else self._partner_of(person.address)
        return self._do(ticket_id, lambda now, act: page_acts.add_person(now, person, known, act), form)

    def remove_person(self, ticket_id: int, address: str, *, form: str) -> Outcome:
        """He leaves the ticket and sees it no more."""
        gone = address.strip().lower()
        return self._do(ticket_id, lambda now, act: page_acts.remove_person(now, gone, act), form)

    def follow(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """Letters about it come to this person, or no longer."""
        return self._do(ticket_id, lambda now, act: page_acts.follow(now, act, on=on), form)

    def keep_private(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """Kept from the organisation's admin, or no longer; by the opener."""
        return self._do(ticket_id, lambda now, act: page_acts.keep_private(now, act, on=on), form)

    def consent(self, ticket_id: int, *, on: bool, form: str) -> Outcome:
        """This person allows support to sign in to the account for this ticket, or no longer."""
        return self._do(ticket_id, lambda now, act: page_acts.consent(now, act, on=on), form)

    @property
    def _partner(self) -> Partner | None:
        return self._partner_of(self.scope.address)

    def _partner_of(self, address: str) -> Partner | None:
        return self.knowledge.directory.partner_of(address)

    @property
    def _mailbox(self) -> Mailbox:
        """The mailbox of the partner's region, else the first."""
        region = self._partner.region if self._partner else ""
        boxes = self.knowledge.config.mailboxes
        return next((box for box in boxes if region and region in box.regions), boxes[0])

    def _keep(self, arrival: Arrival, form: str, told: SaidMail | None) -> Outcome:
        taken = self.store.keep_form(arrival, form, self.now, told)
        return Done(mail=taken.mail_id, again=taken.again)

    def _do(
        self, ticket_id: int, plan: Callable[[Ticket, Act], Plan | No], form: str, seen: int | None = None
    ) -> Outcome:
        """Plan on the ticket as it is now and write that with the form's key: all of it, or nothing."""
        try:
            with self.store.transaction() as tx:
                seen_here = not self.scope.is_staff and tx.is_seen(self.scope, ticket_id)
                before = tx.ticket(ticket_id) if seen_here else None
                if before is None:
                    return No("unseen")
                if tx.take_form(form, self.now, ticket_id).again:
                    return Done(before, again=True)
                if seen is not None and (came := news.of(before, seen, self.scope.address)):
                    raise _Undone(Changed(before, came))
                planned = plan(before, self._act(before, form))
                if isinstance(planned, No):
                    raise _Undone(planned)
                Pen(tx, self.knowledge, self.store.secret(), self.now).write(planned)
                return Done(planned.changes[0].after)
        except _Undone as undone:
            return undone.outcome

    def _act(self, ticket: Ticket, form: str) -> Act:
        admin = self.scope.who == "admin"
        writer = self.knowledge.writer(ticket.mailbox, self.now)
        return Act(self.scope.address, self.name, self._partner, admin, writer, form[:64])


def _unfit(text: str) -> No | None:
    if not text.strip():
        return No("empty", "nothing is written")
    return No("too_long", f"more than {rich.LONGEST} characters") if len(text) > rich.LONGEST else None


def _told(written: Written, arrival: Arrival, ticket: Ticket, cc: Sequence[str]) -> SaidMail:
    """What the ticket's page shows until the walk has taken the mail up."""
    return SaidMail(
        ticket_id=ticket.id,
        mail_id=0,
        reference=ticket.reference,
        partner=ticket.partner_domain,
        audience="partner",
        sender=written.address,
        by_name=written.name,
        to=arrival.envelope_to,
        cc=tuple(cc),
        subject=ticket.subject,
        text=written.text,
        files=tuple((file.name, file.type, len(file.content)) for file in written.files),
    )
