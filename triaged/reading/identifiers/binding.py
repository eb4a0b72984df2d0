"""Which label a value belongs to, in whatever layout the two stand.

Contract: `bind` gives every id and SuperAdmin address of a passage with its kind; a value no label
claims is none. The ways are tried from the surest to the weakest: a bracket right behind the value,
a table's header row, the nearest label before it in the line, a list begun by a labelled value,
a label after it in the line, a label on a line above. PURE, linear in the number of marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triaged.frozen import frozen
from triaged.reading.identifiers import tables
from triaged.reading.identifiers.gaps import FARTHEST, follows, leads_to, names, says_none
from triaged.reading.identifiers.kinds import DIGITS
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.succession import succeeds

ALONE = {"org": "zoid", "user": "zuid"}  # words that name an id only right before a long number
_REACH = 12  # marks looked at on either side of a value

_EXAMPLE = re.compile(
    r"(?:\be\.? ?g\.?|\beg|\bfor (?:example|instance)|\bexamples?|\bsuch as|\blike|\bformat|\bz\. ?b\.?|\bzum beispiel|\bbeispiel|"
    r"\bbspw\.?|\bpar ex(?:emple|\.)?|\bp\. ?ex\.?|\bex\.?|\bexemple|\bp\. ?ej\.?|\bpor ejemplo|\bejemplo|"
    r"\bad es(?:empio|\.)|\bper esempio|\besempio|\bpor exemplo|\bexemplo|\bbijv\.?|\bbijvoorbeeld|\bvoorbeeld|"
    r"例えば|たとえば|記入例|入力例|例)[\s:,.\"'=「<(]{0,4}(?:[a-z]{2} )?$"
)
_EXAMPLE_AFTER = re.compile(
    r"\W{0,3}(?:for (?:example|instance)|(?:as|is) an example|example\)|\(beispiel|\(exemple|\(ejemplo|（例|など|のような)"
)
_LIST_GAP = re.compile(
    r"^(?:\s*\([^()\n]{0,60}\))?\s*(?:,|;|/|&|\+|、|・|\||\band\b|\bund\b|\bet\b|\by\b|\be\b|\bor\b|と|および|及び|,? ?and)\s*(?:\band\b\s*)?$"
)
_OPEN_LIST = re.compile(r"^\s*+(?:[-*•・]|\(?\d{1,2}[.)])?+\s*+$")
_ON_THE_PAPER = re.compile(
    r"\b(?:on|in|from|per|at|see|shown|of|auf|in|aus|sur|dans|en)(?: \w{1,12})? (?:the|that|this|your|my|our|his|an?|der|dem|die|das|la|le|el|last) $"
)
# "Organisation: Alder Ltd (600…)"
_ALONE_GAP = re.compile(r"\s?[:#=(]?\s?(?:no\.? )?|\s?:\s?[^\n:=\d()]{2,40}\(")
_SOMEBODY_ELSE = re.compile(
    r"\b(?:users?|affected|agents?|colleagues?|contact|benutzer|betroffen\w*|kollege|utilisateur|usuario|but|not|aber|mais|pero)\b|@|ユーザー|担当"
)
# "600… (not the ZOID)", "600… (ZOIDではない)", "ZOID (not ZUID): 600…"
_NOT = r"(?:not|isn't|nicht|kein\w{0,2}|pas|no es|non e|niet|geen)(?: (?:the|an?|their|your|our|its|der|die|das|le|la|el|il|de))?\W{0,3}"
_DENIED_BEFORE = re.compile(rf"\b{_NOT}$")
_SET_APART = re.compile(rf"[\s(\[,;-]{{1,3}}{_NOT}")
_DENIED_BEHIND = re.compile(r"(?:では|じゃ|で)(?:な|あり)")
NO_KIND = frozenset(
    """
    the with and his her their your our this that zoho full correct right whose has new old same
    other zoid zuid zgid
    """.split()  # noqa: SIM905
)


@frozen
class Bound:
    """A value and what it is called. `by`: "url", "template", "label", "words", "alone"."""

    kind: str
    mark: Mark
    by: str


def bind(passage: Passage, marks: list[Mark]) -> list[Bound]:
    """Every labelled value of the passage, by place."""
    return _Binder(passage, marks).bound()


def is_example(passage: Passage, mark: Mark) -> bool:
    """Stands right behind "e.g.", 例, "z. B.", or before "for example": shows what a value looks like."""
    if _EXAMPLE_AFTER.match(passage.folded[mark.end : mark.end + 30]):
        return True
    return bool(_EXAMPLE.search(passage.folded[max(0, mark.start - 28) : mark.start]))


class _Binder:
    """One walk over the marks of one passage."""

    def __init__(self, passage: Passage, marks: list[Mark]) -> None:
        self.passage = passage
        self.marks = [mark for mark in marks if mark.kind not in ("service", "blank")]
        self.found: dict[Mark, Bound] = {}
        self.place = {mark: at for at, mark in enumerate(self.marks)}
        self.used: set[Mark] = set()
        self.denied: set[Mark] = set()

    def bound(self) -> list[Bound]:
        self._examples()
        self._links()
        self._table()
        values = [(i, m) for i, m in enumerate(self.marks) if m.kind in ("number", "address")]
        for way in (self._bracket, self._before, self._after, self._above):
            for at, value in values:
                if value not in self.found and value not in self.denied:
                    way(at, value)
        return sorted(self.found.values(), key=lambda bound: bound.mark.start)

    def _examples(self) -> None:
        for mark in self.marks:
            if (mark.kind == "number" and is_example(self.passage, mark)) or (
                mark.kind == "address" and self._is_guidance(mark)
            ):
                self.denied.add(mark)

    def _is_guidance(self, mark: Mark) -> bool:
        """An example address counts as one only where a label's aside holds it."""
        before = self.passage.folded[max(0, mark.start - 200) : mark.start].rpartition("\n")[2]
        return is_example(self.passage, mark) and before.rfind("(") > before.rfind(")")

    def _links(self) -> None:
        for mark in self.marks:
            if mark.kind.startswith("url:"):
                self.found[mark] = Bound(mark.kind[4:], mark, "url")

    def _table(self) -> None:
        for label, value in tables.header_rows(self.passage, self.marks):
            kind = _kind_for(label, value)
            if kind:
                self._take(value, label, kind, "template")
            else:
                self.denied.add(value)

    def _bracket(self, at: int, value: Mark) -> None:
        """`600… (ZOID)`, `a@b (primary customer email)`; `2026… (invoice)` is none."""
        behind = self.passage.folded[value.end : value.end + 3].lstrip(" >")
        if not behind.startswith(("(", "[", "<", "-(")):
            return
        closes = self.passage.folded.find(")", value.end, value.end + 90)
        inside = [m for m in self._behind(at) if m.end <= closes]
        if any(m.kind in ("number", "address") for m in inside):
            return
        for label in inside:
            kind = _kind_for(label, value)
            if kind and label.kind not in ALONE and self._calls_so(value, label):
                self._take(value, label, kind, "label")
                return
            if label.kind == "other" and value.kind == "number":
                self.denied.add(value)
                return

    def _calls_so(self, value: Mark, label: Mark) -> bool:
        """Ids are named by any bracket that does not deny it; an address only by one that says no more than the name."""
        if value.kind == "number":
            return not self._is_denied(value, label)
        words = re.findall(r"[a-z']+", self.passage.folded[value.end : label.start])
        return len(words) <= 4 and not {"not", "no", "kein", "pas", "former", "ex", "old", "deputy"} & set(
            words
        )

    def _is_denied(self, value: Mark, label: Mark) -> bool:
        """ "600… (not the ZOID)"."""
        folded = self.passage.folded
        before = _DENIED_BEFORE.search(folded, value.end, label.start)
        return before is not None or _DENIED_BEHIND.match(folded, label.end) is not None

    def _before(self, at: int, value: Mark) -> None:
        start, _ = self.passage.line_at(value.start)
        for label in self._ahead(at):
            if label.start < start:
                return
            if self._settles(label, value):
                return

    def _above(self, at: int, value: Mark) -> None:
        for label in self._ahead(at):
            if value.start - label.end > FARTHEST or self._settles(label, value):
                return

    def _settles(self, label: Mark, value: Mark) -> bool:
        """Look at the mark before the value; True if there is no need to look farther."""
        gap = slice(label.end, value.start)
        folded = self.passage.folded[gap]
        if label.kind == value.kind:
            return self._list(label, value, folded)
        if label.kind == "other":
            return self._blocks(label, value)
        kind = _kind_for(label, value)
        if kind is None or label in self.used or self._in_aside(label, value) or self._is_set_apart(label):
            return False
        if label.kind in ALONE:
            fits = bool(_ALONE_GAP.fullmatch(folded)) and len(value.value) >= 8
        else:
            fits = (
                leads_to(folded, self.passage.text[gap])
                or self._is_beside(label, value)
                or self._fills_field(label, value, folded)
                or (value.kind == "address" and succeeds(self.passage, label, value))
            )
        if fits:
            self._take(value, label, self._paired(label, value, kind), self._by(label))
        return bool(fits) or (value.kind == "number" and label.kind in DIGITS)

    def _fills_field(self, label: Mark, value: Mark, gap: str) -> bool:
        """`ZUID: Anna Smith 600…`: more than the id in its field."""
        in_field = (
            re.match(r"\A\s*+[)\]]?(?:\([^()\n]{0,60}\))?\s*+[:=]", gap)
            and "\n" not in gap
            and len(gap) <= 70
        )
        if not in_field or says_none(gap):
            return False
        if value.kind == "address":
            return len(re.findall(r"[:=]", gap)) == 1 and not _SOMEBODY_ELSE.search(gap)
        return len(value.value) >= 8

    def _is_beside(self, label: Mark, value: Mark) -> bool:
        """ "The super admin of Alder, a@b, …", unless the label closes an earlier address: "c@d is super admin, a@b"."""
        gap = slice(label.end, value.start)
        if value.kind == "address" and self.passage.folded[gap] == ", ":
            return "(" in self.passage.folded[max(0, label.start - 12) : label.start]
        if value.kind != "address" or not names(self.passage.folded[gap], self.passage.text[gap]):
            return False
        at = self.place[label]
        earlier = self.marks[at - 1] if at else None
        if earlier is None or earlier.kind != "address":
            return True
        return not follows(self.passage.folded[earlier.end : label.start], at_line_start=False)

    def _paired(self, label: Mark, value: Mark, kind: str) -> str:
        """`ZOID / ZUID: 600… / 601…`: the first of two neighbouring labels for the first value."""
        at = self.place[label]
        earlier = self.marks[at - 1] if at else None
        if earlier is None or earlier.kind not in DIGITS or earlier.kind == kind or earlier in self.used:
            return kind
        between = self.passage.folded[earlier.end : label.start]
        if {earlier.kind, kind} == {"zoid", "zgid"} and re.fullmatch(
            r"\A\s*+(?:/|or|oder|ou|o|または)\s*+", between
        ):
            return "zoid"
        if not re.fullmatch(
            r"\A\s*+(?:/|&|,|\+|and|und|et|y|\|)\s*+", self.passage.folded[earlier.end : label.start]
        ):
            return kind
        following = [m for m in self._behind(self.place[value])[:1] if m.kind == "number"]
        if following and _LIST_GAP.search(self.passage.folded[value.end : following[0].start]):
            self._take(following[0], label, kind, "label")
            self.used.add(earlier)
            return earlier.kind
        return kind

    def _list(self, earlier: Mark, value: Mark, gap: str) -> bool:
        """`ZUIDs: 600…, 601… and 602…`, also one per line under a plural label."""
        bound = self.found.get(earlier)
        if bound is None or value.kind != "number":
            return value.kind == "number" and earlier not in self.denied
        alike = len(earlier.value) == len(value.value) and earlier.value[:3] == value.value[:3]
        named = alike and re.fullmatch(
            r"\A\s{0,30}(?:\([^()\n]{0,60}\))?+\s{0,30}(?:,|;|\t|\||and|und|&|、)\s*+(?:[a-z]++\.?+ ?+){0,3}+[\s(:=-]*+",
            gap,
        )
        lines = alike and gap.count("\n") == 1 and _OPEN_LIST.match(gap.replace("\n", ""))
        if bound.by != "url" and (_LIST_GAP.search(gap) or named or lines):
            self.found[value] = Bound(bound.kind, value, bound.by)
        return True

    def _blocks(self, label: Mark, value: Mark) -> bool:
        """Another thing's number ("invoice 2026…"), unless only the paper the id stands on is named."""
        if value.kind == "address":
            return False
        before = self.passage.folded[max(0, label.start - 40) : label.start]
        last = label.value.split()[0] if label.value else ""
        return not (_ON_THE_PAPER.search(before) or last in NO_KIND or self._in_aside(label, value))

    def _in_aside(self, label: Mark, value: Mark) -> bool:
        """The label stands in a bracket that closes before the value, with more than the label's name in it."""
        between = self.passage.folded[label.end : value.start]
        closes = between.find(")")
        if closes < 0 or "(" in between[:closes]:
            return False
        start, _ = self.passage.line_at(label.start)
        opens = self.passage.folded.rfind("(", start, label.start)
        return label.kind == "other" and opens >= 0

    def _is_set_apart(self, label: Mark) -> bool:
        """`ZOID (not ZUID): 600…`: the label before it is meant."""
        at = self.place[label]
        earlier = self.marks[at - 1] if at else None
        if earlier is None or earlier.kind not in DIGITS:
            return False
        return _SET_APART.fullmatch(self.passage.folded, earlier.end, label.start) is not None

    def _after(self, at: int, value: Mark) -> None:
        start, end = self.passage.line_at(value.start)
        for label in self._behind(at):
            if label.start > end + 40 or label.kind in ("number", "address", "other"):
                return
            kind = _kind_for(label, value)
            if kind is None or label.kind in ALONE or label in self.used:
                continue
            gap = self.passage.folded[value.end : label.start]
            opens_line = not self.passage.folded[start : value.start].strip(" \t-*•・>|([")
            if (
                follows(gap, at_line_start=opens_line)
                and self._is_free(label)
                and self._names(value, label, gap)
            ):
                self._take(value, label, kind, "label" if value.kind == "number" else "words")
            return

    def _names(self, value: Mark, label: Mark, gap: str) -> bool:
        """For an address: "a@b is the super admin", "a@b, the super admin"; not "make a@b super admin"."""
        if value.kind == "number":
            return not self._is_denied(value, label)
        before = self.passage.folded[max(0, value.start - 80) : value.start].rpartition("\n")[2]
        if re.search(
            r"\b(?:make|making|promote|promoting|turn|assign|add|set|appoint|not|instead of)\b[^.]{0,40}$",
            before,
        ):
            return False
        after = self.passage.folded[label.end : label.end + 14]
        return not re.match(
            r"(?:s?[ -]?)(?:rights?|roles?|access|permission|privilege|recht|rolle|droit|permiso|権限)", after
        )

    def _is_free(self, label: Mark) -> bool:
        """No field of its own: "a@b\nSuperAdmin: …" names another value."""
        return not self.passage.folded[label.end : label.end + 3].lstrip().startswith((":", "="))

    def _take(self, value: Mark, label: Mark, kind: str, by: str) -> None:
        self.found[value] = Bound(kind, value, by)
        self.used.add(label)

    def _by(self, label: Mark) -> str:
        if label.kind in ALONE:
            return "alone"
        start, _ = self.passage.line_at(label.start)
        head = self.passage.folded[start : label.start].strip(" \t-*•・●■□◆#>|.)(0123456789")
        if not head:
            return "template"
        return "words" if label.kind == "superadmin" else "label"

    def _ahead(self, at: int) -> Iterator[Mark]:
        return iter(self.marks[max(0, at - _REACH) : at][::-1])

    def _behind(self, at: int) -> list[Mark]:
        return self.marks[at + 1 : at + 1 + _REACH]


def _kind_for(label: Mark, value: Mark) -> str | None:
    """What the label makes of the value: ids are numbers, SuperAdmins are addresses."""
    if value.kind == "number":
        return label.kind if label.kind in DIGITS else ALONE.get(label.kind)
    return "superadmin" if label.kind == "superadmin" else None
