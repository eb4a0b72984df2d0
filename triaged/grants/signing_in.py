"""A person signs in once: by a code on any device (RFC 8628), or in a browser here with PKCE (RFC 8252, 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from triaged.config.oauth2 import OAuth2
from triaged.edge import harmless
from triaged.errors import Faulty, Permanent, Temporary
from triaged.grants import provider
from triaged.grants.provider import Tokens

PATIENCE = 600.0  # seconds for a person to consent
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL, _SLOWER = 5.0, 5.0  # seconds between two questions, and what `slow_down` adds
_SHORTEST = 0.05

Show = Callable[[str], object]


def by_device(settings: OAuth2, show: Show, sleep: Callable[[float], object] = time.sleep) -> Tokens:
    """Show a code and an address, and wait until the person has consented. Raises Faulty, Temporary."""
    if not settings.device_endpoint:
        raise Faulty(f"{settings.provider} gives no device code for mail; sign in by browser: --browser")
    try:
        told = provider.ask(settings, settings.device_endpoint, {"scope": settings.scope})
    except Permanent as error:
        raise Faulty(f"no device code: {error}") from None
    code, user_code = told.get("device_code"), told.get("user_code")
    where = told.get("verification_uri") or told.get("verification_url")
    if not (isinstance(code, str) and isinstance(user_code, str) and isinstance(where, str)):
        raise Temporary("the identity provider gave no device code")
    show(f"Open {harmless.escaped(where)} on any device and enter the code {harmless.escaped(user_code)}")
    until = time.monotonic() + min(_seconds(told.get("expires_in"), PATIENCE), 3600.0)
    pause = _seconds(told.get("interval"), _INTERVAL)
    while time.monotonic() < until:
        sleep(pause)
        try:
            return _whole(provider.tokens(settings, {"grant_type": _DEVICE_GRANT, "device_code": code}))
        except provider.Wait as wait:
            pause += _SLOWER if wait.slower else 0.0
        except Permanent as error:
            raise Faulty(f"the sign-in failed: {error}; start again") from None
        except Temporary:
            pause = min(pause * 2, 60.0)
    raise Faulty("the code has expired; start again")


def by_browser(
    settings: OAuth2, user: str, show: Show, *, port: int = 0, patience: float = PATIENCE
) -> Tokens:
    """Show an address to open in a browser on this machine, and wait for its way back. Raises Faulty, Temporary."""
    if not settings.authorize_endpoint:
        raise Faulty("oauth2 has no authorize_url to open; sign in by device code: --device")
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
    try:
        back = _Back(port, state)
    except (OSError, OverflowError) as error:
        raise Faulty(f"cannot listen on port {port}: {getattr(error, 'strerror', None) or error}") from None
    with back as waiting:
        host = "localhost" if settings.provider == "microsoft" else "127.0.0.1"
        redirect = f"http://{host}:{waiting.port}/"
        show(f"Open in a browser on this machine: {_address(settings, user, redirect, verifier, state)}")
        show(
            f"(from elsewhere: ssh -L {waiting.port}:127.0.0.1:{waiting.port} this-machine, and open it there)"
        )
        code = waiting.code(patience)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect,
        "code_verifier": verifier,
    }
    try:
        return _whole(provider.tokens(settings, form))
    except Permanent as error:
        raise Faulty(f"the sign-in failed: {error}; start again") from None


def _address(settings: OAuth2, user: str, redirect: str, verifier: str, state: str) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect,
        "scope": settings.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": user,
        **settings.asks,
    }
    joint = "&" if urlsplit(settings.authorize_endpoint).query else "?"
    return f"{settings.authorize_endpoint}{joint}{urlencode(asked)}"


def _whole(had: Tokens) -> Tokens:
    if had.refresh is None:
        raise Faulty(
            "the identity provider gave no refresh token: the scopes must ask for lasting access "
            "(offline_access, access_type=offline), and the consent be given anew"
        )
    return had


def _seconds(value: Any, otherwise: float) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return max(float(value), _SHORTEST) if good else otherwise


class _Back(HTTPServer):
    """The way back from the browser: one loopback port, and only an answer that carries our state counts."""

    def __init__(self, port: int, state: str) -> None:
        super().__init__(("127.0.0.1", port), _Answering)
        self.port = int(self.server_address[1])
        self.state, self.found, self.fault = state, "", ""
        self.timeout = 1.0

    def code(self, patience: float) -> str:
        """Wait for it. Raises Faulty."""
        until = time.monotonic() + patience
        while not self.found and not self.fault:
            if time.monotonic() > until:
                raise Faulty("nobody signed in in time; start again")
            self.handle_request()
        if self.fault:
            raise Faulty(f"the sign-in failed: {self.fault}")
        return self.found

    def take(self, query: Mapping[str, list[str]]) -> str:
        """What came back; the words for the browser."""
        state, code, error = ((query.get(name) or [""])[0] for name in ("state", "code", "error"))
        if not hmac.compare_digest(state.encode(), self.state.encode()):
            return "This is no answer to what was asked."
        if error or not code:
            self.fault = harmless.escaped(error or "no code came back")[:200]
            return "The sign-in failed; the terminal says why."
        self.found = code
        return "Signed in. This page can be closed."

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is nobody's fault."""


class _Answering(BaseHTTPRequestHandler):
    timeout = 5
    server: _Back

    def do_GET(self) -> None:
        """The redirect, or whatever else a browser asks for."""
        parts = urlsplit(self.path)
        known = parts.path == "/" and bool(parts.query)
        words = self.server.take(parse_qs(parts.query)) if known else "Nothing is here."
        body = words.encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The address holds the code: it is not told."""
