"""A document's keys that stand under a former name (former.py) are read under the one they have now. PURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from triaged.spec import former
from triaged.spec.former import BEGINS, Former
from triaged.spec.strict_yaml import Complaint, Document, Mark, Path


def read(document: Document, where: Literal["config", "rulebook"]) -> Document:
    """A document with every former key under the name it has now, and a warning where each of them stands.

    Where both are written it is a fault: which of them counts is nobody's to guess.
    """
    for one in former.of(where):
        for path in list(_found(document.value, tuple(one.name.split(".")))):
            document = _moved(document, path, one)
    return document


def tells(complaint: Complaint) -> bool:
    """Whether a complaint is the warning of a former name."""
    return complaint.message.startswith(BEGINS)


def _found(value: Any, wanted: Path, path: Path = ()) -> Iterator[Path]:
    """Every path in a document that a name with stars stands for."""
    if not wanted:
        yield path
        return
    first, *rest = wanted
    if isinstance(value, Mapping):
        for key in value:
            if first in ("*", key):
                yield from _found(value[key], tuple(rest), (*path, key))
    elif isinstance(value, list) and first == "*":
        for place, item in enumerate(value):
            yield from _found(item, tuple(rest), (*path, place))


def _moved(document: Document, path: Path, one: Former) -> Document:
    target = _target(path, one)
    mark = document.place(path, key=True)
    if _is_there(document.value, target):
        both = f"'{one.name}' and '{one.now}' are both written; '{one.name}' is the former name: leave it out"
        return replace(document, complaints=(*document.complaints, mark.complain(both)))
    value, taken = _without(document.value, path)
    complaint = mark.complain(one.told, warning=True)
    return replace(
        document,
        value=_with(value, target, taken),
        marks=_renamed(document.marks, path, target),
        keys=_renamed(document.keys, path, target),
        complaints=(*document.complaints, complaint),
    )


def _target(path: Path, one: Former) -> Path:
    """Where it belongs now: what the stars stood for stays."""
    stars = iter(piece for piece, name in zip(path, one.name.split("."), strict=True) if name == "*")
    return tuple(next(stars) if name == "*" else name for name in one.now.split("."))


def _is_there(value: Any, path: Path) -> bool:
    for piece in path:
        try:
            value = value[piece]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _without(value: Any, path: Path) -> tuple[Any, Any]:
    """The same without what stands at a path, and that. A mapping that it leaves empty stays."""
    first, *rest = path
    if not rest:
        return {key: part for key, part in value.items() if key != first}, value[first]
    inner, taken = _without(value[first], tuple(rest))
    return _set(value, first, inner), taken


def _with(value: Any, path: Path, taken: Any) -> Any:
    """The same with it at another path, whose mappings are made where they are missing."""
    first, *rest = path
    if not rest:
        return _set(value, first, taken)
    inner = value[first] if _is_there(value, (first,)) else {}
    return _set(value, first, _with(inner, tuple(rest), taken) if isinstance(inner, (dict, list)) else inner)


def _set(value: Any, key: Any, part: Any) -> Any:
    if isinstance(value, list):
        return [part if place == key else item for place, item in enumerate(value)]
    return {**value, key: part}


def _renamed(marks: Mapping[Path, Mark], path: Path, target: Path) -> Mapping[Path, Mark]:
    """Places too, so that a fault of the value is told where it is written."""
    length = len(path)
    return {(*target, *p[length:]) if p[:length] == path else p: mark for p, mark in marks.items()}
