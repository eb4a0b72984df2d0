"""Tokens to sign in with: one row a user, written only by whoever has read its last version."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import delete, select, update

from triaged.store.connected import Connected
from triaged.store.inserts import upsert
from triaged.store.service_rows import StoredGrant
from triaged.store.service_tables import oauth2_grant

_NAMES = tuple(field.name for field in fields(StoredGrant))


class Grants(Connected):
    """What signing in by OAuth 2.0 keeps."""

    def grant(self, user: str) -> StoredGrant | None:
        """What is kept for a user; the tokens are sealed."""
        with self._reading() as connection:
            row = connection.execute(select(oauth2_grant).where(oauth2_grant.c.user == user)).first()
        return StoredGrant(**row._mapping) if row else None

    def grants(self) -> list[StoredGrant]:
        """All of them, by user."""
        with self._reading() as connection:
            rows = connection.execute(select(oauth2_grant).order_by(oauth2_grant.c.user))
            return [StoredGrant(**row._mapping) for row in rows]

    def save_grant(self, one: StoredGrant) -> bool:
        """Durable when it returns. `version` is the one that was read, 0 for a new row.

        False: somebody wrote it since, and his stands.
        """
        values: dict[str, Any] = {name: getattr(one, name) for name in _NAMES}
        values["version"] = one.version + 1
        with self._writing() as connection:
            if one.version == 0:
                row = upsert(connection, oauth2_grant).values(**values).on_conflict_do_nothing()
                return connection.scalar(row.returning(oauth2_grant.c.user)) is not None
            mine = (oauth2_grant.c.user == one.user, oauth2_grant.c.version == one.version)
            return connection.execute(update(oauth2_grant).where(*mine).values(**values)).rowcount == 1

    def forget_grant(self, user: str) -> bool:
        """Throw it away; whether there was one."""
        with self._writing() as connection:
            gone = delete(oauth2_grant).where(oauth2_grant.c.user == user)
            return connection.execute(gone).rowcount == 1
