"""A ticket put into words for its partner: the conversation with what is folded, the promises, the cases' way. PURE but for words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from triaged.frozen import frozen
from triaged.letters import kinds as letter_kinds
from triaged.letters import layout, rich
from triaged.promises import clocks
from triaged.promises.service_levels import Promises
from triaged.store.page_rows import Contribution, FileShown, TicketPage
from triaged.store.scope import SEES
from triaged.tickets import cases
from triaged.tickets.cases import ORDER, CaseStep
from triaged.tickets.event_data import CaseMoved, Linked
from triaged.tickets.states import FOREIGN
from triaged.tickets.ticket import OVER, Event, Happening, Person, State, Ticket
from triaged.vocabulary import Severity
from triaged.walk.plans import page_acts
from triaged.web.catalogues import _
from triaged.web.files.kinds import PICTURES

_LINK = re.compile(r"https?://[^\s<>\"'）」、。]{1,500}[^\s<>\"'）」、。.,;:!?)\]]")
_TALK = frozenset(kind.name for kind in letter_kinds.TABLE if kind.typed or kind.counts_as == "update") | {
    "resolved"
}
_MOST_LINKS = 20


@frozen
class TicketShown:
    """What of a ticket its partner's pages may take: no reason, review, tier, rule or note is among it.

    Account and SuperAdmin address are empty for a sender nobody verified, and where the account is another partner's.
    """

    reference: str
    subject: str
    severity: Severity
    provisional: bool
    created_at: datetime
    updated_at: datetime
    service: str
    account_name: str
    superadmin_email: str
    private: bool
    people: tuple[Person, ...]
    verified: bool


@frozen
class Word:
    """One contribution as it is shown. `folded`: what it is, where it is shown only when asked for."""

    said: Contribution
    who: str
    html: Markup
    folded: str
    pictures: tuple[FileShown, ...]
    anchor: str


@frozen
class PromiseShown:
    """A promised time and what became of it: running, paused, met, missed."""

    label: str
    due: datetime
    state: str
    met_at: datetime | None


@frozen
class StepShown:
    """A step of a case's timeline; `at` None: not reached, or left out."""

    step: CaseStep
    at: datetime | None
    is_now: bool
    is_past: bool


@frozen
class CaseShown:
    """An engineering case. `expected`: a date that is no promise."""

    id: str
    description: str
    steps: tuple[StepShown, ...]
    expected: date | None
    confirming: bool


def ticket(one: Ticket) -> TicketShown:
    """The ticket without what is ours alone."""
    told = one.trusted and FOREIGN not in one.tags
    return TicketShown(
        one.reference, one.subject, one.severity, one.provisional, one.created_at, one.updated_at, one.service or "",
        (one.account_name or "") if told else "", (one.superadmin_email or "") if told else "", one.private,
        tuple(person for person in one.people if person.role in SEES), one.trusted,
    )  # fmt: skip


def conversation(page: TicketPage) -> list[Word]:
    """What was said, oldest first; of a ticket that was split off, first the words it is about."""
    return [*_split_off(page.ticket), *(_word(one) for one in page.said)]


def _split_off(ticket: Ticket) -> Iterator[Word]:
    linked_by = (Linked.of(event) for event in ticket.events if event.kind is Happening.LINKED)
    for one in linked_by:
        if one.passage:
            html = Markup(f'<div class="words">{linked(one.passage)}</div>')
            by = next((person.address for person in ticket.people if person.role == "requester"), "")
            said = Contribution(
                "mail",
                0,
                ticket.created_at,
                by,
                "",
                (),
                (),
                ticket.subject,
                one.passage,
                "request",
                waiting=True,
            )
            yield Word(said, by, html, "", (), "split-off")


def _word(one: Contribution) -> Word:
    pictures = tuple(file for file in one.files if file.type in PICTURES)
    return Word(one, _who(one), _html(one), _folded(one), pictures, f"{one.what}-{one.number}")


def _who(one: Contribution) -> str:
    if one.by_name:
        return one.by_name
    return _("Partner Support") if one.ours else one.by


