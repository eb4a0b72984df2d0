"""Which schema a database has, and how it gets the right one.

The daemon only compares a version number: importing Alembic costs more than a second. `upgrade` is what
`triaged db upgrade` runs, alone: under SQLite's write lock, or an advisory lock on PostgreSQL.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text

from triaged.store import tables
from triaged.store.engine import Engines, open_engines, parse, told_plainly
from triaged.store.rows import OldSchema

# Oldest first; the last: this version's.
REVISIONS: Sequence[str] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
_UPGRADE_LOCK = 0x7472_6961_6765_6401  # "triaged", 1
_REMEDY = "run: triaged db upgrade"


def check(engines: Engines) -> None:
    """Raises OldSchema, whose message names the remedy, unless the tables are those of this version."""
    with told_plainly(), engines.reader.begin() as connection:
        found = version(connection)
    if found is None:
        raise OldSchema(f"the database has no tables yet; {_REMEDY}")
    if found not in REVISIONS:
        raise OldSchema(
            f"the database has schema {found}, newer than this triaged knows ({REVISIONS[-1]}); "
            "install the triaged that upgraded it"
        )
    if found != REVISIONS[-1]:
        raise OldSchema(f"the database has schema {found}, this triaged needs {REVISIONS[-1]}; {_REMEDY}")


def version(connection: Connection) -> str | None:
    """The schema's revision, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def upgrade(url: str, password: str | None = None) -> str:
    """Bring the database to this version's schema, whole or not at all; answers its revision.

    Safe to run twice, and by two at once. Raises Unavailable, Faulty (bad URL), OldSchema (it is newer).
    """
    engines = open_engines(parse(url, password))
    try:
        with told_plainly(), engines.writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            found = version(connection)
            if found is not None and found not in REVISIONS:
                raise OldSchema(f"the database has schema {found}, newer than this triaged knows")
            _migrate(connection)
            _make_secret(connection)
        return REVISIONS[-1]
    finally:
        engines.close()


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _make_secret(connection: Connection) -> None:
    """The key that signs our Message-IDs: made once, never changed, or old letters are strangers."""
    known = connection.scalar(select(tables.setting.c.value).where(tables.setting.c.name == "secret"))
    if known is None:
        connection.execute(insert(tables.setting).values(name="secret", value=secrets.token_hex(32)))


def secret(engines: Engines) -> bytes:
    """The 32 bytes `upgrade` made. Raises OldSchema where it never ran."""
    found: str | None = None
    with told_plainly(), engines.reader.begin() as connection:
        if version(connection) is not None:
            query = select(tables.setting.c.value).where(tables.setting.c.name == "secret")
            found = connection.scalar(query)
    if found is None:
        raise OldSchema(f"the database has no secret yet; {_REMEDY}")
    return bytes.fromhex(found)
