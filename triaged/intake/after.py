"""What becomes of a mail on the server once it is kept: moved, flagged, or left (config `after`).

In batches: one MOVE costs the server a sync of its disk. Doing it twice does no harm: uids that are gone
are passed over by the server.
"""

from __future__ import annotations

from collections.abc import Sequence

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from triaged.config import After
from triaged.intake.fetch import BROKEN

UIDS_A_COMMAND = 500


def settle(client: IMAPClient, uids: Sequence[int], after: After) -> None:
    """Do with these uids of the selected folder what the config says. Raises what the server answers."""
    for start in range(0, len(uids), UIDS_A_COMMAND):
        some = list(uids[start : start + UIDS_A_COMMAND])
        if after.action == "flag":
            client.add_flags(some, [after.argument], silent=True)
        elif after.action == "move_to":
            _move(client, some, after.argument)


def _move(client: IMAPClient, uids: list[int], folder: str) -> None:
    try:
        _move_into(client, uids, folder)
    except BROKEN:
        raise
    except IMAPClientError:
        if client.folder_exists(folder):
            raise
        client.create_folder(folder)
        client.subscribe_folder(folder)
        _move_into(client, uids, folder)


def _move_into(client: IMAPClient, uids: list[int], folder: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, folder)
        return
    there = client.search(["UID", ",".join(map(str, uids))])
    if not there:
        return
    client.copy(there, folder)
    client.delete_messages(there, silent=True)
    # Without UIDPLUS an EXPUNGE would also remove what people have marked \Deleted themselves.
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(there)
