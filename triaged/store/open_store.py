"""The store of a config: its URL, and the password fetched where the config says."""

from __future__ import annotations

from pathlib import Path

from triaged.config.config import Config
from triaged.errors import Faulty
from triaged.store.rows import OldSchema
from triaged.store.store import Store


def password(config: Config) -> str | None:
    """The database password, or None where none is configured. Raises Faulty if its file can't be read."""
    file = config.database_password_file
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Faulty(f"{file}: database password cannot be read: {error}") from None


def open_store(config: Config, owner: str = "") -> Store:
    """The store, not yet connected, for a daemon or for nobody. Raises OldSchema where there is none."""
    refuse_absent(config)
    return Store.open(config.database, password(config), owner)


def refuse_absent(config: Config) -> None:
    """Raises OldSchema for a SQLite file that is not there."""
    file = config.database.removeprefix("sqlite:///")
    if file != config.database and not Path(file).exists():
        # SQLite would make an empty file, root's if root asks: then the daemon's user could not write to it.
        raise OldSchema("the database has no tables yet; run: triaged db upgrade")
