"""One mailbox's loop by a clock moved by hand: what a poll notes, how long it pauses after what, whose mailbox it is."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.intake.scene import mail, subjects
from tests.said import listening
from tests.servers.ill_imap import IllImap
from triaged.config.config import Mailbox
from triaged.edge import steady
from triaged.edge.backoff import Backoff
from triaged.intake import fetch
from triaged.intake import mailbox as rooms
from triaged.intake.keep import Keep
from triaged.intake.mailbox import Incomplete, MailboxLoop, Means
from triaged.store import Store
from triaged.store.rows import OwedMail

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Reader:
    """A daemon's loop on a scripted server. `pauses`: how long it would have waited, and did not."""

    def __init__(
        self, store: Store, server: IllImap, secret: Path, monkeypatch: pytest.MonkeyPatch, **more: Any
    ) -> None:
        secret.write_text("secret", "utf-8")
        self.store, self.server, self.now = store, server, NOW
        self.pauses: list[float] = []
        self.told: list[list[int]] = []
        given = {"host": "127.0.0.1", "port": server.port, "tls": "none", "user": "u", "password_file": secret,
                 "after": {"move_to": "Triaged"}, "timeout_seconds": 5, "poll_seconds": 600} | more  # fmt: skip
        box = Mailbox(name="global", address="help@support.example", imap=given)  # type: ignore[arg-type]
        self.keep = Keep(store, lambda: self.now, lambda: None)
        means = Means(
            store=store, keep=self.keep, clock=lambda: self.now, stop=threading.Event(), owner=str(secret)
        )
        self.loop = MailboxLoop(
            box, means, tell=lambda owed: self.told.append([one.uid for one in owed]), backoff=Backoff(8, 60)
        )
        monkeypatch.setattr(self.loop, "_pause", self.pauses.append)

    def polled(self) -> tuple[bool, str | None]:
        """How the last poll went, as the store was told."""
        (one,) = self.store.mailbox_states()
        return one.failures == 0, one.error


Readers = Callable[..., Reader]


