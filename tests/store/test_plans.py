"""What is due is found by its index alone, however much is done: the query plan is the test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.store.asked import explained
from tests.store.samples import LEASE, NOW
from triaged.store import Store, addresses, dues, mail, outbox, recent, threads
from triaged.store.claims import taking
from triaged.store.columns import to_micros

ROWS = 6000
WAITING = 40

# Rows done long ago, and a few that wait, of which half are due: filled by SQL, since only the claims are under test.
SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) ",
    "postgresql": "WITH s(n) AS (SELECT generate_series(1, {rows})) ",
}
READY = "CASE WHEN n % {every} = 0 THEN CASE WHEN n % {twice} = 0 THEN {now} ELSE {later} END END"
FILL = {
    "raw": "INSERT INTO raw (sha256, size, packed) VALUES ('x', 1, 'x')",
    "mail": """INSERT INTO mail (sha256, body_sha256, mailbox, door, received_at, kept_at, envelope_to, behind_mta,
        sent_folder, truncated, history, fate, ready_at, message_id, sender)
        {series} SELECT 'x', 'x', 'global', 'smtp', {now}, {now}, '[]', {false}, {false}, {false}, 'none', 'ticket', {ready},
        '<' || n || '@x>', 'a@x' FROM s""",
    "letter": """INSERT INTO letter (kind, key, audience, mailbox, "to", cc, subject, message_id, raw, state, refused,
        written_at, ready_at) {series} SELECT 'digest', 'day ' || n, 'staff', 'global', '[]', '[]', '', '', 'x', 'waiting', '[]', {now}, {ready} FROM s""",
    "due": """INSERT INTO due (mailbox, kind, step, due_at, data, ready_at, done_at)
        {series} SELECT 'global', 'digest', 'day ' || n, {now}, '{{}}', {ready}, CASE WHEN n % {every} != 0 THEN {now} END FROM s""",
}


@pytest.fixture
def full(store: Store) -> Iterator[Store]:
    """A store with thousands of finished rows of every kind of work."""
    every = ROWS // WAITING
    numbers: dict[str, Any] = {
        "now": to_micros(NOW),
        "later": to_micros(NOW + timedelta(days=1)),
        "every": every,
        "twice": 2 * every,
        "false": "FALSE",
    }
    series, ready = SERIES[store.dialect].format(rows=ROWS), READY.format(**numbers)
    with store._writing() as connection:
        for statement in FILL.values():
            filled = statement.format(series=series, ready=ready, **numbers)
            connection.execute(text(filled))
    if store.dialect == "postgresql":
        with store._engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    yield store


CLAIMS = {
    "mail": (mail._CLAIM, {"fewer": 5}),
    "letter": (outbox._CLAIM, {}),
    "letter of a mailbox": (outbox._CLAIM_OF_MAILBOX, {"of_mailbox": "global"}),
    "due": (dues._CLAIM, {}),
}


def plan(connection: Connection, claim: Any, parameters: dict[str, Any]) -> Any:
    """The database's own account of how it runs the statement."""
    compiled = claim.compile(dialect=connection.dialect)
    bound = compiled.construct_params(parameters)
    processors = compiled._bind_processors
    bound = {key: processors[key](value) if key in processors else value for key, value in bound.items()}
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN " + str(compiled), tuple(bound[name] for name in compiled.positiontup)
        )
        return "\n".join(row.detail for row in rows)
    explained = connection.exec_driver_sql("EXPLAIN (ANALYZE, FORMAT JSON) " + str(compiled), bound).scalar()
    return explained if isinstance(explained, list) else json.loads(str(explained))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize("name", list(CLAIMS))
