"""A ticket in its partner's words, part by part: what is folded, who spoke, links, cases, what an answer does, and the words."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from markupsafe import Markup

from tests.tickets import world
from tests.tickets.world import at
from triaged.meetings.meeting import MeetingState
from triaged.store.page_rows import Contribution, FileShown, Status, TicketPage
from triaged.tickets.cases import CaseStep
from triaged.tickets.event_data import CaseMoved, Linked
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.walk.plans.page_acts import No
from triaged.web.tickets import shown, wording
from triaged.web.tickets.shown import CaseShown, StepShown, TicketShown

ANNA, BO = "anna@oakbridge.example", "bo@oakbridge.example"
THEN = at("2026-11-23 09:00")


def ticket(*events: Event, **fields: Any) -> Ticket:
    return world.ticket(THEN, *events, **{"people": (Person(ANNA, "Anna"),), **fields})


def said(text: str | None = "It works.", kind: str = "request", **more: Any) -> Contribution:
    made: dict[str, Any] = {"what": "mail", "number": 7, "by": ANNA, "by_name": ""}
    made |= {"to": (), "cc": (), "at": THEN, "subject": "Slow", "text": text, "kind": kind}
    return Contribution(**{**made, **more})


def page(*words: Contribution, of: Ticket | None = None) -> TicketPage:
    return TicketPage(of or ticket(), Status.OPEN, "mail", 1, words)


def word(one: Contribution) -> shown.Word:
    (found,) = shown.conversation(page(one))
    return found


# -- the conversation ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "kind", "folded"),
    [
        *[("mail", one, "automatic mail") for one in ("auto_reply", "receipt", "bounce", "calendar", "reaction")],
        *[("mail", one, "") for one in ("request", "staff", "reply", "thanks")],
        *[("letter", one, "acknowledgment") for one in (
            "acknowledgment", "acknowledgment_unverified", "encrypted", "details_received")],
        *[("letter", one, "reminder") for one in (
            "missing_information_reminder", "waiting_reminder", "case_reminder")],
        *[("letter", one, "notice") for one in ("closed", "merged", "split_off", "resolved_for_silence", "of-old")],
        *[("letter", one, "") for one in (
            "missing_information", "progress_update", "case_update", "answer", "relayed", "resolved")],
    ],
)  # fmt: skip
def test_what_few_want_to_read_again_is_folded_under_its_name(what: str, kind: str, folded: str) -> None:
    assert word(said(kind=kind, what=what)).folded == folded


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"by_name": "Anna"}, "Anna"),
        ({"by_name": "Ben", "ours": True}, "Ben"),
        ({"ours": True}, "Partner Support"),
        ({}, ANNA),
    ],
)
def test_who_spoke_is_told_by_name_else_as_support_else_by_address(more: dict[str, Any], who: str) -> None:
    assert word(said(**more)).who == who


@pytest.mark.parametrize(
    ("one", "html"),
    [
        (said("a <b> *c*"), '<div class="words">a &lt;b&gt; *c*</div>'),
        (said("**bold**", door="web"), '<div class="rich"><p><strong>bold</strong></p></div>'),
        (said("**bold**", "answer", what="letter"), '<div class="rich"><p><strong>bold</strong></p></div>'),
        (said("**bold**", "closed", what="letter"), '<div class="words">**bold**</div>'),
        (said(None), "<p class='quiet'>These words are no longer kept.</p>"),
        (said(None, waiting=True), "<p class='quiet'>This has just come and is being read.</p>"),
        (said(""), '<div class="words"></div>'),
    ],
)
def test_words_typed_on_a_page_are_shown_as_meant_and_a_mails_letter_by_letter(
    one: Contribution, html: str
) -> None:
    assert word(one).html == html


def test_pictures_and_the_place_of_a_contribution() -> None:
    files = tuple(FileShown(n, f"a.{t[-3:]}", t, 9) for n, t in enumerate(("image/png", "application/pdf")))
    found = word(said(files=files, what="letter", number=12, kind="answer"))
    assert (found.pictures, found.anchor) == (files[:1], "letter-12")


def test_a_ticket_that_was_split_off_begins_with_the_words_it_is_about() -> None:
    people = (Person(BO, role="cc"), Person(ANNA, "Anna"), Person("dee@oakbridge.example"))
    passage = "The export fails.\nSee https://oakbridge.example/a."
    of = ticket(
        world.event(THEN, Happening.STAFF_NOTED, passage="no link"),
        world.event(THEN, Happening.LINKED, **Linked(from_=3).stored()),
        world.event(THEN, Happening.LINKED, **Linked(from_=3, reference="PS-3", passage=passage).stored()),
        people=people,
        subject="Export",
    )
    first, second = shown.conversation(page(said(), of=of))
    assert second == word(said())
    link = "https://oakbridge.example/a"
    assert first == shown.Word(
        Contribution(
            "mail", 0, THEN, ANNA, "", (), (), "Export", passage, "request", waiting=True
        ),
        ANNA,
        Markup(f'<div class="words">The export fails.\nSee <a href="{link}" rel="noopener noreferrer nofollow">{link}</a>.</div>'),
        "",
        (),
        "split-off",
    )  # fmt: skip
    (nobodys, _mail) = shown.conversation(page(said(), of=ticket(of.events[-1], people=people[:1])))
    assert (nobodys.who, nobodys.said.by) == ("", "")


# -- links --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("no link", []),
        ("https://a.example/b, and http://c.example/d.", ["https://a.example/b", "http://c.example/d"]),
        ("(https://a.example/b)", ["https://a.example/b"]),
        ('<https://a.example/b?c=d&e> "http://a.example"', ["https://a.example/b?c=d&e", "http://a.example"]),
        ("見る「https://a.example/b」、https://c.example。", ["https://a.example/b", "https://c.example"]),
        ("ftp://a.example javascript:alert(1) https://", []),
        ("https://a.example/" + "b" * 600, ["https://a.example/" + "b" * 491]),
    ],
)
def test_addresses_of_the_web_are_links_and_all_else_is_text(text: str, links: list[str]) -> None:
    html = str(shown.linked(text))
    given = re.findall(r'<a href="([^"]*)" rel="noopener noreferrer nofollow">', html)
    without = re.sub(r"</?a\b[^>]*>", "", html)
    assert [unescape(one) for one in given] == links and html.count("</a>") == len(links)
    assert unescape(without) == text and "<" not in without


def test_links_of_support_are_ours_once_each_and_twenty_at_most() -> None:
    def many(*numbers: int) -> str:
        return " ".join(f"https://help.example/{n}" for n in numbers)

    words = (
        said("https://theirs.example"),
        said("https://notice.example", "closed", what="letter", ours=True),
        said(many(1, 2, 1), "answer", what="letter", ours=True),
        said(None, "staff", ours=True),
        said(many(2, 3), "staff", ours=True),
        said(many(4), "resolved", what="letter", ours=True),
        said(many(5), "progress_update", what="letter", ours=True),
    )
    assert shown.links_of_support(page(*words)) == many(1, 2, 3, 4, 5).split()
    assert (
        shown.links_of_support(page(said(many(*range(30)), "staff", ours=True))) == many(*range(20)).split()
    )


# -- the ticket beside it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "tags", "told"),
    [(True, (), True), (True, ("vip",), True), (False, (), False), (True, ("foreign-account",), False)],
)
def test_of_a_ticket_the_account_is_told_to_who_is_verified_and_whose_partners_it_is(
    trusted: bool, tags: tuple[str, ...], told: bool
) -> None:
    people = (
        Person(ANNA, "Anna"),
        Person(BO, role="cc"),
        Person("dee@oakbridge.example", role="reader"),
        Person("eve@nowhere.example", role="other"),
    )
    one = ticket(
        people=people, trusted=trusted, tags=tags, account_name="Alder", superadmin_email="it@alder.example", service="Zoho CRM",
        private=True, provisional=True, subject="Slow",
    )  # fmt: skip
    assert shown.ticket(one) == TicketShown(
        one.reference, "Slow", one.severity, True, THEN, one.updated_at, "Zoho CRM",
        "Alder" if told else "", "it@alder.example" if told else "", True, people[:3], trusted,
    )  # fmt: skip


def test_what_a_ticket_does_not_know_is_told_as_nothing() -> None:
    found = shown.ticket(ticket(trusted=True, service=None, account_name=None, superadmin_email=None))
    assert (found.service, found.account_name, found.superadmin_email) == ("", "", "")


def moved(when: datetime, step: str, case: str = "CP-1", **more: Any) -> Event:
    return world.event(when, Happening.CASE_MOVED, **CaseMoved(case, step, **more).stored())


def test_a_cases_way_has_each_steps_last_date_and_nothing_of_another_case() -> None:
    day = date(2026, 12, 1)
    hours = [THEN + timedelta(hours=n) for n in range(6)]
    one = ticket(
        moved(hours[0], "submitted", report="Slow reports"),
        moved(hours[1], "in_progress", expected=day),
        moved(hours[2], "confirming_fix", expected=day),
        moved(hours[3], "in_progress", expected=day, report="It did not hold"),
        moved(hours[4], "submitted", "CP-2"),
        moved(hours[5], "confirming_fix", "CP-2", expected=day),
    )
    first, second = shown.engineering(one)
    assert first == CaseShown(
        "CP-1",
        "Slow reports",
        (
            StepShown(CaseStep.SUBMITTED, hours[0], False, True),
            StepShown(CaseStep.IN_REVIEW, None, False, True),
            StepShown(CaseStep.IN_PROGRESS, hours[3], True, False),
            StepShown(CaseStep.CONFIRMING, None, False, False),
            StepShown(CaseStep.RESOLVED, None, False, False),
        ),
        day,
        False,
    )
    assert (second.id, second.description, second.expected, second.confirming) == ("CP-2", "", None, True)
    assert [s.at for s in second.steps] == [hours[4], None, None, hours[5], None]
    (over,) = shown.engineering(ticket(moved(THEN, "resolved", expected=day)))
    assert (over.expected, over.confirming, over.steps[-1].is_now) == (None, False, True)


WITHIN = timedelta(days=7)
OPENS = "This request is resolved. An answer opens it again."
NEW_ONE = "This request is closed. An answer becomes a new request that is linked to this one."


@pytest.mark.parametrize(
    ("state", "ago", "told"),
    [
        (State.WAITING, None, ""),
        (State.RESOLVED, None, OPENS),
        (State.RESOLVED, WITHIN, OPENS),
        (State.RESOLVED, WITHIN + timedelta(microseconds=1), NEW_ONE),
        (State.CLOSED, timedelta(0), NEW_ONE),
    ],
)
def test_before_anybody_writes_on_a_ticket_that_is_over_he_reads_what_comes_of_it(
    state: State, ago: timedelta | None, told: str
) -> None:
    one = ticket(state=state, resolved_at=None if ago is None else THEN - ago)
    assert shown.what_an_answer_does(one, WITHIN, THEN) == told
    assert shown.is_reopened_by_answer(one, WITHIN, THEN) is (told == OPENS)


def test_of_what_came_meanwhile_the_last_of_each_kind_is_told() -> None:
    one, two, three = (
        world.event(THEN + timedelta(hours=n), kind)
        for n, kind in enumerate((Happening.RESOLVED, Happening.REOPENED, Happening.RESOLVED))
    )
    assert list(shown.news((one, two, three))) == [three, two]


# -- the words ----------------------------------------------------------------------------------------


def test_every_word_of_the_code_has_its_word_for_partners() -> None:
    assert {str(one): wording.status(one) for one in Status} == {
        "open": "open", "waiting": "waiting for you", "escalated": "escalated", "resolved": "resolved", "closed": "closed",
    }  # fmt: skip
    assert {str(one): wording.step(one) for one in CaseStep} == {
        "submitted": "submitted", "in_review": "in review", "in_progress": "engineering in progress",
        "confirming_fix": "confirming the fix", "resolved": "resolved",
    }  # fmt: skip
    assert {str(one): wording.meeting_state(one) for one in MeetingState} == {
        "offered": "offered: please choose", "declined": "declined", "accepted": "booked", "moved": "booked, at another time",
        "begun": "has begun", "held": "took place", "missed": "did not take place", "cancelled": "cancelled",
    }  # fmt: skip
    assert {one: wording.severity(one) for one in ("S1", "S2", "S3", "S4", "S5")} == {
        "S1": "critical", "S2": "high", "S3": "medium", "S4": "low", "S5": "S5",
    }  # fmt: skip
    assert {one: wording.attendance(one) for one in ("accepted", "declined", "tentative", "", "needs-action")} == {
        "accepted": "will come", "declined": "will not come", "tentative": "may come",
        "": "has not decided", "needs-action": "has not decided",
    }  # fmt: skip
    for same in ("mail", "web", "phone", "chat", "session", "fax"):
        assert wording.channel(same) == same
    assert [wording.category(one) for one in wording.CATEGORIES] == list(wording.CATEGORIES)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("not_yours", "Only who opened the request may do this."),
        ("empty", "Nothing is written yet."),
        ("too_long", "This is too long: 20,000 characters fit. Attach the rest as a text file."),
        ("state", "The request is no longer in the state for this. Here is how it stands now."),
        ("rated", "You have rated this solution already. Thank you!"),
        ("score", "Choose a number from 1 to 5."),
        ("not_a_colleague", "Only people of your own company can be added."),
        ("too_many", "There are too many people on this request already."),
        ("already", "It is so already."),
        ("needed", "Somebody must be left whom our letters reach."),
        ("no_case", "No fix waits for your word any more."),
        ("meeting_state", "The session is no longer in the state for this. Here is how it stands now."),
        ("meeting_time", "This time can no longer be chosen. Please choose another one."),
        ("meeting_taken", "This time has been taken meanwhile. Please choose another one."),
        ("meeting_terms", "The terms have changed meanwhile. Please read them again."),
        ("meeting_people", "Only people of this request decide about its session."),
        ("unknown_sender", "Your address belongs to none of our partners."),
        ("of another version", "This cannot be done now."),
    ],
)
def test_why_something_cannot_be_is_told_in_a_sentence(why: str, told: str) -> None:
    assert wording.refusal(No(why)) == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Happening.PARTNER_ANSWERED, "A colleague of yours has answered."),
        (Happening.STAFF_ANSWERED, "Support has answered."),
        (Happening.WAITING, "Support waits for an answer of yours."),
        (Happening.RESOLVED, "The request was resolved."),
        (Happening.REOPENED, "The request was opened again."),
        (Happening.CLOSED, "The request was closed."),
        (Happening.MERGED, "The request went into another one."),
        (Happening.SPLIT, "A part of it became a request of its own."),
        (Happening.CASE_MOVED, "The engineering case has moved on."),
        (Happening.PEOPLE_CHANGED, "People joined or left."),
        (Happening.STAFF_NOTED, "The request has changed."),
    ],
)
def test_what_came_meanwhile_is_told_in_a_sentence(kind: Happening, told: str) -> None:
    assert wording.happened(world.event(THEN, kind)) == told
