"""A kind of letter is added by docs/extending.md alone: its row, its templates, the line that writes it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Run, desk, filled, run  # noqa: F401
from tests.simulation.scene import Scene
from tests.tickets.world import at, event, promises, ticket
from triaged.config import shipped
from triaged.followups import still_wanted
from triaged.letters import arrival, kinds, specimens
from triaged.letters.arrival import Arrived
from triaged.letters.kinds import LetterKind
from triaged.promises import clocks
from triaged.tickets.ticket import Happening, State, Ticket
from triaged.walk.rulebook_folder import load_folder

NOTED = LetterKind("answer_noted", "partner", counts_as="update", replies=True, again=True, sense="live")
TEMPLATE = """\
      answer_noted:
        subject: "{{ thread }}"
        body: |
          {{ salutation }}

          Your answer to {{ reference }} has come, and we have noted it.

          {{ desk }}
"""
ROOT = Path(__file__).parents[2]
FRIDAY = at("2026-11-20 16:00+01:00")


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row in letters/kinds.py."""
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, NOTED.name: NOTED})


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rulebook with its template in every language."""
    folder = tmp_path / "own-rules"
    shutil.copytree(shipped.rules(), folder)
    for file in folder.glob("5*-letters.*.yaml"):
        text = file.read_text("utf-8")
        file.write_text(text.replace("    templates:\n", f"    templates:\n{TEMPLATE}", 1), "utf-8")
    return folder


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line that writes it: in letters/arrival.py, for whoever answers."""
    before = arrival._kind

    def kind(arrived: Arrived, ticket: Ticket) -> str | None:
        return before(arrived, ticket) if arrived.before is None else NOTED.name

    monkeypatch.setattr(arrival, "_kind", kind)


def test_check_asks_for_its_template(row: None, rules: Path, run: Run, desk: Path) -> None:  # noqa: F811
    with (desk / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"rulebook: {rules}\n")
    assert run("check").status == 0
    english = rules / "50-letters.en.yaml"
    english.write_text(english.read_text("utf-8").replace(TEMPLATE, "", 1), "utf-8")
    refused = run("check")
    assert refused.status == 1
    assert "the letter 'answer_noted' is missing" in refused.err + refused.out


def test_check_refuses_a_name_in_it_that_no_letter_knows(
    row: None, rules: Path, run: Run, desk: Path  # noqa: F811
) -> None:  # fmt: skip
    german = rules / "52-letters.de.yaml"
    german.write_text(
        german.read_text("utf-8").replace("answer to {{ reference }}", "{{ refrence }}", 1), "utf-8"
    )
    with (desk / "config.yaml").open("a", encoding="utf-8") as config:
        config.write(f"rulebook: {rules}\n")
    refused = run("check")
    assert refused.status == 1 and "did you mean 'reference'?" in refused.err + refused.out


def test_it_is_written_by_the_real_walk_and_capped_like_any_other(
    scene: Scene, row: None, rules: Path, line: None
) -> None:
    house = scene.month.house
    house.knowledge = replace(house.knowledge, rulebook=load_folder(rules))
    first = scene.asks()
    for n in range(house.knowledge.config.limits.letters_per_ticket_day + 3):
        scene.writes(
            f"And one thing more, number {n}: the report of May is slow too.", answers=[first.message_id]
        )
    raws = [one.raw for one in scene.letters(NOTED.name)]
    assert raws and b"we have noted it" in raws[0] and b"Auto-Submitted: auto-replied" in raws[0]
    events = [e for e in scene.ticket(first).events if e.kind is Happening.LETTER_WRITTEN]
    written = [e for e in events if kinds.of(e.data["kind"]).audience == "partner"]
    assert len(written) == house.knowledge.config.limits.letters_per_ticket_day
    held = [e for e in scene.ticket(first).events if e.kind is Happening.LETTER_WITHDRAWN]
    assert held and held[0].data["kind"] == NOTED.name and "letters on this ticket in a day" in held[0].reason


def test_once_it_has_left_it_counts_as_its_row_says(scene: Scene, row: None, rules: Path, line: None) -> None:
    house = scene.month.house
    house.knowledge = replace(house.knowledge, rulebook=load_folder(rules))
    first = scene.asks()
    scene.writes("The report of May is slow too.", answers=[first.message_id])
    sent = [e for e in scene.ticket(first).events if e.kind is Happening.LETTER_SENT]
    assert [e.data["counts_as"] for e in sent] == ["acknowledgment", "update"]
    urgent = ticket(FRIDAY, event(sent_at := at("2026-11-20 16:20+01:00"), Happening.LETTER_SENT, **sent[-1].data), severity="S1")  # fmt: skip
    update = next(c for c in clocks.commitments(urgent, promises(), sent_at) if c.kind == "next_update")
    assert update.cycle == 1 and update.started == sent_at


def test_it_has_its_specimen_and_its_sense_when_late(row: None, rules: Path) -> None:
    book = load_folder(rules)
    pages = specimens.files(book.letters, book.promises)
    assert all(
        "## answer_noted: on an invented ticket" in pages[f"{code}.md"] for code in book.letters.templates
    )
    over = ticket(FRIDAY, state=State.RESOLVED)
    assert (
        still_wanted.judge(NOTED.name, "answer_noted", over, promises(), FRIDAY).withdraw
        == "the ticket is resolved"
    )
    assert (
        still_wanted.judge(NOTED.name, "answer_noted", ticket(FRIDAY), promises(), FRIDAY) == still_wanted.NOW
    )


def test_events_of_old_that_tell_only_the_kind_count_as_the_table_says() -> None:
    assert {name: kinds.of(name).counts_as for name in clocks.OF_OLD} == clocks.OF_OLD


def test_nothing_else_in_the_code_knows_kinds_by_sets_of_names() -> None:
    """A set, tuple or dict that lists two kinds of letters stands in the table alone."""
    names = "|".join(
        sorted(kinds.KINDS.keys() - {"resolved", "closed", "merged", "missed", "review", "encrypted"})
    )
    listed = re.compile(rf"[{{(\[,]\s*\"({names})\"\s*,\s*\"({names})\"")
    allowed = {
        "letters/kinds.py",
        "promises/clocks.py",
        "simulation/session_invariants.py",
    }  # the last one watches them
    found = [
        str(path.relative_to(ROOT / "triaged"))
        for path in sorted((ROOT / "triaged").rglob("*.py"))
        if listed.search(path.read_text("utf-8"))
    ]
    assert set(found) <= allowed


def test_who_is_told_that_his_mail_has_come_is_acknowledged_whether_it_could_be_read_or_not() -> None:
    acknowledging = {kind.name for kind in kinds.TABLE if kind.acknowledges}
    first = {"acknowledgment", "acknowledgment_unverified", "missing_information", "encrypted"}
    assert acknowledging == first == {kind.name for kind in kinds.TABLE if kind.counts_as == "acknowledgment"}
