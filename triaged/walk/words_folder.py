"""Where words lie: reads the files of words that ship, and an operator's own. The edge of reading/words/.

Contract: files are read strictly (spec/strict_yaml.py); every complaint has file, line and column. An
operator's folder (`reading_words` in the config) has files of the same shape, whose words are added.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from triaged.config import shipped
from triaged.config.yaml_folder import read_texts
from triaged.errors import Faulty
from triaged.reading.words.words import Words
from triaged.reading.words.written import FILE, Language, together
from triaged.spec.strict_yaml import parse


def words_with(folder: Path | None) -> Words:
    """The words that ship and those of `folder`. Raises Faulty with every complaint."""
    if folder is None:
        return shipped_words()
    return together([*_shipped(), *languages_of(folder)])


@cache
def shipped_words() -> Words:
    """The words that ship, loaded once a process."""
    return together(_shipped())


def languages_of(folder: Path) -> list[Language]:
    """The languages of a folder's `*.yaml` files. Raises Faulty with every complaint."""
    languages: list[Language] = []
    complaints: list[str] = []
    for name, text in read_texts(folder, "folder of words").items():
        language, faults = parse(text, name, FILE)
        complaints += map(str, faults)
        languages += [language] if language else []
    if complaints:
        raise Faulty(*complaints)
    return languages


@cache
def _shipped() -> tuple[Language, ...]:
    return tuple(languages_of(shipped.words()))
