"""Values as sentences show them: short, and of many a few."""

from __future__ import annotations

from typing import Any

import pytest

from triaged.rulebook.telling import several, shown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "absent"), (True, "true"), (False, "false"), ("S1", "S1"), ("S5", "'S5'"), ("a\n b", "'a b'"), ("", "''"),
        ("x" * 60, f"'{'x' * 60}'"), ("x" * 61, f"'{'x' * 57}…'"), ([], "empty"), (("a", "b", "c"), "'a', 'b', 'c'"),
        (["a", "b", "c", "d", "e"], "'a', 'b', 'c' and 2 more"), (1.5, "1.5"), (2.0, "2"), (3, "3"),
    ],
)  # fmt: skip
def test_a_value_is_told_in_few_words(value: Any, told: str) -> None:
    assert shown(value) == told


def test_several_are_linked_as_asked() -> None:
    assert several(("a", "b"), " or ") == "'a' or 'b'"
