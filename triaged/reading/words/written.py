"""One language's file of words as written in YAML, and what the files of all languages come to. PURE.

Contract: strict, an unknown key is a complaint. Apart from words.py, so that a reader process, which is handed the
words ready made, does without pydantic: a third of what it imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any

from pydantic import Field, create_model

from triaged.reading.words.listed import Listed, Table
from triaged.reading.words.words import Header, Words
from triaged.spec.sections import Section

_KINDS: Mapping[str, type[Any]] = {
    one.name: type(one.default) for one in fields(Words) if one.name not in ("telling", "labels")
}


class Language(Section):
    """One language's file; beside these fields it has all sections of words."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]  # ISO 639-1
    telling: Table = Table()  # words that tell the language in a text of a few words


def _section(kind: type[Any]) -> type[Section]:
    """What a file writes for a class of words: its lists by their names."""
    lists: dict[str, Any] = {
        one.name: (type(one.default), Field(default=one.default, alias=one.name.rstrip("_")))
        for one in fields(kind)
    }
    return create_model(kind.__name__, __base__=Section, __doc__=kind.__doc__, **lists)


def _file() -> type[Language]:
    made = {kind: _section(kind) for kind in _KINDS.values()}
    sections: dict[str, Any] = {name: (made[kind], made[kind]()) for name, kind in _KINDS.items()}
    return create_model("Language", __base__=Language, **sections)


FILE = _file()


def together(languages: Sequence[Language]) -> Words:
    """The words of all languages; the same language twice has the words of both."""
    telling: dict[str, tuple[str, ...]] = {}
    for one in languages:
        for word in one.telling.plain:
            told = telling.get(word, ())
            telling[word] = told if one.language in told else (*told, one.language)
    meanings = {
        name: _joined((getattr(one, name) for one in languages), kind) for name, kind in _KINDS.items()
    }
    return Words(**meanings, telling=telling, labels=_labels(meanings["header"]))


def _joined(sections: Iterable[Section], kind: type[Any]) -> Any:
    every = list(sections)
    lists: dict[str, Listed] = {one.name: one.default for one in fields(kind)}  # type: ignore[misc]
    return kind(
        **{name: type(none).joined(getattr(one, name) for one in every) for name, none in lists.items()}
    )


def _labels(header: Header) -> Mapping[str, str]:
    """Labels of a header block by their text: the field that each names."""
    kinds = {"from": header.from_, "date": header.date, "to": header.to, "subject": header.subject}
    found = dict.fromkeys(header.other.plain, "other")
    for kind, table in kinds.items():
        found |= dict.fromkeys(table.plain, kind)
    return found
