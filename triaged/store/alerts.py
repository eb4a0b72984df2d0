"""What is not well, and who is told of it: rows with a receiver, their own retry and a time when they are given up.

A trouble stands here while it lasts; a restart forgets neither since when it does nor that it was told. An alert is
written once for each receiver, event and key; that all is well again only to those who were told that it is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from triaged.frozen import frozen
from triaged.store.claims import claim, taking
from triaged.store.connected import Connected, Within
from triaged.store.inserts import upsert, upsert_in
from triaged.store.service_rows import AlertRow, AlertState, Trouble
from triaged.store.service_tables import alert, trouble

KEPT = timedelta(days=90)  # what was told
# About tickets, for one receiver: anybody can open tickets, and nobody reads hundreds of pages
MOST_AN_HOUR = 60
_HOUR = timedelta(hours=1)
_SHOWN = [alert.c[field.name] for field in fields(AlertRow)]
_CLAIM = claim(alert, _SHOWN)
_FINISHED = {"owner": None, "ready_at": None}


@frozen
class Over:
    """That all is well again about an event and key, in these words, for those of `receivers` who were told."""

    event: str
    key: str
    title: str
    body: str
    receivers: Collection[str]
    ready_at: datetime
    expires: datetime


def spell(key: str, since: datetime) -> str:
    """The key of what is told of a trouble: another time it is another one."""
    return f"{key}@{since:%Y%m%dT%H%M%S}"


class Alerts(Connected):
    """What the loop that tells asks, and `status`."""

    def troubles(self) -> list[Trouble]:
        """Everything that is not well."""
        with self._reading() as connection:
            rows = connection.execute(select(trouble).order_by(trouble.c.event, trouble.c.key))
            return [Trouble(**row._mapping) for row in rows]

    def tell_troubles(
        self,
        standing: Sequence[Trouble],
        ended: Sequence[Trouble],
        alerts: Sequence[AlertRow],
        over: Sequence[Over],
        now: datetime,
    ) -> int:
        """These stand as they do now, those are over; what is told of both, in one go; how many alerts are new."""
        with self._writing() as connection:
            for one in standing:
                row = upsert(connection, trouble).values(
                    event=one.event, key=one.key, since=one.since, told_at=one.told_at, size=one.size
                )
                again = {"since": one.since, "told_at": one.told_at, "size": one.size}
                connection.execute(row.on_conflict_do_update(index_elements=["event", "key"], set_=again))
            for one in ended:
                gone = and_(trouble.c.event == one.event, trouble.c.key == one.key)
                connection.execute(delete(trouble).where(gone))
            connection.execute(
                delete(alert).where(alert.c.written_at < now - KEPT, alert.c.ready_at.is_(None))
            )
            return _write(connection, alerts) + sum(_over(connection, one, now) for one in over)

    def claim_alerts(self, limit: int, now: datetime, owner: str, lease: timedelta) -> list[AlertRow]:
        """Up to `limit` alerts that are due, ours for `lease`."""
        with self._writing() as connection:
            rows = connection.execute(_CLAIM, taking(limit, now, owner, lease)).all()
        return sorted((AlertRow(**row._mapping) for row in rows), key=lambda one: one.id)

    def next_alert_at(self) -> datetime | None:
        """When the next one wants to be told; None: none waits."""
        query = select(func.min(alert.c.ready_at)).where(alert.c.ready_at.is_not(None))
        with self._reading() as connection:
            at: datetime | None = connection.scalar(query)
            return at

    def alert_ended(
        self, alert_id: int, owner: str, state: AlertState, now: datetime, error: str | None = None
    ) -> bool:
        """It was told, given up or withdrawn. False: the claim was lost."""
        values: dict[str, Any] = {**_FINISHED, "state": state, "error": error}
        if state is AlertState.SENT:
            values["sent_at"] = now
        return self._mine(alert_id, owner, values)

    def alert_retry(self, alert_id: int, owner: str, error: str, at: datetime) -> bool:
        """Not told this time. False: the claim was lost."""
        return self._mine(alert_id, owner, {"owner": None, "ready_at": at, "error": error})

    def _mine(self, alert_id: int, owner: str, values: dict[str, Any]) -> bool:
        ours = (alert.c.id == alert_id, alert.c.owner == owner, alert.c.state == AlertState.WAITING)
        with self._writing() as connection:
            return connection.execute(update(alert).where(*ours).values(**values)).rowcount == 1

    def alerts(self, limit: int = 100, state: AlertState | None = None) -> list[AlertRow]:
        """Alerts, newest first."""
        query = select(*_SHOWN).order_by(alert.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(alert.c.state == state)
        with self._reading() as connection:
            return [AlertRow(**row._mapping) for row in connection.execute(query)]

    def alert_counts(self) -> dict[str, int]:
        """How many alerts there are, by state."""
        query = select(alert.c.state, func.count()).group_by(alert.c.state)
        with self._reading() as connection:
            return {str(state): number for state, number in connection.execute(query)}


class AlertWrites(Within):
    """What is told because of a ticket, in the transaction that changes it."""

    def write_alerts(self, alerts: Iterable[AlertRow], now: datetime) -> int:
        """Those that are new; how many. Beyond MOST_AN_HOUR of a receiver one says so, and the others are left out."""
        connection, written = self._apart(), 0
        for one in alerts:
            lately = (
                alert.c.receiver == one.receiver,
                alert.c.written_at > now - _HOUR,
                alert.c.over.is_(False),
            )
            told = connection.scalar(select(func.count()).select_from(alert).where(*lately)) or 0
            if told < MOST_AN_HOUR:
                written += _write(connection, [one])
            elif told == MOST_AN_HOUR:
                written += _write(connection, [_too_many(one, now)])
        return written

    def alerts_over(self, over: Iterable[Over], now: datetime) -> int:
        """All is well again with these; how many are told."""
        return sum(_over(self._apart(), one, now) for one in over)


def _too_many(one: AlertRow, now: datetime) -> AlertRow:
    title = f"More than {MOST_AN_HOUR} alerts within an hour: the others are left out"
    return replace(one, key=f"many/{now:%Y%m%dT%H}", title=title, body="triaged tickets list --severity S1")


def _write(connection: Connection, alerts: Sequence[AlertRow]) -> int:
    written = 0
    for one in alerts:
        row = {column.name: getattr(one, column.name) for column in _SHOWN if column.name != "id"}
        statement = upsert_in(connection.dialect.name, alert).values(**row).on_conflict_do_nothing()
        written += connection.scalar(statement.returning(alert.c.id)) is not None
    return written


def _over(connection: Connection, one: Over, now: datetime) -> int:
    """What was not told yet need not be; who was told hears that it is over."""
    about = (
        alert.c.event == one.event,
        or_(alert.c.key == one.key, alert.c.key.startswith(f"{one.key}/", autoescape=True)),
        alert.c.over.is_(False),
    )
    untold = (*about, alert.c.state == AlertState.WAITING, alert.c.owner.is_(None))
    withdrawn = {**_FINISHED, "state": AlertState.WITHDRAWN, "error": "it was over before it was told"}
    told = select(alert.c.receiver).where(
        *about, or_(alert.c.state == AlertState.SENT, alert.c.owner.is_not(None))
    )
    receivers = {row.receiver for row in connection.execute(told)} & set(one.receivers)
    connection.execute(update(alert).where(*untold).values(**withdrawn))
    return _write(
        connection,
        [
            AlertRow(
                receiver=receiver,
                event=one.event,
                key=one.key,
                title=one.title,
                body=one.body,
                written_at=now,
                expires=one.expires,
                ready_at=one.ready_at,
                over=True,
            )
            for receiver in sorted(receivers)
        ],
    )
