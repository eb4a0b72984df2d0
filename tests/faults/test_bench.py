"""The bench as the suite runs it: some kills on each store, and a plan that its seed replays. `make faults` runs hundreds."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import bench, plan
from tests.faults.town import FaultTown
from tests.servers.dovecot import Dovecot
from triaged.store import upgrade

SEED, KILLS = 1, 20


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_nothing_is_lost_doubled_or_stuck_by_kills_in_a_row(
    store: str, tmp_path: Path, empty_database: Path, request: pytest.FixtureRequest
) -> None:
    dovecot = Dovecot().start()
    if store == "sqlite":
        shutil.copy(empty_database, tmp_path / "triaged.db")
        town = FaultTown(tmp_path, dovecot, f"sqlite:///{tmp_path}/triaged.db", "f")
    else:
        server = request.getfixturevalue("postgres")
        town = FaultTown(tmp_path, dovecot, server.fresh(upgrade), "f", daemons=3)
        town.postgres = server
    try:
        done = bench.run(town, SEED, KILLS)
    finally:
        town.close()
        dovecot.stop()
    print(f"{store}: {done}")
    assert done.kills >= KILLS
    assert not done.faults, f"{done}\n{town.log.read_text()[-3000:]}"


def test_the_same_seed_is_the_same_plan_and_another_seed_another() -> None:
    assert list(plan.deeds(7, 30, 3)) == list(plan.deeds(7, 30, 3))
    assert list(plan.deeds(7, 30, 3)) != list(plan.deeds(8, 30, 3))


def test_a_plan_has_its_kills_every_way_of_dying_and_troubles_between() -> None:
    deeds = list(plan.deeds(1, 400, 3))
    deaths = [one for one in deeds if one.what in ("kill", "doom")]
    assert len(deaths) == 400
    assert {one.detail for one in deaths} >= {*plan.doomed.POINTS, "before a commit", "after a commit"}
    assert {one.detail for one in deeds if one.what == "trouble"} == set(plan.TROUBLES)
    assert Counter(one.what for one in deeds)["night"] == 1
    assert {one.which for one in deaths} == {0, 1, 2}


def test_a_broken_world_is_seen(tmp_path: Path, empty_database: Path, dovecot: Dovecot) -> None:
    """The judge is no friend of the accused: a mail without a fate and a request without a ticket are told."""
    from tests.faults import world

    shutil.copy(empty_database, tmp_path / "triaged.db")
    town = FaultTown(tmp_path, dovecot, f"sqlite:///{tmp_path}/triaged.db", "broken")
    try:
        town.requests["Case 1"] = "p1@oakbridge.example"
        town.given["<1@oakbridge.example>"] = 1
        told = world.faults(town)
    finally:
        town.close()
    assert "Case 1 became 0 tickets" in told
    assert any("is 0 times in the ledger" in one for one in told)
