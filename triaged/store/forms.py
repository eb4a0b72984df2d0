"""What a form leaves: half-written texts kept for their writers, and the keys of forms that were taken.

A form's key is random and made with the form. It is taken in the transaction that does what the form says, so that
the same form posted five times, in parallel or by Back, does it once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from triaged.frozen import frozen
from triaged.store.columns import address_key
from triaged.store.connected import Connected, Within
from triaged.store.inserts import upsert
from triaged.store.kept import keep_one
from triaged.store.ledger import claimed_mail
from triaged.store.page_rows import Draft
from triaged.store.page_tables import draft, draft_file, form, said
from triaged.store.pages import sees
from triaged.store.rows import Arrival, ClaimedMail, LetterState, SaidMail
from triaged.store.said import mail_row
from triaged.store.scope import Scope
from triaged.store.tables import letter, mail, ticket
from triaged.tickets.ticket import Attached

_SAID = ("ticket_id", "mail_id", "audience", "by_name", "to", "cc", "files", "text", "words")
MOST_DRAFTS = 50  # of one person


@frozen
class Taken:
    """What a form did when it was taken. `again`: it had been taken before."""

    again: bool
    ticket_id: int | None = None
    mail_id: int | None = None


def key_of_form(key: str) -> str:
    """A form's key as it is kept."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _take(connection: Connection, key: str, now: datetime, ticket_id: int | None) -> Taken:
    row = upsert(connection, form).values(key=key_of_form(key), at=now, ticket_id=ticket_id)
    if connection.scalar(row.on_conflict_do_nothing().returning(form.c.key)) is not None:
        return Taken(False, ticket_id)
    before = connection.execute(select(form).where(form.c.key == key_of_form(key))).one()
    return Taken(True, before.ticket_id, before.mail_id)


class FormWrites(Within):
    """Forms within a transaction on tickets."""

    def is_seen(self, scope: Scope, ticket_id: int) -> bool:
        """Whether there is such a ticket for this reader."""
        query = select(ticket.c.id).where(ticket.c.id == ticket_id, *sees(scope))
        return self._about([ticket_id]).scalar(query) is not None

    def take_back_letter(self, ticket_id: int, kind: str, key: str, reason: str) -> bool:
        """A letter that waits, and that nobody is sending, does not leave; False: it has left, or may have."""
        its = letter.c.ticket_id == ticket_id, letter.c.kind == kind, letter.c.key == key
        waits = letter.c.state == LetterState.WAITING, letter.c.owner.is_(None), letter.c.runs == 0
        gone = (
            update(letter)
            .where(*its, *waits)
            .values(state=LetterState.WITHDRAWN, ready_at=None, error=reason)
        )
        return self._about([ticket_id]).execute(gone.returning(letter.c.id)).first() is not None

    def take_form(self, key: str, now: datetime, ticket_id: int | None) -> Taken:
        """This form is taken, unless it was before."""
        return _take(self._apart(), key, now, ticket_id)


class Forms(Connected):
    """Forms and drafts."""

    def keep_form(self, arrival: Arrival, key: str, now: datetime, told: SaidMail | None = None) -> Taken:
        """A mail written on a page, durable and its form taken when this returns; on a ticket where `told` says so.

        What it says is shown there at once, before the walk takes it up.
        """
        with self._writing() as connection:
            taken = _take(connection, key, now, told.ticket_id if told else None)
            if taken.again:
                return taken
            mail_id = keep_one(connection, arrival, now)
            connection.execute(update(form).where(form.c.key == key_of_form(key)).values(mail_id=mail_id))
            if told is not None:
                heads = {
                    "ticket_id": told.ticket_id,
                    "sender": address_key(told.sender),
                    "subject": told.subject,
                }
                connection.execute(update(mail).where(mail.c.id == mail_id).values(**heads))
                row = dict(zip(_SAID, mail_row(told), strict=True)) | {"mail_id": mail_id}
                connection.execute(insert(said).values(**row))
        return Taken(False, taken.ticket_id, mail_id)

    def keep_claimed(self, arrival: Arrival, owner: str, now: datetime, lease: timedelta) -> ClaimedMail:
        """A mail kept and claimed in one, for who walks it himself at once; dies he, a daemon does when the lease ends."""
        with self._writing() as connection:
            mail_id = keep_one(connection, arrival, now)
            mine = {"owner": owner, "ready_at": now + lease, "runs": 1}
            connection.execute(update(mail).where(mail.c.id == mail_id).values(**mine))
            row = connection.execute(select(mail).where(mail.c.id == mail_id)).one()
        return claimed_mail(row, arrival.raw, len(arrival.raw))

    def taken_form(self, key: str) -> Taken | None:
        """What a form did when it was taken; None: it was not."""
        with self._reading() as connection:
            row = connection.execute(select(form).where(form.c.key == key_of_form(key))).first()
        return Taken(True, row.ticket_id, row.mail_id) if row else None

    def forget_forms(self, before: datetime) -> int:
        """Forms and drafts of long ago go; how many."""
        with self._writing() as connection:
            gone = connection.execute(delete(form).where(form.c.at < before)).rowcount
            old = (
                select(draft.c.address, draft.c.about, draft.c.form)
                .where(draft.c.saved_at < before)
                .limit(500)
            )
            for row in connection.execute(old).all():
                gone += _drop(connection, *row)
        return gone

    def save_draft(self, one: Draft) -> None:
        """Keep a half-written form, in place of the former; the oldest of too many goes."""
        whose = _whose(one.address, one.about, one.form)
        told = {"fields": one.fields, "saved_at": one.saved_at}
        with self._writing() as connection:
            # The page saves as one types, and the form sent saves too: of two at once the second waits for the row.
            row = upsert(connection, draft).values(**whose, **told)
            connection.execute(row.on_conflict_do_update(index_elements=[*whose], set_=told))
            connection.execute(delete(draft_file).where(*_is(draft_file, one.address, one.about, one.form)))
            own = select(draft.c.about, draft.c.form).where(draft.c.address == whose["address"])
            for old in connection.execute(own.order_by(draft.c.saved_at.desc()).offset(MOST_DRAFTS)).all():
                _drop(connection, one.address, *old)
            for place, file in enumerate(one.files):
                connection.execute(
                    insert(draft_file).values(
                        **whose, place=place, name=file.name, type=file.type, content=file.content
                    )
                )

    def draft(self, address: str, about: str, form: str) -> Draft | None:
        """What somebody left half written."""
        with self._reading() as connection:
            row = connection.execute(select(draft).where(*_is(draft, address, about, form))).first()
            if row is None:
                return None
            files = connection.execute(
                select(draft_file).where(*_is(draft_file, address, about, form)).order_by(draft_file.c.place)
            )
            kept = tuple(Attached(one.name, one.type, bytes(one.content)) for one in files)
        return Draft(row.address, row.about, row.form, row.fields, row.saved_at, kept)

    def drop_draft(self, address: str, about: str, form: str) -> None:
        """Discard it."""
        with self._writing() as connection:
            _drop(connection, address, about, form)


def _whose(address: str, about: str, form: str) -> dict[str, str]:
    return {"address": address_key(address), "about": about[:32], "form": form[:16]}


def _is(table: Any, address: str, about: str, form: str) -> list[Any]:
    return [table.c[name] == value for name, value in _whose(address, about, form).items()]


def _drop(connection: Connection, address: str, about: str, form: str) -> int:
    gone = connection.execute(delete(draft).where(*_is(draft, address, about, form))).rowcount
    connection.execute(delete(draft_file).where(*_is(draft_file, address, about, form)))
    return gone
