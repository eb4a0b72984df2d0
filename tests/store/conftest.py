"""Every test of the store runs on SQLite and on PostgreSQL: ask for `store` (or `url`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from triaged.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres").empty()
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store on a fresh database."""
    opened = Store.open(url)
    yield opened
    opened.close()
