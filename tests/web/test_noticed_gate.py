"""The gate before every page, to the microsecond: whose session it is still, which form is ours, and how often is too often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tests.store.samples import open_tickets
from tests.web.desk import ANNA, BEN, CARL, MONDAY, Desk
from triaged.store.sessions import Session
from triaged.tickets.ticket import Person
from triaged.web import keys
from triaged.web.limits import Buckets

PEER = "127.0.0.1"
NOON = MONDAY + timedelta(days=90)
A_BIT = timedelta(microseconds=1)
HOUR, DAY, HALF_A_DAY = timedelta(hours=1), timedelta(days=1), timedelta(hours=12)
NEW = "/tickets/new"
TYPED = {"subject": "Export fails", "description": "It says ERR_2004."}


@pytest.fixture(autouse=True)
def stands(calm: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at noon, nobody has asked for anything, and nothing is begun."""
    house = calm.pages.house
    monkeypatch.setattr(house, "clock", lambda: NOON)
    monkeypatch.setattr(house, "buckets", Buckets(lambda: 0.0))
    house.store.drop_draft(ANNA, "new", "request")


def asked(
    desk: Desk, method: str, path: str, *, session: str = "", browser: str = "", **more: Any
) -> httpx2.Response:
    """One request by a browser that has these keys, and is led nowhere."""
    given = {"pages_session": session, "pages_browser": browser}
    cookies = "; ".join(f"{name}={key}" for name, key in given.items() if key)
    headers = {"cookie": cookies} | more.pop("headers", {})
    with httpx2.Client(base_url=desk.url, timeout=30) as http:
        return http.request(method, path, headers=headers, **more)


def session(
    desk: Desk, address: str = ANNA, *, begun: timedelta = HOUR, seen: timedelta = timedelta(0), **more: Any
) -> str:
    """The key of a session begun and last used so long ago."""
    key = keys.new()
    desk.store.begin_session(Session(keys.hashed(key), address, "", NOON - begun, NOON - seen, **more))
    return key


def kept(desk: Desk, key: str) -> Session:
    found = desk.store.session_of_key(keys.hashed(key))
    assert found is not None
    return found


def token(desk: Desk, key: str) -> str:
    return keys.form_token(keys.hashed(key), desk.pages.house.secret)


# -- whose session it is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "seen", "stands_still", "noted"),
    [
        (HOUR, timedelta(minutes=1), True, False),
        (HOUR, timedelta(minutes=1) + A_BIT, True, True),
        (HALF_A_DAY, HALF_A_DAY, True, True),
        (DAY, HALF_A_DAY + A_BIT, False, False),
        (30 * DAY, HOUR, True, True),
        (30 * DAY + A_BIT, HOUR, False, False),
        (30 * DAY + A_BIT, timedelta(0), False, False),
    ],
)
def test_a_session_stands_for_half_a_day_unused_and_for_thirty_days_however_busy(
    calm: Desk, begun: timedelta, seen: timedelta, stands_still: bool, noted: bool
) -> None:
    key = session(calm, begun=begun, seen=seen)
    answer = asked(calm, "GET", "/tickets", session=key)
    assert answer.status_code == (200 if stands_still else 303)
    assert answer.headers.get("location") == (None if stands_still else "/sign-in?next=%2Ftickets")
    row = kept(calm, key)
    assert (row.seen_at, row.ended_at) == (NOON if noted else NOON - seen, None)


@pytest.mark.parametrize(
    ("address", "subject", "path", "stands_still"),
    [
        (ANNA, None, "/tickets", True),
        (ANNA, "of-oidc", "/tickets", True),
        (BEN, None, "/queue", True),
        (BEN, "of-oidc", "/queue", False),  # staff sign in by letters here
        ("eve@nowhere.example", None, "/tickets", False),
    ],
)
def test_the_session_of_whom_we_do_not_know_any_more_is_ended_with_its_reason(
    calm: Desk, address: str, subject: str | None, path: str, stands_still: bool
) -> None:
    key = session(calm, address, subject=subject)
    assert asked(calm, "GET", path, session=key).status_code == (200 if stands_still else 303)
    row = kept(calm, key)
    ended = (None, "") if stands_still else (NOON, "no longer one of a partner or of staff")
    assert (row.ended_at, row.why_ended) == ended


@pytest.mark.parametrize("address", [ANNA, "eve@nowhere.example"])
def test_a_session_that_was_ended_opens_nothing_and_keeps_the_reason_why(calm: Desk, address: str) -> None:
    key = session(calm, address)
    calm.store.end_session(kept(calm, key).id, "ended by ada", NOON - HOUR)
    assert asked(calm, "GET", "/tickets", session=key).status_code == 303
    assert (kept(calm, key).ended_at, kept(calm, key).why_ended) == (NOON - HOUR, "ended by ada")


