"""Whose mail is read last: a sender whose mail ran into the reader's limit lately.

There may be one reader, and a mail that takes all its time holds up everybody behind it. So what else its author
sent waits until nobody else's mail does, and is then read one at a time; for ten minutes, so that nobody who
wrote one strange mail is passed over for long. Each daemon remembers by itself, and not beyond its end: what that
costs is one late mail more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from triaged.reading.mime.header_block import author
from triaged.store.rows import ClaimedMail

MEMORY = timedelta(minutes=10)
PUT_OFF = timedelta(seconds=30)
_MOST = 1_000  # authors remembered


class Latecomers:
    """The authors of late mails, each for a while. Used by one thread, the walk's."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def add(self, mail: ClaimedMail, now: datetime) -> None:
        """Remember whose mail was late."""
        self._until = {name: until for name, until in self._until.items() if until > now}
        if len(self._until) < _MOST:
            self._until[author(mail.raw)] = now + MEMORY

    def parted(
        self, mails: Sequence[ClaimedMail], now: datetime
    ) -> tuple[Sequence[ClaimedMail], Sequence[ClaimedMail]]:
        """(to be read now, to be put off): everybody's but the latecomers'; one of theirs where there is no other."""
        if not self._until:
            return mails, ()
        last = [mail for mail in mails if self._waits(mail, now)]
        first = [mail for mail in mails if mail not in last] if len(last) < len(mails) else last[:1]
        return first, [mail for mail in last if mail not in first]

    def _waits(self, mail: ClaimedMail, now: datetime) -> bool:
        until = self._until.get(author(mail.raw))
        return until is not None and now < until and now - mail.kept_at < MEMORY
