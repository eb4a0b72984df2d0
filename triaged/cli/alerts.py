"""`triaged alerts …`: try the other ways of telling staff, and what was told by them."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from triaged.cli import context, output
from triaged.errors import Faulty, Temporary


@click.group("alerts")
def command() -> None:
    """The other ways of telling staff."""


@command.command("test")
@click.argument("names", nargs=-1)
def test(names: tuple[str, ...]) -> None:
    """Tell every receiver of `alerts`, or those NAMES, that this is a test; exit 1 where one could not be told."""
    from triaged.alerts import receivers

    config = context.config()
    if not config.alerts:
        raise Faulty("the config has no alerts")
    known = {one.label: one for one in config.alerts}
    if unknown := [name for name in names if name not in known]:
        raise Faulty(*(f"{name}: no such receiver; there are {', '.join(known)}" for name in unknown))
    told = {
        "event": "test",
        "key": "test",
        "over": False,
        "severity": None,
        "title": "triaged: a test",
        "body": f"Sent by {context.actor()} with `triaged alerts test`. Nothing is wrong.",
        "at": output.plain(context.now()),
    }
    failed = False
    for name, receiver in known.items():
        if names and name not in names:
            continue
        try:
            for address in receivers.addresses(receiver):
                receivers.hand_over(receiver, address, told)
                output.say(f"{name}: address {address.number} ({address.scheme}): told")
        except (Faulty, Temporary) as error:
            failed = True
            for line in str(error).splitlines():
                output.say(line if line.startswith("alerts ") else f"alerts {name}: {line}", err=True)
    sys.exit(1 if failed else 0)


@command.command("list")
@click.option("--state", type=click.Choice(["waiting", "sent", "failed", "withdrawn"]))
@click.option("--limit", type=output.LIMIT, default=100, show_default=True)
@output.json_option
def listing(state: str | None, limit: int, as_json: bool) -> None:
    """What was told, or waits to be, newest first."""
    from triaged.store.service_rows import AlertState

    with context.store() as store:
        found = output.first(limit, lambda most: store.alerts(most, AlertState(state) if state else None))
    lines = [
        (
            one.id,
            one.receiver,
            one.event,
            f"{one.title}{' (over)' if one.over else ''}",
            one.state,
            output.when(one.sent_at or one.ready_at),
            one.error,
        )
        for one in found
    ]
    title = ("id", "receiver", "event", "title", "state", "at", "error")
    output.rows(title, lines, as_json=as_json, objects=[asdict(one) for one in found])
