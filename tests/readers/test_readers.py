"""Readers: whatever a mail does to its worker, every mail gets a Reading, and the mails behind it too."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import fresh
from triaged.errors import Faulty
from triaged.readers import pool
from triaged.readers.pool import InlineReaders, Readers
from triaged.reading.values import Door, Limits, Service, Surroundings

SURROUNDINGS = Surroundings(
    support_addresses=frozenset({"partner-support@zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example"}),
    services=(Service("Zoho CRM", ("CRM",)),),
    limits=Limits(seconds=1.0),
)
HEAD = "From: Anna <anna@oakbridge.example>\nTo: partner-support@zohocorp.com\nMessage-ID: <{0}@oakbridge.example>\nSubject: Case {0}\n"


def mail(
    number: int, body: str = "The leads view of Zoho CRM is empty.\nZOID: 60031122334\n"
) -> tuple[bytes, Door]:
    return (HEAD.format(number) + "\n" + body).encode(), Door()


def endless(number: int) -> tuple[bytes, Door]:
    """A mail that takes many times its deadline: bare newlines, which the parser takes one by one."""
    return mail(number, "\n" * 20_000_000)


def workers() -> list[int]:
    return [
        child.pid
        for child in multiprocessing.active_children()
        if child.name == "triaged-reader" and child.pid
    ]


def of(held: Readers) -> set[int]:
    """Its own workers; other tests of this process may keep readers too."""
    return {worker._process.pid for worker in held._crew._workers}


@pytest.fixture(scope="module")
def one() -> Iterator[Readers]:
    held = Readers(SURROUNDINGS)
    held.ready()
    yield held
    held.close()


def test_whoever_comes_after_the_close_is_told_and_does_not_wait_for_ever() -> None:
    held = Readers(SURROUNDINGS)
    held.give_up()
    held.close()
    with pytest.raises(Faulty, match="closed"):
        held.submit([mail(1)]).result(5)
    with pytest.raises(Faulty, match="closed"):
        held.replace(SURROUNDINGS)


def test_a_batch_given_up_fails_and_no_process_is_left() -> None:
    held = Readers(SURROUNDINGS)
    held.ready()
    (process,) = of(held)
    os.kill(process, signal.SIGSTOP)  # at a mail that never ends
    waiting = [held.submit([mail(n)]) for n in range(3)]
    held.give_up()
    for batch in waiting:
        with pytest.raises(Faulty, match="closed"):
            batch.result(10)
    held.close()
    assert process not in workers()


def subjects(held: list[pool.Reading]) -> list[str]:
    return [reading.subject for reading in held]


def test_readings_come_in_the_order_of_the_mails_from_several_workers_and_batches() -> None:
    others = set(workers())
    held = Readers(SURROUNDINGS, workers=2)
    batches = [held.submit([mail(10 * batch + n) for n in range(10)]) for batch in range(6)]
    read = [held.result(batch) for batch in batches]
    assert [s for batch in read for s in subjects(batch)] == [f"Case {n}" for n in range(60)]
    assert {r.identifiers.zoid for batch in read for r in batch} == {("60031122334",)}
    assert len(set(workers()) - others) == 2
    held.close()
    assert set(workers()) == others


def test_a_mail_past_its_deadline_is_read_by_its_headers_and_holds_up_nobody(one: Readers) -> None:
    read = one.read([mail(1), endless(2), mail(3)])
    assert subjects(read) == ["Case 1", "Case 2", "Case 3"]
    assert [bool(r.text) for r in read] == [True, False, True]
    assert any("took over 1 s" in defect for defect in read[1].defects)
    assert read[1].sender.address == "anna@oakbridge.example"
    assert read[1].message_id == "<2@oakbridge.example>"


def test_a_worker_that_hangs_beyond_help_is_replaced(one: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = one._crew._workers[0]._process.pid
    monkeypatch.setattr(one._crew._workers[0], "_seconds", 2.0)  # the daemon's patience, not the worker's
    os.kill(stuck, signal.SIGSTOP)
    read = one.read([mail(1), mail(2)])
    assert subjects(read) == ["Case 1", "Case 2"]
    assert any("not read: reading took over" in defect for defect in read[0].defects)
    assert read[0].sender.address == "anna@oakbridge.example"
    assert not read[1].defects
    assert one._crew._workers[0]._process.pid != stuck


def test_a_worker_killed_at_work_costs_one_mail_at_most(one: Readers) -> None:
    batch = one.submit([mail(0), endless(1), *(mail(n) for n in range(2, 12))])
    time.sleep(0.4)  # into the endless one
    os.kill(one._crew._workers[0]._process.pid, signal.SIGKILL)
    read = one.result(batch)
    assert subjects(read) == [f"Case {n}" for n in range(12)]
    assert sum(any("not read" in d for d in r.defects) for r in read) <= 1
    assert [bool(r.text) for r in read] == [True, False] + [True] * 10


def test_a_worker_killed_while_idle_costs_nothing(one: Readers) -> None:
    os.kill(one._crew._workers[0]._process.pid, signal.SIGKILL)
    assert not any(reading.defects for reading in one.read([mail(1), mail(2)]))


def test_the_next_batch_may_be_given_before_the_last_is_taken(one: Readers) -> None:
    first, second = one.submit([mail(1)]), one.submit([mail(2)])
    assert subjects(one.result(second)) == ["Case 2"]
    assert subjects(one.result(first)) == ["Case 1"]


def test_a_batch_larger_than_a_portion_is_read_whole(one: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PORTION", 300)
    assert subjects(one.read([mail(n) for n in range(7)])) == [f"Case {n}" for n in range(7)]


def test_replacing_swaps_the_workers_whole(one: Readers) -> None:
    assert one.read([mail(1)])[0].service == "Zoho CRM"
    before = of(one)
    one.replace(Surroundings(support_addresses=SURROUNDINGS.support_addresses))
    assert one.read([mail(1)])[0].service is None
    assert not before & of(one)
    one.replace(SURROUNDINGS)


def test_a_model_that_cannot_be_loaded_is_refused_and_the_old_readers_stay(
    one: Readers, tmp_path: Path
) -> None:
    before = of(one)
    with pytest.raises(Faulty):
        one.replace(SURROUNDINGS, tmp_path / "none")
    assert of(one) == before
    assert subjects(one.read([mail(1)])) == ["Case 1"]
    broken = Readers(SURROUNDINGS, tmp_path / "none")
    with pytest.raises(Faulty):
        broken.ready()
    with pytest.raises(Faulty):
        broken.read([mail(1)])
    broken.close()


def test_an_empty_batch_is_an_empty_answer(one: Readers) -> None:
    assert one.read([]) == []


def test_inline_readers_say_the_same(one: Readers) -> None:
    mails = [
        mail(1),
        mail(2, "Danke, alles läuft wieder.\n"),
        (b"", Door()),
        (b"\xff\x00", Door(behind_mta=False)),
    ]
    assert InlineReaders(SURROUNDINGS).read(mails) == one.read(mails)


def test_inline_readers_keep_the_deadline_too() -> None:
    read = InlineReaders(SURROUNDINGS).read([endless(1), mail(2)])
    assert subjects(read) == ["Case 1", "Case 2"]
    assert any("took over 1 s" in defect for defect in read[0].defects)


def test_a_reader_is_one_process_and_brings_no_helper_with_it() -> None:
    before = _children()  # other tests of this process may have started a tracker
    held = Readers(SURROUNDINGS)
    try:
        held.ready()
        (pid,) = of(held)
        new = {child: name for child, name in _children().items() if child not in before}
        assert pid in new and not any(b"resource_tracker" in name for name in new.values())
    finally:
        held.close()


def _children() -> dict[int, bytes]:
    """This process's children and their command lines."""
    mine = {int(p) for task in Path("/proc/self/task").glob("*/children") for p in task.read_text().split()}
    return {one: place.read_bytes() for one in mine if (place := Path(f"/proc/{one}/cmdline")).exists()}


