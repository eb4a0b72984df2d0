"""What of the pages' lists nobody would have noticed: by what a list is put in order, where a page begins, what stands first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.samples import MINUTE, NOW, step
from tests.store.test_pages import ADA, ALL, ANNA, ELM, EVA, HOUR, LONE, SCOPES, opened, references, said
from triaged.store import Store, pages, search
from triaged.store.page_rows import Counted, ListRow, Place, Sort, Status, View, Wanted
from triaged.store.scope import Scope, of_admin
from triaged.store.threads import referred, ticket_id
from triaged.tickets.ticket import Person, State
from triaged.vocabulary import Severity

ANYBODY, ADMIN, STAFF = SCOPES["opener"], SCOPES["admin"], SCOPES["staff"]
QUEUE = {"view": View.QUEUE}


@pytest.mark.parametrize(
    ("scope", "wanted", "shown"),
    [
        (ANYBODY, {}, "updated apart, due apart, reference apart, subject apart"),
        (ANYBODY, QUEUE, "updated apart, due apart, reference apart, subject apart"),
        (ANYBODY, {"partner": "x"}, "updated apart, due apart, reference apart, subject apart"),
        (ADMIN, {}, "updated by index, due apart, reference apart, subject apart"),
        (
            ADMIN,
            {"statuses": (Status.CLOSED,)},
            "updated by index, due apart, reference apart, subject apart",
        ),
        (ADMIN, {"statuses": tuple(Status)}, "updated by index, due apart, reference apart, subject apart"),
        (ADMIN, {"statuses": (Status.OPEN,)}, "updated apart, due apart, reference apart, subject apart"),
        *(
            (ADMIN, narrow, "updated apart, due apart, reference apart, subject apart")
            for narrow in ({"text": "x"}, {"tag": "x"}, {"person": "x"}, {"account": "x"}, {"own": True})
        ),
        (STAFF, {}, "updated by index, updated by index, reference by index, updated by index"),
        (
            STAFF,
            {"statuses": (Status.OPEN,)},
            "updated by index, updated by index, reference by index, updated by index",
        ),
        (STAFF, QUEUE, "updated apart, due by index, reference apart, subject apart"),
        (STAFF, {"view": View.MINE}, "updated apart, due by index, reference apart, subject apart"),
        (STAFF, {"tag": "x"}, "updated apart, due apart, reference apart, subject apart"),
        (STAFF, {"tag": "x", **QUEUE}, "updated apart, due apart, reference apart, subject apart"),
        (STAFF, {"partner": "x", **QUEUE}, "updated by index, due by index, reference apart, subject apart"),
        (STAFF, {"service": "x", **QUEUE}, "updated by index, due by index, reference apart, subject apart"),
        (STAFF, {"service": "x", "tag": "x"}, "updated by index, due apart, reference apart, subject apart"),
    ],
)
def test_a_list_is_put_in_order_by_an_index_only_where_that_index_finds_it(
    scope: Scope, wanted: dict[str, Any], shown: str
) -> None:
    """Beside what else narrows it, an index in the order wanted would be walked until enough is met."""
    told = []
    for asked in (Sort.UPDATED, Sort.DUE, Sort.REFERENCE, Sort.SUBJECT):
        sort, key = pages.ordered(scope, replace(ALL, sort=asked, **wanted))
        apart = str(key).startswith("coalesce(lower(") if sort is Sort.SUBJECT else str(key).endswith(" + 0")
        told.append(f"{sort} {'apart' if apart else 'by index'}")
    assert ", ".join(told) == shown


@pytest.mark.parametrize(
    ("scope", "wanted", "few"),
    [
        (ADMIN, {"statuses": (Status.OPEN, Status.ESCALATED, Status.WAITING, Status.RESOLVED)}, True),
        (ADMIN, {"statuses": (Status.OPEN, Status.CLOSED)}, False),
        (ADMIN, {}, False),
        (ADMIN, {"statuses": (Status.OPEN,), "tag": "x"}, False),
        (ANYBODY, {"statuses": (Status.OPEN,)}, False),
        (STAFF, {"statuses": (Status.OPEN,)}, False),
    ],
)
def test_what_is_not_closed_is_few_for_an_admin(scope: Scope, wanted: dict[str, Any], few: bool) -> None:
    assert pages.is_few(scope, replace(ALL, **wanted)) is few


def test_an_admin_of_many_addresses_sees_the_tickets_of_each_and_one_of_none_sees_nothing(
    store: Store,
) -> None:
    its = [opened(store, partner_domain=one, people=(Person(one),)) for one in LONE.contacts]
    opened(store, partner_domain="lex@mailer.example", people=(Person("lex@mailer.example"),))
    assert sorted(references(store, of_admin("leo@mailer.example", LONE))) == [one.id for one in its]
    assert references(store, Scope("admin", "leo@mailer.example")) == []


@pytest.mark.parametrize("who", ["opener", "admin", "staff"])
def test_a_list_tells_at_each_end_whether_something_lies_beyond(store: Store, who: str) -> None:
    for n in range(5):
        opened(store, updated_at=NOW + n * MINUTE)
    there = {1001 + n: Place(int((NOW + n * MINUTE).timestamp() * 1_000_000), 1001 + n) for n in range(5)}

    def page(**wanted: Any) -> tuple[list[int], Place | None, Place | None]:
        found = store.page(SCOPES[who], replace(ALL, **wanted))
        return [row.id for row in found.rows], found.first, found.last

    assert page(limit=5) == ([1005, 1004, 1003, 1002, 1001], None, None)
    assert page(limit=4) == ([1005, 1004, 1003, 1002], None, there[1002])
    assert page(limit=2, after=there[1004]) == ([1003, 1002], there[1003], there[1002])
    assert page(limit=2, after=there[1003]) == ([1002, 1001], there[1002], None)
    assert page(limit=2, after=there[1001]) == ([], None, None)
    assert page(limit=2, before=there[1002]) == ([1004, 1003], there[1004], there[1003])
    assert page(limit=2, before=there[1003]) == ([1005, 1004], None, there[1004])
    assert page(limit=2, before=there[1005]) == ([], None, None)
    assert page(limit=2, after=there[1003], before=there[1003])[0] == [1002, 1001]
    assert page(limit=2, before=there[1002], descending=False) == ([1001], None, there[1001])


def test_a_place_that_no_ticket_can_have_is_none(store: Store) -> None:
    """The first page is shown then, and none is said to lie in front of it."""
    one = opened(store)
    for place, holds in (
        (Place(2**63 - 1, 5), True), (Place("9223372036854775807", 5), True), (Place(2**63, 5), False),
        (Place(-(2**63), 5), False), (Place(5, 2**63), False), (Place("x", 5), False),
    ):  # fmt: skip
        page = store.page(STAFF, replace(ALL, after=place))
        assert [row.id for row in page.rows] == [one.id] and (page.first is not None) is holds, place


def test_a_place_in_an_order_that_the_list_does_not_have_is_none(store: Store) -> None:
    """Staff's list of all tickets is in order of change, whatever else was asked for."""
    opened(store, subject="b")
    asked = replace(ALL, sort=Sort.SUBJECT, descending=False, after=Place("c", 1))
    assert [row.id for row in store.page(STAFF, asked).rows] == [1001]
    assert [row.id for row in store.page(ADMIN, asked).rows] == []


