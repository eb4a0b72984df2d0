"""Sessions of the pages, and forms that were posted when theirs was over. Of a key only its hash is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.visit_tables import kept_file, kept_form, session

_KEPT_SESSIONS, KEPT_FORMS = timedelta(days=30), timedelta(days=7)
_FORMS_OF_A_PERSON = 20


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was typed in a form and could not be taken yet; `files` are names and bytes."""

    address: str
    path: str
    fields: Mapping[str, str]
    kept_at: datetime
    files: Sequence[tuple[str, bytes]] = field(default=())
    id: int = 0


_SESSION = [session.c[name] for name in Session.__dataclass_fields__]


class Sessions(Connected):
    """Sessions and kept forms."""

    def begin_session(self, new: Session) -> None:
        """From now on its key opens the pages; what ended long ago is thrown away."""
        row = {**asdict(new), "address": address_key(new.address)}
        del row["id"]
        with self._writing() as connection:
            connection.execute(insert(session), row)
            connection.execute(delete(session).where(session.c.seen_at < new.begun_at - _KEPT_SESSIONS))

    def session_of_key(self, key_hash: str) -> Session | None:
        """The session of a key, ended ones too."""
        query = select(*_SESSION).where(session.c.key_hash == key_hash)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Session(**row._mapping) if row else None

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

    # -- forms ---------------------------------------------------------------------------------------

    def keep_form(self, form: KeptForm) -> int:
        """Keep it for its person instead of an older one of the same page; its number."""
        key = address_key(form.address)
        with self._writing() as connection:
            _drop(connection, kept_form.c.kept_at < form.kept_at - KEPT_FORMS)
            _drop(connection, kept_form.c.address == key, kept_form.c.path == form.path)
            newest = select(kept_form.c.id).where(kept_form.c.address == key).order_by(kept_form.c.id.desc())
            beyond = connection.scalars(newest.offset(_FORMS_OF_A_PERSON - 1)).all()
            _drop(connection, kept_form.c.id.in_(beyond))
            row = {"address": key, "path": form.path, "fields": dict(form.fields), "kept_at": form.kept_at}
            number: int = connection.execute(insert(kept_form).returning(kept_form.c.id), row).scalar_one()
            for name, content in form.files:
                connection.execute(insert(kept_file), {"form_id": number, "name": name, "content": content})
        return number

    def kept_form(self, address: str, path: str) -> KeptForm | None:
        """What somebody had typed on a page, with its files."""
        mine = (kept_form.c.address == address_key(address), kept_form.c.path == path)
        with self._reading() as connection:
            row = connection.execute(select(kept_form).where(*mine).order_by(kept_form.c.id.desc())).first()
            if row is None:
                return None
            query = select(kept_file.c.name, kept_file.c.content).where(kept_file.c.form_id == row.id)
            files = [
                (one.name, bytes(one.content)) for one in connection.execute(query.order_by(kept_file.c.id))
            ]
        return KeptForm(row.address, row.path, row.fields, row.kept_at, tuple(files), row.id)

    def drop_form(self, address: str, path: str) -> None:
        """It was taken, or thrown away by its person."""
        with self._writing() as connection:
            _drop(connection, kept_form.c.address == address_key(address), kept_form.c.path == path)


def _drop(connection: Connection, *which: ColumnElement[bool]) -> None:
    forms = select(kept_form.c.id).where(*which)
    connection.execute(delete(kept_file).where(kept_file.c.form_id.in_(forms)))
    connection.execute(delete(kept_form).where(*which))
