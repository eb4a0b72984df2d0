"""What people order of a screen-sharing session, judged on the ticket as it is now. PURE.

Who of the partner may order what is meeting_acts.py's to say. What a host's time is taken by is asked before and handed
in; that it is given once is kept by the store (HourTaken).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from triaged.frozen import frozen
from triaged.letters import compose, meeting_letters
from triaged.letters.invitation import OURS, Method
from triaged.letters.mime import can_hold
from triaged.letters.recipients import addressees
from triaged.letters.templates import Letters
from triaged.letters.writer import Writer
from triaged.meetings import codes, eligibility, moves
from triaged.meetings.eligibility import Taken
from triaged.meetings.meeting import BOOKED, NO_ACCESS, STANDING, Accepted, Access, Meeting, current
from triaged.meetings.moves import By, Who
from triaged.promises.screen_sharing import ScreenSharing, Terms, is_link, is_passcode
from triaged.store.meeting_rows import CodeMade, MeetingKept
from triaged.tickets import states
from triaged.tickets.meeting_data import MeetingCode
from triaged.tickets.states import Moved, Refused
from triaged.tickets.ticket import LIVE, Happening, Letter, State, Ticket
from triaged.walk.plan import Plan, change

MOST_TIMES = 10  # offered at once
LONGEST_TOLD, LONGEST_SUMMARY = 5_000, 20_000
_ADDRESS = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}\.[^@\s<>.]{2,63}")


@frozen
class MeetingOrder:
    """Who orders it, for whom, why (`reason` stays with us, `tell` goes to the partner), and what composing goes by."""

    actor: str
    by: By
    reason: str
    writer: Writer
    tell: str = ""

    @property
    def now(self) -> datetime:
        """When."""
        return self.writer.now

    def who(self, reason: str) -> Who:
        """The same as changes of a session are told; `reason` where he gave none."""
        return Who(self.now, self.actor, self.by, self.reason or reason)


@frozen
class Consent:
    """To which terms who says yes, and from where (a network address, or how staff heard of it)."""

    version: str
    person: str
    peer: str = ""
    digest: str = ""  # of the text that was shown; empty: nobody says


def offer(
    before: Ticket, times: Sequence[datetime], host: str, access: Access, taken: Iterable[Taken], order: MeetingOrder
) -> Plan | Refused:  # fmt: skip
    """A session with these times to choose from, held by `host`."""
    promises, taken = order.writer.promises, tuple(taken)
    offered = promises.screen_sharing
    objection = why_none(before, offered)
    if objection or offered is None:
        return Refused(f"no screen-sharing session for {before.reference}: {objection}")
    if unfit := _unfit(times, host, access, order.tell) or _no_host(before, host):
        return Refused(unfit)
    for at in times:
        if why := eligibility.why_no_time(at, offered.minutes, before, promises, order.now, taken):
            return Refused(why)
    uid = _uid(before, order.writer)
    reason = f"offered {len(set(times))} {'time' if len(set(times)) == 1 else 'times'}"
    moved = moves.offer(before, uid, times, offered.minutes, host, order.who(reason))
    if isinstance(moved, Refused):
        return moved
    meeting = _meeting(moved.ticket)
    terms = terms_for(before, offered, order.writer.letters)
    letter = meeting_letters.offer(order.writer, moved.ticket, meeting, terms, order.tell)
    return _plan(before, moved, order, [letter], MeetingKept(before.id, meeting.number, access))


def why_none(before: Ticket, offered: ScreenSharing | None) -> str:
    """Why none may be offered on this ticket now; empty: one may."""
    objection = eligibility.why_not(before, offered)
    return objection or ("" if addressees(before)[0] else "nobody can be written to")


def decline(before: Ticket, order: MeetingOrder) -> Plan | Refused:
    """The partner does not want it; its host is told."""
    moved = moves.decline(before, order.who("declined"))
    if isinstance(moved, Moved) and moved.ticket.state is State.WAITING:
        said = states.move(
            moved.ticket, Happening.RESUMED, order.now, order.actor, "declined: we go on by mail"
        )
        if isinstance(said, Moved):
            moved = Moved(said.ticket, (*moved.events, *said.events))
    return _told_to_host(before, moved, order)


def accept(
    before: Ticket, starts: datetime, consent: Consent, access: Access, taken: Iterable[Taken], order: MeetingOrder,
) -> Plan | Refused:  # fmt: skip
    """The terms are accepted and a time chosen: the invitation leaves, and the host has it in his calendar."""
    if objection := why_terms(before, consent, order.writer):
        return Refused(objection)
    offered = order.writer.promises.screen_sharing
    assert offered is not None
    terms = terms_for(before, offered, order.writer.letters)
    accepted = Accepted(
        terms.version, terms.language, terms.digest, consent.person, consent.peer[:200], order.now
    )
    moved = moves.accept(before, starts, accepted, order.who("accepted"))
    return _agreed(before, moved, access, taken, order)


def why_terms(before: Ticket, consent: Consent, writer: Writer) -> str:
    """Why his yes does not count: he is nobody of the ticket, or the terms are others by now."""
    offered = writer.promises.screen_sharing
    if offered is None:
        return eligibility.NOT_OFFERED
    if consent.version != offered.version:
        return f"the terms are of version {offered.version} now, and version {consent.version} was shown"
    if consent.digest and consent.digest != terms_for(before, offered, writer.letters).digest:
        return f"the text of the terms is another now than was shown, though its version is {offered.version} still"
    if consent.person.lower() not in eligibility.deciders(before):
        return f"{consent.person} is nobody of {before.reference}"
    return ""


def terms_for(ticket: Ticket, offered: ScreenSharing, letters: Letters) -> Terms:
    """The very text that the ticket's people read and accept: in the language of the letter that offers it."""
    return offered.terms(letters.language_for("meeting_offer", ticket.language))


