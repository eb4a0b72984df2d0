"""What people and the metrics ask costs the same however much is over: by the plans of the statements that are really asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.store.asked import heard
from tests.store.samples import NOW, arrival, new_ticket
from tests.store.test_pages import ALL, many, opened, references, said  # noqa: F401 - `many` is a fixture
from triaged.judging.decisions import Partner
from triaged.store import Store, search, words
from triaged.store.listed import among
from triaged.store.page_rows import Sort, Status, View
from triaged.store.rows import TicketFilter
from triaged.store.scope import of_admin, of_person, of_staff
from triaged.store.tables import ticket
from triaged.tickets.ticket import Person, State

OPEN = tuple(state for state in State if state is not State.CLOSED)
ADMIN = of_admin("ada@p7.example", Partner("p7.example", "P", "premium", "US"))
PERSON, STAFF = of_person("u7@x.example"), of_staff("cy@z.example")
TABS = [replace(ALL, statuses=(status,)) for status in Status] + [
    ALL,
    replace(ALL, statuses=(Status.OPEN, Status.ESCALATED)),
]
ASKED: dict[str, Callable[[Store], object]] = {
    "tickets list": lambda s: s.queue(TicketFilter(states=OPEN)),
    "tickets list of a partner": lambda s: s.queue(TicketFilter(states=OPEN, partner="p7.example")),
    "tickets list of an account": lambda s: s.queue(TicketFilter(states=OPEN, account="a7")),
    "tickets list of somebody": lambda s: s.queue(TicketFilter(states=OPEN, assigned="ben@z.example")),
    "tickets list of the missed": lambda s: s.queue(TicketFilter(states=OPEN, missed_at=NOW)),
    "tickets list by words": lambda s: s.queue(TicketFilter(states=OPEN, text="vanish")),
    "tickets list by words that are nowhere": lambda s: s.queue(TicketFilter(text="nowhere")),
    "tickets list of a person": lambda s: s.tickets(TicketFilter(person="u7@x.example")),
    "status": lambda s: s.counts(NOW),
    "the next promises": lambda s: s.next_commitments(NOW),
    "the console's views": lambda s: s.counted(STAFF, [replace(ALL, view=v) for v in View if v is not View.EVERYTHING]),
    "an admin's tabs": lambda s: s.counted(ADMIN, TABS),
    "an admin's search": lambda s: s.counted(ADMIN, [replace(one, text="vanish") for one in TABS]),
    "a person's tabs": lambda s: s.counted(PERSON, TABS),
    "what waits for an admin": lambda s: s.page(ADMIN, replace(ALL, statuses=(Status.WAITING,))),
    "what is closed for an admin": lambda s: s.page(ADMIN, replace(ALL, statuses=(Status.CLOSED,))),
    "what is live of an account": lambda s: s.page(STAFF, replace(ALL, view=View.QUEUE, sort=Sort.REFERENCE, account="a7")),
    "what is live of a person": lambda s: s.page(STAFF, replace(ALL, view=View.QUEUE, person="u7@x.example")),
    "a ticket's page": lambda s: s.ticket_page(STAFF, 1002),
    "what stands beside a ticket": lambda s: s.beside(STAFF, s.tickets(TicketFilter(person="u7@x.example"))[0], NOW),
    "the queue": lambda s: s.page(STAFF, replace(ALL, view=View.QUEUE, sort=Sort.DUE, descending=False)),
}  # fmt: skip


def plans(store: Store, work: Callable[[Store], object]) -> str:
    """How the database runs each statement that some work asks."""
    with heard(store) as asked:
        work(store)
    with store._reading() as connection:
        return "\n".join(
            plan
            for one, given in asked
            if one.lstrip()[:6] in ("SELECT", "WITH R")
            for plan in _plan(connection, one, given)
        )


def _plan(connection: Connection, statement: str, parameters: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        return [
            row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


@pytest.mark.parametrize("name", list(ASKED))
def test_nothing_walks_all_tickets(many: Store, name: str) -> None:  # noqa: F811
    found = plans(many, ASKED[name])
    assert not re.search(
        r"SCAN (ticket|event|mail|letter|said)\b(?! USING INDEX ix_ticket_(updated_at|live|partner))", found
    ), found
    assert "Seq Scan on ticket" not in found, found
    if name.endswith("tabs"):
        assert "ix_ticket_state" not in found, found
    if name.startswith("what is live"):
        assert "ix_ticket_account_key" not in found, found
    if name.startswith("tickets list of a"):
        assert "(partner_domain=? " not in found.replace(
            "ix_ticket_partner_state (partner_domain=? AND state=?)", ""
        ), found


def test_a_senders_mails_are_found_by_him_alone(store: Store) -> None:
    found = plans(store, lambda s: s.mails(sender="anna@oakbridge.example"))
    if store.dialect == "sqlite":
        assert (
            "SEARCH mail USING INDEX ix_mail_of_sender (sender=?)" in found and "TEMP B-TREE" not in found
        ), found
    store.keep([arrival(1)], now=NOW)
    assert store.mails(sender="anna@oakbridge.example") == [] == store.mails(sender=""), "not read yet"


def test_many_numbers_are_one_parameter(store: Store) -> None:
    numbers = [opened(store).id for _ in range(3)]
    with store._reading() as connection:
        for given in ([], numbers[:2], [*numbers, 10**12], list(range(3000))):
            asked = select(ticket.c.id).where(among(ticket.c.id, given)).order_by(ticket.c.id)
            assert list(connection.scalars(asked)) == [one for one in numbers if one in given]


# --- searching ----------------------------------------------------------------------------------------


def test_words_of_a_list_are_looked_for_in_subjects_people_accounts_and_mails(store: Store) -> None:
    one = opened(
        store,
        subject="Größe des Berichts",
        account_name="Alder 100% Ltd",
        people=(Person("carl@elm.example", "Carla"),),
    )
    other = opened(store, subject="Rechnung")
    said(store, other, 1, "the dashboard is empty")

    def ids(words: str) -> list[int]:
        return [found.id for found in store.queue(TicketFilter(text=words)) for found in found[:1]]

    assert ids("groesse") == [] and ids("grosse") == [one.id] == ids("100%") == ids("CARL@elm") == ids(
        "berichts grosse"
    )
    assert ids("dashb") == [other.id] == ids(other.reference) == ids("empty dashboard")
    assert ids("_") == [] == ids("%") == ids("nowhere at all")


def test_beginnings_find_the_same_by_whole_words_as_fts5_by_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(9)
    stems = ("expo", "dash", "repo", "rech", "größ", "東京")
    for _ in range(40):
        subject = " ".join(
            random.choice(stems) + "".join(random.choices("abr1", k=random.randrange(4))) for _ in range(4)
        )
        opened(store, subject=subject)
    asked = [stem + tail for stem in (*stems, "京", "x") for tail in ("", "a", "ab", "zz", " expo", "-a")]
    found = {one: sorted(references(store, STAFF, text=one)) for one in asked}
    assert sum(map(bool, found.values())) > len(asked) / 3
    monkeypatch.setattr(search, "MOST_TERMS", 0)  # whatever begins so is left to FTS5
    assert found == {one: sorted(references(store, STAFF, text=one)) for one in asked}


def test_what_nothing_begins_with_is_not_looked_for(store: Store) -> None:
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL has beginnings in its index")
    opened(store, subject="exported")
    with store._reading() as connection:
        (either,) = words.sought("expo")
        assert list(search._ended(connection, either)) == [words.Phrase(("exported",))]
        (nothing,) = words.sought("nowhere")
        assert list(search._ended(connection, nothing)) == []
    assert references(store, STAFF, text="expo nowhere") == []


def test_counts_of_a_search_by_status_are_those_of_its_lists(store: Store) -> None:
    for number, state in enumerate((State.OPEN, State.OPEN, State.WAITING, State.CLOSED)):
        opened(store, state=state, tier=1 + number % 2, subject="Vanishing")
    for scope in (
        STAFF,
        of_admin("ada@oakbridge.example", Partner("oakbridge.example", "O", "advanced", "US")),
    ):
        wanted = [replace(one, text="vanish") for one in TABS]
        counts = [one.number for one in store.counted(scope, wanted)]
        assert counts == [len(store.page(scope, one).rows) for one in wanted]
        assert counts == [one.number for one in store.counted(scope, TABS)] and sum(counts) > 8
    assert new_ticket().state is State.NEW
