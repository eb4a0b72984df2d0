"""What only people know: which account it is, that one mail holds two matters, that two tickets are one."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from triaged.config import config as configs
from triaged.store.open_store import open_store

NOT_KNOWN = "PS-1002"  # of carl@elmhill.example, who named no account


def ticket(run: Run, reference: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("tickets", "show", reference, "--json").out)
    return found


def letters(desk: Path, kind: str) -> list[Any]:
    """The letters of a kind, as messages, oldest first."""
    store = open_store(configs.load(desk / "config.yaml"))
    try:
        rows = [row for row in store.letters(limit=200) if row.kind == kind]
        raws = [store.letter(row.id) for row in reversed(rows)]
        return [message_from_bytes(one.raw or b"", policy=policy.default) for one in raws if one]
    finally:
        store.close()


def text(letter: Any) -> str:
    return " ".join(letter.get_body(("plain",)).get_content().split())


@pytest.mark.parametrize("word", ["alder", "ALDER", "it@alder.example", "60031122334", "70011000001"])
def test_an_account_named_by_staff_makes_the_same_rule_fire(run: Run, desk: Path, word: str) -> None:
    told = run("tickets", "account", NOT_KNOWN, word)
    assert (told.status, told.out[:35]) == (0, "PS-1002 is about Alder Works: S1, l")
    now = ticket(run, NOT_KNOWN)
    assert (now["severity"], now["service_level"], now["account_key"]) == ("S1", "large-account", "alder")
    assert (now["no_identifier"], now["provisional"]) == (False, False)
    assert not [due for due in now["due"] if due["kind"] == "missing_information"]


def test_the_partner_is_told_what_changed_and_staff_that_it_is_s1(run: Run, desk: Path) -> None:
    run("tickets", "account", NOT_KNOWN, "birch")
    [letter] = letters(desk, "account_identified")
    assert letter["To"] == "carl@elmhill.example"
    assert "you need not send us anything more to identify it" in text(letter)
    assert "First personal reply" in text(letter)


def test_what_staff_named_is_judged_again_like_any_account_when_the_directory_changes(
    run: Run, desk: Path
) -> None:
    run("tickets", "account", NOT_KNOWN, "alder")
    judged = [event for event in ticket(run, NOT_KNOWN)["events"] if event["kind"] == "judged"]
    assert judged[-1]["data"]["identifiers"]["superadmin_email"] == "it@alder.example"
    assert judged[-1]["actor"].startswith("cli:")


def test_an_account_nobody_knows_or_that_it_is_about_already_is_one_line(run: Run) -> None:
    unknown = run("tickets", "account", NOT_KNOWN, "atlantis")
    assert (unknown.status, unknown.out) == (1, "")
    assert unknown.err.startswith("atlantis: no account has it as key, SuperAdmin address, ZOID or ZUID")
    run("tickets", "account", NOT_KNOWN, "alder")
    again = run("tickets", "account", NOT_KNOWN, "alder")
    assert (again.status, again.err) == (1, "PS-1002 is about Alder Works already\n")


def test_a_human_severity_stands_above_the_account(run: Run) -> None:
    run("tickets", "severity", NOT_KNOWN, "S4", "--reason", "a how-to")
    run("tickets", "account", NOT_KNOWN, "alder")
    assert ticket(run, NOT_KNOWN)["severity"] == "S4"


def test_a_second_matter_of_an_unknown_account_is_judged_without_it_and_asked_for(
    run: Run, desk: Path
) -> None:
    assert run("tickets", "split", "PS-1001", "The invoice of May").out == (
        "PS-1004 opened: The invoice of May (the partner is asked for its account)\n"
    )
    new = ticket(run, "PS-1004")
    assert (new["account_key"], new["no_identifier"]) == (None, True)
    assert new["severity"] != "S1"  # that was the other matter's account
    [letter] = letters(desk, "split_off")
    assert "PS-1001 is about two matters" in text(letter)
    assert "Please reply with its SuperAdmin address, ZOID or ZUID" in text(letter)
    assert letter["Subject"].startswith("[PS-1004]")


def test_a_second_matter_of_a_named_account_is_judged_by_it(run: Run, desk: Path) -> None:
    run("tickets", "split", "PS-1001", "The invoice of May", "--account", "birch")
    new = ticket(run, "PS-1004")
    assert (new["account_key"], new["no_identifier"]) == ("birch", False)
    assert "Please reply with" not in text(letters(desk, "split_off")[0])


def test_who_wrote_a_merged_ticket_is_told_where_it_goes_on(run: Run, desk: Path) -> None:
    run("tickets", "merge", NOT_KNOWN, "PS-1001")
    [letter] = letters(desk, "merged")
    assert letter["To"] == "carl@elmhill.example"
    assert "it goes on under PS-1001" in text(letter)


def test_an_update_stops_the_first_response_clock_as_any_answer_of_a_human_does(run: Run) -> None:
    def first_response() -> str:
        found = ticket(run, "PS-1001")["commitments"]
        return next(str(c["state"]) for c in found if c["kind"] == "first_response")

    assert first_response() == "running"
    assert run("tickets", "update", "PS-1001", "We look into the fields now.").status == 0
    assert first_response() == "met"


def test_what_a_reason_says_reaches_no_partner(run: Run, desk: Path) -> None:
    for command in (
        ("tickets", "split", "PS-1001", "Invoice", "--reason", "SECRET one"),
        ("tickets", "account", NOT_KNOWN, "alder", "--reason", "SECRET two"),
        ("tickets", "merge", NOT_KNOWN, "PS-1001", "--reason", "SECRET three"),
        ("cases", "raise", "PS-1001", "--reason", "SECRET four", "--tell", "Our engineers look into it"),
        ("tickets", "resolve", "PS-1001", "--reason", "SECRET five", "--tell", "It was restarted."),
    ):
        assert run(*command).status == 0, command
    store = open_store(configs.load(desk / "config.yaml"))
    raws = [store.letter(row.id) for row in store.letters(audience="partner", limit=200)]
    store.close()
    told = " ".join(text(message_from_bytes(one.raw or b"", policy=policy.default)) for one in raws if one)
    assert "SECRET" not in told
    assert "Our engineers look into it" in told and "It was restarted." in told
