"""What is held of one person, told and erased. An address is one whole address: no pattern, no part of another.

Erased: his mails' bytes and words, letters to him, his names and address everywhere, texts to learn from. What
counts stays: tickets, kinds and times of events, so that reports give the same figures. In his place stands a random
name nobody can undo. Mails that others wrote are theirs: they stay as they came, and are counted to be told.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select

from triaged.frozen import frozen
from triaged.store.columns import ERASED, address_key
from triaged.store.connected import Connected
from triaged.store.desk_tables import job, rulebook_version
from triaged.store.erasing import Erasing, on_tickets, own_mail
from triaged.store.kept import unpack
from triaged.store.meeting_tables import meeting
from triaged.store.page_tables import draft
from triaged.store.tables import (
    audit,
    correction,
    event,
    failed_address,
    letter,
    mail,
    person,
    raw,
    recipient,
    setting,
    ticket,
)
from triaged.store.visit_tables import session

_BATCH = 100
_SHOWN = {
    "mails": (
        mail,
        "id mailbox door received_at fate kind ticket_id subject sender message_id envelope_from",
    ),
    "letters": (letter, "id ticket_id kind audience mailbox to cc subject state written_at sent_at"),
    "events": (event, "id ticket_id at kind actor reason data"),
    "corrections": (correction, "id ticket_id at who severity reason subject text"),
    "people": (person, "ticket_id address name role"),
    "sessions": (session, "id address browser begun_at seen_at ended_at"),
    "versions": (rulebook_version, "id at reason version"),
    "jobs": (job, "id kind begun_at ended_at state"),
    "meetings": (meeting, "ticket_id number state host offered_at starts_at ends_at"),
}


@frozen
class Held:
    """Everything held of a person, as plain rows. `named_in`: mails that others wrote and that name him."""

    address: str
    people: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    letters: list[dict[str, Any]]
    tickets: list[dict[str, Any]]
    events: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    failed: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    named_in: list[int]
    audit: list[dict[str, Any]]
    other_spellings: list[str] = field(default_factory=list)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    meetings: list[dict[str, Any]] = field(default_factory=list)  # screen-sharing sessions that he held
    versions: list[dict[str, Any]] = field(default_factory=list)  # of the rulebook, that he put in force
    jobs: list[dict[str, Any]] = field(default_factory=list)  # that he set going

    @property
    def counts(self) -> dict[str, int]:
        """How much of each."""
        return {name: len(value) for name, value in asdict(self).items() if isinstance(value, list)}


def spellings(address: str) -> tuple[str, ...]:
    """One address in every way it may lie in the store: case folded, composed or not, its domain in either script."""
    found = []
    for form in ("NFC", "NFD"):
        key = address_key(unicodedata.normalize(form, address.strip()))
        local, _, domain = key.rpartition("@")
        found += [key, *(f"{local}@{other}" for other in _domains(domain))]
    return tuple(dict.fromkeys(found))


def _domains(domain: str) -> Iterator[str]:
    with suppress(UnicodeError):
        yield domain.encode("idna").decode("ascii")
    with suppress(UnicodeError):
        yield domain.encode("ascii").decode("idna")


def pattern(keys: Collection[str]) -> re.Pattern[str]:
    """These addresses in a text, as whole addresses: `joanna@x.example` does not hold `anna@x.example`."""
    one = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+%'-])(?:{one})(?![\w-])(?!\.\w)", re.IGNORECASE)


class Privacy(Connected):
    """What is held of a person, and its end."""

    def held(self, address: str, *, who: str = "", now: datetime | None = None) -> Held:
        """Everything held of an address; with `who`, noted in the audit. Raises Unavailable."""
        keys = spellings(address)
        with self._reading() as connection:
            told = _held(connection, keys, self._about(connection, keys[0]))
        if who and now is not None:
            with self._writing() as connection:
                about = self._about(connection, keys[0])
                _note(connection, who, "privacy.show", about, told.counts, now)
        return told

    def erase(self, address: str, who: str, now: datetime) -> dict[str, int]:
        """Erase a person, whole or not at all; how much of each. Raises Unavailable."""
        keys = spellings(address)
        name = f"{secrets.token_hex(8)}{ERASED}"
        with self._recording() as connection:
            counts = Erasing(connection, keys, pattern(keys), name, now).everything()
            _note(connection, who, "privacy.erase", self._about(connection, keys[0]), counts, now)
        self.wipe()
        return counts

    def wipe(self) -> None:
        """SQLite: what its log still holds of former states goes too, unless somebody is reading them."""
        if self.dialect == "sqlite":
            with self._turn(), self._engines.writer.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def audit(self, who: str, what: str, about: str, told: Mapping[str, Any], now: datetime) -> None:
        """Something else that must be known later: who did what, with what, and why."""
        with self._writing() as connection:
            _note(connection, who, what, about, told, now)

    def audit_once(
        self, who: str, what: str, about: str, told: Mapping[str, Any], now: datetime, *,
        same: Collection[str], kinds: Collection[str],
    ) -> bool:  # fmt: skip
        """The same, unless the newest row of these kinds tells it already: alike in `about`, and in what `same` names."""
        with self._recording() as connection:
            last = _last(connection, kinds)
            if last and last["about"] == about and all(
                name not in last["counts"] or last["counts"][name] == told[name] for name in same
            ):  # fmt: skip
                return False
            _note(connection, who, what, about, told, now)
        return True

    def last_audit(self, kinds: Collection[str]) -> dict[str, Any] | None:
        """The newest row of these kinds."""
        with self._reading() as connection:
            return _last(connection, kinds)

    def audits(self, limit: int = 100) -> list[dict[str, Any]]:
        """Who looked up or erased, newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        with self._reading() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _about(self, connection: Connection, key: str) -> str:
        """An address as the audit knows it: to be recognised by whoever has it and our secret, else unknown."""
        secret = connection.scalar(select(setting.c.value).where(setting.c.name == "secret")) or ""
        return hmac.new(bytes.fromhex(secret), key.encode(), "sha256").hexdigest()