@pytest.fixture
def reader(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    made: list[Reader] = []
    monkeypatch.setattr(random, "random", lambda: 0.0)

    def at(*mails: bytes, server: IllImap | None = None, **more: Any) -> Reader:
        secret = tmp_path / f"secret{len(made)}"
        made.append(Reader(store, server or IllImap(*mails), secret, monkeypatch, **more))
        return made[-1]

    yield at
    for one in made:
        one.loop.close()
        one.server.close()


def test_a_loop_is_wanted_until_it_is_told_to_stop(reader: Readers) -> None:
    at = reader()
    assert at.loop.wanted() is True
    at.loop.stop.set()
    assert at.loop.wanted() is False


def test_a_poll_that_went_well_is_noted_and_told_with_how_many_came(reader: Readers) -> None:
    at = reader(mail(1), mail(2))
    with listening() as said:
        assert at.loop.poll_once() == 2
        assert at.loop.poll_once() == 0
    assert [(one["mailbox"], one["count"]) for one in said.of("mailbox.polled")] == [("global", 2)]
    assert at.polled() == (True, None) and at.told == []


@pytest.mark.parametrize("ill", [1, 5, 6])
def test_a_poll_that_was_not_given_everything_names_five_and_goes_on(reader: Readers, ill: int) -> None:
    at = reader(*(mail(n) for n in range(ill + 2)))
    at.server.illness |= dict.fromkeys(range(1, ill + 1), "nil")
    with pytest.raises(Incomplete) as raised:
        at.loop.poll_once()
    owed = at.store.owed("global")
    named = ", ".join(f"INBOX uid {one.uid} ({one.error})" for one in owed[:5]) + (", …" if ill > 5 else "")
    mails = "1 mail is" if ill == 1 else f"{ill} mails are"
    assert str(raised.value) == f"{mails} not given whole by the server, and stay there: {named}"
    assert raised.value.count == 2 and at.told == [list(range(1, ill + 1))]
    assert at.polled() == (False, str(raised.value))
    assert at.loop._client is not None, "the connection is none the worse"


def test_the_first_turn_asks_for_all_that_is_owed_and_the_next_for_what_is_due(reader: Readers) -> None:
    at = reader(mail(1), idle=False)
    at.server.illness[1] = "nil"
    with listening() as said:
        at.loop.turn()
    (one,) = at.store.owed()
    wait = (one.retry_at - at.now).total_seconds()
    (told,) = said.of("mailbox.failed")
    assert told["mailbox"] == "global" and told["again_in"] == pytest.approx(wait, abs=0.11)
    assert at.pauses == [wait], "sooner than the next poll: it is asked for again"
    asked = at.server.asked[1]
    at.loop.turn()
    assert at.server.asked[1] == asked
    at.now = one.retry_at
    at.loop.turn()
    assert at.server.asked[1] > asked
    other = reader(server=at.server, idle=False)
    at.loop.close()
    asked = at.server.asked[1]
    other.now = at.now
    other.loop.turn()
    assert at.server.asked[1] > asked, "whoever begins asks for all of it"


def _owed(uid: int, retry_at: datetime, folder: str = "INBOX") -> OwedMail:
    return OwedMail("global", folder, 7, uid, None, None, 1, NOW, retry_at, "NIL")


@pytest.mark.parametrize(
    ("after", "seconds"),
    [((), 600), ((30, 20), 20), ((-5,), 1), ((0.5,), 1), ((601,), 600), ((599.5,), 599.5)],
)
def test_the_next_poll_is_when_something_owed_is_due_and_at_the_latest_at_its_time(
    reader: Readers, after: tuple[float, ...], seconds: float
) -> None:
    at = reader()
    at.loop.poll_once()
    mark = at.loop._bookmarks["INBOX", 7]
    mark.owes(_owed(uid, NOW + timedelta(seconds=span)) for uid, span in enumerate(after, 5))
    assert at.loop._until_next() == seconds


def test_after_each_failure_it_waits_longer_and_begins_with_a_new_connection(reader: Readers) -> None:
    at = reader(mail(1))
    at.loop.poll_once()
    with listening() as said:
        for _ in range(3):
            at.loop.failed(OSError("gone away"))
    assert (at.loop._client, at.loop._folder, at.loop.failures) == (None, None, 3)
    assert at.pauses == [at.loop.backoff.seconds(n, 0.0) for n in (1, 2, 3)] and len(set(at.pauses)) == 3
    told = said.of("mailbox.failed")
    assert [(one["error"], one["again_in"]) for one in told] == [
        ("OSError: gone away", one) for one in at.pauses
    ]
    at.loop.turn()
    assert at.loop.failures == 0, "what works again is forgiven"


def test_a_poll_whose_connection_broke_is_noted_with_why_and_what_is_owed_is_told(reader: Readers) -> None:
    at = reader(mail(1))
    at.server.illness[1] = "deaf"
    for _ in range(2):
        with pytest.raises(fetch.BROKEN):
            at.loop.poll_once()
    good, error = at.polled()
    assert not good and error
    assert at.loop._client is None and at.told[-1] == [1]


def test_who_does_not_have_the_mailbox_stands_by_and_takes_it_when_it_is_free(reader: Readers) -> None:
    first = reader(mail(1))
    assert first.loop.poll_once() == 1
    second = reader(server=first.server)
    second.loop.turn()
    assert second.pauses == [rooms.LEASE_SECONDS / 8] and second.loop._client is None
    first.loop.close()
    first.server.deliver(mail(2))
    assert second.loop.poll_once() == 1 and subjects(second.store) == ["Case 1", "Case 2"]


def test_a_mailbox_is_asked_for_three_times_a_lease_and_given_up_when_it_is_anothers(
    reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr(steady, "seconds", lambda: ticks[0])
    at = reader(mail(1))
    at.loop.poll_once()
    epoch = at.loop._epoch
    other = reader(server=at.server)
    at.now = other.now = NOW + timedelta(seconds=rooms.LEASE_SECONDS + 1)
    assert other.loop.poll_once() == 0 and other.loop._epoch not in (None, epoch)
    ticks[0] += rooms.LEASE_SECONDS / 3 - 0.1
    assert at.loop._hold() is True, "not asked yet"
    ticks[0] += 0.1
    assert at.loop._hold() is False
    assert at.loop._client is None and at.loop._bookmarks == {} and at.loop._epoch is None


def test_where_too_much_waits_already_the_rest_stays_on_the_server_for_a_moment(
    reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reader(mail(1))
    monkeypatch.setattr(at.keep, "full", lambda: True)
    at.loop.turn()
    assert at.pauses == [2.0] and subjects(at.store) == []
    monkeypatch.undo()
    monkeypatch.setattr(at.loop, "_pause", at.pauses.append)
    at.loop.turn()
    assert subjects(at.store) == ["Case 1"]


def test_a_server_that_wakes_us_in_vain_is_asked_ever_more_seldom(reader: Readers) -> None:
    at = reader(poll_seconds=10)
    for _ in range(3):
        at.loop._brake(True, 0)
    assert at.pauses == []
    for _ in range(4):
        at.loop._brake(True, 0)
    assert at.pauses == [1.6, 3.2, 6.4, 10]
    for woken, count in ((True, 1), (False, 0)):
        at.loop._brake(woken, count)
        for _ in range(3):
            at.loop._brake(True, 0)
    assert len(at.pauses) == 4


def test_a_connection_is_made_anew_before_servers_end_it(
    reader: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = [1000.0]
    monkeypatch.setattr("triaged.intake.mailbox.time.monotonic", lambda: ticks[0])
    at = reader()
    first = at.loop._connected()
    ticks[0] += rooms.RECONNECT_SECONDS
    assert at.loop._connected() is first
    ticks[0] += 0.1
    assert at.loop._connected() is not first


def test_a_lease_that_cannot_be_given_back_runs_out_by_itself(
    reader: Readers, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = reader()
    at.loop.poll_once()
    with listening() as said, monkeypatch.context() as away:
        away.setattr(Store, "drop_lease", _away)
        at.loop.close()
    (told,) = said.of("daemon.loop_failed")
    assert told["error"] == "OSError: the database is away"
    assert (at.loop._client, at.loop._folder, at.loop._epoch) == (None, None, None)


def _away(*_: Any) -> None:
    raise OSError("the database is away")


def test_a_fault_of_whoever_is_told_of_owed_mail_is_no_fault_of_the_poll(reader: Readers) -> None:
    at = reader(mail(1))
    at.server.illness[1] = "nil"
    at.loop.tell = lambda owed: _away()
    with listening() as said, pytest.raises(Incomplete):
        at.loop.poll_once()
    assert [one["error"] for one in said.of("daemon.loop_failed")] == ["OSError: the database is away"]
