"""Strict YAML: what a scalar means, what is refused, and where each complaint says it stands."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from triaged.spec import strict_yaml


def complaints(text: str) -> list[str]:
    return [str(c) for c in strict_yaml.load(text, "f.yaml").complaints]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0755", 755),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("09:00", "09:00"),
        ("2026-11-22", "2026-11-22"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("1_000", "1_000"),
        ("9" * 60, "9" * 60),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    value = strict_yaml.load(f"a: {written}", "f.yaml").value["a"]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: duplicate key 'a'; first in line 1"),
        ("a:\n  b: 1\n  b: {c: [1, 2]}", "f.yaml:3:3: duplicate key 'b'; first in line 2"),
        ("a: &x 1\nb: *x", "f.yaml:2:4: alias *x is not taken; write the value out"),
        ("a: &x [*x]", "f.yaml:1:8: alias *x is not taken; write the value out"),
        ("a: !!int 3", "f.yaml:1:4: tag !!int is not taken; write a plain value"),
        ("a: !run x", "f.yaml:1:4: tag !run is not taken; write a plain value"),
        ("true: 1", "f.yaml:1:1: a key is a word; put it in quotes if it is meant as text"),
        ("? [1]\n: 2", "f.yaml:1:3: a key is a word; put it in quotes if it is meant as text"),
        ("a: 1\n--- \nb: 1", "f.yaml:2:1: a second document begins here; keep one per file"),
        ("a:\n\t- b", "f.yaml:2:1: a tab stands where YAML wants blanks; indent with blanks"),
        (
            "a: b: c",
            "f.yaml:1:5: a ':' stands where no key can be; put the text in quotes or mind the indentation",
        ),
        ("a: 1\nb: \x07", "f.yaml:2:4: character U+0007 cannot stand in YAML"),
        ("a: \ud800", "f.yaml:1:4: character U+D800 cannot stand in YAML"),
    ],
)
def test_what_yaml_would_let_pass_is_refused_with_its_place(text: str, line: str) -> None:
    assert complaints(text) == [line]


@pytest.mark.parametrize("bracket", ["[", "- ", "{a: ", "? "])
def test_endless_nesting_is_a_complaint_and_not_the_end_of_the_process(bracket: str) -> None:
    assert complaints(bracket * 200_000)[-1].endswith("nested deeper than 50 levels")


def test_a_file_of_many_megabytes_is_refused() -> None:
    assert complaints("a" * 4_000_001) == ["f.yaml:1:1: the file is longer than 4000000 characters"]


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert strict_yaml.load("# nothing yet\n", "f.yaml").value == {}


def test_every_value_and_key_knows_its_place() -> None:
    document = strict_yaml.load("rules:\n  - name: a\n    when: {x: [1, 2]}\n", "f.yaml")
    assert document.place(("rules", 0, "when", "x", 1)) == strict_yaml.Mark("f.yaml", 3, 19)
    assert document.place(("rules", 0, "when"), key=True) == strict_yaml.Mark("f.yaml", 3, 5)
    assert document.place(("rules", 0, "absent")) == strict_yaml.Mark("f.yaml", 2, 5)


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    subject: str
    count: Annotated[int, Field(ge=1)] = 1
    tls: Literal["implicit", "starttls"] = "implicit"


class Root(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    leaves: list[Leaf] = []
    by_number: dict[Literal[1, 2], Leaf | None] = {}
    held: Literal["all"] | list[str] = []


def test_all_complaints_come_at_once_in_order_of_place_with_suggestions() -> None:
    text = """\
leaves:
  - subjct: x
  - subject: 5
    count: 0
    tls: startls
  - just text
by_number:
  3: {subject: x}
  1: {subject: x, tsl: implicit}
