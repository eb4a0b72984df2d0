"""`triaged alerts list` and `status` on troubles: what receivers were told of, and what still is so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.store import Store
from triaged.store.alerts import Over
from triaged.store.service_rows import AlertRow, AlertState, Trouble

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(desk: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{desk}/triaged.db")
    yield opened
    opened.close()


def alert(key: str, **more: object) -> AlertRow:
    return AlertRow("desk", "quarantine", key, f"title {key}", "body", NOW, NOW + DAY, NOW, **more)  # type: ignore[arg-type]


@pytest.fixture
def told(store: Store) -> None:
    """One alert sent, one failed, one that waits, and one that all is well."""
    rows = [alert("a"), alert("b"), alert("c")]
    store.tell_troubles([], [], rows, [], NOW)
    first, second = store.claim_alerts(2, NOW, "me", DAY)
    assert store.alert_ended(first.id, "me", AlertState.SENT, NOW + timedelta(hours=1))
    assert store.alert_ended(second.id, "me", AlertState.FAILED, NOW, "the webhook answers 404")
    over = Over("quarantine", "a", "The quarantine is empty", "", ["desk"], NOW, NOW + DAY)
    store.tell_troubles([], [], [], [over], NOW)


EVERY = {
    "4": "4\tdesk\tquarantine\tThe quarantine is empty (over)\twaiting\t2026-11-23 09:00\t-",
    "3": "3\tdesk\tquarantine\ttitle c\twaiting\t2026-11-23 09:00\t-",
    "2": "2\tdesk\tquarantine\ttitle b\tfailed\t-\tthe webhook answers 404",
    "1": "1\tdesk\tquarantine\ttitle a\tsent\t2026-11-23 10:00\t-",
}


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ((), "4321"),
        (("--state", "waiting"), "43"),
        (("--state", "failed"), "2"),
        (("--state", "sent"), "1"),
        (("--state", "withdrawn"), ""),
        (("--limit", "2"), "43"),
    ],
)
def test_alerts_are_listed_newest_first(run: Run, told: None, asked: tuple[str, ...], listed: str) -> None:
    done = run("alerts", "list", *asked)
    assert (done.status, done.out.splitlines()) == (0, [EVERY[number] for number in listed])
    assert ("cut: only the first 2 are listed" in done.err) is ("--limit" in asked)
    rows = [json.loads(line) for line in run("alerts", "list", "--json", *asked).out.splitlines()]
    assert [str(row["id"]) for row in rows] == list(listed)


def test_nothing_is_tested_where_the_config_has_no_alerts(run: Run) -> None:
    done = run("alerts", "test")
    assert (done.status, done.out, done.err) == (1, "", "the config has no alerts\n")


def test_a_receiver_that_does_not_exist_is_told_with_those_that_do(run: Run, desk: Path) -> None:
    with (desk / "config.yaml").open("a") as config:
        config.write("alerts: [{to_file: one}, {to_file: two}]\n")
    done = run("alerts", "test", "three", "one", "four")
    assert (done.status, done.out, done.err.splitlines()) == (
        1,
        "",
        ["three: no such receiver; there are one, two", "four: no such receiver; there are one, two"],
    )


def test_status_tells_of_troubles_that_somebody_was_told_of(run: Run, store: Store) -> None:
    told_at = datetime.now(UTC) - timedelta(hours=3)
    troubles = [
        Trouble("quarantine", "", NOW, told_at),
        Trouble("mailbox_unreadable", "europe", NOW, told_at),
        Trouble("mailbox_unreadable", "world", NOW, None),
    ]
    store.tell_troubles(troubles, [], [], [], NOW)
    lines = [line for line in run("status").out.splitlines() if line.startswith("trouble ")]
    assert lines == [
        "trouble   mailbox_unreadable europe, told 3h ago",
        "trouble   quarantine, told 3h ago",
    ]
    assert len(json.loads(run("status", "--json").out)["troubles"]) == 3


def test_status_tells_what_is_in_force_and_what_was_refused(run: Run, store: Store) -> None:
    force = {
        "rulebook": "r1",
        "rules": 7,
        "files": ["a", "b"],
        "model": "m1",
        "directory": "d1",
        "accounts": 2,
    }
    store.note("in_force", force, NOW)
    store.note("reload.refused", {"lines": [f"complaint {n}\x1b" for n in range(12)]}, NOW)
    store.note("smtp:europe", {"ok": False, "error": "550"}, NOW)
    store.note("smtp:world", {"ok": True}, NOW)
    store.note("retention", {"gone": {"mail_texts": 3}, "doubted": True}, NOW)
    store.note("directory.old", "9 days", NOW)
    lines = run("status").out.splitlines()
    at = lines.index(
        "in force  rulebook r1 (7 rules, 2 files), model m1, directory d1 (2 accounts), since 2026-11-23 09:00"
    )
    assert lines[at + 1 :] == [
        "refused   the reload of 2026-11-23 09:00:",
        *(f"          complaint {n} " for n in range(10)),
        "directory is 9 days old: `triaged accounts load`",
        "retention last 2026-11-23 09:00: 3 mail texts; the clock leapt: nothing goes for a day",
        "smtp      europe           takes no letters: 550 (2026-11-23 09:00)",
        "smtp      world            takes letters (2026-11-23 09:00)",
    ]
    store.note("reload.refused", None, NOW)
    store.note("retention", {"gone": {}}, NOW)
    lines = run("status").out.splitlines()
    assert not [line for line in lines if line.startswith("refused ")]
    assert "retention last 2026-11-23 09:00: nothing was over" in lines


def test_status_tells_how_long_the_oldest_mail_has_waited(run: Run, store: Store) -> None:
    assert "oldest waiting mail" not in run("status").out
    store.replay([1], datetime.now(UTC))
    assert "          oldest waiting mail: " in run("status").out
