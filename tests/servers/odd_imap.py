"""An IMAP server whose folders are as told: without NAMESPACE or with a broken one, with marks it keeps to itself, with folders it does not list.

Nothing but what is asked to find folders is answered. `told` keeps what was asked, a word and a name each.
"""

from __future__ import annotations

import contextlib
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from tests.servers.listening import Listening


@dataclass(frozen=True)
class Folder:
    """One line of LIST. `delimiter` None: told as NIL."""

    name: str
    marks: str = ""
    delimiter: str | None = "/"


@dataclass(frozen=True)
class Folders:
    """What the server has. `namespace` is its answer as it goes over the line, "" for a BAD, None where it has none.

    `marked`: what LIST … RETURN (SPECIAL-USE) tells, "" for a BAD, None where it has none. `hidden`: a folder that can
    be opened and is not listed; `refuses`: a name LIST answers with NO; `breaks`: the word at which it hangs up.
    """

    folders: tuple[Folder, ...] = ()
    namespace: str | None = None
    marked: tuple[Folder, ...] | str | None = None
    hidden: str = ""
    refuses: str = ""
    breaks: str = ""


class OddImap(Listening):
    """Listens on 127.0.0.1:`port`; any user, any password."""

    def __init__(self, folders: Folders) -> None:
        self.has = folders
        self.told: list[str] = []
        super().__init__()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock, sock.makefile("rwb") as line:
            line.write(f"* OK [CAPABILITY {self._capabilities()}] odd\r\n".encode())
            line.flush()
            while said := line.readline():
                tag, word, *rest = shlex.split(said.decode())
                answers = list(self._answers(word.upper(), rest))
                if not answers or answers[-1].startswith("* "):
                    answers.append("OK done")
                answers[-1] = f"{tag} {answers[-1]}"
                line.write("".join(f"{one}\r\n" for one in answers).encode())
                line.flush()

    def _capabilities(self) -> str:
        has = {"NAMESPACE": self.has.namespace, "SPECIAL-USE": self.has.marked}
        return " ".join(("IMAP4rev1", *(name for name, told in has.items() if told is not None)))

    def _answers(self, word: str, rest: list[str]) -> Iterator[str]:
        """Lines; the last may be the outcome, else it is OK."""
        if word == "CAPABILITY":
            yield f"* CAPABILITY {self._capabilities()}"
        elif word == "NAMESPACE":
            self._note("namespace")
            yield f"* NAMESPACE {self.has.namespace}" if self.has.namespace else "BAD what?"
        elif word == "STATUS":
            self._note(f"status {rest[0]}")
            is_there = rest[0] == self.has.hidden
            yield f'* STATUS "{rest[0]}" (UIDVALIDITY 7)' if is_there else "NO no such folder"
        elif word == "LIST":
            yield from self._listed(*rest)

    def _listed(self, _directory: str, pattern: str, *asked: str) -> Iterator[str]:
        self._note("marks" if asked else "list" if pattern == "*" else f"exact {pattern}")
        found = self.has.marked if asked else self.has.folders
        if isinstance(found, str):
            yield "BAD no RETURN here"
        elif pattern == self.has.refuses:
            yield "NO [CANNOT] outside every namespace"
        else:
            for one in found or ():
                if pattern in ("*", one.name):
                    parted = "NIL" if one.delimiter is None else f'"{one.delimiter}"'
                    yield f'* LIST ({one.marks}) {parted} "{one.name}"'

    def _note(self, what: str) -> None:
        self.told.append(what)
        if what.partition(" ")[0] == self.has.breaks:
            raise OSError("hung up")
