"""Machines' mail and people's mail that looks like it."""

from __future__ import annotations

import pytest

from tests.tickets.world import letters, promises
from triaged.letters import kinds, known_by, specimens
from triaged.letters.forms import forms
from triaged.reading import our_ids
from triaged.reading.automatic import automatic
from triaged.reading.mime import message
from triaged.reading.new_text import quotes
from triaged.reading.values import Automatic, Door, Surroundings

DESK = "partner-support@zohocorp.com"
HOUSE = Surroundings(
    support_addresses=frozenset({DESK}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oak.example"}),
    forms=forms(letters()),
    our_sentences=known_by.sentences(letters()),
)
HELP = "Hello,\n\nour customer Reed & Co cannot export contacts from Zoho CRM.\nZOID: 60011122233\n\nCould you check?\nAnna"


def detect(
    body: str,
    subject: str = "Export",
    *headers: str,
    sender: str = "anna@oak.example",
    door: Door | None = None,
) -> Automatic | None:
    top = [f"From: {sender}", f"To: {DESK}", f"Subject: {subject}"]
    charset = "Content-Type: text/plain; charset=utf-8"
    own_type = any(header.lower().startswith("content-type") for header in headers)
    lines = [*(() if any(h.startswith("To:") for h in headers) else top[1:2]), top[0], top[2], *headers]
    raw = "\r\n".join([*lines, *(() if own_type else (charset,)), "", body])
    mail = message.parse(raw.encode())
    text = quotes.cut(
        mail.text, subject=mail.subject, attached=mail.attached,
        support_addresses=HOUSE.support_addresses, forms=HOUSE.forms,
    )  # fmt: skip
    return automatic.detect(mail, text, HOUSE, door or Door())


def kind(*args: str, **more: object) -> str | None:
    found = detect(*args, **more)  # type: ignore[arg-type]
    return str(found.kind) if found else None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ("Auto-Submitted: AUTO-REPLIED", "auto_reply"),
        ("auto-submitted: auto-replied; owner-email=anna@oak.example", "auto_reply"),
        ("Auto-Submitted: auto-replied (vacation)", "auto_reply"),
        ("Auto-Submitted: auto-notified", "auto_reply"),
        ("X-Autoreply: yes", "auto_reply"),
        ("X-Autorespond: Re: Export", "auto_reply"),
        ("Precedence: auto_reply", "auto_reply"),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: No", None),
        ("Auto-Submitted: no; comment", None),
        ("Auto-Submitted: no (a person wrote this)", None),
        ("Auto-Submitted: auto-generated", None),
        ("X-Autoreply: no", None),
        ("X-Auto-Response-Suppress: All", None),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", None),
        ("Precedence: bulk", None),
        ("Precedence: list", None),
        ("Precedence: junk", None),
        ("List-Id: <desk.oak.example>", None),
        ("List-Unsubscribe: <mailto:leave@oak.example>", None),
        ("X-Loop: x", None),
        ("Return-Path: <>", None),
    ],
)
def test_a_header_decides_only_if_no_person_s_mail_has_it(header: str, expected: str | None) -> None:  # F13
    assert kind(HELP, "Export", header) == expected


