"""`triaged run`: the daemon."""

from __future__ import annotations

import sys

import click

from triaged.cli import output


@click.command("run")
@click.option(
    "--once", is_flag=True, help="Poll, triage, send what is due, and end; exit 0 only if all of it worked."
)
def command(once: bool) -> None:
    """The daemon, in the foreground; systemd runs it (systemd/triaged.service)."""
    from triaged.edge.memory import starting

    with starting():
        from triaged import maillog
        from triaged.config import config as configs
        from triaged.daemon.daemon import Daemon

        path = configs.find(click.get_current_context().find_root().obj)
        config = configs.load(path)
        maillog.begin(config.log.level, config.log.format)
        daemon = Daemon(config, config_path=path)
    if not once:
        daemon.serve()
        return
    faults = daemon.once()
    for fault in faults:
        output.say(fault, err=True)
    sys.exit(1 if faults else 0)
