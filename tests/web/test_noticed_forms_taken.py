"""What each form of a ticket does, whole: the place it leads to, the story then, what is kept of what was typed."""

from __future__ import annotations

import email
import email.policy
import html
import re
import secrets
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx2
import pytest

from tests.store.samples import open_tickets
from tests.web.desk import ANNA, BEN, BO, CARL, LEE, LENA, Desk, text_of
from tests.web.test_noticed_gate import HOUR, NEW, NOON, asked, session, stands, token
from triaged.store.columns import to_micros
from triaged.store.page_rows import Draft
from triaged.tickets.ticket import Attached, Person, State, Ticket
from triaged.walk.by_hand import ByHand

__all__ = ["stands"]  # the clock stands at noon here too
LONG = "".join(str(n % 10) for n in range(130_000))


def opened(desk: Desk, count: int = 1, **more: Any) -> list[Ticket]:
    given = {"people": (Person(ANNA, "Anna"),), "language": "en", "missing": (), "trusted": True} | more
    return [desk.again(one) for one in open_tickets(desk.store, count, **given)]


def posted(
    desk: Desk, path: str, key: str, ticket: Ticket | None = None, files: Any = None, **data: Any
) -> httpx2.Response:
    """A form as its page would send it just now."""
    seen = max((event.id for event in ticket.events), default=0) if ticket else 0
    guard = {"csrf": token(desk, key), "form": secrets.token_urlsafe(18), "seen": str(seen)}
    if ticket:
        guard["of"] = ticket.reference
    return asked(desk, "POST", path, session=key, data={**guard, **data}, files=files)


def story(ticket: Ticket) -> list[tuple[str, str, str]]:
    return [(str(event.kind), event.actor, event.reason) for event in ticket.events]


def alerts(answer: httpx2.Response) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'role="alert">(.*?)<', answer.text)]


JOINED = ("people_changed", ANNA, f"{BO} joined")
FOLLOWS = ("followed", LENA, "follows it")
PRIVATE = ("kept_private", ANNA, "kept from the organisation's admin")
CONSENT = ("consented", ANNA, "support may sign in to the account")
CLOSED = ("closed", ANNA, "closed by who opened it")


@pytest.mark.parametrize(
    ("by", "end", "data", "came"),
    [
        (ANNA, "people/add", {"address": f" {BO.upper()} "}, ("people", JOINED)),
        (ANNA, "people/add", {"address": CARL}, "Only people of your own company can be added."),
        (ANNA, "people/add", {"address": ANNA}, "It is so already."),
        (ANNA, "people/remove", {"address": BO}, "It is so already."),
        (ANNA, "people/remove", {"address": f" {ANNA} "}, "Somebody must be left whom our letters reach."),
        (ANNA, "follow", {"on": "yes"}, "It is so already."),
        (ANNA, "follow", {"on": "no"}, "Somebody must be left whom our letters reach."),
        (LENA, "follow", {"on": "yes"}, ("saved", FOLLOWS)),
        (ANNA, "private", {"on": "yes"}, ("saved", PRIVATE)),
        (ANNA, "private", {"on": "1"}, "It is so already."),
        (LENA, "private", {"on": "yes"}, "Only who opened the request may do this."),
        (ANNA, "consent", {"on": "yes"}, ("saved", CONSENT)),
        (ANNA, "consent", {}, "It is so already."),
        (ANNA, "close", {}, ("closed", CLOSED)),
        (
            ANNA,
            "reopen",
            {"reason": "again"},
            "The request is no longer in the state for this. Here is how it stands now.",
        ),
        (ANNA, "fix", {"case": "CP-1", "holds": "yes"}, "No fix waits for your word any more."),
    ],
)
def test_what_a_person_does_on_his_ticket_is_its_story_or_told_why_not(
    calm: Desk, by: str, end: str, data: dict[str, str], came: str | tuple[str, tuple[str, str, str]]
) -> None:
    (ticket,) = opened(calm)
    answer = posted(calm, f"/tickets/{ticket.reference}/{end}", session(calm, by), ticket, **data)
    told = story(calm.again(ticket))[len(ticket.events) :]
    if isinstance(came, str):
        assert (answer.status_code, alerts(answer), told) == (400, [came], [])
        assert calm.again(ticket) == ticket
    else:
        assert answer.headers["location"] == f"/tickets/{ticket.reference}?said={came[0]}"
        assert (answer.status_code, told[:1]) == (303, [came[1]])


