"""Thanks that are nothing else, and courtesies beside an outage, a request, a question."""

from __future__ import annotations

import pytest

from triaged.reading import read
from triaged.reading.automatic.thanks import is_thanks
from triaged.reading.values import Door, Surroundings
from triaged.reading.words.phrases import Phrases, fold

HOUSE = Surroundings(
    support_addresses=frozenset({"desk@own.example"}), partner_domains=frozenset({"oak.example"})
)

ONLY_THANKS = [
    "Thank you so much, the attack has stopped and everybody is in again!\n\nAnna", "Perfect, thanks", "Thanks! The error is gone.",
    "Hi Sam,\nthanks for solving the problem so quickly.\nRegards\nAnna", "Danke, alles läuft wieder.", "Danke für die schnelle Behebung der Störung!",
    "Vielen Dank, der Fehler ist behoben.\n\nViele Grüße\nAnna", "Merci beaucoup, tout fonctionne de nouveau.\n\nCordialement\nAnna", "Merci, le problème est résolu",
    "Grazie mille, ora funziona.", "Muchas gracias, ya funciona todo.", "Gracias, el error está solucionado", "Obrigado, resolvido!", "Bedankt, het werkt weer!",
    "ありがとうございました。解決しました。",
]  # fmt: skip
MORE_THAN_THANKS = [
    "Our portal is under attack, nobody can sign in. Thanks", "Zoho CRM is down for all users. Thanks!", "Thanks in advance for a call, all mail has vanished.",
    "Everything works slowly. Thanks", "CRM works for nobody. Thanks.", "Thanks for checking why all contacts vanished.", "Please add 5 licences. Thanks!",
    "Zoho Desk steht seit gestern bei allen. Danke!", "Danke! Niemand kommt mehr ins CRM.", "Bitte 5 Lizenzen hinzufügen. Danke!", "Legen Sie bitte einen Nutzer an. Vielen Dank!", "Server tot. Danke", "Totalausfall! Danke",
    "Merci ! Toute l'équipe est déconnectée.", "Merci d'ajouter cinq licences.", "Le portail est en panne. Merci", "Se borraron todos los clientes. Gracias.", "Gracias. Todos los usuarios fuera del CRM.",
    "Il CRM è fermo da stamattina. Grazie", "Grazie. I contatti sono stati tutti cancellati.", "O CRM caiu. Obrigado!", "Zoho CRM ligt eruit. Bedankt!", "Bedankt. Alle gebruikers zijn uitgelogd.",
    "ログインできなくなりました。ありがとうございます。", "全ユーザーがログアウトされます。感謝します。", "5ライセンス追加してください。ありがとうございます。",
]  # fmt: skip
SEE_SUBJECT = ["As subject. Thx.", "See subject, thanks", "Siehe Betreff. Danke", "Voir objet. Merci.", "Ver asunto. Gracias", "Vedi oggetto, grazie", "Ver assunto. Obrigado", "Zie onderwerp, bedankt.", "件名の通りです。ありがとうございます。"]  # fmt: skip


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("text", ONLY_THANKS)
def test_a_mail_that_says_nothing_else_is_thanks(text: str, answers: bool) -> None:
    assert is_thanks(text, "Re: Export" if answers else "Export", answers=answers)


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("text", [*MORE_THAN_THANKS, *SEE_SUBJECT])
def test_a_courtesy_outweighs_no_trouble_no_request_and_no_pointer_to_the_subject(
    text: str, answers: bool
) -> None:
    assert not is_thanks(text, "Re: Export" if answers else "Export", answers=answers)


@pytest.mark.parametrize(
    "subject",
    ["All users are locked out of Zoho CRM", "Zoho Desk ist ausgefallen", "Zoho Desk en panne", "Nadie puede entrar", "CRM bloccato", "Please add a user", "全員ログインできません"],
)  # fmt: skip
def test_thanks_under_a_subject_that_is_the_request_are_a_request(subject: str) -> None:
    assert not is_thanks("Thanks!\n\nAnna", subject, answers=False)


@pytest.mark.parametrize(
    "text", ["Password reset for Olga. Thanks", "Neuer Nutzer Olga Reed. Danke", "Five more seats. Thanks"]
)
def test_in_a_mail_that_answers_nobody_what_is_not_understood_as_thanks_is_a_request(text: str) -> None:
    assert not is_thanks(text, "Zoho CRM", answers=False)


def test_a_subject_of_thanks_does_not_hide_the_outage_in_the_body() -> None:
    raw = b"From: anna@oak.example\r\nTo: desk@own.example\r\nSubject: Thanks\r\n\r\nSince noon nobody at our customer can sign in.\r\n"
    assert not read.read(raw, Door(), HOUSE).thanks


def test_phrases_match_whole_words_whatever_the_script() -> None:
    words = Phrases("tack | obrigad* | ありがとう | ^re: | благодар* | error: | 4.2.2")
    for text in ("under attack", "stacked", "tackle", "xобладать", "14.2.21"):
        assert not words.find(fold(text)), text
    for text in (
        "Tack!",
        "(tack)",
        "obrigada",
        "どうもありがとうございます",
        "Re: x",
        "Благодарю",
        "error:5",
        "code 4.2.2.",
        "a tack",
    ):
        assert words.find(fold(text)), text
    assert words.count("tack tack tack") == 3 and words.at("oh tack") == 3
    assert words.without("oh tack, tack") == "oh  ,  "
