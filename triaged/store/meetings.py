"""Screen-sharing sessions: kept as their ticket's events tell them, each host's time given once, codes used once."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from triaged.meetings.codes import MOST_TRIES
from triaged.meetings.meeting import RUNNING, STANDING, Access, Meeting
from triaged.store.columns import EPOCH, address_key, storable
from triaged.store.connected import Connected, Within
from triaged.store.inserts import upsert
from triaged.store.meeting_rows import (
    CodeMade,
    CodeTried,
    HourTaken,
    MeetingFilter,
    MeetingKept,
    MeetingRow,
)
from triaged.store.meeting_tables import meeting, meeting_code, meeting_minute
from triaged.store.tables import ticket

_MINUTE = timedelta(minutes=1)
_LISTED = ("ticket_id", "number", "state", "host", "offered_at", "starts_at", "ends_at")


class MeetingWrites(Within):
    """Sessions within a transaction on tickets."""

    def keep_meeting(self, ticket_id: int, one: Meeting) -> None:
        """Where a session stands now. Raises HourTaken where its host's time is another's."""
        connection = self._about([ticket_id])
        told = {
            "uid": one.uid,
            "state": str(one.state),
            "host": address_key(one.host),
            "offered_at": one.offered_at,
            "starts_at": one.starts,
            "ends_at": one.ends,
        }
        gone = {} if one.state in STANDING else {"link": None, "passcode": None}
        row = upsert(connection, meeting).values(ticket_id=ticket_id, number=one.number, **told)
        again = row.on_conflict_do_update(index_elements=["ticket_id", "number"], set_={**told, **gone})
        connection.execute(again)
        connection.execute(delete(meeting_minute).where(*_of(meeting_minute, ticket_id, one.number)))
        if one.state in RUNNING:
            _take_time(connection, ticket_id, one)
        else:
            _end_codes(connection, ticket_id, one.number, one.since, "over")

    def keep_of_meeting(self, kept: MeetingKept, now: datetime) -> None:
        """Its access and its codes."""
        connection = self._about([kept.ticket_id])
        if kept.access is not None:
            given = {"link": kept.access.link or None, "passcode": kept.access.passcode or None}
            its = _of(meeting, kept.ticket_id, kept.number)
            connection.execute(update(meeting).where(*its).values(**given))
        if kept.used:
            _end_codes(connection, kept.ticket_id, kept.number, now, "used")
        if kept.made is not None:
            _end_codes(connection, kept.ticket_id, kept.number, now, "replaced")
            _make(connection, kept, kept.made, now)

    def ticket_of_meeting(self, uid: str) -> int | None:
        """The ticket of the session that a calendar entry is of."""
        query = select(meeting.c.ticket_id).where(meeting.c.uid == storable(uid)[:300])
        number: int | None = self._apart().scalar(query)
        return number

    def access_of(self, ticket_id: int, number: int) -> Access:
        """How to get into it, as this transaction has it."""
        return _access(self._about([ticket_id]), ticket_id, number)

    def is_live_code(self, ticket_id: int, number: int, hashed: str, now: datetime) -> bool:
        """Whether this is the code of a session now."""
        row = _live_code(self._about([ticket_id]), ticket_id, number)
        return row is not None and row.hash == hashed and now < row.expires_at


class Meetings(Connected):
    """What pages and commands ask about sessions."""

    def meetings(self, which: MeetingFilter) -> list[MeetingRow]:
        """Those asked for, by their time; what has none yet comes last."""
        query = (
            select(
                *(meeting.c[name] for name in _LISTED), ticket.c.subject, ticket.c.partner_domain
            )
            .join(ticket, ticket.c.id == meeting.c.ticket_id)
            .where(*_asked(which))
            .order_by(meeting.c.starts_at.is_(None), meeting.c.starts_at, meeting.c.ticket_id, meeting.c.number)
            .limit(which.limit)
        )  # fmt: skip
        with self._reading() as connection:
            return [MeetingRow(**row._mapping) for row in connection.execute(query)]

    def taken_times(
        self, host: str, since: datetime, until: datetime, *, but: int = 0
    ) -> list[tuple[datetime, datetime]]:
        """From when to when a host has sessions of other tickets than `but`, within this time."""
        with self._reading() as connection:
            return _taken(connection, host, since, until, but)

    def access_of(self, ticket_id: int, number: int) -> Access:
        """How to get into it, for its invitation."""
        with self._reading() as connection:
            return _access(connection, ticket_id, number)

    def try_code(self, ticket_id: int, number: int, hashed: str, now: datetime) -> CodeTried:
        """Whether a code typed is good now. A wrong one counts, whatever becomes of the rest; too many and it is dead."""
        with self._writing() as connection:
            row = _live_code(connection, ticket_id, number)
            if row is None or now >= row.expires_at:
                return "none"
            if hmac.compare_digest(row.hash, hashed):
                return "good"
            if (_counted(connection, row.id) or MOST_TRIES) < MOST_TRIES:
                return "wrong"
            _end_codes(connection, ticket_id, number, now, "tries")
            return "dead"


def _of(table: Any, ticket_id: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.ticket_id == ticket_id, table.c.number == number


def _take_time(connection: Connection, ticket_id: int, one: Meeting) -> None:
    assert one.starts is not None and one.ends is not None
    first, last = (one.starts - EPOCH) // _MINUTE, -((EPOCH - one.ends) // _MINUTE)
    host = address_key(one.host)
    rows = [
        {"host": host, "minute": minute, "ticket_id": ticket_id, "number": one.number}
        for minute in range(first, last)
    ]
    got = upsert(connection, meeting_minute).values(rows).on_conflict_do_nothing()
    if len(connection.execute(got.returning(meeting_minute.c.minute)).all()) < len(rows):
        raise HourTaken(f"{one.starts:%Y-%m-%d %H:%M} UTC: the host has another session then")


def _end_codes(connection: Connection, ticket_id: int, number: int, now: datetime, why: str) -> None:
    live = update(meeting_code).where(
        *_of(meeting_code, ticket_id, number), meeting_code.c.ended_at.is_(None)
    )
    connection.execute(live.values(ended_at=now, why_ended=why))


def _access(connection: Connection, ticket_id: int, number: int) -> Access:
    query = select(meeting.c.link, meeting.c.passcode).where(*_of(meeting, ticket_id, number))
    row = connection.execute(query).first()
    return Access(row.link or "", row.passcode or "") if row else Access()


def _make(connection: Connection, kept: MeetingKept, made: CodeMade, now: datetime) -> None:
    row = {
        "ticket_id": kept.ticket_id,
        "number": kept.number,
        "code": made.code,
        "hash": made.hash,
        "made_at": now,
        "expires_at": made.expires_at,
        "tries": 0,
    }
    connection.execute(insert(meeting_code), row)


def _live_code(connection: Connection, ticket_id: int, number: int) -> Any:
    its = _of(meeting_code, ticket_id, number)
    return connection.execute(select(meeting_code).where(*its, meeting_code.c.ended_at.is_(None))).first()


def _counted(connection: Connection, code_id: int) -> int | None:
    """The wrong tries of a code with this one, as the database counts them: many come at once."""
    tries = update(meeting_code).where(meeting_code.c.id == code_id, meeting_code.c.ended_at.is_(None))
    counted = tries.values(tries=meeting_code.c.tries + 1).returning(meeting_code.c.tries)
    found: int | None = connection.scalar(counted)
    return found


def _taken(
    connection: Connection, host: str, since: datetime, until: datetime, but: int
) -> list[tuple[datetime, datetime]]:
    query = select(meeting.c.starts_at, meeting.c.ends_at).where(
        meeting.c.host == address_key(host),
        meeting.c.state.in_([str(state) for state in RUNNING]),
        meeting.c.starts_at < until,
        meeting.c.ends_at > since,
        meeting.c.ticket_id != but,
    )
    rows = connection.execute(query.order_by(meeting.c.starts_at))
    return [(row.starts_at, row.ends_at) for row in rows]


def _asked(which: MeetingFilter) -> list[Any]:
    found: list[Any] = []
    if which.states:
        found.append(meeting.c.state.in_(which.states))
    if which.host:
        found.append(meeting.c.host == address_key(which.host))
    if which.ticket_id is not None:
        found.append(meeting.c.ticket_id == which.ticket_id)
    if which.since is not None:
        found.append(meeting.c.starts_at >= which.since)
    if which.until is not None:
        found.append(meeting.c.starts_at < which.until)
    return found
