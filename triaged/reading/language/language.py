"""The language of somebody's words: an ISO 639-1 code, or None where there are no words.

Contract: `of(text)` takes the sender's own words (the caller falls back to the subject). What is no
language is taken out first: addresses, urls, ids, product names, and the labels of our English template,
which people of every language fill in. Script decides where it can (kana is Japanese whatever product
names surround it); else py3langid scores, with a prior for the languages partners write, since on three
words a statistical guess alone prefers Afrikaans or Kabyle. Short mails cost about 0.1 ms. PURE.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from triaged.reading.language import language_words as words
from triaged.reading.words.spoken import spoken

if TYPE_CHECKING:
    from triaged.reading.language.language_model import Model

_READ: Final = 4_000  # characters looked at for words
_SCORED: Final = 300  # characters of words that are scored
_SIGNS: Final = str.maketrans("<>|*_#=~`[]{}\\/+-", " " * 17)
_LATIN_WORD: Final = re.compile(r"[a-z']{1,20}")
_UNWORDED: Final = re.compile(r"[@\d]|://|^www\.")
_PERHAPS_UNWORDED: Final = re.compile(r"[@\d]|://|www\.")  # somewhere in a line
_TOKEN: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"[^\W\d_]{1,30}")


def of(text: str) -> str | None:
    """The language of `text`; None if there is no word in it."""
    shown = unicodedata.normalize("NFKC", text[:_READ])
    body = _words(shown)
    scripts = _scripts(body)
    if not scripts:
        return "en" if words.PRODUCTS.search(" ".join(_clean(row) for row in shown.split("\n"))) else None
    east = _east_asian(body, scripts)
    if east:
        return east
    script = max(scripts, key=lambda name: scripts[name])
    return words.BY_SCRIPT.get(script) or _scored(body, script)


def _words(text: str) -> str:
    """The first words of the text, without what is no language; labels go too, if others are left."""
    rows = [row[: 2 * _SCORED] for row in text.split("\n")]
    for labels in (False, True):
        found: list[str] = []
        size = 0
        for row in rows:
            shown = _without_products(_clean(row if labels else _unlabelled(row)))
            found.append(shown)
            size += len(shown)
            if size >= _SCORED:
                break
        told = "\n".join(found).strip()
        if sum(map(str.isalpha, told)) >= 2:
            return told[:_SCORED]
    return ""


def _unlabelled(row: str) -> str:
    """The value of a `label: value` line; any other line as it is."""
    label, colon, value = row.partition(":")
    return value if colon and 1 < len(label.strip()) <= 50 and "//" not in value[:2] else row


def _clean(row: str) -> str:
    """A line without addresses, urls, ids and signs."""
    kept = row.split()
    if _PERHAPS_UNWORDED.search(row):
        kept = [word for word in kept if not _no_word(word)]
    return " ".join(kept).translate(_SIGNS)


def _without_products(row: str) -> str:
    """A line without the names of products, which are the same in every language."""
    if words.PRODUCT_WORDS.isdisjoint(_TOKEN.findall(row.lower())):
        return row
    return words.PRODUCTS.sub(" ", row)


def _no_word(word: str) -> bool:
    """An address, url or number; Japanese sets no blanks, so there a run of letters is words for all that."""
    return _UNWORDED.search(word) is not None and not any(letter > "\u2e7f" for letter in word)


def _scripts(text: str) -> dict[str, int]:
    """Letters by script."""
    beyond = [letter for letter in text if letter > "\x7f"]
    found = {"latin": sum(map(str.isalpha, text)) - sum(map(str.isalpha, beyond))}
    for letter in beyond:
        if name := _script(letter):
            found[name] = found.get(name, 0) + 1
    return {name: count for name, count in found.items() if count}


@cache
def _script(letter: str) -> str:
    """The script of a letter by its Unicode name; empty for what is no letter."""
    if not letter.isalpha() and unicodedata.category(letter)[0] != "M":
        return ""
    name = unicodedata.name(letter, "").split(" ")[0].lower()
    return {"cjk": "han", "katakana-hiragana": "katakana", "halfwidth": "katakana"}.get(name, name)


def _east_asian(text: str, scripts: dict[str, int]) -> str | None:
    """Japanese, Korean or Chinese, if they carry the text rather than a name in it."""
    hiragana, kana = scripts.get("hiragana", 0), scripts.get("hiragana", 0) + scripts.get("katakana", 0)
    hangul, han = scripts.get("hangul", 0), scripts.get("han", 0)
    latin = scripts.get("latin", 0)
    if not kana + hangul + han or not _carries(text, kana + hangul + han, hiragana + hangul, latin):
        return None
    if hangul > kana + han // 2:
        return "ko"
    if kana and not (han > 20 * kana and words.CHINESE.search(text)):
        return "ja"
    if words.CHINESE.search(text):
        return "zh"
    return "ja" if words.JAPANESE.search(text) or han <= 12 else "zh"  # regions of ours: Japan, not China


def _carries(text: str, letters: int, grammatical: int, latin: int) -> bool:
    """One character of these scripts says as much as two or three Latin letters.

    A pasted English error makes no English mail of a Japanese one: then words of English grammar are few.
    """
    if letters * 2.5 >= latin:
        return True
    if grammatical < 8:
        return False
    english = sum(1 for word in _LATIN_WORD.findall(text.lower()) if word in words.ENGLISH)
    return english * 4 < grammatical


def _scored(text: str, script: str) -> str | None:
    """The best language of a script, by score plus prior; plain English is known without scoring."""
    sample = text.lower()
    if script == "latin" and sample.isascii() and _plainly_english(sample):
        return "en"
    return _model(script).best(sample, _hints(sample))


def _plainly_english(text: str) -> bool:
    """Every seventh word, and five in all, are words of English grammar that no other language has."""
    found = _LATIN_WORD.findall(text)
    telling = sum(word in words.ONLY_ENGLISH for word in found)
    return telling >= 5 and telling * 7 >= len(found)


def _hints(text: str) -> dict[str, float]:
    """Words that alone tell a language in a text of a few words ("danke", "siehe", "favor de")."""
    found: dict[str, float] = {}
    for word in _WORD.findall(text[:200]):
        for code in spoken().telling.get(word, ()):
            found[code] = found.get(code, 0.0) + words.HINT
    return found


@cache
def _model(script: str) -> Model:
    """The model of a script's languages, made once a process: not at import, which commands that read no mail pay too."""
    from triaged.reading.language.language_model import Model

    return Model(script)
