"""Who sits at a terminal is asked, and nothing happens until he has said so; elsewhere a command asks nobody."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.terminal import at_terminal
from tests.e2e.town import ANNA
from triaged.config import shipped
from triaged.store import Store


def answers(desk: Path) -> int:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    found = [one for one in store.letters(limit=500) if one.kind == "answer"]
    store.close()
    return len(found)


def mails_of_anna(run: Run) -> int:
    return len(json.loads(run("privacy", "show", ANNA, "--json").out)["mails"])


@pytest.mark.parametrize(("said", "status", "sent"), [("y\n", 0, 1), ("n\n", 130, 0)])
def test_an_answer_with_a_leftover_is_asked_about(desk: Path, said: str, status: int, sent: int) -> None:
    (desk / "answer.txt").write_text("Hello {{name}}")
    asked = "Send it all the same?"
    seen = at_terminal(
        desk, "tickets", "answer", "PS-1001", "--text-file", "answer.txt", types=((asked, said),)
    )
    assert (seen.status, answers(desk)) == (status, sent), seen.screen
    assert "{{name}}" in seen.screen


@pytest.mark.parametrize(
    ("editor", "status", "sent", "said"),
    [
        ("printf 'We look into it.\\n' >", 0, 1, " is in the outbox"),
        ("printf ' \\n' >", 2, 0, "nothing is written; nothing was sent"),
        ("true", 2, 0, "nothing is written; nothing was sent"),
    ],
)
def test_an_answer_without_a_text_is_typed_in_an_editor(
    desk: Path, editor: str, status: int, sent: int, said: str
) -> None:
    script = desk / "editor"
    script.write_text(f'#!/bin/sh\n{editor} "$1"\n')
    script.chmod(0o755)
    seen = at_terminal(desk, "tickets", "answer", "PS-1001", VISUAL=str(script))
    assert (seen.status, answers(desk)) == (status, sent), seen.screen
    assert said in seen.screen


@pytest.mark.parametrize(("said", "status", "left"), [("y\n", 0, 0), ("n\n", 130, 2)])
def test_an_erasure_is_asked_about(run: Run, desk: Path, said: str, status: int, left: int) -> None:
    asked = f"Erase {ANNA} for good?"
    seen = at_terminal(desk, "privacy", "erase", ANNA, types=((asked, said),))
    assert (seen.status, mails_of_anna(run)) == (status, left), seen.screen
    assert ("erased: " in seen.screen) is (left == 0)


def test_a_split_asks_for_the_account_of_the_other_matter(run: Run, desk: Path) -> None:
    asked = "account of the other matter (empty: ask the partner)"
    seen = at_terminal(desk, "tickets", "split", "PS-1001", "Books", types=((asked, "birch\n"),))
    assert seen.status == 0, seen.screen
    assert seen.screen.splitlines()[-1].startswith("PS-1004 opened: Books (Birch Bakery)")
    assert json.loads(run("tickets", "show", "PS-1004", "--json").out)["account_key"] == "birch"


def test_a_backtest_shows_how_far_it_is_at_a_terminal_only(run: Run, desk: Path) -> None:
    shutil.copytree(shipped.rules(), desk / "changed")
    seen = at_terminal(desk, "rules", "backtest", "--against", "changed")
    assert seen.status == 0 and "judging stored mail" in seen.screen, seen.screen
    assert "judging" not in run("rules", "backtest", "--against", "changed").err
