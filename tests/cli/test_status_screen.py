"""The screen of `triaged status`, line by line and in which colour: what is well is plain, what is not is red or yellow."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triaged.cli import output, status
from triaged.store.rows import Counts, MailboxState, Note, OwedMail
from triaged.store.service_rows import StoredGrant, Trouble

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)

Screen = list[tuple[str, str | None]]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Each line that is told, with its colour."""
    said: Screen = []
    monkeypatch.setattr(output, "say", lambda text="", **style: said.append((text, style.get("fg"))))
    return said


def grant(**more: Any) -> StoredGrant:
    return StoredGrant("box@oak.example", "triaged", 1, "sealed", "sealed", None, None, NOW - HOUR, **more)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (grant(), []),
        (grant(error="it was so once"), []),
        (
            grant(failures=1, error="no answer\x1b[2J"),
            [("grant     box@oak.example: 1 failed in a row: no answer [2J", "yellow")],
        ),
        (
            grant(failures=4, error="revoked", over_at=NOW - 2 * HOUR),
            [
                (
                    "grant     box@oak.example is over since 2h ago: revoked; triaged oauth2 login",
                    "red",
                )
            ],
        ),
        (
            grant(over_at=NOW - 2 * HOUR),
            [("grant     box@oak.example is over since 2h ago: ; triaged oauth2 login", "red")],
        ),
    ],
)
def test_who_signs_in_is_told_only_where_it_fails(one: StoredGrant, told: Screen, screen: Screen) -> None:
    status._grants([one], NOW)
    assert screen == told


def test_what_is_told_of_a_grant_holds_none_of_its_secrets() -> None:
    assert status._grant(grant(failures=2)) == {
        "user": "box@oak.example",
        "client": "triaged",
        "access_until": None,
        "expires_at": None,
        "granted_at": NOW - HOUR,
        "renewed_at": None,
        "over_at": None,
        "retry_at": None,
        "failures": 2,
        "error": None,
    }


def test_troubles_are_told_once_somebody_was_told_of_them(screen: Screen) -> None:
    told_at = NOW - timedelta(minutes=5)
    status._troubles(
        [
            Trouble("mailbox_stuck", "europe", NOW - HOUR),
            Trouble("mailbox_stuck", "eu\x07rope", NOW - HOUR, told_at),
            Trouble("directory_old", "", NOW - HOUR, told_at),
        ],
        NOW,
    )
    assert screen == [
        ("trouble   mailbox_stuck eu rope, told 5m ago", "red"),
        ("trouble   directory_old, told 5m ago", "red"),
    ]


# -- daemons and what they hold ------------------------------------------------------------------------


def note(name: str, value: Any, ago: timedelta = timedelta()) -> tuple[str, Note]:
    return name, Note(name, value, NOW - ago)


def test_a_daemon_is_known_for_a_day_and_alive_for_three_minutes() -> None:
    found = status.of_daemons(
        dict(
            [
                note("daemon.a", {"mailboxes": ["europe"], "work": 3}, timedelta(minutes=3)),
                note("daemon.b", None, timedelta(minutes=3, microseconds=1)),
                note("daemon.c", {}, timedelta(days=1)),
                note("daemon.d", {}, timedelta(days=1) - timedelta(microseconds=1)),
                note("daemon.e", {"buried_by": "a", "mailboxes": ["europe"]}, timedelta(seconds=1)),
                note("in_force", {}, timedelta(seconds=1)),
            ]
        ),
        {
            "mailbox:europe": ("a", NOW),
            "mailbox:uk:2": ("a", NOW),
            "mailbox:asia": ("b", NOW),
            "chores": ("a", NOW),
        },
        NOW,
    )
    assert found == [
        status.Daemon("a", NOW - timedelta(minutes=3), True, ("europe", "uk:2"), ("europe",), None, 3),
        status.Daemon("b", NOW - timedelta(minutes=3, microseconds=1), False, (), (), None, 0),
        status.Daemon("d", NOW - timedelta(days=1, microseconds=-1), False, (), (), None, 0),
        status.Daemon("e", NOW - timedelta(seconds=1), False, (), ("europe",), "a", 0),
    ]


