"""What shows that a file that knowledge is made of was changed, without a look into it.

Taken before the files are read: what changes while they are read differs from it too, and is taken up by the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from triaged.config.config import Config
from triaged.frozen import frozen

Mark = tuple[str, int, int, int]  # path, number on its disk, nanoseconds of its last change, bytes


@frozen
class FileMarks:
    """Of the files by which mail is judged (rulebook, the operator's words), and of the directory's."""

    rules: tuple[Mark, ...] = ()
    directory: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, config: Config) -> FileMarks:
        """As they lie now; what ships with the program changes with it and has none."""
        folders = [folder for folder in (config.rulebook, config.reading_words) if folder is not None]
        rules = (file for folder in folders for file in sorted(folder.glob("*.y*ml")))
        return cls(_marks(rules), _marks((config.directory.accounts, config.directory.partners)))


def _marks(files: Iterable[Path]) -> tuple[Mark, ...]:
    found = []
    for file in files:
        with suppress(OSError):
            stat = file.stat()
            found.append((str(file), stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
