"""A folder that is put is read old or new, never half: whatever the moment at which its writer dies, and while it works."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from triaged.config import whole_folder
from triaged.config.yaml_folder import read_texts
from triaged.errors import Faulty

OLD = {"00-one.yaml": "a: old\n", "10-two.yaml": "b: old\n", "20-goes.yaml": "c: old\n"}
NEW = {"00-one.yaml": "a: new\n", "10-two.yaml": "b: new\n", "30-comes.yaml": "d: new\n"}
# A writer that kills itself before its nth change of the disk.
WRITER = """
import json, os, signal, sys
from pathlib import Path
from triaged.config import whole_folder
left = int(sys.argv[2])
def counted(real):
    def change(*given, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **more)
    return change
folder = Path(sys.argv[1])
with whole_folder.held(folder):
    for name in ("mkdir", "rename", "replace", "unlink", "fsync", "fchmod", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    whole_folder.put(folder, json.loads(sys.argv[3]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    for name, text in OLD.items():
        (made / name).write_text(text)
    (made / "README").write_text("stays")
    return made


def texts(folder: Path) -> dict[str, str]:
    return {name.rpartition("/")[2]: text for name, text in read_texts(folder, "folder").items()}


def plain(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.yaml")}


def put(folder: Path, files: dict[str, str]) -> None:
    with whole_folder.held(folder):
        whole_folder.put(folder, files)


def test_a_folder_is_replaced_and_what_is_not_ours_stays(folder: Path) -> None:
    (folder / "00-one.yaml").chmod(0o640)
    put(folder, NEW)
    assert texts(folder) == NEW == plain(folder)
    assert sorted(p.name for p in folder.iterdir()) == [*sorted(NEW), "README"]
    assert (folder / "00-one.yaml").stat().st_mode & 0o777 == 0o640


def test_p47_a_writer_killed_at_any_moment_leaves_the_old_or_the_new_folder_whole(folder: Path) -> None:
    import json

    seen = []
    for moment in range(60):
        put(folder, OLD)
        command = [sys.executable, "-c", WRITER, str(folder), str(moment), json.dumps(NEW)]
        died = subprocess.run(command, check=False).returncode
        found = texts(folder)
        assert found in (OLD, NEW), moment
        whole_folder.settle(folder)
        assert plain(folder) == texts(folder) == found, moment
        seen.append(found == NEW)
        if died != -signal.SIGKILL:
            break
    assert died == 0 and moment > 15
    assert seen == sorted(seen) and False in seen  # from one moment on it is the new one


def test_who_reads_while_it_is_put_again_and_again_never_sees_half(folder: Path) -> None:
    over = threading.Event()

    def write() -> None:
        for n in range(40):
            put(folder, NEW if n % 2 == 0 else OLD)
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    found = []
    while not over.is_set():
        found.append(texts(folder))
    writer.join()
    assert all(one in (OLD, NEW) for one in found) and found


@pytest.mark.parametrize("seen", [(), ("20-goes.yml",)], ids=["nothing", "a stray"])
def test_what_is_seen_amid_a_change_counts_for_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seen: tuple[str, ...]
) -> None:
    """A reader in a folder that is just being emptied finds no file; that is no fault of the folder's."""
    plainly, looked = Path.iterdir, []

    def iterdir(place: Path) -> Iterator[Path]:
        if looked:
            return plainly(place)
        looked.append(place)
        put(folder, NEW)
        return iter([place / name for name in seen])

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert texts(folder) == NEW and looked == [folder]


REMEDY = (
    "; give the user that runs `triaged web` the right to it (chown -R triaged {0}, and ReadWritePaths={0} in its unit), "
    "or name another folder by `rulebook` in the config"
)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOSPC, "x"), "No space left on device; nothing was changed"),
        (OSError(errno.EDQUOT, "x"), "Disk quota exceeded; nothing was changed"),
        (OSError(errno.EROFS, "x"), "Read-only file system" + REMEDY),
        (OSError("an odd disk"), "an odd disk" + REMEDY),
    ],
)
def test_a_folder_one_may_not_write_is_told_with_the_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    def fails(*_given: object) -> None:
        raise error

    monkeypatch.setattr(os, "rename", fails)
    with pytest.raises(Faulty) as told:
        put(folder, NEW)
    assert told.value.lines == (f"{folder}: cannot be written: {why.format(folder)}",)
    assert plain(folder) == OLD
    assert sorted(p.name for p in folder.iterdir()) == [*sorted(OLD), "README"]


def test_what_another_left_and_cannot_be_finished_now_is_told_to_who_comes_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", full)
    put(folder, NEW)
    with (
        pytest.raises(Faulty, match="No space left on device; nothing was changed"),
        whole_folder.held(folder),
    ):
        raise AssertionError("it was held")
    # Nobody waits for it either: whoever settles goes on
    whole_folder.settle(folder)
    assert texts(folder) == NEW


def test_what_a_dead_writer_left_beside_is_no_hindrance(folder: Path) -> None:
    (folder / ".put").mkdir()
    (folder / ".put" / "00-one.yaml").write_text("half")
    (folder / ".00-one.yaml.new").write_text("half")
    (folder / ".00-one.yaml.new").chmod(0o400)
    put(folder, NEW)
    assert plain(folder) == NEW
    assert sorted(p.name for p in folder.iterdir()) == [*sorted(NEW), "README"]


@pytest.mark.parametrize(("whole", "mode"), [(0o755, 0o644), (0o750, 0o640), (0o700, 0o600), (0o500, 0o600)])
def test_a_new_file_is_read_by_whoever_may_look_into_the_folder(folder: Path, whole: int, mode: int) -> None:
    folder.chmod(whole)
    (folder / "10-two.yaml").chmod(0o775)
    put(folder, NEW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.glob("*.yaml")}
    assert (modes["30-comes.yaml"], modes["10-two.yaml"]) == (mode, 0o664)
    assert folder.stat().st_mode & 0o777 == whole


def full(*_given: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_disk_that_fails_before_the_moment_leaves_the_old(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(Faulty, match="No space left on device; nothing was changed"):
        put(folder, NEW)
    assert texts(folder) == OLD == plain(folder)


def test_a_disk_that_fails_after_the_moment_leaves_the_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "replace", full)
    put(folder, NEW)
    assert texts(folder) == NEW
    monkeypatch.undo()
    whole_folder.settle(folder)
    assert plain(folder) == NEW


def test_a_link_that_leads_nowhere_is_told_and_not_taken_for_an_empty_folder(folder: Path) -> None:
    (folder / "40-link.yaml").symlink_to("/nowhere/at/all.yaml")
    with pytest.raises(Faulty, match=r"rules/40-link.yaml: cannot be read: No such file"):
        read_texts(folder, "folder")


def test_two_writers_take_turns(folder: Path) -> None:
    order: list[str] = []
    first = threading.Event()

    def slow() -> None:
        with whole_folder.held(folder):
            first.set()
            threading.Event().wait(0.2)
            order.append("first")

    one = threading.Thread(target=slow)
    one.start()
    first.wait()
    with whole_folder.held(folder):
        order.append("second")
    one.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_a_folder_that_is_none_cannot_be_held(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    why = "No such file or directory" if place == "nowhere" else "Not a directory"
    with pytest.raises(Faulty) as told, whole_folder.held(tmp_path / place):
        raise AssertionError("it was held")
    assert told.value.lines == (f"{tmp_path / place}: cannot be opened: {why}",)
