"""What users of such pages complain of, the complaints about files, mergers, doors and closed tickets (P9, P10, P18, P24, P26).

Each test attacks a kind: every door to the same thing, every state, every kind of person.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping
from itertools import product

import httpx2
import pytest

from tests.said import listening
from tests.store.samples import new_ticket
from tests.web.desk import (
    ANNA,
    BEN,
    BO,
    CARL,
    DEE,
    LEE,
    LENA,
    PNG,
    Browser,
    Desk,
    eventually,
    form,
    text_of,
)
from tests.web.test_console import act, send
from triaged.tickets.ticket import OVER, Event, Happening, Person, State, Ticket

PEOPLE = {"anna": ANNA, "bo": BO, "dee": DEE, "lena": LENA, "carl": CARL, "ben": BEN, "lee": LEE}


@pytest.fixture(autouse=True)
def unhurried(desk: Desk) -> None:
    """Tests ask faster than people."""
    desk.pages.house.buckets = type(desk.pages.house.buckets)()


@pytest.fixture
def browsers(desk: Desk) -> dict[str, Browser]:
    return {who: desk.signed_in(address) for who, address in PEOPLE.items()}


def opening(desk: Desk, browsers: Mapping[str, Browser], path: str) -> set[str]:
    """Who gets what lies at a path."""
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    return {who for who, one in browsers.items() if one.http.get(path).status_code == 200}


def doors(desk: Desk, ticket: Ticket) -> dict[str, str]:
    """Every path to what was said on a ticket, by the words or bytes that lie there."""
    found = {}
    for mail in desk.store.mails_on(ticket.id):
        found |= {f"mail {mail.id} {way}": f"/mails/{mail.id}{way and '/' + way}" for way in ("", "original")}
        found |= {f"file of mail {mail.id}": f"/files/mail/{mail.id}/0"} if mail.subject.endswith("+") else {}
    return found


# -- P9: files without rights, rights without files ---------------------------------------------------


def files_on(page: httpx2.Response) -> list[str]:
    return list(dict.fromkeys(re.findall(r'href="(/files/[a-z]+/\d+/\d+)"', page.text)))


def test_p9_a_file_opens_for_all_on_the_ticket_and_for_nobody_else_whoever_sent_it(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P9: of a partner's mail, of an answer by page, of an answer of staff by page and by mail, of a picture in its place."""
    ticket = desk.opened("Files of all sides", cc=BO, files=[("log.txt", "text/plain", b"by mail")])
    at = f"/tickets/{ticket.reference}"
    anna, ben = browsers["anna"], browsers["ben"]
    anna.post(anna.get(at), f"{at}/answer", {"text": "see", "do": "send"}, files=[("page.png", PNG)])
    desk.until_walked()
    queue = ben.get(f"/queue/{ticket.reference}")
    ben.post(
        queue, f"/queue/{ticket.reference}/answer", {"text": "Try it.", "do": "send", "then": ""},
        files=[("staff.txt", b"by staff")],
    )  # fmt: skip
    desk.clock.move(minutes=1)
    letter = eventually(lambda: [x for x in desk.letters_to(ANNA) if "Try it." in x.as_string()], "no letter")
    desk.mail(
        f"Re: {ticket.subject}", "From my own program.", by=LEE, to=ANNA, cc="partner-support@desk.example",
        files=[("lee.csv", "text/csv", b"a;b")], answers=str(letter[0]["Message-ID"]),
    )  # fmt: skip
    links = files_on(browsers["bo"].get(at))
    assert len(links) == 4, links
    for link in links:
        assert opening(desk, browsers, link) == {"anna", "bo", "lena", "ben", "lee"}, link
        number = link.rpartition("/")[0]
        assert opening(desk, browsers, f"{number}/7") == set()
    assert [browsers["bo"].get(one).content for one in links[:3]] == [b"by mail", PNG, b"by staff"]
    (shown,) = re.findall(r'src="(/pictures/[a-z]+/\d+/\d+)"', browsers["bo"].get(at).text)
    assert opening(desk, browsers, shown) == {"anna", "bo", "lena", "ben", "lee"}


