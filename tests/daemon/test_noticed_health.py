"""What /healthz makes of the doors: read lately, failing, or never; and a fault of ours is no health."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import configured
from tests.outbox.conftest import Clock
from triaged.daemon import health
from triaged.daemon.health import Health
from triaged.store import Store


class Doors:
    """A store, two mailboxes that are read, and a clock moved by hand."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.clock = store, Clock()
        self.config = configured(folder)
        imap = self.config.mailboxes[0].imap
        assert imap is not None
        self.patience = timedelta(seconds=imap.poll_seconds + 2 * imap.timeout_seconds) + health._LATELY
        self.health = Health(
            store, list, lambda: "r1", mailboxes=lambda: self.config.mailboxes, clock=self.clock
        )

    def polls(self, name: str, *good: bool) -> None:
        for ok in good:
            self.store.note_poll(name, ok, None if ok else "NO later", self.clock())

    def told(self) -> tuple[bool, Any]:
        """What a probe is told that does not live of the last one's answer."""
        fresh = Health(
            self.store, list, lambda: "r1", mailboxes=lambda: self.config.mailboxes, clock=self.clock
        )
        fresh._began = self.health._began
        well, told = fresh()
        return well, told["mailboxes"]


@pytest.fixture
def doors(store: Store, tmp_path: Path) -> Doors:
    return Doors(store, tmp_path)


def test_who_has_just_begun_has_had_no_time(doors: Doors) -> None:
    doors.clock.now += doors.patience
    assert doors.told() == (True, {"europe": "ok", "world": "ok"})
    doors.clock.now += timedelta(seconds=1)
    assert doors.told() == (False, {"europe": "never polled", "world": "never polled"})
    doors.polls("world", True)
    assert doors.told() == (True, {"europe": "never polled", "world": "ok"})


def test_a_mailbox_that_nobody_polls_any_more_is_told_with_its_last_good_poll(doors: Doors) -> None:
    doors.polls("europe", True)
    doors.polls("world", True)
    doors.clock.now += doors.patience + timedelta(seconds=1)
    doors.polls("world", True)
    well, told = doors.told()
    assert well and told == {"europe": "not polled since 2026-11-23 09:00 UTC", "world": "ok"}


def test_failures_in_a_row_are_told_and_fewer_only_where_it_was_never_read(doors: Doors) -> None:
    doors.polls("europe", True, *[False] * (health._IN_A_ROW - 1))
    doors.polls("world", False)
    assert doors.told()[1] == {"europe": "ok", "world": "never read: NO later"}
    doors.polls("europe", False)
    assert doors.told()[1]["europe"] == f"{health._IN_A_ROW} polls in a row failed: NO later"
    doors.polls("europe", True)
    assert doors.told()[1]["europe"] == "ok"


def test_a_fault_of_ours_is_no_health(store: Store) -> None:
    def fault() -> Any:
        raise LookupError("a fault of ours")

    well, told = Health(store, list, lambda: "r1", mailboxes=fault)()
    assert (well, told["database"], told["status"]) == (False, "LookupError: a fault of ours", "failing")