@pytest.mark.parametrize(
    ("ago", "knows", "told"),
    [
        (HOUR - timedelta(seconds=1), ("europe",), [("daemon    dead seen 59m ago: killed, or stuck", None)]),
        (HOUR, ("europe",), []),
        (HOUR, ("europe", "uk"), [("daemon    dead seen 60m ago: killed, or stuck", "red")]),
    ],
)
def test_one_that_died_is_forgotten_after_an_hour_where_others_do_its_work(
    ago: timedelta, knows: tuple[str, ...], told: Screen, screen: Screen
) -> None:
    living = status.Daemon("well", NOW, True, ("europe", "asia"), ("europe", "asia"), None, 0)
    status._daemons([living, status.Daemon("dead", NOW - ago, False, (), knows, None, 0)], NOW)
    assert screen == [("daemon    well seen 0s ago: reads europe, asia", None), *told]


def test_where_none_is_alive_all_is_red_even_what_was_taken_over(screen: Screen) -> None:
    dead = status.Daemon("dead", NOW - HOUR, False, (), (), "heir", 2)
    status._daemons([dead], NOW)
    assert screen == [
        ("daemon    none is running", "red"),
        ("daemon    dead seen 60m ago: killed, or stuck; 2 pieces of its work went to heir", "red"),
    ]


def test_a_daemon_that_reads_nothing_yet_has_nothing_behind_its_name(screen: Screen) -> None:
    status._daemons([status.Daemon("well", NOW, True, (), ("europe",), None, 0)], NOW)
    assert screen == [("daemon    well seen 0s ago", None)]


# -- mailboxes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (
            MailboxState("europe", NOW - timedelta(minutes=70), None, 0, "an old one"),
            ("mailbox   europe           last good poll 70m ago, read by well", None),
        ),
        (
            MailboxState("europe", NOW - timedelta(minutes=70, seconds=1), None, 0, None),
            ("mailbox   europe           last good poll 70m ago, read by well", "red"),
        ),
        (
            MailboxState("europe", NOW, NOW, 1, "NO\nlogin"),
            ("mailbox   europe           last good poll 0s ago, read by well  1 failed in a row: NO login", "red"),
        ),
        (
            MailboxState("asia", None, NOW, 2, None),
            ("mailbox   asia             last good poll never  2 failed in a row: ", "red"),
        ),
        (
            MailboxState("asia", None, None, 0, None),
            ("mailbox   asia             last good poll never", "red"),
        ),
    ],
)  # fmt: skip
def test_a_mailbox_is_red_when_it_fails_or_was_long_not_read(
    one: MailboxState, told: tuple[str, str | None], screen: Screen
) -> None:
    status._mailboxes([one], [status.Daemon("well", NOW, True, ("europe",), (), None, 0)], NOW)
    assert screen == [told]


def test_no_mailbox_polled_is_told(screen: Screen) -> None:
    status._mailboxes([], [], NOW)
    assert screen == [("mailbox   none polled yet", None)]


def owed(uid: int) -> OwedMail:
    return OwedMail("europe", "IN\tBOX", 7, uid, None, None, 3, NOW - 2 * HOUR, NOW, "NO\rwhole")


@pytest.mark.parametrize(("count", "more"), [(0, None), (10, None), (11, 1), (13, 3)])
def test_ten_owed_mails_are_named_and_the_rest_counted(count: int, more: int | None, screen: Screen) -> None:
    status._owed([owed(uid) for uid in range(count)], NOW)
    assert screen == [
        *(
            (f"owed      europe           IN BOX uid {uid} asked for 3 times since 2h: NO whole", "red")
            for uid in range(min(count, 10))
        ),
        *([(f"owed      and {more} more", "red")] if more else []),
    ]


# -- queues --------------------------------------------------------------------------------------------

QUIET = Counts({}, {}, {}, 0, 0, 0, 0, 0, None, None)
BUSY = Counts(
    {"ticket": 3, "automatic": 1, "spam": 0, "quarantine": 0},
    {("new", "S2"): 1, ("open", "S1"): 2, ("closed", "S1"): 5},
    {"sent": 4, "due": 2, "failed": 0},
    dues_late=6,
    dues_soon=7,
    missed=0,
    reviews=8,
    failed_addresses=0,
    oldest_waiting_mail=NOW - timedelta(minutes=4),
    oldest_waiting_letter=None,
)


def test_queues_with_nothing_in_them_say_so(screen: Screen) -> None:
    status._queues(QUIET, NOW)
    assert screen == [
        ("tickets   open: none; 0 to review", None),
        ("promises  0 missed on open tickets, 0 steps due within the hour, 0 overdue to take", None),
        ("mail      none", None),
        ("letters   none", None),
    ]


