"""What two may write at the same moment, of which one row stands: the second waits for the first and fails nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.samples import NOW
from tests.store.test_forgetting import ALL, LATER, ticket_of
from triaged.store import Store
from triaged.store.page_rows import Draft
from triaged.tickets.ticket import Attached

WRITERS, TURNS = 4, 25
ANNA = "anna@oakbridge.example"


def draft(number: int) -> Draft:
    """One in which everything tells its number."""
    files = tuple(Attached(f"{number}-{n}.txt", "text/plain", b"%d" % number) for n in range(number % 4))
    return Draft(ANNA, "new", "request", {"description": str(number)}, NOW + timedelta(seconds=number), files)


def at_once(store: Store, *deeds: Callable[[Store, int], object]) -> None:
    """Each deed many times, all of them side by side; raises what one raised."""
    gate = threading.Barrier(len(deeds))

    def repeat(deed: Callable[[Store, int], object]) -> None:
        gate.wait()
        for number in range(TURNS):
            deed(store, number)

    with ThreadPoolExecutor(len(deeds)) as pool:
        list(pool.map(repeat, deeds))


def test_of_drafts_saved_and_discarded_at_once_one_stands_whole(store: Store) -> None:
    """A page saves while one types; the form, sent at that moment, saves too."""

    def saved(of: int) -> Callable[[Store, int], object]:
        return lambda s, turn: s.save_draft(draft(turn * WRITERS + of))

    at_once(
        store, *(saved(of) for of in range(WRITERS)), lambda s, _turn: s.drop_draft(ANNA, "new", "request")
    )
    stands = store.draft(ANNA, "new", "request")
    if stands is not None:
        assert stands == draft(int(stands.fields["description"]))
    store.save_draft(replace(draft(3), files=()))
    assert store.draft(ANNA, "new", "request").files == ()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "deed",
    [
        lambda s, turn: s.note("smtp:global", {"ok": turn % 2 == 0}, NOW),
        lambda s, turn: s.note_poll("global", turn % 2 == 0, None, NOW),
        lambda s, turn: s.announce("one", {"turn": turn}, NOW),
        lambda s, turn: s.bind_identity(f"subject {turn}", ANNA, NOW),
        lambda s, turn: s.begin_job("train", ANNA, {}, NOW),
        lambda s, turn: s.forget_some(ALL, LATER),
    ],
    ids=["note", "poll", "life", "identity", "job", "forgetting"],
)
def test_what_several_write_at_once_fails_none_of_them(
    store: Store, deed: Callable[[Store, int], object]
) -> None:
    for number in range(1, 7):
        ticket_of(store, number)
    at_once(store, *[deed] * WRITERS)
