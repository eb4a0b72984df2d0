"""A change of a folder that is a checkout is a commit by whom it was, and nothing else of the checkout is touched."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from triaged.edge import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def told(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    told(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "a.yaml").write_text("one\n")
    return tmp_path


def test_a_change_is_a_commit_by_whom_and_why_of_the_named_files_alone(checkout: Path) -> None:
    (checkout / "b.yaml").write_text("not asked for\n")
    told(checkout, "add", "b.yaml")
    commit, why_not = git.commit(checkout, ["a.yaml"], "lee@desk.example", "shops call")
    assert why_not == "" and told(checkout, "rev-parse", "--short=12", "HEAD") == commit
    assert told(checkout, "log", "-1", "--format=%an|%ae|%cn|%s") == "lee|lee@desk.example|triaged|shops call"
    assert told(checkout, "show", "--name-only", "--format=", "HEAD") == "a.yaml"
    assert told(checkout, "status", "--porcelain") == "A  b.yaml"


def test_who_is_no_address_gets_one_of_this_machine(checkout: Path) -> None:
    git.commit(checkout, ["a.yaml"], "cli:<root>\n", "x")
    assert told(checkout, "log", "-1", "--format=%an|%ae") == "cli: root|cli: root@localhost"


def test_where_nothing_changed_there_is_no_commit_and_no_fault(checkout: Path) -> None:
    first, _ = git.commit(checkout, ["a.yaml"], "lee@desk.example", "one")
    assert git.commit(checkout, ["a.yaml"], "lee@desk.example", "again") == ("", "")
    assert told(checkout, "rev-parse", "--short=12", "HEAD") == first


@pytest.mark.parametrize(
    ("lock", "said"), [("index.lock", "index.lock"), ("refs/heads/main.lock", "refs/heads/main.lock")]
)
def test_a_checkout_that_somebody_holds_is_told_in_gits_words(checkout: Path, lock: str, said: str) -> None:
    (checkout / ".git" / lock).touch()
    commit, why_not = git.commit(checkout, ["a.yaml"], "lee@desk.example", "one")
    assert commit == "" and said in why_not and "\n" not in why_not


def test_a_folder_that_is_none_or_that_the_checkout_ignores_is_left_alone(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain = tmp_path_factory.mktemp("plain")
    (plain / "a.yaml").write_text("one\n")
    assert git.commit(plain, ["a.yaml"], "lee@desk.example", "one") == ("", "")
    (checkout / ".gitignore").write_text("local/\n")
    (checkout / "local").mkdir()
    (checkout / "local" / "a.yaml").write_text("one\n")
    assert git.commit(checkout / "local", ["a.yaml"], "lee@desk.example", "one") == ("", "")


def test_a_git_that_does_not_answer_holds_nobody_up(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_SECONDS", 0.0)
    assert git.commit(checkout, ["a.yaml"], "lee@desk.example", "one") == ("", "")
    assert git._is_checkout(checkout) is False


def test_a_git_that_goes_away_amid_a_commit_is_told(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("bin")
    real = shutil.which("git")
    (folder / "git").write_text(f'#!/bin/sh\ncase "$3" in add) exec sleep 60;; esac\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(git, "_SECONDS", 1.0)
    commit, why_not = git.commit(checkout, ["a.yaml"], "lee@desk.example", "one")
    assert commit == "" and why_not.startswith("git did not answer: ") and len(why_not) <= 300
