"""Steps as values: one codec between them and the text of rows, events and letters, which stays as it was."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.world import at, event, hours, promises, ticket, writer
from triaged.followups import due, steps, still_wanted
from triaged.followups.steps import WORDS, Step, Word
from triaged.letters import compose
from triaged.promises.commitments import COMMITMENTS
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import Moved
from triaged.tickets.ticket import Due, Happening, State

MONDAY = at("2026-11-16 10:00+01:00")
PACKAGE = Path(__file__).parents[2] / "triaged"
STORED = [  # as databases hold them since the first version
    ("first_response", "warn", Step("first_response", Word.WARN)),
    ("resolution", "miss", Step("resolution", Word.MISS)),
    ("identification", "still", Step("identification", Word.STILL)),
    ("next_update", "miss@0", Step("next_update", Word.MISS, 0)),
    ("next_update", "still-working@12", Step("next_update", Word.STILL_WORKING, 12)),
    ("next_update", "report@3", Step("next_update", Word.REPORT, 3)),
    ("missing_information", "remind-1", Step("missing_information", Word.REMIND, number=1)),
    ("missing_information", "tell-staff", Step("missing_information", Word.TELL_STAFF)),
    ("waiting", "remind-2@3", Step("waiting", Word.REMIND, 3, 2)),
    ("waiting", "resolve@1", Step("waiting", Word.RESOLVE, 1)),
    ("close", "close@1", Step("close", Word.CLOSE, 1)),
    ("case", "remind-1@CP-204/3", Step("case", Word.REMIND, 3, 1, "CP-204")),
    ("case", "confirm@CP-204/3", Step("case", Word.CONFIRM, 3, case="CP-204")),
    ("case", "expected@CP-7/2026-12-01", Step("case", Word.EXPECTED, case="CP-7", day=date(2026, 12, 1))),
    ("digest", "2026-11-30", Step("digest", Word.DAY, day=date(2026, 11, 30))),
    ("plan", "sent@77", Step("plan", Word.SENT, 77)),
    ("plan", "promise", Step("plan", Word.PROMISE)),
]
UNKNOWN = [
    ("waiting", ""), ("waiting", "remind-"), ("waiting", "remind-x@1"), ("waiting", "remind@1"),
    ("waiting", "remind-01@1"), ("waiting", "remind-1@"), ("waiting", "remind-1@two"), ("waiting", "close@1"),
    ("case", "expected@CP-7/2026-13-01"), ("case", "confirm@204/3"), ("case", "remind-1@CP-204/3/4"),
    ("first_response", "warn-1"), ("first_response", "warn@1@2"), ("tea", "warn"), ("", ""),
    ("digest", "tomorrow"), ("digest", "20261130"), ("waiting", "remind-١@1"), ("waiting", "remind-1@1\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "step"), STORED)
def test_the_stored_text_of_a_step_is_read_and_written_as_ever(kind: str, text: str, step: Step) -> None:
    assert steps.read(kind, text) == step
    assert (step.kind, step.text, step.name) == (kind, text, f"{kind}:{text}")
    assert steps.named(step.name) == step == steps.of(Due(1, kind, text, MONDAY))


@pytest.mark.parametrize(("kind", "text"), UNKNOWN)
def test_a_text_that_no_codec_knows_is_no_step(kind: str, text: str) -> None:
    assert steps.read(kind, text) is None and steps.named(f"{kind}:{text}") is None


@given(st.sampled_from(sorted(WORDS)) | st.text(max_size=20), st.text(max_size=40))
def test_reading_a_step_never_raises_and_what_it_reads_it_writes(kind: str, text: str) -> None:
    step = steps.read(kind, text)
    assert step is None or (step.kind, step.text) == (kind, text)


def test_every_planned_step_is_read_from_its_row() -> None:
    t = ticket(MONDAY, no_identifier=True, provisional=True)
    moved = cases.move_case(t, "CP-1", CaseStep.CONFIRMING, MONDAY + hours(1), "ben", "x")
    assert isinstance(moved, Moved)
    waiting = ticket(MONDAY, event(MONDAY, Happening.WAITING), state=State.WAITING)
    rows = [
        row for one in (t, moved.ticket, waiting, ticket(MONDAY)) for row in due.plan(one, promises(), MONDAY)
    ]
    assert {row.kind for row in rows} >= {"missing_information", "waiting", "case", "first_response"}
    assert all(steps.of(row) is not None for row in rows)


@pytest.mark.parametrize(("kind", "text"), UNKNOWN)
def test_a_due_row_that_nobody_knows_is_withdrawn_with_an_event_that_says_so(kind: str, text: str) -> None:
    t = ticket(MONDAY)
    acted = due.act(Due(t.id, kind, text, MONDAY), t, writer(MONDAY + hours(1)))
    assert acted.withdrawn is not None and "no step that this version knows" in acted.withdrawn
    assert acted.letters == () and acted.events[-1].reason == acted.withdrawn
    assert due.plan(acted.ticket_after, promises(), MONDAY)  # and planning goes on


def test_an_event_that_names_an_unknown_step_hinders_no_planning() -> None:
    odd = [
        event(MONDAY, Happening.REMINDED, step=step) for step in ("tea:warn", 7, None, ["waiting:remind-1"])
    ]
    assert due.plan(ticket(MONDAY, *odd), promises(), MONDAY) == due.plan(ticket(MONDAY), promises(), MONDAY)


def test_a_queued_letter_with_a_key_that_nobody_knows_is_withdrawn_or_leaves_and_never_raises() -> None:
    t = ticket(MONDAY, no_identifier=True, provisional=True)
    for kind in still_wanted._SENSE:
        for key in ("", ":", "missing_information:remind-x", "case:remind-1@CP-9/x", "resolved@²", "x@1"):
            still_wanted.judge(kind, key, t, promises(), MONDAY + timedelta(days=1))
    odd = still_wanted.judge(
        "missing_information_reminder", "missing_information:later", t, promises(), MONDAY
    )
    assert "no step that this version knows" in odd.withdraw


def test_the_rounds_that_letters_write_into_their_keys_are_read_again() -> None:
    over = ticket(MONDAY, event(MONDAY, Happening.RESOLVED), state=State.RESOLVED)
    letter = compose.on_resolved(writer(MONDAY), over)
    assert letter is not None and steps.round_of_letter(letter.key) == 1
    assert [steps.round_of_letter(key) for key in ("split", "resolved@", "@x", "7")] == [None] * 4


def test_every_kind_of_commitment_has_its_steps() -> None:
    assert COMMITMENTS.keys() <= WORDS.keys()


def test_nobody_else_takes_the_text_of_a_step_apart_or_puts_it_together() -> None:
    spelt = re.compile(r"remind-|confirm@|expected@|tell-staff|still-working|sent@|close@")
    for path in PACKAGE.rglob("*.py"):
        if path.name == "steps.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                assert not spelt.search(node.value), f"{path}:{node.lineno}: {node.value}"
