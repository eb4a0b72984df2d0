"""Which account is found, by which way, and what its licences make of it: the domain page as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triaged.judging.accounts import identifiers_of, looks_after, resolve, sought
from triaged.judging.decisions import Account, AccountMatch, Partner
from triaged.judging.directory import build
from triaged.reading.values import Identifiers, Service

SERVICES = (Service("Zoho CRM"), Service("Zoho Desk"), Service("Zoho Campaigns", eligible=False))


def account(key: str, zoid: str = "", **more: object) -> Account:
    defaults: dict[str, object] = {
        "name": key.title(),
        "superadmin_email": f"it@{key}.example",
        "domains": (f"{key}.example",),
        "region": "EU",
        "partner_domain": "oakbridge.example",
        "zuids": (),
        "subscriptions": (("Zoho CRM", 120),),
    }
    return Account(key=key, zoid=zoid, **(defaults | more))  # type: ignore[arg-type]


ALDER = account("alder", "60001", zuids=("70001",))
BEECH = account("beech", "60002", zuids=("70002",), subscriptions=(("Zoho CRM", 150), ("Zoho Desk", 50)))
CEDAR = account("cedar", "60003", domains=("shared.example",))
DOGWOOD = account("dogwood", "60004", domains=("shared.example",), partner_domain="elmhill.example")
DIRECTORY = build([ALDER, BEECH, CEDAR, DOGWOOD], [])
OAKBRIDGE = Partner("oakbridge.example", "Oakbridge", "premium", "EU")


def find(service: str | None = None, **given: object) -> AccountMatch:
    identifiers = Identifiers(**given)  # type: ignore[arg-type]
    return resolve(identifiers, service, DIRECTORY, SERVICES, lambda region: 200, OAKBRIDGE)


@pytest.mark.parametrize(
    ("given", "key", "way"),
    [
        ({"superadmin_email": "it@alder.example", "zoid": ("60001",)}, "alder", "superadmin_email"),
        ({"zoid": ("60002",), "zuid": ("70002",)}, "beech", "zoid"),
        ({"zuid": ("70001",)}, "alder", "zuid"),
        ({"customer_emails": ("bob@beech.example",)}, "beech", "domain"),
        ({"superadmin_email": "boss@beech.example"}, "beech", "domain"),
        ({"superadmin_email": "it@nowhere.example", "zoid": ("60001",)}, "alder", "zoid"),
        ({"zoid": ("99999",), "customer_emails": ("x@alder.example",)}, "alder", "domain"),
        ({"customer_emails": ("x@mail.alder.example",)}, None, None),
        ({"customer_emails": ("x@shared.example",)}, None, None),
        ({"customer_emails": ("it@alder.example",)}, "alder", "customer_email"),
        ({"customer_emails": ("it@cedar.example",)}, "cedar", "customer_email"),
        ({"customer_emails": ("x@beech.example", "it@cedar.example")}, "cedar", "customer_email"),
        ({"customer_emails": ("it@cedar.example", "it@dogwood.example")}, None, None),
        ({"customer_emails": ("it@cedar.example",), "zuid": ("70001",)}, "alder", "zuid"),
        (
            {"superadmin_email": "it@nowhere.example", "customer_emails": ("it@beech.example",)},
            "beech",
            "customer_email",
        ),
        ({"zgid": ("60001",)}, None, None),
        ({"zoid": ("60001", "60002")}, None, None),
        ({"zoid": ("60001", "60002"), "zuid": ("70001",)}, "alder", "zuid"),
        ({}, None, None),
    ],
)
def test_the_first_way_that_finds_exactly_one_decides(
    given: dict[str, object], key: str | None, way: str | None
) -> None:
    match = find(**given)
    assert (match.account.key if match.account else None, match.matched_by) == (key, way)


@pytest.mark.parametrize(
    ("given", "conflict"),
    [
        ({"superadmin_email": "it@alder.example", "zoid": ("60002",)}, True),
        ({"superadmin_email": "it@alder.example", "customer_emails": ("x@beech.example",)}, True),
        ({"superadmin_email": "it@alder.example", "zoid": ("99999",)}, False),
        ({"superadmin_email": "it@alder.example", "customer_emails": ("x@shared.example",)}, False),
        ({"zoid": ("60001",), "several_customers": True}, True),
        ({"zoid": ("60001",), "zuid": ("70001",)}, False),
    ],
)
def test_a_conflict_is_known_identifiers_leading_apart(given: dict[str, object], conflict: bool) -> None:
    assert find(**given).conflict is conflict


def test_a_superadmins_address_under_another_name_identifies_the_account_and_a_domain_does_not() -> None:
    match = find(customer_emails=("it@cedar.example",))
    assert match.no_identifier and not match.unidentified  # the mail gave none, and none need be asked for
    assert match.missing == ("superadmin_email", "zoid", "zuid", "service")
    assert "SuperAdmin's in the directory" in match.why
    assert find(customer_emails=("bob@beech.example",)).unidentified


@pytest.mark.parametrize(
    ("given", "asked", "wanted"),
    [
        ({"zoid": ("60001",)}, (), ("service",)),
        ({"zuid": ("70001",)}, ("zuid",), ("service",)),
        ({"zoid": ("60001",)}, ("zuid",), ("zuid", "service")),
        ({"customer_emails": ("it@cedar.example",)}, (), ("service",)),
        ({"zoid": ("99999",), "customer_emails": ("x@alder.example",)}, (), ("service",)),
        ({"zoid": ("99999",)}, (), ("superadmin_email", "service")),
        ({"superadmin_email": "it@nowhere.example"}, ("zuid",), ("zoid", "zuid", "service")),
    ],
)
def test_nobody_is_asked_for_what_the_directory_knows_or_for_a_user_id_that_no_rule_wants(
    given: dict[str, object], asked: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    assert find(**given).wanted(asked) == wanted


def test_licences_count_eligible_services_up_to_the_threshold() -> None:
    assert find(zoid=("60002",)).large_user
    match = find(zoid=("60001",))
    assert (match.licences, match.threshold, match.large_user) == (120, 200, False)


def test_an_excluded_service_is_not_eligible_and_an_unnamed_one_is() -> None:
    assert not find("Zoho Campaigns", zoid=("60002",)).eligible
    assert find(None, zoid=("60002",)).eligible
    assert find("Zoho Anything", zoid=("60002",)).eligible


def test_another_partners_account_matches_without_conflict() -> None:
    match = find(zoid=("60004",))
    assert match.foreign and not match.conflict and match.account is DOGWOOD


def test_what_is_missing_is_what_the_mail_did_not_give() -> None:
    assert find().missing == ("superadmin_email", "zoid", "zuid", "service")
    assert find("Zoho CRM", zgid=("5555555",)).missing == ("superadmin_email", "zuid")
    assert find(zgid=("5555555",)).no_identifier
    assert not find(zuid=("1234567",)).no_identifier


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("alder", ["alder"]),
        (" ALDER ", ["alder"]),
        ("it@Beech.example", ["beech"]),
        ("60003", ["cedar"]),
        ("70002", ["beech"]),
        ("shared.example", []),
        ("6000", []),
        ("", []),
    ],
)
def test_staff_name_an_account_by_its_key_its_superadmin_or_an_id(word: str, keys: list[str]) -> None:
    assert [found.key for found in sought(word, DIRECTORY)] == keys


def test_a_word_that_several_accounts_have_names_them_all_and_each_once() -> None:
    ash = account("ash", "60009", superadmin_email="it@alder.example", zuids=("70001", "60009"))
    directory = build([ALDER, ash, account("60009", "60010")], [])
    assert [found.key for found in sought("it@alder.example", directory)] == ["alder", "ash"]
    assert [found.key for found in sought("60009", directory)] == ["60009", "ash"]


@pytest.mark.parametrize(
    ("fields", "given"),
    [
        ({}, {"superadmin_email": "it@alder.example", "zoid": ("60001",)}),
        ({"superadmin_email": ""}, {"zoid": ("60001",)}),
        ({"zoid": ""}, {"superadmin_email": "it@alder.example"}),
        ({"zoid": "", "superadmin_email": ""}, {"zuid": ("70001",)}),
        ({"zoid": "", "superadmin_email": "", "zuids": ("70008", "70009")}, {"zuid": ("70008",)}),
        ({"zoid": "", "superadmin_email": "", "zuids": ()}, {}),
    ],
)
def test_an_account_is_led_to_by_what_every_account_has_else_by_a_user(
    fields: dict[str, object], given: dict[str, object]
) -> None:
    assert identifiers_of(replace(ALDER, **fields)) == Identifiers(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("named", "partner", "its"),
    [
        ("oakbridge.example", OAKBRIDGE, True),
        ("elmhill.example", OAKBRIDGE, False),
        ("kei@home.example", Partner("", "Solo", "premium", "JP", contacts=("kei@home.example",)), True),
        ("", OAKBRIDGE, False),
        ("", Partner("", "Solo", "premium", "JP", contacts=("kei@home.example",)), False),
    ],
)
def test_an_account_is_its_partner_s_and_without_one_nobody_s(
    named: str, partner: Partner, its: bool
) -> None:
    assert looks_after(partner, replace(ALDER, partner_domain=named)) is its


@pytest.mark.parametrize(("licences", "large"), [(119, False), (120, True), (121, True)])
def test_an_account_is_large_from_its_threshold_on(licences: int, large: bool) -> None:
    directory = build([replace(ALDER, subscriptions=(("Zoho CRM", licences), ("zoho campaigns", 999)))], [])
    match = resolve(
        Identifiers(zoid=("60001",)), None, directory, SERVICES, lambda region: {"EU": 120}[region], None
    )
    assert (match.licences, match.threshold, match.large_user) == (licences, 120, large)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"zoid": ("60001",)}, "found by zoid"),
        ({"superadmin_email": "it@alder.example"}, "found by superadmin email"),
        ({"customer_emails": ("bob@beech.example",)}, "found by domain"),
        ({"customer_emails": ("it@beech.example",)}, "found by customer address: it@beech.example is its SuperAdmin's in the directory"),
        ({"zoid": ("60001", "60002")}, "zoid finds 2 accounts"),
        ({"zoid": ("99999",)}, "nothing given is in the directory"),
        ({}, "the mail gives no identifier and no customer address"),
    ],
)  # fmt: skip
def test_why_an_account_was_found_or_not_is_told(given: dict[str, object], why: str) -> None:
    assert find(**given).why == why


def test_a_conflict_names_every_account_once_by_the_way_that_leads_there() -> None:
    match = find(superadmin_email="it@alder.example", zoid=("60002",), customer_emails=("x@beech.example",))
    assert match.conflict_why == "superadmin_email leads to alder; zoid leads to beech"
    several = find(zoid=("60001",), several_customers=True, why_several="says “two clients”")
    assert several.conflict_why == "says “two clients”"
    assert find(several_customers=True).conflict_why == "the mail asks about two customers"
