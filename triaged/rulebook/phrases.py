"""Phrases in plain words, as support people write them, made into RE2 patterns. PURE.

`{everybody} … {cannot} log in`: a name in braces is any phrase of a word list (of each language that has all
the lists named), `…` a gap of at most GAP words (`…3`: three) within a sentence, `[the]` may be left out,
`lock|shut` is one or the other, `(sign in|log in)` the same of several words, `delet*` and `*daten` what begins and ends so,
`=bills` none but this. `^` in front means that a sentence begins here, `?` at the end that it ends as a question. Usual
endings of the language and letters typed without their accents are found too (endings.py). Japanese and
Chinese have no blanks: there a blank between two pieces means that they touch, and a gap is counted in
characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triaged.rulebook.endings import any_letters, flexible
from triaged.spec.did_you_mean import did_you_mean

GAP = 7  # words between two pieces of a sentence
WIDEST = 30
GAP_CJK = 25  # characters, where a language is written without blanks
DEEPEST = 5  # word lists may name each other so deep
LONGEST = 60_000  # characters of one pattern: beyond, RE2's memory and everybody's patience end

UNSPACED = frozenset({"ja", "zh"})
_TOKENS = re.compile(r"\s*(…\d*|\.\.\.\d*|\{[^{}]*\}|[\[\]()|]|[^\s\[\](){}|…]+|[{}])")
_LIST = re.compile(r"[a-z0-9][a-z0-9-]*")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")

_BEGIN = r"(?:^|[.!?。:] ?|^[^ .!?\n]+(?: [^ .!?\n]+){0,3}, )[(\"'¿¡]{0,2}"
_QUESTION = r"(?:[^.!?。\n]*)\?"
_START = r"(?:^|[ (\[\"'/,:;>*_.!?¿¡-])"
_END = r"(?:[ .,;:!?)\]\"'/_\n-]|$)"
_BETWEEN = r"(?:[,;:)\"']{0,2} [(\"']?|['-])"
_WORD = r"(?:[^ .!?\n]+(?:\.[^ .!?\n]+)* )"


class Misphrased(ValueError):
    """What is wrong with a phrase, with the remedy."""


class MisphrasedList(Misphrased):
    """A phrase of a word list is wrong: told where the list stands, once."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Some words that do not matter, none up to `most`; None: as many as usual."""

    most: int | None


@dataclass(frozen=True, slots=True)
class Ref:
    """A word list by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Either:
    """One of several sequences; `optional`: or none of them."""

    options: tuple[tuple[Piece, ...], ...]
    optional: bool = False


Piece = str | Gap | Ref | Either


def languages(phrase: str, words: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages a phrase can be said in: those that have every list it names without a language.

    Raises Misphrased where it names a list that is nowhere, or lists that no language has together.
    """
    common: set[str] | None = None
    names = [name for name in _names(parse(phrase)) if name not in words]
    for name in names:
        having = {known.rpartition("-")[2] for known in words if known.rpartition("-")[0] == name}
        if not having:
            near = did_you_mean(name, {*words, *(known.rpartition("-")[0] for known in words)})
            raise Misphrased(f"unknown word list '{name}'{near}; `words` has its lists")
        common = having if common is None else common & having
    if common is not None and not common:
        raise Misphrased(f"no language has all of {', '.join(names)}; give one of them its lists")
    return tuple(sorted(common)) if common is not None else (_language(phrase),)


def pattern(phrase: str, language: str, words: Mapping[str, Any]) -> str:
    """The RE2 pattern of a phrase in one language ("": words as they stand). Raises Misphrased."""
    pieces = parse(phrase)
    if len(pieces) == 1 and isinstance(pieces[0], Ref):  # a list alone: its phrases keep their ^ and ?
        listed = _phrases(words, _known(pieces[0].name, language, words))
        made = "|".join(f"(?:{_whole(one, language, words)})" for one in listed)
    else:
        made = _whole(phrase, language, words)
    if len(made) > LONGEST:
        raise Misphrased("the phrase is too large with all its lists; name one language's lists, or split it")
    return made


