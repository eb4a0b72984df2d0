"""The sending hand against a real SMTP server that misbehaves as told."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.conftest import NOW, running
from tests.servers.dovecot import certificate
from tests.servers.ports import free_port
from tests.servers.smtp_sink import DIE, HANG, Sink
from triaged.config.config import Mailbox
from triaged.metrics import Metrics
from triaged.outbox import sending, smtp
from triaged.outbox.sending import MailboxSender, Means, send_due
from triaged.outbox.smtp import Outage
from triaged.store import LetterState, Store, Unavailable
from triaged.walk.observing import observe

Senders = Callable[..., MailboxSender]
Write = Callable[..., str]


class Cut(BaseException):
    """kill -9, as far as a test in the same process can have it."""


def ids(sink: Sink) -> list[str]:
    """The Message-IDs the sink took, in order."""
    return [re.findall(rb"Message-ID: (\S+)", one.raw)[0].decode() for one in sink.taken]


def states(store: Store) -> list[str]:
    return [str(row.state) for row in reversed(store.letters())]


def test_a_letter_leaves_byte_for_byte(make_sender: Senders, write: Write, store: Store, sink: Sink) -> None:
    write(cc=("ben@oakbridge.example",))
    assert make_sender().send_once() == 1
    (taken,) = sink.taken
    (row,) = store.letters()
    letter = store.letter(row.id)
    assert letter is not None and taken.raw == letter.raw
    assert (taken.mail_from, taken.rcpt_to) == (
        "help@support.example",
        ("anna@oakbridge.example", "ben@oakbridge.example"),
    )
    assert (row.state, row.runs) == (LetterState.SENT, 1)


def test_bounces_go_where_the_config_says(make_sender: Senders, write: Write, sink: Sink) -> None:
    write()
    make_sender(bounce_address="bounces@support.example").send_once()
    assert sink.taken[0].mail_from == "bounces@support.example"


def test_nothing_due_opens_no_connection(make_sender: Senders, write: Write, sink: Sink, clock: Any) -> None:
    write(not_before=clock() + timedelta(hours=3))
    before = sink.connections
    assert make_sender().send_once() == 0
    assert sink.connections == before
    clock.now += timedelta(hours=3)
    assert make_sender().send_once() == 1


def test_a_refusal_for_now_is_tried_again_for_two_days_and_then_told(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, metrics: Metrics
) -> None:
    write()
    sink.answers["anna@oakbridge.example"] = "451 4.2.0 mailbox busy"
    hand, start, waits = make_sender(), clock(), []
    while states(store) == ["waiting"]:
        assert hand.send_once() == 0
        due = store.next_letter_at("global")
        if due is not None:
            waits.append((due - clock()) / timedelta(minutes=1))
            clock.now = due
    assert [round(w / m, 1) for w, m in zip(waits, (1, 5, 15, 60), strict=False)] == pytest.approx(
        [1] * 4, abs=0.16
    )
    assert timedelta(days=1.6) < clock() - start < timedelta(days=2.4)
    (row,) = store.letters()
    assert row.state == LetterState.FAILED and "451 4.2.0 mailbox busy" in str(row.error)
    assert b'triaged_letters_total{outcome="failed"} 1.0' in metrics.text()
    assert sink.taken == []


@pytest.mark.parametrize("verb", ["anna@oakbridge.example", "DATA"])
def test_a_refusal_for_good_is_not_tried_again(
    make_sender: Senders, write: Write, store: Store, sink: Sink, verb: str
) -> None:
    write()
    sink.answers[verb] = "550 5.1.1 no such user"
    assert make_sender().send_once() == 0
    (row,) = store.letters()
    assert (row.state, row.error) == (LetterState.FAILED, "550 5.1.1 no such user")
    assert store.next_letter_at() is None


def test_one_letter_refused_does_not_hold_up_the_next(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write(to=("gone@oakbridge.example",))
    write()
    write(to=("busy@oakbridge.example",))
    last = write()
    sink.answers |= {"gone@oakbridge.example": "550 5.1.1 gone", "busy@oakbridge.example": "450 4.2.1 busy"}
    before = sink.connections
    assert make_sender().send_once() == 2
    assert states(store) == ["failed", "sent", "waiting", "sent"]
    assert ids(sink)[-1] == last
    assert sink.connections == before + 1


def test_recipients_refused_for_good_are_recorded_and_the_others_get_it(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write(cc=("gone@oakbridge.example",))
    sink.answers["gone@oakbridge.example"] = "550 5.1.1 gone"
    assert make_sender().send_once() == 1
    (row,) = store.letters()
    assert row.refused == ("gone@oakbridge.example: 550 5.1.1 gone",)
    assert sink.taken[0].rcpt_to == ("anna@oakbridge.example",)


def test_a_greylisted_recipient_holds_the_letter_so_that_nobody_gets_it_twice(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write(cc=("grey@oakbridge.example",))
    sink.answers["grey@oakbridge.example"] = "451 4.7.1 greylisted"
    assert make_sender().send_once() == 0
    assert sink.taken == []
    clock.now += timedelta(minutes=2)
    del sink.answers["grey@oakbridge.example"]
    assert make_sender().send_once() == 1
    assert [taken.rcpt_to for taken in sink.taken] == [("anna@oakbridge.example", "grey@oakbridge.example")]


def test_after_some_patience_the_letter_goes_without_the_greylisted_one(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write(cc=("grey@oakbridge.example",))
    sink.answers["grey@oakbridge.example"] = "451 4.7.1 greylisted"
    hand = make_sender()
    for _ in range(4):
        hand.send_once()
        clock.now += timedelta(hours=1)
    assert [taken.rcpt_to for taken in sink.taken] == [("anna@oakbridge.example",)]
    assert store.letters()[0].refused == ("grey@oakbridge.example: 451 4.7.1 greylisted",)


@pytest.mark.parametrize("fate", [DIE, HANG])
def test_an_unknown_fate_is_tried_again_with_the_same_message_id(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, fate: str
) -> None:
    first = write()
    sink.answers["DATA"] = fate
    hand = make_sender(timeout_seconds=1)
    assert hand.send_once() == 0
    assert states(store) == ["waiting"]
    sink.answers.clear()
    clock.now += timedelta(minutes=2)
    assert hand.send_once() == 1
    assert set(ids(sink)) == {first}
    assert len(ids(sink)) == (2 if fate == DIE else 1)


def test_a_letter_that_kills_the_connection_does_not_hold_up_the_others(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write(to=("killer@oakbridge.example",))
    write()
    sink.answers["killer@oakbridge.example"] = DIE
    hand = make_sender()
    with pytest.raises(Outage):
        hand.send_once()
    assert hand.send_once() == 1  # the killer is put off, the others go
    assert states(store) == ["waiting", "sent"]


def test_an_expired_letter_is_withdrawn(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    write(expires=clock() + timedelta(minutes=30))
    clock.now += timedelta(minutes=30)
    assert make_sender().send_once() == 0
    assert (states(store), sink.taken) == (["withdrawn"], [])


def test_addresses_that_bounced_get_no_more_letters(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    with store.transaction() as tx:
        tx.mark_address("gone@oakbridge.example", "bounced", clock())
    write(to=("Gone@oakbridge.example",))
    write(cc=("gone@oakbridge.example",))
    write(to=("gone@oakbridge.example",), cc=("ben@oakbridge.example",))
    assert make_sender().send_once() == 2
    assert states(store) == ["withdrawn", "sent", "sent"]
    assert [t.rcpt_to for t in sink.taken] == [("anna@oakbridge.example",), ("ben@oakbridge.example",)]


def test_while_a_server_is_away_no_letter_is_touched_and_all_leave_when_it_is_back(
    make_sender: Senders, write: Write, store: Store, clock: Any, metrics: Metrics
) -> None:
    port = free_port()
    for _ in range(30):
        write()
    hand = make_sender(port=port)
    for _ in range(5):
        with pytest.raises(Outage):
            hand.send_once()
        clock.now += timedelta(days=1)
    assert {(row.state, row.runs) for row in store.letters()} == {(LetterState.WAITING, 0)}
    note = store.notes()["smtp:global"]
    assert note.value["ok"] is False and "refused" in note.value["error"].lower()
    assert b'triaged_letters_total{outcome="outage"} 5.0' in metrics.text()
    server = Sink().start(port)
    try:
        assert hand.send_once() == 30
        assert store.notes()["smtp:global"].value["ok"] is True
    finally:
        server.stop()


def test_a_server_that_refuses_our_own_address_costs_no_letter(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write()
    write()
    sink.answers["MAIL"] = "550 5.7.60 client does not have permissions to send as this sender"
    with pytest.raises(Outage, match=r"5\.7\.60"):
        make_sender().send_once()
    assert states(store) == ["waiting", "waiting"]


def test_one_dead_server_holds_up_nobody(store: Store, write: Write, sink: Sink, clock: Any) -> None:
    write(mailbox="dead")
    write()
    write(mailbox="mute")
    ours = {"host": "127.0.0.1", "port": sink.port, "tls": "none"}
    means = Means(store=store, owner="here", clock=clock)
    dead = Mailbox(name="dead", address="a@support.example", smtp=ours | {"port": free_port()})
    alive = Mailbox(name="global", address="b@support.example", smtp=ours)
    with pytest.raises(Outage):
        send_due([MailboxSender(one, means) for one in (dead, alive)])
    assert {row.mailbox: str(row.state) for row in store.letters()} == {
        "dead": "waiting",
        "global": "sent",
        "mute": "waiting",
    }


def test_staff_are_told_of_failed_staff_letters_by_something_else_than_mail(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    write(audience="staff", kind="at_risk", to=("lead@zohocorp.example",))
    sink.answers["RCPT"] = "550 5.1.1 no such user"
    make_sender().send_once()
    value = store.notes()["letters:staff"].value
    assert (value["kind"], value["error"]) == ("at_risk", "550 5.1.1 no such user")


def test_a_connection_carries_so_many_letters_and_no_more(
    make_sender: Senders, write: Write, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "LETTERS_A_CONNECTION", 10)
    for _ in range(25):
        write()
    assert make_sender().send_once() == 25
    assert sorted(Counter(taken.connection for taken in sink.taken).values()) == [5, 10, 10]


def test_a_crash_before_the_sending_was_recorded_repeats_one_letter_under_one_message_id(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [write() for _ in range(3)]

    def die(*_: Any, **__: Any) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Store, "letter_sent", die)
        patch.setattr(Store, "letter_retry", lambda *_: None)  # dead processes give nothing back
        with pytest.raises(Cut):
            make_sender(owner="first").send_once()
    assert make_sender(owner="second").send_once() == 0  # the dead one's lease still runs
    clock.now += sending.LEASE
    assert make_sender(owner="second").send_once() == 3
    assert Counter(ids(sink)) == {written[0]: 2, written[1]: 1, written[2]: 1}


def test_a_database_that_blinks_while_recording_costs_no_second_copy(
    make_sender: Senders, write: Write, store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    plain, left = Store.letter_sent, iter([1, 1])

    def blink(*arguments: Any, **named: Any) -> bool:
        for _ in left:
            raise Unavailable("the database is away")
        return plain(*arguments, **named)

    hand = make_sender()
    monkeypatch.setattr(hand.stop, "wait", lambda *_: False)
    monkeypatch.setattr(Store, "letter_sent", blink)
    assert hand.send_once() == 1
    assert (states(store), len(sink.taken)) == (["sent"], 1)


def test_a_killed_process_doubles_one_letter_at_most_and_loses_none(
    write: Write, store: Store, sink: Sink, make_sender: Senders, clock: Any, tmp_path: Path
) -> None:
    written = [write() for _ in range(80)]
    script = f"""
        from datetime import datetime, timezone
        from triaged.config.config import Mailbox
        from triaged.outbox.sending import MailboxSender, Means
        from triaged.store import Store
        smtp = {{"host": "127.0.0.1", "port": {sink.port}, "tls": "none"}}
        MailboxSender(
            Mailbox(name="global", address="help@support.example", smtp=smtp),
            Means(
                store=Store.open("sqlite:///{tmp_path}/triaged.db"),
                owner="child", clock=lambda: datetime.fromisoformat("{clock().isoformat()}"),
            ),
        ).send_once()
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    until = time.monotonic() + 30
    while len(sink.taken) < 30 and time.monotonic() < until:
        time.sleep(0.001)
    child.kill()
    child.wait()
    first = len(sink.taken)
    assert 30 <= first < 80, "the kill came at the wrong time: nothing is tested"
    clock.now += sending.LEASE
    make_sender(owner="heir").send_once()
    copies = Counter(ids(sink))
    assert set(copies) == set(written)
    assert sum(n - 1 for n in copies.values()) <= 1
    assert states(store) == ["sent"] * 80


