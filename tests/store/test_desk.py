"""What leads do at the console, kept on both databases: drafts that overwrite nothing, versions, one job of a kind, presence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from triaged.store import Store
from triaged.store.jobs import SILENT
from triaged.store.rulebook_keeping import DraftFile, RulebookVersion

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LEE, ADA = "lee@desk.example", "ada@desk.example"


@pytest.fixture
def kept(url: str) -> Iterator[Store]:
    opened = Store.open(url)
    yield opened
    opened.close()


def file(text: str | None, mark: str = "", address: str = LEE, name: str = "60-ours.yaml") -> DraftFile:
    return DraftFile(address, name, text, "base", NOW, mark)


def test_a_draft_is_saved_only_on_what_its_writer_saw(kept: Store) -> None:
    assert kept.save_draft_file(file("one"))
    assert not kept.save_draft_file(file("from another tab that saw nothing"))
    (stands,) = kept.draft_files(LEE)
    assert kept.save_draft_file(file("two", stands.mark))
    assert not kept.save_draft_file(file("late", stands.mark))
    assert [one.text for one in kept.draft_files(LEE)] == ["two"] and kept.draft_files(ADA) == []


def test_a_draft_put_aside_and_begun_anew_is_another_one(kept: Store) -> None:
    kept.save_draft_file(file("one"))
    (old,) = kept.draft_files(LEE)
    assert kept.drop_draft_files([old.mark]) == 1
    kept.save_draft_file(file("anew"))
    assert not kept.save_draft_file(file("late", old.mark))


def test_a_whole_draft_is_replaced_only_as_it_was_seen_and_what_came_meanwhile_outlives_the_put(
    kept: Store,
) -> None:
    kept.save_draft_file(file("one"))
    seen = [one.mark for one in kept.draft_files(LEE)]
    kept.save_draft_file(file("from another tab", name="70-more.yaml"))
    assert not kept.replace_draft(LEE, [file("uploaded")], seen)
    assert kept.drop_draft_files(seen) == 1
    (left,) = kept.draft_files(LEE)
    assert left.text == "from another tab"
    assert kept.replace_draft(LEE, [file("uploaded"), file(None, name="00-gone.yaml")], [left.mark])
    assert [(one.name, one.text) for one in kept.draft_files(LEE)] == [
        ("00-gone.yaml", None),
        ("60-ours.yaml", "uploaded"),
    ]


def test_versions_are_listed_once_they_are_in_force_and_bring_their_files(kept: Store) -> None:
    new = RulebookVersion(NOW, LEE, "tills", "abc", files={"00.yaml": "a: 1\n"})
    first, second = kept.begin_version(new), kept.begin_version(new)
    assert kept.versions() == [] and [one.id for one in kept.unfinished_versions()] == [first, second]
    kept.end_version(first, NOW, "72 of 72 tests passed")
    kept.drop_version(second)
    kept.drop_version(first)  # what was in force stays
    (listed,) = kept.versions()
    assert (listed.id, listed.who, listed.remark, listed.files) == (first, LEE, "72 of 72 tests passed", {})
    whole = kept.version(first)
    assert whole is not None and whole.files == {"00.yaml": "a: 1\n"} and kept.version(9999) is None
    assert kept.versions(before=first) == []


def test_one_job_of_a_kind_at_a_time_and_a_dead_one_makes_room(kept: Store) -> None:
    first = kept.begin_job("backtest", LEE, {"since": "30d"}, NOW)
    assert first is not None and kept.begin_job("backtest", ADA, {}, NOW) is None
    assert kept.begin_job("train", ADA, {}, NOW) is not None
    assert kept.beat_job(first, 5, 10, NOW + SILENT)
    assert kept.begin_job("backtest", ADA, {}, NOW + 2 * SILENT) is None
    later = NOW + 3 * SILENT
    second = kept.begin_job("backtest", ADA, {}, later)
    assert second is not None and not kept.beat_job(first, 6, 10, later)
    dead, last = kept.job(first), kept.last_job("backtest")
    assert dead is not None and dead.state == "failed" and "died" in dead.result["error"]
    assert last is not None and last.id == second and kept.last_job("backtest", LEE) == dead
    assert kept.end_job(second, "cancelled", None, later) and not kept.end_job(second, "done", {}, later)


def test_presence_is_seen_by_others_and_fades(kept: Store) -> None:
    kept.tell_presence(7, LEE, NOW, writes=False)
    kept.tell_presence(7, LEE, NOW + timedelta(minutes=1), writes=True)
    kept.tell_presence(8, ADA, NOW, writes=False)
    seen = kept.present([7, 8, 9], ADA, NOW + timedelta(minutes=2))
    assert [(one.address, one.writes) for one in seen[7]] == [(LEE, True)] and set(seen) == {7}
    assert kept.present([7], ADA, NOW + timedelta(minutes=7)) == {} == kept.present([], ADA, NOW)
