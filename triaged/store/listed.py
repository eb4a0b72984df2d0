"""Many numbers as one parameter of a statement: thousands of parameters take longer to spell than what they find."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[Any]):
    """Whether the first is one of the numbers of a JSON list, the second."""

    inherit_cache = True
    name = "among"


@compiles(_Among, "sqlite")
def _by_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    column, given = (compiler.process(one, **more) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({given}))"


@compiles(_Among, "postgresql")
def _by_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    """An array, for which the planner takes the column's index; of a subquery's rows it might make a join with all."""
    column, given = (compiler.process(one, **more) for one in element.clauses)
    numbers = f"SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST({given} AS json))"
    return f"{column} = ANY (ARRAY({numbers}))"


def among(column: Any, numbers: Iterable[int], name: str = "among") -> ColumnElement[Any]:
    """Whether a column is one of these numbers. `name`: of the place of the statement that they fill."""
    return _Among(column, bindparam(name, spelt(numbers), Text(), unique=name == "among"))


def spelt(numbers: Iterable[int]) -> str:
    """The numbers as that place takes them."""
    return json.dumps(list(numbers))
