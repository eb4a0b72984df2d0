"""A running daemon, from outside: what it notices by itself, and what it says of it in log, metrics and status."""

from __future__ import annotations

import json
import os
import shutil
import smtplib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError

from tests.alerts.conftest import Receiver, receiver  # noqa: F401
from tests.e2e.town import ADDRESSES, ANNA, Town, mail
from tests.intake import scene
from tests.said import figure, listening
from tests.servers.ill_imap import IllImap
from tests.spec.test_former import renamed
from triaged.config import shipped
from triaged.daemon import ending
from triaged.daemon.daemon import Daemon
from triaged.intake.after import Mover
from triaged.store import Store

BARE = "The import of leads fails for one of our users."
REQUEST = "Org ID: 60031122399\nThe export of reports fails."
LEADS = "leads@zohocorp.com"
PATIENCE = 180  # seconds; a daemon is up in two, and in sixty where a dozen others want the processor


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite will do: nothing here has to do with which database it is."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """With patience for a machine that has much else to do."""
    return scene.eventually(what, seconds)


def health(daemon: Daemon) -> tuple[int, dict[str, Any]]:
    """Status and answer of /healthz."""
    assert daemon.http is not None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http.port}/healthz", timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def told(daemon: Daemon, name: str, **labels: str) -> float | None:
    """A figure as Prometheus scrapes it."""
    assert daemon.http is not None
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http.port}/metrics", timeout=20) as answer:
        return figure(answer.read(), name, **labels)


def test_a_mail_is_told_from_the_door_to_the_sent_letter(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", REQUEST))
    with listening() as said:
        with town.daemon() as daemon:
            eventually(lambda: town.letters(ANNA))
            town.settled(1, PATIENCE)
            eventually(lambda: said.of("mailbox.polled"))
            with smtplib.LMTP("127.0.0.1", town.lmtp_port) as client:
                client.sendmail(ANNA, [ADDRESSES["europe"]], mail(ANNA, "By another door", BARE))
                assert client.docmd("MAIL FROM:<x@stranger.example>")[0] == 250
                assert client.docmd("RCPT TO:<nobody@elsewhere.example>")[0] == 550
            town.settled(2, PATIENCE)
            eventually(lambda: told(daemon, "triaged_letters_total", outcome="sent") == len(town.sink.taken))
            figures = {
                ("triaged_kept_total", ("mailbox", "europe"), ("door", "imap")): 1,
                ("triaged_kept_total", ("mailbox", "europe"), ("door", "lmtp")): 1,
                ("triaged_mails_total", ("fate", "ticket"), ("kind", "request")): 2,
                ("triaged_authentication_total", ("result", "pass")): 2,
                ("triaged_refused_total", ("door", "lmtp")): 1,
                ("triaged_judged_total",): 2,
                ("triaged_abstained_total",): 2,  # these readers have no classifier to ask
                ("triaged_tickets_total", ("severity", town.tickets()[0].severity)): 2,
                ("triaged_database_up",): 1,
                ("triaged_reload_ok",): 1,
                ("triaged_ledger_mails", ("fate", "ticket")): 2,
                ("triaged_ledger_tickets", ("state", "new"), ("severity", town.tickets()[0].severity)): 2,
                ("triaged_outbox_letters", ("state", "sent")): len(town.sink.taken),
                ("triaged_oldest_waiting_seconds", ("what", "mail")): 0,
                ("triaged_oldest_waiting_seconds", ("what", "letter")): 0,
                ("triaged_mailbox_failures", ("mailbox", "europe")): 0,
                ("triaged_owed_mails", ("mailbox", "europe")): 0,
                ("triaged_dues_late",): 0,
                ("triaged_missed",): 0,
                ("triaged_failed_addresses",): 0,
                ("triaged_staff_letters_failing",): 0,
            }
            for (name, *labels), value in figures.items():
                assert told(daemon, name, **dict(labels)) == value, name
            age = told(daemon, "triaged_mailbox_last_good_poll_age_seconds", mailbox="europe")
            assert age is not None and 0 <= age < 600
            for loop in ("walk", "sender-europe", "mailbox-europe"):
                assert time.time() - (told(daemon, "triaged_loop_tick_seconds", loop=loop) or 0) < 600, loop
        assert said.of("mail.kept")[0] == {"mailbox": "europe", "door": "imap", "count": 1}
        assert said.of("mailbox.polled")[0] == {"mailbox": "europe", "count": 1}
        first, second = town.tickets()
        assert [one["ticket"] for one in said.of("mail.triaged")] == [first.reference, second.reference]
        assert {one["fate"] for one in said.of("mail.triaged")} == {"ticket"}
        assert len(said.of("letter.sent")) == len(town.sink.taken)
        assert said.of("letter.sent")[0]["mailbox"] == "europe"
        assert said.of("door.refused") == [{"door": "lmtp", "why": "no such mailbox"}]
        (ready,) = said.of("daemon.ready")
        assert ready["version"] and ready["rulebook"] and ready["model"]
        assert said.of("daemon.stopping") == [{"why": "the test is over"}]
        assert not said.of("daemon.loop_failed") and not said.of("daemon.left_hanging")


def test_a_former_name_in_the_config_is_told_at_the_start_and_at_a_reload(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed(monkeypatch, ("authserv_ids", "trusted_authserv_ids"))
    town.config["authserv_ids"] = town.config.pop("trusted_authserv_ids")
    with listening() as said:
        with town.daemon() as daemon:
            assert [one["told"].count("'trusted_authserv_ids'") for one in said.of("config.former_name")] == [
                1
            ]
            assert daemon.reload()
        assert {str(town.path) in one["told"] for one in said.of("config.former_name")} == {True}
        assert len(said.of("config.former_name")) == 2


def test_what_waits_is_late_or_missed_is_told_in_figures(town: Town) -> None:
    del town.mailbox("europe")["smtp"]  # letters wait, as while a server is away
    town.mailbox("global")["imap"]["port"] = 1
    town.arrives(mail(ANNA, "Export", REQUEST))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: town.mails() and town.mails()[0].fate == "ticket")
        assert told(daemon, "triaged_outbox_letters", state="waiting")
        eventually(lambda: (told(daemon, "triaged_mailbox_failures", mailbox="global") or 0) >= 1)
        (failed, *_) = said.of("mailbox.failed")
        assert failed["mailbox"] == "global" and failed["again_in"] > 0
        town.clock.move(days=3)
        missed = eventually(lambda: town.store.counts(town.clock()).missed)
        eventually(lambda: (told(daemon, "triaged_missed") or 0) >= missed)
        age = told(daemon, "triaged_oldest_waiting_seconds", what="letter")
        assert age is not None and age > 2 * 86400


@pytest.mark.parametrize("ends", [SystemExit, None])
def test_a_loop_that_is_dead_or_hangs_is_told_by_name_and_healthz_is_503(
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
    ends: type[BaseException] | None,
) -> None:
    release = threading.Event()

    def claim(*_: Any, **__: Any) -> list[Any]:
        if ends:
            raise ends
        release.wait(60)
        return []

    with town.daemon() as daemon:
        assert daemon.stuck() == [] and daemon.health()[0] and health(daemon)[0] == 200
        with monkeypatch.context() as patched:
            patched.setattr(Store, "claim_mail", claim)
            if not ends:
                patched.setattr("triaged.daemon.loops.STALE_SECONDS", 9.0)
            town.arrives(mail(ANNA, "Export", REQUEST))
            eventually(lambda: "walk" in daemon.stuck())
            well, what = daemon.health()
            assert not well and "walk" in what["stuck"] and what["database"] == "ok"
            assert health(daemon)[0] == 503
        release.set()
        if not ends:
            eventually(lambda: health(daemon)[0] == 200)


def test_a_loop_that_fails_is_told_counted_and_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, left = Store.claim_mail, [2]

    def claim(*given: Any, **named: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise RuntimeError("a fault nobody foresaw")
        return plain(*given, **named)

    monkeypatch.setattr(Store, "claim_mail", claim)
    town.arrives(mail(ANNA, "Export", REQUEST))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: town.letters(ANNA))
        assert (
            said.of("daemon.loop_failed")[:2]
            == [{"loop": "walk", "error": "RuntimeError: a fault nobody foresaw"}] * 2
        )
        assert told(daemon, "triaged_loop_failures_total", loop="walk") == 2


def test_a_rulebook_that_changed_is_taken_by_itself_and_only_where_that_is_asked_for(town: Town) -> None:
    shutil.copytree(shipped.rules(), town.folder / "rules")
    town.config |= {"rulebook": "rules", "reload_on_change": True}
    with listening() as said, town.daemon() as daemon:
        before = daemon.house.knowledge.rulebook.version
        (town.folder / "rules" / "99-new.yaml").write_text("rules: []\n", "utf-8")
        eventually(lambda: daemon.house.knowledge.rulebook.version != before)
        (reloaded, *_) = eventually(lambda: said.of("daemon.reloaded"))
        assert reloaded["rulebook"] == daemon.house.knowledge.rulebook.version
        assert reloaded["model"] and reloaded["directory"] == daemon.house.knowledge.directory.version


def test_a_directory_that_grows_old_is_told_until_it_is_renewed(town: Town) -> None:
    town.config["directory"]["max_age"] = "7d"
    old = time.time() - 10 * 86400
    os.utime(town.folder / "accounts.csv", (old, old))
    town.written()
    os.utime(town.folder / "accounts.csv", (old, old))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: told(daemon, "triaged_directory_old") == 1)
        assert eventually(lambda: said.of("directory.old"))[0] == {"age": "10d"}
        assert eventually(lambda: town.store.notes().get("directory.old")).value == "10 days"
        os.utime(town.folder / "accounts.csv")
        every_tick_now(town)
        eventually(lambda: told(daemon, "triaged_directory_old") == 0)
        eventually(lambda: not (note := town.store.notes().get("directory.old")) or not note.value)


def test_a_directory_without_a_bound_is_never_too_old(town: Town) -> None:
    town.written()
    for name in ("accounts.csv", "partners.csv"):
        os.utime(town.folder / name, (1e9, 1e9))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: [n for n in town.store.notes() if n.startswith("daemon.")])
        assert told(daemon, "triaged_directory_old") == 0 and not said.of("directory.old")


def every_tick_now(town: Town) -> None:
    """A clock that is set back makes every job of the schedule run at once."""
    town.clock.move(hours=-1)


def test_the_schedule_trains_and_what_it_trained_is_taken(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def train(store: Any, knowledge: Any, now: Any) -> bool:
        asked.append(now)
        return len(asked) == 1

    monkeypatch.setattr("triaged.learning.unattended.train_if_due", train)
    with listening() as said, town.daemon():
        assert not said.of("daemon.reloaded")
        every_tick_now(town)
        eventually(lambda: asked)
        assert abs((asked[0] - town.clock()).total_seconds()) < 120
        eventually(lambda: said.of("daemon.reloaded"))
        (back,) = said.of("daemon.clock_set_back")
        assert 3500 < back["seconds"] < 3700


def test_an_emptied_directory_is_refused_and_what_stood_stays(town: Town) -> None:
    accounts = town.folder / "accounts.csv"
    with listening() as said, town.daemon() as daemon:
        whole, before = accounts.read_text("utf-8"), daemon.house.knowledge
        accounts.write_text(whole.splitlines()[0] + "\n", "utf-8")
        assert not daemon.reload()
        assert daemon.house.knowledge is before
        (refused,) = said.of("daemon.reload_refused")
        assert "holds no account where 2 were in force" in refused["why"]
        assert told(daemon, "triaged_reload_ok") == 0
        letter = eventually(lambda: town.letters(LEADS))[0]
        assert letter["Subject"] == "triaged: a reload was refused, what stood before stays in force"
        assert daemon._status().startswith("reload refused: ") and "holds no account" in daemon._status()
        accounts.write_text("\n".join(whole.splitlines()[:2]) + "\n", "utf-8")
        assert daemon.reload(), "fewer are no fault"
        assert len(daemon.house.knowledge.directory.accounts) == 1
        assert told(daemon, "triaged_reload_ok") == 1
        assert daemon._status().startswith("rulebook ")


def test_a_refusal_is_titled_as_what_is_at_fault(town: Town) -> None:
    shutil.copytree(shipped.rules(), town.folder / "rules")
    town.config["rulebook"] = "rules"
    with town.daemon() as daemon:
        town.path.write_text(town.path.read_text("utf-8") + "\nreload_on_chnge: true\n", "utf-8")
        assert not daemon.reload()
        town.written()
        (town.folder / "rules" / "20-mine.yaml").write_text("rules: [{nme: x}]\n", "utf-8")
        assert not daemon.reload()
        found = eventually(lambda: len(x := town.letters(LEADS)) == 2 and x)
    assert [str(one["Subject"]) for one in found] == [
        "triaged: a reload was refused, what stood before stays in force",
        "triaged: the new rulebook was refused, the old one stays in force",
    ]


def test_once_is_not_silent_on_what_lies_in_quarantine(
    town: Town,
    receiver: Receiver,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from triaged.store import Transaction

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault nobody foresaw")

    (town.folder / "desk").write_text(receiver.url)
    town.config["alerts"] = [{"to_file": "desk"}]
    town.arrives(mail(ANNA, "Export", REQUEST))
    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "finish_mail", fails)
        for _ in range(6):
            town.build().once()
            town.clock.move(hours=3)
    assert town.build().once() == ["1 mail in quarantine: triaged quarantine list"]
    assert receiver.titles == ["1 mail in quarantine"]
    town.store.replay([town.mails()[0].id], town.clock())
    assert town.build().once() == []
    assert town.mails()[0].fate == "ticket" and len(town.letters(ANNA)) == 1


def test_who_runs_it_once_now_and_then_sends_digests_and_inherits_too(town: Town) -> None:
    town.written()
    town.arrives(mail(ANNA, "Export", REQUEST))
    assert town.build().once() == [] and town.letters(ANNA)
    town.store.keep([arrival()], now=town.clock())
    assert town.store.claim_mail(5, town.clock(), "who died", ending_soon())
    town.clock.move(days=1)
    with listening() as said:
        assert town.build().once() == []
    assert said.of("daemon.inherited") == [{"work": 1}]
    assert len(town.letters(subject=" open on ")) == 1


def test_a_letter_that_is_refused_waits_or_fails_and_is_told(town: Town) -> None:
    town.sink.answers[ANNA] = "451 4.3.0 later"
    town.arrives(mail(ANNA, "Export", REQUEST))
    with listening() as said, town.daemon() as daemon:
        (again, *_) = eventually(lambda: said.of("letter.retry"))
        assert again["error"].startswith("451 4.3.0 later") and 0 < again["again_in"] < 3600
        eventually(lambda: told(daemon, "triaged_letters_total", outcome="retry") == 1)
        assert (told(daemon, "triaged_oldest_waiting_seconds", what="letter") or 0) > 0
        town.sink.answers[ANNA] = "550 5.1.1 no such mailbox"
        town.clock.move(hours=2)
        daemon.ring_senders()
        (failed,) = eventually(lambda: said.of("letter.failed"))
        assert failed["error"].startswith("550 5.1.1") and failed["letter"] == again["letter"]
        eventually(lambda: told(daemon, "triaged_letters_total", outcome="failed") == 1)
        assert told(daemon, "triaged_outbox_letters", state="failed") == 1


def test_letters_to_staff_that_fail_are_told_where_no_letter_is_needed(town: Town) -> None:
    town.sink.answers[LEADS] = "550 5.1.1 no such mailbox"
    with town.daemon() as daemon:
        (town.folder / "accounts.csv").write_text("nothing\n", "utf-8")
        assert not daemon.reload()  # which is told to staff
        eventually(lambda: told(daemon, "triaged_staff_letters_failing") == 1)


def test_a_letter_that_lost_its_sense_is_withdrawn_and_told(town: Town) -> None:
    town.arrives(mail(ANNA, "Fields", BARE))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: town.letters(ANNA))
        town.sink.answers["MAIL"] = "451 4.3.2 busy"
        town.clock.move(hours=4, minutes=5)
        eventually(lambda: said.of("due.taken"))
        eventually(lambda: town.store.letters(state="waiting"))
        town.arrives(mail(ANNA, "Re: Fields", f"SuperAdmin: it@alder.example\n{REQUEST}\nZUID: 70011000001\nService: Zoho CRM",
                          In_Reply_To=str(town.letters(ANNA)[0]["Message-ID"])))  # fmt: skip
        eventually(lambda: len(town.mails()) == 2 and town.mails()[1].fate == "ticket")
        town.sink.answers.clear()
        town.clock.move(minutes=10)
        daemon.ring_senders()
        (withdrawn, *_) = eventually(lambda: said.of("letter.withdrawn"))
        assert withdrawn["kind"] == "missing_information_reminder" and withdrawn["why"]
        eventually(lambda: told(daemon, "triaged_letters_total", outcome="withdrawn") == 1)


def test_a_second_daemon_on_one_file_is_told_and_the_next_inherits_from_the_dead(town: Town) -> None:
    del town.config["listener"]  # one port for two
    with listening() as said:
        with town.daemon() as first:
            assert not said.of("daemon.not_alone")
            with town.daemon():
                assert said.of("daemon.not_alone") == [{"others": first.house.owner}]
        town.store.keep([arrival()], now=town.clock())
        assert town.store.claim_mail(5, town.clock(), "who died", ending_soon())
        with town.daemon():
            town.settled(1, PATIENCE)
        assert said.of("daemon.inherited") == [{"work": 1}]


def arrival() -> Any:
    from tests.e2e.town import MONDAY
    from triaged.store.rows import Arrival

    return Arrival(mail(ANNA, "Export", REQUEST), "europe", "lmtp", None, None, None, MONDAY, ANNA, ())


def ending_soon() -> Any:
    from datetime import timedelta

    return timedelta(minutes=10)


def test_what_does_not_end_is_left_and_named(
    town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, seconds in (("GRACE", 0.5), ("CUT", 1.0), ("SECONDS", 6.0)):
        monkeypatch.setattr(ending, name, seconds)
    hangs, release = threading.Event(), threading.Event()

    def claim(*_: Any, **__: Any) -> list[Any]:
        hangs.set()
        release.wait(120)
        return []

    with listening() as said:
        daemon = town.build()
        monkeypatch.setattr(Store, "claim_mail", claim)
        daemon.start()
        assert hangs.wait(60)
        left = daemon.stop("the test is over")
        release.set()
        assert "walk" in left
        assert said.of("daemon.left_hanging") == [{"what": " ".join(left)}]
    for thread in daemon.threads:
        thread.join(60)


def test_a_mail_that_is_not_given_whole_is_told_each_time(town: Town) -> None:
    server = IllImap(mail(ANNA, "Cannot be given", REQUEST))
    server.illness[1] = "serverbug"
    europe = town.mailbox("europe")
    europe["imap"] |= {"port": server.port, "idle": False, "poll_seconds": 1}
    del europe["imap"]["sent_folder"]
    town.config["mailboxes"] = [europe]
    with listening() as said, town.daemon() as daemon:
        (owed, *_) = eventually(lambda: said.of("mail.owed"))
        assert (owed["mailbox"], owed["folder"], owed["uid"], owed["failures"]) == ("europe", "INBOX", 1, 1)
        assert "SERVERBUG" in owed["error"]
        eventually(lambda: told(daemon, "triaged_owed_mails", mailbox="europe") == 1)
        eventually(lambda: (told(daemon, "triaged_mailbox_failures", mailbox="europe") or 0) >= 1)
        assert said.of("mailbox.failed")[0]["mailbox"] == "europe"
    server.close()


def test_kept_mail_that_cannot_be_moved_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: Any, **__: Any) -> None:
        raise IMAPClientError("NO [OVERQUOTA] the archive is full")

    monkeypatch.setattr(Mover, "settle", refuses)
    town.arrives(mail(ANNA, "Export", REQUEST))
    with listening() as said, town.daemon():
        (failed, *_) = eventually(lambda: said.of("mailbox.move_failed"))
        assert failed["mailbox"] == "europe" and "OVERQUOTA" in failed["error"]
        eventually(lambda: town.letters(ANNA))
        assert town.inbox(), "it stays where it was"


def test_what_staff_must_look_at_is_counted(town: Town) -> None:
    town.config["limits"] = {"mail_size": 100_000}
    town.arrives(mail(ANNA, "A large one", REQUEST + ("\n" + "y" * 70) * 2000))
    with town.daemon() as daemon:
        eventually(lambda: town.letters(ANNA))
        town.settled(1, PATIENCE)
        assert told(daemon, "triaged_reviews") == 1
        due = town.store.dues(town.tickets()[0].id)
        town.clock.move(seconds=(due[0].due_at - town.clock()).total_seconds() - 1800)
        assert told(daemon, "triaged_dues_soon") == 1
        assert told(daemon, "triaged_dues_late") == 0
        assert told(daemon, "triaged_failed_addresses") == 0
        with town.store.transaction() as tx:
            tx.mark_address("gone@oakbridge.example", "550 5.1.1 no such mailbox", town.clock())
        assert told(daemon, "triaged_failed_addresses") == 1
