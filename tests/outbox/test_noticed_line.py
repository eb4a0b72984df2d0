"""What each answer of a server means for a letter and for the line; and what is asked before a letter leaves."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.outbox.test_line import ANNA, ME, Make, send, servers, talk
from tests.servers.smtp_sink import Sink
from tests.tickets.world import at, promises, ticket
from triaged.config.servers import Smtp
from triaged.errors import Permanent, Temporary
from triaged.outbox import smtp
from triaged.outbox.may_leave import by_ticket, is_urgent
from triaged.outbox.smtp import Late, Line, Lost, Outage
from triaged.store.rows import OutboxLetter
from triaged.tickets.ticket import State, Ticket
from triaged.vocabulary import Severity

__all__ = ["servers", "talk"]  # fixtures
BEN = "ben@oakbridge.example"


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("MAIL", "550 5.7.60 not as this sender", Outage),
        ("MAIL", "452 4.3.1 full", Outage),
        ("MAIL", "400 later", Outage),
        ("MAIL", "552 5.3.4 too large", Permanent),
        ("MAIL", "555 5.5.4 parameters", Permanent),
        ("MAIL", "354 what?", Outage),
        *(("RCPT", f"{code} x", Outage) for code in (421, 432, 454, 530, 534, 535, 538, 354, 252)),
        ("RCPT", "450 4.2.1 greylisted", Temporary),
        ("RCPT", "451 4.3.0 later", Temporary),
        ("RCPT", "451 4.3.1 full", Outage),
        ("RCPT", "451 4.3.2 closing", Outage),
        ("RCPT", "451 4.3.3 not capable", Temporary),
        ("RCPT", "451 4.3.21 x", Temporary),
        ("RCPT", "451 4.7.500 busy", Outage),
        ("RCPT", "451 4.7.650 throttled", Outage),
        ("RCPT", "451 4.7.450 x", Temporary),
        ("RCPT", "499 x", Temporary),
        ("RCPT", "500 5.5.1 what?", Permanent),
        ("RCPT", "550 5.3.2 x", Permanent),
        ("DATA", "451 4.3.0 later", Temporary),
        ("DATA", "554 5.6.0 no", Permanent),
        ("DATA", "250 what?", Outage),
        ("END", "452 4.2.2 over quota", Temporary),
        ("END", "554 5.6.0 no", Permanent),
        ("END", "421 4.3.2 closing", Outage),
        ("END", "354 what?", Outage),
        ("END", "150 what?", Lost),
    ],
)  # fmt: skip
def test_what_an_answer_means_for_the_letter_and_the_line(
    talk: Make, verb: str, answer: str, kind: type
) -> None:
    line, server = talk(**{verb: answer})
    with pytest.raises(Temporary if kind is not Permanent else Permanent) as told:
        send(line)
    assert type(told.value) is kind
    words = f"the server's answer makes no sense: {answer}" if kind is Lost else answer
    assert str(told.value) == words
    dead = kind in (Outage, Lost)
    assert (line.worn, line.carried) == (dead, 0)
    assert len(server.said(b"RSET")) == (0 if dead else 1)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "END"])
def test_a_letter_that_was_taken_is_carried_by_a_line_that_goes_on(talk: Make, verb: str) -> None:
    line, server = talk(**({verb: "251 2.1.5 forwarded"} if verb in ("RCPT", "END") else {}))
    for number in (1, 2):
        assert send(line) == {}
        assert (line.carried, line.worn) == (number, False)
    assert server.said(b"RSET") == []


@pytest.mark.parametrize("ours", [(False,), (True, False)], ids=["before DATA", "before the letter"])
def test_what_may_be_anothers_by_now_is_not_handed_over(talk: Make, ours: tuple[bool, ...]) -> None:
    line, server = talk()
    answers = iter(ours)
    with pytest.raises(Late, match="claimed too long ago"):
        line.send(ME, [ANNA], [], b"x\r\n", patient=True, ours=lambda: next(answers))
    # No word takes back DATA: then the line ends with it
    begun = len(ours) == 2
    assert (len(server.said(b"DATA")), line.worn, len(server.said(b"RSET"))) == (begun, begun, not begun)


@pytest.mark.parametrize(
    ("to", "cc", "patient", "refused", "outcome"),
    [
        ([ANNA], [BEN], True, {BEN: "550 no"}, {BEN: "550 no"}),
        ([ANNA], [BEN], True, {BEN: "450 later"}, Temporary("450 later")),
        ([ANNA], [BEN], False, {BEN: "450 later"}, {BEN: "450 later"}),
        ([ANNA], [BEN], False, {ANNA: "450 later"}, Temporary("450 later")),
        ([ANNA], [BEN], False, {ANNA: "550 no"}, Permanent("550 no")),
        ([ANNA, BEN], [], False, {ANNA: "550 no"}, {ANNA: "550 no"}),
        ([ANNA, BEN], [], False, {ANNA: "550 no", BEN: "450 later"}, Temporary("450 later")),
        ([ANNA, BEN], [ANNA], True, {ANNA: "551 moved", BEN: "550 no"}, Permanent("551 moved")),
        ([ANNA], [BEN], True, {BEN: "421 bye"}, Outage("421 bye")),
    ],
)
def test_whom_a_letter_goes_to_and_when_it_waits_for_all(
    sink: Sink, to: list[str], cc: list[str], patient: bool, refused: dict[str, str], outcome: Any
) -> None:
    sink.answers |= refused
    line = Line(Smtp.model_validate({"host": "127.0.0.1", "port": sink.port, "tls": "none"}))
    try:
        found: Any = line.send(ME, to, cc, b"x\r\n", patient=patient)
    except (Temporary, Permanent) as error:
        found = error
    line.close()
    assert (type(found), str(found)) == (type(outcome), str(outcome))
    got = tuple(one for one in (*to, *cc) if one not in refused)
    assert [one.rcpt_to for one in sink.taken] == ([got] if isinstance(outcome, dict) else [])


def test_a_line_is_worn_after_so_many_letters_or_so_long(talk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LETTERS_A_CONNECTION", 2)
    line, _ = talk(RCPT="550 no")
    for worn in (False, True):
        with pytest.raises(Permanent):
            send(line)
        assert line.worn is worn
    fresh, _ = talk()
    for seconds, worn in ((30.0, False), (60.0, True)):
        monkeypatch.setattr(fresh, "_opened", time.monotonic() - seconds)
        assert fresh.worn is worn


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [
        (550, b"5.1.1  no\r\nsuch \t user", "550 5.1.1 no such user"),
        (451, "lat\u00e9r", "451 lat\u00e9r"),
        (550, b"\xff", "550 \ufffd"),
        (550, "x" * 400, "550 " + "x" * 296),
    ],
)
def test_what_a_server_said_is_told_on_one_line_of_three_hundred_characters(
    code: int, answer: Any, words: str
) -> None:
    assert smtp._words(code, answer) == words


@pytest.mark.parametrize(
    ("raw", "wire"),
    [
        (b"a\r\n.b\r\n..c\r\nd.\r\n", b"a\r\n..b\r\n...c\r\nd.\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
    ],
)
def test_a_letter_stands_on_the_wire_with_its_dots_doubled_and_its_end(raw: bytes, wire: bytes) -> None:
    assert smtp._dotted(raw) == wire


# -- before it leaves ----------------------------------------------------------------------------------

NOW = at("2026-11-23 09:00")
MINUTE, TICK = timedelta(minutes=1), timedelta(microseconds=1)


class Shelf:
    """Tickets by number."""

    def __init__(self, *tickets: Ticket) -> None:
        self.kept, self.asked = {one.id: one for one in tickets}, list[int]()

    def ticket(self, ticket_id: int) -> Ticket | None:
        self.asked.append(ticket_id)
        return self.kept.get(ticket_id)


def letter(kind: str, age: timedelta = 2 * MINUTE, ticket_id: int | None = 42) -> OutboxLetter:
    given: dict[str, Any] = dict.fromkeys(OutboxLetter.__dataclass_fields__)
    told: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "key": f"{kind}@1",
        "ticket_id": ticket_id,
        "written_at": NOW - age,
    }
    return OutboxLetter(**(given | told))


@pytest.mark.parametrize(
    ("severity", "state", "urgent"),
    [
        (Severity.S1, State.NEW, True),
        (Severity.S1, State.OPEN, True),
        (Severity.S1, State.WAITING, True),
        (Severity.S1, State.RESOLVED, False),
        (Severity.S1, State.CLOSED, False),
        (Severity.S2, State.OPEN, False),
    ],
)
def test_a_letter_of_an_open_s1_is_urgent(severity: Severity, state: State, urgent: bool) -> None:
    shelf = Shelf(replace(ticket(NOW), severity=severity, state=state))
    assert is_urgent(shelf)(letter("answer")) is urgent
    assert not is_urgent(shelf)(letter("answer", ticket_id=None))
    assert not is_urgent(shelf)(letter("answer", ticket_id=43))
    assert shelf.asked == [42, 43]


@pytest.mark.parametrize(
    ("kind", "age", "ticket_id", "asks"),
    [
        ("progress_update", MINUTE, 42, True),
        ("progress_update", MINUTE - TICK, 42, False),
        ("progress_update", 2 * MINUTE, None, False),
        ("acknowledgment", 2 * MINUTE, 42, False),
        ("waiting_reminder", 0 * MINUTE, 42, True),
    ],
)
def test_a_ticket_is_asked_about_a_letter_that_is_a_minute_old_or_soon_void(
    kind: str, age: timedelta, ticket_id: int | None, asks: bool
) -> None:
    shelf = Shelf(replace(ticket(NOW), state=State.CLOSED, closed_at=NOW))
    leave = by_ticket(shelf, promises)(letter(kind, age, ticket_id), NOW)
    assert shelf.asked == ([42] if asks else [])
    assert bool(leave.withdraw) is asks, leave
