"""The bookmark never passes a mail that is not kept, whatever fails in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from triaged.intake.bookmark import PATIENCE, STRIKES, Bookmark

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@given(
    st.lists(st.integers(1, 60), unique=True, min_size=1).map(sorted),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["kept", "failed", "broken"]))),
)
def test_the_bookmark_never_passes_what_is_not_kept(uids: list[int], happened: list[tuple[int, str]]) -> None:
    mark, kept = Bookmark(0), set[int]()
    for pick, what in happened:
        wanted = mark.wanted(uids)
        assert set(wanted) == set(uids) - kept
        if not wanted:
            break
        some = wanted[: 1 + pick % len(wanted)] if pick % 2 else [wanted[pick % len(wanted)]]
        if what == "kept":
            assert all(uid in kept or uid in some or uid > mark.reached(some) for uid in uids)
            mark.kept(some)
            kept |= set(some)
        else:
            mark.failed(some, NOW)
        assert all(uid in kept for uid in uids if uid <= mark.last_uid)


@given(st.sets(st.integers(1, 40), min_size=1), st.sets(st.integers(1, 40)))
def test_everything_is_taken_once_the_sound_before_the_suspect(uids: set[int], failed: set[int]) -> None:
    mark = Bookmark(0)
    wanted = mark.wanted(sorted(uids))
    for uid in sorted(failed):
        mark.failed([uid], NOW)
    assert sorted(mark.sound(wanted) + mark.suspects(wanted)) == sorted(uids)
    assert set(mark.suspects(wanted)) == uids & failed


def test_what_was_under_way_when_the_line_broke_is_taken_one_by_one() -> None:
    mark = Bookmark(0)
    wanted = mark.wanted([1, 2, 3, 4])
    mark.failed([2, 3], NOW)
    assert (mark.sound(wanted), mark.suspects(wanted)) == ([1, 4], [2, 3])
    mark.failed([2], NOW)
    assert mark.suspects(wanted) == [3, 2]
    mark.kept([2])
    assert mark.suspects(wanted) == [3]


def test_a_mail_is_hopeless_only_after_many_tries_and_a_long_time() -> None:
    mark = Bookmark(0)
    for _ in range(STRIKES):
        assert not mark.hopeless(7, NOW + PATIENCE)
        mark.failed([7], NOW)
    assert not mark.hopeless(7, NOW + PATIENCE - timedelta(seconds=1))
    assert mark.hopeless(7, NOW + PATIENCE)


def test_another_daemon_may_have_read_on() -> None:
    mark = Bookmark(3)
    mark.wanted([4, 5, 6])
    mark.kept([6])
    mark.found(5)
    assert (mark.last_uid, mark.wanted([4, 5, 6, 7])) == (5, [7])
    mark.found(2)
    assert mark.last_uid == 5