def move(
    before: Ticket, starts: datetime, access: Access, taken: Iterable[Taken], order: MeetingOrder, host: str = ""
) -> Plan | Refused:  # fmt: skip
    """To another time or host, by the next SEQUENCE. A host who has it no more has it cancelled in his calendar."""
    meeting, taken, host = current(before), tuple(taken), host.lower()
    if meeting is not None and meeting.state in BOOKED:
        if unfit := _unfit([starts], host or meeting.host, access, order.tell) or _no_host(before, host):
            return Refused(unfit)
        elsewhen = starts != meeting.starts
        promises = order.writer.promises
        if order.by == "staff" and elsewhen and promises.screen_sharing is not None:
            why = eligibility.why_no_time(starts, meeting.minutes, before, promises, order.now, taken)
            if why:
                return Refused(why)
    moved = moves.move(before, starts, order.who("moved"), host)
    plan = _agreed(before, moved, access, taken, order)
    if isinstance(plan, Refused) or meeting is None or host in ("", meeting.host):
        return plan
    after = plan.changes[0].after
    gone = replace(_meeting(after), host=meeting.host, starts=meeting.starts)
    key = f"meeting-handed-over@{_meeting(after).appointment}"
    letter = meeting_letters.news(
        order.writer, after, gone, key, (f"{host} holds it now",), ("CANCEL", NO_ACCESS)
    )
    return _with_letter(plan, letter)


def give_access(
    before: Ticket, access: Access, taken: Iterable[Taken], order: MeetingOrder
) -> Plan | Refused:
    """How to get in is known, or another: kept for the invitation; where that has left, it leaves again."""
    meeting = current(before)
    if meeting is None or meeting.state not in STANDING:
        return Refused(f"{before.reference} has no session that is still to come")
    if unfit := _unfit([], meeting.host, access, order.tell):
        return Refused(unfit)
    if meeting.state in BOOKED and meeting.starts is not None:
        moved = moves.invite_again(before, order.who("the link was given"))
        return _agreed(before, moved, access, taken, order)
    noted = states.move(
        before, Happening.STAFF_NOTED, order.now, order.actor, "the link of the session was given"
    )
    if isinstance(noted, Refused):
        return noted
    return _plan(before, noted, order, kept=MeetingKept(before.id, meeting.number, access))


