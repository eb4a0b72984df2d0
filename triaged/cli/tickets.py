"""`triaged tickets`: the queue, a ticket's whole story, and what mail can't tell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import answering, context, explanation, output
from triaged.vocabulary import EVERY_CHANNEL

if TYPE_CHECKING:
    from triaged.judging.decisions import Account
    from triaged.tickets.ticket import Ticket
    from triaged.walk.by_hand import ByHand

TITLE = (
    "ref",
    "sev",
    "state",
    "next step",
    "created",
    "partner",
    "account",
    "assigned",
    "subject",
    "promised",
)
ON_TERMINAL = ("ref", "sev", "state", "promised", "account", "assigned", "subject")


@click.group("tickets")
def command() -> None:
    """The queue and its tickets."""


for _one in answering.COMMANDS:
    command.add_command(_one)


@command.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(["new", "open", "waiting", "resolved", "closed"])
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    type=click.Choice(["S1", "S2", "S3", "S4"], case_sensitive=False),
)
@click.option("--partner", help="Its mail domain.")
@click.option("--mailbox")
@click.option("--account", help="Key of the account.")
@click.option("--assigned", help="Address of the person.")
@click.option("--queue")
@click.option("--channel", type=click.Choice(EVERY_CHANNEL), help="How it came.")
@click.option("--review", is_flag=True, help="Only those that ask for a review.")
@click.option("--missed", is_flag=True, help="Only those with a promised time missed and not kept since.")
@click.option("--due-within", help="Only those with something due within a span like 4h.")
@click.option("--text", help="Words in its mails, subject, account or people.")
@click.option("--all", "everything", is_flag=True, help="Closed ones too.")
@click.option("--limit", default=100, show_default=True, type=output.LIMIT)
@output.json_option
def list_(
    states: tuple[str, ...],
    severities: tuple[str, ...],
    partner: str | None,
    mailbox: str | None,
    account: str | None,
    assigned: str | None,
    queue: str | None,
    channel: str | None,
    review: bool,
    missed: bool,
    due_within: str | None,
    text: str | None,
    everything: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Tickets in the order of what is promised: missed on top, then the next due."""
    from triaged.store.rows import TicketFilter
    from triaged.tickets.ticket import State
    from triaged.vocabulary import Severity

    now = context.now()
    wanted = TicketFilter(
        states=tuple(map(State, states))
        or tuple(one for one in State if everything or one is not State.CLOSED),
        severities=tuple(map(Severity, severities)),
        partner=partner,
        mailbox=mailbox,
        account=account,
        assigned=assigned,
        queue=queue,
        channel=channel,
        review=review or None,
        due_before=now + _span(due_within) if due_within else None,
        text=text,
        missed_at=now if missed else None,
    )
    with context.store() as store:
        found = output.first(limit, lambda most: store.queue(replace(wanted, limit=most)))
    lines = (_line(ticket, step.due_at if step else None, now) for ticket, step in found)
    objects = (as_object(ticket) | {"next_due": step.due_at if step else None} for ticket, step in found)
    output.rows(TITLE, lines, as_json=as_json, objects=objects, on_terminal=ON_TERMINAL)


def _span(text: str) -> timedelta:
    from triaged.spec.durations import parse

    try:
        return parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _line(ticket: Ticket, due: datetime | None, now: datetime) -> tuple[str | None, ...]:
    return (
        ticket.reference,
        ticket.severity + ("?" if ticket.provisional else ""),
        ticket.state,
        output.age(due, now) if due else None,
        output.when(ticket.created_at),
        ticket.partner_domain,
        ticket.account_name,
        ticket.assigned_to,
        ticket.subject,
        _promised(ticket, now),
    )


def _promised(ticket: Ticket, now: datetime) -> str | None:
    """What is promised next, and how long until then, or since it was missed."""
    if ticket.promise is None or ticket.promised_at is None:
        return None
    what, how_long = ticket.promise.replace("_", " "), output.age(ticket.promised_at, now)
    return f"{what} {how_long}" if ticket.promised_at > now else f"{what} missed {how_long} ago"


def as_object(ticket: Ticket) -> dict[str, Any]:
    """A ticket as JSON."""
    return asdict(ticket)


