"""`rules put`, `back`, `history`, `diff`, `draft`: what leads do at the console, by commands."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, Run
from triaged.config import config as configs
from triaged.config import shipped
from triaged.store.open_store import open_store
from triaged.store.rulebook_keeping import DraftFile

OURS = """\
rules:
  - {name: tills, why: shops, when: {subject: {contains: [tills]}}, then: {severity: {at_least: S2}}}
tests:
  - {name: tills stand, mail: {from: a@b.example, subject: the tills, body: down}, expect: {hits: [tills], severity: S2}}
"""


@pytest.fixture
def house(desk: Path) -> Path:
    rules = desk / "rules"
    rules.mkdir()
    for name in ("40-service-levels", "41-calendars", "50-letters.en"):
        shutil.copy(shipped.rules() / f"{name}.yaml", rules)
    (desk / "config.yaml").write_text(CONFIG + "rulebook: rules\n")
    return desk


def changed(house: Path, text: str = OURS) -> Path:
    folder = house / "changed"
    shutil.copytree(house / "rules", folder, dirs_exist_ok=True)
    (folder / "60-ours.yaml").write_text(text)
    return folder


def test_a_folder_is_compared_put_in_force_listed_and_taken_back(house: Path, run: Run) -> None:
    folder = changed(house)
    told = run("rules", "diff", str(folder))
    assert told.status == 0 and "added 60-ours.yaml" in told.out and "+rules:" in told.out
    put = run("rules", "put", str(folder), "--reason", "shops call")
    assert put.status == 0 and "1 of 1 tests passed" in put.out, put.err
    assert (house / "rules" / "60-ours.yaml").read_text() == OURS
    rows = [json.loads(line) for line in run("rules", "history", "--json").out.splitlines()]
    assert [(row["reason"], row["who"][:4]) for row in rows] == [
        ("shops call", "cli:"),
        ("found in force when this history began", ""),
    ]
    assert "added 60-ours.yaml" in run("rules", "history", str(rows[0]["id"])).out
    back = run("rules", "back", str(rows[1]["id"]), "--reason", "too many")
    assert back.status == 0 and not (house / "rules" / "60-ours.yaml").exists()
    assert "nothing differs" in run("rules", "put", str(house / "rules"), "--reason", "x").err


def test_a_folder_whose_tests_fail_is_put_only_if_that_is_said(house: Path, run: Run) -> None:
    folder = changed(house, OURS.replace("severity: S2}", "severity: S1}"))
    refused = run("rules", "put", str(folder), "--reason", "shops")
    assert refused.status == 1 and "its own tests fail" in refused.err
    assert not (house / "rules" / "60-ours.yaml").exists()
    done = run("rules", "put", str(folder), "--reason", "shops", "--anyway")
    assert done.status == 0 and "0 of 1 tests passed" in done.out


def test_a_draft_of_the_console_can_be_seen_and_written_out(house: Path, run: Run) -> None:
    store = open_store(configs.load(house / "config.yaml"))
    store.save_draft_file(
        DraftFile("lee@zohocorp.com", "60-ours.yaml", OURS, None, datetime(2026, 11, 23, tzinfo=UTC))
    )
    store.close()
    assert "60-ours.yaml" in run("rules", "draft").out
    assert "+rules:" in run("rules", "draft", "lee@zohocorp.com").out
    out = house / "out"
    assert run("rules", "draft", "lee@zohocorp.com", "--out", str(out)).status == 0
    assert (out / "60-ours.yaml").read_text() == OURS and (out / "50-letters.en.yaml").exists()
    assert "is not empty" in run("rules", "draft", "lee@zohocorp.com", "--out", str(out)).err
    assert run("rules", "draft", "nobody@zohocorp.com").status == 1
