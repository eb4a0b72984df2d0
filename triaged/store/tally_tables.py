"""How many mails, tickets and letters there are, kept by the database itself as they come, change and go.

Counting a million rows takes a second, and `status` and each scrape of the metrics ask. So whoever writes adds a row
to the tally (`add_up` in tally.py makes one of many): no row is changed by two, so nobody waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import DDL, BigInteger, Column, String, Table, event

from triaged.store.columns import RowId
from triaged.store.metadata import metadata

tally = Table(
    "tally",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("of", String(16), nullable=False),  # the table
    Column("word", String(64), nullable=False),
    Column("number", BigInteger, nullable=False),  # more, or fewer
)
# By what each is counted: the columns, and the word that they make of a row.
COUNTED = {
    "mail": (("fate",), "{row}.fate"),
    "ticket": (("state", "severity"), "{row}.state || '/' || {row}.severity"),
    "letter": (("state",), "{row}.state"),
}


def _sqlite() -> Iterator[str]:
    for table, (columns, word) in COUNTED.items():
        came, went = (_more(table, word.format(row=row), by) for row, by in (("new", 1), ("old", -1)))
        changed = " OR ".join(f"old.{column} <> new.{column}" for column in columns)
        for name, when, what in (
            ("came", f"INSERT ON {table}", came),
            ("went", f"DELETE ON {table}", went),
            ("changed", f"UPDATE OF {', '.join(columns)} ON {table} WHEN {changed}", f"{went}; {came}"),
        ):
            yield f"CREATE TRIGGER {table}_{name} AFTER {when} BEGIN {what}; END"


def _postgresql() -> Iterator[str]:
    for table, (columns, word) in COUNTED.items():
        came, went = (_more(table, word.format(row=row), by) for row, by in (("new", 1), ("old", -1)))
        yield (
            f"CREATE OR REPLACE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP <> 'INSERT' THEN {went}; END IF; IF TG_OP <> 'DELETE' THEN {came}; END IF; RETURN NULL; END $$"
        )
        changed = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in columns)
        run = f"EXECUTE FUNCTION {table}_counted()"
        yield f"CREATE TRIGGER {table}_counted AFTER INSERT OR DELETE ON {table} FOR EACH ROW {run}"
        yield (
            f"CREATE TRIGGER {table}_changed AFTER UPDATE OF {', '.join(columns)} ON {table} "
            f"FOR EACH ROW WHEN ({changed}) {run}"
        )


def _more(table: str, word: str, by: int) -> str:
    return f"INSERT INTO tally (\"of\", word, number) VALUES ('{table}', {word}, {by})"


SQLITE, POSTGRESQL = tuple(_sqlite()), tuple(_postgresql())
for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        _made: Any = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(metadata, "after_create", _made.execute_if(dialect=_dialect))
