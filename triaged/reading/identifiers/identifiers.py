"""Whom a mail is about: SuperAdmin address, customer addresses, ZOID, ZUID, ZGID, each with its reason.

Contract (domain page, "Mail that comes in"; design page, `identifiers`): what the mail itself gives, in
its new text (forwards included) and its subject, never in reply quotes or signatures. Ids are digits
only, behind a label or in a link. A withdrawn id is not given. The directory is not asked. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from triaged.reading.answers import answers
from triaged.reading.identifiers import marks as marking
from triaged.reading.identifiers import several, telling, withdrawn
from triaged.reading.identifiers.binding import Bound, bind, is_example
from triaged.reading.identifiers.error_text import spans
from triaged.reading.identifiers.kinds import IDENTIFIERS, LABELLED
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage, fold, normal
from triaged.reading.identifiers.people import Circle, Mention, customers, mentions
from triaged.reading.identifiers.placeholders import is_placeholder
from triaged.reading.identifiers.scope import passages
from triaged.reading.identifiers.titles import calls_himself_superadmin
from triaged.reading.mime.message import Message
from triaged.reading.new_text.separators import subject_kind
from triaged.reading.values import Find, FindKind, Identifiers, NewText, Surroundings

_PARTNERS_OWN = re.compile(
    r"\b(?:our|my) (?:own|partner|reseller|company'?s?)[ -]$|\b(?:partner|reseller|unsere eigene|notre propre|弊社の?|当社の?)[ -]*$"
)


_ID_LABEL = re.compile(r"(?:zoho )?(?:zo|zu|zg)id|org\w{0,12}[ _-]?id|組織id|user id")


def find(message: Message, parts: NewText, surroundings: Surroundings) -> Identifiers:
    """Everything the mail gives to tell whom it is about."""
    circle = Circle.of(message, surroundings)
    looked = [_Look(passage, circle) for passage in passages(message.subject, parts, message.text)]
    back = set[tuple[str, str]]().union(*(look.back for look in looked))
    if any(withdrawn.subject_withdrawn(look.passage.folded) for look in looked):
        looked = [look for look in looked if look.passage.part != "subject"]
    finds = [f for look in looked for f in look.finds() if (f.kind, f.value) not in back]
    authors = _authors(parts, circle)
    superadmins = _superadmins(finds, authors, parts)
    finds = [f for f in finds if f.kind != "superadmin_email" or f.value in superadmins]
    finds += [f for f in superadmins.values() if f not in finds]
    first = next(iter(superadmins), None)
    finds += _customers(looked, authors, superadmins, first, circle)
    found = _identifiers(finds, list(superadmins), parts, looked)
    own = looked[0] if looked and looked[0].passage.part == "new" else None
    named = any(telling.values(found, kind) for kind in IDENTIFIERS if kind.label)
    if own is None or named or not _replies(message, parts):
        return found
    return replace(found, unnamed=answers.unnamed(own.passage, own.marks, circle))


def _replies(message: Message, parts: NewText) -> bool:
    """Whether it may answer a question of ours."""
    return not parts.is_forward and bool(
        parts.asked or message.in_reply_to or message.references or subject_kind(message.subject) == "reply"
    )


class _Look:
    """One passage looked through: what is labelled, what is taken back, which addresses it mentions."""

    def __init__(self, passage: Passage, circle: Circle) -> None:
        self.passage = passage
        self.marks = marking.find(passage)
        machine = spans(passage)
        bound = [b for b in bind(passage, self.marks) if self._may_be_given(b, circle, machine)]
        corrected = withdrawn.corrected(passage, self.marks, bound)
        self.bound = corrected.stand
        self.back = {(LABELLED[kind], value) for kind, value in corrected.back}
        said = [m for m in mentions(passage, self.marks) if m.address not in corrected.wrong]
        self.mentions = [m for m in said if not _inside(m.mark, machine)]

    def _may_be_given(self, bound: Bound, circle: Circle, machine: list[tuple[int, int]]) -> bool:
        if bound.by == "alone" and _inside(bound.mark, machine):
            return False
        if bound.kind == "superadmin":
            address = bound.mark.value
            return not (circle.is_support(address) or is_placeholder(address))
        place = bound.mark.start
        head = self.passage.folded[max(0, place - 160) : place].rpartition("\n")[2]
        *_, label = (None, *_ID_LABEL.finditer(head))
        is_customers_word = self.passage.part == "forwarded"  # whose "our" is the customer's
        return (
            bound.by == "url"
            or is_customers_word
            or not (label and _PARTNERS_OWN.search(head[: label.start()]))
        )

    def finds(self) -> list[Find]:
        return [self.find(b.mark, LABELLED[b.kind], "label" if b.by == "alone" else b.by) for b in self.bound]

    def find(self, mark: Mark, kind: FindKind, by: str) -> Find:
        """The find with its line, for people to read."""
        return Find(kind, mark.value, by, self.passage.part, self.passage.context(mark.start))


def _inside(mark: Mark, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= mark.start < end for start, end in spans)


def _authors(parts: NewText, circle: Circle) -> list[str]:
    """Authors of the forwarded mails that are neither in this mail's header nor of the partner."""
    seen = dict.fromkeys(a.address.lower() for a in parts.forward_authors if "@" in a.address)
    return [address for address in seen if not circle.has(address) and not is_placeholder(address)]


