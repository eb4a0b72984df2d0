"""Address lists as mail programs write them, well and badly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spent import spent
from triaged.reading.mime import addresses

ONE = "anna@oak.example"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ONE, [("", ONE)]),
        ("<Anna@OAK.example>", [("", ONE)]),
        (f"Anna Bell <{ONE}>", [("Anna Bell", ONE)]),
        (f'"Bell, Anna" <{ONE}>, bo@elm.example', [("Bell, Anna", ONE), ("", "bo@elm.example")]),
        (f"{ONE}; bo@elm.example", [("", ONE), ("", "bo@elm.example")]),
        (f"=?utf-8?Q?M=C3=BCller=2C_Hans?= <{ONE}>", [("Müller, Hans", ONE)]),
        (f"=?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <{ONE}>", [("山田", ONE)]),
        (f"'{ONE}' <{ONE}>", [(ONE, ONE)]),
        (f"{ONE} <{ONE}>", [(ONE, ONE)]),
        (f'"liar@elm.example" <{ONE}>', [("liar@elm.example", ONE)]),
        (f"Anna Bell {ONE}", [("Anna Bell", ONE)]),
        (f"Anna <{ONE}, Bo <bo@elm.example>", [("Anna", ONE), ("Bo", "bo@elm.example")]),
        (f"<{ONE}> <bo@elm.example>", [("", ONE), ("", "bo@elm.example")]),
        (f"Support: {ONE}, Bo <bo@elm.example>;", [("", ONE), ("Bo", "bo@elm.example")]),
        ("undisclosed-recipients:;", []),
        (f"mailto:{ONE}", [("", ONE)]),
        (f"{ONE} (Anna (the first) Bell)", [("Anna the first Bell", ONE)]),
        (f"<@relay.example,@hub.example:{ONE}>", [("", ONE)]),
        ("pippo..bar.@keitai.example", [("", "pippo..bar.@keitai.example")]),
        ('"much.more unusual"@oak.example', [("", '"much.more unusual"@oak.example')]),
        ('"anna"@oak.example', [("", ONE)]),
        ("用户@例子.example", [("", "用户@例子.example")]),
        ("anna@[192.0.2.7]", [("", "anna@[192.0.2.7]")]),
        ("Anna Bell", []),
        ("", []),
    ],
)
def test_lists_are_read_as_their_writers_meant(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(a.name, a.address) for a in addresses.parse_list(value)] == expected


@pytest.mark.parametrize("text", ["anna", "a@b@oak.example", "anna@", "@oak.example", "an na@oak.example", f"Anna <{ONE}>", "a..b@oak.example", f"{ONE}.", "anna@-oak.example"])  # fmt: skip
def test_what_is_not_exactly_one_address_is_none(text: str) -> None:
    assert not addresses.is_address(text)


@pytest.mark.parametrize("text", [f"hello {ONE}", "first(middle)last@oak.example", f"{ONE}, bo@elm.example", '"qu@oak.example'])  # fmt: skip
def test_the_strict_form_forgives_nothing(text: str) -> None:
    assert addresses.mailbox(text) is None


def test_an_encoded_comma_does_not_split_and_an_encoded_address_is_only_a_name() -> None:
    found = addresses.parse_list(f"=?utf-8?B?{'bGlhckBlbG0uZXhhbXBsZSw='}?= <{ONE}>")
    assert [a.address for a in found] == [ONE]


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    for found in addresses.parse_list(text):
        assert "@" in found.address
        assert found.address == found.address.lower()


@pytest.mark.parametrize("seed", ['"', "(", "<", "a@b,", 'a" ', '"\\', "a <", ": ", "=?", "a@", "(((\\"])
def test_hostile_lists_cost_time_in_proportion(seed: str) -> None:
    def cost(length: int) -> float:
        return spent(lambda: addresses.parse_list(seed * (length // len(seed))), 3)

    assert cost(30_000) < 40 * max(cost(3_000), 0.002)


def test_no_more_addresses_than_the_bound() -> None:
    many = ", ".join(f"a{n}@b.example" for n in range(3_000))
    assert 900 < len(addresses.parse_list(many)) <= addresses.MOST_ADDRESSES
