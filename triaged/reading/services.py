"""The service the trouble is about: not one merely mentioned, used beside, or denied.

Contract: `which` knows the services by the rulebook alone (name, aliases; the name without "Zoho" too)
and answers with a full name and why, or None. A filled-in "Service name" field decides; else the
mention with the best case: "in Zoho Desk …" before "we use CRM", subject and contrast ("but only in
Books") count, "CRM works fine" and "not a CRM issue" speak against; a link's host is the last resort.
Plain words (mail, people, books) count only written or placed like a name. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from triaged.reading import service_words as words
from triaged.reading.automata import compiled
from triaged.reading.labels import SERVICE
from triaged.reading.passages import Passage, fold, normal
from triaged.reading.scope import passages
from triaged.reading.values import NewText, Service

MOST = 300  # mentions weighed in one mail
_FIELD = 90  # characters of a field's value

_SERVICE_LABEL = compiled("|".join(SERVICE))
_LINK = re2.compile(
    r"(?i)(?:https?://)?([a-z0-9-]+)\.zoho[a-z0-9-]*\.[a-z.]+[!#-;=?-~]*|https?://[!#-;=?-~]+|[^\s@<>]+@[a-z0-9.-]+"
)
_GAP = r"[\s_.-]*"


@dataclass(frozen=True, slots=True)
class ServiceFind:
    """The service a mail is about, full name as in the subscriptions, and why."""

    name: str | None
    why: str


@dataclass(frozen=True, slots=True)
class _Mention:
    """A service named at a place of a passage; `full` with "Zoho" or a name nothing else has."""

    name: str
    passage: Passage
    start: int
    end: int
    full: bool

    @property
    def before(self) -> str:
        """The words of its sentence before it."""
        return re.split(
            r"[.!?;]\s|。|\n\s*\n|\n[ \t]*[-*•・]", self.passage.folded[max(0, self.start - 80) : self.start]
        )[-1].replace("\n", " ")

    @property
    def after(self) -> str:
        """The words of its sentence behind it."""
        return re.split(r"[.!?;](?:\s|$)|。|\n\s*\n", self.passage.folded[self.end : self.end + 80])[
            0
        ].replace("\n", " ")


def which(subject: str, parts: NewText, services: Sequence[Service]) -> ServiceFind:
    """The service the mail is about."""
    names = _names(tuple(services))
    looked = passages(subject, parts)
    mentions = [m for passage in looked for m in names.mentions(passage)][:MOST]
    field = _field(looked, names)
    if field:
        return (
            _best(field, mentions)
            if len({m.name for m in field}) > 1
            else ServiceFind(field[0].name, f"field “{_line(field[0])}”")
        )
    if mentions:
        return _best(mentions, mentions)
    return _by_link(looked, names)


# --- names ---------------------------------------------------------------------------------------


class _Names:
    """How the services of a rulebook are written, as one pattern."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.full: dict[str, str] = {}
        self.short: dict[str, str] = {}
        for service in services:
            for alias in (service.name, *service.aliases):
                self._learn(fold(normal(alias)), service.name)
        self._pattern = self._compile()

    def _learn(self, alias: str, name: str) -> None:
        bare = re.sub(r"^(?:zoho|ゾーホー)[\s-]*", "", alias)
        if bare in words.PLAIN_WORDS:
            self.short.setdefault(_key(bare), name)
        else:
            self.full.setdefault(_key(bare), name)
        if bare != alias:
            self.full.setdefault(_key("zoho" + bare), name)
            self.full.setdefault(_key("ゾーホー" + bare), name)

    def _compile(self) -> Any:
        known = sorted({*self.full, *self.short}, key=len, reverse=True)
        spelt = "|".join(_spelt(key) for key in known) or "\x02"
        return compiled(spelt)

    def name(self, written: str) -> tuple[str, bool] | None:
        """(full name, whether the writing is a name by itself) of a written form."""
        key = _key(written)
        if key in self.full:
            return self.full[key], True
        return (self.short[key], False) if key in self.short else None

    def mentions(self, passage: Passage, *, any_case: bool = False) -> Iterator[_Mention]:
        """Services named in a passage, links and addresses apart."""
        text = _without_links(passage.folded)
        for found in self._pattern.finditer(text):
            start, end = found.span()
            known = self.name(found.group())
            if known is None or _inside_word(text, start, end):
                continue
            name, full = known
            mention = _Mention(self._plus(passage, start, end, name), passage, start, end, full)
            if full or any_case or _is_meant(mention):
                yield mention

    def _plus(self, passage: Passage, start: int, end: int, name: str) -> str:
        """ "Zoho CRM plus Zoho Desk" names no "CRM Plus"."""
        written = passage.text[start:end]
        if not name.endswith(" Plus") or not written.endswith("plus") or written.islower():
            return name
        return self.full.get(_key(fold(written[:-4])), name)

    def of_host(self, host: str) -> str | None:
        """The service at crm.zoho.…, desk.zoho.…."""
        known = self.name(host)
        return known[0] if known else None


