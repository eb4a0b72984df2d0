"""How much may be written to whom (promise 9): what only the moment of writing can know.

What the same transaction has written counts already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.config.config import LimitsSection
from triaged.frozen import frozen
from triaged.letters import kinds, mime
from triaged.letters.writer import Writer
from triaged.store.store import Transaction
from triaged.tickets.ticket import Letter, Ticket
from triaged.vocabulary import counted

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGERS_AN_HOUR = 30  # letters to staff, beyond which strangers' mail brings no more
IN_A_NAME_AN_HOUR = 10  # the same of what nobody verified in one partner's name
TO_ONE_UNVERIFIED_AN_HOUR = 3  # letters to one person whose mails nobody verified
IN_A_BURST = "to this address in an hour"  # how an objection ends that is over soon
SUMMARY = "reviews_capped"  # the one letter that tells staff of those they do not get


@frozen
class Caps:
    """`ordered`: by a human, whose letters to the partner are not capped."""

    tx: Transaction
    limits: LimitsSection
    now: datetime
    ordered: bool = False

    def fit(self, letter: Letter, ticket: Ticket, writer: Writer) -> tuple[Letter | None, str]:
        """The letter to whom it may still go, or why it may go to nobody."""
        failed = self.tx.failed_of((*letter.to, *letter.cc))
        # An address no header can hold must cost the letter to it, not the mail its ticket.
        barred = failed | {a for a in (*letter.to, *letter.cc) if not mime.can_hold(a)}
        to, cc = (tuple(a for a in given if a not in barred) for given in (letter.to, letter.cc))
        if not to and not cc:
            return None, f"letters do not reach {', '.join(sorted(barred))}"
        capped = kinds.of(letter.kind).capped
        if letter.audience == "staff" and not ticket.trusted and capped:
            return self._to_staff(replace(letter, to=to or cc, cc=cc if to else ()), ticket, writer)
        if letter.audience == "partner" and not self.ordered and capped:
            objection = self._objection(ticket)
            if objection:
                return None, objection
            most = self.limits.letters_per_address_hour
            to, cc = (tuple(a for a in given if not self._has_enough(a, ticket, most)) for given in (to, cc))
            if not to and not cc:
                most = most if ticket.trusted else min(most, TO_ONE_UNVERIFIED_AN_HOUR)
                return None, f"more than {counted(most, 'letter')} {IN_A_BURST}"
        return replace(letter, to=to or cc, cc=cc if to else ()), ""

    def floods(self, addresses: Iterable[str]) -> bool:
        """Whether all of these of staff have had so many letters within the hour that strangers' wait."""
        since = self.now - HOUR
        return all(self.tx.letters_to(one, since, "staff") >= STRANGERS_AN_HOUR for one in addresses)

    def _objection(self, ticket: Ticket) -> str:
        """Why no letter may go to the partner's side now, whoever it is for."""
        limits = self.limits
        if self.tx.letters_on(ticket.id, self.now - DAY) >= limits.letters_per_ticket_day:
            return f"more than {counted(limits.letters_per_ticket_day, 'letter')} on this ticket in a day"
        if not ticket.trusted and self._unverified("partner") >= limits.letters_to_unverified_hour:
            # Whoever forges senders by the thousand must not make us write to them all (F15).
            return f"more than {counted(limits.letters_to_unverified_hour, 'letter')} to unverified senders in an hour"
        return ""

    def _has_enough(self, address: str, ticket: Ticket, most: int) -> bool:
        written = self.tx.written_to(address, self.now - HOUR)
        forged = not ticket.trusted and written.unverified >= TO_ONE_UNVERIFIED_AN_HOUR
        return forged or written.letters >= most

    def _to_staff(self, letter: Letter, ticket: Ticket, writer: Writer) -> tuple[Letter | None, str]:
        """A letter to staff about what nobody verified: so many an hour, then one that tells of the rest.

        Strangers and what is in a partner's name are counted apart, so that neither hides the other; and one
        partner's name does not use up what there is for all.
        """
        name = ticket.partner_domain
        if name is None:
            full = self._unverified("staff", lambda one: one is None) >= STRANGERS_AN_HOUR
        else:
            of_all = self._unverified("staff", lambda one: one is not None)
            full = (
                of_all >= STRANGERS_AN_HOUR
                or self._unverified("staff", lambda one: one == name) >= IN_A_NAME_AN_HOUR
            )
        if not full:
            return letter, ""
        why = (
            "more letters to staff about unverified mail than may be in an hour; the rest wait for the digest"
        )
        if any(one.kind == SUMMARY for one in self.tx.unverified_letters(self.now - HOUR)):
            return None, why
        told = f"{why}. `triaged tickets list --review` shows them"
        return writer.to_staff(SUMMARY, SUMMARY, ticket, {"reasons": (told,), "excerpt": ""}), why

    def _unverified(self, audience: str, in_name: Callable[[str | None], bool] = lambda _name: True) -> int:
        """Letters of the last hour on tickets that nobody verified."""
        written = self.tx.unverified_letters(self.now - HOUR)
        return sum(
            number
            for one, number in written.items()
            if one.audience == audience and kinds.of(one.kind).capped and in_name(one.in_name_of)
        )