def _superadmins(finds: Sequence[Find], authors: list[str], parts: NewText) -> dict[str, Find]:
    """The SuperAdmin addresses given, the first one first: what is labelled goes before what is claimed."""
    given = {f.value: f for f in reversed(finds) if f.kind == "superadmin_email"}
    given = {
        f.value: f for f in finds if f.value in given and f.kind == "superadmin_email" and given[f.value] is f
    }
    claim = calls_himself_superadmin(parts) if authors else ""
    author = _author_of(claim, authors, parts) if claim else ""
    if author and author not in given:
        given[author] = Find("superadmin_email", author, "forward-author", "forwarded", claim)
    return given


def _author_of(line: str, authors: list[str], parts: NewText) -> str:
    """Whose mail a line stands in: the author named last above it; the outermost where none is."""
    text = fold(normal(parts.new))
    above = text[: max(0, text.rfind(line))]
    return max(authors, key=lambda author: (above.rfind(author), -authors.index(author)))


def _customers(
    looked: list[_Look], authors: list[str], superadmins: dict[str, Find], first: str | None, circle: Circle
) -> list[Find]:
    """Customer addresses: forward authors, and whom the text mentions as the customer's people."""
    sure = [*superadmins, *authors]
    said = [m for look in looked for m in look.mentions if m.address != first and not _shows_how(m)]
    ours = {id(m) for m in customers(said, sure, circle)}
    own = [m for m in said if m.passage.part != "forwarded"]
    rest = [m for m in said if m.passage.part == "forwarded"]
    found: dict[str, Find] = {}
    for m in own:
        if id(m) in ours:
            found.setdefault(m.address, _mentioned(m))
    for author in authors:
        if author != first and author not in circle.header:
            found.setdefault(author, Find("customer_email", author, "forward-author", "forwarded", author))
    for m in rest:
        if id(m) in ours:
            found.setdefault(m.address, _mentioned(m))
    return list(found.values())


def _shows_how(m: Mention) -> bool:
    """An example in the aside of a template's label."""
    return is_example(m.passage, m.mark) and m.before.rfind("(") > m.before.rfind(")")


def _mentioned(m: Mention) -> Find:
    return Find("customer_email", m.address, "words", m.passage.part, m.passage.context(m.mark.start))


def _identifiers(
    finds: list[Find], superadmins: list[str], parts: NewText, looked: list[_Look]
) -> Identifiers:
    def values(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.value for f in finds if f.kind == kind))

    why = several.customers_asked_about([look.passage for look in looked], superadmins)
    given = telling.made(
        {**{kind.name: values(kind.find) for kind in IDENTIFIERS}, "superadmin_email": tuple(superadmins)}
    )
    return replace(
        given,
        found=tuple(finds),
        several_customers=bool(why),
        why_several=why,
        other_superadmin_emails=tuple(superadmins[1:]),
    )