@lru_cache(maxsize=8)
def _names(services: tuple[Service, ...]) -> _Names:
    return _Names(services)


def _key(written: str) -> str:
    return re.sub(r"[\s_.-]+", "", written)


def _spelt(key: str) -> str:
    """A pattern for the key with optional gaps where "Zoho" ends; other gaps between any two letters would
    find names across words, so the known multi-word ones keep theirs through `_key` on both sides."""
    lead = next((z for z in ("zoho", "ゾーホー") if key.startswith(z) and key != z), "")
    rest = re.escape(key[len(lead) :]).replace("\\-", "-")
    split = _SPLIT.get(key[len(lead) :])
    if split:
        rest = _GAP.join(re.escape(piece) for piece in split)
    return (f"{lead}{_GAP}(?:の )?" if lead else "") + rest


_SPLIT = {
    joined: tuple(pieces)
    for joined, pieces in (
        (p.replace(" ", ""), p.split())
        for p in """marketing automation|marketing hub|page sense|data prep|work drive|sales iq|team inbox|writer add ons|writer add on|writer addons|writer addon|
        writer automation|writer merge|writer merge credits|writer fillable credits|writer credits|merge credits|mail merge credits|fillable credits|writer sign credits|
        crm plus|people plus|marketing plus|finance plus|service plus|it management plus|finance suite|landing page|community spaces|bug tracker|contact manager|
        sales inbox|route iq|zepto mail|trans mail|office integrator|pdf editor|embedded bi|trainer central|crm for everyone|field service management|customer relationship management|
        to do|bigin by zoho crm|bigin by zoho|service desk|c r m|writer アドオン|e mail""".replace(
            "\n", ""
        ).split("|")
        for p in [" ".join(p.split())]
    )
}


def _without_links(folded: str) -> str:
    pieces, done = [], 0
    for found in _LINK.finditer(folded):
        pieces += [folded[done : found.start()], "\x01" * (found.end() - found.start())]
        done = found.end()
    return "".join([*pieces, folded[done:]])


def _inside_word(text: str, start: int, end: int) -> bool:
    def latin(char: str) -> bool:
        return char.isascii() and char.isalnum()

    before, after = text[start - 1 : start], text[end : end + 1]
    return (bool(before) and latin(before) and latin(text[start])) or (
        bool(after) and latin(after) and latin(text[end - 1])
    )


def _is_meant(mention: _Mention) -> bool:
    """Whether a plain word (Books, Mail) is meant as a service: a capital in mid-sentence, or its place."""
    text, start, end = mention.passage.text, mention.start, mention.end
    written, line = text[start:end], text[text.rfind("\n", 0, start) + 1 : start]
    if _is_alone(mention):
        return True
    if not written[0].isupper() or (written.isupper() and line.isupper() and len(line) > 3):
        return (
            bool(re.match(r" (?:app|module|portal|license|licence|subscription)\b", mention.after))
            and written.lower() not in words.EVERYDAY
        )
    around = text[start - 1 : start] + text[end : end + 1]
    if any(ord(char) > 0x3000 for char in around):
        return written.lower() not in words.EVERYDAY or "メール" not in mention.after[:4]
    if written.lower() in words.EVERYDAY:
        return False
    follower = re.match(r" ([A-Z]\w+)", text[end : end + 20])
    placed = bool(
        words.TROUBLE_BEFORE.search(mention.before)
        or re.search(r"(?:use[sd]?|using|zoho'?s?|\bund|\band|,|mit|von|aus) $", mention.before)
    )
    if text[end : end + 1] == "-" and text[end + 1 : end + 2].isalpha():
        return True
    if not line.strip(" \t>*-•") or re.search(r"[.!?:]\s*$", line):
        return bool(words.TROUBLE_AFTER.match(mention.after)) and not follower
    return placed or (not follower and not re.search(r"\b[A-Z]\w+ $", line))


