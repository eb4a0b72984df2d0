"""The tables the code speaks of are those that the migrations make, column by column."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from triaged.store import engine
from triaged.store.tables import metadata

# What the search stands on, each database in its own way, is made by statements (triaged/store/words.py)
SEARCH = ("said_words", "said_terms", "ix_said_", "said.found", "said.names")


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_what_the_migrations_make_is_what_the_code_speaks_of(url: str) -> None:
    with create_engine(engine.parse(url)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found = [_told(one) for one in compare_metadata(context, metadata)]
    assert [one for one in found if not one.removeprefix("remove ").startswith(SEARCH)] == []


def _told(difference: Any) -> str:
    """`remove said_words`: what the database has beyond the code."""
    if isinstance(difference, list):
        return "; ".join(map(str, difference))
    what, thing = difference[0], difference[-1]
    name = f"{thing.table.name}.{thing.name}" if what.endswith("column") else thing.name
    return f"{what.partition('_')[0]} {name}"
