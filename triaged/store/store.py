"""The store: the only room that knows SQLAlchemy (design page, promises 1 to 4).

Each group of queries stands in a module of its own; here they are one object. What changes a ticket runs
in `transaction()`: one at a time over all daemons, so that two of them never place mails of one thread
each on a ticket of its own. Everything slow (reading mail, the classifier, SMTP) stays outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import text

from triaged.store import schema
from triaged.store.addresses import Addresses
from triaged.store.alerts import Alerts, AlertWrites
from triaged.store.dues import DueWrites
from triaged.store.engine import Engines, open_engines, parse
from triaged.store.filing import Filing
from triaged.store.forgetting import Forgetting
from triaged.store.forms import Forms, FormWrites
from triaged.store.grants import Grants
from triaged.store.jobs import Jobs
from triaged.store.kept import Keeping
from triaged.store.leases import Leases
from triaged.store.listings import Listings
from triaged.store.mail import MailWork, MailWrites
from triaged.store.meetings import Meetings, MeetingWrites
from triaged.store.outbox import Outbox, OutboxWrites
from triaged.store.owed import Owed, OwedWrites
from triaged.store.presence import Presence
from triaged.store.privacy import Privacy
from triaged.store.probe import Probing
from triaged.store.promise_checks import PromiseChecks
from triaged.store.pulse import Burials
from triaged.store.reported import Reported
from triaged.store.rows import Upcoming
from triaged.store.rulebook_keeping import RulebookKeeping
from triaged.store.sessions import Sessions
from triaged.store.sign_ins import SignIns
from triaged.store.status import Status
from triaged.store.tally import Tallies
from triaged.store.telling import Telling
from triaged.store.ticket_pages import TicketPages
from triaged.store.training import Training, TrainingWrites


class Transaction(
    MailWrites, OutboxWrites, DueWrites, TrainingWrites, OwedWrites, AlertWrites, FormWrites, MeetingWrites
):
    """Everything that may be done to mails, tickets, letters and steps in one go; made by `Store`."""

    def expect(self, upcoming: Iterable[Upcoming]) -> None:
        """Mails that will be recorded here: what is asked of one is looked up for all of them together."""
        mails = list(upcoming)
        self._expect_mails((one.mail, one.message_id, one.sender) for one in mails)
        self._expect_ids(mentioned for one in mails for mentioned in one.mentions)
        senders = [one.sender for one in mails if one.sender]
        self._expect_addresses(senders)
        self._expect_senders(senders)


class Store(
    Keeping,
    Owed,
    MailWork,
    Outbox,
    Leases,
    Burials,
    Addresses,
    Listings,
    Reported,
    Training,
    Status,
    Probing,
    PromiseChecks,
    Privacy,
    Forgetting,
    Filing,
    Alerts,
    Grants,
    SignIns,
    Sessions,
    TicketPages,
    Forms,
    Tallies,
    Telling,
    Meetings,
    RulebookKeeping,
    Jobs,
    Presence,
):
    """Everything kept. Threads may share one; processes each open their own."""

    def __init__(self, engines: Engines) -> None:
        super().__init__(engines)
        self._secret: bytes | None = None

    @classmethod
    def open(cls, url: str, password: str | None = None, owner: str = "") -> Store:
        """A store at "sqlite:///FILE" or "postgresql://USER@HOST/NAME". Connects when first used.

        `owner`: the daemon it is for. Raises Faulty for a URL that cannot be right.
        """
        return cls(open_engines(parse(url, password), owner))

    def close(self) -> None:
        """Give back every connection."""
        self._engines.close()

    def check_schema(self) -> None:
        """Raises OldSchema, which names the remedy, unless the tables are of this version."""
        schema.check(self._engines)

    def ping(self) -> None:
        """Raises Unavailable when the database is away."""
        with self._reading() as connection:
            connection.execute(text("SELECT 1"))

    def secret(self) -> bytes:
        """32 random bytes made at the first upgrade: they sign our Message-IDs."""
        if self._secret is None:
            self._secret = schema.secret(self._engines)
        return self._secret

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Work on tickets, alone among all daemons; durable when the block ends, else undone whole.

        Keep it short, and call nothing of the store itself inside.
        """
        with self._recording() as connection:
            tx = Transaction(connection)
            yield tx
            tx.finish()