def _html(one: Contribution) -> Markup:
    """What was typed on a page as it was meant; a mail's words letter by letter."""
    if one.text is None:
        return Markup(f"<p class='quiet'>{escape(_not_there(one))}</p>")
    typed = one.door == "web" or (one.what == "letter" and letter_kinds.of(one.kind).typed)
    if typed:
        return Markup(f'<div class="rich">{rich.page(one.text)}</div>')
    words = layout.without_mark(one.text) if one.what == "letter" else one.text
    return Markup(f'<div class="words">{linked(words)}</div>')


def _not_there(one: Contribution) -> str:
    return _("This has just come and is being read.") if one.waiting else _("These words are no longer kept.")


def linked(text: str) -> Markup:
    """The text escaped, its addresses of the web to be clicked."""
    pieces: list[str] = []
    done = 0
    for found in _LINK.finditer(text):
        link = escape(found.group())
        anchor = f'<a href="{link}" rel="noopener noreferrer nofollow">{link}</a>'
        pieces += [escape(text[done : found.start()]), anchor]
        done = found.end()
    return Markup("".join([*pieces, escape(text[done:])]))


def _folded(one: Contribution) -> str:
    """What a contribution is that few want to read again; empty: it is shown at once."""
    if one.what == "mail":
        return (
            _("automatic mail")
            if one.kind in ("auto_reply", "receipt", "bounce", "calendar", "reaction")
            else ""
        )
    row = letter_kinds.of(one.kind)
    if one.kind in _TALK or (row.asks and not row.reminds):
        return ""
    if row.reminds:
        return _("reminder")
    return _("acknowledgment") if row.acknowledges or row.replies else _("notice")


def promises(ticket: Ticket, known: Promises, words: Mapping[str, str], now: datetime) -> list[PromiseShown]:
    """What is promised by when, and what was kept."""
    return [
        PromiseShown(words.get(one.kind, one.kind), one.due, one.state, one.met_at)
        for one in clocks.commitments(ticket, known, now)
        if one.state != "cancelled"
    ]


def engineering(ticket: Ticket) -> list[CaseShown]:
    """The cases with each step's date."""
    return [_case(one, ticket) for one in cases.cases(ticket)]


def _case(one: cases.Case, ticket: Ticket) -> CaseShown:
    moves = [(CaseMoved.of(e), e.at) for e in ticket.events if e.kind is Happening.CASE_MOVED]
    reached = {told.step: at for told, at in moves if told.case == one.id}  # the last time counts
    now = ORDER.index(one.step)
    steps = tuple(
        StepShown(
            step, reached.get(str(step)) if ORDER.index(step) <= now else None, step is one.step, place < now
        )
        for place, step in enumerate(ORDER)
    )
    ahead = one.step not in (CaseStep.CONFIRMING, CaseStep.RESOLVED)
    told = next((t.report for t, _at in moves if t.case == one.id and t.report), "")
    return CaseShown(one.id, told, steps, one.expected if ahead else None, one.step is CaseStep.CONFIRMING)


def links_of_support(page: TicketPage) -> list[str]:
    """Addresses of the web that our side gave, the first time each."""
    texts = (one.text or "" for one in page.said if one.ours and one.kind in (*_TALK, "staff"))
    return list(dict.fromkeys(link for text in texts for link in _LINK.findall(text)))[:_MOST_LINKS]


def consents(ticket: Ticket) -> list[tuple[str, bool, datetime]]:
    """Who allowed support to sign in, or took it back, and when."""
    return [(who, on, at) for who, (on, at) in page_acts.consents(ticket).items()]


def what_an_answer_does(ticket: Ticket, within: timedelta, now: datetime) -> str:
    """Before anybody writes on a ticket that is over (P26)."""
    if ticket.state not in OVER:
        return ""
    if is_reopened_by_answer(ticket, within, now):
        return _("This request is resolved. An answer opens it again.")
    return _("This request is closed. An answer becomes a new request that is linked to this one.")


def is_reopened_by_answer(ticket: Ticket, within: timedelta, now: datetime) -> bool:
    """Whether an answer of the partner would open it again: it was resolved not long ago."""
    late = ticket.resolved_at is not None and now - ticket.resolved_at > within
    return ticket.state is State.RESOLVED and not late


def news(events: tuple[Event, ...]) -> Iterator[Event]:
    """What came meanwhile, one of each kind."""
    yield from {event.kind: event for event in events}.values()
