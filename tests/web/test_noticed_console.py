"""What of the console nobody would have noticed: orders that cannot be, many at once, and the event that admins grep for."""

from __future__ import annotations

import itertools
import re

import httpx2
import pytest

from tests.said import listening
from tests.store.samples import open_tickets
from tests.web.desk import ADA, ANNA, BEN, BO, LEE, Browser, Desk, form
from tests.web.test_console import act
from triaged.store.columns import to_micros
from triaged.store.rows import Arrival
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.ticket import Happening, Person, State, Ticket

NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def unhurried(calm: Desk) -> None:
    """Tests ask faster than people."""
    calm.pages.house.buckets = type(calm.pages.house.buckets)()


@pytest.fixture(scope="module")
def ben(calm: Desk) -> Browser:
    return calm.signed_in(BEN)


def opened(desk: Desk, count: int = 1) -> list[Ticket]:
    found = open_tickets(
        desk.store,
        count,
        subject=f"Slow report {next(NUMBERS)}",
        people=(Person(ANNA, "Anna"),),
        language="en",
        references=(f"<slow{next(NUMBERS)}@oakbridge.example>",),
        missing=(),
        trusted=True,
    )
    return [desk.again(one) for one in found]


def story(ticket: Ticket) -> list[tuple[Happening, str]]:
    return [(event.kind, event.reason) for event in ticket.events]


# -- what is no order ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("severity", {"severity": "S5", "reason": "worse than ever"}, "a severity is S1, S2, S3 or S4"),
        ("severity", {"severity": "S1"}, "the reason is missing"),
        ("assign", {"person": "Lee"}, "&#39;Lee&#39; is not a valid mail address; reminders go there"),
        ("assign", {}, "whom it is assigned to is missing"),
        ("note", {"text": "  "}, "nothing is written"),
        ("resolve", {"quiet": "1", "tell": "It is back."}, "said in the letter that is not to leave"),
        ("close", {"quiet": "1", "tell": "It is back."}, "said in the letter that is not to leave"),
        ("escalate", {"tier": "1"}, "a tier is 2 or 3"),
        ("escalate", {"tier": "4"}, "a tier is 2 or 3"),
        ("escalate", {}, "a tier is 2 or 3"),
        ("account", {"account": "no-such"}, "no-such: no account has it as key"),
        ("account", {"account": "oakbridge"}, "oakbridge: no account has it as key"),
        ("merge", {"into": "PS-999999", "sure": "1"}, "PS-999999: no such ticket"),
        ("split", {"sure": "1"}, "the subject of the other matter is missing"),
        ("case", {"step": "forgotten"}, "forgotten is no step of a case"),
        ("case", {"expected": "soon"}, "soon is no day; write one like 2026-12-01"),
        ("snooze", {"reason": "later"}, "the day until which it is put off is missing"),
        ("snooze", {"until": "2026-12-01"}, "the reason is missing"),
        ("relate", {"other": "PS-1", "how": "married"}, "tickets are related, duplicates, or neither"),
        ("relate", {"how": "related"}, "the other ticket&#39;s reference is missing"),
        ("take-back", {}, "there is no such answer"),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one.values()),
)
def test_what_cannot_be_ordered_is_told_with_what_was_typed_and_changes_nothing(
    calm: Desk, ben: Browser, name: str, typed: dict[str, str], told: str
) -> None:
    (ticket,) = opened(calm)
    answer = act(ben, ticket, name, **typed)
    assert answer.status_code == 400 and told in answer.text, answer.text[:3000]
    assert calm.again(ticket) == ticket
    assert list(calm.store.letters(ticket_id=ticket.id)) == []


def test_a_form_of_another_ticket_and_an_act_that_is_none_do_nothing(calm: Desk, ben: Browser) -> None:
    ticket, other = opened(calm, 2)
    assert act(ben, ticket, "forget").status_code == 404
    for of, told in ((other.reference, other.reference), ("", "no ticket")):
        answer = act(ben, ticket, "note", text="a word", of=of)
        assert answer.status_code == 400 and f"This form belongs to {told}." in answer.text
    assert calm.again(ticket) == ticket and calm.again(other) == other


# -- how much is kept of what is typed ------------------------------------------------------------------

LONG = "".join(str(n % 10) for n in range(1001))


def test_a_forms_ticket_is_named_by_twenty_characters(calm: Desk, ben: Browser) -> None:
    (ticket,) = opened(calm)
    for answer in (
        act(ben, ticket, "note", text="a word", of=LONG),
        answered(ben, ticket, "A word.", of=LONG),
    ):
        assert answer.status_code == 400 and f"This form belongs to {LONG[:20]}." in answer.text


