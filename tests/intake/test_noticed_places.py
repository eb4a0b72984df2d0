"""Folders on servers that no Dovecot plays: without NAMESPACE or with a broken one, marks kept to themselves, folders not listed."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from imapclient import IMAPClient

from tests.servers.odd_imap import Folder, Folders, OddImap
from triaged.config.servers import Imap
from triaged.intake import places
from triaged.intake.places import Places

Find = Callable[..., Places]


@pytest.fixture
def told() -> list[str]:
    """What the servers were asked."""
    return []


@pytest.fixture
def find(told: list[str]) -> Iterator[Find]:
    """Where `folder` is, and what else is asked for, on a server that has such folders."""

    def ask(has: Folders, folder: str = "INBOX", **more: Any) -> Places:
        config = {"host": "127.0.0.1", "user": "help", "password_file": "/none", "after": {"leave": True}}
        with closing(OddImap(has)) as server:
            client = IMAPClient("127.0.0.1", server.port, ssl=False, timeout=20)
            client.login("help", "any")
            try:
                return places.find(client, Imap.model_validate({**config, "folder": folder, **more}))
            finally:
                told.extend(server.told)
                client.shutdown()

    yield ask


def has(*folders: str | Folder, by: str | None = "/", **more: Any) -> Folders:
    return Folders(tuple(one if isinstance(one, Folder) else Folder(one, "", by) for one in folders), **more)


def lacking(name: str, near: str = "", key: str = "folder") -> str:
    return f"the server has no folder {name!r}{near}; create it or change {key}"


ROOT, BELOW = '(("" "/")) NIL NIL', '(("INBOX." ".")) NIL NIL'
UNPARTED = '(("INBOX." NIL)) NIL NIL'
GONE = Folder("Support", "\\NoSelect")


@pytest.mark.parametrize(
    ("folders", "called", "there"),
    [
        (has(), "InBox", "INBOX"),
        (has("Support"), "Support", "Support"),
        (has("Support.EU", by="."), "Support/EU", "Support.EU"),
        (has("Support/EU"), "Support.EU", "Support/EU"),
        (has("Support/EU.1"), "Support/EU.1", "Support/EU.1"),
        (has("Support/EU", by=None), "Support.EU", None),
        (has("INBOX.Support.EU", by=".", namespace=BELOW), "Support/EU", "INBOX.Support.EU"),
        (has("INBOX.Support", by=".", namespace=UNPARTED), "Support", "INBOX.Support"),
        (has("own/Support", namespace='(("" "/")("own/" "/")) NIL NIL'), "Support", "own/Support"),
        # Neither NAMESPACE nor an answer to it that makes sense: below INBOX all the same
        (has("INBOX.Support", by="."), "Support", "INBOX.Support"),
        (has("INBOX/Support", namespace="NIL NIL NIL"), "Support", "INBOX/Support"),
        (has("INBOX.Support", by=".", namespace=""), "Support", "INBOX.Support"),
        (has("INBOX.Support", by=".", namespace="(odd) NIL NIL"), "Support", "INBOX.Support"),
        (has("INBOX.Support", by=".", namespace="NIL"), "Support", "INBOX.Support"),
        (has("INBOX.Support", by=".", namespace="((5 6)) NIL NIL"), "Support", "INBOX.Support"),
        (has("INBOX.Support", by=".", namespace='(("" "/"'), "Support", "INBOX.Support"),
        # A prefix that this server has not
        (has("Support"), "INBOX.Support", "Support"),
        (has("Support"), "inbox/Support", "Support"),
        (has("Support.EU", by="."), "INBOX/Support/EU", "Support.EU"),
        (has("Support"), "INBOX-Support", None),
        # Readable and not listed
        (has("Sales", hidden="shared/Support"), "shared/Support", "shared/Support"),
        (has("Support", refuses="Support"), "Support", "Support"),
        # Listed and not to be opened
        (has(GONE), "Support", None),
        (has(Folder("Support", "\\nonexistent \\HasChildren")), "Support", None),
        (has(Folder("Support", "\\HasNoChildren")), "Support", "Support"),
    ],
)  # fmt: skip
def test_a_folder_is_found_as_this_server_spells_it(
    find: Find, folders: Folders, called: str, there: str | None
) -> None:
    found = find(folders, called)
    assert found.inbox == there
    assert bool(found.faults) is (there is None) and (found.sent, found.move_to) == (None, "")


def test_what_is_not_there_is_told_with_what_is_near_and_which_setting_to_change(
    find: Find, told: list[str]
) -> None:
    assert find(has("Support", "Sales"), "Suport", sent_folder="Sent") == Places(
        None, None, "", (lacking("Suport", "; did you mean 'Support'?"), lacking("Sent", key="sent_folder"))
    )
    # Listed whole once, whatever is looked for
    assert told == ["exact Suport", "list", "status Suport", "exact Sent", "status Sent"]


SENT = Folder("Gesendet", "\\HasNoChildren \\SENT")
ALSO = Folder("Sent Items", "\\Sent")


@pytest.mark.parametrize(
    ("folders", "sent", "is_asked"),
    [
        (has("Sent", SENT, marked=()), "Sent", False),
        (has("Trash", SENT, marked=(ALSO,)), "Gesendet", False),
        (has("Trash", SENT), "Gesendet", False),
        (has("Trash", SENT, ALSO), None, False),
        (has("Trash", "Gesendet", marked=(SENT,)), "Gesendet", True),
        (has("Trash", marked=""), None, True),
        (has("Trash", Folder("Gesendet", "\\Sent \\Noselect")), None, False),
        (has(Folder("Trash", "\\Trash"), marked=()), None, True),
    ],
)
def test_the_sent_folder_is_found_by_its_name_else_by_the_one_mark(
    find: Find, told: list[str], folders: Folders, sent: str | None, is_asked: bool
) -> None:
    found = find(folders, sent_folder="Sent")
    assert (found.inbox, found.sent) == ("INBOX", sent)
    assert [one.partition(";")[0] for one in found.faults] == (
        [] if sent else ["the server has no folder 'Sent'"]
    )
    assert ("marks" in told) is is_asked


@pytest.mark.parametrize(
    ("folders", "called", "made"),
    [
        (has("Done/Triaged"), "Done/Triaged", "Done/Triaged"),
        (has("Sales"), "Done/Triaged", "Done/Triaged"),
        (has("Sales", by="."), "Done/Triaged", "Done.Triaged"),
        (has(), "Done/Triaged", "Done/Triaged"),
        (has("INBOX", by=".", namespace=BELOW), "Done/Triaged", "INBOX.Done.Triaged"),
        (has("INBOX", by=".", namespace=BELOW), "INBOX/Done", "INBOX.Done"),
        (has("INBOX", by=".", namespace='(("INBOX." NIL)("x" "/")) NIL NIL'), "Done/T", "INBOX.Done.T"),
        (has("Sales", Folder("Odd", "", "."), by=None), "Done/Triaged", "Done.Triaged"),
    ],
)  # fmt: skip
def test_a_folder_that_is_still_to_be_made_stands_where_the_server_takes_new_ones(
    find: Find, folders: Folders, called: str, made: str
) -> None:
    assert find(folders, after={"move_to": called}) == Places("INBOX", None, made)


@pytest.mark.parametrize("breaks", ["exact", "list", "namespace", "status", "marks"])
def test_a_line_that_is_gone_is_never_taken_for_a_folder_that_is_not_there(find: Find, breaks: str) -> None:
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        find(has("Sales", namespace=ROOT, marked=(), breaks=breaks), "Support")
