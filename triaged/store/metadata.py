"""What every table is made with: the names of constraints, partial indexes, the columns of a row that is claimed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, MetaData, text

from triaged.store.columns import Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def only(condition: str) -> dict[str, Any]:
    """A partial index, in both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def work() -> tuple[Column[Any], ...]:
    """The columns of a row that is claimed."""
    return (
        Column("ready_at", Moment),
        Column("owner", Words),
        Column("runs", Integer, nullable=False, server_default="0"),
        Column("error", Words),
    )
