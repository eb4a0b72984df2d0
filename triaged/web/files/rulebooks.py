"""Rulebooks as they are uploaded: single files, a folder, or a zip of one; bounded in number, size and what it unpacks to.

Whatever lies beside the `*.yaml` files (a schema, a README, a checkout's own folders) is passed over.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from triaged.config.web import Web
from triaged.tickets.ticket import Attached
from triaged.walk.rulebook_change import LARGEST, LARGEST_FILE, MOST_FILES, objection
from triaged.web.forms import Given, Judged, Takes
from triaged.web.visit import Refusal

_PARTS = 500  # of a form: a folder brings what lies beside, too
_ENTRIES = 2_000  # of a zip
_BODY = LARGEST + 2_000_000
_TYPE = "text/yaml"


def rulebook_files(_web: Web) -> Takes:
    """What a form with a rulebook may bring: a zip counts as one file."""
    return Takes(LARGEST, _BODY, _BODY, judged, parts=_PARTS, longest_field=2 * LARGEST_FILE)


def judged(given: Given) -> Judged:
    """The files of a rulebook among those that came, and why not the others."""
    taken: dict[str, Attached] = {}
    refused: list[Refusal] = []
    total = 0
    for path, content, why in _unpacked(given):
        name = path.replace("\\", "/").rpartition("/")[2]
        why = why or _objection(path, name, content, taken)
        total += len(content)
        if not why and total > LARGEST:
            why = f"all files together are larger than {LARGEST:,} bytes"
        if why:
            refused.append(Refusal(path[-120:] or "a file", why))
        else:
            taken[name] = Attached(name, _TYPE, content)
    return tuple(taken[name] for name in sorted(taken)), tuple(refused[:50])


def _unpacked(given: Given) -> Iterator[tuple[str, bytes, str]]:
    """Path, bytes, and why it cannot be had, of each file that may be one of a rulebook."""
    for path, content in given:
        if content is None:
            yield path, b"", f"all files together are larger than {LARGEST:,} bytes"
        elif path.lower().endswith(".zip"):
            yield from _of_zip(path, content)
        elif _looks_like(path):
            yield path, content, ""
        elif len(given) == 1:
            yield path, b"", "a rulebook is *.yaml files, or a .zip of them"


def _looks_like(path: str) -> bool:
    pieces = path.replace("\\", "/").split("/")
    hidden = any(piece.startswith(".") and piece not in (".", "..") for piece in pieces)
    return pieces[-1].lower().endswith((".yaml", ".yml")) and not hidden and pieces[0] != "__MACOSX"


def _of_zip(path: str, content: bytes) -> Iterator[tuple[str, bytes, str]]:
    """What a zip brings, unpacked only as far as a rulebook may be large."""
    left = LARGEST
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir() and _looks_like(one.filename)]
            if len(archive.infolist()) > _ENTRIES or len(entries) > MOST_FILES:
                yield path, b"", f"it holds more than {MOST_FILES} files"
                return
            for entry in entries:
                if entry.flag_bits & 1:
                    yield f"{path}/{entry.filename}", b"", "it is locked by a password"
                    continue
                with archive.open(entry) as file:
                    unpacked = file.read(min(LARGEST_FILE * 4, left) + 1)
                left -= len(unpacked)
                if left < 0:
                    yield path, b"", "it unpacks to more than a rulebook may be large"
                    return
                yield entry.filename, unpacked, ""
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, RuntimeError) as error:  # fmt: skip
        yield path, b"", f"it cannot be unpacked: {error}"[:200]


def _objection(path: str, name: str, content: bytes, taken: dict[str, Attached]) -> str:
    """Why a file is not taken; empty: it is."""
    pieces = path.replace("\\", "/").split("/")
    if ".." in pieces or path.startswith(("/", "\\")) or ":" in path:
        return "its name leads out of the folder"
    if len(pieces) > 2:
        return "a rulebook is one folder without folders in it"
    if name in taken:
        return "two files have this name"
    if len(taken) >= MOST_FILES:
        return f"a rulebook has at most {MOST_FILES} files"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not UTF-8; save the file as UTF-8"
    return objection(name, text)


def texts_of(files: tuple[Attached, ...]) -> dict[str, str]:
    """Texts by name, with line ends as the folder has them."""
    return {one.name: one.content.decode("utf-8-sig").replace("\r\n", "\n") for one in files}
