"""`tickets answer`, `open`, `take-back`, `snooze`, `link`, `unmerge`: as they are typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.config import config as configs
from triaged.store.open_store import open_store
from triaged.tickets.ticket import Ticket


def ticket(desk: Path, reference: str) -> Ticket:
    store = open_store(configs.load(desk / "config.yaml"))
    try:
        found = store.ticket_by_reference(reference)
        assert found is not None
        return found
    finally:
        store.close()


def letters(desk: Path, reference: str) -> list[str]:
    store = open_store(configs.load(desk / "config.yaml"))
    try:
        rows = store.letters(ticket_id=ticket(desk, reference).id)
        return [(store.letter(row.id).raw or b"").decode() for row in rows if row.kind == "answer"]  # type: ignore[union-attr]
    finally:
        store.close()


def text_file(desk: Path, text: str) -> str:
    (desk / "answer.txt").write_text(text, "utf-8")
    return str(desk / "answer.txt")


def test_an_answer_of_a_file_with_an_attachment_is_in_the_outbox(run: Run, desk: Path) -> None:
    (desk / "steps.csv").write_text("a,b\n")
    text = text_file(desk, "Hello Anna,\n\nthe steps are attached.")
    done = run("tickets", "answer", "PS-1001", "--text-file", text, "--attach", str(desk / "steps.csv"), "--then", "wait", "--from", "Cy Moor")  # fmt: skip
    assert done.status == 0, done.err
    assert (
        re.search(r"PS-1001: letter \d+ to \S+ is in the outbox", done.out)
        and "PS-1001 is waiting" in done.out
    )
    (letter,) = letters(desk, "PS-1001")
    assert "steps.csv" in letter and "Cy Moor" in letter


@pytest.mark.parametrize("text", ["Hello {{name}}", "See the attachment.", "TODO"])
def test_a_leftover_is_refused_where_nobody_can_be_asked(run: Run, desk: Path, text: str) -> None:
    file = text_file(desk, text)
    refused = run("tickets", "answer", "PS-1001", "--text-file", file)
    assert refused.status == 1 and "nothing was sent" in refused.err
    assert letters(desk, "PS-1001") == []
    assert run("tickets", "answer", "PS-1001", "--text-file", file, "--anyway").status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (("--canned", "screenshot"), 1, "did you mean 'screenshots'?"),
        (("--text-file", "nowhere.txt"), 1, "nowhere.txt: cannot be read"),
        (("--canned", "screenshots", "--text-file", "x"), 2, "not by both"),
        (("--canned", "screenshots", "--undo", "soon"), 2, "soon"),
    ],
)
def test_a_wrong_answer_is_told_in_a_line(
    run: Run, arguments: tuple[str, ...], status: int, complaint: str
) -> None:
    refused = run("tickets", "answer", "PS-1001", *arguments)
    assert refused.status == status and complaint in refused.err


def test_an_answer_kept_ready_is_written_for_the_ticket(run: Run, desk: Path) -> None:
    done = run("tickets", "answer", "PS-1001", "--canned", "screenshots", "--from", "Cy Moor")
    assert done.status == 0, done.err
    (letter,) = letters(desk, "PS-1001")
    assert "to look into PS-1001" in letter


def test_an_answer_is_taken_back_before_it_leaves(run: Run, desk: Path) -> None:
    before = ticket(desk, "PS-1001").state
    run("tickets", "answer", "PS-1001", "--canned", "screenshots", "--undo", "10m")
    done = run("tickets", "take-back", "PS-1001")
    assert done.status == 0 and "does not leave" in done.out
    assert ticket(desk, "PS-1001").state is before
    assert run("tickets", "take-back", "PS-1001").status == 1


def test_a_call_is_opened_by_a_command(run: Run, desk: Path) -> None:
    text = text_file(desk, "The import fails.\nSuperAdmin: it@alder.example\nService: Zoho CRM")
    done = run("tickets", "open", "--channel", "phone", "--from", "Anna <anna@oakbridge.example>", "--subject", "Import", "--text-file", text)  # fmt: skip
    assert done.status == 0, done.err
    reference = done.out.split()[0]
    assert ticket(desk, reference).channel == "phone"
    assert reference in run("tickets", "list", "--channel", "phone").out
    assert reference not in run("tickets", "list", "--channel", "chat").out
    assert (
        run(
            "tickets", "open", "--channel", "phone", "--from", "anna", "--subject", "x", "--text-file", text
        ).status
        == 2
    )
    assert run("tickets", "open", "--channel", "fax", "--from", "a@b.example", "--subject", "x").status == 2


def test_snooze_link_and_unmerge(run: Run, desk: Path) -> None:
    assert run("tickets", "snooze", "PS-1001", "3d", "--reason", "waits").status == 0
    assert ticket(desk, "PS-1001").snoozed_until is not None
    assert "is in the queue" in run("tickets", "snooze", "PS-1001", "off", "--reason", "done").out
    assert run("tickets", "snooze", "PS-1001", "yesterday", "--reason", "x").status == 2
    assert (
        "is a duplicate of PS-1002" in run("tickets", "link", "PS-1001", "PS-1002", "--as", "duplicate").out
    )
    assert run("tickets", "unmerge", "PS-1001").status == 1
    run("tickets", "merge", "PS-1001", "PS-1002")
    assert "stands by itself again" in run("tickets", "unmerge", "PS-1001").out
    assert ticket(desk, "PS-1001").merged_into is None
