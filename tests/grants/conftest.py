"""A provider, a store and what keeps tokens in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.identity import SECRET, Identity
from triaged.config.oauth2 import Grant, OAuth2
from triaged.grants import sealing
from triaged.grants.keeping import Keeper
from triaged.store import Store

KEY = sealing.new_key()


@pytest.fixture
def identity() -> Iterator[Identity]:
    server = Identity().start()
    yield server
    server.stop()


@dataclass
class Desk:
    """Signing in as `support`, on a clock of its own."""

    store: Store
    identity: Identity
    folder: Path
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)
    keys: str = KEY
    more: dict[str, str] = field(default_factory=dict)

    def clock(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def grant(self) -> Grant:
        (self.folder / "client").write_text(f"{SECRET}\n")
        given = self.identity.settings(str(self.folder / "client"))
        settings = OAuth2.model_validate({**given, **self.more})
        return Grant(settings=settings, user="support")

    def keeper(self, owner: str = "one") -> Keeper:
        return Keeper(self.store, lambda: sealing.read(self.keys), self.clock, owner)

    def signed_in(self, owner: str = "one") -> Keeper:
        from triaged.grants.provider import Tokens

        told, keeper = self.identity.give(), self.keeper(owner)
        keeper.keep(self.grant(), Tokens(told["access_token"], told["expires_in"], told["refresh_token"]))
        return keeper


@pytest.fixture
def desk(url: str, identity: Identity, tmp_path: Path) -> Iterator[Desk]:
    store = Store.open(url)
    yield Desk(store, identity, tmp_path)
    store.close()


Opened = Callable[[], Store]
