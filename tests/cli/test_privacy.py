"""`privacy` and `db` as an operator runs them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.e2e.town import ANNA, CARL


def test_a_person_is_shown_as_text_and_as_json_and_that_is_noted(run: Run) -> None:
    told = run("privacy", "show", ANNA.upper())
    assert told.status == 0 and "How do I add a field?" in told.out and "PS-1001" in told.out
    held = json.loads(run("privacy", "show", ANNA, "--json").out)
    assert [one["ticket_id"] for one in held["people"]] == [1001]
    assert "How do I add a field?" in held["mails"][0]["text"]
    log = [json.loads(line) for line in run("privacy", "log", "--json").out.splitlines()]
    assert [one["what"] for one in log] == ["privacy.show", "privacy.show"] and ANNA not in str(log)
    assert log[0]["who"].startswith("cli:")


def test_an_erasure_wants_to_be_confirmed(run: Run) -> None:
    refused = run("privacy", "erase", ANNA)
    assert refused.status == 1 and "say --yes" in refused.err
    assert "How do I add a field?" in run("privacy", "show", ANNA).out


def test_an_erasure_leaves_the_report_as_it_was_and_others_alone(run: Run) -> None:
    report, others = run("report", "--json").out, run("privacy", "show", CARL, "--json").out
    done = run("privacy", "erase", ANNA, "--yes")
    assert done.status == 0 and "still open, nobody will be answered there: PS-1001" in done.out
    assert "backups made before" in done.out
    assert run("report", "--json").out == report
    again, before = json.loads(run("privacy", "show", CARL, "--json").out), json.loads(others)
    assert (again.pop("audit"), before.pop("audit")) and again["mails"][0].pop("envelope_from") is None
    assert before["mails"][0].pop("envelope_from") == ANNA  # who handed it on
    assert again == before
    assert ANNA not in run("tickets", "show", "PS-1001", "--text").out
    assert ANNA not in run("tickets", "show", "PS-1001", "--json").out
    for command in (
        ("tickets", "list"),
        ("mail", "list"),
        ("outbox", "list"),
        ("mail", "show", "1"),
        ("status",),
    ):
        told = run(*command)
        assert told.status == 0 and ANNA not in told.out, command
    check = run("db", "check")
    assert (check.status, check.out) == (0, "every promise is kept\n"), check.out + check.err


def test_what_is_no_address_is_refused(run: Run) -> None:
    for wrong in ("", "%", "anna", "@oakbridge.example", "anna@oakbridge.example, carl@x.example"):
        assert run("privacy", "erase", wrong, "--yes").status == 1


def test_a_backup_is_made_kept_and_put_back(run: Run, desk: Path) -> None:
    file = desk / "kept.db"
    assert "3 tickets, 4 mails" in run("db", "backup", str(file), "--keep", "2").out
    assert run("db", "backup", str(file)).status == 1
    run("tickets", "close", "PS-1001", "--quiet")
    refused = run("db", "restore", str(file))
    assert refused.status == 1 and "--replace" in refused.err
    done = run("db", "restore", str(file), "--replace")
    assert done.status == 0 and "restored 3 tickets" in done.out and "letters wait in it" in done.out
    assert "closed" not in run("tickets", "list", "--all").out
    assert run("db", "check").status == 0


def test_a_database_is_copied_to_another_file_but_never_onto_itself(run: Run, desk: Path) -> None:
    assert "3 tickets" in run("db", "copy", f"sqlite:///{desk}/moved.db").out
    assert (desk / "moved.db").stat().st_mode & 0o777 == 0o600
    assert run("db", "copy", f"sqlite:///{desk}/moved.db").status == 1
    itself = run("db", "copy", f"sqlite:///{desk}/triaged.db", "--replace")
    assert itself.status == 1 and "itself" in itself.err


def test_a_broken_promise_is_one_line_and_exit_1(run: Run, desk: Path) -> None:
    import sqlite3

    assert run("db", "check").status == 0
    with sqlite3.connect(desk / "triaged.db") as connection:
        connection.execute("UPDATE ticket SET promised_at = 1 WHERE id = 1001")
        connection.execute("DELETE FROM recipient")
    told = run("db", "check", "--json")
    found = [json.loads(line)["fault"] for line in told.out.splitlines()]
    assert told.status == 1 and "promises are not kept" in told.err
    assert "promise-does-not-fit" in found and "letter-empty" in found
