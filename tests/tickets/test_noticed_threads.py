"""Where a mail goes, told whole: by what, why, what it bridges, what it was refused, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tickets.test_threads import (
    ANNA,
    FIRST,
    LETTER,
    NOW,
    OAK,
    OTHER,
    STAFF,
    STRANGER,
    TICKET,
    _post,
    mail,
    place,
    verify,
)
from tests.tickets.world import at, event, ticket
from triaged.judging.decisions import Sender
from triaged.reading.values import Address, Automatic, Identifiers, Reading
from triaged.tickets import pointers, threads
from triaged.tickets.partition import partition
from triaged.tickets.pointers import Candidates, Pointer, Thread
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Happening, State
from triaged.vocabulary import Kind

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
SECOND = replace(TICKET, ticket_id=43, reference="PS-1043")
KNOWN = {"by_message_id": {FIRST: TICKET}}
NUMBER = {"by_reference": {"PS-1042": TICKET}}
AWAY = Automatic(Kind.AUTO_REPLY, "absence note")
SAYS = f"answers {FIRST} of PS-1042"


def over(state: State, days: float = 0, **more) -> dict[str, object]:
    return {"by_message_id": {FIRST: replace(TICKET, state=state, resolved_at=NOW - days * DAY, **more)}}


@pytest.mark.parametrize(
    ("reading", "sender", "known", "placed"),
    [
        (mail(answers=(LETTER,)), ANNA, {"by_message_id": {LETTER: TICKET}}, Placed(42, "letter", f"answers our letter {LETTER} of PS-1042", "reply")),
        (mail(answers=(FIRST,)), ANNA, KNOWN, Placed(42, "message-id", SAYS, "reply")),
        (mail("[PS-1042]"), ANNA, NUMBER, Placed(42, "subject", "subject says [PS-1042] of PS-1042", "reply")),
        (mail(), ANNA, {}, Placed(None, "none", "names no ticket of ours", "new")),
        (mail(answers=(FIRST,)), STRANGER, KNOWN, Placed(None, "message-id", "a stranger writes into PS-1042", "abuse", (42,), f"PS-1042 ({FIRST}): eve@far.example is none of its people nor of its partner")),
        (mail(answers=(FIRST,)), replace(STRANGER, address=""), KNOWN, Placed(None, "message-id", "a stranger writes into PS-1042", "abuse", (42,), f"PS-1042 ({FIRST}): nobody is none of its people nor of its partner")),
        (mail(answers=(FIRST,), automatic=AWAY), STRANGER, KNOWN, Placed(None, "none", f"PS-1042 ({FIRST}): eve@far.example is none of its people nor of its partner", "new", (), f"PS-1042 ({FIRST}): eve@far.example is none of its people nor of its partner")),
        (mail("[PS-1042]"), OTHER, NUMBER, Placed(None, "none", "PS-1042 ([PS-1042]): bo@elm.example does not hold it", "new", (), "PS-1042 ([PS-1042]): bo@elm.example does not hold it")),
        (mail(answers=(FIRST,)), replace(ANNA, authentication="fail", trusted=False), KNOWN, Placed(None, "none", f"PS-1042 ({FIRST}): anna@oak.example fails DMARC", "new", (), f"PS-1042 ({FIRST}): anna@oak.example fails DMARC")),
        (mail(answers=(FIRST,)), ANNA, over(State.RESOLVED, 13.5), Placed(42, "message-id", f"{SAYS}; resolved 13 days ago: reopens", "reopens")),
        (mail(answers=(FIRST,)), ANNA, over(State.RESOLVED, 14.5), Placed(None, "message-id", f"{SAYS}; resolved 14 days ago, more than 14: a new ticket, linked to it", "linked_new", linked_to=42)),
        (mail(answers=(FIRST,)), ANNA, over(State.CLOSED), Placed(None, "message-id", f"{SAYS}; which is closed: a new ticket, linked to it", "linked_new", linked_to=42)),
        (mail(answers=(FIRST,), thanks=True), ANNA, over(State.CLOSED), Placed(42, "message-id", f"{SAYS}; it stays closed", "reply")),
        (mail(answers=(FIRST,)), STAFF, over(State.RESOLVED), Placed(42, "message-id", f"{SAYS}; it stays resolved", "reply")),
        (mail(answers=(FIRST,)), replace(STRANGER, address="carl@client.example"), over(State.RESOLVED, 1), Placed(42, "message-id", f"{SAYS}; it stays resolved: carl@client.example does not speak for its partner", "reply")),
        (mail(answers=(FIRST,)), replace(STRANGER, address="carl@client.example"), over(State.RESOLVED, 1, partner_domain=None), Placed(42, "message-id", f"{SAYS}; resolved 1 day ago: reopens", "reopens")),
        (mail(answers=(FIRST,)), replace(STRANGER, address="carl@client.example", authentication="unknown"), over(State.RESOLVED, 1, partner_domain=None), Placed(42, "message-id", f"{SAYS}; it stays resolved: carl@client.example does not speak for its partner", "reply")),
    ],
)  # fmt: skip
def test_a_mail_is_placed_for_these_reasons(reading: Reading, sender: Sender, known, placed: Placed) -> None:
    assert place(reading, sender, **known) == placed


def test_to_the_very_end_of_its_time_it_reopens() -> None:
    assert place(mail(answers=(FIRST,)), **over(State.RESOLVED, 14)).joins == "reopens"
    late = {
        "by_message_id": {FIRST: replace(TICKET, state=State.RESOLVED, resolved_at=NOW - 14 * DAY - TICK)}
    }
    assert place(mail(answers=(FIRST,)), **late).joins == "linked_new"
    unknown = {"by_message_id": {FIRST: replace(TICKET, state=State.RESOLVED)}}
    assert place(mail(answers=(FIRST,)), **unknown).why == f"{SAYS}; resolved 0 days ago: reopens"


def test_a_verified_partner_named_where_others_hold_it_has_a_new_one_beside_it() -> None:
    named = replace(TICKET, people=frozenset({"bo@elm.example"}))
    found = place(mail(answers=(FIRST,)), OTHER, by_message_id={FIRST: named})
    why = f"PS-1042 ({FIRST}): bo@elm.example does not hold it"
    assert found == Placed(None, "none", why, "linked_new", (), why, linked_to=42)
    automatic = place(mail(answers=(FIRST,), automatic=AWAY), OTHER, by_message_id={FIRST: named})
    assert (automatic.joins, automatic.linked_to) == ("new", None)


@pytest.mark.parametrize(
    ("sender", "joins"),
    [
        (replace(ANNA, trusted=False, authentication="pass"), 42),
        (replace(ANNA, trusted=False, authentication="unknown"), None),
        (replace(ANNA, trusted=False, address="ben@oak.example"), None),
    ],
)
def test_by_a_number_alone_only_a_verified_person_of_the_ticket_joins(
    sender: Sender, joins: int | None
) -> None:
    found = place(mail("[PS-1042]"), sender, **NUMBER)
    assert found.ticket_id == joins
    assert joins or found.refused == (
        f"PS-1042 ([PS-1042]): nobody verified {sender.address}, and a number alone proves nothing"
    )


@pytest.mark.parametrize(
    ("sender", "domain", "held"),
    [
        (ANNA, "oak.example", True),
        (ANNA, "elm.example", False),
        (ANNA, None, False),
        (ANNA, "", False),
        (STRANGER, "oak.example", False),
        (replace(ANNA, partner=replace(OAK, contacts=("anna@post.example",))), "anna@post.example", True),
    ],
)
def test_a_partner_holds_what_names_his_domain_or_his_address(sender: Sender, domain, held: bool) -> None:
    assert threads.holds(sender, domain) is held


def test_every_ticket_a_mail_bridges_is_told_once_and_its_refusals_once() -> None:
    foreign = replace(TICKET, ticket_id=44, reference="PS-1044", partner_domain="elm.example")
    ids = ("<a@x>", "<b@x>", "<c@x>", "<d@x>")
    known = dict(zip(ids, (TICKET, SECOND, SECOND, foreign), strict=True))
    found = place(mail("[PS-1044]", answers=ids), by_message_id=known, by_reference={"PS-1044": foreign})
    assert (found.ticket_id, found.others) == (42, (43,))
    assert found.refused == (
        "PS-1044 (<d@x>): anna@oak.example does not hold it; PS-1044 ([PS-1044]): anna@oak.example does not hold it"
    )


def pointed(reading: Reading, **known: object) -> list[tuple[int, str, str, bool]]:
    found = pointers.pointers(reading, Candidates(**known), verify)  # type: ignore[arg-type]
    return [(one.thread.ticket_id, one.how, one.by, one.weak) for one in found]


def test_what_a_mail_points_to_comes_in_the_order_of_its_strength() -> None:
    reading = mail("[PS-1043] and PS-1042", answers=(FIRST, LETTER, "<near@x>"))
    known = {FIRST: TICKET, LETTER: SECOND, "<near@x>": TICKET, "<new@oak.example>": SECOND}
    assert pointed(
        reading,
        by_message_id=known,
        known_as={"<near@x>": "reference", "<new@oak.example>": "reference"},
        by_reference={"PS-1042": TICKET, "PS-1043": SECOND},
        also={FIRST: ((SECOND, "mail"), (TICKET, "reference"))},
    ) == [
        (43, "letter", LETTER, False),
        (42, "message-id", FIRST, False),
        (43, "message-id", FIRST, False),
        (42, "message-id", FIRST, True),
        (42, "message-id", "<near@x>", True),
        (43, "message-id", "<new@oak.example>", True),
        (43, "subject", "[PS-1043]", False),
        (42, "subject", "[PS-1042]", True),
    ]


def test_our_own_signed_id_on_a_mail_is_no_answer_to_it() -> None:
    assert pointed(mail(message_id=LETTER), by_message_id={LETTER: TICKET}) == []


def test_where_a_merged_ticket_leads_its_people_and_partner_go_with_it() -> None:
    heir = Thread(43, "PS-1043", State.RESOLVED, frozenset({"bo@elm.example"}), None, NOW, NOW - DAY, True)
    merged = replace(TICKET, merged_into=43)
    (found,) = pointers.pointers(
        mail(answers=(FIRST,)), Candidates(by_message_id={FIRST: merged}, survivors={43: heir}), verify
    )
    people = TICKET.people | {"bo@elm.example"}
    assert found == Pointer(replace(heir, people=people, partner_domain="oak.example"), "message-id", FIRST)
    own = replace(heir, partner_domain="elm.example")
    for where in ({"by_reference": {"PS-1043": own}}, {"by_message_id": {FIRST: merged, "<x@x>": own}}):
        (found,) = pointers.pointers(
            mail(answers=(FIRST,)), Candidates(**({"by_message_id": {FIRST: merged}} | where)), verify
        )  # fmt: skip
        assert found.thread.partner_domain == "elm.example"
    (unknown,) = pointers.pointers(mail(answers=(FIRST,)), Candidates(by_message_id={FIRST: merged}), verify)
    assert unknown.thread == Thread(43, "PS-1042", State.OPEN, TICKET.people, "oak.example")


def test_twenty_mergers_are_followed_and_not_without_end() -> None:
    chain = {n: replace(TICKET, ticket_id=n, merged_into=n + 1) for n in range(100, 130)}
    (found,) = pointers.pointers(
        mail(answers=(FIRST,)), Candidates(by_message_id={FIRST: chain[100]}, survivors=chain), verify
    )
    assert found.thread.ticket_id == 120


def test_what_a_bounce_returns_is_looked_up_first() -> None:
    bounce = Automatic(Kind.BOUNCE, "", (), original_message_id="<out@x>")
    assert threads.mentions(mail(answers=(FIRST,), automatic=bounce))[0] == (
        "<out@x>",
        FIRST,
        "<new@oak.example>",
    )


def test_who_writes_or_is_addressed_is_no_id_of_a_mail() -> None:
    people = {
        "from_": (Address("", "anna@oak.example"),),
        "to": (Address("", "bo@oak.example"),),
        "cc": (Address("", "cy@oak.example"),),
    }
    named = ("<Anna@oak.example>", "<bo@oak.example>", "<cy@oak.example>", "<di@oak.example>")
    assert threads.mentions(mail(answers=named, message_id=None, **people))[0] == ("<di@oak.example>",)


@pytest.mark.parametrize(("more", "looked_up"), [(0, 100), (1, 100), (50, 100)])
def test_of_many_ids_the_nearest_and_the_first_are_kept(more: int, looked_up: int) -> None:
    many = tuple(f"<{n}@x>" for n in range(100 + more))  # the nearest first
    ids, _ = threads.mentions(mail(answers=many, in_reply_to=(), message_id=None))
    assert len(ids) == looked_up
    assert ids == (many if not more else (*many[:90], *many[-10:]))


def test_an_id_as_long_as_any_may_be_is_looked_up_and_a_longer_one_is_not() -> None:
    longest = "<" + "x" * (pointers.LONGEST_ID - 2) + ">"
    assert threads.mentions(mail(answers=(longest, longest + "x"), message_id=None))[0] == (longest,)
    together = [
        _post("<a>", longest),
        _post("<b>", longest),
        _post("<c>", longest + "x"),
        _post("<d>", longest + "x"),
    ]
    assert partition(together) == [[0, 1], [2], [3]]


def test_ten_references_of_a_subject_are_looked_up_the_bracketed_ones_first() -> None:
    subject = " ".join(f"PS-{n}" for n in range(1, 12)) + " [PS-99]"
    found = threads.mentions(mail(subject))[1]
    assert found == ("PS-99", *(f"PS-{n}" for n in range(1, 10)))
    assert threads.mentions(mail("x" * 994 + "PS-1042"))[1] == ()
    assert threads.mentions(mail("x" * 992 + " PS-1042"))[1] == ("PS-1042",)
    assert threads.mentions(mail("x" * 993 + " PS-1042"))[1] == ("PS-104",)


STORY = ticket(at("2026-11-16 09:00"), trusted=False)
OPENED = replace(ANNA, address="anna@oakbridge.example")


@pytest.mark.parametrize(
    ("reading", "sender", "how", "of", "stays"),
    [
        (mail(), OPENED, "message-id", STORY, True),
        (mail(), ANNA, "message-id", STORY, False),
        (mail(identifiers=Identifiers("it@alder.example")), OPENED, "message-id", STORY, False),
        (mail(), ANNA, "letter", STORY, True),
        (mail(), replace(ANNA, trusted=False), "message-id", STORY, True),
        (mail(), ANNA, "message-id", replace(STORY, trusted=True), True),
        (mail(), ANNA, "message-id", replace(STORY, events=(*STORY.events, event(NOW, Happening.STAFF_ANSWERED))), True),
    ],
)  # fmt: skip
def test_a_verified_partner_is_put_on_no_ticket_that_others_opened_in_his_name(
    reading: Reading, sender: Sender, how, of, stays: bool
) -> None:
    placed = Placed(42, how, "because", "reply", (7,))
    apart = threads.apart(placed, reading, sender, of)
    assert apart == (
        placed
        if stays
        else Placed(
            None,
            how,
            "because, which nobody verified: a new ticket, linked to it",
            "linked_new",
            (7,),
            linked_to=42,
        )
    )


def test_the_same_mail_again_is_placed_where_it_was() -> None:
    found = threads.place(
        mail(answers=(FIRST,)), ANNA, Candidates(**KNOWN), verify=verify, now=NOW, seen_on=7
    )
    assert found == Placed(7, "message-id", "the same mail came before", "duplicate")
