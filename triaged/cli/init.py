"""`triaged init`: a folder with all that a new house begins with; nothing that stands there is touched."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from triaged.cli import output
from triaged.errors import Faulty
from triaged.frozen import frozen

if TYPE_CHECKING:
    from triaged.config.starting import Answers

SERVICE, STATE = Path("/etc/triaged"), Path("/var/lib/triaged")
BOOTED = Path("/run/systemd/system")  # there where systemd runs (sd_booted(3)): not in a container
_SHARED, _SECRET = 0o640, 0o600


@frozen
class Given:
    """What the call's options say; None: to be asked, or with --yes to be guessed."""

    address: str | None
    imap: str | None
    smtp: str | None
    user: str | None
    alert: str | None
    authserv_id: str | None


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--yes", is_flag=True, help="Ask nothing: take the options, and examples for the rest.")
@click.option("--address", help="The support address.")
@click.option("--imap", metavar="HOST[:PORT]", help="Where its mail is read; default imap.DOMAIN.")
@click.option("--smtp", metavar="HOST[:PORT]", help="Where letters are handed in; default smtp.DOMAIN.")
@click.option("--user", help="Who logs in to both; default the address.")
@click.option("--alert", help="Who gets the letters to staff.")
@click.option("--authserv-id", help="What the mail server writes first in Authentication-Results.")
@click.option(
    "--service",
    is_flag=True,
    help="For the systemd unit: data in /var/lib/triaged, passwords by LoadCredential; implied by /etc/triaged.",
)
def command(folder: Path, yes: bool, service: bool, **options: str | None) -> None:
    """Write a commented config, an example directory, rulebook, model and places for passwords into DIR."""
    from triaged.config import config as configs
    from triaged.config import shipped, starting

    service = service or folder.absolute() == SERVICE
    _refuse_to_overwrite(folder, service)
    answers = _answers(Given(**options), yes, service)
    if answers.alert.lower() == answers.address.lower():
        raise Faulty(f"{answers.alert}: letters to staff would come back as mail of the support address")
    text = starting.first_config(shipped.example().read_text("utf-8"), answers)
    config, complaints = configs.parse(text, str(folder / "config.yaml"))
    if config is None:
        raise Faulty(*map(str, complaints))
    passwords = {starting.IMAP_SECRET: "", starting.SMTP_SECRET: ""}
    if not yes:
        passwords = _passwords(passwords)
    _lay_out(folder, STATE if service else folder, text, passwords)
    _tell(folder, answers, passwords)


def _refuse_to_overwrite(folder: Path, service: bool) -> None:
    """Raises Faulty naming every file in the way; a rulebook and models that stand there are kept."""
    from triaged.config.starting import IMAP_SECRET, SMTP_SECRET

    names = (
        "config.yaml",
        "accounts.csv",
        "partners.csv",
        f"secrets/{IMAP_SECRET}",
        f"secrets/{SMTP_SECRET}",
    )
    there = [folder / name for name in names if os.path.lexists(folder / name)]
    if there:
        raise Faulty(*(f"{path}: is there already; nothing was written" for path in there))
    if service and not STATE.is_dir():
        raise Faulty(f"{STATE}: no such folder; `systemd-tmpfiles --create triaged.conf` makes it")


def _answers(given: Given, yes: bool, service: bool) -> Answers:
    from triaged.config import starting

    def asked(told: str | None, question: str, guess: str) -> str:
        if told is not None or yes:
            return (guess if told is None else told).strip()
        try:
            return str(click.prompt(question, default=guess or None, err=True)).strip()
        except click.Abort:
            if sys.stdin.isatty():
                raise
            raise Faulty("nobody answers: give --yes, or the answers as options") from None

    address = asked(given.address, "The support address", "partner-support@company.example" if yes else "")
    domain = starting.domain_of(address)
    imap = asked(given.imap, "Its IMAP server (HOST or HOST:PORT)", f"imap.{domain}")
    smtp = asked(given.smtp, "The SMTP server for letters (HOST or HOST:PORT)", f"smtp.{domain}")
    trusted = asked(
        given.authserv_id, "What your mail server writes first in Authentication-Results (- if it writes none)", f"mx.{domain}"
    )  # fmt: skip
    return starting.Answers(
        address=address,
        imap=starting.server(imap, 993),
        smtp=starting.server(smtp, 587),
        user=given.user or address,
        alert=asked(given.alert, "Who gets letters to staff (never the support address)", f"support-leads@{domain}"),
        authserv_id="" if trusted == "-" else trusted,
        database=f"sqlite:///{STATE / 'triaged.db'}" if service else "sqlite:///triaged.db",
        models=str(STATE / "models") if service else "models/",
        service=service,
    )  # fmt: skip


