"""How the services of a rulebook are written, and where a passage names one.

Contract: a service is named by its full name, by an alias, or by its name without "Zoho"; where that is
also a plain word (mail, books, people) only if it is written or placed like a name. PURE, linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from triaged.frozen import frozen
from triaged.reading.identifiers.passages import Passage, fold, normal
from triaged.reading.services import service_words as words
from triaged.reading.values import Service
from triaged.reading.words.automata import compiled

LINK = compiled(
    r"(?i)(?:https?://)?([a-z0-9-]+)\.zoho[a-z0-9-]*\.[a-z.]+[!#-;=?-~]*|https?://[!#-;=?-~]+|[a-z0-9\x{00C0}-\x{024F}._%+'-]+@[a-z0-9.-]+"
)
_LINKS = (".zoho", "://", "@")  # what every link and address has
_GAP = r"[\s_.-]*"
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # WorkDrive: Work Drive
_SENTENCES = re.compile(r"[.!?;]\s|。|\n\s*\n|\n[ \t]*[-*•・]")
_SENTENCE_ENDS = re.compile(r"[.!?;](?:\s|$)|。|\n\s*\n")


@frozen
class Mention:
    """A service named at a place of a passage; `full` with "Zoho" or a name nothing else has."""

    name: str
    passage: Passage
    start: int
    end: int
    full: bool

    @property
    def written(self) -> str:
        """As the mail writes it."""
        return self.passage.text[self.start : self.end]

    @property
    def line_before(self) -> str:
        """What stands before it in its line, the last 80 characters."""
        return self.passage.text[max(0, self.start - 80) : self.start].rpartition("\n")[2]

    @property
    def before(self) -> str:
        """The words of its sentence before it."""
        return _SENTENCES.split(self.passage.folded[max(0, self.start - 80) : self.start])[-1].replace(
            "\n", " "
        )

    @property
    def after(self) -> str:
        """The words of its sentence behind it."""
        return _SENTENCE_ENDS.split(self.passage.folded[self.end : self.end + 80])[0].replace("\n", " ")


class Names:
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

    def mentions(
        self, passage: Passage, *, any_case: bool = False, loosely: bool = False
    ) -> Iterator[Mention]:
        """Services named in a passage, links and addresses apart.

        `any_case`: in a field a plain word is enough; `loosely`: where no better name stands in the mail.
        """
        text = _without_links(passage.folded)
        for found in self._pattern.finditer(text):
            start, end = found.span()
            known = self.name(found.group())
            if known is None or _inside_word(text, start, end):
                continue
            name, full = known
            mention = Mention(self._plus(passage, start, end, name), passage, start, end, full)
            named = _is_no_bill(mention) if full else _is_meant(mention) or (loosely and _is_likely(mention))
            if any_case or named:
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


def _key(written: str) -> str:
    return re.sub(r"[\s_.-]+", "", written)


def _without_links(folded: str) -> str:
    if not any(sign in folded for sign in _LINKS):
        return folded
    pieces, done = [], 0
    for found in LINK.finditer(folded):
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


def _is_meant(mention: Mention) -> bool:
    """Whether a plain word (Books, Mail) is meant as a service: a capital in mid-sentence, or its place."""
    written = mention.written.lower()
    if _is_alone(mention):
        return True
    if not _is_capital(mention):
        return written not in words.EVERYDAY and bool(words.PART_AFTER.match(mention.after))
    if _is_among_japanese(mention):
        return written not in words.EVERYDAY or "メール" not in mention.after[:4]
    if written in words.EVERYDAY:
        return False
    return _is_compound(mention) or _is_placed(mention, written)


def _is_capital(mention: Mention) -> bool:
    """Written with a capital that is not the whole line's."""
    line = mention.line_before
    shouted = mention.written.isupper() and line.isupper() and len(line) > 3
    return mention.written[0].isupper() and not shouted


def _is_among_japanese(mention: Mention) -> bool:
    text = mention.passage.text
    return any(
        ord(char) > 0x3000
        for char in text[mention.start - 1 : mention.start] + text[mention.end : mention.end + 1]
    )


def _is_compound(mention: Mention) -> bool:
    """German: Creator-App, Desk-Portal."""
    text = mention.passage.text
    return text[mention.end : mention.end + 1] == "-" and text[mention.end + 1 : mention.end + 2].isalpha()


def _is_placed(mention: Mention, written: str) -> bool:
    """The words around speak of a service: "in Books", "use Desk", "Survey responses vanish"."""
    line = mention.line_before
    goes_on = bool(re.match(r" [A-Z]\w", mention.passage.text[mention.end : mention.end + 3]))  # "Books Ltd"
    placed = bool(words.TROUBLE_BEFORE.search(mention.before) or words.USED_BEFORE.search(mention.before))
    if not line.strip(" \t>*-•") or re.search(r"[.!?:]\s*$", line):
        return not goes_on and bool(words.TROUBLE_AFTER.match(mention.after) or _is_topic(mention, written))
    if written in words.CAPITAL_IS_NOT_ENOUGH:
        return placed and not goes_on
    return placed or not (goes_on or re.search(r"\b[A-Z]\w+ $", line))


def _is_topic(mention: Mention, written: str) -> bool:
    """ "Desk: since this morning …" at the start of a line; "Contract: 700 1200" is a field."""
    return written in words.DISTINCT and bool(re.match(r" ?[:\uff1a]\s+[^\d\s]", mention.after + "  "))


def _is_likely(mention: Mention) -> bool:
    """A word that hardly means anything else, in a likely place: "a bug in desk", "Desk tickets vanish"."""
    if _answers(mention):
        return True
    if mention.written.lower() not in words.DISTINCT:
        return False
    text = mention.passage.text
    goes_on = bool(re.match(r" [A-Z]\w", text[mention.end : mention.end + 3]))
    if mention.written[0].isupper():
        return not goes_on and not re.search(r"\b[A-Z]\w+ $", mention.line_before)
    return bool(words.NAMED_BEFORE.search(mention.before))


def _answers(mention: Mention) -> bool:
    """A line that says only which one: "it is projects"."""
    line_end = mention.passage.folded[mention.end : mention.end + 20].partition("\n")[0]
    only = words.ANSWER_BEFORE.match(fold(mention.line_before)) and not line_end.strip(" .,!")
    return bool(only) and mention.written.lower() not in words.MONEY


def _is_no_bill(mention: Mention) -> bool:
    """ "Your Zoho invoice", "our Zoho subscription" are no services: those are written with a capital."""
    last = mention.passage.text[mention.start : mention.end].split()[-1]
    return last not in words.MONEY or not mention.passage.folded.startswith("zoho", mention.start)


def _is_alone(mention: Mention) -> bool:
    """A piece of a subject by itself: "Thornbury, Desk, merge", "Sign - envelope stuck"."""
    if mention.passage.part != "subject":
        return False
    if mention.passage.folded[mention.start : mention.end] in words.NO_SUBJECT:
        return False
    before, after = mention.passage.text[: mention.start][-80:], mention.passage.text[mention.end :][:80]
    opened = not before.strip() or bool(
        re.search(r"(?:[-,:/|\]】(>]|\b(?:re|fwd?|aw|wg|tr)[:：])\s*$", before, re.IGNORECASE)
    )
    closed = not after.strip() or bool(re.match(r"\A\s*+(?:[-,:/|\[)<]|: )", after))
    return opened and closed and mention.passage.text[mention.start].isupper()