def _last(connection: Connection, kinds: Collection[str]) -> dict[str, Any] | None:
    query = select(audit).where(audit.c.what.in_(kinds)).order_by(audit.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return dict(row._mapping) if row else None


def _note(
    connection: Connection, who: str, what: str, about: str, counts: Mapping[str, Any], now: datetime
) -> None:
    row = {"at": now, "who": who, "what": what, "about": about, "counts": dict(counts)}
    connection.execute(insert(audit), row)


def _held(connection: Connection, keys: Collection[str], about: str) -> Held:
    own = own_mail(keys)
    letters = select(recipient.c.letter_id).where(recipient.c.address.in_(keys))
    at = [person.c.ticket_id.in_(on_tickets(keys)), event.c.ticket_id.in_(on_tickets(keys))]
    whole = pattern(keys)
    mails = _rows(connection, "mails", own)
    events = [
        row
        for row in _rows(connection, "events", at[1])
        if whole.search(f"{row['actor']} {row['reason']} {row['data']}")
    ]
    taught = [
        row
        for row in _rows(connection, "corrections", True)
        if row["ticket_id"] in {m["ticket_id"] for m in mails}
        or whole.search(f"{row['subject']} {row['text']}")
    ]
    tickets = select(ticket.c.id, ticket.c.state, ticket.c.subject, ticket.c.created_at, ticket.c.closed_at)
    kept = select(audit.c.at, audit.c.who, audit.c.what, audit.c.counts).where(audit.c.about == about)
    failing = select(failed_address).where(failed_address.c.address.in_(keys))
    return Held(
        address=next(iter(keys)),
        people=_rows(connection, "people", person.c.address.in_(keys)),
        mails=[row | {"text": _text(connection, row["id"])} for row in mails],
        letters=[
            row | {"text": bytes(connection.scalar(select(letter.c.raw).where(letter.c.id == row["id"])) or b"").decode("utf-8", "replace")}
            for row in _rows(connection, "letters", letter.c.id.in_(letters))
        ],
        tickets=_plain(connection, tickets.where(ticket.c.id.in_(on_tickets(keys))).order_by(ticket.c.id)),
        events=events,
        corrections=taught,
        failed=_plain(connection, failing),
        sessions=_rows(connection, "sessions", session.c.address.in_(keys)),
        named_in=list(_named_in(connection, whole, {row["id"] for row in mails})),
        audit=_plain(connection, kept.order_by(audit.c.id)),
        other_spellings=_others(connection, keys),
        drafts=_plain(connection, select(draft).where(draft.c.address.in_(keys))),
        meetings=_rows(connection, "meetings", meeting.c.host.in_(keys)),
        versions=_rows(connection, "versions", func.lower(rulebook_version.c.who).in_(keys)),
        jobs=_rows(connection, "jobs", func.lower(job.c.who).in_(keys)),
    )  # fmt: skip


def _rows(connection: Connection, what: str, where: Any) -> list[dict[str, Any]]:
    table, names = _SHOWN[what]
    query = select(*(table.c[name] for name in names.split())).order_by(*table.primary_key.columns)
    return _plain(connection, query if where is True else query.where(where))


def _plain(connection: Connection, query: Any) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in connection.execute(query)]


def _text(connection: Connection, mail_id: int) -> str:
    query = select(raw.c.packed).join(mail, mail.c.sha256 == raw.c.sha256).where(mail.c.id == mail_id)
    return unpack(connection.scalar(query) or b"").decode("utf-8", "replace")


def _named_in(connection: Connection, whole: re.Pattern[str], own: Collection[int]) -> Iterator[int]:
    """Every mail of others whose bytes name him: the whole ledger is read, a batch at a time."""
    last = 0
    query = select(mail.c.id, raw.c.packed).join(raw, raw.c.sha256 == mail.c.sha256).order_by(mail.c.id)
    while rows := connection.execute(query.where(mail.c.id > last).limit(_BATCH)).all():
        for row in rows:
            if row.id not in own and whole.search(unpack(row.packed).decode("utf-8", "replace")):
                yield row.id
        last = rows[-1].id


def _others(connection: Connection, keys: Collection[str]) -> list[str]:
    """Other addresses that may be the same person's: `x+1@` beside `x@`."""
    found: Counter[str] = Counter()
    for key in keys:
        local, _, domain = key.rpartition("@")
        bare = local.partition("+")[0]
        for column in (person.c.address, mail.c.sender):
            alike = or_(
                column == f"{bare}@{domain}",
                column.startswith(f"{bare}+", autoescape=True)
                & column.endswith(f"@{domain}", autoescape=True),
            )
            found.update(connection.scalars(select(column).where(alike).distinct()))
    return sorted(set(found) - set(keys))
