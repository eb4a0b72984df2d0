"""A mail the server cannot give whole is never kept in pieces, moved, given up or in anybody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.intake.scene import eventually, mail, subjects, utc_now
from tests.servers.dovecot import Dovecot
from tests.servers.ill_imap import ILLNESSES, IllImap
from triaged.intake import fetch, folder
from triaged.intake.folder import Refuses
from triaged.intake.mailbox import Incomplete, MailboxLoop
from triaged.store import Store
from triaged.store.rows import OwedMail

Loops = Callable[..., MailboxLoop]
PARTS = (
    b"From: Anna <anna@oakbridge.example>\r\nSubject: Case 0\r\nContent-Type: multipart/mixed; boundary=frontier\r\n\r\n"
    b"--frontier\r\nContent-Type: text/plain\r\n\r\nOrg ID: 60031122334\r\n"
    b"--frontier\r\nContent-Type: text/plain\r\n\r\nThe end of it.\r\n--frontier--\r\n"
)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def serve() -> Iterator[Callable[..., IllImap]]:
    made: list[IllImap] = []

    def start(*mails: bytes, **how: Any) -> IllImap:
        made.append(IllImap(*mails, **how))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def loop_at(make_loop: Loops, dovecot: Dovecot) -> Callable[..., MailboxLoop]:
    return lambda server, **more: make_loop(dovecot, port=server.port, idle=False, **more)


def polled(loop: MailboxLoop) -> int:
    """New mails of a poll, whether it was a good one or not."""
    try:
        return loop.poll_once()
    except Incomplete as incomplete:
        return incomplete.count
    except (OSError, Refuses, *fetch.BROKEN):
        return 0


@pytest.mark.parametrize(
    ("raw", "illness"),
    [
        *(pytest.param(mail(0), illness, id=f"plain-{illness}") for illness in ILLNESSES),
        *(pytest.param(PARTS, illness, id=f"parts-{illness}") for illness in ("half", "lines", "header")),
        *(
            pytest.param(mail(0, size=5_000_000), illness, id=f"large-{illness}")
            for illness in ("half", "nil", "cut literal", "serverbug")
        ),
    ],
)
def test_whatever_the_server_does_instead_of_giving_a_mail_it_stays_until_it_is_given(
    raw: bytes, illness: str, serve: Any, loop_at: Any, store: Store
) -> None:
    server, clock = serve(raw, mail(1), mail(2)), Clock()
    server.illness[1] = illness
    loop = loop_at(server, clock=clock)
    for _ in range(5):
        with pytest.raises((Incomplete, OSError, *fetch.BROKEN)):
            loop.poll_once()
        clock.now += timedelta(days=1)
    assert subjects(store) == ["Case 1", "Case 2"]  # the others go on behind it
    assert (set(server.mails), set(server.moved)) == ({1}, {2, 3})
    assert store.mailbox_states()[0].failures == 5
    (owed,) = store.owed("global")
    assert (owed.uid, owed.failures >= 4, owed.size) == (1, True, len(raw))
    server.illness.clear()
    again = loop_at(server, clock=clock, owner="after a restart")
    loop.close()
    assert again.poll_once() == 1
    (row,) = [row for row in store.mails() if row.uid == 1]
    kept = store.mail(row.id)
    assert kept is not None and kept.raw == raw and not row.truncated
    assert (store.owed(), set(server.moved), store.mailbox_states()[0].failures) == ([], {1, 2, 3}, 0)


@pytest.mark.parametrize("illness", ["unavailable", "silent", "nil", "empty", "half", "bye", "cut literal"])
def test_a_server_that_can_give_nothing_at_all_loses_nothing(
    illness: str, serve: Any, loop_at: Any, store: Store
) -> None:
    server, clock = serve(*(mail(n) for n in range(20))), Clock()
    server.illness[None] = illness
    loop = loop_at(server, clock=clock)
    for _ in range(3):
        assert polled(loop) == 0
        clock.now += timedelta(hours=5)
    assert (store.mails(), len(server.mails)) == ([], 20)
    server.illness.clear()
    assert sum(polled(loop) for _ in range(3)) == 20
    assert subjects(store) == [f"Case {n}" for n in range(20)]
    assert (store.owed(), server.mails) == ([], {})


def test_a_server_that_refuses_everything_is_not_asked_for_everything(
    serve: Any, loop_at: Any, store: Store
) -> None:
    server = serve(*(mail(n) for n in range(500)))
    server.illness[None] = "unavailable"
    with pytest.raises(Refuses, match="one mail of INBOX after the other"):
        loop_at(server).poll_once()
    assert sum(server.asked.values()) < 50
    assert len(store.owed()) == fetch.MOST_REFUSALS


def test_a_wait_grows_and_is_bounded_and_a_recovery_ends_every_wait(
    serve: Any, loop_at: Any, store: Store
) -> None:
    server, clock = serve(mail(0), mail(1)), Clock()
    server.illness[None] = "unavailable"
    loop = loop_at(server, clock=clock)
    waits = []
    for _ in range(12):
        with pytest.raises(Incomplete):
            loop.poll_once(all_owed=False)
        waits.append(max((one.retry_at - clock.now).total_seconds() for one in store.owed()))
        clock.now += timedelta(seconds=waits[-1])
    assert waits[0] < 10 < waits[-1] <= folder.OWED.cap * 1.25
    asked = sum(server.asked.values())
    with pytest.raises(Incomplete):
        loop.poll_once(all_owed=False)
    clock.now += timedelta(seconds=1)
    with pytest.raises(Incomplete):
        loop.poll_once(all_owed=False)  # not before its time
    assert sum(server.asked.values()) <= asked + 4
    server.illness.clear()
    clock.now = min(one.retry_at for one in store.owed())
    assert loop.poll_once(all_owed=False) == 2


def test_a_mail_that_is_gone_meanwhile_is_owed_no_more(serve: Any, loop_at: Any, store: Store) -> None:
    server = serve(mail(0), mail(1))
    server.illness[1] = "nil"
    loop = loop_at(server)
    assert polled(loop) == 1 and len(store.owed()) == 1
    del server.mails[1]
    assert loop.poll_once() == 0
    assert (store.owed(), store.mailbox_states()[0].failures) == ([], 0)


def test_what_a_folder_owed_before_it_was_made_anew_is_forgotten(
    serve: Any, loop_at: Any, store: Store
) -> None:
    server = serve(mail(0))
    server.illness[1] = "nil"
    assert polled(loop_at(server)) == 0
    server.uidvalidity, server.illness = 8, {}
    assert loop_at(server).poll_once() == 1
    assert store.owed() == []


@pytest.mark.parametrize(
    ("more", "knows_pieces"), [(-7, True), (3, True), (3, False), (40, False), (40, True), (150, True)]
)
def test_a_server_that_estimates_sizes_is_still_believed_about_the_mail(
    more: int, knows_pieces: bool, serve: Any, loop_at: Any, store: Store
) -> None:
    server = serve(mail(0, size=1000), PARTS, sizes=more, knows_pieces=knows_pieces)
    loop = loop_at(server)
    if more == 150:
        polled(loop)
    assert polled(loop) + len(store.mails()) >= 2
    assert store.owed() == []
    kept = {store.mail(row.id).raw for row in store.mails()}  # type: ignore[union-attr]
    assert kept == {mail(0, size=1000), PARTS}


def test_a_mail_of_no_bytes_is_one_only_when_the_server_has_said_so_for_an_hour(
    serve: Any, loop_at: Any, store: Store
) -> None:
    server, clock = serve(b"", mail(1)), Clock()
    loop = loop_at(server, clock=clock)
    for _ in range(6):
        assert polled(loop) in (0, 1)
        assert [row.uid for row in store.mails()] == [2]
        clock.now += timedelta(minutes=10)
    assert loop.poll_once() == 1
    assert {row.uid: row.size for row in store.mails()}[1] == 0
    assert (store.owed(), set(server.mails)) == ([], {1})  # it stays where it is, for people to see


def test_staff_are_given_what_is_owed_after_each_poll(serve: Any, loop_at: Any) -> None:
    told: list[Sequence[OwedMail]] = []
    server = serve(mail(0), mail(1))
    server.illness[2] = "serverbug"
    loop = loop_at(server, tell=told.append)
    assert polled(loop) == 1
    assert [[one.uid for one in owed] for owed in told] == [[2]]
    server.illness.clear()
    assert loop.poll_once() == 1
    assert len(told) == 1


def test_the_connection_stays_and_new_mail_comes_at_once_while_one_is_owed(
    serve: Any, make_loop: Any, run: Any, dovecot: Dovecot, store: Store
) -> None:
    server = serve(mail(0))
    server.illness[1] = "nil"
    run(dovecot, port=server.port, idle=False, poll_seconds=1)
    eventually(lambda: store.mailbox_states())
    for number in (1, 2):
        server.deliver(mail(number))
        eventually(lambda n=number: len(store.mails()) == n, 5)
    server.illness.clear()
    eventually(lambda: len(store.mails()) == 3)
    eventually(lambda: store.mailbox_states()[0].failures == 0)
