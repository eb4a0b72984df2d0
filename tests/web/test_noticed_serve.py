"""What is served around the pages: new knowledge while they run, and the list of screen-sharing sessions, line by line."""

from __future__ import annotations

import html
import re
import socket
from datetime import timedelta

import pytest

from tests.said import listening
from tests.store.samples import open_tickets
from tests.web.desk import BEN, LEE, MONDAY, PARTNERS, Desk, eventually
from tests.web.test_noticed_gate import asked, session
from triaged.config import config as configs
from triaged.errors import Faulty
from triaged.meetings.meeting import Meeting, MeetingState
from triaged.web import serve
from triaged.web.serve import Pages

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_a_changed_directory_takes_the_place_of_the_old_and_a_faulty_one_is_told(
    lone: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, house, file = lone.pages, lone.pages.house, lone.folder / "partners.csv"
    monkeypatch.setattr(serve, "_LOOK_SECONDS", 3600)  # nobody looks but who is asked
    before = house.knowledge
    pages._asked.set()
    first = eventually(lambda: house.knowledge is not before and house.knowledge, "nothing was read anew")
    with listening() as said:
        pages._look(asked=False)
        assert house.knowledge is first and said.of("daemon.reloaded") == []
        pages._look(asked=True)
        second = house.knowledge
        assert second is not first and second.directory.version == first.directory.version
        file.write_text(PARTNERS + "ash.example,Ash,premium,EU,,Europe/Berlin,en,\n", "utf-8")
        pages._asked.set()  # as SIGHUP has it
        third = eventually(lambda: house.knowledge is not second and house.knowledge, "nothing was read anew")
        assert third.directory.partner_of("x@ash.example") is not None
        versions = [(one["rulebook"], one["model"], one["directory"]) for one in said.of("daemon.reloaded")]
        rulebook = first.rulebook.version
        assert versions == [(rulebook, "", second.directory.version), (rulebook, "", third.directory.version)]
        assert not pages._asked.is_set()
        file.write_text("domain,name\n", "utf-8")
        pages._asked.set()
        (told,) = eventually(lambda: said.of("daemon.reload_refused"), "the fault was not told")
    assert str(file) in told["why"] and house.knowledge is third
    # what is faulty is told once, until it is changed again
    with listening() as said:
        pages._look(asked=False)
        assert said.of("daemon.reload_refused") == [] and house.knowledge is third


def test_where_somebody_else_listens_the_pages_are_not_served(lone: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        text = (lone.folder / "config.yaml").read_text("utf-8")
        path = lone.folder / "other.yaml"
        path.write_text(
            re.sub(r"listen: 127\.0\.0\.1:\d+\n(  public)", rf"listen: {listen}\n\1", text), "utf-8"
        )
        pages = Pages(configs.load(path))
        with pytest.raises(
            Faulty, match=rf"^web: cannot listen on {re.escape(listen)}: Address already in use$"
        ):
            pages.start()
        pages.stop()


# -- the list of sessions -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sessions(calm: Desk) -> list[str]:
    """One ticket for each state, by the order of their times; who holds it alternates. Their references."""
    states = list(MeetingState)
    tickets = open_tickets(calm.store, len(states), trusted=True)
    with calm.store.transaction() as tx:
        for n, (ticket, state) in enumerate(zip(tickets, states, strict=True)):
            starts = MONDAY + DAY + n * HOUR
            host, uid = (BEN, LEE)[n % 2], f"uid-{n}@desk.example"
            tx.keep_meeting(ticket.id, Meeting(1, state, MONDAY, MONDAY, uid, (starts,), 40, host, starts))
    return [one.reference for one in tickets]


@pytest.mark.parametrize(
    ("asked_for", "view", "mine", "states"),
    [
        ("", "coming", False, ["accepted", "moved", "begun"]),
        ("?view=none", "coming", False, ["accepted", "moved", "begun"]),
        ("?view=offered", "offered", False, ["offered"]),
        ("?view=over", "over", False, ["declined", "held", "missed", "cancelled"]),
        ("?view=all", "all", False, [str(one) for one in MeetingState]),
        ("?whose=mine", "coming", True, ["accepted", "begun"]),
        ("?view=over&whose=mine", "over", True, ["missed"]),
        ("?view=over&whose=his", "over", False, ["declined", "held", "missed", "cancelled"]),
    ],
)
def test_sessions_are_listed_by_their_time_as_the_address_says(
    calm: Desk, sessions: list[str], asked_for: str, view: str, mine: bool, states: list[str]
) -> None:
    page = asked(calm, "GET", f"/screen-sharing{asked_for}", session=session(calm, BEN)).text
    every = [str(one) for one in MeetingState]
    lines = [
        [
            " ".join(html.unescape(re.sub("<[^>]+>", "", cell)).split())
            for cell in re.findall("<td.*?</td>", row)
        ]
        for row in re.findall("<tr>(.*?)</tr>", page.replace("\n", " "))[1:]
    ]
    assert lines == [
        [
            sessions[n], "Records vanish", "oakbridge.example", state,
            f"24 Nov 2026, {9 + n:02}:00 UTC (in 1 day)", f"24 Nov 2026, {9 + n:02}:40 UTC", (BEN, LEE)[n % 2],
            "23 Nov 2026, 09:00 UTC",
        ]
        for state in states for n in [every.index(state)]
    ]  # fmt: skip
    whose = "&amp;whose=mine" if mine else ""
    tabs = re.findall(r'<a href="/screen-sharing\?view=([^"]*)"([^>]*)>([^<]*)</a>', page)
    assert tabs == [
        *(
            (f"{name}{whose}", ' aria-current="page"' if name == view else "", title)
            for name, title in (
                ("coming", "To come"),
                ("offered", "Offered"),
                ("over", "Over"),
                ("all", "All"),
            )
        ),
        (view + ("" if mine else "&amp;whose=mine"), ' aria-current="true"' if mine else "", "Mine only"),
    ]


def test_where_there_is_no_session_it_is_said_where_one_begins(calm: Desk, sessions: list[str]) -> None:
    page = asked(calm, "GET", "/screen-sharing?view=offered&whose=mine", session=session(calm, LEE)).text
    assert "There are no sessions here. They are offered on a ticket&#39;s page." in page.replace(
        "'", "&#39;"
    )
    assert sessions[0] not in page
