"""Words with their endings as patterns; several files as one; names that lead nowhere."""

from __future__ import annotations

import pytest

from tests.rulebook.rulebooks import complaints
from triaged.rulebook.endings import flexible, opening
from triaged.rulebook.merging import merge
from triaged.spec import strict_yaml


@pytest.mark.parametrize(
    ("word", "language", "opens", "ends"),
    [
        ("box", "en", "box", ""),
        ("mail", "en", "mail", "(?:s|es)?"),
        ("mail", "de", "mail", "(?:e[nrsm]?|[nstrm])?"),
        ("mail", "fr", "mail", "(?:es?|s|x|nt)?"),
        ("mail", "es", "mail", "(?:s|es|n)?"),
        ("mail", "pt", "mail", "(?:s|es|m)?"),
        ("mail", "nl", "mail", "(?:en?|[nst])?"),
        ("mail", "it", "mail", ""),
        ("mail", "ja", "mail", ""),
        ("mail", "", "mail", ""),
        ("borrado", "es", "borrad", "[ao]s?"),
        ("borrada", "pt", "borrad", "[ao]s?"),
        ("porti", "it", "port", "[aeio]"),
        ("porti", "es", "porti", "(?:s|es|n)?"),
        ("uno", "es", "uno", ""),
        ("ab12", "en", "ab12", ""),
        ("mail.", "en", "mail\\.", ""),
        ("A.b-C", "en", "a\\.b\\-c", "(?:s|es)?"),
        ("Café", "fr", "caf[ée]", "(?:es?|s|x|nt)?"),
        ("Öl", "de", "(?:ö|oe?)l", ""),
        ("Grüße", "de", "gr(?:ü|ue?)(?:ß|ss)e", "(?:e[nrsm]?|[nstrm])?"),
        ("Äcker", "de", "(?:ä|ae?)cker", "(?:e[nrsm]?|[nstrm])?"),
        ("cœur", "fr", "c(?:œ|oe)ur", "(?:es?|s|x|nt)?"),
        ("файл", "ru", "файл", ""),
        ("ещё", "", "ещё", ""),
    ],
)
def test_a_word_takes_the_endings_and_spellings_of_its_language(
    word: str, language: str, opens: str, ends: str
) -> None:
    assert flexible(word, language) == opens + ends
    assert opening(word, language) == opens


def test_files_are_one_and_what_two_of_them_say_is_told_where() -> None:
    texts = (
        "a: [1]\nb: {c: 1, d: [1]}\ne: [1]\nf: {g: 1}\n",
        "a: [2, 3]\nb: {e: {f: 2}, d: [2]}\ne: {x: 1}\nf: [1]\n",
        "a: [x: 4]\nb: {c: 3, e: {g: 3}}\n",
        "- 1\n",
    )
    documents = [strict_yaml.load(text, f"{name}.yaml") for name, text in enumerate(texts)]
    whole = merge(documents)
    assert whole.value == {
        "a": [1, 2, 3, {"x": 4}],
        "b": {"c": 1, "d": [1], "e": {"f": 2, "g": 3}},
        "e": [1],
        "f": {"g": 1},
    }
    assert list(map(str, whole.complaints)) == [
        "1.yaml:2:16: key 'd' stands already in 0.yaml:2",
        "1.yaml:3:1: 'e' is a list in 0.yaml:3 and must be one here too",
        "1.yaml:4:1: 'f' is a mapping in 0.yaml:4 and must be one here too",
        "2.yaml:2:5: key 'c' stands already in 0.yaml:2",
        "3.yaml:1:1: a rulebook file is a mapping with keys like rules: and tests:",
    ]
    places = [("a", 0), ("a", 2), ("a", 3, "x"), ("b", "e", "g"), ("b", "d", 0)]
    assert [whole.place(path)[:2] for path in places] == [
        ("0.yaml", 1), ("1.yaml", 1), ("2.yaml", 1), ("2.yaml", 2), ("0.yaml", 2),
    ]  # fmt: skip
    assert documents[0].value["a"] == [1]
    assert "e" not in documents[0].value["b"]


def test_nothing_merged_stands_in_the_first_line_of_nowhere() -> None:
    assert merge(()).place(()) == strict_yaml.Mark("rulebook", 1, 1)
    assert merge([strict_yaml.load("a: 1\n", "a.yaml")]).place(()).file == "a.yaml"


RULE = "rules:\n  - {name: a, when: {language: de}, then: {tags: [x]}}\n"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("lists: {unused: [a]}", ["3:9: warning: list 'unused' is used by no rule"]),
        ("words: {unused-en: [a]}", ["3:9: warning: word list 'unused-en' is used by no rule"]),
        (
            "words: {bad-en: [a, '(a']}",
            [
                "3:9: warning: word list 'bad-en' is used by no rule",
                "3:21: '(' is opened and not closed with ')'",
            ],
        ),
        ("queues: [one, six]\ndefaults: {queue: ten}", ["4:19: unknown queue 'ten'; known are one, six"]),
        ("queues: [one]\ndefaults: {queue: onne}", ["4:19: unknown queue 'onne'; did you mean 'one'?"]),
        ("queues: [one]\ndefaults: {queue: one}", []),
        ("  - {name: b, when: {language: fr}, then: {queue: x}}", ["3:51: unknown queue 'x'"]),
        ("  - {name: b, when: {language: fr}, then: {hold_letters: all}}", []),
        ("  - {name: b, when: {language: fr}, then: {letter: y, service_level: z, hold_letters: [q]}}", []),
        (
            "  - {name: a, when: {language: fr}, then: {tags: [x]}}",
            ["3:12: rule 'a' stands already in rules/a.yaml:2"],
        ),
        (
            "services: [{name: One, aliases: [Eins, eins]}, {name: Two, aliases: [EINS]}]",
            ["3:48: service 'Two': the name 'eins' already belongs to 'One'"],
        ),
        (
            "services: [{name: One}]\nasking: {zuid: {services: [Onne]}}",
            ["4:28: unknown service 'Onne'; did you mean 'One'?"],
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_told_where_it_stands(more: str, told: list[str]) -> None:
    assert complaints(f"{RULE}{more}\n") == [f"rules/a.yaml:{one}" for one in told]