def cancel(before: Ticket, order: MeetingOrder) -> Plan | Refused:
    """It does not take place: calendar entries go, and everybody who expects it is told."""
    moved = moves.cancel(before, order.who("cancelled"))
    if isinstance(moved, Refused):
        return moved
    if unfit := _unfit([], "", NO_ACCESS, order.tell):
        return Refused(unfit)
    meeting = _meeting(moved.ticket)
    letter = meeting_letters.cancelled(order.writer, moved.ticket, meeting, order.tell)
    gone = meeting_letters.cancelled_for_gone(order.writer, before, meeting)
    return _told_to_host(before, moved, order, [letter, gone], ("CANCEL", NO_ACCESS))


def begin(before: Ticket, used: str, order: MeetingOrder) -> Plan | Refused:
    """The line stands. `used`: the hash of the code it was made by; empty: staff say so."""
    moved = moves.begin(before, order.who("begun" if used else "begun, by the word of staff"))
    if isinstance(moved, Refused):
        return moved
    meeting = _meeting(moved.ticket)
    if not used:
        return _plan(before, moved, order)
    told = MeetingCode(meeting.number, codes.next_number(before, meeting) - 1, used=True)
    noted = states.move(
        moved.ticket, Happening.MEETING_CODE, order.now, order.actor, "a connection code was used", told.stored()
    )  # fmt: skip
    if isinstance(noted, Refused):
        return noted
    both = Moved(noted.ticket, (*moved.events, *noted.events))
    return _plan(before, both, order, kept=MeetingKept(before.id, meeting.number, used=used))


def hold(before: Ticket, summary: str, order: MeetingOrder) -> Plan | Refused:
    """It took place. Without a summary its host is asked for one."""
    if len(summary) > LONGEST_SUMMARY:
        return Refused(f"a summary has at most {LONGEST_SUMMARY} characters")
    moved = moves.hold(before, order.who("summary written" if summary else "held"), summary.strip())
    if isinstance(moved, Refused):
        return moved
    meeting = _meeting(moved.ticket)
    asked = None
    if meeting.wants_summary:
        key = f"meeting-summary@{meeting.appointment}"
        asked = meeting_letters.summary_wanted(order.writer, moved.ticket, meeting, key)
    return _plan(before, moved, order, [asked])


def sum_up(before: Ticket, summary: str, order: MeetingOrder) -> Plan | Refused:
    """What came of a session that was held."""
    meeting = current(before)
    if meeting is None or meeting.state != "held":
        state = f"is {meeting.state}" if meeting else "was never offered"
        return Refused(f"the session of {before.reference} {state}: only a held one has a summary")
    if not summary.strip():
        return Refused("say what came of it")
    return hold(before, summary, order)


def miss(before: Ticket, missing: str, order: MeetingOrder) -> Plan | Refused:
    """Somebody did not come. `missing`: partner, staff, or empty."""
    if missing not in ("partner", "staff", ""):
        return Refused(f"{missing!r} is neither partner nor staff")
    reason = f"{missing} did not come" if missing else "it did not take place"
    moved = moves.miss(before, missing, order.who(reason))  # type: ignore[arg-type]
    return moved if isinstance(moved, Refused) else _plan(before, moved, order)


def new_code(before: Ticket, made: CodeMade, for_: str, order: MeetingOrder) -> Plan | Refused:
    """A connection code; any other of this session is dead with it."""
    meeting = current(before)
    if objection := codes.why_none(before, meeting, order.now):
        return Refused(objection)
    assert meeting is not None
    told = MeetingCode(meeting.number, made.code, for_=for_.lower())
    moved = states.move(
        before, Happening.MEETING_CODE, order.now, order.actor, "a connection code was made", told.stored()
    )
    if isinstance(moved, Refused):
        return moved
    return _plan(before, moved, order, kept=MeetingKept(before.id, meeting.number, made=made))


