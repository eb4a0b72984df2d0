"""The letters of a screen-sharing session, and the calendar entry that some of them bring. PURE.

The meeting's link and passcode stand in the entry and nowhere else: not in a letter's text, which pages show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from triaged.letters import bearing, invited
from triaged.letters import context as contexts
from triaged.letters.context import MeetingTold
from triaged.letters.invitation import Invitation, Method, Party, attached
from triaged.letters.recipients import addressees, staff_of
from triaged.letters.wording import Words
from triaged.letters.writer import STAFF_LANGUAGE, Writer
from triaged.meetings.meeting import BOOKED, NO_ACCESS, Access, Meeting, MeetingState, of_number
from triaged.promises.screen_sharing import Terms
from triaged.tickets.ticket import Attached, Letter, Ticket

ENTRY = "meeting_entry"


def offer(writer: Writer, ticket: Ticket, meeting: Meeting, terms: Terms, tell: str = "") -> Letter | None:
    """The times to choose from, what it is for, what to prepare, the terms in full. `tell`: in the words of staff."""
    told = _told(writer, ticket, meeting, "meeting_offer", terms=terms.text, version=terms.version)
    told["report"] = tell
    return writer.to_partner("meeting_offer", f"meeting-offer@{meeting.number}", ticket, told)


def invitation(
    writer: Writer, ticket: Ticket, meeting: Meeting, access: Access, tell: str = ""
) -> Letter | None:
    """The time agreed upon, as a letter and as a calendar entry. Again, with the next SEQUENCE, where it was moved."""
    kind = "meeting_moved" if meeting.sequence else "meeting_invitation"
    told = _told(writer, ticket, meeting, kind, invited=True) | {"report": tell}
    letter = writer.to_partner(kind, f"meeting@{meeting.appointment}", ticket, told)
    return _with_entry(writer, ticket, meeting, letter, "REQUEST", access) if letter else None


def cancelled(writer: Writer, ticket: Ticket, meeting: Meeting, tell: str = "") -> Letter | None:
    """It does not take place; the calendar entry goes, where there is one."""
    invited = meeting.starts is not None
    told = _told(writer, ticket, meeting, "meeting_cancelled", invited=invited) | {"report": tell}
    letter = writer.to_partner("meeting_cancelled", f"meeting-cancelled@{meeting.number}", ticket, told)
    return _with_entry(writer, ticket, meeting, letter, "CANCEL", NO_ACCESS) if letter and invited else letter


def cancelled_for_gone(writer: Writer, ticket: Ticket, meeting: Meeting) -> Letter | None:
    """Who was invited and is none of the ticket's people any more: the former time leaves his calendar, without a word of ours.

    `ticket`: before the change, `meeting`: after it. The new time and how to get in are not for him.
    """
    former = of_number(ticket, meeting.number)
    if former is None or former.starts is None:
        return None
    # Another host or link: nothing to tell.
    stands = meeting.state in BOOKED and meeting.starts == former.starts
    if stands or not (gone := invited.without_letters(ticket, former)):
        return None
    over = replace(former, state=MeetingState.CANCELLED, sequence=meeting.sequence, by="staff")
    told = _told(writer, ticket, over, "meeting_cancelled", invited=True)
    key = f"meeting-gone@{former.appointment}"
    letter = writer.to_partner("meeting_cancelled", key, ticket, told, addressed=(gone[:1], gone[1:]))
    return _with_entry(writer, ticket, over, letter, "CANCEL", NO_ACCESS) if letter else None


def to_newcomers(
    writer: Writer, ticket: Ticket, meeting: Meeting, access: Access, round_: int
) -> Iterator[Letter]:
    """The invitation that stands, to each who joined since it left, alone: UID and SEQUENCE as the others have them."""
    told = _told(writer, ticket, meeting, "meeting_invitation", invited=True)
    everybody = tuple(one for some in addressees(ticket) for one in some)
    for number, address in enumerate(invited.newcomers(ticket, meeting), 1):
        key = f"meeting-joined-{round_}-{number}@{meeting.appointment}"
        letter = writer.to_partner("meeting_invitation", key, ticket, told, addressed=((address,), ()))
        if letter is not None:
            yield _with_entry(writer, ticket, meeting, letter, "REQUEST", access, everybody)


def to_leavers(writer: Writer, ticket: Ticket, meeting: Meeting, round_: int) -> Iterator[Letter]:
    """To each who was invited and is none of the ticket's people any more, alone: it leaves his calendar, and takes place."""
    told = _told(writer, ticket, meeting, "meeting_cancelled", invited=True, without_you=True)
    for number, address in enumerate(invited.leavers(ticket, meeting), 1):
        key = f"meeting-left-{round_}-{number}@{meeting.appointment}"
        letter = writer.to_partner("meeting_cancelled", key, ticket, told, addressed=((address,), ()))
        if letter is not None:
            yield _with_entry(writer, ticket, meeting, letter, "CANCEL", NO_ACCESS)


