"""Phrases cost what a mail needs: checked without being compiled, compiled by language, faults told by place all the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tests.rulebook.rulebooks import complaints, rulebook
from tests.spent import spent
from triaged.config import shipped
from triaged.rulebook import lexicon, patterns, rules, sayings
from triaged.rulebook.conditions import Seen
from triaged.rulebook.folding import fold
from triaged.rulebook.lexicon import Lexicon
from triaged.rulebook.phrases import Either, Gap, Misphrased, Piece, Ref, asks, bare, parse
from triaged.walk.rulebook_folder import load_folder

WORDS = """
words:
  everybody-en: [all users, everybody]
  everybody-de: [alle Benutzer, die ganze Firma]
  everybody-fr: [tous les utilisateurs]
  everybody-ja: [全員]
  down-en: [down, dead]
  down-de: [ausgefallen, tot]
  down-fr: [bloqués]
  down-ja: [止まって]
rules:
  - {name: it, when: {says: "{everybody} … {down}"}, then: {tags: [x]}}
"""


def test_loading_compiles_no_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(sayings, "compiled_together", lambda patterns: made.append(patterns))
    load_folder(shipped.rules())
    assert made == []


def test_a_mail_has_only_the_phrases_of_its_languages_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    book = rulebook(WORDS)
    made: list[int] = []

    def counted(several: list[str]) -> object:
        known = list(several)
        made.append(len(known))
        return patterns.compiled_together(known)

    monkeypatch.setattr(sayings, "compiled_together", counted)
    for _ in range(3):
        rules.judge(book, {"text": "The report is late for one of our colleagues in Leeds today, thank you very much indeed.", "language": "en"})  # fmt: skip
    assert made == [1]


@pytest.mark.parametrize(
    ("text", "subject", "language"),
    [
        ("全員止まっています", "", "ja"),
        ("Please see below.\n\nalle Benutzer sind ausgefallen", "", "en"),  # forwarded, another language
        ("Voir objet", "All users are dead", "fr"),
        ("tous les utilisateurs sont bloqués", "", None),  # too few words to know the language
        ("tous les utilisateurs sont bloqués", "", "ca"),  # taken for a neighbour
        ("TOUS LES UTILISATEURS SONT BLOQUES", "", "en"),
        ("FYI 全員止まっています", "", "en"),
    ],
)
def test_a_phrase_is_heard_in_every_language_the_mail_has_words_of(
    text: str, subject: str, language: str | None
) -> None:
    facts = {"text": text, "subject": subject, "language": language}
    assert rules.judge(rulebook(WORDS), facts).outcomes[0].hit


def test_the_sentence_of_a_hit_shows_the_words_and_of_a_miss_what_spoilt_them() -> None:
    book = rulebook(
        WORDS.replace('says: "{everybody} … {down}"', 'text: {says: {phrases: "{everybody} … {down}", unless: what if}}')
    )  # fmt: skip
    hit, miss = (
        rules.judge(book, {"text": text, "language": "en"}).outcomes[0].why
        for text in ("Today all users are down.", "What if all users are down?")
    )
    assert hit == "text says 'all users are down'"
    assert miss == "text says it only beside 'What if'"


def test_every_shipped_phrase_compiles_in_each_of_its_languages() -> None:
    """What has passed the check is sound, though nothing compiled it."""
    book = load_folder(shipped.rules())
    for ident, (phrase, language) in enumerate(book.sayings.sayings):
        made = book.sayings.pattern(ident)
        assert made.programsize < 43_000, (phrase, language)
        assert not made.search(""), (phrase, language)


def test_the_measure_of_a_phrase_bounds_its_program() -> None:
    words = {"far-en": [f"word{n} …30 other{n}" for n in range(14)]}
    known = Lexicon(words)
    known.check("{far}", "en")
    made = patterns.compiled_together([known.pattern("{far}", "en")]).re(0)
    assert made.programsize < 43_000
    with pytest.raises(Misphrased, match="too large"):
        Lexicon({"far-en": [f"word{n} …30 other{n}" for n in range(80)]}).check("{far}", "en")


@pytest.mark.parametrize("word", ['"\\u200b"', '"=\\u200b"', '"*\\u200b*"'])
def test_a_word_that_cannot_be_seen_is_refused(word: str) -> None:
    told = complaints(
        f'words: {{a-en: [{word}]}}\nrules:\n  - {{name: it, when: {{says: "{{a}}"}}, then: {{tags: [x]}}}}\n'
    )
    assert any("nothing of it can be seen" in line and line.startswith("rules/") for line in told), told


def test_a_phrase_in_one_language_s_list_is_of_that_language_alone() -> None:
    known = Lexicon({"a-en": ["x"], "a-de": ["y"], "b-de": ["z"]})
    assert known.languages("{a} {b-de}") == ("de",)
    assert known.languages("{a}") == ("de", "en")
    with pytest.raises(Misphrased, match="no language has all"):
        known.languages("{a-en} {b}")


def test_lists_that_lead_back_and_lists_too_deep_are_refused_and_not_followed() -> None:
    told = complaints(
        'words: {a-en: ["{b} x"], b-en: ["{a} y"]}\nrules:\n  - {name: it, when: {says: "{a}"}, then: {tags: [x]}}\n'
    )
    assert any("lead back to themselves: a-en -> b-en -> a-en" in line for line in told), told
    deep = {f"l{n}-en": [f"{{l{n + 1}}} x"] for n in range(8)} | {"l8-en": ["y"]}
    with pytest.raises(Misphrased, match="deeper than 5"):
        Lexicon(deep).check("{l0}", "en")


def test_lists_that_name_others_many_times_are_measured_and_not_written_out() -> None:
    """Four lists of fifty, each naming the next: six million words, refused in a moment."""
    words = {f"l{n}-en": [f"{{l{n + 1}}} w{k}" for k in range(50)] for n in range(4)} | {"l4-en": ["y"]}

    def refused() -> None:
        with pytest.raises(Misphrased, match="too large"):
            Lexicon(words).check("{l0}", "en")

    assert spent(refused) < 1.0
    assert lexicon.LARGEST < 43_000


def test_a_text_that_rules_never_ask_about_compiles_nothing() -> None:
    book = rulebook(WORDS)
    rules.judge(book, {"text": "", "subject": "", "language": "en"})
    assert book.sayings._together == {}


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("en", "check-in", "Our check-ins fail."),
        ("en", "e-mail", "The e-mails, all of them."),
        ("en", '"#tag"', "Who set the #tags?"),
        ("en", "can't", "They can't."),
        ("en", "pay", "To pay, we sign."),
        ("de", "Büro", "In den Bueros ist es still."),
        ("de", '"*daten"', "Alle Kundendaten"),
        ("es", "co-oso", "las co-osas nuestras"),
        ("es", "roto", "Está (rota)"),
        ("fr", "l'accès", "L’acces est fermé"),
        ("fr", '"supprim*"', "supprimées hier"),
        ("it", '"se … ?"', "Server spento?"),  # a question follows its last word at once
        ("", "24/7", "open 24/7"),
    ],
)
def test_no_form_of_a_word_is_passed_over(language: str, words: str, said: str) -> None:
    name = f"it-{language}" if language else ""
    lists = f"words: {{{name}: [{words}], other-{language}: [x]}}\n" if name else ""
    phrase = "{it}" if name else words
    book = rulebook(f"{lists}rules:\n  - {{name: it, when: {{says: {phrase!r}}}, then: {{tags: [x]}}}}\n")
    text = fold(said)
    assert book.sayings.pattern(0).search(text), "the phrase itself has to be said"
    assert book.sayings.possible(text, language or "en") == {0}


def test_every_shipped_phrase_may_be_said_where_it_is_said() -> None:
    """What is passed over (`presence`) never says it: a saying of each, its words chosen by chance, endings too."""
    book, chance = load_folder(shipped.rules()), random.Random(5)
    tried = 0
    for ident, (phrase, language) in enumerate(book.sayings.sayings):
        for _ in range(12):
            text = fold(_said(phrase, language, book.sayings.lexicon, chance))
            if book.sayings.pattern(ident).search(text):
                tried += 1
                assert ident in book.sayings.possible(text, language), (phrase, language, text)
    assert tried > 4000


def _said(phrase: str, language: str, known: Lexicon, chance: random.Random) -> str:
    return _spoken(parse(phrase), language, known, chance) + ("?" if asks(phrase) else ".")


def _spoken(pieces: Sequence[Piece], language: str, known: Lexicon, chance: random.Random) -> str:
    blank = "" if language in lexicon.UNSPACED else " "
    return blank.join(filter(None, (_one(piece, language, known, chance) for piece in pieces)))


def _one(piece: Piece, language: str, known: Lexicon, chance: random.Random) -> str:
    if isinstance(piece, Gap):
        return ""
    if isinstance(piece, Either):
        return "" if piece.optional else _spoken(chance.choice(piece.options), language, known, chance)
    if isinstance(piece, Ref):
        listed = chance.choice(known.phrases(known._known(piece.name, language)))
        return _spoken(parse(listed), language, known, chance)
    ending = {"en": "s", "de": "n", "fr": "s", "es": "s", "pt": "s", "nl": "en"}.get(language, "")
    return bare(piece) + (ending if chance.random() < 0.2 else "")


PLAIN = [
    ("en", "Could you tell us where the monthly report of open deals lives now? Anna is looking for it in the menu."),
    ("de", "Guten Tag, wo stelle ich die Farbe der Kalendereinträge um? Die Anleitung zeigt ein älteres Bild."),
    ("fr", "Bonjour, où se trouve le nouveau rapport mensuel ? La cliente voudrait changer la couleur du tableau."),
    ("es", "Hola, ¿dónde se cambia el color del informe mensual? La clienta quiere otro tono en la tabla."),
    ("ja", "お世話になっております。月次レポートの色を変更する画面はどちらにありますでしょうか。"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), PLAIN)
def test_no_phrase_is_looked_for_in_a_mail_without_grave_words(
    language: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, looked = load_folder(shipped.rules()), []
    monkeypatch.setattr(Seen, "phrase", lambda seen, ident: looked.append(book.sayings.sayings[ident]))
    rules.judge(book, {"text": text, "own_text": text, "language": language, "kind": "request"}, misses=False)
    assert looked == []
