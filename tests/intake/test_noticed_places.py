"""Folders on servers that no Dovecot plays: without NAMESPACE or with a broken one, marks kept to themselves, folders not listed."""

from __future__ import annotations

import imaplib
from types import SimpleNamespace
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from triaged.config.servers import Imap
from triaged.intake import places
from triaged.intake.places import Places

Folder = tuple[tuple[bytes, ...], bytes | None, str]


class Server:
    """What a server says of its folders; `told` keeps what it was asked."""

    def __init__(
        self, *folders: str | Folder, delimiter: bytes | None = b"/", namespace: Any = None, marks: list[Folder] | Exception | None = None,
        hidden: str = "", refuses: str = "", breaks: str = "",
    ) -> None:  # fmt: skip
        self.folders = [one if isinstance(one, tuple) else ((), delimiter, one) for one in folders]
        self.personal, self.marks, self.hidden, self.refuses, self.breaks = (
            namespace,
            marks,
            hidden,
            refuses,
            breaks,
        )
        self.told: list[str] = []
        self._imap = self

    def has_capability(self, name: str) -> bool:
        return {"NAMESPACE": self.personal is not None, "SPECIAL-USE": self.marks is not None}[name]

    def _asked(self, what: str) -> None:
        self.told.append(what)
        if what.split()[0] == self.breaks:
            raise imaplib.IMAP4.abort("the line is gone")

    def namespace(self) -> Any:
        self._asked("namespace")
        if isinstance(self.personal, Exception):
            raise self.personal
        return SimpleNamespace(personal=self.personal)

    def list_folders(self, directory: str = "", pattern: str = "*") -> list[Folder]:
        self._asked("list" if pattern == "*" else f"exact {pattern}")
        if pattern != "*" and pattern == self.refuses:
            raise IMAPClientError("[CANNOT] outside every namespace")
        return [one for one in self.folders if pattern in ("*", one[2])]

    def folder_status(self, name: str, what: list[str]) -> None:
        self._asked(f"status {name}")
        if name != self.hidden:
            raise IMAPClientError("no such folder")

    # IMAPClient's own insides, by which LIST … RETURN is asked
    def _simple_command(self, *words: str) -> tuple[str, list[bytes]]:
        self._asked("marks")
        assert words == ("LIST", '""', '"*"', "RETURN", "(SPECIAL-USE)")
        return ("NO" if isinstance(self.marks, Exception) else "OK"), [b""]

    def _checkok(self, command: str, kind: str, told: Any) -> None:
        assert command == "LIST"
        if kind != "OK":
            assert isinstance(self.marks, Exception)
            raise self.marks

    def _untagged_response(self, kind: str, told: Any, command: str) -> tuple[str, list[Any]]:
        assert command == "LIST" and not isinstance(self.marks, Exception)
        return kind, list(self.marks or [])

    def _proc_folder_list(self, told: list[Any]) -> list[Any]:
        return told


def found(server: Server, folder: str = "INBOX", **more: Any) -> Places:
    told = {"host": "imap.desk.example", "user": "help", "password_file": "/none", "after": {"leave": True}}
    return places.find(server, Imap.model_validate({**told, "folder": folder, **more}))  # type: ignore[arg-type]


def lacking(name: str, near: str = "", key: str = "folder") -> str:
    return f"the server has no folder {name!r}{near}; create it or change {key}"


DOTS: Any = {"delimiter": b"."}
BELOW: Any = {"delimiter": b".", "namespace": (("INBOX.", "."),)}
GONE: Folder = ((b"\\NoSelect",), b"/", "Support")


