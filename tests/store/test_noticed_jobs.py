"""Jobs and forms at their borders: when one counts as dead or is forgotten, and what a form did when it was taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.store.row_changes import differences
from tests.store.samples import NOW, arrival, open_tickets
from triaged.store import Store
from triaged.store.columns import to_micros
from triaged.store.forms import Taken
from triaged.store.jobs import Job
from triaged.store.page_rows import Draft
from triaged.store.rows import SaidMail
from triaged.tickets.ticket import Attached

TICK, MINUTE, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=1)
LEE, ADA = "lee@desk.example", "ada@desk.example"


def test_a_job_is_known_whole_while_it_runs_and_when_it_is_over(store: Store) -> None:
    number = store.begin_job("train", LEE, {"since": "30d"}, NOW, "host/7")
    assert number is not None
    begun = Job(number, "train", LEE, {"since": "30d"}, "running", 0, 0, NOW, NOW, None, None, "host/7")
    assert store.job(number) == begun == store.last_job("train") and store.running_jobs() == [begun]
    assert begun.runs and store.beat_job(number, 3, 9, NOW + MINUTE)
    assert store.end_job(number, "done", {"lines": ["x"]}, NOW + 2 * MINUTE)
    over = Job(
        number, "train", LEE, {"since": "30d"}, "done", 3, 9, NOW, NOW + MINUTE, NOW + 2 * MINUTE, {"lines": ["x"]}, "host/7"
    )  # fmt: skip
    assert store.job(number) == over and store.running_jobs() == [] and not over.runs
    assert not over.is_silent(NOW + DAY) and store.job(number + 1) is None
    assert not store.beat_job(number, 4, 9, NOW + DAY) and not store.end_job(
        number, "failed", None, NOW + DAY
    )
    assert store.job(number) == over
    assert store.last_job("train", ADA) is None and store.last_job("compare") is None


@pytest.mark.parametrize(("later", "dead"), [(2 * MINUTE, False), (2 * MINUTE + TICK, True)])
def test_a_job_that_says_nothing_for_two_minutes_has_died(store: Store, later: timedelta, dead: bool) -> None:
    first, other = (store.begin_job(kind, LEE, {}, NOW) for kind in ("train", "compare"))
    assert first and other
    kept = store.job(first)
    assert kept is not None and kept.is_silent(NOW + later) is dead
    assert (store.begin_job("train", ADA, {}, NOW + later) is not None) is dead
    found = store.job(first)
    assert found is not None
    told = (found.state, found.ended_at, found.result)
    assert told == (
        ("failed", NOW + later, {"error": "its process has died"}) if dead else ("running", None, None)
    )
    assert [one.id for one in store.running_jobs() if one.kind == "compare"] == [other]


@pytest.mark.parametrize(("age", "left"), [(30 * DAY, True), (30 * DAY + TICK, False)])
def test_jobs_that_were_over_a_month_ago_go(store: Store, age: timedelta, left: bool) -> None:
    old = store.begin_job("train", LEE, {}, NOW)
    running = store.begin_job("compare", LEE, {}, NOW)
    assert old and running and store.end_job(old, "done", None, NOW)
    store.begin_job("backtest", LEE, {}, NOW + age)
    assert (store.job(old) is not None) is left and store.job(running) is not None


# -- forms


def test_a_form_that_keeps_a_mail_is_taken_once_and_what_it_says_is_shown_at_once(store: Store) -> None:
    (ticket,) = open_tickets(store)
    said = SaidMail(
        ticket.id, 0, ticket.reference, "oakbridge.example", "partner", "Anna@oakbridge.example", "Anna", ("b@x.example",),
        (), "Records", "They are slow.", (("a.txt", "text/plain", 3),),
    )  # fmt: skip
    taken: list[Taken] = []
    mail = arrival(1, door="web", uid=None, uidvalidity=None, folder=None)
    told = differences(store, lambda: taken.append(store.keep_form(mail, "k1", NOW, said)))
    assert set(told) == {"raw", "mail", "form", "said"} | ({"tally"} & set(told))
    (row,), (form,), (shown,) = (told[one].values() for one in ("mail", "form", "said"))
    assert row and form and shown
    assert {one: row[one] for one in ("ticket_id", "sender", "subject", "fate", "door")} == {
        "ticket_id": ticket.id, "sender": "anna@oakbridge.example", "subject": "Records", "fate": "waiting", "door": "web",
    }  # fmt: skip
    assert (form["ticket_id"], form["mail_id"], form["at"]) == (ticket.id, 1, to_micros(NOW)) and form[
        "key"
    ] != "k1"
    names = "ticket_id", "mail_id", "audience", "by_name", "to", "cc", "text"
    assert [shown[one] for one in names] == [
        ticket.id,
        1,
        "partner",
        "Anna",
        '["b@x.example"]',
        "[]",
        "They are slow.",
    ]
    again: list[Taken] = []
    other = arrival(2, door="web", uid=None, uidvalidity=None, folder=None)
    assert differences(store, lambda: again.append(store.keep_form(other, "k1", NOW + DAY))) == {}
    assert (taken, again) == ([Taken(False, ticket.id, 1)], [Taken(True, ticket.id, 1)])
    assert store.taken_form("k1") == Taken(True, ticket.id, 1) and store.taken_form("k2") is None


@pytest.mark.parametrize(("later", "gone"), [(0 * MINUTE, 0), (TICK, 2)])
def test_forms_and_drafts_go_when_they_are_older_than_that(store: Store, later: timedelta, gone: int) -> None:
    with store.transaction() as tx:
        assert tx.take_form("k1", NOW, None) == Taken(False)
    file = Attached("a.txt", "text/plain", b"x")
    store.save_draft(Draft(LEE, "PS-1", "answer", {"text": "half"}, NOW, (file,)))
    assert store.forget_forms(NOW + later) == gone
    assert (store.taken_form("k1") is None) is bool(gone)
    kept: Any = store.draft(LEE.upper(), "PS-1", "answer")
    assert kept == (None if gone else Draft(LEE, "PS-1", "answer", {"text": "half"}, NOW, (file,)))


def test_a_draft_is_its_writers_of_one_form_about_one_thing(store: Store) -> None:
    files = tuple(Attached(f"{n}.txt", "text/plain", b"x") for n in range(3))
    for address, about, form in (
        (LEE, "PS-1", "answer"),
        (ADA, "PS-1", "answer"),
        (LEE, "PS-2", "answer"),
        (LEE, "PS-1", "note"),
    ):
        store.save_draft(Draft(address, about, form, {"text": f"{address} {about} {form}"}, NOW, files))
    anew = Draft(LEE, "PS-1", "answer", {"text": "anew"}, NOW + MINUTE, files[:1])
    store.save_draft(anew)
    assert store.draft(LEE, "PS-1", "answer") == anew
    store.drop_draft(LEE, "PS-1", "answer")
    assert store.draft(LEE, "PS-1", "answer") is None
    for address, about, form in ((ADA, "PS-1", "answer"), (LEE, "PS-2", "answer"), (LEE, "PS-1", "note")):
        kept = store.draft(address, about, form)
        assert kept == Draft(address, about, form, {"text": f"{address} {about} {form}"}, NOW, files)
