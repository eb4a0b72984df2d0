"""Looks whether all is well, and tells of what is not: once when it has lasted, once more where it grows, once when it is over.

Everything is asked of the store, and what was told stands there: a restart, or another daemon, goes on where this
one stopped. One daemon looks at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from triaged.alerts import telling
from triaged.alerts.telling import Told
from triaged.config.alerts import EventName
from triaged.config.config import Config, Mailbox
from triaged.edge import harmless
from triaged.frozen import frozen
from triaged.store.alerts import Over, spell
from triaged.store.rows import MailboxState
from triaged.store.service_rows import AlertRow, StoredGrant, Stuck, Trouble
from triaged.store.store import Store
from triaged.vocabulary import Severity, counted

STUCK_AFTER = {Severity.S1: timedelta(minutes=5)}  # letters of such a ticket, since they could have left
STUCK = timedelta(minutes=15)  # any other
UNREADABLE = timedelta(minutes=5)  # so long a mailbox may fail before it is told
AGAIN = timedelta(hours=1)  # between two tellings of what grows
_LATELY = timedelta(minutes=5)  # beyond the time at which a mailbox should have been polled
_SOON = timedelta(days=14)  # before a refresh token ends
LEASE, LEASE_SECONDS = "alerts", 60.0


@frozen
class Condition:
    """Something that is not well now; told when it has lasted for `after`. `since` where it is known."""

    event: EventName
    key: str
    title: str
    body: str
    after: timedelta = timedelta(0)
    since: datetime | None = None
    size: int = 1
    severity: Severity | None = None


def look(store: Store, config: Config, owner: str, now: datetime) -> int:
    """Look round and write what is to be told; how many alerts are new. Raises Unavailable."""
    if not config.alerts:
        return 0
    with store.leased(LEASE, owner, now, LEASE_SECONDS) as epoch:
        return _look(store, config, now) if epoch is not None else 0


def _look(store: Store, config: Config, now: datetime) -> int:
    stored = {(one.event, one.key): one for one in store.troubles()}
    found = {(one.event, one.key): one for one in conditions(store, config, now)}
    standing: list[Trouble] = []
    told: list[AlertRow] = []
    for place, one in found.items():
        before = stored.get(place)
        after, alert = _stands(one, before, now)
        if after != before:
            standing.append(after)
        if alert is not None:
            told += telling.rows([alert], config.alerts, now)
    ended = [one for place, one in stored.items() if place not in found]
    over = [message for one in ended if one.told_at for message in _over(one, config, now)]
    if not (standing or ended):
        return 0
    return store.tell_troubles(standing, ended, told, over, now)


def _stands(one: Condition, before: Trouble | None, now: datetime) -> tuple[Trouble, Told | None]:
    """How a trouble stands from now on, and what is told of it."""
    trouble = before or Trouble(one.event, one.key, min(one.since or now, now), None, one.size)
    key = spell(one.key, trouble.since)
    if trouble.told_at is None:
        if now - trouble.since < one.after:
            return trouble, None
    elif one.size > trouble.size and now - trouble.told_at >= AGAIN:
        key = f"{key}/{one.size}"
    else:
        return trouble, None
    told = Told(one.event, key, one.title, one.body, one.severity)
    return replace(trouble, told_at=now, size=one.size), told


def _over(trouble: Trouble, config: Config, now: datetime) -> list[Over]:
    title = _OVER.get(trouble.event, "all is well again").format(key=trouble.key or "")
    event: EventName = trouble.event  # type: ignore[assignment]
    return telling.over(event, spell(trouble.key, trouble.since), title, config.alerts, now)


_OVER = {
    "mailbox_unreadable": "Mailbox {key} is read again",
    "letters_stuck": "Letters of {key} leave again",
    "quarantine": "The quarantine is empty",
    "expired_grant": "Signing in as {key} works again",
    "directory_old": "The directory is fresh again",
}


def conditions(store: Store, config: Config, now: datetime) -> Iterator[Condition]:
    """Everything that is not well. Raises Unavailable."""
    states = {one.mailbox: one for one in store.mailbox_states()}
    for mailbox in config.mailboxes:
        if mailbox.imap and (one := _unreadable(mailbox, states.get(mailbox.name), now)):
            yield one
    for stuck in store.stuck_letters(now, STUCK_AFTER, STUCK):
        yield _stuck(stuck, now)
    for name, number in store.failed_by_mailbox().items():
        title = f"{counted(number, 'letter')} of {name} failed"
        body = "They will not leave by themselves: triaged outbox list --state failed"
        yield Condition("letters_stuck", f"{name}:failed", title, body, size=number)
    if number := len(store.quarantined()):
        title = f"{counted(number, 'mail')} in quarantine"
        yield Condition("quarantine", "", title, "triaged quarantine list", size=number)
    yield from _grants(store, config, now)
    old = store.note_of("directory.old")
    if old is not None and old.value:
        title = f"The directory is {old.value} old"
        body = "Severities follow it: triaged accounts load"
        yield Condition("directory_old", "", title, body, since=old.at)


def _unreadable(mailbox: Mailbox, state: MailboxState | None, now: datetime) -> Condition | None:
    assert mailbox.imap is not None
    name = mailbox.name
    patience = timedelta(seconds=mailbox.imap.poll_seconds + 2 * mailbox.imap.timeout_seconds) + _LATELY
    if state is None:
        return None  # no daemon that knows it has polled yet
    if state.failures:
        body = f"{counted(state.failures, 'poll')} in a row failed: {_said(state.error)}"
        return Condition("mailbox_unreadable", name, f"Mailbox {name} cannot be read", body, UNREADABLE)
    if state.good_at is not None and now - state.good_at > patience:
        body = f"Last good poll: {state.good_at:%Y-%m-%d %H:%M} UTC"
        return Condition("mailbox_unreadable", name, f"Nobody reads mailbox {name}", body)
    return None


def _stuck(stuck: Stuck, now: datetime) -> Condition:
    minutes = int((now - stuck.since).total_seconds() // 60)
    return Condition(
        "letters_stuck",
        stuck.mailbox,
        f"{counted(stuck.count, 'letter')} of {stuck.mailbox} {'does' if stuck.count == 1 else 'do'} not leave",
        f"The oldest should have left {counted(minutes, 'minute')} ago: {_said(stuck.error)}",
        since=stuck.since,
        severity=Severity(stuck.severity) if stuck.severity else None,
    )


def _grants(store: Store, config: Config, now: datetime) -> Iterator[Condition]:
    kept = {one.user: one for one in store.grants()}
    for mailbox in config.mailboxes:
        for grant in mailbox.grants:
            if (one := kept.get(grant.user)) is not None:
                yield from _grant(one, mailbox.name, now)
            elif grant.settings.flow == "refresh_token":
                body = f"triaged oauth2 login {mailbox.name}"
                yield Condition("expired_grant", grant.user, f"Nobody has signed in as {grant.user}", body)


def _grant(one: StoredGrant, mailbox: str, now: datetime) -> Iterator[Condition]:
    login = f"triaged oauth2 login {mailbox}"
    if one.over_at is not None:
        until = one.access_until
        left = f" Mail flows until {until:%H:%M} UTC." if until is not None and until > now else ""
        body = f"{_said(one.error)}.{left} {login}"
        title = f"Signing in as {one.user} is over"
        yield Condition("expired_grant", one.user, title, body, since=one.over_at)
    elif one.expires_at is not None and one.expires_at - now < _SOON:
        title = f"Signing in as {one.user} ends on {one.expires_at:%Y-%m-%d}"
        yield Condition("expired_grant", f"{one.user}:soon", title, login)


def _said(error: str | None) -> str:
    return harmless.escaped(error or "no reason is known")[:300]
