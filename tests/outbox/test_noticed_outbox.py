"""After a refusal the line is as good as new: the server is told to forget the letter it did not take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.outbox.conftest import Clock
from tests.said import figure, listening
from tests.servers.smtp_sink import Sink
from triaged.metrics import Metrics
from triaged.outbox.sending import MailboxSender
from triaged.store import Store


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