def test_who_leaves_a_ticket_himself_is_led_to_his_list_and_who_takes_out_another_stays(calm: Desk) -> None:
    people = (Person(ANNA, "Anna"), Person(BO, role="cc"), Person("cy@oakbridge.example", role="cc"))
    (ticket,) = opened(calm, people=people)
    remove = f"/tickets/{ticket.reference}/people/remove"
    gone = posted(calm, remove, session(calm, BO), ticket, address=BO)
    assert gone.headers["location"] == "/tickets"
    assert asked(calm, "GET", f"/tickets/{ticket.reference}", session=session(calm, BO)).status_code == 404
    ticket = calm.again(ticket)
    other = posted(calm, remove, session(calm), ticket, address="cy@oakbridge.example")
    assert other.headers["location"] == f"/tickets/{ticket.reference}?said=people"
    assert [event[1:] for event in story(calm.again(ticket))[-2:]] == [
        (BO, f"{BO} left"), (ANNA, "cy@oakbridge.example left"),
    ]  # fmt: skip


def test_why_a_ticket_is_opened_again_is_told_to_staff_up_to_two_thousand_characters(calm: Desk) -> None:
    (ticket,) = opened(calm)
    ByHand(calm.store, calm.pages.house.knowledge, BEN, NOON - HOUR).happen(
        ticket, "resolved", "done", quiet=True
    )
    ticket = calm.again(ticket)
    done = posted(calm, f"/tickets/{ticket.reference}/reopen", session(calm), ticket, reason=LONG[:2001])
    assert done.headers["location"] == f"/tickets/{ticket.reference}?said=reopened"
    assert [event.reason for event in calm.again(ticket).events if event.actor == ANNA] == [LONG[:1000]]
    (row,) = calm.store.letters(ticket_id=ticket.id)
    whole = calm.store.letter(row.id)
    assert whole is not None and whole.raw is not None
    letter = email.message_from_bytes(whole.raw, policy=email.policy.default)
    assert isinstance(letter, EmailMessage)
    digits = re.findall(r"\d{20,}", re.sub(r"\s", "", text_of(letter)))
    assert (row.to, digits) == ((LEE,), [LONG[:2000]])


def test_what_is_done_on_an_older_page_is_shown_what_came_and_does_nothing(calm: Desk) -> None:
    (ticket,) = opened(calm)
    ByHand(calm.store, calm.pages.house.knowledge, BEN, NOON - HOUR).happen(
        ticket, "resolved", "done", quiet=True
    )
    late = posted(calm, f"/tickets/{ticket.reference}/close", session(calm), ticket)
    assert late.status_code == 409 and "The request was resolved." in late.text
    assert calm.again(ticket).state is State.RESOLVED


@pytest.mark.parametrize("of", ["PS-1", "x"])
def test_a_form_of_another_ticket_does_nothing_here(calm: Desk, of: str) -> None:
    (ticket,) = opened(calm)
    answer = posted(calm, f"/tickets/{ticket.reference}/close", session(calm), ticket, of=of)
    assert answer.status_code == 403 and calm.again(ticket) == ticket


# -- a new request ------------------------------------------------------------------------------------

FIELDS = (
    "subject",
    "description",
    "superadmin_email",
    "service",
    "zoid",
    "zuid",
    "category",
    "happened_before",
)


