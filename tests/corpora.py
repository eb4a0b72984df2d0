"""Where the shared corpora lie; tests that need one skip with a visible reason where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPORA = Path(os.environ.get("TRIAGED_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))


def corpus(name: str) -> Path:
    """The folder of a corpus; skips the calling test where it is absent."""
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip(f"corpus {name} is not at {CORPORA} (set TRIAGED_CORPORA)")
    return folder


def mail_files() -> list[Path]:
    """Every file of every mail folder (not the reply bodies, not the tables), in order."""
    tables = {"labelled-tickets", "reply-crisp", "reply-mailparserreply", "reply-github", "reply-zapier"}
    return sorted(
        path
        for folder in (CORPORA.iterdir() if CORPORA.is_dir() else ())
        if folder.is_dir() and folder.name not in tables | {"reply-willdurand"}
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".json", ".gz", ".xml", ".md"}
    )