# -- which form is ours -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "origin", "status"),
    [
        ("", "", 303),
        ("", "OURS", 303),
        ("same-origin", "OURS", 303),
        ("same-origin", "null", 303),  # a browser that tells no page where it comes from
        ("none", "", 303),
        ("none", "OURS", 303),
        ("none", "https://evil.example", 403),
        ("", "https://evil.example", 403),
        ("", "null", 403),
        ("", "OURS.evil.example", 403),
        ("cross-site", "OURS", 403),
        ("cross-site", "", 403),
        ("same-site", "OURS", 403),
        ("same-site", "", 403),
    ],
)
def test_a_form_that_another_site_posts_is_refused_though_its_token_is_right(
    calm: Desk, site: str, origin: str, status: int
) -> None:
    key = session(calm)
    headers = {"sec-fetch-site": site, "origin": origin.replace("OURS", calm.url)}
    answer = asked(
        calm, "POST", NEW, session=key, data={"csrf": token(calm, key), "do": "discard"},
        headers={name: value for name, value in headers.items() if value},
    )  # fmt: skip
    assert (answer.status_code, answer.headers.get("location")) == (
        status,
        "/tickets" if status == 303 else None,
    )


@pytest.mark.parametrize(
    ("signed_in", "of", "status"),
    [
        (False, "browser", 303),
        (False, "another", 403),
        (False, "nothing", 403),
        (True, "session", 303),
        (True, "browser", 403),
        (True, "another", 403),
        (True, "nothing", 403),
    ],
)
def test_a_form_is_of_the_session_and_of_the_browser_where_nobody_is_signed_in(
    calm: Desk, signed_in: bool, of: str, status: int
) -> None:
    given = {"browser": keys.new(), "another": keys.new(), "session": session(calm) if signed_in else ""}
    csrf = token(calm, given[of]) if of in given else ""
    answer = asked(
        calm, "POST", "/choices", session=given["session"], browser=given["browser"], data={"csrf": csrf}
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("address", "path"),
    [(ANNA, "/queue/bulk"), (BEN, NEW), (BEN, "/rules/draft/discard"), (BEN, "/sessions/end")],
)
def test_a_form_with_its_right_token_is_none_where_it_is_not_for_this_person(
    calm: Desk, address: str, path: str
) -> None:
    key = session(calm, address)
    assert asked(calm, "POST", path, session=key, data={"csrf": token(calm, key)}).status_code == 404


@pytest.mark.parametrize(
    ("path", "address", "seen", "status"),
    [
        (NEW, ANNA, 3 * DAY, 303),
        (NEW, ANNA, 3 * DAY + A_BIT, 403),
        (NEW, CARL, HOUR, 403),
        ("/choices", ANNA, HOUR, 403),  # nothing is typed there that could be kept
        ("/queue/bulk", ANNA, HOUR, 403),
    ],
)
def test_a_form_of_a_persons_own_session_before_is_kept_for_three_days_and_not_sent(
    calm: Desk, path: str, address: str, seen: timedelta, status: int
) -> None:
    before = session(calm, address, begun=10 * DAY, seen=seen)
    waiting = calm.store.waiting_mail()
    answer = asked(
        calm, "POST", path, session=session(calm), data={"csrf": token(calm, before), "do": "send", **TYPED}
    )
    assert (answer.status_code, answer.headers.get("location")) == (status, NEW if status == 303 else None)
    draft = calm.store.draft(ANNA, "new", "request")
    assert (draft.fields["subject"] if draft else "") == ("Export fails" if status == 303 else "")
    assert calm.store.waiting_mail() == waiting


@pytest.mark.parametrize(
    ("path", "how", "is_kept"),
    [
        (NEW, "idle", True),
        (NEW, "ended", False),
        (NEW, "another's token", False),
        (NEW, "no session", False),
        ("/tickets/PS-1/close", "idle", False),
    ],
)
def test_a_form_that_comes_too_late_leads_to_signing_in_and_says_whether_it_is_kept(
    calm: Desk, path: str, how: str, is_kept: bool
) -> None:
    key = session(calm, begun=2 * DAY, seen=DAY)
    if how == "ended":
        calm.store.end_session(kept(calm, key).id, "signed out", NOON)
    given = token(calm, session(calm) if how == "another's token" else key)
    answer = asked(
        calm, "POST", path, session="" if how == "no session" else key, data={"csrf": given, **TYPED}
    )
    assert answer.status_code == 303
    to = "/sign-in?next=%2Ftickets%2Fnew&kept=1" if is_kept else "/sign-in?next=%2F&kept=0"
    assert answer.headers["location"] == to
    assert (calm.store.draft(ANNA, "new", "request") is not None) is is_kept


