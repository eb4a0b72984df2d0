"""More mail than can be worked on: the doors wait, what is in hand goes on, and nothing falls over."""

from __future__ import annotations

import smtplib
import threading
from collections import Counter

import pytest

from tests.e2e.town import ADDRESSES, ANNA, Town, mail, parsed
from tests.intake.scene import eventually
from triaged.walk import triage

MOST, MAILS, A_BATCH = 100, 240, 100


def test_a_sustained_overload_slows_the_doors_and_loses_and_doubles_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk stands still for a while, as if the machine had no time for it; 240 mails come by IMAP, one by LMTP."""
    at_work, honest = threading.Event(), triage.begin
    monkeypatch.setattr(triage, "begin", lambda *given: honest(*given) if at_work.is_set() else None)
    town.config["limits"] = {
        "most_waiting": MOST,
        "letters_per_address_hour": 1000,
        "mails_per_sender_hour": 1000,
    }
    mails = [
        mail(f"p{n}@oakbridge.example", f"Case {n}", f"Org ID: 6003112{n:04}\nThe export fails.")
        for n in range(MAILS)
    ]
    town.dovecot.deliver_many(town.users["europe"], mails, town.clock())
    with town.daemon() as daemon:
        eventually(daemon.keep.full)
        assert MOST <= len(town.mails()) <= MOST + A_BATCH, "IMAP waits"
        with (
            smtplib.LMTP("127.0.0.1", town.lmtp_port) as door,
            pytest.raises(smtplib.SMTPDataError) as refused,
        ):
            door.sendmail(
                ANNA, [ADDRESSES["europe"]], mail(ANNA, "By LMTP", "Org ID: 60031122399\nIt fails.")
            )
        assert refused.value.smtp_code == 451
        assert daemon.health()[0], "slow is not ill"
        at_work.set()
        town.settled(MAILS, 240)
        with smtplib.LMTP("127.0.0.1", town.lmtp_port) as door:
            door.sendmail(
                ANNA, [ADDRESSES["europe"]], mail(ANNA, "By LMTP", "Org ID: 60031122399\nIt fails.")
            )
        town.settled(MAILS + 1)
    assert Counter(m.fate for m in town.mails()) == {"ticket": MAILS + 1}
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken)
    assert set(sent.values()) == {1}
    assert not town.inbox() and len(town.inbox(folder="Triaged")) == MAILS
