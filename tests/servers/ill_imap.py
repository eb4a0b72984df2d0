"""An IMAP server that is ill as told: it says truly what lies in its folder, and cannot give it.

`illness` maps a uid (None: every uid) to how its body fails; see `ILLNESSES`. Everything else, SELECT, SEARCH,
STATUS, LIST, STORE, MOVE, it does as servers do. `asked` counts how often a body was asked for.
"""

from __future__ import annotations

import contextlib
import re
import socket
from collections import Counter
from collections.abc import Iterator

from tests.servers.listening import Listening

CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE"
ILLNESSES = (
    "no", "unavailable", "serverbug", "bad", "silent", "nil", "empty", "half", "header", "lines",
    "bye", "cut literal", "deaf",
)  # fmt: skip
REFUSALS = {
    "no": "NO FETCH failed",
    "unavailable": "NO [UNAVAILABLE] the storage is away",
    "serverbug": "NO [SERVERBUG] internal error",
    "bad": "BAD internal error",
    "silent": "OK FETCH completed",
}


class IllImap(Listening):
    """Listens on 127.0.0.1:`port`; any user, any password."""

    def __init__(self, *mails: bytes, sizes: int = 0, knows_pieces: bool = True) -> None:
        self.mails = dict(enumerate(mails, 1))
        self.moved: dict[int, bytes] = {}
        self.illness: dict[int | None, str] = {}
        self.asked: Counter[int] = Counter()
        self.sizes, self.knows_pieces = sizes, knows_pieces  # bytes added to every RFC822.SIZE
        self.looked_at = 0  # how often a folder was opened to be read only
        self.next_uid, self.uidvalidity = len(mails) + 1, 7
        super().__init__()

    def deliver(self, mail: bytes) -> None:
        """One more mail."""
        self.mails[self.next_uid] = mail
        self.next_uid += 1

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock, sock.makefile("rwb") as line:
            line.write(f"* OK [CAPABILITY {CAPABILITIES}] ill\r\n".encode())
            line.flush()
            while said := line.readline():
                tag, _, command = said.decode().strip().partition(" ")
                for answer in self._answers(tag, command):
                    line.write(answer)
                    line.flush()
                if command.upper() == "LOGOUT":
                    return

    def _answers(self, tag: str, command: str) -> Iterator[bytes]:
        word, _, rest = command.partition(" ")
        if word.upper() == "UID":
            word, _, rest = rest.partition(" ")
        work = getattr(self, f"_{word.lower()}", None)
        if work is None:
            yield f"{tag} OK done\r\n".encode()
            return
        final = "OK done"
        for piece in work(rest):
            if isinstance(piece, str):
                final = piece
            else:
                yield piece
        yield f"{tag} {final}\r\n".encode()

    def _capability(self, _: str) -> Iterator[bytes]:
        yield f"* CAPABILITY {CAPABILITIES}\r\n".encode()

    def _select(self, _: str) -> Iterator[bytes]:
        yield f"* {len(self.mails)} EXISTS\r\n* FLAGS (\\Deleted)\r\n* OK [UIDVALIDITY {self.uidvalidity}] x\r\n* OK [UIDNEXT {self.next_uid}] x\r\n".encode()

    def _examine(self, rest: str) -> Iterator[bytes]:
        self.looked_at += 1
        yield from self._select(rest)

    def _list(self, rest: str) -> Iterator[bytes]:
        for name in ("INBOX", "Triaged"):
            if name in rest or "*" in rest:
                yield f'* LIST () "/" {name}\r\n'.encode()

    def _search(self, rest: str) -> Iterator[bytes]:
        found = sorted(self._uids(rest.split()[-1] if "UID" in rest else "1:*"))
        yield ("* SEARCH " + " ".join(map(str, found)) + "\r\n").encode()

    def _move(self, rest: str) -> Iterator[bytes]:
        for uid in self._uids(rest.split()[0]):
            self.moved[uid] = self.mails.pop(uid)
        yield b"* OK moved\r\n"

    def _uids(self, asked: str) -> list[int]:
        found = set()
        for piece in asked.split(","):
            first, _, last = piece.partition(":")
            low, high = int(first), max(self.mails, default=0) if last == "*" else int(last or first)
            found |= {uid for uid in self.mails if min(low, high) <= uid <= max(low, high)}
        return sorted(found)

    def _fetch(self, rest: str) -> Iterator[bytes | str]:
        asked, _, items = rest.partition(" ")
        for number, uid in enumerate(self._uids(asked), 1):
            raw = self.mails[uid]
            told = f"* {number} FETCH (UID {uid}"
            if "RFC822.SIZE" in items:
                told += f" RFC822.SIZE {len(raw) + self.sizes}"
            if "INTERNALDATE" in items:
                told += ' INTERNALDATE "23-Nov-2026 09:00:00 +0000"'
            body = re.search(r"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?", items)
            if body is None:
                yield f"{told})\r\n".encode()
                continue
            self.asked[uid] += 1
            illness = self.illness.get(uid, self.illness.get(None, ""))
            if illness in REFUSALS:
                yield REFUSALS[illness]
                return
            yield from self._body(told, illness, raw, body)

    def _body(self, told: str, illness: str, raw: bytes, asked: re.Match[str]) -> Iterator[bytes | str]:
        if illness == "bye":
            yield b"* BYE [UNAVAILABLE] see you\r\n"
            raise OSError("hung up")
        if illness == "deaf":
            raise OSError("hung up")
        given = {
            "half": raw[: len(raw) // 2],
            "header": raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
            "lines": b"\r\n".join(raw.split(b"\r\n")[: raw.count(b"\r\n") // 2]) + b"\r\n",
            "empty": b"",
        }.get(illness, raw)
        key = "BODY[]"
        if asked[1] is not None and self.knows_pieces:
            key += f"<{asked[1]}>"
            given = given[int(asked[1]) : int(asked[1]) + int(asked[2])]
        if illness == "nil":
            yield f"{told} {key} NIL)\r\n".encode()
        elif illness == "cut literal":
            yield f"{told} {key} {{{len(given)}}}\r\n".encode() + given[: len(given) // 2]
            raise OSError("hung up")
        else:
            yield f"{told} {key} {{{len(given)}}}\r\n".encode() + given + b")\r\n"
