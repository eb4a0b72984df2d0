"""The directory's CSV: what loads, and the line each fault is told with."""

from __future__ import annotations

import pytest

from triaged.judging.directory import Directory, Undecodable, decode, parse, unknown_services

ACCOUNTS = """\
key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions
alder,Alder Works,60031122334,it@alder.example,alder.example;alder-works.example,EU,oakbridge.example,7001001;7001002,Zoho CRM=120;Zoho Desk=90
"""
PARTNERS = """\
domain,name,tier,region,contacts,time_zone
oakbridge.example,Oakbridge,premium,EU,,Europe/Berlin
,Solo,authorised,JP,kei@home.example;kei@work.example,
"""


def load(accounts: str = ACCOUNTS, partners: str = PARTNERS) -> tuple[Directory | None, list[str]]:
    return parse(accounts, partners, accounts_name="accounts.csv", partners_name="partners.csv")


def test_a_whole_directory_is_indexed() -> None:
    directory, wrong = load()
    assert wrong == [] and directory is not None
    account = directory.by_key["alder"]
    assert account.subscriptions == (("Zoho CRM", 120), ("Zoho Desk", 90))
    assert directory.having("zuids", "7001002") == (account,)
    assert directory.by_domain["alder-works.example"] == (account,)


def test_partners_are_known_by_exact_domain_or_contact() -> None:
    directory, _ = load()
    assert directory is not None
    assert directory.partner_of("Anna@OakBridge.example") is directory.partners[0]
    assert directory.partner_of("kei@work.example") is directory.partners[1]
    assert directory.partner_of("a@mail.oakbridge.example") is None
    assert directory.partner_of("someone@work.example") is None


@pytest.mark.parametrize(
    ("accounts", "partners", "complaint"),
    [
        (
            ACCOUNTS.replace("60031122334", "6003-11"),
            PARTNERS,
            "accounts.csv:2: zoid '6003-11' is not 5 to 20 digits",
        ),
        (
            ACCOUNTS.replace("it@alder", "it.alder"),
            PARTNERS,
            "accounts.csv:2: 'it.alder.example' is not a valid mail address",
        ),
        (
            ACCOUNTS.replace("CRM=120", "CRM:120"),
            PARTNERS,
            "accounts.csv:2: subscription 'Zoho CRM:120' is not SERVICE=LICENCES, for example Zoho CRM=120",
        ),
        (
            ACCOUNTS.replace("region", "regoin"),
            PARTNERS,
            "accounts.csv:1: unknown column 'regoin'; did you mean 'region'?",
        ),
        (
            ACCOUNTS + ACCOUNTS.splitlines()[1] + "\n",
            PARTNERS,
            "accounts.csv:3: key alder stands already in line 2",
        ),
        (ACCOUNTS + "beech,Beech\n", PARTNERS, "accounts.csv:3: 2 cells where the header has 9"),
        (
            ACCOUNTS,
            PARTNERS.replace("premium", "premum"),
            "partners.csv:2: tier 'premum' is none of authorised, advanced, premium; did you mean 'premium'?",
        ),
        (
            ACCOUNTS,
            PARTNERS.replace("Europe/Berlin", "Berlin"),
            "partners.csv:2: time_zone 'Berlin' is unknown; write one like Europe/Berlin",
        ),
        (
            ACCOUNTS,
            PARTNERS + ",Nobody,premium,EU,,\n",
            "partners.csv:4: neither domain nor contacts: nobody could be known by this row",
        ),
        (
            "name\nx\n",
            PARTNERS,
            "accounts.csv:1: column 'key' is missing; the header is " + ACCOUNTS.splitlines()[0],
        ),
    ],
)
def test_a_bad_row_refuses_the_load_with_its_line(accounts: str, partners: str, complaint: str) -> None:
    directory, wrong = load(accounts, partners)
    assert directory is None
    assert complaint in wrong


def test_every_fault_is_told_not_only_the_first() -> None:
    _, wrong = load(ACCOUNTS.replace("60031122334", "x"), PARTNERS.replace("premium", "gold"))
    assert len(wrong) == 2


def test_a_service_unknown_to_the_rulebook_is_a_warning_with_a_suggestion() -> None:
    directory, _ = load(ACCOUNTS.replace("Zoho Desk", "Zoho Desc"))
    assert directory is not None
    assert unknown_services(directory, ["Zoho CRM", "Zoho Desk"]) == [
        "account alder: the rulebook knows no service 'Zoho Desc'; did you mean 'Zoho Desk'?"
    ]


