"""Signatures, device lines and disclaimers go; lists, labels and template fields never do."""

from __future__ import annotations

import pytest

from triaged.reading.new_text import quotes, signatures
from triaged.reading.values import Address

WORDS = "The invoice report of Alder Works is empty since Monday."

SIGNATURES = {
    "mark": "-- \nAnna Beck\nOakbridge GmbH\nTel. +49 30 5550 1234",
    "mark-bare": "--\nanna",
    "mark-blank": "-- \n\nAnna Beck | Support Lead | anna@oakbridge.example",
    "mark-with-ids": "-- \nAnna Beck, Oakbridge\nOur partner ZOID: 90000000017\nTel 030 5550 1234",
    "underscores": "__\nlist of partners\nlist@oakbridge.example\nhttps://lists.example/partners",
    "regards": "Regards,\nAnna",
    "best-regards": "Best regards,\n\nAnna Beck\nSupport Engineer\n\nOakbridge GmbH\nPhone: +49 30 5550 1234",
    "thanks-regards": "Thanks & Regards\nAnna Beck\nMob: 98450 55523",
    "sincerely": "Sincerely,\nAnna Beck",
    "german": "Mit freundlichen Grüßen\nAnna Beck\n\nOakbridge GmbH · Lindenstr. 4 · 10115 Berlin\nHRB 5512 B",
    "mfg": "MfG\nA. Beck",
    "german-from": "Viele Grüße aus Hamburg\nAnna Beck",
    "french": "Cordialement,\nAnne Bec\n01 55 50 12 34",
    "french-long": "Bien cordialement,\n\nAnne Bec\nResponsable support\nPont SARL",
    "spanish": "Saludos cordiales,\nAna Bec\nMóvil 655 501 122",
    "italian": "Cordiali saluti\nAnna Becchi",
    "portuguese": "Atenciosamente,\nAna Beque",
    "dutch": "Met vriendelijke groet,\nAnna Beek",
    "polish": "Pozdrawiam,\nAnna",
    "danish": "Med venlig hilsen\nAnders",
    "sign-off": "-Anna Beck",
    "slash": "/Anna",
    "iphone": "Sent from my iPhone",
    "android": "Sent from my Galaxy",
    "outlook-ios": "Get Outlook for iOS <https://aka.example/o0ukef>",
    "sent-outlook": "Sent from Outlook for Android",
    "iphone-de": "Von meinem iPhone gesendet",
    "android-de": "Diese Nachricht wurde von meinem Android-Mobiltelefon mit GMX Mail gesendet.",
    "iphone-fr": "Envoyé de mon iPhone",
    "outlook-fr": "Télécharger Outlook pour iOS",
    "iphone-es": "Enviado desde mi iPhone",
    "iphone-it": "Inviato da iPhone",
    "iphone-pt": "Enviado do meu iPhone",
    "iphone-nl": "Verstuurd vanaf mijn iPhone",
    "iphone-ja": "iPhoneから送信",
    "android-ja": "私のAndroidから送信",
    "outlook-ja": "Outlook for iOS を入手",
    "iphone-zh": "发自我的 iPhone",
    "iphone-ko": "나의 iPhone에서 보냄",
    "iphone-ru": "Отправлено с iPhone",
    "zoho-mobile": "Sent using Zoho Mail",
    "box-ja": "━━━━━━━━━━━━━━━━\n株式会社サンプル 営業部\n山田 太郎\n〒100-0001 東京都千代田区1-1\nTEL 03-5550-0142\n━━━━━━━━━━━━━━━━",
    "box-dashes": "------------------------------\n山田太郎\nyamada@sakura.example\n03-5550-0142 / 電話\n------------------------------",
    "box-stars": "*****************************\n山田太郎 (株)サクラ\nE-mail: yamada@sakura.example\n*****************************",
    "box-slashes": "//////////////////////////////\n㈱サクラ 名古屋営業所\nTEL：052-555-0177\n//////////////////////////////",
    "card": "Anna Beck | Sr. Consultant\nOakbridge | 4 Lime Street\nT 206.555.0117 | M 206.555.0162 | anna@oakbridge.example",
    "virus": "Virus-free. www.avast.example",
    "trees": "Please consider the environment before printing this e-mail.",
}

