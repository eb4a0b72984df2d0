"""What somebody answers to an invitation of ours: METHOD:REPLY, and METHOD:COUNTER with another time. PURE.

Contract: `read` never raises; it looks at the first event of a bounded text, line by line, at the few properties it
needs, and never at zone blocks (a stranger's own zones would be believed). Whose mail it is, whether the UID is
one of ours and the SEQUENCE the one that stands, is for who asks: a calendar object proves nothing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import cast, get_args

from triaged.reading.mime.addresses import is_address
from triaged.reading.values import Attendance, Attending, InvitationReply

_LONGEST, _MOST_LINES, _LONGEST_LINE, _DEEPEST = 64 * 1024, 2_000, 2_000, 8
_MOST_ATTENDEES, _LONGEST_COMMENT, _HIGHEST = 20, 500, 2**31 - 1
_FOLD = re.compile(r"\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_ANSWER = re.compile(r';PARTSTAT="?([A-Za-z-]{1,20})', re.IGNORECASE)
_UID = re.compile(r"[!-~]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_METHODS = frozenset({"REPLY", "COUNTER"})
_WANTED = frozenset({"UID", "SEQUENCE", "ATTENDEE", "DTSTART", "COMMENT"})

Lines = Mapping[str, tuple[str, ...]]  # of the event, by the property's name in capitals


def read(calendar: str) -> InvitationReply | None:
    """What a calendar object answers to an invitation; None where it is none, or says not to which."""
    try:
        method, event = _gathered(calendar[:_LONGEST])
        return _reply(event, counter=method == "COUNTER") if method in _METHODS else None
    except Exception:  # icalendar raises many kinds for what strangers write
        return None


def _gathered(calendar: str) -> tuple[str, Lines]:
    """The method, and the lines we need of the first event."""
    method, event, within, over = "", dict[str, tuple[str, ...]](), list[str](), False
    for name, line in _properties(calendar):
        if name == "BEGIN":
            within.append(_value(line).upper())
        elif name == "END":
            over = over or within == ["VCALENDAR", "VEVENT"]
            del within[-1:]
        elif within == ["VCALENDAR"] and name == "METHOD":
            method = method or _value(line).upper()
        elif within == ["VCALENDAR", "VEVENT"] and name in _WANTED and not over:
            event[name] = (*event.get(name, ()), line)[:_MOST_ATTENDEES]
        if len(within) > _DEEPEST:
            break
    return method, event


def _properties(calendar: str) -> Iterator[tuple[str, str]]:
    """The unfolded lines, each with its property's name in capitals; overlong ones are left out."""
    text = calendar.replace("\r\n", "\n").replace("\r", "\n")
    for line in _FOLD.sub("", text).split("\n", _MOST_LINES)[:_MOST_LINES]:
        found = _NAME.match(line)
        if found and len(line) <= _LONGEST_LINE:
            yield found[0].upper(), line


def _value(line: str) -> str:
    return line.partition(":")[2].strip()


def _reply(event: Lines, *, counter: bool) -> InvitationReply | None:
    uid = _first(event, "UID")
    attending = tuple(filter(None, map(_attending, event.get("ATTENDEE", ()))))
    number = _first(event, "SEQUENCE") or "0"  # RFC 5545: absent means 0
    if not (_UID.fullmatch(uid) and attending and _NUMBER.fullmatch(number)):
        return None
    return InvitationReply(
        uid=uid,
        sequence=min(int(number), _HIGHEST),
        attending=attending,
        counter=counter,
        starts=_moment(event) if counter else None,  # a REPLY's times mean nothing
        comment=" ".join(_first(event, "COMMENT").split())[:_LONGEST_COMMENT],
    )


def _first(event: Lines, name: str) -> str:
    lines = event.get(name, ())
    return _parted(lines[0])[1] if lines else ""


def _parted(line: str) -> tuple[Mapping[str, str], str]:
    """A line's parameters and its value."""
    from icalendar.parser import Contentline

    _, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    return {str(k).upper(): str(v) for k, v in parameters.items()}, str(value).strip()


def _attending(line: str) -> Attending | None:
    try:
        parameters, value = _parted(line)
        answer = parameters.get("PARTSTAT", "")
    except ValueError:  # a name in wrong quotes; what is asked for stands there all the same
        said = _ANSWER.search(line)
        answer, value = said[1] if said else "", line[line.lower().rfind("mailto:") :]
    scheme, _, address = value.strip('"').partition(":")
    if scheme.lower() != "mailto" or not is_address(address):
        return None
    known = answer.lower()
    return Attending(
        address.lower(), cast(Attendance, known) if known in get_args(Attendance) else "needs-action"
    )


def _moment(event: Lines) -> datetime | None:
    """The proposed time in UTC; None for a whole day, or a zone that cannot be known."""
    from icalendar import vDDDTypes

    try:
        parameters, value = _parted(event["DTSTART"][0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Evolution's zone names
            told = vDDDTypes.from_ical(value, parameters.get("TZID"))  # type: ignore[no-untyped-call]
        return told.astimezone(UTC) if isinstance(told, datetime) and told.tzinfo else None
    except (KeyError, ValueError, OverflowError):
        return None
