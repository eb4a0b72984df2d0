"""The ledger: claiming mail to triage, its one fate (promise 2), quarantine, replay, and what people ask.

A claim is one statement with a lease; whoever dies with mail in hand loses it to the next claimer when
the lease ends. Finishing is fenced by the owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from triaged.frozen import frozen
from triaged.store import lanes
from triaged.store.claims import SOUND, claim, outside, taking
from triaged.store.columns import address_key
from triaged.store.connected import Connected, pieces
from triaged.store.deferred import Later
from triaged.store.kept import unpack
from triaged.store.ledger import claimed_mail, ledger, ledger_mail, raws
from triaged.store.lookups import Lookup
from triaged.store.repeats import RepeatWrites
from triaged.store.rows import ClaimedMail, Fate, Finished, LedgerMail
from triaged.store.tables import letter, mail, raw, rule_hit
from triaged.store.threads import key_of

_CLAIM = claim(mail, mail.c, where=SOUND)
_CLAIM_BUT = claim(mail, mail.c, where=outside(mail.c.mailbox) & SOUND)
_ANY = 2**31 - 1  # runs
_MOST_BACK = 500  # letters of ours that came back, as far as they are looked at
_OF_TICKET = 200  # mails of a ticket that its story shows
_TOLD = (
    *("fate", "kind", "why", "finished_at", "ticket_id", "subject", "sender", "sender_domain"),
    *("message_id", "duplicate_of", "reading"),
)


@frozen
class CameBack:
    """A letter from one of our addresses that came in by a mailbox of ours, and our mail server's word on its sender."""

    address: str
    at: datetime
    result: str
    why: str


def _finish(_dialect: str, table: Table) -> Any:
    """The fate of a mail that is still ours."""
    ours = (
        table.c.id == bindparam("mail_id"),
        table.c.owner == bindparam("by"),
        table.c.ready_at.is_not(None),
    )
    told = {name: bindparam(name, type_=table.c[name].type) for name in _TOLD}
    ordered = [(table.c[name], told[name]) for name in _TOLD]
    return (
        update(table)
        .where(*ours)
        .ordered_values(*ordered, *((table.c[n], null()) for n in ("owner", "ready_at", "error")))
    )


_FATES = Later(mail, (*_TOLD, "mail_id", "by"), _finish, exact=True)
_SEEN = (
    ledger(mail.c.body_sha256, mail.c.reading)
    .where(
        or_(
            mail.c.sha256.in_(bindparam("bytes", expanding=True)),
            and_(
                mail.c.message_id.in_(bindparam("named", expanding=True)),
                mail.c.body_sha256.in_(bindparam("bodies", expanding=True)),
                mail.c.sender.in_(bindparam("senders", expanding=True)),
            ),
        ),
        or_(and_(mail.c.fate != Fate.WAITING, mail.c.fate != Fate.QUARANTINE), mail.c.ticket_id.is_not(None)),
        mail.c.duplicate_of.is_(None),
    )
    .order_by(mail.c.id)
)


@frozen
class _One:
    """What a mail is known again by."""

    id: int
    sha256: str
    message_id: str | None
    body_sha256: str
    sender: str

    @property
    def names(self) -> tuple[str, ...]:
        """What another mail may share with it."""
        return (self.sha256, self.message_id) if self.message_id else (self.sha256,)

    def is_again(self, row: Any) -> bool:
        """Whether it is that one once more."""
        named = (self.message_id, self.sender) == (row.message_id, row.sender) and self.message_id is not None
        return row.id != self.id and (
            row.sha256 == self.sha256 or (named and row.body_sha256 == self.body_sha256)
        )


def _one(claimed: ClaimedMail, message_id: str | None, sender: str) -> _One:
    named = key_of(message_id) if message_id else None
    return _One(claimed.id, claimed.sha256, named, claimed.body_sha256, address_key(sender))


_HITS = Later(rule_hit, ("mail_id", "rule", "ticket_id", "rulebook_version", "at"))


