"""A mail's bytes: whole, or not at all.

A server in trouble answers NO, or OK and nothing, NIL, an empty mail, half a mail. None of that is the mail:
it is named as lacking, with what the server said, and the caller goes on (promise 2).

RFC822.SIZE alone does not tell of a cut: Exchange and Domino estimate it. So a server that gives fewer bytes
than it announced is asked for what comes behind them. The mail is cut if something does, if the server cannot
say, or if the bytes end as no mail does (within a line, without a body, before the closing boundary); also if
most of it is missing, unless other mails have shown that this server's sizes are estimates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imapclient import IMAPClient

from triaged.frozen import frozen
from triaged.intake.fetch import BYTES_A_BATCH, MOST_REFUSALS, Listed, ask, still_there

PIECE = BYTES_A_BATCH  # of a large mail at a time: between two, the daemon shows that it lives
BEGINNING = 256 * 1024  # kept of a mail beyond every limit: its header, and so much of its body
_PROBE = 1024
_HEAD = 64 * 1024
_BOUNDARY = re.compile(rb'(?i)\bboundary\s{0,9}=\s{0,9}"?([^"\s;]{1,70})')


@frozen
class Fetched:
    """A mail's bytes. `truncated`: it is beyond the hard limit, and these are its beginning."""

    uid: int
    raw: bytes
    received_at: datetime | None
    truncated: bool = False


@frozen
class Lacking:
    """A mail the server did not give whole, and why. `empty`: it says so itself, and gives no byte."""

    listed: Listed
    why: str
    empty: bool = False


@dataclass(slots=True)
class Given:
    """What became of a batch; mails in neither list were not asked for: the server had refused enough."""

    mails: list[Fetched] = field(default_factory=list)
    lacking: list[Lacking] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    refuses: str = ""  # what it says to everything


@dataclass(slots=True)
class Sizes:
    """Whether a server's RFC822.SIZE is exact, by the mails it gave: one mailbox's knowledge."""

    exact: int = 0
    estimated: set[int] = field(default_factory=set)  # uids

    @property
    def are_estimates(self) -> bool:
        """Two witnesses, and more than say otherwise."""
        return len(self.estimated) > max(self.exact, 1)

    def saw(self, uid: int, announced: int | None, given: int) -> None:
        """A mail came, as long as that."""
        if announced == given:
            self.exact += 1
        elif announced is not None:
            self.estimated.add(uid)


class _Stopped(Exception):
    """The daemon stops, or the mailbox is no longer ours."""


