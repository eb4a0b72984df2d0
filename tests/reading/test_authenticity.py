"""Whose word counts on a sender, what is odd about one, and whom letters answer."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from triaged.judging.decisions import Partner, Sender
from triaged.letters.recipients import MOST_COPIES
from triaged.letters.recipients import recipients as correspondents
from triaged.reading.mime import message
from triaged.reading.sender import authenticity, groups
from triaged.reading.sender.lookalikes import imitated
from triaged.reading.values import Authentication, Door, Surroundings

DESK = "partner-support@zohocorp.com"
HOUSE = Surroundings(
    support_addresses=frozenset({DESK}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example", "northwind.co.jp", "elm.example"}),
    partner_contacts=frozenset({"solo@post.example"}),
    trusted_authserv_ids=frozenset({"mx.intake.example"}),
)
PASS = "mx.intake.example; dmarc=pass header.from=oakbridge.example"
ANNA = "Anna Bell <anna@oakbridge.example>"


def check(*results: str, sender: str = ANNA, door: Door | None = None, more: str = "") -> Authentication:
    lines = [f"Authentication-Results: {result}" for result in results]
    raw = "\r\n".join([*lines, f"From: {sender}", *([more] if more else []), "", "Hello"])
    return authenticity.check(message.parse(raw.encode()), HOUSE, door or Door())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (PASS, "pass"),
        ("MX.Intake.Example 1; spf=pass smtp.mailfrom=<>; dkim=pass header.b=a/b+c; " + PASS[19:], "pass"),
        ('"mx.intake.example"; dmarc=pass (p=none dis=none) header.from="oakbridge.example"', "pass"),
        ("mx.intake.example; dmarc=pass policy.dmarc=reject header.from=OakBridge.example.", "pass"),
        ("mx.intake.example; dmarc=pass", "unknown"),
        ("mx.intake.example; dmarc=fail (p=reject)", "unknown"),
        ("mx.intake.example; dmarc=fail (p=reject) header.from=oakbridge.example", "fail"),
        ("mx.intake.example; dmarc=pass header.from=oakbridge.example; dmarc=fail", "unknown"),
        ("mx.intake.example; dmarc=none header.from=oakbridge.example", "none"),
        ("mx.intake.example; dmarc=bestguesspass header.from=oakbridge.example", "none"),
        ("mx.intake.example; none", "none"),
        ("mx.intake.example; spf=pass smtp.mailfrom=oakbridge.example", "none"),
        ("mx.intake.example; dmarc=temperror header.from=oakbridge.example", "unknown"),
        ("mx.intake.example; dmarc=pass header.from=evil.example", "unknown"),
        ("mx.intake.example; dmarc=pass header.from=sub.oakbridge.example", "unknown"),
        ("mx.intake.example; dmarc=pass header.from=example", "unknown"),
        ("mx.intake.example; spf=none (dmarc=pass header.from=oakbridge.example)", "none"),
        ('mx.intake.example; spf=fail reason="; dmarc=pass header.from=oakbridge.example"', "none"),
        ("mx.evil.example; dmarc=pass header.from=oakbridge.example", "unknown"),
        ("mx.intake.example.evil.example; dmarc=pass header.from=oakbridge.example", "unknown"),
        ("spf=pass smtp.mailfrom=a.example; dmarc=pass header.from=oakbridge.example", "unknown"),
        ("microsoft365; dmarc=pass header.from=oakbridge.example", "unknown"),
        ("mx.intake.example; dmarc", "unknown"),
        ("mx.intake.example; dmarc==;=;", "unknown"),
        (";;;", "unknown"),
        ("", "unknown"),
    ],
)
def test_our_own_server_s_word_and_nobody_else_s(header: str, expected: str) -> None:
    found = check(header)
    assert found.result == expected
    assert found.why


def test_only_our_own_results_on_top_count() -> None:
    assert check("mx.evil.example; dmarc=none", PASS).result == "unknown"
    assert check(PASS, "mx.evil.example; dmarc=fail").result == "pass"


def test_our_own_results_that_contradict_each_other_say_nothing() -> None:
    failed = "mx.intake.example; dmarc=fail header.from=oakbridge.example"
    assert {check(failed, PASS).result, check(PASS, failed).result} == {"unknown"}
    assert check(failed, failed).result == "fail"


def test_a_door_that_is_not_behind_our_mail_server_proves_nothing() -> None:
    assert check(PASS, door=Door(behind_mta=False)).result == "unknown"


def test_a_subdomain_may_rest_on_its_organisation() -> None:
    assert check(PASS, sender="anna@mail.oakbridge.example").result == "pass"


@pytest.mark.parametrize("tested", ["co.jp", "jp", "example"])
def test_a_public_suffix_speaks_for_nobody(tested: str) -> None:
    assert not authenticity.aligned("northwind.co.jp", tested)


def test_two_senders_never_pass() -> None:
    twice = check(PASS, more="From: Eve <eve@far.example>")
    listed = check(PASS, sender=f"{ANNA}, Eve <eve@far.example>")
    assert (twice.result, listed.result) == ("unknown", "unknown")
    assert "2 From headers" in twice.oddities
    assert "2 From addresses" in listed.oddities


def test_no_sender_never_passes() -> None:
    assert check(PASS, sender="").result == "unknown"


def test_microsoft_s_form_without_an_id_counts_only_when_configured() -> None:
    raw = f"Authentication-Results: spf=pass smtp.mailfrom=a.example; {PASS[19:]};compauth=pass\r\nFrom: {ANNA}\r\n\r\nHi"
    house = Surroundings(trusted_authserv_ids=frozenset({authenticity.ID_LESS}))
    assert authenticity.check(message.parse(raw.encode()), house, Door()).result == "pass"


@pytest.mark.parametrize("hostile", ["(" * 50_000, '"' * 50_000, ";" * 50_000, "mx.intake.example; " + "dmarc=(" * 9_000, "\\" * 50_000])  # fmt: skip
def test_hostile_results_are_unreadable_and_nothing_else(hostile: str) -> None:
    assert check(hostile).result in {"unknown", "none"}


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        ('"partner-support@zohocorp.com" <eve@far.example>', "the name shows partner-support@zohocorp.com"),
        ("Oakbridge Support <eve@far.example>", "the name speaks of oakbridge.example"),
        ("Zohocorp Accounts <eve@far.example>", "the name speaks of zohocorp.com"),
        ("Anna <anna@oakbr1dge.example>", "look-alike of oakbridge.example"),
        ("Anna <anna@oakbridge-support.example>", "look-alike of oakbridge.example"),
    ],
)
def test_names_and_domains_that_borrow_are_odd(sender: str, told: str) -> None:
    assert any(told in oddity for oddity in check(PASS, sender=sender).oddities)


@pytest.mark.parametrize("sender", [ANNA, "anna@oakbridge.example <anna@oakbridge.example>", "Bo <bo@sub.oakbridge.example>", "Oakbridge <solo@post.example>", "Carl Oak <carl@gmail.example>"])  # fmt: skip
def test_ordinary_senders_are_not_odd(sender: str) -> None:
    assert check(PASS, sender=sender).oddities == ()


def test_a_reply_to_elsewhere_is_odd_and_one_at_home_is_not() -> None:
    assert check(PASS, more="Reply-To: eve@far.example").oddities == ("Reply-To elsewhere: eve@far.example",)
    assert check(PASS, more="Reply-To: desk@help.oakbridge.example").oddities == ()


@pytest.mark.parametrize("domain", ["oakbridqe.example", "oakbrigde.example", "0akbridge.example", "oakbridge.test", "oak-bridge.example", "mail.oakbridge.test", "оakbridge.example", "oakbridge.example.evil.test", "northwlnd.co.jp", "northwind.jp"])  # fmt: skip
def test_look_alikes_are_seen(domain: str) -> None:
    assert imitated(domain, HOUSE.partner_domains)


@pytest.mark.parametrize("domain", ["oakbridge.example", "mail.oakbridge.example", "elms.example", "elm.test", "riverside.example", "", "example"])  # fmt: skip
def test_others_are_not_taken_for_look_alikes(domain: str) -> None:
    assert not imitated(domain, HOUSE.partner_domains)


OAK = Partner("oakbridge.example", "Oakbridge", "premium", "US", contacts=("solo@post.example",))
SENDER = Sender("anna@oakbridge.example", "Anna", "partner", OAK, "pass", True, "")


def recipients(*headers: str, sender: Sender = SENDER) -> tuple[tuple[str, ...], tuple[str, ...]]:
    mail = message.parse("\r\n".join([*headers, "", "Hi"]).encode())
    return correspondents(mail, HOUSE, sender, groups.list_addresses(mail.headers))


@pytest.mark.parametrize(
    ("headers", "to", "cc"),
    [
        ([f"From: {ANNA}", f"To: {DESK}"], "anna@oakbridge.example", ()),
        ([f"From: {ANNA}", "Reply-To: ben@oakbridge.example"], "ben@oakbridge.example", ()),
        ([f"From: {ANNA}", "Reply-To: eve@far.example"], "anna@oakbridge.example", ()),
        ([f"From: {ANNA}", "Reply-To: team@oakbridge.example"], "anna@oakbridge.example", ()),
        ([f"From: {ANNA}", "Reply-To: no-reply@oakbridge.example"], "anna@oakbridge.example", ()),
        ([f"From: {ANNA}", f"Reply-To: {DESK}"], "anna@oakbridge.example", ()),
        (
            [
                f"From: {ANNA}",
                f"To: {DESK}, ben@oakbridge.example",
                "Cc: carl@client.example, solo@post.example",
            ],
            "anna@oakbridge.example",
            ("ben@oakbridge.example", "solo@post.example"),
        ),
        (
            [
                f"From: {ANNA}",
                "Cc: all@oakbridge.example, helpdesk@oakbridge.example, sam@zohocorp.com, x@elm.example",
            ],
            "anna@oakbridge.example",
            (),
        ),
        (
            [f"From: {ANNA}", "To: crew@oakbridge.example", "List-Post: <mailto:crew@oakbridge.example>"],
            "anna@oakbridge.example",
            (),
        ),
        (["From: team@oakbridge.example"], "team@oakbridge.example", ()),
    ],
)
def test_letters_go_to_people_of_the_sender_s_house(headers: list[str], to: str, cc: tuple[str, ...]) -> None:
    assert recipients(*headers) == ((to,), cc)


@pytest.mark.parametrize(
    "headers",
    [
        ["From: no-reply@oakbridge.example"],
        ["From: mailer-daemon@oakbridge.example"],
        [f"From: {DESK}"],
        [f"From: {ANNA}, eve@far.example"],
        ["From: crew@oakbridge.example", "List-Post: <mailto:crew@oakbridge.example>"],
        ["To: nobody"],
    ],
)
def test_some_mails_nobody_may_answer(headers: list[str]) -> None:
    assert recipients(*headers) == ((), ())


def test_a_group_that_rewrites_the_sender_is_answered_at_the_person_s_own_address() -> None:
    headers = ["From: Anna via Crew <crew@oakbridge.example>", "Reply-To: anna@oakbridge.example", "List-Post: <mailto:crew@oakbridge.example>"]  # fmt: skip
    assert recipients(*headers) == (("anna@oakbridge.example",), ())


def test_no_letter_ever_goes_to_hundreds() -> None:
    many = ", ".join(f"p{n}@oakbridge.example" for n in range(300))
    assert len(recipients(f"From: {ANNA}", f"Cc: {many}")[1]) == MOST_COPIES


def test_the_houses_domains_are_those_of_partners_and_staff_after_a_change_and_in_another_process_too():
    changed = pickle.loads(pickle.dumps(replace(HOUSE, partner_domains=frozenset({"ash.example"}))))
    assert changed.houses == {"ash.example", "zohocorp.com"}
