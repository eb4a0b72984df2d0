"""`triaged oauth2 …`: sign in without a password, see how the grants are, make the key they are kept by."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triaged.cli import context, output
from triaged.errors import Faulty

if TYPE_CHECKING:
    from triaged.config.config import Config, Mailbox
    from triaged.config.oauth2 import Grant
    from triaged.store.service_rows import StoredGrant

_SOON = timedelta(days=14)


@click.group("oauth2")
def command() -> None:
    """Sign-in without passwords (OAuth 2.0)."""


@command.command("login")
@click.argument("mailbox")
@click.option("--device", "how", flag_value="device", help="By a code that is entered on any device.")
@click.option("--browser", "how", flag_value="browser", help="In a browser on this machine, with PKCE.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Where the browser comes back to on 127.0.0.1; 0: any free one.",
)
def login(mailbox: str, how: str | None, port: int) -> None:
    """Sign in for MAILBOX: a person consents once. By device code where the provider has one, else by browser."""
    config = context.config()
    known = {one.name: one for one in config.mailboxes}
    if mailbox not in known:
        from triaged.spec.did_you_mean import did_you_mean

        raise Faulty(f"{mailbox}: no such mailbox{did_you_mean(mailbox, known)}")
    grants = known[mailbox].grants
    if not grants:
        raise Faulty(f"mailbox {mailbox} does not sign in by oauth2")
    for grant in grants:
        _sign_in(config, grant, how, port)
    faults = _tried(config, known[mailbox])
    for line in faults:
        output.say(line, err=True)
    sys.exit(1 if faults else 0)


def _sign_in(config: Config, grant: Grant, how: str | None, port: int) -> None:
    from triaged.grants import signing_in
    from triaged.grants.secrets import Secrets, keys

    keys(config)  # before anybody consents in vain
    settings = grant.settings
    with context.store() as store:
        keeper = Secrets(lambda: config, store, context.now, context.actor()).keeper
        if settings.flow == "client_credentials":
            keeper.token(grant)
            output.say(f"{grant.user}: the provider knows the application")
            return
        if how == "device" or (how is None and settings.device_endpoint):
            had = signing_in.by_device(settings, output.say)
        else:
            had = signing_in.by_browser(settings, grant.user, output.say, port=port)
        keeper.keep(grant, had)
    output.say(f"{grant.user}: signed in")


def _tried(config: Config, mailbox: Mailbox) -> list[str]:
    """Log in to its servers; what failed. A consent of the wrong person shows only there."""
    from triaged.cli import connections

    faults: list[str] = []
    for what, attempt in connections.doors(config):
        if what in (f"imap {mailbox.name}", f"smtp {mailbox.name}"):
            try:
                attempt()
                output.say(f"{what}: ok")
            except Faulty as fault:
                faults += fault.lines
    return faults


@command.command("status")
@output.json_option
def status(as_json: bool) -> None:
    """Each grant: whether it is good, when its tokens end, why not."""
    config, now = context.config(), context.now()
    with context.store() as store:
        kept = {one.user: one for one in store.grants()}
    told = [_told(grant, names, kept.pop(grant.user, None), now) for grant, names in _wanted(config).items()]
    told += [_told(None, (), one, now) for one in kept.values()]
    title = ("user", "mailboxes", "provider", "state", "token ends", "renewed", "error")
    lines = [
        (
            one["user"],
            ",".join(one["mailboxes"]) or "-",
            one["provider"],
            one["state"],
            output.when(one["access_until"]),
            output.when(one["renewed_at"]),
            one["error"] or "-",
        )
        for one in told
    ]
    output.rows(title, lines, as_json=as_json, objects=told)
    if any(one["state"] not in ("good", "unused") for one in told):
        sys.exit(1)


def _wanted(config: Config) -> dict[Grant, tuple[str, ...]]:
    found: dict[Grant, tuple[str, ...]] = {}
    for mailbox in config.mailboxes:
        for grant in mailbox.grants:
            found[grant] = (*found.get(grant, ()), mailbox.name)
    return found


def _told(
    grant: Grant | None, names: tuple[str, ...], one: StoredGrant | None, now: datetime
) -> dict[str, Any]:
    client = one.client if one else ""
    return {
        "user": grant.user if grant else (one.user if one else ""),
        "mailboxes": list(names),
        "provider": grant.settings.provider if grant else client.partition(":")[0],
        "state": state(grant, one, now),
        "granted_at": one.granted_at if one else None,
        "renewed_at": one.renewed_at if one else None,
        "access_until": one.access_until if one else None,
        "expires_at": one.expires_at if one else None,
        "retry_at": one.retry_at if one else None,
        "error": one.error if one else None,
    }


def state(grant: Grant | None, one: StoredGrant | None, now: datetime) -> str:
    """In a word how a grant stands: good, failing, over, ends soon, not signed in, unused."""
    from triaged.grants.keeping import client_of

    if grant is None:
        return "unused"
    if one is None or (one.client != client_of(grant)):
        return "good" if grant.settings.flow == "client_credentials" else "not signed in"
    if one.over_at is not None:
        return "over"
    if one.failures:
        return "failing"
    return "ends soon" if one.expires_at and one.expires_at - now < _SOON else "good"


@command.command("forget")
@click.argument("user")
def forget(user: str) -> None:
    """Throw away the tokens of USER; the consent itself is withdrawn at the provider."""
    with context.store() as store:
        if not store.forget_grant(user):
            raise Faulty(f"{user}: nothing is kept of it")
    output.say(f"{user}: forgotten")


@command.command("key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def key(file: Path) -> None:
    """Make a key in FILE (mode 0600) by which tokens are kept; in one that exists it goes on top, the old ones stay."""
    from triaged.edge import private
    from triaged.grants import sealing

    try:
        before = file.read_text("utf-8") if file.exists() else ""
        if before.strip():
            sealing.read(before)
        private.write(file, f"{sealing.new_key()}\n{before}".encode())
    except OSError as error:
        raise Faulty(f"{file}: {error.strerror}") from None
    output.say(
        f"{file}: a new key, {'above the old ones' if before.strip() else 'write it as oauth2_key_file'}"
    )
