"""A person taken out of the store, table by table, inside one transaction (see privacy.py for what stays)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, cast, delete, exists, func, insert, or_, select, update

from triaged.store.columns import ERASED
from triaged.store.erasing_said import erase_said
from triaged.store.erasing_work import erase_work
from triaged.store.meeting_tables import meeting, meeting_minute
from triaged.store.rows import LetterState
from triaged.store.tables import (
    correction,
    due,
    event,
    failed_address,
    known,
    letter,
    mail,
    note,
    person,
    raw,
    recipient,
    ticket,
)
from triaged.store.visit_tables import identity, session, sign_in_ask, sign_in_pass
from triaged.tickets.event_data import Assigned, ByStaff
from triaged.tickets.meeting_data import MeetingChanged

GONE = "(erased)"
KEPT_OF_READING = ("trusted", "language", "authentication", "defects")
_FACTS = ("classifier.severity", "classifier.confidence")
# On a ticket of his
_QUOTES_HIM = (
    "staff",
    "bounce",
    "auto_reply",
    "receipt",
    "calendar",
    "reaction",
    "recall",
)
_NAMES_HIM = ("assigned", "people_changed", "meeting_changed")  # events that name somebody beside who acted
_LONGEST_ID = 400  # characters that are looked through
_NAME = 3  # letters; shorter names would be found in every text


def slim(reading: Any) -> dict[str, Any]:
    """What of a reading holds nobody's words: enough for statistics."""
    reading = reading or {}
    facts = reading.get("facts") or {}
    return {name: reading[name] for name in KEPT_OF_READING if name in reading} | {
        "facts": {name: facts[name] for name in _FACTS if name in facts}
    }


def empty_raws(connection: Connection, hashes: Collection[str]) -> None:
    """Drop the bytes of these mails that no mail wants any more."""
    wanted = exists().where(mail.c.sha256 == raw.c.sha256, mail.c.forgotten_at.is_(None))
    gone = update(raw).where(raw.c.sha256.in_(hashes), ~wanted)
    connection.execute(gone.values(packed=b""))


def forget_visits(connection: Connection, keys: Collection[str]) -> int:
    """Drop all that the pages know of a person; how many rows."""
    gone = [
        delete(table).where(table.c.address.in_(keys))
        for table in (identity, session, sign_in_ask, sign_in_pass)
    ]
    return sum(connection.execute(one).rowcount for one in gone)


def own_mail(keys: Collection[str]) -> Any:
    """Mails that a person sent; where nobody could read who did, by their envelope. Who merely handed one on is no writer."""
    unread = (mail.c.sender == "") & func.lower(mail.c.envelope_from).in_(keys)
    return or_(mail.c.sender.in_(keys), unread)


def on_tickets(keys: Collection[str]) -> Any:
    people = select(person.c.ticket_id).where(person.c.address.in_(keys))
    mails = select(mail.c.ticket_id).where(own_mail(keys), mail.c.ticket_id.is_not(None))
    named = select(ticket.c.id).where(
        or_(*(func.lower(c).in_(keys) for c in (ticket.c.superadmin_email, ticket.c.assigned_to, ticket.c.partner_domain)))
    )  # fmt: skip
    told = func.lower(cast(event.c.data, String))
    acted = select(event.c.ticket_id).where(
        or_(
            func.lower(event.c.actor).in_(keys),
            event.c.kind.in_(_NAMES_HIM) & or_(*(told.contains(key, autoescape=True) for key in keys)),
        )
    )
    return people.union(mails, named, acted)


def tickets_of(connection: Connection, keys: Collection[str]) -> list[int]:
    """The tickets a person is on, wrote on, or is named by."""
    return sorted(connection.scalars(on_tickets(keys)))


def _after_dots(message_id: str) -> list[int]:
    return [at + 1 for at, char in enumerate(message_id[:_LONGEST_ID]) if char == "."]


