"""Several daemons on one database: nothing lost, nothing done twice, whoever is killed (promise 4)."""

from __future__ import annotations

import collections
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from tests.store.samples import NOW, arrival
from triaged.store import Fate, Store
from triaged.store.rows import Finished

MAILS = 2000
ROOT = Path(__file__).parents[2]

WORKER = """
import sys, time
from datetime import timedelta
from tests.store.samples import NOW, new_ticket
from triaged.store import Store, Fate
from triaged.store.rows import Finished

url, owner, dies = sys.argv[1], sys.argv[2], sys.argv[3] == "dies"
store = Store.open(url)
finished = 0
while claimed := store.claim_mail(25, NOW, owner, timedelta(minutes=5)):
    if dies and finished:
        print("holding", len(claimed), flush=True)
        time.sleep(600)  # killed here, with mails in hand
    with store.transaction() as tx:
        for mail in claimed:
            ticket = tx.open_ticket(new_ticket(subject=str(mail.id)))
            told = Finished(mail_id=mail.id, fate=Fate.TICKET, kind="request", why=owner, ticket_id=ticket.id)
            tx.finish_mail(told, owner, NOW)
    finished += len(claimed)
print("finished", finished, flush=True)
"""


def worker(url: str, owner: str, dies: bool = False) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WORKER, url, owner, "dies" if dies else "lives"]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def told(process: subprocess.Popen[str]) -> tuple[str, int]:
    assert process.stdout is not None
    word, number = process.stdout.readline().split()
    return word, int(number)


def test_four_claim_and_one_is_killed_with_mails_in_hand(store: Store, url: str) -> None:
    for first in range(1, MAILS, 500):
        store.keep(
            [arrival(number, raw=b"A: 1\r\n\r\nsame\r\n") for number in range(first, first + 500)], now=NOW
        )
    victim = worker(url, "victim", dies=True)
    assert told(victim) == ("holding", 25)
    others = [worker(url, f"worker-{number}") for number in range(3)]
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert sum(told(one)[1] for one in others) == MAILS - 50  # the victim finished 25 and held 25
    assert {one.wait() for one in others} == {0}

    assert store.claim_mail(100, NOW, "early", _lease()) == []  # the dead one's lease holds until it ends
    left = store.claim_mail(100, NOW + _lease(), "late", _lease())
    assert [mail.runs for mail in left] == [2] * 25
    with store.transaction() as tx:
        for mail in left:
            tx.finish_mail(
                Finished(mail_id=mail.id, fate=Fate.TICKET, kind="request", why="late"), "late", NOW
            )

    rows = list(store.each_mail())
    assert len(rows) == MAILS and {row.fate for row in rows} == {Fate.TICKET}
    assert collections.Counter(row.runs for row in rows) == {1: MAILS - 25, 2: 25}
    tickets = [ticket.subject for ticket in store.each_ticket()]
    assert len(tickets) == len(set(tickets)) == MAILS - 25  # the test's own last 25 opened none


def _lease():  # type: ignore[no-untyped-def]
    from datetime import timedelta

    return timedelta(minutes=5)


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(store: Store, url: str) -> None:
    store.keep([arrival(1)], now=NOW)
    script = WORKER.replace("    finished += len(claimed)\n", "").replace(
        "ticket_id=ticket.id)",
        'ticket_id=ticket.id)\n            print("inside 1", flush=True); time.sleep(600)',
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, url, "victim", "lives"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert told(process) == ("inside", 1)
    process.kill()
    process.wait()
    _until_the_server_noticed(store)
    assert store.tickets() == []
    assert [mail.id for mail in store.claim_mail(1, NOW + _lease(), "next", _lease())] == [1]


def _until_the_server_noticed(store: Store) -> None:
    """PostgreSQL sees a dead client when it next looks at the socket; its locks hold until then."""
    while store.dialect == "postgresql":
        with store._reading() as connection:
            held = connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
        if not held:
            return
        time.sleep(0.05)
