"""Addresses: how many letters went to one of late (caps), and which ones failed (bounced)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, bindparam, case, delete, func, select

from triaged.frozen import frozen
from triaged.store.columns import Moment, address_key, mailbox_key
from triaged.store.connected import Connected, Within
from triaged.store.inserts import upsert
from triaged.store.lookups import Lookup
from triaged.store.rows import FailedAddress, LetterState
from triaged.store.tables import failed_address, letter, recipient, ticket

_MOST_REFUSALS = 500  # that are looked at
_LETTERS_TO = (
    select(
        recipient.c.mailbox,
        func.count().label("letters"),
        func.sum(case((letter.c.unverified, 1), else_=0)).label("unverified"),
    )
    .join(letter, letter.c.id == recipient.c.letter_id)
    .where(
        recipient.c.mailbox.in_(bindparam("mailboxes", expanding=True)),
        recipient.c.written_at >= bindparam("since", type_=Moment),
        letter.c.audience == bindparam("audience"),
        letter.c.state != LetterState.WITHDRAWN,
    )
    .group_by(recipient.c.mailbox)
)
_UNVERIFIED = (  # of one hour, whatever is written: the caps themselves keep them few
    select(letter.c.audience, letter.c.kind, ticket.c.partner_domain, func.count())
    .join(ticket, ticket.c.id == letter.c.ticket_id)
    .where(letter.c.unverified, letter.c.written_at >= bindparam("since", type_=Moment))
    .group_by(letter.c.audience, letter.c.kind, ticket.c.partner_domain)
)
_LETTERS_ON = select(func.count()).where(
    letter.c.ticket_id == bindparam("of_ticket"),
    letter.c.written_at >= bindparam("since", type_=Moment),
    letter.c.audience == bindparam("to_whom"),
    letter.c.state != LetterState.WITHDRAWN,
)
_FAILED = select(failed_address.c.address).where(
    failed_address.c.address.in_(bindparam("addresses", expanding=True))
)
_ADDRESSED = (
    select(recipient.c.address)
    .join(letter, letter.c.id == recipient.c.letter_id)
    .where(letter.c.message_id.in_(bindparam("ids", expanding=True)), letter.c.audience == "partner")
)


@frozen
class Written:
    """Letters to a mailbox of late, and how many of them on tickets that nobody verified."""

    letters: int = 0
    unverified: int = 0


@frozen
class Unverified:
    """A letter on a ticket that nobody verified: to whom, and in which partner's name (None: a stranger's)."""

    audience: str
    kind: str
    in_name_of: str | None


def _letters_to(
    connection: Connection, mailboxes: Iterable[str], since: datetime, audience: str
) -> dict[str, Written]:
    given = {"mailboxes": list(mailboxes), "since": since, "audience": audience}
    rows = connection.execute(_LETTERS_TO, given)
    return {row.mailbox: Written(row.letters, int(row.unverified)) for row in rows}


def _clear(connection: Connection, address: str) -> bool:
    gone = delete(failed_address).where(failed_address.c.address == address_key(address))
    return connection.execute(gone).rowcount == 1


def _failed(connection: Connection, addresses: Iterable[str]) -> frozenset[str]:
    asked = [address_key(address) for address in addresses]
    return frozenset(connection.scalars(_FAILED, {"addresses": asked})) if asked else frozenset()


@frozen
class Posted:
    """A letter just written. `is_put_off`: its row is, as its recipients' always are."""

    mailboxes: frozenset[str]
    audience: str
    at: datetime
    unverified: Unverified | None
    is_put_off: bool


def _one_more(written: Written, unverified: bool) -> Written:
    return Written(written.letters + 1, written.unverified + unverified)


class Addresses(Connected):
    """Failed addresses, for the sender and the operator."""

    def clear_address(self, address: str) -> bool:
        """It works again. False if it was never marked."""
        with self._writing() as connection:
            return _clear(connection, address)

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the addresses that letters are withheld from."""
        with self._reading() as connection:
            return _failed(connection, addresses)

    def failed_addresses(self) -> list[FailedAddress]:
        """Every failed address, the latest first."""
        query = select(failed_address).order_by(failed_address.c.at.desc(), failed_address.c.address)
        with self._reading() as connection:
            return [FailedAddress(**row._mapping) for row in connection.execute(query)]

    def refusals(self, since: datetime) -> list[FailedAddress]:
        """Why letters did not reach somebody since then, or do not yet: by a bounce, or by our server's answer; bounded."""
        marked = select(failed_address).where(failed_address.c.at >= since).limit(_MOST_REFUSALS)
        unsent = (
            select(letter.c.to, letter.c.written_at, letter.c.error)
            .where(letter.c.state.in_([LetterState.FAILED, LetterState.WAITING]))
            .where(letter.c.error.is_not(None), letter.c.written_at >= since)
            .order_by(letter.c.id.desc())
            .limit(_MOST_REFUSALS)
        )
        with self._reading() as connection:
            bounced = [FailedAddress(**row._mapping) for row in connection.execute(marked)]
            answered = connection.execute(unsent).all()
        return [*bounced, *(FailedAddress(", ".join(row.to), row.error, row.written_at) for row in answered)]


