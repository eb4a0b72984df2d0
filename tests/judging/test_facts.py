"""Facts: every field of the registry is given, plain, JSON-able and unchangeable."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.rulebook.rulebooks import guess, match, sender
from triaged.judging import facts
from triaged.judging.decisions import Account, Partner
from triaged.judging.facts import ArrivalContext, TicketFacts
from triaged.reading.read import read
from triaged.reading.values import Door, Reading, Surroundings
from triaged.rulebook.fields import FIELDS, Type
from triaged.vocabulary import Severity

MAIL = (
    b"From: Anna <anna@partner.example>\r\nTo: partner-support@zohocorp.com\r\nSubject: Login\r\n\r\n"
    b"The users of our customer cannot log in.\r\n"
)
PARTNER = Partner("partner.example", "Partner Ltd", "premium", "JP")
ACCOUNT = Account("alder", "Alder", "60031122334", "it@alder.example", ("alder.example",), "SA",
                  "partner.example", (), (("Zoho CRM", 120),))  # fmt: skip


def reading() -> Reading:
    return replace(read(MAIL, Door(), Surroundings()), guess=guess("S2", 0.8))


FULL = facts.gather(
    reading(),
    sender(partner=PARTNER),
    match(account=ACCOUNT, licences=120, threshold=150, matched_by="zoid"),
    ArrivalContext(mailbox="global", hour=9, weekday="monday", ticket=TicketFacts("open", "S2", 5.0)),
)


def test_the_facts_are_exactly_the_fields_and_the_reasons_behind_them() -> None:
    reasons = {name for name in FULL if name.endswith(".why")}
    assert set(FULL) - reasons == set(FIELDS)


def test_facts_survive_json() -> None:
    again = json.loads(json.dumps(dict(FULL)))
    assert {n: tuple(v) if isinstance(v, list) else v for n, v in again.items()} == dict(FULL)


def test_nobody_can_change_a_fact() -> None:
    with pytest.raises(TypeError):
        FULL["text"] = "other"  # type: ignore[index]


@pytest.mark.parametrize("name", list(FIELDS))
def test_every_fact_has_the_type_its_field_says(name: str) -> None:
    value, about = FULL[name], FIELDS[name]
    if value is None:
        return
    types = {
        Type.TEXT: str, Type.WORD: str, Type.WORDS: tuple, Type.NUMBER: (int, float), Type.FLAG: bool,
        Type.SEVERITY: str, Type.TIER: str,
    }  # fmt: skip
    assert isinstance(value, types[about.type])
    if about.type is Type.SEVERITY:
        assert value in {s.value for s in Severity}
    if about.choices:
        assert set(value if isinstance(value, tuple) else (value,)) <= set(about.choices)


def test_what_is_content_says_nothing_of_account_sender_ticket_or_clock() -> None:
    elsewhere = ("sender.", "partner", "account.", "ticket.", "time.", "mailbox", "region", "conflict")
    assert not [name for name, about in FIELDS.items() if about.content and name.startswith(elsewhere)]


def test_the_region_is_the_accounts_else_the_partners_else_the_mailboxs() -> None:
    assert FULL["region"] == "SA"
    assert facts.region(match(), sender(partner=PARTNER)) == "JP"
    assert facts.region(match(), sender(), ("EU",)) == "EU"
    assert facts.region(match(), sender(), ("EU", "UK")) == ""


def test_a_very_long_text_is_cut_before_rules_see_it() -> None:
    long = replace(reading(), parts=replace(reading().parts, new="x" * 300_000))
    made = facts.gather(long, sender(), match(), ArrivalContext())
    assert len(made["text"]) == 64_000
    assert made["mail.characters"] == 300_000