def test_of_a_request_six_times_as_much_is_kept_as_may_be_sent(calm: Desk) -> None:
    room = {"subject": 1800, "description": 120_000} | dict.fromkeys(FIELDS[2:6], 1200)
    typed = {name: LONG[: most + 1] for name, most in room.items()}
    answer = posted(calm, f"{NEW}/draft", session(calm), **typed, category="sale", happened_before="maybe")
    draft = calm.store.draft(ANNA, "new", "request")
    assert (answer.status_code, answer.text) == (200, "kept") and draft is not None
    whole = {name: LONG[:most] for name, most in room.items()} | {"category": "", "happened_before": ""}
    assert draft == Draft(ANNA, "new", "request", whole, NOON)


def test_files_kept_with_a_request_stay_while_it_is_typed_on(calm: Desk) -> None:
    files = (Attached("log.txt", "text/plain", b"down since nine"),)
    calm.store.save_draft(Draft(ANNA, "new", "request", {"subject": "x"}, NOON, files))
    for typed in ("Leads are lost", ""):
        posted(calm, f"{NEW}/draft", session(calm), subject=typed)
        draft = calm.store.draft(ANNA, "new", "request")
        assert draft is not None and (draft.fields["subject"], draft.files) == (typed, files)
    posted(calm, NEW, session(calm), do="discard")
    assert calm.store.draft(ANNA, "new", "request") is None


@pytest.mark.parametrize("name", FIELDS)
def test_any_field_of_a_request_is_worth_keeping_and_blanks_are_not(calm: Desk, name: str) -> None:
    typed = {"category": "sales", "happened_before": "no"}.get(name, "x")
    posted(calm, f"{NEW}/draft", session(calm), **dict.fromkeys(FIELDS, " "))
    assert calm.store.draft(ANNA, "new", "request") is None
    posted(calm, f"{NEW}/draft", session(calm), **{name: typed})
    draft = calm.store.draft(ANNA, "new", "request")
    assert draft is not None and draft.fields == dict.fromkeys(FIELDS, "") | {name: typed}
    posted(calm, NEW, session(calm), do="discard")
    assert calm.store.draft(ANNA, "new", "request") is None


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ({}, "superadmin_email,service,zoid,zuid"),
        ({"service": "Zoho CRM", "zuid": "70011000001"}, "superadmin_email,zoid"),
        ({"superadmin_email": "it@alder.example", "service": "Zoho CRM", "zoid": "60031122334", "zuid": "70011000001"}, ""),
    ],
)  # fmt: skip
def test_a_request_that_is_sent_is_a_mail_and_no_draft_and_what_is_missing_is_named(
    calm: Desk, typed: dict[str, str], missing: str
) -> None:
    words = {"subject": "Export fails", "description": "It says so.", **typed}
    before, guard = calm.store.waiting_mail(), {"form": secrets.token_urlsafe(18)}
    posted(calm, f"{NEW}/draft", session(calm), **words)
    sent = posted(calm, NEW, session(calm), **words, **guard)
    assert sent.headers["location"] == "/tickets?sent=1" + (f"&missing={missing}" if missing else "")
    assert calm.store.waiting_mail() == before + 1
    # what its page still keeps while it is sent is no draft any more
    assert posted(calm, f"{NEW}/draft", session(calm), **words, **guard).text == "kept"
    assert calm.store.draft(ANNA, "new", "request") is None


# -- an answer of staff -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "kept"), [("reply", "reply"), ("note", "note"), ("sent", "reply"), ("", "reply")]
)
def test_what_staff_type_is_kept_by_its_form_up_to_its_bound_and_tells_that_they_write(
    calm: Desk, which: str, kept: str
) -> None:
    (ticket,), key = opened(calm), session(calm, BEN)
    at = f"/queue/{ticket.reference}/draft"
    assert posted(calm, at, key, ticket, which=which, text=LONG[:120_001], then="wait-and-see").text == "kept"
    fields = {"text": LONG[:120_000], "then": "wait-and-s"}
    assert calm.store.draft(BEN, ticket.reference, kept) == Draft(BEN, ticket.reference, kept, fields, NOON)
    calm.pages.aside.wait()
    seen = calm.store.present([ticket.id], LEE, NOON)[ticket.id]
    assert [(one.address, one.writes) for one in seen] == [(BEN, True)]
    posted(calm, at, key, ticket, which=which, text=" \n")
    assert calm.store.draft(BEN, ticket.reference, kept) is None