def test_queues_tell_what_there_is_and_nothing_of_what_is_not(screen: Screen) -> None:
    status._queues(BUSY, NOW)
    live = ", ".join(f"{number} {severity}" for severity, number in BUSY.live.items())
    assert screen == [
        (f"tickets   open: {live}; 8 to review", None),
        ("promises  0 missed on open tickets, 7 steps due within the hour, 6 overdue to take", None),
        ("mail      1 automatic, 3 ticket", None),
        ("          oldest waiting mail: 4m", None),
        ("letters   2 due, 4 sent", None),
    ]


@pytest.mark.parametrize(
    ("changed", "red"),
    [
        (
            {"missed": 1},
            ["promises  1 missed on open tickets, 7 steps due within the hour, 6 overdue to take"],
        ),
        ({"mail": {"quarantine": 1}}, ["mail      1 quarantine"]),
        ({"letters": {"failed": 1}}, ["letters   1 failed"]),
        (
            {"failed_addresses": 2},
            ["          2 addresses are not reached: triaged addresses list"],
        ),
    ],
)
def test_each_thing_that_wants_somebody_is_red(
    changed: dict[str, Any], red: list[str], screen: Screen
) -> None:
    status._queues(replace(BUSY, **changed), NOW)
    assert [text for text, colour in screen if colour == "red"] == red
    assert {colour for _, colour in screen} == {None, "red"}


def test_as_json_tickets_are_counted_by_state_and_severity() -> None:
    assert status._counts(BUSY) == asdict(BUSY) | {"tickets": {"new/S2": 1, "open/S1": 2, "closed/S1": 5}}


# -- what is in force ----------------------------------------------------------------------------------


def told_of(*notes: tuple[str, Note]) -> None:
    status._in_force(dict(notes))


def test_what_is_in_force_is_one_line(screen: Screen) -> None:
    force = {
        "rulebook": "ab12",
        "rules": 31,
        "files": ["a", "b"],
        "model": "m7",
        "directory": "cd34",
        "accounts": 9,
    }
    told_of(note("in_force", force))
    assert screen == [
        (
            "in force  rulebook ab12 (31 rules, 2 files), model m7, directory cd34 (9 accounts), "
            "since 2026-11-23 09:00",
            None,
        )
    ]


def test_of_a_refused_reload_ten_complaints_are_shown(screen: Screen) -> None:
    lines = [f"a.yaml:{n}:1: bad\x1b" for n in range(12)]
    told_of(note("reload.refused", {"lines": lines}, HOUR))
    assert screen == [
        ("refused   the reload of 2026-11-23 08:00:", "red"),
        *((f"          a.yaml:{n}:1: bad ", "red") for n in range(10)),
    ]


@pytest.mark.parametrize("name", ["reload.refused", "letters:staff", "directory.old"])
def test_what_is_over_is_told_no_more(name: str, screen: Screen) -> None:
    told_of(note(name, None))
    assert screen == []


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("smtp:out.example", {"ok": True}, ("smtp      out.example      takes letters (2026-11-23 09:00)", None)),
        (
            "smtp:out.example",
            {"ok": False, "error": "550\nno"},
            ("smtp      out.example      takes no letters: 550 no (2026-11-23 09:00)", "red"),
        ),
        ("letters:staff", "550\tno", ("letters   to staff failed: 550 no (2026-11-23 09:00)", "red")),
        (
            "retention",
            {"gone": {"closed_tickets": 2, "mails": 3}},
            ("retention last 2026-11-23 09:00: 2 closed tickets, 3 mails", None),
        ),
        (
            "retention",
            {"doubted": True},
            ("retention last 2026-11-23 09:00: nothing was over; the clock leapt: nothing goes for a day", None),
        ),
        ("retention", {"gone": {}, "doubted": False}, ("retention last 2026-11-23 09:00: nothing was over", None)),
        ("directory.old", "9\x07 days", ("directory is 9  days old: `triaged accounts load`", "yellow")),
    ],
)  # fmt: skip
def test_each_note_of_a_daemon_has_its_line(
    name: str, value: Any, told: tuple[str, str | None], screen: Screen
) -> None:
    told_of(note(name, value), note("something.else", {"ok": False}))
    assert screen == [told]