def _agreed(
    before: Ticket, moved: Moved | Refused, access: Access, taken: Iterable[Taken], order: MeetingOrder
) -> Plan | Refused:
    """A time stands: the invitation to the partner, the entry for the host."""
    if isinstance(moved, Refused):
        return moved
    if before.state not in LIVE:
        return Refused(f"{before.reference} is {before.state}: no session is agreed upon any more")
    meeting = _meeting(moved.ticket)
    assert meeting.starts is not None and meeting.ends is not None
    if why := eligibility.taken_by(meeting.starts, meeting.ends, taken):
        return Refused(why)
    letter = meeting_letters.invitation(order.writer, moved.ticket, meeting, access, order.tell)
    gone = meeting_letters.cancelled_for_gone(order.writer, before, meeting)
    linkless = "" if access.link else f"no link yet: triaged sessions link {before.reference} https://…"
    kept = MeetingKept(before.id, meeting.number, access)
    plan = _told_to_host(before, moved, order, [letter, gone], ("REQUEST", access), linkless)
    return plan if isinstance(plan, Refused) else replace(plan, meeting=kept)


def _told_to_host(
    before: Ticket, moved: Moved | Refused, order: MeetingOrder, letters: Iterable[Letter | None] = (),
    entry: tuple[Method, Access] | None = None, more: str = "",
) -> Plan | Refused:  # fmt: skip
    if isinstance(moved, Refused):
        return moved
    meeting = _meeting(moved.ticket)
    key = f"meeting-news@{compose.count(moved.ticket, Happening.MEETING_CHANGED)}"
    by = f"By {order.actor}" + (f": {order.reason}" if order.reason else "")
    news = meeting_letters.news(order.writer, moved.ticket, meeting, key, (by, more), entry)
    return _plan(before, moved, order, [*letters, news])


def _plan(
    before: Ticket, moved: Moved, order: MeetingOrder, letters: Iterable[Letter | None] = (),
    kept: MeetingKept | None = None,
) -> Plan:  # fmt: skip
    return Plan((change(before, moved.ticket, order.writer, letters),), ordered=True, meeting=kept)


def _with_letter(plan: Plan, letter: Letter | None) -> Plan:
    if letter is None:
        return plan
    first = plan.changes[0]
    return replace(plan, changes=(replace(first, letters=(*first.letters, letter)),))


def _meeting(ticket: Ticket) -> Meeting:
    meeting = current(ticket)
    assert meeting is not None, "a change of a session has one"
    return meeting


def _unfit(times: Sequence[datetime], host: str, access: Access, tell: str) -> str:
    if len(times) > MOST_TIMES:
        return f"offer at most {MOST_TIMES} times"
    for at in times:
        if at.second or at.microsecond:
            return f"{at:%Y-%m-%d %H:%M:%S} UTC is no whole minute"
    if host and not (_ADDRESS.fullmatch(host) and can_hold(host)):
        return f"{host!r} is not the address of who holds it"
    if access.link and not is_link(access.link):
        return "the link begins with https:// and has no blanks"
    if not is_passcode(access.passcode):
        return "the passcode has at most 100 characters, on one line"
    return f"what is told has at most {LONGEST_TOLD} characters" if len(tell) > LONGEST_TOLD else ""


def _no_host(ticket: Ticket, host: str) -> str:
    """Why somebody cannot hold it: its host is told what stays with us."""
    theirs = ticket.partner_domain and host.endswith(f"@{ticket.partner_domain}")
    if theirs or any(one.address == host for one in ticket.people):
        return f"{host} is of the partner: a session is held by one of us"
    return ""


def _uid(ticket: Ticket, writer: Writer) -> str:
    """Of the calendar entry: one for ever, whatever becomes of it."""
    before = current(ticket)
    number = before.number + 1 if before else 1
    domain = re.sub(r"[^A-Za-z0-9.-]", "", writer.desk.address.rpartition("@")[2]) or "triaged.invalid"
    return f"{OURS}{ticket.id}-{number}-{int(writer.now.timestamp())}@{domain}"[:200]
