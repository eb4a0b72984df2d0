"""`triaged sessions offer` and its kin: screen-sharing sessions, as the console orders them by the same code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from triaged.cli import context, output
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.letters.invitation import Entry
    from triaged.meetings.meeting import Meeting
    from triaged.store.store import Store
    from triaged.tickets.ticket import Letter, Ticket
    from triaged.walk.by_meeting import ByMeeting

F = TypeVar("F", bound=Callable[..., Any])
STATES = ("offered", "declined", "accepted", "moved", "begun", "held", "missed", "cancelled")


def _zone_option(command: F) -> F:
    told = "Zone of times that say none, like Europe/Berlin; without it they are UTC."
    return click.option("--zone", help=told)(command)


def _telling(command: F) -> F:
    command = click.option("--tell", default="", help="What the partner reads of it.")(command)
    return click.option("--reason", default="", help="For the story; stays with us.")(command)


def _dry_run(command: F) -> F:
    told = "Do nothing: show the letters that would leave, and what comes into calendars."
    return click.option("--dry-run", is_flag=True, help=told)(command)


def _access_options(command: F) -> F:
    command = click.option("--passcode", default="", help="Of the meeting; goes into the invitation alone.")(
        command
    )
    return click.option("--link", default="", help="Of the meeting; goes into the invitation alone.")(command)


@click.command()
@click.argument("reference")
@click.option(
    "--at", "times", multiple=True, required=True, help="A time to choose; may be given several times."
)
@click.option("--host", help="Address of who holds it; without it who has the ticket.")
@_access_options
@_zone_option
@_telling
@_dry_run
def offer(
    reference: str, times: tuple[str, ...], link: str, passcode: str, zone: str | None, dry_run: bool, **more: str
) -> None:  # fmt: skip
    """Offer a screen-sharing session on ticket REFERENCE. The partner is told the times, the terms, what to prepare."""
    from triaged.meetings.meeting import Access

    begins = [_moment(one, zone) for one in times]

    def act(by: ByMeeting, ticket: Ticket) -> Ticket:
        held_by = more["host"] or ticket.assigned_to or ""
        if "@" not in held_by:
            raise Faulty(f"{ticket.reference} is assigned to nobody: say who holds the session by --host")
        return by.offer(
            ticket, begins, held_by, access=Access(link, passcode), reason=more["reason"], tell=more["tell"]
        )

    _act(reference, act, dry_run)


@click.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="May be given several times."
)
@click.option("--host", default="", help="Held by this address.")
@click.option("--since", help="Begins not before: a time, or a span like 2d before now.")
@click.option("--limit", default=200, show_default=True, type=output.LIMIT)
@output.json_option
def list_(states: tuple[str, ...], host: str, since: str | None, limit: int, as_json: bool) -> None:
    """Screen-sharing sessions, the next first, those without a time last."""
    from triaged.store.meeting_rows import MeetingFilter

    which = MeetingFilter(states, host.strip(), since=context.since(since))
    with context.store() as store:
        rows = output.first(limit, lambda most: store.meetings(replace(which, limit=most)))
    lines = (
        (
            f"PS-{r.ticket_id}",
            r.number,
            r.state,
            output.when(r.starts_at),
            r.host,
            r.partner_domain,
            r.subject,
        )
        for r in rows
    )
    objects = ({"reference": f"PS-{row.ticket_id}", **asdict(row)} for row in rows)
    title = ("ref", "number", "state", "starts", "host", "partner", "subject")
    output.rows(title, lines, as_json=as_json, objects=objects)


@click.command()
@click.argument("reference")
@output.json_option
def show(reference: str, as_json: bool) -> None:
    """The screen-sharing sessions of ticket REFERENCE, and whether one may be offered."""
    from triaged.meetings.eligibility import why_not
    from triaged.meetings.meeting import meetings

    with context.store() as store:
        ticket = context.ticket(store, reference)
    objection = why_not(ticket, context.knowledge().rulebook.promises.screen_sharing)
    if as_json:
        for one in meetings(ticket):
            output.say(output.json_line(_told(ticket, one)))
        return
    for one in meetings(ticket):
        output.say(
            f"{ticket.reference} session {one.number}: {one.state} since {output.when(one.since)} UTC",
            bold=True,
        )
        for name, value in _told(ticket, one).items():
            if value and name not in ("reference", "number", "state", "since"):
                output.say(f"  {name.replace('_', ' ')}: {output.clean(str(output.plain(value)))}")
    output.say(f"none may be offered: {objection}" if objection else "one may be offered")


@click.command()
@click.argument("reference")
@click.option("--at", "time", required=True, help="The time chosen, one of those offered.")
@click.option("--person", required=True, help="Address of who of the partner accepts the terms.")
@click.option("--terms", "version", required=True, help="Version of the terms that he accepts.")
@click.option("--reason", default="", help="How it was heard, for the story.")
@_zone_option
@_dry_run
def accept(
    reference: str, time: str, person: str, version: str, reason: str, zone: str | None, dry_run: bool
) -> None:
    """Somebody of the partner accepted the terms and a time, by phone or mail. The invitation leaves."""
    _act(
        reference,
        lambda by, ticket: by.accept(ticket, _moment(time, zone), person, version, reason=reason),
        dry_run,
    )


@click.command()
@click.argument("reference")
@click.option("--reason", default="", help="For the story.")
@_dry_run
def decline(reference: str, reason: str, dry_run: bool) -> None:
    """The partner does not want it: none is offered again on ticket REFERENCE."""
    _act(reference, lambda by, ticket: by.decline(ticket, reason), dry_run)


@click.command()
@click.argument("reference")
@click.option("--to", "time", help="The new time; without it the time stays.")
@click.option("--host", default="", help="Address of who holds it from now on.")
@_zone_option
@_telling
@_dry_run
def move(
    reference: str, time: str | None, host: str, zone: str | None, reason: str, tell: str, dry_run: bool
) -> None:
    """Another time or host. The partner's calendar is brought up to date."""
    if time is None and not host:
        raise click.UsageError("say --to or --host")

    def act(by: ByMeeting, ticket: Ticket) -> Ticket:
        starts = _moment(time, zone) if time else None
        return by.move(ticket, starts, host=host.strip(), reason=reason, tell=tell)

    _act(reference, act, dry_run)


