"""What events keep: each happening's data there and back, rows as older versions wrote them, and rows gone bad."""

from __future__ import annotations

import ast
import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.world import at, promises, ticket
from triaged.followups import due
from triaged.letters import bearing
from triaged.promises import clocks, reports
from triaged.reading.values import Guess, Identifiers
from triaged.tickets import cases, event_data, notes
from triaged.tickets.event_data import (
    BY_HAPPENING,
    AddressFailed,
    Assigned,
    ByDirectory,
    ByStaff,
    ByStep,
    CaseMoved,
    Corrected,
    Enough,
    Found,
    Grounds,
    LetterFate,
    Linked,
    Merged,
    OfCommitment,
    OfLetter,
    OfMail,
    Over,
    PeopleChanged,
    Rated,
    Related,
    Review,
    Snoozed,
    Split,
    Tagged,
    TakenBack,
    Terms,
    Turned,
    Unmerged,
)  # fmt: skip
from triaged.tickets.meeting_data import MeetingAnswered, MeetingChanged, MeetingCode
from triaged.tickets.ticket import Event, Happening, State
from triaged.tickets.told import Told
from triaged.vocabulary import Severity

NOW = at("2026-11-16 10:00+01:00")
H = Happening
PACKAGE = Path(__file__).parents[2] / "triaged"
GUESS = Guess(Severity.S2, 0.8, (("S2", 0.8),), (("outage", 1.5),), "m1", "")
FOUND = Found("elm", "zoid", 10, 200, False, "found by zoid")
WHOLE: list[Told] = [
    OfMail(("no date",), True, True, True, True, True), ByStaff("it runs", "Ben Carter", "answer@1", "new"), Enough(enough=True),
    Terms(Severity.S1, "large-account", True, "JP", "enterprise"), Tagged(("priority-customer",)), Tagged(()),
    FOUND, Grounds(Identifiers("a@elm.example", ("b@elm.example",), ("60099000111",)), "Zoho CRM", ("outage",),
                   Severity.S2, "standard", FOUND, GUESS, "dmarc=pass", "Lark", "r1"),
    ByDirectory("d1"), Corrected(Severity.S3, Severity.S1), Review("conflict", "case:confirm@CP-1/2"),
    OfLetter("acknowledgment", "acknowledgment"), LetterFate(7, "closed", ("a@x.example",), (), "<1@x>", ("b@x.example",)),
    ByStep("waiting:remind-1@2"), OfCommitment("resolution:miss", "resolution", 1.0123, "plan", datetime(2026, 11, 16, tzinfo=UTC), 2),
    Over("solved", "waiting:resolve@1"), Assigned("ben@staff.example", "Ben Carter"), Merged(1002, "PS-1002", "open"),
    Split("Another matter"), Linked(from_=1003, reference="PS-1003", people=("a@x.example",)), Linked(to=1004), Rated(4, "good"),
    MeetingChanged(
        1, "accepted", "partner", "u-1@desk.example", (NOW, NOW), 40, "ben@desk.example", NOW, 1, "2026-11", "de", "abc",
        "anna@oakbridge.example", "192.0.2.7", "partner", "It works.", "meeting:over@1",
    ),
    MeetingAnswered(1, "anna@oakbridge.example", "declined", 2),
    MeetingCode(1, 2, True, "anna@oakbridge.example"),
    CaseMoved("CP-1", "in_review", date(2026, 12, 1), "we look"), AddressFailed("a@x.example"),
    PeopleChanged("a@x.example", "b@x.example", "Ann"), Turned(on=True), Snoozed(datetime(2026, 12, 1, tzinfo=UTC)),
    Related(1002, "PS-1002", "duplicate"), Unmerged(1002, "PS-1002"), TakenBack("answer@1"),
]  # fmt: skip
OLD: list[tuple[Happening, dict[str, Any], Told]] = [  # as version 0.1 wrote them
    (H.RECEIVED, {"defects": ["no date"], "thanks": True}, OfMail(("no date",), thanks=True)),
    (H.PARTNER_ANSWERED, {"bystander": True}, OfMail(bystander=True)),
    (H.PARTNER_ANSWERED, {"ends_history": True}, OfMail(ends_history=True)),
    (H.STAFF_NOTED, {"unproven": True}, OfMail(unproven=True)),
    (H.STAFF_ANSWERED, {"report": "it runs", "name": ""}, ByStaff("it runs")),
    (H.JUDGED, {"severity": "S1", "service_level": "plan", "provisional": False, "region": "EU", "plan": None},
     Terms(Severity.S1, "plan", False, "EU")),
    (H.JUDGED, {"severity": "S2"}, Tagged(None)),
    (H.JUDGED, {"guess": {"severity": "S2", "confidence": 0.8, "probabilities": [["S2", 0.8]],
                          "terms": [["outage", 1.5]], "model": "m1"}}, Grounds(guess=GUESS)),
    (H.JUDGED, {"identifiers": {"superadmin_email": None, "zoid": ["60099000111"]}, "guess": None, "account": None},
     Grounds(Identifiers(zoid=("60099000111",)))),
    (H.SEVERITY_CORRECTED, {"was": "S3", "severity": "S1"}, Corrected(Severity.S3, Severity.S1)),
    (H.LETTER_SENT, {"letter": 7, "kind": "closed", "to": ["a@x.example"], "cc": [], "message_id": "<1@x>", "refused": []},
     LetterFate(7, "closed", ("a@x.example",), (), "<1@x>")),
    (H.MISSED, {"step": "resolution:miss", "commitment": "resolution", "share": 1.2, "policy": "plan", "due": "2026-11-16T00:00:00+00:00"},
     OfCommitment("resolution:miss", "resolution", 1.2, "plan", datetime(2026, 11, 16, tzinfo=UTC))),
    (H.ESCALATED, {"tier": 3}, OfCommitment(tier=3)), (H.LINKED, {"from": 1003}, Linked(from_=1003)),
    (H.CASE_MOVED, {"case": "CP-1", "step": "in_review", "expected": "2026-12-01"}, CaseMoved("CP-1", "in_review", date(2026, 12, 1))),
]  # fmt: skip