def test_a_reason_to_withdraw_a_letter_or_to_send_it_again_is_kept_up_to_a_thousand_characters(
    calm: Desk, ben: Browser
) -> None:
    (ticket,) = opened(calm)
    assert answered(ben, ticket, "It works again.").status_code == 200
    (row,) = calm.store.letters(ticket_id=ticket.id)
    ben.post(ben.get(f"/outbox/{row.id}"), f"/outbox/{row.id}/cancel", {"reason": f" {LONG} "})
    ben.post(ben.get(f"/outbox/{row.id}"), f"/outbox/{row.id}/retry", {"reason": f" {LONG} "})
    told = dict(story(calm.again(ticket)))
    assert told[Happening.LETTER_WITHDRAWN] == LONG[:1000]
    assert told[Happening.STAFF_NOTED] == f"letter {row.id} is sent again: {LONG[:1000]}"


def test_a_mail_is_dropped_for_a_reason_of_up_to_a_thousand_characters(calm: Desk, ben: Browser) -> None:
    arrival = Arrival(b"Subject: x\n\ny\n", "global", "smtp", None, None, None, calm.clock(), None, ())
    (kept,) = calm.store.keep([arrival], now=calm.clock())
    with calm.store._writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE mail SET fate = 'quarantine', ready_at = NULL, mailbox = 'global' WHERE id = {kept.id}"
        )
    ben.post(ben.get(f"/ledger/{kept.id}"), f"/ledger/{kept.id}/drop", {"reason": f" {LONG} "})
    row = calm.store.mail(kept.id)
    assert row is not None and row.why == f"dropped by {BEN}: {LONG[:1000]}"


@pytest.mark.parametrize("length", [120_000, 120_001])
def test_a_mail_to_be_tried_is_taken_up_to_its_bound(calm: Desk, ben: Browser, length: int) -> None:
    head = b"From: a@b.example\nSubject: long\n\n"
    raw = head + b"x" * (length - len(head) - 1) + b"\n"
    (kept,) = calm.store.keep(
        [Arrival(raw, "global", "smtp", None, None, None, calm.clock(), None, ())], now=calm.clock()
    )
    shown = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", ben.get(f"/try?mail={kept.id}").text, re.DOTALL)
    assert shown and shown[1] == raw[:120_000].decode()


@pytest.mark.parametrize(
    ("mail", "status"),
    [("", 200), ("x", 404), ("9" * 15, 404), ("9" * 16, 404), ("1" * 400, 404), ("١", 404)],
)
def test_a_mail_to_be_tried_that_is_not_there_is_not_found(ben: Browser, mail: str, status: int) -> None:
    assert ben.get(f"/try?mail={mail}").status_code == status


# -- answers -------------------------------------------------------------------------------------------


def answered(browser: Browser, ticket: Ticket, text: str, **more: str) -> httpx2.Response:
    page = browser.get(f"/queue/{ticket.reference}")
    return browser.post(
        page, f"/queue/{ticket.reference}/answer", {"text": text, "do": "send", "then": "", **more}
    )


def test_a_draft_is_kept_with_what_follows_and_thrown_away(calm: Desk, ben: Browser) -> None:
    (ticket,) = opened(calm)
    answered(ben, ticket, "Half an", do="preview", then="wait")
    draft = calm.store.draft(BEN, ticket.reference, "reply")
    assert draft is not None and draft.fields == {"text": "Half an", "then": "wait"}
    shown = ben.get(f"/queue/{ticket.reference}").text
    assert "Half an" in shown and list(calm.store.letters(ticket_id=ticket.id)) == []
    answered(ben, ticket, "Half an", do="discard")
    assert calm.store.draft(BEN, ticket.reference, "reply") is None


def test_a_preview_is_of_the_words_and_a_refused_file_shows_none(calm: Desk, ben: Browser) -> None:
    (ticket,) = opened(calm)
    shown = answered(ben, ticket, "One **word** of it", do="preview")
    assert shown.status_code == 200 and "<strong>word</strong>" in shown.text
    page = ben.get(f"/queue/{ticket.reference}")
    typed = {"text": "One **word** of it", "do": "preview", "then": ""}
    files = [("run.exe", b"MZ" + b"\0" * 100)]
    refused = ben.post(page, f"/queue/{ticket.reference}/answer", typed, files=files)
    assert refused.status_code == 400 and "run.exe" in refused.text
    assert "<strong>word</strong>" not in refused.text
    assert list(calm.store.letters(ticket_id=ticket.id)) == []


