"""What holds mail belongs to the service alone, whatever the umask; and the unit that runs it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from triaged.edge import private
from triaged.learning import stored
from triaged.store import Store, upgrade
from triaged.store.rows import Arrival

UNIT = Path(__file__).parents[1] / "systemd" / "triaged.service"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_database_and_all_beside_it_are_for_the_service_alone(tmp_path: Path, umask: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o755)
    url = f"sqlite:///{folder}/triaged.db"
    upgrade(url)
    store = Store.open(url)
    store.inherit("me", NOW)
    store.keep([Arrival(b"Subject: x\r\n\r\n", "eu", "smtp", None, None, None, NOW, "", ())], now=NOW)
    with store.transaction():
        pass
    assert store.claim_mail(1, NOW, "me", timedelta(minutes=1))
    found = modes(folder)
    store.close()
    assert {"triaged.db", "triaged.db-wal", "triaged.db-shm", "triaged.db-recording"} <= set(found)
    assert set(found.values()) == {0o600}


def test_lock_files_that_others_may_hold_are_closed_to_them(tmp_path: Path, empty_database: Path) -> None:
    """A stranger who may open a lock file may hold the lock for ever."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    for name in ("-recording", "-next"):
        (tmp_path / f"triaged.db{name}").touch(0o644)
        (tmp_path / f"triaged.db{name}").chmod(0o644)
    store = Store.open(f"sqlite:///{tmp_path}/triaged.db")
    with store.transaction():
        pass
    store.close()
    assert {m for name, m in modes(tmp_path).items() if name != "triaged.db"} == {0o600}


def test_a_model_is_for_the_service_alone(tmp_path: Path, umask: int) -> None:
    here = tmp_path / "models"
    here.mkdir()
    here.chmod(0o755)
    stored._put(here / "candidates" / "one", {"model.skops": b"x", "card.json": b"{}"})
    found = modes(here)
    assert len(found) == 2 and set(found.values()) == {0o600}
    for folder in ("candidates", "candidates/one"):
        assert stat.S_IMODE((here / folder).stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")
def test_what_root_makes_in_the_services_folder_is_the_services(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    upgrade(f"sqlite:///{tmp_path}/triaged.db")
    private.write(tmp_path / "file", b"x")
    stored._put(tmp_path / "candidates" / "one", {"card.json": b"{}"})
    owners = {path.stat().st_uid for path in tmp_path.rglob("*")}
    assert owners == {12345}


def test_the_captured_letters_of_a_simulation_are_private(tmp_path: Path, umask: int) -> None:
    number = private.opened(tmp_path / "letters.csv", os.O_WRONLY | os.O_TRUNC)
    os.close(number)
    assert modes(tmp_path) == {"letters.csv": 0o600}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")
def test_a_file_of_another_is_opened_and_left_as_it_is(tmp_path: Path) -> None:
    """Root puts a letter into somebody's own file: it stays his, and readable by whom he let."""
    (tmp_path / "theirs").touch()
    (tmp_path / "theirs").chmod(0o644)
    os.chown(tmp_path / "theirs", 12345, 12345)
    private.write(tmp_path / "theirs", b"x")
    found = (tmp_path / "theirs").stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode), found.st_size) == (12345, 0o644, 1)


def test_what_is_no_file_keeps_its_rights(tmp_path: Path) -> None:
    before = Path(os.devnull).stat().st_mode
    private.write(Path(os.devnull), b"x")
    assert Path(os.devnull).stat().st_mode == before


def test_a_file_that_cannot_be_given_away_is_closed_again(tmp_path: Path) -> None:
    open_now = len(list(Path("/proc/self/fd").iterdir()))
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    with pytest.raises(FileNotFoundError):
        private.opened(tmp_path / "file", os.O_WRONLY, like=tmp_path / "nowhere")
    assert len(list(Path("/proc/self/fd").iterdir())) == open_now


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    unit = UNIT.read_text("utf-8")
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", unit), "utf-8")
    told = subprocess.run(["systemd-analyze", "verify", str(here)], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def test_the_unit_leaves_room_for_every_connection_and_no_mail_in_a_core_dump() -> None:
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", UNIT.read_text("utf-8")))
    assert settings["LimitCORE"] == "0"
    assert int(settings["LimitNOFILE"]) > 10_000 + 1_000, "listener.max_connections may be 10000"
