"""`triaged train` and `triaged model` as their users run them."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, Run
from tests.cli.terminal import at_terminal
from triaged import cli
from triaged.config import config as configs
from triaged.config import shipped
from triaged.learning import places
from triaged.readers.pool import InlineReaders
from triaged.store.open_store import open_store
from triaged.walk import knowledge, triage
from triaged.walk.house import House

BATCHES = ("crm-terse-us", "desk-angry-uk", "finance-polite-in", "mail-calm-admin", "people-hr-anxious")


@pytest.fixture
def models(desk: Path) -> Path:
    """Models of the desk's own: what ships in force, five batches of examples."""
    folder = desk / "models"
    (folder / "examples").mkdir(parents=True)
    for batch in BATCHES:
        shutil.copy(shipped.models() / "examples" / f"{batch}.jsonl", folder / "examples")
    shutil.copytree(shipped.models() / "current", folder / "current")
    with (desk / "config.yaml").open("a", encoding="utf-8") as config:
        config.write("models: models\n")
    return folder


def test_train_compare_and_promote_with_a_correction(run: Run, models: Path) -> None:
    ticket = json.loads(run("tickets", "list", "--json").out.splitlines()[0])
    assert run("tickets", "severity", ticket["reference"], "S2", "--reason", "a whole team").status == 0
    trained = run("train", "--json")
    card = json.loads(trained.out)
    assert trained.status == 0 and card["data"]["examples"] == 176 and card["data"]["corrections"] == 1
    compared = json.loads(run("model", "compare", "--json").out)
    assert compared["old"] == places.name_of(models / "current") and compared["new"] == card["id"]
    assert compared["parts"][0]["texts"] == 176
    assert card["id"] in run("model", "compare").out
    promoted = run("model", "promote", "--anyway", "a test of five batches")
    assert promoted.status == 0 and card["id"] in promoted.out
    assert json.loads(run("model", "show", "--json").out)["promoted"]["anyway"] == "a test of five batches"


def test_show_tells_the_card_and_how_the_model_does(run: Run, models: Path) -> None:
    told = run("model", "show")
    assert told.status == 0 and "Known weaknesses" in told.out and "macro-F1" in told.out
    shown = json.loads(run("model", "show", "--json").out)
    assert shown["id"] == places.name_of(models / "current") and shown["candidates"] == []


def test_a_table_becomes_a_model_where_out_says(run: Run, models: Path, tmp_path: Path) -> None:
    mails = [
        json.loads(line)
        for line in (models / "examples" / f"{BATCHES[0]}.jsonl").read_text("utf-8").splitlines()
    ]
    words = {"S1": "Critical", "S2": "High", "S3": "Medium", "S4": "Low"}
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("words", "grade"), *((m["text"], words[m["severity"]]) for m in mails)])
    out = tmp_path / "m"
    made = run(
        "train", "--csv", str(tmp_path / "old.csv"), "--text", "words", "--label", "grade", "--out", str(out)
    )
    assert made.status == 0 and str(out) in made.out
    assert set(places.card_of(out)["data"]["labels"]) == {"S1", "S2", "S3", "S4"}


def test_faults_are_one_line_each(run: Run, models: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("words,grade\nx,low\n", "utf-8")
    missing = run("train", "--csv", str(tmp_path / "old.csv"), "--text", "word", "--label", "grade")
    assert (missing.status, missing.out) == (1, "") and "did you mean 'words'" in missing.err
    none = run("model", "promote")
    assert none.status == 1 and "triaged train" in none.err


# -- on mail, at a terminal, and without a house --------------------------------------------------------


def test_show_tells_how_the_model_does_on_the_stores_mail(run: Run, desk: Path, models: Path) -> None:
    assert "## In use" not in run("model", "show").out
    known = knowledge.gather(configs.load(desk / "config.yaml"))
    store, now = open_store(known.config), datetime.now(UTC)
    store.replay([1, 2, 3], now)
    readers = InlineReaders(known.surroundings, places.current(models))
    triage.triage_batch(House(store, readers, known, store.secret()), now)
    store.close()
    assert run("tickets", "severity", "PS-1002", "S1", "--reason", "all stand still").status == 0
    watched = json.loads(run("model", "show", "--json").out)["watch"]
    assert watched["mails"] == 3 and 0 <= watched["abstains"] <= 1
    [week] = watched["weeks"]
    assert (week["looked_at"], week["agreed"]) == (1, 0) and watched["drift"]["texts"] == 3
    told = run("model", "show").out
    assert "\n## In use\n\n3 mails; abstained on " in told
    assert f"\n{week['week']}: people agree on 0 of 1\n" in told
    later = f"{now + timedelta(days=2):%Y-%m-%d}"
    assert json.loads(run("model", "show", "--since", later, "--json").out)["watch"]["mails"] == 0


def table(folder: Path) -> str:
    words = ("fire", "smoke", "flood"), ("tea", "cake", "sugar")
    rows = [
        (f"{one} and {two} number {n}", label)
        for label, of in zip(("loud", "calm"), words, strict=True)
        for one in of
        for two in of
        for n in range(3)
    ]
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "severity"), *rows])
    return str(folder / "table.csv")


def test_a_training_shows_how_far_it_is_at_a_terminal(desk: Path, models: Path) -> None:
    seen = at_terminal(desk, "train", "--csv", table(desk), "--out", "m")
    assert seen.status == 0 and "training" in seen.screen, seen.screen
    assert places.card_of(desk / "m")["data"]["labels"].keys() == {"loud", "calm"}


def test_candidates_that_wait_are_named(run: Run, desk: Path, models: Path) -> None:
    assert "Waiting:" not in run("model", "show").out
    assert run("train", "--csv", table(desk)).status == 0
    [made] = places.candidates(models)
    assert run("model", "show").out.endswith(f"\nWaiting: {places.name_of(made)}\n")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where there is no config."""
    if Path("/etc/triaged/config.yaml").exists():
        pytest.skip("this machine has a config of its own in /etc/triaged")
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    folder = tmp_path / "bare"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def without(capsys: pytest.CaptureFixture[str], *arguments: str) -> Outcome:
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    told = capsys.readouterr()
    return Outcome(int(end.value.code or 0), told.out, told.err)


def test_without_a_config_the_model_that_ships_is_shown(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = json.loads(without(capsys, "model", "show", "--json").out)
    assert shown["id"] == places.name_of(shipped.models() / "current")
    assert shown["watch"] is None and shown["at_own_prior"]["prior"]
    given = without(capsys, "--config", "nowhere.yaml", "model", "show")
    assert given.status == 1 and "no such config file" in given.err


def test_without_a_config_a_table_is_learned_from(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = without(capsys, "train", "--csv", table(bare), "--out", "m", "--json")
    told = json.loads(made.out)
    assert (made.status, told["folder"], told["corrections"]) == (
        0,
        "m",
        {"wanting": [], "contradictions": []},
    )
