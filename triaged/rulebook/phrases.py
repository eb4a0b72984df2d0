"""Phrases in plain words, as support people write them: their grammar. PURE.

`{everybody} … {cannot} log in`: a name in braces is any phrase of a word list (of each language that has all
the lists named), `…` a gap of some words within a sentence (`…3`: at most three), `[the]` may be left out,
`lock|shut` is one or the other, `(sign in|log in)` the same of several words, `delet*` and `*daten` what begins
and ends so, `=bills` none but this. `^` in front means that a sentence begins here, `?` at the end that it ends
as a question. What they are made into: lexicon.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from triaged.frozen import frozen
from triaged.rulebook.folding import fold_word

WIDEST = 30  # words that a gap may hold at most

_TOKENS = re.compile(r"\s*(…\d*|\.\.\.\d*|\{[^{}]*\}|[\[\]()|]|[^\s\[\](){}|…]+|[{}])")
_LIST = re.compile(r"[a-z0-9][a-z0-9-]*")


class Misphrased(ValueError):
    """What is wrong with a phrase, with the remedy."""


class MisphrasedList(Misphrased):
    """A phrase of a word list is wrong: told where the list stands, once."""


@frozen
class Gap:
    """Some words that do not matter, none up to `most`; None: as many as usual."""

    most: int | None


@frozen
class Ref:
    """A word list by its name."""

    name: str


@frozen
class Either:
    """One of several sequences; `optional`: or none of them."""

    options: tuple[tuple[Piece, ...], ...]
    optional: bool = False


Piece = str | Gap | Ref | Either


def begins(phrase: str) -> bool:
    """Whether a sentence has to begin with it."""
    return phrase.lstrip().startswith("^")


def asks(phrase: str) -> bool:
    """Whether its sentence has to end as a question."""
    return phrase.rstrip().endswith("?")


def fault(phrase: str) -> str | None:
    """Why a phrase cannot stand in a word list, or None."""
    try:
        parse(phrase)
    except Misphrased as wrong:
        return str(wrong)
    return None


def may_lack(piece: Piece) -> bool:
    """Whether nothing at all may stand for it."""
    return isinstance(piece, Gap) or (isinstance(piece, Either) and piece.optional)


def names(pieces: Sequence[Piece]) -> Iterator[str]:
    """The word lists that pieces name themselves, as written."""
    for piece in pieces:
        if isinstance(piece, Ref):
            yield piece.name
        elif isinstance(piece, Either):
            for option in piece.options:
                yield from names(option)


def bare(word: str) -> str:
    """A word of a phrase without its marks."""
    if word.startswith("=") and len(word) > 1:
        return word[1:]
    inner = word[1:] if word.startswith("*") and len(word) > 1 else word
    return inner[:-1] if inner[-1] in "*'" and len(inner) > 1 else inner


@lru_cache(maxsize=8192)
def parse(phrase: str) -> tuple[Piece, ...]:
    """The pieces of a phrase. Raises Misphrased."""
    inner = phrase.strip().removeprefix("^")
    if asks(inner):
        inner = inner[:-1].rstrip(" ….")
    tokens = _TOKENS.findall(inner)
    pieces, rest = _sequence(tokens, "")
    if rest:
        raise Misphrased(f"'{rest[0]}' closes nothing that was opened")
    while pieces and isinstance(pieces[0], Gap):
        raise Misphrased("a phrase begins with words, not with …")
    if not pieces or isinstance(pieces[-1], Gap):
        raise Misphrased("a phrase ends with words, not with …")
    if all(may_lack(piece) for piece in pieces):
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
    if not (token.isalnum() or fold_word(bare(token))):
        raise Misphrased(f"{token!a} is no word: nothing of it can be seen")
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