@pytest.mark.parametrize(
    ("accounts", "complaint"),
    [
        (ACCOUNTS.replace(",", ";"), "accounts.csv:1: columns are separated by ';'; save it with commas"),
        (ACCOUNTS.replace(",", "\t"), "accounts.csv:1: columns are separated by tabs; save it with commas"),
        ("", f"accounts.csv:1: the header is missing; write {ACCOUNTS.splitlines()[0]}"),
        ("\n\n", f"accounts.csv:1: the header is missing; write {ACCOUNTS.splitlines()[0]}"),
    ],
)
def test_a_table_of_another_shape_is_one_line(accounts: str, complaint: str) -> None:
    assert load(accounts) == (None, [complaint])


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"key,name\nx,M\xf6bel\n", "a.csv:2: byte 12 is not UTF-8; save the file as UTF-8"),
        (b"\xef\xbb\xbfkey\r\n\r\n\xff", "a.csv:3: byte 10 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_what_is_no_utf_8_is_told_by_line_and_byte(raw: bytes, complaint: str) -> None:
    with pytest.raises(Undecodable) as fault:
        decode(raw, "a.csv")
    assert str(fault.value) == complaint


def test_a_byte_order_mark_is_no_text() -> None:
    assert decode("\ufeffkey".encode(), "a.csv") == "key"


WITH_ADMINS = """\
domain,name,tier,region,contacts,admins
oakbridge.example,Oakbridge,premium,EU,lena@mailer.example,Ada@Oakbridge.example; lena@mailer.example
,Solo,authorised,JP,kei@home.example,
"""


def test_admins_of_a_partner_are_known_by_address() -> None:
    directory, wrong = load(partners=WITH_ADMINS)
    assert wrong == [] and directory is not None
    assert directory.is_admin("ADA@oakbridge.example") and directory.is_admin("lena@mailer.example")
    assert not directory.is_admin("ben@oakbridge.example") and not directory.is_admin("kei@home.example")


def test_an_admin_who_is_nobody_of_the_partner_refuses_the_load() -> None:
    _, wrong = load(partners=WITH_ADMINS.replace("Ada@Oakbridge", "ada@elmhill"))
    assert wrong == [
        "partners.csv:2: admin 'ada@elmhill.example' is neither of oakbridge.example nor one of its contacts"
    ]


def test_an_empty_row_is_passed_over_and_a_quoted_cell_may_hold_the_comma() -> None:
    directory, wrong = load(ACCOUNTS.replace("Alder Works", '"Alder, Works"') + "\n , ,\n")
    assert wrong == [] and directory is not None
    assert [account.name for account in directory.accounts] == ["Alder, Works"]


def test_what_is_no_csv_is_told_beside_the_faults_above_it() -> None:
    assert load(ACCOUNTS.replace("60031122334", "x") + 'beech,"Beech"x\n') == (
        None,
        [
            "accounts.csv:2: zoid 'x' is not 5 to 20 digits",
            "accounts.csv:3: not readable as CSV: ',' expected after '\"'",
        ],
    )


@pytest.mark.parametrize("domain", ["oakbridge", "anna@oakbridge.example", "oak bridge.example"])
def test_a_partner_s_domain_is_one_of_mail(domain: str) -> None:
    assert load(partners=PARTNERS.replace("oakbridge.example", domain))[1] == [
        f"partners.csv:2: domain '{domain}' is not a valid mail domain"
    ]


def test_an_account_has_a_key_and_its_name_may_be_the_key() -> None:
    assert load(ACCOUNTS.replace("alder,Alder Works", ",Alder Works"))[1] == ["accounts.csv:2: key is empty"]
    directory, _ = load(ACCOUNTS.replace("Alder Works", ""))
    assert directory is not None
    assert directory.by_key["alder"].name == "alder"


@pytest.mark.parametrize(("zoid", "good"), [("1234", False), ("12345", True), ("1" * 20, True), ("1" * 21, False), ("１２３４５", False)])  # fmt: skip
def test_an_id_has_five_to_twenty_digits(zoid: str, good: bool) -> None:
    wrong = [] if good else [f"accounts.csv:2: zoid '{zoid}' is not 5 to 20 digits"]
    assert load(ACCOUNTS.replace("60031122334", zoid))[1] == wrong


@pytest.mark.parametrize(
    ("count", "read"), [("0", 0), ("9" * 9, 999_999_999), ("9" * 10, None), ("-1", None), ("", None)]
)
def test_licences_are_a_number_of_at_most_nine_digits(count: str, read: int | None) -> None:
    directory, wrong = load(ACCOUNTS.replace("Zoho Desk=90", f"Zoho Desk={count}"))
    if read is None:
        assert wrong == [
            f"accounts.csv:2: subscription 'Zoho Desk={count}' is not SERVICE=LICENCES, for example Zoho CRM=120"
        ]
    else:
        assert directory is not None
        assert directory.by_key["alder"].subscriptions == (("Zoho CRM", 120), ("Zoho Desk", read))
