"""Catalogues: nothing untranslated in Japanese, nothing left over, every placeholder and mark as in English; languages chosen."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from triaged.web import catalogues, times

WEB = Path(catalogues.__file__).parents[1]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {
    "**/templates/**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
}


def said() -> set[Any]:
    return {found[2] for found in extract_from_dir(str(WEB), METHODS, OPTIONS)}


def marks(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|</?\w+>|https://…", text))


@pytest.mark.parametrize("language", ["ja", "de", "fr", "es"])
def test_every_text_of_the_pages_is_translated_and_no_other(language: str) -> None:
    with (WEB / "catalogues" / f"messages_{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    translated = {message.id: message for message in catalogue if message.id}
    assert {tuple(one) if isinstance(one, list) else one for one in said()} == set(translated)
    for message in translated.values():
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        own = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(own) and not message.fuzzy, message.id
        assert {tuple(marks(one)) for one in own} <= {tuple(marks(one)) for one in english}, message.id
    assert not [error for _message, errors in catalogue.check() for error in errors]


@pytest.mark.parametrize(
    ("choice", "accepted", "language"),
    [
        ("", "ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("", "fr-CH, fr;q=0.9", "fr"), ("de", "ja", "de"), ("xx", "", "en"), ("", "zz,es;q=0.1", "es"),
        ("", "en;q=0.1,de;q=0.9", "de"), ("", "de;q=0,ja;q=0.1", "ja"), ("", "de;q=x,ja", "ja"), ("", "," * 5000, "en"), ("", "\x00;q=1", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_persons_choice_else_the_browsers(
    choice: str, accepted: str, language: str
) -> None:
    assert catalogues.chosen(choice, accepted) == language


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Berlin", "25 Oct 2026, 02:30 CEST"), ("Asia/Tokyo", "25 Oct 2026, 09:30 JST"), ("UTC", "25 Oct 2026, 00:30 UTC"),
        ("America/Sao_Paulo", "24 Oct 2026, 21:30 America/Sao_Paulo (-0300)"), ("America/Phoenix", "24 Oct 2026, 17:30 MST"),
    ],
)  # fmt: skip
def test_p27_a_moment_names_its_zone_on_both_sides_of_a_clock_change(zone: str, shown: str) -> None:
    catalogues.speak("en")
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert times.moment(at, ZoneInfo(zone)) == shown
    if zone == "Europe/Berlin":
        assert times.moment(at.replace(hour=1), ZoneInfo(zone)) == "25 Oct 2026, 02:30 CET"


def test_the_markup_holds_utc_and_the_words_follow_the_language() -> None:
    catalogues.speak("ja")
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    shown = str(times.markup(at, ZoneInfo("Asia/Tokyo"), at))
    catalogues.speak("en")
    assert shown.startswith('<time datetime="2026-10-25T00:30:00Z">2026/10/25')
