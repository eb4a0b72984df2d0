"""The gravest words in one sentence, and the same words where nothing is grave, in eight languages.

The sentences were written from the definitions of severity before any phrase of the rules was.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triaged.config import shipped
from triaged.judging import severity
from triaged.judging.severity import Opinion
from triaged.rulebook import rules
from triaged.rulebook.rulebook import Rulebook
from triaged.walk import rulebook_folder

SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parent / "gravest_words.jsonl").read_text("utf-8").splitlines()
]
GRAVE = [s for s in SENTENCES if "S1" in s["severity"]]
MILD = [s for s in SENTENCES if "S1" not in s["severity"]]


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The rulebook that ships."""
    return rulebook_folder.load_folder(shipped.rules())


def judged(book: Rulebook, sentence: dict[str, str], *, start: str = "S3") -> str:
    """The severity of a mail of that one sentence, where nothing else speaks."""
    text = sentence["text"]
    facts = {
        **dict.fromkeys(("text", "own_text"), text),
        "subject": "Zoho",
        "language": sentence["language"],
        "kind": "request",
        "mail.characters": len(text),
    }
    verdict = rules.judge(book, facts, misses=False)
    bounds = (
        severity.rule_opinion(verdict, at, "") for at in (verdict.severity, verdict.at_least, verdict.at_most)
    )
    return severity.settle(Opinion(severity.Severity(start), "default"), *bounds).severity.value


@pytest.mark.parametrize("sentence", GRAVE, ids=lambda s: s["text"][:60])
def test_what_is_gravest_needs_one_sentence(book: Rulebook, sentence: dict[str, str]) -> None:
    assert judged(book, sentence, start="S4") in sentence["severity"]


@pytest.mark.parametrize("sentence", MILD, ids=lambda s: s["text"][:60])
def test_the_same_words_asked_denied_or_over_are_mild(book: Rulebook, sentence: dict[str, str]) -> None:
    assert judged(book, sentence) in sentence["severity"]
