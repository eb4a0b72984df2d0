"""Several YAML files as one: lists follow each other in file order, mappings merge, nothing is overwritten. PURE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from triaged.spec.strict_yaml import Complaint, Document, Mark, Path

EXPECTED = "a rulebook file is a mapping with keys like rules: and tests:"


def merge(documents: Iterable[Document]) -> Document:
    """One document of all; marks keep the file they came from.

    A top-level list is continued by the next file. Mappings merge at any depth; a key that two files give
    a value of its own is a complaint. Files with no usable value only bring their complaints.
    """
    merging = _Merging()
    for document in documents:
        merging.add(document)
    files = Document("rulebook", merging.value, merging.marks, merging.keys, tuple(merging.complaints))
    merging.marks.setdefault((), Mark(merging.first or "rulebook", 1, 1))
    return files


class _Merging:
    def __init__(self) -> None:
        self.value: dict[Any, Any] = {}
        self.marks: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.complaints: list[Complaint] = []
        self.first = ""

    def add(self, document: Document) -> None:
        self.complaints += document.complaints
        self.first = self.first or document.file
        if not isinstance(document.value, dict):
            if not document.complaints:
                self.complaints.append(document.place(()).complain(EXPECTED))
            return
        offsets = {
            key: len(self.value[key])
            for key, value in document.value.items()
            if isinstance(value, list) and isinstance(self.value.get(key), list)
        }
        self._put(self.value, document.value, (), document)
        self._place(document, offsets)

    def _put(self, into: dict[Any, Any], value: dict[Any, Any], path: Path, document: Document) -> None:
        for key, item in value.items():
            here = (*path, key)
            if key not in into:
                into[key] = _copied(item)
            elif isinstance(into[key], dict) and isinstance(item, dict):
                self._put(into[key], item, here, document)
            elif not path and isinstance(into[key], list) and isinstance(item, list):
                into[key] += item
            else:
                message = _clash(key, self.keys[here], into[key], item)
                self.complaints.append(document.place(here, key=True).complain(message))

    def _place(self, document: Document, offsets: dict[Any, int]) -> None:
        for ours, theirs in ((self.marks, document.marks), (self.keys, document.keys)):
            for path, mark in theirs.items():
                if len(path) > 1 and path[0] in offsets and isinstance(path[1], int):
                    path = (path[0], path[1] + offsets[path[0]], *path[2:])
                ours.setdefault(path, mark)


def _clash(key: Any, first: Mark, ours: Any, theirs: Any) -> str:
    if isinstance(ours, (list, dict)) and not isinstance(theirs, type(ours)):
        kind = "list" if isinstance(ours, list) else "mapping"
        return f"'{key}' is a {kind} in {first.file}:{first.line} and must be one here too"
    return f"key '{key}' stands already in {first.file}:{first.line}"


def _copied(item: Any) -> Any:
    """Containers of the first file are added to by the next: never those of its document."""
    if isinstance(item, dict):
        return {key: _copied(value) for key, value in item.items()}
    return list(item) if isinstance(item, list) else item
