"""An identity provider for tests: tokens, device codes, a browser's way and back, and introspection, on loopback.

It rotates refresh tokens as Microsoft does: each is good once. `answers` maps a path to what is said instead: a
status and a JSON object, `HANG`, `DRIP` (a byte a second) or `ELSEWHERE` (a redirect to /stolen).
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

HANG, DRIP, ELSEWHERE = "hang", "drip", "elsewhere"
CLIENT, SECRET = "triaged-client", "client-s3cret"


class Identity:
    """The server. `user` is who consents; every request's path and form is kept in `asked`."""

    def __init__(self, user: str = "support") -> None:
        self.user = user
        self.lives = 3600  # seconds of an access token
        self.rotates, self.consented = True, True
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.access: dict[str, float] = {}  # token -> when it ends
        self.refresh: set[str] = set()
        self.spent: set[str] = set()
        self.challenges: dict[str, str] = {}
        self._count, self._lock = 0, threading.Lock()

    def start(self) -> Identity:
        """Listen on a free port."""
        identity = self

        class Answering(_Answering):
            provider = identity

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()

    def settings(self, secret_file: str) -> dict[str, Any]:
        """`oauth2` of a config whose mailbox signs in here."""
        return {
            "provider": "other",
            "client_id": CLIENT,
            "client_secret_file": secret_file,
            "token_url": f"{self.url}/token",
            "device_url": f"{self.url}/device",
            "authorize_url": f"{self.url}/authorize",
            "scopes": ["mail"],
        }

    def good(self) -> list[str]:
        """Access tokens that are good now."""
        return [token for token, ends in list(self.access.items()) if ends > time.time()]

    def end_access(self) -> None:
        """Every access token ends at once, as after a new password."""
        self.access.clear()

    def withdraw(self) -> None:
        """The consent is gone."""
        self.refresh.clear()

    def asked_for(self, path: str) -> list[dict[str, str]]:
        """The forms sent to a path, in order."""
        return [form for where, form in list(self.asked) if where == path]

    def give(self) -> dict[str, Any]:
        """New tokens."""
        with self._lock:
            self._count += 1
            access, refresh = f"access-{self._count}.{'x' * 20}", f"refresh-{self._count}.{'y' * 20}"
            self.access[access] = time.time() + self.lives
            self.refresh.add(refresh)
        return {
            "token_type": "Bearer",
            "access_token": access,
            "expires_in": self.lives,
            "refresh_token": refresh,
        }

    def answer(self, path: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """What a POST is answered."""
        if path == "/introspect":
            token = form.get("token", "")
            return 200, {"active": token in self.good(), "email": self.user, "username": self.user}
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client", "error_description": "AADSTS700016: no such application"}
        if path == "/device":
            return 200, {
                "device_code": "dev-code", "user_code": "ABCD-EFGH", "verification_uri": f"{self.url}/enter",
                "expires_in": 60, "interval": 0.1,
            }  # fmt: skip
        if form.get("client_secret") != SECRET:
            return 401, {
                "error": "invalid_client",
                "error_description": "AADSTS7000222: the secret has expired",
            }
        return self._token(form)

    def _token(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        kind = form.get("grant_type")
        if kind == "client_credentials":
            return 200, {k: v for k, v in self.give().items() if k != "refresh_token"}
        if kind == "refresh_token":
            return self._renewed(form.get("refresh_token", ""))
        if not self.consented:
            return 400, {"error": "authorization_pending"}
        if kind == "authorization_code":
            verifier = base64.urlsafe_b64encode(
                hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            )
            if self.challenges.get(form.get("code", "")) != verifier.decode().rstrip("="):
                return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        return 200, self.give()

    def _renewed(self, refresh: str) -> tuple[int, dict[str, Any]]:
        with self._lock:
            known = refresh in self.refresh
            if known and self.rotates:
                self.refresh.discard(refresh)
                self.spent.add(refresh)
        if not known:
            words = f"AADSTS70008: the refresh token {refresh} has expired"
            return 400, {"error": "invalid_grant", "error_description": words}
        told = self.give()
        if not self.rotates:
            self.refresh.discard(told.pop("refresh_token"))
        return 200, told


class _Answering(BaseHTTPRequestHandler):
    provider: Identity

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        path = urlsplit(self.path).path
        self.provider.asked.append((path, form))
        told = self.provider.answers.get(path)
        if told == HANG:
            time.sleep(30)
        elif told == DRIP:
            self._drip()
        elif told == ELSEWHERE:
            self.send_response(302)
            self.send_header("Location", f"{self.provider.url}/stolen")
            self.end_headers()
        else:
            self._say(*(told or self.provider.answer(path, form)))

    def do_GET(self) -> None:
        """The browser's part: consent, and straight back."""
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.provider.asked.append((parts.path, query))
        if parts.path != "/authorize":
            self._say(200, {"stolen": True})
            return
        code = f"code-{len(self.provider.challenges)}"
        self.provider.challenges[code] = query.get("code_challenge", "")
        self.send_response(302)
        self.send_header("Location", f"{query['redirect_uri']}?code={code}&state={query['state']}")
        self.end_headers()

    def _say(self, status: int, told: Mapping[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        with suppress(OSError):  # it is cut
            for _ in range(60):
                self.wfile.write(b"X")
                self.wfile.flush()
                time.sleep(0.2)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""
