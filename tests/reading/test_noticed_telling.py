"""Identifiers as data and back, what is missing of them, and what two mails give together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from triaged.reading.identifiers import telling
from triaged.reading.identifiers.kinds import IDENTIFIERS
from triaged.reading.values import Find, Identifiers

ALL = Identifiers(
    "it@alder.example", ("a@alder.example", "b@alder.example"), ("6001",), ("7001", "7002"), ("8001",)
)
NOTHING = Identifiers()
BY_NAME = {kind.name: kind for kind in IDENTIFIERS}


def test_identifiers_survive_as_data() -> None:
    shown = telling.as_data(ALL)
    assert shown == {
        "superadmin_email": "it@alder.example",
        "customer_emails": ["a@alder.example", "b@alder.example"],
        "zoid": ["6001"],
        "zuid": ["7001", "7002"],
        "zgid": ["8001"],
    }
    assert telling.from_data(json.loads(json.dumps(shown))) == ALL
    assert telling.as_data(NOTHING) == {
        "superadmin_email": None, "customer_emails": [], "zoid": [], "zuid": [], "zgid": [],
    }  # fmt: skip
    assert telling.from_data(telling.as_data(NOTHING)) == NOTHING


@pytest.mark.parametrize(
    ("data", "given"),
    [
        ({}, NOTHING),
        ({"superadmin_email": ["it@alder.example", "no@alder.example"]}, Identifiers("it@alder.example")),
        ({"superadmin_email": "", "zoid": ["", "6001", None, 7]}, Identifiers(zoid=("6001",))),
        ({"zuid": "7001", "zgid": ("8001",), "more": 1}, Identifiers(zuid=("7001",), zgid=("8001",))),
        ({"zoid": 6001, "zuid": {"a": "b"}, "customer_emails": None}, NOTHING),
    ],
)
def test_what_is_no_text_was_not_given(data: dict[str, Any], given: Identifiers) -> None:
    assert telling.from_data(data) == given


@pytest.mark.parametrize(
    ("given", "missing", "none_identifies"),
    [
        (NOTHING, ("superadmin_email", "zoid", "zuid"), True),
        (ALL, (), False),
        (Identifiers("it@alder.example"), ("zoid", "zuid"), False),
        (Identifiers(customer_emails=("a@alder.example",)), ("superadmin_email", "zoid", "zuid"), True),
        (Identifiers(zoid=("6001",)), ("superadmin_email", "zuid"), False),
        (Identifiers(zuid=("7001",)), ("superadmin_email", "zoid"), False),
        (Identifiers(zgid=("8001",)), ("superadmin_email", "zuid"), True),
    ],
)
def test_what_is_missing_and_whether_anything_says_which_account_it_is(
    given: Identifiers, missing: tuple[str, ...], none_identifies: bool
) -> None:
    assert (telling.missing(given), telling.none_identifies(given)) == (missing, none_identifies)


def test_a_group_s_id_does_where_the_organisation_s_is_asked() -> None:
    zoid, zgid, first = BY_NAME["zoid"], BY_NAME["zgid"], BY_NAME["superadmin_email"]
    assert telling.enough(ALL, zoid) == ("6001",)
    assert telling.enough(Identifiers(zgid=("8001",)), zoid) == ("8001",)
    assert telling.enough(Identifiers(zoid=("6001",)), zgid) == ()
    assert telling.enough(NOTHING, zoid) == telling.values(NOTHING, first) == ()
    assert telling.values(ALL, first) == ("it@alder.example",)


def test_a_later_mail_s_word_wins_but_addresses_of_customers_add_up() -> None:
    found = (Find("zoid", "6002", "label", "new", "ZOID 6002"),)
    new = Identifiers(
        None, ("c@alder.example", "a@alder.example"), ("6002", "6002"), found=found, several_customers=True
    )
    assert telling.completed(new, ALL) == Identifiers(
        "it@alder.example",
        ("c@alder.example", "a@alder.example", "b@alder.example"),
        ("6002",),
        ("7001", "7002"),
        ("8001",),
        found=found,
        several_customers=True,
    )
    assert telling.completed(NOTHING, NOTHING) == NOTHING
    assert telling.completed(Identifiers("new@alder.example"), ALL).superadmin_email == "new@alder.example"


def test_of_a_kind_with_one_value_the_first_counts() -> None:
    made = telling.made({"superadmin_email": ("a@x.example", "b@x.example"), "zoid": ("1", "2")})
    assert made == Identifiers("a@x.example", zoid=("1", "2"))
    assert (NOTHING.any_given, made.any_given, Identifiers(zgid=("8001",)).any_given) == (False, True, True)
