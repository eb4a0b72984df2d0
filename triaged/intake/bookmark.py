"""How far a folder has been read, and which of its mails have to wait their turn. PURE (mutable, one thread).

The bookmark kept in the store says "everything up to this uid is kept". One mail that the server refuses,
or that kills the connection, must neither be lost nor hold up those behind it: it is passed over, the
bookmark stays below it, and it is tried again, last and alone. Only when it failed often and for long is
it given up, so that a server that refuses everything for a minute costs nothing but that minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

STRIKES = 5
PATIENCE = timedelta(minutes=10)


class Bookmark:
    """Everything up to `last_uid` is kept; of what lies above, `beyond` is."""

    def __init__(self, last_uid: int) -> None:
        self.last_uid = last_uid
        self.beyond: set[int] = set()
        self.struck: dict[int, tuple[int, datetime]] = {}
        self.careful: set[int] = set()
        self._pending: set[int] = set()

    def found(self, last_uid: int) -> None:
        """The store says everything up to `last_uid` is kept (another daemon may have read on)."""
        self.last_uid = max(self.last_uid, last_uid)
        self.beyond = {uid for uid in self.beyond if uid > self.last_uid}

    def wanted(self, uids: Sequence[int]) -> list[int]:
        """Those of a folder's uids still to be kept."""
        found = [uid for uid in uids if uid > self.last_uid and uid not in self.beyond]
        self._pending = set(found)
        return found

    def sound(self, uids: Iterable[int]) -> list[int]:
        """Those that never failed, to be taken first, in batches."""
        return [uid for uid in uids if uid not in self.struck and uid not in self.careful]

    def suspects(self, uids: Iterable[int]) -> list[int]:
        """Those to be taken one by one: what was under way when the connection broke, then what failed alone."""
        doubtful = [uid for uid in uids if uid in self.careful and uid not in self.struck]
        return doubtful + [uid for uid in uids if uid in self.struck]

    def reached(self, uids: Iterable[int]) -> int:
        """The `last_uid` that will hold once these are kept (or gone)."""
        done = self.beyond | set(uids)
        left = self._pending - done
        furthest = min(left) - 1 if left else max(done, default=0)
        return max(self.last_uid, furthest)

    def kept(self, uids: Iterable[int]) -> None:
        """These are kept, or gone from the server."""
        done = set(uids)
        self.last_uid = self.reached(done)
        self.beyond = {uid for uid in self.beyond | done if uid > self.last_uid}
        self._pending -= done
        self.careful -= done
        for uid in done & self.struck.keys():
            del self.struck[uid]

    def failed(self, uids: Sequence[int], now: datetime) -> None:
        """The connection broke, or the server refused, while these were fetched: one is struck, more are in doubt."""
        if len(uids) > 1:
            self.careful |= set(uids)
            return
        for uid in uids:
            count, since = self.struck.get(uid, (0, now))
            self.struck[uid] = (count + 1, since)

    def strikes(self, uid: int) -> int:
        """How often a mail failed alone."""
        return self.struck.get(uid, (0, None))[0]

    def hopeless(self, uid: int, now: datetime) -> bool:
        """Whether a mail has failed often enough, for long enough."""
        count, since = self.struck.get(uid, (0, now))
        return count >= STRIKES and now - since >= PATIENCE
