"""The sections about a server: how it is reached, and with which secret.

Secrets never stand in the config: a `Credential` names where a password comes from (credentials.py fetches it).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from triaged.config.oauth2 import Grant, OAuth2
from triaged.config.places import Host, Mail, Port, Where, as_tuple, is_loopback
from triaged.spec.sections import Section


class Credential(BaseModel):
    """Where a secret comes from; exactly one of the five is set."""

    model_config = ConfigDict(frozen=True)
    file: Path | None = None
    env: str | None = None
    systemd: str | None = None
    command: tuple[str, ...] | None = None
    grant: Grant | None = None


class _WithCredential(Section):
    password_file: Where | None = None
    password_env: str | None = None
    password_credential: str | None = None
    token_command: Annotated[tuple[str, ...] | None, BeforeValidator(as_tuple)] = None
    oauth2: OAuth2 | None = None

    @model_validator(mode="after")
    def _one_credential(self) -> _WithCredential:
        given = [n for n in (*CREDENTIALS, "oauth2") if getattr(self, n) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are both given; keep one")
        return self

    @property
    def credential(self) -> Credential | None:
        """The one source given, or None."""
        found = Credential(
            file=self.password_file,
            env=self.password_env,
            systemd=self.password_credential,
            command=self.token_command,
            grant=self._grant,
        )
        return found if any(v is not None for v in found.__dict__.values()) else None

    @property
    def _grant(self) -> Grant | None:
        user = getattr(self, "user", None)
        if self.oauth2 is None or user is None:
            return None
        return Grant(settings=self.oauth2, user=self.oauth2.user or user)


CREDENTIALS = ("password_file", "password_env", "password_credential", "token_command")


class After(Section):
    """What becomes of a mail on the server once it is kept. Exactly one of the three."""

    move_to: str | None = None
    flag: str | None = None
    leave: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> After:
        if sum(v is not None and v is not False for v in (self.move_to, self.flag, self.leave)) != 1:
            raise ValueError("write one of {move_to: FOLDER}, {flag: KEYWORD} or {leave: true}")
        return self

    @property
    def action(self) -> Literal["move_to", "flag", "leave"]:
        """Which of the three."""
        return "move_to" if self.move_to else "flag" if self.flag else "leave"

    @property
    def argument(self) -> str:
        """The folder or the flag; empty for leave."""
        return self.move_to or self.flag or ""


class Imap(_WithCredential):
    """One mailbox's IMAP door."""

    host: Host
    port: Port = 993
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: str
    folder: str = "INBOX"
    sent_folder: str | None = None
    after: After = After(move_to="Triaged")
    poll_seconds: Annotated[int, Field(ge=1, le=3600)] = 60
    idle: bool = True
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 60
    ca_file: Where | None = None

    @model_validator(mode="after")
    def _safe(self) -> Imap:
        if self.credential is None:
            raise ValueError(f"no password: give one of {', '.join(CREDENTIALS)}")
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none sends the password in the clear; it is taken for loopback hosts only")
        return self


class Smtp(_WithCredential):
    """The way a mailbox's letters leave."""

    host: Host
    port: Port = 587
    tls: Literal["implicit", "starttls", "none"] = "starttls"
    user: str | None = None
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    bounce_address: Mail | None = None
    ca_file: Where | None = None
    copy_to_sent: bool = False

    @model_validator(mode="after")
    def _safe(self) -> Smtp:
        if (self.user is None) != (self.credential is None):
            raise ValueError(f"user and one of {', '.join(CREDENTIALS)} go together")
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none sends mail in the clear; it is taken for loopback hosts only")
        return self
