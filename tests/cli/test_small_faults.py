"""What small branches of commands say and do: dry runs, clocks that are changed, pipes that end, folders that are none."""

from __future__ import annotations

import getpass
import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import CONFIG, MAILS, Run
from triaged import cli
from triaged.cli import output, status
from triaged.config import shipped
from triaged.errors import Faulty, Permanent, Temporary
from triaged.store import Store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


# -- how a command ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Faulty("one", "two"), "one\ntwo\n"),
        (Temporary("later"), "triaged: later\n"),
        (Permanent("never"), "triaged: never\n"),
        (FileNotFoundError(2, "No such file", "x"), "x: No such file\n"),
        (PermissionError("not you"), "triaged: not you\n"),
    ],
)
def test_every_fault_of_a_command_is_its_lines_and_status_1(
    run: Run, error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("triaged.cli.status._show", fails)
    done = run("status")
    assert (done.status, done.out, done.err) == (1, "", told)


def test_an_error_nobody_foresaw_is_not_made_small(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError("a fault of ours")

    monkeypatch.setattr("triaged.cli.status._show", fails)
    with pytest.raises(OSError, match="a fault of ours"):
        cli.main(["--config", str(desk / "config.yaml"), "status"])


def test_a_reader_who_goes_away_ends_a_listing_quietly(desk: Path) -> None:
    command = [sys.executable, "-m", "triaged", "--config", str(desk / "config.yaml"), "rules", "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        assert listing.stdout is not None and listing.stderr is not None
        listing.stdout.close()
        assert (listing.stderr.read(), listing.wait(60)) == (b"", 1)


@pytest.mark.parametrize("given", [["--help"], ["--version"], ["status", "-h"]])
def test_who_asks_for_help_did_nothing_wrong(run: Run, given: list[str]) -> None:
    assert run(*given).status == 0


# -- words and numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (frozenset({"b", "a"}), ["a", "b"]),
        ({"x": {3, 1}}, {"x": [1, 3]}),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(minutes=2), 120.0),
        ((NOW,), ["2026-11-23T09:00:00Z"]),
    ],
)
def test_what_json_does_not_know_is_told_in_what_it_knows(value: object, plain: object) -> None:
    assert output.plain(value) == plain


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        ({"seconds": 119}, "119s"),
        ({"seconds": 120}, "2m"),
        ({"minutes": 119}, "119m"),
        ({"hours": 2}, "2h"),
        ({"hours": 23}, "23h"),
        ({"hours": 24}, "1d"),
        ({"hours": -3}, "in 3h"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_tells_something(ago: dict[str, float], said: str) -> None:
    assert output.age(NOW - timedelta(**ago), NOW) == said and output.age(None, NOW) == "never"


@pytest.mark.parametrize("zone", ["", "+00:00", "Z"])
def test_a_time_without_a_zone_is_utc(run: Run, desk: Path, zone: str) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    [*_, first] = store.mails()
    store.close()
    at = f"{first.received_at:%Y-%m-%dT%H:%M:%S.%f}"
    listed = run("mail", "list", "--since", f"{at}{zone}").out.splitlines()
    assert len(listed) == len(MAILS)
    later = f"{first.received_at + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}"
    assert run("mail", "list", "--since", f"{later}{zone}").out == ""


def test_who_has_no_name_on_this_machine_still_acts(
    run: Run, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("uid 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert run("tickets", "note", "PS-1001", "rang them").status == 0
    shown = json.loads(run("tickets", "show", "PS-1001", "--json").out)
    assert shown["events"][-1]["actor"] == "cli"


# -- accounts ------------------------------------------------------------------------------------------


def accounts(desk: Path, lines: int = 9) -> str:
    text = (desk / "accounts.csv").read_text("utf-8").splitlines(keepends=True)
    (desk / "new.csv").write_text("".join(text[:lines]), "utf-8")
    return "new.csv"


def test_a_directory_that_is_only_checked_stays_where_it_is(run: Run, desk: Path) -> None:
    before, new = (desk / "accounts.csv").read_bytes(), accounts(desk)
    (desk / new).write_text((desk / new).read_text("utf-8").replace("Alder", "Elder"), "utf-8")
    done = run("accounts", "load", new, "--dry-run")
    assert done.status == 0 and done.out.startswith(f"{new}: ")
    assert done.out.endswith(" (0 new, 0 gone), nothing wrong; not put in place (--dry-run)\n")
    assert (desk / "accounts.csv").read_bytes() == before
    assert run("accounts", "load", new).status == 0
    assert (desk / "accounts.csv").read_bytes() == (desk / new).read_bytes() != before


def test_a_first_directory_is_all_new(run: Run, desk: Path) -> None:
    new = accounts(desk)
    (desk / "accounts.csv").unlink()
    done = run("accounts", "load", new)
    assert done.status == 0 and " new, 0 gone) now in " in done.out and "(0 new" not in done.out
    assert (desk / "accounts.csv").stat().st_mode & 0o777 == 0o640


def test_a_directory_that_cannot_be_put_in_place_is_one_line(run: Run, desk: Path) -> None:
    new = accounts(desk)
    config = desk / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("accounts: accounts.csv", "accounts: nowhere/a.csv"))
    done = run("accounts", "load", new)
    assert (done.status, done.out) == (1, "")
    assert done.err == f"{desk}/nowhere/a.csv: cannot be written: No such file or directory\n"


def test_an_account_nobody_has_is_one_line(run: Run) -> None:
    done = run("accounts", "show", "Nobody")
    assert (done.status, done.out) == (1, "")
    assert done.err == "nobody: no account has it as key, id, address, domain or part of its name\n"


# -- letters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [(), ("1", "--failed")])
def test_either_letters_are_named_or_those_that_failed(run: Run, given: tuple[str, ...]) -> None:
    done = run("outbox", "retry", *given)
    assert done.status == 2 and "name the letters, or say --failed" in done.err


def test_a_letter_that_is_on_its_way_is_told_so(run: Run, desk: Path) -> None:
    store, now = Store.open(f"sqlite:///{desk}/triaged.db"), datetime.now(UTC) + timedelta(days=9)
    [taken, *_] = store.claim_letters(1, now, "out", timedelta(days=30))
    store.close()
    done = run("outbox", "cancel", str(taken.id), str(taken.id))
    assert (done.status, done.out) == (1, "0 of 1 letter withdrawn\n")
    assert done.err == f"{taken.id}: is being sent just now; `triaged outbox list` tells what became of it\n"


# -- what tickets refuse -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("assign", "PS-1001", "anna"), "'anna' is not a valid mail address; reminders go there"),
        (("list", "--due-within", "soon"), "soon"),
    ],
)
def test_a_word_that_makes_no_sense_is_wrong_use(run: Run, command: tuple[str, ...], said: str) -> None:
    done = run("tickets", *command)
    assert done.status == 2 and said in done.err