def _passwords(names: Mapping[str, str]) -> dict[str, str]:
    """Asked in the dark; an empty answer leaves the file empty, to be filled later."""
    return {
        name: str(click.prompt(f"Password of {name} (hidden; empty: later)", default="", hide_input=True, show_default=False, err=True))
        for name in names
    }  # fmt: skip


def _lay_out(folder: Path, state: Path, text: str, passwords: Mapping[str, str]) -> None:
    """Everything the check has found free. A file that came in between is not overwritten either."""
    from triaged import demo
    from triaged.config import shipped
    from triaged.edge import private

    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o750)
    samples = Path(demo.__file__).parent
    _write(folder / "accounts.csv", (samples / "accounts.csv").read_text("utf-8"), _SHARED)
    _write(folder / "partners.csv", (samples / "partners.csv").read_text("utf-8"), _SHARED)
    secrets = folder / "secrets"
    if not secrets.exists():
        secrets.mkdir()
        private.own_folder(secrets)
    for name, password in passwords.items():
        _write(secrets / name, f"{password}\n" if password else "", _SECRET)
    _copy(shipped.rules(), folder / "rules")
    _copy(shipped.models(), state / "models")
    _write(folder / "config.yaml", text, _SHARED)  # last: what stands there before it is a house half made


def _write(file: Path, text: str, mode: int) -> None:
    """A new file of its folder's owner and group. Raises OSError, FileExistsError too."""
    from triaged.edge import private

    number = private.opened(file, os.O_WRONLY | os.O_EXCL)
    with os.fdopen(number, "w", encoding="utf-8") as out:
        out.write(text)
        os.fchmod(number, mode)


def _copy(source: Path, target: Path) -> None:
    """A folder that ships, unless there is one; all in it belongs to whom the folder around it does."""
    from triaged.edge import private

    if os.path.lexists(target):
        output.say(f"{target}: is there already and stays as it is", err=True)
        return
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "candidates"))
    for path in (target, *target.rglob("*")):
        path.chmod(0o750 if path.is_dir() else _SHARED)
        private.give(path, target.absolute().parent)


def _tell(folder: Path, answers: Answers, passwords: Mapping[str, str]) -> None:
    """What was made and what is to be done now, as commands to be copied."""
    config = folder / "config.yaml"
    output.say(f"written: {config}, accounts.csv and partners.csv (examples), rules/, models, secrets/")
    steps = [
        f"write the password into {folder / 'secrets' / name}" for name, told in passwords.items() if not told
    ]
    by_systemd = answers.service and BOOTED.is_dir()
    if by_systemd:
        lines = " ".join(f"LoadCredential={name}:{folder / 'secrets' / name}" for name in passwords)
        steps.append(f"`systemctl edit triaged`, below [Service], one a line: {lines}")
    if not answers.authserv_id:
        steps.append(
            "set trusted_authserv_ids once your mail server writes Authentication-Results: nobody is trusted without"
        )
    call = f"triaged --config {config}"
    as_user = "runuser -u triaged -- " if by_systemd else ""
    look = f"CREDENTIALS_DIRECTORY={folder / 'secrets'} " if answers.service else ""
    steps += [
        f"put your own accounts and partners in: {call} accounts load FILE",
        f"{as_user}{call} db upgrade",
        f"{look}{call} check --connect",
        "systemctl enable --now triaged" if by_systemd else f"{look}{call} run",
    ]
    for number, step in enumerate(steps, 1):
        output.say(f"{number}. {step}")
