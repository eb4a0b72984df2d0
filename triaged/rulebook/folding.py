"""Text as the rules see it: one writing for what people write in many ways. PURE, linear.

NFKC (full-width digits, ligatures), typographic quotes and dashes made plain, invisible characters
dropped, every run of blanks and single line breaks one blank; an empty line stays a line break. So
`contains: ["system down"]` also hits where a mail program broke the line between the two words, and `.`
in a pattern never reaches into the next paragraph. Between Japanese or Chinese characters the blank goes.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

CHARACTERS = 64_000  # what rules look at: evidence stands at the top, and facts are stored with the ticket

_PLAIN = str.maketrans(
    dict.fromkeys("‘’ʼ′＇`´", "'")
    | dict.fromkeys("“”„‟″«»", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None)
)

_SENTENCE = re.compile(r"(?:[^.!?。\n]|[.!?](?![ \n]|$))+[.!?。]*")


def fold(text: str) -> str:
    """The text as rules see it; case is kept (patterns disregard it)."""
    head = text[:CHARACTERS]
    if head.isascii():
        return _paragraphs(head.replace("`", "'"))
    plain = unicodedata.normalize("NFKC", head.translate(_PLAIN)).translate(_PLAIN)
    if plain.isascii():
        return _paragraphs(plain)
    return _paragraphs(plain.encode("utf-8", "replace").decode("utf-8"))  # lone surrogates: RE2 refuses them


def fold_word(text: str) -> str:
    """A short text as words are compared: folded, without regard to case."""
    return fold(text).casefold()


def fold_lower(text: str) -> str:
    """A short text folded, in lower case: its ß stays one, which `fold_word` makes ss."""
    return fold(text).lower()


def sentences(folded: str) -> tuple[str, ...]:
    """The sentences of a folded text, each with its mark: parted at . ! ? before a blank, 。 and paragraphs."""
    return tuple(piece.strip() for piece in _SENTENCE.findall(folded) if piece.strip())


def _paragraphs(text: str) -> str:
    join = " ".join if text.isascii() else _joined
    paragraphs: list[str] = []
    words: list[str] = []
    for line in [*text.splitlines(), ""]:
        if pieces := line.split():
            words += pieces
        elif words:
            paragraphs.append(join(words))
            words = []
    return "\n".join(paragraphs)


def _joined(words: list[str]) -> str:
    pieces = words[:1]
    for before, word in itertools.pairwise(words):
        pieces.append(word if _is_cjk(before[-1]) and _is_cjk(word[0]) else f" {word}")
    return "".join(pieces)


def _is_cjk(character: str) -> bool:
    """Han, kana and their punctuation; Hangul is written with blanks."""
    return "\u3001" <= character <= "\u9fff"
