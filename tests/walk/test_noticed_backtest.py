"""A stored mail judged again: which mails count, how each had reached us, and all that is compared of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from triaged.readers.pool import InlineReaders
from triaged.rulebook.differences import Difference, Judged
from triaged.store.rows import Fate, PastMail
from triaged.vocabulary import Severity
from triaged.walk import backtest
from triaged.walk.backtest import Side
from triaged.walk.judge import Envelope, Incoming, judge, who


def past(scene: Scene, **changes: Any) -> PastMail:
    scene.asks()
    (mail,) = scene.store.past_mail(None)
    return replace(mail, **changes)


def test_the_first_request_of_each_ticket_counts(scene: Scene) -> None:
    mail = past(scene)
    given = [
        (1, "staff", 7),
        (2, "request", None),
        (3, "thanks", 7),
        (4, "request", 7),
        (5, "request", 8),
        (6, None, 9),
        (7, "request", 9),
    ]
    mails = [replace(mail, id=number, kind=kind, ticket_id=ticket) for number, kind, ticket in given]
    assert [one.id for one in backtest._opening(mails)] == [3, 5, 7]


@pytest.mark.parametrize(
    ("door", "channel"), [("imap", "mail"), ("lmtp", "mail"), ("web", "web"), ("phone", "phone")]
)
def test_how_a_stored_mail_reached_us_is_known_again(scene: Scene, door: str, channel: str) -> None:
    mail = past(scene, door=door, behind_mta=False, sent_folder=True, envelope_from="x@y.example")
    config = scene.month.config
    box = next(one for one in config.mailboxes if one.name == "global")
    known = Envelope(
        "global", mail.received_at, False, True, "x@y.example", mailbox_regions=box.regions, channel=channel
    )
    assert backtest.envelope_of(mail, config) == known
    gone = replace(known, mailbox="gone", mailbox_regions=())
    assert backtest.envelope_of(replace(mail, mailbox="gone"), config) == gone


def test_all_that_is_compared_of_a_mail(scene: Scene) -> None:
    mail = past(scene, human_severity=Severity.S2)
    assert (mail.fate, mail.kind) == (Fate.TICKET, "request")
    known = scene.month.knowledge
    (reading,) = InlineReaders(known.surroundings).read(
        [(mail.raw, backtest.envelope_of(mail, known.config).door)]
    )
    side = Side.of(known, known.rulebook)
    bare = Judged(
        mail="PS-1001", subject="One report is slow", severity=Severity.S3, because="default, no word of the classifier",
        service_level="standard", commitments=(), letters=(), tags=(), queue=None, review=True, hits=(), human=Severity.S2,
    )  # fmt: skip
    assert backtest._difference(mail, reading, reading, (side, side)) == Difference(bare, bare, ())
    assert backtest._difference(replace(mail, received_at=mail.received_at + timedelta(days=1)), reading, reading, (side, side)) == Difference(bare, bare, ())  # fmt: skip
    incoming = Incoming(reading, who(reading, known.bearings), backtest.envelope_of(mail, known.config))
    judgment = judge(incoming, known.bearings, mail.received_at, misses=False)
    whole = backtest._judged(mail, incoming, judgment, side, planned=True)
    assert (replace(whole, commitments=(), letters=()), whole.letters) == (bare, ("acknowledgment", "review"))
    assert whole.commitments[:2] == (
        ("first_response", "2026-11-16 19:00"), ("resolution", "2026-11-17 15:00")
    )  # fmt: skip
    # A ticket that is opened with another section of promises is planned on both sides, so that its times are compared
    sections = {**known.rulebook.sections, "calendars": {}}
    other = Side.of(known, replace(known.rulebook, sections=sections))
    assert not backtest._promise_alike(side, other) and backtest._promise_alike(side, side)
    assert backtest._difference(mail, reading, reading, (side, other)) == Difference(whole, whole, ())


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({}, True),
        (
            {"because": "another", "tags": ("x",), "queue": "q", "rulebook_version": "9", "abstained": True},
            True,
        ),
        ({"severity": Severity.S1}, False),
        ({"provisional": True}, False),
        ({"service_level": "gold"}, False),
        ({"review": ("why",)}, False),
        ({"letter": "another"}, False),
        ({"hold_letters": ("acknowledgment",)}, False),
        ({"notify": ("x@y.example",)}, False),
    ],
)
def test_what_can_lead_to_other_letters(scene: Scene, changes: dict[str, Any], alike: bool) -> None:
    mail, known = past(scene), scene.month.knowledge
    (reading,) = InlineReaders(known.surroundings).read(
        [(mail.raw, backtest.envelope_of(mail, known.config).door)]
    )
    incoming = Incoming(reading, who(reading, known.bearings), backtest.envelope_of(mail, known.config))
    one = judge(incoming, known.bearings, mail.received_at, misses=False)
    assert one.decision is not None
    of_rules = {
        name: value for name, value in changes.items() if name in ("letter", "hold_letters", "notify")
    }
    verdict = replace(one.decision.verdict, **of_rules)
    more = {name: value for name, value in changes.items() if name not in of_rules}
    other = replace(one, decision=replace(one.decision, verdict=verdict, **more))
    assert backtest._treats_alike(one, other) is alike and backtest._treats_alike(other, one) is alike
    assert backtest._treats_alike(replace(one, decision=None), other) is False
