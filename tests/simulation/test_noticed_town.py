"""What of the simulated town and its time nobody would have noticed: who lives there, how mails are spelt, when things happen."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from triaged.errors import Faulty, Temporary
from triaged.outbox.smtp import Outage as ServerAway
from triaged.simulation import mails, town
from triaged.simulation.life import Story, Truth
from triaged.simulation.month import Course, Month, Outage
from triaged.simulation.postman import Delivered, Postman
from triaged.simulation.town import Correspondent, Customer
from triaged.store.rows import Arrival, Fate

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MINUTE, HOUR, TICK = timedelta(minutes=1), timedelta(hours=1), timedelta(microseconds=1)
BUILT = town.build(Random(1))
HEAD = "Authentication-Results: mx.intake.example; dmarc=pass header.from=x.example\n"
TAIL = (
    'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 7bit\nMIME-Version: 1.0\n\nHello\n'
)
BOUNCE = """\
From: Mail Delivery System <mailer-daemon@mx.intake.example>
To: s@z.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 09:30:00 +0000
Message-ID: <9@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to one recipient.

<gone@x.example>: host mx.example said: 550 5.1.1 mailbox unavailable

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.intake.example

Final-Recipient: rfc822; gone@x.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 mailbox unavailable

--b1
Content-Type: text/rfc822-headers

{head}

