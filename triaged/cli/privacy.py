"""`triaged privacy`: everything held of a person, to be handed out or erased."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted


@click.group("privacy")
def command() -> None:
    """What is held of a person, by mail address."""


@command.command()
@click.argument("address")
@output.json_option
def show(address: str, as_json: bool) -> None:
    """Everything held of ADDRESS: mails, letters, tickets, events, training texts; with --json each text whole."""
    with context.store() as store:
        held = store.held(_address(address), who=context.actor(), now=context.now())
    if as_json:
        output.say(output.json_line(asdict(held)))
        return
    for what, rows in asdict(held).items():
        if not isinstance(rows, list) or not rows:
            continue
        output.say(f"{what.replace('_', ' ')}: {len(rows)}", bold=True)
        for row in rows:
            shown = row.items() if isinstance(row, dict) else [("", row)]
            told = (
                f"{n} {output.clean(str(output.plain(v)))}".strip() for n, v in shown if n != "text" and v
            )
            output.say(f"  {'; '.join(told)}")
            if isinstance(row, dict) and row.get("text"):
                for line in str(row["text"]).splitlines():
                    output.say(f"    | {output.clean(line)}")
    if not any(held.counts.values()):
        output.say("nothing is held")


@command.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Without being asked.")
def erase(address: str, yes: bool) -> None:
    """Erase ADDRESS for good: mails, letters, names, training texts. Tickets stay countable, without him."""
    key = _address(address)
    with context.store() as store:
        held = store.held(key)
        output.say(
            ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in held.counts.items() if n) or "nothing"
        )
        live = [one["id"] for one in held.tickets if one["state"] not in ("closed", "resolved")]
        if live:
            output.say(f"still open, nobody will be answered there: {' '.join(f'PS-{n}' for n in live)}")
        if not yes:
            if not sys.stdin.isatty():
                raise Faulty("this cannot be undone: say --yes")
            click.confirm(f"Erase {key} for good?", abort=True)
        counts = store.erase(key, context.actor(), context.now())
    output.say("erased: " + (", ".join(f"{n} {what}" for what, n in counts.items()) or "nothing was held"))
    _kept(held.named_in, held.other_spellings)


@command.command()
@click.option("--limit", default=100, show_default=True, type=output.LIMIT)
@output.json_option
def log(limit: int, as_json: bool) -> None:
    """Who looked up or erased somebody, and when: without a name."""
    with context.store() as store:
        audits = output.first(limit, store.audits)
    lines = ((output.when(a["at"]), a["who"], a["what"], a["about"][:12], a["counts"]) for a in audits)
    output.rows(("at", "who", "what", "about", "counts"), lines, as_json=as_json, objects=audits)


def _kept(named_in: list[int], others: list[str]) -> None:
    """What must be kept, or is not ours to erase."""
    output.say("kept: the tickets, and kinds and times of their events; an audit row without the address")
    if named_in:
        numbers = " ".join(map(str, named_in[:20])) + (" …" if len(named_in) > 20 else "")
        output.say(f"kept: {counted(len(named_in), 'mail')} by others, naming the address: {numbers}")
    for one in others:
        output.say(f"not erased, perhaps the same person: {one}")
    output.say(
        "not ours to erase: the mail server's folders, the directory's files, backups made before (erase again "
        "after a restore), models trained before (weights of words, no texts)"
    )


def _address(given: str) -> str:
    local, at, domain = given.strip().rpartition("@")
    if not (at and local and domain) or any(c.isspace() for c in given.strip()):
        raise Faulty(f"{given!r} is not a valid mail address; write one whole address")
    return given.strip()
