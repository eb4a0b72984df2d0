"""`triaged check`: everything that can be wrong, told before it is; `--connect` logs in as well."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from triaged.cli import opening
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.config import Config, Imap, Smtp
    from triaged.knowledge import Knowledge

T = TypeVar("T")


@click.command("check")
@click.option("--connect", is_flag=True, help="Log in to IMAP, SMTP and the database too.")
def command(connect: bool) -> None:
    """Config, rulebook, letters, model and directory: every fault with its line, not only the first."""
    from triaged import config as configs

    config = opening.config()
    faults: list[str] = []
    known = _tried(faults, opening.knowledge)
    _tried(faults, lambda: _model(config))
    for warning in [*configs.warnings(config), *(known.warnings if known else ())]:
        click.echo(f"warning: {warning}", err=True)
    if connect:
        for what, attempt in _doors(config):
            try:
                attempt()
                click.echo(f"{what}: ok")
            except Faulty as fault:
                faults += [f"{what}: {line}" for line in fault.lines]
            except Exception as error:
                faults.append(f"{what}: {error or type(error).__name__}")
    for line in faults:
        click.echo(line, err=True)
    if faults:
        sys.exit(1)
    if known:
        click.echo(summary(known))


def summary(known: Knowledge) -> str:
    """One line that says what was found in order."""
    book, directory = known.rulebook, known.directory
    return (
        f"in order: mailboxes {', '.join(m.name for m in known.config.mailboxes)}; {len(book.rules)} rules, "
        f"{len(book.services)} services, {len(directory.accounts)} accounts, "
        f"{len(directory.partners)} partners (rulebook {book.version}, model {_model_name(known.config)})"
    )


def _tried(faults: list[str], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Faulty as fault:
        faults += fault.lines
        return None


def _model(config: Config) -> None:
    from triaged import shipped
    from triaged.judging import classifier
    from triaged.learning import places

    classifier.load(places.current(config.models or shipped.models()))


def _model_name(config: Config) -> str:
    from triaged import shipped
    from triaged.learning import places

    return places.name_of(places.current(config.models or shipped.models()))


def _doors(config: Config) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each connection to try, by name."""
    from triaged import opened_store

    def database() -> None:
        store = opened_store.open_store(config)
        try:
            store.ping()
            store.check_schema()
        finally:
            store.close()

    yield "database", database
    for mailbox in config.mailboxes:
        if mailbox.imap:
            yield f"imap {mailbox.name}", partial(_logged_in, mailbox.imap)
        if mailbox.smtp:
            yield f"smtp {mailbox.name}", partial(_greeted, mailbox.smtp)


def _logged_in(imap: Imap) -> None:
    from triaged.intake import imap as door

    client = door.connect(imap)
    try:
        for folder in filter(None, (imap.folder, imap.sent_folder)):
            if not client.folder_exists(folder):
                raise Faulty(f"the server has no folder {folder!r}")
    finally:
        door.part(client)


def _greeted(smtp: Smtp) -> None:
    from triaged.sender import Line

    Line(smtp).close()
