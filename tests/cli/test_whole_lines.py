"""What commands about the database, a person, a ticket's story and the directory say, to the last word."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.e2e.town import ANNA, CARL
from triaged.cli import our_mail, privacy, ticket_story
from triaged.store import Store, schema
from triaged.store.mail import CameBack
from triaged.store.rows import Arrival, FailedAddress
from triaged.walk.conversation import Said

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCHEMA = schema.REVISIONS[-1]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


# -- the database --------------------------------------------------------------------------------------


def test_a_backup_says_what_lies_in_it_and_a_restore_what_to_do_next(run: Run, desk: Path) -> None:
    file = desk / "kept.db"
    made = run("db", "backup", str(file), "--keep", "1")
    size = file.stat().st_size
    lies = re.fullmatch(
        rf"{file}: (3 tickets, 4 mails, \d+ letters), {size} bytes, schema {SCHEMA}, read back whole\n",
        made.out,
    )
    assert lies and made.status == 0
    with sqlite3.connect(desk / "triaged.db") as database:
        [(waiting,)] = database.execute("SELECT count(*) FROM letter WHERE state = 'waiting'")
    done = run("db", "restore", str(file), "--replace")
    first, second, third = done.out.splitlines()
    assert re.fullmatch(
        rf"restored {lies[1]}: what stood there was thrown away; as of \d{{4}}-\d\d-\d\d \d\d:\d\d UTC, schema {SCHEMA}",
        first,
    )
    assert second == (
        f"{waiting} letters wait in it: those that left since leave again under their old Message-IDs; "
        "see `triaged outbox list --state waiting` before a daemon starts"
    )
    assert third == (
        "mail that came since lies where `after:` put it on the mail server: move it back into the inbox"
    )


def test_a_restore_into_nothing_throws_nothing_away_and_tells_of_no_letter_where_none_waits(
    run: Run, desk: Path
) -> None:
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE letter SET state = 'withdrawn'")
    assert run("db", "backup", "kept.db").status == 0
    for file in desk.glob("triaged.db*"):
        file.unlink()
    done = run("db", "restore", "kept.db")
    assert done.status == 0 and len(done.out.splitlines()) == 2
    assert " letters: as of 20" in done.out and "thrown away" not in done.out


def test_a_restore_of_what_is_no_backup_makes_no_database(run: Run, desk: Path) -> None:
    for file in desk.glob("triaged.db*"):
        file.unlink()
    (desk / "kept.db").write_bytes(b"SQLite format 3\0" + bytes(500))
    done = run("db", "restore", "kept.db")
    assert (
        (done.status, done.out) == (1, "") and done.err.startswith("kept.db: ") and done.err.count("\n") == 1
    )
    assert list(desk.glob("triaged.db*")) == []


def test_a_copy_says_how_much_it_is_and_what_to_write(run: Run, desk: Path) -> None:
    url = f"sqlite:///{desk}/moved.db"
    done = run("db", "copy", url)
    copied, then = done.out.splitlines()
    told = re.fullmatch(r"copied 3 tickets, 4 mails, (\d+) letters, (\d+) rows in all, each compared", copied)
    assert told and int(told[2]) > 3 + 4 + int(told[1])
    assert then == f"now write `database: {url}` in the config, then `triaged db check`"
    itself = run("db", "copy", f"sqlite:///{desk}/../{desk.name}/triaged.db", "--replace")
    assert itself.err == f"sqlite:///{desk}/../{desk.name}/triaged.db: is the configured database itself\n"


@pytest.mark.parametrize("command", [("restore", "kept.db", "--replace"), ("copy", "sqlite:///moved.db")])
def test_where_a_daemon_works_nothing_is_put_or_taken(run: Run, desk: Path, command: tuple[str, ...]) -> None:
    assert run("db", "backup", "kept.db").status == 0
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    # By the lock that it holds, and the name that it gives itself
    store.announce("here:7", {}, datetime.now(UTC))
    presence = store._engines.presence
    assert presence is not None
    with presence.arrive():
        pass
    told = run("db", *command)
    presence.leave()
    store.close()
    assert (told.status, told.out) == (1, "")
    assert re.fullmatch(
        r"here:7: a daemon works on sqlite:///\S+/triaged\.db; stop it first "
        r"\(on PostgreSQL one that was killed counts for ten minutes\)\n",
        told.err,
    )


def test_promises_that_are_not_kept_are_counted(run: Run, desk: Path) -> None:
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE ticket SET promised_at = 1 WHERE id IN (1001, 1002)")
    told = run("db", "check")
    assert told.status == 1 and told.err == "2 promises are not kept\n"
    assert [line.split("\t")[:2] for line in sorted(told.out.splitlines())] == [
        ["promise-does-not-fit", "PS-1001"],
        ["promise-does-not-fit", "PS-1002"],
    ]


# -- a person ------------------------------------------------------------------------------------------


def test_what_is_held_of_a_person_is_counted_and_told_row_by_row(run: Run) -> None:
    assert run("privacy", "show", CARL).status == 0  # that it was looked up is held too
    told = run("privacy", "show", CARL).out.splitlines()
    held = json.loads(run("privacy", "show", CARL, "--json").out)
    heads = [line for line in told if not line.startswith(" ")]
    wanted = {name: rows for name, rows in held.items() if isinstance(rows, list) and rows}
    assert [head.rpartition(":")[0].replace(" ", "_") for head in heads] == list(wanted)
    assert next(int(head.rpartition(" ")[2]) for head in heads) == len(next(iter(wanted.values())))
    assert "    | The import of leads fails for one of our users." in told
    assert not [line for line in told if "; text " in line or line.startswith("  text ")]


def test_of_nobody_nothing_is_held_and_nothing_erased(run: Run) -> None:
    assert run("privacy", "erase", "no@body.example", "--yes").out.splitlines() == [
        "nothing",
        "erased: nothing was held",
        *KEPT,
    ]
    assert run("privacy", "show", "other@body.example").out == "nothing is held\n"


KEPT = [
    "kept: the tickets, and kinds and times of their events; an audit row without the address",
    "not ours to erase: the mail server's folders, the directory's files, backups made before (erase again "
    "after a restore), models trained before (weights of words, no texts)",
]


def test_an_erasure_not_confirmed_says_what_it_would_be(run: Run) -> None:
    told = run("privacy", "erase", ANNA)
    counted, live = told.out.splitlines()
    assert (told.status, told.err) == (1, "this cannot be undone: say --yes\n")
    assert live == "still open, nobody will be answered there: PS-1001"
    assert re.fullmatch(r"\d+ [a-z ]+(, \d+ [a-z ]+)*", counted) and "0 " not in f" {counted}".replace(
        "10 ", ""
    )


@pytest.mark.parametrize("state", ["closed", "resolved"])
def test_of_tickets_that_are_over_nobody_is_warned(run: Run, desk: Path, state: str) -> None:
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE ticket SET state = ? WHERE id = 1001", (state,))
    assert "still open" not in run("privacy", "erase", ANNA).out


@pytest.mark.parametrize(
    ("mails", "numbers"),
    [
        ([], None),
        ([7], "1 mail by others, naming the address: 7"),
        (list(range(1, 21)), f"20 mails by others, naming the address: {' '.join(map(str, range(1, 21)))}"),
        (list(range(1, 22)), f"21 mails by others, naming the address: {' '.join(map(str, range(1, 21)))} …"),
    ],
)  # fmt: skip
def test_twenty_mails_that_name_him_are_listed_and_others_who_may_be_he(
    mails: list[int], numbers: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    privacy._kept(mails, ["anna+x@oak.example", "an.na@oak.example"])
    assert capsys.readouterr().out.splitlines() == [
        KEPT[0],
        *([f"kept: {numbers}"] if numbers else []),
        "not erased, perhaps the same person: anna+x@oak.example",
        "not erased, perhaps the same person: an.na@oak.example",
        KEPT[1],
    ]


@pytest.mark.parametrize("wrong", ["", "@oak.example", "anna@", "an na@oak.example", "anna"])
def test_what_is_no_whole_address_is_refused_by_name(run: Run, wrong: str) -> None:
    told = run("privacy", "show", wrong)
    assert (told.status, told.out) == (1, "")
    assert told.err == f"{wrong!r} is not a valid mail address; write one whole address\n"


# -- a ticket's story ----------------------------------------------------------------------------------

STORY: dict[str, Any] = {
    "reference": "PS-7", "subject": "Tills\x1b are down", "state": "open", "tier": 2, "assigned_to": "ben@desk.example",
    "provisional": True, "severity": "S1", "severity_because": "two reasons", "content_severity": "S2",
    "service_level": "large", "region": "EU", "service": "Zoho CRM", "account_name": "Oak", "account_key": "oak",
    "licences": 90, "large_user": True, "missing": ["zoid", "zuid"],
    "people": [{"address": "a@oak.example", "role": "requester", "failed": False}, {"address": "b@oak.example", "role": "cc", "failed": True}],
    "reviews": ["a doubt"], "classifier": None,
    "rules": [{"name": "outage", "hit": True, "why": "it has down"}, {"name": "late", "hit": False, "why": "no late"}],
    "rulebook_version": "r1", "rulebook_in_force": "r1",
    "commitments": [{"kind": "first_response", "state": "met", "due": NOW, "arithmetic": ["1 h of working time"]}],
    "due": [{"due_at": NOW + timedelta(hours=1), "kind": "progress_update", "step": "remind"}],
    "cases": [{"id": "CP-1", "step": "in_review", "expected": None}, {"id": "CP-2", "step": "submitted", "expected": "2027-01-02"}],
    "events": [{"at": NOW, "kind": "staff_noted", "actor": "cli:ben", "reason": "rang them"}],
}  # fmt: skip
TOLD = """\
PS-7: Tills  are down
  state         open, tier 2, ben@desk.example
  severity      S1 (provisional): two reasons
  content       S2 without regard to account or sender
  service level large, week of EU
  service       Zoho CRM
  account       Oak (oak): 90 licences, large user account
  missing       zoid, zuid
  people        a@oak.example (requester), b@oak.example (cc) (letters do not reach)
  review        a doubt
  rules         1 of 2 hit (rulebook r1)
                ✓ outage: it has down
                1 rule did not hit: --rules shows them
  promise       first response: met, due 2026-11-23T09:00:00Z
                1 h of working time
  due           2026-11-23T10:00:00Z  progress_update: remind
  case          CP-1 in_review
  case          CP-2 submitted, expected 2027-01-02 (no promise)

  11-23 09:00   staff noted by cli:ben: rang them