# -- cases and tiers -----------------------------------------------------------------------------------


def test_a_case_is_moved_by_its_number_and_another_is_raised_without_one(calm: Desk, ben: Browser) -> None:
    (ticket,) = opened(calm)
    act(ben, ticket, "case", report="With engineering.")
    (first,) = cases.cases(calm.again(ticket))
    assert first.step is CaseStep.SUBMITTED
    assert act(ben, ticket, "case", case=first.id.lower(), step="in_progress").status_code == 200
    assert [(one.id, one.step) for one in cases.cases(calm.again(ticket))] == [
        (first.id, CaseStep.IN_PROGRESS)
    ]
    assert act(ben, ticket, "case").status_code == 200
    both = cases.cases(calm.again(ticket))
    assert [one.step for one in both] == [CaseStep.IN_PROGRESS, CaseStep.SUBMITTED] and both[1].id != first.id


@pytest.mark.parametrize(("how", "reason"), [("tier 2", "2"), ("tier 3", "3")])
def test_a_tier_is_two_or_three(calm: Desk, ben: Browser, how: str, reason: str) -> None:
    (ticket,) = opened(calm)
    assert act(ben, ticket, "escalate", tier=reason).status_code == 200
    assert calm.again(ticket).tier == int(reason), how


def test_a_note_may_be_the_report_alone(calm: Desk, ben: Browser) -> None:
    (ticket,) = opened(calm)
    assert act(ben, ticket, "note", report="An index is rebuilt.").status_code == 200
    (noted,) = [e for e in calm.again(ticket).events if e.kind is Happening.STAFF_NOTED]
    assert (noted.reason, noted.data.get("report")) == ("An index is rebuilt.", "An index is rebuilt.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A" * 20_000, ""),
        ("A" * 20_001, "20,000 characters fit; attach the rest as a file."),
        (" \n", "nothing is written"),
    ],
    ids=["as long as may be", "longer", "empty"],
)
def test_an_answer_that_is_no_letter_is_not_sent_and_stands_there(
    calm: Desk, ben: Browser, text: str, told: str
) -> None:
    (ticket,) = opened(calm)
    at = f"/queue/{ticket.reference}"
    answer = ben.post(ben.get(at), f"{at}/answer", {"do": "send", "then": "", "sure": "1", "text": text})
    sent = [(row.kind, row.to) for row in calm.store.letters(ticket_id=ticket.id)]
    if told:
        assert (answer.status_code, sent) == (400, []) and told in answer.text
        assert text.strip() in answer.text and calm.again(ticket) == ticket
    else:
        assert (answer.status_code, sent) == (200, [("answer", (ANNA,))])


# -- many at once -------------------------------------------------------------------------------------


def mark(ticket: Ticket) -> str:
    return f"{ticket.reference}@{to_micros(ticket.updated_at)}"


def bulk(desk: Desk, browser: Browser, **data: object) -> httpx2.Response:
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    csrf = form(browser.get("/queue").text, "/queue/bulk")[1]["csrf"]
    return browser.http.post("/queue/bulk", data={"csrf": csrf, **data})


def test_many_are_assigned_to_somebody_by_name_and_address(calm: Desk, ben: Browser) -> None:
    one, two = opened(calm, 2)
    chosen = [mark(calm.again(each)) for each in (one, two, one)]  # one of them twice
    asked = bulk(calm, ben, do="assign", chosen=chosen, person="Lee Ann <LEE@desk.example>")
    assert "Assign 2 tickets to Lee Ann &lt;LEE@desk.example&gt;" in asked.text
    assert asked.text.count("will be assigned") == 2 and "No letters leave." in asked.text
    assert [calm.again(each).assigned_to for each in (one, two)] == [None, None]
    done = ben.post(
        asked, "/queue/bulk", {"chosen": chosen[:2], "person": "Lee Ann <LEE@desk.example>", "sure": "tell"}
    )
    assert "2 of 2 assigned" in done.text
    for each in (one, two):
        after = calm.again(each)
        assert after.assigned_to == LEE
        (told,) = [e for e in after.events if e.kind is Happening.ASSIGNED]
        assert (told.actor, told.reason, told.data.get("name")) == (BEN, f"assigned to {LEE}", "Lee Ann")


def test_many_are_taken_by_whoever_says_so_with_his_reason(calm: Desk, ben: Browser) -> None:
    (one,) = opened(calm)
    chosen = [mark(one)]
    bulk(calm, ben, do="assign", chosen=chosen, me="1", person=LEE, reason="I know it", sure="tell")
    after = calm.again(one)
    assert after.assigned_to == BEN and (Happening.ASSIGNED, "I know it") in story(after)


