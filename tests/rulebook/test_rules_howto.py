"""docs/how-to/rules.md stays true: its files are written, its commands run, its outputs compared."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from triaged.config import shipped
from triaged.rulebook import loading
from triaged.rulebook.fields import FIELDS
from triaged.walk import rulebook_folder, trial_reports, trials

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "rules.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONFIG = """\
rulebook: rules/
directory: {accounts: accounts.csv, partners: partners.csv}
mailboxes: [{name: global, address: partner-support@zohocorp.com}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as support ops have it: config.yaml, the rulebook that ships, and the page's own file."""
    shutil.copytree(shipped.rules(), tmp_path / "rules")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
        named = re.match(r"# (rules/[\w.-]+\.yaml)\n", text)
        if kind == "yaml" and named:
            (tmp_path / named[1]).write_text(text, "utf-8")
    return tmp_path


def steps() -> list[tuple[str, str]]:
    """Every command of the page with the output it shows, in order."""
    consoles = [text for kind, text in BLOCK.findall(PAGE.read_text("utf-8")) if kind == "console"]
    cut = [re.split(r"^\$ ", text, flags=re.MULTILINE)[1:] for text in consoles]
    return [tuple(step.split("\n", 1)) for text in cut for step in text]  # type: ignore[misc]


def test_the_pages_rule_and_tests_pass_beside_the_shipped_ones(folder: Path) -> None:
    made = rulebook_folder.load_folder(folder / "rules")
    run = list(trials.run(made))
    told = list(trial_reports.lines(run, trials.coverage(made, run), len(made.rules)))
    first = next(shown for command, shown in steps() if command == "triaged rules test")
    assert "\n".join(told) + "\n" == first


def test_the_commands_of_the_page_show_what_it_says(folder: Path) -> None:
    pytest.importorskip("triaged.cli.rules", reason="the command line has no `rules` yet")
    for command, shown in steps():
        program = (
            [sys.executable, "-m", *command.split()]
            if command.startswith("triaged")
            else ["sh", "-c", command]
        )
        ended = subprocess.run(program, cwd=folder, capture_output=True, text=True, timeout=60)
        assert ended.stdout + ended.stderr == shown, command


def test_every_fact_and_key_the_page_names_exists() -> None:
    text = PAGE.read_text("utf-8")
    for name in re.findall(r"`((?:account|sender|partner|classifier|ticket)\.[a-z_]+)[:`]", text):
        assert name in FIELDS


def test_the_rule_the_page_explains_loads() -> None:
    first = BLOCK.search(PAGE.read_text("utf-8"))
    assert first is not None
    made, complaints = loading.load({"rules/a.yaml": first[2]}, loading.Rooms())
    assert made is not None, complaints