class AddressWrites(Within):
    """The same inside the recorder's transaction, counting what it has just written.

    Nothing is written early to be counted: on SQLite that would shut out whoever sends letters meanwhile.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._failing = Lookup(self._ask_failing, False)
        self._posted: dict[tuple[datetime, str], Lookup[str, Written]] = {}  # by since when, and audience
        self._unverified: dict[datetime, Counter[Unverified]] = {}  # by since when
        self._mailboxes: set[str] = set()
        self._put_off: list[Posted] = []  # letters written here that no question to the database finds yet

    def letters_to(self, address: str, since: datetime, audience: str = "partner") -> int:
        """Letters written to the mailbox behind an address since then, withdrawn ones apart."""
        return self.written_to(address, since, audience).letters

    def written_to(self, address: str, since: datetime, audience: str = "partner") -> Written:
        """The same, and how many of them on tickets that nobody verified."""
        posted = self._posted.get((since, audience))
        if posted is None:
            ask = partial(self._ask_posted, since=since, audience=audience)
            posted = self._posted[since, audience] = Lookup(ask, Written(), self._mailboxes)
        return posted.of(mailbox_key(address))

    def unverified_letters(self, since: datetime) -> Mapping[Unverified, int]:
        """Letters written since then on tickets that nobody verified, withdrawn ones too."""
        if since not in self._unverified:
            counted: Counter[Unverified] = Counter()
            for audience, kind, in_name_of, number in self._apart().execute(_UNVERIFIED, {"since": since}):
                counted[Unverified(audience, kind, in_name_of)] = number
            for one in self._put_off:
                if one.unverified is not None and one.is_put_off and since <= one.at:
                    counted[one.unverified] += 1
            self._unverified[since] = counted
        return self._unverified[since]

    def _ask_posted(self, keys: list[str], *, since: datetime, audience: str) -> dict[str, Written]:
        found = _letters_to(self._apart(), keys, since, audience)
        for one in self._put_off:
            if one.audience == audience and since <= one.at:
                for key in one.mailboxes.intersection(keys):
                    found[key] = _one_more(found.get(key, Written()), one.unverified is not None)
        return found

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        self._put_off.clear()

    def letters_on(self, ticket_id: int, since: datetime, audience: str = "partner") -> int:
        """Letters written on a ticket since then, withdrawn ones apart."""
        opened = self._opened.get(ticket_id)
        if opened is not None:
            return sum(one.audience == audience for one in opened)
        given = {"of_ticket": ticket_id, "since": since, "to_whom": audience}
        return self._apart().scalar(_LETTERS_ON, given) or 0

    def mark_address(self, address: str, why: str, now: datetime) -> bool:
        """Letters to it bounce: no more go there. False if that was known."""
        self._failing.change(address_key(address), True)
        row = {"address": address_key(address), "why": why, "at": now}
        connection = self._apart()
        once = upsert(connection, failed_address).on_conflict_do_nothing()
        return connection.scalar(once.returning(failed_address.c.address), row) is not None

    def clear_address(self, address: str) -> bool:
        """It works again. False if it was never marked."""
        key = address_key(address)
        if not self._failing.of(key):
            return False
        self._failing.change(key, False)
        return _clear(self._apart(), address)

    def addressed_by(self, message_ids: Iterable[str]) -> frozenset[str]:
        """Whom of the partner's side letters of ours went to; nobody where an id is of none."""
        ids = list(message_ids)
        return frozenset(self._about(ids).scalars(_ADDRESSED, {"ids": ids}))

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Those of the addresses that letters are withheld from."""
        keys = [address_key(address) for address in addresses]
        return frozenset(key for key, failed in self._failing(keys).items() if failed)

    def _expect_addresses(self, addresses: Iterable[str]) -> None:
        given = list(addresses)
        self._failing.expect(map(address_key, given))
        self._mailboxes.update(map(mailbox_key, given))

    def _count_letter(self, one: Posted) -> None:
        """One more to each of these, put off or written."""
        self._put_off.append(one)
        for since, counted in self._unverified.items():
            if one.unverified is not None and since <= one.at:
                counted[one.unverified] += 1
        for (since, of), posted in self._posted.items():
            for key in one.mailboxes if of == one.audience and since <= one.at else ():
                if posted.knows(key):
                    posted.change(key, _one_more(posted.of(key), one.unverified is not None))

    def _ask_failing(self, addresses: list[str]) -> dict[str, bool]:
        return dict.fromkeys(_failed(self._apart(), addresses), True)
