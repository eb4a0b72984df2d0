"""`kill -9` at every point of the walk, then a restart: nothing lost, nothing doubled (promises 1 to 4)."""

from __future__ import annotations

import signal
import smtplib
import time
from collections import Counter

import pytest

from tests.e2e import doomed
from tests.e2e.town import ADDRESSES, ANNA, Town, mail, parsed

MAILS = 6
MAY_DOUBLE = {"sent, not recorded"}


def _mails() -> list[bytes]:
    return [
        mail(ANNA, f"Case {n}", f"Org ID: 6003112239{n}\nThe export of case {n} fails.") for n in range(MAILS)
    ]


def _dies(town: Town, point: str, count: int) -> None:
    """A daemon in a process of its own meets its end at the point."""
    town.written()
    process = doomed.started(town.path, town.clock(), point, count)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL, f"it did not come to the point: {process.exitcode}"


def _everything_once(town: Town, point: str) -> None:
    mails = town.settled(MAILS)
    assert [(m.fate, m.duplicate_of) for m in mails] == [("ticket", None)] * MAILS
    assert sorted(t.subject for t in town.tickets()) == [f"Case {n}" for n in range(MAILS)]
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken if ANNA in one.rcpt_to)
    assert len(sent) == MAILS
    doubled = [count for count in sent.values() if count > 1]
    assert doubled == ([2] if point in MAY_DOUBLE else [])


@pytest.mark.parametrize("point", doomed.POINTS)
def test_a_kill_loses_nothing_and_doubles_nothing(town: Town, point: str) -> None:
    town.arrives(*_mails())
    _dies(
        town,
        point,
        1 if doomed.POINTS[point][1] in {"", "Keep", "MailWork", "Pen", "Transaction"} else 1 + MAILS % 2,
    )
    town.leases_run_out()
    with town.daemon():
        _everything_once(town, point)
    assert town.inbox() == []
    assert len(town.inbox(folder="Triaged")) == MAILS


@pytest.mark.parametrize("point", ["half of the batch recorded", "sent, not recorded", "placed"])
def test_a_kill_in_the_middle_of_a_batch_too(town: Town, point: str) -> None:
    town.arrives(*_mails())
    _dies(town, point, 3)
    town.leases_run_out()
    with town.daemon():
        _everything_once(town, point)


def test_a_kill_between_keeping_and_the_250_is_sent_again_and_is_one_ticket(town: Town) -> None:
    sent = mail(ANNA, "By LMTP", "Org ID: 60031122399\nThe export fails.")
    town.written()
    process = doomed.started(town.path, town.clock(), "kept, not moved on the server", 1)
    with pytest.raises((smtplib.SMTPException, OSError)):
        _hand_over(town, sent)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    town.leases_run_out()
    with town.daemon():
        _hand_over(town, sent)  # as every mail server does
        town.settled(2)
    assert len(town.tickets()) == 1
    assert len(town.letters(ANNA)) == 1


def _hand_over(town: Town, raw: bytes) -> None:
    for patience in range(600):
        try:
            with smtplib.LMTP("127.0.0.1", town.lmtp_port) as door:
                door.sendmail(ANNA, [ADDRESSES["europe"]], raw)
            return
        except ConnectionRefusedError:
            assert patience < 599
            time.sleep(0.05)
