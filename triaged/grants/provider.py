"""What an identity provider is asked, and what its answers mean (RFC 6749, 8628). No token stands in any error.

Over: somebody must sign in again, and asking once more cannot help. Refused: the client is not as the provider
knows it; an admin can mend that. All else may be better in a while.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard
from urllib.parse import urlencode

from triaged.config import credentials
from triaged.config.oauth2 import OAuth2
from triaged.edge import harmless, web_post
from triaged.errors import Permanent, Temporary

SECONDS = 20.0  # for one answer, in all
_OVER = frozenset(
    {"invalid_grant", "interaction_required", "consent_required", "login_required", "invalid_code"}
)
_REFUSED = frozenset(
    {
        *("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "invalid_resource"),
        *("unsupported_grant_type", "invalid_client_secret", "access_denied"),
    }
)
_SHORTEST, _LONGEST, _UNSAID = 30, 24 * 3600, 600  # seconds that an access token is taken to live
_LONGEST_TOKEN = 64 * 1024


class Over(Permanent):
    """The consent is gone: withdrawn, expired, or ended by a new password."""


class Refused(Permanent):
    """The provider does not take the client, its secret or what it asks for."""


class Wait(Temporary):
    """The person has not consented yet; `slower`: ask less often."""

    def __init__(self, slower: bool) -> None:
        super().__init__("not yet")
        self.slower = slower


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer gave. `seconds`: how long the access token lives; `refresh_seconds` where it is told."""

    access: str = field(repr=False)
    seconds: int
    refresh: str | None = field(repr=False, default=None)
    refresh_seconds: int | None = None


def renew(settings: OAuth2, refresh: str | None) -> Tokens:
    """A new access token: by a refresh token, or as an application. Raises Over, Refused, Temporary, Faulty."""
    if settings.flow == "client_credentials":
        form = {"grant_type": "client_credentials", "scope": settings.scope}
    else:
        form = {"grant_type": "refresh_token", "refresh_token": refresh or ""}
    return tokens(settings, form)


def tokens(settings: OAuth2, form: Mapping[str, str]) -> Tokens:
    """Tokens for what `form` says. Raises Over, Refused, Wait, Temporary, Faulty (an unreadable client secret)."""
    return _tokens(ask(settings, settings.token_endpoint, form))


def ask(settings: OAuth2, endpoint: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """The provider's answer to a form sent as this client. Raises as `tokens`."""
    whole = {"client_id": settings.client_id, **_secret(settings), **form}
    answer = web_post.post(
        endpoint,
        urlencode(whole).encode("ascii"),
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        seconds=SECONDS,
        ca_file=str(settings.ca_file) if settings.ca_file else None,
    )
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Temporary(f"the identity provider answers {answer.status} without sense")
    if answer.status >= 500 or answer.status == 429 or 300 <= answer.status < 400:
        raise Temporary(f"the identity provider answers {answer.status}{_described(told)}")
    if "error" in told or answer.status >= 400:
        raise _judged(told, answer.status)
    return told


def _secret(settings: OAuth2) -> dict[str, str]:
    given = settings.client_secret_file, settings.client_secret_env, settings.client_secret_credential
    if given == (None, None, None):
        return {}
    file, env, systemd = given
    return {"client_secret": credentials.stored("client_secret", file=file, env=env, systemd=systemd).strip()}


def _judged(told: Mapping[str, Any], status: int) -> Exception:
    code = told.get("error")
    words = f"{code or status}{_described(told)}"
    words = harmless.escaped(words)[:300]
    if code in ("authorization_pending", "slow_down"):
        return Wait(code == "slow_down")
    if code in _OVER or code == "expired_token":
        return Over(words)
    return Refused(words) if code in _REFUSED else Temporary(words)


def _described(told: Mapping[str, Any]) -> str:
    description = told.get("error_description")
    if not isinstance(description, str):
        return ""
    return f" ({credentials.masked(' '.join(description.split()))[:200]})"


def _tokens(told: Mapping[str, Any]) -> Tokens:
    access, refresh = told.get("access_token"), told.get("refresh_token")
    if not _is_token(access):
        raise Temporary("the identity provider gave no access token that could be used")
    if str(told.get("token_type", "bearer")).lower() not in ("bearer", "zoho-oauthtoken"):
        raise Refused("the identity provider gives no bearer tokens")
    seconds = _whole(told.get("expires_in"))
    lives = min(max(seconds, _SHORTEST), _LONGEST) if seconds is not None else _UNSAID
    return Tokens(
        access,
        lives,
        refresh if _is_token(refresh) else None,
        _whole(told.get("refresh_token_expires_in")) or None,
    )


def _is_token(value: Any) -> TypeGuard[str]:
    """Printable ASCII without blanks: it is written into a line of a mail protocol."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_TOKEN
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _whole(value: Any) -> int | None:
    """A number of seconds, as a number or in words; None: nothing sensible."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = int(float(value))
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 10**10 else None
