"""Mails broken in every way: no exception, no failed step, no text without end.

Mutates own mails and, where they are at hand, the corpora. `TRIAGED_FUZZ_SECONDS` sets how long
(20 by default, an hour by hand); `TRIAGED_FUZZ_SEED` repeats a run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.corpora import mail_files
from triaged.reading.read import read
from triaged.reading.values import Door, Reading, Service, Surroundings

SECONDS = float(os.environ.get("TRIAGED_FUZZ_SECONDS", "20"))
SEED = int(os.environ.get("TRIAGED_FUZZ_SEED", "0")) or random.randrange(1, 10**9)
LARGEST = 60_000  # bytes of a seed: many small mails find more than a few large ones
SLOWEST = 10.0  # seconds of processor for one mail: far above any machine's noise

SURROUNDINGS = Surroundings(
    support_addresses=frozenset({"partner-support@zohocorp.com"}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example"}),
    trusted_authserv_ids=frozenset({"mx.intake.example"}),
    services=(Service("Zoho CRM", ("CRM",)), Service("Zoho Desk", ("Desk",))),
)

OWN = (
    b"Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\n"
    b"From: =?utf-8?B?44GC?= <anna@oakbridge.example>\nTo: partner-support@zohocorp.com\nSubject: =?iso-2022-jp?B?GyRCPmMzMhsoQg==?=\n"
    b"Message-ID: <1@oakbridge.example>\nReferences: <0@oakbridge.example>\nDate: Tue, 10 Nov 2026 10:00:00 +0900\n\n"
    b"SuperAdmin: it@alder.example\nZOID: 6003 112 2334\nService name: CRM\n\n> On Monday you wrote:\n> no\n-- \nAnna\n",
    b'From: a@oakbridge.example\nSubject: FW: down\nContent-Type: multipart/alternative; boundary="b"\n\n--b\n'
    b"Content-Type: text/plain; charset=shift_jis; format=flowed\n\n\x91\x53\x88\xf5 \n--b\nContent-Type: text/html\n\n"
    b"<table><tr><th>ZOID</th><th>Mail</th></tr><tr><td>60031122334</td><td>a@b.example</td></tr></table>"
    b"<div style='border-top:solid 1pt'>From: x</div><blockquote>q</blockquote>\n--b--\n",
    b'From: MAILER-DAEMON@mx.example\nSubject: failed\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
    b"--b\n\ncould not\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; x@y.example\n"
    b"Action: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <a@zohocorp.com>\n\nbody\n--b--\n",
)

WORDS = (
    b"\0", b"\r", b"\n", b"\n\n", b"\r\n", b"\xff", b"\xed\xa0\x80", b"\x1b$B", b"\x1b(B", b"=?", b"?=", b"=?utf-8?B?", b"=?hex?Q?a?=",
    b"charset=", b"charset=hex", b"charset=\0", b"boundary=", b'boundary=""', b"; a*0*=x''%", b"Content-Type: ", b"multipart/mixed",
    b"message/rfc822", b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"--b", b"--b--", b"begin 644 a",
    b"From: ", b"Received: from (((((", b"Authentication-Results: ", b"dmarc=pass", b"((((", b"<", b">", b"<<>>", b"@", b'"', b"\\",
    b"<div>", b"<table><tr><td>", b"<select>", b"<!--", b"<style>", b"&#x110000;", b"ZOID: ", b"0" * 30, b"> > > ", b"On On On ",
    "\uff11\uff12".encode(), "\u202e".encode(), b"-----Original Message-----", b"Subject: FW: ", b"a@b.example", b"wrote:",
)  # fmt: skip


def mutated(seed: bytes, others: list[bytes], dice: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(6)
        if kind == 0 and data:
            data[at % len(data)] = dice.randrange(256)
        elif kind == 1:
            data[at:at] = dice.choice(WORDS) * dice.choice((1, 1, 1, 2, 50))
        elif kind == 2:
            del data[at : at + dice.choice((1, 5, 80, 2_000))]
        elif kind == 3:
            data[at:at] = data[at : at + dice.choice((10, 200))] * dice.choice((1, 3, 30))
        elif kind == 4:
            other = dice.choice(others)
            cut = dice.randrange(len(other) + 1)
            data[at:at] = other[cut : cut + 400]
        else:
            data[at : at + 10] = bytes(dice.randrange(256) for _ in range(10))
    return bytes(data[: 4 * LARGEST])


def seeds() -> list[bytes]:
    paths = [path for path in mail_files() if path.stat().st_size <= LARGEST]
    return [*OWN * 20, *(path.read_bytes() for path in paths)]


def faults(raw: bytes, reading: Reading, took: float) -> Iterator[str]:
    """What is wrong with a Reading, whatever the mail."""
    steps = ("message:", "headers:", "new text:", "authenticity:", "automatic mail:", "identifiers:", "service:", "thanks:", "language:")  # fmt: skip
    yield from (defect for defect in reading.defects if defect.startswith(steps))
    if took > SLOWEST:
        yield f"{took:.1f} s"
    if (
        len(reading.text) > 20 * len(raw) + 1_000
        or len(reading.parts.new) > 2 * len(reading.text) + len(raw) + 1_000
    ):
        yield f"text of {len(reading.text)} from {len(raw)} bytes"
    for text in (reading.text, reading.subject, reading.parts.new, *(a.name for a in reading.from_)):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as lone:
            yield str(lone)
    if not all(found.isascii() and found.isdigit() for found in reading.identifiers.zoid):
        yield f"ZOID {reading.identifiers.zoid}"


def test_no_mutation_of_a_mail_breaks_reading(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    held = seeds()
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end:
        raw = mutated(dice.choice(held), held, dice)
        start = time.process_time()
        reading = read(raw, Door(), SURROUNDINGS)
        found = list(faults(raw, reading, time.process_time() - start))
        if found:
            kept = tmp_path / "broken.eml"
            kept.write_bytes(raw)
            raise AssertionError(f"seed {SEED}, mail {count} (kept as {kept}): {found[:3]}")
        count += 1
    assert count, "no mail was read"
