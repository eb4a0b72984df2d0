"""What an act of staff is, and the form it is ordered by. The acts: orders.py, meeting_orders.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.spec import moments
from triaged.store.scope import of_staff
from triaged.store.store import Store
from triaged.tickets.ticket import Ticket
from triaged.walk import passages
from triaged.walk.by_hand import ByHand
from triaged.web import times
from triaged.web.visit import Form

LONGEST = 2000


@frozen
class Given:
    """The fields of a form as an act reads them."""

    form: Form
    store: Store
    me: str
    zone: ZoneInfo

    def get(self, name: str, otherwise: str = "") -> str:
        """A field, without blanks around it."""
        return self.form.get(name).strip()[:LONGEST] or otherwise

    def must(self, name: str, what: str) -> str:
        """The same. Raises Faulty where it is empty."""
        if not (value := self.get(name)):
            raise Faulty(f"{what} is missing")
        return value

    def day(self, name: str) -> date | None:
        """A day; None: none is given. Raises Faulty."""
        try:
            return date.fromisoformat(self.get(name)) if self.get(name) else None
        except ValueError:
            raise Faulty(f"{self.get(name)} is no day; write one like 2026-12-01") from None

    def moment(self, name: str) -> datetime | None:
        """A day and time by the clock of the form's own zone (its field `zone`), in UTC; None: none is given.

        Raises Faulty; also for a time that those clocks show twice or never.
        """
        if not (text := self.get(name)):
            return None
        zone = times.zone_of(self.get("zone"), self.zone.key)
        try:
            given = datetime.fromisoformat(text)
            return moments.in_utc(given if given.tzinfo else given.replace(tzinfo=zone))
        except moments.ClocksChanged:
            raise Faulty(f"{text}: the clocks of {zone.key} are changed then") from None
        except (ValueError, OverflowError):
            raise Faulty(f"{text} is no day and time; write one like 2026-12-01T14:30") from None

    def passage(self, ticket: Ticket) -> str:
        """What is marked of a conversation: paragraphs chosen, and words pasted or marked."""
        chosen = frozenset(self.form.fields.get("part", ()))
        page = self.store.ticket_page(of_staff(self.me), ticket.id) if chosen else None
        parts = [one.text for one in passages.paragraphs(page) if one.key in chosen] if page else []
        pasted = self.form.get("passage").strip()
        return "\n\n".join([*parts, *([pasted] if pasted else [])])

    def ticket(self, name: str) -> Ticket:
        """Another ticket, by its reference. Raises Faulty."""
        word = self.must(name, "the other ticket's reference")
        found = self.store.ticket_by_reference(word.strip("[]").upper())
        if found is None:
            raise Faulty(f"{word}: no such ticket")
        return found


Order = Callable[[ByHand, Ticket, Given], Ticket]


@frozen
class Act:
    """An act. `done`: what the page says then. `looks`: it must be looked at first; `tells`: letters may leave."""

    title: str
    done: str
    order: Order
    tells: bool = False
    looks: bool = False
