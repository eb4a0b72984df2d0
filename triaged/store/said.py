"""What was said on tickets, kept beside the raw mail: shown by the pages without reading a mail again, and searched.

A row is written in the transaction that records its mail, writes its letter or changes its ticket; what an older
version recorded gets its rows afterwards, in steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, bindparam, delete, func, insert, select, text, update

from triaged.letters import kinds
from triaged.letters.invitation import is_session_entry
from triaged.store import words
from triaged.store.columns import Words
from triaged.store.connected import Within
from triaged.store.deferred import Later
from triaged.store.inserts import upsert_in
from triaged.store.page_tables import said, tag
from triaged.store.rows import SaidMail
from triaged.store.tables import letter
from triaged.tickets.event_data import CaseMoved
from triaged.tickets.ticket import Happening, Letter, Ticket

LONGEST = 100_000  # characters of a text that are kept here; the raw mail has them all
LONGEST_TAG = 100
_COLUMNS = ("ticket_id", "mail_id", "audience", "by_name", "to", "cc", "files", "text", "words")
TICKETS = ("ticket_id", "audience", "by_name", "to", "cc", "files", "text", "words")
_FOUND_BY = (
    "subject", "account_name", "account_key", "superadmin_email", "service", "people", "partner_domain", "engineering",
)  # fmt: skip


def _anew(where: str, *by: str) -> Any:
    def spelt(dialect: str, table: Table) -> Any:
        row = upsert_in(dialect, table)
        told = {name: row.excluded[name] for name in _COLUMNS if name not in by}
        told = {name: value for name, value in told.items() if name != "mail_id"}
        return row.on_conflict_do_update(index_elements=[*by], index_where=text(where), set_=told)

    return spelt


def _of_letter(_dialect: str, table: Table) -> Any:
    """Of the letter with this Message-ID, whose number need not be known yet."""
    told = {name: bindparam(name, type_=said.c[name].type) for name in TICKETS}
    by_id = letter.c.message_id == bindparam("message_id", type_=Words)
    return insert(table).from_select(["letter_id", *told], select(letter.c.id, *told.values()).where(by_id))


_MAILS = Later(said, _COLUMNS, _anew("mail_id IS NOT NULL", "mail_id"))
_TICKETS = Later(said, TICKETS, _anew("mail_id IS NULL AND letter_id IS NULL", "ticket_id", "audience"))
_LETTERS = Later(said, (*TICKETS, "message_id"), _of_letter)
_TAGS = Later(tag, ("name", "ticket_id"))


def mail_row(one: SaidMail) -> tuple[Any, ...]:
    """A mail's row."""
    names = [name for name, _, _ in one.files]
    found = words.indexed(
        one.reference, one.subject, one.sender, one.by_name, " ".join((*one.more, *names)), one.text
    )
    text_, whose = one.text[:LONGEST], words.of_partner(one.partner) if one.audience == "partner" else ""
    return (
        one.ticket_id, one.mail_id, one.audience, one.by_name, one.to, one.cc, one.files, text_, f"{whose} {found}".strip(),
    )  # fmt: skip


def letter_row(one: Letter, ticket_id: int, partner: str | None, *, kind: str = "") -> tuple[Any, ...]:
    """A letter's, without its number. What a machine writes to everybody is found by nobody."""
    row = kinds.of(kind or one.kind)
    machine = row.replies or row.reminds or row.copies or one.audience != "partner"
    found = "" if machine else f"{words.of_partner(partner)} {words.indexed(one.subject, one.body)}".strip()
    return (ticket_id, one.audience, one.author, (), (), _files(one), one.body[:LONGEST], found)


def ticket_rows(one: Ticket) -> list[tuple[Any, ...]]:
    """What a ticket itself is found by: one row for all who may see it, one for staff alone."""
    shown = [one.reference, one.subject, one.service or ""]
    shown += [word for person in one.people for word in (person.address, person.name)]
    cases = (CaseMoved.of(event).case for event in one.events if event.kind is Happening.CASE_MOVED)
    shown += dict.fromkeys(cases)
    partner = f"{words.of_partner(one.partner_domain)} {words.indexed(*shown)}".strip()
    hidden = (one.account_name, one.account_key, one.superadmin_email, one.partner_domain, one.assigned_to)
    staff = words.indexed(*(word for word in hidden if word))
    return [
        (one.id, audience, "", (), (), (), "", found)
        for audience, found in (("partner", partner), ("staff", staff))
    ]


def _files(one: Letter) -> list[tuple[str, str, int]]:
    """Those that pages may hand out; a meeting's invitation, which has no other file beside it, is none."""
    return [
        (file.name, file.type, len(file.content))
        for file in one.files
        if not is_session_entry(bytes(file.content))
    ]


def _is_found_otherwise(before: Ticket, after: Ticket) -> bool:
    if any(getattr(before, name) != getattr(after, name) for name in _FOUND_BY):
        return True
    return any(event.kind is Happening.CASE_MOVED for event in after.events[len(before.events) :])


class SaidWrites(Within):
    """What the pen tells of mails, letters and tickets."""

    def tell(self, one: SaidMail) -> None:
        """What a mail says; told again, it is written anew."""
        self._later(_MAILS, [mail_row(one)], about=())

    def _tell_letters(
        self, letters: Sequence[Letter], ids: Sequence[str], ticket_id: int, partner: str | None
    ) -> None:
        rows = zip(letters, ids, strict=True)
        told = [
            (*letter_row(one, ticket_id, partner), by_id) for one, by_id in rows if one.audience == "partner"
        ]
        self._later(_LETTERS, told, about=())

    def _tell_opened(self, opened: Ticket) -> None:
        self._later(_TICKETS, ticket_rows(opened), about=())
        self._later(_TAGS, _tag_rows(opened), about=[opened.id])

    def _tell_saved(self, before: Ticket, after: Ticket) -> None:
        """What a changed ticket is found by, and its tags; a text of another partner's is no longer that one's."""
        if before.tags != after.tags:
            self._about([after.id]).execute(delete(tag).where(tag.c.ticket_id == after.id))
            self._later(_TAGS, _tag_rows(after), about=[after.id])
        if _is_found_otherwise(before, after):
            self._later(_TICKETS, ticket_rows(after), about=())
        if before.partner_domain != after.partner_domain:
            self._hand_on(after.id, before.partner_domain, after.partner_domain)

    def _hand_on(self, ticket_id: int, was: str | None, now: str | None) -> None:
        self.finish()
        whose = func.replace(said.c.words, words.of_partner(was), words.of_partner(now))
        its = update(said).where(said.c.ticket_id == ticket_id, said.c.audience == "partner")
        self._apart().execute(its.values(words=whose))


def _tag_rows(one: Ticket) -> list[tuple[str, int]]:
    return [(name, one.id) for name in dict.fromkeys(name[:LONGEST_TAG] for name in one.tags)]
