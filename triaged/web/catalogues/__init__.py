"""What the pages say in each language: gettext catalogues, read from their .po once (messages_*.po).

`_` stands in templates and code for the reader's language, which a request sets for itself and the threads it runs in.
"""

from __future__ import annotations

import gettext as stdlib
import io
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = {"en": "English", "ja": "日本語", "de": "Deutsch", "fr": "Français", "es": "Español"}
FALLBACK = "en"
_language: ContextVar[str] = ContextVar("language", default=FALLBACK)
_HERE = Path(__file__).parent


def speak(language: str) -> None:
    """From now on, in this request, `_` answers in this language."""
    _language.set(language if language in LANGUAGES else FALLBACK)


def spoken() -> str:
    """The language of this request."""
    return _language.get()


def _(text: str) -> str:
    """The text in the reader's language."""
    return catalogue(spoken()).gettext(text)


def ngettext(one: str, several: str, number: int) -> str:
    """The same for a number of things."""
    return catalogue(spoken()).ngettext(one, several, number)


@cache
def catalogue(language: str) -> stdlib.NullTranslations:
    """A language's catalogue; English is what stands in the code."""
    file = _HERE / f"messages_{language}.po"
    if not file.exists():
        return stdlib.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return stdlib.GNUTranslations(compiled)


def chosen(choice: str, accepted: str) -> str:
    """The language somebody chose, else the first that his browser accepts and we have."""
    if choice in LANGUAGES:
        return choice
    wanted: list[tuple[float, int, str]] = []
    for place, piece in enumerate(accepted[:500].split(",")):
        tag, _semicolon, weight = piece.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        wanted.append((-quality, place, tag.partition("-")[0].lower()))
    return next((tag for quality, _, tag in sorted(wanted) if tag in LANGUAGES and quality < 0), FALLBACK)
