"""How far a folder has been read, and which of its mails have to wait their turn. PURE (mutable, one thread).

The bookmark kept in the store says "everything up to this uid is kept, or owed". One mail that the server
refuses, or that kills the connection, must neither be lost nor hold up those behind it: it becomes owed,
which the store remembers, and is asked for again, last and alone, after a growing wait, for ever. Nothing
is ever given up: only its bytes, or its absence from the folder, end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from triaged.store.rows import OwedMail


class Bookmark:
    """Everything up to `last_uid` is kept or owed; of what lies above, `beyond` is kept."""

    def __init__(self, last_uid: int) -> None:
        self.last_uid = last_uid
        self.beyond: set[int] = set()
        self.owed: dict[int, OwedMail] = {}
        self.careful: set[int] = set()
        self._pending: set[int] = set()

    def found(self, last_uid: int, owed: Iterable[OwedMail] = ()) -> None:
        """What the store says (another daemon may have read on)."""
        self.last_uid = max(self.last_uid, last_uid)
        self.beyond = {uid for uid in self.beyond if uid > self.last_uid}
        self.owed = {one.uid: one for one in owed}

    def wanted(self, uids: Sequence[int]) -> list[int]:
        """Those of a folder's uids that were never asked for alone, and are still to be kept."""
        found = [
            uid for uid in uids if uid > self.last_uid and uid not in self.beyond and uid not in self.owed
        ]
        self._pending = set(found)
        return found

    def also(self, uids: Sequence[int]) -> list[int]:
        """Of some that were found later those still to be kept, beside what is being taken."""
        later = [uid for uid in uids if uid > self.last_uid and uid not in self.beyond | self.owed.keys()]
        self._pending |= set(later)
        return later

    def sound(self, uids: Iterable[int]) -> list[int]:
        """Those to be taken first, in batches."""
        return [uid for uid in uids if uid not in self.careful]

    def suspects(self, uids: Iterable[int]) -> list[int]:
        """Those to be taken one by one: what was under way when the connection broke."""
        return [uid for uid in uids if uid in self.careful]

    def due(self, now: datetime | None) -> list[int]:
        """The owed ones to be asked for again by now; None: all of them."""
        return sorted(uid for uid, one in self.owed.items() if now is None or one.retry_at <= now)

    def reached(self, uids: Iterable[int]) -> int:
        """The `last_uid` that will hold once these are kept (or owed, or gone)."""
        done = self.beyond | set(uids)
        left = self._pending - done
        furthest = min(left) - 1 if left else max(done, default=0)
        return max(self.last_uid, furthest)

    def kept(self, uids: Iterable[int]) -> None:
        """These are kept, or gone from the server."""
        done = set(uids)
        self._pass(done)
        for uid in done & self.owed.keys():
            del self.owed[uid]

    def owes(self, mails: Iterable[OwedMail]) -> None:
        """These stand in the store as owed: the bookmark may pass them."""
        owed = {one.uid: one for one in mails}
        self.owed |= owed
        self._pass(set(owed))

    def broke_off(self, uids: Iterable[int]) -> None:
        """The connection broke while these were fetched: which of them is to blame will be seen."""
        self.careful |= set(uids)

    def _pass(self, done: set[int]) -> None:
        self.last_uid = self.reached(done)
        self.beyond = {uid for uid in self.beyond | done if uid > self.last_uid}
        self._pending -= done
        self.careful -= done