leafs: []
held: 3
"""
    made, found = strict_yaml.parse(text, "f.yaml", Root)
    assert made is None
    assert [str(c) for c in found] == [
        "f.yaml:2:5: key 'subject' is missing",
        "f.yaml:2:5: unknown key 'subjct'; did you mean 'subject'?",
        "f.yaml:3:14: subject: must be text, not 5",
        "f.yaml:4:12: count: should be greater than or equal to 1",
        "f.yaml:5:10: tls: 'startls' is none of implicit, starttls; did you mean 'starttls'?",
        "f.yaml:6:5: leaves: must be a mapping (key: value), not 'just text'",
        "f.yaml:8:3: key '3': 3 is none of 1, 2",
        "f.yaml:9:19: unknown key 'tsl'; did you mean 'tls'?",
        "f.yaml:10:1: unknown key 'leafs'; did you mean 'leaves'?",
        "f.yaml:11:7: held: must be all or a list, not 3",
    ]


def test_a_good_text_gives_the_model() -> None:
    made, found = strict_yaml.parse("leaves: [{subject: NO}]", "f.yaml", Root)
    assert found == []
    assert made is not None
    assert made.leaves[0].subject == "NO"


@given(st.text(alphabet="abc:-[]{}*&!?#'\"|> \n\t,\x00é", max_size=200))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    document = strict_yaml.load(text, "f.yaml")
    assert document.value is not None or document.complaints


_plain = st.recursive(
    st.integers(-(10**9), 10**9) | st.booleans() | st.text("abcé x", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), _plain, max_size=4))
def test_what_another_writer_writes_is_read_back(value: dict[str, object]) -> None:
    document = strict_yaml.load(yaml.safe_dump(value, allow_unicode=True), "f.yaml")
    assert document.value == value
    assert document.complaints == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'5': a\n5: b", {"5": "a", 5: "b"}),
        ("a: |\n  5\n", {"a": "5\n"}),
        ("a: ! [1]", {"a": [1]}),
        ("", {}),
        ("~", {}),
        ("---\n", {}),
        ("\ufeffa: 1", {"a": 1}),
        ("[]", []),
        ("no", "no"),
        ("a: .5e1", {"a": 5.0}),
        ("a: e5", {"a": "e5"}),
    ],
)
def test_what_is_quoted_is_text_and_what_is_empty_is_a_mapping(text: str, value: object) -> None:
    document = strict_yaml.load(text, "f.yaml")
    assert (document.value, document.complaints) == (value, ())


@pytest.mark.parametrize(
    ("text", "value", "line"),
    [
        ("a: !!int 3\nb: 1", {"a": "3", "b": 1}, "f.yaml:1:4: tag !!int is not taken; write a plain value"),
        ("a: !!str 3\nb: 1", {"a": "3", "b": 1}, "f.yaml:1:4: tag !!str is not taken; write a plain value"),
        (f"a: !{'x' * 70} 3", {"a": "3"}, f"f.yaml:1:4: tag !{'x' * 59} is not taken; write a plain value"),
        (
            "!!str a: 3\nb: 1",
            {"b": 1},
            "f.yaml:1:1: a key is a word; put it in quotes if it is meant as text",
        ),
        ("? {a: [1]}\n: [2]\nb: 1", {"b": 1}, "f.yaml:1:3: a key is a word; put it in quotes if it is meant as text"),
        ("b: 1\n~: 2", {"b": 1}, "f.yaml:2:1: a key is a word; put it in quotes if it is meant as text"),
        ("1.5: 2\nb: 1", {"b": 1}, "f.yaml:1:1: a key is a word; put it in quotes if it is meant as text"),
    ],
)  # fmt: skip
def test_beside_what_is_refused_the_rest_is_read(text: str, value: object, line: str) -> None:
    document = strict_yaml.load(text, "f.yaml")
    assert document.value == value
    assert [str(one) for one in document.complaints] == [line]


@pytest.mark.parametrize(
    ("text", "place"),
    [("\x07", "1:1"), ("a: 1\n\x07", "2:1"), ("a: 1\n\nb: é\x07\x08", "3:5"), ("a: \x07\nb: \x08", "1:4")],
)
def test_the_first_character_that_cannot_stand_is_named_at_its_place(text: str, place: str) -> None:
    assert complaints(text) == [f"f.yaml:{place}: character U+0007 cannot stand in YAML"]


def test_fifty_levels_are_read_and_one_more_is_not() -> None:
    assert complaints("[" * 50 + "]" * 50) == []
    assert complaints("[" * 51 + "]" * 51) == ["f.yaml:1:51: nested deeper than 50 levels"]
    assert complaints("[" * 50 + "{a: 1}" + "]" * 50) == ["f.yaml:1:51: nested deeper than 50 levels"]


def test_a_file_of_the_utmost_length_is_read() -> None:
    assert strict_yaml.load("#" * 4_000_000, "f.yaml").value == {}


@pytest.mark.parametrize(("times", "told"), [(200, 199), (201, 200), (300, 200)])
def test_two_hundred_complaints_are_enough(times: int, told: int) -> None:
    assert len(complaints("a: 1\n" * times)) == told


class Needs(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    subject: str
    count: int = 1


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["f.yaml:1:1: key 'subject' is missing"]),
        ("\n\ncount: 1", ["f.yaml:3:1: key 'subject' is missing"]),
        ("subject: a\nsubject: b", ["f.yaml:2:1: duplicate key 'subject'; first in line 1"]),
        (
            "subject: !x a\ncount: b",
            [
                "f.yaml:1:10: tag !x is not taken; write a plain value",
                "f.yaml:2:8: count: must be a whole number, not 'b'",
            ],
        ),
        ("subject: &y a\ncount: *y", ["f.yaml:2:8: alias *y is not taken; write the value out"]),
    ],
)
def test_a_text_with_a_fault_gives_no_model_and_no_fault_twice(text: str, lines: list[str]) -> None:
    made, found = strict_yaml.parse(text, "f.yaml", Needs)
    assert made is None
    assert [str(one) for one in found] == lines
