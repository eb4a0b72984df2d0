"""Templates: every kind in every language, strict names, sandbox, bounds."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tests.spent import spent
from tests.tickets.world import at, letters, sections
from triaged.letters import kinds, samples, templates
from triaged.letters.templates import LONGEST_BODY
from triaged.letters.wording import one_line, thread_subject
from triaged.promises.spans import parse_span
from triaged.spec.sections import SpecError


def changed(*path_and_value):
    merged = copy.deepcopy(sections())
    *way, last, value = path_and_value
    place = merged["letters"]
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return merged


def test_english_is_whole_and_every_language_has_every_letter_to_partners():
    assert set(letters().templates) == {"en", "ja", "de", "fr", "es"}
    assert set(letters().templates["en"]) >= {*kinds.templates("partner"), *kinds.templates("staff")}
    assert all(set(found) >= set(kinds.templates("partner")) for found in letters().templates.values())


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Fri 20 Nov 2026"),
        ("de", "Fr., 20. November 2026"),
        ("fr", "vendredi 20 novembre 2026"),
        ("ja", "2026年11月20日(金)"),
    ],
)
def test_a_day_is_written_without_a_time(language, day):
    assert letters().words(language).day(date(2026, 11, 20)) == day


@pytest.mark.parametrize("sample", [samples.BARE, samples.FULL])
def test_every_letter_of_every_language_reads_well(sample):
    for language, of_language in letters().templates.items():
        for kind in of_language:
            written = letters().write(kind, language, sample)
            assert written.subject and "\n" not in written.subject
            assert "None" not in written.body and "{{" not in written.body and "\n\n\n\n" not in written.body


def test_every_language_names_every_word_that_english_names():
    english = letters().words("en")
    for words in letters().words_by_language.values():
        for table in ("severities", "commitments", "identifiers", "case_steps"):
            assert set(getattr(words, table)) == set(getattr(english, table)), words.language


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        (("en", "templates", "closed", "body", "{{ refrence }}"), ("letters", "en", "templates", "closed", "body"), "'refrence' is undefined; did you mean 'reference'?"),
        (("ja", "templates", "closed", "body", "{% if x %}"), ("letters", "ja", "templates", "closed", "body"), "line 1 of the template"),
        (("en", "templates", "closed", None), ("letters", "en", "templates"), "the letter 'closed' is missing"),
        (("ja", "templates", "closde", {"subject": "x", "body": "x"}), ("letters", "ja", "templates", "closde"), "did you mean 'closed'?"),
        (("en", "words", "moment", "{weekdya}"), ("letters", "en", "words", "moment"), "placeholder"),
        (("en", "templates", "closed", "body", "{{ rows.__class__.__mro__ }}"), ("letters", "en", "templates", "closed", "body"), "unsafe"),
        (("en", "templates", "closed", "body", "{% for i in range(99999999) %}x{% endfor %}"), ("letters", "en", "templates", "closed", "body"), "does not render"),
        (("en", "templates", "closed", "body", "{% include '/etc/passwd' %}"), ("letters", "en", "templates", "closed", "body"), "no loader"),
    ],
)  # fmt: skip
def test_a_faulty_template_is_refused_at_its_place(change, path, message):
    with pytest.raises(SpecError) as refused:
        templates.build(changed(*change))
    assert refused.value.path == path
    assert message in refused.value.message


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'x' * 10 ** 10 }}",
        "{{ 9 ** 99999 }}",
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{% set r = range(90000) %}{% for a in r %}{% for b in r if false %}{% endfor %}{% endfor %}",
        "{% set r = range(90000)|list %}{% for a in r %}{% if -1 in r %}x{% endif %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% set n = namespace(x='x') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='x') %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x='x') %}{% for i in range(40) %}{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}{% endfor %}",
        "{{ 'x'.ljust(10 ** 10) }}",
        "{{ 'x'|center(9999999999) }}",
        "{{ '%9999999999d' % 1 }}",
        "{{ '%9999999999d'|format(1) }}",
        "{{ '%*d'|format(9999999999, 1) }}",
        "{{ '{:>9999999999}'.format(1) }}",
        "{% set s = 'x' * 90000 %}{{ s|replace('x', s) }}",
        "{% set s = 'x' * 90000 %}{{ s.translate({120: s}) }}",
        "{% set s = 'x' * 90000 %}{{ ([s] * 90000)|join }}",
        "{% set s = 'x' * 90000 %}{{ s.join(['y'] * 90000) }}",
        "{{ range(90000)|map('replace', '1', 'x' * 90000)|join }}",
        "{% set s = ('x' * 90000)|list %}{{ ([s] * 90000)|sum(start=[]) }}",
        "{{ [1]|batch(9999999999, 'x')|list }}",
        "{{ lipsum(n=9999999) }}",
    ],
)  # fmt: skip
def test_a_template_that_would_take_long_or_make_much_is_refused_at_once(source):

    def refused() -> None:
        with pytest.raises(SpecError, match=r"does not render: .*too|is undefined"):
            templates._compiled(templates._environment(), ("letters",), source)

    assert spent(refused) < 8


def test_what_a_letter_needs_of_jinja_is_there():
    source = """{% set total = namespace(n=0) %}{% for one in [3, 1, 2]|sort %}{% set total.n = total.n + one %}
{{ loop.index }}: {{ "%02d"|format(one) }} {{ one ** 2 }}{% endfor %} {{ total.n }} {{ "ab" ~ "cd"[1:] }}
{{ ["a", "b"]|join(", ") }} {{ ", ".join(["a", "b"]) }} {{ "x" * 3 }} {{ nothing_here|default("none") if false else "some" }}
{{ "a b"|replace(" ", "-")|upper }} {{ "text"|indent(4, first=true) }} {{ [1, 2]|sum }} {{ 2 in [1, 2] }} {{ "{} {}".format(1, "b") }}
{{ ["b", "a"]|map("upper")|join("/") }} {{ {"k": "v"}.items()|list|length }} {{ "%s!" % "hi" }}"""
    made = templates._compiled(
        templates._environment(), ("letters",), source.replace("nothing_here", "reference")
    )
    assert " ".join(made.render(samples.ALL[0].names()).split()) == (
        "1: 01 12: 02 43: 03 9 6 abd a, b a, b xxx some A-B text 3 True 1 b B/A 1 hi!"
    )


def test_a_misspelt_key_and_missing_letters_are_refused():
    with pytest.raises(ValidationError, match="subjct"):
        templates.build(changed("en", "templates", "closed", {"subjct": "x", "body": "x"}))
    with pytest.raises(SpecError, match="no English letters"):
        templates.build({})


@pytest.mark.parametrize(
    ("section", "word"),
    [
        ("commitments", "frist_response"),
        ("severities", "S0"),
        ("identifiers", "zoidd"),
        ("case_steps", "in_reveiw"),
    ],
)
def test_a_letter_word_that_nothing_asks_for_is_refused(section, word):
    with pytest.raises(ValidationError, match=word):
        templates.build(changed("de", "words", section, word, "etwas"))


def test_what_is_written_into_a_template_is_never_itself_a_template():
    evil = replace(samples.FULL, report="{{ 7 * 7 }}{% for x in y %}")
    assert "{{ 7 * 7 }}{% for x in y %}" in letters().write("progress_update", "en", evil).body


def test_a_letter_is_bounded_however_much_goes_in():
    huge = replace(samples.FULL, report="x" * 10 * LONGEST_BODY)
    assert len(letters().write("progress_update", "en", huge).body) <= LONGEST_BODY + 1


def test_a_rulebook_of_before_is_still_good():
    """Words that came later may be left out; what templates said of a rhythm before still stands."""
    merged = copy.deepcopy(sections())
    old = merged["letters"]["en"]
    for word in ("every", "write_above", "date", "first_day"):
        old["words"].pop(word, None)
    old["words"]["moment"] = "{weekday} {day} {month} {year}, {time} ({zone})"
    body = "{% for promise in promises %}every {{ promise.every }} by {{ promise.due }}{% endfor %}"
    old["templates"]["closed"]["body"] = body
    built = templates.build(merged)
    assert built.words("en").rhythm(parse_span("4h")) == "4h"
    assert built.words("en").day(date(2026, 11, 1)) == "Sun 1 Nov 2026"
    assert (
        built.words("en").moment(at("2026-11-20 15:00"), ZoneInfo("Asia/Tokyo")).endswith("(JST, Asia/Tokyo)")
    )
    assert "every 4h by" in built.write("closed", "en", samples.FULL).body


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ("4h", ["every 4 hours", "4時間ごと", "alle 4 Stunden", "toutes les 4 heures", "cada 4 horas"]),
        ("1h", ["every hour", "1時間ごと", "jede Stunde", "toutes les heures", "cada hora"]),
        ("90m", ["every 90 minutes", "90分ごと", "alle 90 Minuten", "toutes les 90 minutes", "cada 90 minutos"]),
        ("48h", ["every 2 days", "2日ごと", "alle 2 Tage", "tous les 2 jours", "cada 2 días"]),
        ("1 business day", ["every business day", "毎営業日", "jeden Arbeitstag", "tous les jours ouvrés", "cada día laborable"]),
        ("4 business hours", ["every 4 business hours", "営業時間内に4時間ごと", "alle 4 Stunden der Geschäftszeit", "toutes les 4 heures ouvrées", "cada 4 horas laborables"]),
    ],
)  # fmt: skip
def test_a_rhythm_is_written_out(span, expected):
    languages = ("en", "ja", "de", "fr", "es")
    assert [letters().words(language).rhythm(parse_span(span)) for language in languages] == expected


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        (("en", "parts", "closing", "{{ dsek }}"), ("letters", "en", "parts", "closing"), "'dsek' is undefined; did you mean 'desk'?"),
        (("en", "parts", "closing", "{{ part('rating') }}"), ("letters", "en", "parts", "closing"), "'part' is undefined"),
        (("en", "templates", "closed", "body", "{{ part('closng') }}"), ("letters", "en", "templates", "closed", "body"), "there is no part 'closng'; did you mean 'closing'?"),
        (("en", "templates", "closed", "body", "{% if 1 > 2 %}{{ refrence }}{% endif %}"), ("letters", "en", "templates", "closed", "body"), "did you mean 'reference'?"),
        (("en", "words", "date", "{time}"), ("letters", "en", "words", "date"), "placeholder"),
        (("en", "words", "every", {"hour": ["every hour", "every {m}"]}), ("letters", "en", "words", "every", "hour"), "placeholder"),
    ],
)  # fmt: skip
def test_parts_words_and_branches_nobody_takes_are_checked_too(change, path, message):
    with pytest.raises(SpecError) as refused:
        templates.build(changed(*change))
    assert refused.value.path == path and message in refused.value.message


def test_a_rule_may_bring_a_letter_of_its_own():
    own = templates.build(
        changed(
            "en", "templates", "renewals", {"subject": "{{ thread }}", "body": "Renewals: {{ reference }}"}
        )
    )
    assert "renewals" in own.names
    assert own.write("renewals", "en", samples.BARE).body == "Renewals: PS-1001\n"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("cannot log in", "[PS-1042] Re: cannot log in"),
        ("Re: [PS-1042] Re: AW: cannot log in", "[PS-1042] Re: cannot log in"),
        ("FW: 転送： ログイン", "[PS-1042] Re: ログイン"),
        ("a\r\nBcc: x@y.example", "[PS-1042] Re: a Bcc: x@y.example"),
        ("\u202eevil\x00\u200b", "[PS-1042] Re: evil"),
        ("", "[PS-1042] Re:"),
    ],
)
def test_a_subject_keeps_the_thread_in_one_line(subject, expected):
    assert thread_subject("PS-1042", subject) == expected
    assert len(thread_subject("PS-1042", "x" * 5000)) <= 200


def test_a_line_is_cut_with_a_mark():
    assert one_line("a b\n c", 10) == "a b c"
    assert one_line("abcdefghij", 5) == "abcd…"


def test_moments_are_written_in_the_readers_zone_and_never_too_early():
    words = letters().words("en")
    assert words.moment(at("2026-11-20 15:00:00"), ZoneInfo("Asia/Tokyo")) == "Sat 21 Nov 2026, 00:00"
    assert words.moment(at("2026-11-20 15:00:01"), ZoneInfo("UTC")) == "Fri 20 Nov 2026, 15:01"
    assert (
        letters().words("ja").moment(at("2026-11-20 15:00"), ZoneInfo("Asia/Tokyo"))
        == "2026年11月21日(土) 00:00"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Anna Holm", "Hello Anna Holm,"),
        ("", "Hello,"),
        ("a@b.example", "Hello,"),
        ("{0}", "Hello,"),
        ("http://x", "Hello,"),
    ],
)
def test_a_salutation_needs_a_name_that_looks_like_one(name, expected):
    assert letters().words("en").salutation(name) == expected


def test_what_several_letters_share_is_compiled_once_a_language(monkeypatch):
    made = []
    whole = templates._compiled
    monkeypatch.setattr(templates, "_compiled", lambda *given: made.append(given[2]) or whole(*given))
    built = templates.build(sections())
    written = sum(2 * len(of) for of in built.templates.values())  # subjects and bodies
    assert written > 250
    assert len(made) < 0.75 * written  # parts of languages and answers kept ready among them