def _is_alone(mention: _Mention) -> bool:
    """A piece of a subject by itself: "Thornbury, Desk, merge", "Sign - envelope stuck"."""
    if mention.passage.part != "subject":
        return False
    before, after = mention.passage.text[: mention.start], mention.passage.text[mention.end :]
    opened = not before.strip() or bool(
        re.search(r"(?:[-,:/|\]】(>]|\b(?:re|fwd?|aw|wg|tr)[:：])\s*$", before, re.IGNORECASE)
    )
    closed = not after.strip() or bool(re.match(r"\s*(?:[-,:/|\[)<]|: )", after))
    return opened and closed and mention.passage.text[mention.start].isupper()


# --- a field of the template ---------------------------------------------------------------------


def _field(looked: Sequence[Passage], names: _Names) -> list[_Mention]:
    """Services in the first filled-in service field, wherever the label stands."""
    for passage in looked:
        for found in _SERVICE_LABEL.finditer(passage.folded):
            mentions = _value(passage, found.start(), found.end(), names)
            if mentions:
                return mentions
    return []


def _value(passage: Passage, start: int, end: int, names: _Names) -> list[_Mention]:
    folded = passage.folded
    if words.FIELD_BEFORE.search(folded[max(0, start - 30) : start]):
        separator = words.FIELD_SEPARATOR.match(folded, end, min(len(folded), end + 320))
        if separator:
            return _value_behind(passage, separator.end(), names) or _value_under(passage, start, names)
    return _value_before(passage, start, end, names)


def _value_behind(passage: Passage, place: int, names: _Names) -> list[_Mention]:
    rest = passage.folded[place : place + 300]
    if not rest[:1].strip():
        rest_of = re.match(r"\s*(?:\([^()]{0,200}\)\s*)?", rest)
        blanks = rest_of.group() if rest_of else ""
        if blanks.count("\n") > 4:
            return []
        place += len(blanks)
    ends = re.search(r"\n|\t| / |;| \| |\. ", passage.folded[place : place + _FIELD])
    stop = place + (ends.start() if ends else min(_FIELD, len(passage.folded) - place))
    if re.match(r"[\s>*-]*(?:n/?a|none|unknown|不明|-)\s*$", passage.folded[place:stop]):
        return []
    return [m for m in _inside(passage, names) if place <= m.start < stop and m.start - place <= 30]


def _value_under(passage: Passage, start: int, names: _Names) -> list[_Mention]:
    """The cell under a header row's "Service"."""
    line_start = passage.folded.rfind("\n", 0, start) + 1
    line_end = passage.folded.find("\n", start)
    if line_end < 0:
        return []
    for parter in ("\t", "|", "  ", ";"):
        header = list(passage.folded[line_start:line_end].split(parter))
        column = passage.folded[line_start:start].count(parter)
        next_end = passage.folded.find("\n", line_end + 1)
        row = passage.folded[line_end + 1 : next_end if next_end >= 0 else len(passage.folded)]
        cells = row.split(parter)
        if len(header) >= 2 and len(header) == len(cells) and column < len(cells):
            begin = line_end + 1 + sum(len(c) + len(parter) for c in cells[:column])
            return [m for m in _inside(passage, names) if begin <= m.start < begin + len(cells[column])]
    return []


