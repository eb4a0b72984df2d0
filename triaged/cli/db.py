"""`triaged db`: bring the database to this version's schema, back it up, move it, and ask it for broken promises."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.store.engine import Engines


@click.group("db")
def command() -> None:
    """The database."""


@command.command()
def upgrade() -> None:
    """Create or migrate the tables; safe to run twice."""
    from triaged.store import schema
    from triaged.store.open_store import password

    config = context.config()
    revision = schema.upgrade(config.database, password(config))
    output.say(f"database is at schema {revision}")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--keep", type=click.IntRange(1, 1000), help="Keep the N newest: FILE, FILE.1, FILE.2, and so on."
)
def backup(file: Path, keep: int | None) -> None:
    """Write the whole database to FILE (SQLite, mode 0600), while daemons run; it is read back before it counts."""
    from triaged.store import backup as backups

    with closing(_here()) as engines:
        made = backups.make(engines, file, context.now(), keep)
    output.say(f"{file}: {_told(made.rows)}, {made.size} bytes, schema {made.schema}, read back whole")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Throw away what is in the database now.")
def restore(file: Path, replace: bool) -> None:
    """Put a backup into the configured database, whole or not at all. Stop the daemons first."""
    from triaged.store import backup as backups
    from triaged.store.open_store import password

    config = context.config()
    backups.read_back(file)  # before a database is made for it
    with closing(backups.open_target(config.database, password(config), replace=replace)) as engines:
        _nobody_runs(engines)
        made = backups.restore(file, engines, replace=replace)
    then = "what stood there was thrown away; " if replace else ""
    output.say(
        f"restored {_told(made.rows)}: {then}as of {output.when(made.made_at)} UTC, schema {made.schema}"
    )
    with context.store() as store:
        waiting = store.counts(context.now()).letters.get("waiting", 0)
    if waiting:
        output.say(
            f"{waiting} letters wait in it: those that left since leave again under their old Message-IDs; "
            "see `triaged outbox list --state waiting` before a daemon starts"
        )
    output.say(
        "mail that came since lies where `after:` put it on the mail server: move it back into the inbox"
    )


@command.command()
@click.argument("url")
@click.option(
    "--password-file", type=click.Path(path_type=Path, dir_okay=False), help="The other one's password."
)
@click.option("--replace", is_flag=True, help="Throw away what is in the other database now.")
def copy(url: str, password_file: Path | None, replace: bool) -> None:
    """Copy the configured database to URL (sqlite:///FILE or postgresql://…), each row compared. Stop the daemons first."""
    from triaged.store import backup as backups

    secret = password_file.read_text("utf-8").strip() if password_file else None
    with closing(_here()) as source:
        _nobody_runs(source)
        with closing(backups.open_target(url, secret)) as target:
            if _same(source, target):
                raise Faulty(f"{url}: is the configured database itself")
            _nobody_runs(target)
            rows = backups.copy(source, target, replace=replace)
    output.say(f"copied {_told(rows)}, {sum(rows.values())} rows in all, each compared")
    output.say(f"now write `database: {url}` in the config, then `triaged db check`")


@command.command()
@output.json_option
def check(as_json: bool) -> None:
    """Ask the store for every promise that is not kept: one line a fault, with its ids; exit 1 if there is one."""
    from triaged.walk import promises_kept

    knowledge = context.knowledge()
    with context.store() as store:
        faults = promises_kept.faults(store, knowledge.rulebook, context.now())
    title = ("fault", "ids", "why")
    lines = ((f.name, " ".join(f.ids), f.why) for f in faults)
    objects = ({"fault": f.name, "ids": list(f.ids), "why": f.why} for f in faults)
    output.rows(title, lines, as_json=as_json, objects=objects)
    if faults:
        raise Faulty(f"{len(faults)} promises are not kept")
    if not as_json:
        output.say("every promise is kept")


def _here() -> Engines:
    """The configured database."""
    from triaged.store.engine import open_engines, parse
    from triaged.store.open_store import password, refuse_absent

    config = context.config()
    refuse_absent(config)
    return open_engines(parse(config.database, password(config)))


def _nobody_runs(engines: Engines) -> None:
    from triaged.store import running

    found = running.daemons(engines, context.now())
    if found:
        raise Faulty(
            f"{', '.join(found)}: a daemon works on {engines.url.render_as_string()}; stop it first "
            "(on PostgreSQL one that was killed counts for ten minutes)"
        )


def _same(one: Engines, other: Engines) -> bool:
    if one.url.get_backend_name() == other.url.get_backend_name() == "sqlite":
        return Path(str(one.url.database)).samefile(str(other.url.database))
    return one.url == other.url


def _told(rows: Mapping[str, int]) -> str:
    return f"{counted(rows.get('ticket', 0), 'ticket')}, {counted(rows.get('mail', 0), 'mail')}, {counted(rows.get('letter', 0), 'letter')}"
