"""Searches of common words look at a bounded number of texts, and lose no rare one, however many are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import text

from tests.store.asked import heard
from tests.store.test_pages import ALL, opened, references
from tests.store.test_plans import SERIES, nodes
from tests.store.test_words import found as stands_in
from triaged.judging.decisions import Partner
from triaged.store import Store, newest, search, words
from triaged.store.newest import Looked
from triaged.store.page_rows import Counted, Status
from triaged.store.scope import Scope, of_admin, of_person, of_staff
from triaged.tickets.ticket import Person, State, Ticket

STAFF = of_staff("cy@z.example")
TEXTS = 6000
MANY, FEW, NONE = "many.example", "few.example", "none.example"
# PostgreSQL estimates beginnings where it knows a hundred common words. Of the texts one in three is Few's; old ones are called otherwise, and the very oldest of each alone is rare.
FILL = """
INSERT INTO said (ticket_id, audience, by_name, "to", cc, files, text, words, letter_id)
{series} SELECT CASE WHEN n % 3 = 0 THEN {few} ELSE {many} END, 'partner', '', '[]', '[]', '[]', '',
    (CASE WHEN n % 3 = 0 THEN '{of_few}' ELSE '{of_many}' END) || ' exports ' || (CASE WHEN n % 2 = 0 THEN 'dashboard ' ELSE '' END)
    || (CASE WHEN n < 4000 THEN 'henrik ' ELSE 'ingrid ' END) || (CASE WHEN n <= 3 THEN 'zanzibar ' ELSE '' END)
    || (CASE WHEN n % 3 = 1 THEN 'strangely ' ELSE '' END) || 'kind' || (n % 150) || ' unique' || n, NULL FROM s
