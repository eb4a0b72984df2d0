"""What is installed is what is meant: two locks that agree, a wheel with all that ships, scripts that dpkg can run.

The package itself is built and lived with by `make rehearse` (tests/rehearsal.py).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = [
    *(
        ROOT / "packaging" / "deb" / name
        for name in ("preinst", "postinst", "prerm", "postrm", "triaged-rollback")
    ),
    ROOT / "packaging" / "slim",
]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
TEST_TOOLS = {
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "mypy",
    "ruff",
    "playwright",
    "axe-playwright-python",
    "workclock",
    "jsonschema",
}


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / name).read_text("utf-8")))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_hashes_and_no_address_stands_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    entries = re.split(r"(?m)^(?=[a-z0-9])", text)[1:]
    assert len(entries) > 50
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text and "index-url" not in text


def test_production_needs_no_test_tool_and_the_locks_agree() -> None:
    production, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert TEST_TOOLS & production.keys() == set()
    assert development.keys() >= TEST_TOOLS
    assert {name: development.get(name) for name in production} == production


def test_what_pyproject_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [
        *project["dependencies"],
        *(one for name in ("postgres", "alerts", "oidc", "build") for one in extras[name]),
    ]
    names = {re.match(r"[A-Za-z0-9._-]+", one)[0].lower().replace(".", "-") for one in wanted}  # type: ignore[index]
    assert names <= {name.replace(".", "-") for name in pins("requirements.lock")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [made] = folder.glob("*.whl")
    return set(zipfile.ZipFile(made).namelist())


@pytest.mark.parametrize("folder", ["systemd", "rules", "models/current", "models/examples"])
def test_the_wheel_carries_what_ships(wheel: set[str], folder: str) -> None:
    shipped = {
        f"triaged/shipped/{path.relative_to(ROOT)}" for path in (ROOT / folder).iterdir() if path.is_file()
    }
    assert shipped and shipped <= wheel


def test_the_wheel_carries_config_words_demo_and_migrations_and_no_tests(wheel: set[str]) -> None:
    assert "triaged/shipped/config.example.yaml" in wheel
    for folder in ("reading/words", "demo", "demo/mails", "store/migrations", "store/migrations/versions"):
        files = {f"triaged/{folder}/{p.name}" for p in (ROOT / "triaged" / folder).iterdir() if p.is_file()}
        assert files <= wheel, folder
    assert [
        name for name in wheel if name.startswith(("tests/", "docs/")) or "models/candidates" in name
    ] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_for_any_shell_and_stop_at_the_first_fault(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    text = script.read_text("utf-8")
    assert text.startswith("#!/bin/sh\n") and re.search(r"(?m)^set -eu?$", text)
    subprocess.run([shutil.which("dash") or "sh", "-n", script], check=True)


def test_every_command_has_a_man_page(tmp_path: Path) -> None:
    from tests.test_docs import commands

    subprocess.run([sys.executable, ROOT / "packaging" / "manpages.py", tmp_path], cwd=ROOT, check=True)
    pages = {path.name for path in tmp_path.iterdir()}
    assert {f"{name.replace(' ', '-')}.1" for name, _ in commands()} <= pages
    text = (tmp_path / "triaged-db-backup.1").read_text("utf-8")
    assert '.TH "TRIAGED-DB-BACKUP"' in text and "\\-\\-keep" in text
    assert not [line for line in text.splitlines() if line.startswith("'")]


def test_a_cut_of_libraries_tests_leaves_everything_else(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in (
        "scipy/stats/tests/data/x.npy",
        "scipy/stats/stats.py",
        "ours/tests/kept.py",
        "numpy/core.h",
    ):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    subprocess.run([ROOT / "packaging" / "slim", tmp_path], check=True)
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert left == {"scipy/stats/stats.py", "ours/tests/kept.py"}


def test_the_container_runs_as_no_root_and_asks_its_health() -> None:
    text = (ROOT / "packaging" / "Containerfile").read_text("utf-8")
    assert re.search(r"(?m)^USER 990:990$", text) and "HEALTHCHECK" in text and "/healthz" in text
    for source in re.findall(r"(?m)^COPY (?!--from)(.+)$", text):
        for name in source.split()[:-1]:
            assert (ROOT / name).exists(), name


def test_the_units_of_the_package_run_what_the_package_installs() -> None:
    for unit in ("triaged.service", "triaged-backup.service"):
        text = (ROOT / "systemd" / unit).read_text("utf-8")
        assert "ExecStart=/opt/triaged/bin/triaged --config /etc/triaged/config.yaml" in text
    build = (ROOT / "packaging" / "deb" / "build").read_text("utf-8")
    for unit in (ROOT / "systemd").iterdir():
        assert unit.name in build or unit.suffix in (".sysusers", ".tmpfiles"), unit.name
