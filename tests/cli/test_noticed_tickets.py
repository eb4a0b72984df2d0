"""Orders about tickets: the whole line that is said, what stands in the story, and which letters leave; and what a listing takes."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from triaged.cli import context

CARL = "carl@elmhill.example"
Told = tuple[str, str, dict[str, Any]]


def story(run: Run, reference: str = "PS-1002") -> list[Told]:
    told = json.loads(run("tickets", "show", reference, "--json").out)
    return [(one["kind"], one["reason"], one["data"]) for one in told["events"]]


def letter(kind: str, key: str) -> Told:
    return ("letter_written", f"{kind.replace('_', ' ')} to {CARL}", {"kind": kind, "key": key})


RESOLVED, CLOSED = letter("resolved", "resolved@1"), letter("closed", "closed@1")


@pytest.mark.parametrize(
    ("command", "said", "happened"),
    [
        ("note|  rang them ", "noted on PS-1002", [("staff_noted", "rang them", {})]),
        ("note|--tell| We look. ", "noted on PS-1002; the next progress update tells the partner",
         [("staff_noted", "We look.", {"report": "We look."})]),
        ("note|rang|--report|We look.", "noted on PS-1002; the next progress update tells the partner",
         [("staff_noted", "rang", {"report": "We look."})]),
        ("severity|s2|--reason| all stand ", "PS-1002 is S2: set by cli:ops: all stand",
         [("severity_corrected", "set by cli:ops: all stand", {"was": "S3", "severity": "S2"})]),
        ("assign|Sam Reed <Sam@zohocorp.com>", "PS-1002 is assigned to sam@zohocorp.com",
         [("assigned", "assigned to Sam Reed <Sam@zohocorp.com>", {"to": "sam@zohocorp.com", "name": "Sam Reed"})]),
        ("assign|SAM@zohocorp.com", "PS-1002 is assigned to sam@zohocorp.com",
         [("assigned", "assigned to SAM@zohocorp.com", {"to": "sam@zohocorp.com"})]),
        ("identify", "PS-1002: the problem is identified; it is open", [("identified", "the problem is identified", {})]),
        ("identify|--reason|seen", "PS-1002: the problem is identified; it is open", [("identified", "seen", {})]),
        ("wait", "PS-1002 is waiting on the partner", [("waiting", "waiting on the partner", {})]),
        ("wait|--reason|away", "PS-1002 is waiting on the partner", [("waiting", "away", {})]),
        ("resolve", "PS-1002 is resolved", [("resolved", "resolved", {}), RESOLVED]),
        ("resolve|--tell| It is back. |--reason|done", "PS-1002 is resolved",
         [("resolved", "done", {"tell": "It is back."}), RESOLVED]),
        ("resolve|--quiet|--tell| ", "PS-1002 is resolved", [("resolved", "resolved", {})]),
        ("close", "PS-1002 is closed", [("closed", "closed", {}), CLOSED]),
        ("close|--quiet|--reason|spam", "PS-1002 is closed", [("closed", "spam", {})]),
        ("escalate|3", "PS-1002 handed to tier 3", [("escalated", "escalated by staff", {"tier": 3})]),
        ("escalate|2|--reason|hard", "PS-1002 handed to tier 2", [("escalated", "hard", {"tier": 2})]),
        ("reviewed", "PS-1002 is reviewed", [("staff_noted", "reviewed: reviewed", {})]),
        ("reviewed|--reason|seen", "PS-1002 is reviewed", [("staff_noted", "reviewed: seen", {})]),
    ],
)  # fmt: skip
def test_an_order_says_one_line_and_stands_in_the_story(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, said: str, happened: list[Told]
) -> None:
    monkeypatch.setattr(context, "actor", lambda: "cli:ops")
    before, (name, *more) = story(run), command.split("|")
    done = run("tickets", name, "PS-1002", *more)
    assert (done.status, done.out, done.err) == (0, f"{said}\n", "")
    assert story(run)[len(before) :] == happened


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("note", 2, "say what to note, or --tell what the partner is told, or both"),
        ("note| |--tell| ", 2, "say what to note, or --tell what the partner is told, or both"),
        ("severity|S2|--reason| ", 2, "the reason is empty"),
        ("assign|Sam", 2, "'Sam' is not a valid mail address; reminders go there"),
        ("resolve|--quiet|--tell|x", 2, "--tell is said in the letter that --quiet leaves out"),
        ("escalate|1", 2, "1 is not in the range 2<=x<=3"),
        ("escalate|4", 2, "4 is not in the range 2<=x<=3"),
        ("update| ", 2, "the text is empty"),
        ("split| ", 2, "the subject is empty"),
        ("reopen", 1, "PS-1002 is new: only a resolved or closed ticket is reopened"),
    ],
)
def test_an_order_that_cannot_be_says_why_and_changes_nothing(
    run: Run, command: str, status: int, said: str
) -> None:
    before, (name, *more) = story(run), command.split("|")
    done = run("tickets", name, "PS-1002", *more)
    assert (done.status, done.out) == (status, "") and done.err.rstrip(".\n").endswith(said)
    assert story(run) == before


def test_a_ticket_that_is_over_is_opened_again(run: Run) -> None:
    run("tickets", "close", "PS-1002", "--quiet")
    again = run("tickets", "reopen", "ps-1002")
    assert (again.status, again.out, again.err) == (0, "PS-1002 is open\n", "")
    run("tickets", "resolve", "PS-1002", "--quiet")
    run("tickets", "reopen", "PS-1002", "--reason", "too early")
    assert [why for kind, why, _ in story(run) if kind == "reopened"] == ["reopened by staff", "too early"]


def test_an_update_names_the_letter_and_everybody_it_goes_to_or_says_that_none_leaves(
    run: Run, desk: Path
) -> None:
    done = run("tickets", "update", "PS-1002", " We found it. ")
    newest = json.loads(run("outbox", "list", "--json").out.splitlines()[0])
    assert done.out == f"PS-1002: letter {newest['id']} to {CARL} is in the outbox\n"
    assert (newest["kind"], newest["to"]) == ("progress_update", [CARL])
    assert [one[:2] for one in story(run)][-2:] == [
        ("staff_answered", "We found it."), ("letter_written", f"progress update to {CARL}"),
    ]  # fmt: skip
    with closing(sqlite3.connect(desk / "triaged.db")) as apart, apart:
        apart.execute("UPDATE person SET failed = 1")
    held = run("tickets", "update", "PS-1002", "We mend it.")
    assert (held.status, held.out) == (
        0,
        "noted on PS-1002; no letter: `triaged tickets show PS-1002` tells why\n",
    )
    assert json.loads(run("outbox", "list", "--json").out.splitlines()[0])["id"] == newest["id"]


def test_a_merger_names_both_in_capitals(run: Run) -> None:
    done = run("tickets", "merge", "ps-1002", "PS-1001")
    assert (done.status, done.out) == (0, "PS-1002 went into PS-1001\n")
    assert story(run)[-2:] == [
        ("merged", "the same case", {"into": 1001, "reference": "PS-1001", "was": "new"}), letter("merged", "merged@1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "account"),
    [
        ((), "the partner is asked for its account"),
        (("--account", " "), "the partner is asked for its account"),
        (("--account", "birch"), "Birch Bakery"),
    ],
)
def test_a_second_matter_is_told_with_its_account_and_linked_with_its_words(
    run: Run, desk: Path, more: tuple[str, ...], account: str
) -> None:
    words = "How do I add a field?"
    (desk / "words.txt").write_text(f"\n {words} \n", "utf-8")
    done = run("tickets", "split", "PS-1001", " Books ", "--passage-file", "words.txt", *more)
    assert (done.status, done.out) == (0, f"PS-1004 opened: Books ({account})\n"), done.err
    (data,) = (data for kind, _, data in story(run, "PS-1004") if kind == "linked")
    assert data == {"from": 1001, "passage": words}
    assert ("split", "two customers in one mail", {"subject": "Books"}) in story(run, "PS-1001")


# -- the listing --------------------------------------------------------------------------------------


@pytest.fixture
def various(run: Run, desk: Path) -> Run:
    """PS-1001 waits at Sam's, PS-1002 is closed, PS-1003 came by phone into a queue."""
    run("tickets", "assign", "PS-1001", "sam@zohocorp.com")
    run("tickets", "wait", "PS-1001")
    run("tickets", "close", "PS-1002", "--quiet")
    with closing(sqlite3.connect(desk / "triaged.db")) as apart, apart:
        apart.execute("UPDATE ticket SET channel = 'phone', queue = 'prices' WHERE id = 1003")
    return run


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "1001 1003"),
        ("--all", "1001 1002 1003"),
        ("--state waiting", "1001"),
        ("--state closed", "1002"),
        ("--state closed --state new", "1002 1003"),
        ("--severity s1", "1001"),
        ("--severity S1 --severity S3", "1001 1003"),
        ("--partner oakbridge.example", "1001"),
        ("--partner elmhill.example", ""),
        ("--mailbox europe", "1001 1003"),
        ("--mailbox global", ""),
        ("--account alder", "1001"),
        ("--assigned sam@zohocorp.com", "1001"),
        ("--queue prices", "1003"),
        ("--channel phone", "1003"),
        ("--channel mail --all", "1001 1002"),
        ("--text prices", "1003"),
    ],
)
def test_a_listing_takes_what_was_asked_for(various: Run, asked: str, found: str) -> None:
    listed = various("tickets", "list", *asked.split())
    assert (listed.status, listed.err) == (0, "")
    assert " ".join(sorted(re.findall(r"^PS-(\d+)\t", listed.out, re.MULTILINE))) == found


