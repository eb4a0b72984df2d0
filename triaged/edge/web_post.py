"""One POST to a server of others: no redirects followed, so many seconds in all, so many bytes of an answer.

A redirect would hand a secret or an alert to an address nobody wrote into the config, and count as success.
Proxies of the environment (HTTPS_PROXY, NO_PROXY) are used as everywhere.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from triaged.edge import cords
from triaged.errors import Temporary
from triaged.frozen import frozen

LARGEST = 256 * 1024  # bytes of an answer
_READ_SECONDS = 10.0  # for the next byte; the time in all may be shorter


class Away(Temporary):
    """No answer: away, too slow, or not to be trusted. Its words hold nothing of what was sent."""


@frozen
class Answer:
    """What the server said. A redirect is an answer like any other."""

    status: int
    body: bytes


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, seconds: float, ca_file: str | None = None
) -> Answer:
    """Send it and have the answer, whatever its status. Raises Away."""
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    opener = urllib.request.build_opener(_NoRedirect, _Http, _trusting(ca_file))
    with cords.within(seconds) as cord:
        try:
            with opener.open(request, timeout=min(seconds, _READ_SECONDS)) as answer:
                had = Answer(answer.status, answer.read(LARGEST))
        except urllib.error.HTTPError as error:
            with error:
                had = Answer(error.code, _rest(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Away(_said(error, cord.is_cut, seconds)) from None
        if cord.is_cut:  # what was cut ends like any other answer
            raise Away(_late(seconds))
        return had


def _trusting(ca_file: str | None) -> _Https:
    """Raises Away with the file in it: ssl names none."""
    try:
        return _Https(ca_file)
    except OSError as error:
        why = "no certificate is in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise Away(f"{ca_file or 'the certificates of the system'} cannot be read: {why}") from None


def _rest(answer: urllib.error.HTTPError) -> bytes:
    try:
        return answer.read(LARGEST)
    except (OSError, http.client.HTTPException, ValueError):
        return b""  # its status is known


def _said(error: Exception, is_cut: bool, seconds: float) -> str:
    if is_cut:
        return _late(seconds)
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    text = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or type(cause).__name__
    return " ".join(f"{text}".split())[:200]


def _late(seconds: float) -> str:
    return f"no whole answer within {seconds:.0f} s"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the redirect itself is the answer."""


def _connect(address: tuple[str, int], timeout: Any = None, source_address: Any = None) -> socket.socket:
    return cords.connect(
        address[0], address[1], timeout if isinstance(timeout, (int, float)) else _READ_SECONDS
    )


class _Plain(http.client.HTTPConnection):
    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._create_connection = _connect


class _Tls(http.client.HTTPSConnection):
    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._create_connection = _connect


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        """Over a socket that can be cut."""
        return self.do_open(_Plain, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, ca_file: str | None) -> None:
        self._trust = cords.trust(ca_file)
        super().__init__(context=self._trust)

    def https_open(self, req: urllib.request.Request) -> Any:
        """The same under TLS."""
        return self.do_open(_Tls, req, context=self._trust)
