"""What composing goes by, and the three kinds of letters by whom they go to: partner, staff of a ticket, desk. PURE.

Each letter has a key that makes it unique on its ticket (promise 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.letters import context as contexts
from triaged.letters import kinds
from triaged.letters.context import Context, Desk, Labelled
from triaged.letters.recipients import Addresses, addressees, staff_of
from triaged.letters.templates import FALLBACK, Letters, Written, join
from triaged.letters.wording import Words
from triaged.promises import clocks
from triaged.promises.clock import Commitment
from triaged.promises.commitments import COMMITMENTS
from triaged.promises.service_levels import Promises
from triaged.reading.identifiers import telling
from triaged.reading.identifiers.kinds import IDENTIFIERS
from triaged.reading.values import Identifiers
from triaged.tickets.ticket import Letter, Ticket

STAFF_LANGUAGE = FALLBACK


@frozen
class Writer:
    """The rulebook's letters and promises, the desk they leave from, and the moment (UTC) they are written."""

    letters: Letters
    promises: Promises
    desk: Desk
    now: datetime

    def to_partner(
        self, kind: str, key: str, ticket: Ticket, extra: dict[str, Any] | None = None, *,
        addressed: Addresses | None = None, template: str | None = None, given: Identifiers | None = None,
    ) -> Letter | None:  # fmt: skip
        """A letter to the people of a ticket, in their language; None when there is nobody to write to.

        `extra`: names of the `Context` beside those of the ticket. `addressed`: whom to, if not the ticket's
        people. `given`: identifiers of the mail it answers, told as understood. It waits for its sending hours.
        """
        to, cc = addressed if addressed is not None else addressees(ticket)
        if not to or (ticket.history and not kinds.of(kind).typed):
            return None
        template = template or kinds.of(kind).template or kind
        told = self._told(kind, ticket)
        language = self.letters.language_for(template, ticket.language)
        written = self._in(language, template, ticket, told, extra or {}, given)
        if kinds.of(kind).bilingual and language != FALLBACK:
            once = {**(extra or {}), "form": ""}  # what is to be filled in stands in it once
            written = join(written, self._in(FALLBACK, template, ticket, told, once, given))
        above = self.letters.words(language).write_above
        letter = Letter(
            kind=kind,
            key=key,
            audience="partner",
            mailbox=ticket.mailbox,
            to=to,
            cc=cc,
            subject=written.subject,
            body=f"{above}\n\n{written.body}" if above else written.body,
            in_reply_to=ticket.last_message_id,
            references=ticket.references,
            language=language,
        )
        return self.in_hours(letter, ticket)

    def to_staff(
        self, kind: str, key: str, ticket: Ticket, extra: dict[str, Any] | None = None, *,
        to: tuple[str, ...] | None = None, tier: int = 1,
    ) -> Letter | None:  # fmt: skip
        """A letter to whom the ticket is assigned, else to the list, and on escalation to the tier; None: nobody."""
        to = to if to is not None else staff_of(ticket, self.desk, tier)
        if not to:
            return None
        context = contexts.for_staff(ticket, self.staff_words, self.desk)
        written = self.letters.write(
            kinds.of(kind).template or kind, STAFF_LANGUAGE, replace(context, **(extra or {}))
        )
        return Letter(kind, key, "staff", ticket.mailbox, to, written.subject, written.body)

    def to_desk(self, kind: str, key: str, **extra: Any) -> Letter | None:
        """A letter to the list that is of no single ticket; None: there is no list."""
        if not self.desk.alert:
            return None
        context = replace(contexts.at_desk(self.staff_words, self.desk, self.now), **extra)
        written = self.letters.write(kind, STAFF_LANGUAGE, context)
        return Letter(kind, key, "staff", self.desk.mailbox, self.desk.alert, written.subject, written.body)

    def in_hours(self, letter: Letter, ticket: Ticket) -> Letter:
        """The letter, held (`not_before`) until the hours in which the rulebook lets its kind leave."""
        calendar = self.promises.sending_calendar(letter.kind, ticket.region)
        if calendar is None or calendar.is_open(self.now):
            return letter
        return replace(letter, not_before=calendar.next_open(self.now))

    def words_to(self, ticket: Ticket, kind: str) -> Words:
        """The words of the language in which the ticket's people get a letter of this kind."""
        return self.letters.words(self.letters.language_for(kind, ticket.language))

    @property
    def staff_words(self) -> Words:
        """The words of letters to our own people."""
        return self.letters.words(STAFF_LANGUAGE)

    @property
    def desk_zone(self) -> ZoneInfo:
        """The zone that letters to our own people tell times in."""
        return contexts.zone_of(self.desk.time_zone)

    def _told(self, kind: str, ticket: Ticket) -> tuple[Commitment, ...]:
        """The commitments a letter tells: of those that run only its kind's, and what was missed whatever it is.

        Not the first response where the acknowledgment counts as it: nobody then promises a person's answer.
        """
        only, now = kinds.of(kind).tells, self.now
        found = []
        for c in clocks.commitments(ticket, self.promises, now):
            row, policy = COMMITMENTS[c.kind], self.promises.policy(c.policy)
            by_letter = row.by_acknowledgment and policy is not None and policy.acknowledgment_counts
            if by_letter or (c.state == "missed" and not row.told_late):
                continue
            if c.state == "running" and only is not None and c.kind not in only:
                continue
            found.append(replace(c, limit=None) if c.state == "missed" and (c.limit or now) <= now else c)
        return tuple(found)

    def _in(
        self, language: str, template: str, ticket: Ticket, told: Sequence[Commitment], extra: dict[str, Any],
        given: Identifiers | None,
    ) -> Written:  # fmt: skip
        words = self.letters.words(language)
        context = contexts.for_partner(ticket, words, self.desk, told)
        if given is not None and ticket.trusted:
            context = replace(context, understood=_with_given(context, given, words))
        return self.letters.write(template, language, replace(context, **extra))


def _with_given(context: Context, given: Identifiers, words: Words) -> tuple[Labelled, ...]:
    """The ids that the mail itself named, so that a wrong one is noticed; at most five of a kind."""
    lines = [
        Labelled(words.identifiers.get(kind.name, kind.name), ", ".join(values[:5]))
        for kind in IDENTIFIERS
        if kind.asked and kind.digits and (values := telling.enough(given, kind))
    ]
    return (*context.understood, *lines)