DISCLAIMERS = {
    "en": "This e-mail and any attachments are confidential and intended solely for the addressee. If you have received "
    "this message in error, tell privacy@oakbridge.example at once, reference 448810022907.",
    "en-notice": "CONFIDENTIALITY NOTICE: the information in this message is privileged and for the intended recipient.",
    "de": "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail "
    "irrtümlich erhalten haben, informieren Sie bitte den Absender.",
    "fr": "Ce message et ses pièces jointes sont confidentiels et destinés au seul destinataire. Si vous avez reçu ce "
    "message par erreur, merci d'en avertir l'expéditeur.",
    "es": "Este mensaje es confidencial y va dirigido exclusivamente a su destinatario. Si ha recibido este correo por "
    "error, comuníquelo al remitente.",
    "it": "Questo messaggio contiene informazioni riservate. Se avete ricevuto questo messaggio per errore, vi preghiamo "
    "di cancellarlo.",
    "pt": "Esta mensagem pode conter informação confidencial. Se a recebeu por engano, apague-a.",
    "nl": "Dit e-mailbericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde.",
    "ja": "このメールには機密情報が含まれている場合があります。誤って受信された場合は、速やかに破棄してください。",
    "zh": "本邮件及其附件含有保密信息，仅限于发送给上述地址中列出的个人。",
}

KEPT = {
    "address-list": "The users are:\n\nanna@alder.example\nben@alder.example\ncarl@alder.example",
    "bulleted-list": "- anna@alder.example\n- ben@alder.example",
    "template": "Primary customer email: it@alder.example\nService name: Zoho CRM\nZOID: 60031122334\nZUID: 60031122777",
    "template-under-dashes": "--\nPrimary customer email: it@alder.example\nZOID: 60031122334",
    "template-under-thanks": "Thanks\n\nZOID: 60031122334\nSuperAdmin: it@alder.example",
    "japanese-template": "お世話になっております。\n組織ID：60031122334\nスーパー管理者：it@alder.example",
    "labels": "Customer: Alder Works\nContact: Jane Doe\nE-mail: jane@alder.example\nPhone: +44 20 7946 0999",
    "contact-of-customer": "Please call the customer:\n\nJane Doe\nTel. +44 20 7946 0999\njane@alder.example",
    "thanks-in-the-middle": "Thanks!\n\nOne more thing: the mobile app shows the same error.",
    "only-thanks": "Thank you very much!",
    "regards-in-prose": "With regards to the payment we have a question.\nAs regards the date: Friday.",
    "sent-from-prose": "Sent from my desk, is much easier than from my phone.",
    "sent-from-subject": "The mail was sent from my iPhone app to all users.",
    "double-dash-divider": "Two cases.\n\n--\n\nThe first customer cannot open any report since the update of Monday.",
    "code": "```\nsignature: '--'\n// Sent from my custom mailer\n```\nThat is the code.",
    "heading": "Affected accounts\n-----------------\nAlder Works Ltd\nit@alder.example",
    "confidential-in-prose": "Is the report confidential? The customer wants a confidential folder in WorkDrive.",
    "bullet": "Please check:\n- Users\n- Roles",
    "best": "Which plan is best\nfor 40 users?",
    "ids-list": "ZOIDs:\n\n60031122334\n60031122335",
    "error-at-the-end": "The mail comes back:\n\n550 5.1.1 <jim@alder.example> user unknown",
    "email-label-alone": "E-mail: it@alder.example",
    "thanks-then-words": "Thanks\nplease check soon",
    "thanks-then-japanese": "よろしくお願いいたします。\n添付の画面もご覧ください",
    "about-disclaimers": 'The disclaimer "this e-mail is confidential and intended solely for" is missing at our customer.',
    "disclaimer-question": "Reports\n\nIs the message confidential when the intended recipient forwards it?",
    "last-bullet": "Affected:\n\n- Books",
    "sync-words": "Outlook with a reply hangs.\n\nDownload the report from Zoho Mail on a phone",
    "get-words": "Get data from Zoho Mail with the API: how?",
    "words-under-a-name": "Regards,\n\nalso the mobile app is broken since then",
    "rule-then-words": "First case.\n\n----------\n\nSecond case: Books at https://books.example/app/7 is slow for everybody.",
    "dashes-for-nothing": "ZUID\n--\nService name\nZoho CRM\nDescription\nThe report is empty",
    "dashes-after-colon": "ZUID:\n\n--\n\nCategory:\n\nTechnical\n\nScreenshots:\n\n--",
    "labels-alone": "Thanks\n\nPrimary customer email\nit@alder.example\n\nService Org ID (ZOID or ZGID)\n60031122334",
    "name-and-mail": "The user is\nJane Doe\njane@alder.example",
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_a_signature_is_taken_off(case: str) -> None:
    cut = quotes.cut(f"{WORDS}\n\n{SIGNATURES[case]}\n")
    assert cut.own == WORDS
    assert all(row.strip() in cut.signature for row in SIGNATURES[case].split("\n"))


@pytest.mark.parametrize("case", DISCLAIMERS)
def test_a_disclaimer_is_taken_off_wherever_it_stands(case: str) -> None:
    assert quotes.cut(f"{WORDS}\n\n{DISCLAIMERS[case]}").own == WORDS
    assert quotes.cut(f"{WORDS}\n\nRegards\nAnna\n\n{DISCLAIMERS[case]}").own == WORDS
    assert quotes.cut(f"{WORDS}\n\n----------\n{DISCLAIMERS[case]}\n----------").own.rstrip("- \n") == WORDS


@pytest.mark.parametrize("case", KEPT)
def test_what_the_mail_is_about_is_never_a_signature(case: str) -> None:
    assert quotes.cut(KEPT[case]).own == KEPT[case]


@pytest.mark.parametrize("case", ["template", "address-list", "japanese-template", "labels", "ids-list"])
@pytest.mark.parametrize("closing", ["Regards,\nAnna", "Mit freundlichen Grüßen\nAnna Beck", "Thanks,\nAnna"])
def test_fields_and_lists_under_a_signature_are_kept(closing: str, case: str) -> None:
    assert KEPT[case] in quotes.cut(f"{WORDS}\n\n{closing}\n\n{KEPT[case]}").own


def test_an_afterthought_under_a_signature_is_kept() -> None:
    text = f"{WORDS}\n\nRegards,\nAnna\n\nPS: the mobile app does it too."
    assert quotes.cut(text).own == f"{WORDS}\n\nPS: the mobile app does it too."


def test_thanks_stay_and_the_name_under_them_goes() -> None:
    cut = quotes.cut(f"{WORDS}\n\nThanks,\nAnna Beck\nOakbridge Consulting")
    assert cut.own == f"{WORDS}\n\nThanks,"
    assert cut.signature == "Anna Beck\nOakbridge Consulting"


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "[EXTERNAL]",
        "ACHTUNG: Diese E-Mail kommt von außerhalb der Firma.",
        "You don't often get email from anna@oakbridge.example. Learn why this is important",
    ],
)
def test_a_mail_servers_banner_on_top_is_no_word_of_the_sender(banner: str) -> None:
    assert quotes.cut(f"{banner}\n\n{WORDS}").own == WORDS