class MailWork(Connected):
    """What triage and the operator ask about mail."""

    def claim_mail(
        self,
        limit: int,
        now: datetime,
        owner: str,
        lease: timedelta,
        *,
        most: int | None = None,
        others: Collection[str] = (),
        fewer: int | None = None,
    ) -> list[ClaimedMail]:
        """Up to `limit` mails, oldest first, ours for `lease`; none of the mailboxes that are `others`'.

        Of more each mailbox has its share, and history comes last (store/lanes.py). `fewer`: only what
        has had fewer runs. Of each no more than its first `most` bytes. Does not wait for the disk: a claim that a
        power cut takes back is made again, and whoever writes by one that is gone is fenced. Raises Unavailable.
        """
        taken = taking(limit, now, owner, lease) | {"fewer": _ANY if fewer is None else fewer}
        with self._noting() as connection:
            if lanes.overfull(connection, limit, now):
                rows = lanes.claimed(connection, taken, others)
            elif others:
                rows = connection.execute(_CLAIM_BUT, {**taken, "others": list(others)}).all()
            else:
                rows = connection.execute(_CLAIM, taken).all()
            bytes_of = raws(connection, [row.sha256 for row in rows], most)
        rows = sorted(rows, key=lambda row: (row.received_at, row.id))
        return [claimed_mail(row, *bytes_of[row.sha256]) for row in rows]

    def unclaim(self, mail_ids: Sequence[int], owner: str, ready_at: datetime) -> None:
        """Give back mails as if they had not been claimed, to be claimed from `ready_at` on."""
        ours = (mail.c.id.in_(mail_ids), mail.c.owner == owner, mail.c.ready_at.is_not(None))
        with self._writing() as connection:
            connection.execute(
                update(mail).where(*ours).values(owner=None, ready_at=ready_at, runs=mail.c.runs - 1)
            )

    def take_back_mail(self, owner: str, but: Iterable[int], now: datetime) -> int:
        """What is ours, but not among these, and so unknown to us: the answer to a claim was lost."""
        ours = (mail.c.owner == owner, mail.c.ready_at.is_not(None))
        with self._writing() as connection:
            held = set(connection.scalars(select(mail.c.id).where(*ours))) - set(but)
            for ids in pieces(sorted(held)):
                free = update(mail).where(*ours, mail.c.id.in_(ids))
                connection.execute(free.values(owner=None, ready_at=now, runs=mail.c.runs - 1))
        return len(held)

    def waiting_mail(self) -> int:
        """How many mails are kept and not finished, claimed ones included."""
        with self._reading() as connection:
            return connection.scalar(select(func.count()).where(mail.c.ready_at.is_not(None))) or 0

    def fail_mail(
        self, mail_id: int, owner: str, error: str, now: datetime, *, retry_at: datetime | None = None
    ) -> bool:
        """Try again at `retry_at`; None: into quarantine, with the error as its reason. False: not ours."""
        values: dict[str, Any] = {"owner": None, "error": error, "ready_at": retry_at}
        if retry_at is None:
            values |= {"fate": Fate.QUARANTINE, "why": error, "finished_at": now}
        ours = (mail.c.id == mail_id, mail.c.owner == owner, mail.c.ready_at.is_not(None))
        with self._writing() as connection:
            return connection.execute(update(mail).where(*ours).values(**values)).rowcount == 1

    def replay(self, mail_ids: Iterable[int], now: datetime) -> int:
        """Back to waiting, from whatever fate; a mail already on a ticket stays on it. How many were found."""
        again = {
            "fate": Fate.WAITING,
            "ready_at": now,
            "owner": None,
            "runs": 0,
            "error": None,
            "finished_at": None,
        }
        found = 0
        with self._writing() as connection:
            for ids in pieces(mail_ids):
                connection.execute(delete(rule_hit).where(rule_hit.c.mail_id.in_(ids)))
                found += connection.execute(
                    update(mail).where(mail.c.id.in_(ids), mail.c.forgotten_at.is_(None)).values(**again)
                ).rowcount
        return found

    def drop(self, mail_ids: Iterable[int], who: str, reason: str, now: datetime) -> int:
        """Quarantined mails that nobody needs: skipped, by whom and why. Their bytes stay. How many were in quarantine."""
        gone = {
            "fate": Fate.SKIPPED, "why": f"dropped by {who}: {reason}", "ready_at": None, "owner": None, "finished_at": now,
        }  # fmt: skip
        found = 0
        with self._writing() as connection:
            for ids in pieces(mail_ids):
                in_it = update(mail).where(mail.c.id.in_(ids), mail.c.fate == Fate.QUARANTINE)
                found += connection.execute(in_it.values(**gone)).rowcount
        return found

    def quarantine(self, limit: int = 100) -> list[LedgerMail]:
        """What could not be handled, newest first; `why` says the reason."""
        return self.mails(fate=Fate.QUARANTINE, limit=limit)

    def quarantined(self) -> list[int]:
        """The numbers of all that could not be handled, newest first."""
        query = select(mail.c.id).where(mail.c.fate == Fate.QUARANTINE).order_by(mail.c.id.desc())
        with self._reading() as connection:
            return list(connection.scalars(query))

    def mails_on(self, ticket_id: int) -> list[LedgerMail]:
        """The newest mails of a ticket, oldest first."""
        return self.mails(ticket_id=ticket_id, limit=_OF_TICKET)[::-1]

    def mails(
        self,
        *,
        fate: Fate | str | None = None,
        mailbox: str | None = None,
        ticket_id: int | None = None,
        sender: str | None = None,
        since: datetime | None = None,
        before_id: int | None = None,
        limit: int = 100,
    ) -> list[LedgerMail]:
        """Rows of the ledger, newest first; `before_id` goes on where a listing ended."""
        query = ledger().order_by(mail.c.id.desc()).limit(limit)
        if fate is not None:
            query = query.where(mail.c.fate == Fate(fate))
        if mailbox is not None:
            query = query.where(mail.c.mailbox == mailbox)
        if ticket_id is not None:
            query = query.where(mail.c.ticket_id == ticket_id)
        if sender is not None:
            query = query.where(mail.c.sender == address_key(sender), mail.c.sender != literal_column("''"))
        if since is not None:
            query = query.where(mail.c.received_at >= since)
        if before_id is not None:
            query = query.where(mail.c.id < before_id)
        with self._reading() as connection:
            return [ledger_mail(row) for row in connection.execute(query)]

    def each_mail(self, since: datetime | None = None, batch: int = 500) -> Iterator[LedgerMail]:
        """The whole ledger in order, in batches, no transaction held open between them."""
        last = 0
        while True:
            query = ledger().where(mail.c.id > last).order_by(mail.c.id).limit(batch)
            if since is not None:
                query = query.where(mail.c.received_at >= since)
            with self._reading() as connection:
                rows = connection.execute(query).all()
            yield from (ledger_mail(row) for row in rows)
            if len(rows) < batch:
                return
            last = rows[-1].id

    def authentications(self, most: int) -> list[tuple[str, str]]:
        """What our mail server's word was (result, why) on the newest mails read that came from behind it."""
        query = (
            select(mail.c.reading)
            .where(mail.c.behind_mta, ~mail.c.sent_folder, mail.c.finished_at.is_not(None))
            .order_by(mail.c.id.desc())
            .limit(most)
        )
        with self._reading() as connection:
            readings = [reading for reading in connection.scalars(query) if reading]
        told = [reading.get("authentication") for reading in readings]
        return [(str(word[0]), str(word[1])) for word in told if word]

    def came_back(self, addresses: Collection[str], since: datetime) -> list[CameBack]:
        """Letters of ours that came in by one of our mailboxes since then, with our mail server's word; newest first, bounded."""
        query = (
            select(mail.c.sender, mail.c.received_at, mail.c.reading)
            .where(mail.c.sender.in_([address_key(one) for one in addresses]), mail.c.received_at >= since)
            .where(mail.c.behind_mta, ~mail.c.sent_folder, mail.c.finished_at.is_not(None))
            .where(mail.c.message_id.in_(select(letter.c.message_id)))
            .order_by(mail.c.received_at.desc())
            .limit(_MOST_BACK)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        words = ((row, (row.reading or {}).get("authentication")) for row in rows)
        return [
            CameBack(row.sender, row.received_at, str(word[0]), str(word[1])) for row, word in words if word
        ]

    def mail(self, mail_id: int) -> LedgerMail | None:
        """One row with the mail's bytes and what the reading said."""
        query = ledger(mail.c.reading, raw.c.packed).where(mail.c.id == mail_id)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return ledger_mail(row, raw=unpack(row.packed), reading=row.reading or {}) if row else None


class MailWrites(RepeatWrites):
    """What the recorder does with a mail it has claimed."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._alike: Lookup[_One, tuple[LedgerMail, ...]] = Lookup(
            self._ask_alike, (), first=self._written_of
        )
        self._claimed: dict[int, ClaimedMail] = {}  # the mails recorded here

    def seen(self, claimed: ClaimedMail, message_id: str | None, sender: str) -> tuple[LedgerMail, ...]:
        """The finished mails that this one is again, by another door or in another mailbox, the oldest first.

        The same bytes; or the same Message-ID, body and sender.
        """
        one = _one(claimed, message_id, sender)
        self._claimed[claimed.id] = claimed
        return self._alike.of(one)

    def _expect_mails(self, mails: Iterable[tuple[ClaimedMail, str | None, str]]) -> None:
        for claimed, message_id, sender in mails:
            self._claimed[claimed.id] = claimed
            self._alike.expect([_one(claimed, message_id, sender)])

    def _forget(self, touched: Set[int | str]) -> None:
        super()._forget(touched)
        self._alike.forget([one for one in self._alike.kept() if not touched.isdisjoint(one.names)])

    def _written_of(self, ones: list[_One]) -> None:
        self._written(name for one in ones for name in one.names)

    def _ask_alike(self, ones: list[_One]) -> dict[_One, tuple[LedgerMail, ...]]:
        given = {
            "bytes": [one.sha256 for one in ones],
            "named": [one.message_id for one in ones if one.message_id],
            "bodies": [one.body_sha256 for one in ones],
            "senders": [one.sender for one in ones],
        }
        rows = self._apart().execute(_SEEN, given).all()
        return {
            one: tuple(ledger_mail(row, reading=row.reading) for row in rows if one.is_again(row))
            for one in ones
        }

    def finish_mail(self, told: Finished, owner: str, now: datetime) -> None:
        """The mail's one fate. If the claim was lost, Fenced is raised when the transaction ends: none of it stands."""
        row = {
            "mail_id": told.mail_id,
            "by": owner,
            "fate": Fate(told.fate),
            "kind": told.kind,
            "why": told.why,
            "finished_at": now,
            "ticket_id": told.ticket_id,
            "subject": told.subject,
            "sender": address_key(told.sender),
            "sender_domain": address_key(told.sender.rpartition("@")[2]),
            "message_id": key_of(told.message_id) if told.message_id else None,
            "duplicate_of": told.duplicate_of,
            "reading": told.reading,
        }
        claimed = self._claimed.get(told.mail_id)
        touched = (claimed.sha256 if claimed else None, row["message_id"], told.ticket_id)
        self._later(_FATES, [_FATES.row(row)], about=[one for one in touched if one])
        if claimed is not None and claimed.former_kind is None and told.duplicate_of is None:
            self._count_mail(claimed, row["sender"])
            self._remember(row["sender"], claimed.body_sha256, told.subject, told.ticket_id)

    def rule_hits(
        self,
        mail_id: int,
        ticket_id: int | None,
        rules: Sequence[str],
        at: datetime,
        rulebook_version: str = "",
    ) -> None:
        """Which rules hit this mail (`replay` forgets the former ones)."""
        hits = [(mail_id, rule, ticket_id, rulebook_version, at) for rule in dict.fromkeys(rules)]
        self._later(_HITS, hits, about=())  # nobody asks for them here
