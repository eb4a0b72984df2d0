"""After a refusal the line is as good as new: the server is told to forget the letter it did not take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from tests.outbox.conftest import Clock
from tests.said import figure, listening
from tests.servers.smtp_sink import Sink
from triaged.metrics import Metrics
from triaged.outbox import unwritten
from triaged.outbox.sending import MailboxSender, send_due
from triaged.store import Store, Unavailable


@pytest.mark.parametrize(
    ("refused", "state"),
    [
        ({"354": "554 5.7.1 not from you"}, "failed"),
        ({"354": "451 4.3.0 later"}, "waiting"),
        ({"anna@oakbridge.example": "550 5.1.1 unknown"}, "failed"),
        ({"DATA": "554 5.6.0 not such a mail"}, "failed"),
    ],
)
def test_what_was_refused_costs_the_next_letter_nothing(
    store: Store,
    sink: Sink,
    clock: Clock,
    write: Callable[..., str],
    make_sender: Callable[..., MailboxSender],
    refused: dict[str, str],
    state: str,
) -> None:
    write()
    sender, before = make_sender(), sink.connections
    sink.answers |= refused
    plain = sender.leaving
    seen: list[int] = []

    def one_by_one(*given: object) -> object:
        if seen:
            sink.answers.clear()  # from the second letter on the server is content
        seen.append(1)
        return plain(*given)  # type: ignore[arg-type]

    write(to=("ben@oakbridge.example",))
    sender.leaving = one_by_one  # type: ignore[assignment]
    with listening() as said:
        sender.send_once()
    assert [one.rcpt_to for one in sink.taken] == [("ben@oakbridge.example",)]
    assert [one.state for one in sorted(store.letters(), key=lambda x: x.id)] == [state, "sent"]
    assert len(said.of("letter.sent")) == 1 and sink.connections == before + 1, "on the same connection"


def test_an_outage_is_counted_and_told_once_for_all_letters(
    store: Store,
    sink: Sink,
    write: Callable[..., str],
    make_sender: Callable[..., MailboxSender],
    metrics: Metrics,
    clock: Clock,
) -> None:
    for _ in range(3):
        write()
    sink.answers["MAIL"] = "421 4.3.2 shutting down"
    with pytest.raises(Exception, match="421"):
        make_sender().send_once()
    assert figure(metrics.text(), "triaged_letters_total", outcome="outage") == 1
    assert store.notes()["smtp:global"].value["ok"] is False
    sink.answers.clear()
    clock.now += timedelta(hours=1)
    make_sender().send_once()
    assert figure(metrics.text(), "triaged_letters_total", outcome="sent") == 3


# -- the end -------------------------------------------------------------------------------------------


class Gone:
    """A write that the database does not take, so often."""

    def __init__(self, times: int) -> None:
        self.times, self.written = times, 0

    def __call__(self) -> None:
        if self.times:
            self.times -= 1
            raise Unavailable("the database is away")
        self.written += 1


@pytest.mark.parametrize("times", [0, 1, 1000])
def test_what_could_not_be_written_before_the_end_is_told(
    make_sender: Callable[..., MailboxSender], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unwritten, "_LAST_SECONDS", 0.1 if times > 1 else 60.0)
    sender, write = make_sender(), Gone(times)
    sender._unwritten.keep(write)
    sender._unwritten.keep(lambda: None)
    with listening() as said:
        sender.close()
    lost = [one["error"] for one in said.of("daemon.loop_failed")]
    assert write.written == (0 if times > 1 else 1)
    assert lost == (["the database is away: what became of 2 letters is not written"] if times > 1 else [])


def test_what_a_database_may_have_forgotten_is_written_again_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, noted, lasting = unwritten.Unwritten(threading.Event()), list[str](), list[str]()
    kept.write(lambda: noted.append("n"), lasting=False)
    kept.write(lambda: lasting.append("l"))
    kept.doubt()
    kept.settle()
    assert (noted, lasting) == (["n", "n"], ["l"])
    kept.doubt()
    kept.settle()
    assert len(noted) == 2, "what was written again is not doubted twice"
    now = [100.0]
    monkeypatch.setattr(unwritten, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda _: None))
    for text in "ab":
        kept.write(partial(noted.append, text), lasting=False)
        now[0] += 6
    kept.doubt()
    assert len(kept) == 1, "the first was written 12 seconds ago"
    kept.settle()
    assert noted == ["n", "n", "a", "b", "b"]


def test_no_senders_send_nothing() -> None:
    assert send_due([]) == 0
