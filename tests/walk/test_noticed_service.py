"""Events and figures of running the service, each caused and asserted by name."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.said import figure, listening
from triaged import __version__, maillog
from triaged.metrics import FORMER, Metrics
from triaged.store import Store
from triaged.store.rows import Arrival
from triaged.store.service_rows import AlertRow, StoredGrant, Trouble
from triaged.walk.observing import observe

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
# What was called otherwise, and is told by both names until the next release.
OLD = (
    *("triaged_mails", "triaged_authentication", "triaged_kept", "triaged_judged", "triaged_abstained"),
    *("triaged_refused", "triaged_tickets", "triaged_letters", "triaged_forgotten", "triaged_reload_ok"),
    *("triaged_directory_old", "triaged_loop_tick_seconds", "triaged_mailbox_last_good_poll_age_seconds"),
    *(
        "triaged_mailbox_failures",
        "triaged_owed_mails",
        "triaged_dues_late",
        "triaged_dues_soon",
        "triaged_missed",
    ),
    *("triaged_reviews", "triaged_failed_addresses", "triaged_oldest_waiting_seconds"),
)


@pytest.fixture
def told(store: Store) -> Callable[..., float | None]:
    """A figure of a store, a minute after NOW."""

    def ask(name: str, **labels: str) -> float | None:
        metrics = Metrics()
        metrics.watch(lambda: observe(store, NOW + timedelta(minutes=1)))
        return figure(metrics.text(), name, **labels)

    return ask


def test_the_build_is_told() -> None:
    text = Metrics().text()
    assert figure(text, "triaged_build_info", version=__version__, python=platform.python_version()) == 1


def test_counters_of_a_daemon_count_under_both_names() -> None:
    metrics = Metrics()
    metrics.mails.labels("ticket", "request").inc()
    metrics.kept.labels("europe", "imap").inc(2)
    metrics.refused.labels("smtp").inc(3)
    metrics.letters.labels("sent").inc(4)
    metrics.tickets.labels("S1").inc(5)
    metrics.judged.inc(6)
    metrics.abstained.inc(7)
    metrics.forgotten.labels("letters").inc(8)
    metrics.authenticated.labels("pass").inc(9)
    metrics.alerts.labels("desk", "sent").inc(10)
    metrics.loop_tick.labels("walk").set(11)
    metrics.directory_old.set(1)
    metrics.reload_ok.set(0)
    text = metrics.text()
    assert figure(text, "triaged_mails_triaged_total", fate="ticket", kind="request") == 1
    assert figure(text, "triaged_mails_kept_total", mailbox="europe", door="imap") == 2
    assert figure(text, "triaged_door_refusals_total", door="smtp") == 3
    assert figure(text, "triaged_letter_outcomes_total", outcome="sent") == 4
    assert figure(text, "triaged_tickets_opened_total", severity="S1") == 5
    assert figure(text, "triaged_mails_judged_total") == 6
    assert figure(text, "triaged_classifier_abstentions_total") == 7
    assert figure(text, "triaged_retention_forgotten_total", what="letters") == 8
    assert figure(text, "triaged_mails_authenticated_total", result="pass") == 9
    assert figure(text, "triaged_alert_outcomes_total", receiver="desk", outcome="sent") == 10
    assert figure(text, "triaged_loop_last_progress_timestamp_seconds", loop="walk") == 11
    assert figure(text, "triaged_directory_outdated") == 1
    assert figure(text, "triaged_config_last_reload_successful") == 0
    assert set(FORMER.values()) == set(OLD)


def test_mailboxes_and_ways_out_are_told(store: Store, told: Callable[..., float | None]) -> None:
    store.note_poll("europe", True, None, NOW)
    store.note_poll("world", False, "away", NOW)
    store.note("smtp:europe", {"ok": True, "error": None}, NOW)
    store.note("smtp:world", {"ok": False, "error": "refused"}, NOW)
    assert (
        told("triaged_mailbox_up", mailbox="europe") == 1 and told("triaged_mailbox_up", mailbox="world") == 0
    )
    assert told("triaged_mailbox_poll_age_seconds", mailbox="europe") == 60
    assert told("triaged_mailbox_consecutive_failures", mailbox="world") == 1
    assert told("triaged_mailbox_owed_mails", mailbox="europe") == 0
    assert told("triaged_smtp_up", mailbox="europe") == 1 and told("triaged_smtp_up", mailbox="world") == 0
    assert told("triaged_letters_stuck", mailbox="world") == 0
    assert told("triaged_letters_stuck_age_seconds", mailbox="world") == 0


def test_queues_are_told(store: Store, told: Callable[..., float | None]) -> None:
    store.keep([Arrival(b"Subject: x\r\n\r\n", "europe", "smtp", None, None, None, NOW, "", ())], now=NOW)
    assert told("triaged_oldest_waiting_age_seconds", what="mail") == 60
    assert told("triaged_due_steps_overdue") == 0 and told("triaged_due_steps_upcoming") == 0
    assert told("triaged_commitments_missed") == 0 and told("triaged_tickets_to_review") == 0
    assert told("triaged_unreachable_addresses") == 0


def test_grants_troubles_and_alerts_are_told(store: Store, told: Callable[..., float | None]) -> None:
    until = NOW + timedelta(minutes=30)
    store.save_grant(StoredGrant("support", "other:me", 0, None, "sealed", until, None, NOW, over_at=NOW))
    row = AlertRow("desk", "quarantine", "@1", "t", "b", NOW, NOW + timedelta(hours=1), ready_at=NOW)
    store.tell_troubles([Trouble("quarantine", "", NOW, NOW)], [], [row], [], NOW)
    assert told("triaged_grant_valid", user="support") == 0
    assert told("triaged_grant_access_expiry_timestamp_seconds", user="support") == until.timestamp()
    assert told("triaged_troubles", event="quarantine") == 1 and told("triaged_alerts", state="waiting") == 1


def test_events_of_grants_and_alerts_carry_what_an_admin_needs() -> None:
    with listening() as said:
        maillog.grant_renewed("support", 3600)
        maillog.grant_failed("support", "503", 15.04)
        maillog.grant_over("support", "invalid_grant")
        maillog.alert_sent(1, "desk", "missed")
        maillog.alert_retry(1, "desk", "missed", "503", 20.0)
        maillog.alert_failed(1, "desk", "missed", "given up")
    assert said.of("grant.renewed") == [{"user": "support", "seconds": 3600}]
    assert said.of("grant.failed") == [{"user": "support", "error": "503", "again_in": 15.0}]
    assert said.of("grant.over") == [{"user": "support", "error": "invalid_grant"}]
    assert said.of("alert.sent") == [{"alert": 1, "receiver": "desk", "about": "missed"}]
    assert said.of("alert.retry")[0]["again_in"] == 20.0
    assert said.of("alert.failed")[0]["error"] == "given up"
