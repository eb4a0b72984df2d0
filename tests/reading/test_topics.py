"""Mail that people write *about* automatic mail; and the automatic mail itself, which stays what it is."""

from __future__ import annotations

import pytest

from tests.reading.test_automatic import kind

ABOUT = [
    ("Out of office: note is not sent", "Hello,\nthe out of office note of our customer is not sent. He is on vacation until Monday and senders get no automatic reply.\n\nSuperAdmin: it@reed.example\nZOID: 60011122233"),
    ("Abwesenheit: Nachricht wird nicht gesendet", "Hallo,\nunsere Kundin ist bis 8. Dezember abwesend und ihre automatische Antwort geht nicht raus. Zoho Mail.\nAnna"),
    ("Abwesenheitsnotiz: falscher Text", "Guten Tag,\nder Benutzer ist im Urlaub bis 8.12. und seine Abwesenheitsnotiz zeigt den alten Text.\n\nSuperAdmin: it@reed.example"),
    ("Absence : le texte est faux", "Bonjour,\nnotre cliente est absente jusqu'au 8 décembre et sa réponse automatique n'arrive pas.\n\nZOID : 60011122233"),
    ("Fuera de la oficina: no se envía", "Hola,\nnuestra clienta está de vacaciones hasta el 8 de diciembre y su respuesta automática no sale de Zoho Mail."),
    ("Risposta automatica: non parte", "Buongiorno,\nla nostra cliente è in ferie fino all'8 dicembre e la risposta automatica non parte da Zoho Mail."),
    ("Resposta automática: não é enviada", "Olá,\no usuário está de férias até 8 de dezembro e a resposta automática do Zoho Mail não é enviada."),
    ("Afwezig: bericht wordt niet verzonden", "Hallo,\nonze klant is afwezig tot 8 december en het automatisch antwoord wordt niet verzonden."),
    ("自動返信：二重に送信される", "お世話になっております。\nお客様のZoho Deskの自動返信が二重に送信されます。\n組織ID：60011122233"),
    ("不在のお知らせ：本文が古い", "お世話になっております。担当者は12月8日まで休暇中です。Zoho Mailの自動返信の本文が古いまま変更できません。"),
    ("Read: receipts missing", "The read receipt of our customer is not sent.\nZOID: 60011122233"),
    ("Gelesen: Bestätigung kommt nicht an", "Die Lesebestätigung wurde gelesen, aber kommt nicht an.\nZOID: 60011122233"),
    ("Lu : l'accusé de lecture n'arrive pas", "Bonjour, l'accusé de lecture de notre client n'arrive pas. Le message a été lu."),
    ("Accepted: Weekly", "The answer Accepted: Weekly does not arrive in Zoho Calendar. When: Monday."),
    ("Einladung: wird nicht angezeigt", "Die Einladung erscheint nicht im Zoho Kalender. Wann: Montag. ZOID: 60011122233"),
    ("Undeliverable: all mails", "All mails of our customer come back as undeliverable. Zoho Mail."),
    ("Mail delivery failed: returning message to sender", "Hi,\nthis is what our client gets from Zoho Mail: 'This message was created automatically by mail delivery software'.\nZOID: 60011122233"),
    ("Notification d'état de remise (échec)", "Bonjour,\nnotre client reçoit ce message pour chaque envoi depuis Zoho Mail.\nZOID : 60011122233"),
    ("配信不能：全メール", "お客様の送信メールがすべて配信不能で戻ります。\n組織ID：60011122233"),
    ("Ticket received: wrong sender", "Your request has been received goes out with the wrong sender from Zoho Desk. ZOID: 60011122233"),
    ("Recall: menu missing", "Our customer would like to recall a mail he sent in Zoho Mail, but the menu shows no such item."),
    ("Rückruf: Nachricht bleibt", "Unser Kunde möchte die Nachricht „Angebot“ zurückrufen, der Rückruf in Zoho Mail funktioniert nicht.\nZOID: 60011122233"),
    ("Reactions", "Olga reacted to a message with 👍 in Zoho Cliq and the reaction is not shown to others."),
    ("Reaktion fehlt", "Ben hat auf Ihre Nachricht reagiert, steht in Zoho Cliq, aber die Reaktion fehlt."),
    ("S/MIME", "Our customer gets encrypted mails (smime.p7m) that Zoho Mail does not open. Is S/MIME supported?\nZOID: 60011122233"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body"), ABOUT)
def test_who_writes_about_an_automatic_mail_has_a_request(subject: str, body: str) -> None:
    assert kind(body, subject) is None


REACTIONS = [
    "👍", "❤️", "Anna reacted to your message:", "👍\n\nAnna reacted via Gmail\n<https://mail.example/about?utm_source=x>", "Anna Bell hat auf Ihre Nachricht reagiert:",
    "Anna Bell a réagi à votre message :", "Anna Bell ha reaccionado a su mensaje:", "Anna Bell ha reagito al tuo messaggio:", "Anna Bell reagiu à sua mensagem:",
    "Anna Bell heeft op uw bericht gereageerd:", "Annaさんがあなたのメッセージにリアクションしました", 'Liked "We have changed the filter."',
]  # fmt: skip


@pytest.mark.parametrize("body", REACTIONS)
def test_a_thumb_or_a_heart_is_a_reaction(body: str) -> None:
    assert kind(body, "Re: Export", "In-Reply-To: <x@own.example>") == "reaction"


def test_gmail_s_own_part_makes_a_reaction_whatever_is_written_beside_it() -> None:
    body = '--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n🎉\r\n--b\r\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\r\n\r\n{"emoji":"🎉","version":1}\r\n--b--\r\n'
    assert kind(body, "Re: Export", "Content-Type: multipart/alternative; boundary=b") == "reaction"


RECALLS = [
    ("Recall: Export", 'Anna Bell would like to recall the message, "Export".'),
    ("Rückruf: Export", "Anna Bell möchte die Nachricht „Export“ zurückrufen."),
    ("Rappel : Export", "Anna Bell souhaite rappeler le message « Export »."),
    ("Recuperar: Export", 'Anna Bell desea recuperar el mensaje "Export".'),
    ("Richiamo: Export", 'Anna Bell desidera richiamare il messaggio "Export".'),
    ("Recolher: Export", 'Anna Bell gostaria de recolher a mensagem "Export".'),
    ("Intrekken: Export", 'Anna Bell wil het bericht "Export" intrekken.'),
    ("取り消し: Export", "Anna Bell さんがメッセージ「Export」を取り消そうとしています。"),
    ("撤回: Export", "Anna Bell 希望撤回邮件“Export”。"),
    ("Message Recall Report for message [Export]", "Recall status: Pending\nYour request to recall the message is in progress."),
    ("Message Recall Success: Export", "Your message was recalled successfully."),
    ("Rückrufbericht", "Rückrufstatus: Ausstehend"),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body"), RECALLS)
def test_who_takes_a_mail_back_and_the_report_on_it_are_a_recall(subject: str, body: str) -> None:
    assert kind(body, subject) == "recall"
