"""`triaged status`: one screen: mailboxes, queues, due soon, missed, last errors, what is in force."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.errors import Temporary
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.store.rows import Counts, MailboxState, Note, OwedMail
    from triaged.store.service_rows import StoredGrant, Trouble
    from triaged.store.store import Store


OLD = timedelta(minutes=3)  # a daemon tells of itself every few seconds
REMEMBERED = timedelta(hours=1)  # one that ended without a goodbye while others do its work
OWED_SHOWN = 10
_DAEMON = "daemon."
OLD_POLL = timedelta(minutes=70)  # beyond the longest `poll_seconds` there is


@click.command("status")
@click.option("--watch", is_flag=True, help="Again and again, until it is interrupted.")
@click.option(
    "--every",
    type=click.FloatRange(0.1, 3600),
    default=2.0,
    show_default=True,
    help="Seconds between two looks of --watch.",
)
@output.json_option
def command(watch: bool, every: float, as_json: bool) -> None:
    """How it stands, from the database; the daemon need not run."""
    with context.store() as store:
        _show(store, as_json=as_json)
        while watch:
            time.sleep(every)
            _again(store, as_json=as_json)


def _again(store: Store, *, as_json: bool) -> None:
    """Once more, in the place of the last on a terminal. A database that is away is told and looked for again."""
    if sys.stdout.isatty():
        click.clear()
    elif not as_json:
        output.say()
    try:
        _show(store, as_json=as_json)
    except Temporary as error:
        output.say(output.json_line({"error": str(error)}) if as_json else f"database  {error}", fg="red")
    sys.stdout.flush()


def _show(store: Store, *, as_json: bool) -> None:
    now = context.now()
    mailboxes, notes, counts = store.mailbox_states(), store.notes(), store.counts(now)
    leases, owed, grants, troubles = store.leases(), store.owed(), store.grants(), store.troubles()
    daemons = of_daemons(notes, leases, now)
    if as_json:
        found = {
            "mailboxes": [asdict(m) for m in mailboxes],
            "notes": {name: {"value": note.value, "at": note.at} for name, note in notes.items()},
            "counts": _counts(counts),
            "owed": [asdict(one) for one in owed],
            "leases": {name: {"owner": owner, "until": until} for name, (owner, until) in leases.items()},
            "grants": [_grant(one) for one in grants],
            "troubles": [asdict(one) for one in troubles],
            "daemons": [asdict(one) for one in daemons],
        }
        output.say(output.json_line(found))
        return
    _daemons(daemons, now)
    _mailboxes(mailboxes, daemons, now)
    _owed(owed, now)
    _queues(counts, now)
    _grants(grants, now)
    _troubles(troubles, now)
    _in_force(notes)


def _grant(one: StoredGrant) -> dict[str, Any]:
    return {
        name: value for name, value in asdict(one).items() if name not in ("refresh", "access", "version")
    }


def _grants(grants: list[StoredGrant], now: datetime) -> None:
    """Who signs in without a password, where that is not well."""
    for one in grants:
        error = output.clean(one.error or "")
        if one.over_at is not None:
            told = f"{one.user} is over since {output.ago(one.over_at, now)}: {error}; triaged oauth2 login"
            output.say(f"grant     {told}", fg="red")
        elif one.failures:
            output.say(f"grant     {one.user}: {one.failures} failed in a row: {error}", fg="yellow")


def _troubles(troubles: list[Trouble], now: datetime) -> None:
    """What receivers of alerts were told of, and what still is so."""
    for one in troubles:
        if one.told_at is not None:
            about = f" {output.clean(one.key)}" if one.key else ""
            output.say(f"trouble   {one.event}{about}, told {output.ago(one.told_at, now)}", fg="red")


def _counts(counts: Counts) -> dict[str, Any]:
    tickets = {f"{state}/{severity}": number for (state, severity), number in counts.tickets.items()}
    return asdict(counts) | {"tickets": tickets}


@dataclass(frozen=True)
class Daemon:
    """A daemon of the last day. `reads`: the mailboxes it holds; `knows`: those of its config; `buried_by`: who took over
    what it had in hand, once it was found dead."""

    name: str
    seen: datetime
    alive: bool
    reads: tuple[str, ...]
    knows: tuple[str, ...]
    buried_by: str | None
    work: int


def of_daemons(
    notes: Mapping[str, Note], leases: Mapping[str, tuple[str, datetime]], now: datetime
) -> list[Daemon]:
    """Each writes every few seconds, and takes its line away when it stops in order."""
    found = []
    for key, note in sorted(notes.items()):
        if not key.startswith(_DAEMON) or now - note.at >= timedelta(days=1):
            continue
        name, told = key.removeprefix(_DAEMON), note.value or {}
        heir = told.get("buried_by")
        reads = [lease.partition(":")[2] for lease, (owner, _) in leases.items() if owner == name and lease.startswith("mailbox:")]  # fmt: skip
        alive = now - note.at <= OLD and heir is None
        knows = tuple(told.get("mailboxes", ()))
        found.append(
            Daemon(name, note.at, alive, tuple(reads) if alive else (), knows, heir, told.get("work", 0))
        )
    return found


def _daemons(daemons: Sequence[Daemon], now: datetime) -> None:
    """Who runs, and what it holds; red only where work is left that nobody does."""
    living = {name for one in daemons if one.alive for name in one.knows}
    if not any(one.alive for one in daemons):
        output.say("daemon    none is running", fg="red")
    for one in daemons:
        told = f"daemon    {one.name} seen {output.ago(one.seen, now)}"
        if one.alive:
            output.say(f"{told}{': reads ' + ', '.join(one.reads) if one.reads else ''}")
            continue
        covered = any(other.alive for other in daemons) and living.issuperset(one.knows)
        if covered and now - one.seen >= REMEMBERED:
            continue
        gone = f"{told}: killed, or stuck"
        if one.buried_by is not None:
            gone += f"; {one.work} pieces of its work went to {one.buried_by}"
        output.say(gone, fg=None if covered else "red")


def _mailboxes(mailboxes: list[MailboxState], daemons: Sequence[Daemon], now: datetime) -> None:
    read = {mailbox: one.name for one in daemons for mailbox in one.reads}
    for one in mailboxes:
        trouble = f"  {one.failures} failed in a row: {output.clean(one.error or '')}" if one.failures else ""
        old = one.good_at is None or now - one.good_at > OLD_POLL
        colour = "red" if one.failures or old else None
        by = f", read by {read[one.mailbox]}" if one.mailbox in read else ""
        output.say(
            f"mailbox   {one.mailbox:16} last good poll {output.ago(one.good_at, now)}{by}{trouble}",
            fg=colour,
        )
    if not mailboxes:
        output.say("mailbox   none polled yet")


def _owed(owed: list[OwedMail], now: datetime) -> None:
    """Mails on a server that did not give them whole; each is asked for again by itself."""
    for one in owed[:OWED_SHOWN]:
        where = f"{output.clean(one.folder)} uid {one.uid}"
        tries = f"asked for {counted(one.failures, 'time')} since {output.age(one.since, now)}"
        output.say(f"owed      {one.mailbox:16} {where} {tries}: {output.clean(one.error)}", fg="red")
    if len(owed) > OWED_SHOWN:
        output.say(f"owed      and {len(owed) - OWED_SHOWN} more", fg="red")


def _queues(counts: Counts, now: datetime) -> None:
    shown = ", ".join(f"{n} {s}" for s, n in counts.live.items()) or "none"
    output.say(f"tickets   open: {shown}; {counts.reviews} to review")
    late = "red" if counts.missed else None
    output.say(
        f"promises  {counts.missed} missed on open tickets, {counted(counts.dues_soon, 'step')} due within the hour, {counts.dues_late} overdue to take",
        fg=late,
    )
    mails = ", ".join(f"{n} {fate}" for fate, n in sorted(counts.mail.items()) if n) or "none"
    output.say(f"mail      {mails}", fg="red" if counts.mail.get("quarantine") else None)
    if counts.oldest_waiting_mail:
        output.say(f"          oldest waiting mail: {output.age(counts.oldest_waiting_mail, now)}")
    letters = ", ".join(f"{n} {state}" for state, n in sorted(counts.letters.items()) if n) or "none"
    output.say(f"letters   {letters}", fg="red" if counts.letters.get("failed") else None)
    if counts.failed_addresses:
        output.say(
            f"          {counts.failed_addresses} addresses are not reached: triaged addresses list", fg="red"
        )


def _in_force(notes: dict[str, Note]) -> None:
    force = notes.get("in_force")
    if force:
        value = force.value
        output.say(
            f"in force  rulebook {value['rulebook']} ({counted(value['rules'], 'rule')}, {counted(len(value['files']), 'file')}), "
            f"model {value['model']}, directory {value['directory']} ({counted(value['accounts'], 'account')}), "
            f"since {output.when(force.at)}"
        )
    refused = notes.get("reload.refused")
    if refused and refused.value:
        output.say(f"refused   the reload of {output.when(refused.at)}:", fg="red")
        for complaint in refused.value["lines"][:10]:
            output.say(f"          {output.clean(complaint)}", fg="red")
    for name, note in sorted(notes.items()):
        kind, _, rest = name.partition(":")
        if kind == "smtp":
            well = note.value.get("ok")
            said = (
                "takes letters" if well else f"takes no letters: {output.clean(str(note.value.get('error')))}"
            )
            output.say(f"smtp      {rest:16} {said} ({output.when(note.at)})", fg=None if well else "red")
        elif kind == "letters" and note.value:
            output.say(
                f"letters   to {rest} failed: {output.clean(str(note.value))} ({output.when(note.at)})",
                fg="red",
            )
        elif name == "retention":
            gone = ", ".join(
                f"{n} {what.replace('_', ' ')}" for what, n in note.value.get("gone", {}).items()
            )
            waits = "; the clock leapt: nothing goes for a day" if note.value.get("doubted") else ""
            output.say(f"retention last {output.when(note.at)}: {gone or 'nothing was over'}{waits}")
        elif name == "directory.old" and note.value:
            output.say(
                f"directory is {output.clean(str(note.value))} old: `triaged accounts load`", fg="yellow"
            )
