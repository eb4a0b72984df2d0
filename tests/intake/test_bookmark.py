"""The bookmark never passes a mail that is neither kept nor owed, whatever fails in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from triaged.intake.bookmark import Bookmark
from triaged.store.rows import OwedMail

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def owed(uid: int, after: timedelta = timedelta(0)) -> OwedMail:
    return OwedMail("global", "INBOX", 1, uid, None, None, 1, NOW, NOW + after, "NO")


@given(
    st.lists(st.integers(1, 60), unique=True, min_size=1).map(sorted),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["kept", "owed", "broken", "paid"]))),
)
def test_the_bookmark_never_passes_what_is_neither_kept_nor_owed(
    uids: list[int], happened: list[tuple[int, str]]
) -> None:
    mark, kept, owing = Bookmark(0), set[int](), set[int]()
    for pick, what in happened:
        wanted = mark.wanted(uids)
        assert set(wanted) == set(uids) - kept - owing
        if what == "paid" and owing:
            mark.kept(owing)
            kept, owing = kept | owing, set()
        if not wanted:
            continue
        some = wanted[: 1 + pick % len(wanted)] if pick % 2 else [wanted[pick % len(wanted)]]
        if what == "kept":
            assert all(uid in kept or uid in owing or uid in some or uid > mark.reached(some) for uid in uids)
            mark.kept(some)
            kept |= set(some)
        elif what == "owed":
            mark.owes(owed(uid) for uid in some)
            owing |= set(some)
        else:
            mark.broke_off(some)
        assert all(uid in kept or uid in owing for uid in uids if uid <= mark.last_uid)
        assert mark.due(None) == sorted(owing)


@given(st.sets(st.integers(1, 40), min_size=1), st.sets(st.integers(30, 60), min_size=1), st.randoms())
def test_what_comes_meanwhile_may_be_taken_first_and_nothing_below_it_is_passed(
    uids: set[int], later: set[int], random: Random
) -> None:
    mark, kept = Bookmark(0), set[int]()
    wanted = mark.wanted(sorted(uids))
    fresh = mark.also(sorted(later - uids))
    order = random.sample(sorted({*wanted, *fresh}), len({*wanted, *fresh}))
    for uid in order:
        mark.kept([uid])
        kept.add(uid)
        assert all(one in kept for one in uids | later if one <= mark.last_uid)
    assert mark.last_uid == max(uids | later) and not mark.beyond


@given(st.sets(st.integers(1, 40), min_size=1), st.sets(st.integers(1, 40)))
def test_everything_is_taken_once_the_sound_before_the_suspect(uids: set[int], broken: set[int]) -> None:
    mark = Bookmark(0)
    wanted = mark.wanted(sorted(uids))
    mark.broke_off(broken)
    assert sorted(mark.sound(wanted) + mark.suspects(wanted)) == sorted(uids)
    assert set(mark.suspects(wanted)) == uids & broken


def test_what_is_owed_is_due_when_its_wait_is_over_or_when_all_of_it_is_asked_for() -> None:
    mark = Bookmark(0)
    mark.owes([owed(3), owed(7, timedelta(minutes=5))])
    assert mark.due(NOW) == [3]
    assert mark.due(NOW + timedelta(minutes=5)) == [3, 7]
    assert mark.due(None) == [3, 7]
    mark.kept([3])
    assert mark.due(None) == [7]


def test_what_is_owed_holds_up_nothing_behind_it() -> None:
    mark = Bookmark(0)
    mark.wanted([1, 2, 3])
    mark.owes([owed(1)])
    mark.kept([2, 3])
    assert (mark.last_uid, mark.wanted([1, 2, 3, 4])) == (3, [4])


def test_another_daemon_may_have_read_on() -> None:
    mark = Bookmark(3)
    mark.wanted([4, 5, 6])
    mark.kept([6])
    mark.found(5, [owed(4)])
    assert (mark.last_uid, mark.wanted([4, 5, 6, 7]), mark.due(None)) == (5, [7], [4])
    mark.found(2)
    assert (mark.last_uid, mark.due(None)) == (5, [])
