"""What is installed is what is meant: two locks that agree, a wheel with all that ships, scripts that dpkg can run.

The package itself is built and lived with by `make rehearse` (tests/rehearsal.py).
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

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


@pytest.mark.parametrize(
    "folder",
    ["systemd", "rules", "models/current", "models/with-embeddings/current", "models/examples", "monitoring"],
)
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
    copied = {name for one in re.findall(r"(?m)^COPY (?!--from)(.+)$", text) for name in one.split()[:-1]}
    assert {name for name in copied if not (ROOT / name).exists()} == set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    taken_in = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert taken_in.keys() <= copied, "the wheel is built of these in the container too"


def test_the_compose_example_runs_daemon_and_pages_of_one_image() -> None:
    services = yaml.safe_load((ROOT / "packaging" / "compose.yaml").read_text("utf-8"))["services"]
    daemon, pages = services["triaged"], services["web"]
    assert pages["command"] == ["web"] and pages["image"] == daemon["image"] and pages["read_only"]
    assert {"database", "imap-support", "smtp-support"} == set(daemon["secrets"])
    assert daemon["environment"]["CREDENTIALS_DIRECTORY"] == "/run/secrets"


def test_the_units_of_the_package_run_what_the_package_installs() -> None:
    for unit in ("triaged.service", "triaged-backup.service"):
        text = (ROOT / "systemd" / unit).read_text("utf-8")
        assert "ExecStart=/opt/triaged/bin/triaged --config /etc/triaged/config.yaml" in text
    build = (ROOT / "packaging" / "deb" / "build").read_text("utf-8")
    for unit in (ROOT / "systemd").iterdir():
        assert unit.name in build or unit.suffix in (".sysusers", ".tmpfiles"), unit.name


@pytest.mark.parametrize("unit", ["triaged.service", "triaged-web.service"])
def test_a_unit_whose_processes_read_mail_lets_them_bound_their_memory(unit: str) -> None:
    """Both have readers: the daemon's, and those of `try a mail` and the backtest at the console."""
    lines = (ROOT / "systemd" / unit).read_text("utf-8").splitlines()
    allowed = [one for one in lines if one.startswith("SystemCallFilter=setrlimit prlimit64")]
    assert allowed and lines.index(allowed[0]) > lines.index("SystemCallFilter=~@privileged @resources")


def test_dates_are_kept_in_each_language_of_the_pages() -> None:
    from triaged.web.catalogues import LANGUAGES

    text = (ROOT / "packaging" / "slim").read_text("utf-8")
    kept = set(re.findall(r"! -name ([a-z]{2,3})\.dat", text))
    assert kept == set(LANGUAGES) == set(re.findall(r"! -name '([a-z]{2,3})_\*'", text))


@pytest.fixture(scope="module")
def slimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that runs here, copied, as `packaging/slim` leaves it: its Python."""
    made = tmp_path_factory.mktemp("slim") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    packages = Path(sysconfig.get_path("purelib"))
    into = made / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    shutil.copytree(packages, into, dirs_exist_ok=True, symlinks=True)
    subprocess.run([ROOT / "packaging" / "slim", made], check=True)
    return made / "bin" / "python"


@pytest.mark.long
def test_what_is_left_trains_evaluates_and_predicts(slimmed: Path, tmp_path: Path) -> None:
    examples = [
        json.loads(line)
        for file in sorted((ROOT / "models" / "examples").glob("*.jsonl"))[:2]
        for line in file.read_text("utf-8").splitlines()
    ]
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("words", "grade"), *((one["text"], one["severity"]) for one in examples)]
        )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def run(*arguments: str | Path) -> str:
        done = subprocess.run(
            [slimmed, "-m", "triaged", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    out = tmp_path / "model"
    run("train", "--csv", tmp_path / "old.csv", "--text", "words", "--label", "grade", "--out", out)
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert card["data"]["examples"] == len(examples)
    assert "letters delivered" in run("demo")
    said = "from babel import dates; import datetime; print(dates.format_date(datetime.date(2026, 12, 1), 'long', locale='ja'))"
    shown = subprocess.run([slimmed, "-c", said], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "2026年12月1日"