def _value_before(passage: Passage, start: int, end: int, names: _Names) -> list[_Mention]:
    """ "Zoho Desk  (service)", "Zoho Desk - service"."""
    line_start = passage.folded.rfind("\n", 0, start) + 1
    line_end = passage.folded.find("\n", end)
    tail = passage.folded[end : line_end if line_end >= 0 else len(passage.folded)].strip(" )]*")
    head = passage.folded[line_start:start]
    if tail or not re.search(r"(?:[(\[]|\s[-=:]+>?)\s*$", head) or len(head) > 60:
        return []
    return [m for m in _inside(passage, names) if line_start <= m.start < start]


def _inside(passage: Passage, names: _Names) -> list[_Mention]:
    return list(names.mentions(passage, any_case=True))[:MOST]


# --- weighing -------------------------------------------------------------------------------------


def _best(candidates: list[_Mention], mentions: list[_Mention]) -> ServiceFind:
    """The service with the best case; ties go to the one named first."""
    denied = _denied(mentions)
    scores: dict[str, float] = {}
    because: dict[str, str] = {}
    for at, mention in enumerate(candidates):
        if id(mention) in denied:
            continue
        score, why = _weigh(mention)
        if any(d.name == mention.name for d in mentions if id(d) in denied):
            score *= 0.2
        known = scores.get(mention.name)
        if known is None:
            scores[mention.name], because[mention.name] = score - at * 0.01, why
        else:
            scores[mention.name] = max(known, score) + 0.3
            because[mention.name] = why if score > known else because[mention.name]
    if not scores:
        return ServiceFind(
            None, "services named only to say they are not the trouble" if mentions else "no service named"
        )
    best = max(scores, key=lambda name: scores[name])
    return ServiceFind(best, because[best])


def _weigh(mention: _Mention) -> tuple[float, str]:
    """How strongly a mention speaks for its service, and the line it stands in."""
    before, after = mention.before, mention.after
    score, why = (3.0, "named") if mention.full else (2.2, "named")
    if words.MENTIONED_BEFORE.search(before) or words.MENTIONED_AFTER.match(after):
        score, why = score * 0.35, "mentioned"
    elif words.TROUBLE_BEFORE.search(before) or words.TROUBLE_AFTER.match(after):
        score, why = score + 2.0, "the trouble is there"
    if words.CONTRAST.search(before):
        score, why = score + 1.5, "set against others"
    if mention.passage.part == "subject":
        score += 1.5
    if mention.name.endswith((" Plus", " One", " Workplace")):
        score *= 0.7
    return score, f"{why}: “{_line(mention)}”"


def _denied(mentions: list[_Mention]) -> set[int]:
    """Mentions that say "not this one", alone or in a row ("not CRM or Books")."""
    found: set[int] = set()
    for earlier, mention in zip([None, *mentions], mentions, strict=False):
        if _is_denied(mention) or (earlier and id(earlier) in found and _goes_on(earlier, mention)):
            found.add(id(mention))
    for mention, later in zip(reversed(mentions[:-1]), reversed(mentions[1:]), strict=True):
        if id(later) in found and _goes_on(mention, later) and _works_fine(later):
            found.add(id(mention))
    return found


def _goes_on(earlier: _Mention, later: _Mention) -> bool:
    if earlier.passage is not later.passage or later.start - earlier.end > 60 or later.start < earlier.end:
        return False
    return bool(words.AND_NEITHER.match(later.passage.folded[earlier.end : later.start].replace("\n", " ")))


def _is_denied(mention: _Mention) -> bool:
    return bool(words.DENIED_BEFORE.search(mention.before)) or _works_fine(mention)


def _works_fine(mention: _Mention) -> bool:
    after = re.split(
        r"\b(?:but|only|except|aber|nur|mais|sauf|pero|sino|however|when|if|while|wahrend)\b|が、",
        mention.after,
    )[0]
    fine = words.WORKS_FINE.search(after)
    return bool(fine) and not words.NOT_FINE.search(after[: fine.start()])


def _by_link(looked: Sequence[Passage], names: _Names) -> ServiceFind:
    for passage in looked:
        for found in _LINK.finditer(passage.folded):
            name = names.of_host(found.group(1) or "")
            if name:
                return ServiceFind(name, f"link “{found.group()[:80]}”")
    return ServiceFind(None, "no service named")


def _line(mention: _Mention) -> str:
    return mention.passage.context(mention.start)