@command.command("show")
@click.argument("reference")
@click.option(
    "--text", "as_text", is_flag=True, help="The conversation in clear: mails and letters, oldest first."
)
@explanation.rules_option
@output.json_option
def show_(reference: str, as_text: bool, every_rule: bool, as_json: bool) -> None:
    """A ticket's whole story: why its severity, its promised times with their arithmetic, every event."""
    from triaged.cli import ticket_story
    from triaged.walk import story
    from triaged.walk.conversation import conversation

    with context.store() as store:
        ticket, knowledge = context.ticket(store, reference), context.knowledge()
        said = conversation(ticket, store, knowledge.surroundings) if as_text else []
        told = story.whole(ticket, store, knowledge, context.now()) if as_json or not as_text else {}
    if as_json:
        more = {"conversation": [asdict(one) for one in said]} if as_text else {}
        output.say(output.json_line(told | more))
    elif as_text:
        ticket_story.tell_conversation(ticket, said)
    else:
        ticket_story.tell(told, every_rule=every_rule)


def _act(reference: str, act: Callable[[ByHand, Ticket], Ticket]) -> Ticket:
    with context.store() as store:
        by_hand = context.by_hand(store)
        return act(by_hand, context.ticket(store, reference))


@command.command()
@click.argument("reference")
@click.argument("severity", type=click.Choice(["S1", "S2", "S3", "S4"], case_sensitive=False))
@click.option("--reason", required=True, help="Why; it becomes training data with the mail's text.")
def severity(reference: str, severity: str, reason: str) -> None:
    """Correct the severity. A human's word stands for good, and the classifier learns from it."""
    because = _words(reason, "reason")
    ticket = _act(reference, lambda by_hand, t: by_hand.correct(t, severity, because))
    output.say(f"{ticket.reference} is {ticket.severity}: {ticket.severity_because}")


@command.command()
@click.argument("reference")
@click.argument("text", required=False)
@click.option("--tell", "--report", "report", help="What the partner is told with the next progress update.")
def note(reference: str, text: str | None, report: str | None) -> None:
    """Write something into the story that no partner sees; with --tell also what the next update tells him."""
    text, report = (text or "").strip(), (report or "").strip()
    if not (text or report):
        raise click.UsageError("say what to note, or --tell what the partner is told, or both")
    told: dict[str, Any] = {"report": report} if report else {}
    ticket = _act(reference, lambda by_hand, t: by_hand.happen(t, "staff_noted", text or report, **told))
    also = "; the next progress update tells the partner" if report else ""
    output.say(f"noted on {ticket.reference}{also}")


@command.command()
@click.argument("reference")
@click.argument("person")
def assign(reference: str, person: str) -> None:
    """Give it to PERSON, a mail address; reminders go there. With a name, "Ben Carter <ben@…>", letters tell it."""
    name, address = parseaddr(person)
    if "@" not in address:
        raise click.BadParameter(f"{person!r} is not a valid mail address; reminders go there")
    told: dict[str, Any] = {"to": address.lower()} | ({"name": name} if name else {})
    ticket = _act(
        reference, lambda by_hand, t: by_hand.happen(t, "assigned", f"assigned to {person}", **told)
    )
    output.say(f"{ticket.reference} is assigned to {ticket.assigned_to}")


@command.command()
@click.argument("reference")
@click.option("--reason", default="the problem is identified", show_default=True)
def identify(reference: str, reason: str) -> None:
    """The problem is understood: stops the identification clock."""
    ticket = _act(reference, lambda by_hand, t: by_hand.happen(t, "identified", reason))
    output.say(f"{ticket.reference}: the problem is identified; it is {ticket.state}")


@command.command()
@click.argument("reference")
@click.option("--reason", default="waiting on the partner", show_default=True)
def wait(reference: str, reason: str) -> None:
    """Waiting on the partner: clocks pause, reminders run."""
    ticket = _act(reference, lambda by_hand, t: by_hand.happen(t, "waiting", reason))
    output.say(f"{ticket.reference} is waiting on the partner")


@command.command()
@click.argument("reference")
@click.option("--reason", default="resolved", show_default=True, help="Why; it stays with us.")
@click.option("--tell", default="", help="What the partner is told about it, in his language.")
@click.option("--quiet", is_flag=True, help="Without a letter to the partner.")
def resolve(reference: str, reason: str, tell: str, quiet: bool) -> None:
    """It is solved: the partner is told and asked how it was."""
    told: dict[str, Any] = {"tell": tell.strip()} if tell.strip() else {}
    if told and quiet:
        raise click.UsageError("--tell is said in the letter that --quiet leaves out")
    _said(_act(reference, lambda by_hand, t: by_hand.happen(t, "resolved", reason, quiet=quiet, **told)))


@command.command()
@click.argument("reference")
@click.option("--reason", default="closed", show_default=True)
@click.option("--quiet", is_flag=True, help="Without a letter to the partner.")
def close(reference: str, reason: str, quiet: bool) -> None:
    """Close it for good; a later mail opens a new, linked ticket."""
    _said(_act(reference, lambda by_hand, t: by_hand.happen(t, "closed", reason, quiet=quiet)))


