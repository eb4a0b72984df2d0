"""A person taken out of what the pages show and search: texts of his go, others lose his name and are indexed anew."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, delete, func, select, text, update

from triaged.store import words
from triaged.store.page_tables import draft, draft_file, said
from triaged.store.said import ticket_rows
from triaged.store.tables import letter, mail
from triaged.store.threads import reference
from triaged.store.tickets import whole

_ANEW = ("by_name", "to", "cc", "files", "text")


def erase_said(
    connection: Connection, keys: Collection[str], ids: Collection[int], clean: Callable[[Any], Any]
) -> dict[str, int]:
    """Called when mails, letters and tickets (`ids`) are done; how much of each."""
    forgotten = select(mail.c.id).where(mail.c.ticket_id.in_(ids), mail.c.forgotten_at.is_not(None))
    emptied = select(letter.c.id).where(letter.c.ticket_id.in_(ids), func.length(letter.c.raw) == 0)
    gone = connection.execute(
        delete(said).where(said.c.mail_id.in_(forgotten) | said.c.letter_id.in_(emptied))
    ).rowcount
    subject = func.coalesce(mail.c.subject, letter.c.subject, "").label("subject")
    rows = connection.execute(
        select(said, subject)
        .join(mail, mail.c.id == said.c.mail_id, isouter=True)
        .join(letter, letter.c.id == said.c.letter_id, isouter=True)
        .where(said.c.ticket_id.in_(ids), (said.c.mail_id.is_not(None) | said.c.letter_id.is_not(None)))
    ).all()
    for row in rows:
        told = {name: clean(row._mapping[name]) for name in _ANEW}
        told["words"] = _words(row, told)
        connection.execute(update(said).where(said.c.id == row.id).values(**told))
    _tickets(connection, ids)
    drafts = connection.execute(delete(draft).where(draft.c.address.in_(keys))).rowcount
    connection.execute(delete(draft_file).where(draft_file.c.address.in_(keys)))
    if connection.dialect.name == "sqlite":  # until then the index holds what was deleted from it
        connection.execute(text("INSERT INTO said_words(said_words) VALUES ('optimize')"))
    return {name: number for name, number in (("texts", gone + len(rows)), ("drafts", drafts)) if number}


def _words(row: Any, told: dict[str, Any]) -> str:
    """What it is found by; nothing where it was found by nothing."""
    if not row.words:
        return ""
    whose = row.words.partition(" ")[0] if row.words.startswith("zof") else ""
    names = " ".join(name for name, _, _ in told["files"])
    return f"{whose} {words.indexed(reference(row.ticket_id), row.subject, told['by_name'], names, told['text'])}".strip()


def _tickets(connection: Connection, ids: Collection[int]) -> None:
    for one in whole(connection, ids):
        for ticket_id, audience, *_, found in ticket_rows(one):
            its = said.c.ticket_id == ticket_id, said.c.audience == audience
            apart = said.c.mail_id.is_(None), said.c.letter_id.is_(None)
            connection.execute(update(said).where(*its, *apart).values(words=found))