@pytest.mark.parametrize(
    ("then", "state", "follows"),
    [
        ("wait", State.WAITING, ["staff answered: waiting on the partner"]),
        ("resolve", State.RESOLVED, ["solved with the answer"]),
        ("", State.WAITING, ["staff answered: waiting on the partner"]),
        ("close", State.WAITING, ["staff answered: waiting on the partner"]),
    ],
)
def test_an_answer_leaves_after_twenty_seconds_and_the_ticket_is_what_was_chosen(
    calm: Desk, then: str, state: State, follows: list[str]
) -> None:
    (ticket,) = opened(calm, state=State.OPEN)
    at = f"/queue/{ticket.reference}"
    done = posted(
        calm, f"{at}/answer", session(calm, BEN), ticket, do="send", text="It works again.", then=then
    )
    assert done.headers["location"] == f"{at}?said=answered"
    (row,) = calm.store.letters(ticket_id=ticket.id)
    assert (row.kind, row.to, row.ready_at) == ("answer", (ANNA,), NOON + timedelta(seconds=20))
    after = calm.again(ticket)
    told = [reason for _kind, actor, reason in story(after) if actor == BEN]
    assert (after.state, told) == (state, ["answered by a letter", *follows])
    assert calm.store.draft(BEN, ticket.reference, "reply") is None


def test_an_answer_kept_ready_stands_below_what_was_typed_and_is_kept_with_it(calm: Desk) -> None:
    (ticket,), key = opened(calm), session(calm, BEN)
    one = min(calm.pages.house.knowledge.rulebook.letters.answers)

    def filled(text: str, name: str, do: str = "canned") -> str:
        at = f"/queue/{ticket.reference}/answer"
        page = posted(calm, at, key, ticket, do=do, canned=name, text=text)
        draft = calm.store.draft(BEN, ticket.reference, "reply")
        assert page.status_code == 200 and draft is not None
        area = re.search(r'<textarea[^>]*name="text"[^>]*>\n?(.*?)</textarea>', page.text, re.DOTALL)
        assert area and html.unescape(area[1]) == draft.fields["text"]
        return str(draft.fields["text"])

    ready = filled(" ", one)
    assert len(ready) > 20 and filled("", one) == ready
    assert filled("Hello. \n", one) == f"Hello.\n\n{ready}"
    assert filled("Hello. ", "no such answer") == "Hello. "
    assert filled("Hello. ", one, do="preview") == "Hello. "


def test_an_answer_is_asked_about_sent_once_and_brought_back_as_it_was(calm: Desk) -> None:
    (ticket,), key, text = opened(calm), session(calm, BEN), "Please look at the attached file."
    at = f"/queue/{ticket.reference}"
    form = {"do": "send", "text": text, "then": "resolve", "form": secrets.token_urlsafe(18)}
    doubtful = posted(calm, f"{at}/answer", key, ticket, **form)
    assert doubtful.status_code == 400 and 'name="sure"' in doubtful.text
    assert list(calm.store.letters(ticket_id=ticket.id)) == [] and calm.again(ticket) == ticket
    for _ in range(2):  # the second time is a double click
        sent = posted(calm, f"{at}/answer", key, ticket, **form, sure="1")
        assert (sent.status_code, sent.headers["location"]) == (303, f"{at}?said=answered")
    assert len(calm.store.letters(ticket_id=ticket.id)) == 1
    assert calm.store.draft(BEN, ticket.reference, "reply") is None
    ticket = calm.again(ticket)
    back = posted(calm, f"{at}/do/take-back", key, ticket)
    assert back.headers["location"] == f"{at}?said=take-back"
    draft = Draft(BEN, ticket.reference, "reply", {"text": text, "then": "resolve"}, NOON)
    assert calm.store.draft(BEN, ticket.reference, "reply") == draft
    assert calm.store.draft(BEN, ticket.reference, "sent") is None


