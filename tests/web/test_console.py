"""The console: the queue, a ticket, what staff do to it, answers; two at once, hostile words, what a page may not change."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx2
import pytest

from tests.web.desk import ADA, ANNA, BEN, BO, LEE, Browser, Desk, eventually, form
from triaged.store.rows import LetterState
from triaged.tickets.ticket import Happening, State, Ticket

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def ben(desk: Desk) -> Browser:
    return desk.signed_in(BEN)


@pytest.fixture
def lee(desk: Desk) -> Browser:
    return desk.signed_in(LEE)


@pytest.fixture(autouse=True)
def unhurried(desk: Desk) -> None:
    """Tests ask faster than people."""
    desk.pages.house.buckets = type(desk.pages.house.buckets)()


def page_of(browser: Browser, ticket: Ticket) -> httpx2.Response:
    answer = browser.get(f"/queue/{ticket.reference}")
    assert answer.status_code == 200, answer.text[:2000]
    return answer


def act(browser: Browser, ticket: Ticket, name: str, page: httpx2.Response | None = None, **data: str) -> httpx2.Response:  # fmt: skip
    page = page or page_of(browser, ticket)
    fields = {
        key: value
        for key, value in form(page.text, f"/queue/{ticket.reference}/do/note")[1].items()
        if key in ("csrf", "form", "seen", "of")
    }
    return browser.http.post(f"/queue/{ticket.reference}/do/{name}", data={**fields, **data})


def send(browser: Browser, ticket: Ticket, text: str, page: httpx2.Response | None = None, **data: str) -> httpx2.Response:  # fmt: skip
    page = page or page_of(browser, ticket)
    return browser.post(
        page, f"/queue/{ticket.reference}/answer", {"text": text, "do": "send", "then": "", **data}
    )


def story(desk: Desk, ticket: Ticket, kind: Happening) -> list[tuple[str, str]]:
    return [(e.actor, e.reason) for e in desk.again(ticket).events if e.kind is kind]


def answers(desk: Desk, ticket: Ticket) -> list[str]:
    return [row.state.value for row in desk.store.letters(ticket_id=ticket.id) if row.kind == "answer"]


def test_the_queue_has_missed_promises_on_top_and_its_views_have_addresses(desk: Desk) -> None:
    first = desk.opened("First of the queue")
    desk.clock.move(hours=30)
    second = desk.opened("Second of the queue")
    ben = desk.signed_in(BEN)
    shown = ben.get("/queue").text
    assert 0 < shown.index(first.reference) < shown.index(second.reference)
    assert "missed" in shown[: shown.index(second.reference)]
    missed = ben.get("/queue?view=missed").text
    assert first.reference in missed and second.reference not in missed
    assert second.reference in ben.get("/queue?view=unassigned&severity=" + desk.again(second).severity).text
    assert second.reference not in ben.get("/queue?view=mine").text
    act(ben, second, "assign", me="1")
    assert second.reference in ben.get("/queue?view=mine").text
    assert ben.get("/queue?view=nonsense&sort=x&state=y&after=zzz").status_code == 200


def test_p35_looking_changes_nothing(desk: Desk, ben: Browser) -> None:
    ticket = desk.again(desk.opened("Only looked at"))
    for path in ("/queue", f"/queue/{ticket.reference}", "/queue/next", "/ledger", "/outbox", "/reports"):
        ben.get(path)
    after = desk.again(ticket)
    assert [e.kind for e in after.events if e.actor == BEN] == [] and after.updated_at == ticket.updated_at


def test_p36_what_is_new_is_said_and_nothing_moves(desk: Desk, ben: Browser) -> None:
    desk.until_quiet()
    shown = ben.get("/queue?view=queue").text
    asked = re.search(r'data-news="([^"]+)"', shown)
    assert asked
    address = asked[1].replace("&amp;", "&")
    assert ben.get(address).json()["new"] == 0
    desk.opened("Comes while somebody reads")
    assert ben.get(address).json()["new"] == 1


def test_p28_a_ticket_is_found_by_its_reference_however_written_and_by_words_of_mails(
    desk: Desk, ben: Browser
) -> None:
    ticket = desk.opened(
        "Nothing to see in the subject", "Hello,\n\nthe zebracorn report in Zoho CRM is slow.\n"
    )
    for words in (ticket.reference, f"[{ticket.reference.lower()}]", ticket.reference.replace("-", " ")):
        found = ben.get("/queue", params={"q": words})
        assert ticket.reference in found.text, words
    for words in ("zebracorn", '"', "*", "AND", "zoid:", "-", "日本"):
        assert ben.get("/queue", params={"q": words}).status_code == 200, words
    assert ticket.reference in ben.get("/queue", params={"q": "zebracorn"}).text


def test_a_tickets_page_says_why_and_from_where(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("Why is it so")
    shown = page_of(ben, ticket).text
    for words in (
        "60031122334", "240 licences, the threshold is", "Rules that did not hit", "verified", "first response",
        "due", "UID" if ticket.channel == "imap" else "by smtp", "received", ANNA,
    ):  # fmt: skip
        assert words in shown, words
    assert "Which account is it?" in shown and "/ledger/" in shown


@pytest.mark.parametrize(
    ("name", "data", "kind", "field", "value"),
    [
        ("severity", {"severity": "S1", "reason": "all are down"}, Happening.SEVERITY_CORRECTED, "severity", "S1"),
        ("assign", {"person": f"Lee Ann <{LEE}>"}, Happening.ASSIGNED, "assigned_to", LEE),
        ("note", {"text": "called them"}, Happening.STAFF_NOTED, "state", "new"),
        ("identify", {"reason": "an index is missing"}, Happening.IDENTIFIED, "state", "open"),
        ("wait", {}, Happening.WAITING, "state", "waiting"),
        ("resolve", {"tell": "The index is back."}, Happening.RESOLVED, "state", "resolved"),
        ("close", {"quiet": "1"}, Happening.CLOSED, "state", "closed"),
        ("escalate", {"tier": "2"}, Happening.ESCALATED, "tier", 2),
        ("update", {"text": "We are still at it."}, Happening.STAFF_ANSWERED, "state", "open"),
        ("case", {"step": "submitted", "report": "With engineering."}, Happening.CASE_MOVED, "engineering", True),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_every_act_changes_the_ticket_and_stands_in_the_story_with_who(
    desk: Desk, ben: Browser, name: str, data: dict[str, str], kind: Happening, field: str, value: object
) -> None:
    ticket = desk.opened(f"To be acted on: {name}")
    answer = act(ben, ticket, name, **data)
    assert answer.status_code == 200 and f"said={name}" in str(answer.url), answer.text[:3000]
    assert getattr(desk.again(ticket), field) == value
    assert BEN in [actor for actor, _ in story(desk, ticket, kind)]


def test_a_resolved_ticket_is_reopened_and_a_snoozed_one_is_out_of_the_queue(
    desk: Desk, ben: Browser
) -> None:
    ticket = desk.opened("Put off and opened again")
    until = (desk.clock() + timedelta(days=3)).date().isoformat()
    act(ben, ticket, "snooze", until=until, reason="the partner is away")
    assert ticket.reference not in ben.get("/queue?sort=created").text
    assert ticket.reference in ben.get("/queue?view=snoozed").text
    act(ben, ticket, "snooze", back="1")
    assert desk.again(ticket).snoozed_until is None
    act(ben, ticket, "resolve", quiet="1")
    act(ben, ticket, "reopen", reason="it came back")
    assert desk.again(ticket).state is State.OPEN


def test_p16_two_at_once_nothing_is_overwritten_and_neither_loses_his_words(
    desk: Desk, ben: Browser, lee: Browser
) -> None:
    ticket = desk.opened("Two of us at once")
    bens, lees = page_of(ben, ticket), page_of(lee, ticket)
    assert act(lee, ticket, "severity", lees, severity="S2", reason="half are down").status_code == 200
    late = act(ben, ticket, "severity", bens, severity="S4", reason="one report is slow")
    assert late.status_code == 409 and "Somebody was faster" in late.text
    assert LEE in late.text and "one report is slow" in late.text
    assert desk.again(ticket).severity == "S2"
    answered = send(ben, ticket, "My long answer of ten minutes", bens)
    assert answered.status_code == 409 and "My long answer of ten minutes" in answered.text
    assert not answers(desk, ticket)
    again = send(ben, ticket, "My long answer of ten minutes", answered)
    assert again.status_code == 200 and answers(desk, ticket)


def test_p15_the_same_answer_posted_five_times_is_one_letter(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("Answered once")
    page = page_of(ben, ticket)
    for _ in range(5):
        assert send(ben, ticket, "Please try it again now.", page).status_code == 200
    assert len(answers(desk, ticket)) == 1


def test_p4_the_button_names_the_readers_and_note_and_answer_are_two_forms(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("Who reads it", cc=BO)
    shown = page_of(ben, ticket).text
    assert re.search(r"Send to\s+2\s+people\s+of\s+oakbridge\.example", shown)
    act(ben, ticket, "note", text="they never pay in time")
    assert not answers(desk, ticket)
    partner = desk.signed_in(ANNA)
    assert "never pay" not in partner.get(f"/tickets/{ticket.reference}").text
    assert not any("never pay" in str(one) for one in desk.letters_to(ANNA))


def test_an_answer_can_be_taken_back_for_some_seconds_and_its_text_is_a_draft_again(
    desk: Desk, ben: Browser
) -> None:
    ticket = desk.opened("Sent too soon")
    sent = send(ben, ticket, "A word too many.", then="resolve")
    assert "can be taken back" in sent.text and desk.again(ticket).state is State.RESOLVED
    back = ben.post(sent, f"/queue/{ticket.reference}/do/take-back")
    assert "does not leave" in back.text and "A word too many." in back.text
    assert answers(desk, ticket) == ["withdrawn"] and desk.again(ticket).state is State.NEW
    desk.clock.move(minutes=2)
    assert not any("A word too many" in str(one) for one in desk.letters_to(ANNA))


def test_an_answer_leaves_in_the_partners_thread_and_stops_the_first_response(
    desk: Desk, ben: Browser
) -> None:
    ticket = desk.opened("Answered by the console", files=[])
    page = page_of(ben, ticket)
    address = f"/queue/{ticket.reference}/answer"
    ben.post(
        page,
        address,
        {"text": "**Kindly** try again.", "do": "send", "then": "wait"},
        files=[("steps.txt", b"1. open\n")],
    )
    desk.clock.move(minutes=1)

    def left() -> object:
        return [one for one in desk.letters_to(ANNA) if "Kindly" in str(one) and ticket.reference in str(one)]

    (letter,) = eventually(left, "the answer did not leave")  # type: ignore[misc]
    assert letter["In-Reply-To"] and "steps.txt" in [part.get_filename() for part in letter.walk()]
    after = desk.again(ticket)
    assert after.state is State.WAITING
    assert (BEN, "answered by a letter") in story(desk, ticket, Happening.STAFF_ANSWERED)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("braces", "Hello {{ name }}"),
        ("brackets", "Hello [name]"),
        ("something to do", "TODO: look it up"),
        ("a missing file", "The log is attached."),
    ],
)
def test_p34_leftovers_ask_first_and_leave_only_when_meant(
    desk: Desk, ben: Browser, what: str, text: str
) -> None:
    ticket = desk.opened(
        f"Leftovers in the answer: {what}"
    )  # the same subject would be the same mail once more
    asked = send(ben, ticket, text)
    assert asked.status_code == 400 and "Is this meant?" in asked.text and not answers(desk, ticket)
    assert text.replace("'", "&#39;") in asked.text
    assert send(ben, ticket, text, asked).status_code == 200 and answers(desk, ticket)


def test_p13_an_answer_sent_when_the_session_is_over_stands_there_after_signing_in(desk: Desk) -> None:
    ticket = desk.opened("Written over lunch")
    browser = desk.signed_in(BEN)
    page = page_of(browser, ticket)
    desk.clock.move(hours=200)
    late = send(browser, ticket, "Half an hour of thoughts", page)
    assert "/sign-in" in str(late.url) and not answers(desk, ticket)
    assert "Half an hour of thoughts" in page_of(desk.signed_in(BEN), ticket).text


def test_canned_answers_and_previews_are_filled_in_and_leave_nothing(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("A usual question")
    page = page_of(ben, ticket)
    name = re.search(r'<option value="([a-z0-9-]+)">Ask for screenshots', page.text)
    assert name
    filled = ben.post(
        page,
        f"/queue/{ticket.reference}/answer",
        {"text": "", "then": "", "do": "canned", "canned": name[1]},
    )
    assert "screenshot of the message" in filled.text and ticket.reference in filled.text
    looked = ben.post(
        filled, f"/queue/{ticket.reference}/answer", {"text": "**bold**", "then": "", "do": "preview"}
    )
    assert "<strong>bold</strong>" in looked.text and not answers(desk, ticket)


def test_merging_shows_first_who_sees_what_and_can_be_taken_back(desk: Desk, ben: Browser) -> None:
    one, two = desk.opened("The same case, first mail"), desk.opened("The same case, second mail", cc=BO)
    looked = act(ben, two, "merge", into=one.reference, reason="the same")
    assert "before it is done" in looked.text and BO in looked.text and "joins" in looked.text
    assert desk.again(two).merged_into is None
    done = ben.post(looked, f"/queue/{two.reference}/do/merge")
    assert desk.again(two).merged_into == one.id and done.url.path == f"/queue/{one.reference}"
    act(ben, two, "unmerge")
    assert desk.again(two).merged_into is None and desk.again(two).state is State.NEW


def test_splitting_shows_first_what_leaves_and_opens_the_other_ticket(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("Two matters")
    looked = act(ben, ticket, "split", subject="The other matter")
    assert "A new ticket" in looked.text and "The other matter" in looked.text
    before = desk.store.letters(limit=1)[0].id
    done = ben.post(looked, f"/queue/{ticket.reference}/do/split")
    assert "The other matter" in done.text and done.url.path != f"/queue/{ticket.reference}"
    assert desk.store.letters(limit=1)[0].id > before


def test_a_passage_is_split_off_judged_by_its_own_words_and_shown_to_the_same_people(
    desk: Desk, ben: Browser
) -> None:
    body = "Hello,\n\none report is slow.\n\nAnd the export has no header any more.\n\nThank you,\nAnna\n"
    ticket = desk.opened("Two matters in one mail", body, cc=BO)
    page = page_of(ben, ticket)
    part = re.search(r'name="part" value="([^"]+)"> And the export', page.text)
    assert part, page.text[-6000:]
    looked = act(ben, ticket, "split", page, subject="Export has no header", part=part[1])
    assert "What it is about, as its people read it" in looked.text and BO in looked.text
    assert "And the export has no header any more." in looked.text
    done = ben.post(looked, f"/queue/{ticket.reference}/do/split")
    assert done.status_code == 200 and "And the export has no header any more." in done.text
    other = done.url.path.rpartition("/")[2]
    for address in (ANNA, BO):
        seen = desk.signed_in(address).get(f"/tickets/{other}").text
        assert "And the export has no header any more." in seen and "one report is slow" not in seen
    partner = act(ben, ticket, "split", subject="Another", passage="export  has\nno header")
    assert "before it is done" in partner.text
    foreign = act(ben, ticket, "split", subject="Another", passage="lena costs us too much")
    assert foreign.status_code == 400 and "stands in no mail" in foreign.text


def test_p40_a_form_of_another_ticket_is_refused(desk: Desk, ben: Browser) -> None:
    one, two = desk.opened("Tab one"), desk.opened("Tab two")
    fields = form(page_of(ben, one).text, f"/queue/{one.reference}/do/note")[1]
    answer = ben.http.post(f"/queue/{two.reference}/do/note", data={**fields, "text": "for one"})
    assert answer.status_code == 400 and "for one" in answer.text
    assert not story(desk, two, Happening.STAFF_NOTED)


def test_p17_who_else_is_here_is_a_hint_with_its_age_and_fades(desk: Desk, ben: Browser, lee: Browser) -> None:  # fmt: skip
    ticket = desk.opened("Both look")
    page_of(lee, ticket)
    desk.pages.aside.wait()
    shown = page_of(ben, ticket).text
    assert f"{LEE} looks here" in shown
    assert act(ben, ticket, "note", text="all the same").status_code == 200
    assert LEE in ben.get("/queue?sort=created").text
    desk.clock.move(minutes=10)
    assert f"{LEE} looks" not in page_of(ben, ticket).text


def test_p19_bulk_names_count_and_letters_and_leaves_what_changed_alone(desk: Desk, ben: Browser) -> None:
    tickets = [desk.opened(f"Bulk number {n}") for n in range(3)]
    shown = ben.get("/queue?view=queue&sort=created").text
    marks = [re.search(rf'value="({t.reference}@\d+)"', shown) for t in tickets]
    chosen = [one[1] for one in marks if one]
    assert len(chosen) == 3
    desk.by(LEE).happen(desk.again(tickets[1]), "staff_noted", "meanwhile")
    token = form(shown, "/queue/bulk")[1]["csrf"]
    looked = ben.http.post(
        "/queue/bulk", data={"csrf": token, "chosen": chosen, "do": "close", "reason": "spring"}
    )
    assert "Close 2 tickets" in looked.text and "2 letters would leave" in looked.text
    assert all(desk.again(t).state is State.NEW for t in tickets)
    done = ben.http.post(
        "/queue/bulk",
        data={"csrf": token, "chosen": chosen, "do": "close", "reason": "spring", "sure": "quiet"},
    )
    assert "2 of 3 closed" in done.text and "somebody changed it meanwhile" in done.text
    states = [desk.again(t).state for t in tickets]
    assert states == [State.CLOSED, State.NEW, State.CLOSED]
    assert not [row for t in tickets for row in desk.store.letters(ticket_id=t.id) if row.kind == "closed"]


def test_p2_hostile_words_run_nowhere(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened(
        HOSTILE, f"Hello\n\n{HOSTILE}\n", name="<b>Anna</b>", files=[(f"{HOSTILE}.txt", "text/plain", b"x")]
    )
    act(ben, ticket, "note", text=HOSTILE)
    mail = desk.store.mails_on(ticket.id)[0]
    letter = desk.store.letters(ticket_id=ticket.id)[0]
    paths = ["/queue?sort=created", f"/queue?q={HOSTILE}", f"/queue/{ticket.reference}", f"/ledger/{mail.id}", "/ledger", "/outbox",
             f"/outbox/{letter.id}", f"/try?mail={mail.id}", "/reports"]  # fmt: skip
    for path in paths:
        answer = ben.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, path


@pytest.mark.parametrize("number", ["999999999", "0", "-1", "x", "9" * 40])
@pytest.mark.parametrize("page", ["/ledger", "/outbox", "/queue"])
def test_what_is_not_there_is_not_found(ben: Browser, page: str, number: str) -> None:
    assert ben.get(f"{page}/{number}").status_code == 404


def test_letters_are_withdrawn_with_a_reason_and_sent_again(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("A letter that waits")
    send(ben, ticket, "Will be withdrawn.")
    (row,) = [one for one in desk.store.letters(ticket_id=ticket.id) if one.kind == "answer"]
    page = ben.get(f"/outbox/{row.id}")
    assert "A reason is needed" in ben.post(page, f"/outbox/{row.id}/cancel").text
    ben.post(page, f"/outbox/{row.id}/cancel", {"reason": "wrong customer"})
    found = desk.store.letter(row.id)
    assert found and found.state is LetterState.WITHDRAWN
    assert any(
        actor == BEN and "wrong customer" in why
        for actor, why in story(desk, ticket, Happening.LETTER_WITHDRAWN)
    )
    ben.post(
        ben.get(f"/outbox/{row.id}"), f"/outbox/{row.id}/retry", {"reason": "it was the right one after all"}
    )
    assert (BEN, f"letter {row.id} is sent again: it was the right one after all") in story(
        desk, ticket, Happening.STAFF_NOTED
    )


def test_a_mail_is_walked_again_by_its_page(desk: Desk, ben: Browser) -> None:
    ticket = desk.opened("Walk me again")
    mail = desk.store.mails_on(ticket.id)[0]
    ben.post(ben.get(f"/ledger/{mail.id}"), f"/ledger/{mail.id}/replay", {"reason": "a rule changed"})
    desk.until_walked()
    assert desk.store.mails_on(ticket.id)[0].fate == "ticket"
    assert any("a rule changed" in why for _, why in story(desk, ticket, Happening.STAFF_NOTED))


def test_p46_no_cell_of_a_report_begins_a_formula(desk: Desk, ben: Browser, lee: Browser) -> None:
    for path, browser in (("/reports.csv", ben), ("/rules.csv", lee)):
        answer = browser.get(path)
        assert answer.status_code == 200 and answer.headers["content-disposition"].startswith("attachment")
        cells = [cell for line in answer.text.splitlines()[1:] for cell in line.lstrip("\ufeff").split(",")]
        assert cells and not [cell for cell in cells if cell[:1] in "=+@" and cell]


def test_a_call_becomes_a_ticket_once(desk: Desk, ben: Browser) -> None:
    page = ben.get("/open")
    data = {
        "channel": "phone", "caller": f"Anna <{ANNA}>", "subject": "A call about invoices", "text": "The invoice is wrong.",
        "mailbox": "",
    }  # fmt: skip
    first = ben.post(page, "/open", data)
    assert "The ticket is opened" in first.text and "phone" in first.text
    ben.post(page, "/open", data)
    found = ben.get("/queue", params={"q": "A call about invoices"}).text
    assert len(set(re.findall(r'href="/queue/(PS-\d+)"', found))) == 1
    assert ben.post(page, "/open", {**data, "form": "another", "caller": "nobody"}).status_code == 400


CHAT = "[10:02] Anna: all the reports are slow\n> Ben: which account?\nOn Monday Anna wrote:\nZOID: 60031122334\n"


def test_a_chat_is_taken_down_whole_and_shown_with_its_channel_to_both_sides(
    desk: Desk, ben: Browser
) -> None:
    data = {"channel": "chat", "caller": ANNA, "subject": "A chat about reports", "text": CHAT, "mailbox": ""}
    shown = ben.post(ben.get("/open"), "/open", data, files=[("log.txt", b"slow\n" * 40)])
    reference = str(shown.url).rpartition("/")[2].partition("?")[0]
    ticket = desk.store.ticket(int(reference.removeprefix("PS-")))
    assert ticket and ticket.account_key == "alder"
    assert {step.kind for step in desk.store.dues(ticket.id)} >= {"first_response", "resolution"}
    anna = desk.signed_in(ANNA)
    theirs = anna.get(f"/tickets/{reference}").text
    for page in (shown.text, theirs):
        assert "which account?" in page and "log.txt" in page and "chat" in page
    assert reference in anna.get("/tickets?channel=chat").text
    assert reference not in anna.get("/tickets?channel=phone").text
    assert reference in anna.get("/tickets?channel=nonsense").text
    assert reference in ben.get("/queue?view=everything&channel=chat").text
    assert reference not in ben.get("/queue?view=everything&channel=mail").text


def test_a_transcript_comes_as_a_file_in_any_charset(desk: Desk, ben: Browser) -> None:
    data = {"channel": "chat", "caller": ANNA, "subject": "Zeiten", "text": " ", "mailbox": ""}
    file = ("verlauf.txt", "Anna: Die Berichte hängen für alle.\n".encode("utf-16"))
    shown = ben.post(ben.get("/open"), "/open", data, files=[file])
    assert "Die Berichte hängen für alle." in shown.text


def test_a_transcript_that_cannot_be_taken_stays_as_a_draft_and_is_never_cut(
    desk: Desk, ben: Browser
) -> None:
    long = "a line of the chat\n" * 2_300
    data = {"channel": "chat", "caller": ANNA, "subject": "Long", "text": long, "mailbox": ""}
    refused = ben.post(ben.get("/open"), "/open", data, files=[("log.txt", b"x\n"), ("run.exe", b"MZ")])
    assert refused.status_code == 400 and "run.exe" in refused.text
    refused = ben.post(ben.get("/open"), "/open", {**data, "kept": "0:log.txt"})
    assert (
        refused.status_code == 400
        and "too long" in refused.text
        and refused.text.count("a line of the chat") == 2_300
    )
    assert "log.txt" in ben.get("/open").text
    ben.post(ben.get("/open"), "/open", {"do": "discard"})
    assert "a line of the chat" not in ben.get("/open").text


def test_trying_a_mail_explains_it_and_writes_nothing(desk: Desk, ben: Browser) -> None:
    mails, letters = desk.store.mails(limit=1)[0].id, desk.store.letters(limit=1)[0].id
    text = f"From: {ANNA}\nTo: partner-support@desk.example\nSubject: All users are down\n\nNobody can sign in to Zoho CRM.\n"
    answer = ben.post(ben.get("/try"), "/try", {"mail": text, "mailbox": ""})
    assert answer.status_code == 200 and "Rules that hit" in answer.text and "Zoho CRM" in answer.text
    assert ben.post(ben.get("/try"), "/try", {"mail": " ", "mailbox": ""}).status_code == 400
    assert (desk.store.mails(limit=1)[0].id, desk.store.letters(limit=1)[0].id) == (mails, letters)


def test_leads_see_rules_and_the_model_and_admins_sessions_and_privacy(
    desk: Desk, ben: Browser, lee: Browser
) -> None:
    assert [ben.get(path).status_code for path in ("/rules", "/model", "/sessions", "/privacy")] == [404] * 4
    rules = lee.get("/rules")
    assert "in force" in rules.text and "dead: never hit" in rules.text and "/sessions" not in rules.text
    assert lee.get("/model").status_code == 200 and lee.get("/privacy").status_code == 404
    ada = desk.signed_in(ADA)
    other = desk.signed_in(BO)
    told = ada.post(ada.get("/sessions"), "/sessions/end", {"address": BO})
    assert f"of {BO} ended" in told.text and "/sign-in" in str(other.get("/tickets").url)
    held = ada.post(ada.get("/privacy"), "/privacy/look", {"address": ANNA})
    assert held.status_code == 200 and f"Held of {ANNA}" in held.text
    refused = ada.post(held, "/privacy/erase", {"again": "somebody@else.example"})
    assert "Nothing was erased" in refused.text
