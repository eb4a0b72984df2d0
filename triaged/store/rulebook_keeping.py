"""The rulebook's history and its drafts. What is in force lies in its folder; here lies who changed what, when and why."""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from triaged.frozen import frozen
from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.desk_tables import rulebook_draft, rulebook_version
from triaged.store.inserts import upsert


@frozen
class RulebookVersion:
    """A rulebook that was in force from `at` on. `who` empty: somebody with an editor; `done_at` None: not yet.

    `files`: name -> text; left out in lists.
    """

    at: datetime
    who: str
    reason: str
    version: str
    remark: str = ""
    done_at: datetime | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    id: int = 0


@frozen
class DraftFile:
    """A file that somebody has changed. `text` None: it goes; `base` None: it did not stand in force when he began.

    `mark` is another one at each saving: whoever saves says on which he wrote.
    """

    address: str
    name: str
    text: str | None
    base: str | None
    saved_at: datetime
    mark: str = ""


_LISTED = [rulebook_version.c[name] for name in ("id", "at", "who", "reason", "version", "remark", "done_at")]


class RulebookKeeping(Connected):
    """Versions of the rulebook, and drafts of the next."""

    def begin_version(self, new: RulebookVersion) -> int:
        """It is about to be put in force; its number. `end_version` says that it is."""
        packed = zlib.compress(json.dumps(dict(new.files)).encode())
        row = {name: getattr(new, name) for name in ("at", "who", "reason", "version", "remark", "done_at")}
        with self._writing() as connection:
            made = insert(rulebook_version).values(**row, packed=packed).returning(rulebook_version.c.id)
            return int(connection.execute(made).scalar_one())

    def end_version(self, number: int, now: datetime, remark: str) -> None:
        """It is in force."""
        done = update(rulebook_version).where(rulebook_version.c.id == number)
        with self._writing() as connection:
            connection.execute(done.values(done_at=now, remark=remark))

    def drop_version(self, number: int) -> None:
        """It was not put in force after all."""
        gone = delete(rulebook_version).where(
            rulebook_version.c.id == number, rulebook_version.c.done_at.is_(None)
        )
        with self._writing() as connection:
            connection.execute(gone)

    def unfinished_versions(self) -> list[RulebookVersion]:
        """Those whose writer has not come to the end, oldest first."""
        return self._versions(
            select(*_LISTED).where(rulebook_version.c.done_at.is_(None)).order_by(rulebook_version.c.id)
        )

    def versions(self, limit: int = 50, before: int | None = None) -> list[RulebookVersion]:
        """What was in force, newest first, without the files."""
        query = select(*_LISTED).where(rulebook_version.c.done_at.is_not(None))
        if before is not None:
            query = query.where(rulebook_version.c.id < before)
        return self._versions(query.order_by(rulebook_version.c.id.desc()).limit(limit))

    def version(self, number: int) -> RulebookVersion | None:
        """One of them with its files."""
        query = select(*_LISTED, rulebook_version.c.packed).where(rulebook_version.c.id == number)
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        values = dict(row._mapping)
        files = json.loads(zlib.decompress(values.pop("packed")))
        return RulebookVersion(**values, files=files)

    def _versions(self, query: Any) -> list[RulebookVersion]:
        with self._reading() as connection:
            return [RulebookVersion(**row._mapping) for row in connection.execute(query)]

    def draft_files(self, address: str) -> list[DraftFile]:
        """What somebody has changed, by name."""
        query = select(rulebook_draft).where(rulebook_draft.c.address == address_key(address))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(rulebook_draft.c.name))
            return [DraftFile(**row._mapping) for row in rows]

    def all_draft_files(self) -> list[DraftFile]:
        """Everybody's, by whose."""
        query = select(rulebook_draft).order_by(rulebook_draft.c.address, rulebook_draft.c.name)
        with self._reading() as connection:
            return [DraftFile(**row._mapping) for row in connection.execute(query)]

    def save_draft_file(self, file: DraftFile) -> bool:
        """Keep it, if it was written on what stands here (its `mark`; empty: on nothing); False: somebody was faster."""
        where = (rulebook_draft.c.address == address_key(file.address), rulebook_draft.c.name == file.name)
        values = {
            "text": file.text, "base": file.base, "saved_at": file.saved_at, "mark": secrets.token_hex(12),
        }  # fmt: skip
        with self._writing() as connection:
            if file.mark:
                change = update(rulebook_draft).where(*where, rulebook_draft.c.mark == file.mark)
                return connection.execute(change.values(**values)).rowcount == 1
            new = upsert(connection, rulebook_draft).values(
                address=address_key(file.address), name=file.name, **values
            )
            made = new.on_conflict_do_nothing().returning(rulebook_draft.c.mark)
            return connection.scalar(made) is not None

    def replace_draft(self, address: str, files: Collection[DraftFile], seen: Collection[str]) -> bool:
        """These instead of all that somebody has changed, if that is still what was seen (its marks)."""
        key = address_key(address)
        mine = rulebook_draft.c.address == key
        with self._writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer
                connection.exec_driver_sql("LOCK TABLE rulebook_draft IN SHARE ROW EXCLUSIVE MODE")
            stands = connection.scalars(select(rulebook_draft.c.mark).where(mine))
            if set(stands) != set(seen):
                return False
            connection.execute(delete(rulebook_draft).where(mine))
            rows = [replace(one, address=key, mark=secrets.token_hex(12)) for one in files]
            if rows:
                names = DraftFile.__dataclass_fields__
                connection.execute(
                    insert(rulebook_draft), [{n: getattr(one, n) for n in names} for one in rows]
                )
            return True

    def drop_draft_files(self, marks: Collection[str]) -> int:
        """These are no draft any more; what was saved meanwhile stays. How many went."""
        with self._writing() as connection:
            return connection.execute(delete(rulebook_draft).where(rulebook_draft.c.mark.in_(marks))).rowcount
