"""Lists, tickets and searches of the pages: who may see what, in which order, and by which index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event as listens
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from tests.store.asked import explained, heard
from tests.store.samples import NOW, arrival, event, letter, new_ticket, write
from triaged.judging.decisions import Partner
from triaged.store import Fate, Store, newest, pages, search, shapes, ticket_pages
from triaged.store.page_rows import Draft, Place, Sort, Status, View, Wanted
from triaged.store.rows import Finished, SaidMail
from triaged.store.scope import Scope, of_admin, of_person, of_staff
from triaged.tickets.ticket import Attached, Event, Happening, Person, State, Ticket
from triaged.vocabulary import Severity

OAK = Partner("oakbridge.example", "Oakbridge", "advanced", "US")
ELM = Partner("elmhill.example", "Elmhill", "premium", "US")
LONE = Partner("", "Lone", "authorised", "US", contacts=("lena@mailer.example", "leo@mailer.example"))
ANNA, BEN, CEM, ADA = (f"{name}@oakbridge.example" for name in ("anna", "ben", "cem", "ada"))
EVA = "eva@elmhill.example"
ALL = Wanted(now=NOW)
HOUR = timedelta(hours=1)


def opened(store: Store, **changes: Any) -> Ticket:
    with store.transaction() as tx:
        return tx.open_ticket(replace(new_ticket(trusted=True), **changes), [event(Happening.RECEIVED)])


def references(store: Store, scope: Scope, **wanted: Any) -> list[int]:
    return [row.id for row in store.page(scope, replace(ALL, **wanted)).rows]


SCOPES = {
    "opener": of_person(ANNA, OAK),
    "copied": of_person(BEN, OAK),
    "colleague": of_person(CEM, OAK),
    "admin": of_admin(ADA, OAK),
    "foreign": of_person(EVA, ELM),
    "foreign admin": of_admin(EVA, ELM),
    "follower no more": of_person("rob@oakbridge.example", OAK),
    "customer in copy": of_person("it@client.example"),
    "staff": of_staff("cy@zohocorp.com"),
}
EVERYBODY = frozenset({"opener", "copied", "admin", "follower no more", "staff"})
# Who sees which ticket; everybody else does not know that it exists.
SEEN = {
    "plain": EVERYBODY,
    "private": EVERYBODY - {"admin"},
    "unverified": frozenset({"staff"}),
    "unverified, answered": EVERYBODY,
    "another partner's": frozenset({"foreign", "foreign admin", "staff"}),
    "merged": EVERYBODY,
    "closed": EVERYBODY,
}
_PEOPLE = (
    Person(ANNA, "Anna"), Person(BEN, role="cc"), Person("it@client.example", role="other"),
    Person("rob@oakbridge.example", role="reader"), Person(EVA, role="other"),
)  # fmt: skip


@pytest.fixture
def tickets(store: Store) -> dict[str, Ticket]:
    made = {"plain": opened(store, people=_PEOPLE)}
    made["private"] = opened(store, people=_PEOPLE, private=True)
    made["unverified"] = opened(store, people=_PEOPLE, trusted=False)
    made["unverified, answered"] = opened(store, people=_PEOPLE, trusted=False)
    made["another partner's"] = opened(store, people=(Person(EVA),), partner_domain=ELM.domain)
    made["merged"] = opened(
        store, people=_PEOPLE, state=State.CLOSED, closed_at=NOW, merged_into=made["plain"].id
    )
    made["closed"] = opened(store, people=_PEOPLE, state=State.CLOSED, closed_at=NOW)
    with store.transaction() as tx:
        for one in made.values():
            if one.trusted:
                write(tx, [letter()], one.id)
        tx.add_events(made["unverified, answered"].id, [event(Happening.STAFF_ANSWERED)])
    for one in store.claim_letters(50, NOW, "one", HOUR):
        store.letter_sent(one.id, "one", NOW)
    return made


def test_the_table_of_who_sees_what(store: Store, tickets: dict[str, Ticket]) -> None:
    wrong = []
    for name, who in product(SEEN, SCOPES):
        one, scope, seen = tickets[name], SCOPES[who], who in SEEN[name]
        with store.transaction() as tx:
            stands = tx.is_seen(scope, one.id)
        told = {
            "list": one.id in references(store, scope),
            "page": store.ticket_page(scope, one.id) is not None,
            "reference": store.reference_of(scope, one.reference) == one.id,
            "search": one.id in references(store, scope, text="vanish"),
            "events": store.since(scope, one.id, 0) != (),
            "act": stands,
        }
        told |= {
            f"letter {row.id}": store.letter_raw_of(scope, row.id) is not None
            for row in store.letters_of(one.id)
        }
        wrong += [(name, who, way) for way, shown in told.items() if shown is not seen]
    assert wrong == []


def test_a_partner_without_a_domain_has_an_admin_all_the_same(store: Store) -> None:
    one = opened(store, partner_domain="lena@mailer.example", people=(Person("lena@mailer.example"),))
    assert references(store, of_admin("leo@mailer.example", LONE)) == [one.id]
    assert references(store, of_admin("leo@mailer.example", LONE), text="vanish") == [one.id]


def test_no_word_of_staff_is_in_what_a_partner_gets(store: Store) -> None:
    one = opened(store)
    with store.transaction() as tx:
        write(tx, [letter("r", kind="review", audience="staff", body="SECRET")], one.id)
    said(store, one, 1, "SECRET talk", audience="staff")
    said(store, one, 2, "an answer")
    for scope in (SCOPES["opener"], SCOPES["admin"]):
        page = store.ticket_page(scope, one.id)
        assert page and [c.text for c in page.said] == ["an answer"]
        assert references(store, scope, text="secret") == []
        assert store.raw_of(scope, 1) is None
        assert store.raw_of(scope, 2) is not None
        (row,) = store.page(scope, ALL).rows
        assert (row.severity, row.tags, row.assigned_to, row.account) == (None, (), "", "")
    page = store.ticket_page(SCOPES["staff"], one.id)
    assert page and {c.text for c in page.said if c.what == "mail"} == {"SECRET talk", "an answer"}
    assert references(store, SCOPES["staff"], text="secret") == [one.id]


def said(
    store: Store, one: Ticket, number: int, words: str, *, audience: str = "partner", **more: Any
) -> int:
    """A mail on a ticket, recorded and told."""
    (kept,) = store.keep([arrival(number, received_at=NOW + number * timedelta(seconds=1))], now=NOW)
    store.claim_mail(50, NOW + HOUR, "one", HOUR)
    with store.transaction() as tx:
        row = Finished(
            mail_id=kept.id, fate=Fate.TICKET, kind="request", why="", ticket_id=one.id, sender=ANNA, subject="Case"
        )  # fmt: skip
        told = SaidMail(
            one.id, kept.id, one.reference, one.partner_domain, audience, ANNA, "Anna", (), (), "Case", words
        )
        tx.tell(replace(told, **more))
        tx.finish_mail(row, "one", NOW)
    return kept.id


# --- order, pages, filters ---------------------------------------------------------------------------


def test_every_column_sorts_whole_and_page_by_page_to_and_fro(store: Store) -> None:
    """P35: the order is total and stable, empty dates in their place."""
    for n in range(11):
        opened(
            store, subject=f"Subject {n % 3}", updated_at=NOW + n % 4 * HOUR, created_at=NOW - n % 5 * HOUR,
            severity=list(Severity)[n % 4], channel=("mail", "web")[n % 2], promised_at=NOW if n % 3 == 0 else None,
            state=[State.NEW, State.WAITING, State.OPEN][n % 3],
        )  # fmt: skip
    for sort, descending, who in product(Sort, (True, False), ("opener", "admin", "staff")):
        _is_paged(store, SCOPES[who], replace(ALL, sort=sort, descending=descending, view=View.QUEUE))


def _is_paged(store: Store, scope: Scope, wanted: Wanted) -> None:
    whole = [row.id for row in store.page(scope, replace(wanted, limit=200)).rows]
    assert sorted(whole) == list(range(1001, 1012))
    seen = [store.page(scope, replace(wanted, limit=4))]
    while seen[-1].last:
        seen.append(store.page(scope, replace(wanted, limit=4, after=seen[-1].last)))
    assert [row.id for page in seen for row in page.rows] == whole
    back = store.page(scope, replace(wanted, limit=4, before=seen[2].first))
    assert [r.id for r in back.rows] == [r.id for r in seen[1].rows]
    assert seen[0].first is None
    assert seen[1].first is not None


@pytest.mark.parametrize("place", [Place("x", 5), Place(2**80, 1), Place("\x00'; DROP", 1), Place(-1, 2**70)])
def test_a_made_up_place_hurts_nothing(store: Store, place: Place) -> None:
    opened(store)
    for sort in (Sort.UPDATED, Sort.SUBJECT):
        store.page(SCOPES["opener"], replace(ALL, sort=sort, after=place))


def test_each_view_of_the_queue_shows_its_own(store: Store) -> None:
    one = opened(store, assigned_to="cy@zohocorp.com", promised_at=NOW - HOUR, promise="first_response")
    two = opened(store, severity=Severity.S1, promised_at=NOW + HOUR, reviews=("why?",))
    three = opened(store, state=State.WAITING)
    four = opened(store, snoozed_until=NOW + HOUR)
    opened(store, state=State.CLOSED, closed_at=NOW)
    shown = {
        view: references(store, SCOPES["staff"], view=view, sort=Sort.DUE, descending=False) for view in View
    }
    assert shown[View.QUEUE] == [one.id, two.id, three.id]
    assert shown[View.MINE] == shown[View.MISSED] == [one.id]
    assert shown[View.UNASSIGNED] == [two.id, three.id]
    assert shown[View.S1] == shown[View.REVIEW] == [two.id]
    assert shown[View.WAITING] == [three.id]
    assert shown[View.SNOOZED] == [four.id]
    assert len(shown[View.EVERYTHING]) == 5


def test_filters_narrow_the_list(store: Store) -> None:
    one = opened(
        store, service="Zoho CRM", account_key="A1", tags=("vip", "x"), mailbox="eu", severity=Severity.S2,
        partner_domain=ELM.domain, tier=2, people=(Person(EVA), Person("Zoe@elmhill.example", role="cc")),
    )  # fmt: skip
    opened(store)
    for wanted in (
        {"service": "Zoho CRM"}, {"account": "A1"}, {"tag": "vip"}, {"mailbox": "eu"}, {"partner": "elmhill.example"},
        {"severities": (Severity.S2,)}, {"person": "zoe@elmhill.example"}, {"statuses": (Status.ESCALATED,)},
    ):  # fmt: skip
        assert references(store, SCOPES["staff"], **wanted) == [one.id]
    with store.transaction() as tx:
        tx.save(one, replace(one, tags=("x",)))
    assert references(store, SCOPES["staff"], tag="vip") == []
    assert references(store, SCOPES["staff"], tag="x") == [one.id]


def test_counts_are_exact_up_to_a_bound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """P30: no count walks without end."""
    monkeypatch.setattr(pages, "BOUND", 3)
    for _ in range(3):
        opened(store)
    for who in ("opener", "admin", "staff"):
        assert (lambda c: (c.number, c.more))(store.count(SCOPES[who], ALL)) == (3, False)
    opened(store)
    assert (lambda c: (c.number, c.more))(store.count(SCOPES["opener"], ALL)) == (3, True)


# --- search ------------------------------------------------------------------------------------------


QUERIES = (
    "PS-1001", "[ps-1001]", "ps 1001", "PS1001", "６００３１１２２３３４", "60031122334", "6003 1122 334",
    "anna@oakbridge.example", "請求", "請求書", "求書", "障", "größe", "GROSSE", "log.txt", "vanish", "Records vanish",
)  # fmt: skip
HOSTILE = (
    '"', "'", "*", "-", "AND", "OR NOT", "(", "a AND (b", "NEAR(a b", "x:*", "\x00", "%", "--", "';DROP", "\ud800",
)  # fmt: skip


def test_what_stands_on_the_screen_is_found(store: Store) -> None:
    one = opened(store)
    opened(store, people=(Person(EVA),), partner_domain=ELM.domain, subject="Something else")
    said(store, one, 1, "請求書に障害 Größe ZOID 6003 1122 334", files=(("log.txt", "text/plain", 3),))
    for query, who in product(QUERIES, ("opener", "admin", "staff")):
        assert references(store, SCOPES[who], text=query)[:1] == [one.id], (query, who)


def test_a_hostile_query_is_harmless(store: Store) -> None:
    opened(store)
    for query, who in product(HOSTILE, ("opener", "admin", "staff")):
        assert references(store, SCOPES[who], text=query + "zzz") == []
        store.page(SCOPES[who], replace(ALL, text=query))


def test_an_answer_of_ours_is_found_and_what_a_machine_writes_is_not(store: Store) -> None:
    one = opened(store)
    with store.transaction() as tx:
        tx_letters = [
            letter("a", kind="answer", body="Please clear the cache"),
            letter("b", body="Acknowledged"),
        ]
        write(tx, tx_letters, one.id, in_name_of=one.partner_domain)
    assert references(store, SCOPES["admin"], text="cache") == [one.id]
    assert references(store, SCOPES["admin"], text="acknowledged") == []


def test_a_ticket_that_its_partner_takes_over_is_found_by_him(store: Store) -> None:
    one = opened(store, partner_domain=ELM.domain, people=(Person(EVA),))
    said(store, one, 1, "unique sentence")
    with store.transaction() as tx:
        tx.save(one, replace(one, partner_domain=OAK.domain, people=(Person(ANNA),)))
    assert references(store, SCOPES["admin"], text="unique") == [one.id]
    assert references(store, SCOPES["foreign admin"], text="unique") == []


# --- a ticket, its statements, plans -----------------------------------------------------------------


def test_a_ticket_of_five_hundred_events_takes_a_bounded_number_of_statements(store: Store) -> None:
    """P30: one page load, however long it is."""
    small, large = opened(store), opened(store)
    with store.transaction() as tx:
        tx.add_events(large.id, [event() for _ in range(500)])
        write(tx, [letter(f"k{n}", kind="progress_update") for n in range(100)], large.id)
    for n in range(1, 40):
        said(store, large, n, f"mail {n}")
    asked: list[str] = []
    listens.listen(store._engines.reader, "before_cursor_execute", lambda *told: asked.append(told[2]))
    for scope in (SCOPES["opener"], SCOPES["staff"]):
        counts = []
        for one in (small, large):
            asked.clear()
            page = store.ticket_page(scope, one.id)
            counts.append(len([a for a in asked if a.startswith(("SELECT", "WITH"))]))
            assert page is not None
        assert counts[0] == counts[1] <= 8
    assert page.version == max(e.id for e in page.ticket.events)
    assert [c.text for c in page.said if c.what == "mail"] == [f"mail {n}" for n in range(1, 40)]


def test_a_list_asked_by_another_is_made_anew_of_nothing_but_its_values(store: Store) -> None:
    """Statements are kept by their shape: of whoever asked first nothing may stay in them."""
    mine, hers = (opened(store, people=(Person(one, role="requester"),)) for one in (ANNA, CEM))
    elms = opened(store, people=(Person(EVA, role="requester"),), partner_domain=ELM.domain)
    for asked in (pages._list, pages._counts, pages._statuses, ticket_pages._asked):
        asked.cache_clear()
    tabs = [replace(ALL, statuses=statuses) for statuses in ((), (Status.OPEN,), (Status.CLOSED,))]
    for address, one in ((ANNA, mine), (CEM, hers), (ANNA.upper(), mine), (BEN, None)):
        scope, seen = of_person(address, OAK), [one.id] if one else []
        assert references(store, scope) == seen
        assert [count.number for count in store.counted(scope, tabs)] == [len(seen), len(seen), 0]
        for each in (mine, hers):
            assert (store.ticket_page(scope, each.id) is not None) == (each is one)
    for partner, shown in ((OAK, {mine.id, hers.id}), (ELM, {elms.id}), (OAK, {mine.id, hers.id})):
        assert set(references(store, of_admin(f"boss@{partner.domain}", partner))) == shown
    staff = SCOPES["staff"]
    for domain, number in ((OAK.domain, 2), (ELM.domain.upper(), 1), ("none.example", 0)):
        assert len(references(store, staff, partner=domain)) == number
        assert store.count(staff, replace(ALL, partner=domain)).number == number
    assert pages._list.cache_info().misses == 3  # a person's, an admin's, staff's of a partner
    assert ticket_pages._asked.cache_info().misses == 1


def test_every_place_of_a_kept_statement_is_filled_at_each_asking() -> None:
    for scope, wanted in (*ASKED.values(), *((scope, ALL) for scope in SCOPES.values())):
        for statement in (
            pages._list(shapes.of_reader(scope), shapes.of_question(wanted), is_search=True)[0],
            pages._counts(shapes.of_reader(scope), (shapes.of_question(wanted),)),
        ):
            blank = statement.compile(dialect=sqlite.dialect())
            named = {name for name, one in blank.binds.items() if not one.unique}
            filled = shapes.filling(scope, wanted, Place(1, 1), [1])
            assert named <= filled.keys() and all(filled[name] is not None for name in named)


def test_all_tabs_of_a_list_are_counted_by_one_statement(store: Store) -> None:
    opened(store)
    with heard(store) as asked:
        views = [replace(ALL, view=view) for view in View]
        counted = store.counted(SCOPES["staff"], views)
    assert len([told for told, _given in asked if told.startswith("SELECT")]) == 1
    assert [one.number for one in counted] == [store.count(SCOPES["staff"], one).number for one in views]


def test_the_story_finds_the_newest_judged_mail_by_one_statement_however_many_there_are(store: Store) -> None:
    one = opened(store)
    for number in range(1, 9):
        said(store, one, number, f"mail {number}")
    with heard(store) as asked:
        assert store.judged_reading(one.id) == {}
    assert len([told for told, _given in asked if told.startswith("SELECT")]) == 1


def test_drafts_are_kept_with_their_files_for_their_writer_alone(store: Store) -> None:
    draft = Draft(
        ANNA,
        "PS-1001",
        "answer",
        {"text": "half \u2028 an"},
        NOW,
        (Attached("a.png", "image/png", b"\x00\xff"),),
    )
    store.save_draft(draft)
    store.save_draft(replace(draft, fields={"text": "more"}))
    found = store.draft(ANNA.upper(), "PS-1001", "answer")
    assert found and (found.fields, found.files) == ({"text": "more"}, draft.files)
    assert store.draft(BEN, "PS-1001", "answer") is None
    store.drop_draft(ANNA, "PS-1001", "answer")
    assert store.draft(ANNA, "PS-1001", "answer") is None


@pytest.fixture
def many(store: Store) -> Iterator[Store]:
    """Thousands of tickets, of which few are live: filled by SQL."""
    opened(store)
    columns = [column.name for column in pages.ticket.c]
    quoted = ", ".join(f'"{c}"' for c in columns)
    series = {
        "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 8000) ",
        "postgresql": "WITH s(n) AS (SELECT generate_series(1, 8000)) ",
    }[store.dialect]
    changed = {
        "id": "id + n", "state": "CASE WHEN n % 100 = 0 THEN 'open' ELSE 'closed' END", "updated_at": "updated_at - n",
        "partner_domain": "'p' || (n % 50) || '.example'", "service": "'s' || (n % 40)", "account_key": "'a' || (n % 900)",
        "promised_at": "CASE WHEN n % 200 = 0 THEN created_at + n END",
    }  # fmt: skip
    values = ", ".join(changed.get(c, f'"{c}"') for c in columns)
    prefix, with_ = (series, "") if store.dialect == "sqlite" else ("", series)
    with store._writing() as connection:
        connection.execute(
            text(f"INSERT INTO ticket ({quoted}) {prefix or with_} SELECT {values} FROM ticket, s")
        )
        connection.execute(
            text(
                "INSERT INTO person (ticket_id, address, name, role, failed, place) SELECT id, 'u' || (id % 700) || '@x.example',"
                " '', 'requester', FALSE, 0 FROM ticket WHERE id > 1001"
            )
        )
    if store.dialect == "postgresql":
        with store._engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    yield store


ASKED: dict[str, tuple[Scope, Wanted]] = {
    "a person's": (of_person("u7@x.example"), ALL),
    "a person's by subject": (of_person("u7@x.example"), replace(ALL, sort=Sort.SUBJECT)),
    "a person's closed": (of_person("u7@x.example"), replace(ALL, statuses=(Status.CLOSED,), after=Place(1, 1))),
    "an admin's": (of_admin(ADA, Partner("p7.example", "P", "premium", "US")), ALL),
    "an admin's deep": (of_admin(ADA, Partner("p7.example", "P", "premium", "US")), replace(ALL, after=Place(5, 9000))),
    "an admin's by person": (
        of_admin(ADA, Partner("p7.example", "P", "premium", "US")), replace(ALL, sort=Sort.PERSON),
    ),
    "the queue": (of_staff("cy@z.example"), replace(ALL, view=View.QUEUE, sort=Sort.DUE, descending=False)),
    "the queue by update": (of_staff("cy@z.example"), replace(ALL, view=View.MINE, sort=Sort.UPDATED)),
    "what is missed": (of_staff("cy@z.example"), replace(ALL, view=View.MISSED, sort=Sort.DUE, descending=False)),
    "everything": (of_staff("cy@z.example"), ALL),
    "everything deep": (of_staff("cy@z.example"), replace(ALL, after=Place(3, 4000))),
    "everything of a partner": (of_staff("cy@z.example"), replace(ALL, partner="p7.example")),
    "everything of a service": (of_staff("cy@z.example"), replace(ALL, service="s7")),
    "everything of an account": (of_staff("cy@z.example"), replace(ALL, account="a7")),
    "everything of a person": (of_staff("cy@z.example"), replace(ALL, person="u7@x.example")),
    "everything tagged": (of_staff("cy@z.example"), replace(ALL, tag="vip")),
}  # fmt: skip


def test_no_list_walks_all_tickets(many: Store) -> None:
    """P30: closed view, counts and deep pages go by an index."""
    with many._reading() as connection:
        for name, asked in ASKED.items():
            plan = explained(connection, pages.query_of(*asked)[0])
            assert not walks_all(plan, "ticket"), f"{name}: {plan}"


def walks_all(plan: str, table: str) -> bool:
    """Whether rows are looked at without an index that narrows them or gives them in order."""
    lines = plan.splitlines()
    ordered = any("ix_ticket_updated_at" in line or "ix_ticket_live" in line for line in lines)
    scans = any(line.strip() == f"SCAN {table}" or f"Seq Scan on {table}" in line for line in lines)
    sorts = any("TEMP B-TREE FOR ORDER BY" in line or line.strip().startswith("->  Sort") for line in lines)
    return scans or (any("ix_ticket_updated_at" in line for line in lines) and sorts and ordered)


def test_a_search_goes_by_the_index_of_words(many: Store) -> None:
    with many._reading() as connection:
        if many.dialect == "sqlite":
            fts5 = "EXPLAIN QUERY PLAN " + str(search.FTS5)
            plan = "\n".join(
                row.detail for row in connection.execute(text(fts5), {"sought": '"x"', "most": 5})
            )
            assert "VIRTUAL TABLE INDEX" in plan
            return
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = explained(connection, newest.TSQUERY.bindparams(sought="'x'", most=5, floor=0))
    assert "ix_said_found" in plan, plan


def test_the_ticket_page_goes_by_indexes(many: Store) -> None:
    with many._reading() as connection:
        for query in (
            ticket_pages.mails_of(SCOPES["opener"], 1001),
            ticket_pages.letters_of(SCOPES["opener"], 1001),
        ):
            plan = explained(connection, query)
            assert "SCAN mail\n" not in plan + "\n", plan
            assert "SCAN letter\n" not in plan + "\n", plan


def test_events_since_a_version_are_told(store: Store) -> None:
    one = opened(store)
    page = store.ticket_page(SCOPES["opener"], one.id)
    assert page is not None
    with store.transaction() as tx:
        tx.add_events(one.id, [Event(NOW, Happening.CLOSED, "cy", "done")])
    assert [e.kind for e in store.since(SCOPES["opener"], one.id, page.version)] == [Happening.CLOSED]
