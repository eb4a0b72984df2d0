"""The towns of the whole-house tests: each on SQLite and on PostgreSQL, with reader processes shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.town import Town
from tests.servers.dovecot import Dovecot
from triaged.readers.pool import Readers
from triaged.reading.values import Surroundings


@pytest.fixture
def users(request: pytest.FixtureRequest) -> str:
    """The beginning of mail users' names nobody else has."""
    return "u" + format(abs(hash(request.node.nodeid)), "x")[:12]


@pytest.fixture
def town(tmp_path: Path, dovecot: Dovecot, url: str, users: str, quick: None) -> Iterator[Town]:
    """A town on each database."""
    made = Town(tmp_path, dovecot, url, users)
    yield made
    made.close()


class Lent:
    """Real reader processes of the session, lent to one daemon: closing them is the session's business."""

    def __init__(self, readers: Readers, own: Callable[..., Readers]) -> None:
        self._readers, self._own, self._owned = readers, own, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._readers, name)

    def replace(self, surroundings: Surroundings, model_path: Path | None = None) -> None:
        """Other surroundings: from now on a crew of its own."""
        fresh = self._own(surroundings)
        fresh.ready()
        self.close()
        self._readers, self._owned = fresh, True

    def close(self) -> None:
        """Only what is this daemon's own."""
        if self._owned:
            self._readers.close()


@pytest.fixture(scope="session")
def lend() -> Iterator[Callable[..., Lent]]:
    """Reader processes take seconds to load what they need: one crew for all tests of equal surroundings.

    They read without the classifier, whose word is under test elsewhere; rules and defaults decide.
    """
    crews: dict[Surroundings, Readers] = {}

    def lent(surroundings: Surroundings, model_path: Path | None = None, workers: int = 1) -> Lent:
        # A daemon that could not end in time gave its readers up: the next test gets others.
        if surroundings not in crews or crews[surroundings]._closed:
            crews[surroundings] = Readers(surroundings)
        return Lent(crews[surroundings], Readers)

    yield lent
    for crew in crews.values():
        crew.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, lend: Callable[..., Lent]) -> None:
    """A daemon that notices a stop sooner than in earnest, with readers that are warm."""
    monkeypatch.setattr("triaged.intake.imap._SLICE_SECONDS", 0.1)
    monkeypatch.setattr("triaged.intake.mailbox.LEASE_SECONDS", 6)  # a standby looks every two seconds
    monkeypatch.setattr("triaged.daemon.daemon.Readers", lend)
