"""The log: one event a line whatever a peer says, and not so many lines that he could fill the disk."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from triaged import maillog

SAID = "550 no\r\nmail.kept mailbox=forged \x1b[2J\x9b31m\u202egnp"


@pytest.fixture(params=["plain", "json"])
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to standard error in each form."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for handler in handlers:
        root.removeHandler(handler)
    monkeypatch.setattr("sys.stderr", stream)
    maillog.begin("info", request.param)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_a_servers_words_forge_no_line_and_drive_no_terminal(log: io.StringIO) -> None:
    maillog.letter_failed(7, "acknowledgment", SAID)
    logging.getLogger("some.library").error("met %s", SAID)
    told = log.getvalue()
    assert len(told.splitlines()) == 2
    assert not set(told) & set("\x1b\x9b\r\u202e")
    assert "\\u202e" in told


def test_a_traceback_is_one_line_of_bounded_length(log: io.StringIO) -> None:
    def deeper(left: int) -> None:
        if left:
            deeper(left - 1)
        raise ValueError("x" * 100_000)

    try:
        deeper(200)
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
    (line,) = log.getvalue().splitlines()
    assert len(line) < 6000


def test_a_peer_that_is_refused_without_end_does_not_fill_the_log(log: io.StringIO) -> None:
    for number in range(10_000):
        maillog.refused("smtp", f"no such mailbox {number}")
        logging.getLogger("asyncio").error("refused %d", number)
    assert len(log.getvalue().splitlines()) <= 80
    maillog.refused("lmtp", "one door's flood does not silence another")
    assert "lmtp" in log.getvalue().splitlines()[-1]
    maillog.quarantined(1, "our own events are all told")
    assert "mail.quarantined" in log.getvalue().splitlines()[-1]


def test_what_was_left_out_is_counted_in_the_next_line() -> None:
    at = [0.0]
    spare = maillog._Sparing(lambda: at[0])

    def told() -> logging.LogRecord | None:
        record = logging.LogRecord("triaged", logging.WARNING, "", 0, "door.refused", (), None)
        return record if spare.filter(record) else None

    assert sum(told() is not None for _ in range(100)) == 30
    at[0] = 61.0
    record = told()
    assert record is not None and json.dumps(record.__dict__["what"]) == '{"left_out": 70}'
    assert (again := told()) is not None and not hasattr(again, "what")


@pytest.mark.parametrize(
    ("level", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3), ("critical", 2)]
)
def test_under_journald_a_line_has_its_priority_and_no_time(
    level: str, priority: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, root = io.StringIO(), logging.getLogger()
    handlers, before = list(root.handlers), root.level
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    try:
        maillog.begin("debug", "auto")
        logging.getLogger("triaged.x").log(logging.getLevelName(level.upper()), "said %s", "it")
        maillog.begin("debug", "plain")
        maillog.kept("global", "imap", 3)
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
    first, second = stream.getvalue().splitlines()
    assert first == f"<{priority}>said it"
    assert second.endswith(" info mail.kept mailbox=global door=imap count=3") and second[:4].isdigit()
