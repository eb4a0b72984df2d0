"""Where rulebooks lie: reads a folder's files and hands their texts to rulebook/loading.py. The edge of it."""

from __future__ import annotations

from pathlib import Path

from triaged.errors import Faulty
from triaged.letters import sections as letters
from triaged.letters import templates
from triaged.promises import promising
from triaged.promises import sections as promises
from triaged.rulebook import loading
from triaged.rulebook.loading import Rooms, RoomSections
from triaged.rulebook.rulebook import Rulebook

ROOMS = Rooms(
    RoomSections(promises.SECTIONS, promising.build),
    RoomSections(letters.SECTIONS, templates.build),
    kinds=(*letters.PARTNER_KINDS, *letters.STAFF_KINDS),
)  # the rooms of this house that own sections of the rulebook


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of a folder's `*.yaml` files in file-name order, named as complaints show them.

    Raises Faulty where there is no such folder, no such file, or a file cannot be read.
    """
    if not folder.is_dir():
        raise Faulty(f"{folder}: no such rulebook folder")
    here = sorted(path for path in _listed(folder) if not path.name.startswith("."))
    files = [path for path in here if path.suffix == ".yaml"]
    if strays := [path for path in here if path.suffix.lower() in (".yml", ".yaml") and path not in files]:
        raise Faulty(*(f"{_shown(one)}: would not be read; name it {one.stem}.yaml" for one in strays))
    if not files:
        raise Faulty(f"{folder}: no *.yaml file in this rulebook folder")
    return {_shown(path): _text(path) for path in files}


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise Faulty(f"{folder}: cannot be read: {error.strerror}") from None


def load_folder(folder: Path) -> Rulebook:
    """The rulebook of a folder. Raises Faulty with every complaint, warnings too, if it cannot be used."""
    rulebook, complaints = loading.load(read_folder(folder), ROOMS)
    if rulebook is None:
        raise Faulty(*map(str, complaints))
    return rulebook


def _shown(path: Path) -> str:
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Faulty(f"{_shown(path)}: byte {error.start} is no UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise Faulty(f"{_shown(path)}: cannot be read: {error.strerror}") from None
