"""`triaged demo`: everything in one process on an embedded default, sample mail through the real door."""

from __future__ import annotations

import email
import email.message
import email.policy
from typing import TYPE_CHECKING

import click

from triaged.cli import output
from triaged.cli.explanation import line

if TYPE_CHECKING:
    from triaged.demo.play import Play
    from triaged.store.rows import LedgerMail

STAFF = "ben.carter@zohocorp.com"  # the one of staff who acts, and may sign in


@click.command("demo")
@click.option(
    "--stay",
    is_flag=True,
    help="Keep the daemon up to play with; with the pages, more tickets and three sign-in links.",
)
@click.option("--letters", is_flag=True, help="Show the letters' texts too.")
def command(stay: bool, letters: bool) -> None:
    """Sample partner mail through the real SMTP door: tickets, reasons and letters. Ends by itself."""
    from triaged.demo import play as plays

    output.say("starting triaged on a SQLite database in a temporary folder …")
    with plays.playing(output.say, admin=STAFF if stay else "") as play:
        tickets = set()
        for file in plays.samples():
            mail = play.send(file)
            if mail.ticket_id and mail.fate == "ticket":
                tickets.add(mail.ticket_id)
            _tell(file.stem, mail, play, letters)
        _sum_up(play, len(tickets))
        if stay:
            from triaged.demo import scenes

            output.say("playing more scenes, so that every state of a ticket can be seen …")
            scenes.play_all(play, STAFF)
            for who, link in scenes.links(play, STAFF):
                output.say(f"{who}: {link}")
            plays.stay(play)


def _tell(name: str, mail: LedgerMail, play: Play, letters: bool) -> None:
    store = play.daemon.house.store
    output.say(f"\n{name}", bold=True)
    line("mail", f"{mail.sender}: {mail.subject}")
    line("fate", f"{mail.kind} → {mail.fate}: {mail.why}")
    ticket = store.ticket(mail.ticket_id) if mail.ticket_id else None
    if ticket is not None:
        sure = " (provisional)" if ticket.provisional else ""
        line("ticket", f"{ticket.reference}, {ticket.state}, {ticket.service or 'no service named'}")
        line(
            "severity", f"{ticket.severity}{sure}: {ticket.severity_because}", output.COLOURS[ticket.severity]
        )
        if ticket.account_name:
            large = "large user account" if ticket.large_user else "not treated as large"
            line("account", f"{ticket.account_name}: {ticket.licences} eligible licences, {large}")
        for reason in ticket.reviews:
            line("review", reason)
    written = [one for one in store.letters(limit=50) if one.written_at >= mail.kept_at]
    for letter in reversed(written):
        line(
            "letter",
            f"{letter.kind} to {', '.join((*letter.to, *letter.cc))}: {letter.subject} ({letter.state})",
        )
        if letters:
            output.say(_text(store.letter(letter.id)))


def _text(letter: object) -> str:
    raw = getattr(letter, "raw", b"") or b""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = mail.get_body(("plain",)) if isinstance(mail, email.message.EmailMessage) else None
    body = str(text.get_content()) if text is not None else ""
    return "\n".join("      | " + output.clean(x) for x in body.splitlines())


def _sum_up(play: Play, tickets: int) -> None:
    counts = play.daemon.house.store.counts(play.daemon.clock())
    mails = ", ".join(f"{number} {fate}" for fate, number in sorted(counts.mail.items()) if number)
    output.say(f"\n{tickets} tickets; mails: {mails}; {len(play.sink.letters)} letters delivered", bold=True)
