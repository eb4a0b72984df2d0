"""What of the partners' pages nobody would have noticed: what is refused or kept, and the events that admins grep for."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.said import listening
from tests.store.samples import open_tickets
from tests.web.desk import ANNA, BO, CARL, Desk, eventually, form, link_of, opened_desk
from tests.web.test_sign_in import asks, letters, who
from triaged.config.web import Uploads
from triaged.store.page_rows import Place
from triaged.tickets.ticket import Happening, Person, Ticket
from triaged.web.files import kinds
from triaged.web.serve import Aside
from triaged.web.tickets.listing import cursor, place

NEW = "/tickets/new"
FAULTS = (
    "Give it a subject.",
    "Describe what happens.",
    "This is too long: 20,000 characters fit.",
    "This is not a mail address.",
    "This is a number of 5 to 20 digits.",
)
TYPED = {"subject": "Export fails", "description": "It says ERR_2004.", "do": "send"}


@pytest.fixture(autouse=True)
def unhurried(calm: Desk) -> None:
    """Tests ask faster than people."""
    calm.pages.house.buckets = type(calm.pages.house.buckets)()


def solved(desk: Desk) -> Ticket:
    (ticket,) = open_tickets(desk.store, people=(Person(ANNA, "Anna"),), trusted=True)
    return desk.by().happen(desk.again(ticket), "resolved", "done")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"subject": " "}, "Give it a subject."),
        ({"description": "\n "}, "Describe what happens."),
        ({"description": "a" * 20_001}, "This is too long: 20,000 characters fit."),
        ({"superadmin_email": "alder works"}, "This is not a mail address."),
        ({"superadmin_email": "it@alder.example or it2@alder.example"}, "This is not a mail address."),
        ({"zoid": "unknown"}, "This is a number of 5 to 20 digits."),
        ({"zuid": "unknown"}, "This is a number of 5 to 20 digits."),
        ({"description": "a" * 20_000}, ""),
        ({"superadmin_email": " it@alder.example ", "zoid": "ZOID 6003112", "zuid": "7001100"}, ""),
    ],
    ids=lambda one: (
        one[:30] if isinstance(one, str) else f"{next(iter(one))} {len(next(iter(one.values())))}"
    ),
)
def test_what_stands_in_the_way_of_a_request_is_told_and_kept_and_all_else_is_sent(
    calm: Desk, typed: dict[str, str], told: str
) -> None:
    anna, before = calm.signed_in(ANNA), calm.store.waiting_mail()
    answer = anna.post(anna.get(NEW), NEW, {**TYPED, **typed})
    kept = calm.store.draft(ANNA, "new", "request")
    if not told:
        assert answer.url.path == "/tickets" and calm.store.waiting_mail() == before + 1 and kept is None
        return
    assert answer.status_code == 400 and [one for one in FAULTS if one in answer.text] == [told]
    assert calm.store.waiting_mail() == before and kept is not None
    assert {name: kept.fields[name] for name in typed} == typed
    anna.post(anna.get(NEW), NEW, {**TYPED, "do": "discard"})
    assert calm.store.draft(ANNA, "new", "request") is None and calm.store.waiting_mail() == before


def test_two_faults_of_a_request_are_told_at_once(calm: Desk) -> None:
    anna = calm.signed_in(ANNA)
    answer = anna.post(anna.get(NEW), NEW, {"do": "send", "zoid": "none", "category": "x", "happened_before": "y"})  # fmt: skip
    for told in ("Give it a subject.", "Describe what happens.", "This is a number of 5 to 20 digits."):
        assert told in answer.text
    kept = calm.store.draft(ANNA, "new", "request")
    assert kept is not None and (kept.fields["category"], kept.fields["happened_before"]) == ("", "")
    calm.store.drop_draft(ANNA, "new", "request")


def test_p13_a_rating_given_when_the_session_is_over_stands_there_after_signing_in(calm: Desk) -> None:
    ticket, anna = solved(calm), calm.signed_in(ANNA)
    at = f"/tickets/{ticket.reference}/feedback"
    page = anna.get(f"{at}?score=5")
    calm.clock.move(hours=13)
    late = anna.post(page, at, {"score": "4", "comment": "It took a week, but it works"})
    assert "/sign-in" in str(late.url) and "is kept" in late.text
    landed = anna.post(anna.get(calm.link(ANNA, at)), "/sign-in/link/")
    assert landed.url.path == at and "It took a week, but it works" in landed.text
    assert 'value="4" required checked' in landed.text
    assert Happening.RATED not in [event.kind for event in calm.again(ticket).events]
    done = anna.post(landed, at, {"score": "4", "comment": "It took a week, but it works"})
    assert "said=rated" in str(done.url) and calm.store.draft(ANNA, ticket.reference, "feedback") is None
    assert calm.again(ticket).events[-1].reason == "rated 4 of 5"


@pytest.mark.parametrize("score", ["", "0", "6", "5x"])
def test_a_rating_is_a_number_from_one_to_five(calm: Desk, score: str) -> None:
    ticket, anna = solved(calm), calm.signed_in(ANNA)
    at = f"/tickets/{ticket.reference}/feedback"
    answer = anna.post(anna.get(at), at, {"score": score, "comment": "so so"})
    assert answer.status_code == 400 and "Choose a number from 1 to 5." in answer.text
    assert "so so" in answer.text and Happening.RATED not in [e.kind for e in calm.again(ticket).events]


@pytest.mark.parametrize("path", ["/tickets", "/queue"])
def test_who_searches_too_often_waits_and_may_look_all_the_same(calm: Desk, path: str) -> None:
    one = calm.signed_in(ANNA if path == "/tickets" else "ben.carter@desk.example")
    answers = [one.get(path, params={"q": f"word{n}"}).status_code for n in range(32)]
    assert answers.index(429) == 30 and set(answers[:30]) == {200}
    assert one.get(path).status_code == 200


@pytest.mark.parametrize("key", [1.5, None, ["a"], {"a": 1}])
def test_a_place_of_a_list_is_a_word_or_a_number_and_an_id(key: object) -> None:
    assert place(cursor(Place(key, 42))) is None  # type: ignore[arg-type]
    assert place(cursor(Place("a", "42"))) is None  # type: ignore[arg-type]
    assert place(cursor(Place("a", True))) is None


def test_a_mail_whose_words_are_forgotten_says_so(calm: Desk) -> None:
    (ticket,) = open_tickets(calm.store, people=(Person(ANNA, "Anna"),), trusted=True)
    at, anna = f"/tickets/{ticket.reference}", calm.signed_in(ANNA)
    anna.post(anna.get(at), f"{at}/answer", {"text": "It says ERR_2004.", "do": "send"})
    mail = calm.store.mails(limit=1)[0]
    assert "It says ERR_2004." in anna.get(f"/mails/{mail.id}").text
    with closing(sqlite3.connect(calm.folder / "triaged.db")) as apart, apart:
        its = "(SELECT sha256 FROM mail WHERE id = ?)"
        apart.execute(
            f"UPDATE raw SET packed = ?, size = 0 WHERE sha256 = {its}", (zlib.compress(b""), mail.id)
        )
    gone = anna.get(f"/mails/{mail.id}").text
    assert "These words are no longer kept." in gone and "ERR_2004" not in gone
    assert anna.get(f"/mails/{mail.id}/original").text == ""


# -- signing in ---------------------------------------------------------------------------------------


def test_who_is_signed_in_already_is_led_on_by_the_link_and_another_is_not(calm: Desk) -> None:
    anna, bo = calm.signed_in(ANNA), calm.signed_in(BO)
    link = calm.link(ANNA, "/choices")
    assert anna.get(link).url.path == "/choices"
    asked = bo.get(link)
    assert "/sign-in/link/" in str(asked.url) and who(bo) == BO
    assert anna.get(calm.link(ANNA)).url.path == "/tickets"


def test_the_button_of_a_link_is_no_use_to_a_browser_that_did_not_ask(calm: Desk) -> None:
    browser, other = calm.browser(), calm.browser()
    asks(calm, browser, ANNA)
    link = link_of(letters(calm, ANNA)[-1])
    target, _hidden = form(browser.get(link).text, "/sign-in/link/")
    csrf = form(other.get("/sign-in").text, "/sign-in")[1]["csrf"]
    assert other.http.post(target, data={"csrf": csrf}).status_code == 403 and who(other) == ""
    browser.post(browser.get(link), "/sign-in/link/")
    assert who(browser) == ANNA


def test_whose_partner_is_gone_meanwhile_is_not_signed_in_by_his_link(lone: Desk) -> None:
    carl = lone.browser()
    page = carl.get(lone.link(CARL))
    partners = lone.folder / "partners.csv"
    partners.write_text("".join(line for line in partners.read_text("utf-8").splitlines(True) if "elmhill" not in line), "utf-8")  # fmt: skip
    lone.pages._asked.set()
    eventually(lambda: lone.pages.house.knowledge.directory.partner_of(CARL) is None, "the partners stayed")
    landed = carl.post(page, "/sign-in/link/")
    assert "This link is no longer good" in landed.text and who(carl) == ""


# -- forms and files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"", "headers": {}}, 403),  # an empty form: its token is what is missing
        ({"content": b"csrf=x", "headers": {}}, 400),
        ({"content": b"{}", "headers": {"content-type": "application/json"}}, 400),
        ({"data": {"subject": "a" * (128 * 1024)}}, 403),
        ({"data": {"subject": "a" * (128 * 1024 + 1)}}, 400),
        ({"content": b"--x", "headers": {"content-type": "multipart/form-data"}}, 400),
    ],
    ids=["nothing", "no kind", "another kind", "a long field", "a longer field", "no boundary"],
)
def test_what_is_no_form_is_told_apart_from_a_form_without_its_token(
    calm: Desk, sent: dict[str, Any], status: int
) -> None:
    before = calm.store.waiting_mail()
    anna = calm.signed_in(ANNA)
    assert anna.http.post(NEW, **sent).status_code == status
    assert calm.store.waiting_mail() == before


@pytest.mark.parametrize(
    ("content", "fits"),
    [
        ("Größe".encode("utf-16"), True),
        ("<script>alert(1)</script>".encode("utf-16"), False),
        (b"\xff\xfe\x00", False),  # it says UTF-16, and is half a character
        (b"\xff\xfe\x00\xd8a\x00", False),
        (b"plain", True),
        (b"pl\x00ain", False),
    ],
)
def test_a_text_of_two_bytes_a_character_is_a_text_where_it_is_one(content: bytes, fits: bool) -> None:
    assert (kinds.objection("log.txt", content, Uploads()) == "") is fits


def test_work_done_aside_that_fails_is_told_and_holds_up_none() -> None:
    aside, done = Aside(), list[int]()
    with listening() as said:
        aside("one", lambda: done.append(1 // 0))
        aside("two", lambda: done.append(2))
        aside.wait()
    assert done == [2]
    assert [(one["path"], one["error"]) for one in said.of("web.failed")] == [
        ("aside", "ZeroDivisionError: integer division or modulo by zero")
    ]
    aside("one", lambda: done.append(3))  # of the same name, later
    aside.stop()
    assert done == [2, 3]


def test_more_work_than_can_wait_is_left_undone_and_told() -> None:
    aside, hold, done = Aside(), threading.Event(), list[int]()
    aside("first", lambda: hold.wait(20) and None)
    eventually(lambda: aside._work.empty(), "it did not begin")
    with listening() as said:
        for n in range(aside._work.maxsize):
            aside(f"{n}", lambda n=n: done.append(n))  # type: ignore[misc]
            aside(f"{n}", lambda: done.append(-1))  # about the same: done by that
        assert said.of("web.failed") == []
        aside("one more", lambda: done.append(-2))
        (told,) = said.of("web.failed")
    assert (told["path"], told["error"]) == ("aside", "too much waits: a letter was not written")
    hold.set()
    aside.wait()
    assert done == list(range(aside._work.maxsize))
    aside("one more", lambda: done.append(-3))
    aside.stop()
    assert done[-1] == -3


def test_that_pages_are_served_and_that_one_met_a_fault_is_told(tmp_path: Path, empty_database: Path) -> None:
    database = tmp_path / "triaged.db"
    shutil.copy(empty_database, database)
    with listening() as said, opened_desk(tmp_path, f"sqlite:///{database}", daemon=False) as desk:
        assert said.of("web.ready") == [{"address": desk.url}]
        anna = desk.signed_in(ANNA)
        assert said.of("web.failed") == []
        with closing(sqlite3.connect(database)) as apart, apart:
            apart.execute("DROP TABLE ticket")
        page = anna.get("/tickets")
        assert page.status_code == 503 and "no such table" not in page.text
        told = eventually(lambda: said.of("web.failed"), "the fault was not told")
        assert told[0]["path"] == "/tickets" and "ticket" in told[0]["error"]