class Erasing:
    """One person's erasure. `keys`: his address in every spelling; `name`: what stands in its place."""

    def __init__(
        self, connection: Connection, keys: Collection[str], whole: re.Pattern[str], name: str, now: datetime
    ) -> None:
        self._connection, self._keys, self._whole = connection, frozenset(keys), whole
        self._name, self._now = name, now
        self._names: re.Pattern[str] | None = None
        self._counts: dict[str, int] = {}

    def everything(self) -> dict[str, int]:
        """Erase him everywhere; how much of each."""
        do = self._connection
        ids = tickets_of(do, self._keys)
        mine = do.execute(select(mail.c.id, mail.c.ticket_id).where(own_mail(self._keys))).all()
        opened = self._opened(ids)
        self._learn_names()
        self._mails([row.id for row in mine], opened, ids)
        self._letters(opened | {row.ticket_id for row in mine if row.ticket_id})
        self._corrections(opened | {row.ticket_id for row in mine if row.ticket_id})
        for number in ids:
            self._ticket(number, number in opened)
        for what, number in erase_said(do, self._keys, ids, self._clean).items():
            self._count(what, number)
        self._rest()
        return self._counts

    def _opened(self, ids: Collection[int]) -> set[int]:
        """The tickets that a mail of his opened."""
        first = select(event.c.ticket_id, event.c.actor).where(
            event.c.ticket_id.in_(ids), event.c.kind == "received"
        )
        found = {row.ticket_id for row in self._connection.execute(first) if self._is_his(row.actor)}
        by_mail = (
            select(ticket.c.id)
            .join(mail, mail.c.ticket_id == ticket.c.id)
            .where(mail.c.sender.in_(self._keys), mail.c.received_at == ticket.c.created_at)
        )
        return found | set(self._connection.scalars(by_mail))

    def _learn_names(self) -> None:
        asked = select(person.c.name).where(person.c.address.in_(self._keys)).distinct()
        found = {*self._connection.scalars(asked), *self._names_at_work()}
        names = [n.strip() for n in found if len(n.strip()) >= _NAME]
        if names:
            one = "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True))
            self._names = re.compile(rf"(?<!\w)(?:{one})(?!\w)", re.IGNORECASE)

    def _names_at_work(self) -> Iterator[str]:
        """What one of our own people was called in letters: where he answered, and where a ticket was given to him."""
        kinds = event.c.kind.in_(("staff_answered", "assigned"))
        query = select(event.c.kind, event.c.actor, event.c.data).where(
            event.c.ticket_id.in_(on_tickets(self._keys)), kinds
        )
        for row in self._connection.execute(query):
            if row.kind == "staff_answered" and self._is_his(row.actor):
                yield ByStaff.read(row.data).name
            elif row.kind == "assigned" and self._is_his(Assigned.read(row.data).to):
                yield Assigned.read(row.data).name

    def _is_his(self, address: str | None) -> bool:
        return address is not None and address.lower() in self._keys

    def _is_in(self, message_id: str) -> bool:
        """Whether a Message-ID is made of his address: many programs put something and a dot before it."""
        return any(self._whole.search(message_id[at:]) for at in (0, *_after_dots(message_id)))

    def _clean(self, value: Any) -> Any:
        """The same without his address and names, however deep they stand."""
        if isinstance(value, str):
            value = self._whole.sub(self._name, value)
            return self._names.sub(GONE, value) if self._names else value
        if isinstance(value, (list, tuple)):
            return [self._clean(one) for one in value]
        if isinstance(value, dict):
            return {self._clean(key): self._clean(one) for key, one in value.items()}
        return value

    def _count(self, what: str, number: int = 1) -> None:
        self._counts[what] = self._counts.get(what, 0) + number

    # -- mails ----------------------------------------------------------------------------------------

    def _mails(self, mine: Collection[int], opened: Collection[int], ids: Collection[int]) -> None:
        quoting = mail.c.ticket_id.in_(opened) & mail.c.kind.in_(_QUOTES_HIM)
        asked = select(mail).where(or_(mail.c.id.in_(mine), quoting, mail.c.ticket_id.in_(ids)))
        for row in self._connection.execute(asked).all():
            his = row.id in mine
            drop = his or (row.ticket_id in opened and row.kind in _QUOTES_HIM)
            values: dict[str, Any] = {"why": self._clean(row.why), "error": self._clean(row.error)}
            values["reading"] = slim(row.reading) if drop else self._clean(row.reading)
            values["envelope_to"] = self._clean(row.envelope_to)
            values["subject"] = GONE if drop and row.subject else self._clean(row.subject)
            if drop and row.ready_at is None:
                values["forgotten_at"] = row.forgotten_at or self._now
            if his:
                values |= {"sender": self._name if row.sender else "", "envelope_from": None}
            if row.message_id and self._is_in(row.message_id):
                values["message_id"] = None
            self._connection.execute(update(mail).where(mail.c.id == row.id).values(**values))
            if drop:
                self._count("mails" if his else "mails of ours that quote")
                if row.ready_at is None:
                    empty_raws(self._connection, [row.sha256])

    # -- letters --------------------------------------------------------------------------------------

    def _letters(self, of_his: Collection[int]) -> None:
        to_him = select(recipient.c.letter_id).where(recipient.c.address.in_(self._keys))
        asked = select(letter).where(or_(letter.c.ticket_id.in_(of_his), letter.c.id.in_(to_him)))
        for row in self._connection.execute(asked).all():
            others = [a for a in (*row.to, *row.cc) if not self._is_his(a)]
            alone = not others
            values: dict[str, Any] = {
                name: self._clean(row._mapping[name]) for name in ("subject", "error", "refused")
            }
            if row.state == LetterState.WAITING and not alone:
                values |= {
                    name: [a for a in row._mapping[name] if not self._is_his(a)] for name in ("to", "cc")
                }
                values["raw"] = self._bytes(row.raw)
            else:
                values |= {name: self._clean(row._mapping[name]) for name in ("to", "cc")}
                values["raw"] = b"" if alone or row.ticket_id in of_his else self._bytes(row.raw)
                if not values["raw"]:
                    values |= {"subject": GONE, "forgotten_at": self._now}
            if row.state == LetterState.WAITING and alone:
                values |= {"state": LetterState.WITHDRAWN, "ready_at": None, "owner": None}
                values["error"] = "whom it was for was erased"
            self._connection.execute(update(letter).where(letter.c.id == row.id).values(**values))
            self._count("letters")
        rows = self._connection.execute(select(recipient).where(recipient.c.address.in_(self._keys))).all()
        self._connection.execute(delete(recipient).where(recipient.c.address.in_(self._keys)))
        for number, row in {row.letter_id: row for row in rows}.items():
            gone = {"letter_id": number, "address": self._name, "written_at": row.written_at}
            self._connection.execute(insert(recipient), gone | {"mailbox": self._name})

    def _bytes(self, content: bytes) -> bytes:
        """A letter's bytes for others, without his address."""
        return self._whole.sub(self._name, content.decode("latin-1")).encode("latin-1")

    # -- tickets --------------------------------------------------------------------------------------

    def _ticket(self, number: int, opened: bool) -> None:
        do = self._connection
        row = do.execute(select(ticket).where(ticket.c.id == number)).one()
        names = ("severity_because", "superadmin_email", "partner_domain", "reviews", "account_name")
        values: dict[str, Any] = {name: self._clean(row._mapping[name]) for name in names}
        values["subject"] = GONE if opened else self._clean(row.subject)
        if row.assigned_to and self._whole.search(row.assigned_to):
            values["assigned_to"] = None
        values["references"] = [one for one in row.references if not self._is_in(one)]
        if row.last_message_id and self._is_in(row.last_message_id):
            values["last_message_id"] = None
        do.execute(update(ticket).where(ticket.c.id == number).values(**values))
        self._person(number, row.partner_domain)
        for one in do.execute(select(event).where(event.c.ticket_id == number)).all():
            his = self._is_his(one.actor)
            said = "answered" if his and one.kind == "partner_answered" else self._clean(one.reason)
            kept = self._without_words(one.kind, one.data)
            told = {"actor": self._clean(one.actor), "reason": said, "data": kept}
            if told != {name: one._mapping[name] for name in told}:
                do.execute(update(event).where(event.c.id == one.id).values(**told))
                self._count("events")
        for step in do.execute(select(due).where(due.c.ticket_id == number)).all():
            told = {name: self._clean(step._mapping[name]) for name in ("data", "error", "outcome")}
            if told != {name: step._mapping[name] for name in told}:
                do.execute(update(due).where(due.c.id == step.id).values(**told))
        self._count("tickets")

    def _without_words(self, kind: str, data: Any) -> Any:
        """What an event keeps: without names of his, what was marked of his mails, and from where he accepted terms."""
        kept = self._clean(data)
        if not isinstance(kept, dict):
            return kept
        if kept.get("passage"):
            kept |= {"passage": GONE}
        if kind == "meeting_changed" and self._is_his(MeetingChanged.read(data).person):
            kept = replace(MeetingChanged.read(kept), peer="").stored()
        return kept

    def _person(self, number: int, partner: str | None) -> None:
        """Somebody stands where he stood, whom no letter reaches; what was his alone is nobody's thread any more."""
        do = self._connection
        people = do.execute(select(person).where(person.c.ticket_id == number)).all()
        his = [one for one in people if one.address in self._keys]
        if his:
            do.execute(delete(person).where(person.c.ticket_id == number, person.c.address.in_(self._keys)))
            gone = {"ticket_id": number, "address": self._name, "name": "", "role": "other", "failed": True}
            do.execute(insert(person), gone | {"place": min(one.place for one in his)})
            self._count("people")
        ids = do.execute(select(known).where(known.c.ticket_id == number)).all()
        alone = partner is None and all(p.address in self._keys or p.address.endswith(ERASED) for p in people)
        for one in ids:
            if alone or self._is_in(one.message_id):
                do.execute(
                    delete(known).where(known.c.ticket_id == number, known.c.message_id == one.message_id)
                )

    # -- the rest -------------------------------------------------------------------------------------

    def _corrections(self, of_his: Collection[int]) -> None:
        """What he wrote is nothing to learn from any more; what others wrote is, without his name."""
        for row in self._connection.execute(select(correction)).all():
            words = {name: self._clean(row._mapping[name]) for name in ("who", "reason", "subject", "text")}
            if row.ticket_id in of_his:
                words |= {"subject": "", "text": ""}
            if words != {name: row._mapping[name] for name in words}:
                this = update(correction).where(correction.c.id == row.id)
                self._connection.execute(this.values(**words))
                self._count("training texts")

    def _rest(self) -> None:
        handed_on = update(mail).where(func.lower(mail.c.envelope_from).in_(self._keys))
        self._connection.execute(handed_on.values(envelope_from=None))
        gone = delete(failed_address).where(failed_address.c.address.in_(self._keys))
        if number := self._connection.execute(gone).rowcount:
            self._count("failed addresses", number)
        if number := forget_visits(self._connection, self._keys):
            self._count("visits", number)
        self._hosted()
        for what, number in erase_work(self._connection, self._keys, self._clean).items():
            self._count(what, number)
        for row in self._connection.execute(select(note)).all():
            if (told := self._clean(row.value)) != row.value:
                self._connection.execute(update(note).where(note.c.name == row.name).values(value=told))

    def _hosted(self) -> None:
        """Sessions that he held, or is to hold, are somebody's."""
        for table in (meeting, meeting_minute):
            held = update(table).where(table.c.host.in_(self._keys)).values(host=self._name)
            if (number := self._connection.execute(held).rowcount) and table is meeting:
                self._count("sessions held", number)
