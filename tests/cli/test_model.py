"""`triaged train` and `triaged model` as their users run them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.config import shipped
from triaged.learning import places

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
