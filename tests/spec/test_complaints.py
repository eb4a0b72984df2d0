"""Complaints to the word: unions, keys below any kind of model, values named in them; spans and sizes at their borders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel

from triaged.spec import durations, moments, sizes, strict_yaml
from triaged.spec.complaints import written
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.sections import Zone, program


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    subject: str = "x"
    tone: Annotated[str, Field(pattern="^[a-z]+$", min_length=1)] = "plain"


class Few(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    one_of_twelve: int = 0


class Leaves(RootModel[dict[str, Leaf]]):
    pass


class Root(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    some: Literal["all"] | list[Leaf] = []
    size: Annotated[int, Field(ge=5)] | str = "x"
    either: Leaf | Few | None = None
    named: Leaves = Leaves({})
    maybe: Annotated[Leaf, Field(description="x")] | None = None
    pair: list[Leaf] = []
    mapped: Mapping[str, Annotated[Leaf, Field()]] = {}
    zone: Zone = "UTC"
    few: Annotated[list[str], Field(min_length=1)] = ["x"]
    most: Annotated[int, Field(le=3)] = 1
    days: Annotated[list[str], Field(min_length=2, max_length=3)] = ["x", "y"]
    within: durations.Duration = timedelta(hours=1)
    large: sizes.Size = 5


def told(text: str) -> list[str]:
    made, found = strict_yaml.parse(text, "f", Root)
    assert (made is None) is bool(found)
    return [str(one).removeprefix("f:") for one in found]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("some: [{subject: 5}]", ["1:18: subject: must be text, not 5"]),
        ("some: al", ["1:7: some: must be all or a list, not 'al'"]),
        ("size: 4", ["1:7: size: should be greater than or equal to 5"]),
        ("size: 5", []),
        ("size: true", ["1:7: size: must be a whole number or text, not true"]),
        ("size: {}", ["1:7: size: must be a whole number or text, not a mapping"]),
        ("named: {a: {subjct: x}}", ["1:13: unknown key 'subjct'; did you mean 'subject'?"]),
        ("maybe: {zzz: x}", ["1:9: unknown key 'zzz'; known are subject, tone"]),
        ("pair: [{}, {ton: x}]", ["1:13: unknown key 'ton'; did you mean 'tone'?"]),
        ("mapped: {a: {ton: x}}", ["1:14: unknown key 'ton'; did you mean 'tone'?"]),
        ("maybe: {tone: ''}", ["1:15: tone: must not be empty"]),
        ("maybe: {tone: AB}", ["1:15: tone: 'AB' does not have the form ^[a-z]+$"]),
        ("maybe: 5", ["1:8: maybe: must be a mapping (key: value), not 5"]),
        ("few: []", ["1:6: few: must not be empty"]),
        ("few: ~", ["1:6: few: must be a list, not nothing"]),
        ("most: 4", ["1:7: most: should be less than or equal to 3"]),
        ("most: 3", []),
        ("days: [a]", ["1:7: days: list should have at least 2 items after validation, not 1"]),
        ("days: [a, b, c, d]", ["1:7: days: list should have at most 3 items after validation, not 4"]),
        ("days: [a, b, c]", []),
        ("zone: Berlin", ["1:7: zone: 'Berlin' is not a time zone; write one like Europe/Berlin"]),
        ("zone: Europe/Berlin", []),
        ("5", ["1:1: must be a mapping (key: value), not 5"]),
        ("within: 4h", []),
        ("within: 4", ["1:9: within: 4 is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"]),
        ("within: [4h]", ["1:9: within: ['4h'] is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"]),
        ("large: 4KB", []),
        ("large: 4.5", ["1:8: large: 4.5 is not a size; write for example 500KB or 10MB"]),
        ("large: true", ["1:8: large: True is not a size; write for example 500KB or 10MB"]),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence_at_its_place(text: str, faults: list[str]) -> None:
    assert told(text) == faults


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (None, "nothing"),
        ({}, "a mapping"),
        ((), "a list"),
        (1.5, "1.5"),
        ("a" * 58, f"'{'a' * 58}'"),
        ("a" * 59, f"'{'a' * 55}…'"),
    ],
)
def test_a_value_is_named_as_people_write_it_and_shortened(value: Any, shown: str) -> None:
    assert written(value) == shown
    assert len(shown) <= 60


@pytest.mark.parametrize(
    ("known", "tail"),
    [
        (12, "; known are " + ", ".join(f"k{n}" for n in range(12))),
        (13, ""),
    ],
)
def test_a_dozen_keys_are_told_and_no_more(known: int, tail: str) -> None:
    fields: Any = {f"k{n}": (int, 0) for n in range(known)}
    from pydantic import create_model

    model = create_model("Many", __config__=ConfigDict(extra="forbid"), **fields)
    _, found = strict_yaml.parse("zzzzzz: 1", "f", model)
    assert [str(one) for one in found] == [f"f:1:1: unknown key 'zzzzzz'{tail}"]


def test_the_nearest_word_is_named_however_it_is_written() -> None:
    assert did_you_mean("SUBJCT", ["subject", "Object"]) == "; did you mean 'subject'?"
    assert did_you_mean("objct", ["subject", "Object"]) == "; did you mean 'Object'?"
    assert did_you_mean("zone", ["subject", "Object"]) == ""


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        (" 1h30m ", timedelta(minutes=90)),
        ("2w", timedelta(days=14)),
        ("1y", timedelta(days=365)),
        ("999999s", timedelta(seconds=999_999)),
        ("3660d", timedelta(days=3660)),
    ],
)
def test_a_span_is_what_it_says(text: str, span: timedelta) -> None:
    assert durations.parse(text) == span


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3660d1s", "'3660d1s' is longer than ten years"),
        ("11y", "'11y' is longer than ten years"),
        ("1000000s", "'1000000s' is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"),
        ("4", "'4' is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"),
        ("", "'' is not a span of time; write for example 90s, 15m, 4h, 1h30m or 2d"),
    ],
)
def test_what_is_no_span_or_too_long_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"span|ten years") as refused:
        durations.parse(text)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0s"), (59, "59s"), (60, "1m"), (5400, "1h30m"), (86_400, "1d"), (-90, "-1m30s"), (0.5, "0s"), (1.5, "2s")]
)  # fmt: skip
def test_a_span_is_shown_as_short_as_it_goes(seconds: float, shown: str) -> None:
    assert durations.show(timedelta(seconds=seconds)) == shown


def test_spans_and_sizes_are_taken_as_they_are_too() -> None:
    given = Root.model_validate({"within": timedelta(minutes=90), "large": 1536})
    assert (given.within, given.large) == (timedelta(minutes=90), 1536)
    assert Root.model_validate({"within": "2h", "large": "2KB"}).model_dump()["within"] == "2h"
    assert Root.model_validate({"large": "2KB"}).large == 2048


@pytest.mark.parametrize(
    ("text", "size"),
    [("800 B", 800), ("500kb", 512_000), ("10MB", 10_485_760), ("0B", 0), ("999999B", 999_999)],
)
def test_a_size_is_what_it_says(text: str, size: int) -> None:
    assert sizes.parse(text) == size


@pytest.mark.parametrize("text", ["1000000B", "10", "10  MB", "-1B", "1.5MB", "10GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a size; write for example 500KB or 10MB"):
        sizes.parse(text)


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1536, "1.5 KB"), (1_048_575, "1024 KB"), (1_048_576, "1 MB"), (1_572_864, "1.5 MB")]
)  # fmt: skip
def test_a_size_is_shown_in_its_largest_unit(size: int, shown: str) -> None:
    assert sizes.show(size) == shown


BERLIN = ZoneInfo("Europe/Berlin")


def test_a_typed_moment_is_taken_by_the_clocks_of_its_zone() -> None:
    assert moments.in_utc(datetime(2026, 7, 1, 9, tzinfo=BERLIN)) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert moments.in_utc(datetime(2026, 10, 25, 1, 59, tzinfo=BERLIN)) == datetime(
        2026, 10, 24, 23, 59, tzinfo=UTC
    )
    assert moments.in_utc(datetime(2026, 10, 25, 3, tzinfo=BERLIN)) == datetime(2026, 10, 25, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", [datetime(2026, 10, 25, 2, tzinfo=BERLIN), datetime(2027, 3, 28, 2, 59, tzinfo=BERLIN)]
)
def test_a_moment_that_comes_twice_or_never_is_nobodys_to_guess(typed: datetime) -> None:
    with pytest.raises(moments.ClocksChanged, match=f"^{typed:%Y-%m-%d %H:%M}: the clocks are changed then$"):
        moments.in_utc(typed)


def test_a_program_is_named_by_its_whole_path() -> None:
    assert program("/usr/local/bin/new-meeting") == "/usr/local/bin/new-meeting"
    with pytest.raises(
        ValueError, match="'new-meeting' is not a whole path; write one like /usr/local/bin/new"
    ):
        program("new-meeting")
