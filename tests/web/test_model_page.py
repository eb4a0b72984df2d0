"""The model's page: train, compare and promote from the console by the code of the commands, and quarantined mail dropped."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.desk import BEN, LEE, Desk, eventually, opened_desk, small_rules
from tests.web.test_rulebook import over
from triaged.config import shipped
from triaged.daemon.daemon import Daemon
from triaged.learning import places
from triaged.store.rows import Arrival, Fate


@pytest.fixture
def desk(tmp_path: Path, empty_database: Path) -> Iterator[Desk]:
    """Pages alone, with a folder of models and a candidate: the one in force under another name."""
    small_rules(tmp_path)
    shutil.copytree(shipped.models(), tmp_path / "models", ignore=shutil.ignore_patterns("candidates"))
    shutil.copytree(tmp_path / "models" / "current", tmp_path / "models" / "candidates" / "m-second")
    card = tmp_path / "models" / "candidates" / "m-second" / "card.json"
    name = places.name_of(tmp_path / "models" / "current")
    card.write_text(card.read_text("utf-8").replace(f'"id": "{name}"', '"id": "m-second"'), "utf-8")
    shutil.copy(empty_database, tmp_path / "triaged.db")
    with opened_desk(tmp_path, f"sqlite:///{tmp_path}/triaged.db", daemon=False) as made:
        yield made


def test_a_candidate_is_compared_and_promoted_with_a_reason_that_is_audited(desk: Desk) -> None:
    lee = desk.signed_in(LEE)
    page = lee.get("/model")
    assert "m-second" in page.text and "0 corrections since it was trained" in page.text
    begun = lee.post(page, "/model/compare")
    assert "It has begun" in begun.text and "one at a time" in lee.post(page, "/model/compare").text
    compared = over(desk, "compare")
    assert compared.state == "done", compared.result
    assert any("may be promoted" in line for line in compared.result["lines"])
    assert "Compare of" in lee.get("/model").text
    without = lee.post(page, "/model/promote", {"reason": "  "})
    assert without.status_code == 400 and "The reason is missing" in without.text
    lee.post(page, "/model/promote", {"reason": "the spring's corrections"})
    promoted = over(desk, "promote")
    assert promoted.state == "done", promoted.result
    assert places.name_of(desk.folder / "models" / "current") == "m-second"
    (audit,) = desk.store.audits()
    assert (audit["who"], audit["what"], audit["about"]) == (LEE, "model.promote", "m-second")
    assert audit["counts"]["reason"] == "the spring's corrections"
    note = desk.store.note_of("reload.asked")
    assert note is not None and note.value["model"] == "m-second"
    shown = lee.get("/model").text
    assert "Model m-second in force" in shown and f"Put in force by {LEE}" in shown
    lee.post(lee.get("/model"), "/model/watch")
    assert over(desk, "watch").state == "done"


def test_a_name_that_is_no_candidate_is_a_fault_and_no_path(desk: Desk) -> None:
    lee = desk.signed_in(LEE)
    lee.post(lee.get("/model"), "/model/compare", {"model": "../current"})
    failed = over(desk, "compare")
    assert failed.state == "failed" and "no candidate ../current" in failed.result["error"]


@pytest.mark.long
def test_a_candidate_is_trained_with_its_progress(desk: Desk) -> None:
    lee = desk.signed_in(LEE)
    lee.post(lee.get("/model"), "/model/train")
    done = over(desk, "train")
    assert done.state == "done", done.result
    assert done.result["model"] in lee.get("/model").text


def test_a_quarantined_mail_is_dropped_with_a_reason_and_can_be_walked_again(desk: Desk) -> None:
    arrival = Arrival(b"Subject: x\n\ny\n", "global", "smtp", None, None, None, desk.clock(), None, ())
    (kept,) = desk.store.keep([arrival], now=desk.clock())
    ben = desk.signed_in(BEN)
    unread = ben.get(f"/ledger/{kept.id}")  # nobody has read it yet: of its reading nothing is known
    assert unread.status_code == 200 and "/drop" not in unread.text
    with desk.store._writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE mail SET fate = 'quarantine', ready_at = NULL WHERE id = {kept.id}"
        )
    page = ben.get(f"/ledger/{kept.id}")
    assert "A reason is needed" in ben.post(page, f"/ledger/{kept.id}/drop", {"reason": " "}).text
    done = ben.post(page, f"/ledger/{kept.id}/drop", {"reason": "a broken fax"})
    assert "It is dropped" in done.text
    row = desk.store.mail(kept.id)
    assert row is not None and (row.fate, row.why) == (Fate.SKIPPED, f"dropped by {BEN}: a broken fax")
    assert "not in quarantine any more" in ben.post(page, f"/ledger/{kept.id}/drop", {"reason": "again"}).text
    ben.post(done, f"/ledger/{kept.id}/replay")
    assert getattr(desk.store.mail(kept.id), "fate", None) == Fate.WAITING


# The command, killed where the model is in its place and nothing is said of it yet; or between its two renames.
DYING = """
import os, signal, sys
from pathlib import Path
from triaged.learning import in_force, stored
def die(*_given):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv.pop(1) == "audit":
    calls = []
    in_force.noticed = lambda *given: die() if calls else calls.append(1)
