"""What `triaged check --connect` sees of the pages: who listens, what browsers get at the public address, and who stands between.

Pages that are not served yet are no fault: the check is run before the service is started, too.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from triaged.config.places import is_loopback
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.config.web import Web

_SECONDS = 10.0
_MOST = 256 * 1024  # bytes read of a page
_SOON = timedelta(days=14)
_WIDE = {4: 16, 6: 48}  # a network with more addresses than that is nobody's proxies
_OURS = re.compile(r'<form method="post" action="/sign-in"')  # of templates/sign_in.html
_NOT_YET = "nothing listens on {listen}: the pages are not served yet (systemctl start triaged-web)"


@frozen
class _Got:
    """What a request brought. `ends`: when the server's certificate does."""

    status: int
    text: str
    cookies: tuple[str, ...]
    ends: datetime | None

    @property
    def is_ours(self) -> bool:
        return self.status == 200 and bool(_OURS.search(self.text))


def doors(web: Web) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Each thing to look at, by name. Trying raises Faulty with one line a fault, and answers warnings."""
    yield "web listen", partial(_listen, web)
    yield "web public_url", partial(_public, web)
    yield "web cookie", partial(_cookie, web)
    yield "web proxies", partial(_proxies, web)


def _listen(web: Web) -> list[str]:
    """The port is free, or the pages themselves hold it."""
    host = _reached(web.host)
    try:
        got = _get(
            http.client.HTTPConnection(host, web.port, timeout=_SECONDS), urlsplit(web.public_url).netloc
        )
    except (ConnectionRefusedError, socket.gaierror):
        from triaged.cli.machine import not_bound

        if why := not_bound(web.host, web.port):
            raise Faulty(
                f"web listen: {web.listen} cannot be listened on: {why}; choose another port"
            ) from None
        return []
    except (OSError, http.client.HTTPException) as error:
        raise Faulty(
            f"web listen: {web.listen} is held by something that is no web server ({_told(error)})"
        ) from None
    if got.status == 421:
        raise Faulty(
            f"web listen: the pages on {web.listen} run with another public_url: systemctl restart triaged-web"
        )
    if not got.is_ours:
        raise Faulty(
            f"web listen: {web.listen} is held by another program (it answers {got.status}); choose another port or end it"
        )
    return []


def _public(web: Web) -> list[str]:
    """What browsers get: by TLS with a certificate they trust, and the pages behind it."""
    where = f"web public_url ({web.public_url})"
    try:
        got = _got_publicly(web)
    except ssl.SSLCertVerificationError as error:
        told = error.verify_message or _told(error)
        raise Faulty(
            f"{where}: its certificate is not trusted: {told}; browsers will refuse it too"
        ) from None
    except ssl.SSLError as error:
        raise Faulty(f"{where}: TLS failed: {_told(error)}; look at the reverse proxy") from None
    except socket.gaierror:
        raise Faulty(f"{where}: the host name is not known; look at the DNS") from None
    except (OSError, http.client.HTTPException) as error:
        if not _is_served(web):
            return [f"{where}: {_NOT_YET.format(listen=web.listen)}"]
        raise Faulty(f"{where}: {_told(error)}; look at the reverse proxy and the firewall") from None
    if got.is_ours:
        left = got.ends - datetime.now(UTC) if got.ends else None
        return (
            [f"{where}: its certificate ends in {counted(left.days, 'day')}"] if left and left < _SOON else []
        )
    if not _is_served(web):
        return [f"{where}: it answers {got.status}; {_NOT_YET.format(listen=web.listen)}"]
    if got.status == 421:
        raise Faulty(
            f"{where}: the pages are asked for another host name; the reverse proxy must pass Host on as it came"
        )
    raise Faulty(
        f"{where}: it answers {got.status}, and not with our page; the reverse proxy must lead to {web.listen}"
    )


def _cookie(web: Web) -> list[str]:
    """A cookie that leaves by TLS must never leave without it."""
    try:
        got = _got_publicly(web)
    except (OSError, http.client.HTTPException):
        return []  # told of as public_url
    careless = [one.partition("=")[0] for one in got.cookies if not {"httponly", "secure"} <= _marks(one)]
    if web.is_secure and got.is_ours and (careless or not got.cookies):
        which = ", ".join(careless) or "none came"
        raise Faulty(
            f"web cookie: not Secure and HttpOnly as it comes from {web.public_url}: {which}; "
            "the reverse proxy changes it, or the pages run with a former config"
        )
    return []


def _marks(cookie: str) -> set[str]:
    return {word.strip().lower() for word in cookie.split(";")[1:]}


def _proxies(web: Web) -> list[str]:
    """Whether the addresses of visitors are learnt from whom they come by, and from nobody else."""
    networks = [ipaddress.ip_network(one) for one in web.proxies]
    told = [
        f"web proxies: {one} are very many addresses; each of them may claim to be anybody, so name the proxy's own"
        for one in networks
        if one.prefixlen < _WIDE[one.version] and not one.is_loopback
    ]
    local = is_loopback(web.host)
    if (
        local
        and not is_loopback(urlsplit(web.public_url).hostname or "")
        and not any(n.is_loopback for n in networks)
    ):
        told.append(
            f"web proxies: only this machine reaches {web.listen}, yet proxies names no address of it (127.0.0.1), so all "
            "visitors count as one and are limited together"
        )
    if not local and networks and all(n.is_loopback for n in networks):
        told.append(
            f"web proxies: {web.listen} can be reached from outside, yet the proxy named is this machine; listen on 127.0.0.1"
        )
    return told


def _got_publicly(web: Web) -> _Got:
    url = urlsplit(web.public_url)
    host = url.hostname or ""
    line: http.client.HTTPConnection
    if web.is_secure:
        line = http.client.HTTPSConnection(
            host, url.port or 443, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(host, url.port or 80, timeout=_SECONDS)
    return _get(line, url.netloc)


def _get(line: http.client.HTTPConnection, host: str) -> _Got:
    """The sign-in page by this line, redirects not followed. Raises OSError, HTTPException."""
    with closing(line):
        line.request("GET", "/sign-in", headers={"Host": host, "Accept-Language": "en"})
        ends = _ends(line.sock)
        answer = line.getresponse()
        text = answer.read(_MOST).decode("utf-8", "replace")
        return _Got(answer.status, text, tuple(answer.headers.get_all("set-cookie") or ()), ends)


def _ends(connected: socket.socket | None) -> datetime | None:
    if not isinstance(connected, ssl.SSLSocket):
        return None
    ends = (connected.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None


def _is_served(web: Web) -> bool:
    try:
        with closing(socket.create_connection((_reached(web.host), web.port), timeout=_SECONDS)):
            return True
    except OSError:
        return False


def _reached(host: str) -> str:
    """Where one knocks for what listens there: on every address means here too."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _told(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror).lower()
    return " ".join(str(error).split())[:200] or type(error).__name__
