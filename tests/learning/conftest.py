"""A small house of models: three batches of the shipped examples, and a model of them in force."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from triaged.config import shipped
from triaged.learning import candidates, examples
from triaged.learning.examples import Example

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BATCHES = ("crm-terse-us", "desk-angry-uk", "finance-polite-in", "mail-calm-admin", "people-hr-anxious")


@pytest.fixture(scope="session")
def some() -> list[Example]:
    """The examples of five writers."""
    return [e for e in examples.shipped(shipped.models()) if e.group in BATCHES]


@pytest.fixture(scope="session")
def _house(tmp_path_factory: pytest.TempPathFactory, some: list[Example]) -> Path:
    models = tmp_path_factory.mktemp("house") / "models"
    (models / "examples").mkdir(parents=True)
    for batch in BATCHES:
        shutil.copy(shipped.models() / "examples" / f"{batch}.jsonl", models / "examples")
    made = candidates.make(some, models, NOW, source="five writers")
    candidates.promote(models, made.folder, [], NOW, "test")
    return models


@pytest.fixture
def models(_house: Path, tmp_path: Path) -> Path:
    """A folder of models with one in force, the test's own."""
    return Path(shutil.copytree(_house, tmp_path / "models"))
