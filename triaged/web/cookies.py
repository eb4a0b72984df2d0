"""What a browser keeps for us: who it is, its session's key, and what its person chose. Nothing in them is believed unread."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from triaged.frozen import frozen
from triaged.web import keys, times
from triaged.web.catalogues import LANGUAGES

_SESSION, _BROWSER, _CHOICES = "pages_session", "pages_browser", "pages_choices"
_BROWSER_LIVES, _SESSION_LIVES, _CHOICES_LIVE = 90 * 86400, 30 * 86400, 365 * 86400


@frozen
class Choices:
    """Of this browser: language and zone (empty: not chosen), whether single keys are off, and a new S1 is heard."""

    language: str = ""
    zone: str = ""
    keys_off: bool = False
    sound: bool = False


def read_session(request: Request, *, secure: bool) -> str:
    """The session's key, or nothing."""
    return _key(request, _SESSION, secure)


def read_browser(request: Request, *, secure: bool) -> str:
    """The browser's key, or nothing."""
    return _key(request, _BROWSER, secure)


def read_choices(request: Request, *, secure: bool) -> Choices:
    """What was chosen; what we did not write chooses nothing."""
    pieces = request.cookies.get(_named(_CHOICES, secure), "")[:200].split("|")
    language, zone, off, sound = (*pieces, "", "", "", "")[:4]
    zone = zone.replace(":", "/")
    return Choices(
        language if language in LANGUAGES else "",
        zone if zone in times.names() else "",
        off == "off",
        sound == "sound",
    )


def write_session(response: Response, key: str, *, secure: bool) -> None:
    """From now on this browser has this session; its end is kept by us, not by the cookie."""
    _write(response, _SESSION, key, _SESSION_LIVES, secure)


def drop_session(response: Response, *, secure: bool) -> None:
    """It has none any more."""
    _write(response, _SESSION, "", 0, secure)


def write_browser(response: Response, key: str, *, secure: bool) -> None:
    """So that a sign-in letter knows the browser that asked."""
    _write(response, _BROWSER, key, _BROWSER_LIVES, secure)


def write_choices(response: Response, choices: Choices, *, secure: bool) -> None:
    """Language, zone, keys, sound."""
    off, sound = "off" if choices.keys_off else "on", "sound" if choices.sound else "still"
    value = f"{choices.language}|{choices.zone.replace('/', ':')}|{off}|{sound}"
    _write(response, _CHOICES, value, _CHOICES_LIVE, secure)


def _named(name: str, secure: bool) -> str:
    """By TLS under a name that no neighbouring host and no plain page can set."""
    return f"__Host-{name}" if secure else name


def _write(response: Response, name: str, value: str, seconds: int, secure: bool) -> None:
    response.set_cookie(
        _named(name, secure), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def _key(request: Request, name: str, secure: bool) -> str:
    given = request.cookies.get(_named(name, secure), "")
    return given if keys.is_key(given) else ""
