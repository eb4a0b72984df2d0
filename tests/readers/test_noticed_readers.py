"""How mails are handed to a reader, and what is said of one that gave no answer."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tests.readers.test_readers import SURROUNDINGS, mail, one, subjects
from triaged.errors import Faulty
from triaged.readers import pool
from triaged.readers.pool import Readers
from triaged.reading.values import Door

__all__ = ["one"]  # a fixture


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([], 0),
        ([10], 1),
        ([11], 1),  # one at least, however large
        ([5, 5], 2),
        ([5, 6], 1),
        ([11, 1], 1),
        ([3, 3, 3, 3, 3], 3),
        ([10, 0, 0], 3),
    ],
)
def test_a_portion_is_as_many_mails_as_have_room_and_one_at_least(
    monkeypatch: pytest.MonkeyPatch, sizes: list[int], count: int
) -> None:
    monkeypatch.setattr(pool, "PORTION", 10)
    mails = [(b"x" * size, Door()) for size in sizes]
    assert pool._portion(mails) == mails[:count]


def test_a_mail_at_which_a_reader_dies_twice_is_read_by_its_headers_and_told_why(
    one: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once somebody else may have killed it."""
    (worker,) = one._crew._workers
    plain, died = worker._send, list[int]()

    def send(wanted: str, given: Any) -> bool:
        if wanted == "read" and given and b"Case 2" in given[0][0]:
            died.append(worker._process.pid)
            os.kill(worker._process.pid, signal.SIGKILL)
            worker._process.join()
        return plain(wanted, given)

    monkeypatch.setattr(worker, "_send", send)
    monkeypatch.setattr(pool, "PORTION", 1)  # each by itself
    read = one.read([mail(1), mail(2), mail(3)])
    assert subjects(read) == ["Case 1", "Case 2", "Case 3"] and len(set(died)) == 2
    assert [(reading.late, bool(reading.text)) for reading in read] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert [d for reading in read for d in reading.defects] == [
        "only the headers are read",
        "not read: the reader process died (-9)",
    ]


def test_readers_that_are_closed_say_so_and_their_processes_are_gone() -> None:
    held = Readers(SURROUNDINGS, workers=2)
    held.ready()
    processes = [worker._process for worker in held._crew._workers]
    assert len({process.pid for process in processes}) == 2
    held.close()
    assert [worker._process for worker in held._crew._workers] == [None, None] and not held._crews
    with pytest.raises(Faulty, match="the readers are closed"):
        held.read([mail(1)])
    with pytest.raises(Faulty, match="the readers are closed"):
        held.replace(SURROUNDINGS)
