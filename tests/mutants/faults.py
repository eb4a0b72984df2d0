"""The faults that are made: found in the syntax tree, written into the text, so that all else stays as it is."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FLIPPED: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}


@dataclass(frozen=True)
class Fault:
    """One change of one file: the text between two byte offsets becomes `new`."""

    file: str
    line: int
    begin: int
    end: int
    new: str
    what: str

    @property
    def room(self) -> str:
        """The folder it lies in, or `top`."""
        return room_of(self.file)

    def made_in(self, source: bytes) -> bytes:
        """The file's text with the fault."""
        return source[: self.begin] + self.new.encode() + source[self.end :]


def room_of(file: str) -> str:
    """The folder a file lies in, or `top`."""
    parts = Path(file).parts
    return parts[1] if len(parts) > 2 else "top"


def chosen(root: Path, seed: int, count: int, rooms: frozenset[str] = frozenset()) -> list[Fault]:
    """`count` faults among all that can be made below `root`/triaged, each place as likely as any other."""
    places = [
        fault
        for path in sorted((root / "triaged").rglob("*.py"))
        if not rooms or room_of(str(path.relative_to(root))) in rooms
        for fault in faults_of(path.read_bytes(), str(path.relative_to(root)))
    ]
    return random.Random(seed).sample(places, min(count, len(places)))


def faults_of(source: bytes, file: str) -> list[Fault]:
    """Every fault that can be made in a file, in order."""
    return list(_Search(source, file).of(ast.parse(source)))


class _Search:
    def __init__(self, source: bytes, file: str) -> None:
        self.source, self.file = source, file
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def of(self, node: ast.AST) -> Iterator[Fault]:
        """Faults of a node and of what lies in it: not of annotations, types only, words and decorators."""
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        yield from self._here(node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                    yield from self.of(child)

    def _here(self, node: ast.AST) -> Iterator[Fault]:
        if isinstance(node, ast.Compare):
            yield from self._flipped(node)
        elif isinstance(node, ast.BoolOp):
            yield self._swapped(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield self._fault(node, f"({ast.unparse(node.operand)})", "negation dropped")
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            yield from self._signed(node)
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield from self._forced(node)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield from self._returned(node)
        elif isinstance(node, ast.stmt):
            yield from self._removed(node)

    def _flipped(self, node: ast.Compare) -> Iterator[Fault]:
        left, sides = ast.unparse(node.left), [ast.unparse(one) for one in node.comparators]
        for index, operator in enumerate(node.ops):
            for other in _FLIPPED[type(operator)]:
                signs = [_sign(one) for one in node.ops]
                signs[index] = other
                text = " ".join([left, *(f"{sign} {side}" for sign, side in zip(signs, sides, strict=True))])
                yield self._fault(node, f"({text})", "comparison flipped")

    def _swapped(self, node: ast.BoolOp) -> Fault:
        word = " or " if isinstance(node.op, ast.And) else " and "
        return self._fault(
            node, f"({word.join(f'({ast.unparse(v)})' for v in node.values)})", "and/or swapped"
        )

    def _constant(self, node: ast.Constant) -> Iterator[Fault]:
        if isinstance(node.value, bool):
            yield self._fault(node, str(not node.value), "boolean negated")
        elif isinstance(node.value, int | float):
            yield self._fault(node, repr(node.value + 1), "constant off by one")

    def _signed(self, node: ast.BinOp) -> Iterator[Fault]:
        if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in ast.walk(node)):
            return  # words joined: any test that runs it fails
        sign = "-" if isinstance(node.op, ast.Add) else "+"
        yield self._fault(node, f"({ast.unparse(node.left)} {sign} {ast.unparse(node.right)})", "sign turned")

    def _forced(self, node: ast.If | ast.IfExp | ast.While) -> Iterator[Fault]:
        if isinstance(node.test, ast.Constant):
            return
        yield self._fault(node.test, "False", "condition forced")
        if not isinstance(node, ast.While):
            yield self._fault(node.test, "True", "condition forced")

    def _returned(self, node: ast.Return) -> Iterator[Fault]:
        empty = {ast.List: "[]", ast.ListComp: "[]", ast.Tuple: "()", ast.Dict: "{}", ast.DictComp: "{}"}
        assert node.value is not None
        new = empty.get(type(node.value), "None")
        if ast.unparse(node.value) != new:
            yield self._fault(node, f"return {new}", "nothing returned")

    def _removed(self, node: ast.stmt) -> Iterator[Fault]:
        if isinstance(node, ast.Expr):
            if isinstance(node.value, ast.Call | ast.Await):
                yield self._fault(node, "pass", "call removed")
        elif isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break | ast.Delete) or (
            isinstance(node, ast.Assign)
            and not any(isinstance(t, ast.Name | ast.Tuple) for t in node.targets)
        ):
            yield self._fault(node, "pass", "statement removed")

    def _fault(self, node: ast.expr | ast.stmt, new: str, what: str) -> Fault:
        assert node.end_lineno is not None and node.end_col_offset is not None
        begin = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        return Fault(self.file, node.lineno, begin, end, new, what)


def _sign(operator: ast.cmpop) -> str:
    """`<` for ast.Lt and so on."""
    bare = ast.Compare(ast.Name("a", ast.Load()), [operator], [ast.Name("b", ast.Load())])
    return ast.unparse(bare)[2:-2]