def test_the_ticket_that_a_search_names_stands_first_on_the_first_page(store: Store) -> None:
    opened(store, people=(Person(EVA),), partner_domain=ELM.domain, updated_at=NOW)
    for n in range(1, 4):
        said(store, opened(store, updated_at=NOW + n * HOUR), n, "as in PS-1001")
    named = replace(ALL, text="PS-1001", limit=2)
    first = store.page(STAFF, named)
    assert [row.id for row in first.rows] == [1001, 1004, 1003]
    assert first.last is not None
    later = store.page(STAFF, replace(named, after=first.last))
    assert [row.id for row in later.rows] == [1002, 1001]
    assert later.first is not None
    assert [row.id for row in store.page(STAFF, replace(named, before=later.first)).rows] == [1004, 1003]
    assert [row.id for row in store.page(ADMIN, named).rows] == [1004, 1003]
    assert store.reference_of(STAFF, "[ps 1001]") == 1001
    assert store.reference_of(ADMIN, "PS-1001") is store.reference_of(STAFF, "1001") is None


@pytest.mark.parametrize(
    ("shown", "number", "strictly"),
    [
        ("PS-1042", 1042, 1042),
        (" ps-1042 ", 1042, 1042),
        ("PS1042", 1042, None),
        ("[PS 1042]", 1042, None),
        ("ＰＳ－１０４２", 1042, None),
        ("PS-" + "9" * 18, 10**18 - 1, 10**18 - 1),
        ("PS-" + "1" * 19, None, None),
        ("1042", None, None),
        ("PS", None, None),
        ("PS-", None, None),
        ("CP-1042", None, None),
        ("PS-1042 now", None, None),
        ("see PS-1042", None, None),
        ("PS-10x", None, None),
        ("PS-١٠٤٢", None, None),
        ("PS-1042" + " " * 60 + "x", 1042, None),
    ],
)
def test_what_is_a_reference(shown: str, number: int | None, strictly: int | None) -> None:
    assert referred(shown) == number
    if shown.isascii():
        assert ticket_id(shown) == strictly


