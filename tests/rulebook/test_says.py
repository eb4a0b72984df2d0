"""`says`: phrases in plain words over word lists."""

from __future__ import annotations

import pytest

from tests.rulebook.rulebooks import complaints, rulebook
from triaged.rulebook import rules

WORDS = """
words:
  everybody-en: ["all [of] [our|the] users", nobody]
  everybody-de: [alle Benutzer, niemand]
  cannot-en: [cannot, "can't", can not]
  cannot-de: [können nicht, kann]
  only-en: [only she]
  question-en: ["^can (we|i)", "is it true ?"]
"""


def told(says: str, text: str, **more: str) -> tuple[bool, str]:
    """Whether a rule of one `says` hits a text, and its sentence."""
    made = rulebook(
        f"{WORDS}rules:\n  - name: it\n    when: {{text: {{says: {says}}}}}\n    then: {{tags: [x]}}\n"
    )
    outcome = rules.judge(made, {"text": text, "subject": "", **more}).outcomes[0]
    return outcome.hit, outcome.why


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("'{everybody} … {cannot} log in'", "Since nine all of our users at Alder\njust can’t log in."),
        ("'{everybody} … {cannot} log in'", "ALL USERS CANNOT LOG-IN"),
        ("'{everybody} … {cannot}'", "Seit neun koennen nicht, alle Benutzer des Hauses kann"),
        ("'lock|shut the mailbox'", "They shut the mailbox."),
        ("'(sign in|log in) fails'", "Log in fails"),
        ("'delet* mail'", "deleting mail"),
        ("'*daten verschwunden'", "Die Kundendaten verschwunden!"),
        ("'boîte d''envoi'", "la boite d'envoi"),
        ("'請求書 … 別のお客様'", "請求書を誤って別のお客様に"),
        ("'is it down ?'", "Is it down for you too?"),
        ("'^can we'", "Good day. Can we do it"),
        ("'Größe falsch'", "Die Größe falsch"),
        ("'Größe falsch'", "Die GRÖSSE falsch"),
        ("'Größe falsch'", "Die Groesse falsch"),
        ("'Straßen weg'", "STRAẞEN weg"),
    ],
)
def test_a_phrase_is_found_as_people_write_it(says: str, text: str) -> None:
    assert told(says, text)[0]


@pytest.mark.parametrize(
    ("word", "language", "text"),
    [
        ("mailbox", "en", "both mailboxes"),
        ("Benutzer", "de", "den Benutzern"),
        ("fichier", "fr", "les fichiers"),
        ("borrado", "es", "todas borradas"),
        ("contatto", "it", "i contatti"),
        ("apagado", "pt", "foram apagadas"),
        ("gebruiker", "nl", "alle gebruikers"),
        ("Zugänge", "de", "alle Zugaenge"),
        ("société", "fr", "la societe"),
    ],
)
def test_words_of_a_list_are_found_with_their_usual_endings_and_without_accents(
    word: str, language: str, text: str
) -> None:
    made = rulebook(
        f"words: {{it-{language}: [{word}]}}\nrules:\n  - {{name: it, when: {{text: {{says: '{{it}}'}}}}, then: {{tags: [x]}}}}\n"
    )
    assert rules.judge(made, {"text": text}).outcomes[0].hit


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("'{everybody} … {cannot} log in'", "All users are here. Anna cannot log in."),
        ("'{everybody} …2 {cannot}'", "all users of the northern branch cannot"),
        ("'lock|shut the mailbox'", "They clock the mailbox."),
        ("'=bill paid'", "bills paid"),
        ("'is it down ?'", "It is it down."),
        ("'^can we'", "As far as can we"),
        ("'mail'", "mailbox"),
    ],
)
def test_a_phrase_is_not_found_elsewhere(says: str, text: str) -> None:
    assert not told(says, text)[0]


def test_a_sentence_that_asks_does_not_count_and_another_still_does() -> None:
    says = "{phrases: '{everybody} … {cannot}', unless: '{question-en}'}"
    assert not told(says, "Can we know whether all users cannot log in")[0]
    assert told(says, "Can we know more? Now all users cannot log in.") == (
        True,
        "text says 'all users cannot'",
    )


def test_what_spoils_a_phrase_is_of_its_language() -> None:
    says = "{phrases: '{everybody} … {cannot}', unless: ['{only}']}"
    assert told(says, "Only she: alle Benutzer können nicht")[0]


