"""What becomes of a mail on the server once it is kept: moved, flagged, or left (config `after`).

In batches: one MOVE costs the server a sync of its disk. Doing it twice does no harm: uids that are gone are
passed over by the server.

A server without MOVE gets COPY, \\Deleted and EXPUNGE, which is three steps to be interrupted between. So a
retry first looks into the other folder for what is copied already, and what is copied is noted in the store
before it is marked: of everything \\Deleted in a folder, only that is ours to expunge. Without UIDPLUS only the
whole folder can be expunged; that is done when all that is \\Deleted in it is ours, else it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from triaged.config.servers import After
from triaged.intake.fetch import BROKEN

UIDS_A_COMMAND = 500
_KNOWN_BY = ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
_MESSAGE_ID = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


class Left(Protocol):
    """What we have copied, marked \\Deleted and not seen expunged: uids of the source, remembered durably."""

    def get(self) -> set[int]:
        """Them."""

    def put(self, uids: set[int]) -> None:
        """These from now on."""


class Mover:
    """Settles kept mail of the folder `source`. `target`: the server's name of where it goes, there or not yet."""

    def __init__(self, client: IMAPClient, source: str, after: After, target: str = "") -> None:
        self.client, self.source, self.after, self.target = client, source, after, target

    def settle(self, uids: Sequence[int], left: Left, *, again: bool = False) -> list[int]:
        """Do with these uids of the selected folder what the config says; those with which that is done.

        What a person has marked \\Deleted is left to that person where it would take more than a MOVE.
        `again`: an earlier try may have got half way. Raises what the server answers.
        """
        done: list[int] = []
        for start in range(0, len(uids), UIDS_A_COMMAND):
            some = list(uids[start : start + UIDS_A_COMMAND])
            if self.after.action == "flag":
                self.client.add_flags(some, [self.after.argument], silent=True)
            elif self.client.has_capability("MOVE"):
                self._into(lambda some=some: self.client.move(some, self.target))  # type: ignore[misc]
            else:
                some = self._copy_and_delete(some, left, again)
            done += some
        return done

    def _copy_and_delete(self, uids: list[int], left: Left, again: bool) -> list[int]:
        there, ours = self._search(uids, "UNDELETED"), left.get()
        others = set(self._search(uids, "DELETED")) - ours
        copied = self._copied(there) if again else set()
        if rest := [uid for uid in there if uid not in copied]:
            self._into(lambda: self.client.copy(rest, self.target))
        left.put(ours | set(there))
        if there:
            self.client.delete_messages(there, silent=True)
        self._expunge(left)
        return [uid for uid in uids if uid not in others]

    def _expunge(self, left: Left) -> None:
        """Remove what is ours and nothing else."""
        deleted, ours = set(self.client.search(["DELETED"])), left.get()
        if not deleted & ours:
            pass
        elif self.client.has_capability("UIDPLUS"):
            self.client.uid_expunge(sorted(deleted & ours))
        elif deleted <= ours:
            self.client.expunge()
        else:
            left.put(deleted & ours)
            return
        left.put(set())

    def _into(self, work: Callable[[], object]) -> None:
        """Move or copy; into a folder that is made first where it is missing."""
        try:
            work()
        except BROKEN:
            raise
        except IMAPClientError:
            if self.client.folder_exists(self.target):
                raise
            self.client.create_folder(self.target)
            self.client.subscribe_folder(self.target)
            work()

    def _search(self, uids: list[int], what: str) -> list[int]:
        return list(self.client.search(["UID", ",".join(map(str, uids)), what]))

    def _copied(self, uids: list[int]) -> set[int]:
        """Those that lie in the other folder already: same Message-ID, size and INTERNALDATE, which COPY keeps."""
        wanted = dict(self._keys(uids))
        days = [key[1].date() for key in wanted.values() if key[1] is not None]
        if not days or not self.client.folder_exists(self.target):
            return set()
        self.client.select_folder(self.target, readonly=True)
        try:
            day = timedelta(days=1)  # SINCE and BEFORE go by the server's days
            near = self.client.search(["SINCE", min(days) - day, "BEFORE", max(days) + 2 * day])
            there = {key for _, key in self._keys(near)}
        finally:
            self.client.select_folder(self.source)
        return {uid for uid, key in wanted.items() if key in there}

    def _keys(self, uids: Sequence[int]) -> Iterator[tuple[int, tuple[bytes, datetime | None, int]]]:
        for start in range(0, len(uids), UIDS_A_COMMAND):
            told: Mapping[int, Mapping[bytes, Any]] = self.client.fetch(
                list(uids[start : start + UIDS_A_COMMAND]), _KNOWN_BY
            )
            for uid, mail in told.items():
                named = mail.get(_MESSAGE_ID) or b""
                yield uid, (named.strip(), mail.get(b"INTERNALDATE"), int(mail.get(b"RFC822.SIZE") or 0))
