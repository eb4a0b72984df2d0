"""A few tickets lived through by the real walk, pen and outbox: the pattern from which a great store is made.

Of sixty tickets fifty are over. Each has two mails: what was asked, and an answer; the longest has five hundred events.
"""

from __future__ import annotations

import email.utils
from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random

from tests.web.desk import ANNA, BEN, BO, CARL, MONDAY, SUPPORT, Desk
from triaged.readers.pool import InlineReaders
from triaged.store.rows import Arrival
from triaged.tickets.ticket import Ticket
from triaged.walk.by_hand import ByHand
from triaged.walk.house import House
from triaged.walk.triage import triage_batch

TICKETS, LIVE = 60, 10
LONG_STORY = 500
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_OWNER = "bench"
_LEASE = timedelta(minutes=5)
_TEXT = (
    "report page slow export import record field layout button screen error message upload download invoice "
    "contact pipeline stage owner filter search result number total wrong missing double empty since morning "
    "yesterday update browser window phone sales team user role profile permission rule workflow template mail "
    "calendar meeting task reminder dashboard chart column value price discount order customer address region"
)
_WORDS = _TEXT.split()
_LARGE = "SuperAdmin: it@alder.example\nZOID: 60031122334\nZUID: 70011000001\n"
_SMALL = "SuperAdmin: it@birch.example\nZOID: 60031122335\nZUID: 70011000002\n"


def house_of(desk: Desk) -> House:
    """What a daemon on this desk's store would walk with."""
    known = desk.pages.house.knowledge
    return House(desk.store, InlineReaders(known.surroundings), known, desk.store.secret(), _OWNER)


def live(desk: Desk) -> int:
    """Let the tickets live in the three weeks before Monday; answers the number of the one with the long story."""
    house, random = house_of(desk), Random(14)
    for number in range(TICKETS):
        at = MONDAY - 21 * DAY + number * 8 * timedelta(hours=1)
        _one(house, random, number, at)
    return _with_a_long_story(house, random, MONDAY - DAY)


def mail(number: int | str, by: str, subject: str, text: str, at: datetime, answers: str = "") -> Arrival:
    """A mail of a partner's, as our mail server hands it on."""
    made, domain = EmailMessage(), by.rpartition("@")[2]
    made["From"], made["To"], made["Subject"] = f'"{by.partition("@")[0].title()}" <{by}>', SUPPORT, subject
    made["Message-ID"], made["Date"] = f"<bench.{number}@{domain}>", email.utils.format_datetime(at)
    if answers:
        made["In-Reply-To"] = made["References"] = answers
    made.set_content(text)
    head = f"Authentication-Results: mx.intake.example; dmarc=pass header.from={domain}\r\n"
    raw = head.encode() + made.as_bytes().replace(b"\n", b"\r\n")
    return Arrival(raw, "global", "smtp", None, None, None, at, by, (SUPPORT,))


def sentences(random: Random, count: int) -> str:
    """Plain text of few words, as reports are."""
    drawn = (" ".join(random.choices(_WORDS, k=9)).capitalize() for _ in range(count))
    return ".\n".join(drawn) + ".\n"


def walk(house: House, arrival: Arrival, now: datetime) -> Ticket:
    """Keep a mail and take it all the way to its ticket."""
    (kept,) = house.store.keep([arrival], now=now)
    triage_batch(house, now)
    row = house.store.mail(kept.id)
    found = house.store.ticket(row.ticket_id or 0) if row else None
    assert found is not None, row and (row.fate, row.why)
    return found


def send(house: House, now: datetime) -> None:
    """Letters leave."""
    for one in house.store.claim_letters(50, now, _OWNER, _LEASE):
        house.store.letter_sent(one.id, _OWNER, now)


def _one(house: House, random: Random, number: int, at: datetime) -> None:
    by = (ANNA, ANNA, BO, CARL)[number % 4]
    subject = f"{' '.join(random.choices(_WORDS, k=4)).capitalize()} in Zoho CRM"
    about = _LARGE if number % 6 == 4 else _SMALL
    given = about if number % 3 else ""
    opened = walk(house, mail(number, by, subject, sentences(random, 4) + given, at), at + MINUTE)
    send(house, at + 2 * MINUTE)
    again = f"Re: [{opened.reference}] {subject}"
    answer = mail(
        f"{number}.1",
        by,
        again,
        sentences(random, 2) + about,
        at + 30 * MINUTE,
        f"<bench.{number}@{by.rpartition('@')[2]}>",
    )
    opened = walk(house, answer, at + 31 * MINUTE)
    if number % 2:
        opened, _key = _hand(house, at + 3 * timedelta(hours=1)).answer(opened, sentences(random, 3))
        send(house, at + 3 * timedelta(hours=1) + MINUTE)
    if number >= TICKETS - LIVE + 2:
        return
    opened = _hand(house, at + 6 * timedelta(hours=1)).happen(opened, "resolved", "it was a filter")
    send(house, at + 6 * timedelta(hours=1) + MINUTE)
    if number < TICKETS - LIVE:
        opened = house.store.ticket(opened.id) or opened
        _hand(house, at + 5 * DAY).happen(opened, "closed", "well for days", quiet=True)


def _with_a_long_story(house: House, random: Random, at: datetime) -> int:
    subject = "Export of the pipeline is wrong"
    opened = walk(house, mail("long", ANNA, subject, sentences(random, 4) + _SMALL, at), at + MINUTE)
    for turn in range(1, LONG_STORY):
        if len(opened.events) >= LONG_STORY:
            break
        now = at + turn * MINUTE
        if turn % 3:
            opened = _hand(house, now).happen(opened, "staff_noted", sentences(random, 1))
        else:
            opened, _key = _hand(house, now).answer(opened, sentences(random, 3))
            send(house, now)
        opened = house.store.ticket(opened.id) or opened
    return opened.id


def _hand(house: House, now: datetime) -> ByHand:
    return ByHand(house.store, house.knowledge, BEN, now)
