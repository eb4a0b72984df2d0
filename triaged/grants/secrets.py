"""Where doors get their secrets: passwords anew each time, tokens from what is kept of them.

A token that a command prints is kept in memory until it ends: as its JSON says (`expires_in`), as it says itself
(a JWT's `exp`), else for a few minutes; a server that refuses it has the command run again.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from triaged.config import credentials
from triaged.config.config import Config
from triaged.config.credentials import Secret
from triaged.config.servers import Credential
from triaged.errors import Faulty
from triaged.grants import sealing
from triaged.grants.keeping import Keeper, Store

_UNSAID = 300.0  # seconds that a token is kept which does not say when it ends
_BEFORE_ITS_END = 60.0
_FRESH = 20.0  # a server that refuses a token so young would refuse the next
_LONGEST = 24 * 3600.0


class Secrets:
    """The secrets of one daemon or command; `fetch` is what doors are given (credentials.Fetch)."""

    def __init__(
        self, config: Callable[[], Config], store: Store, clock: Callable[[], datetime], owner: str
    ) -> None:
        self.keeper = Keeper(store, lambda: keys(config()), clock, owner)
        self._lock = threading.Lock()
        self._of_command: dict[tuple[str, ...], _Token] = {}

    def fetch(self, credential: Credential, anew: bool = False) -> Secret:
        """A credential's secret. Raises Faulty, Temporary, Unavailable; never with a value in it."""
        if credential.grant is not None:
            return self.keeper.token(credential.grant, anew)
        if credential.command is not None:
            return self._from_command(credential.command, anew)
        return credentials.fetch(credential)

    def _from_command(self, command: tuple[str, ...], anew: bool) -> Secret:
        with self._lock:
            kept, now = self._of_command.get(command), time.monotonic()
            if kept is not None and now < kept.until and (not anew or now - kept.since < _FRESH):
                return Secret(kept.value, token=True)
            value, seconds = told(credentials.from_command(command), time.time())
            self._of_command[command] = _Token(value, now, now + seconds)
            return Secret(value, token=True)


class _Token:
    def __init__(self, value: str, since: float, until: float) -> None:
        self.value, self.since, self.until = value, since, until


def keys(config: Config) -> sealing.Keys:
    """The keys that tokens are sealed by. Raises Faulty."""
    text = credentials.stored(
        "oauth2_key_file", file=config.oauth2_key_file, env=None, systemd=config.oauth2_key_credential
    )
    return sealing.read(text)


def told(printed: str, now: float) -> tuple[str, float]:
    """A token as a command printed it, plain or as JSON, and for how many seconds to keep it. Raises Faulty."""
    answer = _object(printed)
    is_plain = not printed.lstrip().startswith("{")
    value = printed.strip() if is_plain else answer.get("access_token", answer.get("token"))
    if not isinstance(value, str) or not value:
        raise Faulty("token_command printed JSON without an access_token")
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise Faulty("token_command printed no token: there are characters in it that no token has")
    lives = _number(answer.get("expires_in"))
    if lives is None and (ends := _number(_claims(value).get("exp"))) is not None:
        lives = ends - now
    seconds = _UNSAID if lives is None else lives - _BEFORE_ITS_END
    return value, min(max(seconds, 0.0), _LONGEST)


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _claims(token: str) -> Mapping[str, Any]:
    """What a JWT says of itself; nothing of another token. Nobody believes it: it only saves a call."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return _object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode())
    except ValueError:
        return {}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if 0 <= number < 10**11 else None
