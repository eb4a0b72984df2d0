"""A plugin of pytest, for `make mutants-map`: lines are told by test, and how long each test took is written down."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import coverage
import pytest

from tests.mutants.measured import ALL, PLACE

_ENDS = Path(PLACE).absolute() / f"durations.{os.getpid()}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, None, None]:
    """Lines that are run from here on are this test's."""
    if (measured := coverage.Coverage.current()) is not None:
        measured.switch_context(item.nodeid)
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, None, None]:
    """What tests share is everybody's in their file: a server lives on under the name it was started with."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    if fixturedef.scope == "function" or (measured := coverage.Coverage.current()) is None or not test:
        yield
        return
    shared = test.partition("::")[0] + ALL
    os.environ["PYTEST_CURRENT_TEST"] = shared
    measured.switch_context(shared)
    yield
    os.environ["PYTEST_CURRENT_TEST"] = test
    measured.switch_context(test.rpartition(" (")[0])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Each worker writes its own."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        with _ENDS.open("a") as file:
            file.write(json.dumps([report.nodeid, report.duration]) + "\n")
