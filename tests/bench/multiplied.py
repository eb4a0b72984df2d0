"""A store of any number of tickets, made from a few that really lived: every row copied by the database itself.

A copy is older than what it copies, by its number; its numbers, hashes, Message-IDs, people and partners are its own.
One in fifty is of the same partner (Oakbridge). Only the first copies are of tickets that still live: a desk does not
grow with its archive. What must be found by name (numbers, words) is spelt anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, insert, make_url, select, text

from tests.bench import lived
from tests.web.desk import MONDAY
from triaged.store import Store, upgrade, words
from triaged.store.columns import Moment, to_micros
from triaged.store.copying import _plain
from triaged.store.tables import metadata
from triaged.store.tally_tables import COUNTED

LIVE_COPIES = 80  # of the pattern's ten live tickets
OWN = 50  # one copy in so many is of the pattern's own partners
PARTNERS, PEOPLE, MIDDLING = 997, 5003, 4999
A_DAY = 500  # tickets
WAITS = 30 * 86_400_000_000  # microseconds: what is due on Monday and later
KEPT_DAYS = 400  # bytes of mails and letters, as retention has it by default; their words stay, though it takes them too
_STRIDE = 2_000  # more than any number of the pattern: numbers stay as dense as they are
_NUMBERS = {"ticket_id", "mail_id", "letter_id", "duplicate_of", "merged_into", "linked_to"}
_ADDRESSES = {"person.address", "mail.sender", "recipient.address", "recipient.mailbox"}
_DOMAINS = {"ticket.partner_domain", "mail.sender_domain"}
_BYTES = {"raw.packed", "letter.raw"}
_STEPS = {"due.ready_at": "CAST(NULL AS BIGINT)", "due.done_at": "coalesce(t.done_at, t.due_at) - {step}"}
_EMPTY = {"sqlite": "x''", "postgresql": "''::bytea"}
_HASHES = {"sha256", "body_sha256"}
_OF_TICKETS = (
    "ticket", "raw", "mail", "person", "event", "known", "letter", "recipient", "due", "said", "tag", "rule_hit",
)  # fmt: skip
_LONG = (
    "(SELECT ticket_id FROM {pattern}event GROUP BY ticket_id ORDER BY count(*) DESC LIMIT 1)"  # stands once
)
_ENDED = "SELECT id FROM {pattern}ticket WHERE state = 'closed'"
_WHOSE = {
    "ticket": "t.state = 'closed'",
    "raw": "t.sha256 IN (SELECT sha256 FROM {pattern}mail WHERE ticket_id IN (" + _ENDED + "))",
    "recipient": "t.letter_id IN (SELECT id FROM {pattern}letter WHERE ticket_id IN (" + _ENDED + "))",
}
_ONCE = {
    "ticket": f"(k = 0 OR t.id <> {_LONG})",
    "raw": "(k = 0 OR t.sha256 NOT IN (SELECT sha256 FROM {pattern}mail WHERE ticket_id = " + _LONG + "))",
    "recipient": "(k = 0 OR t.letter_id NOT IN (SELECT id FROM {pattern}letter WHERE ticket_id = "
    + _LONG
    + "))",
}
_SERIES = {
    "sqlite": "WITH RECURSIVE s(k) AS (SELECT {last} UNION ALL SELECT k - 1 FROM s WHERE k > {first}) ",
    "postgresql": "WITH s(k) AS (SELECT generate_series({last}, {first}, -1)) ",
}
_HEX = {"sqlite": "printf('%08x', k)", "postgresql": "lpad(to_hex(k), 8, '0')"}


def make(pattern: Path, url: str, tickets: int) -> int:
    """Fill a new database with about so many tickets (to the copy); answers the number of copies of the pattern."""
    upgrade(url)
    live = min(LIVE_COPIES, max(1, tickets // 2 // lived.TICKETS))
    ended = max(0, tickets - live * lived.TICKETS) // (lived.TICKETS - lived.LIVE)
    store = Store.open(url)
    dialect, secret = store.dialect, store.secret()
    store.close()
    assert secret
    (_sqlite if dialect == "sqlite" else _postgresql)(pattern, url, live, live + ended)
    return live + ended


def newest(number: int, copies: int) -> int:
    """The number of a row of the pattern in the newest copy."""
    return number + (copies - 1) * _STRIDE


def statements(dialect: str, pattern: str, live: int, copies: int) -> Iterator[str]:
    """What copies every table: whole while tickets live, then only those that are over."""
    for name in _OF_TICKETS:
        table = metadata.tables[name]
        for first, last, whole in ((0, live - 1, True), (live, copies - 1, False)):
            if first <= last:
                yield _statement(dialect, pattern, table, copies, (first, last), whole=whole)


def counts() -> Iterator[str]:
    """What the database would have counted of itself."""
    yield "DELETE FROM tally"
    for table, (_columns, word) in COUNTED.items():
        its = word.format(row=table)
        yield f"INSERT INTO tally (\"of\", word, number) SELECT '{table}', {its}, count(*) FROM {table} GROUP BY {its}"


def _statement(
    dialect: str, pattern: str, table: Table, copies: int, span: tuple[int, int], *, whole: bool
) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    made = ", ".join(_value(dialect, column, copies, whole=whole) for column in table.columns)
    which = _WHOSE.get(table.name, "t.ticket_id IN (" + _ENDED + ")")
    if whole:
        which = _ONCE.get(table.name, f"(k = 0 OR t.ticket_id <> {_LONG})")
    which = which.format(pattern=pattern)
    series = _SERIES[dialect].format(first=span[0], last=span[1])
    # Oldest first, as rows come
    return f'INSERT INTO "{table.name}" ({columns}) {series}SELECT {made} FROM s CROSS JOIN {pattern}"{table.name}" t WHERE {which}'


def _value(dialect: str, column: Any, copies: int, *, whole: bool) -> str:
    name, full = f't."{column.name}"', f"{column.table.name}.{column.name}"
    if column.name in _NUMBERS or (column.name == "id" and column.table.name != "setting"):
        return f"{name} + ({copies} - 1 - k) * {_STRIDE}"
    if full in _BYTES:
        return f"CASE WHEN k < {_old()} THEN {name} ELSE {_EMPTY[dialect]} END"
    if full == "mail.reading":
        return f"CASE WHEN k < {_old()} THEN {name} ELSE '{{}}' END"
    if column.name == "forgotten_at":
        return f"CASE WHEN k < {_old()} THEN {name} ELSE CAST({to_micros(MONDAY)} AS BIGINT) END"
    if full in _STEPS and not whole:  # a daemon would have taken what was due then
        return _STEPS[full].format(step=f"k * {_step_micros()}")
    if isinstance(column.type, Moment):
        if whole and column.table.name == "due":
            return f"{name} + {WAITS}"  # what waits, waits
        return f"{name} - k * {_step_micros()}"
    if column.name in _HASHES:
        return f"{_HEX[dialect]} || substr({name}, 9)"
    if column.name == "message_id":
        return f"CASE WHEN k = 0 THEN {name} ELSE replace({name}, '<', '<' || k || '.') END"
    if full in _ADDRESSES:
        other = f"(k % {PEOPLE}) || '@p' || (k % {PARTNERS}) || '.'"
        return f"CASE WHEN k = 0 THEN {name} WHEN k % {OWN} = 0 THEN replace({name}, '@', k || '@') ELSE replace({name}, '@', {other}) END"
    if full in _DOMAINS:
        return f"CASE WHEN k % {OWN} = 0 THEN {name} ELSE 'p' || (k % {PARTNERS}) || '.' || {name} END"
    if full == "ticket.account_key":
        return f"CASE WHEN k % {OWN} = 0 THEN {name} ELSE {name} || (k % {PARTNERS}) END"
    if full == "ticket.subject":
        return f"{name} || ' ' || k"
    return _said(copies) if full == "said.words" else name


def _said(copies: int) -> str:
    """The ticket's own number, its partner's word, and words of its own: one rare, one middling."""
    made = f"replace(t.words, CAST(t.ticket_id AS TEXT), CAST(t.ticket_id + ({copies} - 1 - k) * {_STRIDE} AS TEXT))"
    for domain in ("oakbridge.example", "elmhill.example"):
        made = f"CASE WHEN k % {OWN} = 0 THEN {made} ELSE replace({made}, '{words.of_partner(domain)}', 'zofp' || (k % {PARTNERS})) END"
    return (
        f"CASE WHEN t.words = '' THEN '' ELSE {made} || ' rare' || k || ' middling' || (k % {MIDDLING}) END"
    )


def _old() -> int:
    """The first copy that is too old to have its bytes."""
    return KEPT_DAYS * A_DAY // lived.TICKETS


def _step_micros() -> int:
    return 86_400_000_000 * lived.TICKETS // A_DAY


def _sqlite(pattern: Path, url: str, live: int, copies: int) -> None:
    target = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "cache_size=-1000000",
        "temp_store=MEMORY",
        "foreign_keys=OFF",
    ):
        target.execute(f"PRAGMA {pragma}")
    target.execute("ATTACH ? AS pattern", (str(pattern),))
    indexes = target.execute(
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    triggers = target.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
    for kind, made in (("INDEX", indexes), ("TRIGGER", triggers)):
        for name, _sql in made:
            target.execute(f'DROP {kind} "{name}"')
    target.execute("BEGIN")
    for statement in (*statements("sqlite", "pattern.", live, copies), *counts()):
        target.execute(statement)
    target.execute("COMMIT")
    for _name, sql in (*indexes, *triggers):
        target.execute(sql)
    target.execute("INSERT INTO said_words(said_words) VALUES ('rebuild')")
    target.execute("PRAGMA journal_mode=WAL")
    target.close()


def _postgresql(pattern: Path, url: str, live: int, copies: int) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    source = create_engine(f"sqlite:///{pattern}")
    with source.connect() as given, engine.begin() as target:
        for told in (
            "session_replication_role = replica",
            "maintenance_work_mem = '1GB'",
            "work_mem = '256MB'",
        ):
            target.execute(text(f"SET LOCAL {told}"))
        _copy_pattern(given, target)
        indexes = target.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            )
        ).all()
        for name, _sql in indexes:
            target.execute(text(f'DROP INDEX "{name}"'))
        for statement in (*statements("postgresql", "pattern.", live, copies), *counts()):
            target.exec_driver_sql(statement.replace("%", "%%"))
        for _name, sql in indexes:
            target.exec_driver_sql(sql.replace("%", "%%"))
        target.execute(text("DROP SCHEMA pattern CASCADE"))
        for table in metadata.sorted_tables:
            if "id" in table.c:
                _set_sequence(target, table.name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    source.dispose()


def _copy_pattern(source: Connection, target: Connection) -> None:
    target.execute(text("CREATE SCHEMA pattern"))
    for table in _plain():
        if table.name in _OF_TICKETS:
            target.execute(text(f'CREATE TABLE pattern."{table.name}" (LIKE public."{table.name}")'))
            rows = [dict(row._mapping) for row in source.execute(select(table))]
            copied = table.to_metadata(type(table.metadata)(), schema="pattern")
            if rows:
                target.execute(insert(copied), rows)


def _set_sequence(target: Connection, name: str) -> None:
    given = {"table": f'"{name}"'}
    if target.scalar(text("SELECT pg_get_serial_sequence(:table, 'id')"), given):
        target.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence(:table, 'id'), (SELECT coalesce(max(id), 1) FROM \"{name}\"))"
            ),
            given,
        )