def test_at_risk_is_what_was_warned_of_and_can_still_be_kept(store: Store) -> None:
    """What is missed is so from its minute on, and what is put off is back at its own."""
    soon = {"promise": "resolution", "promised_at": NOW + MINUTE}
    warned = opened(store, **soon)
    pending, other, missed, late = (
        opened(store, **soon),
        opened(store, **soon),
        opened(store, **{**soon, "promised_at": NOW}),
        opened(store, **soon),
    )
    with store.transaction() as tx:
        for one, kind, name in (
            (warned, "resolution", "warn_2"), (pending, "resolution", "warn"), (other, "first_response", "warn"),
            (missed, "resolution", "warn"), (late, "resolution", "miss"),
        ):  # fmt: skip
            tx.set_dues(one.id, [step(kind, name)])
    for due in store.claim_dues(9, NOW + HOUR, "one", HOUR):
        if due.ticket_id != pending.id:
            with store.transaction() as tx:
                tx.finish_due(due.id or 0, "one", "told", NOW)
    snoozed = opened(store, snoozed_until=NOW + timedelta(microseconds=1), assigned_to="cy@zohocorp.com")
    back = opened(store, snoozed_until=NOW, assigned_to="cy@zohocorp.com")
    shown = {view: sorted(references(store, STAFF, view=view)) for view in View}
    assert shown[View.AT_RISK] == [warned.id]
    assert shown[View.MISSED] == [missed.id]
    assert shown[View.SNOOZED] == [snoozed.id]
    assert shown[View.MINE] == [back.id]


def test_a_filter_narrows_a_view_too(store: Store) -> None:
    one = opened(
        store, service="Zoho CRM", account_key="A1", mailbox="eu", channel="phone", partner_domain=ELM.domain,
        people=(Person(EVA),), state=State.OPEN,
    )  # fmt: skip
    opened(store, state=State.WAITING)
    every: list[dict[str, Any]] = [
        {"service": "Zoho CRM"}, {"account": "A1"}, {"mailbox": "eu"}, {"partner": "ElmHill.example"},
        {"channel": "phone"}, {"states": (State.OPEN, State.NEW)}, {"person": "EVA@elmhill.example"},
    ]  # fmt: skip
    for view in (View.EVERYTHING, View.QUEUE):
        for wanted in every:
            assert references(store, STAFF, view=view, **wanted) == [one.id], (view, wanted)


def test_own_tickets_are_those_on_which_one_stands_as_somebody_who_may_see_them(store: Store) -> None:
    mine = [opened(store, people=(Person(EVA), Person(ADA, role=role))) for role in ("cc", "reader")]
    opened(store, people=(Person(EVA), Person(ADA, role="other")))
    opened(store)
    assert sorted(references(store, ADMIN, own=True)) == [one.id for one in mine]
    assert len(references(store, ADMIN)) == 4


