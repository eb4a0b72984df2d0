"""Who hears of what, when, and for how long it is tried; and what can be no address. PURE."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from triaged.alerts import receivers, telling
from triaged.alerts.telling import Told
from triaged.config.alerts import Alert, QuietHours
from triaged.store.alerts import Over
from triaged.store.service_rows import AlertRow
from triaged.vocabulary import Severity

TEN = datetime(2026, 11, 23, 22, tzinfo=UTC)
SEVEN = datetime(2026, 11, 24, 7, tzinfo=UTC)
HALF_A_DAY = timedelta(hours=12)
NIGHT: dict[str, Any] = {"from": "22:00", "to": "07:00"}


def receiver(**more: Any) -> Alert:
    return Alert.model_validate({"to_env": "DESK", **more})


@pytest.mark.parametrize(
    ("more", "severity", "tier", "hears"),
    [
        ({}, "S4", 3, True),
        ({}, None, None, True),
        ({"for": ["new_s1", "missed"]}, "S1", 2, True),
        ({"for": ["quarantine"]}, "S1", 2, False),
        ({"severities": ["S1", "S2"]}, "S2", 2, True),
        ({"severities": ["S1", "S2"]}, "S3", 2, False),
        ({"severities": ["S1", "S2"]}, None, 2, True),
        ({}, "S1", 1, False),
        ({"tiers": [1]}, "S1", 1, True),
        ({"tiers": [1]}, "S1", 2, False),
        ({"tiers": [1]}, "S1", None, True),
    ],
)
def test_each_receiver_hears_what_it_wants(
    more: dict[str, Any], severity: str | None, tier: int | None, hears: bool
) -> None:
    told = Told("missed", "k", "Title", "Body", Severity(severity) if severity else None, tier)
    row = AlertRow(
        receiver="desk", event="missed", key="k", title="Title", body="Body", written_at=TEN, ready_at=TEN,
        expires=TEN + HALF_A_DAY, severity=severity,
    )  # fmt: skip
    assert telling.rows([told], [receiver(**more)], TEN) == ([row] if hears else [])


@pytest.mark.parametrize(
    ("night", "ready"),
    [
        (NIGHT, SEVEN),
        (NIGHT | {"except_for": ["missed"]}, TEN),
        (NIGHT | {"except_for": ["new_s1"]}, SEVEN),
        (NIGHT | {"from": "22:01"}, TEN),
        (NIGHT | {"from": "08:00", "to": "22:00"}, TEN),
    ],
)
def test_in_quiet_hours_it_waits_for_their_end_and_is_tried_from_then_on(
    night: dict[str, Any], ready: datetime
) -> None:
    quiet = receiver(quiet_hours=night, give_up_after="1h")
    [row] = telling.rows([Told("missed", "k", "t" * 201, "b" * 1001)], [quiet], TEN)
    assert (row.ready_at, row.expires, row.written_at) == (ready, ready + timedelta(hours=1), TEN)
    assert (row.title, row.body) == ("t" * 200, "b" * 1000)
    [over] = telling.over("missed", "k", "Over", [quiet], TEN)
    assert over == Over(
        "missed", "k", "Over", "All is well again.", ["desk"], ready, ready + timedelta(hours=1)
    )


@pytest.mark.parametrize(
    ("hours", "hour", "over"),
    [
        ("22:00-07:00", 21, None),
        ("22:00-07:00", 22, SEVEN),
        ("22:00-07:00", 30, SEVEN),
        ("22:00-07:00", 31, None),
        ("09:00-17:00", 33, datetime(2026, 11, 24, 17, tzinfo=UTC)),
        ("09:00-17:00", 41, None),
    ],
)
def test_quiet_hours_begin_and_end_on_the_minute_over_midnight_too(
    hours: str, hour: int, over: datetime | None
) -> None:
    begin, _, end = hours.partition("-")
    now = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour)
    assert QuietHours.model_validate({"from": begin, "to": end}).over_at(now) == over


def test_that_all_is_well_is_told_to_whom_it_is_wanted_by() -> None:
    two = [receiver(), receiver(name="quiet", all_is_well=False)]
    assert [one.receivers for one in telling.over("missed", "k", "Over", two, TEN)] == [["desk"], []]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ({"to_env": "X" * 65}, "x" * 64),
        ({"to_credential": "On-Call"}, "on-call"),
        ({"to_file": "/a/Slack.url"}, "slack"),
        ({"to_file": "/a/slack.url", "name": "chat"}, "chat"),
    ],
)
def test_a_receiver_goes_by_its_name_or_by_where_its_address_stands(name: dict[str, str], label: str) -> None:
    assert Alert.model_validate(name).label == label


NO_ADDRESS = "it is no address: write one like slack://… or https://…"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("slack://a/b/c", ""),
        ("https://hook.example/x", ""),
        ("HTTPS://hook.example/x", ""),
        ("http://127.0.0.1:8/x", ""),
        ("http://[::1]/x", ""),
        ("http://hook.example/x", "http:// sends it in the clear; it is taken for this machine only"),
        ("HTTP://hook.example/x", "http:// sends it in the clear; it is taken for this machine only"),
        ("https:///x", "it names no host"),
        ("hook.example/x", NO_ADDRESS),
        ("mailto:a@b.example", NO_ADDRESS),
        ("://x", NO_ADDRESS),
        ("1x://y", NO_ADDRESS),
        ("https://[x", "it is no address"),
    ],
)
def test_what_can_be_no_address_is_told_why(url: str, why: str) -> None:
    assert receivers._wrong(url) == why


def test_of_an_address_no_more_is_shown_than_its_scheme() -> None:
    address = receivers.Address(1, "SlackWithAVeryLongName://s3cret/x", False)
    assert address.scheme == "slackwithaverylongna"
    assert "s3cret" not in repr(address)
