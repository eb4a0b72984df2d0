"""A receiver's addresses, and one alert handed to each of them: by Apprise, or as JSON to a webhook of your own.

Apprise stays out of the daemon: it is large, follows redirects (a POST becomes a GET of somebody else and counts as
told), waits for a dripping server without end and logs whole addresses. A process of its own is ended when its time is
over (triaged/alerts/hand.py). Addresses are secrets: no error here holds more of one than its scheme.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from triaged.config import credentials
from triaged.config.alerts import Alert
from triaged.config.places import is_loopback
from triaged.edge import web_post
from triaged.errors import Faulty, Temporary

SECONDS = 20.0  # for one address, Apprise's start included
_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class Address:
    """One address; `number` is its line's among the receiver's. `web`: a webhook of your own."""

    number: int
    url: str = field(repr=False)
    web: bool

    @property
    def scheme(self) -> str:
        """All of it that may be shown."""
        return self.url.partition("://")[0].lower()[:20]


def addresses(receiver: Alert) -> list[Address]:
    """Where a receiver is told, one address a line; `#` begins a remark. Raises Faulty, without any address in it."""
    text = credentials.stored(
        f"alerts {receiver.label}",
        file=receiver.to_file,
        env=receiver.to_env,
        systemd=receiver.to_credential,
    )
    lines = [line.strip() for line in text.splitlines()]
    urls = [line for line in lines if line and not line.startswith("#")]
    if not urls:
        raise Faulty(f"alerts {receiver.label}: there is no address")
    faults = [
        f"alerts {receiver.label}: address {n}: {why}"
        for n, url in enumerate(urls, 1)
        if (why := _wrong(url))
    ]
    if faults:
        raise Faulty(*faults)
    web = [urlsplit(url).scheme.lower() in _WEB for url in urls]
    known = _known([url for url, is_web in zip(urls, web, strict=True) if is_web]) if any(web) else {}
    return [
        Address(n, url, is_web and not known.get(url, False))
        for n, (url, is_web) in enumerate(zip(urls, web, strict=True), 1)
    ]


def check(receiver: Alert) -> list[str]:
    """What is wrong with a receiver's addresses, one line each; [] is well."""
    try:
        found = addresses(receiver)
        named = [one for one in found if not one.web]
        known = _known([one.url for one in named], needed=True) if named else {}
    except Faulty as fault:
        return list(fault.lines)
    return [
        f"alerts {receiver.label}: address {one.number} ({one.scheme}://…) is none that Apprise takes; "
        "look at its form in Apprise's own pages"
        for one in named
        if not known.get(one.url, False)
    ]


def hand_over(receiver: Alert, address: Address, told: Mapping[str, Any]) -> None:
    """Tell one address, in bounded time. Raises Temporary, Faulty: it was not told, or nobody can know that it was."""
    if address.web:
        _post(receiver, address, told)
        return
    what = {"do": "tell", "url": address.url, **told}
    answer = _hand(what)
    if not answer.get("told"):
        raise Temporary(f"{address.scheme}: {answer.get('why') or 'the service did not take it'}")


def _post(receiver: Alert, address: Address, told: Mapping[str, Any]) -> None:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "triaged",
        "Idempotency-Key": f"triaged-{told.get('id', 'test')}-{address.number}",
    }
    ca_file = str(receiver.ca_file) if receiver.ca_file else None
    body = json.dumps(dict(told), default=str).encode()
    answer = web_post.post(address.url, body, headers, seconds=SECONDS, ca_file=ca_file)
    if not 200 <= answer.status < 300:
        redirect = "; redirects are not followed" if 300 <= answer.status < 400 else ""
        raise Temporary(f"the webhook answers {answer.status}{redirect}")


def _wrong(url: str) -> str:
    """Why something can be no address; "" where it may be one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "it is no address"
    if "://" not in url or not parts.scheme:
        return "it is no address: write one like slack://… or https://…"
    if parts.scheme.lower() == "http" and not is_loopback(host):
        return "http:// sends it in the clear; it is taken for this machine only"
    if parts.scheme.lower() in _WEB and not host:
        return "it names no host"
    return ""


def _known(urls: Sequence[str], *, needed: bool = False) -> Mapping[str, bool]:
    """Which of these Apprise takes as a service of its own. Without Apprise none, or Faulty where it is `needed`."""
    answer = _hand({"do": "check", "urls": list(urls)})
    if answer.get("missing"):
        if needed:
            raise Faulty("alerts: Apprise is not installed: pip install 'triaged[alerts]'")
        return {}
    return dict(zip(urls, answer.get("known", []), strict=False))


def _hand(what: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask the hand; it is ended when its time is over. Raises Temporary."""
    command = [sys.executable, "-m", "triaged.alerts.hand"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            command, input=json.dumps(what).encode(), capture_output=True, timeout=SECONDS, env=environ
        )
        answer = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        raise Temporary(f"no answer within {SECONDS:.0f} s") from None
    except (OSError, ValueError, IndexError) as error:
        raise Temporary(f"Apprise's process failed: {type(error).__name__}") from None
    return answer if isinstance(answer, dict) else {}
