"""Mail a server does not give, and mail that is large: what staff, partners and admins see of it."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest

from tests.e2e.town import ADDRESSES, ANNA, Town, mail, text_of
from tests.intake.scene import eventually
from tests.servers.ill_imap import IllImap
from triaged.store.rows import Fate

HELP = "How do I add a field?\n\nSuperAdmin: it@alder.example\nService: Zoho CRM\n"
LEADS = "leads@zohocorp.com"


def at_ill_server(town: Town, server: IllImap) -> None:
    """The mailbox `europe` lies on that server; the other is left out."""
    europe = town.mailbox("europe")
    europe["imap"] |= {"port": server.port, "idle": False, "poll_seconds": 1}
    del europe["imap"]["sent_folder"]
    town.config["mailboxes"] = [europe]


def test_once_fails_tells_staff_and_keeps_the_others_while_a_mail_is_owed(town: Town) -> None:
    server = IllImap(mail(ANNA, "Cannot be given", HELP), mail(ANNA, "Behind it", HELP))
    server.illness[1] = "serverbug"
    at_ill_server(town, server)
    faults = town.build().once()
    assert len(faults) == 1
    assert "1 mail is not given whole by the server" in faults[0] and "INBOX uid 1" in faults[0]
    assert [ticket.subject for ticket in town.tickets()] == ["Behind it"]
    (told,) = town.letters(LEADS, "its server does not give")
    assert "INBOX uid 1 (UIDVALIDITY 7" in text_of(told) and "SERVERBUG" in text_of(told)
    assert len(town.build().once()) == 1
    assert len(town.letters(LEADS, "its server does not give")) == 1  # once a mail
    server.illness.clear()
    assert town.build().once() == []
    assert sorted(ticket.subject for ticket in town.tickets()) == ["Behind it", "Cannot be given"]
    assert not town.store.mails(fate=Fate.QUARANTINE)
    server.close()


def test_a_daemon_says_what_is_owed_in_its_metrics_until_it_comes(town: Town) -> None:
    server = IllImap(mail(ANNA, "Cannot be given", HELP))
    server.illness[None] = "nil"
    at_ill_server(town, server)
    with town.daemon() as daemon:
        metrics = daemon.house.metrics

        def gauge() -> str:
            lines = metrics.text().decode().splitlines()
            return next((x for x in lines if x.startswith("triaged_owed_mails{")), "")

        eventually(lambda: gauge() == 'triaged_owed_mails{mailbox="europe"} 1.0')
        town.letter_to(LEADS, "its server does not give")
        server.illness.clear()
        town.clock.move(minutes=10)
        town.letter_to(ANNA)
        eventually(lambda: gauge() == 'triaged_owed_mails{mailbox="europe"} 0.0')
    server.close()


def large(size: int, **headers: str) -> bytes:
    """Words first, and so many bytes behind them."""
    return mail(ANNA, "A large one", HELP + "x" * 70 + "\n" + ("y" * 70 + "\n") * (size // 72), **headers)


@pytest.mark.parametrize("door", ["imap", "lmtp"])
def test_oversize_mail_is_kept_whole_and_becomes_a_ticket_that_says_so(town: Town, door: str) -> None:
    town.config["limits"] = {"mail_size": 100_000, "largest_mail": 9_000_000}
    sent = large(6_000_000)
    with town.daemon():
        if door == "imap":
            town.arrives(sent)
        else:
            with smtplib.LMTP("127.0.0.1", town.lmtp_port) as client:
                client.sendmail(ANNA, [ADDRESSES["europe"]], sent)
        town.letter_to(ANNA)
        town.settled(1)
    (row,) = town.mails()
    kept = town.store.mail(row.id)
    assert kept is not None and kept.raw == sent and not row.truncated
    (ticket,) = town.tickets()
    assert (ticket.superadmin_email, ticket.severity) == ("it@alder.example", "S1")
    assert any(f"mail {row.id} of {len(sent)} bytes is larger than we read" in one for one in ticket.reviews)
    assert "over the limit" in str(ticket.events[0].data["defects"])


def test_mail_beyond_the_hard_limit_is_a_cut_ticket_by_imap_and_refused_by_lmtp(town: Town) -> None:
    town.config["limits"] = {"mail_size": 100_000, "largest_mail": 1_000_000}
    with town.daemon():
        with smtplib.LMTP("127.0.0.1", town.lmtp_port) as client, pytest.raises(smtplib.SMTPException) as no:
            client.sendmail(ANNA, [ADDRESSES["europe"]], large(1_200_000))
        assert refusal(no.value) == 552
        town.arrives(large(1_200_000))
        town.letter_to(ANNA)
        town.settled(1)
    (ticket,) = town.tickets()
    assert town.mails()[0].truncated
    assert any("larger than we keep" in reason for reason in ticket.reviews)
    assert "hard limit" in str(ticket.events[0].data["defects"])


def refusal(error: Any) -> int:
    """The code of an SMTP refusal."""
    return int(getattr(error, "smtp_code", 0) or getattr(error, "args", [0])[0])
