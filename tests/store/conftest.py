"""Every test of the store runs on SQLite and on PostgreSQL: ask for `store` (or `url`)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import postgres  # noqa: F401
from triaged.store import Store, upgrade


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded SQLite file, to be copied: upgrading costs more than a second's import."""
    file = tmp_path_factory.mktemp("template") / "triaged.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with this version's tables."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        made = server.fresh(upgrade)
        yield made
        server.drop(made)
        return
    file = tmp_path / "triaged.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), file)
    yield f"sqlite:///{file}"


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
