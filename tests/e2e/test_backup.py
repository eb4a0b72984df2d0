"""A backup taken while a daemon is at work, and a daemon on what was restored from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.town import ANNA, CARL, Town, mail
from triaged import cli
from triaged.store import Store, backup
from triaged.store.engine import open_engines, parse


def test_a_backup_of_a_daemon_at_work_is_whole_and_goes_on_elsewhere(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, moved = tmp_path / "kept.db", f"sqlite:///{tmp_path}/moved.db"
    with town.daemon():
        for n in range(20):
            town.arrives(mail(ANNA, f"Case {n}", f"Something is wrong, number {n}."))
            if n % 5 == 0:
                engines = open_engines(parse(town.database))
                backup.make(engines, file, datetime.now(UTC), keep=2)
                engines.close()
        town.settled(20)
        with pytest.raises(SystemExit) as refused:
            cli.main(["--config", str(town.path), "db", "copy", moved])
        assert refused.value.code == 1 and "stop it first" in capsys.readouterr().err
    engines = open_engines(parse(town.database))
    made = backup.make(engines, file, datetime.now(UTC), keep=2)
    engines.close()
    assert made.rows["mail"] == 20
    target = backup.open_target(moved)
    backup.restore(file, target)
    target.close()
    before, town.config["database"] = town.tickets(), moved
    town.database = moved
    town._stores.pop().close()
    with town.daemon():
        town.arrives(mail(CARL, "After the move", "One more thing."))
        town.settled(21)
        town.letter_to(CARL)
    after = town.tickets()
    assert [t.reference for t in after[: len(before)]] == [t.reference for t in before]
    assert after[-1].id == before[-1].id + 1
    store = Store.open(moved)
    assert store.faults(town.clock()) == []
    store.close()