@pytest.mark.parametrize("place", ["queue", "tickets"])
def test_p15_an_answer_that_comes_twice_is_sent_once_and_does_not_stand_there_again(
    calm: Desk, place: str
) -> None:
    """P15: a double click, or a line that was lost behind Send: it would be sent twice by the next who presses it."""
    (ticket,), (who, kind) = opened(calm), (BEN, "reply") if place == "queue" else (ANNA, "answer")
    form = {"do": "send", "text": "It works again.", "form": secrets.token_urlsafe(18)}
    at, before = f"/{place}/{ticket.reference}", calm.store.waiting_mail()
    for _ in range(2):
        sent = posted(calm, f"{at}/answer", session(calm, who), ticket, **form)
        assert sent.headers["location"] == at + ("?said=answered" if who == BEN else "?said=sent#newest")
        assert calm.store.draft(who, ticket.reference, kind) is None
    came = len(calm.store.letters(ticket_id=ticket.id)), calm.store.waiting_mail() - before
    assert came == ((1, 0) if who == BEN else (0, 1))


def test_an_answer_to_what_somebody_else_changed_shows_what_and_keeps_the_words(calm: Desk) -> None:
    (ticket,) = opened(calm)
    by_lee = ByHand(calm.store, calm.pages.house.knowledge, LEE, NOON - HOUR)
    by_lee.happen(ticket, "resolved", "it was the index", quiet=True)
    at = f"/queue/{ticket.reference}/answer"
    late = posted(calm, at, session(calm, BEN), ticket, do="send", text="We look into it.", then="wait")
    assert late.status_code == 409 and "it was the index" in late.text and "We look into it." in late.text
    assert list(calm.store.letters(ticket_id=ticket.id)) == []
    draft = Draft(BEN, ticket.reference, "reply", {"text": "We look into it.", "then": "wait"}, NOON)
    assert calm.store.draft(BEN, ticket.reference, "reply") == draft


@pytest.mark.parametrize(("text", "is_kept"), [("half an answer", True), (" \n", False)])
def test_an_answer_that_comes_too_late_is_kept_where_it_says_anything(
    calm: Desk, text: str, is_kept: bool
) -> None:
    (ticket,) = opened(calm)
    key = session(calm, BEN, begun=timedelta(days=2), seen=timedelta(days=1))
    path = f"/queue/{ticket.reference.lower()}/answer"
    late = posted(calm, path, key, ticket, which="note", text=text, then="resolve")
    assert late.headers["location"] == f"/sign-in?next=%2Fqueue%2F{ticket.reference}&kept=1"
    fields = {"text": text, "then": "resolve"}
    draft = Draft(BEN, ticket.reference, "note", fields, NOON)
    assert calm.store.draft(BEN, ticket.reference, "note") == (draft if is_kept else None)


@pytest.mark.parametrize("place", ["queue", "tickets", "new"])
def test_of_a_form_that_comes_too_late_the_files_are_kept_that_are_still_wanted_and_the_new_ones(
    calm: Desk, place: str
) -> None:
    (ticket,), (who, form) = (
        opened(calm),
        {"queue": (BEN, "reply"), "tickets": (ANNA, "answer"), "new": (ANNA, "request")}[place],
    )
    about = "new" if place == "new" else ticket.reference
    old = tuple(Attached(name, "text/plain", b"old") for name in ("a.txt", "b.txt"))
    calm.store.save_draft(Draft(who, about, form, {}, NOON - HOUR, old))
    key = session(calm, who, begun=timedelta(days=2), seen=timedelta(days=1))
    late = posted(
        calm, NEW if place == "new" else f"/{place}/{ticket.reference}/answer", key, None if place == "new" else ticket,
        text="", kept="1:b.txt", files=[("files", ("c.txt", b"new"))],
    )  # fmt: skip
    assert late.headers["location"].endswith("&kept=1")
    draft = calm.store.draft(who, about, form)
    assert draft is not None and draft.saved_at == NOON
    assert [(file.name, file.content) for file in draft.files] == [("b.txt", b"old"), ("c.txt", b"new")]
    calm.store.drop_draft(who, about, form)