@command.command()
@click.argument("reference")
@click.option("--reason", default="reopened by staff", show_default=True)
def reopen(reference: str, reason: str) -> None:
    """Open a resolved or closed ticket again."""
    _said(_act(reference, lambda by_hand, t: by_hand.happen(t, "reopened", reason)))


@command.command()
@click.argument("reference")
@click.argument("tier", type=click.IntRange(2, 3))
@click.option("--reason", default="escalated by staff", show_default=True)
def escalate(reference: str, tier: int, reason: str) -> None:
    """Hand it to support tier 2 or 3."""
    ticket = _act(reference, lambda by_hand, t: by_hand.happen(t, "escalated", reason, tier=tier))
    output.say(f"{ticket.reference} handed to tier {ticket.tier}")


@command.command()
@click.argument("reference")
@click.argument("text")
def update(reference: str, text: str) -> None:
    """Tell the partner how it stands: a progress update, now. It is an answer of staff and stops that clock."""
    told = _words(text, "text")
    with context.store() as store:
        by_hand = context.by_hand(store)
        ticket = context.ticket(store, reference)
        before = {one.id for one in store.letters(ticket_id=ticket.id, limit=1)}
        by_hand.progress(ticket, told)
        written = [one for one in store.letters(ticket_id=ticket.id, limit=1) if one.id not in before]
    for letter in written:
        output.say(
            f"{ticket.reference}: letter {letter.id} to {', '.join((*letter.to, *letter.cc))} is in the outbox"
        )
    if not written:
        output.say(
            f"noted on {ticket.reference}; no letter: `triaged tickets show {ticket.reference}` tells why"
        )


@command.command()
@click.argument("reference")
@click.option("--reason", default="reviewed", show_default=True)
def reviewed(reference: str, reason: str) -> None:
    """The open questions are answered: takes it off the review list."""
    ticket = _act(reference, lambda by_hand, t: by_hand.reviewed(t, reason))
    output.say(f"{ticket.reference} is reviewed")


@command.command()
@click.argument("reference")
@click.argument("account")
@click.option("--reason", default="staff found out which account it is", show_default=True)
def account(reference: str, account: str, reason: str) -> None:
    """Say which ACCOUNT it is about, by key, SuperAdmin address, ZOID or ZUID; the partner is told what changes."""
    ticket = _act(reference, lambda by_hand, t: by_hand.name_account(t, _account(account, by_hand), reason))
    output.say(
        f"{ticket.reference} is about {ticket.account_name}: {ticket.severity}, {ticket.service_level}; "
        f"{ticket.severity_because}"
    )


def _account(word: str, by_hand: ByHand) -> Account:
    from triaged.walk.account_named import account_named

    return account_named(word, by_hand.knowledge.directory)


@command.command()
@click.argument("reference")
@click.argument("into")
@click.option("--reason", default="the same case", show_default=True)
def merge(reference: str, into: str, reason: str) -> None:
    """Put REFERENCE into ticket INTO; answers to either reach the survivor, and the partner is told."""
    with context.store() as store:
        by_hand = context.by_hand(store)
        survivor = by_hand.merge(context.ticket(store, reference), context.ticket(store, into), reason)
    output.say(f"{reference.upper()} went into {survivor.reference}")


@command.command()
@click.argument("reference")
@click.argument("subject")
@click.option(
    "--account", "named", help="The account the other matter is about; else the partner is asked for it."
)
@click.option(
    "--passage-file",
    "passage",
    type=click.File("r"),
    help="The words of its mails that the other matter is; - reads standard input.",
)
@click.option("--reason", default="two customers in one mail", show_default=True)
def split(reference: str, subject: str, named: str | None, passage: Any, reason: str) -> None:
    """Open a second ticket for the other matter of a mail; the partner is told, and asked for its account."""
    about = _words(subject, "subject")
    words = passage.read().strip() if passage else ""
    if named is None and sys.stdin.isatty():
        named = click.prompt(
            "account of the other matter (empty: ask the partner)", default="", show_default=False
        )
    ticket = _act(
        reference,
        lambda by_hand, t: by_hand.split(
            t, about, reason, _account(named, by_hand) if named and named.strip() else None, words
        ),
    )
    output.say(
        f"{ticket.reference} opened: {ticket.subject} ({ticket.account_name or 'the partner is asked for its account'})"
    )


def _said(ticket: Ticket) -> None:
    output.say(f"{ticket.reference} is {ticket.state}")


def _words(text: str, what: str) -> str:
    """The text of an argument. Raises click.BadParameter if nothing stands there."""
    if not text.strip():
        raise click.BadParameter(f"the {what} is empty")
    return text.strip()
