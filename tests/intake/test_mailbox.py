"""The IMAP door against a real Dovecot: nothing lost, nothing doubled, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from tests.intake.scene import Running, eventually, mail, subjects, utc_now
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from triaged.errors import Permanent
from triaged.intake import fetch, folder, imap
from triaged.intake.after import Mover
from triaged.intake.keep import Keep
from triaged.intake.mailbox import Incomplete, MailboxLoop
from triaged.store import Store, Unavailable

Loops = Callable[..., MailboxLoop]
Runs = Callable[..., Running]
CASES = [f"Case {n}" for n in range(10_000)]


class Cut(BaseException):
    """kill -9, as far as a test in the same process can have it."""


def incomplete(loop: MailboxLoop, why: str) -> int:
    """A poll that did all but what `why` says: how many mails were new."""
    with pytest.raises(Incomplete, match=why) as raised:
        loop.poll_once()
    return raised.value.count


@pytest.fixture
def proxy(own_dovecot: Dovecot) -> Iterator[Proxy]:
    made = Proxy(own_dovecot.port)
    yield made
    made.close()


def test_a_mail_is_kept_and_then_moved(dovecot: Dovecot, make_loop: Loops, store: Store, user: str) -> None:
    dovecot.append(user, mail(0), mail(1))
    assert make_loop(dovecot).poll_once() == 2
    assert subjects(store) == CASES[:2]
    assert dovecot.contents(user) == {}
    assert len(dovecot.contents(user, "Triaged")) == 2


def test_raw_bytes_are_kept_unchanged(dovecot: Dovecot, make_loop: Loops, store: Store, user: str) -> None:
    odd = b"From: x@y.example\r\nSubject: \xff\xfe 0\r\n\r\n\x80\x81 .\r\n.\r\n\tend"
    dovecot.append(user, odd)
    make_loop(dovecot).poll_once()
    (row,) = store.mails()
    kept = store.mail(row.id)
    assert kept is not None and kept.raw == odd


def test_mail_is_flagged_where_the_config_says_so(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), mail(1))
    loop = make_loop(dovecot, after={"flag": "$Triaged"})
    assert (loop.poll_once(), loop.poll_once()) == (2, 0)
    client = dovecot.client(user)
    client.select_folder("INBOX")
    assert client.search(["KEYWORD", "$Triaged"]) == [1, 2]
    assert client.search(["UNSEEN"]) == [1, 2]
    client.logout()


def test_mail_is_left_alone_where_the_config_says_so(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0))
    loop = make_loop(dovecot, after={"leave": True})
    assert (loop.poll_once(), loop.poll_once()) == (1, 0)
    dovecot.append(user, mail(1))
    assert (loop.poll_once(), loop.poll_once()) == (1, 0)
    again = make_loop(dovecot, after={"leave": True})
    assert again.poll_once() == 0
    assert subjects(store) == CASES[:2]


def test_what_comes_while_old_mail_is_taken_goes_first(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, *map(mail, range(7)))
    monkeypatch.setattr(fetch, "MAILS_A_BATCH", 2)
    monkeypatch.setattr(fetch.batches, "__defaults__", (2,))
    kept: list[str] = []
    plain, late = Store.keep, iter([mail(99)])

    def keep(self: Store, arrivals: Any, *more: Any, **named: Any) -> Any:
        kept.extend(next(r[9:] for r in a.raw.decode().splitlines() if "Subject" in r) for a in arrivals)
        for one in late:
            dovecot.append(user, one)
        return plain(self, arrivals, *more, **named)

    monkeypatch.setattr(Store, "keep", keep)
    assert make_loop(dovecot).poll_once() == 8
    assert kept.index("Case 99") <= 4, kept
    assert sorted(kept) == [*CASES[:7], "Case 99"], "each once"
    assert make_loop(dovecot).poll_once() == 0


def test_mail_is_noticed_through_idle_not_at_the_next_poll(
    dovecot: Dovecot, run: Runs, store: Store, user: str
) -> None:
    run(dovecot, poll_seconds=3600)
    eventually(lambda: [s for s in store.mailbox_states() if s.good_at])
    for number in range(3):
        dovecot.append(user, mail(number))
        eventually(lambda n=number: len(store.mails()) == n + 1)
    assert subjects(store) == CASES[:3]


def test_a_mail_announced_together_with_the_start_of_idle_wakes_us(
    dovecot: Dovecot, run: Runs, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = iter([mail(0)])
    plain = imap.Client.idle

    def idle(client: imap.Client) -> None:
        for one in late:
            dovecot.append(user, one)
        plain(client)

    monkeypatch.setattr(imap.Client, "idle", idle)
    monkeypatch.setattr("triaged.intake.mailbox.IDLE_SECONDS", 3600)
    run(dovecot, poll_seconds=3600)
    eventually(lambda: len(store.mails()) == 1)


def test_the_buffer_is_looked_into_over_tls_too(
    dovecot: Dovecot, run: Runs, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = iter([mail(0)])
    plain = imap.Client.idle

    def idle(client: imap.Client) -> None:
        for one in late:
            dovecot.append(user, one)
        plain(client)

    monkeypatch.setattr(imap.Client, "idle", idle)
    monkeypatch.setattr("triaged.intake.mailbox.IDLE_SECONDS", 3600)
    run(dovecot, tls="implicit", port=dovecot.tls_port, ca_file=dovecot.cert)
    eventually(lambda: len(store.mails()) == 1)
    dovecot.append(user, mail(1))
    eventually(lambda: len(store.mails()) == 2)


def test_a_server_without_idle_is_polled(own_dovecot: Dovecot, run: Runs, store: Store, user: str) -> None:
    run(own_dovecot, idle=False, poll_seconds=1)
    own_dovecot.append(user, mail(0))
    eventually(lambda: len(store.mails()) == 1)


def test_a_killed_server_is_found_again_by_itself(
    own_dovecot: Dovecot, run: Runs, store: Store, user: str
) -> None:
    running = run(own_dovecot)
    own_dovecot.append(user, mail(0))
    eventually(lambda: len(store.mails()) == 1)
    own_dovecot.kill()
    eventually(lambda: any(state.failures >= 3 for state in store.mailbox_states()))
    own_dovecot.start()
    own_dovecot.append(user, mail(1))
    eventually(lambda: len(store.mails()) == 2)
    eventually(lambda: store.mailbox_states()[0].failures == 0)
    assert running.thread.is_alive()
    assert subjects(store) == CASES[:2]


def test_a_server_that_is_gone_does_not_make_idle_spin(
    own_dovecot: Dovecot, proxy: Proxy, make_loop: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[float] = []
    plain = imap.Client.idle_check
    monkeypatch.setattr(
        imap.Client, "idle_check", lambda client, timeout: checks.append(timeout) or plain(client, timeout)
    )
    loop = make_loop(own_dovecot, port=proxy.port)
    loop.poll_once()
    client = loop._client
    assert client is not None
    threading.Timer(0.3, proxy.drop).start()
    with pytest.raises((IMAPClientError, OSError)):
        imap.wait_for_mail(client, 3600, loop.stop, loop.tick)
    assert len(checks) <= 3


def test_a_black_hole_is_noticed_and_left(
    own_dovecot: Dovecot, proxy: Proxy, run: Runs, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triaged.intake.mailbox.IDLE_SECONDS", 1)
    run(own_dovecot, port=proxy.port, timeout_seconds=1)
    eventually(lambda: store.mailbox_states())
    proxy.stall()
    own_dovecot.append(user, mail(0))
    eventually(lambda: store.mailbox_states()[0].failures >= 1)
    proxy.drop()
    proxy.flow()
    eventually(lambda: len(store.mails()) == 1)
    assert proxy.connections >= 2


def test_two_mailboxes_never_wait_for_each_other(
    own_dovecot: Dovecot, proxy: Proxy, run: Runs, store: Store, user: str
) -> None:
    proxy.stall()
    run(own_dovecot, port=proxy.port, timeout_seconds=600, name="first")
    eventually(lambda: proxy.connections == 1)
    run(own_dovecot, name="second", user=user + "2")
    own_dovecot.append(user + "2", mail(0))
    eventually(lambda: len(store.mails(mailbox="second")) == 1)
    eventually(lambda: [s.mailbox for s in store.mailbox_states()] == ["second"])
    proxy.flow()
    proxy.close()


def test_the_connection_is_renewed_before_servers_end_it(
    dovecot: Dovecot, make_loop: Loops, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = make_loop(dovecot)
    loop.poll_once()
    first = loop._client
    loop.poll_once()
    assert loop._client is first
    monkeypatch.setattr("triaged.intake.mailbox.RECONNECT_SECONDS", 0)
    loop.poll_once()
    assert loop._client is not first


def test_a_changed_uidvalidity_is_read_again_from_the_start(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), mail(1), folder="Support")
    loop = make_loop(dovecot, folder="Support", after={"leave": True})
    assert loop.poll_once() == 2
    client = dovecot.client(user)
    client.delete_folder("Support")
    client.logout()
    time.sleep(1.1)  # Dovecot makes UIDVALIDITY from the second
    dovecot.append(user, mail(1), mail(2), folder="Support")
    loop.close()
    assert loop.poll_once() == 2
    rows = store.mails()
    assert len({(row.uidvalidity, row.uid) for row in rows}) == 4
    assert len({row.sha256 for row in rows}) == 3  # the duplicate check knows them by this


def test_a_crash_between_keeping_and_moving_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, *(mail(n) for n in range(5)))

    def die(*_: Any, again: bool) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Mover, "settle", die)
        with pytest.raises(Cut):
            make_loop(dovecot).poll_once()
    assert subjects(store) == CASES[:5]
    assert len(dovecot.contents(user)) == 5
    assert make_loop(dovecot).poll_once() == 0
    assert subjects(store) == CASES[:5]
    assert (len(dovecot.contents(user)), len(dovecot.contents(user, "Triaged"))) == (0, 5)


def test_a_crash_between_fetching_and_keeping_loses_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, *(mail(n) for n in range(5)))

    class Dying(Keep):
        def __call__(self, *_: Any) -> Any:
            raise Cut

    with pytest.raises(Cut):
        make_loop(dovecot, keep=Dying(store, utc_now, lambda: None)).poll_once()
    assert (store.mails(), len(dovecot.contents(user))) == ([], 5)
    assert make_loop(dovecot).poll_once() == 5
    assert subjects(store) == CASES[:5]


def test_a_crash_after_the_move_before_it_was_recorded_doubles_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, *(mail(n) for n in range(3)))

    def die(*_: Any) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Store, "moved", die)
        with pytest.raises(Cut):
            make_loop(dovecot).poll_once()
    (row, *_) = store.mails()
    assert store.unmoved("global", "INBOX", row.uidvalidity or 0) == [1, 2, 3]
    assert make_loop(dovecot).poll_once() == 0
    assert store.unmoved("global", "INBOX", row.uidvalidity or 0) == []
    assert len(dovecot.contents(user, "Triaged")) == 3


def test_a_database_that_is_away_leaves_the_mail_on_the_server(
    dovecot: Dovecot, run: Runs, store: Store, user: str
) -> None:
    away = threading.Event()

    class Flaky(Keep):
        def __call__(self, *arguments: Any) -> Any:
            if not away.is_set():
                raise Unavailable("the database is away")
            return super().__call__(*arguments)

    dovecot.append(user, mail(0))
    run(dovecot, keep=Flaky(store, utc_now, lambda: None))
    eventually(lambda: [s for s in store.mailbox_states() if s.failures >= 2])
    assert len(dovecot.contents(user)) == 1
    away.set()
    eventually(lambda: len(store.mails()) == 1)
    eventually(lambda: dovecot.contents(user) == {})


@pytest.mark.parametrize("capability", ["", "IMAP4rev1 IDLE UIDPLUS", "IMAP4rev1 IDLE"])
def test_servers_without_move_get_a_copy_and_a_deletion(
    own_dovecot: Dovecot, make_loop: Loops, user: str, capability: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if capability:
        names = tuple(word.encode() for word in capability.upper().split())
        monkeypatch.setattr(imap.Client, "capabilities", lambda _self: names)
    own_dovecot.append(user, mail(0), mail(1))
    loop = make_loop(own_dovecot)
    assert (loop.poll_once(), loop.poll_once()) == (2, 0)
    assert len(own_dovecot.contents(user, "Triaged")) == 2
    client = own_dovecot.client(user)
    client.select_folder("INBOX")
    assert client.search("UNDELETED") == []
    client.logout()


def test_a_move_that_is_refused_loses_nothing_and_holds_up_nothing(
    own_dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_dovecot.append(user, mail(0))
    monkeypatch.setattr(folder, "_SETTLE_AGAIN_SECONDS", 0)
    with monkeypatch.context() as patch:

        def refuse(*_: Any, again: bool) -> None:
            raise IMAPClientError("NO [OVERQUOTA] the archive is full")

        patch.setattr(Mover, "settle", refuse)
        loop = make_loop(own_dovecot)
        assert incomplete(loop, "kept mail cannot be moved to Triaged.*OVERQUOTA") == 1
        own_dovecot.append(user, mail(1))
        assert incomplete(loop, "OVERQUOTA") == 1
        assert len(own_dovecot.contents(user)) == 2
    assert loop.poll_once() == 0
    assert len(own_dovecot.contents(user, "Triaged")) == 2
    assert subjects(store) == CASES[:2]


@pytest.mark.parametrize("place", [0, 5, 9])
def test_a_mail_the_server_cannot_give_does_not_hold_up_the_others(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, *(mail(n) for n in range(10)))
    poison = place + 1
    plain = imap.Client.fetch

    def fetched(client: imap.Client, uids: list[int], items: list[str], *more: Any) -> Any:
        if poison in uids and "BODY.PEEK[]" in items:
            raise IMAPClientError("NO [SERVERBUG] Internal error occurred")
        return plain(client, uids, items, *more)

    now = utc_now()
    loop = make_loop(dovecot, clock=lambda: now)
    with monkeypatch.context() as patch:
        patch.setattr(imap.Client, "fetch", fetched)
        assert incomplete(loop, f"1 mail is not given whole.*INBOX uid {poison}.*SERVERBUG") == 9
        others = [case for number, case in enumerate(CASES[:10]) if number != place]
        assert subjects(store) == others
        assert list(dovecot.contents(user)) == [poison]
    assert loop.poll_once() == 1  # the server has recovered: the mail is whole
    assert subjects(store) == CASES[:10]
    assert not any(row.truncated for row in store.mails())


def test_a_mail_that_kills_the_connection_does_not_hold_up_the_others(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, *(mail(n) for n in range(6)))
    plain = imap.Client.fetch

    def fetched(client: imap.Client, uids: list[int], items: list[str], *more: Any) -> Any:
        if 3 in uids and any(item.startswith("BODY") for item in items):
            client.socket().close()
            raise OSError("connection reset by peer")
        return plain(client, uids, items, *more)

    monkeypatch.setattr(imap.Client, "fetch", fetched)
    now = [utc_now()]
    loop = make_loop(dovecot, clock=lambda: now[0])
    for _ in range(3):
        with pytest.raises(OSError):
            loop.poll_once()
    assert subjects(store) == [case for case in CASES[:6] if case != "Case 2"]
    for _ in range(10):
        now[0] += timedelta(minutes=3)
        with pytest.raises(OSError):
            loop.poll_once()
    (owed,) = store.owed()
    assert owed.uid == 3 and owed.failures >= 10 and "connection reset by peer" in owed.error
    assert list(dovecot.contents(user)) == [3]
    monkeypatch.undo()
    assert loop.poll_once() == 1
    assert (subjects(store), store.owed(), dovecot.contents(user)) == (CASES[:6], [], {})


def test_mail_over_the_hard_limit_is_kept_cut_and_large_mail_below_it_whole(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0, size=9_000_000), mail(1, size=7_000_000), mail(2))
    make_loop(dovecot, largest=8_000_000).poll_once()
    rows = {row.uid: row for row in store.mails()}
    assert {uid: row.truncated for uid, row in rows.items()} == {1: True, 2: False, 3: False}
    assert rows[1].size == 256 * 1024
    assert rows[2].size == len(mail(1, size=7_000_000))
    assert subjects(store) == CASES[:3]


def test_history_at_first_contact_is_quiet_even_after_a_crash_in_the_middle(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    old = utc_now() - timedelta(days=400)
    dovecot.deliver_many(user, [mail(n) for n in range(600)], old)
    dovecot.append(user, mail(600))

    class Once(Keep):
        left = 2

        def __call__(self, *arguments: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise Cut
            return super().__call__(*arguments)

    with pytest.raises(Cut):
        make_loop(dovecot, keep=Once(store, utc_now, lambda: None)).poll_once()
    assert make_loop(dovecot).poll_once() == 601 - 2 * fetch.MAILS_A_BATCH
    rows = store.mails(limit=10_000)
    assert subjects(store) == CASES[:601]
    assert sorted(row.history for row in rows) == ["none"] + ["quiet"] * 600


def test_skipped_history_is_in_the_ledger_and_stays_on_the_server(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), at=utc_now() - timedelta(days=3))
    dovecot.append(user, mail(1))
    make_loop(dovecot, history="skip").poll_once()
    assert sorted((row.uid, str(row.fate)) for row in store.mails()) == [(1, "skipped"), (2, "waiting")]
    assert list(dovecot.contents(user)) == [1]


def test_mail_that_waited_out_an_outage_is_no_history(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    make_loop(dovecot).poll_once()
    dovecot.append(user, mail(0), at=utc_now() - timedelta(days=3))
    make_loop(dovecot).poll_once()
    assert [row.history for row in store.mails()] == ["none"]


def test_the_sent_folder_is_read_from_now_on_and_left_alone(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), folder="Sent")
    loop = make_loop(dovecot, sent_folder="Sent")
    assert loop.poll_once() == 0
    dovecot.append(user, mail(1), folder="Sent")
    dovecot.append(user, mail(2))
    assert loop.poll_once() == 2
    assert {(row.folder, row.sent_folder) for row in store.mails()} == {("Sent", True), ("INBOX", False)}
    assert (len(dovecot.contents(user, "Sent")), len(dovecot.contents(user))) == (2, 0)
    assert make_loop(dovecot, sent_folder="Sent").poll_once() == 0


def test_a_sent_folder_that_does_not_exist_holds_up_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0))
    loop = make_loop(dovecot, sent_folder="Gesendet")
    assert incomplete(loop, "the server has no folder 'Gesendet'; create it or change sent_folder") == 1
    assert incomplete(loop, "Gesendet") == 0
    assert store.mailbox_states()[0].failures == 2
    dovecot.append(user, mail(1), folder="Gesendet")  # the first answer of staff makes it
    assert loop.poll_once() == 1
    assert store.mailbox_states()[0].failures == 0


def test_after_reading_the_sent_folder_idle_listens_to_the_inbox(
    dovecot: Dovecot, run: Runs, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), folder="Sent")
    run(dovecot, sent_folder="Sent", poll_seconds=3600)
    eventually(lambda: store.mailbox_states())
    dovecot.append(user, mail(1), folder="Sent")
    dovecot.append(user, mail(2))
    eventually(lambda: len(store.mails()) == 2)
    dovecot.append(user, mail(3))
    eventually(lambda: len(store.mails()) == 3)


def test_starttls_is_used_where_asked_for(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0))
    loop = make_loop(dovecot, tls="starttls", ca_file=dovecot.cert)
    assert loop.poll_once() == 1
    assert loop._client is not None and loop._client._starttls_done


def test_starttls_that_is_missing_is_refused_without_sending_the_password(
    make_loop: Loops, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Dovecot(tls=False).start()
    try:
        monkeypatch.setattr(imap.Client, "login", lambda *_: pytest.fail("the password was sent"))
        with pytest.raises(Permanent, match="offers no STARTTLS"):
            make_loop(server, tls="starttls").poll_once()
    finally:
        server.stop()


def test_a_certificate_nobody_vouches_for_is_refused(
    dovecot: Dovecot, make_loop: Loops, store: Store
) -> None:
    for tls, port in (("implicit", dovecot.tls_port), ("starttls", dovecot.port)):
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            make_loop(dovecot, tls=tls, port=port).poll_once()


def test_a_wrong_password_is_told_without_the_password(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    loop = make_loop(dovecot)
    assert loop.imap.password_file is not None
    loop.imap.password_file.write_text("wrong-horse")
    with pytest.raises(IMAPClientError):
        loop.poll_once()
    (state,) = store.mailbox_states()
    assert (state.failures, "wrong-horse" in str(state.error)) == (1, False)
    loop.imap.password_file.write_text(dovecot.password)  # a rotated password is taken up
    assert loop.poll_once() == 0


def test_a_password_beyond_ascii_opens_the_door(make_loop: Loops) -> None:
    server = Dovecot(password="pässwörd").start()
    try:
        assert make_loop(server).poll_once() == 0
    finally:
        server.stop()


def test_one_daemon_reads_a_mailbox_and_another_stands_by(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    one, other = make_loop(dovecot, owner="one"), make_loop(dovecot, owner="other")
    dovecot.append(user, mail(0))
    assert one.poll_once() == 1
    dovecot.append(user, mail(1))
    assert other.poll_once() == 0 and other._client is None
    one.close()
    assert other.poll_once() == 1


def test_a_daemon_that_lost_its_lease_stops_reading(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = utc_now()
    one = make_loop(dovecot, owner="one")
    other = make_loop(dovecot, owner="other", clock=lambda: ahead + timedelta(hours=1))
    assert one.poll_once() == 0
    dovecot.append(user, mail(0))
    assert other.poll_once() == 1  # the first slept past its lease
    dovecot.append(user, mail(1))
    monkeypatch.setattr("triaged.intake.mailbox.LEASE_SECONDS", 0)
    assert one.poll_once() == 0
    assert one._client is None


def test_a_stop_is_heeded_within_a_wait(dovecot: Dovecot, run: Runs, store: Store) -> None:
    running = run(dovecot, poll_seconds=3600)
    eventually(lambda: store.mailbox_states())
    running.loop.stop.set()
    running.thread.join(10)
    assert not running.thread.is_alive()
    assert store.leases() == {}


def test_every_wait_gives_a_sign_of_life(dovecot: Dovecot, run: Runs, store: Store) -> None:
    ticks: list[float] = []
    run(dovecot, poll_seconds=3600, tick=lambda: ticks.append(time.monotonic()))
    eventually(lambda: store.mailbox_states())
    before = len(ticks)
    eventually(lambda: len(ticks) >= before + 2)


def test_times_are_the_servers_but_never_in_the_future(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    dovecot.append(user, mail(0), at=at)
    dovecot.append(user, mail(1), at=utc_now() + timedelta(days=400))
    make_loop(dovecot).poll_once()
    rows = {row.uid: row.received_at for row in store.mails()}
    assert rows[1] == at
    assert rows[2] <= utc_now()


@pytest.mark.parametrize("kills", [0, 1, 2, 3])
def test_a_killed_process_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, tmp_path: Any, kills: int
) -> None:
    dovecot.deliver_many(user, [mail(n) for n in range(150)], utc_now())
    secret = tmp_path / "secret"
    secret.write_text(dovecot.password)
    for turn in range(kills + 1):
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                CHILD,
                store._engines.url.render_as_string(hide_password=False),
                str(dovecot.port),
                user,
                str(secret),
            ],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        if kills:
            for _ in range(5 * kills):  # killed somewhere between fetching, keeping and moving
                assert child.stdout.readline() or turn
            child.kill()
        assert child.wait() in (0, -9)
    make_loop(dovecot, clock=lambda: utc_now() + timedelta(hours=1)).poll_once()
    assert subjects(store) == CASES[:150]
    assert (dovecot.contents(user), len(dovecot.contents(user, "Triaged"))) == ({}, 150)


CHILD = """
import sys, threading
from datetime import datetime, timezone
from pathlib import Path
from triaged.config.config import Mailbox
from triaged.intake import fetch
from triaged.intake.keep import Keep
from triaged.intake.after import Mover
from triaged.intake.mailbox import MailboxLoop, Means
from triaged.store import Store

url, port, user, secret = sys.argv[1:]
fetch.MAILS_A_BATCH = 5
fetch.batches.__defaults__ = (5,)
clock = lambda: datetime.now(timezone.utc)
store = Store.open(url)

class Telling(Keep):
    def __call__(self, *arguments):
        print("fetched", flush=True)
        kept = super().__call__(*arguments)
        print("kept", flush=True)
        return kept

imap = dict(host="127.0.0.1", port=int(port), tls="none", user=user, password_file=Path(secret))
MailboxLoop(
    Mailbox(name="global", address="help@support.example", imap=imap),
    Means(
        store=store, keep=Telling(store, clock, lambda: None), clock=clock, stop=threading.Event(), owner="child",
    ),
).poll_once()
"""
