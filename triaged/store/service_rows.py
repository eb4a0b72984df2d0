"""What the store takes and gives of running a service: troubles, alerts, grants, copies of letters. Times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from triaged.frozen import frozen


class AlertState(StrEnum):
    """Where an alert stands."""

    WAITING = "waiting"  # to be told, now or when quiet hours end
    SENT = "sent"  # the receiver's service took it
    FAILED = "failed"  # given up
    WITHDRAWN = "withdrawn"  # it was over before it was told


@frozen
class AlertRow:
    """Something to tell a receiver. `over`: all is well again; `expires`: later than that it is told no more."""

    receiver: str
    event: str
    key: str
    title: str
    body: str
    written_at: datetime
    expires: datetime
    ready_at: datetime | None = None
    over: bool = False
    severity: str | None = None
    state: AlertState = AlertState.WAITING
    runs: int = 0
    error: str | None = None
    sent_at: datetime | None = None
    id: int = 0


@frozen
class Trouble:
    """Something that is not well, since when, and whether it was told; `size`: how much of it, when it was told."""

    event: str
    key: str
    since: datetime
    told_at: datetime | None = None
    size: int = 1


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """What is kept of signing in as `user`; the tokens are sealed. `over_at`: somebody must sign in again."""

    user: str
    client: str
    version: int
    refresh: str | None = field(repr=False)
    access: str | None = field(repr=False)
    access_until: datetime | None
    expires_at: datetime | None
    granted_at: datetime
    renewed_at: datetime | None = None
    over_at: datetime | None = None
    retry_at: datetime | None = None
    failures: int = 0
    error: str | None = None


@frozen
class Unfiled:
    """A letter that has left and whose copy is to lie in the mailbox's Sent folder."""

    id: int
    message_id: str
    raw: bytes
    sent_at: datetime


@frozen
class Stuck:
    """Letters of a mailbox that should have left: how many, since when the oldest, the gravest of their tickets."""

    mailbox: str
    count: int
    since: datetime
    severity: str | None
    error: str | None
