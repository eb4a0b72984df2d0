"""Answers that the rulebook keeps ready: loaded strictly, written in the ticket's language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.samples import NOW, new_ticket
from triaged.config import shipped
from triaged.letters import canned
from triaged.letters.context import Desk
from triaged.letters.writer import Writer
from triaged.rulebook import loading
from triaged.walk.rulebook_folder import ROOMS, load_folder, read_folder

BOOK = load_folder(shipped.rules())
WRITER = Writer(BOOK.letters, BOOK.promises, Desk("global", "support@desk.example"), NOW)


def load(text: str) -> list[str]:
    texts = read_folder(shipped.rules()) | {"90-own.yaml": text}
    return [str(c) for c in loading.load(texts, ROOMS)[1]]


@pytest.mark.parametrize("name", sorted(BOOK.letters.answers))
@pytest.mark.parametrize("language", ["en", "ja", "de", "fr", "es"])
def test_each_answer_is_there_in_each_language_and_says_nothing_unknown(name: str, language: str) -> None:
    one = BOOK.letters.answers[name]
    assert one.language_for(language) == language
    for ticket in (new_ticket(trusted=True, language=language), new_ticket(trusted=False, language=language)):
        text = canned.written(one, WRITER, replace(ticket, reference="PS-1042"), "Cy Moor")
        assert "PS-1042" in text and "Cy Moor" in text and "{" not in text and "None" not in text


def test_another_language_falls_back_to_english() -> None:
    assert BOOK.letters.answers["screenshots"].language_for("pt") == "en"


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ("{en: 'Hello {{ nmae }}'}", "'nmae' is undefined"),
        ("{en: 'Hello {{ name'}", "line 1 of the template"),
        ("{english: Hello}", "english"),
        ("{}", "texts"),
        ("{en: '{{ \"\".__class__ }}'}", "does not render"),
    ],
)
def test_what_is_written_wrong_stops_the_rulebook_at_its_line(texts: str, complaint: str) -> None:
    told = load(f"rules: []\nanswers:\n  mine:\n    title: Mine\n    texts: {texts}\n")
    assert any("90-own.yaml:" in line and complaint in line for line in told), told


def test_an_answer_of_the_same_name_in_two_files_is_a_complaint() -> None:
    told = load("rules: []\nanswers:\n  screenshots:\n    title: Mine\n    texts: {en: x}\n")
    assert any("stands already in" in line for line in told)
