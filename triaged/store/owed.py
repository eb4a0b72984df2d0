"""Mails a server owes us: they lie in a folder and were not given whole yet (promise 2).

They stand here so that the folder's cursor may pass them, and so that no restart forgets one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

from triaged.store.connected import Connected, Within, pieces
from triaged.store.inserts import upsert
from triaged.store.rows import OwedMail
from triaged.store.tables import owed_mail

_PLACE = ("mailbox", "folder", "uidvalidity", "uid")
_AGAIN = ("size", "received_at", "failures", "retry_at", "error")


class Owed(Connected):
    """What the IMAP door keeps of mails it could not get, and who looks at it asks."""

    def owe(self, mails: Sequence[OwedMail]) -> None:
        """These were asked for in vain, once more or for the first time. Durable when it returns."""
        if not mails:
            return
        rows = [{column.name: getattr(one, column.name) for column in owed_mail.c} for one in mails]
        with self._writing() as connection:
            row = upsert(connection, owed_mail)
            again = {name: row.excluded[name] for name in _AGAIN}
            connection.execute(row.on_conflict_do_update(index_elements=_PLACE, set_=again), rows)

    def owed(self, mailbox: str | None = None) -> list[OwedMail]:
        """Everything owed, or what is owed to one mailbox; the longest first."""
        query = select(owed_mail).order_by(owed_mail.c.since, *(owed_mail.c[name] for name in _PLACE))
        if mailbox is not None:
            query = query.where(owed_mail.c.mailbox == mailbox)
        with self._reading() as connection:
            return [OwedMail(**row._mapping) for row in connection.execute(query)]

    def owed_no_more(self, mailbox: str, folder: str, uidvalidity: int, uids: Collection[int]) -> None:
        """These are kept, or gone from the server."""
        place = and_(
            owed_mail.c.mailbox == mailbox,
            owed_mail.c.folder == folder,
            owed_mail.c.uidvalidity == uidvalidity,
        )
        with self._writing() as connection:
            for piece in pieces(uids):
                connection.execute(delete(owed_mail).where(place, owed_mail.c.uid.in_(piece)))

    def owed_only_in(self, mailbox: str, folder: str, uidvalidity: int) -> None:
        """The folder was made anew under this UIDVALIDITY: nothing is owed under a former one."""
        former = and_(owed_mail.c.folder == folder, owed_mail.c.uidvalidity != uidvalidity)
        with self._writing() as connection:
            connection.execute(delete(owed_mail).where(owed_mail.c.mailbox == mailbox, former))

    def owed_only_of(self, mailbox: str, folders: Collection[str]) -> None:
        """The mailbox is read from these folders: nothing is owed in another any more."""
        with self._writing() as connection:
            connection.execute(
                delete(owed_mail).where(owed_mail.c.mailbox == mailbox, owed_mail.c.folder.not_in(folders))
            )


class OwedWrites(Within):
    """Telling staff, in the transaction that writes the letter."""

    def told_of_owed(self, mails: Sequence[OwedMail], now: datetime) -> None:
        """Staff are written to about these."""
        for some in pieces(mails):
            these = or_(*(and_(*(owed_mail.c[n] == getattr(one, n) for n in _PLACE)) for one in some))
            self._apart().execute(update(owed_mail).where(these).values(told_at=now))
