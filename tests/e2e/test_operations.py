"""What an admin does and looks at: several daemons, reload, --once, health, metrics, an old schema."""

from __future__ import annotations

import shutil
import urllib.request
from collections import Counter

import pytest
from sqlalchemy import text

from tests.e2e import doomed
from tests.e2e.town import ADDRESSES, ANNA, Town, mail, parsed
from tests.intake.scene import eventually
from tests.servers.ports import free_port
from triaged.config import shipped
from triaged.errors import Faulty
from triaged.store.rows import OldSchema

REQUEST = "Org ID: 60031122399\nThe export of reports fails."


def _shipped_rules(town: Town) -> None:
    """A rulebook folder of the town's own."""
    shutil.copytree(shipped.rules(), town.folder / "rules")
    town.config["rulebook"] = "rules"


def test_two_daemons_share_the_mailboxes_and_one_may_die(town: Town) -> None:
    if town.database.startswith("sqlite"):
        pytest.skip("several daemons share PostgreSQL, not SQLite")
    # Not numbered alone: what comes at the heels of each letter, the same but for its numbers, is a machine's.
    cases = ["Blank page", "Calls drop", "Export", "Field", "Login", "Menu", "Report", "Sync"]
    mails = [mail(ANNA, case, f"Org ID: 6003112{n:04}\nThe export fails.") for n, case in enumerate(cases)]
    town.config["limits"] = {"letters_per_address_hour": 100}
    del town.config["listener"]  # one port for two daemons: whoever comes second could not start
    town.arrives(*mails[:4])
    town.written()
    other = doomed.started(town.path, town.clock(), "half of the batch recorded", 3)
    with town.daemon():
        town.arrives(*mails[4:], at="global")
        other.join(30)
        town.leases_run_out()
        settled = eventually(lambda: x if len(x := town.settled(4)) == 8 else None, 60)
    assert {m.fate for m in settled} == {"ticket"}
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken if ANNA in one.rcpt_to)
    assert sorted(t.subject for t in town.tickets()) == cases
    assert set(sent.values()) == {1} and len(sent) == 8


def test_a_bad_rulebook_changes_nothing_and_is_told_and_a_good_one_is_taken(town: Town) -> None:
    _shipped_rules(town)
    with town.daemon() as daemon:
        before = daemon.house.knowledge
        bad = town.folder / "rules" / "99-bad.yaml"
        bad.write_text("rules:\n  - name: x\n    wenn: {}\n", "utf-8")
        assert not daemon.reload()
        assert daemon.house.knowledge is before
        assert b"triaged_reload_ok 0.0" in daemon.house.metrics.text()
        assert "99-bad.yaml:3" in str(town.store.notes()["reload.refused"].value)
        town.letter_to("leads@zohocorp.com")
        bad.write_text("rules: []\n", "utf-8")
        assert daemon.reload()
        assert daemon.house.knowledge is not before
        assert b"triaged_reload_ok 1.0" in daemon.house.metrics.text()


def test_more_licences_in_the_directory_make_an_open_ticket_s1_at_the_reload(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", f"{REQUEST}\nService: Zoho CRM"))
    with town.daemon() as daemon:
        town.letter_to(ANNA)
        assert town.tickets()[0].severity != "S1"
        accounts = town.folder / "accounts.csv"
        accounts.write_text(accounts.read_text().replace("Zoho CRM=12", "Zoho CRM=212"), "utf-8")
        assert daemon.reload()
        ticket = town.step_taken(lambda t: t.severity == "S1")
    assert ticket.large_user and ticket.licences == 212


def test_a_changed_mailbox_needs_a_restart_and_says_so(town: Town) -> None:
    with town.daemon() as daemon:
        town.mailbox("europe")["regions"] = ["EU"]
        town.written()
        assert not daemon.reload()
        assert "restart" in str(town.store.notes()["reload.refused"].value)


def test_once_polls_triages_sends_and_ends_without_a_fault(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", REQUEST))
    assert town.build().once() == []
    assert len(town.letters(ANNA)) == 1
    assert town.inbox() == []


def test_once_tells_what_did_not_work_and_does_the_rest(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", REQUEST))
    town.mailbox("global")["imap"]["port"] = 1
    faults = town.build().once()
    assert [fault.partition(":")[0] for fault in faults] == ["mailbox global"]
    assert len(town.letters(ANNA)) == 1


def test_a_daemon_that_cannot_open_its_doors_says_so_and_leaves_no_trace(town: Town) -> None:
    with town.daemon() as daemon:
        force = town.store.notes()["in_force"]
        assert daemon.http is not None
        town.config["http"] = {"listen": f"127.0.0.1:{daemon.http.port}"}
        town.config["listener"]["port"] = free_port()
        second = town.build()
        with pytest.raises(
            Faulty, match=r"^http: cannot listen on 127\.0\.0\.1:\d+: Address already in use$"
        ):
            second.start()
        second.stop("it could not start")
        assert town.store.notes()["in_force"] == force
        assert town.store.shared is False and second.house.store.shared is town.database.startswith("sqlite")
    assert not [name for name in town.store.notes() if name.startswith("daemon.")]


def test_health_and_metrics_tell_how_it_is_doing(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", REQUEST))
    with town.daemon() as daemon:
        town.letter_to(ANNA)
        town.settled(1)
        assert daemon.http is not None
        there = f"http://127.0.0.1:{daemon.http.port}"
        with urllib.request.urlopen(f"{there}/healthz", timeout=10) as health:
            assert health.status == 200
        # A poll ends behind the letters that it brings.
        eventually(lambda: len([one for one in town.store.mailbox_states() if one.good_at]) == 2)
        metrics = urllib.request.urlopen(f"{there}/metrics", timeout=10).read().decode()
    assert 'triaged_mailbox_last_good_poll_age_seconds{mailbox="europe"}' in metrics
    assert f'triaged_outbox_letters{{state="sent"}} {len(town.sink.taken):.1f}' in metrics
    assert 'triaged_ledger_mails{fate="ticket"} 1.0' in metrics


def test_a_daemon_refuses_an_old_schema_and_names_the_remedy(town: Town) -> None:
    with town.store._writing() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(OldSchema, match="triaged db upgrade"):
        town.build()


def test_another_house_of_our_kind_that_acknowledges_our_letters_does_not_loop(town: Town) -> None:
    """F12: a partner runs triaged too; its letters have the shape of ours, and another secret's signature."""
    with town.daemon():
        town.arrives(mail(ANNA, "Export", REQUEST))
        town.letter_to(ANNA)
        ours = next(one.raw for one in town.sink.taken if ANNA in one.rcpt_to)
        for round_ in range(3):
            town.arrives(_by_their_house(ours, round_))
            mails = town.settled(2 + round_)
    assert [m.fate for m in mails] == ["ticket", *["automatic"] * 3]
    assert len(town.letters(ANNA)) == 1
    assert not town.letters("support@oakbridge.example")


def _by_their_house(ours: bytes, round_: int) -> bytes:
    """A letter of ours as the other house would have written it, to us."""
    swapped = ours.replace(ADDRESSES["europe"].encode(), b"support@oakbridge.example")
    swapped = swapped.replace(ANNA.encode(), ADDRESSES["europe"].encode())
    signed = swapped.replace(b"Message-ID: <ps.", f"Message-ID: <ps.{round_ + 1}".encode())
    return b"Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\r\n" + signed
