"""No regular expression of the package takes more time than a text's length explains (issue: 1 KB cost ten seconds).

Every compiled pattern is found: module globals, what stands in their tuples, dictionaries and objects, and the
literal patterns handed to `re` within functions. Each reads the classic worst cases, whole and in four pieces: what is linear costs the same.
RE2 is linear by itself and not asked.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from re import _parser as sre  # type: ignore[attr-defined]
from types import FrameType, ModuleType
from typing import Any

import pytest

import triaged

Key = tuple[str | bytes, int]

PARTS = 16  # tests, so that several processes share them
LENGTH = 2_000  # characters of a piece
CHEAP = 0.02  # seconds of processor for the longest text, below which nothing needs explaining
GROWTH = 2.5  # a text in one piece against the same in four: linear is 1, quadratic 4
LONGEST = 0.5  # seconds of processor after which a reading is broken off
CACHED = type(lru_cache(len))
CALLS = {"match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer", "compile"}
PIECES = (
    *(" ", "\t", "\n", " \n", "\n\n", "a", "A", "1", "é", "あ", "\xa0", "a ", "1 ", "a\n", "あ "),
    *("-", "--", ".", "a.", "@", "a@", ">", "> ", "<", "=", '"', '"a', '\\"', "'", "'a", "(", "((a", ")", "[", "_", "/", ":", ",", ", ", "|"),
    *("a, b, ", "a@b.example ", "<a@b.example>", "a=b;", "12 34 ", "http://a.b/", "A B ", "x\t", "&#1;", "%25"),
)  # fmt: skip


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(triaged.__path__, "triaged."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            yield importlib.import_module(found.name)


def held_in(value: object, where: str, depth: int = 0) -> Iterator[tuple[Key, str]]:
    """Patterns in a value, however it is wrapped."""
    if isinstance(value, re.Pattern):
        yield (value.pattern, value.flags), where
    elif depth > 5 or isinstance(value, (str, bytes, int, float, ModuleType)):
        return
    elif isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from held_in(one, where, depth + 1)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from held_in(one, where, depth + 1)
    elif isinstance(value, type) and value.__module__.startswith("triaged"):
        for one in vars(value).values():
            yield from held_in(one, where, depth + 1)
    elif type(value).__module__.startswith("triaged"):
        slots = [
            getattr(value, name, None)
            for kind in type(value).__mro__
            for name in getattr(kind, "__slots__", ())
        ]
        for one in (*slots, *getattr(value, "__dict__", {}).values()):
            yield from held_in(one, where, depth + 1)
    elif isinstance(value, CACHED) and not _wants(value):
        yield from held_in(value(), where, depth + 1)  # type: ignore[operator]


def _wants(cached: Any) -> bool:
    code = getattr(cached.__wrapped__, "__code__", None)
    return code is None or code.co_argcount > 0


def within_functions(file: Path) -> Iterator[tuple[Key, str]]:
    """Literal patterns that stand in calls: `re.sub(r"…", …)`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        home, first = node.func.value, node.args[0]
        if not (isinstance(home, ast.Name) and home.id == "re" and node.func.attr in CALLS):
            continue
        if isinstance(first, ast.Constant) and isinstance(first.value, (str, bytes)):
            named = ast.unparse(node)
            flags = re.IGNORECASE if "IGNORECASE" in named else 0
            flags |= re.MULTILINE if "MULTILINE" in named else 0
            pattern = re.compile(first.value, flags)
            yield (pattern.pattern, pattern.flags), f"{file.name}:{node.lineno}"


@lru_cache(maxsize=1)
def every() -> dict[Key, str]:
    """Each pattern of the package with where it stands."""
    found: dict[Key, str] = {}
    for module in modules():
        for name, value in vars(module).items():
            for key, where in held_in(value, f"{module.__name__}.{name}"):
                found.setdefault(key, where)
    for file in sorted(Path(triaged.__file__).parent.rglob("*.py")):
        for key, where in within_functions(file):
            found.setdefault(key, where)
    return found