@pytest.mark.parametrize(
    ("server", "called", "there"),
    [
        (Server(), "InBox", "INBOX"),
        (Server("Support"), "Support", "Support"),
        (Server("Support.EU", **DOTS), "Support/EU", "Support.EU"),
        (Server("Support/EU"), "Support.EU", "Support/EU"),
        (Server("Support/EU.1"), "Support/EU.1", "Support/EU.1"),
        (Server("Support/EU", delimiter=None), "Support.EU", None),
        (Server("INBOX.Support.EU", **BELOW), "Support/EU", "INBOX.Support.EU"),
        (Server("INBOX.Support", delimiter=b".", namespace=(("INBOX.", None),)), "Support", "INBOX.Support"),
        (Server("own/Support", namespace=(("", "/"), ("own/", "/"))), "Support", "own/Support"),
        # Neither NAMESPACE nor an answer to it that makes sense: below INBOX all the same
        (Server("INBOX.Support", **DOTS), "Support", "INBOX.Support"),
        (Server("INBOX/Support", namespace=()), "Support", "INBOX/Support"),
        (Server("INBOX.Support", namespace=IMAPClientError("BAD"), **DOTS), "Support", "INBOX.Support"),
        (Server("INBOX.Support", namespace=ValueError("odd"), **DOTS), "Support", "INBOX.Support"),
        (Server("INBOX.Support", namespace=TypeError("odd"), **DOTS), "Support", "INBOX.Support"),
        # A prefix that this server has not
        (Server("Support"), "INBOX.Support", "Support"),
        (Server("Support"), "inbox/Support", "Support"),
        (Server("Support.EU", **DOTS), "INBOX/Support/EU", "Support.EU"),
        (Server("Support"), "INBOX-Support", None),
        # Readable and not listed
        (Server("Sales", hidden="shared/Support"), "shared/Support", "shared/Support"),
        (Server("Support", refuses="Support"), "Support", "Support"),
        # Listed and not to be opened
        (Server(GONE), "Support", None),
        (Server(((b"\\nonexistent", b"\\HasChildren"), b"/", "Support")), "Support", None),
        (Server(((b"\\HasNoChildren",), b"/", "Support")), "Support", "Support"),
    ],
)  # fmt: skip
def test_a_folder_is_found_as_this_server_spells_it(server: Server, called: str, there: str | None) -> None:
    places_ = found(server, called)
    assert places_.inbox == there
    assert bool(places_.faults) is (there is None) and (places_.sent, places_.move_to) == (None, "")


def test_what_is_not_there_is_told_with_what_is_near_and_which_setting_to_change() -> None:
    server = Server("Support", "Sales")
    told = found(server, "Suport", sent_folder="Sent")
    assert told == Places(
        None, None, "", (lacking("Suport", "; did you mean 'Support'?"), lacking("Sent", key="sent_folder")),
    )  # fmt: skip
    # Listed whole once, whatever is looked for
    assert server.told == ["exact Suport", "list", "status Suport", "exact Sent", "status Sent"]


SENT: Folder = ((b"\\HasNoChildren", b"\\SENT"), b"/", "Gesendet")
ALSO: Folder = ((b"\\Sent",), b"/", "Sent Items")


@pytest.mark.parametrize(
    ("server", "sent", "asked"),
    [
        (Server("Sent", SENT, marks=[]), "Sent", False),
        (Server("Trash", SENT, marks=[ALSO]), "Gesendet", False),
        (Server("Trash", SENT), "Gesendet", False),
        (Server("Trash", SENT, ALSO), None, False),
        (Server("Trash", "Gesendet", marks=[SENT]), "Gesendet", True),
        (Server("Trash", marks=IMAPClientError("BAD RETURN")), None, True),
        (Server("Trash", ((b"\\Sent", b"\\Noselect"), b"/", "Gesendet")), None, False),
        (Server(((b"\\Trash",), b"/", "Trash"), marks=[]), None, True),
    ],
)
def test_the_sent_folder_is_found_by_its_name_else_by_the_one_mark(
    server: Server, sent: str | None, asked: bool
) -> None:
    told = found(server, sent_folder="Sent")
    assert (told.inbox, told.sent) == ("INBOX", sent)
    assert [one.partition(";")[0] for one in told.faults] == (
        [] if sent else ["the server has no folder 'Sent'"]
    )
    assert ("marks" in server.told) is asked


@pytest.mark.parametrize(
    ("server", "called", "made"),
    [
        (Server("Done/Triaged"), "Done/Triaged", "Done/Triaged"),
        (Server("Sales"), "Done/Triaged", "Done/Triaged"),
        (Server("Sales", **DOTS), "Done/Triaged", "Done.Triaged"),
        (Server(), "Done/Triaged", "Done/Triaged"),
        (Server("INBOX", **BELOW), "Done/Triaged", "INBOX.Done.Triaged"),
        (Server("INBOX", **BELOW), "INBOX/Done", "INBOX.Done"),
        (Server("INBOX", delimiter=b".", namespace=(("INBOX.", None), ("x", "/"))), "Done/T", "INBOX.Done.T"),
        (Server("Sales", (() , b".", "Odd"), delimiter=None), "Done/Triaged", "Done.Triaged"),
    ],
)  # fmt: skip
def test_a_folder_that_is_still_to_be_made_stands_where_the_server_takes_new_ones(
    server: Server, called: str, made: str
) -> None:
    assert found(server, after={"move_to": called}) == Places("INBOX", None, made)


@pytest.mark.parametrize("breaks", ["exact", "list", "namespace", "status", "marks"])
def test_a_line_that_is_gone_is_never_taken_for_a_folder_that_is_not_there(breaks: str) -> None:
    server = Server("Sales", namespace=(("", "/"),), marks=[], breaks=breaks)
    with pytest.raises(imaplib.IMAP4.abort):
        found(server, "Support")