def test_the_daemon_loads_neither_what_takes_mail_apart_nor_numpy() -> None:
    spared = {
        *("triaged.reading.read", "triaged.reading.mime.message", "triaged.readers.process", "numpy", "mailparser"),
        *("selectolax", "py3langid", "skops", "sklearn", "sqlalchemy.orm", "alembic", "starlette", "aiosmtpd", "babel"),
        *("cryptography", "icalendar", "apprise", "authlib"),
    }  # fmt: skip
    loaded = fresh.run("import triaged.daemon.daemon").modules
    assert "triaged.daemon.daemon" in loaded and not spared & loaded


def test_the_models_of_a_rulebook_are_built_when_one_is_read_and_not_before() -> None:
    program = (
        "import triaged.daemon.daemon; from triaged.rulebook.specs import RuleSpec, ServiceSpec, TestSpec;"
        "print([one.__pydantic_complete__ for one in (RuleSpec, ServiceSpec, TestSpec)])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[False, False, False]"


def test_a_reader_is_ready_before_it_is_warm_and_its_first_mail_waits_for_that() -> None:
    """Unpacking the table of languages is on no mail's deadline, nor on the daemon's way to READY."""
    held = Readers(SURROUNDINGS)
    try:
        held.ready()
        (worker,) = held._crew._workers
        assert not worker._warm
        (reading,) = held.read([mail(1)])
        assert worker._warm
        assert reading.language == "en" and not reading.defects
    finally:
        held.close()


def test_a_reader_that_nobody_asked_is_closed_before_it_is_warm() -> None:
    held = Readers(SURROUNDINGS)
    held.ready()
    (pid,) = of(held)
    held.close()
    assert not Path(f"/proc/{pid}").exists()


def test_a_reader_that_dies_while_it_warms_up_is_replaced() -> None:
    held = Readers(SURROUNDINGS)
    try:
        held.ready()
        (pid,) = of(held)
        os.kill(pid, signal.SIGKILL)
        (reading,) = held.read([mail(1)])
        assert not reading.defects and of(held) != {pid}
    finally:
        held.close()


def test_a_reader_keeps_only_what_its_mail_touches(one: Readers) -> None:
    """133 MB at rest before the tables of the languages were mapped; 300 with skops and scikit-learn."""
    one.read([mail(1)])
    (pid,) = of(one)
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    held = sum(int(line.split()[1]) for line in lines if line.startswith(("Anonymous:", "Swap:")))
    assert held < 90 * 1024, f"{held} kB"
