"""Where the link of a screen-sharing session comes from: staff, the rulebook's template, or its command.

That none could be made stops nothing: the time stands, the host is told, and gives the link by hand.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import datetime
from urllib.parse import quote

from triaged import maillog
from triaged.edge.bounded_run import RunFailed, run
from triaged.frozen import frozen
from triaged.meetings.meeting import Access, Meeting
from triaged.promises.screen_sharing import ScreenSharing, is_link, is_passcode
from triaged.tickets.ticket import Ticket


@frozen
class Found:
    """How to get in, as far as anybody says; `fault`: why nobody does."""

    access: Access
    fault: str = ""


def for_time(
    ticket: Ticket,
    meeting: Meeting,
    starts: datetime,
    offered: ScreenSharing | None,
    known: Access,
    allowed: Collection[str],
) -> Found:
    """The access to a session at a time: what is known of it, else what the rulebook's template or command makes.

    `allowed`: the programs that the config lets a rulebook run. Leads edit rulebooks in a browser; what runs on the
    machine is its admin's to say.
    """
    if known.link or offered is None:
        return Found(known)
    if offered.template:
        link = _filled(offered.template, ticket, meeting)
        if not is_link(link):
            return Found(known, "the template of links (screen_sharing.meeting.template) makes none here")
        return Found(Access(link, known.passcode))
    if not offered.command:
        return Found(known)
    if (refused := not_allowed(offered, allowed)) is not None:
        maillog.meeting_without_link(ticket.reference, refused)
        return Found(known, refused)
    try:
        return Found(_printed(offered, ticket, meeting, starts))
    except RunFailed as fault:
        maillog.meeting_without_link(ticket.reference, str(fault))
        return Found(known, f"the program that makes links failed: {fault}")


def not_allowed(offered: ScreenSharing | None, allowed: Collection[str]) -> str | None:
    """Why the rulebook's program is not run, with the remedy; None where it may be or there is none."""
    if offered is None or not offered.command or offered.command[0] in allowed:
        return None
    program = offered.command[0]
    return (
        f"screen_sharing.meeting.command: {program} is not allowed; add it to meeting_programs in the config"
    )


def _filled(template: str, ticket: Ticket, meeting: Meeting) -> str:
    return template.format(
        reference=ticket.reference,
        number=meeting.number,
        host=quote(meeting.host.partition("@")[0], safe=""),
        random=secrets.token_urlsafe(16),
        digits=f"{secrets.randbelow(10**9):09d}",
    )


def _printed(offered: ScreenSharing, ticket: Ticket, meeting: Meeting, starts: datetime) -> Access:
    """Its first line is the link, the second, if there is one, the passcode."""
    told = {
        "reference": ticket.reference,
        "number": meeting.number,
        "uid": meeting.uid,
        "host": meeting.host,
        "starts": starts.isoformat(),
        "minutes": meeting.minutes,
    }
    heard = run(offered.command, json.dumps(told).encode() + b"\n", offered.timeout.total_seconds())
    lines = [line.strip() for line in heard.decode("utf-8", "replace").splitlines() if line.strip()]
    if not lines or not is_link(lines[0]):
        raise RunFailed(f"{offered.command[0]} printed no link that begins with https://")
    passcode = lines[1] if len(lines) > 1 else ""
    if not is_passcode(passcode):
        raise RunFailed(f"{offered.command[0]} printed a passcode of more than 100 characters")
    return Access(lines[0], passcode)
