"""How data of events is read and written: frozen classes whose fields know what they take. PURE.

A field reads what any older version stored: what is missing or ill-typed has the field's default, and nothing
is raised. The classes are in event_data.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Self, TypeVar

from triaged.frozen import frozen
from triaged.reading.identifiers import telling
from triaged.reading.values import Guess, Identifiers
from triaged.tickets.ticket import Event

T = TypeVar("T")
Read = Callable[[Any], Any]


class IllTyped(Exception):
    """A stored value that is none of its field's: the default counts."""


@frozen
class Told:
    """Data of an event. A field that has its default is left out, unless it is always kept."""

    def stored(self) -> dict[str, Any]:
        """As the store keeps it."""
        values = ((one, getattr(self, one.name)) for one in _fields(type(self)))
        return {one.key: _plain(value) for one, value in values if one.always or value != one.default}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """What stored data says of this."""
        return cls(**given(cls, data))

    @classmethod
    def of(cls, event: Event) -> Self:
        """What an event keeps of this."""
        return cls.read(event.data)


def given(cls: type[Told], data: object) -> dict[str, Any]:
    """The fields that stored data has and that are what they should be."""
    if not data or not isinstance(data, Mapping):
        return {}
    found: dict[str, Any] = {}
    for one in _fields(cls):
        if one.key in data:
            try:
                found[one.name] = one.read(data[one.key])
            except IllTyped:
                continue
    return found


class _Field(NamedTuple):
    """A field, and how it stands in stored data."""

    name: str
    key: str
    read: Read
    default: Any
    always: bool


_FIELDS: dict[type[Told], tuple[_Field, ...]] = {}  # worked out once a class


def _fields(cls: type[Told]) -> tuple[_Field, ...]:
    if cls not in _FIELDS:
        _FIELDS[cls] = tuple(map(_field, fields(cls)))
    return _FIELDS[cls]


def _field(one: Any) -> _Field:
    key = one.name.rstrip("_")  # `from_`, since `from` is Python's
    default = one.default if one.default is not MISSING else None
    return _Field(one.name, key, one.metadata["read"], default, one.metadata["always"])


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Told):
        return value.stored()
    if isinstance(value, Identifiers):
        return telling.as_data(value)
    if isinstance(value, Guess):
        return {name: _plain(getattr(value, name)) for name in Guess.__dataclass_fields__}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


# --- how values are read -----------------------------------------------------------------------------


def reading(read: Read, default: Any, *, always: bool = False) -> Any:
    """A field of a class of `Told`. `read` raises IllTyped; `always`: kept also where it has its default."""
    return field(default=default, metadata={"read": read, "always": always})


def must(value: Any, kind: type[T] | tuple[type[T], ...]) -> Any:
    """The value, if it is of this type. Raises IllTyped."""
    if not isinstance(value, kind):
        raise IllTyped
    return value


def flag(*, always: bool = False) -> Any:
    """True or false."""
    return reading(lambda value: bool(must(value, (bool, int))), False, always=always)


def text(default: str = "", *, always: bool = False) -> Any:
    """A text."""
    return reading(lambda value: must(value, str), default, always=always)


def text_or_none(*, always: bool = False) -> Any:
    """A text, or None."""
    return reading(lambda value: must(value, (str, type(None))), None, always=always)


def whole(value: Any) -> int:
    """A whole number, also written out. Raises IllTyped."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        return int(value)
    if isinstance(value, bool):
        raise IllTyped
    return int(must(value, int))


def number(default: int = 0, *, always: bool = False) -> Any:
    """A whole number."""
    return reading(whole, default, always=always)


def words_of(value: Any) -> tuple[str, ...]:
    """The texts of a list. Raises IllTyped."""
    return tuple(one for one in must(value, (list, tuple)) if isinstance(one, str))


def words(*, always: bool = False) -> Any:
    """Several texts."""
    return reading(words_of, (), always=always)


def made(make: Callable[[Any], Any]) -> Read:
    """Read by a constructor that raises one of Python's own errors for what it does not know."""

    def read(value: Any) -> Any:
        try:
            return make(value)
        except (ValueError, TypeError, LookupError, ArithmeticError):
            raise IllTyped from None

    return read


def or_none(make: Callable[[Any], Any], *, always: bool = False) -> Any:
    """What a constructor makes, or None."""
    read = made(make)
    return reading(lambda value: None if value is None else read(value), None, always=always)
