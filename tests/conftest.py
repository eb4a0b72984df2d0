"""What tests of several rooms stand on: real servers, shared by a worker's tests, and empty stores."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres, postgres  # noqa: F401
from tests.servers.smtp_sink import Sink
from triaged.letters import forms, known_by
from triaged.rulebook.rulebook import Rulebook
from triaged.store import Store, schema, upgrade
from triaged.walk import knowledge, rulebook_folder

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.simulation.scene import Scene
    from triaged.letters.templates import Letters


# Files whose tests wait for browsers, servers and simulated months: begun first, so that no process ends alone with one of them.
LONGEST = (
    "faults/test_bench",
    "web/test_journeys",
    "web/test_console_day",
    "simulation/test_month",
    "reading/test_quotes_figures",
    "reading/test_pattern_growth",
    "test_health",
    "e2e/",
    "web/",
    "faults/",
    "alerts/",
    "grants/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes is left to `make test-long`: CI has thirty for everything. The longest files come first."""
    at = {name: place for place, name in enumerate(LONGEST)}
    tests = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        file = item.path.relative_to(tests).as_posix()
        return next((at[name] for name in LONGEST if file.startswith(name)), len(LONGEST))

    items.sort(key=place)
    if not os.environ.get("TRIAGED_LONG"):
        later = pytest.mark.skip(reason="takes minutes: make test-long")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(later)


_load_folder = rulebook_folder.load_folder
_COMPILED: dict[tuple[tuple[str, str], ...], Rulebook] = {}
_MADE_ONCE = frozenset(
    {"alerts", "cli", "e2e", "faults", "followups", "grants", "outbox", "simulation", "walk", "web"}
)


def _load_folder_once(folder: Path) -> Rulebook:
    key = tuple(sorted(rulebook_folder.read_folder(folder).items()))
    if key not in _COMPILED:
        _COMPILED[key] = _load_folder(folder)
    return _COMPILED[key]


def _once(work: Callable[[Letters], tuple[Any, ...]]) -> Callable[[Letters], tuple[Any, ...]]:
    """What is worked out of a rulebook's letters, once for each."""
    # The letters are kept beside: another's might come to lie where they lay
    known: dict[int, tuple[Letters, tuple[Any, ...]]] = {}

    def asked(letters: Letters) -> tuple[Any, ...]:
        if id(letters) not in known:
            known[id(letters)] = letters, work(letters)
        return known[id(letters)][1]

    return asked


_forms_once = _once(forms.forms)
_sentences_once = _once(known_by.sentences)
_migrate = schema._migrate


@lru_cache(maxsize=1)
def _migrated() -> sqlite3.Connection:
    """A database in memory as the migrations leave it, without a secret."""
    with TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/triaged.db")
        made = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(f"{folder}/triaged.db")) as file:
            file.backup(made)
    made.execute("DELETE FROM setting")
    made.commit()
    return made


def _migrate_once(connection: Connection) -> None:
    """An empty SQLite file gets a copy of what migrations make of it; all else is migrated."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        _migrate(connection)
        return
    raw: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    raw.execute("COMMIT")
    _migrated().backup(raw)
    raw.execute("BEGIN IMMEDIATE")


@pytest.fixture(autouse=True)
def made_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test is not about that, a rulebook of the same texts is compiled once a process, which costs a second,
    and a database migrated once, which costs a fifth of one."""
    if request.path.parent.name in _MADE_ONCE and "extending" not in request.path.name:
        monkeypatch.setattr(rulebook_folder, "load_folder", _load_folder_once)
        monkeypatch.setattr(knowledge, "load_folder", _load_folder_once)
        monkeypatch.setattr(knowledge, "forms", _forms_once)
        monkeypatch.setattr(known_by, "sentences", _sentences_once)
        _migrated()  # before: it is made by what is replaced
        monkeypatch.setattr(schema, "_migrate", _migrate_once)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server for tests that leave it standing; each takes mail users of its own."""
    server = Dovecot().start()
    yield server
    server.stop()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """An SMTP server of the test's own."""
    server = Sink().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file, migrated once; each test gets a copy."""
    path = tmp_path_factory.mktemp("empty") / "triaged.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> Iterator[str]:
    """An empty database of each kind: its URL."""
    if request.param == "sqlite":
        shutil.copy(empty_database, tmp_path / "triaged.db")
        yield f"sqlite:///{tmp_path}/triaged.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = server.fresh(upgrade)
    yield made
    server.drop(made)


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> Iterator[Store]:
    """An empty store on SQLite."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    opened = Store.open(f"sqlite:///{tmp_path}/triaged.db")
    yield opened
    opened.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A simulated town in which a test lets single things happen."""
    from tests.simulation.scene import Scene

    made = Scene(tmp_path)
    yield made
    made.month.close()