def test_files_beyond_what_mail_servers_take_are_refused(run: Run, desk: Path) -> None:
    (desk / "text").write_text("See below.")
    for name, size in (("half", 8 * 1024 * 1024), ("rest", 7 * 1024 * 1024), ("one", 1)):
        (desk / name).write_bytes(b"x" * size)
    answer = ("tickets", "answer", "PS-1001", "--text-file", "text", "--attach", "half", "--attach", "rest")
    refused = run(*answer, "--attach", "one")
    assert refused.status == 2 and "the files are more than 15 MB together" in refused.err
    assert run(*answer).status == 0


def test_a_text_that_is_none_is_told_by_its_file(run: Run, desk: Path) -> None:
    (desk / "text").write_bytes("Grüße".encode("latin-1"))
    refused = run("tickets", "answer", "PS-1001", "--text-file", "text")
    assert (refused.status, refused.err) == (1, "text: is no UTF-8 text\n")


# -- sessions ------------------------------------------------------------------------------------------


def test_a_session_wants_a_host_and_a_change_of_something(run: Run) -> None:
    offered = run("sessions", "offer", "PS-1001", "--at", "2026-12-01T10:00Z")
    assert offered.status == 1
    assert offered.err == "PS-1001 is assigned to nobody: say who holds the session by --host\n"
    moved = run("sessions", "move", "PS-1001")
    assert moved.status == 2 and "say --to or --host" in moved.err


