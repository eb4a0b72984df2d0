"""`triaged web`: the pages of partners and support ops; `web link`: a sign-in link by hand."""

from __future__ import annotations

import click

from triaged.cli import context, output
from triaged.errors import Faulty


@click.group("web", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """The pages, in the foreground; systemd runs them (systemd/triaged-web.service)."""
    if ctx.invoked_subcommand is not None:
        return
    from triaged.edge.memory import starting

    with starting():
        from triaged import maillog
        from triaged.web.serve import Pages

        config = context.config()
        maillog.begin(config.log.level, config.log.format)
        pages = Pages(config)
    pages.run()


@command.command()
@click.argument("address")
def link(address: str) -> None:
    """A link that signs in ADDRESS once, in any browser: for tests and for people whom no letter reaches."""
    from triaged.web import people
    from triaged.web.serve import Pages
    from triaged.web.signing_in import passes

    pages = Pages(context.config())
    try:
        house = pages.house
        if people.find(address.strip(), house.knowledge, house.web) is None:
            raise Faulty(
                f"{address}: neither a partner's nor staff's; partners.csv and `staff` of the config say who is"
            )
        output.say(passes.by_hand(house, address.strip().lower(), context.now()))
    finally:
        pages.stop()
