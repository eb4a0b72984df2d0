"""One number says which version this is, and CHANGELOG says of each what an admin has to do for it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

from triaged import __version__, cli
from triaged.metrics import Metrics

ROOT = Path(__file__).parents[1]
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d{2}-\d{2})\)")
CHANGES = (ROOT / "CHANGELOG.md").read_text("utf-8")


def releases() -> dict[tuple[int, ...], date]:
    """Those that CHANGELOG names, the newest first."""
    first, *others = HEADING.findall(CHANGES)
    assert first == "Unreleased"
    found = {}
    for heading in others:
        named = RELEASE.fullmatch(heading)
        assert named, f"'{heading}' is no heading like '1.2.0 (2027-03-01)'"
        found[tuple(map(int, named.groups()[:3]))] = date.fromisoformat(named[4])
    return found


def test_the_newest_release_is_the_version_that_runs() -> None:
    assert ".".join(map(str, next(iter(releases())))) == __version__
    assert list(releases()) == sorted(releases(), reverse=True)
    days = list(releases().values())
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("heading", HEADING.findall(CHANGES))
def test_each_version_says_what_an_admin_does_at_the_upgrade(heading: str) -> None:
    _, _, rest = CHANGES.partition(f"## {heading}\n")
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    last = [part for part in section.split("\n\n") if part.strip() and not part.lstrip().startswith("- ")]
    assert any(part.lstrip().startswith("To upgrade from ") for part in last) or (
        heading.startswith("0.1.0 ") and "To install it" in section
    )


def test_every_door_tells_the_same_number(capsys: pytest.CaptureFixture[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"] and "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "triaged/__init__.py"
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert built.stdout.strip() == __version__
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out.strip() == f"triaged, version {__version__}"
    assert f'version="{__version__}"' in Metrics().text().decode()


def test_the_debian_package_has_it(tmp_path: Path) -> None:
    build = (ROOT / "packaging" / "deb" / "build").read_text("utf-8")
    (reads,) = re.findall(r"^OURS=\$\((sed .*)\)$", build, re.MULTILINE)
    told = subprocess.run(["sh", "-c", reads], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.strip() == __version__
    control = (ROOT / "packaging" / "deb" / "control").read_text("utf-8")
    assert re.search(r"^Version: @VERSION@$", control, re.MULTILINE) and "@VERSION@" in build


def test_pages_name_the_package_of_this_version_and_upgrade_to_a_later_one() -> None:
    def named(page: str) -> set[tuple[int, ...]]:
        text = (ROOT / "docs" / "how-to" / page).read_text("utf-8")
        found = re.findall(r"\btriaged_(\d+)\.(\d+)\.(\d+)_amd64\.deb", text)
        return {tuple(map(int, one)) for one in found}

    ours = next(iter(releases()))
    assert named("install.md") == {ours}
    assert named("upgrade.md") and min(named("upgrade.md")) > ours


def test_a_release_is_tagged_signed_and_every_tag_has_its_heading() -> None:
    page = (ROOT / "docs" / "how-to" / "release.md").read_text("utf-8")
    assert "git tag -s vX.Y.Z" in page and "git verify-tag vX.Y.Z" in page
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    tags = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known = {f"v{'.'.join(map(str, one))}" for one in releases()}
    assert {one for one in tags.stdout.split() if re.fullmatch(r"v\d+\.\d+\.\d+", one)} <= known
