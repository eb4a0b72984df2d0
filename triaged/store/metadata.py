"""What every table is made with: the names of constraints, partial indexes, the columns of a row that is claimed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, MetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

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


def only(condition: str, **by_dialect: str) -> dict[str, Any]:
    """A partial index: its condition, in each dialect's own words where they differ.

    `postgresql_where` would have every house load PostgreSQL's drivers, a sixth of what SQLAlchemy takes.
    """
    return {"info": {"only": condition, **by_dialect}}


@compiles(CreateIndex)
def _create_index(create: Any, compiler: Any, **more: Any) -> str:
    whole, told = compiler.visit_create_index(create, **more), create.element.info
    condition = told.get(compiler.dialect.name, told.get("only"))
    return f"{whole} WHERE {condition}" if condition else whole


def work() -> tuple[Column[Any], ...]:
    """The columns of a row that is claimed."""
    return (
        Column("ready_at", Moment),
        Column("owner", Words),
        Column("runs", Integer, nullable=False, server_default="0"),
        Column("error", Words),
    )