"""
PLAIN = STORY | {
    "assigned_to": None, "provisional": False, "region": None, "service": None, "account_name": None, "missing": [], "people": [],
    "reviews": [], "rules": [], "commitments": [], "due": [], "cases": [], "events": [],
}  # fmt: skip
TOLD_PLAIN = """\
PS-7: Tills  are down
  state         open, tier 2, assigned to nobody
  severity      S1: two reasons
  content       S2 without regard to account or sender
  service level large, week of no region
  service       -
  people        nobody gets letters

"""


@pytest.mark.parametrize(("story", "told"), [(STORY, TOLD), (PLAIN, TOLD_PLAIN)], ids=["rich", "plain"])
def test_a_story_is_told_line_by_line(
    story: dict[str, Any], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket_story.tell(story)
    assert capsys.readouterr().out == told


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"large_user": False}, "  account       Oak (oak): 90 licences, not treated as large"),
        (
            {"rulebook_in_force": "r2"},
            "  rules         1 of 2 hit (judged by r1; shown by r2, now in force)",
        ),
    ],
)
def test_a_story_that_is_otherwise_is_told_otherwise(
    changed: dict[str, Any], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ticket_story.tell(STORY | changed)
    assert line in capsys.readouterr().out.splitlines()


def test_with_every_rule_none_is_only_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ticket_story.tell(STORY, every_rule=True)
    told = capsys.readouterr().out
    assert "                · late: no late\n" in told and "--rules" not in told


def test_what_was_said_is_told_with_who_to_whom_and_by_what(capsys: pytest.CaptureFixture[str]) -> None:
    ticket: Any = SimpleNamespace(reference="PS-7", subject="Tills\x1b")
    us, anna, later = "us@desk.example", "a@oak.example", timedelta(hours=1)
    said = [
        Said(NOW, anna, (us,), "mail", 3, "Tills", "\n\nAll down.\n\n  Now.\t\n", ("log\x07.txt",)),
        Said(NOW + later, us, (), "letter", 4, "", "", kind="new_s1", state="sent"),
        Said(NOW + 2 * later, us, (anna, "b@oak.example"), "letter", 5, "", "We look.", kind="acknowledgment", state="waiting"),
    ]  # fmt: skip
    ticket_story.tell_conversation(ticket, said)
    assert capsys.readouterr().out == (
        "PS-7: Tills \n\n"
        "2026-11-23 09:00  a@oak.example to us@desk.example  (mail 3, mail)\n  All down.\n\n    Now.\n  [attached: log .txt]\n\n"
        "2026-11-23 10:00  us@desk.example to nobody  (letter 4, new s1)\n\n"
        "2026-11-23 11:00  us@desk.example to a@oak.example, b@oak.example  (letter 5, acknowledgment, waiting)\n  We look.\n"
    )


# -- the directory -------------------------------------------------------------------------------------


def test_an_account_is_shown_with_the_arithmetic_of_its_licences(run: Run) -> None:
    by_address = run("accounts", "show", "IT@Alder.example")
    [one] = map(json.loads, run("accounts", "show", "alder", "--json").out.splitlines())
    cells = by_address.out.rstrip("\n").split("\t")
    shown = "; ".join(f"{name}={number}" for name, number in one["subscriptions"].items())
    assert cells[:9] == [
        "alder", one["name"], one["region"], one["zoid"], "it@alder.example", one["partner_domain"],
        str(one["licences"]), str(one["threshold"]), "yes" if one["large_user"] else "no",
    ]  # fmt: skip
    assert cells[9].replace(" (does not count)", "") == shown
    assert one["large_user"] is (one["licences"] >= one["threshold"])


def standing(desk: Path, name: str, wanted: int) -> list[str]:
    """The lines of a file of the directory: its header and rows."""
    lines = (desk / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)
    assert len(lines) > wanted
    return lines


@pytest.mark.parametrize("name", ["accounts", "partners"])
def test_accounts_and_partners_are_put_each_in_their_own_place(run: Run, desk: Path, name: str) -> None:
    other = "partners" if name == "accounts" else "accounts"
    kept = (desk / f"{other}.csv").read_bytes()
    lines = standing(desk, name, 2)
    (desk / "new.csv").write_text("".join(lines[:-1]), "utf-8")
    given = ("--partners",) if name == "partners" else ()
    done = run("accounts", "load", "new.csv", *given)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"{len(lines) - 2} {name} (0 new, 1 gone) now in {desk}/{name}.csv; `systemctl reload triaged` (or SIGHUP) puts them in force\n"
    )
    assert (desk / f"{name}.csv").read_text("utf-8") == "".join(lines[:-1])
    assert (desk / f"{other}.csv").read_bytes() == kept


def test_a_directory_may_lose_half_and_not_more(run: Run, desk: Path) -> None:
    lines = standing(desk, "accounts", 2)
    even = lines[: 1 + (len(lines) - 1) // 2 * 2]
    (desk / "accounts.csv").write_text("".join(even), "utf-8")
    half = (len(even) - 1) // 2
    (desk / "new.csv").write_text("".join(even[:half]), "utf-8")
    refused = run("accounts", "load", "new.csv")
    assert (
        refused.err
        == f"new.csv: {half + 1} of {2 * half} accounts would be gone; if that is meant, say --anyway\n"
    )
    (desk / "new.csv").write_text("".join(even[: half + 1]), "utf-8")
    assert run("accounts", "load", "new.csv").status == 0


@pytest.mark.parametrize(("licences", "large"), [(200, "yes"), (199, "no")])
def test_an_account_is_large_from_its_threshold_on(run: Run, desk: Path, licences: int, large: str) -> None:
    text = (desk / "accounts.csv").read_text("utf-8")
    (desk / "accounts.csv").write_text(text.replace("Zoho CRM=240", f"Zoho CRM={licences}"), "utf-8")
    cells = run("accounts", "show", "alder").out.rstrip("\n").split("\t")
    assert cells[6:9] == [str(licences), "200", large]
    [one] = map(json.loads, run("accounts", "show", "alder", "--json").out.splitlines())
    assert one["large_user"] is (large == "yes")


# -- letters and mails -----------------------------------------------------------------------------------


def test_letters_are_listed_by_ticket_and_by_address_each_on_one_line(run: Run, desk: Path) -> None:
    every = [json.loads(line) for line in run("outbox", "list", "--json").out.splitlines()]
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute(
            "UPDATE letter SET subject = ?, ticket_id = NULL WHERE id = ?", ("s" * 71, every[0]["id"])
        )
        database.execute("UPDATE letter SET error = '550 no' WHERE id = ?", (every[-1]["id"],))
    lines = [line.split("\t") for line in run("outbox", "list").out.splitlines()]
    for one, line in zip(every, lines, strict=True):
        first, last = one is every[0], one is every[-1]
        assert line == [
            str(one["id"]), one["written_at"][:16].replace("T", " "), one["kind"], "-" if first else one["ticket"], "waiting",
            ", ".join((*one["to"], *one["cc"])), "s" * 70 if first else one["subject"][:70], "550 no" if last else "-",
        ]  # fmt: skip
    assert json.loads(run("outbox", "list", "--json").out.splitlines()[0])["ticket"] is None
    on = [
        json.loads(line) for line in run("outbox", "list", "--ticket", "ps-1002", "--json").out.splitlines()
    ]
    assert on == [one for one in every[1:-1] if one["ticket"] == "PS-1002"] and on
    to = [
        json.loads(line)["id"]
        for line in run("outbox", "list", "--to", ANNA.upper(), "--json").out.splitlines()
    ]
    assert to == [one["id"] for one in every if ANNA in (*one["to"], *one["cc"])] and len(to) < len(every)


def test_every_letter_that_failed_is_sent_again(run: Run, desk: Path) -> None:
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE letter SET state = 'failed' WHERE id IN (SELECT id FROM letter LIMIT 2)")
    assert run("outbox", "retry", "--failed").out == "2 of 2 letters will be sent again\n"
    assert run("outbox", "list", "--state", "failed").out == ""
    assert run("outbox", "retry", "--failed").out == "0 of 0 letters will be sent again\n"


ATTACHED = (
    b"From: Anna <anna@oakbridge.example>\r\nTo: partner-support@eu.zohocorp.com, b@desk.example\r\nCc: c@desk.example\r\n"
    b"Subject: A file\r\nMessage-ID: <f@oakbridge.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=x-nope\r\n\r\nSee the file. Gr\xfc\xdfe\r\n"
    b'--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="steps.csv"\r\n\r\na,b\r\n--b--\r\n'
)


def test_a_mail_is_shown_with_its_people_its_files_and_what_could_not_be_read(run: Run, desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    now = datetime.now(UTC)
    store.keep([Arrival(ATTACHED, "europe", "lmtp", None, None, None, now, ANNA, ())], now=now)
    [newest, *_] = store.mails(limit=1)
    store.close()
    shown = run("mail", "show", str(newest.id)).out.splitlines()
    assert shown[shown.index("from           anna@oakbridge.example") :] == [
        "from           anna@oakbridge.example",
        "to             partner-support@eu.zohocorp.com, b@desk.example",
        "cc             c@desk.example",
        "attached       steps.csv (text/csv, 3 bytes)",
        "defect         charset 'x-nope' does not fit, read as cp1252",
        "",
        "See the file. Grüße",
    ]


def test_mails_are_walked_again_all_or_none(run: Run) -> None:
    refused = run("mail", "replay", "1", "99")
    assert (refused.status, refused.out, refused.err) == (
        1,
        "",
        "99: no such mail; `triaged mail list` shows them\n",
    )
    assert json.loads(run("mail", "show", "1", "--json").out)["fate"] == "ticket"
    assert run("mail", "replay", "1", "2").out == "2 mails waiting again; the daemon takes them up\n"


def test_a_long_subject_is_cut_where_mails_are_listed(run: Run, desk: Path) -> None:
    with sqlite3.connect(desk / "triaged.db") as database:
        database.execute("UPDATE mail SET subject = ?, fate = 'quarantine' WHERE id = 4", ("s" * 90,))
    assert run("quarantine", "list").out.split("\t")[4] == "s" * 60
    [line] = [one for one in run("mail", "list").out.splitlines() if one.startswith("4\t")]
    assert line.split("\t")[8] == "s" * 80


# -- our own mail --------------------------------------------------------------------------------------

REMEDY = (
    "look at the domain's SPF (does it name the server that sends?), at DKIM (does that server sign for the domain of "
    "From?) and at DMARC"
)


@pytest.mark.parametrize(("count", "letters"), [(1, "a letter of ours was"), (2, "2 letters of ours were")])
def test_refusals_are_one_line_with_the_last_of_them(count: int, letters: str) -> None:
    refused = [
        FailedAddress(f"{n}@far.example", f"550 5.7.26 no {n} " + "x" * 200, NOW - timedelta(hours=n))
        for n in range(count)
    ]
    other = FailedAddress("z@far.example", "550 5.1.1 no such user", NOW + timedelta(hours=1))
    why = f"550 5.7.26 no 0 {'x' * 200}"[:200]
    assert list(our_mail.of_refusals([*reversed(refused), other])) == [
        f"{letters} refused in 30 days since SPF, DKIM or DMARC failed, last on 2026-11-23 09:00 UTC for "
        f"0@far.example: {why}; {REMEDY}"
    ]


def test_what_came_back_and_failed_is_one_line_with_the_last_of_them() -> None:
    def one(hours: int, result: str) -> CameBack:
        return CameBack(
            "us@desk.example", NOW - timedelta(hours=hours), result, f"dmarc={result} {hours} " + "x" * 200
        )

    why = f"dmarc=fail 1 {'x' * 200}"[:200]
    assert list(our_mail.of_what_came_back([one(2, "fail"), one(1, "fail"), one(0, "pass")])) == [
        "mail from our own us@desk.example failed authentication at our mail server on 2026-11-23 08:00 UTC "
        f"(2 of 3 letters that came back in 30 days): {why}; {REMEDY}"
    ]


def test_check_sums_up_what_is_in_order(run: Run) -> None:
    told = run("check")
    assert told.status == 0, told.err
    assert re.fullmatch(
        r"in order: mailboxes europe; \d+ rules, \d+ services, 2 accounts, 2 partners "
        r"\(rulebook [0-9a-f]{12}, model \d{4}-\d\d-\d\d-[0-9a-f]{8}\)",
        told.out.splitlines()[-1],
    )
