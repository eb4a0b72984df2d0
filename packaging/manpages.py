"""Man pages of every command, from the commands themselves: `python packaging/manpages.py FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from triaged import __version__
from triaged.cli import COMMANDS, group


def commands(
    command: click.Command = group, path: tuple[str, ...] = ("triaged",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The words of a command and of each below it, in the order of `--help`."""
    context = click.Context(command, info_name=path[-1])
    yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))


def page(command: click.Command, path: tuple[str, ...]) -> str:
    """One page in roff."""
    title, name = "-".join(path), " ".join(path)
    short = " ".join((command.help or command.get_short_help_str(200)).split("\n\n")[0].split())
    arguments = " ".join(
        p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)
    )
    lines = [
        f'.TH "{title.upper()}" "1" "" "triaged {__version__}" "triaged"',
        ".SH NAME",
        f"{escaped(title)} \\- {escaped(short.rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {escaped(name)}",
        escaped(f"[OPTIONS] {'COMMAND …' if isinstance(command, click.Group) else arguments}"),
        ".SH DESCRIPTION",
        *(escaped(line) or ".PP" for line in (command.help or "").splitlines()),
        *_options(command),
    ]
    if isinstance(command, click.Group):
        lines += _below(command, path)
    lines += [".SH EXIT STATUS", "0 done; 1 it found or met a fault; 2 wrong use; 130 interrupted."]
    lines += [".SH SEE ALSO", ".BR triaged (1),", "/usr/share/doc/triaged/docs/"]
    return "\n".join(lines) + "\n"


def _options(command: click.Command) -> Iterator[str]:
    context = click.Context(command)
    options = (p for p in command.get_params(context) if isinstance(p, click.Option))
    told = [record for p in options if (record := p.get_help_record(context))]
    if told:
        yield ".SH OPTIONS"
    for names, help_text in told:
        yield from (".TP", f".B {escaped(names)}", escaped(help_text) or "\\&")


def _below(command: click.Group, path: tuple[str, ...]) -> Iterator[str]:
    context = click.Context(command)
    yield ".SH COMMANDS"
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        told = COMMANDS[name] if path == ("triaged",) else below.get_short_help_str(200)
        yield from (".TP", f".BR {escaped('-'.join((*path, name)))} (1)", escaped(told))


def escaped(text: str) -> str:
    """Text as roff takes it: no command at the start of a line, no escape within."""
    told = text.strip().replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{told}" if told.startswith((".", "'")) else told


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path, command in commands():
        (folder / f"{'-'.join(path)}.1").write_text(page(command, path), "utf-8")
