"""Sessions of the pages. Of a key only its hash is here."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from triaged.frozen import frozen
from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.visit_tables import identity, session

_KEPT = timedelta(days=30)
_SHOWN = 50


@frozen
class Session:
    """Somebody signed in by a browser. `role`: given by OpenID Connect, else empty."""

    key_hash: str
    address: str
    browser: str
    begun_at: datetime
    seen_at: datetime
    role: str = ""
    subject: str | None = None
    ended_at: datetime | None = None
    why_ended: str = ""
    id: int = 0


_SESSION = [session.c[name] for name in Session.__dataclass_fields__]


class Sessions(Connected):
    """Who is signed in."""

    def begin_session(self, new: Session) -> None:
        """From now on its key opens the pages; what ended long ago is thrown away."""
        row = {**asdict(new), "address": address_key(new.address)}
        del row["id"]
        with self._writing() as connection:
            connection.execute(insert(session), row)
            connection.execute(delete(session).where(session.c.seen_at < new.begun_at - _KEPT))

    def session_of_key(self, key_hash: str) -> Session | None:
        """The session of a key, ended ones too."""
        query = select(*_SESSION).where(session.c.key_hash == key_hash)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Session(**row._mapping) if row else None

    def keys_of(self, address: str, since: datetime) -> list[str]:
        """Hashes of the keys of somebody's sessions that were in use since then, ended ones too, newest first."""
        his = (session.c.address == address_key(address), session.c.seen_at >= since)
        query = select(session.c.key_hash).where(*his).order_by(session.c.id.desc()).limit(_SHOWN)
        with self._reading() as connection:
            return list(connection.scalars(query))

    def touch_session(self, session_id: int, now: datetime) -> None:
        """Its browser was here."""
        with self._noting() as connection:
            connection.execute(update(session).where(session.c.id == session_id).values(seen_at=now))

    def end_session(self, session_id: int, why: str, now: datetime) -> None:
        """Its key opens nothing any more."""
        self._end(session.c.id == session_id, why, now)

    def end_sessions_of(self, address: str, why: str, now: datetime) -> int:
        """End every session of somebody; how many."""
        return self._end(session.c.address == address_key(address), why, now)

    def _end(self, which: ColumnElement[bool], why: str, now: datetime) -> int:
        end = update(session).where(which, session.c.ended_at.is_(None)).values(ended_at=now, why_ended=why)
        with self._writing() as connection:
            return connection.execute(end).rowcount

    def bind_identity(self, subject: str, address: str, now: datetime) -> bool:
        """Whether this subject is whom the address belongs to: bound at the first time, asked at every later one."""
        key = address_key(address)
        with self._writing() as connection:
            new = upsert(connection, identity).values(subject=subject, address=key, bound_at=now)
            connection.execute(new.on_conflict_do_nothing())
            bound = connection.scalar(select(identity.c.address).where(identity.c.subject == subject))
        return bound == key
