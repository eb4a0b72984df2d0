"""Replies of every mail program: only the sender's own words stay."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import quotes
from triaged.reading.values import Address

SUPPORT = frozenset({"partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"})
OWN = "The blueprint of Alder Works is stuck again.\n\nZOID: 60031122334"
OLD = "We fixed the report of Birch Ltd.\nZOID: 77700011122"

# name of the client -> what it puts between the new words and the old mail; %s is the quoted old text
ATTRIBUTIONS = {
    "gmail": "On Tue, Nov 10, 2026 at 10:14 AM Partner Support <partner-support@zohocorp.com> wrote:",
    "gmail-24h": "On Tue, 10 Nov 2026 at 10:14, Partner Support <partner-support@zohocorp.com> wrote:",
    "gmail-wrapped": "On Tue, Nov 10, 2026 at 10:14 AM Partner Support <\npartner-support@zohocorp.com> wrote:",
    "gmail-wrapped-verb": "On Tue, Nov 10, 2026 at 10:14 AM Partner Support\n<partner-support@zohocorp.com>\nwrote:",
    "gmail-de": "Am Di., 10. Nov. 2026 um 10:14 Uhr schrieb Partner Support <partner-support@zohocorp.com>:",
    "gmail-de-wrapped": "Am Di., 10. Nov. 2026 um 10:14 Uhr schrieb Partner Support <\npartner-support@zohocorp.com>:",
    "gmail-fr": "Le mar. 10 nov. 2026 à 10:14, Partner Support <partner-support@zohocorp.com> a écrit :",
    "gmail-fr-wrapped": "Le mar. 10 nov. 2026 à 10:14, Partner Support <partner-support@zohocorp.com>\na écrit :",
    "gmail-es": "El mar, 10 nov 2026 a las 10:14, Partner Support (<partner-support@zohocorp.com>) escribió:",
    "gmail-pt": "Em ter., 10 de nov. de 2026 às 10:14, Partner Support <partner-support@zohocorp.com> escreveu:",
    "gmail-it": "Il giorno mar 10 nov 2026 alle ore 10:14 Partner Support <partner-support@zohocorp.com> ha scritto:",
    "gmail-nl": "Op di 10 nov 2026 om 10:14 schreef Partner Support <partner-support@zohocorp.com>:",
    "gmail-pl": "wt., 10 lis 2026 o 10:14 Partner Support <partner-support@zohocorp.com> napisał(a):",
    "gmail-sv": "Den tis 10 nov. 2026 kl 10:14 skrev Partner Support <partner-support@zohocorp.com>:",
    "gmail-da": "Den tir. 10. nov. 2026 kl. 10.14 skrev Partner Support <partner-support@zohocorp.com>:",
    "gmail-fi": "ti 10. marrask. 2026 klo 10.14 Partner Support <partner-support@zohocorp.com> kirjoitti:",
    "gmail-cs": "út 10. 11. 2026 v 10:14 odesílatel Partner Support <partner-support@zohocorp.com> napsal:",
    "gmail-tr": "Partner Support <partner-support@zohocorp.com>, 10 Kas 2026 Sal, 10:14 tarihinde şunu yazdı:",
    "gmail-ru": "вт, 10 нояб. 2026 г. в 10:14, Partner Support <partner-support@zohocorp.com>:",
    "gmail-ja": "2026年11月10日(火) 10:14 Partner Support <partner-support@zohocorp.com>:",
    "gmail-ko": "2026년 11월 10일 (화) 오전 10:14, Partner Support <partner-support@zohocorp.com>님이 작성:",
    "gmail-zh": "Partner Support <partner-support@zohocorp.com> 于2026年11月10日周二 10:14写道：",
    "apple": "On 10 Nov 2026, at 10:14, Partner Support <partner-support@zohocorp.com> wrote:",
    "apple-old": "On Nov 10, 2026, at 10:14 AM, Partner Support <partner-support@zohocorp.com> wrote:",
    "apple-de": "Am 10.11.2026 um 10:14 schrieb Partner Support <partner-support@zohocorp.com>:",
    "apple-fr": "Le 10 nov. 2026 à 10:14, Partner Support <partner-support@zohocorp.com> a écrit :",
    "apple-ja": "2026/11/10 10:14、Partner Support <partner-support@zohocorp.com>のメール:",
    "apple-es": "El 10 nov 2026, a las 10:14, Partner Support <partner-support@zohocorp.com> escribió:",
    "thunderbird": "On 10/11/2026 10:14, Partner Support wrote:",
    "thunderbird-us": "On 11/10/26 10:14 AM, Partner Support wrote:",
    "thunderbird-de": "Am 10.11.26 um 10:14 schrieb Partner Support:",
    "thunderbird-fr": "Le 10/11/2026 à 10:14, Partner Support a écrit :",
    "thunderbird-ja": "On 2026/11/10 10:14, Partner Support wrote:",
    "yahoo": "On Tuesday, November 10, 2026 at 10:14:03 AM GMT+1, Partner Support <partner-support@zohocorp.com> wrote:",
    "proton": "On Tuesday, November 10th, 2026 at 10:14, Partner Support <partner-support@zohocorp.com> wrote:",
    "zoho": "---- On Tue, 10 Nov 2026 10:14:50 +0530 Partner Support <partner-support@zohocorp.com> wrote ----",
    "zoho-new": "---- On Tue, 10 Nov 2026 10:14:50 +0530 partner-support@zohocorp.com wrote ---",
    "mutt": "On Tue, Nov 10, 2026 at 10:14:03AM +0100, Partner Support wrote:",
    "mail-ru": "Вторник, 10 ноября 2026, 10:14 +03:00 от Partner Support <partner-support@zohocorp.com>:",
    "airmail": "On 10 November 2026 at 10:14:03, Partner Support (partner-support@zohocorp.com) wrote:",
    "airmail-pt": "Em 10 de novembro de 2026 às 10:14:03, Partner Support (\npartner-support@zohocorp.com) escreveu:",
    "three-lines": "On Nov 10, 2026,\nat 10:14,\nPartner Support <partner-support@zohocorp.com> wrote:",
    "yandex": '10.11.2026, 10:14, "Partner Support" <partner-support@zohocorp.com>:',
    "japanese-san": "2026年11月10日 10:14 Partner Support さんは書きました:",
}

HEADER_BLOCKS = {
    "outlook": "From: Partner Support <partner-support@zohocorp.com>\nSent: Tuesday, November 10, 2026 10:14 AM\n"
    "To: Anna Beck <anna@oakbridge.example>\nSubject: RE: Birch report\n",
    "outlook-rule": "________________________________\nFrom: Partner Support <partner-support@zohocorp.com>\n"
    "Sent: 10 November 2026 10:14\nTo: Anna Beck\nSubject: Re: Birch report\n",
    "outlook-bold": "*From:* Partner Support <partner-support@zohocorp.com>\n*Sent:* Tuesday, November 10, 2026\n"
    "*To:* Anna Beck <anna@oakbridge.example>\n*Subject:* RE: Birch report\n",
    "outlook-markdown": "**From:** Partner Support <partner-support@zohocorp.com>\n**Date:** Tuesday, 10 November\n"
    "**To:** Anna Beck <anna@oakbridge.example>\n**Subject:** Birch report\n",
    "outlook-mac": "From: Partner Support <partner-support@zohocorp.com>\nDate: Tuesday, November 10, 2026 at 10:14\n"
    "To: Anna Beck <anna@oakbridge.example>\nCc: Ben Cole <ben@oakbridge.example>,\n Carl Dunn <carl@oakbridge.example>\n"
    "Subject: Re: Birch report\n",
    "outlook-de": "Von: Partner Support <partner-support@zohocorp.com>\nGesendet: Dienstag, 10. November 2026 10:14\n"
    "An: Anna Beck <anna@oakbridge.example>\nBetreff: AW: Birch report\n",
    "outlook-fr": "De : Partner Support <partner-support@zohocorp.com>\nEnvoyé : mardi 10 novembre 2026 10:14\n"
    "À : Anna Beck <anna@oakbridge.example>\nObjet : RE: Birch report\n",
    "outlook-es": "De: Partner Support <partner-support@zohocorp.com>\nEnviado el: martes, 10 de noviembre de 2026\n"
    "Para: Anna Beck <anna@oakbridge.example>\nAsunto: RE: Birch report\n",
    "outlook-it": "Da: Partner Support <partner-support@zohocorp.com>\nInviato: martedì 10 novembre 2026 10:14\n"
    "A: Anna Beck <anna@oakbridge.example>\nOggetto: R: Birch report\n",
    "outlook-pt": "De: Partner Support <partner-support@zohocorp.com>\nEnviada em: terça-feira, 10 de novembro de 2026\n"
    "Para: Anna Beck <anna@oakbridge.example>\nAssunto: RES: Birch report\n",
    "outlook-nl": "Van: Partner Support <partner-support@zohocorp.com>\nVerzonden: dinsdag 10 november 2026 10:14\n"
    "Aan: Anna Beck <anna@oakbridge.example>\nOnderwerp: RE: Birch report\n",
    "outlook-pl": "Od: Partner Support <partner-support@zohocorp.com>\nWysłano: wtorek, 10 listopada 2026 10:14\n"
    "Do: Anna Beck <anna@oakbridge.example>\nTemat: RE: Birch report\n",
    "outlook-ja": "差出人: Partner Support <partner-support@zohocorp.com>\n送信日時: 2026年11月10日 10:14\n"
    "宛先: Anna Beck <anna@oakbridge.example>\n件名: RE: Birch report\n",
    "outlook-ja-wide": "差出人：Partner Support\n送信日時：2026年11月10日火曜日 10:14\n宛先：Anna Beck\n件名：RE: Birch report\n",
    "outlook-zh": "发件人: Partner Support <partner-support@zohocorp.com>\n发送时间: 2026年11月10日 10:14\n"
    "收件人: Anna Beck <anna@oakbridge.example>\n主题: RE: Birch report\n",
    "outlook-ko": "보낸 사람: Partner Support <partner-support@zohocorp.com>\n보낸 날짜: 2026년 11월 10일\n"
    "받는 사람: Anna Beck <anna@oakbridge.example>\n제목: RE: Birch report\n",
    "outlook-sv": "Från: Partner Support <partner-support@zohocorp.com>\nSkickat: den 10 november 2026 10:14\n"
    "Till: Anna Beck <anna@oakbridge.example>\nÄmne: SV: Birch report\n",
    "original-message": "-----Original Message-----\nFrom: Partner Support <partner-support@zohocorp.com>\n"
    "Sent: Tuesday, November 10, 2026 10:14 AM\nTo: Anna Beck <anna@oakbridge.example>\nSubject: Birch report\n",
    "original-de": "-----Ursprüngliche Nachricht-----\nVon: Partner Support <partner-support@zohocorp.com>\n"
    "Gesendet: Dienstag, 10. November 2026 10:14\nAn: Anna Beck\nBetreff: Birch report\n",
    "original-fr": "-----Message d'origine-----\nDe : Partner Support\nEnvoyé : mardi 10 novembre 2026 10:14\n"
    "À : Anna Beck\nObjet : Birch report\n",
    "original-ja": "-----元のメッセージ-----\n差出人: Partner Support\n送信日時: 2026年11月10日 10:14\n宛先: Anna Beck\n件名: Birch\n",
    "original-samsung": "-------- Original message --------\nFrom: Partner Support <partner-support@zohocorp.com>\n"
    "Date: 10/11/2026 10:14 (GMT+01:00)\nTo: Anna Beck <anna@oakbridge.example>\nSubject: Birch report\n",
    "original-bare": "----- Original Message -----\n",
    "original-proton": "------- Original Message -------\nOn Tuesday, November 10th, 2026 at 10:14, Partner Support wrote:\n",
    "yahoo-fr": "     De : Partner Support <partner-support@zohocorp.com>\n À : Anna Beck <anna@oakbridge.example>\n"
    " Envoyé le : Mardi 10 novembre 2026 10h14\n Objet : Re: Birch report\n",
    "html-table": "From:\tPartner Support <partner-support@zohocorp.com>\nSent:\tTuesday, November 10, 2026 10:14 AM\n"
    "To:\tAnna Beck\nSubject:\tRE: Birch report\n",
    "html-rule": "--------------------\nFrom: Partner Support <partner-support@zohocorp.com>\nSent: Tuesday 10:14\n"
    "To: Anna Beck\nSubject: RE: Birch report\n",
    "split-from": "From: Partner Support \n<partner-support@zohocorp.com> \nSent: Tuesday, November 10, 2026 10:14 AM\n"
    "To: Anna Beck <anna@oakbridge.example>\nSubject: RE: Birch report\n",
}

SEPARATORS = {
    "zendesk": "##- Please type your reply above this line -##",
    "freshdesk": "-- Please reply above this line --",
    "dashes": "---------- Please reply above this line ----------",
    "equals": "===== Reply above this line =====",
    "below": "------ Please do not write below this line ------",
    "de": "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein -##",
    "fr": "##- Veuillez saisir votre réponse au-dessus de cette ligne -##",
    "es": "##- Escriba su respuesta por encima de esta línea -##",
    "pt": "##- Digite sua resposta acima desta linha -##",
    "nl": "##- Typ uw antwoord boven deze lijn -##",
    "ja": "##- この行より上に返信を入力してください -##",
    "ja-line": "―――― この線より上に返信してください ――――",
}


def marked(text: str) -> str:
    """The text as a quote in `>`."""
    return "\n".join(f"> {row}" for row in text.split("\n"))


@pytest.mark.parametrize("client", ATTRIBUTIONS)
def test_what_a_client_quotes_in_brackets_is_no_new_text(client: str) -> None:
    cut = quotes.cut(
        f"{OWN}\n\n{ATTRIBUTIONS[client]}\n\n{marked(OLD)}\n", subject="Re: x", support_addresses=SUPPORT
    )
    assert (cut.own, cut.new) == (OWN, OWN)
    assert "77700011122" in cut.quoted
    assert cut.is_reply


@pytest.mark.parametrize("client", sorted(set(ATTRIBUTIONS) - {"japanese-san"}))
def test_what_a_client_quotes_without_marks_is_no_new_text(client: str) -> None:
    cut = quotes.cut(
        f"{OWN}\n\n{ATTRIBUTIONS[client]}\n\n{OLD}\n", subject="Re: x", support_addresses=SUPPORT
    )
    assert cut.new == OWN


@pytest.mark.parametrize("client", ATTRIBUTIONS)
def test_an_attribution_right_under_the_words_is_found(client: str) -> None:
    assert quotes.cut(f"{OWN}\n{ATTRIBUTIONS[client]}\n{marked(OLD)}", subject="Re: x").new == OWN


@pytest.mark.parametrize("client", HEADER_BLOCKS)
def test_what_stands_under_a_header_block_is_no_new_text(client: str) -> None:
    cut = quotes.cut(f"{OWN}\n\n{HEADER_BLOCKS[client]}\n{OLD}", subject="Re: x", support_addresses=SUPPORT)
    assert cut.new == OWN
    assert "77700011122" in cut.quoted


@pytest.mark.parametrize("desk", SEPARATORS)
def test_what_stands_under_a_reply_above_line_is_no_new_text(desk: str) -> None:
    assert quotes.cut(f"{OWN}\n\n{SEPARATORS[desk]}\n\n{OLD}", subject="Re: x").new == OWN


@pytest.mark.parametrize("desk", SEPARATORS)
def test_a_reply_above_line_on_top_of_all_cuts_nothing(desk: str) -> None:
    assert quotes.cut(f"{SEPARATORS[desk]}\n\n{OWN}", subject="Your ticket").new == OWN


@pytest.mark.parametrize("client", ["gmail", "apple-ja", "thunderbird-de", "zoho"])
def test_bottom_posting_keeps_the_words_below_the_quote(client: str) -> None:
    cut = quotes.cut(f"{ATTRIBUTIONS[client]}\n{marked(OLD)}\n\n{OWN}\n", subject="Re: x")
    assert cut.new == OWN


def test_inline_answers_stay_with_the_question_they_answer() -> None:
    text = (
        f"Hello,\n\n{ATTRIBUTIONS['gmail']}\n\n> Please tell us:\n> SuperAdmin address:\n\nit@alder.example\n\n"
        "> ZOID:\n60031122334\n> ZUID:\n\nunknown\n\n> Regards\n> Support\n\nAnna"
    )
    cut = quotes.cut(text, subject="Re: [PS-1042] Details needed", support_addresses=SUPPORT)
    assert cut.own.split() == ["Hello,", "it@alder.example", "60031122334", "unknown", "Anna"]
    assert cut.inline[:3] == (
        ("SuperAdmin address:", "it@alder.example"),
        ("ZOID:", "60031122334"),
        ("ZUID:", "unknown"),
    )
    assert "SuperAdmin" not in cut.new


def test_an_answer_in_small_letters_under_a_quoted_question_is_not_taken_for_its_end() -> None:
    text = f"{ATTRIBUTIONS['gmail']}\n> Could you give us the organisation id (ZOID) of this customer?\nyes, 60031122334\n> ok"
    assert quotes.cut(text, subject="Re: x").own == "yes, 60031122334"


def test_a_quoted_line_that_was_wrapped_without_its_mark_stays_quoted() -> None:
    text = (
        f"Solved.\n\n{ATTRIBUTIONS['gmail']}\n> The records of the customer were merged by the nightly job and now\n"
        "carry the wrong ZOID 77700011122\n> as you can see.\n"
    )
    assert quotes.cut(text, subject="Re: x").new == "Solved."


PROSE = {
    "we-wrote": "On Monday we wrote:\nthe portal is down. Nothing since.",
    "dated-prose": "On 10 November 2026 we wrote:\n'please raise the limit'. It is still 30.",
    "customer-wrote": "On 10.11.2026 at 10:14 the customer wrote:\nNobody can log in since 9:00.",
    "on-list": "On the one hand it works.\nOn the other hand:\nit does not.",
    "am-prosa": "Am 10.11.2026 um 10:14 hat der Kunde folgendes gemeldet:\nNichts geht mehr.",
    "from-in-template": "From: Free plan\nTo: Enterprise\nDate: 1 December\nPlease change the subscription.",
    "from-to-range": "Leave request export\nFrom: 2026-11-01\nTo: 2026-11-30\nThe file is empty.",
    "from-alone": "From: our side all is configured.\nThe rest is on yours.",
    "subject-alone": "Subject: is missing in the reply.\nDate: shows 1970.\nPlease fix.",
    "menu": "Go to\n> Setup > Users > Roles\nand you see the error.",
    "arrow": "Setup > Users > Roles shows nothing.\nA -> B is lost.",
    "dashes": "Two things:\n\n-- the report is slow\n-- the export is empty\n\nPlease check both.",
    "markdown": "## Facts\n----\n\n1. ZOID 60031122334\n2. Books\n\n----\n\nThe rest follows tomorrow.\n\n====\n\nDone.",
    "table": "Name          Plan\n------------- ------------\nAlder Works   Enterprise\nBirch Ltd     Standard",
    "forwarded-in-prose": "The forwarded message never arrives.\nForwarded messages are lost since Monday.",
    "original-in-prose": "Original message ids are rewritten.\nThe original message: is empty.",
    "time-list": "Failures:\n2026-11-10 10:14\n2026-11-10 11:02\n10/11/2026 at 12:30\nall with the same error.",
    "log": "2026-11-10 10:14:03 ERROR job 17 failed:\ncannot open file\n2026-11-10 10:15:03 INFO retry",
    "wrote-url": "See https://kb.example/on-2026-11-10-somebody-wrote: it explains the limit.",
    "reply-above-prose": "The customer sees no way to reply above this line of text in the ticket form we gave them last week.",
    "contact": "Please call back until 12.11.2026 10:00, the contact is jane@alder.example, and tell her:\nwe are on it.",
    "error-of": "On 12/11/2026 at 10:32 we got this error for jane@alder.example:\nquota exceeded",
    "log-of": "2026-11-10 10:14:03 no delivery to jane@alder.example:\nmailbox full",
    "customer-says": "On 10.11.2026 the customer jane@alder.example wrote:\nNobody can log in.",
    "our-customer": "Am 10.11.2026 um 10:14 schrieb unser Kunde Jane Doe <jane@alder.example>:\nNichts geht.",
    "relayed": "On 10.11.2026 the customer wrote:\n\n> Nobody can log in.\n\nPlease help.",
    "hash-code": "```\nOn error:\n> retry\n```\nThat is all.",
}


@pytest.mark.parametrize("case", PROSE)
def test_what_only_looks_like_a_quote_stays(case: str) -> None:
    assert quotes.cut(PROSE[case], subject="Help with Alder Works").new == PROSE[case]


def test_a_pasted_customer_message_after_a_colon_is_the_senders_word() -> None:
    text = "The customer says:\n\n> Nobody can log in.\n> ZOID 60031122334\n\nPlease help."
    assert quotes.cut(text, subject="Login trouble").new == text


def test_the_same_in_a_reply_is_a_quote() -> None:
    text = "You asked:\n\n> Which ZOID, 77700011122?\n\nNo, 60031122334."
    assert "77700011122" not in quotes.cut(text, subject="Re: Login trouble").new


def test_text_is_cut_the_same_with_any_line_end() -> None:
    text = f"{OWN}\n\n{ATTRIBUTIONS['gmail']}\n{marked(OLD)}"
    for end in ("\r\n", "\r", "\u2028"):
        assert quotes.cut(text.replace("\n", end), subject="Re: x").new == OWN


def test_the_senders_own_name_helps_to_know_an_unmarked_signature() -> None:
    text = "The list is empty.\n\nAnna Beck\nOakbridge GmbH\nanna@oakbridge.example"
    cut = quotes.cut(text, senders=[Address("Anna Beck", "anna@oakbridge.example")])
    assert cut.own == "The list is empty."
    assert "Oakbridge" in cut.signature


def test_empty_text_gives_empty_parts() -> None:
    cut = quotes.cut("", subject="Only a subject")
    assert (cut.new, cut.own, cut.forwarded, cut.quoted, cut.signature, cut.inline) == (
        "",
        "",
        "",
        "",
        "",
        (),
    )


def test_a_reply_without_a_word_of_its_own_is_empty() -> None:
    assert quotes.cut(f"\n\n{ATTRIBUTIONS['gmail']}\n{marked(OLD)}", subject="Re: x").new == ""


@pytest.mark.parametrize("client", ["outlook", "outlook-ja", "original-de", "zoho", "gmail-fr"])
def test_nothing_of_the_text_is_lost(client: str) -> None:
    between = HEADER_BLOCKS.get(client) or ATTRIBUTIONS[client]
    text = f"{OWN}\n\n{between}\n{OLD}\n-- \nThe desk"
    cut = quotes.cut(text, subject="Re: x", support_addresses=SUPPORT)
    everything = "\n".join((cut.own, cut.forwarded, cut.quoted, cut.signature))
    assert all(row.strip() in everything for row in text.split("\n"))
