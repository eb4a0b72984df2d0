"""How values lie in columns, alike on SQLite and PostgreSQL.

Each type refuses or repairs what one of the two databases would take differently: SQLite forgets time
zones, PostgreSQL refuses NUL characters, both store lone surrogates badly or not at all.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Dialect, Integer, String, Text, func, literal_column
from sqlalchemy.types import TypeDecorator

ERASED = "@erased.invalid"  # the domain of whoever was erased
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

RowId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER is SQLite's own row id


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 UTC. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at.isoformat()}")
    return (at - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC time of that many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


class Moment(TypeDecorator[datetime]):
    """An aware time, given back in UTC; kept as microseconds since 1970 (BIGINT)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware time to microseconds."""
        return None if value is None else to_micros(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Microseconds to aware UTC; without SQLAlchemy's wrapping, since a long ticket has thousands of values."""
        return _moment


def storable(text: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates become U+FFFD."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


LONGEST_ADDRESS = 320  # characters; PostgreSQL cannot index endless ones, and strangers choose them


def address_key(address: str) -> str:
    """An address as it lies in an index: lower case, bounded."""
    return storable(address.lower())[:LONGEST_ADDRESS]


_ONE_HOUSE = {"googlemail.com": "gmail.com"}
_DOTLESS = frozenset({"gmail.com"})  # where dots in front of the @ make no other mailbox


def mailbox_key(address: str) -> str:
    """The mailbox behind an address, as caps count it: `x+1@` and `x+2@` are read by one person."""
    local, _, domain = address_key(address).rpartition("@")
    domain = _ONE_HOUSE.get(domain, domain)
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


class Words(TypeDecorator[str]):
    """Text of any origin."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Repair what strangers sent."""
        return None if value is None else storable(value)


def _plain(value: Any) -> Any:
    """What `json` cannot write by itself: times, sets, frozen values, read-only mappings."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


_encode = json.JSONEncoder(default=_plain, separators=(",", ":")).encode


def to_json(value: Any) -> str:
    """Compact ASCII JSON, so that NUL and surrogates are escapes and never reach the database."""
    return _encode(value)


def _from_json(value: str | None) -> Any:
    return None if value is None else json.loads(value)


class Json(TypeDecorator[Any]):
    """Plain JSON text: read whole, never queried into. Tuples come back as lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Value to JSON text."""
        return None if value is None else to_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """JSON text to value."""
        return _from_json


class Choice(TypeDecorator[StrEnum]):
    """One word of a closed set; `one_of` makes the CHECK that keeps it closed."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__(24)
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """The word as plain text. Raises ValueError if it is not of the set."""
        return None if value is None else (value if type(value) is self.words else self.words(value)).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], StrEnum | None]:
        """Plain text to the word. Raises ValueError if it is not of the set."""
        known: dict[str | None, StrEnum | None] = {None: None, **{word.value: word for word in self.words}}
        return lambda value: known[value] if value in known else self.words(value)


def text_apart(value: Any) -> Any:
    """The same text in a form that no index has: rows are found by something else, of which there are fewer."""
    return func.coalesce(value, "")


def number_apart(value: Any) -> Any:
    """The same of a number or a moment."""
    return value + literal_column("0")


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """CHECK (column IN (…)) over the words of an enum."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
