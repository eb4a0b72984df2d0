"""Files for the service's own eyes: mode 0600 whatever the umask, and its own even where root made them.

Mail, letters, passwords of the house and models learnt from mail stand in them. An admin's command may run
as root in the service's folder: what it makes there belongs to the folder's owner, else the service could
not open it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def make(file: Path) -> None:
    """An empty file of ours, unless one is there. Raises OSError."""
    with suppress(FileExistsError):
        os.close(opened(file, os.O_WRONLY | os.O_EXCL))


def opened(file: Path, how: int = os.O_RDONLY, *, like: Path | None = None) -> int:
    """The descriptor of a file, made where it is missing; one of ours that others may open is closed to them.

    `like`: whose owner it gets where root makes it; its folder's if not given.
    """
    number = os.open(file, how | os.O_CREAT | os.O_CLOEXEC, FILE)
    try:
        _own(number, like or file.absolute().parent)
    except BaseException:
        os.close(number)
        raise
    return number


def write(file: Path, content: bytes) -> None:
    """Write a file of ours. Raises OSError."""
    with os.fdopen(opened(file, os.O_WRONLY | os.O_TRUNC), "wb") as out:
        out.write(content)


def own_folder(folder: Path) -> None:
    """A folder that was just made: ours alone."""
    folder.chmod(FOLDER)
    give(folder, folder.absolute().parent)


def _own(number: int, like: Path) -> None:
    found = os.fstat(number)
    if found.st_uid != os.geteuid() or not stat.S_ISREG(found.st_mode):
        return
    if found.st_mode & 0o777 != FILE:
        os.fchmod(number, FILE)
    give(number, like)


def give(what: int | Path, like: Path) -> None:
    """Where root made it: owner and group of `like`."""
    if os.geteuid() == 0:
        owner = like.stat()
        with suppress(PermissionError):  # root in a container need not be allowed to
            os.chown(what, owner.st_uid, owner.st_gid)
