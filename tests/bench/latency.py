"""How soon a mail is acknowledged: from the server's EXISTS, heard by a client of the bench's own beside ours, or from
the end of DATA by LMTP, to the letter at the sink. What the server itself holds EXISTS back (Dovecot: half a second) is told apart.

A mail that is acknowledged and moved before the other client has heard of it gives no figure, and another is sent:
it was among the quickest, so the figures are no better than the truth.
"""

from __future__ import annotations

import smtplib
import statistics
import time
from collections.abc import Iterator
from itertools import islice

from imapclient import IMAPClient

from tests.bench import Row
from tests.bench.drain import daemon, lmtp_port
from tests.bench.mails import SUPPORT, partner
from tests.bench.sink import Sinking
from tests.servers.dovecot import Dovecot

MAILS = 200
PATIENCE = 60.0  # seconds for one mail
MEDIAN, WORST = 0.040, 0.150  # seconds; the second for 99 of 100


def rows() -> Iterator[Row]:
    """200 mails by each door, one at a time."""
    with Sinking() as sink, daemon(sink, 3 * MAILS) as (dovecot, folder, _process):
        with smtplib.LMTP("127.0.0.1", lmtp_port(folder), timeout=PATIENCE) as door:
            door.ehlo()
            given = sorted(_answered(door, sink, 2 * MAILS + number) for number in range(MAILS))
        listener = dovecot.client("bench")
        listener.select_folder("INBOX", readonly=True)
        sent = (_acknowledged(dovecot, listener, sink, number) for number in range(2 * MAILS))
        times = list(islice(filter(None, sent), MAILS))
    if len(times) < MAILS:
        raise RuntimeError(f"EXISTS was heard of {len(times)} mails in {2 * MAILS}")
    yield from _told("EXISTS", sorted(own for own, _ in times))
    yield Row("appended to acknowledged, median", f"{statistics.median(whole for _, whole in times):.2f} s")
    yield from _told("end of DATA", given)


def _told(since: str, times: list[float]) -> Iterator[Row]:
    median, worst = statistics.median(times), times[-1 - MAILS // 100]
    for what, seconds, bound in (("median of 200", median, MEDIAN), ("99 %", worst, WORST)):
        name = f"{since} to acknowledgment, {what}"
        yield Row(name, f"{1000 * seconds:.0f} ms", f"<= {1000 * bound:.0f} ms", seconds <= bound)


def _mail(number: int) -> bytes:
    domain = partner(number)
    return (
        f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\r\n"
        f"From: staff@{domain}\r\nTo: {SUPPORT}\r\nSubject: Export {number}\r\n"
        f"Message-ID: <{number}.latency@{domain}>\r\n\r\nThe export of reports fails for us.\r\n"
    ).encode()


def _answered(door: smtplib.LMTP, sink: Sinking, number: int) -> float:
    """Seconds from the end of DATA to the letter at the sink; it may arrive before the door has answered."""
    before = sink.taken()
    door.mail(f"staff@{partner(number)}")
    door.rcpt(SUPPORT)
    code, words = door.docmd("DATA")
    if code != 354:
        raise RuntimeError(f"{code} {words!r}")
    door.send(_mail(number) + b".\r\n")
    start = time.perf_counter()
    while sink.taken() == before and time.perf_counter() < start + PATIENCE:
        time.sleep(0.001)
    done = time.perf_counter() - start
    door.getreply()
    return done


def _acknowledged(
    dovecot: Dovecot, listener: IMAPClient, sink: Sinking, number: int
) -> tuple[float, float] | None:
    """Seconds to the letter at the sink: from EXISTS, and from the append; None where EXISTS was not heard."""
    before = sink.taken()
    listener.noop()
    listener.idle()
    start = time.perf_counter()
    dovecot.append("bench", _mail(number))
    heard = None
    while heard is None and sink.taken() == before and time.perf_counter() < start + PATIENCE:
        if any(b"EXISTS" in told for told in listener.idle_check(timeout=0.01)):
            heard = time.perf_counter()
    while sink.taken() == before and time.perf_counter() < start + PATIENCE:
        time.sleep(0.001)
    done = time.perf_counter()
    listener.idle_done()
    return (done - heard, done - start) if heard else None