def test_p9_files_of_what_staff_say_among_themselves_exist_for_staff_alone(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P9: a mail among ourselves with a file, and a letter to staff, on a ticket that its people do see."""
    ticket = desk.opened("Files of ours", cc=BO)
    first = desk.store.mails_on(ticket.id)[0]
    row = desk.mail(
        f"Re: [{ticket.reference}] {ticket.subject}", "Between us: they pay late.", by=LEE,
        files=[("prices.csv", "text/csv", b"secret;1")], answers=first.message_id or "",
    )  # fmt: skip
    assert row.ticket_id == ticket.id
    for path in (f"/mails/{row.id}", f"/mails/{row.id}/original", f"/files/mail/{row.id}/0", f"/pictures/mail/{row.id}/0"):  # fmt: skip
        assert opening(desk, browsers, path) <= {"ben", "lee"}, path
    assert opening(desk, browsers, f"/files/mail/{row.id}/0") == {"ben", "lee"}
    for who in ("anna", "bo", "lena"):
        page = browsers[who].get(f"/tickets/{ticket.reference}").text
        assert "prices.csv" not in page and "pay late" not in page


def test_p9_no_file_of_a_draft_has_an_address_and_none_opens_after_signing_out_or_leaving(desk: Desk) -> None:
    """P9: after sign-out, after being taken off the ticket, after it became private; kept files of a form are nobody's."""
    ticket = desk.opened("Files and leaving", cc=BO, files=[("log.txt", "text/plain", b"x")])
    at = f"/tickets/{ticket.reference}"
    anna, bo, lena = (desk.signed_in(one) for one in (ANNA, BO, LENA))
    (link,) = files_on(bo.get(at))
    refused = anna.post(anna.get(at), f"{at}/answer", {"text": "x", "do": "send"}, files=[("ok.txt", b"draft"), ("b.exe", b"MZ")])  # fmt: skip
    assert "ok.txt" in refused.text and len(files_on(refused)) == 1  # the kept one can be sent, not fetched
    anna.post(anna.get(at), f"{at}/private", {})
    anna.post(anna.get(at), f"{at}/people/remove", {"address": BO})
    assert [one.get(link).status_code for one in (anna, bo, lena)] == [200, 404, 404]
    anna.post(anna.get("/choices"), "/sign-out")
    gone = anna.http.get(link, follow_redirects=False)
    assert gone.status_code == 303 and gone.headers["location"].startswith("/sign-in")


# -- P10: merging and splitting change who sees what --------------------------------------------------


def seen_of(browser: Browser, ticket: Ticket) -> str:
    page = browser.get(f"/tickets/{ticket.reference}")
    return (
        page.text.partition('<ol class="said">')[2].partition("</ol>")[0] if page.status_code == 200 else ""
    )


def test_p10_by_a_merger_nobody_loses_sight_of_a_mail_and_nobody_gains_it(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P10: words, whole mails, originals and files, by every door, before, while merged, and after the merge is taken back."""
    file = [("log.txt", "text/plain", b"x")]
    kept = desk.opened("Kept one +", "KEPTWORD of anna alone.\n\nSuperAdmin: it@alder.example\n", files=file)
    gone = desk.opened(
        "Gone one +", "GONEWORD of anna and bo.\n\nSuperAdmin: it@alder.example\n", cc=BO, files=file
    )
    paths = {**doors(desk, kept), **doors(desk, gone)}
    before = {path: opening(desk, browsers, path) for path in paths.values()}
    assert len(paths) == 6 and "bo" in str(before)
    desk.by().merge(gone, kept, "the same")
    assert {path: opening(desk, browsers, path) for path in paths.values()} == before
    for who, words in (
        ("anna", {"KEPTWORD", "GONEWORD"}),
        ("bo", {"GONEWORD"}),
        ("lena", {"KEPTWORD", "GONEWORD"}),
    ):
        for one in (gone, kept):  # the old address leads to the same
            shown = seen_of(browsers[who], one)
            assert {w for w in ("KEPTWORD", "GONEWORD") if w in shown} == words, (who, one.reference)
    assert browsers["carl"].get(f"/tickets/{gone.reference}").status_code == 404
    assert "GONEWORD" in browsers["ben"].get(f"/queue/{kept.reference}").text
    for who, finds in (("bo", False), ("anna", True), ("lena", True)):
        assert (kept.reference in browsers[who].get("/tickets", params={"q": "KEPTWORD"}).text.partition("<tbody")[2]) is finds  # fmt: skip
    desk.by().progress(desk.again(kept), "NEWWORD for both.")
    eventually(lambda: [x for x in desk.letters_to(BO) if "NEWWORD" in x.as_string()], "Bo got no letter")
    assert "NEWWORD" in eventually(lambda: (t := seen_of(browsers["bo"], kept)) and "NEWWORD" in t and t, "unseen")  # fmt: skip
    desk.by().unmerge(desk.again(gone), "by mistake")
    assert {path: opening(desk, browsers, path) for path in paths.values()} == before
    assert browsers["bo"].get(f"/tickets/{kept.reference}").status_code == 404
    assert "GONEWORD" in seen_of(browsers["bo"], gone) and "GONEWORD" not in seen_of(browsers["anna"], kept)


def test_p10_authors_and_files_stay_and_an_answer_to_the_old_thread_lands_on_the_heir(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P10: a chain of mergers; who wrote what is not rewritten, and nothing revives what was merged."""
    one, two, three = (
        desk.opened(f"Chain {word}", f"{word}WORD\n\nSuperAdmin: it@alder.example\n", by=by, cc=ANNA if by == BO else "",
                    files=[(f"{word}.txt", "text/plain", word.encode())])
        for word, by in (("first", ANNA), ("second", BO), ("third", ANNA))
    )  # fmt: skip
    first = desk.store.mails_on(two.id)[0]
    desk.by().merge(two, three, "the same")
    desk.by().merge(desk.again(three), one, "the same")
    shown = browsers["anna"].get(f"/tickets/{two.reference}")
    assert shown.url.path == f"/tickets/{one.reference}"
    for word, by in (("first", ANNA), ("second", BO), ("third", ANNA)):
        said = shown.text.partition(f"{word}WORD")[0].rpartition('<article class="contribution"')[2]
        assert by in said, word
    assert {browsers["anna"].get(link).content for link in files_on(shown)} == {b"first", b"second", b"third"}
    row = desk.mail(f"Re: {two.subject}", "One word more.", by=BO, answers=first.message_id or "")
    assert row.ticket_id == one.id and "One word more." in seen_of(browsers["bo"], one)
    assert [desk.again(t).state for t in (two, three)] == [State.CLOSED] * 2


def test_p10_p14_what_was_being_written_when_it_was_merged_is_there_and_goes_to_the_heir(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P10, P14: a draft, and a form sent from a page of before the merge."""
    kept, gone = desk.opened("Heir of words"), desk.opened("Words in the air")
    anna, at = browsers["anna"], f"/tickets/{gone.reference}"
    page = anna.get(at)
    refused = anna.post(page, f"{at}/answer", {"text": "Half of it", "do": "send"}, files=[("ok.txt", b"x"), ("b.exe", b"MZ")])  # fmt: skip
    desk.by().merge(gone, kept, "the same")
    landed = anna.get(at)
    assert (
        landed.url.path == f"/tickets/{kept.reference}"
        and "Half of it" in landed.text
        and "0:ok.txt" in landed.text
    )
    late = anna.post(refused, f"{at}/answer", {"text": "Sent from the old page", "do": "send"})
    assert late.status_code == 409 and "Sent from the old page" in late.text
    anna.post(late, f"{at}/answer", {"text": "Sent from the old page", "do": "send"})
    desk.until_walked()
    assert "Sent from the old page" in seen_of(anna, kept)
    assert desk.again(gone).state is State.CLOSED


def test_p10_a_split_shows_its_people_what_they_saw_and_no_more(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P10: the first keeps all of its mails and people, the second shows the same people its own matter alone."""
    ticket = desk.opened("Two matters +", "ONEWORD here.\n\nTWOWORD there.\n", cc=BO, files=[("log.txt", "text/plain", b"x")])  # fmt: skip
    before = {path: opening(desk, browsers, path) for path in doors(desk, ticket).values()}
    other = desk.by().split(ticket, "The other", "two", None, "TWOWORD there.")
    at = f"/tickets/{other.reference}"
    assert {path: opening(desk, browsers, path) for path in doors(desk, ticket).values()} == before
    for who in ("anna", "bo", "lena"):
        assert {"ONEWORD", "TWOWORD"} <= set(re.findall(r"[A-Z]{3}WORD", seen_of(browsers[who], ticket))), who
        page = browsers[who].get(at)
        assert page.status_code == 200 and "TWOWORD" in page.text and "ONEWORD" not in page.text, who
    assert opening(desk, browsers, at) == {"anna", "bo", "lena"}


# -- P18: an upload that fails ------------------------------------------------------------------------

LARGE = 500 * 1024
NEW = "/tickets/new"
BAD_FILES = {
    "the sixth": ([(f"{n}.txt", b"x") for n in range(6)], {"5.txt"}, "more than 5 files"),
    "one byte too large": ([("ok.txt", b"x"), ("big.txt", b"x" * (LARGE + 1))], {"big.txt"}, "larger than"),
    "a film of thirty megabytes": ([("ok.txt", b"x"), ("film.mp4", b"\0\0\0\x20ftypisom" + bytes(30_000_000))], {"film.mp4"}, "larger than"),
    "wrong content": ([("ok.txt", b"x"), ("shot.png", b"<html>")], {"shot.png"}, "its content is not that of"),
    "a kind that is not taken": ([("ok.txt", b"x"), ("run.exe", b"MZ")], {"run.exe"}, "only files of these kinds"),
    "nothing in it": ([("ok.txt", b"x"), ("empty.csv", b"")], {"empty.csv"}, "it is empty"),
    "fifty of them": ([(f"{n}.txt", b"x" * LARGE) for n in range(50)], {f"{n}.txt" for n in range(5, 50)}, "more than 5 files"),
}  # fmt: skip
LONG_ONES = {"a film of thirty megabytes", "fifty of them"}


def stored(desk: Desk, **changes: object) -> Ticket:
    """A ticket of Anna's, without a daemon."""
    people = (Person(ANNA, "Anna"), Person(BO, "Bo", "cc"))
    new = new_ticket(people=people, trusted=True, created_at=desk.clock(), **changes)
    with desk.store.transaction() as tx:
        return tx.open_ticket(new, [Event(desk.clock(), Happening.RECEIVED, ANNA, "mail from her")])


@pytest.mark.parametrize(
    ("where", "what"),
    [
        *product(["an answer"], BAD_FILES),
        *product(["a new request", "an answer of staff"], [one for one in BAD_FILES if one not in LONG_ONES]),
    ],
)
def test_p18_a_file_that_cannot_be_taken_is_named_with_the_reason_and_costs_nothing_else(
    desk: Desk, browsers: dict[str, Browser], where: str, what: str
) -> None:
    """P18: text, other fields and the other files stay, and the limits stand beside the field."""
    files, refused, why = BAD_FILES[what]
    one, anna, ben = stored(desk).reference, browsers["anna"], browsers["ben"]
    browser, page, action = {
        "an answer": (anna, f"/tickets/{one}", f"/tickets/{one}/answer"),
        "a new request": (anna, NEW, NEW),
        "an answer of staff": (ben, f"/queue/{one}", f"/queue/{one}/answer"),
    }[where]
    mails = len(desk.store.mails(limit=500))
    before = browser.get(page)
    assert "At most 5 files of 500" in before.text and "docx" in before.text
    typed = {
        "text": "Long words",
        "description": "Long words",
        "subject": "A subject",
        "do": "send",
        "then": "",
    }
    answer = browser.post(before, action, typed, files=files)
    assert answer.status_code == 400 and "Long words" in answer.text, answer.text[:500]
    told = dict(re.findall(r"<li><strong>([^<]+)</strong>: ([^<]+)</li>", answer.text))
    assert set(told) == refused and all(why in one for one in told.values()), told
    kept = set(re.findall(r'name="kept" value="\d+:([^"]+)"', answer.text))
    assert kept == {name for name, _ in files} - refused
    assert len(desk.store.mails(limit=500)) == mails and not desk.store.letters(ticket_id=int(one[3:]))
    again = browser.get(page).text  # also on another day, in another browser
    assert "Long words" in again and all(name in again for name in kept)
    browser.post(answer, action, {"do": "discard"})


def test_p18_a_cut_line_uses_no_form_up_and_is_no_fault_of_ours(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P18: half of an upload comes and no more: nothing is sent, the draft stands, and the same form can be sent again."""
    ticket, anna = stored(desk), browsers["anna"]
    at = f"/tickets/{ticket.reference}"
    target, hidden = form(anna.get(at).text, f"{at}/answer")
    anna.http.post(f"{at}/draft", data={**hidden, "text": "Half an hour of words"})
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {desk.url.removeprefix('http://')}\r\nCookie: "
        + "; ".join(f"{one.name}={one.value}" for one in anna.http.cookies.jar)
        + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n--b\r\n"
        'Content-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + "x" * 9000
    )
    with listening() as log:
        with socket.create_connection(("127.0.0.1", int(desk.url.rpartition(":")[2])), timeout=10) as line:
            line.sendall(head.encode())
        time.sleep(0.5)
    assert not log.of("page_failed")
    assert "Half an hour of words" in anna.get(at).text
    again = anna.http.post(target, data={**hidden, "text": "Half an hour of words", "do": "send"})
    assert "said=sent" in str(again.url) and len(desk.store.mails_on(ticket.id)) == 1


def test_p18_what_is_too_long_is_said_and_not_cut(desk: Desk, browsers: dict[str, Browser]) -> None:
    """P18, P14: a pasted log beyond the bound comes back whole, on the page and as a draft; no field cuts it silently."""
    ticket, long = stored(desk), "a line of a log\n" * 2_000 + "THE END"
    for browser, at in (("anna", f"/tickets/{ticket.reference}"), ("ben", f"/queue/{ticket.reference}")):
        page = browsers[browser].get(at)
        assert 'id="text"' in page.text and "maxlength" not in page.text.partition('id="text"')[2][:80]
        answer = browsers[browser].post(page, f"{at}/answer", {"text": long, "do": "send", "then": ""})
        assert answer.status_code == 400 and "20,000" in answer.text and "THE END" in answer.text
        assert "THE END" in browsers[browser].get(at).text


# -- P24: the right person, the wrong door ------------------------------------------------------------


def test_p24_a_mail_of_last_year_is_there_at_the_first_sign_in_today(desk: Desk) -> None:
    """P24: by who wrote it and who stood in copy, closed as it is, found, opened, its whole mail and file too."""
    ticket = desk.opened("Long ago", "ANCIENT words.\n\nSuperAdmin: it@alder.example\n", by="old.hand@oakbridge.example",
                         cc="fay@oakbridge.example, Old.Friend@OakBridge.example", files=[("log.txt", "text/plain", b"x")])  # fmt: skip
    desk.by().happen(ticket, "closed", "done", quiet=True)
    desk.clock.move(days=300)
    mail = desk.store.mails_on(ticket.id)[0].id
    for address in ("Old.Hand@Oakbridge.example", "fay@oakbridge.example", "old.friend@oakbridge.example"):
        first = desk.signed_in(address)
        assert ticket.reference in first.get("/tickets").text, address
        assert ticket.reference in first.get("/tickets", params={"q": "ancient"}).text
        page = first.get(f"/tickets/{ticket.reference}")
        assert "ANCIENT words" in page.text and files_on(page)
        assert first.get(f"/mails/{mail}").status_code == first.get(files_on(page)[0]).status_code == 200
    assert desk.signed_in(DEE).get(f"/tickets/{ticket.reference}").status_code == 404


def links_in(desk: Desk, address: str, reference: str) -> set[str]:
    texts = (text_of(one) for one in desk.letters_to(address) if reference in str(one["Subject"]))
    return {link.rstrip(".,)") for text in texts for link in re.findall(r"http://\S+", text)}


def test_p24_each_recipients_link_leads_him_to_a_page_of_his(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P24: the opener, his colleague in copy, staff told of it, and a colleague of staff who stood in copy of the mail."""
    ticket = desk.opened("Links for each", cc=f"{BO}, {LEE}")
    desk.by().happen(desk.again(ticket), "assigned", "yours", to=BEN)
    desk.by().progress(desk.again(ticket), "We look into it.")
    for who, address in (("anna", ANNA), ("bo", BO)):
        links = eventually(lambda a=address: links_in(desk, a, ticket.reference), f"no letter to {address}")  # type: ignore[misc]
        for link in links:
            page = browsers[who].get(link)
            assert page.status_code == 200 and "/queue" not in str(page.url), (who, link)
    for who, address in (("lee", LEE), ("ben", BEN)):
        for link in links_in(desk, address, ticket.reference):
            page = browsers[who].get(link)
            assert page.status_code == 200 and "/tickets/" not in str(page.url), (who, link)


@pytest.mark.parametrize("end", ["", "/feedback", "/session"])
def test_p24_a_letter_handed_to_the_other_side_leads_to_that_sides_own_page(
    desk: Desk, browsers: dict[str, Browser], end: str
) -> None:
    """P24: staff with a partner's link, a partner with staff's; who may not see the ticket learns nothing from it."""
    ticket = stored(desk)
    for who, at, own in (
        ("ben", f"/tickets/{ticket.reference}{end}", f"/queue/{ticket.reference}"),
        ("anna", f"/queue/{ticket.reference}", f"/tickets/{ticket.reference}"),
        ("lena", f"/queue/{ticket.reference.lower()}", f"/tickets/{ticket.reference}"),
    ):
        page = browsers[who].get(at)
        assert page.status_code == 404 and f'href="{own}"' in page.text, (who, at)
        assert browsers[who].get(own).status_code == 200
        late = desk.browser().get(at)  # signed out: by the sign-in page
        assert late.url.path == "/sign-in"
    foreign, nothing = (browsers["carl"].get(f"/queue/{one}").text for one in (ticket.reference, "PS-987654"))
    assert foreign == nothing.replace("987654", ticket.reference[3:]) and "own pages" not in foreign


# -- P26: closed: and now? ----------------------------------------------------------------------------

REOPENS, OPENS_NEW = "An answer opens it again", "An answer becomes a new request"


@pytest.mark.parametrize(
    ("how", "days", "says"),
    [
        ("resolved", 0, REOPENS), ("resolved", 60, OPENS_NEW), ("closed", 0, OPENS_NEW), ("closed", 60, OPENS_NEW),
        ("waiting", 0, ""), ("merged", 0, ""), ("reopened", 0, ""),
    ],
)  # fmt: skip
def test_p26_what_an_answer_will_do_is_said_before_and_is_what_it_does(
    desk: Desk, browsers: dict[str, Browser], how: str, days: int, says: str
) -> None:
    """P26: by page, by mail to the thread, to whoever stands on it, in the reader's language, however it came to be over."""
    ticket = desk.opened(f"Over by being {how}, {days} days", cc=BO)
    first = desk.store.mails_on(ticket.id)[0]
    if how == "merged":
        heir = desk.opened(f"Heir of {how} {days}")
        desk.by().merge(ticket, heir, "the same")
        ticket = desk.again(heir)
    elif how == "reopened":
        desk.by().happen(ticket, "resolved", "done", quiet=True)
        desk.by().happen(desk.again(ticket), "reopened", "not yet")
    else:
        desk.by().happen(ticket, how, "done", quiet=True)
    desk.clock.move(days=days)
    anna = desk.signed_in(ANNA)
    at = f"/tickets/{ticket.reference}"
    page = anna.get(at)
    told = page.text.partition('id="answer"')[2].partition("<form")[0]
    assert [words for words in (REOPENS, OPENS_NEW) if words in told] == ([says] if says else [])
    if how != "merged":
        told_in_german = desk.signed_in(BO).get(at, headers={"accept-language": "de"}).text
        assert (REOPENS not in told_in_german) and (OPENS_NEW not in told_in_german)
    typed = {"text": f"It is back, says Anna of {how} {days}", "do": "send", "anyway": "1"}
    assert "said=sent" in str(anna.post(page, f"{at}/answer", typed).url)  # the daemon may close it meanwhile
    desk.until_walked()
    byself = desk.mail(f"Re: {ticket.subject}", f"By mail too, {how} {days}.", answers=first.message_id or "")
    by_page = next(m for m in desk.store.mails(limit=9) if m.door == "web")
    if says == OPENS_NEW:
        assert by_page.ticket_id != ticket.id and desk.again(ticket).state in OVER
        other = desk.store.ticket(by_page.ticket_id or 0)
        assert other and other.linked_to == ticket.id
        assert other.reference in anna.get("/tickets").text
        assert byself.ticket_id != ticket.id
    else:
        assert by_page.ticket_id == byself.ticket_id == ticket.id
        assert desk.again(ticket).state in (State.OPEN, State.NEW)


@pytest.mark.parametrize("who", ["the partner", "staff", "staff, many at once"])
def test_p26_closing_by_mistake_is_taken_back_by_who_did_it(
    desk: Desk, browsers: dict[str, Browser], who: str
) -> None:
    """P26: from the very page that comes after closing; what was promised runs again."""
    ticket = desk.opened(f"Closed by mistake of {who}", cc=BO)
    anna, ben, at = browsers["anna"], browsers["ben"], f"/tickets/{ticket.reference}"
    if who == "the partner":
        closed = anna.post(anna.get(at), f"{at}/close")
        assert desk.again(ticket).state is State.CLOSED and "Open it again" in closed.text
        assert "Open it again" not in browsers["bo"].get(at).text  # he did not close it
        anna.post(closed, f"{at}/reopen")
    elif who == "staff":
        closed = act(ben, ticket, "close", quiet="1")
        assert desk.again(ticket).state is State.CLOSED and "/do/reopen" in closed.text
        act(ben, ticket, "reopen", closed, reason="by mistake")
    else:
        shown = ben.get("/queue?view=queue&sort=created").text
        mark = re.search(rf'value="({ticket.reference}@\d+)"', shown)
        assert mark
        token = form(shown, "/queue/bulk")[1]["csrf"]
        done = ben.http.post(
            "/queue/bulk", data={"csrf": token, "chosen": [mark[1]], "do": "close", "sure": "quiet"}
        )
        assert desk.again(ticket).state is State.CLOSED and f"/queue/{ticket.reference}" in done.text
        act(ben, ticket, "reopen", reason="by mistake")
    assert desk.again(ticket).state is State.OPEN
    assert {d.kind for d in desk.store.dues(ticket.id)} >= {"resolution"}


def test_p26_staff_see_what_their_own_answer_to_a_ticket_that_is_over_does(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    """P26: said before writing, for resolved and closed alike, and so it is."""
    ben = browsers["ben"]
    for how in ("resolved", "closed"):
        ticket = desk.opened(f"Answered though {how}")
        desk.by().happen(ticket, how, "done", quiet=True)
        told = ben.get(f"/queue/{ticket.reference}").text.partition('id="answer"')[2].partition("<form")[0]
        assert f"It is {how}" in told and "stays" in told, how
        send(ben, ticket, "One word more from us.")
        assert desk.again(ticket).state.value == how


def test_the_mark_above_which_answers_are_written_is_on_no_page(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    ticket = desk.opened("Marks of letters")
    desk.by().progress(ticket, "MARKWORD: we look into it.")
    shown = eventually(lambda: (t := seen_of(browsers["anna"], ticket)) and "MARKWORD" in t and t, "unseen")
    assert "##-" not in shown and "##-" not in browsers["ben"].get(f"/queue/{ticket.reference}").text


@pytest.mark.parametrize("where", ["an answer", "a new request", "an answer of staff", "a note"])
def test_p15_a_draft_that_comes_after_its_form_was_sent_is_none(
    desk: Desk, browsers: dict[str, Browser], where: str
) -> None:
    """P15: a slow line brings the last draft after Send; what was sent does not stand there again to be sent twice."""
    one = stored(desk).reference
    who, page, action, draft = {
        "an answer": ("anna", f"/tickets/{one}", f"/tickets/{one}/answer", f"/tickets/{one}/draft"),
        "a new request": ("anna", NEW, NEW, f"{NEW}/draft"),
        "an answer of staff": ("ben", f"/queue/{one}", f"/queue/{one}/answer", f"/queue/{one}/draft"),
        "a note": ("ben", f"/queue/{one}", f"/queue/{one}/do/note", f"/queue/{one}/draft"),
    }[where]
    browser, typed = (
        browsers[who],
        {"text": "SENTWORD", "description": "SENTWORD", "subject": "SENTWORD", "then": ""},
    )
    target, hidden = form(browser.get(page).text, action)
    browser.http.post(draft, data={**hidden, **typed})
    assert "SENTWORD" in browser.get(page).text
    assert browser.http.post(target, data={**hidden, **typed, "do": "send"}).status_code == 200
    assert browser.http.post(draft, data={**hidden, **typed}).text == "kept"
    which = {"a new request": "request", "an answer": "answer", "a note": "note"}.get(where, "reply")
    assert desk.store.draft(PEOPLE[who], "new" if "request" in where else one, which) is None
