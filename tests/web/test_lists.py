"""The list: found by what stands on the screen, in pages by key, whatever an address says (P28, P25, P3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

import pytest

from tests.web.desk import ANNA, CARL, Browser, Desk
from triaged.store.page_rows import Place
from triaged.web.tickets.listing import cursor, place


@pytest.fixture(scope="module")
def anna(desk: Desk) -> Iterator[Browser]:
    desk.opened("Export of invoices fails", "The export says ERR_2004.\n\nSuperAdmin: it@alder.example\n")
    desk.opened("メールが届きません", "本日からメールが届きません。\n\nSuperAdmin: it@alder.example\n")
    yield desk.signed_in(ANNA)


def asks(desk: Desk, browser: Browser, **query: str) -> str:
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    page = browser.get("/tickets", params=query)
    assert page.status_code == 200, page.text[:500]
    return page.text.partition("<main")[2].partition("</main")[0]


def rows(text: str) -> list[str]:
    return re.findall(r'<td class="ref"><a href="/tickets/(PS-\d+)">', text)


def test_p28_a_reference_is_found_however_it_is_written(desk: Desk, anna: Browser) -> None:
    first = rows(asks(desk, anna, sort="reference", order="up"))[0]
    number = first.partition("-")[2]
    for typed in (first, f"[{first}]", first.lower(), f"ps {number}", f"PS{number}", f"ＰＳ－{number}"):
        assert rows(asks(desk, anna, q=typed))[0] == first, typed


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "'",
        "-",
        "*",
        "AND",
        "OR NOT",
        "(",
        "a:b",
        "%",
        "_",
        "\\",
        "\x00",
        "😀",
        "CP-1",
        "it@alder.example",
        " ",
        "a" * 5000,
        "<b>",
    ],
)
def test_p28_no_text_is_a_fault(desk: Desk, anna: Browser, typed: str) -> None:
    asks(desk, anna, q=typed)


@pytest.mark.parametrize(
    "typed", ["届きません", "届き", "メール", "ﾒｰﾙ", "ERR_2004", "err_2004", "invoices export"]
)
def test_p29_words_of_subject_and_text_are_found(desk: Desk, anna: Browser, typed: str) -> None:
    assert len(rows(asks(desk, anna, q=typed))) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"}, {"after": "WyJhIiwgMV0"}, {"after": cursor(Place("x", 2**70))}, {"before": "!!!!"}, {"sort": "password"}, {"order": "sideways"},
        {"view": "staff"}, {"whose": "all"}, {"missing": "<b>"}, {"after": "W" * 250},
    ],
    ids=str,
)  # fmt: skip
def test_what_an_address_says_wrongly_is_as_if_it_said_nothing(
    desk: Desk, anna: Browser, query: dict[str, str]
) -> None:
    asks(desk, anna, **query)


def test_a_place_comes_back_from_an_address() -> None:
    assert place(cursor(Place(1234567890123456, 42))) == Place(1234567890123456, 42)
    assert place(cursor(Place("ä subject", 42))) == Place("ä subject", 42)


def test_pages_by_key_show_every_ticket_once(desk: Desk) -> None:
    carl = desk.signed_in(CARL)
    # Told apart by letters: mails alike but for their numbers, at the heels of our letters, are a storm.
    for word in islice(map("".join, product("abcdefgh", repeat=2)), 53):
        desk.opened(f"Row {word}", by=CARL, body=f"About {word}.\n\nSuperAdmin: it@alder.example\n")
    seen: list[str] = []
    text = asks(desk, carl, sort="subject", order="up")
    while True:
        seen += rows(text)
        further = re.search(r'href="(/tickets\?[^"]*after=[^"]*)"', text)
        if not further:
            break
        desk.pages.house.buckets = type(desk.pages.house.buckets)()
        text = carl.get(further[1].replace("&amp;", "&")).text
    assert len(seen) == len(set(seen)) == 53
    assert "53" in asks(desk, carl)


def test_p25_a_look_at_all_five_numbers_counts_nothing(desk: Desk, anna: Browser) -> None:
    ticket = desk.opened("To be rated")
    desk.by().happen(ticket, "resolved", "done")
    for score in "12345":
        anna.get(f"/tickets/{ticket.reference}/feedback?score={score}")
        anna.http.head(f"/tickets/{ticket.reference}/feedback?score={score}")
    assert "rated" not in [e.kind for e in desk.again(ticket).events]
    page = anna.get(f"/tickets/{ticket.reference}/feedback?score=2")
    anna.post(page, f"/tickets/{ticket.reference}/feedback", {"score": "2", "comment": "It fails again"})
    assert desk.again(ticket).state == "open"
    assert "not resolved yet" in anna.get(f"/tickets/{ticket.reference}/feedback").text


def test_p3_a_link_in_a_ticket_letter_carries_no_right(desk: Desk) -> None:
    ticket = desk.opened("With a link")
    desk.by().progress(ticket, "We look into it.")
    from tests.web.desk import eventually, text_of

    letter = eventually(
        lambda: next((t for t in map(text_of, desk.letters_to(ANNA)) if "We look into it" in t), None),
        "no letter",
    )
    for link in re.findall(r"http://\S+", letter):
        assert "/sign-in" in str(desk.browser().get(link).url)