# -- what is not there --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("HEAD", "/choices", 200, None),
        ("POST", "/tickets", 405, "GET"),
        ("GET", "/sign-out", 405, "POST"),
        ("HEAD", "/sign-out", 405, "POST"),
    ],
)
def test_an_address_says_by_which_methods_it_is_asked(
    calm: Desk, method: str, path: str, status: int, allowed: str | None
) -> None:
    answer = asked(calm, method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allowed)


@pytest.mark.parametrize(
    ("address", "path", "door"),
    [
        (BEN, "/tickets/{}", "/queue/{}"),
        (BEN, "/tickets/{}/feedback", "/queue/{}"),
        (BEN, "/tickets/new", ""),
        (BEN, "/tickets/PS-999999", ""),
        (ANNA, "/queue/{}", "/tickets/{}"),
        (ANNA, "/queue", ""),
        (CARL, "/queue/{}", ""),
    ],
)
def test_who_may_see_a_ticket_is_told_his_own_door_to_it_and_nobody_else_anything(
    calm: Desk, address: str, path: str, door: str
) -> None:
    (ticket,) = open_tickets(calm.store, people=(Person(ANNA, "Anna"),), trusted=True)
    answer = asked(calm, "GET", path.format(ticket.reference), session=session(calm, address))
    links = [f"/queue/{ticket.reference}", f"/tickets/{ticket.reference}"]
    assert answer.status_code == 404
    assert [one for one in links if f'href="{one}"' in answer.text] == (
        [door.format(ticket.reference)] if door else []
    )


def test_who_is_not_signed_in_comes_back_to_where_he_was_going_with_all_he_asked(calm: Desk) -> None:
    answer = asked(calm, "GET", "/tickets?q=a%20b&view=all")
    assert answer.headers["location"] == "/sign-in?next=%2Ftickets%3Fq%3Da%2520b%26view%3Dall"


def test_a_browser_gets_a_key_with_its_first_page_and_none_where_it_has_one_or_is_signed_in(
    calm: Desk,
) -> None:
    first = asked(calm, "GET", "/sign-in")
    (cookie,) = first.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("; ")
    assert rest == "HttpOnly; Max-Age=7776000; Path=/; SameSite=lax"
    key = name.removeprefix("pages_browser=")
    assert keys.is_key(key) and keys.form_token(keys.hashed(key), calm.pages.house.secret) in first.text
    again = asked(calm, "GET", "/sign-in", browser=key)
    assert again.headers.get_list("set-cookie") == []
    assert asked(calm, "GET", "/tickets", session=session(calm)).headers.get_list("set-cookie") == []


# -- how often ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "address", "left"),
    [
        ("GET", "/choices", "", {"request": 239}),
        ("HEAD", "/choices", "", {"request": 239}),
        ("POST", "/tickets", "", {"request": 239}),
        ("GET", "/tickets", ANNA, {"request": 239}),
        ("POST", "/choices", "", {"request": 239, "post": 29}),
        ("POST", NEW, ANNA, {"request": 239, "post": 29, "upload": 14}),
    ],
)
def test_what_is_asked_is_counted_by_its_kind_for_the_peer_and_for_the_person(
    calm: Desk, method: str, path: str, address: str, left: Mapping[str, int]
) -> None:
    key = session(calm, address) if address else ""
    asked(calm, method, path, session=key)
    counted = {of: number for of, (number, _then) in calm.pages.house.buckets._left.items()}
    assert counted == {(kind, who): n for who in (PEER, address) if who for kind, n in left.items()}


@pytest.mark.parametrize("who", [PEER, ANNA])
@pytest.mark.parametrize(
    ("method", "path", "used_up", "wait"),
    [
        ("GET", "/tickets", {"request": 240}, "1"),
        ("POST", NEW, {"request": 240}, "1"),
        ("POST", NEW, {"post": 30}, "2"),
        ("POST", NEW, {"upload": 15}, "12"),
        ("POST", NEW, {"upload": 15, "post": 30}, "12"),
        ("GET", "/tickets", {"request": 239, "post": 30, "upload": 15}, ""),
        ("POST", "/choices", {"request": 239, "post": 29, "upload": 15}, ""),
    ],
)
def test_who_asks_too_often_waits_for_the_longest_of_what_he_used_up(
    calm: Desk, who: str, method: str, path: str, used_up: Mapping[str, int], wait: str
) -> None:
    buckets, key = calm.pages.house.buckets, session(calm)
    for kind, times in used_up.items():
        assert [buckets.wait(kind, who) for _ in range(times)] == [0.0] * times
    form = {"csrf": token(calm, key), "do": "discard"}
    answer = asked(calm, method, path, session=key, data=form if method == "POST" else None)
    assert (answer.status_code == 429, answer.headers.get("retry-after", "")) == (bool(wait), wait)
    if wait:
        assert "Please wait a moment, then try again." in answer.text
