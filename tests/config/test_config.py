"""config.yaml: what loads, and the one exact line of every broken one in `broken/`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from triaged.config import config, servers
from triaged.errors import Faulty

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BROKEN = sorted((HERE / "broken").glob("*.yaml"))


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_config_gives_its_one_line(file: Path) -> None:
    parsed, complaints = config.parse(file.read_text(), file.name)
    assert parsed is None
    assert [str(c) for c in complaints] == file.with_suffix(".txt").read_text().splitlines()


def test_there_are_broken_configs_to_test() -> None:
    assert len(BROKEN) >= 15


@pytest.mark.parametrize("file", BROKEN[:3], ids=lambda file: file.stem)
def test_check_says_the_line_on_standard_error_and_exits_with_1(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "triaged", "--config", str(file), "check"],
        capture_output=True,
        text=True,
        env={**os.environ, "TRIAGED_CONFIG": ""},
    )
    assert done.returncode == 1
    expected = file.with_suffix(".txt").read_text().strip()
    assert done.stderr.strip() == f"{file.parent}/{expected}"


def test_the_example_is_a_valid_config() -> None:
    parsed, complaints = config.parse((ROOT / "config.example.yaml").read_text(), "config.example.yaml")
    assert complaints == [] and parsed is not None
    assert parsed.mailbox("europe").address == "partner-support@eu.zohocorp.com"


def test_the_example_shows_every_key() -> None:
    import yaml

    shown = yaml.safe_load((ROOT / "config.example.yaml").read_text())
    assert set(config.Config.model_fields) == set(shown)
    for name, section in _sections(config.Config):
        given = shown[name][0] if name == "mailboxes" else shown[name]
        secrets = set(servers.CREDENTIALS)
        assert set(section.model_fields) - secrets <= set(given), name


def _sections(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, cls in {
        "directory": config.DirectoryFiles,
        "staff": config.Staff,
        "mailboxes": config.Mailbox,
        "listener": config.Listener,
        "http": config.Http,
        "web": config.Web,
        "limits": config.LimitsSection,
        "log": config.Log,
    }.items():
        assert name in model.model_fields
        yield name, cls


def test_relative_paths_are_taken_from_the_configs_folder(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "directory: {accounts: a.csv, partners: /etc/p.csv}\n"
        "mailboxes: [{name: global, address: help@zohocorp.example}]\n"
    )
    loaded = config.load(tmp_path / "config.yaml")
    assert loaded.directory.accounts == tmp_path / "a.csv"
    assert loaded.directory.partners == Path("/etc/p.csv")
    assert loaded.database == f"sqlite:///{tmp_path}/triaged.db"


def test_a_config_that_is_nowhere_is_told_with_the_remedy(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    if Path("/etc/triaged/config.yaml").exists():
        pytest.skip("this machine has a config of its own in /etc/triaged")
    with pytest.raises(Faulty, match="no config: give --config FILE"):
        config.find(None)
    with pytest.raises(Faulty, match="no such config file"):
        config.find("nowhere.yaml")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://support.partners.example/", "https://support.partners.example"), ("https://support.partners.example:443", "https://support.partners.example"),
        ("https://support.partners.example:8443/", "https://support.partners.example:8443"), ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://HILFE.partners.example", "https://hilfe.partners.example"), ("https://süd.partners.example", "https://xn--sd-xka.partners.example"),
        ("https://[2001:db8::1]:443/", "https://[2001:db8::1]"),
    ],
)  # fmt: skip
def test_a_public_address_is_kept_as_browsers_name_it(given: str, shown: str) -> None:
    from triaged.config.web import Web

    assert Web.model_validate({"public_url": given}).public_url == shown


@pytest.mark.parametrize(
    "given",
    ["https://a..b.example", "https://" + "ü" * 70 + ".example", "https://u:p@a.example", "https://a.example/path", "http://a.example", "https://a.example:99999"],
)  # fmt: skip
def test_a_public_address_that_no_browser_could_ask_for_is_refused(given: str) -> None:
    from triaged.config.web import Web

    with pytest.raises(ValueError):
        Web.model_validate({"public_url": given})
