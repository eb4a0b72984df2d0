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

from triaged.reading import service_words as words
from triaged.reading.automata import compiled
from triaged.reading.labels import SERVICE
from triaged.reading.passages import Passage, fold, normal
from triaged.reading.scope import passages
from triaged.reading.values import NewText, Service

MOST = 300  # mentions weighed in one mail
_FIELD = 90  # characters of a field's value

_SERVICE_LABEL = compiled("|".join(SERVICE))
_LINK = compiled(
    r"(?i)(?:https?://)?([a-z0-9-]+)\.zoho[a-z0-9-]*\.[a-z.]+[!#-;=?-~]*|https?://[!#-;=?-~]+|[^\s@<>]+@[a-z0-9.-]+"
)
_GAP = r"[\s_.-]*"
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # WorkDrive: Work Drive


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
        return _of_field(field, mentions)
    best = _best(mentions, mentions) if mentions else None
    if best and best.name:
        return best
    linked = _by_link(looked, names)
    return linked if linked.name or best is None else best


def _of_field(field: list[_Mention], mentions: list[_Mention]) -> ServiceFind:
    """The field's service; of several in it the one the rest of the mail makes the best case for."""
    named = {m.name for m in field}
    if len(named) == 1:
        return ServiceFind(field[0].name, f"field “{_line(field[0])}”")
    return _best([*field, *(m for m in mentions if m.name in named)], mentions)


# --- names ---------------------------------------------------------------------------------------


class _Names:
    """How the services of a rulebook are written, as one pattern."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.full: dict[str, str] = {}
        self.short: dict[str, str] = {}
        self._spelt: dict[str, str] = {}
        for service in services:
            for alias in (service.name, *service.aliases):
                self._learn(normal(alias), service.name, alias == service.name)
        spelt = [self._spelt[key] for key in sorted(self._spelt, key=len, reverse=True)]
        self._pattern = compiled("|".join(spelt) or "\x02")

    def _learn(self, alias: str, name: str, is_name: bool) -> None:
        """The alias as written; of a service's own name also what is left without "Zoho"."""
        bare = re.sub(r"^(?:zoho|ゾーホー)[\s-]*", "", alias, flags=re.IGNORECASE)
        known = self.short if bare.lower() in words.PLAIN_WORDS else self.full
        if bare == alias or is_name:
            self._spell(known, re.split(r"[\s_.-]+", bare), name)
        if bare != alias:
            pieces = re.split(r"[\s_.-]+", _HUMP.sub(" ", bare))
            self._spell(self.full, ["zoho", *pieces], name)
            self._spell(self.full, ["ゾーホー", *pieces], name)

    def _spell(self, known: dict[str, str], pieces: list[str], name: str) -> None:
        pieces = [fold(piece) for piece in pieces if piece]
        key = "".join(pieces)
        known.setdefault(key, name)
        edge = r"\b" if pieces[0][0].isascii() else ""
        spelt = edge + _GAP.join(re.escape(piece) for piece in pieces)
        if len(spelt) > len(self._spelt.get(key, "")):
            self._spelt[key] = spelt

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
            if any_case or (_is_no_bill(mention) if full else _is_meant(mention)):
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
    if written.lower() in words.CAPITAL_IS_NOT_ENOUGH:
        return placed and not follower
    return placed or (not follower and not re.search(r"\b[A-Z]\w+ $", line))


def _is_no_bill(mention: _Mention) -> bool:
    """ "Your Zoho invoice", "our Zoho subscription" are no services: those are written with a capital."""
    last = mention.passage.text[mention.start : mention.end].split()[-1]
    return last not in words.MONEY or not mention.passage.folded[mention.start :].startswith("zoho")


def _is_alone(mention: _Mention) -> bool:
    """A piece of a subject by itself: "Thornbury, Desk, merge", "Sign - envelope stuck"."""
    if mention.passage.part != "subject":
        return False
    if mention.passage.folded[mention.start : mention.end] in words.NO_SUBJECT:
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
    best = next((name for name in scores if name.startswith(best + " ") and name.endswith("add-ons")), best)
    return ServiceFind(best, because[best])


def _weigh(mention: _Mention) -> tuple[float, str]:
    """How strongly a mention speaks for its service, and the line it stands in."""
    before, after = mention.before, mention.after
    score, why = (3.0, "named") if mention.full else (2.6, "named")
    if _is_aside(before, after):
        score, why = score * 0.35, "mentioned"
    elif words.TROUBLE_BEFORE.search(before):
        score, why = score + 2.0, "the trouble is there"
    if words.TROUBLE_AFTER.match(after):
        score, why = score + 1.0, "the trouble is there"
    if words.CONTRAST.search(before):
        score, why = score + 1.5, "set against others"
    if mention.passage.part == "subject":
        score += 1.5
    if mention.name.endswith((" Plus", " One", " Workplace")):
        score *= 0.45
    return score, f"{why}: “{_line(mention)}”"


def _is_aside(before: str, after: str) -> bool:
    """Used beside, ours, or of another time."""
    told = words.MENTIONED_BEFORE.search(before) or words.OURS_BEFORE.search(before)
    return bool(told or words.MENTIONED_AFTER.match(after) or words.PAST_AFTER.match(after))


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
    struck = "~~" in mention.after and mention.before.count("~~") % 2 == 1
    return struck or bool(words.DENIED_BEFORE.search(mention.before)) or _works_fine(mention)


def _works_fine(mention: _Mention) -> bool:
    after = re.split(
        r"\b(?:but|only|except|aber|nur|mais|sauf|pero|sino|however|when|if|while|wahrend)\b|が、",
        mention.after,
    )[0]
    fine = words.WORKS_FINE.search(after)
    if fine is None or words.REST_OF_IT.search(after[: fine.start()]):
        return False
    return not words.NOT_FINE.search(after[: fine.start()])


def _by_link(looked: Sequence[Passage], names: _Names) -> ServiceFind:
    for passage in looked:
        for found in _LINK.finditer(passage.folded):
            name = names.of_host(found.group(1) or "")
            if name:
                return ServiceFind(name, f"link “{found.group()[:80]}”")
    return ServiceFind(None, "no service named")


def _line(mention: _Mention) -> str:
    return mention.passage.context(mention.start)
