"""Each thing that is not well, as it is found: from when on, in which words, under which key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.alerts.conftest import Post, Receiver, configured
from tests.store.samples import letter, write
from triaged.alerts import looking
from triaged.alerts.looking import conditions
from triaged.store.alerts import spell
from triaged.store.service_rows import AlertState, StoredGrant, Stuck, Trouble
from triaged.vocabulary import Severity

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def found(post: Post) -> list[tuple[str, str, str, str]]:
    return [
        (one.event, one.key, one.title, one.body) for one in conditions(post.store, post.config, post.now)
    ]


def test_without_alerts_nobody_looks(post: Post, receiver: Receiver) -> None:
    quiet, loud = configured(post.folder), post.config
    post.store.note("directory.old", "9 days", post.now)
    post.config = quiet
    assert post.turn() == 0 and post.store.troubles() == []
    post.config = loud
    assert post.turn() == 1 and receiver.titles == ["The directory is 9 days old"]


def test_a_mailbox_that_nobody_polls_any_more_is_told_once_its_patience_is_over(post: Post) -> None:
    imap = post.config.mailboxes[0].imap
    assert imap is not None
    patience = timedelta(seconds=imap.poll_seconds + 2 * imap.timeout_seconds) + timedelta(minutes=5)
    post.polls(True)
    post.now += patience
    assert found(post) == []
    post.later(seconds=1)
    assert found(post) == [
        (
            "mailbox_unreadable",
            "europe",
            "Nobody reads mailbox europe",
            "Last good poll: 2026-11-23 09:00 UTC",
        )
    ]
    post.polls(False)
    assert found(post) == [
        (
            "mailbox_unreadable",
            "europe",
            "Mailbox europe cannot be read",
            "1 poll in a row failed: TimeoutError: no answer",
        )
    ]


def test_letters_that_failed_are_told_by_mailbox_until_they_are_seen_to(post: Post) -> None:
    with post.store.transaction() as tx:
        write(tx, [letter("a"), letter("b"), letter("c", mailbox="europe")], None, post.now)
    ids = {one.key: one.id for one in post.store.letters()}
    for one in post.store.claim_letters(9, post.now, "out", timedelta(minutes=5), "global"):
        post.store.letter_failed(one.id, "out", "550 no", post.now)
    assert len(ids) == 3
    assert [one for one in found(post) if one[0] == "letters_stuck"] == [
        (
            "letters_stuck",
            "global:failed",
            "2 letters of global failed",
            "They will not leave by themselves: triaged outbox list --state failed",
        )
    ]


def grant(**more: Any) -> StoredGrant:
    row: dict[str, Any] = {
        "user": "u", "client": "microsoft:c", "version": 0, "refresh": "r", "access": "a",
        "access_until": NINE + timedelta(minutes=30), "expires_at": None, "granted_at": NINE,
    }  # fmt: skip
    return StoredGrant(**{**row, **more})


def signed_by(post: Post, **oauth2: str) -> Post:
    """The mailbox europe signs in as u."""
    door = {"host": "127.0.0.1", "tls": "none", "user": "u"}
    given = {"provider": "microsoft", "client_id": "c", **oauth2}
    europe = {"name": "europe", "address": "europe@zohocorp.example", "oauth2": given, "imap": door}
    desk = {"to_file": str(post.folder / "desk")}
    post.config = configured(post.folder, desk, oauth2_key_file=str(post.folder / "key"), mailboxes=[europe])
    return post


@pytest.fixture
def signing(post: Post) -> Post:
    return signed_by(post)


LOGIN = "triaged oauth2 login europe"
SOON = timedelta(days=14)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (None, ("u", "Nobody has signed in as u", LOGIN)),
        ({}, None),
        ({"failures": 3, "error": "503"}, None),
        ({"over": 0, "error": "invalid_grant"}, ("u", "Signing in as u is over", f"invalid_grant. Mail flows until 09:30 UTC. {LOGIN}")),
        ({"over": 0, "access_until": None}, ("u", "Signing in as u is over", f"no reason is known. {LOGIN}")),
        ({"over": 0, "flows": 0}, ("u", "Signing in as u is over", f"no reason is known. {LOGIN}")),
        ({"ends": SOON}, None),
        ({"ends": SOON - timedelta(seconds=1)}, ("u:soon", "Signing in as u ends on 2026-12-07", LOGIN)),
    ],
)  # fmt: skip
def test_a_sign_in_that_is_over_or_ends_soon_is_told_with_the_command(
    signing: Post, row: dict[str, Any] | None, told: tuple[str, str, str] | None
) -> None:
    if row is not None:
        given = dict(row)
        if "over" in given:
            given["over_at"] = signing.now + timedelta(minutes=given.pop("over"))
        if "ends" in given:
            given["expires_at"] = signing.now + given.pop("ends")
        if "flows" in given:
            given["access_until"] = signing.now + timedelta(minutes=given.pop("flows"))
        assert signing.store.save_grant(grant(**given))
    assert found(signing) == ([("expired_grant", *told)] if told else [])


def test_an_application_that_was_never_asked_for_a_token_is_no_trouble(post: Post) -> None:
    app = {"flow": "client_credentials", "client_secret_env": "S", "tenant": "desk.example"}
    assert found(signed_by(post, **app)) == []


def test_what_is_over_says_since_when_and_that_it_works_again(signing: Post, receiver: Receiver) -> None:
    signing.store.save_grant(grant(over_at=signing.now - timedelta(hours=2), error="invalid_grant"))
    signing.turn()
    assert receiver.titles == ["Signing in as u is over"]
    [trouble] = signing.store.troubles()
    assert (trouble.since, trouble.told_at) == (signing.now - timedelta(hours=2), signing.now)
    kept = signing.store.grant("u")
    assert kept is not None and signing.store.save_grant(replace(kept, over_at=None))
    signing.turn()
    assert receiver.titles[1:] == ["Signing in as u works again"]
    assert [one.state for one in signing.store.alerts()] == [AlertState.SENT, AlertState.SENT]


# -- how a trouble stands ------------------------------------------------------------------------------

FIVE, HOUR = timedelta(minutes=5), timedelta(hours=1)


def condition(**more: Any) -> looking.Condition:
    return looking.Condition("quarantine", "k", "Title", "Body", **more)


def trouble(since: timedelta, told: timedelta | None = None, size: int = 1) -> Trouble:
    """Since so long, and told so long ago."""
    return Trouble("quarantine", "k", NINE - since, None if told is None else NINE - told, size)


@pytest.mark.parametrize(
    ("found", "before", "after", "told"),
    [
        # what lasts for no time is told at once, what has to last is not told before that
        (condition(), None, trouble(timedelta(), timedelta()), ""),
        (condition(after=FIVE), None, trouble(timedelta()), None),
        (condition(after=FIVE), trouble(FIVE - timedelta(seconds=1)), trouble(FIVE - timedelta(seconds=1)), None),
        (condition(after=FIVE), trouble(FIVE), trouble(FIVE, timedelta()), ""),
        # since when is said by who knows it, but for what lies ahead
        (condition(after=FIVE, since=NINE - HOUR), None, trouble(HOUR, timedelta()), ""),
        (condition(after=FIVE, since=NINE + HOUR), None, trouble(timedelta()), None),
        # once told it is not told again, unless it grew and an hour has passed
        (condition(size=3), trouble(HOUR, FIVE, 3), trouble(HOUR, FIVE, 3), None),
        (condition(size=3), trouble(9 * HOUR, 2 * HOUR, 3), trouble(9 * HOUR, 2 * HOUR, 3), None),
        (condition(size=2), trouble(9 * HOUR, 2 * HOUR, 3), trouble(9 * HOUR, 2 * HOUR, 3), None),
        (condition(size=4), trouble(HOUR, HOUR - timedelta(seconds=1), 3), trouble(HOUR, HOUR - timedelta(seconds=1), 3), None),
        (condition(size=4), trouble(HOUR, HOUR, 3), trouble(HOUR, timedelta(), 4), "/4"),
    ],
)  # fmt: skip
def test_a_trouble_is_told_when_it_has_lasted_and_when_it_grows(
    found: looking.Condition, before: Trouble | None, after: Trouble, told: str | None
) -> None:
    stands, alert = looking._stands(found, before, NINE)
    assert stands == after
    if told is None:
        assert alert is None
    else:
        key = spell("k", after.since) + told
        assert alert == looking.Told("quarantine", key, "Title", "Body", None)


@pytest.mark.parametrize(
    ("severity", "error", "since", "said"),
    [
        ("S1", "550 no", timedelta(minutes=6, seconds=59), "6 minutes ago: 550 no"),
        (None, None, timedelta(minutes=15), "15 minutes ago: no reason is known"),
        ("S2", "x" * 400 + "\x1b", timedelta(0), "0 minutes ago: " + "x" * 300),
    ],
)
def test_letters_that_are_stuck_are_told_with_how_long_and_why(
    severity: str | None, error: str | None, since: timedelta, said: str
) -> None:
    stuck = Stuck("europe", 3, NINE - since, severity, error)
    assert looking._stuck(stuck, NINE) == looking.Condition(
        "letters_stuck",
        "europe",
        "3 letters of europe do not leave",
        f"The oldest should have left {said}",
        since=NINE - since,
        severity=Severity(severity) if severity else None,
    )
