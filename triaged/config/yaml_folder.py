"""A folder of YAML files: the rulebook, words."""

from __future__ import annotations

from pathlib import Path

from triaged.config.whole_folder import steady
from triaged.errors import Faulty


def read_texts(folder: Path, what: str) -> dict[str, str]:
    """The texts of a folder's `*.yaml` files in file-name order, named as complaints show them.

    Raises Faulty where there is no such folder, no such file, or a file cannot be read. `what`: its name in that case.
    What was found wrong while the folder changed under us counts for nothing: it is looked at again.
    """
    if not _is_folder(folder):
        raise Faulty(f"{folder}: no such {what}")
    texts: dict[str, str] = {}
    fault: Faulty | None = None
    try:
        for place in steady(folder):
            try:
                texts, fault = _read(folder, place, what), None
            except Faulty as found:
                fault = found
            except FileNotFoundError as error:
                fault = Faulty(f"{_shown(folder, place)}: cannot be read: {error.strerror}")
    except OSError as error:
        raise Faulty(f"{folder}: cannot be read: {error.strerror}") from None
    if fault is not None:
        raise fault
    return texts


def _read(folder: Path, place: Path, what: str) -> dict[str, str]:
    """The texts that lie in `place`, under the names of `folder`. Raises FileNotFoundError where `place` vanishes."""
    here = sorted(path for path in place.iterdir() if not path.name.startswith("."))
    files = [path for path in here if path.suffix == ".yaml"]
    if strays := [path for path in here if path.suffix.lower() in (".yml", ".yaml") and path not in files]:
        raise Faulty(
            *(f"{_shown(folder, one)}: would not be read; name it {one.stem}.yaml" for one in strays)
        )
    if not files:
        raise Faulty(f"{folder}: no *.yaml file in this {what}")
    return {_shown(folder, path): _text(folder, path) for path in files}


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError as error:  # a folder above it may not be looked into
        raise Faulty(f"{folder}: cannot be read: {error.strerror}") from None


def _shown(folder: Path, path: Path) -> str:
    return f"{folder.name}/{path.name}" if folder.name else path.name


def _text(folder: Path, path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise Faulty(f"{_shown(folder, path)}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Faulty(
            f"{_shown(folder, path)}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