@click.command()
@click.argument("reference")
@_telling
@_dry_run
def cancel(reference: str, reason: str, tell: str, dry_run: bool) -> None:
    """It does not take place, or the offer is taken back. The partner is told."""
    _act(reference, lambda by, ticket: by.cancel(ticket, reason, tell), dry_run)


@click.command()
@click.argument("reference")
@click.argument("link")
@click.option("--passcode", default="", help="Of the meeting.")
@_dry_run
def link(reference: str, link: str, passcode: str, dry_run: bool) -> None:
    """The meeting's LINK: kept for the invitation, which leaves again where it has left."""
    from triaged.meetings.meeting import Access

    access = Access(link.strip(), passcode)
    _act(reference, lambda by, ticket: by.give_access(ticket, access), dry_run)


@click.command()
@click.argument("reference")
@click.option("--person", default="", help="Address of whom it is for.")
def code(reference: str, person: str) -> None:
    """A new connection code, printed this once; the former one is dead."""
    with context.store() as store:
        _, made = _desk(store).new_code(context.ticket(store, reference), person.strip())
    output.say(made)


@click.command()
@click.argument("reference")
@click.option("--code", default="", help="The connection code that the partner reads out.")
@click.option("--reason", default="", help="For the story, above all without a code.")
def begin(reference: str, code: str, reason: str) -> None:
    """The line stands: from a quarter of an hour before, and again where it was cut."""
    _act(reference, lambda by, ticket: by.begin(ticket, code, reason))


@click.command()
@click.argument("reference")
@click.option("--summary", default="", help="What came of it.")
@click.option("--reason", default="", help="For the story.")
def held(reference: str, summary: str, reason: str) -> None:
    """It took place. Without --summary its host is asked for one."""
    _act(reference, lambda by, ticket: by.hold(ticket, summary, reason))


