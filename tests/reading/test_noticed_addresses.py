"""Address lists once more: comments, groups, routes, missing brackets and commas, names as people read them."""

from __future__ import annotations

import pytest

from triaged.reading.mime import addresses
from triaged.reading.mime.addresses import parse_list

ONE, TWO = "anna@oak.example", "bo@elm.example"


def told(value: str) -> list[str]:
    """`name|address` of each."""
    return [f"{one.name}|{one.address}" for one in parse_list(value)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"(office) {ONE}", [f"office|{ONE}"]),
        (f"Anna (at (Oak)) <{ONE}>", [f"Anna|{ONE}"]),
        (f"<{ONE}> (Anna)", [f"Anna|{ONE}"]),
        (f"(a, b) Anna <{ONE}>, Bo <{TWO}>", [f"Anna|{ONE}", f"Bo|{TWO}"]),
        (f"(Anna (at; Oak)) {ONE}; {TWO}", [f"Anna at; Oak|{ONE}", f"|{TWO}"]),
        (f"(Team: {ONE}) {TWO}", [f"Team: {ONE}|{TWO}"]),
        (f"(<{ONE}>) {TWO}", [f"<{ONE}>|{TWO}"]),
        (f"Anna) <{ONE}>", [f"Anna|{ONE}"]),
        (f"Anna <{ONE}>)", [f"Anna|{ONE}"]),
        (f"{ONE} (unclosed, {TWO}", [f"|{ONE}"]),
        (f"Anna(x)Bell <{ONE}>", [f"Anna Bell|{ONE}"]),
        (f"<(x){ONE}>", [f"x|{ONE}"]),
    ],
)
def test_a_comment_is_a_name_where_none_stands_and_parts_nothing(value: str, found: list[str]) -> None:
    assert told(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"Anna <{ONE}", [f"Anna|{ONE}"]),
        (f"Anna {ONE}>", [f"Anna|{ONE}"]),
        (f"Anna <{ONE}> Bell", [f"Anna|{ONE}"]),
        (f"Anna <{ONE}>.com", [f"Anna|{ONE}"]),
        (f"Anna <{ONE}> Bo <{TWO}>", [f"Anna|{ONE}", f"|{TWO}"]),
        (f"<{ONE}><{TWO}>", [f"|{ONE}", f"|{TWO}"]),
        (f"Anna <<{ONE}>>", [f"Anna|{ONE}"]),
        (f"Anna <mailto:{ONE}>", [f"Anna|{ONE}"]),
        (f"Anna <>, {TWO}", [f"|{TWO}"]),
        (f"<>, <{TWO}>", [f"|{TWO}"]),
        (f",; ,{ONE},, ;", [f"|{ONE}"]),
        (f"Team: Anna <{ONE}>; Bo <{TWO}>", [f"Anna|{ONE}", f"Bo|{TWO}"]),
        (f"{ONE}: {TWO}", []),
        (f"Anna: Bell: {ONE}", [f"|{ONE}"]),
        (f"Anna <@one.example,@two.example:{ONE}>, {TWO}", [f"Anna|{ONE}", f"|{TWO}"]),
        (f"Anna <@one.example;@two.example:{ONE}>", [f"Anna|{ONE}"]),
        (f"Anna <a:{ONE}>", [f"Anna|{ONE}"]),
        (f"Anna < {ONE} >", [f"Anna|{ONE}"]),
        (f"Anna <{ONE},{TWO}>", [f"Anna|{ONE}", f"|{TWO}"]),
        (f"{ONE} {TWO}", []),
        (f"Anna {ONE} {TWO}", []),
        (f"{ONE}.", [f"|{ONE}"]),
        (f"Anna {ONE}-", [f"Anna|{ONE}"]),
        ("Anna --@oak.example", []),
        ("Anna 7@oak.example", ["Anna|7@oak.example"]),
        ("Anna <anna@oak..example>", []),
        ("Anna <anna@oak.example@elm.example>", []),
    ],
)
def test_what_is_written_wrongly_gives_the_address_that_is_meant(value: str, found: list[str]) -> None:
    assert told(value) == found


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("=?utf-8?Q?J=C3=B6rg?= Alder", "Jörg Alder"),
        ("=?utf-8?Q?a_=2C_b?=", "a , b"),
        ('"=?utf-8?Q?J=C3=B6rg?="', "Jörg"),
        ("=? no word", "=? no word"),
        ('"Anna \\"Ann\\" Bell"', 'Anna "Ann" Bell'),
        ("Anna  \t Bell", "Anna Bell"),
        ("'Anna Bell'", "Anna Bell"),
        ('"Bell, Anna"', "Bell, Anna"),
        ('Anna \\"x\\"', 'Anna "x"'),
        ("", ""),
    ],
)
def test_a_name_is_shown_as_people_read_it(value: str, name: str) -> None:
    assert told(f"{value} <{ONE}>") == [f"{name}|{ONE}"]
    assert told(f"x (y) z <{TWO}>, {value} <{ONE}>") == [f"x z|{TWO}", f"{name}|{ONE}"]


def test_an_address_of_four_hundred_characters_and_more_is_read_by_the_scan_as_well() -> None:
    for size in (399, 400, 401):
        value = f"{'a' * (size - len(ONE) - 3)} <{ONE}>"
        assert len(value) == size
        assert told(value) == [f"{'a' * (size - len(ONE) - 3)}|{ONE}"]
        assert told(f" {ONE}{' ' * (size - len(ONE) - 1)}") == [f"|{ONE}"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"Anna <{ONE}>", "Anna"),
        (f" {ONE} ", ""),
        (f"{ONE} (Anna)", "Anna"),
        (f"(Anna) <{ONE}>", "Anna"),
        (f"<@relay.example:{ONE}>", ""),
    ],
)
def test_the_strict_form_reads_one_mailbox(text: str, name: str) -> None:
    found = addresses.mailbox(text)
    assert found is not None
    assert (found.name, found.address) == (name, ONE)


@pytest.mark.parametrize(
    "text",
    [
        "", f"{ONE},", f"{ONE};", f"Team: {ONE};", f"{ONE}:", f"Anna <{ONE}", f"Anna <{ONE}> Bell", f"Anna {ONE}", f"{ONE} (open",
        f"Anna <{ONE}>)", f"<a:{ONE}>", "Anna <anna@oak.example@elm.example>", f"<{ONE}> <{TWO}>",
    ],
)  # fmt: skip
def test_the_strict_form_refuses_what_readers_could_take_for_another(text: str) -> None:
    assert addresses.mailbox(text) is None


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('"anna"@oak.example', True), ('"an\\"na"@oak.example', True), ('"anna@oak.example', False), ('""@oak.example', False),
        ("anna.@oak.example", False), (".anna@oak.example", False), ("anna@oak.example.", False), ("anna@[ipv6:zz]", False),
        ("anna@_oak.example", False), ("anna@o_k.example", True), ("anna@a.b-c.example", True), ("@oak.example", False),
    ],
)  # fmt: skip
def test_an_addr_spec_is_one_by_its_letters(text: str, good: bool) -> None:
    assert addresses.is_address(text) is good


def test_quotes_that_nobody_needs_are_taken_off() -> None:
    assert told('"Anna.Bell"@Oak.example, "an na"@oak.example, "a\\\\nna"@oak.example') == [
        "|anna.bell@oak.example", '|"an na"@oak.example', '|"a\\\\nna"@oak.example',
    ]  # fmt: skip