"""


def admin(domain: str) -> Scope:
    return of_admin(f"ada@{domain}", Partner(domain, "P", "premium", "US"))


def tell(store: Store, one: Ticket, said: str, whose: str | None) -> None:
    untie(store)
    given = {"ticket": one.id, "words": f"{words.of_partner(whose)} {words.indexed(said)}"}
    with store._writing() as connection:
        connection.execute(
            text(
                'INSERT INTO said (ticket_id, audience, by_name, "to", cc, files, text, words)'
                " VALUES (:ticket, 'partner', '', '[]', '[]', '[]', '', :words)"
            ),
            given,
        )


def untie(store: Store) -> None:
    """From here on a ticket may have many texts of its own."""
    with store._writing() as connection:
        connection.execute(text("DROP INDEX IF EXISTS uq_said_of_ticket"))


@pytest.fixture
def full(store: Store) -> Iterator[Store]:
    few, many = (opened(store, partner_domain=name, subject="x").id for name in (FEW, MANY))
    opened(store, partner_domain=NONE, subject="nothing like that")
    untie(store)
    given = {"few": few, "many": many, "of_few": words.of_partner(FEW), "of_many": words.of_partner(MANY)}
    with store._writing() as connection:
        connection.execute(text(FILL.format(series=SERIES[store.dialect].format(rows=TEXTS), **given)))
    if store.dialect == "postgresql":
        with store._engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE said"))
    yield store


def hits(store: Store, scope: Scope, query: str) -> tuple[list[int], bool]:
    with store._reading() as connection:
        return search._hits(connection, scope, words.sought(query))


def looked_at(store: Store, scope: Scope, query: str) -> int:
    """The rows of texts that PostgreSQL reads, and the postings that it gathers, for a whole search."""
    with heard(store) as asked:
        hits(store, scope, query)
    rows = 0
    with store._reading() as connection:
        for statement, given in asked:
            if "FROM said" not in statement or statement.startswith(("EXPLAIN", "SELECT max")):
                continue
            (row,) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", given)
            plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
            steps = [one for one in nodes(plan[0]["Plan"]) if "Index Name" in one or "Relation Name" in one]
            rows += sum(int(one["Actual Rows"]) + int(one.get("Rows Removed by Filter", 0)) for one in steps)
            assert not any(one["Node Type"] == "Seq Scan" for one in steps), plan
    return rows


def test_a_common_word_is_met_among_the_newest_texts(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = admin(FEW), admin(MANY)
    _small(monkeypatch)
    for who, query in (
        (STAFF, "expo"), (STAFF, "export dash"), (STAFF, "exports"), (few, "expo"), (few, "export dash"),
        (many, "dashboard"), (many, "ingr"),
    ):  # fmt: skip
        found, more = hits(full, who, query)
        assert len(found) == 100 and found == sorted(found, reverse=True) and more, query
        assert min(found) > TEXTS - 100 * 6 * 1.1, "the newest that there are"
        if full.dialect == "postgresql":
            assert looked_at(full, who, query) <= 200 + 100 * 2 * 1.2, query
    assert hits(full, admin(NONE), "expo") == ([], False)
    if full.dialect == "postgresql":
        assert looked_at(full, admin(NONE), "expo") < 10, "nobody else's are looked at"


def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for room, name, value in ((search, "MOST", 100), (newest, "SLICE", 200), (newest, "FEW", 500)):
        monkeypatch.setattr(room, name, value)


def test_the_one_old_text_of_a_rare_word_is_found(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with full._reading() as connection:
        first = connection.scalar(text("SELECT min(id) FROM said WHERE words LIKE '%unique1'"))
    assert first
    every = {first, first + 1, first + 2}
    _small(monkeypatch)
    for few, slice_of in ((500, 200), (-1, 2), (-1, 200)):  # -1: whatever the planner expects
        monkeypatch.setattr(newest, "FEW", few)
        monkeypatch.setattr(newest, "SLICE", slice_of)
        for query in ("zanzibar", "zanz", "zanzibar expo", "henr zanz"):
            assert set(hits(full, STAFF, query)[0]) == every, query
            assert hits(full, admin(FEW), query)[0] == [first + 2], query
            assert set(hits(full, admin(MANY), query)[0]) == {first, first + 1}, query
            assert hits(full, admin(NONE), query)[0] == []


def test_what_is_common_only_in_old_texts_is_found_with_its_newest_first(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small(monkeypatch)
    with full._reading() as connection:
        last = connection.scalar(text("SELECT max(id) FROM said WHERE words LIKE '%unique3999'"))
    assert last
    found, more = hits(full, STAFF, "henr")
    assert found == list(range(last, last - 100, -1)) and more
    assert hits(full, admin(FEW), "henrik")[0] == list(range(last, last - 300, -3))


def test_both_ways_and_both_databases_find_what_stands_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(5)
    names = (MANY, FEW, NONE)
    tickets = {name: opened(store, partner_domain=name, subject="") for name in names}
    stems = ("expo", "dash", "größ", "東京", "7001")
    told: list[tuple[str, str]] = []
    for _ in range(150):
        whose = random.choice(names)
        said = " ".join(
            random.choice(stems) + "".join(random.choices("ab", k=random.randrange(3))) for _ in range(3)
        )
        tell(store, tickets[whose], said, whose)
        told.append((whose, said))
    with store._reading() as connection:
        ids = list(
            connection.scalars(text("SELECT id FROM said WHERE words LIKE '% %' ORDER BY id DESC LIMIT 150"))
        )[::-1]
    monkeypatch.setattr(search, "MOST", 7)
    scopes = {"": STAFF, **{name: admin(name) for name in names}}
    for few, slice_of, dear in ((10_000, 5, 8), (-1, 5, 0), (-1, 5, 10**9), (-1, 1, 8), (-1, 150, 8)):
        for name, value in (("FEW", few), ("SLICE", slice_of), ("_DEAR", dear)):
            monkeypatch.setattr(newest, name, value)
        for query in (
            "expo",
            "expoa",
            "dash expo",
            "größab",
            "京",
            "7001",
            "東京 dash",
            "expo dash 東京",
            "nowhere",
        ):
            for name, scope in scopes.items():
                right = [
                    one
                    for one, (whose, said) in zip(ids, told, strict=True)
                    if name in ("", whose) and stands_in(query, said)
                ][::-1]
                assert hits(store, scope, query) == (right[:7], len(right) >= 7), (query, name, few)


def test_texts_of_nobody_do_not_keep_a_partners_own_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 5)
    own, nobodys = (
        opened(store, partner_domain=FEW, subject=""),
        opened(store, partner_domain=None, subject=""),
    )
    tell(store, own, "exports fail", FEW)
    for _ in range(9):
        tell(store, nobodys, "exports fail", None)
    assert references(store, admin(FEW), text="export") == [own.id]


def test_a_search_that_was_cut_says_so_by_its_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one = opened(store, partner_domain=FEW, subject="", state=State.OPEN)
    for _ in range(6):
        tell(store, one, "exports fail", FEW)
    wanted = replace(ALL, text="export")
    for most, more in ((7, False), (6, True), (5, True)):
        monkeypatch.setattr(search, "MOST", most)
        for scope in (STAFF, admin(FEW)):
            page, counts = store.listed(
                scope, wanted, [wanted, replace(wanted, statuses=(Status.CLOSED,)), ALL]
            )
            assert [row.id for row in page.rows] == [one.id]
            assert counts == [Counted(1, more), Counted(0, more), Counted(1, False)]


def test_a_page_and_its_counts_look_for_their_words_once(store: Store) -> None:
    opened(store, partner_domain=FEW)
    wanted = replace(ALL, text="vanish")
    beside = [replace(wanted, statuses=(one,)) for one in Status]
    with heard(store) as asked:
        page, counts = store.listed(admin(FEW), wanted, beside)
    assert len(page.rows) == 1 == sum(one.number for one in counts)
    searches = [
        one
        for one, _ in asked
        if "said_words MATCH" in one or ("found @@ to_tsquery" in one and "SELECT id" in one)
    ]
    assert len(searches) == 2, "among the partner's texts and among nobody's"


def test_looking_goes_on_only_where_that_is_sooner() -> None:
    def goes_on(texts: int, hits: int, gathered: int, *, whole: bool = False) -> bool:
        return Looked(texts, 1, tuple(range(hits)), whole).goes_on(gathered, most=1000)

    assert goes_on(2000, 500, 1_000_000) and not goes_on(2000, 500, 10_000)
    assert not goes_on(2000, 0, 10**9), "nothing says how many texts it would take"
    assert not goes_on(2000, 1000, 10**9) and not goes_on(100, 5, 10**9, whole=True)
    assert Looked(2000, 1, tuple(range(500))).lacking(1000) == 2201


def test_colleagues_newer_texts_keep_nobodys_own_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the many of a large partner looks for a word that everybody there writes; his own ticket is old."""
    monkeypatch.setattr(search, "MOST", 100)
    his = (Person("old@many.example", role="requester"),)
    few, many = (opened(store, partner_domain=name, subject="x").id for name in (FEW, MANY))
    mine = opened(store, partner_domain=MANY, subject="mine", people=his)
    tell(store, mine, "the exports of the dashboard stop", MANY)
    given = {"few": few, "many": many, "of_few": words.of_partner(FEW), "of_many": words.of_partner(MANY)}
    with store._writing() as connection:
        connection.execute(text(FILL.format(series=SERIES[store.dialect].format(rows=900), **given)))
    he, she = (
        of_person(f"{name}@many.example", Partner(MANY, "P", "premium", "US")) for name in ("old", "ella")
    )
    for query in ("exports", "export", "dash", "exports dashboard"):
        page, counts = store.listed(he, replace(ALL, text=query), [replace(ALL, text=query)])
        assert [row.id for row in page.rows] == [mine.id] and counts == [Counted(1, False)], query
        assert not store.listed(she, replace(ALL, text=query), ())[0].rows
    assert not store.listed(he, replace(ALL, text="strangely"), ())[0].rows
