"""A folder of YAML files that is replaced as a whole: whoever reads it through here reads the old or the new one, never half.

The new files are written beside the old, in `.put` inside the folder; renaming that to `.standing` is the one moment at
which they count. From then on they are read from there, while they take the places of the old ones; when all have, `.standing`
goes. A writer that dies before that moment has changed nothing, one that dies after it is finished by the next (`settle`).
So it works in a mounted folder, in a git checkout, and without any right on the folder above.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from triaged.errors import Faulty

STANDING, _PUT = ".standing", ".put"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,94}\.yaml")
_TRIES = 50  # of a reader whose folder is being replaced again and again


def steady(folder: Path) -> Iterator[Path]:
    """Where the files of one whole version lie, to be read now; given again while the folder changes under the reader.

    Whoever reads takes what the last round gave, a fault that he found in it too.
    """
    for _ in range(_TRIES):
        before = _stamp(folder)
        yield folder / STANDING if before[0] else folder
        if _stamp(folder) == before:
            return


def _stamp(folder: Path) -> tuple[bool, tuple[tuple[str, int], ...]]:
    """Whether a put is under way, and which files stand there: one that is replaced is another file by its number."""
    standing = (folder / STANDING).is_dir()
    with os.scandir(folder) as found:
        files = sorted((one.name, one.inode()) for one in found if not one.name.startswith("."))
    return standing, tuple(files)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else puts anything into the folder meanwhile; what a writer left unfinished is finished. Raises Faulty."""
    try:
        place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Faulty(f"{folder}: cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        _settled(folder)
        yield
    finally:
        os.close(place)


def put(folder: Path, texts: Mapping[str, str]) -> None:
    """These are the folder's files from now on, and no other `*.yaml`. Call it while the folder is `held`.

    Raises Faulty with the remedy where it cannot be written; then the folder is as it was.
    """
    staged = folder / _PUT
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=stat.S_IMODE(folder.stat().st_mode))
        for name, text in texts.items():
            _write(staged / name, text, _mode(folder, name))
        _sync(staged)
        staged.rename(folder / STANDING)
        _sync(folder)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise Faulty(unwritable(folder, error)) from None
    with suppress(OSError):  # it counts already; whoever comes next finishes it
        _finish(folder)


def settle(folder: Path) -> None:
    """Finish what a writer left that died. Nothing where there is nothing, or where we may not write."""
    if (folder / STANDING).is_dir():
        with suppress(Faulty), held(folder):
            pass


def unwritable(folder: Path, error: OSError) -> str:
    """One line with the remedy."""
    why = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{folder}: cannot be written: {why}; nothing was changed"
    return (
        f"{folder}: cannot be written: {why}; give the user that runs `triaged web` the right to it "
        f"(chown -R triaged {folder}, and ReadWritePaths={folder} in its unit), or name another folder by `rulebook` in the config"
    )


def _settled(folder: Path) -> None:
    if (folder / STANDING).is_dir():
        try:
            _finish(folder)
        except OSError as error:
            raise Faulty(unwritable(folder, error)) from None


def _finish(folder: Path) -> None:
    """Every file of `.standing` takes its place, what is not there goes, and `.standing` with it."""
    standing = folder / STANDING
    names = sorted(one.name for one in standing.iterdir())
    for name in names:
        beside = folder / f".{name}.new"
        with suppress(FileNotFoundError):
            beside.unlink()
        shutil.copy2(standing / name, beside)
        beside.replace(folder / name)
    for old in folder.glob("*.yaml"):
        if old.name not in names and not old.name.startswith("."):
            old.unlink()
    _sync(folder)
    standing.rename(folder / _PUT)
    _sync(folder)
    shutil.rmtree(folder / _PUT, ignore_errors=True)


def _write(path: Path, text: str, mode: int) -> None:
    with path.open("x", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())


def _mode(folder: Path, name: str) -> int:
    """As the file had it; a new one is read by whoever may look into the folder."""
    try:
        return stat.S_IMODE((folder / name).stat().st_mode) & 0o666
    except FileNotFoundError:
        return stat.S_IMODE(folder.stat().st_mode) & 0o644 | 0o600


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
