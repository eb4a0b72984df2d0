"""A plugin of pytest, for `make mutants-map`: lines are told by test, and how long each test took is written down."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

from tests.mutants.measured import PLACE

_ENDS = Path(PLACE).absolute() / f"durations.{os.getpid()}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, None, None]:
    """Lines that are run from here on are this test's."""
    if (measured := coverage.Coverage.current()) is not None:
        measured.switch_context(item.nodeid)
    yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Each worker writes its own."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        with _ENDS.open("a") as file:
            file.write(json.dumps([report.nodeid, report.duration]) + "\n")
