"""A sandbox in which a template can neither take long nor make much: a lead may write one, and daemons run it. PURE.

Jinja's own sandbox keeps a template from Python's inside, not from `{{ "x" * 10 ** 10 }}` nor from loops in loops. Here
whatever a template runs through or makes is counted before it is made, and a rendering has so much in all.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

LONGEST = 200_000  # characters or items of one value
WORK = 3_000_000  # characters and items that one rendering runs through and makes; a letter of ours takes some thousands
ALL_WORK = 20_000_000  # of all templates of a rulebook, tried; ours take 0.5 million
_CALL, _ROUND = 100, 30  # what a call, and a round of a loop, count on top
_BITS = 4096  # of a whole number
_PRODUCT = 20_000_000
_SIZED = (str, bytes, list, tuple, dict, set, frozenset, range)
_WIDTH = re.compile(r"[0-9]{5}")
_STRUNG = frozenset(("join", "sum"))
_WRITTEN = frozenset(("format", "format_map", "%"))
# What these make grows as their text times a number or a text they are given.
_GROWING = _WRITTEN | {
    "batch", "center", "expandtabs", "indent", "ljust", "replace", "rjust", "slice", "tojson", "translate",
    "wordwrap", "xmlattr", "zfill",
}  # fmt: skip
_left: ContextVar[list[int] | None] = ContextVar("work left to a rendering", default=None)


@contextmanager
def at_most(work: int) -> Iterator[None]:
    """What is rendered inside has so much in all, and never more than is left to what it is part of."""
    around = _left.get()
    given = work if around is None else min(work, around[0])
    inside = [given]
    before = _left.set(inside)
    try:
        yield
    finally:
        _left.reset(before)
        if around is not None:
            around[0] -= given - inside[0]


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, bounded. What goes beyond raises SecurityError."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, finalize=_counted)
        self.globals.pop("lipsum", None)
        self.filters = {name: _bounded(name, one) for name, one in self.filters.items()}
        self.filters |= {"_rounds": _rounds, "_run_through": _run_through, "_made": _made}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        _Counting().visit(tree)
        return tree.set_environment(self)  # type: ignore[return-value]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Counted before it is made."""
        if isinstance(left, int) and isinstance(right, int):
            grown = {"*": left.bit_length() + right.bit_length(), "**": left.bit_length() * abs(right)}
            if grown.get(operator, 0) > _BITS:
                raise SecurityError("a number is too large")
        elif operator == "%":
            _grown("%", left, right if isinstance(right, tuple) else (right,))
        elif operator == "*":
            times = next((one for one in (left, right) if isinstance(one, int)), 1)
            _charge(max(_size(left), _size(right)) * max(times, 1))
        elif operator == "+":
            _charge(_size(left) + _size(right))
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *given: Any, **named: Any) -> Any:
        """Counted: what goes in before, what comes out after."""
        method = getattr(obj, "__wrapped__", obj)  # the sandbox gives `str.format` in a wrapping of its own
        _grown(getattr(method, "__name__", ""), getattr(method, "__self__", None), (*given, *named.values()))
        _charge(_CALL)
        for one in (*given, *named.values()):
            _charge(_size(one))
        return _counted(super().call(context, obj, *given, **named))


class _Counting(NodeTransformer):
    """Loops, `in`, `~` and slices, of which the sandbox hears nothing, say what they run through or make."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "_rounds")
        return node

    def visit_Operand(self, node: nodes.Operand) -> nodes.Operand:
        self.generic_visit(node)
        if node.op in ("in", "notin"):
            node.expr = _filtered(node.expr, "_run_through")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Concat:
        self.generic_visit(node)
        node.nodes = [_filtered(one, "_made") for one in node.nodes]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Expr:
        self.generic_visit(node)
        return _filtered(node, "_made") if isinstance(node.arg, nodes.Slice) else node


def _filtered(node: Any, name: str) -> nodes.Expr:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


@pass_context  # so that it is not reckoned once for all while the template is compiled
def _rounds(_context: Context, value: Any) -> Any:
    """Of a loop: counted now, or as they come."""
    if isinstance(value, Iterator):
        return _each(value, _ROUND)
    _charge(_size(value))
    _charge(_size(value) * _ROUND, LONGEST * _ROUND)
    return value


@pass_context
def _run_through(_context: Context, value: Any) -> Any:
    return _each(value, 1) if isinstance(value, Iterator) else _counted(value)


@pass_context
def _made(_context: Context, value: Any) -> Any:
    return _counted(value)


def _each(values: Iterable[Any], count: int) -> Iterator[Any]:
    for value in values:
        _charge(count)
        yield value


def _bounded(name: str, make: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that counts."""
    at = int(hasattr(make, "jinja_pass_arg"))  # the context comes first

    @functools.wraps(make)
    def counting(*given: Any, **named: Any) -> Any:
        before, value, more = given[:at], given[at], given[at + 1 :]
        if name in _STRUNG and isinstance(value, Iterator):
            value = list(_each(value, 1))
        _charge(_CALL)
        _charge(_size(value))
        _grown(name, value, (*more, *named.values()))
        return _counted(make(*before, value, *more, **named))

    return counting


def _grown(name: str, value: Any, given: tuple[Any, ...]) -> None:
    """Refuse what would make too much, before it is made."""
    if name in _STRUNG:
        strung, between = (given[0], value) if isinstance(value, str) and given else (value, (*given, "")[0])
        if isinstance(strung, _SIZED) and not isinstance(strung, (str, bytes)):
            _charge(sum(_size(one) + _size(between) for one in strung))
        return
    if name not in _GROWING:
        return
    if name in _WRITTEN and isinstance(value, str) and _WIDTH.search(value):
        raise SecurityError("a width is too large")
    if (_size(value) + 1) * max(map(_factor, given), default=0) > _PRODUCT:
        raise SecurityError(f"'{name}' makes too much")


def _factor(given: Any) -> int:
    if isinstance(given, Mapping):
        return max(map(_size, given.values()), default=0)
    return abs(given) if isinstance(given, int) else _size(given)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, _SIZED) else 1


def _counted(value: Any) -> Any:
    _charge(_size(value))
    return value


def _charge(size: int, most: int = LONGEST) -> None:
    left = _left.get()
    if left is not None:
        left[0] -= size
    if size > most or (left is not None and left[0] < 0):
        raise SecurityError("a template makes too much, or runs too long")