def test_the_senders_address_marks_his_signature_and_another_does_not() -> None:
    card = ("Anna Beck", "Oakbridge, Berlin", "anna@oakbridge.example")
    sender = Address("Anna Beck", "anna@oakbridge.example")
    assert signatures.split((WORDS, "", *card), [sender]).signature == card
    other = ("Jane Doe", "Alder Works, Leeds", "jane@alder.example")
    assert signatures.split((WORDS, "", *other), [sender]).signature == ()


def test_a_plea_for_the_environment_under_a_card_goes_with_it() -> None:
    card = (
        "Anna Beck",
        "Oakbridge",
        "(512) 555-0171",
        "P Please consider the environment before printing this email",
    )
    assert (
        signatures.split((WORDS, "", *card), [Address("Anna Beck", "anna@oakbridge.example")]).signature
        == card
    )


def test_every_line_lands_on_one_side() -> None:
    for text in (*SIGNATURES.values(), *KEPT.values(), *DISCLAIMERS.values()):
        rows = f"{WORDS}\n\n{text}".split("\n")
        kept, signature = signatures.split(rows)
        assert sorted((*kept, *signature)) == sorted(rows)


def test_japanese_thanks_stay_and_the_name_under_them_goes() -> None:
    cut = quotes.cut(
        "レポートが開きません。\n\nよろしくお願いいたします。\n\n山田 太郎\n株式会社サクラ\nTEL 03-5550-0142"
    )
    assert cut.own == "レポートが開きません。\n\nよろしくお願いいたします。"
    assert "03-5550-0142" in cut.signature