def _whole(phrase: str, language: str, words: Mapping[str, Any]) -> str:
    """One phrase with what has to stand before and behind it."""
    body = _Writing(language, words).sequence(_good(phrase))
    start, end = ("", "") if language in UNSPACED else (_START, _END)
    start = _BEGIN if _begins(phrase) else start
    return f"{start}{body}{_QUESTION if _asks(phrase) else end}"


def _begins(phrase: str) -> bool:
    return phrase.lstrip().startswith("^")


def _asks(phrase: str) -> bool:
    return phrase.rstrip().endswith("?")


def fault(phrase: str) -> str | None:
    """Why a phrase cannot stand in a word list, or None."""
    try:
        parse(phrase)
    except Misphrased as wrong:
        return str(wrong)
    return None


def lists_of(phrase: str, language: str, words: Mapping[str, Any]) -> frozenset[str]:
    """The names of all word lists that a phrase leads to in one language."""
    found: set[str] = set()
    waiting = list(_names(parse(phrase)))
    while waiting:
        name = _known(waiting.pop(), language, words)
        if name not in found:
            found.add(name)
            waiting += [other for one in _phrases(words, name) for other in _names(_good(one))]
    return frozenset(found)


def _language(phrase: str) -> str:
    """The language of a phrase that names none: of its lists, else known by its characters alone."""
    for name in _names(parse(phrase)):
        return name.rpartition("-")[2]
    return "ja" if _CJK.search(phrase) else ""


def _may_lack(piece: Piece) -> bool:
    return isinstance(piece, Gap) or (isinstance(piece, Either) and piece.optional)


def _names(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Ref):
            yield piece.name
        elif isinstance(piece, Either):
            for option in piece.options:
                yield from _names(option)


def parse(phrase: str) -> tuple[Piece, ...]:
    """The pieces of a phrase. Raises Misphrased."""
    bare = phrase.strip().removeprefix("^")
    if _asks(bare):
        bare = bare[:-1].rstrip(" ….")
    tokens = _TOKENS.findall(bare)
    pieces, rest = _sequence(tokens, "")
    if rest:
        raise Misphrased(f"'{rest[0]}' closes nothing that was opened")
    while pieces and isinstance(pieces[0], Gap):
        raise Misphrased("a phrase begins with words, not with …")
    if not pieces or isinstance(pieces[-1], Gap):
        raise Misphrased("a phrase ends with words, not with …")
    if all(_may_lack(piece) for piece in pieces):
        raise Misphrased("everything in this phrase may be left out: it would be found in every text")
    return pieces


def _sequence(tokens: list[str], close: str) -> tuple[tuple[Piece, ...], list[str]]:
    """Pieces up to the closing bracket (left in place), and the tokens behind them."""
    pieces: list[Piece] = []
    while tokens and tokens[0] not in ("]", ")"):
        if tokens[0] == "|":
            if close:
                break
            pieces, tokens = _bare_either(pieces, tokens)
            continue
        piece, tokens = _piece(tokens)
        pieces.append(piece)
    return tuple(pieces), tokens


def _bare_either(pieces: list[Piece], tokens: list[str]) -> tuple[list[Piece], list[str]]:
    """`lock|shut` outside brackets: the piece before the bar or the one behind it."""
    if not pieces or len(tokens) < 2 or tokens[1] in ("|", ")", "]"):
        raise Misphrased("'|' stands between two words: lock|shut")
    piece, rest = _piece(tokens[1:])
    before = pieces[-1]
    options = before.options if isinstance(before, Either) and not before.optional else ((before,),)
    return [*pieces[:-1], Either((*options, (piece,)))], rest


def _piece(tokens: list[str]) -> tuple[Piece, list[str]]:
    token, rest = tokens[0], tokens[1:]
    if token in ("[", "("):
        return _bracketed(token, rest)
    if token[0] == "…" or token.startswith("..."):
        count = token.lstrip("….")
        if count and not 0 < int(count) <= WIDEST:
            raise Misphrased(f"a gap is of 1 to {WIDEST} words")
        return Gap(int(count) if count else None), rest
    if token[0] in "{}":
        name = token[1:-1].strip()
        if len(token) < 3 or not _LIST.fullmatch(name):
            raise Misphrased(f"{token} is no name of a word list; write {{everybody}}")
        return Ref(name), rest
    return token, rest


