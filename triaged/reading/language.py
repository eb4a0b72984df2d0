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
from typing import Any, Final

from triaged.reading import language_words as words

_READ: Final = 6_000  # characters looked at for words
_SCORED: Final = 1_500  # characters of words that are scored
_NOISE: Final = re.compile(
    r"https?://[^\s<>]{1,400}|www\.[^\s<>]{1,400}|[^\s<>]{0,100}@[^\s<>]{0,100}|[<>|*_#=~`\[\]{}\\/+-]+"
)
_ID: Final = re.compile(r"[^\W\d_]*\d[\w.,:-]*")
_LABEL: Final = re.compile(r"(?m)^[^\S\n]{0,8}(?:[^\W_][^\n:]{1,48})[:：][^\S\n]*")
_LATIN_WORD: Final = re.compile(r"[A-Za-z']{1,20}")


def of(text: str) -> str | None:
    """The language of `text`; None if there is no word in it."""
    shown = unicodedata.normalize("NFKC", text[:_READ])
    body = _words(shown)
    if not body:
        return "en" if words.PRODUCTS.search(_NOISE.sub(" ", shown)) else None
    scripts = _scripts(body)
    if not scripts:
        return None
    east = _east_asian(body, scripts)
    if east:
        return east
    script = max(scripts, key=lambda name: scripts[name])
    return words.BY_SCRIPT.get(script) or _scored(body, script)


def _words(text: str) -> str:
    """The text without what is no language; labels go too, unless nothing else is there."""
    clean = _ID.sub(" ", _NOISE.sub(" ", text))
    for attempt in (words.PRODUCTS.sub(" ", _LABEL.sub("", clean)), words.PRODUCTS.sub(" ", clean)):
        if sum(map(str.isalpha, attempt)) >= 2:
            return attempt.strip()
    return ""


def _scripts(text: str) -> dict[str, int]:
    """Letters by script, of the first characters of the text."""
    found: dict[str, int] = {}
    for letter in text[:_SCORED]:
        name = ("latin" if letter.isalpha() else "") if letter.isascii() else _script(letter)
        if name:
            found[name] = found.get(name, 0) + 1
    return found


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
    return "ja" if words.JAPANESE.search(text) and not words.CHINESE.search(text) else "zh"


def _carries(text: str, letters: int, grammatical: int, latin: int) -> bool:
    """One character of these scripts says as much as two or three Latin letters.

    A pasted English error makes no English mail of a Japanese one: then words of English grammar are few.
    """
    if letters * 2.5 >= latin:
        return True
    if grammatical < 8:
        return False
    english = sum(1 for word in _LATIN_WORD.findall(text[:_SCORED].lower()) if word in words.ENGLISH)
    return english * 4 < grammatical


def _scored(text: str, script: str) -> str | None:
    """The best language of a script, by score plus prior."""
    identifier = _identifier()
    sample = text[:_SCORED].lower()
    best, best_score = None, float("-inf")
    hints = _hints(sample)
    for code, score in identifier.rank(sample):
        code = words.MERGED.get(code, code)
        if len(code) != 2 or words.SCRIPTS.get(code, "latin") != script:
            continue
        weighed = max(score, -1e6) + words.PRIOR.get(code, words.RARE) + hints.get(code, 0.0)
        if weighed > best_score:
            best, best_score = code, weighed
    return best


def _hints(text: str) -> dict[str, float]:
    """Words that alone tell a language in a text of a few words ("danke", "siehe", "favor de")."""
    found: dict[str, float] = {}
    for word in re.findall(r"[^\W\d_]+", text[:200]):
        for code in words.TELLING.get(word, ()):
            found[code] = found.get(code, 0.0) + words.HINT
    return found


@cache
def _identifier() -> Any:
    """The model, loaded once a process (0.6 s): not at import, which commands that read no mail pay too."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)  # type: ignore[no-untyped-call]
