"""Words as people type them: the usual endings of a language, accents that may be missing. PURE.

No grammar: what a phrase (phrases.py) needs so that `mailbox` also finds mailboxes, `Benutzer` Benutzern,
`fichier` fichiers, `borrado` borradas. Words of three letters and fewer are taken as they stand.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from triaged.rulebook.folding import fold_lower

SHORT = 3  # letters: so short a word takes no ending

_ENDINGS: Final = {
    "en": "(?:s|es)?",
    "de": "(?:e[nrsm]?|[nstrm])?",
    "fr": "(?:es?|s|x|nt)?",
    "es": "(?:s|es|n)?",
    "it": "",
    "pt": "(?:s|es|m)?",
    "nl": "(?:en?|[nst])?",
}
_VOWELS: Final = {"es": ("ao", "[ao]s?"), "pt": ("ao", "[ao]s?"), "it": ("aeio", "[aeio]")}
_SPELT: Final = {"ä": "(?:ä|ae?)", "ö": "(?:ö|oe?)", "ü": "(?:ü|ue?)", "ß": "(?:ß|ss)", "œ": "(?:œ|oe)"}
_ANY: Final = r"[^ .,;:!?)\]\"'/\n-]*"


def flexible(word: str, language: str) -> str:
    """The pattern of one word with the endings of a language ("" and others: none)."""
    folded = fold_lower(word)
    if len(folded) <= SHORT or not folded[-1].isalpha():
        return _letters(folded)
    vowels, ending = _VOWELS.get(language, ("", ""))
    if folded[-1] in vowels:
        return _letters(folded[:-1]) + ending
    return _letters(folded) + _ENDINGS.get(language, "")


def opening(word: str, language: str) -> str:
    """The pattern of what all forms of a word that `flexible` finds begin with."""
    folded = fold_lower(word)
    if len(folded) <= SHORT or not folded[-1].isalpha():
        return _letters(folded)
    vowels, _ = _VOWELS.get(language, ("", ""))
    return _letters(folded[:-1] if folded[-1] in vowels else folded)


def any_letters() -> str:
    """The pattern of whatever letters a word goes on with, none too."""
    return _ANY


def _letters(text: str) -> str:
    return "".join(_letter(character) for character in text)


def _letter(character: str) -> str:
    if character in _SPELT:
        return _SPELT[character]
    bare = unicodedata.normalize("NFD", character)[0]
    if bare != character and bare.isascii():
        return f"[{character}{bare}]"
    return re.escape(character) if character.isascii() else character