def test_what_a_search_meets_is_counted_by_status_to_a_bound(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, state in enumerate((State.NEW, State.OPEN, State.WAITING, State.CLOSED)):
        opened(store, state=state, closed_at=NOW if state is State.CLOSED else None, tier=1 + n // 3)
    opened(store, state=State.OPEN, engineering=True)
    opened(store, subject="other")

    def counts() -> list[Counted]:
        asked = ((), (Status.OPEN,), (Status.ESCALATED,), (Status.CLOSED, Status.WAITING), (Status.RESOLVED,))
        return store.counted(STAFF, [replace(ALL, text="vanish", statuses=one) for one in asked])

    told = [5, 2, 1, 2, 0]
    assert counts() == [Counted(number) for number in told]
    monkeypatch.setattr(pages, "BOUND", 2)
    assert counts() == [Counted(2, True), *map(Counted, told[1:])]
    monkeypatch.setattr(search, "MOST", 5)
    assert counts() == [Counted(2, True), *(Counted(number, True) for number in told[1:])]


def test_lists_beside_a_page_are_counted_of_what_each_looks_for(store: Store) -> None:
    for n, subject in enumerate(("Records vanish", "Records stay", "Menus vanish")):
        opened(store, subject=subject, updated_at=NOW + n * MINUTE)

    def wanted(text: str) -> Wanted:
        return replace(ALL, text=text)

    page, beside = store.listed(STAFF, wanted("vanish"), [wanted("records"), wanted(""), wanted("menus")])
    assert [row.id for row in page.rows] == [1003, 1001]
    assert beside == [Counted(2), Counted(3), Counted(1)]


def test_a_row_of_a_list_holds_every_field_for_staff_and_for_others_what_they_may_see(store: Store) -> None:
    made = opened(
        store, state=State.OPEN, tier=2, private=True, severity=Severity.S2, provisional=True, mailbox="eu", channel="web",
        account_key="A1", account_name="Alder", service="Zoho CRM", assigned_to="cy@zohocorp.com", promise="resolution",
        promised_at=NOW + HOUR, tags=("a", "b"), reviews=("why?", "how?"), snoozed_until=NOW + MINUTE,
        updated_at=NOW + MINUTE, people=(Person("ada@oakbridge.example", role="cc"), Person(ANNA, "Anna"), Person("zoe@oakbridge.example")),
    )  # fmt: skip
    theirs = ListRow(
        id=made.id, reference="PS-1001", subject="Records vanish", person=ANNA, person_name="Anna", created_at=NOW,
        updated_at=NOW + MINUTE, channel="web", status=Status.ESCALATED, state=State.OPEN, private=True,
    )  # fmt: skip
    ours = replace(
        theirs, severity=Severity.S2, provisional=True, mailbox="eu", partner="oakbridge.example", account="Alder",
        service="Zoho CRM", assigned_to="cy@zohocorp.com", promise="resolution", promised_at=NOW + HOUR,
        tags=("a", "b"), reviews=2, tier=2, snoozed_until=NOW + MINUTE,
    )  # fmt: skip
    assert store.page(STAFF, ALL).rows == (ours,)
    assert store.page(ANYBODY, ALL).rows == (theirs,)
    opened(store, people=(), partner_domain=None, updated_at=NOW)
    bare = store.page(STAFF, ALL).rows[1]
    assert (bare.person, bare.person_name, bare.partner, bare.account, bare.service, bare.assigned_to, bare.promise) == (
        ("",) * 7
    )  # fmt: skip


STANDS = [
    (State.NEW, 1, False, Status.OPEN),
    (State.OPEN, 2, False, Status.ESCALATED),
    (State.NEW, 1, True, Status.ESCALATED),
    (State.WAITING, 3, True, Status.WAITING),
    (State.RESOLVED, 3, True, Status.RESOLVED),
    (State.CLOSED, 1, False, Status.CLOSED),
]


def test_a_status_says_the_same_in_a_row_in_a_filter_and_in_the_order(store: Store) -> None:
    its: dict[int, Status] = {}
    for state, tier, engineering, status in STANDS:
        its[opened(store, state=state, tier=tier, engineering=engineering).id] = status
    assert {row.id: row.status for row in store.page(STAFF, ALL).rows} == its
    for asked in Status:
        for scope in (STAFF, ADMIN):
            found = references(store, scope, statuses=(asked,))
            assert sorted(found) == [one for one, status in its.items() if status is asked]
    order = [Status.OPEN, Status.ESCALATED, Status.WAITING, Status.RESOLVED, Status.CLOSED]
    by_status = references(store, ANYBODY, sort=Sort.STATUS, descending=False)
    assert by_status == sorted(its, key=lambda one: (order.index(its[one]), one))
