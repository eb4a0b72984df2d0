"""Every command of the contract on a filled store: exit status, JSON lines, one line a fault."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests import fresh
from tests.cli.conftest import MAILS, Run
from tests.corpora import mail_files
from triaged.cli import COMMANDS
from triaged.config import shipped


@pytest.mark.parametrize(
    ("command", "least"),
    [
        ("tickets list", 3),
        ("tickets show PS-1001", 1),
        ("mail list", 4),
        ("quarantine list", 0),
        ("outbox list", 2),
        ("accounts show it@alder.example", 1),
        ("rules stats", 1),
    ],
)
def test_listings_are_json_lines_and_plain_lines(run: Run, command: str, least: int) -> None:
    told = run(*command.split(), "--json")
    assert told.status == 0, told.err
    objects = [json.loads(line) for line in told.out.splitlines()]
    assert len(objects) >= least
    assert all(isinstance(one, dict) for one in objects)
    plain = run(*command.split())
    assert plain.status == 0
    assert "\x1b" not in plain.out


@pytest.mark.parametrize(
    "command",
    ["tickets show PS-9", "mail show 99", "outbox show 99", "quarantine show 99", "explain nowhere.eml"],
)
def test_what_is_not_there_is_one_line_and_status_1(run: Run, command: str) -> None:
    told = run(*command.split())
    assert told.status == 1
    assert len(told.err.splitlines()) == 1
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "command",
    [
        "tickets",
        "nonsense",
        "tickets list --colour",
        "tickets severity PS-1001 S9",
        "mail list --fate bogus",
        "explain --mailbox nix 0.eml",
        "mail show 99999999999999999999",
        "outbox cancel 99999999999999999999",
        "mail list --limit 99999999999999999999",
        "simulate --from 9999-12-30",
        "simulate --outage daemon:99999999:3d",
    ],
)
def test_wrong_use_is_status_2(run: Run, command: str) -> None:
    assert run(*command.split()).status == 2


@pytest.mark.parametrize(
    "command",
    [
        ["tickets", "update", "PS-1001", ""],
        ["tickets", "split", "PS-1001", " "],
        ["tickets", "note", "PS-1001", ""],
        ["tickets", "severity", "PS-1001", "S2", "--reason", " "],
    ],
)
def test_an_empty_text_is_wrong_use(run: Run, command: list[str]) -> None:
    before = run("tickets", "show", "PS-1001", "--json").out
    assert run(*command).status == 2
    assert (
        json.loads(run("tickets", "show", "PS-1001", "--json").out)["events"] == json.loads(before)["events"]
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["note", "PS-1002", "rang them"], "noted on PS-1002"),
        (
            ["note", "PS-1002", "--report", "We look."],
            "noted on PS-1002; the next progress update tells the partner",
        ),
        (["severity", "PS-1002", "s2", "--reason", "all stand still"], "PS-1002 is S2: "),
        (["assign", "PS-1002", "Sam@zohocorp.com"], "PS-1002 is assigned to sam@zohocorp.com"),
        (["identify", "PS-1002"], "PS-1002: the problem is identified; it is "),
        (["wait", "PS-1002"], "PS-1002 is waiting on the partner"),
        (["escalate", "PS-1002", "2"], "PS-1002 handed to tier 2"),
        (["reviewed", "PS-1002"], "PS-1002 is reviewed"),
        (["update", "PS-1001", "We found it."], "PS-1001: letter "),
        (["resolve", "PS-1002"], "PS-1002 is resolved"),
    ],
)
def test_a_command_says_what_it_did(run: Run, command: list[str], said: str) -> None:
    told = run("tickets", *command)
    assert told.status == 0, told.err
    assert told.out.startswith(said)


def test_a_case_keeps_showing_the_last_report(run: Run) -> None:
    run("cases", "raise", "PS-1001", "--report", "Our engineers look into it")
    run("cases", "move", "PS-1001", "CP-1001", "in_review")
    assert "in_review" in run("cases", "list", "PS-1001").out
    assert run("cases", "list", "PS-1001").out.endswith("\tOur engineers look into it\n")


def test_a_letter_that_cannot_be_withdrawn_is_told_by_number(run: Run, desk: Path) -> None:
    letter = json.loads(run("outbox", "list", "--json").out.splitlines()[0])["id"]
    told = run("outbox", "cancel", str(letter), "999")
    assert (told.status, told.out) == (1, "1 of 2 letters withdrawn\n")
    assert told.err == "999: no such letter; `triaged outbox list` shows them\n"
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE letter SET state = 'sent' WHERE id = ?", (letter,))
    told = run("outbox", "retry", str(letter))
    assert (told.status, told.out) == (1, "0 of 1 letter will be sent again\n")
    assert told.err == f"{letter}: was sent already\n"


def test_a_warning_says_so_once(run: Run, desk: Path) -> None:
    shutil.copytree(shipped.rules(), desk / "rules")
    rule = (
        "rules:\n  - name: by-licences\n    why: Many of them.\n    when: {account.licences: {at_least: 5}}\n"
    )
    (desk / "rules" / "61-x.yaml").write_text(rule + "    then: {severity: S2}\n", "utf-8")
    config = desk / "config.yaml"
    config.write_text(config.read_text("utf-8") + "rulebook: rules/\n", "utf-8")
    [line] = [one for one in run("check").err.splitlines() if "61-x.yaml" in one]
    assert line.startswith("warning: ")
    assert line.count("warning") == 1


@pytest.mark.parametrize(
    "command", ["report --chart nope/x.svg", "rules test --junit nope/x.xml", "report --chart 0.eml/x.svg"]
)
def test_a_file_that_cannot_be_written_is_one_line(run: Run, command: str) -> None:
    told = run(*command.split())
    assert told.status == 1
    assert told.err.startswith(f"{command.split()[-1]}: ")
    assert len(told.err.splitlines()) == 1


def test_a_directory_in_another_encoding_is_one_line_by_file_and_line(run: Run, desk: Path) -> None:
    text = (desk / "accounts.csv").read_text("utf-8")
    (desk / "lat.csv").write_bytes(text.replace("Alder", "\u00d6lder").encode("latin-1"))
    told = run("accounts", "load", "lat.csv")
    assert told.status == 1
    assert told.err.startswith("lat.csv:2: byte ")
    assert told.err.endswith(" is not UTF-8; save the file as UTF-8\n")


def test_check_finds_no_fault_and_counts_every_one_it_finds(run: Run, desk: Path) -> None:
    assert run("check").status == 0
    config = desk / "config.yaml"
    config.write_text(config.read_text() + "colour: blue\nlogg: {}\n", "utf-8")
    told = run("check")
    assert told.status == 1
    assert len([line for line in told.err.splitlines() if "config.yaml:" in line]) == 2


def test_a_ticket_goes_its_whole_way_by_command(run: Run) -> None:
    for command in (
        ["tickets", "note", "PS-1002", "called them"],
        ["tickets", "severity", "PS-1002", "S2", "--reason", "their shop stands still"],
        ["tickets", "resolve", "PS-1002"],
        ["tickets", "reopen", "PS-1002"],
        ["tickets", "close", "PS-1002"],
    ):
        told = run(*command)
        assert told.status == 0, (command, told.err)
    shown = json.loads(run("tickets", "show", "PS-1002", "--json").out)
    assert (shown["severity"], shown["state"]) == ("S2", "closed")


def test_an_engineering_case_gets_the_next_number_or_its_own_name(run: Run) -> None:
    assert run("cases", "move", "PS-1001", "cp-1002", "submitted").status == 0
    raised = run(
        "cases", "raise", "PS-1001", "--report", "Our engineers look into it", "--expected", "2026-12-01"
    )
    assert (raised.status, raised.out) == (0, "CP-1001 of PS-1001 is submitted\n")
    assert "CP-1003" in run("cases", "raise", "PS-1001").out  # CP-1002 was chosen by hand
    assert run("cases", "move", "PS-1001", "CP-1001", "confirming_fix").status == 0
    cases = [json.loads(line) for line in run("cases", "list", "PS-1001", "--json").out.splitlines()]
    assert {c["id"]: c["step"] for c in cases} == {
        "CP-1001": "confirming_fix",
        "CP-1002": "submitted",
        "CP-1003": "submitted",
    }
    assert run("cases", "raise", "PS-9").status == 1


def test_a_mail_walked_again_stays_on_its_ticket(run: Run) -> None:
    assert run("mail", "replay", "1").status == 0
    assert json.loads(run("mail", "show", "1", "--json").out)["fate"] == "waiting"


def test_a_letter_is_cancelled_once(run: Run) -> None:
    letter = json.loads(run("outbox", "list", "--json").out.splitlines()[0])
    assert run("outbox", "cancel", str(letter["id"])).status == 0
    states = {
        one["id"]: one["state"] for one in map(json.loads, run("outbox", "list", "--json").out.splitlines())
    }
    assert states[letter["id"]] == "withdrawn"


def test_a_bad_directory_is_refused_whole(run: Run, desk: Path) -> None:
    before = (desk / "accounts.csv").read_bytes()
    (desk / "new.csv").write_text("key,name\nx,\n", "utf-8")
    assert run("accounts", "load", "new.csv").status == 1
    assert (desk / "accounts.csv").read_bytes() == before


def test_a_directory_that_broke_off_is_not_taken_by_mistake(run: Run, desk: Path) -> None:
    standing = (desk / "accounts.csv").read_text("utf-8")
    (desk / "new.csv").write_text(standing.splitlines()[0] + "\n", "utf-8")
    refused = run("accounts", "load", "new.csv")
    assert refused.status == 1 and "would be gone; if that is meant, say --anyway" in refused.err
    assert (desk / "accounts.csv").read_text("utf-8") == standing
    assert " gone) now in " in run("accounts", "load", "new.csv", "--anyway").out
    assert (desk / "accounts.csv").read_text("utf-8") != standing


@pytest.mark.parametrize("command", ["status", "rules schema", "rules test", "db upgrade"])
def test_these_run_and_end_well(run: Run, command: str) -> None:
    told = run(*command.split())
    assert told.status == 0, told.err
    assert told.out.strip() or command == "db upgrade"


def test_explain_answers_one_object_a_file_in_order_and_writes_nothing(run: Run, desk: Path) -> None:
    files = [f"{number}.eml" for number in range(len(MAILS))]
    before = _fingerprint(desk)
    told = run("explain", "--json", *files)
    assert told.status == 0, told.err
    found = [json.loads(line) for line in told.out.splitlines()]
    assert [one["file"] for one in found] == files
    assert found[0]["severity"] == "S1"
    assert found[3]["kind"] == "auto_reply"
    assert _fingerprint(desk) == before


@pytest.mark.parametrize("command", [["explain", "1.eml"], ["tickets", "show", "PS-1002"]])
def test_rules_that_did_not_hit_are_counted_and_shown_on_request(run: Run, command: list[str]) -> None:
    short, whole = run(*command).out, run(*command, "--rules").out
    assert "rules did not hit: --rules shows them" in short
    assert "· " not in short
    assert "· large-account: " in whole and "did not hit" not in whole


def test_a_rule_that_stops_the_search_is_told_with_what_it_kept_from_being_looked_at(run: Run) -> None:
    told = run("tickets", "show", "PS-1001").out
    assert "✓ large-account: " in told
    assert "more not looked at: 'large-account' stopped before it" in told
    assert "did not hit" not in told


def test_explain_fails_on_nothing_real_people_sent(run: Run) -> None:
    files = mail_files()[::40]
    if not files:
        pytest.skip("no corpora here")
    told = run("explain", "--json", *map(str, files))
    assert told.status == 0, told.err
    assert len(told.out.splitlines()) == len(files)


def test_help_loads_none_of_the_heavy_rooms() -> None:
    told = fresh.run("import triaged.cli; triaged.cli.main(['--help'])")
    assert not {"sqlalchemy", "sklearn", "pydantic", "numpy", "alembic"} & told.modules
    assert all(name in told.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    told = run(name, "--help")
    assert told.status == 0
    assert "Usage:" in told.out


def _fingerprint(folder: Path) -> dict[str, str]:
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.rglob("*") if f.is_file()}