def literals(pattern: re.Pattern[Any]) -> tuple[list[str], list[str]]:
    """The characters and the words a pattern is made of."""
    characters: set[str] = set()
    words: set[str] = set()

    def go(tree: Any) -> None:
        run = ""
        for kind, value in tree:
            name = str(kind)
            if name == "LITERAL":
                characters.add(chr(value))
                run += chr(value)
                continue
            words.add(run)
            run = ""
            if name == "IN":
                characters.update(chr(one) for inner, one in value if str(inner) == "LITERAL")
            elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
                go(value[2])
            elif name == "SUBPATTERN":
                go(value[3])
            elif name == "BRANCH":
                for branch in value[1]:
                    go(branch)
            elif name in {"ASSERT", "ASSERT_NOT"}:
                go(value[1])
            elif name == "ATOMIC_GROUP":
                go(value)
        words.add(run)

    go(sre.parse(pattern.pattern, pattern.flags))
    return sorted(characters), sorted(word for word in words if len(word) > 1)


def hostile(pattern: re.Pattern[Any]) -> list[str]:
    """What is repeated: the classics, each literal, each with a blank, and pairs of them."""
    characters, words = literals(pattern)
    pairs = [one + other for one in characters[:5] for other in characters[:5] if one != other]
    ended = [part + " " for part in (*characters[:8], *words[:8])]
    return list(dict.fromkeys([*PIECES, *characters[:25], *words[:12], *ended, *pairs]))


class _Late(Exception):
    pass


def cost(pattern: re.Pattern[Any], piece: str, length: int) -> float:
    """Seconds of processor to look for a pattern everywhere in a text, and to hold the text against it whole."""

    def over(number: int, frame: FrameType | None) -> None:
        raise _Late

    text: Any = (piece * (length // len(piece) + 1))[:length] + "\x01"
    if isinstance(pattern.pattern, bytes):
        text = text.encode("utf-8", "replace")
    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    begun = time.thread_time()
    try:
        for _ in pattern.finditer(text):
            pass
        pattern.fullmatch(text)
        return time.thread_time() - begun
    except _Late:
        return LONGEST
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def grows(pattern: re.Pattern[Any]) -> str:
    """The first text that costs more than its length explains; "" if none does."""
    for piece in hostile(pattern):
        if (first := cost(pattern, piece, 4 * LENGTH)) < CHEAP:
            continue
        if first >= LONGEST:
            return f"{piece!r}: over {LONGEST} s"
        short = min(sum(cost(pattern, piece, LENGTH) for _ in range(4)) for _ in range(2))
        whole = min(first, cost(pattern, piece, 4 * LENGTH))
        if whole >= CHEAP and whole > GROWTH * short:
            return f"{piece!r}: {short * 1e3:.0f} ms in four pieces, {whole * 1e3:.0f} ms in one"
    return ""


def test_the_patterns_are_found() -> None:
    assert len(every()) > 250
    assert any(":" in where for where in every().values())


@pytest.mark.parametrize("part", range(PARTS))
def test_no_pattern_takes_longer_than_its_text_explains(part: int) -> None:
    slow = {}
    for (source, flags), where in sorted(every().items(), key=lambda one: (one[1], str(one[0])))[part::PARTS]:
        told = grows(re.compile(source, flags & ~re.UNICODE if isinstance(source, bytes) else flags))
        if told:
            slow[f"{where} {str(source)[:60]}"] = told
    assert not slow


@pytest.mark.parametrize(
    "bad",
    [
        r"(?:a+)+$",
        r"\s+$",
        r"\w+@",
        r"^[\s>*_-]*(?:[\w.' -]{2,40}(?:and|\s{2,}) ?){0,2}(?:zoho )?$",
        r"(a|aa)*b",
    ],
)
def test_a_bad_pattern_would_be_told(bad: str) -> None:
    assert grows(re.compile(bad))
