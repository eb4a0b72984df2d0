"""Secrets, fetched when they are needed and never kept in the config, a log or an error text.

Fetched anew for every connection, so a rotated password is taken up by itself. Tokens live for a while:
triaged/grants/ keeps them (`Fetch`), here one is only asked for.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triaged.config.servers import Credential
from triaged.errors import Faulty

_COMMAND_SECONDS = 30
_LONGEST = 64 * 1024
# Runs that long are no words: tokens, keys; and what is said to be a secret.
_LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9+=_~.-]{24,}|(?i:(?<=secret=)|(?<=token=)|(?<=password=))\S+")


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or an OAuth2 access token (to be used with XOAUTH2). Printing it shows no value."""

    value: str = field(repr=False)
    token: bool = False


# Where a door gets its secret. `anew`: the one given last was refused, so another is wanted where there can be one.
Fetch = Callable[[Credential, bool], Secret]


def plainly(credential: Credential, anew: bool = False) -> Secret:
    """`Fetch` of who keeps no tokens."""
    return fetch(credential)


def fetch(credential: Credential, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret a credential names. Raises Faulty saying which source failed and how, never what it held."""
    if credential.file is not None:
        return Secret(_from_file(credential.file, "password_file"))
    if credential.env is not None:
        return Secret(_from_environment(credential.env, environ))
    if credential.systemd is not None:
        return Secret(_from_systemd(credential.systemd, environ))
    if credential.command is not None:
        return Secret(from_command(credential.command), token=True)
    if credential.grant is not None:
        raise Faulty("oauth2: its tokens are kept in the database, which is not open here")
    raise Faulty("no password source is configured")


def stored(
    what: str,
    *,
    file: Path | None,
    env: str | None,
    systemd: str | None,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """The whole text of a secret that is no password, wherever it stands; `what` it is. Raises Faulty, as `fetch`."""
    if file is None and systemd is not None:
        folder = environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise Faulty(f"{what}: credential {systemd}: not run by systemd with LoadCredential={systemd}:…")
        if "/" in systemd or systemd in ("", ".", ".."):
            raise Faulty(f"{what}: credential {systemd!r} is a name, not a path")
        file = Path(folder) / systemd
    if file is None:
        if not env or not environ.get(env):
            raise Faulty(f"{what}: {env} is not set in the environment")
        return environ[env]
    try:
        with file.open("rb") as opened:
            held = opened.read(_LONGEST).decode("utf-8")
    except OSError as error:
        raise Faulty(f"{what}: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Faulty(f"{what}: {file} holds no UTF-8 text") from None
    if not held.strip():
        raise Faulty(f"{what}: {file} is empty")
    return held


def _from_file(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            held = file.read(_LONGEST)
    except OSError as error:
        raise Faulty(f"{what} {path} cannot be read: {error.strerror}") from None
    return _text(held, f"{what} {path}")


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    if not environ.get(name):
        raise Faulty(f"password_env: {name} is not set in the environment")
    return environ[name]


def _from_systemd(name: str, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise Faulty(f"password_credential {name}: not run by systemd with LoadCredential={name}:…")
    if "/" in name or name in ("", ".", ".."):
        raise Faulty(f"password_credential {name!r} is a name, not a path")
    return _from_file(Path(folder) / name, "password_credential")


def from_command(command: tuple[str, ...]) -> str:
    """The token a command prints. Raises Faulty with the end of its standard error, where that shows no secret."""
    what = f"token_command {command[0] if command else ''}".strip()
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_COMMAND_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as late:
        told = _complaint(late.stderr or b"", late.stdout or b"")
        raise Faulty(f"{what} did not end within {_COMMAND_SECONDS} s{told}") from None
    except (OSError, IndexError) as error:
        raise Faulty(f"{what} cannot be run: {getattr(error, 'strerror', None) or 'it is empty'}") from None
    if done.returncode != 0:
        told = _complaint(done.stderr, done.stdout)
        raise Faulty(f"{what} ended with exit status {done.returncode}{told}")
    return _text(done.stdout[:_LONGEST], what)


def _complaint(stderr: bytes, stdout: bytes) -> str:
    """The last line of standard error; what stands in standard output too, or looks like a token, is masked.

    A failing token helper prints refresh tokens as readily as reasons.
    """
    lines = [" ".join(line.split()) for line in stderr[-4096:].decode("utf-8", "replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    printed = [word for word in stdout[:_LONGEST].decode("utf-8", "replace").split() if len(word) >= 6]
    for word in sorted(printed, key=len, reverse=True):
        last = last.replace(word, "…")
    return f": {masked(last)[:200]}" if last else ""


def masked(text: str) -> str:
    """What others said, without what looks like a token or is called a secret."""
    return _LIKE_A_TOKEN.sub("…", text)


def _text(held: bytes, what: str) -> str:
    """One line; the line end an editor or `echo` adds is no part of it, other blanks are."""
    try:
        text = held.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise Faulty(f"{what} is not UTF-8 text") from None
    if not text:
        raise Faulty(f"{what} is empty")
    if "\n" in text or "\r" in text or "\0" in text:
        raise Faulty(f"{what} holds more than one line")
    return text
