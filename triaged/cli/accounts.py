"""`triaged accounts`: check a new directory file and put it in place; show an account."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triaged.cli import context, output
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.judging.directory import Directory


@click.group("accounts")
def command() -> None:
    """The directory of accounts and partners."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partners", is_flag=True, help="FILE holds partners, not accounts.")
@click.option("--dry-run", is_flag=True, help="Check only.")
@click.option("--anyway", is_flag=True, help="Even if most of what stands there would be gone.")
def load(file: Path, partners: bool, dry_run: bool, anyway: bool) -> None:
    """Check FILE and put it in the place the config names; the daemon takes it by reload.

    A bad row refuses the file as a whole, and what stood there stays. So does a file without most of what
    stands there now, as an export that broke off would be.
    """
    from triaged.walk.knowledge import read_directory

    named = context.config().directory
    place = named.partners if partners else named.accounts
    directory = read_directory(
        named.accounts if partners else file, file if partners else named.partners, half=True
    )
    what = "partners" if partners else "accounts"
    new, old = _keys(directory, partners), _standing(named.accounts, named.partners, partners)
    gone = len(old - new)
    if 2 * gone > len(old) and not anyway:
        raise Faulty(f"{file}: {gone} of {len(old)} {what} would be gone; if that is meant, say --anyway")
    told = f"{len(new)} {what} ({len(new - old)} new, {gone} gone)"
    if dry_run:
        output.say(f"{file}: {told}, nothing wrong; not put in place (--dry-run)")
        return
    _put(file, place)
    output.say(f"{told} now in {place}; `systemctl reload triaged` (or SIGHUP) puts them in force")


def _keys(directory: Directory, partners: bool) -> set[str]:
    return {p.domain for p in directory.partners} if partners else {a.key for a in directory.accounts}


def _standing(accounts: Path, partners_file: Path, partners: bool) -> set[str]:
    """What stands there now; nothing where no file is, or none that can be read."""
    from triaged.walk.knowledge import read_directory

    try:
        return _keys(read_directory(accounts, partners_file, half=True), partners)
    except Faulty:
        return set()


def _put(file: Path, place: Path) -> None:
    """Replace `place` whole: a reader sees the old file or the new one, never half of it."""
    try:
        handle, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        with os.fdopen(handle, "wb") as out, file.open("rb") as source:
            shutil.copyfileobj(source, out)
            out.flush()
            os.fsync(out.fileno())
        _like(place, beside)
        Path(beside).replace(place)
    except OSError as error:
        raise Faulty(f"{place}: cannot be written: {error.strerror}") from None


def _like(place: Path, beside: str) -> None:
    """The rights of what stood there; a first file is the folder's group's to read.

    Without it root would put in place what the daemon's user cannot read.
    """
    before = place if place.exists() else place.parent
    Path(beside).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o640)
    with contextlib.suppress(PermissionError):
        os.chown(beside, before.stat().st_uid, before.stat().st_gid)


@command.command("show")
@click.argument("word")
@output.json_option
def show_(word: str, as_json: bool) -> None:
    """Accounts by key, ZOID, ZUID, SuperAdmin address, domain or name, with the arithmetic of their licences."""
    from triaged.judging.accounts import eligible, licences_of

    knowledge = context.knowledge()
    word = word.casefold()
    found = [
        account
        for account in knowledge.directory.accounts
        if word
        in {account.key.casefold(), account.zoid, account.superadmin_email, *account.domains, *account.zuids}
        or word in account.name.casefold()
    ]
    if not found:
        raise Faulty(f"{word}: no account has it as key, id, address, domain or part of its name")
    counts = eligible(knowledge.rulebook.services)
    objects = [
        asdict(a)
        | {
            "subscriptions": dict(a.subscriptions),
            "licences": licences_of(a, counts),
            "threshold": knowledge.rulebook.threshold(a.region),
            "large_user": licences_of(a, counts) >= knowledge.rulebook.threshold(a.region),
        }
        for a in found
    ]
    title = (
        "key",
        "name",
        "region",
        "zoid",
        "superadmin",
        "partner",
        "licences",
        "of",
        "large",
        "subscriptions",
    )
    lines = (
        (
            o["key"],
            o["name"],
            o["region"],
            o["zoid"],
            o["superadmin_email"],
            o["partner_domain"],
            o["licences"],
            o["threshold"],
            "yes" if o["large_user"] else "no",
            "; ".join(
                f"{s}={n}{'' if counts(s) else ' (does not count)'}" for s, n in o["subscriptions"].items()
            ),
        )
        for o in objects
    )
    output.rows(title, lines, as_json=as_json, objects=objects)
