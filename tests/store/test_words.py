"""Words by which texts are found: the same text in every form, both databases, and queries that mean no harm."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaged.store import words


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("請求書", "先月の請求書が届きません。"),
        ("請求", "先月の請求書が届きません。"),
        ("障", "全社で障害が発生しています"),
        ("ﾒｰﾙ", "メールが送信できない"),
        ("メール", "ﾒｰﾙが送信できない"),
        ("CRM障害", "ＣＲＭ障害の件"),
        ("장애", "CRM에 장애가 발생"),
        ("ผู้ดูแล", "ผู้ดูแลระบบเข้าสู่ระบบไม่ได้"),
        ("größe", "Die GRÖSSE stimmt nicht"),
        ("GRÖẞE", "größe"),
        ("hotel", "Hôtel du Nord"),
        ("Москва", "офис в москве, МОСКВА"),
        ("60031122334", "ZOID ６００３１１２２３３４"),
        ("60031122334", "ZOID: 6003 1122 334"),
        ("60031122334", "6003-1122-334"),
        ("6003 1122 334", "ZOID 60031122334."),
        ("6,003,112", "6003112"),
        ("20071234567", "https://crm.zoho.com/crm/org20071234567/tab"),
        ("anna@oakbridge.example", "From: Anna <Anna@Oakbridge.example>"),
        ("anna+x@oak-bridge.co.example", "write to anna+x@oak-bridge.co.example now"),
        ("PS-1042", "[PS-1042] Re: Slow"),
        ("[ps-1042]", "about PS-1042"),
        ("CP-204", "engineering case CP-204."),
        ("attach", "two attachments"),
        ("ERR_2004", "it says ERR_2004 here"),
    ],
)  # fmt: skip
def test_what_stands_in_a_text_is_found_in_every_form(query: str, sentence: str) -> None:
    assert found(query, sentence)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("請求書", "請求する。書類"),
        ("PS-104", "PS-1042"),
        ("42@oak.example", "anna@oak.example 42"),
        ("99", "199"),
    ],
)
def test_what_only_looks_alike_is_not_found(query: str, sentence: str) -> None:
    assert not found(query, sentence)


@pytest.mark.parametrize("query", ["", "   ", '"', "*", "-", "()", "^:{}", "\x00", "🙂", "%' --"])
def test_a_query_without_a_word_asks_for_nothing(query: str) -> None:
    assert words.sought(query) == ()


@given(st.text(max_size=200))
def test_no_query_reaches_a_database_but_as_quoted_letters_and_digits(query: str) -> None:
    asked = words.sought(query)
    assert re.fullmatch(r'[a-z0-9"* ()]*', words.for_fts5(asked).replace("AND", "").replace("OR", ""))
    assert re.fullmatch(r"[a-z0-9'*:<>& |()-]*", words.for_tsquery(asked))


@given(st.text(max_size=300))
def test_every_text_becomes_plain_words_and_is_found_by_its_own_first_word(text: str) -> None:
    made = words.indexed(text)
    assert re.fullmatch(r"[a-z0-9 ]*", made)


def found(query: str, sentence: str) -> bool:
    """By a search of our own over the words, phrase by phrase."""
    held = words.indexed(sentence).split()
    return all(any(stands(one, held) for one in either) for either in words.sought(query))


def stands(phrase: words.Phrase, held: list[str]) -> bool:
    *before, last = phrase.words
    for at in range(len(held) - len(before)):
        here = held[at : at + len(phrase.words)]
        ends = here[-1].startswith(last) if phrase.goes_on else here[-1] == last
        if here[:-1] == before and ends:
            return True
    return False
