"""Letters to staff that are of no single ticket: the morning digest, a refused rulebook. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triaged.letters.compose import EXCERPT
from triaged.letters.context import Row
from triaged.letters.wording import one_line
from triaged.letters.writer import Writer
from triaged.promises import clocks
from triaged.tickets.ticket import LIVE, Letter, Ticket


def rulebook_refused(writer: Writer, lines: Sequence[str]) -> Letter | None:
    """Tells staff that a reload failed, with every complaint (at most fifty)."""
    reasons = tuple(one_line(line, 300) for line in lines[:50])
    return writer.to_desk("rulebook_refused", f"rulebook-refused@{writer.now:%Y%m%dT%H%M%S}", reasons=reasons)


def reload_refused(writer: Writer, lines: Sequence[str]) -> Letter | None:
    """The same where the config, the directory or anything else but the rulebook is at fault."""
    reasons = tuple(one_line(line, 300) for line in lines[:50])
    subject = "triaged: a reload was refused, what stood before stays in force"
    return _listed(writer, "reload_refused", f"reload-refused@{writer.now:%Y%m%dT%H%M%S}", subject, reasons)


def mail_owed(writer: Writer, lines: Sequence[str], key: str) -> Letter | None:
    """Tells staff of mails that their mail server does not give, each in a line. `key`: of this telling."""
    reasons = tuple(one_line(line, 400) for line in lines)
    subject = f"triaged: mail of {writer.desk.address} that its server does not give"
    return _listed(writer, "mail_owed", key, subject, reasons)


def mail_quarantined(writer: Writer, number: int, author: str, why: str) -> Letter | None:
    """Tells staff of a mail that nothing came of however often it was tried; `author`: who says he wrote it."""
    told = (
        f"mail {number}, from {one_line(author, 200) or 'nobody'}: {one_line(why, 300)}",
        f"`triaged mail show {number} --raw` shows it, `triaged quarantine replay {number}` tries it again.",
    )
    subject = f"triaged: mail {number} of {writer.desk.address} is in quarantine"
    return _listed(writer, "mail_quarantined", f"quarantined:{number}", subject, told)


def _listed(writer: Writer, kind: str, key: str, subject: str, reasons: tuple[str, ...]) -> Letter | None:
    """By its template, or a plain list where the rulebook has none."""
    if kind in writer.letters.names:
        return writer.to_desk(kind, key, reasons=reasons)
    desk = writer.desk
    if not desk.alert:
        return None
    return Letter(kind, key, "staff", desk.mailbox, desk.alert, subject, "\n".join(reasons) + "\n")


def unplaced(writer: Writer, key: str, *, subject: str, sender: str, why: str, excerpt: str) -> Letter | None:
    """Tells staff of a mail that belongs to no ticket and opens none, and that somebody should look at."""
    return writer.to_desk(
        "unplaced",
        f"unplaced:{key}",
        subject=one_line(subject, 150),
        partner=one_line(sender, 200),
        reasons=(one_line(why, 300),),
        excerpt=excerpt[:EXCERPT],
    )


def digest(writer: Writer, tickets: Sequence[Ticket]) -> Letter | None:
    """The morning's list of a mailbox: missed, due today, waiting, to review. None when nothing is open."""
    rows: dict[str, list[tuple[datetime, Row]]] = {title: [] for title in _DIGEST}
    for ticket in tickets:
        if ticket.mailbox == writer.desk.mailbox and ticket.state in LIVE:
            title, at, row = _digest_row(writer, ticket)
            rows[title].append((at, row))
    sections = tuple((title, tuple(r for _, r in sorted(found, key=lambda f: f[0]))) for title, found in rows.items() if found)  # fmt: skip
    if not sections:
        return None
    key = f"digest@{writer.now.astimezone(writer.desk_zone):%Y-%m-%d}"
    return writer.to_desk(
        "digest", key, sections=sections, rows=tuple(row for _, found in sections for row in found)
    )


_DIGEST = ("Missed", "To review", "Due", "Waiting on the partner", "No promise pending")


def _digest_row(writer: Writer, ticket: Ticket) -> tuple[str, datetime, Row]:
    words = writer.staff_words
    found = clocks.commitments(ticket, writer.promises, writer.now)
    pending = [c for c in found if c.met_at is None and c.state != "cancelled"]
    nearest = min(pending, key=lambda c: c.due, default=None)
    if any(c.state == "missed" for c in pending):
        title = "Missed"
    elif ticket.reviews:
        title = "To review"
    elif ticket.state == "waiting":
        title = "Waiting on the partner"
    else:
        title = "Due" if nearest else "No promise pending"
    due = words.moment(nearest.due, writer.desk_zone) if nearest else ""
    what = words.commitments.get(nearest.kind, nearest.kind) if nearest else ""
    row = Row(
        ticket.reference, str(ticket.severity), str(ticket.state), one_line(ticket.subject, 90), what, due
    )
    return title, nearest.due if nearest else ticket.updated_at, row
