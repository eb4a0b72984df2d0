"""What staff write and mark by commands: every line that is said, what stands in the story, what lies in the outbox."""

from __future__ import annotations

import io
import json
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cli.conftest import Run
from tests.cli.test_answering import letters, ticket
from triaged.cli import answering, context, db
from triaged.errors import Faulty
from triaged.store.engine import open_engines, parse
from triaged.tickets.ticket import Attached

TEXT = "Hello Anna, it works.\n"
ANNA = "anna@oakbridge.example"
Told = tuple[str, str, str]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which every command of the test is given, by cli:ops."""
    moment = datetime.now(UTC)
    monkeypatch.setattr(context, "now", lambda: moment)
    monkeypatch.setattr(context, "actor", lambda: "cli:ops")
    return moment


@pytest.fixture(autouse=True)
def words(desk: Path) -> None:
    (desk / "a.txt").write_text(TEXT, "utf-8")


def story(run: Run, reference: str) -> list[Told]:
    told = json.loads(run("tickets", "show", reference, "--json").out)
    return [(one["kind"], one["actor"], one["reason"]) for one in told["events"]]


def newest(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("outbox", "list", "--json").out.splitlines()[0])
    return found


@pytest.mark.parametrize(
    ("then", "state", "happened"),
    [
        ("", "waiting", [("waiting", "cli:ops", "staff answered: waiting on the partner")]),
        ("open", "open", []),
        ("wait", "waiting", [("waiting", "cli:ops", "staff answered: waiting on the partner")]),
        ("resolve", "resolved", [("resolved", "cli:ops", "solved with the answer")]),
    ],
)
def test_an_answer_says_where_it_lies_and_what_the_ticket_is_then(
    run: Run, desk: Path, now: datetime, then: str, state: str, happened: list[Told]
) -> None:
    before = story(run, "PS-1001")
    done = run("tickets", "answer", "PS-1001", "--text-file", "a.txt", *(("--then", then) if then else ()))
    made = newest(run)
    assert (done.status, done.out, done.err) == (
        0,
        f"PS-1001: letter {made['id']} to {ANNA} is in the outbox\nPS-1001 is {state}\n",
        "",
    )
    assert story(run, "PS-1001")[len(before) :] == [
        ("staff_answered", "cli:ops", "answered by a letter"),
        *happened,
        ("letter_written", "daemon", f"answer to {ANNA}"),
    ]
    assert (made["kind"], made["state"], made["ready_at"]) == ("answer", "waiting", made["written_at"])
    assert TEXT.strip() in letters(desk, "PS-1001")[0]


@pytest.mark.parametrize(
    ("writer", "name"),
    [
        ("Cy Moor", "Cy Moor"),
        (" Cy Moor <cy@zohocorp.com> ", "Cy Moor"),
        ("cy@zohocorp.com", ""),
    ],
)
def test_an_answer_is_signed_by_who_writes_and_never_by_an_address(
    run: Run, desk: Path, now: datetime, writer: str, name: str
) -> None:
    run("tickets", "answer", "PS-1001", "--text-file", "a.txt", "--from", writer)
    (event,) = (one for one in ticket(desk, "PS-1001").events if one.kind == "staff_answered")
    assert event.data.get("name", "") == name


@pytest.mark.parametrize(("undo", "waits"), [(" 0s ", 0), ("90s", 90)])
def test_an_answer_waits_as_long_as_it_can_be_taken_back(
    run: Run, now: datetime, undo: str, waits: int
) -> None:
    run("tickets", "answer", "PS-1001", "--text-file", "a.txt", "--undo", undo)
    made = newest(run)
    ready, written = (datetime.fromisoformat(made[what]) for what in ("ready_at", "written_at"))
    assert (ready - written).total_seconds() == waits
    before = story(run, "PS-1001")
    done = run("tickets", "take-back", "PS-1001")
    assert (done.status, done.out) == (0, "PS-1001: the answer does not leave; it is new\n")
    assert story(run, "PS-1001")[len(before) :] == [
        ("taken_back", "cli:ops", "taken back before it left"),
        ("letter_withdrawn", "cli:ops", "taken back before it left"),
    ]
    assert newest(run)["state"] == "withdrawn"
    again = run("tickets", "take-back", "PS-1001")
    assert (again.status, again.out, again.err) == (1, "", "there is no such answer\n")


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ("--canned screenshot", 1, "answers: the rulebook has no 'screenshot'; did you mean 'screenshots'?"),
        ("--text-file nowhere", 1, "nowhere: cannot be read: No such file or directory"),
        ("--text-file latin", 1, "latin: is no UTF-8 text"),
        ("--text-file a.txt --attach nowhere", 1, "nowhere: cannot be read: No such file or directory"),
        ("--text-file a.txt --canned screenshots", 2, "say the text by --text-file or by --canned, not by both"),
        ("--text-file a.txt --undo soon", 2,
         "'soon' is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_says_why_and_none_is_written(
    run: Run, desk: Path, more: str, status: int, said: str
) -> None:
    (desk / "latin").write_bytes("Grüße".encode("latin-1"))
    done = run("tickets", "answer", "PS-1001", *more.split())
    assert (done.status, done.out) == (status, "") and done.err.endswith(f"{said}\n")
    assert letters(desk, "PS-1001") == []


class Typed(io.TextIOWrapper):
    """What stands at standard input; `at_terminal`: a person sits there."""

    def __init__(self, content: bytes, *, at_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content))
        self.at_terminal = at_terminal

    def isatty(self) -> bool:
        return self.at_terminal


@pytest.mark.parametrize(
    ("file", "content", "at_terminal"),
    [("-", TEXT.encode(), False), (None, b"\xef\xbb\xbf" + TEXT.encode(), False), ("-", TEXT.encode(), True)],
)
def test_words_come_from_standard_input_where_a_dash_stands_or_nobody_sits_there(
    monkeypatch: pytest.MonkeyPatch, file: str | None, content: bytes, at_terminal: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(content, at_terminal=at_terminal))
    assert answering._text(file) == TEXT


def test_words_of_standard_input_that_are_no_text_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(b"\xff"))
    with pytest.raises(Faulty, match=r"^standard input: is no UTF-8 text$"):
        answering._text("-")


@pytest.mark.parametrize(("typed", "taken"), [(" it works \n", True), (" \n", False), (None, False)])
def test_at_a_terminal_words_are_typed_in_an_editor(
    monkeypatch: pytest.MonkeyPatch, typed: str | None, taken: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(b"", at_terminal=True))
    monkeypatch.setattr(click, "edit", lambda text: typed)
    if taken:
        assert answering._text(None) == typed
        return
    with pytest.raises(click.UsageError, match=r"^nothing is written; nothing was sent$"):
        answering._text(None)


def test_files_are_named_and_typed_and_are_15_mb_together_and_no_more(desk: Path) -> None:
    most = 15 * 1024 * 1024
    (desk / "kept").mkdir()
    (desk / "kept" / "b.xyzzy").write_bytes(bytes(most - len(TEXT)))
    names = (str(desk / "a.txt"), str(desk / "kept" / "b.xyzzy"))
    assert answering._files(names) == [
        Attached("a.txt", "text/plain", TEXT.encode()),
        Attached("b.xyzzy", "application/octet-stream", bytes(most - len(TEXT))),
    ]
    (desk / "kept" / "b.xyzzy").write_bytes(bytes(most - len(TEXT) + 1))
    with pytest.raises(click.UsageError, match=r"^the files are more than 15 MB together$"):
        answering._files(names)


@pytest.mark.parametrize(
    ("caller", "name"), [("Anna Holm <Anna@oakbridge.example>", "Anna Holm"), ("ANNA@oakbridge.example", "")]
)
def test_a_call_is_taken_down_with_who_it_was_and_what_came_with_it(
    run: Run, now: datetime, caller: str, name: str
) -> None:
    done = run(
        *("tickets", "open", "--channel", "chat", "--from", caller, "--subject", "Chat"),
        *("--text-file", "a.txt", "--attach", "a.txt"),
    )
    told = json.loads(run("tickets", "show", "PS-1004", "--json").out)
    assert (done.status, done.err) == (0, "")
    assert done.out == f"PS-1004 is opened: {told['severity']}, {told['severity_because']}\n"
    assert (told["channel"], told["mailbox"], told["subject"], told["created_at"]) == (
        *("chat", "europe", "Chat"),
        now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    assert [(one["address"], one["name"]) for one in told["people"]] == [(ANNA, name)]
    assert [(one["sender"], one["door"]) for one in told["mails"]] == [(ANNA, "chat")]
    first, *_, last = story(run, "PS-1004")
    assert first[:2] == ("received", ANNA) and last == ("staff_noted", "cli:ops", "taken down from a chat")
    mail = run("mail", "show", str(told["mails"][0]["id"]), "--raw").out
    assert "Hello Anna" in mail and 'filename="a.txt"' in mail


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        (("--from", "Anna"), 2, "'Anna' is not a valid mail address"),
        (("--from", ANNA, "--mailbox", "world"), 1, "world"),
    ],
)
def test_a_call_that_cannot_be_taken_down_opens_nothing(
    run: Run, more: tuple[str, ...], status: int, said: str
) -> None:
    done = run("tickets", "open", "--channel", "phone", "--subject", "Call", "--text-file", "a.txt", *more)
    assert (done.status, done.out) == (status, "") and said in done.err
    assert run("tickets", "show", "PS-1004").status == 1


def test_a_ticket_is_put_off_for_a_span_or_until_a_time_and_taken_in_again(
    run: Run, desk: Path, now: datetime
) -> None:
    before = story(run, "PS-1001")
    later = now + timedelta(days=3)
    for until, reason, said, at in (
        ("3d", "waits", f"PS-1001 is put off until {later:%Y-%m-%d %H:%M}", later),
        ("2126-12-24T09:00Z", "far", "PS-1001 is put off until 2126-12-24 09:00", datetime(2126, 12, 24, 9, tzinfo=UTC)),
        ("off", "done", "PS-1001 is in the queue", None),
    ):  # fmt: skip
        done = run("tickets", "snooze", "PS-1001", until, "--reason", reason)
        assert (done.status, done.out, done.err) == (0, f"{said}\n", "")
        assert ticket(desk, "PS-1001").snoozed_until == at
    assert story(run, "PS-1001")[len(before) :] == [
        ("snoozed", "cli:ops", reason) for reason in ("waits", "far", "done")
    ]


def test_tickets_are_marked_as_kin_in_both_stories(run: Run, now: datetime) -> None:
    first, second = story(run, "PS-1001"), story(run, "PS-1002")
    for how, said in (
        ((), "PS-1001 is related to PS-1002"),
        (("--as", "duplicate", "--reason", "why"), "PS-1001 is a duplicate of PS-1002"),
        (("--as", "none"), "PS-1001 is no longer related to PS-1002"),
    ):
        done = run("tickets", "link", "PS-1001", "ps-1002", *how)
        assert (done.status, done.out, done.err) == (0, f"{said}\n", "")
    assert [why for _, _, why in story(run, "PS-1001")[len(first) :]] == [
        "related to PS-1002", "a duplicate of PS-1002: why", "no longer related to PS-1002",
    ]  # fmt: skip
    assert [why for _, _, why in story(run, "PS-1002")[len(second) :]] == [
        "related to PS-1001", "has a duplicate: PS-1001: why", "no longer related to PS-1001",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "why"), [((), "merged by mistake"), (("--reason", "two matters"), "two matters")]
)
def test_a_merge_is_taken_back_with_its_reason(
    run: Run, now: datetime, more: tuple[str, ...], why: str
) -> None:
    run("tickets", "merge", "PS-1001", "PS-1002")
    done = run("tickets", "unmerge", "PS-1001", *more)
    assert (done.status, done.out) == (0, "PS-1001 stands by itself again; it is new\n")
    assert ("unmerged", "cli:ops", f"the merge was taken back: {why}") in story(run, "PS-1001")
    assert story(run, "PS-1002")[-1] == ("unmerged", "cli:ops", f"PS-1001 was taken out again: {why}")


# -- engineering cases ---------------------------------------------------------------------------------


def test_cases_are_raised_moved_and_listed_with_what_the_partner_is_told(run: Run, now: datetime) -> None:
    assert run("cases", "list", "PS-1001").out == ""
    for command, said in (
        (("raise", "PS-1001"), "CP-1001 of PS-1001 is submitted"),
        (("raise", "ps-1001", "--reason", "why", "--tell", "told", "--expected", "2126-12-24"),
         "CP-1002 of PS-1001 is submitted"),
        (("move", "PS-1001", "cp-1001", "confirming_fix", "--report", "more"), "CP-1001 of PS-1001 is confirming fix"),
    ):  # fmt: skip
        done = run("cases", *command)
        assert (done.status, done.out, done.err) == (0, f"{said}\n", "")
    at = f"{now:%Y-%m-%d %H:%M}"
    assert run("cases", "list", "PS-1001").out.splitlines() == [
        f"CP-1001\tconfirming_fix\t{at}\t-\tmore",
        f"CP-1002\tsubmitted\t{at}\t2126-12-24\ttold",
    ]
    since = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [json.loads(line) for line in run("cases", "list", "PS-1001", "--json").out.splitlines()] == [
        {"id": "CP-1001", "step": "confirming_fix", "since": since, "expected": None, "moves": 2, "note": "more"},
        {"id": "CP-1002", "step": "submitted", "since": since, "expected": "2126-12-24", "moves": 1, "note": "told"},
    ]  # fmt: skip


# -- accounts ------------------------------------------------------------------------------------------


def test_partners_are_put_in_place_with_the_rights_of_what_stood_there(run: Run, desk: Path) -> None:
    place = desk / "partners.csv"
    place.chmod(0o604)
    head, *rows = place.read_text("utf-8").splitlines()
    (desk / "new.csv").write_text(
        "\n".join((head, *rows, rows[0].replace("oakbridge", "yew"))) + "\n", "utf-8"
    )
    done = run("accounts", "load", "--partners", "new.csv")
    assert (done.status, done.out) == (
        0,
        f"{len(rows) + 1} partners (1 new, 0 gone) now in {place}; `systemctl reload triaged` (or SIGHUP) puts them in force\n",
    ), done.err
    assert place.read_bytes() == (desk / "new.csv").read_bytes() and place.stat().st_mode & 0o777 == 0o604


def test_accounts_are_compared_with_those_that_stand_there_though_no_partners_do(
    run: Run, desk: Path
) -> None:
    (desk / "partners.csv").unlink()
    told = run("accounts", "load", "--dry-run", "accounts.csv").out
    assert told == "accounts.csv: 2 accounts (0 new, 0 gone), nothing wrong; not put in place (--dry-run)\n"


# -- the database --------------------------------------------------------------------------------------


def test_promises_that_are_kept_are_told_in_words_and_as_json_in_none(run: Run) -> None:
    assert run("db", "check").out == "every promise is kept\n"
    assert run("db", "check", "--json").out == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://u@h:5432/a", "postgresql://u@h:5432/a", True),
        ("postgresql://u@h:5432/a", "postgresql://u@h:5432/b", False),
        ("postgresql://u@h:5432/a", "sqlite:///a.db", False),
        ("sqlite:///a.db", "sqlite:///kept/../a.db", True),
        ("sqlite:///a.db", "sqlite:///b.db", False),
    ],
)
def test_which_databases_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str, other: str, same: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    for name in ("a.db", "b.db"):
        (tmp_path / name).touch()
    with closing(open_engines(parse(one))) as here, closing(open_engines(parse(other))) as there:
        assert db._same(here, there) is same
