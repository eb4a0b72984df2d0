"""/healthz says 503 with the reason while mail cannot be kept: locked, full, read-only, gone, away; and 200 again after."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers.postgres import Postgres
from triaged.config.config import Http
from triaged.daemon.health import Health
from triaged.metrics import Metrics
from triaged.store import Store, Unavailable, upgrade
from triaged.store.rows import Arrival
from triaged.walk.observing import observe
from triaged.web.server import HttpDoor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
Asking = Callable[[Store], Callable[[], tuple[int, str]]]


@pytest.fixture
def asking() -> Iterator[Asking]:
    """Ask a store's /healthz over HTTP: status and what it says of the database."""
    doors: list[HttpDoor] = []

    def ask_of(store: Store) -> Callable[[], tuple[int, str]]:
        metrics = Metrics()
        metrics.watch(lambda: observe(store, NOW))
        door = HttpDoor(Http(listen="127.0.0.1:0"), Health(store, list, lambda: "r1"), metrics)
        door.start()
        doors.append(door)

        def ask() -> tuple[int, str]:
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{door.port}/healthz", timeout=10) as answer:
                    status, told = answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                status, told = error.code, json.load(error)
            assert time.monotonic() - began < 5, "in bounded time"
            return status, told["database"]

        ask.port = door.port  # type: ignore[attr-defined]
        return ask

    yield ask_of
    for door in doors:
        door.stop()


def arrival(size: int = 200_000) -> Arrival:
    raw = b"Subject: x\r\n\r\n" + os.urandom(size)
    return Arrival(raw, "eu", "smtp", None, None, None, NOW, "", ())


def fill(store: Store) -> None:
    """Keep mail until there is no room for more."""
    with pytest.raises(Unavailable):
        for _ in range(1000):
            store.keep([arrival()], now=NOW)


def test_a_database_in_order_is_well_and_the_probes_leave_nothing(url: str, asking: Asking) -> None:
    store = Store.open(url)
    ask = asking(store)
    assert [ask() for _ in range(5)] == [(200, "ok")] * 5
    assert store.notes() == {} and store.mails() == []
    store.close()


def test_a_locked_sqlite_file_is_told_while_it_is_locked(
    store: Store, tmp_path: Path, asking: Asking
) -> None:
    ask = asking(store)
    assert ask() == (200, "ok")
    other = sqlite3.connect(tmp_path / "triaged.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    status, why = ask()
    assert status == 503 and "locked" in why
    other.execute("ROLLBACK")
    assert ask() == (200, "ok")


def test_a_locked_file_is_told_also_while_our_own_threads_wait_for_it(
    store: Store, tmp_path: Path, asking: Asking
) -> None:
    ask = asking(store)
    other = sqlite3.connect(tmp_path / "triaged.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def keep() -> None:
        with suppress(Unavailable):
            store.keep([arrival()], now=NOW)

    waiting = [threading.Thread(target=keep) for _ in range(3)]
    for one in waiting:
        one.start()
    answers = [ask() for _ in range(2)]
    other.execute("ROLLBACK")
    for one in waiting:
        one.join()
    assert all(status == 503 and "locked" in why for status, why in answers)
    assert ask() == (200, "ok")


def test_a_database_that_may_not_grow_is_full(store: Store, asking: Asking) -> None:
    ask = asking(store)
    assert ask() == (200, "ok")
    with store._engines.writer.connect() as connection:
        driver: Any = connection.connection.driver_connection
        (pages,) = driver.execute("PRAGMA page_count").fetchone()
        driver.execute(f"PRAGMA max_page_count={pages}")
    status, why = ask()
    assert status == 503 and "full" in why


def test_a_file_that_may_not_grow_is_full(store: Store, tmp_path: Path, asking: Asking) -> None:
    ask = asking(store)
    assert ask() == (200, "ok")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(
        resource.RLIMIT_FSIZE, ((tmp_path / "triaged.db-wal").stat().st_size + 8192, before[1])
    )
    try:
        fill(store)
        status, why = ask()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 503 and ("full" in why or "I/O error" in why)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a disk of its own")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_told_and_one_with_room_again_is_well(
    small_disk: Path, empty_database: Path, asking: Asking
) -> None:
    shutil.copy(empty_database, small_disk / "triaged.db")
    store = Store.open(f"sqlite:///{small_disk}/triaged.db")
    ask = asking(store)
    assert ask() == (200, "ok")
    with suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as other:
        while True:
            other.write(b"x" * 4096)
    status, why = ask()
    assert status == 503 and "full" in why
    (small_disk / "fill").unlink()
    assert ask() == (200, "ok")
    store.close()


def test_a_disk_that_our_own_mail_filled_is_told(
    small_disk: Path, empty_database: Path, asking: Asking
) -> None:
    shutil.copy(empty_database, small_disk / "triaged.db")
    store = Store.open(f"sqlite:///{small_disk}/triaged.db")
    ask = asking(store)
    fill(store)
    status, why = ask()
    assert status == 503 and "full" in why
    store.close()


def test_a_database_that_may_only_be_read_is_told(store: Store, asking: Asking) -> None:
    ask = asking(store)
    with store._engines.writer.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA query_only=ON")
    status, why = ask()
    assert status == 503 and "readonly" in why


def test_a_database_whose_file_is_gone_is_told(store: Store, tmp_path: Path, asking: Asking) -> None:
    ask = asking(store)
    assert ask() == (200, "ok")
    (tmp_path / "triaged.db").unlink()
    assert ask() == (503, "the database's file triaged.db is gone")


def test_postgresql_that_is_stopped_frozen_or_read_only_is_told(postgres: Postgres, asking: Asking) -> None:
    url = postgres.fresh(upgrade)
    store = Store.open(url)
    ask = asking(store)
    assert ask() == (200, "ok")
    postgres.stop()
    try:
        status, why = ask()
        assert status == 503 and why.startswith("database unavailable")
    finally:
        postgres.start()
    assert ask() == (200, "ok")
    name = url.partition("@/")[2].partition("?")[0]
    postgres.query(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    store._engines.close()
    status, why = ask()
    assert status == 503 and "read-only" in why
    postgres.query(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    store._engines.close()
    assert ask() == (200, "ok")
    store.close()


def test_a_database_that_hangs_costs_the_monitors_no_more_than_three_seconds(
    postgres: Postgres, asking: Asking
) -> None:
    url = postgres.fresh(upgrade)
    store = Store.open(url)
    ask = asking(store)
    assert ask() == (200, "ok")
    name = url.partition("@/")[2].partition("?")[0]
    command = [postgres._programs / "psql", "-h", postgres.folder, "-U", "triaged", "-d", name, "-Xqc"]
    lock = "BEGIN; LOCK TABLE setting, mail IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)"
    holder = subprocess.Popen([*command, lock], **postgres._as)
    try:
        time.sleep(1)
        busy = []
        for _ in range(35):  # scrapes that hang take no thread from /healthz

            def scrape() -> None:
                with suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{ask.port}/metrics", timeout=9).read()  # type: ignore[attr-defined]

            busy.append(threading.Thread(target=scrape, daemon=True))
            busy[-1].start()
        statuses = [ask() for _ in range(2)]
    finally:
        postgres.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'"
        )
        holder.wait(10)
    assert all(status == 503 and "no answer in 3 s" in why for status, why in statuses)
    for one in busy:
        one.join(10)
    store.close()