@click.command()
@click.argument("reference")
@click.argument("text")
def summary(reference: str, text: str) -> None:
    """What came of a session that was held."""
    _act(reference, lambda by, ticket: by.sum_up(ticket, text))


@click.command()
@click.argument("reference")
@click.option("--who", type=click.Choice(["partner", "staff"]), help="Who did not come.")
@click.option("--reason", default="", help="For the story.")
def missed(reference: str, who: str | None, reason: str) -> None:
    """It did not take place though its time came."""
    _act(reference, lambda by, ticket: by.miss(ticket, who or "", reason))


COMMANDS: Sequence[click.Command] = (
    offer, list_, show, accept, decline, move, cancel, link, code, begin, held, summary, missed,
)  # fmt: skip


def _desk(store: Store) -> ByMeeting:
    from triaged.walk.by_meeting import ByMeeting

    return ByMeeting(store, context.knowledge(), context.actor(), context.now())


def _moment(text: str, zone: str | None) -> datetime:
    """A time in ISO 8601 as UTC. Raises click.BadParameter for one that its zone's clocks show twice or never."""
    from triaged.spec import moments

    try:
        given = datetime.fromisoformat(text.strip())
        return moments.in_utc(
            given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
        )
    except moments.ClocksChanged:
        raise click.BadParameter(
            f"{text!r}: the clocks of {zone} are changed then; write it with its offset, like 2026-10-25T02:30+01:00"
        ) from None
    except (ValueError, KeyError, OSError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no time like 2026-12-01T10:00+01:00, or {zone!r} no zone like Europe/Berlin"
        ) from None


def _told(ticket: Ticket, one: Meeting) -> dict[str, Any]:
    """As `show --json` has it: neither link nor passcode nor code."""
    return {
        "reference": ticket.reference,
        "number": one.number,
        "state": str(one.state),
        "since": one.since,
        "offered_at": one.offered_at,
        "times": one.times,
        "starts": one.starts,
        "ends": one.ends,
        "minutes": one.minutes,
        "host": one.host,
        "sequence": one.sequence,
        "accepted": asdict(one.accepted) if one.accepted else None,
        "answers": dict(one.answers),
        "missing": one.missing or None,
        "summary": one.summary or None,
    }


def _act(reference: str, act: Callable[[ByMeeting, Ticket], Ticket], dry_run: bool = False) -> None:
    """Order something of a ticket's session, and say how it stands then; `dry_run`: how it would, and what would leave."""
    from triaged.meetings.meeting import current
    from triaged.walk.rehearsal import MeetingRehearsal

    with context.store() as store:
        by = _desk(store)
        if dry_run:
            by = MeetingRehearsal(by.store, by.knowledge, by.actor, by.now)
        ticket = act(by, context.ticket(store, reference))
    meeting = current(ticket)
    assert meeting is not None
    at = f" for {output.when(meeting.starts)} UTC" if meeting.starts else ""
    if not isinstance(by, MeetingRehearsal):
        output.say(f"{ticket.reference}: the session is {meeting.state}{at}")
        return
    output.say(f"{ticket.reference}: the session would be {meeting.state}{at}; nothing is done (--dry-run)")
    for letter, entry in by.shown:
        _show(letter, entry)


def _show(letter: Letter, entry: Entry | None) -> None:
    to = ", ".join((*letter.to, *letter.cc))
    output.say(f"\n{letter.kind.replace('_', ' ')} to {output.clean(to)}", bold=True)
    output.say(f"Subject: {output.clean(letter.subject)}\n")
    for line in letter.body.rstrip().splitlines():
        output.say(f"  {output.clean(line)}".rstrip())
    if entry is not None:
        when = f"{output.when(entry.starts)} to {entry.ends:%H:%M} UTC"
        link = "with its link" if entry.link else "without a link"
        invited = output.clean(", ".join(entry.attendees))
        output.say(f"\n  calendar: {entry.method}, SEQUENCE {entry.sequence}, {when}, {link}, for {invited}")
