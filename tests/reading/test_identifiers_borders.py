"""Identifiers at their borders: what just belongs to a label, a house or an author, and what just does not."""

from __future__ import annotations

import sys

import pytest

from tests.reading.test_identifiers import find, told
from triaged.reading.identifiers.passages import fold


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("60031122334 ZOID", {"zoid": "60031122334"}),
        ("see 60031122334 ZOID", {}),
        ("60031122334 is their ZOID", {"zoid": "60031122334"}),
        ("60031122334 and ZOID", {}),
        ("60031122334 und ZOID", {}),
        ("60031122334 was mentioned as the ZOID", {}),
        ("60031122334 and the ZOID is 60031155555", {"zoid": "60031155555"}),
        ("ZOID, ZUID: 60031122334, 60031122999", {"zoid": "60031122334", "zuid": "60031122999"}),
        ("ZOID / ZUID: 60031122334 is all we have", {"zuid": "60031122334"}),
        ("ZOID then ZUID: 60031122334, 60031122999", {"zuid": "60031122334 60031122999"}),
        ("ZOID or ZGID: 60031122334", {"zoid": "60031122334"}),
        ("ZOID / ZGID: 60031122334", {"zoid": "60031122334"}),
        ("ZOID oder ZGID: 60031122334", {"zoid": "60031122334"}),
        ("İstanbul ZOID: 60031122334", {"zoid": "60031122334"}),
        ("ZOID №60031122334", {"zoid": "60031122334"}),
        ("ZOID № 60031122334", {"zoid": "60031122334"}),
        ("ZOIDs:\n1. 60031122334\n2. 60031122335", {"zoid": "60031122334 60031122335"}),
        (
            "ZOIDs:\n(1) 60031122334\n(2) 60031122335\n(3) 60031122336",
            {"zoid": "60031122334 60031122335 60031122336"},
        ),
        ("ZOID: 60031122334\n2. 55031122335", {"zoid": "60031122334"}),
        ("ZOID: 60031122334\n123. 60031122335", {"zoid": "60031122334"}),
    ],
)
def test_a_label_takes_the_value_it_speaks_of(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(
    ("word", "is_ours"),
    [(word, True) for word in ("the", "with", "his", "has", "zoho")]
    + [(word, False) for word in ("sku", "device", "order", "merchant", "fancy")],
)
def test_an_id_in_between_names_another_thing_unless_its_word_names_none(word: str, is_ours: bool) -> None:
    assert told(find(f"ZOID {word} id 60031122334")) == ({"zoid": "60031122334"} if is_ours else {})


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Primary Customer Email-hello@beech.example", {"sa": "hello@beech.example"}),
        ("contact Email-hello@beech.example", {"ca": "hello@beech.example"}),
        ("Our mail-hello@beech.example", {"ca": "mail-hello@beech.example"}),
        (f"SuperAdmin: {'a' * 240}@alder.example", {"sa": f"{'a' * 240}@alder.example"}),
        (f"SuperAdmin: {'a' * 241}@alder.example", {}),
    ],
)
def test_an_address_is_read_without_the_label_glued_to_it_and_up_to_its_longest(
    text: str, want: dict[str, str]
) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        ("alder.example", "mail.alder.example", True),
        ("mail.alder.example", "alder.example", True),
        ("alder.co.example", "alder-service.example", True),
        ("alder.co.example", "beech.co.example", False),
        ("mail.alder.com.example", "beech.com.example", False),
        ("alder.example", "alder.test", True),
        ("alder.example", "alders.example", True),
        ("bird.example", "birds.example", False),
        ("alder-one.example", "alder-two.example", True),
        ("bird-one.example", "bird-two.example", False),
        ("alder.example", "beech.example", False),
        ("alder.example", "notalder.example", False),
    ],
)
def test_superadmins_of_one_house_are_one_customer_s(one: str, other: str, kin: bool) -> None:
    found = find(f"SuperAdmin: it@{one}\nSuperAdmin: boss@{other}")
    assert (found.superadmin_email, found.other_superadmin_emails) == (f"it@{one}", (f"boss@{other}",))
    assert found.several_customers is not kin
    assert found.why_several == (
        "" if kin else f"SuperAdmin addresses of two customers: it@{one}, boss@{other}"
    )


def forwarded(words: str) -> str | None:
    """The SuperAdmin that a forwarded mail of Jo's gives."""
    head = "See below.\n\n---------- Forwarded message ---------\nFrom: Jo Tran <jo@alder.example>\nDate: Thu, 19 Nov 2026 at 12:58\nSubject: export\nTo: Dana <dana@oakbridge.example>\n\n"
    return find(head + words, subject="Fwd: export").superadmin_email


