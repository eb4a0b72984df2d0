"""Bounds and refusals at the doors that a good server never shows: recipients, copies that are refused, lost leases."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.intake.scene import mail, subjects, utc_now
from tests.intake.test_smtpd import MAILBOXES
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port
from triaged.config.config import Listener, Mailbox
from triaged.intake import filing
from triaged.intake.keep import Keep
from triaged.intake.mailbox import MailboxLoop, Means
from triaged.intake.smtpd import MAX_RECIPIENTS, listen
from triaged.store import Store
from triaged.store.rows import Arrival, Fenced
from triaged.store.service_rows import Unfiled

Loops = Callable[..., MailboxLoop]


def test_so_many_recipients_a_mail_has_and_no_more(store: Store) -> None:
    kept: list[Arrival] = []

    class Watched(Keep):
        def __call__(self, arrivals: Any, cursor: Any = None) -> Any:
            kept.extend(arrivals)
            return super().__call__(arrivals, cursor)

    config = Listener(port=free_port(), protocol="smtp")
    door = listen(config, MAILBOXES, Watched(store, utc_now, lambda: None), 100_000)
    try:
        with smtplib.SMTP("127.0.0.1", config.port, timeout=20) as line:
            line.ehlo("mx.intake.example")
            line.mail("anna@oakbridge.example")
            told = [line.rcpt(f"help+{n}@support.example") for n in range(MAX_RECIPIENTS + 1)]
            assert {code for code, _ in told[:-1]} == {250}
            assert told[-1] == (452, b"4.5.3 too many recipients")
            assert line.data(mail(0))[0] == 250
    finally:
        door.stop()
    assert [len(one.envelope_to) for one in kept] == [MAX_RECIPIENTS]


# -- copies for the Sent folder ------------------------------------------------------------------------


class Owed:
    """What is to be filed, and what was."""

    def __init__(self, *raws: bytes) -> None:
        self.owed = [Unfiled(n, f"<{n}@desk.example>", raw, utc_now()) for n, raw in enumerate(raws, 1)]
        self.filed: list[int] = []

    def letters_to_file(self, mailbox: str, limit: int = 50) -> list[Unfiled]:
        return [one for one in self.owed if one.id not in self.filed][:limit]

    def letters_filed(self, ids: Collection[int]) -> None:
        self.filed += ids


def letter(number: int) -> bytes:
    return f"Message-ID: <{number}@desk.example>\r\nSubject: Letter {number}\r\n\r\nx\r\n".encode()


@pytest.fixture
def client(dovecot: Dovecot, user: str) -> Iterator[IMAPClient]:
    dovecot.make(user, "Sent")
    made = IMAPClient("127.0.0.1", dovecot.port, ssl=False, timeout=20)
    made.login(user, dovecot.password)
    yield made
    made.logout()


def test_copies_lie_there_once_however_often_they_are_filed(
    client: IMAPClient, dovecot: Dovecot, user: str
) -> None:
    for _ in range(2):
        owed = Owed(letter(1), letter(2))
        assert filing.file_letters(client, "Sent", owed, "global", lambda: True) == ""
        assert owed.filed == [1, 2]
    assert len(dovecot.contents(user, "Sent")) == 2


def test_who_is_to_stop_files_no_more(client: IMAPClient, dovecot: Dovecot, user: str) -> None:
    owed, left = Owed(letter(1), letter(2)), iter([True, False])
    assert filing.file_letters(client, "Sent", owed, "global", lambda: next(left)) == ""
    assert owed.filed == [1] and len(dovecot.contents(user, "Sent")) == 1


def test_a_copy_that_is_refused_is_told_and_stays_owed(
    client: IMAPClient, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dovecot takes every copy: what a full server says is put into its mouth."""
    append, says = client.append, [IMAPClientError("append failed: [OVERQUOTA] full")]

    def refusing(folder: str, raw: bytes, **more: Any) -> Any:
        if b"Letter 2" in raw and says:
            raise says.pop()
        return append(folder, raw, **more)

    monkeypatch.setattr(client, "append", refusing)
    owed = Owed(letter(1), letter(2), letter(3))
    why = filing.file_letters(client, "Sent", owed, "global", lambda: True)
    assert why.startswith("letters cannot be filed in Sent: ") and "[OVERQUOTA] full" in why
    assert owed.filed == [1] and len(dovecot.contents(user, "Sent")) == 1
    assert filing.file_letters(client, "Sent", owed, "global", lambda: True) == ""
    assert owed.filed == [1, 2, 3] and len(dovecot.contents(user, "Sent")) == 3
    says.append(IMAPClient.AbortError("BYE"))
    broken = Owed(letter(1), letter(2), letter(3), letter(24))
    broken.filed = [1, 2, 3]
    with pytest.raises(IMAPClient.AbortError):
        filing.file_letters(client, "Sent", broken, "global", lambda: True)
    assert broken.filed == [1, 2, 3]


# -- the loop ------------------------------------------------------------------------------------------


class Overtaken(Keep):
    """Another daemon took the mailbox over while we slept."""

    def __call__(self, *given: Any, **more: Any) -> Any:
        raise Fenced("the lease is another's")


def test_a_loop_that_was_overtaken_lets_go_at_once(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0))
    loop = make_loop(dovecot, keep=Overtaken(store, utc_now, lambda: None))
    assert loop.poll_once() == 0
    assert loop._client is None and subjects(store) == []
    assert make_loop(dovecot, owner="here").poll_once() == 1


def test_a_mailbox_that_is_not_read_has_no_loop(store: Store) -> None:
    means = Means(store=store, keep=Keep(store, utc_now, lambda: None), clock=utc_now, stop=None, owner="me")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mailbox global has no imap"):
        MailboxLoop(Mailbox(name="global", address="help@support.example"), means)