def _bracketed(opened: str, tokens: list[str]) -> tuple[Piece, list[str]]:
    close = "]" if opened == "[" else ")"
    options = []
    while True:
        option, tokens = _sequence(tokens, close)
        if not tokens or tokens[0] not in (close, "|"):
            raise Misphrased(f"'{opened}' is opened and not closed with '{close}'")
        if not option or isinstance(option[0], Gap) or isinstance(option[-1], Gap):
            raise Misphrased(f"between '{opened}' and '{close}' words are missing")
        options.append(option)
        ended, tokens = tokens[0] == close, tokens[1:]
        if ended:
            return Either(tuple(options), optional=opened == "["), tokens


def _good(phrase: str) -> tuple[Piece, ...]:
    try:
        return parse(phrase)
    except Misphrased as fault:
        raise MisphrasedList(str(fault)) from None


def _known(name: str, language: str, words: Mapping[str, Any]) -> str:
    """The word list a name means in a language."""
    for known in (name, f"{name}-{language}"):
        if known in words:
            return known
    raise Misphrased(f"unknown word list '{name}'{did_you_mean(name, words)}; `words` has its lists")


def _phrases(words: Mapping[str, Any], name: str) -> list[str]:
    given = words[name]
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


@dataclass(slots=True)
class _Writing:
    """One pattern being written."""

    language: str
    words: Mapping[str, Any]
    inside: list[str] = field(default_factory=list)

    def sequence(self, pieces: Sequence[Piece]) -> str:
        """Pieces one behind the other: each brings what parts it from the next."""
        unspaced = self.language in UNSPACED
        between = " ?" if unspaced else _BETWEEN
        last = max((i for i, piece in enumerate(pieces) if not _may_lack(piece)), default=len(pieces) - 1)
        made = ""
        for index, piece in enumerate(pieces):
            if isinstance(piece, Gap):
                made += self._gap(piece)
            elif index <= last:
                made += self._one(piece, between if index < last else "")
            else:  # left out or not, nothing of it parts the words before from what follows
                made += f"(?:{between}{self._one(piece, '')})?"
        return made

    def _gap(self, gap: Gap) -> str:
        if self.language in UNSPACED:
            return f"[^。!?\\n]{{0,{gap.most or GAP_CJK}}}"
        return f"{_WORD}{{0,{gap.most or GAP}}}[(\"']?"

    def _one(self, piece: Piece, between: str) -> str:
        if isinstance(piece, Either):
            options = "|".join(self.sequence(option) for option in piece.options)
            return f"(?:(?:{options}){between})?" if piece.optional else f"(?:{options}){between}"
        if isinstance(piece, Ref):
            return f"(?:{self._list(piece.name)}){between}"
        return f"{self._word(str(piece))}{between}"

    def _word(self, word: str) -> str:
        if word.startswith("=") and len(word) > 1:
            return flexible(word[1:], "")
        front = any_letters() if word.startswith("*") and len(word) > 1 else ""
        bare = word.removeprefix("*") if front else word
        if bare.endswith("*") and len(bare) > 1:
            return front + flexible(bare[:-1], "") + any_letters()
        if bare.endswith("'"):  # l', n': the apostrophe parts it from the next word
            return front + flexible(bare[:-1], "")
        return front + flexible(bare, self.language)

    def _list(self, name: str) -> str:
        known = _known(name, self.language, self.words)
        if known in self.inside or len(self.inside) >= DEEPEST:
            raise Misphrased(f"word lists lead back to themselves: {' -> '.join([*self.inside, known])}")
        self.inside.append(known)
        listed = _phrases(self.words, known)
        if any(_begins(phrase) or _asks(phrase) for phrase in listed):
            raise Misphrased(f"'{known}' holds phrases with ^ or ?: it can only stand alone")
        made = "|".join(self.sequence(_good(phrase)) for phrase in listed)
        self.inside.pop()
        if not made:
            raise Misphrased(f"the word list '{known}' has no phrase")
        return made
