"""What other desks' machines answer: received, numbered, held back for a check. PURE, tables (see words/phrases.py)."""

from __future__ import annotations

from triaged.reading.words.phrases import Phrases

RECEIVED = Phrases(
    "request has been received | request was received | request received | we have received your | we've received your | received your request",
    "received your email | received your message | received your inquiry | received your enquiry | received your ticket | email has been received",
    "message has been received | enquiry has been received | inquiry has been received | we received your | has been logged | has been registered",
    "ticket…has been created | ticket…was created | case…has been created | case…was created | request…has been received | email…has been logged | ticket…created: | ticket has been created | ticket was created | ticket is created | ticket has been opened | case has been created | case has been opened",
    "case was created | incident has been created | created a ticket | created a case | new ticket created | opened a ticket | opened a case",
    "has been assigned ticket | has been assigned the | request has been created | request id is | logged with | acknowledge receipt",
    "acknowledge the receipt | acknowledgement of your | thank you for contacting | thanks for contacting | thank you for reaching out to",
    "thanks for reaching out to | thank you for getting in touch | thanks for getting in touch | thank you for submitting | support request received",
    "thank you for e-mailing | thank you for emailing | thank you for your inquiry | thank you for your enquiry | thank you for your request",
    "anfrage ist bei uns eingegangen | anfrage ist eingegangen | anfrage erhalten | nachricht erhalten | e-mail erhalten | anfrage wurde",
    "ticket wurde | vorgang wurde | eingangsbestätigung | vielen dank für ihre anfrage | danke für ihre anfrage | haben ihre anfrage",
    "haben ihre nachricht | unter der nummer | avons bien reçu votre | avons reçu votre | demande a été enregistrée | demande a bien été",
    "ticket a été créé | accusé de réception | votre demande a été | hemos recibido su | hemos recibido tu | su solicitud ha sido | solicitud recibida",
    "se ha creado | gracias por contactar | gracias por ponerse en contacto | abbiamo ricevuto la | abbiamo ricevuto il | richiesta è stata",
    "ticket è stato | grazie per averci contattato | recebemos sua | recebemos a sua | recebemos seu | sua solicitação | seu chamado | chamado foi",
    "obrigado por entrar em contato | hebben uw aanvraag | hebben uw bericht | hebben uw e-mail | uw verzoek is | ontvangstbevestiging",
    "ditt ärende | din henvendelse | vi har mottagit | vi har modtaget | vi har mottatt | お問い合わせを受け付け | お問合せを受け付け | 受け付けました",
    "受付いたしました | 受付完了 | 受付けました | 承りました | お問い合わせいただき | お問い合わせいただき | お問合せいただき | お問い合わせありがとう | 受付番号",
    "お問い合わせ番号 | 已收到您的 | 您的请求 | 工单已 | 已收到您 | 已收到您的來信 | 접수되었 | 문의가 접수 | обращение зарегистрирован | ваш запрос",
    "ваше обращение | otrzymaliśmy* | zgłoszenie zostało | váš požadavek | talebiniz alın* | talebiniz ulaş*",
)
"""A desk has got our letter and given it a number."""

PROMISE = Phrases(
    "will get back to you | will be in touch | will respond | will contact you | will reply | be with you shortly | reviewed by our | review it shortly",
    "respond within | reply within | get back within | working hours | business hours | business days | working days | as soon as possible | shortly",
    "our team will | our agents | our support staff | our technicians | one of our | is important to us | melden uns | schnellstmöglich | so bald wie möglich",
    "innerhalb von* | werktagen | bearbeitet* | dans les plus brefs | dans les meilleurs | sous 24* | sous 48* | jours ouvrés | traitée* | lo antes posible",
    "a la brevedad | nos pondremos en contacto | días hábiles | horas hábiles | il prima possibile | al più presto | giorni lavorativi | em breve",
    "o mais breve | dias úteis | zo snel mogelijk | werkdagen | så snart | hurtigst mulig | 営業日以内 | 営業時間 | 担当者より | 担当より | 折り返し | 順次",
    "今しばらく | 尽快 | 盡快 | 工作日 | 영업일 | 빠른 시일 | ближайшее время | jak najszybciej | en kısa sürede",
)
"""Somebody will answer."""

NUMBERED = Phrases(
    "ticket id* | ticket number* | ticket no | ticket # | ticket: | ticket reference | case id* | case number | case no | case # | case: | request id | request number",
    "reference number* | reference id | reference no | your reference | tracking number | tracking id | incident number | incident id | inquiry id | [## | [# | (##",
    "quote the id | quote this number | keep the subject | change the subject | in the subject line | above this line | ticketnummer* | ticket-nr | vorgangsnummer*",
    "fallnummer | bearbeitungsnummer | referenznummer | numéro de ticket | numéro de dossier | numéro de demande | número de ticket | número de caso",
    "número de referencia | numero ticket | numero di ticket | número do chamado | número do ticket | protocolo* | ticketnummer* | zaaknummer | ärendenummer",
    "sagsnummer | 受付番号 | お問い合わせ番号 | お問合せ番号 | 整理番号 | チケット番号 | 管理番号 | 工单号 | 编号 | 접수번호 | номер обращения | numer zgłoszenia",
)
"""The number a desk gave."""

CHALLENGE = Phrases(
    "verify that you are | verify you are a human | verify you are human | prove that you are human | prove you are human | prove you are a human",
    "confirm that you are human | confirm you are a human | confirm that you are a real | confirm you are a real | confirm that you are not",
    "message is being held | message has been held | email is being held | mail is being held | message is waiting for | awaiting your confirmation",
    "awaits your confirmation | challenge/response | challenge-response | challenge response | sender verification | verify your email address so",
    "to deliver your message | to have your message delivered | to have your email delivered | before your message can be delivered | before your message is delivered",
    "deliver your original message | added to my list of allowed | added to my approved | my approved senders | my allowed senders",
    "sender's verification | one-time confirmation | one-time verification | click the link below to confirm your message",
    "requires confirmation of | unknown sender and requires | anti-spam… click | awaits moderator approval | awaiting moderator approval",
    "held until the list moderator | message to… awaits moderator | ihre e-mail wurde zurückgehalten | bestätigen sie ihre nachricht | bestätigen sie, dass sie",
    "absender bestätigen | confirmez que vous | vous devez confirmer | votre message est en attente | confirme que usted | su mensaje está retenido",
    "送信者の確認 | メールは保留 | 認証してください | confirme sua mensagem",
)
"""Somebody's spam guard wants us to prove we are people."""