# -- many at once -------------------------------------------------------------------------------------


def mark(ticket: Ticket) -> str:
    return f"{ticket.reference}@{to_micros(ticket.updated_at)}"


def bulk(desk: Desk, chosen: list[str], **data: str) -> tuple[list[str], str]:
    """The lines of the page that comes, without its keys, and the page itself."""
    answer = posted(desk, "/queue/bulk", session(desk, BEN), do="close", chosen=chosen, **data)
    found = re.search(r"(<h1>.*?)<details", answer.text, re.DOTALL)
    assert found, answer.text
    plain = re.sub(
        "<[^>]+>", "", re.sub(r":\n\s*", ": ", found[1].replace("<br>", "; ").replace("</button>", "\n"))
    )
    return [line.strip() for line in html.unescape(plain).splitlines() if line.strip()], answer.text


@pytest.mark.parametrize("sure", ["quiet", "tell"])
def test_many_are_closed_after_it_was_said_what_leaves(calm: Desk, sure: str) -> None:
    one, two = opened(calm, 2)
    chosen = [mark(one), mark(two)]
    letter = f"; closed to {ANNA}"
    first, page = bulk(calm, chosen, reason=LONG[:2001])
    assert first == [
        "Close 2 tickets",
        "2 letters would leave, if the partners are to be told.",
        f"{one.reference} Records vanish: will be closed{letter}",
        f"{two.reference} Records vanish: will be closed{letter}",
        "Close 2 without letters",
        "Close 2 and send 2 letters",
        "Leave it",
    ]
    assert (calm.again(one), calm.again(two)) == (one, two) and f'value="{LONG[:2000]}"' in page
    told = letter if sure == "tell" else ""
    done, _ = bulk(calm, chosen[:1], reason=LONG[:2001], sure=sure)
    assert done == [
        "1 of 1 closed",
        f"{1 if told else 0} letter{'' if told else 's'} will leave.",
        f"{one.reference} Records vanish: done{told}",
        "Back to the list Most urgent",
    ]
    assert [row.kind for row in calm.store.letters(ticket_id=one.id)] == (["closed"] if told else [])
    assert calm.again(one).state is State.CLOSED and calm.again(two) == two
    assert ("closed", BEN, LONG[:2000]) in story(calm.again(one))


def test_of_more_than_fifty_that_were_chosen_fifty_are_looked_at(calm: Desk) -> None:
    (ticket,) = opened(calm)
    chosen = [f"{LONG[:70]}{n}" for n in range(50)]
    lines, _ = bulk(calm, [*chosen, mark(ticket)])
    assert lines[0] == "Close 0 tickets" and lines[-1] == "Back to the list Most urgent"
    assert lines.count(f"{LONG[:20]}: not done: there is no such ticket") == 50
    assert not any(ticket.reference in line for line in lines)
    lines, _ = bulk(calm, [*chosen[:49], mark(ticket)])
    assert f"{ticket.reference} Records vanish: will be closed; closed to {ANNA}" in lines
    assert lines[:2] == ["Close 1 ticket", "1 letter would leave, if the partners are to be told."]


# -- a mail that is tried -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (" [PS-999999] ", "PS-999999: no such ticket"),
        (LONG[:100], f"{LONG[:60]}: no such ticket"),
        ("", ": no such ticket"),
    ],
)
def test_a_ticket_that_is_not_there_is_not_tried_and_told_by_what_was_typed(
    calm: Desk, typed: str, told: str
) -> None:
    answer = posted(calm, "/rules/draft/ticket", session(calm, LEE), reference=typed)
    assert (answer.status_code, alerts(answer)) == (400, [f"{told}, or no mail of it is kept"])


def test_nothing_is_tried_where_nothing_was_pasted(calm: Desk) -> None:
    answer = posted(calm, "/try", session(calm, BEN), mail=" \n", mailbox="global")
    assert (answer.status_code, alerts(answer)) == (400, ["Paste a mail, its headers first."])