def tls_sink(folder: Path, **settings: Any) -> Sink:
    cert, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return Sink(tls=context, **settings).start()


def test_starttls_and_a_password_are_used_where_asked_for(
    make_sender: Senders, write: Write, tmp_path: Path
) -> None:
    server = tls_sink(tmp_path, user="support", password="pässwörd 1")
    (tmp_path / "secret").write_text("pässwörd 1\n", "utf-8")
    write()
    settings = {"user": "support", "password_file": tmp_path / "secret", "ca_file": tmp_path / "cert.pem"}
    try:
        assert make_sender(port=server.port, tls="starttls", **settings).send_once() == 1
        (tmp_path / "secret").write_text("another")
        write()
        with pytest.raises(Outage) as told:
            make_sender(port=server.port, tls="starttls", **settings).send_once()
        assert "535" in str(told.value) and "another" not in str(told.value)
    finally:
        server.stop()


def test_an_oauth2_token_is_used_and_a_bad_one_told(
    make_sender: Senders, write: Write, tmp_path: Path
) -> None:
    server = tls_sink(tmp_path, user="support@zohocorp.example", password="x")
    settings = {"user": "support@zohocorp.example", "ca_file": tmp_path / "cert.pem", "tls": "starttls"}
    write()
    try:
        with pytest.raises(Outage) as told:
            make_sender(port=server.port, token_command=("echo", "stale-token"), **settings).send_once()
        assert "stale-token" not in str(told.value)
        good = make_sender(port=server.port, token_command=("echo", "good-token"), **settings)
        assert good.send_once() == 1
    finally:
        server.stop()


