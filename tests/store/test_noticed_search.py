"""What of searches nobody would have noticed: how many of a person's own tickets and texts are looked at, and that it is said."""

from __future__ import annotations

import pytest

from tests.store.test_newest import MANY, hits, tell
from tests.store.test_pages import opened
from triaged.judging.decisions import Partner
from triaged.store import Store, search
from triaged.store.scope import of_person
from triaged.tickets.ticket import Person

HIS = "old@many.example"


@pytest.mark.parametrize(
    ("most", "own", "texts", "found", "more"),
    [
        (4, 4, 9, [3, 2, 1], False),
        (4, 3, 9, [3, 2, 1], False),
        (4, 2, 9, [3, 2], True),
        (4, 1, 9, [3], True),
        (3, 3, 9, [3, 2, 1], True),
        (2, 3, 9, [3, 2], True),
        (4, 3, 2, [3, 2], False),
    ],
)
def test_a_person_finds_his_newest_and_is_told_whether_there_may_be_more(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    own: int,
    texts: int,
    found: list[int],
    more: bool,
) -> None:
    """Newer ones of his colleagues, as many as are looked at, would keep his own out; his ticket of another word is none."""
    for name, value in (("MOST", most), ("OWN", own), ("OWN_TEXTS", texts)):
        monkeypatch.setattr(search, name, value)
    scope = of_person(HIS, Partner(MANY, "P", "premium", "US"))
    his = (Person(HIS, role="requester"),)
    mine = [opened(store, partner_domain=MANY, subject=f"exports {n}", people=his).id for n in (1, 2, 3)]
    other = opened(store, partner_domain=MANY, subject="x")
    for _ in range(most):
        tell(store, other, "exports stop", MANY)
    ids, says = hits(store, scope, "export")
    with store._reading() as connection:
        tickets = list(connection.scalars(search.of_hits(scope, ids)))
    assert (sorted(tickets, reverse=True), says) == ([mine[n - 1] for n in found], more)
