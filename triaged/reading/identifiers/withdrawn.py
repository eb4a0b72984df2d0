"""Ids and addresses a mail takes back: "not 123…, correct is 456…", "scratch that", ではなく.

Contract: `corrected` takes the bound values of a passage and answers those that stand, those taken
back, and values that inherit the label of one taken back. PURE.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping

from triaged.frozen import frozen
from triaged.reading.identifiers.binding import Bound
from triaged.reading.identifiers.gaps import leads_to
from triaged.reading.identifiers.kinds import DIGITS
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.succession import handovers

_NEAR = 120  # characters around a value in which it can be taken back

_NAME = r"(?:[\w'./-]{1,14}+ ?+){0,3}+"
_NEGATED = re.compile(
    r"(?:\bnot|\bisn't|\bwasn't|\binstead of|\brather than|\bno longer|\bnicht(?: mehr)?|\b(?:an)?statt|\banstelle(?: von)?|\bpas|\bau lieu d[eu]|\ben lugar de|\ben vez de|\bno es|, no)"
    r"\s+(?:my |the |der |die |das |le |la |el |l')?(?:(?:zo|zu|zg)id |org(?:ani[sz]ation)? ?id |user id |super ?admin |id )?[\"'(<\[]{0,2}$"
)
# Of "600… (wrong ZOID), 601…" the first
_CALLED_WRONG = re.compile(
    r"(?:\bwrong(?:ly)?|\bincorrect(?:ly)?|\bmistaken(?:ly)?|\bfalsche[nrms]?|\bversehentlich|\bmauvaise?|\berronee?|\bequivocad[oa]|\bincorrect[oae]|\bsbagliat[oa]|誤(?:った)?|間違(?:った|い)の?)"
    r"\W{0,4}" + _NAME + r"(?!\)[,;])(?:\([^()]{0,20}\))?\W{0,4}(?:は|の)?\W{0,3}$"
)
_TOLD_TO_IGNORE = re.compile(
    r"\b(?:ignore|disregard|forget|discard|scrap|do not use|don't use|ignorier\w*|vergessen|vergiss|verwerfen|ignorez|oubliez|ignor(?:ad|en|a)|olvid\w+|descart\w+)\b(?P<rest>[^.!?\n]*)$"
)
_PIVOT = re.compile(
    r"\b(?:use|correct|right|instead|but|richtig\w*|korrekt\w*|stattdessen|bonne?|correct[eoa]|sino|mais)\b|正し|,.{0,100}(?:\bid|oid|uid|it|admin)\b.{0,20}(?:\bis\b|\bist\b|\best\b|\bes\b|:|=)"
)
_TAKEN_BACK = re.compile(
    r"^\W{0,8}(?:sorry,? |oops,? |no wait,? |wait,? )*(?:scratch that|(?:please |pls |kindly |so )*(?:ignore|disregard|forget) (?:that|this|it)\b|(?:please )?ignore,|(?:that's|this is|belongs to|is) (?:another|a different|the other|some other) (?:client|customer|account)|(?:das ist )?ein anderer kunde|autre client|otro cliente)"
    r"|^ ?(?:(?:to )?you |yesterday |earlier |here )*(?:by (?:mistake|accident)|in error|aus versehen|irrtumlich|par erreur|por error)\b"
    r"|^[\s,(\[\"'-]{0,6}(?:(?:which|that|this|it|sorry|oops|no)[, ]+){0,2}(?:is|was|were|has been|ist|war|est|etait|es|era)? ?(?:a |an |the |my |the old |ein |une? |un |die |der |le |la |el )?(?:wrong|incorrect|typo|mistake|not correct|not right|invalid|obsolete|outdated|falsch|fehler|faux|fausse|erronee?|equivocad[oa]|incorrect[oae]|sbagliat[oa]|un error)"
    r"(?:$|[\s]*[.,;!)\]\n-]|,? (?:one|id|client|customer|number|org|account|zoid|zuid|address|sorry|and|und|et|y|it|mea|my|please))"
    r"|^[^\n]{0,40}[.!]\s{0,3}(?:sorry|oops|scratch that|ignore that|wrong (?:one|client|customer|id|number|org|account)|my mistake|no,? wait|nein,? falsch|pardon,? )"
    r"|^[^\n]{0,30}[-(,]\s*(?:scratch that|wrong (?:one|client|customer|id|number|org|account)|sorry,? wrong|my mistake|ignore (?:that|this))"
    r"|^\W{0,3}(?:様)?(?:ではなく|じゃなく|でなく|ではありません|は(?:誤り|間違|別の|古い)|が?(?:誤り|間違)|(?:を|は)?(?:取り消|取消|無視|破棄))|^\W{0,3}\(?誤"
)
_RATHER = re.compile(
    r"\b(?:sorry|i mean|i meant|correction|or rather|make that|pardon|ich meine|korrektur|je veux dire|quiero decir|perdon)\W{0,6}$"
)
_OLD = re.compile(
    r"\b(?:old|former|previous|alte[nrs]?|bisherige[nrs]?|ancien(?:ne)?|antigu[oa]|vieux|vieja)\W{1,3}"
    + _NAME
    + r"(?:\([^()]{0,20}\))?(?:is|was|:|=)?\W{0,3}$|旧[^\n]{0,24}$"
)
_NEW = re.compile(
    r"\b(?:new|neue[nrs]?|current|present|aktuelle[nrs]?|nouve(?:au|lle)|actuel(?:le)?|nuev[oa]|actual)\b|新"
)
_PAST = re.compile(
    r"(?:\b(?:was|used to be|formerly|previously|until (?:now|recently|last \w+)|so far|bisher|fruher|war(?: bisher)?|etait|auparavant|era|antes)\b|以前は|これまでは?|従来は?)\W*+(?:\w{1,40}+ )?+\W*+$"
)
_SINCE = re.compile(
    r"\b(?:now|today|since|these days|jetzt|nun|seit\w*|neu|maintenant|desormais|depuis|ahora|desde)\b|今は|現在|新し"
)
_CORRECTION = re.compile(
    r"correct|right|\bsorry\b|^[^~]{0,20}~~\s*\W{0,4}$|\bi mean|\bmake that\b|\bpardon\b|perdon|\bit's\b|\bit is\b|should|must be|mean[ts]?\b|\bbut\b|sondern|richtig|stimmt|mais|sino|\bbon(?:ne)?\b|instead|actually|\buse\b|\bnow\b|->|=>|→|正|ではなく|じゃなく|でなく|replace|new one|real one"
)
# "600… is wrong, 601… is right"
_CALLED_RIGHT = re.compile(
    r"\s?(?:(?:is|would be|ist|ware|est|es)\s(?:the |die |der |das |la |le |el )?(?:right|correct|richtig\w*|bon(?:ne)?|correct[eoa])\b|[がは]正し)"
)
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~")  # struck out on the page (page/html.py)
_SUBJECTS = ("subject", "title", "betreff", "objet", "asunto", "oggetto", "件名")
_SUBJECT_WRONG = re.compile(
    r"\b(?:subject|title|betreff\w*|objet|asunto|oggetto)\b[^.\n]{0,60}\b(?:wrong|ignore|incorrect|typo|falsch|faux|erron\w*|equivocad\w*|incorrect\w*)"
    r"|\b(?:ignore|disregard|wrong|forget|ignorier\w*)\b[^.\n]{0,50}\b(?:subject|title|betreff\w*|objet|asunto)\b|件名[^。\n]{0,30}(?:誤|間違|無視)"
)


@frozen
class Corrected:
    """What stands, and what is taken back."""

    stand: list[Bound]
    back: frozenset[tuple[str, str]]  # (kind, value)
    wrong: frozenset[str]  # values that have nothing to do with the case: "wrong client, ignore that"


def corrected(passage: Passage, marks: list[Mark], bound: list[Bound]) -> Corrected:
    """The bound values of a passage after its own corrections."""
    values = [mark for mark in marks if mark.kind in ("number", "address")]
    by_mark = {b.mark: b for b in bound}
    kinds = {b.mark.value: b.kind for b in bound if b.by != "url"}
    back: set[tuple[str, str]] = set()
    wrong: set[str] = set()
    heirs: list[Bound] = []
    struck = [m.span() for m in _STRUCK.finditer(passage.folded)]
    for at, mark in enumerate(values):
        later = values[at + 1] if at + 1 < len(values) else None
        around = _Around.of(passage, mark, values[at - 1].end if at else 0, later)
        bound_as = by_mark.get(mark)
        is_struck = bound_as is not None and any(start < mark.start < end for start, end in struck)
        kind = (
            bound_as.kind if bound_as and is_struck else _taken_back(passage, marks, around, bound_as, kinds)
        )
        if kind:
            back.add((kind, mark.value))
            wrong |= {mark.value} if not (around.negated or around.is_past or around.is_former) else set()
            heirs += _heir(passage, mark, later, kind, by_mark)
    for former, new in handovers(passage, marks):
        back.add(("superadmin", former.value))
        wrong.discard(former.value)
        if by_mark.get(new) is None:
            heirs.append(Bound("superadmin", new, "words"))
    stand = [b for b in bound if (b.kind, b.mark.value) not in back]
    ordered = sorted([*stand, *heirs], key=lambda b: b.mark.start)
    return Corrected(ordered, frozenset(back), frozenset(wrong))


def subject_withdrawn(folded: str) -> bool:
    """Whether the body takes back what the subject says."""
    looked = folded[:4_000]  # most mails name no subject and are spared the pattern
    return any(word in looked for word in _SUBJECTS) and bool(_SUBJECT_WRONG.search(looked))


@frozen
class _Around:
    """The words on both sides of a value, as far as its neighbours."""

    mark: Mark
    before: str  # of its sentence
    after: str
    later: Mark | None  # the next value of its kind, if near

    @classmethod
    def of(cls, passage: Passage, mark: Mark, earlier: int, later: Mark | None) -> _Around:
        """The surroundings of a value between two others."""
        before = passage.folded[max(earlier, mark.start - _NEAR) : mark.start]
        end = min(later.start, mark.end + _NEAR) if later else mark.end + _NEAR
        near = later if later and later.kind == mark.kind and later.start <= end else None
        return cls(mark, re.split(r"[.!?]\s|。|\n\s*\n", before)[-1], passage.folded[mark.end : end], near)

    @property
    def negated(self) -> re.Match[str] | None:
        """ "not", "instead of", "nicht" right before it."""
        return _NEGATED.search(self.before)

    @property
    def is_past(self) -> bool:
        """ "The super admin was a@b, now it is c@d." """
        return bool(self.later and _PAST.search(self.before) and _SINCE.search(self.after))

    @property
    def is_former(self) -> bool:
        """ "The former super admin a@b left, the new one is c@d." """
        return bool(_OLD.search(self.before) and self.later and _NEW.search(self.after))

    @property
    def is_called_wrong(self) -> bool:
        """Words that take it back, on either side."""
        if self.later and _RATHER.search(self.after):
            return True
        return bool(self.is_former or self.is_dismissed or _TAKEN_BACK.search(self.after))

    @property
    def is_dismissed(self) -> bool:
        """ "Please disregard 600…", "the wrong ID, 600…"."""
        ignored = _TOLD_TO_IGNORE.search(self.before)
        told = ignored and not _PIVOT.search(ignored.group("rest"))
        return bool(told or _CALLED_WRONG.search(self.before))


def _taken_back(
    passage: Passage, marks: list[Mark], around: _Around, bound: Bound | None, kinds: Mapping[str, str]
) -> str | None:
    """The kind under which the value was given and taken back; None if it stands or was never given.

    `kinds`: what every value is called elsewhere, for one repeated without its label: "ignore 600…".
    """
    negated = around.negated
    replaced = around.later is not None and around.is_called_wrong  # an error may call an id invalid
    if bound is not None:
        wrong = replaced or around.is_dismissed or (bound.by != "alone" and around.is_called_wrong)
        return bound.kind if bound.by != "url" and (negated or around.is_past or wrong) else None
    if not (negated or replaced or around.is_dismissed):
        return None
    if known := kinds.get(around.mark.value):
        return known
    return negated and _kind_before(
        passage, marks, around.mark, around.mark.start - len(around.before) + negated.start()
    )


def _kind_before(passage: Passage, marks: list[Mark], mark: Mark, until: int) -> str | None:
    """What a negated value would have been: "the ZOID is not 123…"."""
    fits = ("superadmin",) if mark.kind == "address" else DIGITS
    last = bisect_right(marks, until, key=lambda m: m.start)
    for label in reversed(marks[max(0, last - 6) : last]):
        if label.kind in ("number", "address", "other"):
            return None
        if label.kind in fits and label.end <= until:
            gap = slice(label.end, until)
            return label.kind if leads_to(passage.folded[gap] + " is ", passage.text[gap] + " is ") else None
    return None


def _heir(
    passage: Passage, mark: Mark, later: Mark | None, kind: str, by_mark: dict[Mark, Bound]
) -> list[Bound]:
    """The value that takes the place of one taken back, if the words between say so."""
    if later is None or later in by_mark or later.kind != mark.kind or later.start - mark.end > _NEAR:
        return []
    between = passage.folded[mark.end : later.start]
    said = _CORRECTION.search(between) or _SINCE.search(between) or _NEW.search(between)
    is_right = said or _CALLED_RIGHT.match(passage.folded, later.end)
    return [Bound(kind, later, "label")] if is_right else []