def stored(data: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the store."""
    return json.loads(json.dumps(data))  # type: ignore[no-any-return]


@pytest.mark.parametrize("told", WHOLE, ids=lambda told: type(told).__name__)
def test_data_comes_back_as_it_was_written(told: Told) -> None:
    assert type(told).read(stored(told.stored())) == told
    assert type(told).read(stored(type(told)().stored())) == type(told)()


@pytest.mark.parametrize(("happening", "data", "told"), OLD)
def test_rows_that_an_older_version_wrote_are_read(
    happening: Happening, data: dict[str, Any], told: Told
) -> None:
    assert type(told) in BY_HAPPENING[happening] and type(told).read(data) == told


BARE: list[tuple[type[Told], dict[str, Any]]] = [  # what is kept though nobody said it: readers of the store rely on it
    (Corrected, {"was": None, "severity": None}),
    (Found, {"key": None, "matched_by": None, "licences": 0, "threshold": 0, "large_user": False, "why": ""}),
    (Grounds, {"identifiers": None, "service": None, "hits": [], "content_severity": None, "service_level_because": "",
               "account": None, "guess": None, "sender": "", "company": "", "rulebook": ""}),
    (LetterFate, {"letter": 0, "kind": "", "to": [], "cc": [], "message_id": "", "refused": [], "counts_as": ""}),
    (MeetingAnswered, {"meeting": 0, "attendee": "", "answer": "", "sequence": 0}),
    (MeetingChanged, {"meeting": 0, "state": ""}), (MeetingCode, {"meeting": 0, "code": 0}),
    (Related, {"to": 0, "reference": "", "how": "related"}), (Review, {"review": ""}), (Snoozed, {"until": None}),
    (Tagged, {"tags": None}), (TakenBack, {"letter": ""}), (Turned, {"on": False}), (Unmerged, {"ticket": 0, "reference": ""}),
    (Terms, {"severity": "S3", "service_level": "standard", "provisional": False, "region": "", "plan": None}),
]  # fmt: skip


@pytest.mark.parametrize("told", dict.fromkeys(type(one) for one in WHOLE), ids=lambda told: told.__name__)
def test_what_nobody_said_is_left_out_where_nobody_relies_on_it(told: type[Told]) -> None:
    assert told().stored() == dict(BARE).get(told, {})


KEPT: list[tuple[Told, dict[str, Any]]] = [
    (FOUND, {"key": "elm", "matched_by": "zoid", "licences": 10, "threshold": 200, "large_user": False, "why": "found by zoid"}),
    (Grounds(Identifiers("a@elm.example", (), ("60099000111",)), content_severity=Severity.S2, account=Found("elm"), guess=GUESS),
     {**dict(BARE)[Grounds], "identifiers": {"superadmin_email": "a@elm.example", "customer_emails": [], "zoid": ["60099000111"],
                                            "zuid": [], "zgid": []},
      "content_severity": "S2", "account": {**dict(BARE)[Found], "key": "elm"},
      "guess": {"severity": "S2", "confidence": 0.8, "probabilities": [["S2", 0.8]], "terms": [["outage", 1.5]],
                "model": "m1", "blind": ""}}),
    (Linked(from_=1003, people=("a@x.example",)), {"from": 1003, "people": ["a@x.example"]}),
    (OfCommitment("a:b", "c", 0.5, "d", datetime(2026, 11, 16, tzinfo=UTC), 2),
     {"step": "a:b", "commitment": "c", "share": 0.5, "policy": "d", "due": "2026-11-16T00:00:00+00:00", "tier": 2}),
    (CaseMoved("CP-1", "in_review", date(2026, 12, 1)), {"case": "CP-1", "step": "in_review", "expected": "2026-12-01"}),
    (MeetingCode(1, 2, True, "a@x.example"), {"meeting": 1, "code": 2, "used": True, "for": "a@x.example"}),
]  # fmt: skip


@pytest.mark.parametrize(("told", "kept"), KEPT, ids=lambda one: type(one).__name__)
def test_data_is_kept_in_these_words(told: Told, kept: dict[str, Any]) -> None:
    assert told.stored() == kept


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"thanks": 1}, OfMail(thanks=True)),
        ({"thanks": "yes"}, OfMail()),
        ({"defects": ["a", 7, "b"]}, OfMail(("a", "b"))),
        ({"defects": "ab"}, OfMail()),
        ({"name": 7, "report": "x"}, ByStaff("x")),
        ([("thanks", True)], OfMail()),
        ({"counts_as": None}, OfLetter()),
        ({"counts_as": 7, "kind": "k"}, OfLetter("k")),
        ({"share": "1.5"}, OfCommitment(share=1.5)),
        ({"share": "much"}, OfCommitment()),
        ({"tier": "123456789"}, OfCommitment(tier=123456789)),
        ({"was": "S9", "severity": None}, Corrected()),
        ({"tags": None}, Tagged(None)),
    ],
)
def test_what_is_ill_typed_has_its_default_and_nothing_else_does(data: Any, told: Told) -> None:
    assert type(told).read(data) == told


def test_only_thanks_old_mail_and_bystanders_move_nothing() -> None:
    moving = [
        name for name in OfMail.__dataclass_fields__ if not replace(OfMail(), **{name: True}).moves_nothing
    ]
    assert moving == ["defects", "ends_history", "unproven"]


@pytest.mark.parametrize(
    ("kind", "data", "note"),
    [
        (H.PARTNER_ANSWERED, OfMail(bystander=True), True),
        (H.STAFF_NOTED, OfMail(unproven=True), True),
        (H.PARTNER_ANSWERED, OfMail(thanks=True), False),
        (H.STAFF_NOTED, ByStaff("news"), False),
        (H.AUTOMATIC_MAIL, OfMail(), True),
        (H.STAFF_ANSWERED, OfMail(unproven=True), False),
    ],
)
def test_what_proves_nothing_is_counted_and_nothing_else(kind: Happening, data: Told, note: bool) -> None:
    told = Event(NOW, kind, "x", "", data.stored())
    assert notes.is_note(told) is note
    assert notes.count([told, told, Event(NOW, H.RECEIVED, "x", "")]) == 2 * note


def test_the_last_note_says_where_later_mails_are() -> None:
    assert notes.enough(NOW) == Event(
        NOW, H.AUTOMATIC_MAIL, "daemon",
        "more than 100 mails that prove nothing: later ones are only in the ledger (triaged mail list)",
        {"enough": True},
    )  # fmt: skip


def test_every_class_has_its_happening_and_is_tried_here() -> None:
    named = {told for several in BY_HAPPENING.values() for told in several}
    classes = {one for one in vars(event_data).values() if isinstance(one, type) and issubclass(one, Told)}
    assert classes - {Told, Found} == named and {type(told) for told in WHOLE} == named | {Found}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.sampled_from(["severity", "terms", "zoid", "key"]), one, max_size=3),
    max_leaves=4,
)  # fmt: skip
KEYS = sorted({one.name.rstrip("_") for told in WHOLE for one in fields(told)})


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=12) | JSON)
def test_data_gone_bad_never_raises(data: Any) -> None:
    for told in {type(one) for one in WHOLE}:
        json.dumps(told.read(data).stored())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(H), st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6)), max_size=5
    )
)
def test_a_ticket_whose_events_went_bad_is_still_planned_and_told(bad: list[tuple[Happening, Any]]) -> None:
    events = tuple(Event(NOW, kind, "x", "", data) for kind, data in bad)
    odd = replace(
        ticket(NOW, no_identifier=True),
        events=(*ticket(NOW).events, *events),
        state=State.RESOLVED,
        resolved_at=NOW,
    )
    for one in (odd, replace(odd, state=State.OPEN, resolved_at=None)):
        due.plan(one, promises(), NOW)
        clocks.commitments(one, promises(), NOW)
        reports.report([one], promises(), NOW)
        assert all(case.id for case in cases.cases(one)) and notes.count(one.events) >= 0
        told = (
            bearing.is_priority,
            bearing.is_confirmed,
            bearing.is_thanked,
            bearing.company,
            bearing.person,
        )
        assert [tell(one) for tell in told]


@pytest.mark.parametrize(
    ("value", "read"), [(2, 2), ("2", 2), (True, 0), (False, 0), ("-1", 0), ("1234567890", 0), (2.0, 0)]
)
def test_a_whole_number_is_no_truth_and_no_fraction(value: Any, read: int) -> None:
    assert OfCommitment.read({"tier": value}).tier == read


def test_a_moment_without_its_zone_is_none() -> None:
    good, bad = "2026-11-18T17:00:00+01:00", "2026-11-18T17:00:00"
    assert MeetingChanged.read({"starts": good}).starts == datetime(2026, 11, 18, 16, tzinfo=UTC)
    assert MeetingChanged.read({"starts": bad}).starts is None


def test_what_a_judgment_does_not_say_stays() -> None:
    terms = Terms(Severity.S2, "plan", True, "JP", "enterprise")
    assert terms.after(Event(NOW, H.JUDGED, "", "", {"severity": "S9", "region": 7})) == terms
    assert terms.after(Event(NOW, H.SEVERITY_CORRECTED, "", "", {"severity": "S1"})) == replace(
        terms, severity=Severity.S1
    )
    assert terms.after(Event(NOW, H.JUDGED, "", "", {"plan": None})).plan is None


def test_a_command_tells_only_what_the_happening_keeps() -> None:
    assert event_data.told_by_hand(H.ESCALATED, {"tier": 2}) == {"tier": 2}
    assert event_data.told_by_hand(H.REOPENED, {}) == {}
    with pytest.raises(TypeError, match="reopened keeps no tea"):
        event_data.told_by_hand(H.REOPENED, {"tea": 1})


def test_nobody_else_takes_the_data_of_an_event_apart() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[:2] in {
            ("tickets", "told.py"),
            ("tickets", "event_data.py"),
            ("reading", "mime"),
        }:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            taken = isinstance(node, ast.Subscript) and node.value
            asked = (
                isinstance(node, ast.Attribute)
                and node.attr in ("get", "items", "keys", "values")
                and node.value
            )
            of = taken or asked
            if isinstance(of, ast.Attribute) and of.attr == "data":
                raise AssertionError(f"{path}:{of.lineno} takes event data apart")
