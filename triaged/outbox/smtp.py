"""One SMTP connection: letters handed over byte for byte, and what became of each.

`send` answers who was refused, or raises what the server said about this letter: Permanent (never), Temporary
(later); or what is nobody's word about it: Lost (whether it was taken is not known; a second copy has the same
Message-ID), Late (it may be somebody else's by now), Outage (no letter can leave by this server now).
What is not known is taken as temporary.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence

from triaged.config.credentials import Fetch, plainly
from triaged.config.servers import Smtp
from triaged.edge import cords
from triaged.errors import Permanent, Temporary

LETTERS_A_CONNECTION = 100
SECONDS_A_CONNECTION = 60.0
_GOODBYE = 421
_NO_LETTERS_FAULT = {_GOODBYE, 432, 454, 530, 534, 535, 538}  # "not now", "log in first"
# RFC 3463: mail system full, not accepting mail; and what Microsoft says of a busy server or a throttled address.
_SERVERS_OWN = re.compile(r"4\d\d[ -]4\.(?:3\.[12]|7\.[56]\d\d)\b")
_ABOUT_THE_LETTER = {552, 555}  # answers to MAIL: too large, its parameters


class Outage(Temporary):
    """The server cannot be used at all now: away, refusing us, or without the TLS it owes us."""


class Lost(Temporary):
    """The connection broke when a letter had been handed over whole: it may have been taken, or not."""


class Late(Temporary):
    """Handing over began so late, or took so long, that the letter may be somebody else's by now: it was not sent."""


def always() -> bool:
    """A letter nobody else can take."""
    return True


class Line:
    """A logged-in connection. Open it when there is something to send; `close` it soon."""

    def __init__(self, smtp: Smtp, fetch: Fetch = plainly) -> None:
        """Connects, with TLS as configured and never less; `fetch` gives its secret. Raises Outage."""
        self._opened, self._tried, self._broken = time.monotonic(), 0, False
        self.carried = 0  # letters the server took on it
        try:
            self._server = _connect(smtp, fetch)
        except Outage:
            raise
        except Exception as error:  # server, socket, TLS, an unreadable secret: all the same to a letter
            raise Outage(_said(error)) from error

    @property
    def worn(self) -> bool:
        """Whether it can take no letter, or has served long enough: servers limit mails and minutes a connection."""
        long = self._tried >= LETTERS_A_CONNECTION or time.monotonic() - self._opened >= SECONDS_A_CONNECTION
        return self._broken or long

    @property
    def socket(self) -> socket.socket | None:
        """What it runs over."""
        return self._server.sock

    def send(
        self,
        envelope_from: str,
        to: Sequence[str],
        cc: Sequence[str],
        raw: bytes,
        *,
        patient: bool,
        ours: Callable[[], bool] = always,
    ) -> Mapping[str, str]:
        """Hand a letter over; recipients that were refused, with the server's words.

        `patient`: a recipient that is refused for now (greylisting) holds the whole letter back, so that
        nobody gets it twice; otherwise it goes to the others, if anybody in `to` takes it.
        `ours` is asked once more before DATA, and before the letter itself goes out: we may have slept since.
        Raises Temporary, Permanent, Late, Lost or Outage; after the last two the line is dead.
        """
        self._tried += 1
        try:
            refused = self._envelope(envelope_from, to, cc, raw, patient)
            if not ours():
                raise Late("claimed too long ago")
            self._hand_over(raw, ours)
        except (Lost, Outage):
            self._broken = True
            raise
        except (Permanent, Temporary):
            if not self._broken:
                self._reset()
            raise
        except (smtplib.SMTPException, OSError) as error:
            self._broken = True
            raise Outage(_said(error)) from error
        except Exception:
            self._broken = True
            raise
        self.carried += 1
        return refused

    def _hand_over(self, raw: bytes, ours: Callable[[], bool]) -> None:
        """DATA in its two halves: a letter that did not go out whole cannot have been taken."""
        code, answer = self._server.docmd("data")
        if code != 354:
            raise _judged(code, answer)
        if not ours():  # the last moment: no word can take back DATA, so the line ends with it
            self._broken = True
            raise Late("claimed too long ago")
        self._server.send(_dotted(raw))
        try:
            code, answer = self._server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise Lost(f"the server's answer is lost: {_said(error)}") from error
        if code < 200:
            raise Lost(f"the server's answer makes no sense: {_words(code, answer)}")
        _accepted(code, answer)

    def _envelope(
        self, envelope_from: str, to: Sequence[str], cc: Sequence[str], raw: bytes, patient: bool
    ) -> dict[str, str]:
        self._begin(envelope_from, [*to, *cc], raw)
        refused: dict[str, tuple[int, bytes]] = {}
        for address in dict.fromkeys((*to, *cc)):
            code, answer = self._server.rcpt(address)
            if code == _GOODBYE:
                raise _judged(code, answer)
            if code not in (250, 251):
                refused[address] = (code, answer)
        later = [r for r in refused.values() if r[0] < 500]
        if later and (patient or all(address in refused for address in to)):
            raise _judged(*later[0])
        if all(address in refused for address in to):
            raise _judged(*next(iter(refused.values())))
        return {address: _words(*answer) for address, answer in refused.items()}

    def _begin(self, envelope_from: str, addresses: Sequence[str], raw: bytes) -> None:
        code, answer = self._server.mail(envelope_from, self._options([envelope_from, *addresses], raw))
        if code >= 400 and code not in _ABOUT_THE_LETTER:
            # Said of our own address or of the server: every letter would be refused. None is given up for that.
            raise Outage(_words(code, answer))
        _accepted(code, answer)

    def _options(self, addresses: Sequence[str], raw: bytes) -> list[str]:
        options = []
        if not all(address.isascii() for address in addresses):
            if not self._server.has_extn("smtputf8"):
                raise Permanent("the server takes no addresses beyond ASCII (SMTPUTF8)")
            options.append("SMTPUTF8")
            self._server.command_encoding = "utf-8"
        if self._server.has_extn("8bitmime") and not raw.isascii():
            options.append("BODY=8BITMIME")
        if self._server.has_extn("size"):
            options.append(f"SIZE={len(raw)}")
        return options

    def _reset(self) -> None:
        self._server.command_encoding = "ascii"
        try:
            self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._broken = True

    def close(self) -> None:
        """Say goodbye, if anybody listens; never raises."""
        if self._broken:
            self._server.close()
            return
        try:
            self._server.quit()
        except (smtplib.SMTPException, OSError):
            self._server.close()


