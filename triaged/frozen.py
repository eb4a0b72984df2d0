"""`@frozen`: a class of plain fields that never changes, what `@dataclass(frozen=True, slots=True)` is. PURE.

The library compiles five methods for each class, a tenth of what every start took, and its constructors look up each
field by name. Here a class compiles its constructor alone; all else is shared, or asks one `attrgetter`. A field has a
default, a default_factory or neither: whoever needs more of it (`repr=False` for what is secret) takes the library's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, kw_only: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Any] | None = None, /, *, kw_only: bool = False) -> Any:
    """Make a class a value: frozen, slotted, equal and hashed by its fields."""
    return _made(cls, kw_only) if cls else lambda cls: _made(cls, kw_only)


def _made(cls: type[Any], kw_only: bool) -> type[Any]:
    cls.__doc__ = cls.__doc__ or cls.__name__  # the library would work out a signature
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
    known = fields(made)
    for one in known:
        if (one.init, one.repr, one.compare, one.hash, one.kw_only) != (True, True, True, None, kw_only):
            raise TypeError(f"{cls.__qualname__}.{one.name}: @frozen knows no such field; take @dataclass")
    shared = {"__init__": _constructor(made, known, kw_only), "__repr__": _repr, **_by_fields(made, known)}
    for name, method in {**shared, "__setattr__": _refuse, "__delattr__": _refuse}.items():
        if name in vars(cls):
            raise TypeError(f"{cls.__qualname__}.{name}: @frozen writes it; take @dataclass")
        setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _constructor(cls: type[Any], known: Sequence[Field[Any]], kw_only: bool) -> Any:
    """Compiled: each field is set by its slot, past `__setattr__`."""
    given, lines = ["self", *(["*"] if kw_only and known else [])], []
    names: dict[str, Any] = {"MISSING": MISSING}
    for one in known:
        name = one.name
        told = name
        names[f"_set_{name}"] = getattr(cls, name).__set__
        if one.default_factory is not MISSING:
            names[f"_make_{name}"] = one.default_factory
            given.append(f"{name}=MISSING")
            told = f"_make_{name}() if {name} is MISSING else {name}"
        elif one.default is not MISSING:
            names[f"_default_{name}"] = one.default
            given.append(f"{name}=_default_{name}")
        else:
            given.append(name)
        lines.append(f"_set_{name}(self, {told})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(given)}):\n " + "\n ".join(lines or ["pass"]), names)
    made = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _by_fields(cls: type[Any], known: Sequence[Field[Any]]) -> dict[str, Any]:
    """What compares, hashes and pickles."""
    names = [one.name for one in known]
    told: Callable[[Any], Any] = attrgetter(*names) if names else lambda one: ()
    slots = [getattr(cls, name).__set__ for name in names]

    def __eq__(self: Any, other: object) -> Any:
        return told(self) == told(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(told(self))

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: Sequence[Any]) -> None:
        for put, one in zip(slots, state, strict=True):
            put(self, one)

    return {one.__name__: one for one in (__eq__, __hash__, __getstate__, __setstate__)}


def _repr(self: Any) -> str:
    told = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self))
    return f"{self.__class__.__qualname__}({told})"


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"cannot change field {name!r}")
