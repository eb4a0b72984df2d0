"""Letters to staff that are of no single ticket: the morning digest, a refused rulebook. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from triaged.letters import context as contexts
from triaged.letters.context import Context, Desk, Row
from triaged.letters.templates import FALLBACK, Letters
from triaged.letters.wording import Words, one_line
from triaged.promises import clocks
from triaged.promises.service_levels import Promises
from triaged.tickets.ticket import Letter, Ticket

STAFF_LANGUAGE = FALLBACK


def rulebook_refused(lines: Sequence[str], letters: Letters, desk: Desk, now: datetime) -> Letter | None:
    """Tells staff that a reload failed, with every complaint (at most fifty)."""
    context = contexts.at_desk(letters.words(STAFF_LANGUAGE), desk, now)
    context = replace(context, reasons=tuple(one_line(line, 300) for line in lines[:50]))
    return _desk_letter("rulebook_refused", f"rulebook-refused@{now:%Y%m%dT%H%M%S}", letters, desk, context)


def mail_owed(lines: Sequence[str], key: str, letters: Letters, desk: Desk, now: datetime) -> Letter | None:
    """Tells staff of mails that their mail server does not give, each in a line. `key`: of this telling."""
    context = contexts.at_desk(letters.words(STAFF_LANGUAGE), desk, now)
    context = replace(context, reasons=tuple(one_line(line, 400) for line in lines))
    if "mail_owed" in letters.names:
        return _desk_letter("mail_owed", key, letters, desk, context)
    if not desk.alert:
        return None
    subject = f"triaged: mail of {desk.address} that its server does not give"
    return Letter(
        "mail_owed", key, "staff", desk.mailbox, desk.alert, subject, "\n".join(context.reasons) + "\n"
    )


def unplaced(
    subject: str, sender: str, why: str, excerpt: str, key: str, letters: Letters, desk: Desk, now: datetime
) -> Letter | None:
    """Tells staff of a mail that belongs to no ticket and opens none, and that somebody should look at."""
    context = replace(
        contexts.at_desk(letters.words(STAFF_LANGUAGE), desk, now),
        subject=one_line(subject, 150),
        partner=one_line(sender, 200),
        reasons=(one_line(why, 300),),
        excerpt=excerpt,
    )
    return _desk_letter("unplaced", f"unplaced:{key}", letters, desk, context)


def digest(
    desk: Desk, tickets: Sequence[Ticket], letters: Letters, promises: Promises, now: datetime
) -> Letter | None:
    """The morning's list of a mailbox: missed, due today, waiting, to review. None when nothing is open."""
    words = letters.words(STAFF_LANGUAGE)
    zone = contexts.zone_of(desk.time_zone)
    rows: dict[str, list[tuple[datetime, Row]]] = {title: [] for title in _DIGEST}
    for ticket in tickets:
        if ticket.mailbox == desk.mailbox and ticket.state in ("new", "open", "waiting"):
            title, at, row = _digest_row(ticket, promises, words, zone, now)
            rows[title].append((at, row))
    sections = tuple((title, tuple(r for _, r in sorted(found, key=lambda f: f[0]))) for title, found in rows.items() if found)  # fmt: skip
    if not sections:
        return None
    context = replace(
        contexts.at_desk(words, desk, now),
        sections=sections,
        rows=tuple(row for _, found in sections for row in found),
    )
    return _desk_letter("digest", f"digest@{now.astimezone(zone):%Y-%m-%d}", letters, desk, context)


_DIGEST = ("Missed", "To review", "Due", "Waiting on the partner", "No promise pending")


def _digest_row(
    ticket: Ticket, promises: Promises, words: Words, zone: Any, now: datetime
) -> tuple[str, datetime, Row]:
    pending = [
        c for c in clocks.commitments(ticket, promises, now) if c.met_at is None and c.state != "cancelled"
    ]
    nearest = min(pending, key=lambda c: c.due, default=None)
    if any(c.state == "missed" for c in pending):
        title = "Missed"
    elif ticket.reviews:
        title = "To review"
    elif ticket.state == "waiting":
        title = "Waiting on the partner"
    else:
        title = "Due" if nearest else "No promise pending"
    due = words.moment(nearest.due, zone) if nearest else ""
    what = words.commitments.get(nearest.kind, nearest.kind) if nearest else ""
    row = Row(
        ticket.reference, str(ticket.severity), str(ticket.state), one_line(ticket.subject, 90), what, due
    )
    return title, nearest.due if nearest else ticket.updated_at, row


def _desk_letter(kind: str, key: str, letters: Letters, desk: Desk, context: Context) -> Letter | None:
    if not desk.alert:
        return None
    written = letters.write(kind, STAFF_LANGUAGE, context)
    return Letter(kind, key, "staff", desk.mailbox, desk.alert, written.subject, written.body)