def test_a_line_of_the_listing_tells_everything_with_the_time_left_and_the_time_missed(
    run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("tickets", "assign", "PS-1001", "sam@zohocorp.com")
    with closing(sqlite3.connect(desk / "triaged.db")) as apart, apart:  # to the second, as JSON has it
        apart.execute("UPDATE ticket SET promised_at = promised_at / 1000000 * 1000000 WHERE id = 1001")
    one = json.loads(run("tickets", "list", "--severity", "S1", "--json").out)
    made, due, promised = (
        datetime.fromisoformat(one[name]) for name in ("created_at", "next_due", "promised_at")
    )
    cells = ["PS-1001", "S1", "new", "", f"{made:%Y-%m-%d %H:%M}", "oakbridge.example", "Alder Works", "sam@zohocorp.com", "Fields"]  # fmt: skip
    for now, step, told in (
        (due - timedelta(minutes=9), "in 9m", f"first response in {int((promised - due).total_seconds() // 60) + 9}m"),
        (promised - timedelta(seconds=1), None, "first response in 1s"),
        (promised, None, "first response missed 0s ago"),
        (promised + timedelta(days=3), None, "first response missed 3d ago"),
    ):  # fmt: skip
        monkeypatch.setattr(context, "now", lambda now=now: now.astimezone(UTC))
        line = run("tickets", "list", "--severity", "S1").out.rstrip("\n").split("\t")
        assert line[:3] + line[4:] == [*cells[:3], *cells[4:], told]
        assert step is None or line[3] == step
    found = run("tickets", "list", "--missed").out
    assert re.findall(r"^PS-\d+", found, re.MULTILINE) == ["PS-1001"]
    monkeypatch.setattr(context, "now", lambda: promised - timedelta(hours=1))
    assert run("tickets", "list", "--missed").out == ""
    wrong = run("tickets", "list", "--due-within", "soon")
    assert wrong.status == 2 and "soon" in wrong.err


def test_only_what_is_due_within_a_span_is_listed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def due_within(span: str) -> list[str]:
        return sorted(re.findall(r"PS-\d+", run("tickets", "list", "--due-within", span).out))

    rows = [json.loads(line) for line in run("tickets", "list", "--json").out.splitlines()]
    ends = {one["reference"]: one["next_due"] for one in rows if one["next_due"]}
    last, end = max(ends.items(), key=lambda one: datetime.fromisoformat(one[1]))
    now = datetime.fromisoformat(end) - timedelta(minutes=120)
    monkeypatch.setattr(context, "now", lambda: now.astimezone(UTC))
    assert due_within("119m") == sorted(set(ends) - {last})
    assert due_within("121m") == sorted(ends) and len(ends) == 2


def test_a_ticket_nobody_is_sure_of_has_a_question_mark_and_dashes(run: Run) -> None:
    (line,) = (one for one in run("tickets", "list").out.splitlines() if one.startswith("PS-1003"))
    cells = line.split("\t")
    assert (cells[:4], cells[5:]) == (["PS-1003", "S3?", "new", "-"], ["-", "-", "-", "Hello", "-"])
    cut = run("tickets", "list", "--limit", "2")
    assert len(cut.out.splitlines()) == 2
    assert cut.err == "cut: only the first 2 are listed, there are more (--limit)\n"
    assert run("tickets", "list", "--limit", "3").err == ""