class Taking:
    """Takes mails of the selected folder. `largest`: bytes of a mail, beyond which it is kept cut."""

    def __init__(
        self, client: IMAPClient, largest: int, sizes: Sizes, go_on: Callable[[], bool] = lambda: True
    ) -> None:
        self.client, self.largest, self.sizes, self.go_on = client, largest, sizes, go_on
        self._refusals = 0

    def begin(self) -> None:
        """A new round: what was refused in the last one says nothing of this."""
        self._refusals = 0

    def take(self, batch: Sequence[Listed]) -> Given:
        """The mails of a batch, in order. Raises one of fetch.BROKEN where the connection is gone."""
        given, doubtful = Given(), list[Lacking]()
        most = min(BYTES_A_BATCH, self.largest)
        together = [one.uid for one in batch if one.size is not None and one.size <= most]
        told, _ = ask(self.client, together, ["BODY.PEEK[]"])
        for one in batch:
            try:
                found = self._found(one, told.get(one.uid, {}).get(b"BODY[]"))
            except _Stopped:
                break
            if isinstance(found, Fetched):
                self._refusals = 0
                given.mails.append(found)
                continue
            doubtful.append(found)
            self._refusals += 1
            if self._refusals >= MOST_REFUSALS:
                given.refuses = found.why
                break
        there = still_there(self.client, [one.listed.uid for one in doubtful])
        given.lacking = [one for one in doubtful if one.listed.uid in there]
        given.gone = [one.listed.uid for one in doubtful if one.listed.uid not in there]
        return given

    def _found(self, one: Listed, raw: bytes | None) -> Fetched | Lacking:
        """A mail as it came in its batch, or asked for by itself, or cut."""
        if raw and not _short(raw, one.size):
            self.sizes.saw(one.uid, one.size, len(raw))
            return Fetched(one.uid, raw, one.received_at)
        if one.size is not None and one.size > self.largest:
            return self._beginning(one)
        if one.size is None or one.size > BYTES_A_BATCH:
            return self._in_pieces(one)
        return self._alone(one)

    def _alone(self, one: Listed) -> Fetched | Lacking:
        """Asked for by itself, its size once more: what is cached may be what is wrong."""
        told, said = ask(self.client, [one.uid], ["RFC822.SIZE", "BODY.PEEK[]"])
        mail = told.get(one.uid, {})
        raw, size = mail.get(b"BODY[]"), mail.get(b"RFC822.SIZE", one.size)
        if raw is None:
            return Lacking(one, said or "the server gives nothing of it")
        if not raw:
            return Lacking(one, f"the server gives 0 of {size} bytes", empty=not size)
        if size is None or not _short(raw, size):
            self.sizes.saw(one.uid, size, len(raw))
            return Fetched(one.uid, raw, one.received_at)
        return self._whole_after_all(one, raw, size, self._piece(one.uid, len(raw), _PROBE))

    def _whole_after_all(self, one: Listed, raw: bytes, size: int, behind: bytes | str) -> Fetched | Lacking:
        """Fewer bytes than announced: a cut mail, or an announcement that was an estimate."""
        if not behind and _finished(raw):
            if behind == b"":
                self.sizes.estimated.add(one.uid)
            if 4 * (size - len(raw)) <= size or self.sizes.are_estimates:
                return Fetched(one.uid, raw, one.received_at)
        return Lacking(one, f"the server gives {len(raw)} of {size} bytes")

    def _in_pieces(self, one: Listed) -> Fetched | Lacking:
        """A large mail, or one of unknown size: piece by piece until nothing more comes."""
        got = bytearray()
        while len(got) <= self.largest:
            if not self.go_on():
                raise _Stopped
            piece = self._piece(one.uid, len(got), PIECE)
            if piece == "" and got and one.size is not None and not _short(got, one.size):
                break  # NIL, by a server that says it of what lies behind the end
            if not isinstance(piece, bytes):
                return Lacking(one, piece or f"the server gives {len(got)} of {one.size} bytes")
            if not piece:
                break
            got += piece
        return self._assembled(one, bytes(got))

    def _assembled(self, one: Listed, raw: bytes) -> Fetched | Lacking:
        """The pieces together, to the last."""
        if len(raw) > self.largest:
            return self._beginning(one)
        if not raw:
            return Lacking(one, f"the server gives 0 of {one.size} bytes", empty=not one.size)
        if one.size is not None and _short(raw, one.size):
            return self._whole_after_all(one, raw, one.size, b"")
        self.sizes.saw(one.uid, one.size, len(raw))
        return Fetched(one.uid, raw, one.received_at)

    def _beginning(self, one: Listed) -> Fetched | Lacking:
        """Of a mail beyond the hard limit: the header and the first part of the body."""
        beginning = self._piece(one.uid, 0, BEGINNING)
        if isinstance(beginning, bytes) and beginning:
            return Fetched(one.uid, beginning[:BEGINNING], one.received_at, truncated=True)
        return Lacking(one, str(beginning or "") or "the server gives nothing of it")

    def _piece(self, uid: int, start: int, length: int) -> bytes | str:
        """Bytes of a mail from `start` on, b"" behind its end; or what the server said instead, maybe nothing."""
        told, said = ask(self.client, [uid], [f"BODY.PEEK[]<{start}.{length}>"])
        mail: Mapping[bytes, Any] = told.get(uid, {})
        piece = mail.get(b"BODY[]<%d>" % start)
        if piece is None and start == 0:
            piece = mail.get(b"BODY[]")  # a server that knows no pieces gives all of it
        return piece if isinstance(piece, bytes) else said


def _short(raw: bytes | bytearray, size: int | None) -> bool:
    """Whether bytes are missing; a server that counts line ends as CRLF and sends LF is missing none."""
    return size is not None and len(raw) < size and len(raw) + raw.count(b"\n") - raw.count(b"\r\n") < size


def _finished(raw: bytes) -> bool:
    """Whether a mail ends as mails do: with a line end, with a body, behind its closing boundary."""
    head, gap, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    if not gap or not body.strip() or not raw.endswith(b"\n"):
        return False
    boundary = _BOUNDARY.search(head[:_HEAD])
    return boundary is None or b"--" + boundary[1] + b"--" in body