def reminder(writer: Writer, ticket: Ticket, meeting: Meeting, key: str) -> Letter | None:
    """It begins soon."""
    return writer.to_partner(
        "meeting_reminder", key, ticket, _told(writer, ticket, meeting, "meeting_reminder")
    )


def news(
    writer: Writer, ticket: Ticket, meeting: Meeting, key: str, reasons: Iterable[str],
    entry: tuple[Method, Access] | None = None,
) -> Letter | None:  # fmt: skip
    """Its host learns what became of it; with `entry` his own calendar too."""
    letter = _to_host(writer, "meeting_news", key, ticket, meeting, tuple(filter(None, reasons)))
    if letter is None or entry is None or meeting.starts is None:
        return letter
    method, access = entry
    file = _entry(writer, ticket, meeting, STAFF_LANGUAGE, method, access, [Party(to) for to in letter.to])
    return replace(letter, files=(file,))


def ending(writer: Writer, ticket: Ticket, meeting: Meeting, key: str) -> Letter | None:
    """Its host learns that the time runs out."""
    return _to_host(writer, "meeting_ending", key, ticket, meeting)


def summary_wanted(writer: Writer, ticket: Ticket, meeting: Meeting, key: str) -> Letter | None:
    """Its host is asked what came of it."""
    return _to_host(writer, "meeting_summary", key, ticket, meeting)


def _to_host(
    writer: Writer, kind: str, key: str, ticket: Ticket, meeting: Meeting, reasons: tuple[str, ...] = ()
) -> Letter | None:
    to = (meeting.host,) if meeting.host else staff_of(ticket, writer.desk)
    told = _meeting_told(meeting, writer.staff_words, writer.desk_zone, page=writer.desk.page_of(ticket))
    extra: dict[str, Any] = {"meeting": told, "reasons": reasons}
    return writer.to_staff(kind, key, ticket, extra, to=to)


def _told(writer: Writer, ticket: Ticket, meeting: Meeting, kind: str, **more: Any) -> dict[str, Any]:
    words, zone = writer.words_to(ticket, kind), contexts.zone_of(ticket.time_zone)
    page = writer.desk.meeting_of(ticket)
    return {"meeting": _meeting_told(meeting, words, zone, page=page, **more)}


def _meeting_told(meeting: Meeting, words: Words, zone: ZoneInfo, **more: Any) -> MeetingTold:
    return MeetingTold(
        state=str(meeting.state),
        times=tuple(words.moment(at, zone) for at in meeting.times),
        starts=words.moment(meeting.starts, zone) if meeting.starts else "",
        ends=words.moment(meeting.ends, zone) if meeting.ends else "",
        minutes=meeting.minutes,
        host=bearing.named(meeting.host),
        person=meeting.accepted.person if meeting.accepted else "",
        by_us=meeting.by != "partner",
        **more,
    )


def _with_entry(
    writer: Writer, ticket: Ticket, meeting: Meeting, letter: Letter, method: Method, access: Access,
    guests: Iterable[str] = (),
) -> Letter:  # fmt: skip
    """`guests`: all who take part, where the letter does not go to all of them."""
    names = {person.address: person.name for person in ticket.people}
    called = tuple(guests) or (*letter.to, *letter.cc)
    parties = [Party(address, names.get(address, "")) for address in called]
    language = writer.letters.language_for(ENTRY, ticket.language)
    return replace(letter, files=(_entry(writer, ticket, meeting, language, method, access, parties),))


def _entry(
    writer: Writer, ticket: Ticket, meeting: Meeting, language: str, method: Method, access: Access,
    guests: Iterable[Party],
) -> Attached:  # fmt: skip
    assert meeting.starts is not None
    words, zone = writer.letters.words(language), contexts.zone_of(ticket.time_zone)
    told = _meeting_told(meeting, words, zone, link=access.link, passcode=access.passcode)
    context = replace(contexts.for_partner(ticket, words, writer.desk, ()), meeting=told)
    written = writer.letters.write(ENTRY, language, context)
    entry = Invitation(
        uid=meeting.uid,
        sequence=meeting.sequence,
        method=method,
        organiser=Party(writer.desk.address, writer.desk.name),
        attendees=tuple(guests),
        starts=meeting.starts,
        minutes=meeting.minutes,
        summary=written.subject,
        description="" if method == "CANCEL" else written.body,
        location=access.link,
    )
    return attached(entry, writer.now)
