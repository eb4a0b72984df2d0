"""Commands about the rulebook, line by line: what is put in force, taken back, listed, drafted, tried and written out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_rules_in_force import OURS, changed
from tests.cli.test_rules_in_force import house as house
from triaged.cli import context
from triaged.config import config as configs
from triaged.rulebook.loading import version_of
from triaged.store.open_store import open_store
from triaged.store.rulebook_keeping import DraftFile

LEE = "lee@zohocorp.com"
ADDED = ["added 60-ours.yaml", "@@ -0,0 +1,4 @@", *(f"+{line}" for line in OURS.splitlines())]


@pytest.fixture(autouse=True)
def ops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "actor", lambda: "cli:ops")


def version(folder: Path) -> str:
    return version_of({path.name: path.read_text("utf-8") for path in folder.glob("*.yaml")})


def test_what_is_put_in_force_and_taken_back_stands_in_the_history(
    house: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    monkeypatch.setattr(context, "now", lambda: now)
    folder, old = changed(house), version(house / "rules")
    new = version(folder)
    done = run("rules", "put", "changed", "--reason", "shops")
    assert (done.status, done.out, done.err) == (
        *(0, f"rulebook {new} in force as version 2: 1 of 1 tests passed\n"),
        "",
    )
    at = f"{now:%Y-%m-%d %H:%M}"
    rows = [
        f"2\t{at}\tcli:ops\t{new}\tshops\t1 of 1 tests passed",
        f"1\t{at}\tby hand\t{old}\tfound in force when this history began\t",
    ]
    assert run("rules", "history").out.splitlines() == rows
    assert run("rules", "history", "--limit", "1").out.splitlines() == rows[:1]
    first, second = map(json.loads, run("rules", "history", "--json").out.splitlines())
    iso = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    assert first == {
        "id": 2, "at": iso, "who": "cli:ops", "version": new, "reason": "shops", "remark": "1 of 1 tests passed",
    }  # fmt: skip
    assert (second["id"], second["who"], second["version"], second["remark"]) == (1, "", old, "")
    assert run("rules", "history", "2").out.splitlines() == ADDED
    assert json.loads(run("rules", "history", "2", "--json").out) == {
        "name": "60-ours.yaml", "what": "added", "lines": ADDED[1:], "cut": False,
    }  # fmt: skip
    back = run("rules", "back", "1", "--reason", "more")
    assert (back.status, back.out) == (0, f"rulebook {old} in force as version 3: 0 of 0 tests passed\n")


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("back 9 --reason x", 1, "9: no such version; `triaged rules history` lists them"),
        ("history 9", 1, "9: no such version; `triaged rules history` lists them"),
        ("put rules --reason x", 1, "nothing differs from what is in force"),
        ("put changed --reason |", 1, "the reason is missing: it stands in the history"),
        ("draft no@zohocorp.com", 1, "no@zohocorp.com: has no draft; `triaged rules draft` lists them"),
        ("test --dir nowhere", 1, "nowhere: "),
        ("letters config.yaml", 2, "Directory 'config.yaml' is a file."),
        ("letters config.yaml/x", 1, "config.yaml/x: cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_changes(
    house: Path, run: Run, command: str, status: int, said: str
) -> None:
    changed(house)
    before = version(house / "rules")
    done = run("rules", *(word.replace("|", " ") for word in command.split()))
    assert (done.status, done.out) == (status, "") and said in done.err.splitlines()[-1]
    assert version(house / "rules") == before


def test_drafts_are_listed_shown_and_written_out(house: Path, run: Run) -> None:
    assert run("rules", "draft").out == run("rules", "draft", "--json").out == ""
    store = open_store(configs.load(house / "config.yaml"))
    store.save_draft_file(DraftFile(LEE, "60-ours.yaml", OURS, None, datetime(2026, 11, 23, 9, tzinfo=UTC)))
    store.close()
    assert run("rules", "draft").out == f"2026-11-23 09:00\t{LEE}\t60-ours.yaml\n"
    assert json.loads(run("rules", "draft", "--json").out) == {
        "saved_at": "2026-11-23T09:00:00Z", "address": LEE, "file": "60-ours.yaml",
    }  # fmt: skip
    assert run("rules", "draft", LEE).out.splitlines() == ADDED
    assert json.loads(run("rules", "draft", LEE, "--json").out)["lines"] == ADDED[1:]
    assert run("rules", "draft", LEE, "--out", "new").out == "4 files in new\n"
    assert sorted(path.name for path in (house / "new").iterdir()) == [
        "40-service-levels.yaml", "41-calendars.yaml", "50-letters.en.yaml", "60-ours.yaml",
    ]  # fmt: skip


def test_a_rulebooks_own_tests_are_told_and_written_for_build_servers(house: Path, run: Run) -> None:
    changed(house, OURS.replace("severity: S2}", "severity: S1}"))
    failed = run("rules", "test", "--dir", "changed", "--junit", "told.xml")
    lines = failed.out.splitlines()
    assert failed.status == 1 and lines[0].startswith("FAILED tills stand (changed/60-ours.yaml:4)")
    assert lines[-1] == "0 of 1 tests passed; 1 of 1 rules hit by a test"
    assert 'failures="1"' in (house / "told.xml").read_text("utf-8")
    as_json = run("rules", "test", "--dir", "changed", "--json")
    told = json.loads(as_json.out)
    assert (as_json.status, told["test"], told["passed"], told["hits"]) == (
        1,
        "tills stand",
        False,
        ["tills"],
    )
    assert told["surprises"] == [lines[1].strip()]
    own = run("rules", "test")
    assert (own.status, own.out) == (0, "0 of 0 tests passed; 0 of 0 rules hit by a test\n")


def test_letters_are_written_where_they_are_to_be_read(house: Path, run: Run) -> None:
    done = run("rules", "letters", "kept/out", "--dir", "rules")
    assert (done.status, done.out) == (0, "2 files in kept/out: en.md, staff.md\n")
    assert sorted(path.name for path in (house / "kept" / "out").iterdir()) == ["en.md", "staff.md"]


def test_how_rules_do_is_told_also_of_those_that_are_gone(house: Path, run: Run) -> None:
    assert run("rules", "stats").out.splitlines() == [
        "rule                    hits   share  overruled  as classifier",
        "large-account (gone)       1     33%          0              0",
    ]
    assert json.loads(run("rules", "stats", "--json").out) == {
        "name": "large-account", "hits": 1, "overruled": 0, "agreeing": 0, "known": False, "dead": False, "idle": False,
    }  # fmt: skip
    assert run("rules", "stats", "--since", "2126-01-01").out.count("\n") == 1