ABSENCES = [
    ("Automatic reply: [PS-1042] Export", "I am out of the office until 30 November with limited access to email."),
    ("Out of Office", "Thanks for your mail. I'm on annual leave and will reply on my return."),
    ("Away until May 5", "I'm away. For urgent matters please call Ben."),
    ("Re: [PS-1042] Export (Out of Office)", "I will be attending a training. I will get back to you next week."),
    ("Re: Export", "I am on vacation until Monday and will not be checking my mail. In urgent cases please contact Ben. This is an automated reply."),
    ("Export", "Starting on 18 November, I will not be checking my messages.\nYour mail will be read when I'm back. If it needs immediate attention, please call Ben."),
    ("Anna Bell is out of the office.", "I will be out of the office starting 01/12/2026 and will not return until 08/12/2026."),
    ("Abwesenheitsnotiz: Export", "Ich bin bis zum 30.11. nicht im Büro. Ihre Nachricht wird nicht weitergeleitet."),
    ("Automatische Antwort: Export", "Vielen Dank für Ihre Nachricht. Ich bin derzeit im Urlaub und ab dem 1.12. wieder erreichbar. In dringenden Fällen wenden Sie sich bitte an Herrn Kraft."),
    ("AW: Export", "Sehr geehrte Damen und Herren,\nich bin vom 16.11. bis 27.11. nicht im Hause und lese meine E-Mails nicht. In dringenden Fällen wenden Sie sich bitte an Herrn Kraft."),
    ("Réponse automatique : Export", "Je suis absente du bureau jusqu'au 30 novembre. En cas d'urgence, veuillez contacter Luc."),
    ("Absence du bureau", "Je suis en congés, de retour le 1er décembre."),
    ("Respuesta automática: Export", "Estoy de vacaciones hasta el 30 de noviembre. Responderé a mi regreso."),
    ("Fuera de la oficina", "Me encuentro fuera de la oficina. Para asuntos urgentes contacte con Luis."),
    ("Risposta automatica: Export", "Sono in ferie fino al 30 novembre. Per urgenze si prega di contattare Marco."),
    ("Resposta automática: Export", "Estou de férias até 30 de novembro. Na minha ausência, entre em contato com João."),
    ("Automatisch antwoord: Export", "Ik ben afwezig tot 30 november. Neem contact op met Piet."),
    ("Autosvar: Export", "Jag är på semester till den 30 november."),
    ("自動返信: Export", "ただいま不在にしております。11月30日以降に返信いたします。"),
    ("不在のお知らせ Re: [PS-1042] Export", "メールありがとうございます。25日まで休暇をいただいております。戻り次第ご返信いたします。"),
    ("Re: Export", "お世話になっております。\n11月30日まで出張のため不在にしております。メールを確認できません。お急ぎの場合は 山本までご連絡ください。※このメールは自動で送信しています。"),
    ("自动回复: Export", "我正在休假，回来后会尽快回复。"),
    ("부재중: Export", "휴가 중입니다. 복귀 후 회신 드리겠습니다."),
    ("Re: [PS-77] Books", "Hi, I'm currently on parental leave until March 2027. My colleague Tim (tim@oak.example) has taken over my accounts."),
    ("Re: [PS-77] Books", "Bonjour, je suis absente jusqu'au 27 novembre inclus. Je traiterai votre message dès mon retour."),
    ("Urlaub bis 01.12.", "Guten Tag, Ihre E-Mail wird nicht weitergeleitet. Gruß"),
    ("Holiday closure", "Our office is closed from 24 December to 2 January. We will reply when we are back."),
    ("Автоответ: Export", "Я в отпуске до 30 ноября. По срочным вопросам пишите Ивану."),
    ("Automatyczna odpowiedź: Export", "Jestem na urlopie do 30 listopada. W pilnych sprawach proszę pisać do Jana."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body"), ABSENCES)
def test_absence_notes_are_known_without_any_header(subject: str, body: str) -> None:
    assert kind(body, subject) == "auto_reply"


PEOPLE = [
    ("Out of office replies are not sent", "Hi,\nour customer's automatic replies do not go out in Zoho Mail since Friday. Please check."),
    ("Automatic reply: sent twice to every ticket", "The automatic reply of our customer's Zoho Desk goes out twice. ZOID: 60011122233. Can you look?"),
    ("Out of office: how do we set it for the whole domain?", "How can our customer set an out of office note for all users?"),
    ("Re: Export", "I am out of the office tomorrow, so please call Ben. But the export of our customer still fails with an error, can you check it today?"),
    ("Re: Automatic reply: Export", "I see Sam is on vacation. Could somebody else take this? The customer is waiting."),
    ("Vacation policy in Zoho People", "We would like to know how leave is counted when somebody is on vacation over a holiday."),
    ("Undeliverable mails at our customer", "Hello, mails to the customer come back with 550 5.1.1 user unknown although the mailbox exists. Please help."),
    ("Returned mail from Zoho Campaigns", "Our client sees 'Delivery has failed to these recipients' for 40 contacts. Why is that?"),
    ("Bounce rate", "Why are hard bounces counted twice in Zoho Campaigns?"),
    ("Read: this first", "Please read the attached document before our call and tell us what you need."),
    ("Invitation: users do not get it", "Invitations sent from Zoho Meeting do not arrive at the customer. How can we resend them?"),
    ("Unsubscribe link missing", "The unsubscribe link is missing in the newsletter of our customer. You can see it when you view in browser."),
    ("Your request has been received", "Our customer gets this subject from Zoho Desk in English, though the portal is German. Can we change the text?"),
    ("Re: Export", "We have received your request for logs; please find them attached. The customer is still unable to export."),
    ("Spam guard", "Mails of our customer are answered by a challenge: 'click the link below to confirm your message'. How can we allow them?"),
    ("Re: [PS-77] Books", "I will be on leave from tomorrow; Tim will continue with the test you asked for and send the result."),
    ("Re: [PS-77] Books", "Thanks for the update. I'm out of office tomorrow, Ben will follow up. Please keep the ticket open."),
    ("Updated invitation: link broken", "The link in the updated invitation of Zoho Meeting is broken. When we click it, error 404."),
    ("Re: [PS-77]", "We have received your answer and informed the client. He will be in touch with the result within two business days."),
    ("Mail system error", "Zoho Mail shows a mail system error 553 when our client sends to gmail."),
    ("不在着信がZoho Voiceに表示されない", "お客様のZoho Voiceで不在着信が表示されません。ご確認ください。"),
    ("自動返信が送信されません", "お客様の Zoho Desk で自動返信メールが送信されません。ご確認をお願いいたします。"),
    ("Abwesenheitsnotiz", "Wie kann unser Kunde in Zoho Mail eine Abwesenheitsnotiz für alle einrichten? Können Sie bitte helfen?"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body"), PEOPLE)
@pytest.mark.parametrize("sender", ["anna@oak.example", "new.customer@far.example"])
def test_people_who_write_about_automatic_mail_are_people(subject: str, body: str, sender: str) -> None:
    assert kind(body, subject, sender=sender) is None


@pytest.mark.parametrize(
    ("subject", "body", "sender"),
    [
        ("[##10442##] We have received your request", "Thank you for contacting Oak Helpdesk. Your request has been received and a ticket was created.\nTicket Id: 771002934\nOne of our agents will get back to you.", "helpdesk@oak.example"),
        ("Ticket Received: Export", "Dear Sir,\nwe have received your message and logged it with the ID 4471829. We will respond within 2 business days. This mailbox is not monitored.", "support@elm.example"),
        ("Re: [PS-1042] Export [#117904]", "Hello,\n\nThank you for contacting us. A ticket has been created for your request.\nTicket number: 117904. Our team will be in touch shortly.", "info@elm.example"),
        ("【受付番号 2026111800】お問い合わせを受け付けました", "このたびはお問い合わせいただき、ありがとうございます。担当者より2営業日以内にご連絡いたします。本メールは送信専用です。", "help@elm.example"),
        ("Eingangsbestätigung Ihrer Anfrage", "Vielen Dank für Ihre Anfrage. Ihre Anfrage ist bei uns eingegangen, Ticketnummer 88123. Wir melden uns schnellstmöglich.", "service@elm.example"),
        ("Accusé de réception de votre demande", "Nous avons bien reçu votre demande, numéro de ticket 5512. Nous vous répondrons dans les meilleurs délais.", "support@elm.example"),
        ("Solicitud recibida", "Hemos recibido su solicitud. Número de caso 99120. Nos pondremos en contacto lo antes posible.", "soporte@elm.example"),
        ("Please confirm your message", "Your message is being held. To deliver your message, click the link below to confirm your message: https://guard.example/c/1", "carl@elm.example"),
        ("Your message to crew awaits moderator approval", "Your mail has been held until the list moderator can review it: reply to this mail to cancel.", "crew-bounces@elm.example"),
    ],
)  # fmt: skip
def test_other_desks_and_guards_are_known_by_their_words(subject: str, body: str, sender: str) -> None:  # F12
    assert kind(body, subject, sender=sender) == "auto_reply"


def test_our_own_letters_are_known_by_their_id_header_and_sender() -> None:
    ours = our_ids.message_id(42, "k", b"s" * 32, "desk.example")
    assert kind("Hello", "x", f"Message-ID: {ours}", sender=DESK) == "auto_reply"
    assert kind("Hello", "x", "X-Triaged-Letter: acknowledgment", sender="relay@far.example") == "auto_reply"
    assert kind("Hello", "x", "Auto-Submitted: auto-generated", sender=DESK) == "auto_reply"
    assert kind("Please try again now.", "Re: [PS-1042] Export", sender=DESK) is None


def _letters() -> list[tuple[str, str]]:
    """Every letter to partners in every language that tells a reference, as partners get it.

    But for what one of our own people typed: it says what people say, and is a person's mail. And for what a calendar
    entry says, which never leaves as a letter.
    """
    return [
        (f"{language}:{one.kind}:{one.when}", one.body)
        for language in letters().templates
        for one in specimens.of_language(language, letters(), promises())
        if "PS-" in one.body and not kinds.of(one.kind).typed and one.kind != "meeting_entry"
    ]


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in _letters()])
def test_our_own_letters_are_known_by_their_words_alone(body: str) -> None:  # headers stripped on the way
    assert kind(body, "x", sender="relay@far.example") == "auto_reply"
    without = body.partition("\n\n")[2]
    assert kind(without, "x", sender="relay@far.example") == "auto_reply"


NEWS = ("List-Id: <news.far.example>", "List-Unsubscribe: <https://far.example/u/1>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Precedence: bulk")  # fmt: skip


def test_newsletters_are_lists_though_addressed_to_us() -> None:
    body = "Five tips for resellers\n\nYou get this because you subscribed. Unsubscribe"
    assert kind(body, "Our November news", *NEWS, sender="news@far.example") == "list"
    assert kind(body, "Our November news", *NEWS, sender="news@oak.example") == "list"
    assert kind(body, "Our November news", sender="newsletter@far.example") == "list"


def test_a_request_sent_by_a_system_with_list_headers_stays_one() -> None:
    assert kind(HELP, "Export", *NEWS[:2]) is None
    assert kind(HELP, "Export", *NEWS) is None


GROUP = ("List-Post: <mailto:crew@oak.example>", "List-Id: <crew.oak.example>", "Precedence: list")


def test_list_posts_count_only_when_addressed_to_us_or_through_a_partner_s_group() -> None:
    foreign = ("List-Post: <mailto:chat@far.example>", "List-Id: <chat.far.example>", "Precedence: list")
    assert kind(HELP, "Export", *foreign, "To: chat@far.example", sender="eve@far.example") == "list"
    assert kind(HELP, "Export", *foreign, f"To: chat@far.example, {DESK}", sender="eve@far.example") is None
    assert kind(HELP, "Export", *GROUP, "To: crew@oak.example") is None


@pytest.mark.parametrize("header", ["X-Spam-Flag: YES", "X-Spam-Status: Yes, score=9.1", "X-Spam: Yes", "X-MS-Exchange-Organization-SCL: 6", "X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:9;SFV:SPM"])  # fmt: skip
def test_spam_is_what_our_mail_server_marks(header: str) -> None:
    assert kind(HELP, "Export", header) == "spam"
    assert kind(HELP, "Export", header, door=Door(behind_mta=False)) is None


@pytest.mark.parametrize("header", ["X-Spam-Flag: NO", "X-Spam-Status: No, score=1", "X-MS-Exchange-Organization-SCL: 1", "X-MS-Exchange-Organization-SCL: -1", "X-MS-Exchange-Organization-SCL: high"])  # fmt: skip
def test_what_is_not_marked_is_no_spam(header: str) -> None:
    assert kind(HELP, "Export", header) is None


CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Call\r\nEND:VEVENT\r\nEND:VCALENDAR"


def _parts(text: str, *others: tuple[str, str], of: str = "alternative") -> tuple[str, str]:
    parts = [("text/plain", text), *others]
    body = "".join(f"--b\r\nContent-Type: {kind}\r\n\r\n{content}\r\n" for kind, content in parts)
    return f'Content-Type: multipart/{of}; boundary="b"', f"{body}--b--\r\n"


@pytest.mark.parametrize("method", ["REQUEST", "REPLY", "CANCEL", "COUNTER"])
def test_invitations_and_answers_to_them_are_calendar_mail_whatever_they_say(method: str) -> None:
    header, body = _parts(
        "Can we talk about the export? Please help.",
        (f"text/calendar; method={method}", CALENDAR.format(method)),
    )
    assert kind(body, "Quick call", header) == "calendar"


def test_an_answer_to_an_invitation_without_a_calendar_part_is_known() -> None:
    assert (
        kind("Anna Bell has accepted this invitation.\nWhen: Monday 11:00", "Accepted: Export call")
        == "calendar"
    )


def test_an_ics_file_on_a_request_for_help_stays_a_request() -> None:
    ics = (
        'text/calendar; name="event.ics"\r\nContent-Disposition: attachment; filename="event.ics"',
        CALENDAR.format("PUBLISH"),
    )
    header, body = _parts(
        "Our customer cannot import the attached file into Zoho Calendar. Could you check?", ics, of="mixed"
    )
    assert kind(body, "Import fails", header) is None


def test_read_notices_are_receipts_by_form_and_by_words() -> None:
    mdn = ("message/disposition-notification", "Final-Recipient: rfc822;anna@oak.example\r\nOriginal-Message-ID: <l@desk.example>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n")  # fmt: skip
    header, body = _parts("Your message was read.", mdn, of="report; report-type=disposition-notification")
    found = detect(body, "Read: Export", header)
    assert found is not None
    assert (found.kind, found.original_message_id) == ("receipt", "<l@desk.example>")
    assert (
        kind("Your message\n  To: Anna\nwas read on 19/11/2026 13:33.", "Read: [PS-1042] Export") == "receipt"
    )
    assert kind("Ihre Nachricht wurde gelesen am 19.11.2026", "Gelesen: Export") == "receipt"
    assert kind("メッセージは開封されました。", "開封済み: Export") == "receipt"


def test_abuse_reports_are_abuse() -> None:
    arf = ("message/feedback-report", "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n")
    header, body = _parts("This is an email abuse report.", arf, ("message/rfc822", "Subject: x\r\nMessage-ID: <l@desk.example>\r\n\r\nhi"), of="report; report-type=feedback-report")  # fmt: skip
    assert kind(body, "FW: Export", header, sender="fbl@far.example") == "abuse"


@pytest.mark.parametrize("comment", ["See below, what can we do?\n\n", ""])
def test_a_forwarded_absence_note_or_bounce_is_the_forwarder_s_request(comment: str) -> None:
    away = "---------- Forwarded message ---------\nFrom: Carl <carl@client.example>\nDate: Mon, 16 Nov 2026\nSubject: Automatic reply: Export\nTo: anna@oak.example\n\nI am out of the office until Monday. This is an automated reply."  # fmt: skip
    gone = away.replace("Automatic reply: Export", "Undelivered Mail Returned to Sender").replace("I am out", "This is the mail system at host x. Your message could not be delivered. I am out")  # fmt: skip
    assert kind(comment + away, "Fwd: Automatic reply: Export") is None
    assert kind(comment + gone, "Fwd: Undelivered Mail Returned to Sender") is None


def test_a_partner_s_monitoring_may_ask_for_help_and_a_stranger_s_machine_is_noise() -> None:
    assert (
        kind(
            "Zoho CRM API answers 500 for customer Reed since 09:14.",
            "ALERT API",
            "Auto-Submitted: auto-generated",
        )
        is None
    )
    assert (
        kind(
            "Nightly job finished.", "Job report", "Auto-Submitted: auto-generated", sender="cron@far.example"
        )
        == "list"
    )


def test_bytes_of_which_nothing_can_be_made_out_are_unreadable() -> None:
    mail = message.Message()
    assert str(automatic.detect(mail, quotes.cut(""), HOUSE, Door()).kind) == "unreadable"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    ["Thanks!", "Thank you very much for the quick help!\n\nTanabe", "Works again. Thank you so much!", "Perfect, many thanks. No further questions.", "Perfect, dashboards are live again. Thanks a ton!",
     "Vielen Dank, das Problem ist gelöst!", "Merci beaucoup, problème résolu.", "Merci d'avoir réagi si vite !", "Muchas gracias por la ayuda.", "Grazie mille!",
     "迅速なご対応、誠にありがとうございました。", "ありがとうございます。問題なく動きました。", "谢谢！", "Dank je wel!"],
)  # fmt: skip
def test_nothing_but_thanks_is_thanks(text: str) -> None:
    assert automatic.is_thanks(text)


@pytest.mark.parametrize(
    "text",
    ["", "OK", "Thanks, but it still fails.", "Thank you. One more question: how do I export?", "Thanks in advance!", "Thanks. ZOID: 60011122233",
     "Vielen Dank, leider geht es noch nicht.", "Merci, mais ça ne fonctionne pas.", "Desk inaccessible depuis 9h10. Merci de me rappeler.", "We would appreciate a call.", "Gracias, pero sigue sin funcionar.", "Merci. Autre sujet : Claire n'arrive plus à joindre de reçus.",
     "ありがとうございます。ただ、まだ表示されません。", "ありがとうございます。もう一点教えてください。", "Thank you, it's carl@client.example", "thanks " * 200],
)  # fmt: skip
def test_thanks_with_something_else_is_not(text: str) -> None:
    assert not automatic.is_thanks(text)


@pytest.mark.parametrize(
    "seed",
    ["out of office ", "?", "unsubscribe ", "\n", "thank you ", "ps-1 ", "delivery has failed ", "[", "不在"],
)
def test_hostile_texts_are_judged_within_bounds(seed: str) -> None:
    assert kind(seed * (100_000 // len(seed)), seed * 30) in {None, "auto_reply", "bounce", "list"}
