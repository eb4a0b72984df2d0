"""A bare number or address, alone or in a short sentence, is what an answer gives without a name."""

from __future__ import annotations

import pytest

from tests.reading.test_forms import arrives, gmail, letter
from triaged.reading.values import Find

QUOTE = "\n\n" + gmail(letter("en"))
ZOID, ADDRESS = "60077788899", "it@willow.example"


def unnamed(text: str) -> list[str]:
    given = arrives(text + QUOTE).identifiers
    return [f.value for f in given.unnamed]


@pytest.mark.parametrize(
    "text",
    [
        "60077788899", "６００７７７８８８９９", "600 777 888 99", "60077788899です。", "c'est le 60077788899", "The number is 60077788899.",
        "Hi,\n\nit is 60077788899\n\nThanks\nAnna", "Die Nummer lautet 60077788899.", "Das ist die 60077788899, danke!", "Es 60077788899",
        "El número es el 60077788899", "番号は60077788899になります。", "Hello,\n60077788899\nAnna Holm\nOakbridge\nTel. +49 30 123456",
        "L'organisation de notre client porte le numéro 60077788899.", "of course, sorry: 60077788899", "È 60077788899",
    ],
)  # fmt: skip
def test_a_number_as_the_whole_answer(text) -> None:
    given = arrives(text + QUOTE).identifiers
    assert [*given.zoid, *(f.value for f in given.unnamed)] == [ZOID]


@pytest.mark.parametrize(
    "text",
    [
        "it@willow.example", "Bonjour, it@willow.example\n\nAnna", "It is it@willow.example", "c'est it@willow.example, merci",
        "お世話になっております。it@willow.exampleです。よろしくお願いいたします。", "<it@willow.example>", "Die Adresse ist it@willow.example",
        "El superadministrador del cliente usa it@willow.example", "Der Superadministrator des Kunden verwendet it@willow.example",
        "Le super administrateur du client utilise it@willow.example",
    ],
)  # fmt: skip
def test_an_address_as_the_whole_answer(text) -> None:
    given = arrives(text + QUOTE).identifiers
    assert [*filter(None, [given.superadmin_email]), *(f.value for f in given.unnamed)] == [ADDRESS]


@pytest.mark.parametrize(
    "text",
    [
        "We will send it tomorrow.", "Please call me: +49 30 1234567", "The invoice is 20071234", "Our ticket 60077788899", "Is it 60077788899?",
        "It is not 60077788899", "Das ist nicht die 60077788899", "ce n'est pas le 60077788899", "Rechnung 60077788899", "注文番号 60077788899",
        "The affected user is max@willow.example", "Please write to me at anna.private@oakbridge.example", "Our administrator is max@willow.example",
        "Ask partner-support@zohocorp.com",
        "Still failing for max@willow.example", "It affects 15000 mails now", "max@willow.example gets an error", "max@willow.exampleでエラーが出ます",
        "Es betrifft max@willow.example", "60077788899 ではありません", "Wer ist it@willow.example?", "",
        "One of our users has seen the message with number 60077788899 in the log of the server on Friday when he tried again to open "
        "the report of the last month, which had been closed by somebody else in the meantime, and then it went away",
    ],
)  # fmt: skip
def test_what_is_called_something_else_or_denied_is_no_answer(text) -> None:
    given = arrives(text + QUOTE).identifiers
    assert (unnamed(text), given.zoid, given.superadmin_email) == ([], (), None)


def test_a_mail_that_answers_nothing_gives_nothing_without_a_name() -> None:
    assert arrives("60077788899", "Filter").identifiers.unnamed == ()


def words(count: int) -> str:
    """So many words, on lines of fifteen."""
    return "\n".join(" ".join(["word"] * min(15, count - at)) for at in range(0, count, 15))


NUMBERS = [f"600777888{n}" for n in range(91, 97)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\n".join(NUMBERS[:4]), NUMBERS[:4]),
        ("\n".join(NUMBERS[:5]), []),
        (f"{ZOID}\n{words(44)}", [ZOID]),
        (f"{ZOID}\n{words(45)}", []),
        (f"{ZOID}\n{ADDRESS}\n{words(45)}", [ZOID, ADDRESS]),
        (f"{ZOID}\n{ADDRESS}\n{words(46)}", []),
        (f"{'word ' * 18}{ZOID}", [ZOID]),
        (f"{'word ' * 19}{ZOID}", []),
        (f"{'word ' * 10}{ZOID}{' word' * 9}", []),
        (f"{'あ' * 70} {ZOID}", [ZOID]),
        (f"{'あ' * 71} {ZOID}", []),
        ("we have found 6007778", ["6007778"]),
        ("we have found it 6007778", []),
        ("we have found it 60077788", ["60077788"]),
        ("anna@oakbridge.example", []),
        (f"anna@oakbridge.example\n{ADDRESS}", [ADDRESS]),
        (f"60077788898 is the invoice\n{ZOID}", [ZOID]),
    ],
)
def test_an_answer_is_short_in_values_words_and_lines(text: str, found: list[str]) -> None:
    assert unnamed(text) == found


def test_a_value_without_a_name_tells_what_our_question_asks_for_first_and_where_it_stood() -> None:
    found = arrives(f"Hi,\nit is {ZOID}\n{ADDRESS}{QUOTE}").identifiers.unnamed
    assert found == (
        Find("zoid", ZOID, "answer", "new", f"it is {ZOID}"),
        Find("superadmin_email", ADDRESS, "answer", "new", ADDRESS),
    )
