"""One house with a moved clock, and mails put into it by hand: tickets' life through the real walk."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.said import listening
from triaged.simulation import mails
from triaged.simulation.life import Truth
from triaged.simulation.month import Course, Month
from triaged.simulation.postman import Delivered
from triaged.simulation.town import GLOBAL, STAFF, Correspondent
from triaged.store.rows import Arrival, LedgerMail
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk.by_hand import ByHand

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # ten in the morning in New York


class Scene:
    """`writes` and `staff_writes` answer with the ledger's row of the mail; `passes` lets time pass."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        self.month = Month(folder, Course(begin=MONDAY, days=60, mail_per_day=0), database=database)
        self.store = self.month.house.store
        self.ann: Correspondent = next(
            p for p in self.month.town.people if p.region == "US" and not (p.away or p.gone)
        )
        self.customer = next(
            c for c in self.month.town.of(self.ann) if c.subscriptions.endswith(("=12", "=40", "=90"))
        )
        self._numbers = itertools.count(1)
        self.may_fail = False  # a test makes the walk of its mails fail

    def writes(
        self, body: str, subject: str = "One report is slow", answers: list[str] | None = None, **more
    ) -> LedgerMail:
        """Ann writes; `answers` are the ids of the thread."""
        who = more.pop("who", self.ann)
        raw = mails.write(
            (who.name, who.address),
            [GLOBAL],
            subject,
            body,
            self.month.now,
            self.id(who.address),
            answers=answers or [],
            **more,
        )
        return self.arrives(raw)

    def asks(self, **more) -> LedgerMail:
        """A request with every identifier."""
        c = self.customer
        return self.writes(
            f"One report in Zoho CRM is slow.\n\nSuperAdmin: {c.superadmin}\nZOID: {c.zoid}\nZUID: {c.zuid}\n",
            **more,
        )

    def staff_writes(
        self, mail: LedgerMail, body: str = "Hello,\n\nplease try it again.\n\nCy", sent: bool = True
    ) -> LedgerMail:
        """Staff answer a mail, by the Sent folder or with the support address in Cc."""
        sender = GLOBAL if sent else STAFF[0]
        raw = mails.write(
            ("Cy Moor", sender), [self.ann.address], f"Re: {mail.subject}", body, self.month.now, self.id(sender),
            cc=[] if sent else [GLOBAL], answers=[mail.message_id],
        )  # fmt: skip
        return self.arrives(raw, sent_folder=sent)

    def arrives(self, raw: bytes, **more) -> LedgerMail:
        """A mail reaches the server and is walked."""
        uid = next(self._numbers)
        folder = "Sent" if more.get("sent_folder") else "INBOX"
        self.month.arrive(
            Arrival(raw, "global", "imap", folder, 1, uid, self.month.now, moved=True, **more),
            Truth("by hand", ""),
        )
        self.month.turn()
        mail = self.store.mails(limit=1)[0]
        assert self.may_fail or mail.error is None, f"its walk failed, and would be tried again: {mail.error}"
        return mail

    def passes(self, **span: float) -> None:
        """Let time pass: every step is taken and every letter leaves at its minute."""
        with listening() as said:
            self.month.until(self.month.now + timedelta(**span))
        failed = said.of("due.failed")
        assert self.may_fail or not failed, f"a step failed, and would be tried again: {failed}"

    def ticket(self, mail: LedgerMail) -> Ticket:
        """The ticket of a mail, as it is now."""
        found = self.store.ticket(mail.ticket_id)
        assert found is not None, f"mail {mail.id} is on no ticket: {mail.why}"
        return found

    def desk(self) -> ByHand:
        """The command line."""
        return ByHand(self.store, self.month.knowledge, "cli:cy", self.month.now)

    def letters(self, kind: str = "") -> list[Delivered]:
        """Letters that left, of one kind or all."""
        return [one for one in self.month.postman.delivered if not kind or self._kind(one) == kind]

    def id(self, address: str) -> str:
        return f"<by-hand-{next(self._numbers)}@{address.rpartition('@')[2]}>"

    def _kind(self, one: Delivered) -> str:
        return one.kind.replace("-", "_")


def kinds(ticket: Ticket) -> list[Happening]:
    return [event.kind for event in ticket.events]
