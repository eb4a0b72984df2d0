"""Tickets told by another way than mail, written by the pen with the change itself; and what stuck letters and grants tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from triaged.alerts import looking
from triaged.config.alerts import Alert
from triaged.store.service_rows import AlertRow, AlertState, StoredGrant
from triaged.tickets.ticket import Ticket


def receive(scene: Scene, *alerts: dict[str, Any]) -> None:
    """These are told from now on."""
    known = scene.month.knowledge
    config = known.config.model_copy(update={"alerts": tuple(Alert.model_validate(one) for one in alerts)})
    scene.month.knowledge = scene.month.house.knowledge = replace(known, config=config)


def told(scene: Scene, receiver: str = "desk") -> list[AlertRow]:
    return [one for one in reversed(scene.store.alerts(1000)) if one.receiver == receiver]


def titles(scene: Scene, receiver: str = "desk") -> list[str]:
    return [one.title for one in told(scene, receiver)]


def is_told(scene: Scene) -> None:
    """The receivers' services took everything."""
    now = scene.month.now
    for one in scene.store.claim_alerts(1000, now, "me", timedelta(minutes=1)):
        scene.store.alert_ended(one.id, "me", AlertState.SENT, now)


def becomes(scene: Scene, ticket: Ticket, severity: str) -> None:
    now = scene.store.ticket(ticket.id)
    assert now is not None
    scene.desk().correct(now, severity, "a human says so")


def test_a_ticket_that_becomes_s1_is_told_once_and_when_it_is_solved(scene: Scene) -> None:
    receive(scene, {"to_env": "DESK"})
    ticket = scene.ticket(scene.asks())
    assert told(scene) == []
    becomes(scene, ticket, "S1")
    assert titles(scene) == [f"{ticket.reference} is S1"]
    assert told(scene)[0].severity == "S1" and "next promise: " in told(scene)[0].body
    assert ticket.subject not in str(told(scene)) and scene.ann.address not in str(told(scene))
    is_told(scene)
    scene.writes("Any news?", answers=[])
    assert len([one for one in told(scene) if one.event == "new_s1"]) == 1
    now = scene.store.ticket(ticket.id)
    assert now is not None
    scene.desk().happen(now, "resolved", "found it")
    over = [one for one in told(scene) if one.over]
    assert [(one.event, one.title) for one in over] == [("new_s1", f"{ticket.reference} is resolved")]


def test_what_was_not_told_yet_when_it_is_no_longer_s1_is_told_to_nobody(scene: Scene) -> None:
    receive(scene, {"to_env": "DESK", "for": ["new_s1"]})
    ticket = scene.ticket(scene.asks())
    becomes(scene, ticket, "S1")
    becomes(scene, ticket, "S3")
    assert [(one.state, one.over) for one in told(scene)] == [(AlertState.WITHDRAWN, False)]
    scene.passes(minutes=1)
    becomes(scene, ticket, "S1")
    assert [one.state for one in told(scene)] == [AlertState.WITHDRAWN, AlertState.WAITING], (
        "another time is another one"
    )


def test_missed_promises_are_told_by_tier_and_severity(scene: Scene) -> None:
    receive(
        scene,
        {"to_env": "DESK", "for": ["missed"]},
        {"to_env": "EARLY", "for": ["missed"], "tiers": [1]},
        {"to_env": "GRAVE", "for": ["missed"], "severities": ["S1"]},
        {"to_env": "LATE", "for": ["missed"], "tiers": [3]},
    )
    ticket = scene.ticket(scene.asks())
    assert ticket.severity != "S1"
    scene.passes(days=8)
    early, late = titles(scene, "early"), titles(scene, "late")
    assert early and all("is nearly late" in one for one in early)
    assert late and all("is long missed and still open" in one for one in late)
    assert titles(scene) and not any("nearly" in one for one in titles(scene))
    assert titles(scene, "grave") == []
    assert len({one.key for one in told(scene)}) == len(told(scene)), "each step once"


def test_letters_that_do_not_leave_are_told_sooner_for_s1(scene: Scene) -> None:
    receive(scene, {"to_env": "DESK", "for": ["letters_stuck"]})
    ticket = scene.ticket(scene.asks())
    now = scene.month.now
    with scene.store._writing() as connection:  # the acknowledgment waits again, unsent
        connection.exec_driver_sql("UPDATE letter SET state='waiting', ready_at=written_at, sent_at=NULL")
    config = scene.month.knowledge.config
    assert not list(stuck(scene, config, now + timedelta(minutes=14)))
    assert [one.key for one in stuck(scene, config, now + timedelta(minutes=16))] == [ticket.mailbox]
    with scene.store._writing() as connection:
        connection.exec_driver_sql("UPDATE ticket SET severity='S1'")
    [one] = stuck(scene, config, now + timedelta(minutes=6))
    assert one.severity == "S1" and "do not leave" in one.title


def stuck(scene: Scene, config: Any, now: Any) -> list[looking.Condition]:
    return [one for one in looking.conditions(scene.store, config, now) if one.event == "letters_stuck"]


@pytest.mark.parametrize("days", [3, 30])
def test_a_refresh_token_that_ends_soon_is_told_weeks_before(scene: Scene, days: int) -> None:
    now = scene.month.now
    one = StoredGrant("support", "google:x", 1, None, None, None, now + timedelta(days=days), now)
    found = list(looking._grant(one, "global", now))
    assert len(found) == (1 if days < 14 else 0)
    if found:
        assert "ends on" in found[0].title and found[0].body == "triaged oauth2 login global"


def test_a_flood_of_tickets_is_told_sixty_times_an_hour_and_then_that_there_are_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triaged.store.alerts.MOST_AN_HOUR", 3)
    receive(scene, {"to_env": "DESK", "for": ["new_s1"]})
    tickets = [scene.ticket(scene.asks(subject=f"Report {n} is slow")) for n in range(6)]
    for ticket in tickets:
        becomes(scene, ticket, "S1")
    assert [one.partition(":")[0] for one in titles(scene)[3:]] == ["More than 3 alerts within an hour"]
    assert len(titles(scene)) == 4
