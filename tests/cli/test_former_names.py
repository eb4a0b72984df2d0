"""A config under former names: `check` warns, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.spec.test_former import renamed
from triaged.config import config as configs


def test_check_warns_of_a_config_under_former_names_and_goes_on(
    run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = desk / "config.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("trusted_authserv_ids:", "authserv_ids:"), "utf-8")
    assert "unknown key 'authserv_ids'" in run("check").err
    renamed(monkeypatch, ("authserv_ids", "trusted_authserv_ids"))
    told = run("check")
    assert told.status == 0, told.err
    assert told.err.count("'authserv_ids' is called 'trusted_authserv_ids' since version 0.2.0") == 1
    assert f"{config}:" in told.err
    known = configs.load(config)
    assert known.trusted_authserv_ids and len(known.former) == 1, "relative paths take nothing of it away"
