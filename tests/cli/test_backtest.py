"""`triaged rules backtest`: what a changed rulebook would have decided on the desk's mail, as it is typed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.config import shipped

RULE = "rules:\n  - {name: all-s1, why: test, when: {subject: {matches: '.'}}, then: {severity: {at_least: S1}}}\n"


@pytest.fixture
def changed(desk: Path) -> str:
    """The rulebook in force, and one rule more."""
    shutil.copytree(shipped.rules(), desk / "changed")
    (desk / "changed" / "99-ours.yaml").write_text(RULE, "utf-8")
    return "changed"


def test_each_mail_that_would_be_decided_otherwise_is_told(run: Run, desk: Path, changed: str) -> None:
    kept = (desk / "triaged.db").read_bytes()
    told = run("rules", "backtest", "--against", changed, "--limit", "1")
    lines = told.out.splitlines()
    assert (told.status, told.err, lines[0]) == (
        0,
        "",
        "3 mails judged by both rulebooks; 2 of them differently",
    )
    assert [line[:24] for line in lines if line.startswith("PS-")] == ["PS-1002  severity S3 -> "]
    assert lines[-2].endswith("(now hit by all-s1)  'Nothing given'") and lines[-1] == "and 1 more"
    told = run("rules", "backtest", "--against", changed, "--json")
    found = [json.loads(line) for line in told.out.splitlines()]
    assert [(one["mail"], one["why"], one["severity"]) for one in found] == [
        ("PS-1002", "now hit by all-s1", {"before": "S3", "after": "S1"}),
        ("PS-1003", "now hit by all-s1", {"before": "S4", "after": "S1"}),
    ]
    assert (desk / "triaged.db").read_bytes() == kept


def test_mail_from_before_is_left_out(run: Run, changed: str) -> None:
    later = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    told = run("rules", "backtest", "--against", changed, "--since", later)
    assert (told.status, told.out) == (0, "0 mails judged by both rulebooks; 0 of them differently\n")
    assert run("rules", "backtest", "--against", changed, "--since", "yesterday").status == 2
    assert run("rules", "backtest", "--against", "nowhere").status == 2


def test_the_schema_is_had_where_the_rulebook_has_faults(run: Run, desk: Path) -> None:
    whole = json.loads(run("rules", "schema").out)
    (desk / "rules").mkdir()
    (desk / "rules" / "10.yaml").write_text("rules: nonsense\n", "utf-8")
    (desk / "config.yaml").open("a", encoding="utf-8").write("rulebook: rules\n")
    assert run("rules", "test").status == 1
    told = run("rules", "schema")
    assert told.status == 0 and json.loads(told.out)["properties"].keys() == whole["properties"].keys()


OURS = """\
rules:
  - {name: tills, why: shops, when: {subject: {contains: [tills]}}, then: {severity: {at_least: S2}}}
tests:
  - {name: shops, mail: {from: a@b.example, subject: the tills, body: down}, expect: {severity: S2}}
"""


@pytest.mark.parametrize("expected", ["S2", "S1"])
def test_the_rulebooks_own_tests_are_told_as_json(run: Run, desk: Path, expected: str) -> None:
    shutil.copytree(shipped.rules(), desk / "ours")
    text = OURS.replace("expect: {severity: S2}", f"expect: {{severity: {expected}}}")
    (desk / "ours" / "99-ours.yaml").write_text(text, "utf-8")
    told = run("rules", "test", "--dir", "ours", "--json")
    rows = [json.loads(line) for line in told.out.splitlines()]
    [ours] = [one for one in rows if one["test"] == "shops"]
    passed = expected == "S2"
    assert (told.status, ours["passed"], ours["surprises"] == []) == (0 if passed else 1, passed, passed)
    assert "tills" in ours["hits"] and all(one["passed"] for one in rows if one is not ours)


def test_letters_that_cannot_be_written_are_one_line(run: Run) -> None:
    told = run("rules", "letters", "0.eml/letters")
    assert (told.status, told.out) == (1, "")
    assert told.err == "0.eml/letters: cannot be written: Not a directory\n"