--b1--
"""


def plain(raw: bytes) -> str:
    return raw.decode().replace("\r\n", "\n")


def test_mails_are_spelt_as_a_server_hands_them_over() -> None:
    ids = ["<a@z>", "<b@z>"]
    whole = mails.write(
        ("Ada Berg", "ada@x.example"), ["s@z.example", "t@z.example"], "Slow", "Hello", AT, "<1@x.example>",
        cc=["ben@x.example", "c@x.example"], answers=ids,
    )  # fmt: skip
    assert plain(whole) == (
        f"{HEAD}From: Ada Berg <ada@x.example>\nTo: s@z.example, t@z.example\nCc: ben@x.example, c@x.example\n"
        "Subject: Slow\nDate: Mon, 23 Nov 2026 09:30:00 +0000\nMessage-ID: <1@x.example>\n"
        f"In-Reply-To: <b@z>\nReferences: <a@z> <b@z>\n{TAIL}"
    )
    bare = mails.write(("Åda", "ada@x.example"), ["s@z.example"], "Slow", "Hello", AT, "<1@x.example>")
    assert plain(bare) == (
        f"{HEAD}From: ada@x.example\nTo: s@z.example\nSubject: Slow\n"
        f"Date: Mon, 23 Nov 2026 09:30:00 +0000\nMessage-ID: <1@x.example>\n{TAIL}"
    )
    letter = Delivered(AT, ("ada@x.example",), "<l@z>", "answer", "[PS-1] Re: Slow", "s@z.example", (), b"")
    away = mails.absence(letter, ("Ada Berg", "ada@x.example"), "Hello", AT, "<2@x.example>")
    assert plain(away) == (
        f"{HEAD}From: Ada Berg <ada@x.example>\nTo: s@z.example\nSubject: Automatic reply: [PS-1] Re: Slow\n"
        "Date: Mon, 23 Nov 2026 09:30:00 +0000\nMessage-ID: <2@x.example>\n"
        f"In-Reply-To: <l@z>\nReferences: <l@z>\n{TAIL}"
    )
    assert mails.marked(bare) == b"Auto-Submitted: auto-replied\r\nPrecedence: bulk\r\n" + bare


@pytest.mark.parametrize(
    ("returned", "head"),
    [
        (b"From: a\r\nTo: b\r\n\r\nbody\r\n\r\nmore", "From: a\nTo: b"),
        (b"", "Message-ID: <l@z>\nSubject: yours"),
    ],
)
def test_what_comes_back_says_whom_it_did_not_reach_and_gives_the_header_back(
    returned: bytes, head: str
) -> None:
    raw = mails.bounce("gone@x.example", "s@z.example", AT, "<9@mx.example>", "<l@z>", returned)
    assert plain(raw) == BOUNCE.format(head=head)


def test_two_partners_a_region_with_five_people_and_five_accounts_each() -> None:
    domains = Counter(one.address.rpartition("@")[2] for one in BUILT.people)
    assert list(domains)[:2] == ["harbour-us1.example", "lantern-in1.example"]
    assert list(domains)[7:11] == [
        "tidal-uk1.example",
        "valley-us2.example",
        "willow-in2.example",
        "harbour-au2.example",
    ]
    assert len(domains) == 16 and {*domains.values()} == {5}
    assert Counter(c.partner for c in BUILT.customers) == domains
    for start in range(0, 80, 5):
        five, theirs = BUILT.people[start : start + 5], BUILT.customers[start : start + 5]
        assert [(one.away, one.gone) for one in five] == [(False, False)] * 3 + [(True, False), (False, True)]
        assert len({one.name for one in five}) == 5
        assert {(one.region, one.zone, one.language) for one in five} == {town._PLACES[start // 5 % 8]}
        assert {one.region for one in theirs} == {five[0].region}
        assert BUILT.of(five[2]) == theirs
    large = [int(one.subscriptions.partition("=")[2]) for one in BUILT.customers]
    assert {*large[::3]} == {300, 500} and {*large} == {12, 40, 90, 260, 300, 400, 500}
    assert BUILT.people[0] == Correspondent(
        "Chie Doi", "chie@harbour-us1.example", "US", "America/New_York", "en"
    )
    assert BUILT.customers[79] == Customer(
        "holly79", "60040000079", "70020000079", "it@holly79.example", "holly79.example", "UK", "ridge-uk2.example",
        "Zoho Projects=90",
    )  # fmt: skip
    assert BUILT == town.build(Random(1)) != town.build(Random(2))


def test_europe_has_its_own_mailbox() -> None:
    wrote = {one.region: (one.mailbox, one.support) for one in BUILT.people}
    europe = ("europe", "partner-support@eu.zohocorp.com")
    the_rest = ("global", "partner-support@zohocorp.com")
    assert wrote == {region: europe if region in ("EU", "UK") else the_rest for region, *_ in town._PLACES}


def test_the_town_is_written_down_as_a_directory_and_a_config(tmp_path: Path) -> None:
    config = town.settle(BUILT, tmp_path)
    assert config.database == "sqlite:///simulation.db" or config.database.endswith("simulation.db")
    assert {one.name: [*one.regions] for one in config.mailboxes} == {
        "global": ["US", "IN", "AU", "JP", "SA", "CA"],
        "europe": ["EU", "UK"],
    }
    accounts = (tmp_path / "accounts.csv").read_text("utf-8").splitlines()
    assert (
        accounts[0] == "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,plan"
    )
    assert accounts[80] == (
        "holly79,Holly79 Works,60040000079,it@holly79.example,holly79.example,UK,ridge-uk2.example,70020000079,Zoho Projects=90,paid"
    )
    partners = (tmp_path / "partners.csv").read_text("utf-8").splitlines()
    assert (len(accounts), len(partners)) == (81, 17)
    assert partners[:2] == [
        "domain,name,tier,region,contacts,time_zone,language",
        "harbour-us1.example,Harbour-Us1,advanced,US,,America/New_York,en",
    ]


STEP = 5 * MINUTE


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Month]:
    """Two days in which nobody writes by himself; the daemon is out for an hour, and then the server."""
    outages = [Outage("daemon", AT + HOUR, AT + 2 * HOUR), Outage("smtp", AT + 3 * HOUR, AT + 4 * HOUR)]
    course = Course(begin=AT, days=2, mail_per_day=0, outages=outages, step=STEP)
    folder = tmp_path_factory.mktemp("month")
    shutil.copy(empty_database, folder / "month.db")
    made = Month(folder, course, database=f"sqlite:///{folder}/month.db")
    yield made
    made.close()


def mail(month: Month, number: int, what: str = "request", story: Story | None = None) -> None:
    who = month.town.people[0]
    raw = mails.write(
        (who.name, who.address), [who.support], f"Case {number}", "It is slow.", month.now, f"<{number}@{who.region}.example>"
    )  # fmt: skip
    month.arrive(
        Arrival(raw, "global", "imap", "INBOX", 1, number, month.now, moved=True),
        Truth(what, who.address, story),
    )


def test_things_happen_on_the_next_full_step_in_the_order_they_were_planned_and_the_daemon_dies_and_comes_back(
    month: Month,
) -> None:
    happened: list[tuple[str, timedelta]] = []

    def note(name: str) -> None:
        happened.append((name, month.now - AT))

    def plan(name: str, after: timedelta) -> None:
        month.plan(AT + after, lambda: note(name))

    story = Story(month.town.people[0], month.town.customers[0], "Zoho CRM", "Case 2")
    for name, after in (
        ("past", -HOUR), ("first", TICK), ("a", 5 * MINUTE), ("b", 5 * MINUTE), ("late", 5 * MINUTE + TICK),
        ("last", 2 * 24 * HOUR - STEP), ("never", 2 * 24 * HOUR - STEP + TICK),
    ):  # fmt: skip
        plan(name, after)
    month.plan(AT + 30 * MINUTE, lambda: mail(month, 1))
    month.plan(AT + HOUR, lambda: mail(month, 2, story=story))
    month.plan(AT + 90 * MINUTE, lambda: mail(month, 3, "answer", story))
    owner, days = month.house.owner, list[datetime]()
    month.run(days.append)
    assert happened == [
        ("past", STEP), ("first", STEP), ("a", STEP), ("b", STEP), ("late", 2 * STEP),
        ("last", 2 * 24 * HOUR - STEP),
    ]  # fmt: skip
    assert days == [AT, AT + 24 * HOUR] and month.now == month.end == AT + 48 * HOUR
    assert month.house.owner == f"{owner}+"
    first, second, third = (month.store.mail(number) for number in (1, 2, 3))
    assert first and second and third
    # What the dead daemon had claimed is the next one's when its lease is over
    assert [(one.kept_at - AT, one.finished_at - AT) for one in (first, second, third) if one.finished_at] == [
        (30 * MINUTE, 30 * MINUTE), (HOUR, 2 * HOUR), (2 * HOUR, 2 * HOUR),
    ]  # fmt: skip
    assert [month.truths[number].what for number in (1, 2, 3)] == ["request", "request", "answer"]
    assert month.opened_by == {story: 2}
    left = [one.at - AT for one in month.postman.delivered]
    assert left and left[0] == 30 * MINUTE
    assert not any(HOUR <= at < 2 * HOUR or 3 * HOUR <= at < 4 * HOUR for at in left)


def test_a_command_is_given_where_there_is_a_ticket_and_may_be_refused(month: Month) -> None:
    number = next(iter(month.opened_by.values()), None)
    if number is None:
        mail(month, 9, story=Story(month.town.people[0], month.town.customers[0], "Zoho CRM", "Case 9"))
        month.turn()
    story, number = next(iter(month.opened_by.items()))
    row = month.store.mail(number)
    assert row and row.fate is Fate.TICKET
    seen: list[int] = []
    other = Story(story.person, story.customer, "", "")
    assert month.at_desk(story, lambda _desk, ticket: seen.append(ticket.id)) and seen == [row.ticket_id]
    assert not month.at_desk(other, lambda _desk, ticket: seen.append(ticket.id)) and len(seen) == 1

    def refused(_desk: object, _ticket: object) -> None:
        raise Faulty("no")

    assert month.at_desk(story, refused)


def test_a_letter_is_told_as_it_left_and_a_greylisted_one_leaves_the_second_time() -> None:
    raw = (
        b"Message-ID:  <l@z>\r\nX-Triaged-Letter: answer\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
        b"From: Support <s@z.example>\r\nIn-Reply-To: <b@x>\r\n\r\nbody\r\n"
    )
    greylists: list[bool] = []
    postman = Postman(lambda: AT, lambda: greylists.pop() if greylists else False)
    told = Delivered(
        AT, ("a@x.example", "b@x.example"), "<l@z>", "answer", "Größe", "s@z.example", ("<b@x>",), raw
    )

    def send(raw: bytes, patient: bool = True) -> None:
        with postman as line:
            assert line.send("x@z.example", ["a@x.example"], ["b@x.example"], raw, patient=patient) == {}

    send(raw)
    assert postman.delivered == [told]
    greylists += [True, True]
    with pytest.raises(Temporary, match="greylisted"):
        send(raw)
    send(raw, patient=False)
    assert (greylists, len(postman.delivered)) == ([True], 2)
    greylists.clear()
    send(raw.replace(b"In-Reply-To:", b"References: <a@x>  <b@x>\r\nIn-Reply-To:"))
    assert postman.delivered[-1].answers == ("<a@x>", "<b@x>")
    send(b"From: s@z.example\r\n\r\nbody")
    bare = postman.delivered[-1]
    assert (bare.kind, bare.subject, bare.answers) == ("", "", ())
    postman.away = True
    with pytest.raises(ServerAway, match="refused"):
        send(raw)
    assert len(postman.delivered) == 4
