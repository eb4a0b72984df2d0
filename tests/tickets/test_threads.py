"""Which ticket a mail joins, from whom, and what that does to it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triaged.judging.decisions import Partner, Sender
from triaged.reading import our_ids
from triaged.reading.mime.message import Message
from triaged.reading.values import (
    Address,
    Authentication,
    Automatic,
    FailedRecipient,
    Identifiers,
    NewText,
    Reading,
)
from triaged.tickets import pointers, threads
from triaged.tickets.partition import partition
from triaged.tickets.threads import Candidates, Placed, Thread
from triaged.tickets.ticket import State
from triaged.vocabulary import Kind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = b"s" * 32
OAK = Partner("oak.example", "Oak", "premium", "US")
ANNA = Sender("anna@oak.example", "Anna", "partner", OAK, "pass", True, "partner")
STRANGER = Sender("eve@far.example", "Eve", "stranger", None, "pass", False, "no partner")
STAFF = Sender("sam@zohocorp.com", "Sam", "staff", None, "unknown", False, "staff")
OTHER = Sender("bo@elm.example", "Bo", "partner", replace(OAK, domain="elm.example"), "pass", True, "partner")
TICKET = Thread(
    42, "PS-1042", State.OPEN, frozenset({"anna@oak.example", "carl@client.example"}), "oak.example"
)
FIRST = "<first@oak.example>"
LETTER = our_ids.message_id(42, "acknowledgment", SECRET, "desk.example")


def verify(message_id: str) -> int | None:
    return our_ids.verify(message_id, SECRET)


def mail(subject: str = "Hello", *, answers: tuple[str, ...] = (), **more: object) -> Reading:
    plain = Reading(
        sha256="0" * 64, size=100, message_id="<new@oak.example>", in_reply_to=answers[:1],
        references=answers[::-1], subject=subject, from_=(Address("Anna", "anna@oak.example"),), to=(), cc=(),
        reply_to=(), date=NOW, text="x", parts=NewText("x", "x", ""), attachments=(),
        authentication=Authentication("pass", ""), automatic=None, thanks=False, language="en",
        identifiers=Identifiers(), service=None, service_why="", guess=None, defects=(),
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def place(reading: Reading, sender: Sender = ANNA, **known: object) -> Placed:
    candidates = Candidates(**known)  # type: ignore[arg-type]
    return threads.place(reading, sender, candidates, verify=verify, now=NOW)


def test_an_answer_to_our_letter_joins_its_ticket() -> None:
    placed = place(mail(answers=(LETTER,)), by_message_id={LETTER: TICKET})
    assert (placed.ticket_id, placed.how, placed.joins) == (42, "letter", "reply")


def test_an_answer_to_a_mail_of_the_ticket_joins_it() -> None:
    placed = place(mail(answers=(FIRST,)), by_message_id={FIRST: TICKET})
    assert (placed.ticket_id, placed.how) == (42, "message-id")


def test_nothing_known_opens_a_new_ticket() -> None:
    assert place(mail(answers=("<unknown@far.example>",))).joins == "new"


def test_a_reply_all_of_a_person_in_copy_joins() -> None:  # F11
    carl = replace(STRANGER, address="carl@client.example")
    assert place(mail(answers=(FIRST,)), carl, by_message_id={FIRST: TICKET}).ticket_id == 42


@pytest.mark.parametrize(
    ("reading", "known"),
    [
        (mail(answers=(FIRST,)), {"by_message_id": {FIRST: TICKET}}),
        (mail(answers=(LETTER,)), {"by_message_id": {LETTER: TICKET}}),
        (mail("Re: [PS-1042] Hello"), {"by_reference": {"PS-1042": TICKET}}),
    ],
)
def test_a_stranger_writing_into_a_ticket_is_abuse(reading: Reading, known: dict[str, object]) -> None:  # F9
    placed = place(reading, STRANGER, **known)
    assert (placed.joins, placed.ticket_id, placed.others) == ("abuse", None, (42,))
    assert "eve@far.example" in placed.refused


def test_another_partner_who_names_the_number_gets_a_new_ticket() -> None:
    placed = place(mail("[PS-1042] our customer"), OTHER, by_reference={"PS-1042": TICKET})
    assert (placed.joins, placed.ticket_id) == ("new", None)
    assert placed.refused


def test_a_shared_announcement_merely_mentioned_makes_no_abuse() -> None:
    known = {"by_message_id": {FIRST: TICKET}, "known_as": {FIRST: "reference"}}
    assert place(mail(answers=(FIRST,)), STRANGER, **known).joins == "new"


def test_a_colleague_joins_by_number_only_when_verified() -> None:
    ben = replace(ANNA, address="ben@oak.example")
    unverified = replace(ben, trusted=False, authentication="unknown")
    known = {"by_reference": {"PS-1042": TICKET}}
    assert place(mail("[PS-1042]"), ben, **known).ticket_id == 42
    assert place(mail("[PS-1042]"), unverified, **known).joins == "new"
    assert place(mail(answers=(FIRST,)), unverified, by_message_id={FIRST: TICKET}).ticket_id == 42


def test_who_fails_dmarc_joins_nothing() -> None:  # F16
    forged = replace(ANNA, authentication="fail", trusted=False)
    assert place(mail(answers=(LETTER,)), forged, by_message_id={LETTER: TICKET}).ticket_id is None


def test_staff_join_any_ticket() -> None:
    assert place(mail("Re: [PS-1042]"), STAFF, by_reference={"PS-1042": TICKET}).ticket_id == 42


def test_a_foreign_id_of_our_shape_names_no_ticket() -> None:  # F10
    foreign = our_ids.message_id(42, "acknowledgment", b"theirs", "their.example")
    assert place(mail(answers=(foreign,)), by_message_id={}).joins == "new"


@pytest.mark.parametrize("subject", ["Re: [PS-1042] Hello", "AW: ［PS-1042］", "fwd: [ps-1042]", "【PS-1042】の件", "about PS-1042"])  # fmt: skip
def test_the_reference_is_found_as_people_write_it(subject: str) -> None:
    assert threads.mentions(mail(subject))[1] == ("PS-1042",)


@pytest.mark.parametrize("subject", ["UPS-1042", "PS-1042-B", "PS-0", "P S-1042", "PS 1042"])
def test_what_is_no_reference_is_none(subject: str) -> None:
    assert threads.mentions(mail(subject))[1] == ()


def test_our_signed_letter_beats_a_number_and_the_other_ticket_is_told() -> None:
    other = replace(TICKET, ticket_id=43, reference="PS-1043")
    placed = place(
        mail("Re: [PS-1043]", answers=(LETTER,)),
        by_message_id={LETTER: TICKET},
        by_reference={"PS-1043": other},
    )
    assert (placed.ticket_id, placed.others) == (42, (43,))


def test_the_nearest_mail_answered_decides() -> None:
    near, far = "<near@oak.example>", "<far@oak.example>"
    other = replace(TICKET, ticket_id=43)
    placed = place(mail(answers=(near, far)), by_message_id={near: TICKET, far: other})
    assert (placed.ticket_id, placed.others) == (42, (43,))


@pytest.mark.parametrize(
    ("thread", "joins"),
    [
        (replace(TICKET, state=State.RESOLVED, resolved_at=NOW - timedelta(days=13)), "reopens"),
        (replace(TICKET, state=State.RESOLVED, resolved_at=NOW - timedelta(days=15)), "linked_new"),
        (replace(TICKET, state=State.CLOSED, closed_at=NOW - timedelta(days=1)), "linked_new"),
        (replace(TICKET, state=State.WAITING), "reply"),
    ],
)
def test_resolved_reopens_for_a_fortnight_and_closed_never(thread: Thread, joins: str) -> None:
    placed = place(mail(answers=(FIRST,)), by_message_id={FIRST: thread})
    assert placed.joins == joins
    assert (placed.linked_to == 42) == (joins == "linked_new")


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_absence_notes_thanks_and_staff_reopen_nothing(state: State) -> None:  # F14
    known = {"by_message_id": {FIRST: replace(TICKET, state=state, resolved_at=NOW)}}
    away = mail(answers=(FIRST,), automatic=Automatic(Kind.AUTO_REPLY, "absence note"))
    for reading, sender in (
        (away, ANNA),
        (mail(answers=(FIRST,), thanks=True), ANNA),
        (mail(answers=(FIRST,)), STAFF),
    ):
        placed = place(reading, sender, **known)
        assert (placed.joins, placed.ticket_id) == ("reply", 42)


def test_a_bounce_of_our_letter_finds_its_ticket_though_a_mail_server_sent_it() -> None:
    bounce = Automatic(
        Kind.BOUNCE, "", (FailedRecipient("anna@oak.example", True),), original_message_id=LETTER
    )
    placed = place(mail(automatic=bounce), STRANGER, by_message_id={LETTER: TICKET})
    assert (placed.joins, placed.ticket_id) == ("reply", 42)


def test_a_merged_ticket_leads_to_its_survivor() -> None:
    merged = replace(TICKET, ticket_id=41, merged_into=42)
    assert (
        place(mail(answers=(FIRST,)), by_message_id={FIRST: merged}, survivors={42: TICKET}).ticket_id == 42
    )
    assert place(mail(answers=(FIRST,)), by_message_id={FIRST: merged}).ticket_id == 42


def test_tickets_merged_in_a_circle_end() -> None:
    one, two = replace(TICKET, merged_into=43), replace(TICKET, ticket_id=43, merged_into=42)
    assert place(
        mail(answers=(FIRST,)), by_message_id={FIRST: one}, survivors={42: one, 43: two}
    ).ticket_id in {42, 43}


def test_the_mail_an_earlier_answer_mentioned_joins_when_it_comes_late() -> None:
    late = {"by_message_id": {"<new@oak.example>": TICKET}, "known_as": {"<new@oak.example>": "reference"}}
    assert place(mail(), **late).ticket_id == 42


def test_a_constant_message_id_glues_nothing_together() -> None:  # F7
    known = {"by_message_id": {"<new@oak.example>": TICKET}, "known_as": {"<new@oak.example>": "mail"}}
    assert place(mail(), **known).joins == "new"


def test_the_same_mail_through_a_second_door_is_a_duplicate() -> None:
    placed = threads.place(mail(), ANNA, Candidates(), verify=verify, now=NOW, seen_on=42)
    assert (placed.joins, placed.ticket_id) == ("duplicate", 42)


def test_an_address_in_the_prose_of_in_reply_to_is_no_id() -> None:
    reading = mail(answers=("<anna@oak.example>", FIRST), to=(Address("", "anna@oak.example"),))
    assert threads.mentions(reading)[0] == (FIRST, "<new@oak.example>")


def test_ids_looked_up_are_bounded() -> None:
    many = tuple(f"<{n}@oak.example>" for n in range(5_000))
    ids, _ = threads.mentions(
        mail(answers=many, in_reply_to=(), message_id="<" + "x" * 2_000 + "@a.example>")
    )
    assert len(ids) == pointers.MOST_IDS
    assert many[0] in ids and many[-1] in ids


def _post(message_id: str | None, *named: str) -> Message:
    return Message(message_id=message_id, references=named)


def test_the_partition_is_the_same_in_any_order() -> None:
    mails = [
        _post("<a>"), _post("<b>", "<a>"), _post("<c>", "<ghost>"), _post("<d>", "<ghost>"), _post(None, "<b>"),
        _post(None), _post("<a>", "<z>"), _post("<loop>", "<loop>"), _post("<x>", "<y>"), _post("<y>", "<x>"),
    ]  # fmt: skip
    wanted = {
        frozenset(map(id, (mails[n] for n in group))) for group in ((0, 1, 4, 6), (2, 3), (5,), (7,), (8, 9))
    }
    for seed in range(20):
        shuffled = random.Random(seed).sample(mails, len(mails))
        groups = {frozenset(id(shuffled[n]) for n in group) for group in partition(shuffled)}
        assert groups == wanted


def test_a_mail_that_names_two_conversations_makes_them_one() -> None:
    mails = [_post("<a>"), _post("<b>"), _post("<c>", "<a>", "<b>")]
    assert partition(mails) == [[0, 1, 2]]
