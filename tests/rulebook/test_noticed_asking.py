"""Which values each kind of fact can have, and how a value that it cannot have is told; what differs where no severity moves."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.rulebook.test_backtest import TWO
from triaged.rulebook import differences
from triaged.rulebook.asking import misfit, no_region
from triaged.rulebook.differences import Summary
from triaged.rulebook.fields import FIELDS
from triaged.rulebook.lexicon import Lexicon, words_alone, words_of

SERVICES, REGIONS = ("Zoho CRM", "Zoho Desk"), ("EU", "JP")


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("language", None, "nothing is given; write {exists: false} to ask for absence"),
        ("automatic", True, None),
        ("automatic", 1, "must be true or false, not 1"),
        ("automatic", "true", "must be true or false, not 'true'"),
        ("mail.characters", 3, None),
        ("mail.characters", 3.5, None),
        ("mail.characters", True, "must be a number, not true"),
        ("mail.characters", "3", "must be a number, not '3'"),
        ("subject", "x", None),
        ("subject", 3, "must be text, not 3; put it in quotes"),
        ("subject", 3.5, "must be text, not 3.5; put it in quotes"),
        ("subject", ["x"], "must be text, not a list"),
        ("subject", {"x": 1}, "must be text, not a mapping"),
        ("classifier.severity", "S1", None),
        ("classifier.severity", "S5", "'S5' is none of S1, S2, S3, S4"),
        ("service", "zoho crm", None),
        ("service", "Zoho CMR", "unknown service 'Zoho CMR'; did you mean 'Zoho CRM'?"),
        ("account.region", "jp", None),
        ("account.region", "jpp", "unknown region 'jpp'; did you mean 'JP'?"),
        ("account.region", "moon", "unknown region 'moon'; `regions` has EU, JP"),
        ("language", "ja", None),
        ("language", "jp", "'jp' is a country; the language is 'ja'"),
        ("language", "JA", "'JA' is no ISO 639-1 code such as en, ja or de"),
        ("language", "j1", "'j1' is no ISO 639-1 code such as en, ja or de"),
        ("language", "jap", "'jap' is no ISO 639-1 code such as en, ja or de"),
    ],
)
def test_what_a_fact_can_be(fact: str, value: Any, told: str | None) -> None:
    assert misfit(FIELDS[fact], value, SERVICES, REGIONS) == told


def test_where_the_rulebook_lists_none_any_service_and_region_will_do() -> None:
    assert misfit(FIELDS["service"], "Zoho CMR") is misfit(FIELDS["account.region"], "moon") is None
    assert no_region("moon", ()) is None


def test_where_no_severity_moves_no_table_is_shown() -> None:
    found = differences.compare(TWO, replace(TWO, tags=("t",), queue="fire", review=True))
    summary = Summary.of([found])
    assert (summary.moves, summary.changes) == ({}, {"tags": 1, "queue": 1, "review": 1})
    assert list(differences.lines(summary))[:5] == [
        "1 mail judged by both rulebooks; 1 of them differently",
        "",
        "queue changes on 1 mail",
        "review changes on 1 mail",
        "tags changes on 1 mail",
    ]


LEXICON = Lexicon(
    {"who-en": ["team", "every (user|admin)"], "down-en": ["is down", "crash*"], "down-ja": ["停止"]}
)


@pytest.mark.parametrize(
    ("phrase", "language", "text", "there"),
    [
        ("server is down", "en", "the server is down", True),
        ("server is down", "en", "the server is up", False),
        ("server is down", "en", "down is the server", False),
        ("server … down", "en", "server x y down", True),
        ("[very] slow", "en", "slow", True),
        ("[very] slow", "en", "very fast", False),
        ("(red|green) light", "en", "green light", True),
        ("(red|green) light", "en", "blue light", False),
        ("{who} … {down}", "en", "our team has crashed", True),
        ("{who} … {down}", "en", "every admin is down", True),
        ("{who} … {down}", "en", "every guest is down", False),
        ("{who} … {down}", "en", "crashed for our team", False),
        ("{down}", "ja", "本日停止しました", True),
        ("{down}", "ja", "本日開始しました", False),
        ("=bill", "en", "a bill", True),
        ("=bill", "en", "a billing", False),
        ("*daten", "en", "kundendaten", True),
        ("check-in", "en", "check in", True),
        ("is it down?", "en", "is it down", True),
    ],
)
def test_which_words_a_phrase_cannot_do_without(phrase: str, language: str, text: str, there: bool) -> None:
    held = text if language == "ja" else words_alone(words_of(text))
    assert bool(re.search(LEXICON.presence(phrase, language), held)) is there