else:
    real = Path.replace
    def replace(self, to):
        return die() if Path(to).name == "current" else real(self, to)
    Path.replace = replace
from triaged.cli import main
main()
"""


def promoted_and_killed(desk: Desk, where: str) -> None:
    given = ["--config", str(desk.folder / "config.yaml"), "model", "promote", "m-second"]
    died = subprocess.run([sys.executable, "-c", DYING, where, *given], check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr


@pytest.mark.parametrize("who_looks", ["the page", "a daemon", "the next promotion"])
def test_a_promotion_killed_before_its_audit_is_in_the_audit_once_somebody_looks(
    desk: Desk, who_looks: str
) -> None:
    """With who, when and why, once however often it is looked at; and daemons that run are asked to load."""
    before = places.name_of(desk.folder / "models" / "current")
    promoted_and_killed(desk, "audit")
    assert places.name_of(desk.folder / "models" / "current") == "m-second" and desk.store.audits() == []
    if who_looks == "the page":
        for _ in range(2):
            desk.signed_in(LEE).get("/model")
    elif who_looks == "a daemon":
        for _ in range(2):
            daemon = Daemon(desk.config, config_path=desk.folder / "config.yaml", clock=desk.clock)
            daemon.start()
            daemon.stop("the test is over")
    else:
        lee = desk.signed_in(LEE)
        lee.post(lee.get("/model"), "/model/promote", {"model": before, "reason": "back again"})
        assert over(desk, "promote").state == "done", over(desk, "promote").result
    rows = list(reversed(desk.store.audits()))
    assert (rows[0]["what"], rows[0]["about"]) == ("model.promote", "m-second")
    assert (
        rows[0]["who"].startswith("cli:") and abs((rows[0]["at"] - datetime.now(UTC)).total_seconds()) < 600
    )
    assert [row["about"] for row in rows[1:]] == ([before] if who_looks == "the next promotion" else [])
    note = desk.store.note_of("reload.asked")
    assert note is not None and note.value["model"] == rows[-1]["about"]


def test_a_promotion_killed_between_its_two_renames_leaves_the_old_model_in_force(desk: Desk) -> None:
    before = places.name_of(desk.folder / "models" / "current")
    promoted_and_killed(desk, "rename")
    assert not (desk.folder / "models" / "current").exists()
    lee = desk.signed_in(LEE)
    eventually(lambda: f"Model {before} in force" in lee.get("/model").text, "it did not come back", 15)
    assert desk.store.audits() == [] and "m-second" in lee.get("/model").text


def test_a_model_put_into_its_folder_by_hand_is_in_the_audit_too(desk: Desk) -> None:
    lee = desk.signed_in(LEE)
    lee.post(lee.get("/model"), "/model/promote", {"model": "m-second", "reason": "the spring's"})
    assert over(desk, "promote").state == "done"
    card = desk.folder / "models" / "current" / "card.json"
    told = json.loads(card.read_text("utf-8"))
    del told["promoted"]
    card.write_text(json.dumps({**told, "id": "m-by-hand"}), "utf-8")
    lee.get("/model")
    found = desk.store.audits()[0]
    assert (found["what"], found["about"], found["who"]) == ("model.found", "m-by-hand", "")
