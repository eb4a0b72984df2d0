"""The console's lists and orders, whole: what an address asks for, what news are, pages at their border, what stands in the story."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from tests.said import listening
from tests.store.samples import arrival, letter, open_tickets, raw_mail, write
from tests.web.desk import ADA, ANNA, BEN, LEE, LENA, Browser, Desk
from tests.web.test_console import act
from tests.web.test_noticed_console import ben as ben
from tests.web.test_noticed_console import opened
from tests.web.test_noticed_console import unhurried as unhurried
from triaged.store.columns import to_micros
from triaged.tickets.ticket import Happening, Ticket
from triaged.vocabulary import Severity

NUMBERS = itertools.count(1)
LETTERS = (Happening.LETTER_WRITTEN, Happening.LETTER_SENT)


# -- orders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed", "happened"),
    [
        ("severity", {"severity": "s2", "reason": " slow "}, ("severity_corrected", f"set by {BEN}: slow", {"was": "S3", "severity": "S2"})),
        ("assign", {"me": "1", "person": LEE}, ("assigned", f"assigned to {BEN}", {"to": BEN})),
        ("assign", {"person": "Lee Ann <LEE@desk.example>"}, ("assigned", f"assigned to {LEE}", {"to": LEE, "name": "Lee Ann"})),
        ("assign", {"person": ADA, "reason": "she knows"}, ("assigned", "she knows", {"to": ADA})),
        ("note", {"text": " rang them "}, ("staff_noted", "rang them", {})),
        ("note", {"text": "rang", "report": " We look. "}, ("staff_noted", "rang", {"report": "We look."})),
        ("identify", {}, ("identified", "the problem is identified", {})),
        ("identify", {"reason": "an index"}, ("identified", "an index", {})),
        ("wait", {}, ("waiting", "waiting on the partner", {})),
        ("resolve", {}, ("resolved", "resolved", {})),
        ("resolve", {"tell": " It is back. ", "reason": "done"}, ("resolved", "done", {"tell": "It is back."})),
        ("close", {"quiet": "1"}, ("closed", "closed", {})),
        ("close", {"tell": "Bye."}, ("closed", "closed", {"tell": "Bye."})),
        ("escalate", {"tier": "2"}, ("escalated", "escalated by staff", {"tier": 2})),
        ("escalate", {"tier": "3", "reason": "hard"}, ("escalated", "hard", {"tier": 3})),
        ("reviewed", {}, ("staff_noted", "reviewed: reviewed", {})),
        ("reviewed", {"reason": "seen"}, ("staff_noted", "reviewed: seen", {})),
        ("update", {"text": " We found it. "}, ("staff_answered", "We found it.", {"report": "We found it."})),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(map(str, one.values() if isinstance(one, dict) else one)),
)  # fmt: skip
def test_an_order_stands_in_the_story_as_it_was_given(
    calm: Desk, ben: Browser, name: str, typed: dict[str, str], happened: tuple[str, str, dict[str, Any]]
) -> None:
    (ticket,) = opened(calm)
    before = {one.id for one in ticket.events}
    answer = act(ben, ticket, name, None, **typed)
    assert answer.status_code == 200, answer.text[:2000]
    after = [one for one in calm.again(ticket).events if one.id not in before]
    assert [(one.kind, one.reason, dict(one.data)) for one in after if one.kind not in LETTERS] == [happened]
    assert {one.actor for one in after} <= {BEN, "daemon"} and after[0].actor == BEN


@pytest.mark.parametrize(("quiet", "letters"), [({"quiet": "1"}, []), ({}, ["resolved"])])
def test_a_solution_is_told_to_the_partner_unless_it_is_to_be_quiet(
    calm: Desk, ben: Browser, quiet: dict[str, str], letters: list[str]
) -> None:
    (ticket,) = opened(calm)
    act(ben, ticket, "resolve", None, **quiet)
    assert [one.kind for one in calm.store.letters(ticket_id=ticket.id)] == letters


def test_what_is_put_off_is_back_at_nine_of_the_readers_clock_or_at_once(calm: Desk) -> None:
    (ticket,) = opened(calm)
    lee = calm.signed_in(LEE)
    lee.post(lee.get("/choices"), "/choices", {"language": "en", "zone": "Europe/Berlin"})
    act(lee, ticket, "snooze", until="2026-12-24", reason="holidays")
    put_off = calm.again(ticket)
    assert put_off.snoozed_until == datetime(2026, 12, 24, 8, tzinfo=UTC)
    act(lee, ticket, "snooze", back="1")
    back = calm.again(ticket)
    told = [one.reason for one in back.events if one.kind is Happening.SNOOZED]
    assert back.snoozed_until is None and told == ["holidays", "back in the queue"]


# -- the queue ----------------------------------------------------------------------------------------


def address_of(page: str) -> str:
    found = re.search(r'data-news="/queue/news\?([^"]*)&amp;since=\d+"', page)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize(
    ("asked", "understood"),
    [
        ("", "view=queue&sort=due"),
        ("view=mine", "view=mine&sort=due"),
        ("view=everything", "view=everything&sort=updated"),
        ("q=slow", "view=everything&q=slow&sort=updated"),
        ("q=+slow++&view=s1", "view=s1&q=slow&sort=due"),
        ("view=all&sort=best&severity=S5&state=odd&channel=fax", "view=queue&sort=due"),
        ("sort=severity&severity=S1&state=open&channel=phone", "view=queue&sort=severity&severity=S1&state=open&channel=phone"),
        ("sort=created&mailbox=a&partner=b&account=c&service=d&person=e&tag=+f", "view=queue&sort=created&mailbox=a&partner=b&account=c&service=d&person=e&tag=f"),
        ("sort=updated&after=zzz&before=zzz", "view=queue&sort=updated"),
        ("q=" + "a" * 201, "view=everything&q=" + "a" * 200 + "&sort=updated"),
        ("tag=" + "a" * 201, "view=queue&sort=due&tag=" + "a" * 200),
    ],
)  # fmt: skip
def test_a_queue_has_the_address_of_what_it_shows(
    calm: Desk, ben: Browser, asked: str, understood: str
) -> None:
    page = ben.get(f"/queue?{asked}").text
    assert address_of(page) == understood
    names = {one.partition("=")[0] for one in understood.split("&")}
    assert ("<details open>" in page) is bool(names - {"view", "sort"}) is (" found.</p>" in page)
    assert f'name="view" value="{understood.partition("&")[0].removeprefix("view=")}"' in page


def partnered(desk: Desk, count: int = 1, **more: Any) -> tuple[str, list[Ticket]]:
    """Tickets of a partner of their own, so that a list can be of them alone."""
    domain = f"partner{next(NUMBERS)}.example"
    return domain, open_tickets(desk.store, count, partner_domain=domain, **more)


def rows(page: str) -> list[str]:
    return re.findall(r'<td class="ref"><a href="/queue/(PS-\d+)">', page)


def test_filters_of_a_queue_leave_out_all_others_and_the_number_is_told(calm: Desk, ben: Browser) -> None:
    domain, (one, two) = partnered(calm, 2)
    calm.by().happen(calm.again(one), "assigned", "mine", to=BEN)
    page = ben.get(f"/queue?partner={domain}").text
    assert (
        sorted(rows(page)) == sorted((one.reference, two.reference))
        and '<p role="status">2 found.</p>' in page
    )
    for asked, found in (
        ("view=mine", [one]), ("view=unassigned", [two]), ("person=anna@oakbridge.example&view=mine", [one]),
        ("severity=S3&view=mine", [one]), ("severity=S1", []), ("state=waiting", []), ("channel=mail&view=unassigned", [two]),
        ("channel=phone", []), ("tag=records&view=mine", [one]), ("tag=none", []), ("mailbox=none", []), ("account=none", []),
    ):  # fmt: skip
        page = ben.get(f"/queue?partner={domain}&{asked}").text
        assert rows(page) == [each.reference for each in found], asked
        assert f">{len(found)} found.</p>" in page and ("There are no tickets here." in page) is (not found)


def test_news_of_a_list_are_what_came_or_changed_since_and_the_new_s1_among_them(
    calm: Desk, ben: Browser
) -> None:
    then = calm.clock() - timedelta(minutes=5)
    early, late = then - timedelta(hours=1), then + timedelta(microseconds=1)
    domain, _ = partnered(calm, created_at=early, updated_at=then, severity=Severity.S1)
    of: dict[str, Any] = {"partner_domain": domain, "severity": Severity.S1}
    open_tickets(calm.store, created_at=early, updated_at=late, **of)
    open_tickets(calm.store, 2, created_at=late, updated_at=late, **of)
    open_tickets(calm.store, created_at=late, updated_at=late, partner_domain=domain)

    def news(more: str = "", since: object = to_micros(then)) -> dict[str, int]:
        told = ben.get(f"/queue/news?partner={domain}&since={since}{more}").json()
        assert isinstance(told, dict)
        return told

    assert news() == {"new": 4, "s1": 2}
    assert news("&severity=S3") == {"new": 1, "s1": 0}
    assert news("&q=vanish") == {"new": 0, "s1": 0}  # a search does not change under its reader
    assert news(since=to_micros(late)) == {"new": 0, "s1": 0}
    assert news(since="x") == news(since="") == {"new": 5, "s1": 4}
    open_tickets(calm.store, 50, created_at=late, updated_at=late, **of)
    assert news()["new"] == news("&severity=S1")["new"] == 50  # so many are told apart


def test_the_most_urgent_is_what_is_promised_next_and_not_the_one_just_left(calm: Desk, ben: Browser) -> None:
    now = calm.clock()
    domain, (later,) = partnered(calm, promise="resolution", promised_at=now + timedelta(hours=3))
    at: dict[str, Any] = {"partner_domain": domain, "promise": "resolution"}
    (soon,) = open_tickets(calm.store, promised_at=now + timedelta(hours=1), **at)

    def leads(more: str = "") -> str:
        return str(ben.get(f"/queue/next?partner={domain}{more}").url).removeprefix(calm.url)

    assert leads() == leads(f"&but={later.reference}") == f"/queue/{soon.reference}"
    assert leads(f"&but={soon.reference.lower()}") == f"/queue/{later.reference}"
    calm.by().happen(calm.again(soon), "closed", "done", quiet=True)
    assert leads(f"&but={later.reference}") == "/queue?said=none"
    assert "No other ticket waits here." in ben.get("/queue?said=none").text


# -- the ledger and the outbox ------------------------------------------------------------------------


def kept(desk: Desk, count: int, fate: str = "spam", mailbox: str = "global") -> tuple[str, list[int]]:
    """Mails of a sender of their own, newest first."""
    sender = f"sender{next(NUMBERS)}@oakbridge.example"
    arrivals = [
        arrival(n, raw=raw_mail(n, sender), mailbox=mailbox, uid=n, folder=sender) for n in range(count)
    ]
    numbers = [row.id for row in desk.store.keep(arrivals, now=desk.clock())]
    with desk.store._writing() as connection:
        connection.exec_driver_sql(
            f"UPDATE mail SET fate = '{fate}', ready_at = NULL, sender = '{sender}', mailbox = '{mailbox}'"
            f" WHERE id IN ({', '.join(map(str, numbers))})"
        )
    return sender, sorted(numbers, reverse=True)


def listed(page: str, at: str) -> tuple[list[int], str]:
    """The numbers on a page of a list, and where it goes on."""
    further = re.search(r'<a class="button second" rel="next" href="([^"]*)">', page)
    numbers = [int(one) for one in re.findall(rf'<td class="ref"><a href="/{at}/(\d+)">', page)]
    return numbers, unescape(further[1]) if further else ""


@pytest.mark.parametrize("count", [0, 1, 50, 51])
def test_fifty_mails_are_a_page_of_the_ledger_and_the_next_begins_behind_them(
    calm: Desk, ben: Browser, count: int
) -> None:
    sender, numbers = kept(calm, count)
    page = ben.get(f"/ledger?from=+{sender}&fate=spam&mailbox=global").text
    first, further = listed(page, "ledger")
    assert first == numbers[:50] and ("There is no such mail." in page) is (count == 0)
    if count <= 50:
        assert further == ""
        return
    assert further.replace("%40", "@") == (
        f"/ledger?fate=spam&mailbox=global&from={sender}&before={numbers[49]}"
    )
    assert listed(ben.get(further).text, "ledger") == (numbers[50:], "")


def test_mails_are_listed_by_fate_mailbox_and_sender_and_what_is_none_of_them_is_not_asked(
    calm: Desk, ben: Browser
) -> None:
    (one, [spam]), (two, [elsewhere]) = kept(calm, 1), kept(calm, 1, "skipped", "former")
    for asked, found in (
        (f"from={one}", [spam]), (f"from={one}&fate=spam", [spam]), (f"from={one}&fate=skipped", []),
        (f"from={one}&fate=odd", [spam]), (f"from={one}&mailbox=global", [spam]), (f"from={two}", [elsewhere]),
        (f"from={two}&mailbox=global", []), (f"from={two}&mailbox=former", [elsewhere]),
        (f"from={one}&before={spam}", []), (f"from={one}&before={spam + 1}", [spam]), (f"from={one}&before=x", [spam]),
    ):  # fmt: skip
        assert listed(ben.get(f"/ledger?{asked}").text, "ledger")[0] == found, asked


def test_what_is_done_to_a_mail_is_told_with_who_and_only_where_it_was_done(calm: Desk, ben: Browser) -> None:
    _, [number] = kept(calm, 1, "quarantine")
    at = f"/ledger/{number}"
    page = ben.get(at)
    with listening() as said:
        for typed, then, what in (
            ({"reason": " "}, "reason", []),
            ({"reason": "a fax"}, "dropped", [f"mail {number} is dropped"]),
            ({"reason": "again"}, "not", []),
        ):
            said.events.clear()
            done = ben.post(page, f"{at}/drop", typed)
            assert str(done.url) == f"{calm.url}{at}?said={then}"
            assert said.of("page.done") == [{"who": BEN, "what": one} for one in what]
        said.events.clear()
        again = ben.post(page, f"{at}/replay", {"reason": "a rule changed"})
        assert str(again.url) == f"{calm.url}{at}?said=replayed"
        assert said.of("page.done") == [{"who": BEN, "what": f"mail {number} is walked again"}]
    for missing in ("/ledger/999999", "/ledger/x", "/ledger/0", "/outbox/999999", "/outbox/x"):
        assert ben.get(missing).status_code == 404
    with calm.store._writing() as connection:  # none that waits is left to the tests behind this one
        connection.exec_driver_sql(f"UPDATE mail SET fate = 'spam', ready_at = NULL WHERE id = {number}")


def written(desk: Desk, keys: Sequence[str], **changes: Any) -> tuple[str, list[int]]:
    """Letters to an address of their own, newest first."""
    to = f"reader{next(NUMBERS)}@oakbridge.example"
    (ticket,) = opened(desk)
    with desk.store.transaction() as tx:
        write(tx, [letter(key, to=(to,), **changes) for key in keys], ticket.id, desk.clock())
    found = desk.store.letters(address=to, limit=1000)
    return to, [row.id for row in found]


@pytest.mark.parametrize("count", [1, 50, 51])
def test_fifty_letters_are_a_page_of_the_outbox_and_the_next_begins_behind_them(
    calm: Desk, ben: Browser, count: int
) -> None:
    to, numbers = written(calm, [f"key{n}" for n in range(count)])
    assert len(numbers) == count
    first, further = listed(ben.get(f"/outbox?to=+{to.upper()}&state=waiting").text, "outbox")
    assert first == numbers[:50]
    if count <= 50:
        assert further == ""
        return
    assert further.replace("%40", "@") == f"/outbox?state=waiting&to={to}&before={numbers[49]}"
    assert listed(ben.get(further).text, "outbox") == (numbers[50:], "")


def test_letters_are_listed_by_state_and_address_and_done_to_once(calm: Desk, ben: Browser) -> None:
    to, [number] = written(calm, ["one"])
    for asked, found in (
        ("state=waiting", [number]), ("state=sent", []), ("state=odd", [number]), (f"before={number}", []), ("before=x", [number]),
    ):  # fmt: skip
        assert listed(ben.get(f"/outbox?to={to}&{asked}").text, "outbox")[0] == found, asked
    at = f"/outbox/{number}"
    page = ben.get(at)
    row = calm.store.letter(number)
    assert row is not None and '<pre class="raw">We have your request.</pre>' in page.text
    with listening() as said:
        for act_, typed, then, what in (
            ("cancel", {"reason": " "}, "reason", []),
            ("cancel", {"reason": "wrong"}, "cancelled", []),
            ("retry", {}, "retried", [f"letter {number} is sent again"]),
        ):
            said.events.clear()
            done = ben.post(page, f"{at}/{act_}", typed)
            assert str(done.url) == f"{calm.url}{at}?said={then}", (act_, typed)
            assert [one["what"] for one in said.of("page.done")] == what
    assert row.ticket_id is not None
    ticket = calm.store.ticket(row.ticket_id)
    assert ticket is not None
    noted = [one.reason for one in ticket.events if one.kind is Happening.STAFF_NOTED]
    assert noted == [f"letter {number} is sent again"]
    with calm.store._writing() as connection:
        connection.exec_driver_sql(f"UPDATE letter SET state = 'sent' WHERE id = {number}")
    with listening() as said:
        for act_ in ("retry", "cancel"):
            assert str(ben.post(page, f"{at}/{act_}", {"reason": "late"}).url).endswith("?said=not")
        assert said.of("page.done") == []


def test_a_letter_that_signs_somebody_in_is_shown_without_its_key(calm: Desk, ben: Browser) -> None:
    _, [number] = written(calm, ["one"], kind="sign_in", body="your key")
    page = ben.get(f"/outbox/{number}").text
    assert "Its words are not shown" in page and "your key" not in page and "<pre" not in page
    assert ANNA not in page


# -- the partner's list -------------------------------------------------------------------------------

COLUMNS = {
    "Reference": "reference", "Subject": "subject", "Status": "status", "Person": "person", "Channel": "channel",
    "Created": "created", "Last activity": "updated",
}  # fmt: skip


def links(page: str) -> dict[str, str]:
    """Where the tabs and the heads of the columns lead, by their words; the sorted one has its arrow."""
    found = re.findall(r'<(?:li|th)[^>]*><a href="(/tickets[^"]*)"[^>]*>(.*?)</a>', page)
    return {re.sub(r"\s*<span.*", "", words).strip(): unescape(link) for link, words in found}


@pytest.mark.parametrize(
    ("asked", "shown", "kept"),
    [
        ("", "Last activity ▾", ""),
        ("sort=odd&order=odd&view=odd&channel=fax&whose=all", "Last activity ▾", ""),
        ("sort=created", "Created ▾", "sort=created"),
        ("sort=reference", "Reference ▾", "sort=reference"),
        ("sort=subject", "Subject ▴", "sort=subject"),
        ("sort=status", "Status ▴", "sort=status"),
        ("sort=person", "Person ▴", "sort=person"),
        ("sort=channel&order=down", "Channel ▾", "sort=channel"),
        ("sort=created&order=up", "Created ▴", "sort=created"),
        ("whose=own&channel=web&q=+slow+", "Last activity ▾", "whose=own&channel=web&q=slow"),
        ("view=escalated&q=" + "a" * 201, "Last activity ▾", "view=escalated&q=" + "a" * 200),
    ],
)
def test_the_heads_and_tabs_of_a_partners_list_lead_on_with_what_was_asked(
    calm: Desk, asked: str, shown: str, kept: str
) -> None:
    open_tickets(calm.store, subject="A slow report", trusted=True)
    lena = calm.signed_in(LENA)
    page = lena.get(f"/tickets?{asked}").text
    if "aria-sort" not in page:  # nothing is found: the tabs alone
        page = lena.get(f"/tickets?{re.sub(r'(q|view|whose|channel)=[^&]*&?', '', asked)}").text + page
    found = links(page)
    assert shown in found
    order = "down" if shown.endswith("▾") else "up"
    whole = dict(one.split("=") for one in f"{kept}&order={order}".split("&") if one)

    def leads(to: str, **changed: str) -> bool:
        said = dict(one.split("=") for one in to.partition("?")[2].split("&") if one)
        return said == {name: value for name, value in {**whole, **changed}.items() if value}

    assert leads(found["Waiting for you"], view="waiting") and leads(found["All"], view="")
    assert leads(found["Mine only"], whose="own") and leads(found["Oakbridge Consulting"], whose="")
    if "view=" not in kept and "q=" not in kept:
        other = "Subject" if not shown.startswith("Subject") else "Channel"
        assert leads(found[other], sort=COLUMNS[other], order="")
        assert leads(found[shown], order="up" if order == "down" else "down")


def test_what_is_missing_of_a_request_is_named_and_what_an_address_makes_up_is_not(calm: Desk) -> None:
    anna = calm.signed_in(ANNA)
    page = anna.get("/tickets?sent=1&missing=zuid,odd,service,<b>").text
    told = re.findall(r"<li>([^<]*)</li>", page.partition("Still missing")[2].partition("</ul>")[0])
    assert told == ["the user ID (ZUID)", "the service"] and "Your request has been taken." in page
    assert "Still missing" not in anna.get("/tickets?sent=1&missing=odd").text
    assert "Your request has been taken." not in anna.get("/tickets?sent=2&missing=zuid").text
    assert "Person" not in links(page) and "Mine only" not in links(page)