def test_starttls_that_is_missing_is_refused(
    make_sender: Senders, write: Write, store: Store, sink: Sink, tmp_path: Path
) -> None:
    write()
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(Outage, match="offers no STARTTLS"):
        make_sender(tls="starttls", user="support", password_file=tmp_path / "secret").send_once()
    assert (sink.taken, states(store)) == ([], ["waiting"])


def test_a_certificate_nobody_vouches_for_is_refused(
    make_sender: Senders, write: Write, tmp_path: Path
) -> None:
    server = tls_sink(tmp_path)
    write()
    try:
        with pytest.raises(Outage, match="CERTIFICATE_VERIFY_FAILED"):
            make_sender(port=server.port, tls="starttls").send_once()
    finally:
        server.stop()
    assert server.taken == []


def test_addresses_beyond_ascii_are_sent_where_the_server_can(
    make_sender: Senders, write: Write, sink: Sink
) -> None:
    write(to=("jörg@oakbridge.example",))
    write()
    assert make_sender().send_once() == 2
    assert [t.rcpt_to for t in sink.taken] == [("jörg@oakbridge.example",), ("anna@oakbridge.example",)]


def test_the_loop_sends_when_rung_and_survives_an_outage(
    make_sender: Senders, write: Write, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_REST_SECONDS", 3600)
    port = free_port()
    hand = make_sender(port=port)
    hand.backoff = sending.Backoff(0.05, 0.1)
    with running(hand):
        write()
        hand.ring()
        while hand.failures < 2:
            time.sleep(0.01)
        server = Sink().start(port)
        try:
            until = time.monotonic() + 20
            while states(store) != ["sent"] and time.monotonic() < until:
                time.sleep(0.01)
            assert states(store) == ["sent"]
        finally:
            server.stop()


def test_failed_staff_letters_show_in_the_metrics_until_one_gets_through(
    make_sender: Senders, write: Write, store: Store, sink: Sink
) -> None:
    def failing() -> float:
        rows = observe(store, NOW)
        return next(value for name, _, _, value in rows if name == "triaged_staff_letters_failing")

    assert failing() == 0
    sink.answers["RCPT"] = "550 5.1.1 no such user"
    write(audience="staff", kind="at_risk", to=("lead@zohocorp.example",))
    hand = make_sender()
    hand.send_once()
    assert failing() == 1
    del sink.answers["RCPT"]
    write(audience="staff", kind="at_risk", to=("lead@zohocorp.example",))
    hand.send_once()
    assert failing() == 0
