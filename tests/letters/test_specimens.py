"""`docs/letters/` is what `triaged rules letters` writes for the shipped rulebook; each letter reads well."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.letters.test_templates import changed
from tests.tickets.world import letters, promises
from triaged.letters import kinds, layout, specimens, templates

GOLDEN = Path(__file__).parents[2] / "docs" / "letters"
LANGUAGES = tuple(letters().templates)
OF = {language: specimens.of_language(language, letters(), promises()) for language in LANGUAGES}
EVERY = [
    pytest.param(lang, one, id=f"{lang}:{one.kind}:{one.when}") for lang, all_ in OF.items() for one in all_
]


def test_the_golden_files_are_what_the_command_writes():
    """`triaged rules letters docs/letters` makes them anew; read the difference before you commit it."""
    files = specimens.files(letters(), promises())
    assert {path.name: path.read_text("utf-8") for path in GOLDEN.iterdir()} == dict(files)


def test_every_kind_of_letter_is_there_in_every_language():
    for language, found in OF.items():
        assert {one.kind for one in found} == set(kinds.templates("partner")), language
    assert {one.kind for one in specimens.of_staff(letters(), promises())} == set(kinds.templates("staff"))


def test_a_letter_of_the_rulebooks_own_is_there_too():
    own = templates.build(
        changed("en", "templates", "renewals", {"subject": "x", "body": "Renewals: {{ reference }}"})
    )
    assert specimens.of_language("en", own, promises())[-1].body == "Renewals: PS-1001\n"


def test_a_rulebook_that_promises_nothing_has_its_letters_all_the_same():
    from triaged.promises import promising

    found = specimens.of_language("en", letters(), promising.build({}))
    assert {one.kind for one in found} == set(kinds.templates("partner"))


@pytest.mark.parametrize(("language", "one"), EVERY)
def test_a_letter_names_its_zone_once_and_its_lines_are_short(language, one):
    own = one.body.partition("-" * 30)[0]
    zone = "Europe/London" if language == "en" else {"ja": "Asia/Tokyo", "de": "Europe/Berlin", "fr": "Europe/Paris", "es": "Europe/Madrid"}[language]  # fmt: skip
    assert own.count(zone) <= 1 + (one.kind == "progress_update")
    lines = layout.wrapped(one.body, flowed=False).split("\n")
    assert max(layout._columns(line) for line in lines) <= layout.WIDTH
    assert not any(line.startswith(tuple("、。」）：:;,.")) for line in lines)
    assert not any("4h" in line or "1h" in line for line in lines)


@pytest.mark.parametrize(("language", "one"), EVERY)
def test_sentences_begin_as_the_language_begins_them(language, one):
    if kinds.of(one.kind).typed or one.kind == "meeting_entry":
        return  # a person's own words; what a calendar shows, which greets nobody
    body = one.body.split("\n\n")
    greeting = next(n for n, block in enumerate(body) if block.endswith((",", "様", ":")))
    first = body[greeting + 1][0]
    if language in ("en", "fr", "es"):
        assert first.isupper()
    if language == "de":
        assert first.islower() or body[greeting + 1].startswith("PS-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_for_one_thing(language):
    """What readers stumbled over stays out of every letter of the language."""
    never = {
        "en": ("Marked:", "at the latest", "clock", "First answer", " solved"),
        "ja": ("原因の特定", "今後の予定", "最後のお願い", "見ております", "開発案件", "受付を終了", "\n区分", "主となるお客様"),
        "de": ("Aktenzeichen", "Fall ", "bevorzugter", "Ursache", "Mitarbeiter", "Uhr steht", "zuerst"),
        "fr": ("dossier est", "grand compte", "avant le", "collègue", "Cause", "développeurs", "résolu.", "d'abord"),
        "es": ("gran cuenta", "informe", "Causa", "así está", "detenido", "ampliación de prueba", "Hola"),
    }[language]  # fmt: skip
    for one in OF[language]:
        own = one.body.partition("-" * 30)[0]
        assert not [word for word in never if word in own], one


def test_dates_are_written_as_the_language_writes_them():
    expected = {"en": "Tue 1 Dec 2026", "de": "Di., 1. Dezember 2026", "fr": "mardi 1er décembre 2026", "ja": "2026年12月1日(火)", "es": "martes 1 de diciembre de 2026"}  # fmt: skip
    for language, day in expected.items():
        assert any(day in one.body for one in OF[language]), language
    assert any("vendredi 20 novembre 2026 à 16 h 00" in one.body for one in OF["fr"])
