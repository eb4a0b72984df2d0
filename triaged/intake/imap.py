"""One IMAP connection: opened with its TLS promised, never downgraded; waiting for mail without being fooled.

What was measured on IMAPClient 4.1 and has to be worked round:
- a mail that arrives between the last command and IDLE is announced in the same packet as "+ idling"; it
  lies in imaplib's buffer where poll() cannot see it, and the wait runs its full length (the lost wake);
- when the server is gone, `idle_check` answers [] at once, for ever (the spin);
- in a black hole `idle_check` notices nothing; only a command with a read timeout does;
- imaplib formats every line for a log that is off: debug = 0 makes fetching twice as fast.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Protocol

from imapclient import IMAPClient, SocketTimeout, imap4, tls
from imapclient.exceptions import LoginError

from triaged.config.credentials import Fetch, Secret, plainly
from triaged.config.servers import Credential, Imap
from triaged.edge import cords
from triaged.errors import Faulty, Permanent, Temporary
from triaged.frozen import frozen

_CONNECT_SECONDS = 10
_SLICE_SECONDS = 1.0  # how soon a wait notices that the daemon stops


class Stop(Protocol):
    """What ends a wait: an event, or several."""

    def is_set(self) -> bool:
        """Whether to wait no longer."""


@frozen
class Either:
    """Set when one of two events is."""

    one: Stop
    other: Stop

    def is_set(self) -> bool:
        """Whether one of them is."""
        return self.one.is_set() or self.other.is_set()


class Client(IMAPClient):
    """IMAPClient that looks into its own read buffer before it waits on the socket (the lost wake)."""

    def _create_IMAP4(self) -> imaplib.IMAP4:
        seconds = getattr(self._timeout, "connect", None)
        if self.ssl:
            return _Implicit(self.host, self.port, self.ssl_context, seconds)
        return _Plain(self.host, self.port, seconds)

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        return self._buffered() or super()._poll_socket(sock, timeout)

    def _buffered(self) -> bool:
        """Whether something was received and not read yet. The socket is non-blocking when this is asked."""
        try:
            return bool(self._imap.file.peek(1))
        except (OSError, AttributeError, ValueError):
            # Nothing there (TLS says so by raising), or a Python whose imaplib buffers otherwise.
            return False

    def announced(self) -> bool:
        """Whether the server has told of mail (EXISTS) since this was last asked."""
        return bool(self._imap.response("EXISTS")[1] != [None])


class _Plain(imap4.IMAP4WithTimeout):
    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return cords.connect(self.host, self.port, timeout or self._timeout)


class _Implicit(tls.IMAP4_TLS):
    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return tls.wrap_socket(
            cords.connect(self.host, self.port, timeout or self._timeout), self.ssl_context, self.host
        )


def connect(imap: Imap, fetch: Fetch = plainly) -> Client:
    """A logged-in connection, with times as they are (INTERNALDATE aware); `fetch` gives its secret.

    Raises Permanent where STARTTLS is asked for and not offered: the password is not sent in the clear.
    Raises Faulty for a missing secret, IMAPClient's, ssl's and socket's errors for the rest.
    """
    client = Client(
        imap.host,
        imap.port,
        ssl=imap.tls == "implicit",
        ssl_context=_trust(imap) if imap.tls == "implicit" else None,
        timeout=SocketTimeout(min(_CONNECT_SECONDS, imap.timeout_seconds), imap.timeout_seconds),  # type: ignore[arg-type]
    )
    try:
        client.normalise_times = False
        client._imap.debug = 0
        if imap.tls == "starttls":
            _start_tls(client, imap)
        _log_in(client, imap, fetch)
    except BaseException:
        hang_up(client)
        raise
    return client


def _trust(imap: Imap) -> ssl.SSLContext:
    return cords.trust(str(imap.ca_file) if imap.ca_file else None)


def _start_tls(client: Client, imap: Imap) -> None:
    if not client.has_capability("STARTTLS"):
        raise Permanent(f"{imap.host} offers no STARTTLS; the password is not sent in the clear")
    client.starttls(_trust(imap))


def _log_in(client: Client, imap: Imap, fetch: Fetch) -> None:
    credential = imap.credential
    if credential is None:
        raise Permanent("no password is configured")
    secret = fetch(credential, False)
    try:
        try:
            _present(client, imap, secret)
        except LoginError as refused:
            if not secret.token:
                raise
            _present(client, imap, _another(fetch, credential, secret, refused))
    except LoginError as error:
        raise LoginError(f"{imap.host} refuses the login of {imap.user}: {_words(error)}") from None


def _words(error: LoginError) -> str:
    """What the server said: the error's text is the repr of its bytes."""
    return str(error).removeprefix("b'").removesuffix("'")


def _another(fetch: Fetch, credential: Credential, secret: Secret, refused: LoginError) -> Secret:
    """A token may have been ended before its time: a new one, once. Raises LoginError where there is none."""
    try:
        fresh = fetch(credential, True)
    except (Faulty, Temporary) as error:
        raise LoginError(f"{_words(refused)}; {error}") from None
    if fresh == secret:
        raise refused
    return fresh


def _present(client: Client, imap: Imap, secret: Secret) -> None:
    if (
        secret.token
        and not client.has_capability("AUTH=XOAUTH2")
        and client.has_capability("AUTH=OAUTHBEARER")
    ):
        client.oauthbearer_login(imap.user, secret.value)
    elif secret.token:
        client.oauth2_login(imap.user, secret.value)
    elif imap.user.isascii() and secret.value.isascii():
        client.login(imap.user, secret.value)
    else:
        client.plain_login(imap.user, secret.value)  # LOGIN is ASCII in imaplib


def hang_up(client: IMAPClient) -> None:
    """Let go of a connection that may be broken: LOGOUT could hang for ever on one that is."""
    try:
        client.shutdown()
    except Exception:  # closing what is already dead: nothing is lost with it
        pass


def part(client: IMAPClient) -> None:
    """An orderly goodbye on a connection that works; falls back to hanging up."""
    try:
        client.logout()
    except Exception:
        hang_up(client)


def wait_for_mail(client: Client, seconds: float, stop: Stop, tick: Callable[[], object]) -> bool:
    """IDLE for at most `seconds` or until `stop` is set; True if mail was announced. A dead connection raises at the end.

    The NOOP before and the DONE after are commands with a read timeout: they find the black hole.
    """
    client.noop()
    if client.announced():
        return True
    client.idle()
    came = _listen(client, time.monotonic() + seconds, stop, tick)
    client.idle_done()
    return client.announced() or came


def _listen(client: Client, until: float, stop: Stop, tick: Callable[[], object]) -> bool:
    while not stop.is_set() and (left := until - time.monotonic()) > 0:
        began, slice_ = time.monotonic(), min(left, _SLICE_SECONDS)
        responses = client.idle_check(slice_)
        tick()
        if any(len(r) > 1 and r[1] == b"EXISTS" for r in responses):
            return True
        if not responses and time.monotonic() - began < slice_ / 2:
            return False  # back at once with nothing: the server is gone, DONE will say so
    return False


def said(error: BaseException) -> str:
    """An error as one bounded line for the log and `status`."""
    return f"{type(error).__name__}: {error}".replace("\r", " ").replace("\n", " ")[:300]
