"""What of alerts and of drafts of the rulebook the store alone decides, at each border."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.samples import LEASE, MINUTE, NOW
from triaged.store import Store
from triaged.store.alerts import KEPT, MOST_AN_HOUR, Over, spell
from triaged.store.rulebook_keeping import DraftFile, RulebookVersion
from triaged.store.service_rows import AlertRow, AlertState, Trouble

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
ALERT = AlertRow("desk", "missed", "PS-1001", "Title", "Body", NOW, NOW + HOUR, NOW, severity="S1")
OVER = Over("missed", "PS-1001", "Well again", "All is well", ("desk", "leads"), NOW + MINUTE, NOW + HOUR)


def write(store: Store, *alerts: AlertRow, now: Any = NOW) -> int:
    with store.transaction() as tx:
        return tx.write_alerts(alerts, now)


def test_an_alert_is_written_once_and_told_by_whoever_claimed_it(store: Store) -> None:
    other = replace(ALERT, receiver="leads", ready_at=NOW + MINUTE)
    third = replace(ALERT, key="PS-1002")
    assert write(store, ALERT, other, ALERT, third) == 3
    assert store.next_alert_at() == NOW
    assert store.claim_alerts(9, NOW - TICK, "one", LEASE) == []
    claimed = store.claim_alerts(9, NOW, "one", LEASE)
    assert claimed == [
        replace(ALERT, id=1, runs=1, ready_at=NOW + LEASE),
        replace(third, id=claimed[1].id, runs=1, ready_at=NOW + LEASE),
    ]
    last = claimed[1].id
    assert not store.alert_ended(1, "two", AlertState.SENT, NOW) and not store.alert_retry(1, "two", "x", NOW)
    assert store.alert_ended(1, "one", AlertState.SENT, NOW + MINUTE)
    assert not store.alert_ended(1, "one", AlertState.FAILED, NOW)
    assert store.alert_retry(last, "one", "no road", NOW + 9 * MINUTE)
    assert store.next_alert_at() == NOW + MINUTE
    (mine,) = store.claim_alerts(9, NOW + MINUTE, "one", LEASE)
    assert store.alert_ended(mine.id, "one", AlertState.FAILED, NOW, "gone")
    told = replace(ALERT, id=1, runs=1, ready_at=None, state=AlertState.SENT, sent_at=NOW + MINUTE)
    waits = replace(third, id=last, runs=1, ready_at=NOW + 9 * MINUTE, error="no road")
    given_up = replace(other, id=mine.id, runs=1, ready_at=None, state=AlertState.FAILED, error="gone")
    assert store.alerts() == sorted((told, waits, given_up), key=lambda one: -one.id)
    assert store.alerts(state=AlertState.FAILED) == [given_up] and len(store.alerts(2)) == 2
    assert store.alert_counts() == {"sent": 1, "waiting": 1, "failed": 1}


def test_beyond_sixty_an_hour_a_receiver_is_told_so_once(store: Store) -> None:
    first = [replace(ALERT, key=f"PS-{n}") for n in range(MOST_AN_HOUR)]
    assert write(store, *first) == MOST_AN_HOUR
    late = NOW + HOUR - TICK
    more = [replace(ALERT, key=f"more-{n}", written_at=late) for n in range(3)]
    assert write(store, *more, replace(more[0], receiver="leads"), now=late) == 2
    leads, many = store.alerts(2)
    assert (leads.receiver, leads.key) == ("leads", "more-0")
    assert (many.receiver, many.key, many.title, many.body, many.event) == (
        "desk",
        f"many/{late:%Y%m%dT%H}",
        "More than 60 alerts within an hour: the others are left out",
        "triaged tickets list --severity S1",
        "missed",
    )
    assert write(store, replace(ALERT, key="later", written_at=NOW + HOUR), now=NOW + HOUR) == 1


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({}, True),
        ({"key": "PS-1001/2"}, True),
        ({"key": "PS-10012"}, False),
        ({"key": "PS-1001_"}, False),
        ({"event": "at_risk"}, False),
        ({"receiver": "others"}, False),
    ],
)
def test_who_was_told_hears_that_it_is_over_and_what_was_not_told_is_withdrawn(
    store: Store, changes: dict[str, Any], about: bool
) -> None:
    write(store, replace(ALERT, **changes))
    told = store.claim_alerts(9, NOW, "one", LEASE)[0]
    store.alert_ended(told.id, "one", AlertState.SENT, NOW)
    write(store, replace(ALERT, **{**changes, "receiver": "leads"}))
    with store.transaction() as tx:
        assert tx.alerts_over([OVER], NOW) == int(about)
        assert tx.alerts_over([OVER], NOW) == 0, "it is told once"
    written = [one for one in store.alerts() if one.over]
    if about:
        assert written == [
            AlertRow(
                "desk", "missed", "PS-1001", "Well again", "All is well", NOW, NOW + HOUR, NOW + MINUTE, over=True,
                id=written[0].id,
            )
        ]  # fmt: skip
    else:
        assert written == []
    waiting = next(one for one in store.alerts() if one.receiver == "leads")
    same = about or "receiver" in changes
    assert (waiting.state, waiting.error, waiting.ready_at) == (
        (AlertState.WITHDRAWN, "it was over before it was told", None)
        if same
        else (AlertState.WAITING, None, NOW)
    )


def test_who_is_just_being_told_hears_that_it_is_over_too(store: Store) -> None:
    write(store, ALERT)
    store.claim_alerts(9, NOW, "one", LEASE)
    with store.transaction() as tx:
        assert tx.alerts_over([OVER], NOW) == 1
    assert [(one.over, one.state) for one in store.alerts()] == [
        (True, AlertState.WAITING),
        (False, AlertState.WAITING),
    ]


def test_troubles_stand_as_they_do_now_and_what_was_told_long_ago_goes(store: Store) -> None:
    disk, mail = Trouble("disk", "a", NOW), Trouble("mail", "b", NOW, NOW + MINUTE, 3)
    old = [replace(ALERT, key=f"{n}", written_at=NOW - KEPT - n * TICK, ready_at=None) for n in (0, 1)]
    waits = replace(old[1], key="waits", ready_at=NOW)
    assert store.tell_troubles([mail, disk], [], [*old, waits, ALERT, ALERT], [], NOW - KEPT) == 4
    assert store.troubles() == [disk, mail]
    grown = replace(disk, since=NOW + MINUTE, told_at=NOW + HOUR, size=7)
    assert store.tell_troubles([grown], [Trouble("mail", "a", NOW), mail], [], [OVER], NOW) == 0
    assert store.troubles() == [grown]
    assert sorted(one.key for one in store.alerts()) == ["0", "PS-1001", "waits"]
    assert store.tell_troubles([], [replace(grown, key="b")], [], [], NOW) == 0 and store.troubles() == [
        grown
    ]
    assert spell("a", NOW) == "a@20261123T093015"


def test_versions_of_the_rulebook_are_listed_when_they_are_in_force(store: Store) -> None:
    def new(n: int) -> RulebookVersion:
        return RulebookVersion(NOW + n * MINUTE, "dora", "better", f"v{n}", files={"rules.yaml": f"a: {n}"})

    numbers = [store.begin_version(new(n)) for n in range(4)]
    for n in (0, 1, 3):
        store.end_version(numbers[n], NOW + HOUR, f"done {n}")
    done = [replace(new(n), id=numbers[n], remark=f"done {n}", done_at=NOW + HOUR) for n in range(4)]
    bare = [replace(one, files={}) for one in done]
    assert store.versions() == [bare[3], bare[1], bare[0]]
    assert store.versions(limit=1) == [bare[3]] and store.versions(before=numbers[3]) == [bare[1], bare[0]]
    assert store.version(numbers[1]) == done[1] and store.version(99) is None
    assert store.unfinished_versions() == [replace(new(2), id=numbers[2], files={})]
    for number in numbers:
        store.drop_version(number)
    assert store.unfinished_versions() == [] and len(store.versions()) == 3


def test_a_draft_is_saved_on_what_was_seen_and_on_nothing_else(store: Store) -> None:
    mine = DraftFile("Dora@desk.example", "rules.yaml", "a: 1", None, NOW)
    hers = replace(mine, address="eva@desk.example", name="a.yaml", text=None, base="b: 1")
    assert store.save_draft_file(mine) and not store.save_draft_file(replace(mine, text="a: 2"))
    assert store.save_draft_file(hers)
    (kept,) = store.draft_files("DORA@desk.example")
    assert kept == replace(mine, address="dora@desk.example", mark=kept.mark) and kept.mark
    assert store.save_draft_file(replace(kept, text="a: 3", base="b: 1", saved_at=NOW + MINUTE))
    assert not store.save_draft_file(replace(kept, text="a: 4")), "its mark is another one now"
    (again,) = store.draft_files("dora@desk.example")
    assert again == replace(kept, text="a: 3", base="b: 1", saved_at=NOW + MINUTE, mark=again.mark)
    assert [one.address for one in store.all_draft_files()] == ["dora@desk.example", "eva@desk.example"]
    other = replace(mine, name="other.yaml")
    assert not store.replace_draft("dora@desk.example", [other], [])
    assert not store.replace_draft("dora@desk.example", [other], [again.mark, "x"])
    assert store.replace_draft("Dora@desk.example", [other, replace(other, name="b.yaml")], [again.mark])
    assert [one.name for one in store.draft_files("dora@desk.example")] == ["b.yaml", "other.yaml"]
    (its,) = store.draft_files("eva@desk.example")
    assert store.drop_draft_files([its.mark, "nothing"]) == 1 and store.draft_files("eva@desk.example") == []
    marks = [one.mark for one in store.draft_files("dora@desk.example")]
    assert store.replace_draft("dora@desk.example", [], marks) and store.all_draft_files() == []
