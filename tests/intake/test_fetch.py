"""Batches and searches stay bounded, whatever the folder holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triaged.intake.fetch import BYTES_A_BATCH, MAILS_A_BATCH, UIDS_A_SEARCH, Listed, batches, uids_after

sizes = st.lists(st.one_of(st.none(), st.integers(0, 2 * BYTES_A_BATCH)), max_size=300)


@given(sizes)
def test_batches_keep_order_and_bounds(told: list[int | None]) -> None:
    listed = [Listed(n, size, None) for n, size in enumerate(told, 1)]
    made = list(batches(listed))
    assert [one for batch in made for one in batch] == listed
    for batch in made:
        assert 1 <= len(batch) <= MAILS_A_BATCH
        assert len(batch) == 1 or sum(one.size or 0 for one in batch) <= BYTES_A_BATCH


class Folder:
    """A folder of so many uids, answering SEARCH as servers do."""

    def __init__(self, uids: set[int]) -> None:
        self.uids, self.widest = uids, 0

    def search(self, criteria: list[str]) -> list[int]:
        first, last = criteria[1].split(":")
        top = max(self.uids, default=0)
        low, high = sorted((int(first), top if last == "*" else int(last)))  # n:* means *:n when n > *
        found = [uid for uid in self.uids if low <= uid <= high]
        self.widest = max(self.widest, len(found))
        return found


@given(st.sets(st.integers(1, 200), max_size=30), st.integers(0, 200))
def test_only_what_is_above_the_bookmark_is_found(uids: set[int], last: int) -> None:
    found = uids_after(Folder(uids), last, max(uids, default=0) + 1, len(uids))  # type: ignore[arg-type]
    assert found == sorted(uid for uid in uids if uid > last)


def test_a_folder_of_a_quarter_million_mails_is_searched_in_pieces() -> None:
    folder = Folder(set(range(1, 250_001)))
    found = uids_after(folder, 0, 250_001, 250_000)  # type: ignore[arg-type]
    assert found == list(range(1, 250_001))
    assert folder.widest <= UIDS_A_SEARCH
