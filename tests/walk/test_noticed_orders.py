"""What staff order and partners do that cannot be, each with its reason, and nothing written: nobody would have noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_by_page import asked, colleague, now, page, version
from triaged.errors import Faulty
from triaged.tickets import cases
from triaged.tickets.ticket import Happening, Person, Ticket
from triaged.walk.account_named import account_named
from triaged.walk.by_call import open_for_call
from triaged.walk.by_hand import ByHand
from triaged.walk.by_page import Done, No, Request
from triaged.walk.knowledge import read_directory
from triaged.walk.page_mail import Written
from triaged.walk.rehearsal import Rehearsal

H = Happening
DAY = timedelta(days=1)


def refused(scene: Scene, ticket: Ticket, order: Callable[[], Any]) -> str:
    """Why it cannot be; the ticket is as it was and no letter waits."""
    before, letters = now(scene, ticket), len(list(scene.store.letters(limit=200)))
    with pytest.raises(Faulty) as told:
        order()
    assert now(scene, ticket) == before and len(list(scene.store.letters(limit=200))) == letters
    return "; ".join(told.value.lines)


def saved(scene: Scene, ticket: Ticket, **changes: Any) -> Ticket:
    with scene.store.transaction() as tx:
        before = tx.ticket(ticket.id)
        assert before is not None
        tx.save(before, replace(before, **changes))
    return now(scene, ticket)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (lambda by, t: by.answer(t, " \n"), "nothing is written"),
        (lambda by, t: by.answer(t, "Solved.", then="resolve"), "is closed: it is over already"),
        (lambda by, t: by.take_back(t), "there is no such answer"),
        (lambda by, t: by.take_back(t, "answer:none"), "there is no such answer"),
        (lambda by, t: by.move_case(t, "CP-9", "submitted", "", None, ""), "is closed: "),
        (lambda by, t: by.move_case(t, "case nine", "submitted", "", None, ""), "'case nine' is not a case id"),
        (lambda by, t: by.merge(t, t, "x"), "cannot be merged into itself"),
        (lambda by, t: by.split(t, "Other", "x"), "is closed: "),
        (lambda by, t: by.snooze(t, None, "x"), "is closed: it is in no queue"),
        (lambda by, t: by.relate(t, t, "related", ""), "cannot be related to itself"),
        (lambda by, t: by.happen(replace(t, id=t.id + 999), "closed", "x"), "no such ticket"),
        (lambda by, t: by.unmerge(t, "x"), "is not merged"),
    ],
)  # fmt: skip
def test_what_staff_order_of_a_ticket_that_is_over_is_refused(
    scene: Scene, order: Callable[[ByHand, Ticket], Any], told: str
) -> None:
    ticket = scene.desk().happen(asked(scene), "closed", "done", quiet=True)
    assert told in refused(scene, ticket, lambda: order(scene.desk(), ticket))


def test_a_ticket_goes_into_none_that_is_merged_itself(scene: Scene) -> None:
    one, two, three = (scene.ticket(scene.asks(subject=f"Number {n}")) for n in "abc")
    scene.desk().merge(two, three, "the same")
    told = refused(scene, one, lambda: scene.desk().merge(one, now(scene, two), "the same"))
    assert told == f"{two.reference} is itself merged; merge into its survivor"


def test_who_is_not_put_off_is_not_taken_back_and_nobody_is_put_off_until_now(scene: Scene) -> None:
    ticket, at = asked(scene), scene.month.now
    assert refused(scene, ticket, lambda: scene.desk().snooze(ticket, None, "x")).endswith("is not put off")
    assert refused(scene, ticket, lambda: scene.desk().snooze(ticket, at, "x")) == "that time is past"
    scene.desk().snooze(ticket, at + timedelta(microseconds=1), "x")
    assert now(scene, ticket).snoozed_until == at + timedelta(microseconds=1)


def test_marks_say_of_each_ticket_what_the_other_is(scene: Scene) -> None:
    one, two = (scene.ticket(scene.asks(subject=f"Number {n}")) for n in "ab")
    for how, told, other in (
        ("duplicate", f"a duplicate of {two.reference}: both", f"has a duplicate: {one.reference}: both"),
        ("related", f"related to {two.reference}: both", f"related to {one.reference}: both"),
        (
            "none",
            f"no longer related to {two.reference}: both",
            f"no longer related to {one.reference}: both",
        ),
    ):
        scene.desk().relate(one, two, how, "both")  # type: ignore[arg-type]
        assert [now(scene, ticket).events[-1].reason for ticket in (one, two)] == [told, other]
    told = refused(scene, one, lambda: scene.desk().relate(one, two, "none", "both"))
    assert told == f"{one.reference} and {two.reference}: it is so already"
    scene.desk().relate(one, two, "related", "")
    assert now(scene, one).events[-1].reason == f"related to {two.reference}"


def test_an_account_whose_ids_are_anothers_too_is_not_named(scene: Scene) -> None:
    ticket = asked(scene)
    known = scene.month.knowledge
    account = account_named(scene.customer.zoid, known.directory)
    twin = replace(account, key="twin")
    told = "twin: other accounts have its ids too; correct accounts.csv"
    assert refused(scene, ticket, lambda: scene.desk().name_account(ticket, twin, "x")) == told
    assert refused(scene, ticket, lambda: scene.desk().split(ticket, "Other", "x", twin)) == told
    about = refused(scene, ticket, lambda: scene.desk().name_account(ticket, account, "x"))
    assert about == f"{ticket.reference} is about {account.name} already"


ACCOUNTS = """\
key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,plan
alder,Alder,60031122334,it@alder.example,alder.example,EU,oakbridge.example,70011000001,Zoho CRM=20,paid
alder-2,Alder Two,60031122335,it@alder.example,alder.example,EU,oakbridge.example,70011000002,Zoho CRM=20,paid
"""
PARTNERS = """\
domain,name,tier,region,contacts,time_zone,language,admins
oakbridge.example,Oakbridge,premium,EU,,Europe/Berlin,en,
"""


def test_a_word_that_stands_for_several_accounts_names_none(tmp_path: Path) -> None:
    accounts, partners = tmp_path / "accounts.csv", tmp_path / "partners.csv"
    accounts.write_text(ACCOUNTS, "utf-8")
    partners.write_text(PARTNERS, "utf-8")
    known = read_directory(accounts, partners)
    for word in ("ALDER", "60031122334", " 70011000001 "):
        assert account_named(word, known).key == "alder"
    with pytest.raises(Faulty, match=r"it@alder.example: stands for alder, alder-2; name one by its key"):
        account_named("it@alder.example", known)
    with pytest.raises(Faulty, match="birch: no account has it as key"):
        account_named("birch", known)


def test_of_two_files_of_a_directory_each_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    accounts, partners = tmp_path / "accounts.csv", tmp_path / "partners.csv"
    with pytest.raises(Faulty) as told:
        read_directory(accounts, partners)
    ends = ": cannot be read: No such file or directory; `directory` in the config names it"
    assert told.value.lines == (f"{accounts}{ends}", f"{partners}{ends}")
    assert read_directory(accounts, partners, half=True).by_key == {}
    partners.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Faulty, match=r"partners\.csv"):
        read_directory(accounts, partners, half=True)


def test_a_passage_that_is_longer_than_a_mail_is_not_split_off(scene: Scene) -> None:
    ticket = asked(scene)
    told = refused(
        scene, ticket, lambda: scene.desk().split(ticket, "Other", "x", None, "One report " * 20_000)
    )
    assert "characters can be split off" in told


def test_a_case_is_looked_at_under_the_first_number_that_the_ticket_does_not_know(scene: Scene) -> None:
    ticket = now(scene, scene.desk().move_case(asked(scene), "CP-0", "submitted", "", None, ""))
    by = scene.desk()
    tried = Rehearsal(by.store, by.knowledge, by.actor, by.now)
    after, case = tried.raise_case(ticket, "a bug", None, "We look into it.")
    assert case == "CP-1" and [one.id for one in cases.cases(after)] == ["CP-0", "CP-1"]
    assert [letter.kind for letter in tried.letters] == ["case_update"]
    assert now(scene, ticket) == ticket, "nothing is written"
    _, given = scene.desk().raise_case(ticket, "a bug", None, "")
    assert given not in ("", "CP-0")


# -- calls, and mails that are only tried -------------------------------------------------------------


def test_a_call_comes_to_the_mailbox_that_is_named_or_to_the_callers_own(scene: Scene) -> None:
    known, at = scene.month.knowledge, scene.month.now
    call = Written(scene.ann.address, "Ann", "Reports", "They are slow.", (), "phone")
    names = [box.name for box in known.config.mailboxes]
    with pytest.raises(Faulty, match=f"mailbox nowhere: there is none; there are {', '.join(names)}"):
        open_for_call(scene.store, known, call, "cli:cy", at, mailbox="nowhere")
    assert list(scene.store.mails()) == []
    for name in names:
        one = replace(call, subject=f"Reports of {name}")
        assert open_for_call(scene.store, known, one, "cli:cy", at, mailbox=name).mailbox == name
    assert open_for_call(scene.store, known, call, "cli:cy", at).mailbox == "global"
    with pytest.raises(Faulty, match="a ticket needs a subject and what was said"):
        open_for_call(scene.store, known, replace(call, text=" "), "cli:cy", at)
    with pytest.raises(Faulty, match="is not a valid mail address"):
        open_for_call(scene.store, known, replace(call, address="ann"), "cli:cy", at)


# -- on the partners' pages ---------------------------------------------------------------------------


def why(outcome: Any) -> str:
    assert isinstance(outcome, No), outcome
    return outcome.why


def test_what_is_over_is_closed_once(scene: Scene) -> None:
    ticket = asked(scene)
    assert isinstance(page(scene).close(ticket.id, form="1", seen=version(scene, ticket)), Done)
    again = page(scene).close(ticket.id, form="2", seen=version(scene, ticket), anyway=True)
    assert again == No("state", f"{ticket.reference} is closed: it is over already")


@pytest.mark.parametrize(("length", "told"), [(20_000, ""), (20_001, "too_long")])
def test_a_comment_is_as_long_as_what_one_may_write_and_no_longer(
    scene: Scene, length: int, told: str
) -> None:
    ticket = asked(scene)
    _, case = scene.desk().raise_case(ticket, "a bug", None, "")
    scene.desk().move_case(now(scene, ticket), case, "confirming_fix", "", None, "")
    words, desk = "a" * length, page(scene)
    fixed = desk.fix(ticket.id, case, holds=False, comment=words, form="1", seen=version(scene, ticket))
    scene.desk().happen(now(scene, ticket), "resolved", "done", quiet=True)
    rated = desk.rate(ticket.id, 5, words, form="2")
    assert [one.why if isinstance(one, No) else "" for one in (fixed, rated)] == [told, told]


def test_on_a_closed_ticket_no_fix_is_confirmed(scene: Scene) -> None:
    ticket = asked(scene)
    _, case = scene.desk().raise_case(ticket, "a bug", None, "")
    scene.desk().move_case(now(scene, ticket), case, "confirming_fix", "", None, "")
    scene.desk().happen(now(scene, ticket), "closed", "done", quiet=True)
    before = now(scene, ticket)
    outcome = page(scene).fix(ticket.id, case, holds=True, form="1", seen=version(scene, ticket))
    assert why(outcome) == "no_case" and "is closed" in outcome.words and now(scene, ticket) == before  # type: ignore[union-attr]


def test_forty_people_are_on_a_ticket_and_no_more(scene: Scene) -> None:
    ticket = asked(scene)
    boss = colleague(scene, "Boss")
    many = tuple(Person(colleague(scene, f"p{n}"), role="reader") for n in range(40 - len(ticket.people)))
    saved(scene, ticket, people=(*ticket.people, *many[1:]))
    new, late = colleague(scene, "New"), colleague(scene, "Late")
    assert isinstance(page(scene).add_person(ticket.id, new, form="1"), Done)
    assert why(page(scene).add_person(ticket.id, late, form="2")) == "too_many"
    assert why(page(scene, boss, admin=True).follow(ticket.id, on=True, form="3")) == "too_many"
    assert why(page(scene).add_person(ticket.id, new, form="4")) == "already"
    assert len(now(scene, ticket).people) == 40
    reader = many[-1].address
    assert isinstance(page(scene).add_person(ticket.id, reader, form="5"), Done), "he is on it already"
    assert {p.address: p.role for p in now(scene, ticket).people}[reader] == "cc"


def test_whom_letters_reach_last_stays(scene: Scene) -> None:
    ticket = asked(scene)
    bo = colleague(scene)
    saved(
        scene,
        ticket,
        people=tuple(replace(p, failed=p.address == scene.ann.address) for p in ticket.people),
    )
    assert why(page(scene).remove_person(ticket.id, bo, form="1")) == "needed"
    assert why(page(scene, bo).follow(ticket.id, on=False, form="2")) == "needed"
    assert why(page(scene).remove_person(ticket.id, "nobody@elsewhere.example", form="3")) == "already"
    assert isinstance(page(scene).add_person(ticket.id, colleague(scene, "Zoe"), form="4"), Done)
    assert isinstance(page(scene).remove_person(ticket.id, bo, form="5"), Done)
    assert bo not in {p.address for p in now(scene, ticket).people}


def test_who_is_no_partners_asks_nothing_by_page(scene: Scene) -> None:
    stranger = page(scene, "eve@stranger.example")
    outcome = stranger.request(Request("Reports", "They are slow."), form="1")
    assert outcome == No("unknown_sender", "eve@stranger.example is no partner's")
    assert list(scene.store.mails()) == []


def test_a_reason_to_open_it_again_may_be_left_out(scene: Scene) -> None:
    ticket = asked(scene)
    for number, (given, told) in enumerate((("It fails.", "It fails."), (" ", "opened again on its page"))):
        scene.desk().happen(now(scene, ticket), "resolved", "done", quiet=True)
        outcome = page(scene).reopen(ticket.id, given, form=f"{number}", seen=version(scene, ticket))
        assert isinstance(outcome, Done)
        (last,) = [e for e in now(scene, ticket).events if e.kind is H.REOPENED][-1:]
        assert (last.actor, last.reason) == (scene.ann.address, told)
    assert why(page(scene).reopen(ticket.id, "", form="x", seen=version(scene, ticket))) == "state"
