"""Where a mailbox's folders are on its server: the config's names, found by NAMESPACE and SPECIAL-USE.

Courier, Cyrus and many Dovecots keep every folder below `INBOX.`, call Sent "Sent Items" and mark it \\Sent, or
part names by "." where the config has "/". A name is taken as it stands if there is such a folder; else as it
reads below the server's own prefix and with its delimiter; a Sent folder also by its mark.
"""

from __future__ import annotations

from collections.abc import Iterator

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from triaged.config.servers import Imap
from triaged.frozen import frozen
from triaged.intake.fetch import BROKEN
from triaged.spec.did_you_mean import did_you_mean

_NO_FOLDERS = {b"\\noselect", b"\\nonexistent"}


@frozen
class Places:
    """The server's names; None: not configured, or not found, which `faults` then say with a remedy.

    `move_to` may be a folder that is still to be made: then it stands where the server takes new ones.
    """

    inbox: str | None
    sent: str | None = None
    move_to: str = ""
    faults: tuple[str, ...] = ()


def find(client: IMAPClient, imap: Imap) -> Places:
    """Where this mailbox's folders are. Raises what the server answers to LIST."""
    server = _Server(client)
    faults = []
    inbox = server.named(imap.folder)
    if inbox is None:
        faults.append(server.lacks(imap.folder, "folder"))
    sent = None
    if imap.sent_folder is not None:
        sent = server.named(imap.sent_folder) or server.marked(b"\\sent")
        if sent is None:
            faults.append(server.lacks(imap.sent_folder, "sent_folder"))
    move_to = ""
    if imap.after.action == "move_to":
        move_to = server.named(imap.after.argument) or server.new(imap.after.argument)
    return Places(inbox, sent, move_to, tuple(faults))


class _Server:
    """What a server tells of its folders; asked only for what an exact name leaves open."""

    def __init__(self, client: IMAPClient) -> None:
        self.client = client
        self._listed: dict[str, frozenset[bytes]] | None = None
        self._delimiter = ""

    def named(self, name: str) -> str | None:
        """The folder the config means by a name."""
        if name.upper() == "INBOX":
            return "INBOX"
        if self._is_there(name):
            return name
        folders = self._folders()
        for one in self._readings(name):
            if one in folders:
                return one
        return name if self._opens(name) else None

    def _opens(self, name: str) -> bool:
        """Whether a folder is there all the same: a shared one may be readable and not listed."""
        try:
            self.client.folder_status(name, ["UIDVALIDITY"])
        except BROKEN:
            raise
        except IMAPClientError:
            return False
        return True

    def marked(self, use: bytes) -> str | None:
        """The folder of a special use (RFC 6154), if there is exactly one."""
        found = [name for name, flags in self._folders().items() if use in flags]
        return found[0] if len(found) == 1 else None

    def new(self, name: str) -> str:
        """What a folder of this name has to be called when it is made."""
        self._folders()
        prefix, delimiter = self._namespaces()[0]
        spelt = name.replace("/", delimiter or self._delimiter or "/")
        return spelt if spelt.startswith(prefix) else prefix + spelt

    def lacks(self, name: str, key: str) -> str:
        """That a folder is missing, and what to do about it."""
        near = did_you_mean(name, self._folders())
        return f"the server has no folder {name!r}{near}; create it or change {key}"

    def _readings(self, name: str) -> Iterator[str]:
        """How the server may spell it: below its prefix, with its delimiter; or without a prefix it lacks."""
        for prefix, delimiter in (*self._namespaces(), ("INBOX" + self._delimiter, self._delimiter)):
            for spelt in dict.fromkeys((name, _translated(name, delimiter or self._delimiter))):
                yield spelt
                yield prefix + spelt
        bare = name[6:] if name[:6].upper() in ("INBOX.", "INBOX/") else name
        yield from (bare, _translated(bare, self._delimiter))

    def _namespaces(self) -> list[tuple[str, str]]:
        """Prefix and delimiter of our own folders; the first is where new ones are made."""
        if self.client.has_capability("NAMESPACE"):
            try:
                own = [
                    (prefix, delimiter or "") for prefix, delimiter in self.client.namespace().personal or ()
                ]
                if own and all(isinstance(part, str) for pair in own for part in pair):
                    return own
            except BROKEN:
                raise
            except (IMAPClientError, ValueError, TypeError):  # a server that names it and cannot answer it
                pass
        return [("", "")]

    def _folders(self) -> dict[str, frozenset[bytes]]:
        """Every folder that can be selected, with its flags in lower case."""
        if self._listed is None:
            self._listed = {}
            for flags, delimiter, name in self._list():
                marks = frozenset(flag.lower() for flag in flags if isinstance(flag, bytes))
                self._delimiter = self._delimiter or (delimiter or b"").decode("ascii", "replace")
                if not marks & _NO_FOLDERS:
                    self._listed[name] = marks
        return self._listed

    def _list(self) -> list[tuple[tuple[bytes, ...], bytes | None, str]]:
        """LIST; where the server has SPECIAL-USE and keeps the marks to itself, asked for them too."""
        plain = list(self.client.list_folders())
        if self.client.has_capability("SPECIAL-USE") and not any(
            b"\\sent" in map(bytes.lower, f) for f, _, _ in plain
        ):
            try:
                plain += _special_use(self.client)
            except BROKEN:
                raise
            except IMAPClientError:  # it has the marks, and not RETURN: then plain LIST has told all there is
                pass
        return plain

    def _is_there(self, name: str) -> bool:
        """Whether there is a folder of exactly this name that can be selected."""
        try:
            told = self.client.list_folders("", name)
        except BROKEN:
            raise
        except IMAPClientError:  # a name outside every namespace is refused by some
            return False
        return any(not {flag.lower() for flag in flags} & _NO_FOLDERS for flags, _, _ in told)


def _special_use(client: IMAPClient) -> list[tuple[tuple[bytes, ...], bytes | None, str]]:
    """LIST … RETURN (SPECIAL-USE), which IMAPClient does not know."""
    server = client._imap
    kind, told = server._simple_command("LIST", '""', '"*"', "RETURN", "(SPECIAL-USE)")
    client._checkok("LIST", kind, told)
    kind, told = server._untagged_response(kind, told, "LIST")
    return list(client._proc_folder_list(told))


def _translated(name: str, delimiter: str) -> str:
    """A name parted by "/" or "." as this server parts names."""
    if not delimiter or delimiter in name:
        return name
    return name.replace("/" if "/" in name else ".", delimiter)
