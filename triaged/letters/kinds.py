"""Every kind of letter, and all that is peculiar to it: one row a kind. PURE.

Who adds a kind adds its row here, its template to `rules/` and the line that writes it (docs/extending.md);
templates asked for, specimens, headers, caps, clocks and the question whether it may still leave follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

from triaged.frozen import frozen
from triaged.promises.commitments import IN_UPDATES

Sense = Literal[
    "", "identifiers missing", "waiting", "case confirming", "resolved", "closed", "live", "mark", "merged", "unmerged",
    "meeting offered", "meeting",
]  # fmt: skip


@frozen
class LetterKind:
    """A kind of letter. What a row does not say holds for most."""

    name: str
    audience: Literal["partner", "staff"]
    # What it is to the clocks once it has left: an acknowledgment tells the sender that his mail has come.
    counts_as: Literal["", "acknowledgment", "update"] = ""
    # An acknowledgment that may be followed by another: of who is verified, of what can be read
    preliminary: bool = False
    replies: bool = False  # it answers a mail: `Auto-Submitted: auto-replied`
    asks: Literal["", "identifiers", "answer"] = ""  # of the partner; none of these soon after another
    reminds: str = ""  # the schedule of silence whose reminder it is
    tells_identifiers: bool = False  # it tells identifiers as understood, in lines that ask for nothing
    tells: frozenset[str] | None = None  # running commitments that it tells; None: all
    bilingual: bool = False  # in English too, whatever the partner's language
    chosen: bool = False  # a rule's `letter` may choose another template for it
    again: bool = False  # may be said again on an answer
    sense: Sense = ""  # what must still be so when it leaves late (followups/still_wanted.py); empty: nothing
    capped: bool = True  # counts towards the caps, and is held by them
    template: str = ""  # by which it is written; empty: the one of its own name
    anybodys: bool = False  # of no ticket, and anybody can bring it about: not without end
    first: bool = False  # it leaves before all others: somebody sits and waits for it
    typed: bool = False  # a person's own words: bold, lists and links as he meant them (rich.py)
    copies: bool = False  # it hands on what stands on the ticket as a mail already
    meeting: bool = False  # of screen-sharing sessions: asked for where the rulebook offers them
    entry: Literal["", "invites", "ends"] = ""  # what it does to the calendars of those it goes to
    optional: bool = False  # a rulebook may lack its template: it is younger than rulebooks in use

    @property
    def acknowledges(self) -> bool:
        """Whether it tells the sender that his mail has come (`acknowledges` of `explain --json`)."""
        return self.counts_as == "acknowledgment"

    @property
    def soon_void(self) -> bool:
        """Whether a minute can take its sense: of a question by its answer, of a merge by taking it back."""
        return bool(self.asks) or self.sense in ("merged", "unmerged")


_partner, _staff = partial(LetterKind, audience="partner"), partial(LetterKind, audience="staff")
_meeting = partial(_partner, meeting=True, optional=True)
# fmt: off
TABLE = (
    _partner("acknowledgment", counts_as="acknowledgment", replies=True, tells_identifiers=True,
             chosen=True),
    _partner("acknowledgment_unverified", counts_as="acknowledgment", preliminary=True, replies=True),
    _partner("missing_information", counts_as="acknowledgment", replies=True,
             asks="identifiers", bilingual=True, again=True),
    _partner("missing_information_reminder", asks="identifiers", reminds="missing_information", bilingual=True,
             sense="identifiers missing"),
    _partner("encrypted", counts_as="acknowledgment", preliminary=True, again=True),
    _partner("details_received", replies=True, tells_identifiers=True),
    _partner("account_identified", tells_identifiers=True),
    _partner("acknowledgments_combined", tells=frozenset(), capped=False, optional=True),  # once an hour at most
    _partner("split_off"),
    _partner("merged", sense="merged"),
    _partner("unmerged", sense="unmerged", optional=True),
    _partner("progress_update", counts_as="update", tells=IN_UPDATES, sense="live"),
    _partner("waiting_reminder", asks="answer", reminds="waiting", sense="waiting"),
    _partner("resolved", sense="resolved"),
    _partner("resolved_for_silence", sense="resolved"),
    _partner("closed", sense="closed"),
    _partner("case_update", counts_as="update"),
    _partner("sign_in", capped=False, first=True, optional=True),  # without its template a plain one is written
    _partner("case_reminder", asks="answer", reminds="case", sense="case confirming"),
    _partner("answer", typed=True, optional=True),  # of one of our own people, by page or command
    _partner("relayed", typed=True, copies=True, capped=False, optional=True),  # what somebody wrote on a page, to the others
    _meeting("meeting_offer", sense="meeting offered"),
    _meeting("meeting_invitation", sense="meeting", entry="invites"),
    _meeting("meeting_moved", sense="meeting", entry="invites"),
    _meeting("meeting_cancelled", capped=False, entry="ends"),
    _meeting("meeting_reminder", sense="meeting", capped=False),
    _meeting("meeting_entry"),  # no letter: what the calendar entry says, which they bring
    _meeting("meeting_news", audience="staff", capped=False),
    _meeting("meeting_ending", audience="staff", sense="meeting", capped=False),
    _meeting("meeting_summary", audience="staff", capped=False),
    _staff("page_answer", copies=True, capped=False, optional=True),  # the same, to staff
    _staff("page_act", optional=True),  # closed, reopened, rated, a fix denied by a page
    _staff("new_s1"),
    _staff("at_risk", sense="mark"),
    _staff("missed", sense="mark"),
    _staff("still_open", sense="mark"),
    _staff("update_due", sense="mark"),
    _staff("unidentified"),
    _staff("review"),
    _staff("reviews_capped", template="review", capped=False),  # the one that tells of those they do not get
    _staff("notify"),
    _staff("case_overdue"),
    _staff("undeliverable"),
    _staff("unplaced", anybodys=True),
    _staff("digest"),
    _staff("rulebook_refused"),
    _staff("reload_refused", optional=True),  # of anything but the rulebook; so has this one
    _staff("mail_owed", optional=True),  # without its template a plain list is written
    _staff("mail_quarantined", anybodys=True, optional=True),  # the same
)
# fmt: on
KINDS: Mapping[str, LetterKind] = {kind.name: kind for kind in TABLE}


def of(name: str) -> LetterKind:
    """The kind of that name; of one that is no more (old rows name it) nothing is peculiar."""
    return KINDS.get(name) or LetterKind(name, "partner")


def templates(audience: str) -> tuple[str, ...]:
    """The templates for an audience, in the table's order; those of `optional` kinds too."""
    return tuple(k.name for k in KINDS.values() if k.audience == audience and not k.template)


def copies() -> tuple[str, ...]:
    """Those that only hand on what a mail says."""
    return tuple(k.name for k in KINDS.values() if k.copies)


def asking_for_identifiers() -> tuple[str, ...]:
    """The question for what is missing, and its reminder."""
    return tuple(k.name for k in KINDS.values() if k.asks == "identifiers")


def of_meetings() -> tuple[str, ...]:
    """The templates that screen-sharing sessions need."""
    return tuple(k.name for k in KINDS.values() if k.meeting)


def reminder_of(schedule: str) -> str:
    """The kind by which a schedule of silence reminds."""
    return next(k.name for k in KINDS.values() if k.reminds == schedule)
