"""Reports: what was kept, how long people waited, breaches with their reasons."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

from tests.tickets.world import at, event, hours, promises, ticket
from triaged.promises import reports
from triaged.promises.reports import percentile, report
from triaged.tickets.ticket import Happening, State

H = Happening
MONDAY = at("2026-11-16 09:00+01:00")
NOW = MONDAY + timedelta(days=9)


def story(n: int, *events, **fields):
    return ticket(MONDAY, *events, id=n, reference=f"PS-{1000 + n}", **fields)


def after(n: float, happening: Happening, /, **data):
    return event(MONDAY + hours(n), happening, **data)


GOOD = story(1, after(0.01, H.LETTER_SENT, kind="acknowledgment"), after(1, H.STAFF_ANSWERED), after(5, H.RESOLVED), after(6, H.RATED, score=2), after(7, H.RATED, score=5), state=State.RESOLVED)  # fmt: skip
LATE = story(
    2, after(0.01, H.LETTER_SENT, kind="acknowledgment"), after(8, H.STAFF_ANSWERED), state=State.OPEN
)
PLAN = story(3, after(0.01, H.LETTER_SENT, kind="acknowledgment"), level="plan", severity="S1")


def groups(*tickets):
    return {(g.by, g.name): g for g in report(tickets, promises(), NOW)}


def first(group):
    return next(k for k in group.kept if k.kind == "first_response")


def test_what_was_kept_is_counted_by_policy_severity_partner_and_mailbox():
    found = groups(GOOD, LATE, PLAN)
    assert [key for key in found if key[0] == "policy"] == [("policy", "plan"), ("policy", "standard")]
    standard = first(found["policy", "standard"])
    assert (standard.in_time, standard.missed, standard.share) == (1, 1, 0.5)
    assert found["partner", "oakbridge.example"].tickets == 3


def test_the_acknowledgment_never_counts_as_a_human_answer():
    kept = first(groups(GOOD, LATE, PLAN)["mailbox", "global"])
    assert (kept.p50, kept.p90) == (hours(1), hours(8))  # of the two that a person answered
    plan = first(groups(PLAN)["policy", "plan"])
    assert plan.in_time == 1 and plan.p50 is None


def test_a_breach_tells_its_reason():
    breaches = {b.kind: b for b in groups(LATE)["severity", "S3"].breaches}
    assert breaches["first_response"].reference == "PS-1002"
    assert breaches["first_response"].why == "4 business hours: 200% used, paused 0s, met 4h late"
    assert "not met yet" in breaches["resolution"].why


def test_the_last_rating_counts():
    group = groups(GOOD, LATE)["severity", "S3"]
    assert (group.ratings, group.satisfaction) == (1, 5.0)


def test_history_is_left_out():
    assert groups(story(4, history=True)) == {}


def test_percentiles_are_waits_that_somebody_had():
    waits = [hours(n) for n in range(1, 11)]
    assert (percentile(waits, 0.5), percentile(waits, 0.9), percentile([], 0.9)) == (hours(5), hours(9), None)


def test_rows_and_charts_hold_the_same_figures():
    made = report([GOOD, LATE], promises(), NOW)
    row = next(reports.as_row(g) for g in made if g.by == "severity")
    assert (
        row["first_response_in_time"],
        row["first_response_missed"],
        row["first_response_p90_seconds"],
    ) == (1, 1, 28800)
    svg = reports.as_svg(made)
    assert "50% (1 of 2)" in svg and ElementTree.fromstring(svg).tag.endswith("svg")
    assert "<script>" not in reports.as_svg(
        report([story(1, after(1, H.STAFF_ANSWERED), partner_domain="<script>")], promises(), NOW),
        by="partner",
    )
