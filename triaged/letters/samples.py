"""Invented contexts on which every template is tried when the rulebook is built: a full one, a bare one and what lies between. PURE."""

from __future__ import annotations

from dataclasses import replace

from triaged.letters.context import Context, Labelled, MeetingTold, Promise, Row

_ROW = Row("PS-1001", "S2", "open", "Sync stopped", "first response", "Fri 20 Nov 2026, 16:00")

BARE = Context(
    reference="PS-1001",
    thread="[PS-1001] Re: your request",
    subject="",
    salutation="Hello,",
    desk="Partner Support",
    address="support@desk.example",
    severity="S3",
    severity_words="medium",
    form="SuperAdmin address:",
)

FULL = replace(
    BARE,
    subject="Sync stopped",
    because="classifier 0.81",
    priority="priority customer",
    service="Zoho CRM",
    account="Alder Works",
    partner="oakbridge.example",
    state="open",
    received="Fri 20 Nov 2026, 16:00",
    provisional=True,
    understood=(Labelled("Service", "Zoho CRM"),),
    missing=("SuperAdmin address",),
    promises=(
        Promise("First answer", "Fri 20 Nov 2026, 17:00", "Fri 20 Nov 2026, 19:00", ""),
        Promise("Next update", "Fri 20 Nov 2026, 20:00", "", "4h", "every 4 hours"),
    ),
    missed=(Promise("Solution", "Fri 20 Nov 2026, 12:00", "", ""),),
    paused=True,
    zone="Europe/Berlin",
    write_above="##- Please write above this line -##",
    account_confirmed=True,
    company="Oakbridge",
    person="Ben Carter",
    touched=True,
    report="The fix is being tested.",
    reported="Fri 20 Nov 2026, 15:00",
    number=2,
    last=True,
    ends="Mon 23 Nov 2026, 16:00",
    other="PS-1000",
    case="CP-204",
    step="in review",
    expected="Tue 1 Dec 2026",
    confirm=True,
    rating_url="https://desk.example/rate/x",
    commitment="First answer",
    due="Fri 20 Nov 2026, 17:00",
    share=75,
    tier=2,
    assigned="anna@desk.example",
    reasons=("uncertain severity",),
    arithmetic=("Fri 2026-11-20 16:00 starts",),
    excerpt="Nobody can log in.",
    rows=(_ROW,),
    sections=(("Missed", (_ROW,)), ("Reviews", ())),
    today="Fri 20 Nov 2026, 08:00",
    visitor="anna@oakbridge.example",
    asked_from="Firefox, 192.0.2.7",
    link="https://desk.example/sign-in/x",
    code="H4KX-9PTN",
    text="Nobody can log in.",
    author="Ben Carter",
    files=("log.txt",),
    solved=True,
    awaits=True,
    ticket_url="https://desk.example/tickets/PS-1042",
    meeting=MeetingTold(
        state="accepted",
        times=("Mon 23 Nov 2026, 10:00", "Tue 24 Nov 2026, 15:00"),
        starts="Mon 23 Nov 2026, 10:00",
        ends="Mon 23 Nov 2026, 10:40",
        minutes=40,
        host="Ben Carter",
        terms="The session is recorded.",
        version="2026-11",
        page="https://desk.example/tickets/PS-1001/session",
        person="anna@oakbridge.example",
        invited=True,
        by_us=True,
        link="https://meet.example/h4kx9ptn",
        passcode="481516",
    ),
)

# Branches that neither takes: an account found by no id, or not at all, and nobody at work on it.
HALF = replace(FULL, account_confirmed=False, touched=False, report="", thanked=True)
UNKNOWN = replace(HALF, account="", account_unknown=True, form="")

ALL = (BARE, FULL, HALF, UNKNOWN)
