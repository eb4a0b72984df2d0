"""`triaged addresses`: whom our letters do not reach, and clearing an address that works again."""

from __future__ import annotations

import click

from triaged.cli import context, output
from triaged.errors import Faulty


@click.group("addresses")
def command() -> None:
    """Addresses our letters bounced from; they get none until cleared."""


@command.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """The failed addresses."""
    with context.store() as store:
        failed = store.failed_addresses()
    output.rows(
        ("address", "since", "why"),
        ((f.address, output.when(f.at), f.why) for f in failed),
        as_json=as_json,
        objects=({"address": f.address, "at": f.at, "why": f.why} for f in failed),
    )


@command.command()
@click.argument("address")
def clear(address: str) -> None:
    """Let letters go to an address again."""
    with context.store() as store:
        if not store.clear_address(address.lower()):
            raise Faulty(f"{address}: is not marked; `triaged addresses list` shows those that are")
    output.say(f"{address.lower()} gets letters again")