def test_a_claim_touches_only_due_rows(full: Store, name: str) -> None:
    claim, more = CLAIMS[name]
    table = name.split()[0]
    with full._writing() as connection:
        found = plan(connection, claim, {**taking(100, NOW, "one", LEASE), **more})
        connection.rollback()
    index = "ix_letter_mailbox_ready" if "of_mailbox" in more else f"ix_{table}_ready"
    if full.dialect == "sqlite":
        assert f"SEARCH {table} USING INDEX {index}" in found, (
            "whose it is stands in the row, not in the index"
        )
        assert f"SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)" in found
        assert f"SCAN {table}" not in found and "TEMP B-TREE" not in found
        return
    steps = list(nodes(found[0]["Plan"]))
    scans = [step for step in steps if step.get("Relation Name") == table and "Scan" in step["Node Type"]]
    assert any(str(step.get("Index Name")).endswith("_ready") for step in steps)
    assert all("Seq" not in step["Node Type"] for step in scans)
    touched = max(
        step["Actual Rows"] * step["Actual Loops"] + step.get("Rows Removed by Filter", 0) for step in scans
    )
    assert touched <= WAITING


def test_claims_give_what_is_due_and_nothing_else(full: Store) -> None:
    due = WAITING // 2
    assert len(full.claim_dues(ROWS, NOW, "one", LEASE)) == due
    assert len(full.claim_letters(ROWS, NOW, "one", LEASE)) == due
    assert full.claim_dues(ROWS, NOW, "two", LEASE) == []


LOOKUPS = {
    "letters to": (
        addresses._LETTERS_TO,
        {"mailboxes": ["a@x", "b@x"], "since": NOW, "audience": "partner"},
        ["ix_recipient_mailbox"],
    ),
    "letters to the unverified": (addresses._UNVERIFIED, {"since": NOW}, ["ix_letter_unverified"]),
    "seen": (
        mail._SEEN,
        {"bytes": ["a", "b"], "named": ["<a>", "<b>"], "bodies": ["c", "d"], "senders": ["a@x"]},
        ["ix_mail_sha256", "ix_mail_message_id"],
    ),
    "owners": (threads._OWNERS, {"keys": ["<a>", "<b>"]}, ["known"]),
}


@pytest.mark.parametrize("name", list(LOOKUPS))
def test_what_a_batch_asks_is_found_by_an_index(full: Store, name: str) -> None:
    statement, asked, indexes = LOOKUPS[name]
    with full._writing() as connection:
        if full.dialect == "postgresql":
            # Tables as small as these would be read whole
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        found = explained(connection, statement.params(**asked))
    assert all(index in found for index in indexes), found
    assert "SCAN mail" not in found and "SCAN letter\n" not in found and "Seq Scan" not in found


@pytest.mark.parametrize(
    ("of", "index"), [("sender", "ix_mail_sender"), ("sender_domain", "ix_mail_sender_domain")]
)
def test_what_came_lately_reads_no_more_of_a_flood_than_it_counts(
    store: Store, of: recent.Of, index: str
) -> None:
    flood = 8000
    with store._writing() as connection:
        connection.execute(text(FILL["raw"]))
        connection.execute(
            text(f"""INSERT INTO mail (sha256, body_sha256, mailbox, door, received_at, kept_at, envelope_to,
            behind_mta, sent_folder, truncated, history, fate, sender, sender_domain)
            {SERIES[store.dialect].format(rows=flood)} SELECT 'x', 'x', 'global', 'smtp', {to_micros(NOW)}, {to_micros(NOW)},
            '[]', FALSE, FALSE, FALSE, 'none', 'ticket', 'eve@far.example', 'far.example' FROM s""")
        )
    if store.dialect == "postgresql":
        with store._engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    asked = {"keys": '["eve@far.example", "far.example"]', "since": to_micros(NOW)}
    explain = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN (ANALYZE) "
    with store._reading() as connection:
        found = str(connection.execute(text(explain + recent.lately(of, store.dialect)), asked).all())
        counts = connection.execute(text(recent.lately(of, store.dialect)), asked).all()
    assert {row.mails for row in counts} == {0, recent.MOST}
    assert "SCAN mail" not in found and "Seq Scan" not in found, found
    if store.dialect == "sqlite":
        assert f"USING INDEX {index} (" in found, found
    with store.transaction() as tx:
        assert tx.mails_from("eve@far.example", NOW) == recent.MOST == tx.mails_of_domain("far.example", NOW)
