"""`triaged check`: everything that can be wrong, told before it is; `--connect` logs in as well."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from triaged.cli import context, output
from triaged.errors import Faulty
from triaged.vocabulary import counted

if TYPE_CHECKING:
    from triaged.config.config import Config
    from triaged.walk.knowledge import Knowledge

T = TypeVar("T")


@click.command("check")
@click.option(
    "--connect",
    is_flag=True,
    help="Log in to IMAP, SMTP and the database too, and look at the machine as the daemon will.",
)
def command(connect: bool) -> None:
    """Config, rulebook, letters, model and directory: every fault with its line, not only the first."""
    from triaged.config import config as configs

    config = context.config()
    faults: list[str] = []
    knowledge = _tried(faults, context.knowledge)
    _tried(faults, lambda: _model(config))
    faults += _service(config)
    for warning in [*configs.warnings(config), *(knowledge.warnings if knowledge else ())]:
        output.say(f"warning: {warning.replace(': warning: ', ': ', 1)}", err=True)
    if connect:
        _connected(config, knowledge, faults)
    for line in faults:
        output.say(line, err=True)
    if faults:
        sys.exit(1)
    if knowledge:
        output.say(summary(knowledge))


def _connected(config: Config, knowledge: Knowledge | None, faults: list[str]) -> None:
    """Look at the machine, try each door, and ask the store whether anybody was trusted of late."""
    from triaged.cli import connections, machine, our_mail

    warnings = machine.checked(config, context.config_file(), faults)
    if knowledge:
        warnings += machine.nobody_can_be_trusted(config, len(knowledge.directory.partners))
    for what, attempt in connections.doors(config):
        try:
            warnings += attempt()
            output.say(f"{what}: ok")
        except Faulty as fault:
            faults += fault.lines
            continue
        if what == "database":
            unproven = connections.nobody_trusted(config)
            warnings += [*([unproven] if unproven else []), *our_mail.warnings(config, context.now())]
    for warning in warnings:
        output.say(f"warning: {warning}", err=True)


def summary(knowledge: Knowledge) -> str:
    """One line that says what was found in order."""
    rulebook, directory = knowledge.rulebook, knowledge.directory
    return (
        f"in order: mailboxes {', '.join(m.name for m in knowledge.config.mailboxes)}; {counted(len(rulebook.rules), 'rule')}, "
        f"{counted(len(rulebook.services), 'service')}, {counted(len(directory.accounts), 'account')}, "
        f"{counted(len(directory.partners), 'partner')} (rulebook {rulebook.version}, model {_model_name(knowledge)})"
    )


def _service(config: Config) -> list[str]:
    """The receivers of alerts, and what signing in without a password needs."""
    from triaged.alerts import receivers
    from triaged.config import credentials
    from triaged.grants.secrets import keys

    faults = [line for receiver in config.alerts for line in receivers.check(receiver)]
    grants = [grant for mailbox in config.mailboxes for grant in mailbox.grants]
    if grants:
        _tried(faults, lambda: keys(config))
    for one in dict.fromkeys(grant.settings for grant in grants):
        file, env, systemd = one.client_secret_file, one.client_secret_env, one.client_secret_credential
        if (file, env, systemd) != (None, None, None):
            _tried(faults, partial(credentials.stored, "client_secret", file=file, env=env, systemd=systemd))
    return faults


def _tried(faults: list[str], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Faulty as fault:
        faults += fault.lines
        return None


def _model(config: Config) -> None:
    from triaged.classifier import sentences
    from triaged.learning import places
    from triaged.readers import encoders
    from triaged.walk.knowledge import models_of

    sentences.load(places.current(models_of(config)), encoders.named(config.classifier.encoder))


def _model_name(knowledge: Knowledge) -> str:
    from triaged.learning import places

    return places.name_of(places.current(knowledge.models))
