"""What an act changes in a store, row by row and column by column, in every table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from triaged.store import Store, copying

HIM = "HIM"
Key = tuple[Any, ...]
Differences = dict[Key, dict[str, Any] | None]


def set_in(store: Store, table: Any, number: int, **values: Any) -> None:
    """Write into a row what no act of ours would."""
    with store._writing() as connection:
        connection.execute(update(table).where(table.c.id == number).values(**values))


def rows(store: Store) -> dict[str, dict[Key, dict[str, Any]]]:
    """Every row as it lies (times as numbers, JSON as its text), by table and key."""
    found: dict[str, dict[Key, dict[str, Any]]] = {}
    with copying.snapshot(store._engines) as connection:
        for table in copying._plain():
            keys = [column.name for column in table.primary_key.columns]
            found[table.name] = {
                tuple(row._mapping[key] for key in keys): dict(row._mapping)
                for row in copying._rows(connection, table)
            }
    return found


def differences(store: Store, act: Callable[[], Any]) -> dict[str, Differences]:
    """By table and key: what the changed columns hold afterwards; of a new row all, of one that went None.

    The name that stands in the place of somebody who was erased is HIM.
    """
    before = rows(store)
    act()
    after = rows(store)
    name = next((key[1] for key in after["person"] if key not in before["person"]), "")
    told: dict[str, Differences] = {}
    for table, now in after.items():
        was = before[table]
        for key in {**was, **now}:
            old, new = was.get(key, {}), now.get(key)
            if old != new:
                changed = {one: v for one, v in new.items() if old.get(one, ...) != v} if new else None
                told.setdefault(table, {})[_shown(key, name)] = _shown(changed, name)
    return told


def _shown(value: Any, name: str) -> Any:
    if not name:
        return value
    if isinstance(value, dict):
        return {key: _shown(one, name) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(_shown(one, name) for one in value)
    if isinstance(value, bytes):
        return value.replace(name.encode(), HIM.encode())
    return value.replace(name, HIM) if isinstance(value, str) else value
