"""A plugin of pytest: of what was collected only the tests that a file names (MUTANTS_ONLY is its path), file by file in its order.

Within a file they keep their own order: some share a world and count on what those before have done.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ids in a file and not on the command line: some hold what a line cannot, and one that is gone must not end all."""
    wanted = dict.fromkeys(Path(os.environ["MUTANTS_ONLY"]).read_text("utf-8").split("\n"))
    files = list(dict.fromkeys(name.partition("::")[0] for name in wanted))
    place = {name: files.index(name.partition("::")[0]) for name in wanted}
    left = [item for item in items if item.nodeid not in place]
    items[:] = sorted((item for item in items if item.nodeid in place), key=lambda one: place[one.nodeid])
    config.hook.pytest_deselected(items=left)
