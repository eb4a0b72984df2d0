"""What the sending hand asks of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from triaged.store.outbox import Ended
from triaged.store.rows import OutboxLetter


class LetterStore(Protocol):
    """What is asked of the store."""

    def next_letter_at(self, mailbox: str | None = None) -> datetime | None:
        """When there is something to send."""

    def claim_letters(
        self, limit: int, now: datetime, owner: str, lease: timedelta, mailbox: str | None = None
    ) -> list[OutboxLetter]:
        """Ours for a while."""

    def letter_sent(
        self, letter_id: int, owner: str, now: datetime, refused: Sequence[str] = (), *, to_file: bool = False
    ) -> bool:
        """Taken; `to_file`: a copy is owed to the Sent folder."""

    def arrivals(self, ticket_ids: Iterable[int]) -> Mapping[int, datetime]:
        """When the requests of tickets reached us."""

    def letter_retry(
        self, letter_id: int, owner: str, error: str, at: datetime, ended: Ended = "refused"
    ) -> bool:
        """Later."""

    def take_back_letters(self, owner: str, mailbox: str, now: datetime) -> int:
        """Ours, and we know nothing of it."""

    def letter_failed(self, letter_id: int, owner: str, error: str, now: datetime) -> bool:
        """Never."""

    def withdraw(
        self, letter_id: int, reason: str, now: datetime, owner: str | None = None, actor: str = "daemon"
    ) -> bool:
        """Not any more."""

    def failed_of(self, addresses: Iterable[str]) -> frozenset[str]:
        """Addresses our letters bounced from."""

    def note(self, name: str, value: Any, now: datetime) -> None:
        """Tell `status`."""