@pytest.mark.parametrize("time", ["2026-10-25T02:30", "2027-03-28T02:30"])
def test_a_time_that_clocks_show_twice_or_never_wants_its_offset(run: Run, time: str) -> None:
    told = run(
        "sessions", "offer", "PS-1001", "--at", time, "--zone", "Europe/Berlin", "--host", "ben@zohocorp.com"
    )
    assert told.status == 2 and "the clocks of Europe/Berlin are changed then" in told.err


# -- the rulebook --------------------------------------------------------------------------------------


@pytest.fixture
def ruled(desk: Path) -> Path:
    for name in ("40-service-levels", "41-calendars", "50-letters.en"):
        for folder in ("rules", "changed"):
            (desk / folder).mkdir(exist_ok=True)
            shutil.copy(shipped.rules() / f"{name}.yaml", desk / folder)
    (desk / "config.yaml").write_text(CONFIG + "rulebook: rules\n")
    return desk


def test_what_differs_is_told_as_json_and_nothing_in_words(run: Run, ruled: Path) -> None:
    same = run("rules", "diff", "changed")
    assert (same.status, same.out) == (0, "nothing differs\n")
    assert run("rules", "diff", "changed", "--json").out == ""
    (ruled / "changed" / "60-ours.yaml").write_text("rules: []\n")
    [told] = map(json.loads, run("rules", "diff", "changed", "--json").out.splitlines())
    assert told["name"] == "60-ours.yaml"


# -- the daemon, once ----------------------------------------------------------------------------------


def once(desk: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "triaged", "--config", str(desk / "config.yaml"), "run", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr.splitlines()[-1] if done.stderr else ""


def test_one_round_ends_well_only_if_all_of_it_worked(desk: Path) -> None:
    status, said = once(desk)
    assert status == 0, said
    store, now = Store.open(f"sqlite:///{desk}/triaged.db"), datetime.now(UTC)
    store.replay([4], now)
    [mail] = store.claim_mail(1, now, "walk", timedelta(minutes=1))
    store.fail_mail(mail.id, "walk", "poison", now)
    store.close()
    assert once(desk) == (1, "1 mail in quarantine: triaged quarantine list")


def test_a_round_takes_up_what_waits(desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    store.replay([4], datetime.now(UTC))
    assert store.waiting_mail() == 1 and once(desk)[0] == 0 and store.waiting_mail() == 0
    store.close()


# -- watching ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "well", "away"),
    [
        ((), "tickets   open: ", "\n\ndatabase  the database is away\n"),
        (("--json",), '"mailboxes": ', '}\n{"error": "the database is away"}\n{"'),
    ],
)
def test_who_watches_is_told_of_a_database_that_is_away_and_goes_on(
    run: Run, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], well: str, away: str
) -> None:
    looks = iter([None, Temporary("the database is away"), None, KeyboardInterrupt()])
    monkeypatch.setattr("triaged.cli.status.time.sleep", lambda seconds: None)
    show, told = status._show, []

    def look(store: Store, *, as_json: bool) -> None:
        told.append(as_json)
        if (what := next(looks)) is not None:
            raise what
        show(store, as_json=as_json)

    monkeypatch.setattr(status, "_show", look)
    done = run("status", "--watch", *more)
    assert done.status == 130 and told == [bool(more)] * 4
    assert done.out.count(well) == 2 and away in done.out
