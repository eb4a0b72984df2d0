"""Catalogues: nothing untranslated in Japanese, nothing left over, every placeholder and mark as in English; languages chosen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import dates
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from triaged.web import catalogues, times
from triaged.web.desk.page import language_name

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
    shown = str(times.teller(ZoneInfo("Asia/Tokyo"), at)(at, ago=True))
    catalogues.speak("en")
    assert shown.startswith('<time datetime="2026-10-25T00:30:00Z">2026/10/25')


@pytest.mark.parametrize("language", list(catalogues.LANGUAGES))
def test_how_long_ago_is_told_as_babel_tells_it_on_both_sides_of_every_bound(language: str) -> None:
    """What is asked of Babel is rounded first, so that few questions are asked; no answer may change by it."""
    now, random = datetime(2026, 11, 23, 9, tzinfo=UTC), Random(7)
    bounds = [
        part * unit for _name, unit in dates.TIMEDELTA_UNITS for part in (0.5, 0.85, 1, 1.5, 2, 2.5, 51)
    ]
    spans = [0, *(bound + off for bound in bounds for off in (-1, -0.4, 0, 0.4, 1))]
    spans += [10 ** random.uniform(-1, 8.3) for _ in range(300)]
    catalogues.speak(language)
    try:
        for span in (timedelta(seconds=sign * one) for one in spans for sign in (1, -1)):
            told = dates.format_timedelta(span, add_direction=True, locale=times._locale())
            assert times.distance(now + span, now) == told, span
    finally:
        catalogues.speak("en")


def test_a_page_with_thousands_of_moments_asks_babel_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPU: formatting was a third of what a long ticket's page cost."""
    asked: list[str] = []
    for name in ("format_date", "format_time", "format_timedelta"):
        monkeypatch.setattr(dates, name, _heard(asked, name, getattr(dates, name)))
    for kept in (times._date, times._time, times._ago, times._element):
        kept.cache_clear()
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    at = times.teller(ZoneInfo("Asia/Tokyo"), now)
    for second in range(0, 7200, 4):
        assert at(now - timedelta(seconds=second), ago=True)
    assert asked.count("format_date") == 1
    assert asked.count("format_time") <= 121
    assert asked.count("format_timedelta") <= 60 + 60 + 2


def test_a_moment_given_by_a_clock_that_was_put_back_is_not_taken_for_the_one_before() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    at = times.teller(berlin, datetime(2026, 10, 25, tzinfo=UTC))
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    assert at(first) != at(first.replace(fold=1))


def _heard(asked: list[str], name: str, ask: Any) -> Any:
    def hear(*given: Any, **named: Any) -> Any:
        asked.append(name)
        return ask(*given, **named)

    return hear


@pytest.mark.parametrize(
    ("tag", "name"),
    [("en", "English"), ("ja", "Japanese"), ("pt", "Portuguese"), ("zh", "Chinese"), ("xx", "xx")],
)
def test_the_console_names_languages_that_the_pages_do_not_speak_too(tag: str, name: str) -> None:
    """Where dates are told in five languages alone: an environment after packaging/slim has no data of the others."""
    assert language_name(tag) == name
