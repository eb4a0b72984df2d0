"""The command line. One small module a command; it imports what it runs only when it runs it.

So `triaged --help` starts in a blink: the group below knows each command's name and one line of
help by heart and loads the module when the command is called.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence

import click

from triaged import __version__

COMMANDS = {
    "init": "A new house: config, directory, rulebook, places for passwords.",
    "run": "The daemon; --once polls, triages, sends what is due, and ends.",
    "check": "Check config, rulebook, letters, model and directory; --connect logs in too.",
    "explain": "What would happen to a mail, and why; writes nothing anywhere.",
    "rules": "The rulebook: test, backtest, schema, stats.",
    "tickets": "The queue, a ticket's whole story, and what mail can't tell.",
    "mail": "The ledger of received mail.",
    "quarantine": "What could not be handled, and another try.",
    "outbox": "Letters and their fate.",
    "accounts": "The directory of accounts and partners.",
    "addresses": "Addresses our letters do not reach.",
    "cases": "Engineering cases of tickets.",
    "train": "Train a severity model from examples and corrections.",
    "model": "Show, compare and promote models.",
    "report": "How the promises were kept.",
    "simulate": "A synthetic month on the real store with a moved clock.",
    "alerts": "The other ways of telling staff: try them, see what was told.",
    "oauth2": "Sign-in without passwords: sign in, see the grants.",
    "status": "One screen: mailboxes, queues, due soon, missed, last errors.",
    "web": "The pages: My tickets and the queue; web link: a sign-in link by hand.",
    "sessions": "Screen-sharing sessions: offer, move, begin …; end: sessions at the pages.",
    "privacy": "What is held of a person: show it, erase it.",
    "db": "The database: upgrade, backup, restore, copy, check.",
    "demo": "Everything in one process: sample mail through the real door.",
}


class LazyGroup(click.Group):
    """Loads `triaged.cli.<name>` when the command `<name>` is called; its `command` is what runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, loaded now."""
        if cmd_name not in COMMANDS:
            if not ctx.resilient_parsing:
                from triaged.spec.did_you_mean import did_you_mean

                ctx.fail(f"No such command {cmd_name!r}{did_you_mean(cmd_name, COMMANDS)}")
            return None
        module = importlib.import_module(f"triaged.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands without loading one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triaged")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    help="config.yaml; else TRIAGED_CONFIG, ./config.yaml, /etc/triaged/config.yaml.",
)
@click.pass_context
def group(ctx: click.Context, config_file: str | None) -> None:
    """Read partner-support mailboxes and do the first hour of a support desk's work."""
    ctx.obj = config_file


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 it found or met a fault (one line on standard error), 2 wrong use."""
    from triaged.cli import output
    from triaged.errors import Faulty, Permanent, Temporary
    from triaged.spec.former import command

    output.write_anywhere()
    arguments, former = command(sys.argv[1:] if arguments is None else arguments)
    for warning in former:
        output.say(f"warning: {warning}", err=True)
    try:
        group.main(args=arguments, prog_name="triaged", standalone_mode=False)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as wrong:
        told = io.StringIO()
        wrong.show(told)
        output.say(told.getvalue(), err=True, nl=False)
        sys.exit(wrong.exit_code)
    except Faulty as fault:
        for line in fault.lines:
            output.say(line, err=True)
        sys.exit(1)
    except BrokenPipeError:
        # `triaged tickets list | head`: the reader has gone; say nothing, and let Python's last flush find a sink.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (Temporary, Permanent) as trouble:
        output.say(f"triaged: {trouble}", err=True)
        sys.exit(1)
    except OSError as trouble:
        if trouble.filename is None and not isinstance(trouble, PermissionError):
            raise
        output.say(f"{trouble.filename or 'triaged'}: {trouble.strerror or trouble}", err=True)
        sys.exit(1)
    sys.exit(0)
