"""A frozen class is what the library's `@dataclass(frozen=True, slots=True)` makes of the same fields."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace

import pytest

from triaged.frozen import frozen


@frozen
class Place:
    """A place."""

    name: str
    number: int = 1
    tags: list[str] = field(default_factory=list)


@frozen
class Room(Place):
    """A place with a door."""

    door: str | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """The same by the library."""

    name: str
    number: int = 1
    tags: list[str] = field(default_factory=list)


@frozen(kw_only=True)
class Named:
    """Its fields are named, and one is worked out of another."""

    first: int = 0
    second: int

    def __post_init__(self) -> None:
        if self.second < self.first:
            raise ValueError


@frozen
class Nothing:
    """No field at all."""


@pytest.mark.parametrize("given", [("a",), ("a", 2), ("a", 2, ["x"])])
def test_it_is_what_the_library_makes(given: tuple[str, int, list[str]]) -> None:
    ours, twin = Place(*given), Twin(*given)
    assert asdict(ours) == asdict(twin)  # type: ignore[call-overload]
    assert repr(ours) == repr(twin).replace("Twin", "Place")
    assert Place.__match_args__ == Twin.__match_args__ and Place.__slots__ == Twin.__slots__
    assert (ours == Place(*given), ours == twin, ours == Room(*given)) == (True, False, False)
    assert replace(ours, number=9) == Place(given[0], 9, list(ours.tags))


def test_nothing_changes_and_no_field_comes_to_it() -> None:
    place = Place("a")
    for name in ("name", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(place, name, "b")
        with pytest.raises(FrozenInstanceError):
            delattr(place, name)
    assert not hasattr(place, "__dict__") and place.name == "a"


def test_each_has_a_list_of_its_own() -> None:
    one, other = Place("a"), Place("a")
    one.tags.append("x")
    assert other.tags == []


def test_equal_ones_hash_alike() -> None:
    assert len({Named(first=1, second=2), Named(first=1, second=2), Named(first=1, second=3)}) == 2
    assert {Nothing(), Nothing()} == {Nothing()}
    with pytest.raises(TypeError):
        hash(Place("a"))


@pytest.mark.parametrize("one", [Place("a", 2, ["x"]), Room("a", door="b"), Named(second=3), Nothing()])
def test_it_is_the_same_pickled_and_copied(one: object) -> None:
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.deepcopy(one) == one == copy.copy(one)


def test_what_is_missing_strange_or_unnamed_is_refused() -> None:
    for given, named in (((), {}), (("a",), {"nubmer": 2}), (("a", 1, [], None, 2), {})):
        with pytest.raises(TypeError, match="__init__"):
            Room(*given, **named)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Named(1, 2)  # type: ignore[call-arg, misc]
    with pytest.raises(ValueError):
        Named(first=2, second=1)


def test_who_inherits_has_the_fields_of_both() -> None:
    assert [one.name for one in fields(Room)] == ["name", "number", "tags", "door"]
    assert Room("a", 2, [], "b") == Room("a", door="b", number=2)


def test_what_it_does_not_know_is_said_at_once() -> None:
    with pytest.raises(TypeError, match=r"Secret\.key: @frozen knows no such field; take @dataclass"):

        @frozen
        class Secret:
            key: str = field(repr=False)

    with pytest.raises(TypeError, match=r"Own\.__eq__: @frozen writes it; take @dataclass"):

        @frozen
        class Own:
            key: str

            def __eq__(self, other: object) -> bool:
                return True
