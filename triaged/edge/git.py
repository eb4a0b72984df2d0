"""A folder that is a git checkout: what was put there is committed, by whom and why. Never asks anybody anything.

Whoever may write into the folder may write its `.git`, too: nothing that stands there is run as our user, neither hooks nor
file monitors, filters, signers or remote helpers. Git reads its settings from the command's environment last.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

_SECONDS = 30.0
_QUIET = {
    "commit.gpgSign": "false",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "status.submoduleSummary": "false",
}
_OURS = ("HOME", "LANG", "PATH", "TMPDIR", "USER", "XDG_CONFIG_HOME")  # no other variable reaches git
_OF_FILTERS = {"clean": "", "smudge": "", "process": "", "required": "false"}
_NO_NAME = re.compile(r"[<>\x00-\x1f\x7f]+")


def commit(folder: Path, names: Sequence[str], who: str, why: str) -> tuple[str, str]:
    """Commit these files of the folder, and nothing else that lies or is staged there: the commit, and why there is none.

    Both are empty where the folder is no checkout, or git is not here.
    """
    if shutil.which("git") is None or not _is_checkout(folder):
        return "", ""
    paths = [f"./{name}" for name in names]
    who = _NO_NAME.sub(" ", who).strip() or "somebody"
    author = f"{who.partition('@')[0] or who} <{who if '@' in who else f'{who}@localhost'}>"
    message = why.replace("\0", " ").encode("utf-8", "replace").decode()
    try:
        quiet = _without_filters(folder)
        added = _git(folder, "add", "--all", "--", *paths, settings=quiet)
        if added.returncode:
            return "", _told(added)
        standing = ("status", "--porcelain", "--ignore-submodules=all", "--", *paths)
        if not _git(folder, *standing, settings=quiet).stdout.strip():
            return "", ""
        said = (f"--author={author}", f"--message={message}", "--cleanup=whitespace")
        done = _git(folder, "commit", "--quiet", "--no-verify", *said, "--only", "--", *paths, settings=quiet)
        if done.returncode:
            return "", _told(done)
        return _git(folder, "rev-parse", "--short=12", "HEAD").stdout.strip(), ""
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"git did not answer: {error}"[:300]


def _is_checkout(folder: Path) -> bool:
    try:
        found = _git(folder, "rev-parse", "--is-inside-work-tree")
        ignored = _git(folder, "check-ignore", "--quiet", ".")
    except (OSError, subprocess.TimeoutExpired):
        return False
    unsafe = "dubious ownership" in found.stderr
    return unsafe or (found.stdout.strip() == "true" and ignored.returncode != 0)


def _without_filters(folder: Path) -> dict[str, str]:
    """Settings by which no program comes between a file and its commit that the checkout names."""
    found = _git(
        folder, "config", "--local", "--includes", "--null", "--name-only", "--get-regexp", r"^filter\."
    )
    keys = (key.rpartition(".") for key in found.stdout.split("\0"))
    names = {name for name, _, what in keys if name.startswith("filter.") and what in _OF_FILTERS}
    return _QUIET | {f"{name}.{what}": value for name in sorted(names) for what, value in _OF_FILTERS.items()}


def _git(
    folder: Path, *words: str, settings: Mapping[str, str] = MappingProxyType(_QUIET)
) -> subprocess.CompletedProcess[str]:
    given = {"GIT_CONFIG_COUNT": str(len(settings))}
    for at, (name, value) in enumerate(settings.items()):
        given |= {f"GIT_CONFIG_KEY_{at}": name, f"GIT_CONFIG_VALUE_{at}": value}
    return subprocess.run(
        ["git", "-C", str(folder), *words],
        env={
            **{name: os.environ[name] for name in _OURS if name in os.environ},
            **given,
            "GIT_COMMITTER_NAME": "triaged",
            "GIT_COMMITTER_EMAIL": "triaged@localhost",
            "LC_ALL": "C",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_EDITOR": "false",
            "GIT_ALLOW_PROTOCOL": "none",  # a partial clone would fetch what it lacks
            "GIT_NO_LAZY_FETCH": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )  # fmt: skip


def _told(failed: subprocess.CompletedProcess[str]) -> str:
    """Git's first line that says something."""
    lines = [line.strip() for line in (failed.stderr or failed.stdout).splitlines() if line.strip()]
    return (lines[0] if lines else f"git ended with {failed.returncode}")[:300]
