"""A meeting as a calendar object that mail carries (iTIP, RFC 5546; iMIP, RFC 6047). PURE.

One UID for ever; each move and the cancelling raise SEQUENCE. Times are written in UTC: clients show the reader's
own, and zone blocks are misread by some (docs/decisions.md). What strangers may have written (names, subjects)
goes through `one_line` or `_lines`, so that nothing of it begins a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from triaged.frozen import frozen
from triaged.letters.mime import can_hold
from triaged.letters.wording import one_line
from triaged.tickets.ticket import Attached

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

Method = Literal["REQUEST", "CANCEL"]
FILE = "invite.ics"
REMIND = timedelta(minutes=15)  # before the meeting, by the reader's own calendar
MOST_ATTENDEES, LONGEST_MEETING = 50, 24 * 60
_PRODUCT = "-//triaged//screen-sharing sessions//EN"
_LONGEST_FILE = 256 * 1024
_LONGEST_LINE, _MOST_LINES, _LONGEST_NAME = 1_000, 100, 80
OURS = "screen-sharing-"  # what each UID of ours begins with
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{7,199}")


@frozen
class Party:
    """Who calls the meeting or is called to it; the name may be empty."""

    address: str
    name: str = ""


@frozen
class Invitation:
    """What one calendar object tells. `starts`: aware; `minutes`: how long it lasts; `sequence`: from 0.

    `organiser` is the address that mails it: another From makes clients drop the buttons to answer.
    """

    uid: str
    sequence: int
    method: Method
    organiser: Party
    attendees: tuple[Party, ...]
    starts: datetime
    minutes: int
    summary: str
    description: str = ""
    location: str = ""


def compose(invitation: Invitation, now: datetime) -> bytes:
    """The object: UTF-8, CRLF, folded at 75 octets. `now`: aware, the moment it is written (DTSTAMP).

    Raises ValueError for a UID, address, time, length or number that cannot stand in one.
    """
    from icalendar import Calendar

    _check(invitation, now)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", invitation.method)
    calendar.add_component(_event(invitation, now))
    written: bytes = calendar.to_ical(sorted=False)
    return written


def attached(invitation: Invitation, now: datetime) -> Attached:
    """The object as a file of a letter; `mime.render` shows it as an invitation."""
    return Attached(FILE, f"text/calendar; method={invitation.method}", compose(invitation, now))


def is_session_entry(file: bytes) -> bool:
    """Whether a file is an entry of ours, or somebody's answer to one: it tells how to get in, so no page hands it out."""
    plain = re.sub(rb"\r?\n[ \t]", b"", file[:_LONGEST_FILE]).upper()
    return b"BEGIN:VCALENDAR" in plain and f"UID:{OURS}".upper().encode() in plain


@frozen
class Entry:
    """What an entry of ours says to whose calendar it goes; `text` as it stands there, link and passcode too."""

    method: str
    sequence: int
    starts: datetime
    ends: datetime
    attendees: tuple[str, ...]
    summary: str
    text: str
    link: str


def entry_file(files: Iterable[Attached]) -> Attached | None:
    """The calendar entry among the files of a letter of ours."""
    return next((one for one in files if one.type.startswith("text/calendar")), None)


def read_back(files: Iterable[Attached]) -> Entry | None:
    """The entry that a letter of ours brings; None: it brings none."""
    from icalendar import Calendar

    file = entry_file(files)
    if file is None:
        return None
    calendar = Calendar.from_ical(file.content)
    (event,) = calendar.walk("VEVENT")
    called = event.get("attendee", [])
    return Entry(
        str(calendar["method"]),
        int(str(event["sequence"])),
        event.decoded("dtstart"),
        event.decoded("dtend"),
        tuple(str(one).removeprefix("mailto:") for one in (called if isinstance(called, list) else [called])),
        str(event["summary"]),
        str(event.get("description", "")),
        str(event.get("location", "")),
    )


def _event(invitation: Invitation, now: datetime) -> Event:
    from icalendar import Event

    cancelled = invitation.method == "CANCEL"
    starts = invitation.starts.astimezone(UTC)
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", starts)
    event.add("dtend", starts + timedelta(minutes=invitation.minutes))
    event.add("summary", one_line(invitation.summary, 250))
    if invitation.description.strip():
        event.add("description", _lines(invitation.description))
    if invitation.location.strip():
        event.add("location", one_line(invitation.location, _LONGEST_LINE))
    event.add("organizer", _party(invitation.organiser))
    for party in _once(invitation.attendees):
        event.add("attendee", _called(party))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if not cancelled:
        _alarm(event, one_line(invitation.summary, 250))
    return event


def _alarm(event: Event, summary: str) -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -REMIND)
    event.add_component(alarm)


def _party(party: Party) -> vCalAddress:
    from icalendar import vCalAddress

    address = vCalAddress(f"mailto:{party.address}")
    # RFC 6868 would write quotes and carets as ^' and ^^, which Outlook shows as they stand
    name = one_line(party.name.replace('"', "'").replace("^", " "), _LONGEST_NAME)
    if name:
        address.params["CN"] = name
    return address


def _called(party: Party) -> vCalAddress:
    address = _party(party)
    address.params.update(
        {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    )
    return address


def _once(attendees: Iterable[Party]) -> Iterable[Party]:
    """Each address once, in order."""
    return {party.address.lower(): party for party in attendees}.values()


def _lines(text: str) -> str:
    """A text of several lines, whatever some reader takes for a line's end."""
    return "\n".join(one_line(line, _LONGEST_LINE) for line in text.splitlines()[:_MOST_LINES]).strip()


def _check(invitation: Invitation, now: datetime) -> None:
    if not _UID.fullmatch(invitation.uid):
        raise ValueError(f"{invitation.uid!r} is not a UID")
    if invitation.sequence < 0 or not 0 < invitation.minutes <= LONGEST_MEETING:
        raise ValueError(f"no meeting has sequence {invitation.sequence} and {invitation.minutes} minutes")
    if invitation.starts.tzinfo is None or now.tzinfo is None:
        raise ValueError("a meeting's times need a zone")
    if not 0 < len(invitation.attendees) <= MOST_ATTENDEES:
        raise ValueError(f"a meeting has 1 to {MOST_ATTENDEES} attendees, not {len(invitation.attendees)}")
    for party in (invitation.organiser, *invitation.attendees):
        if not can_hold(party.address):
            raise ValueError(f"{party.address!r} is not an address to invite")
