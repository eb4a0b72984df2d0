"""A lease that is renewed is really held longer: by nobody else, until the new time and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.samples import NOW
from triaged.store import Store


@pytest.fixture(autouse=True)
def on_sqlite(store: Store) -> None:
    """PostgreSQL tells the time of leases itself (test_health)."""
    if store.dialect != "sqlite":
        pytest.skip("its own clock")


def test_a_renewed_lease_lasts_from_its_renewal_on(store: Store) -> None:
    epoch = store.take_lease("mailbox:global", "one", NOW, 60)
    assert epoch is not None
    assert store.renew_lease("mailbox:global", "one", epoch, NOW + timedelta(seconds=50), 60)
    assert store.take_lease("mailbox:global", "two", NOW + timedelta(seconds=109), 60) is None
    assert store.take_lease("mailbox:global", "two", NOW + timedelta(seconds=111), 60) == epoch + 1
    assert not store.renew_lease("mailbox:global", "one", epoch, NOW + timedelta(seconds=112), 60)


def test_a_lease_that_is_not_renewed_ends(store: Store) -> None:
    epoch = store.take_lease("mailbox:global", "one", NOW, 60)
    assert epoch is not None
    assert store.take_lease("mailbox:global", "two", NOW + timedelta(seconds=59), 60) is None
    assert store.take_lease("mailbox:global", "two", NOW + timedelta(seconds=61), 60) == epoch + 1