def test_the_matched_words_are_told_and_what_spoilt_them() -> None:
    assert told("'{everybody} … {cannot}'", "Hm: nobody here cannot.")[1] == "text says 'nobody here cannot'"
    spoilt = told("{phrases: nobody, unless: replied}", "Nobody replied.")
    assert spoilt == (False, "text says it only beside 'replied'")
    assert told("[nobody, niemand]", "All well.")[1] == "text says none of 'nobody', 'niemand'"


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [
        ("'{everbody} left'", "unknown word list 'everbody'; did you mean 'everybody'"),
        ("'{everybody} [left'", "'[' is opened and not closed with ']'"),
        ("'{everybody} left)'", "')' closes nothing that was opened"),
        ("'… left'", "a phrase begins with words, not with …"),
        ("'left …'", "a phrase ends with words, not with …"),
        ("'[left]'", "everything in this phrase may be left out"),
        ("'{Every body}'", "is no name of a word list"),
        ("'a …99 b'", "a gap is of 1 to 30 words"),
        ("'{only} {cannot-de} {nothing}'", "unknown word list 'nothing'"),
        ("{phrase: a}", "unknown key 'phrase'; did you mean 'phrases'"),
        ("3", "a phrase must be text"),
    ],
)
def test_faults_of_phrases_are_told_by_place(phrase: str, fault: str) -> None:
    found = complaints(
        f"{WORDS}rules:\n  - name: it\n    when: {{text: {{says: {phrase}}}}}\n    then: {{tags: [x]}}\n"
    )
    assert any(fault in line and line.startswith("rules/a.yaml:11:") for line in found), found


def test_faults_of_word_lists_are_told_where_the_list_stands_and_once() -> None:
    found = complaints(
        "words:\n  bad-en: ['(open']\nrules:\n  - name: it\n    when: {any: [{says: '{bad}'}, {says: 'x {bad}'}]}\n    then: {tags: [x]}\n"
    )
    assert [line for line in found if "warning" not in line] == [
        "rules/a.yaml:2:12: '(' is opened and not closed with ')'"
    ]


def test_word_lists_that_lead_back_to_themselves_are_refused() -> None:
    found = complaints(
        "words: {a-en: ['{b}'], b-en: ['{a}']}\nrules:\n  - {name: it, when: {says: '{a}'}, then: {tags: [x]}}\n"
    )
    assert any("lead back to themselves" in line for line in found), found


def test_says_asks_subject_and_text_alike() -> None:
    made = rulebook("rules:\n  - {name: it, when: {says: all lost}, then: {tags: [x]}}\n")
    assert rules.judge(made, {"subject": "All lost", "text": "See subject"}).outcomes[0].hit
    assert rules.judge(made, {"subject": "Hi", "text": "We fear all is well. All lost!"}).outcomes[0].hit


@pytest.mark.parametrize(
    ("phrase", "text", "said"),
    [
        ("mail down", "our mail, down", "mail, down"),
        ("mail down", "mailing down", None),
        ("mail* down", "mailing down", "mailing down"),
        ("*box down", "mailbox down", "mailbox down"),
        ("box down", "mailbox down", None),
        ("=mail down", "mail down", "mail down"),
        ("=", "a = b", "="),
        ("d''envoi", "d'envoi", "d'envoi"),
        ("down [today]", "it is down today", "down today"),
        ("down [today]", "it is down there", "down"),
        ("[not] down", "it is down", "down"),
        ("(sign|log) in fails", "log in fails", "log in fails"),
        ("(sign|log) in fails", "in fails", None),
        ("mail …2 down", "mail is now down", "mail is now down"),
        ("mail …2 down", "mail is now all down", None),
        ("mail … down", "mail (it is) down", "mail (it is) down"),
        ("請求 … 客", "請求aaa客", "請求aaa客"),
        ("請求 … 客", "請求。客", None),
        ("check-in fails", "check-in fails", "check-in fails"),
        ("check-in fails", "checks-in fails", None),
    ],
)
def test_the_words_found_are_told_as_they_stand(phrase: str, text: str, said: str | None) -> None:
    hit, why = told(f"'{phrase}'", text)
    assert (hit, why if hit else None) == (said is not None, said and f"text says '{said}'")
