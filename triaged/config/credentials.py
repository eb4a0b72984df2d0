"""Secrets, fetched when they are needed and never kept in the config, a log or an error text.

Fetched anew for every connection, so a rotated password or a fresh OAuth2 token is taken up by itself.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triaged.config.servers import Credential
from triaged.errors import Faulty

_COMMAND_SECONDS = 30
_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or an OAuth2 access token (to be used with XOAUTH2). Printing it shows no value."""

    value: str = field(repr=False)
    token: bool = False


def fetch(credential: Credential, environ: Mapping[str, str] = os.environ) -> Secret:
    """The secret a credential names. Raises Faulty saying which source failed and how, never what it held."""
    if credential.file is not None:
        return Secret(_from_file(credential.file, "password_file"))
    if credential.env is not None:
        return Secret(_from_environment(credential.env, environ))
    if credential.systemd is not None:
        return Secret(_from_systemd(credential.systemd, environ))
    if credential.command is not None:
        return Secret(_from_command(credential.command), token=True)
    raise Faulty("no password source is configured")


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


def _from_command(command: tuple[str, ...]) -> str:
    what = f"token_command {command[0] if command else ''}".strip()
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_COMMAND_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise Faulty(f"{what} did not end within {_COMMAND_SECONDS} s") from None
    except (OSError, IndexError) as error:
        raise Faulty(f"{what} cannot be run: {getattr(error, 'strerror', None) or 'it is empty'}") from None
    if done.returncode != 0:
        # Its output is not told: a failing token helper prints refresh tokens as readily as reasons.
        raise Faulty(f"{what} ended with exit status {done.returncode}")
    return _text(done.stdout[:_LONGEST], what)


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
