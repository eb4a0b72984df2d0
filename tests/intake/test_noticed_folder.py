"""One folder read with a clock that is moved by hand: what is owed and asked for when, what is history, what is moved."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.intake.scene import mail, subjects
from tests.said import listening
from tests.servers.ill_imap import IllImap
from triaged.config.config import Mailbox
from triaged.intake import fetch, imap
from triaged.intake import folder as rooms
from triaged.intake.after import Mover
from triaged.intake.bookmark import Bookmark
from triaged.intake.folder import Door, Folder, Refuses
from triaged.intake.keep import Keep
from triaged.store import Store
from triaged.store.rows import OwedMail

ARRIVED = datetime(2026, 11, 23, 9, tzinfo=UTC)  # what the server says of every mail
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


class Place:
    """A folder on a server on loopback, opened as often as one likes."""

    def __init__(self, store: Store, server: IllImap, secret: Path) -> None:
        secret.write_text("secret", "utf-8")
        self.store, self.server, self.secret = store, server, secret
        self.now = ARRIVED + HOUR
        self.bookmarks: dict[tuple[str, int], Bookmark] = {}
        self.clients: list[imap.Client] = []
        self.goes_on = True

    def opened(self, name: str = "INBOX", *, sent: bool = False, moves: bool = True, **box: Any) -> Folder:
        """Selected on a new connection."""
        door = {"host": "127.0.0.1", "port": self.server.port, "tls": "none", "user": "u", "password_file": self.secret,
                "after": {"move_to": "Triaged"}, "timeout_seconds": 5}  # fmt: skip
        made = Mailbox(**{"name": "global", "address": "help@support.example", "imap": door} | box)
        assert made.imap is not None
        client = imap.connect(made.imap)
        self.clients.append(client)
        keep = Keep(self.store, lambda: self.now, lambda: None)
        way = Door(made, made.imap, self.store, keep, lambda: self.now, 10**6, lambda: self.goes_on)
        mover = Mover(client, name, made.imap.after, "Triaged") if moves else None
        return Folder(way, client, name, self.bookmarks, sent=sent, mover=mover)

    def owed(self) -> list[OwedMail]:
        return self.store.owed("global")

    def kept(self) -> list[tuple[Any, ...]]:
        rows = sorted(self.store.mails(limit=100), key=lambda row: row.uid or 0)
        return [(row.uid, row.received_at, row.history, row.moved) for row in rows]


Places = Callable[..., Place]


@pytest.fixture
def place(store: Store, tmp_path: Path) -> Iterator[Places]:
    made: list[Place] = []

    def at(*mails: bytes, **how: Any) -> Place:
        made.append(Place(store, IllImap(*mails, **how), tmp_path / "secret"))
        return made[-1]

    yield at
    for one in made:
        for client in one.clients:
            imap.hang_up(client)
        one.server.close()


# -- what is owed --------------------------------------------------------------------------------------


def test_what_is_not_given_is_owed_and_asked_for_again_when_its_time_has_come(
    place: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.0)
    at = place(mail(1), mail(2))
    at.server.illness[1] = "no"
    folder = at.opened()
    with listening() as said:
        assert folder.read() == 1
    (told,) = said.of("mail.owed")
    assert (told["mailbox"], told["folder"], told["uid"], told["failures"]) == ("global", "INBOX", 1, 1)
    (first,) = at.owed()
    wait = timedelta(seconds=rooms.OWED.seconds(1, 0.0))
    assert first == OwedMail(
        "global", "INBOX", 7, 1, len(mail(1)), ARRIVED, 1, at.now, at.now + wait, first.error
    )
    assert "FETCH failed" in first.error and folder.owed == [first]
    assert sorted(at.server.moved) == [2], "what is owed stays where it is"
    asked = at.server.asked[1]
    at.now += wait - SECOND
    assert folder.read() == 0 and at.server.asked[1] == asked, "not before its time"
    at.now += SECOND
    assert folder.read() == 0 and at.server.asked[1] > asked
    (second,) = at.owed()
    assert (second.failures, second.since, second.retry_at) == (
        *(2, first.since),
        at.now + timedelta(seconds=rooms.OWED.seconds(2, 0.0)),
    )
    del at.server.illness[1]
    assert folder.read() == 0
    assert folder.read(all_owed=True) == 1, "whoever asks for all waits for no time"
    assert at.owed() == folder.owed == [] and subjects(at.store) == ["Case 1", "Case 2"]
    assert sorted(at.server.moved) == [1, 2]


def test_when_one_that_was_owed_comes_all_are_asked_for(place: Places) -> None:
    at = place(mail(1), mail(2), mail(3))
    at.server.illness |= dict.fromkeys((1, 2, 3), "nil")
    folder = at.opened()
    folder.read()
    assert [one.uid for one in folder.owed] == [1, 2, 3]
    at.server.illness.clear()
    at.store.owe([replace(one, retry_at=at.now + (HOUR if one.uid > 1 else -HOUR)) for one in at.owed()])
    again = at.opened()
    assert again.read() == 3 and at.owed() == []


def test_what_is_owed_and_gone_from_the_folder_is_owed_no_more(place: Places) -> None:
    at = place(mail(1), mail(2))
    at.server.illness[1] = "no"
    folder = at.opened()
    folder.read()
    del at.server.mails[1]
    assert folder.read() == 0 and at.owed() == []


def test_what_a_folder_owed_before_it_was_made_anew_is_forgotten(place: Places) -> None:
    at = place(mail(1), mail(2))
    at.server.illness[1] = "no"
    at.opened().read()
    other = at.owed()[0]
    at.store.owe([replace(other, folder="Other")])
    at.server.uidvalidity = 8
    del at.server.illness[1]
    assert at.opened().owed == []
    assert [(one.folder, one.uidvalidity) for one in at.owed()] == [("Other", 7)]
    assert list(at.bookmarks) == [("INBOX", 8)]


@pytest.mark.parametrize(
    ("tries", "after", "kept"), [(5, HOUR, True), (4, HOUR, False), (5, HOUR - SECOND, False)]
)
def test_a_mail_of_no_byte_is_one_when_the_server_has_said_so_five_times_in_an_hour(
    place: Places, tries: int, after: timedelta, kept: bool
) -> None:
    at = place(b"")
    folder = at.opened()
    folder.read()
    for _ in range(tries - 1):
        folder.read(all_owed=True)
    assert [one.failures for one in at.owed()] == [tries]
    at.now += after
    assert folder.read(all_owed=True) == kept
    assert (at.owed() == []) is kept
    assert at.server.moved == {}, "should its bytes be found after all, people find it there"
    assert [row[3] for row in at.kept()] == ([True] if kept else [])


def test_a_server_that_refuses_one_after_the_other_is_told_as_such(place: Places) -> None:
    at = place(*(mail(n) for n in range(fetch.MOST_REFUSALS)))
    at.server.illness[None] = "no"
    with pytest.raises(
        Refuses, match=r"^the server refuses one mail of INBOX after the other: .*FETCH failed"
    ):
        at.opened().read()
    assert at.owed() and subjects(at.store) == []


def test_a_connection_that_breaks_at_one_mail_makes_it_owed_and_at_several_makes_them_suspects(
    place: Places,
) -> None:
    at = place(mail(1), mail(2), mail(3))
    at.server.illness[2] = "deaf"
    with pytest.raises(fetch.BROKEN):
        at.opened().read()
    assert at.owed() == [] and at.bookmarks["INBOX", 7].careful == {1, 2, 3}
    with pytest.raises(fetch.BROKEN):
        at.opened().read()
    assert [(one.uid, one.error.startswith(f"{rooms.BROKE_OFF}: ")) for one in at.owed()] == [(2, True)]
    assert at.opened().read() == 1
    assert subjects(at.store) == ["Case 1", "Case 3"]


def test_who_is_to_stop_takes_nothing_more(place: Places) -> None:
    at = place(mail(1))
    folder = at.opened()
    at.goes_on = False
    assert folder.read() == 0 and at.kept() == []
    at.goes_on = True
    assert folder.read() == 1


# -- what was there before us --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "more", "history", "moved"),
    [
        (HOUR, {}, "none", True),
        (HOUR, {"acknowledge_within": HOUR}, "none", True),
        (HOUR + SECOND, {"acknowledge_within": HOUR}, "quiet", True),
        (HOUR + SECOND, {"acknowledge_within": HOUR, "history": "skip"}, "skip", False),
    ],
)
def test_what_lay_there_long_before_we_came_is_history(
    place: Places, met: timedelta, more: dict[str, Any], history: str, moved: bool
) -> None:
    at = place(mail(1))
    at.now = ARRIVED + met
    folder = at.opened(**more)
    folder.read()
    assert at.server.looked_at == 0, "what is to be moved is opened to be written"
    assert [row[:3] for row in at.kept()] == [(1, ARRIVED, history)]
    assert sorted(at.server.moved) == ([1] if moved else [])
    at.server.deliver(mail(2))
    at.now += 9 * DAY
    folder.read()
    assert at.kept()[1][:3] == (2, ARRIVED, "none"), "what came after us is new, whenever it says it came"


def test_a_fast_clock_of_the_server_dates_nothing_to_the_future(place: Places) -> None:
    at = place(mail(1))
    at.now = ARRIVED - HOUR
    at.opened().read()
    assert at.kept()[0][1] == at.now


def test_where_nothing_is_moved_nothing_waits_to_be(place: Places) -> None:
    at = place(mail(1))
    at.opened(moves=False).read()
    assert at.kept()[0][3] is True and at.server.moved == {} and at.server.looked_at == 1
    assert at.store.unmoved("global", "INBOX", 7) == []


def test_a_sent_folder_is_read_from_our_coming_on(place: Places) -> None:
    at = place(mail(1), mail(2))
    folder = at.opened("Sent", sent=True, moves=False)
    cursor = at.store.cursor("global", "Sent")
    assert cursor is not None and (cursor.uidvalidity, cursor.last_uid) == (7, 2)
    assert folder.read() == 0
    at.server.deliver(mail(3))
    assert folder.read() == 1
    (row,) = at.store.mails()
    assert (row.uid, row.sent_folder, row.history) == (3, True, "none")


@pytest.mark.parametrize(("met", "kept"), [(DAY, 2), (DAY + SECOND, 0)])
def test_a_sent_folder_made_anew_is_read_again_but_for_what_was_sent_before_us(
    place: Places, met: timedelta, kept: int
) -> None:
    at = place(mail(1), mail(2))
    at.now = ARRIVED + met
    at.opened("Sent", sent=True, moves=False)
    at.server.uidvalidity = 8
    assert at.opened("Sent", sent=True, moves=False).read() == kept
    cursor = at.store.cursor("global", "Sent")
    assert cursor is not None and (cursor.uidvalidity, cursor.last_uid) == (8, 2)


def test_a_folder_that_was_looked_for_in_vain_is_known_since_then(place: Places) -> None:
    at = place(mail(1))
    door = at.opened().door
    at.now = ARRIVED - 2 * HOUR
    rooms.absent(door, "Sent")
    at.now = ARRIVED + 9 * DAY
    rooms.absent(door, "Sent")
    assert at.opened("Sent", moves=False).contact.first_at == ARRIVED - 2 * HOUR
    assert at.opened("Other", moves=False).contact.first_at == at.now


# -- what is moved -------------------------------------------------------------------------------------


def test_what_could_not_be_moved_is_told_and_moved_after_a_minute_and_not_before(
    place: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [100.0]
    monkeypatch.setattr("triaged.intake.folder.time.monotonic", lambda: ticks[0])
    at = place(mail(1), mail(2))
    folder = at.opened()
    monkeypatch.setattr(at.server, "_move", lambda rest: iter(["NO [LIMIT] not now"]), raising=False)
    with listening() as said:
        assert folder.read() == 2
    (told,) = said.of("mailbox.move_failed")
    assert told["mailbox"] == "global" and "not now" in folder.unsettled
    assert at.store.unmoved("global", "INBOX", 7) == [1, 2]
    monkeypatch.undo()
    monkeypatch.setattr("triaged.intake.folder.time.monotonic", lambda: ticks[0])
    ticks[0] += 59.9
    folder.read()
    assert at.server.moved == {}
    ticks[0] += 0.1
    folder.read()
    assert sorted(at.server.moved) == [1, 2] and folder.unsettled == ""
    assert at.store.unmoved("global", "INBOX", 7) == []