class Lines:
    """The line in use, replaced by a new one when worn. A context: what is open is closed at its end."""

    def __init__(self, smtp: Smtp, fetch: Fetch = plainly) -> None:
        self.smtp, self._fetch = smtp, fetch
        self._line: Line | None = None

    def __enter__(self) -> Lines:
        self.fresh()
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line.close()

    def fresh(self) -> Line:
        """A line that can take a letter. Raises Outage."""
        if self._line is not None and self._line.worn:
            self._line.close()
            self._line = None
        if self._line is None:
            self._line = Line(self.smtp, self._fetch)
        return self._line


class _Plain(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return cords.connect(host, port, timeout)


class _Implicit(smtplib.SMTP_SSL, _Plain):
    """Its TLS goes over the socket of the other."""


def _connect(smtp: Smtp, fetch: Fetch) -> smtplib.SMTP:
    if smtp.tls == "implicit":
        server: smtplib.SMTP = _Implicit(
            smtp.host, smtp.port, timeout=smtp.timeout_seconds, context=_trust(smtp)
        )
    else:
        server = _Plain(smtp.host, smtp.port, timeout=smtp.timeout_seconds)
    try:
        server.ehlo_or_helo_if_needed()
        if smtp.tls == "starttls":
            _start_tls(server, smtp)
        _log_in(server, smtp, fetch)
    except BaseException:
        server.close()
        raise
    return server


def _trust(smtp: Smtp) -> ssl.SSLContext:
    return cords.trust(str(smtp.ca_file) if smtp.ca_file else None)


def _start_tls(server: smtplib.SMTP, smtp: Smtp) -> None:
    if not server.has_extn("starttls"):
        raise Outage(f"{smtp.host} offers no STARTTLS; mail is not sent in the clear")
    code, answer = server.starttls(context=_trust(smtp))
    if code != 220:
        raise Outage(f"STARTTLS refused: {_words(code, answer)}")
    server.ehlo_or_helo_if_needed()


def _log_in(server: smtplib.SMTP, smtp: Smtp, fetch: Fetch) -> None:
    credential = smtp.credential
    if smtp.user is None or credential is None:
        return
    secret = fetch(credential, False)
    if not secret.token:
        _with_password(server, smtp.user, secret.value)
        return
    try:
        _with_token(server, smtp, secret.value)
    except smtplib.SMTPAuthenticationError:
        fresh = fetch(credential, True)  # it may have been ended before its time; once
        if fresh == secret:
            raise
        _with_token(server, smtp, fresh.value)


def _with_token(server: smtplib.SMTP, smtp: Smtp, token: str) -> None:
    offered = server.esmtp_features.get("auth", "").upper().split()
    bearer = "OAUTHBEARER" in offered and "XOAUTH2" not in offered
    if bearer:  # RFC 7628; a comma or = in a name is escaped there
        name = str(smtp.user).replace("=", "=3D").replace(",", "=2C")
        blob = f"n,a={name},\1host={smtp.host}\1port={smtp.port}\1auth=Bearer {token}\1\1"
    else:
        blob = f"user={smtp.user}\1auth=Bearer {token}\1\1"
    # The reply to a second challenge makes a server that refuses the token say so.
    again = "\1" if bearer else ""
    server.auth(
        "OAUTHBEARER" if bearer else "XOAUTH2",
        lambda challenge=None: blob if challenge is None else again,
        initial_response_ok=True,
    )


def _with_password(server: smtplib.SMTP, user: str, password: str) -> None:
    if user.isascii() and password.isascii():
        server.login(user, password)
        return
    # smtplib encodes passwords as ASCII, and raises an error that quotes what it could not encode.
    blob = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
    code, answer = server.docmd("AUTH", f"PLAIN {blob}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _dotted(raw: bytes) -> bytes:
    """A letter as it stands on the wire, with its end (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"(?m)^\.", b"..", raw)
    return lines + (b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")


def _accepted(code: int, answer: bytes) -> None:
    if code // 100 != 2:
        raise _judged(code, answer)


def _judged(code: int, answer: bytes | str) -> Temporary | Permanent:
    """What an answer other than yes means for the letter."""
    words = _words(code, answer)
    if code in _NO_LETTERS_FAULT or code < 400 or _SERVERS_OWN.match(words):
        return Outage(words)
    return Permanent(words) if code >= 500 else Temporary(words)


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {' '.join(text.split())}"[:300]


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}: {_words(error.smtp_code, error.smtp_error)}"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
