"""Copies of letters for the mailbox's Sent folder, so that staff see there what the partner was told.

That a copy is owed is written with the letter's leaving, and taken back when it lies there: whoever dies in between
files it later. Before each the folder is asked for its Message-ID, since some servers file what they send by
themselves, and we may have died behind an APPEND. Filed letters are read like all that is new in Sent and known as
ours by that id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from triaged.intake.imap import said
from triaged.store.service_rows import Unfiled

_SEEN = rb"\Seen"


class Ledger(Protocol):
    """What is asked of the store."""

    def letters_to_file(self, mailbox: str, limit: int = 50) -> list[Unfiled]:
        """Letters that left and do not lie there yet."""

    def letters_filed(self, ids: Collection[int]) -> None:
        """These lie there now."""


def file_letters(
    client: IMAPClient, sent: str, ledger: Ledger, mailbox: str, go_on: Callable[[], bool]
) -> str:
    """File what is owed; why a copy was refused, "" where all went well. Raises what a broken connection raises."""
    refused, chosen = "", False
    while not refused and (owed := ledger.letters_to_file(mailbox)):
        if not chosen:
            client.select_folder(sent, readonly=True)
            chosen = True
        for letter in owed:
            if not go_on():
                return ""
            try:
                if not client.search(["HEADER", "Message-ID", letter.message_id.strip("<>")]):
                    client.append(sent, letter.raw, flags=[_SEEN], msg_time=letter.sent_at)
            except IMAPClientError as error:
                if isinstance(error, IMAPClient.AbortError):
                    raise
                refused = f"letters cannot be filed in {sent}: {said(error)}"
                break
            ledger.letters_filed([letter.id])
    return refused
