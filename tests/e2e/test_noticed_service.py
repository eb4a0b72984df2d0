"""A running daemon as a service: health that tells the truth, staff told by a webhook, letters filed in Sent."""

from __future__ import annotations

import email
import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import Receiver, other, receiver  # noqa: F401
from tests.e2e.test_noticed_daemon import eventually, health, told
from tests.e2e.town import ANNA, CARL, Town, mail
from tests.said import listening
from tests.servers.dovecot import Dovecot
from triaged.daemon.daemon import Daemon

LARGE = "SuperAdmin: it@alder.example\nService: Zoho CRM\nHow do I add a field?"
SMALL = "Org ID: 60031122399\nThe export of reports fails."


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite will do: the store's part is tested on both."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


def alive(daemon: Daemon) -> dict[str, Any]:
    """What /livez answers."""
    assert daemon.http is not None
    with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http.port}/livez", timeout=20) as answer:
        return dict(json.load(answer))


def test_a_new_s1_is_told_once_and_that_it_is_solved_and_letters_lie_in_sent(
    town: Town,
    receiver: Receiver,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("triaged.alerts.sending.REST_SECONDS", 0.3)
    (town.folder / "desk").write_text(receiver.url)
    town.config["alerts"] = [{"to_file": "desk", "for": ["new_s1", "missed"]}]
    town.mailbox("europe")["smtp"]["copy_to_sent"] = True
    town.arrives(mail(ANNA, "Field", LARGE), mail(CARL, "Leads", "Nothing works for one of us."))
    with listening() as said, town.daemon() as daemon:
        eventually(lambda: receiver.told)
        town.settled(2, 120)
        [reference] = [one.reference for one in town.tickets() if one.severity == "S1"]
        filed = eventually(lambda: len(x := sent(town)) >= len(of_europe(town)) and x)
        eventually(lambda: said.of("letter.sent") and town.store.letters_to_file("europe") == [])
        count = told(daemon, "triaged_acknowledgment_latency_seconds_count")
        assert count and count >= 1
        promised = told(daemon, "triaged_next_commitment_timestamp_seconds", severity="S1")
        assert promised and promised > town.clock().timestamp()
        assert health(daemon)[1]["smtp"] == {"global": "ok", "europe": "ok"}
    assert receiver.titles == [f"{reference} is S1"]
    assert (
        "priority customer" in receiver.told[0]["body"] and "field" not in json.dumps(receiver.told).lower()
    )
    ids = [str(email.message_from_bytes(raw)["Message-ID"]) for raw in filed]
    assert sorted(ids) == sorted(set(ids)), "each once"
    assert set(ids) == {str(email.message_from_bytes(raw)["Message-ID"]) for raw in of_europe(town)}
    assert len(town.mails()) == 2 + len(filed) or len(town.mails()) == 2, "and none was taken for an answer"
    assert all(one.fate != "ticket" or one.sender in (ANNA, CARL) for one in town.mails())


def sent(town: Town) -> list[bytes]:
    return town.inbox(folder="Sent")


def of_europe(town: Town) -> list[bytes]:
    """Letters to partners that europe's server took; those to staff are no business of its Sent folder."""
    taken = [one for one in list(town.sink.taken) if "eu.zohocorp.com" in one.mail_from]
    return [one.raw for one in taken if {ANNA, CARL} & set(one.rcpt_to)]


def test_a_letter_that_lies_in_sent_already_is_not_filed_again(town: Town) -> None:
    town.mailbox("europe")["smtp"]["copy_to_sent"] = True
    town.arrives(mail(ANNA, "Export", SMALL))
    with town.daemon():
        town.settled(1, 120)
        eventually(lambda: sent(town) and town.store.letters_to_file("europe") == [])
    before = sent(town)
    with town.store._writing() as connection:  # as if we had died between APPEND and writing it down
        connection.exec_driver_sql("UPDATE letter SET to_file = 1 WHERE state = 'sent'")
    with town.daemon():
        eventually(lambda: town.store.letters_to_file("europe") == [])
    assert len(sent(town)) == len(before)


def test_health_says_what_cannot_be_done_and_the_process_is_alive_all_the_while(town: Town) -> None:
    with town.daemon() as daemon:
        eventually(lambda: health(daemon)[0] == 200)
        port = town.sink.port
        town.sink.stop()
        town.arrives(mail(ANNA, "Export", SMALL))
        _status, said = eventually(lambda: (x := health(daemon))[0] == 503 and x)
        assert any(one.startswith("smtp of europe: takes no letters, ") for one in said["reasons"])
        assert said["database"] == "ok" and said["smtp"]["global"] == "ok" and said["status"] == "failing"
        assert told(daemon, "triaged_smtp_up", mailbox="europe") == 0
        assert alive(daemon)["status"] == "alive"
        town.sink.start(port)
        eventually(lambda: health(daemon)[0] == 200)
        assert told(daemon, "triaged_smtp_up", mailbox="europe") == 1


def test_one_mailbox_that_fails_is_told_and_all_that_fail_are_an_illness(
    tmp_path: Path, url: str, users: str, quick: None
) -> None:
    own = Dovecot().start()
    town = Town(tmp_path, own, url, users)
    try:
        town.mailbox("global")["imap"]["port"] = 1
        with town.daemon() as daemon:
            status, said = eventually(
                lambda: (x := health(daemon))[1].get("mailboxes", {}).get("global", "ok") != "ok" and x
            )
            assert status == 200 and said["mailboxes"]["europe"] == "ok"
            own.kill()
            status, said = eventually(lambda: (x := health(daemon))[0] == 503 and x)
            assert (
                said["reasons"][0].startswith("no mailbox can be read: ") and "europe: " in said["reasons"][0]
            )
            assert alive(daemon)["status"] == "alive"
            own.start()
            eventually(lambda: health(daemon)[0] == 200)
    finally:
        town.close()
        own.stop()
