"""A ticket judged again because the directory changed or staff named its account: all of it, and whether it is at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_by_page import asked, now
from tests.walk.test_noticed_orders import saved
from tests.walk.test_whole_stories import account_of_another
from triaged.judging import directory
from triaged.judging.decisions import Account
from triaged.tickets.event_data import Grounds
from triaged.tickets.ticket import Ticket
from triaged.vocabulary import Severity
from triaged.walk.judge import Bearings
from triaged.walk.judge_again import judge_again
from triaged.walk.plans import by_account


def bearings(scene: Scene, *accounts: Account) -> Bearings:
    """As they are, but with these accounts in the directory."""
    known = scene.month.knowledge.bearings
    return replace(known, directory=directory.build(accounts, known.directory.partners, "v2"))


def own(scene: Scene, ticket: Ticket) -> Account:
    return scene.month.knowledge.directory.by_key[str(ticket.account_key)]


def account_of(ticket: Ticket) -> dict[str, Any]:
    names = (
        "account_key",
        "account_name",
        "superadmin_email",
        "licences",
        "plan",
        "large_user",
        "no_identifier",
    )
    return {name: getattr(ticket, name) for name in names}


def test_whether_a_directory_says_otherwise_of_a_ticket(scene: Scene) -> None:
    ticket = asked(scene)
    account = own(scene, ticket)
    large = replace(account, subscriptions=tuple((name, 900) for name, _ in account.subscriptions))
    one_more = replace(account, subscriptions=tuple((name, n + 1) for name, n in account.subscriptions))
    for accounts, differs in (
        ((account,), False),
        ((replace(account, name="Other", plan="other"),), False),
        ((one_more,), True),
        ((large,), True),
        ((replace(account, key="other"),), True),
        ((), True),
    ):
        assert by_account.differs(ticket, bearings(scene, *accounts)) is differs, accounts
    as_large = replace(ticket, licences=900)
    assert by_account.differs(as_large, bearings(scene, large))
    assert not by_account.differs(replace(as_large, large_user=True), bearings(scene, large))
    # Of whom nobody verified no account is a large one
    assert not by_account.differs(replace(as_large, trusted=False), bearings(scene, large))
    nobodys = replace(ticket, account_key=None, licences=0)
    assert not by_account.differs(nobodys, bearings(scene))


def again_by(scene: Scene, known: Bearings) -> int:
    house = scene.month.house
    house.knowledge = replace(house.knowledge, directory=known.directory)
    return judge_again(house, scene.month.now)


def test_a_ticket_whose_account_is_gone_is_of_nobodys_and_keeps_what_its_mail_gave(scene: Scene) -> None:
    ticket = asked(scene)
    gave = next(Grounds.of(e).identifiers for e in reversed(ticket.events) if e.kind == "judged")
    assert gave is not None
    assert again_by(scene, bearings(scene)) == 1
    after = now(scene, ticket)
    told = account_of(after)
    assert {name: told[name] for name in ("account_key", "account_name", "superadmin_email", "licences", "large_user")} == {
        "account_key": None, "account_name": None, "superadmin_email": None, "licences": 0, "large_user": False,
    }  # fmt: skip
    last = after.events[-1]
    grounds = Grounds.of(last)
    assert (last.kind, last.actor, last.data["directory"]) == ("judged", "daemon", "v2")
    assert grounds.identifiers == gave and grounds.account is not None and grounds.account.key is None
    assert after.severity_because.startswith("the directory changed: content ")
    assert (after.region, after.content_severity) == (ticket.region, ticket.content_severity)
    assert again_by(scene, bearings(scene)) == 0
    # It comes back
    assert again_by(scene, bearings(scene, replace(own_before(scene), region="EU"))) == 1
    back = now(scene, ticket)
    assert account_of(back) == account_of(ticket) and back.region == "EU"


def own_before(scene: Scene) -> Account:
    """The customer's account as the town's directory had it."""
    known = scene.month.knowledge.directory
    return next(one for one in known.accounts if one.zoid == scene.customer.zoid)


@pytest.mark.parametrize(
    ("provisional", "gives", "stays"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_what_is_provisional_stays_so_while_nobody_gave_an_identifier(
    scene: Scene, provisional: bool, gives: bool, stays: bool
) -> None:
    ticket = scene.ticket(scene.asks() if gives else scene.writes("One report in Zoho CRM is slow."))
    saved(scene, ticket, provisional=provisional, licences=1)
    assert again_by(scene, bearings(scene)) == 1
    assert now(scene, ticket).provisional is stays


def test_what_a_human_set_stays_whatever_the_directory_says(scene: Scene) -> None:
    ticket = asked(scene)
    corrected = scene.desk().correct(ticket, "S4", "no hurry")
    saved(scene, ticket, reviews=("odd",))
    assert again_by(scene, bearings(scene)) == 1
    after = now(scene, ticket)
    assert (after.severity, after.severity_because, after.reviews) == (
        Severity.S4, corrected.severity_because, ("odd",)
    )  # fmt: skip


def test_a_named_account_stands_with_all_that_belongs_to_it(scene: Scene) -> None:
    ticket = asked(scene)
    other = account_of_another(scene, ticket)
    after = scene.desk().name_account(ticket, other, "he said so")
    assert (after.account_key, after.account_name, after.superadmin_email, after.plan, after.region) == (
        other.key, other.name, other.superadmin_email, other.plan, other.region
    )  # fmt: skip
    last = [e for e in after.events if e.kind == "judged"][-1]
    grounds = Grounds.of(last)
    assert (last.actor, grounds.account and grounds.account.key) == ("cli:cy", other.key)
    assert grounds.identifiers is not None
    assert grounds.identifiers != next(Grounds.of(e).identifiers for e in ticket.events if e.kind == "judged")
    assert again_by(scene, scene.month.knowledge.bearings) == 0, (
        "what staff said is what it goes by from now on"
    )