@pytest.mark.parametrize(
    ("words", "claims"),
    [
        ("Hi,\nas super admin I see the wrong columns.\n\nJo", True),
        ("Hi,\nas super admin told me I see the wrong columns.\n\nJo", False),
        ("Hi,\nI am the super admin's deputy.\n\nJo", False),
        ("Hi,\nthe super admin of Alder is me.\n\nJo", True),
        ("Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin, Alder Ltd", True),
        ("Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin can help", False),
        ("Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin: Kim", False),
        (f"Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin, {'a' * 47}", True),
        (f"Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin, {'a' * 48}", False),
        ("Hi,\nthe columns are wrong.\n\nJo Tran, Super Admin\nkim@alder.example", False),
        ("田辺様\n集計が合いません。\n\n佐藤・スーパー管理者", True),
        ("田辺様\n集計が合いません。\n\n佐藤・スーパー管理者 アルダー", False),
        ("田辺様\n集計が合いません。\n\nスーパー管理者へ連絡済みです", False),
    ],
)
def test_who_signs_as_superadmin_or_says_so_is_one(words: str, claims: bool) -> None:
    assert (forwarded(words) == "jo@alder.example") is claims


def test_folding_keeps_every_letter_in_its_place() -> None:
    every = "".join(chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    assert len(fold(every)) == len(every)
    assert fold("İstanbul ÅÉñ ß 東京") == "istanbul aen ß 東京"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Org: 6003112", {}),
        ("Org: 60031122", {"zoid": "60031122"}),
        ("user 60031122", {"zuid": "60031122"}),
        ("user 6003112", {}),
        ("Org 60031122", {"zoid": "60031122"}),
        ("Organization # no. 60031122", {"zoid": "60031122"}),
        ("Org is 60031122", {}),
        ("Org: Alder (60031122)", {"zoid": "60031122"}),
        ("ZOID: 60031122-x", {"zoid": "60031122"}),
        ("ZOID: 60031122-xyz", {"zoid": "60031122"}),
        ("ZOID: 60031122-1", {"zoid": "60031122"}),
        ("ZOID: 60031122-x1", {}),
        ("ZOID: 60031122:30", {}),
        ("ZOID: 60031122: x", {"zoid": "60031122"}),
        ("ZOID: 60031122€", {}),
        ("ZOID: 60031122%", {}),
        ("ZOID: 60031122 GB", {"zoid": "60031122"}),
        ("ZOID: 60031122GB", {}),
        ("ZOID: 60031122-abcd", {"zoid": "60031122"}),
        ("ZOID: 60031122-ab", {"zoid": "60031122"}),
        ("ZOID: 60031122-ab1", {}),
        ("ZOID: +60031122", {}),
        ("ZOID: $60031122", {}),
        ("ZOID: a60031122", {}),
        ("ZOID: A-60031122", {}),
        ("ZOID: -60031122", {"zoid": "60031122"}),
        ("ZOID: #60031122", {"zoid": "60031122"}),
        ("ZOID: ab_60031122", {}),
        ("ZOID: 1/60031122", {"zoid": "60031122"}),
        ("ZOID: a/60031122", {}),
        ("ZOID: (60031122)", {"zoid": "60031122"}),
        ("ZOID: ü60031122", {}),
        ("ZOID: 600 311 223", {"zoid": "600311223"}),
        ("ZOID: 60,031,122", {"zoid": "60031122"}),
        ("ZOID: 60.031.122", {"zoid": "60031122"}),
        ("ZOID: 6003.1122", {"zoid": "60031122"}),
        ("ZOID: 60'031'122", {"zoid": "60031122"}),
        ("ZOID: 600-311-223", {"zoid": "600311223"}),
        ("ZOID: 600311 223344", {"zoid": "600311223344"}),
        ("ZOID: 6003112 2", {"zoid": "6003112"}),
        ("ZOID: 60018 84432 1", {"zoid": "60018844321"}),
        ("ZOID: 60018 84432 1,", {"zoid": "60018844321"}),
        ("ZOID: 60018 84432 1 x", {"zoid": "6001884432"}),
        ("ZOID: 60018 84432 1.", {"zoid": "60018844321"}),
        ("ZOID: 60018 1", {"zoid": "60018"}),
        ("ZOID: 2026-11-09", {}),
        ("ZOID: 09.11.2026", {}),
        ("ZOID: 2026 11 32", {"zoid": "20261132"}),
        ("ZOID: 1126 11 09", {"zoid": "11261109"}),
        ("ZOID: 1234", {}),
        ("ZOID: 12345", {"zoid": "12345"}),
        ("ZOID: 123456", {"zoid": "123456"}),
        ("ZOID: " + "1" * 20, {"zoid": "1" * 20}),
        ("ZOID: " + "1" * 21, {}),
        ("ZOID: ６００３１１２２", {"zoid": "60031122"}),
        ("ZOID: 60018 84432 1.\nThanks", {"zoid": "60018844321"}),
    ],
)  # fmt: skip
def test_digits_are_an_id_by_their_groups_and_what_stands_around_them(
    text: str, want: dict[str, str]
) -> None:
    assert told(find(text)) == want
