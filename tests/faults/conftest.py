"""Towns of the bench, and of two daemons on one PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import lend, quick, town, users  # noqa: F401
from tests.e2e.town import Town
from tests.intake.conftest import make_loop, own_dovecot, run, user  # noqa: F401
from tests.outbox.conftest import clock, make_sender, metrics, write  # noqa: F401
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from triaged.store import upgrade


@pytest.fixture
def shared(tmp_path: Path, dovecot: Dovecot, postgres: Postgres, users: str, quick: None) -> Iterator[Town]:  # noqa: F811
    """A town on PostgreSQL for several daemons: none has a door of its own."""
    url = postgres.fresh(upgrade)
    made = Town(tmp_path, dovecot, url, users)
    del made.config["listener"], made.config["http"]
    made.config["limits"] = {"letters_per_address_hour": 1000}
    yield made
    made.close()
    postgres.drop(url)
