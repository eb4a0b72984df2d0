"""The database is away, full of clients, or lost behind the network, under load. What else stands is in tests/store."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack

import psycopg
import pytest

from tests.e2e.town import ADDRESSES, ANNA, Town, mail, parsed
from tests.intake.scene import eventually
from tests.servers.postgres import Postgres

CASES = 6


def _mails(first: int) -> list[bytes]:
    return [
        mail(ANNA, f"Case {n}", f"Org ID: 6003112{n:04}\nThe export fails.")
        for n in range(first, first + CASES)
    ]


def _all_once(town: Town, count: int) -> None:
    town.settled(count, 90)
    assert sorted(t.subject for t in town.tickets()) == sorted(f"Case {n}" for n in range(count))
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in town.sink.taken if ANNA in one.rcpt_to)
    assert set(sent.values()) == {1} and len(sent) == count


def test_a_server_without_a_connection_left_costs_patience_and_no_mail(
    shared: Town, postgres: Postgres
) -> None:
    shared.arrives(*_mails(0))
    with shared.daemon(), ExitStack() as hogs:
        shared.settled(CASES, 60)
        url = shared.database
        with pytest.raises(psycopg.OperationalError):
            for _ in range(400):
                hogs.enter_context(psycopg.connect(url))
        shared.arrives(*_mails(CASES), at="global")
        time.sleep(4)
        hogs.close()
        _all_once(shared, 2 * CASES)


@pytest.mark.parametrize("hard", [True, False], ids=["crash", "stopped in order"])
def test_postgresql_restarted_under_load_costs_no_mail_and_no_second_letter(
    shared: Town, postgres: Postgres, hard: bool
) -> None:
    with shared.daemon():
        eventually(lambda: shared.store.mailbox_states(), 40)
        for turn in range(3):
            shared.arrives(*_mails(turn * CASES), at=list(ADDRESSES)[turn % 2])
            time.sleep(0.3)
            postgres.stop(hard=hard)
            time.sleep(0.5)
            postgres.start()
        eventually(lambda: _answers(shared), 30)
        shared.settled(3 * CASES, 120)
    assert sorted(t.subject for t in shared.tickets()) == sorted(f"Case {n}" for n in range(3 * CASES))
    sent = Counter(str(parsed(one.raw)["Message-ID"]) for one in shared.sink.taken if ANNA in one.rcpt_to)
    assert len(sent) == 3 * CASES


def _answers(town: Town) -> bool:
    try:
        town.store.ping()
    except Exception:
        return False
    return True