@pytest.mark.parametrize("person", ["", "Lee"])
def test_many_are_assigned_to_nobody_without_an_address_though_sure(
    calm: Desk, ben: Browser, person: str
) -> None:
    (one,) = opened(calm)
    asked = bulk(calm, ben, do="assign", chosen=[mark(one)], person=person, sure="tell")
    assert "Whom are they assigned to? Give a mail address" in asked.text
    assert calm.again(one) == one
    done = ben.post(asked, "/queue/bulk", {"person": LEE, "sure": "tell"})
    assert "1 of 1 assigned" in done.text and calm.again(one).assigned_to == LEE


def test_who_chose_nothing_is_back_at_his_list(calm: Desk, ben: Browser) -> None:
    for back, lands in (
        ("/queue?view=mine", "/queue?view=mine"), ("https://evil.example/", "/queue"), ("", "/queue"),
    ):  # fmt: skip
        assert str(bulk(calm, ben, do="close", back=back).url) == calm.url + lands


def test_of_many_each_that_cannot_be_has_its_own_line_and_the_others_are_done(
    calm: Desk, ben: Browser
) -> None:
    fit, over, changed = opened(calm, 3)
    calm.by().happen(over, "closed", "done", quiet=True)
    over = calm.again(over)
    calm.clock.move(minutes=1)
    before = mark(changed)
    calm.by(LEE).happen(changed, "assigned", "mine", to=LEE)
    chosen = [mark(fit), mark(over), before, "PS-999999@1", "nonsense"]
    done = bulk(calm, ben, do="close", chosen=chosen, reason="spring", sure="quiet")
    assert "1 of 5 closed" in done.text
    lines = [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in re.findall(r"<li>(.*?)</li>", done.text, re.DOTALL)]  # fmt: skip
    told = [line for line in lines if "not done" in line or line.endswith("done")]
    assert f"{fit.reference} {fit.subject}: done" in told
    assert any(one.startswith(over.reference) and f"{over.reference} is closed" in one for one in told), told
    assert any(one.startswith(changed.reference) and "changed it meanwhile" in one for one in told), told
    assert sum("there is no such ticket" in one for one in told) == 2
    assert calm.again(fit).state is State.CLOSED and (Happening.CLOSED, "spring") in story(calm.again(fit))
    assert calm.again(over) == over and calm.again(changed).state is not State.CLOSED
    assert list(calm.store.letters(ticket_id=fit.id)) == []


def test_an_address_that_failed_gets_letters_again_and_it_is_told_who_said_so(
    calm: Desk, ben: Browser
) -> None:
    with calm.store.transaction() as tx:
        tx.mark_address("gone@oakbridge.example", "550 unknown", calm.clock())
    page = ben.get("/addresses")
    assert "gone@oakbridge.example" in page.text
    with listening() as said:
        no = ben.post(page, "/addresses", {"address": "other@oakbridge.example"})
        assert "said=not" in str(no.url) and said.of("page.done") == []
        done = ben.post(page, "/addresses", {"address": " GONE@oakbridge.example "})
        assert "said=cleared" in str(done.url) and "gone@oakbridge.example" not in done.text
        what = "address gone@oakbridge.example gets letters again"
        assert said.of("page.done") == [{"who": BEN, "what": what}]
    assert calm.store.failed_addresses() == []


def test_the_day_until_which_a_fix_is_expected_is_told_in_the_readers_own_way(
    calm: Desk, ben: Browser
) -> None:
    (ticket,) = opened(calm)
    act(ben, ticket, "case", report="With engineering.", expected="2026-12-09")
    (case,) = cases.cases(calm.again(ticket))
    assert case.expected is not None and case.expected.isoformat() == "2026-12-09"
    anna = calm.signed_in(ANNA)
    for language, told in (("en", "9 December 2026"), ("de", "9. Dezember 2026"), ("ja", "2026年12月9日")):
        shown = anna.get(f"/tickets/{ticket.reference}", headers={"accept-language": language}).text
        assert told in shown, language


def test_what_is_done_at_the_console_and_is_of_no_ticket_is_told_with_who(calm: Desk) -> None:
    ada, bo = calm.signed_in(ADA), calm.signed_in(BO)
    with listening() as said:
        page = ada.get("/sessions")
        assert said.of("page.done") == []  # looking does nothing
        ada.post(page, "/sessions/end", {"address": BO})
        assert said.of("page.done") == [{"who": ADA, "what": f"1 session of {BO} ended"}]
    assert "/sign-in" in str(bo.get("/tickets").url)
