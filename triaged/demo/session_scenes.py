"""Screen-sharing sessions for `triaged demo --stay`, each on a ticket of its own: offered, declined, booked, moved, cancelled, begun, held, missed.

What lies behind us was ordered then: `acts` takes the moment. The one that has begun runs out after 40 minutes, and
counts as held then; the booked one can be begun by hand when its time comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triaged.frozen import frozen
from triaged.meetings.meeting import Access
from triaged.tickets.ticket import Ticket
from triaged.walk.by_meeting import ByMeeting

_ZONE = ZoneInfo("Europe/Berlin")
_LINK = Access("https://meet.desk.example/demo", "481516")
_ALWAYS = "round-the-clock"  # the calendar
_TOLD = "A look at it together may save us some mails."


@frozen
class SessionStage:
    """`acts`: what the one of staff orders at a moment. `opened`: a ticket whose account has sessions, by its subject."""

    acts: Callable[[datetime], ByMeeting]
    opened: Callable[[str], Ticket]
    person: str
    staff: str
    now: datetime
    clock: Callable[[], datetime]  # what is told of the past comes after what the daemon said of it

    def offered(self, subject: str, *times: datetime, at: datetime | None = None) -> Ticket:
        """With its link, so that invitations are whole."""
        ticket = self.opened(subject)
        return self.acts(at or self.now).offer(ticket, times, self.staff, access=_LINK, tell=_TOLD)

    def booked(self, subject: str, starts: datetime, *others: datetime, at: datetime | None = None) -> Ticket:
        """As the partner said on the phone. `others`: a time still to come, so that no offer of the past lapses first."""
        return self._accepted(self.offered(subject, starts, *others, at=at), starts, at or self.now)

    def running(self, subject: str, starts: datetime, *others: datetime, at: datetime) -> Ticket:
        """Booked as above, for a time of today: at night too, whatever the hours of such sessions are."""
        ticket = self.opened(subject)
        by = _at_any_hour(self.acts(at))
        offered = by.offer(ticket, (starts, *others), self.staff, access=_LINK, tell=_TOLD)
        accepted = self._accepted(offered, starts, at)
        return self.acts(self.clock()).begin(accepted, reason="he rang, and read the code out")

    def _accepted(self, ticket: Ticket, starts: datetime, at: datetime) -> Ticket:
        by = self.acts(at)
        version = by.knowledge.rulebook.promises.sharing.version
        return by.accept(ticket, starts, self.person, version, reason="said so on the phone")


def play(stage: SessionStage) -> None:
    """Every scene, the host's hours each used once."""
    staff = stage.acts(stage.now)

    def ahead(hour: int) -> datetime:
        return _workday(stage.now, 2, hour)

    stage.offered("Session offered: the report is empty", ahead(9), ahead(16))
    staff.decline(stage.offered("Session declined: slow sign-in", ahead(10)), "rather by mail")
    stage.booked("Session booked: the sync stops", ahead(11))
    staff.move(
        stage.booked("Session moved: labels overlap", ahead(12)), ahead(13), tell="The expert is in at one."
    )
    staff.cancel(stage.booked("Session cancelled: chart is cut off", ahead(14)), "solved by itself", _TOLD)
    before = _workday(stage.now, -4, 10)
    ordered = before - timedelta(days=1)
    held = stage.booked("Session held: the import fails", before, ahead(15), at=ordered)
    stage.acts(stage.clock()).hold(held, "A column had a wrong type; the import runs.")
    began = stage.now.replace(second=0, microsecond=0) - timedelta(minutes=5)
    stage.running("Session begun: the layout is lost", began, ahead(15), at=ordered)
    missed = before + timedelta(hours=2)  # nobody begins it: the daemon says so
    stage.booked("Session missed: the formula is off", missed, ahead(15), at=ordered)


def _at_any_hour(by: ByMeeting) -> ByMeeting:
    rulebook = by.knowledge.rulebook
    sharing = replace(rulebook.promises.sharing, hours=_ALWAYS)
    promises = replace(rulebook.promises, screen_sharing=sharing)
    return replace(by, knowledge=replace(by.knowledge, rulebook=replace(rulebook, promises=promises)))


def _workday(now: datetime, days: int, hour: int) -> datetime:
    """A full hour of a working day, so many days from now and then on in the same direction."""
    day = now.astimezone(_ZONE).date() + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1 if days > 0 else -1)
    return datetime.combine(day, time(hour), _ZONE).astimezone(UTC)
