"""Forwards: a mail between others counts as new text; what only looks like a forward does not."""

from __future__ import annotations

import pytest

from triaged.reading.mime.message import Message
from triaged.reading.new_text import quotes
from triaged.reading.new_text.separators import subject_kind
from triaged.reading.values import Address

SUPPORT = frozenset({"partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"})
WORDS = "Please see below, our customer is stuck."
BODY = "Nobody can open the invoices.\nOur org id is 60031122334."
JANE = Address("Jane Doe", "jane@alder.example")

# name of the client -> the head it puts over the forwarded mail
MARKS = {
    "gmail": "---------- Forwarded message ---------\nFrom: Jane Doe <jane@alder.example>\n"
    "Date: Tue, Nov 10, 2026 at 10:14 AM\nSubject: Invoices\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "gmail-old": "---------- Forwarded message ----------\nFrom: *Jane Doe* <jane@alder.example>\n"
    "Date: Tuesday, November 10, 2026\nSubject: Invoices\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "gmail-de": "---------- Forwarded message ---------\nVon: Jane Doe <jane@alder.example>\n"
    "Date: Di., 10. Nov. 2026 um 10:14 Uhr\nSubject: Invoices\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "apple": "Begin forwarded message:\n\nFrom: Jane Doe <jane@alder.example>\nSubject: Invoices\n"
    "Date: 10 November 2026 at 10:14:03 GMT\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "apple-bold": "Begin forwarded message:\n\n*From: *Jane Doe <jane@alder.example>\n*Subject: **Invoices*\n"
    "*Date: *10 November 2026 at 10:14:03 GMT\n*To: *Anna Beck <anna@oakbridge.example>\n\n",
    "apple-de": "Anfang der weitergeleiteten Nachricht:\n\nVon: Jane Doe <jane@alder.example>\nBetreff: Invoices\n"
    "Datum: 10. November 2026 um 10:14:03 MEZ\nAn: Anna Beck <anna@oakbridge.example>\n\n",
    "apple-fr": "Début du message réexpédié :\n\nDe: Jane Doe <jane@alder.example>\nObjet: Invoices\n"
    "Date: 10 novembre 2026 à 10:14:03 UTC+1\nÀ: Anna Beck <anna@oakbridge.example>\n\n",
    "apple-ja": "転送されたメッセージ:\n\n差出人: Jane Doe <jane@alder.example>\n件名: Invoices\n"
    "日付: 2026年11月10日 10:14:03 JST\n宛先: Anna Beck <anna@oakbridge.example>\n\n",
    "thunderbird": "-------- Forwarded Message --------\nSubject: Invoices\nDate: Tue, 10 Nov 2026 10:14:03 +0000\n"
    "From: Jane Doe <jane@alder.example>\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "thunderbird-de": "-------- Weitergeleitete Nachricht --------\nBetreff: \tInvoices\nDatum: \tTue, 10 Nov 2026\n"
    "Von: \tJane Doe <jane@alder.example>\nAn: \tAnna Beck <anna@oakbridge.example>\n\n",
    "thunderbird-fr": "-------- Message transféré --------\nSujet : Invoices\nDate : Tue, 10 Nov 2026 10:14:03\n"
    "De : Jane Doe <jane@alder.example>\nPour : Anna Beck <anna@oakbridge.example>\n\n",
    "thunderbird-es": "-------- Mensaje reenviado --------\nAsunto: Invoices\nFecha: Tue, 10 Nov 2026 10:14:03\n"
    "De: Jane Doe <jane@alder.example>\nPara: Anna Beck <anna@oakbridge.example>\n\n",
    "zoho": "============ Forwarded message ============\nFrom: Jane Doe <jane@alder.example>\n"
    "To: <anna@oakbridge.example>\nDate: Tue, 10 Nov 2026 10:14:50 +0530\nSubject: Invoices\n"
    "============ Forwarded message ============\n\n",
    "yahoo": "----- Forwarded Message -----\nFrom: Jane Doe <jane@alder.example>\nTo: Anna Beck <anna@oakbridge.example>\n"
    "Sent: Tuesday, November 10, 2026 at 10:14:03 AM GMT+1\nSubject: Invoices\n\n",
    "mutt": "----- Forwarded message from Jane Doe <jane@alder.example> -----\n\n"
    "Date: Tue, 10 Nov 2026 10:14:03 +0000\nFrom: Jane Doe <jane@alder.example>\nTo: anna@oakbridge.example\n"
    "Subject: Invoices\n\n",
    "notes": "----- Forwarded by Anna Beck/Oakbridge on 10.11.2026 11:02 -----\n\n"
    "From: Jane Doe <jane@alder.example>\nTo: Anna Beck/Oakbridge@OAK\nDate: 10.11.2026 10:14\nSubject: Invoices\n\n",
    "gmail-ja": "---------- 転送メッセージ ----------\nFrom: Jane Doe <jane@alder.example>\n"
    "日付: 2026年11月10日(火) 10:14\n件名: Invoices\nTo: Anna Beck <anna@oakbridge.example>\n\n",
    "mailto": "---------- Forwarded message ---------\nFrom: Jane Doe [mailto:jane@alder.example]\n"
    "Sent: 10 November 2026\nTo: Anna Beck\nSubject: Invoices\n\n",
    "italian": "-------- Messaggio inoltrato --------\nOggetto: Invoices\nData: Tue, 10 Nov 2026\n"
    "Mittente: Jane Doe <jane@alder.example>\nA: Anna Beck <anna@oakbridge.example>\n\n",
    "chinese": "---------- 转发的邮件 ----------\n发件人: Jane Doe <jane@alder.example>\n发送时间: 2026年11月10日\n"
    "收件人: Anna Beck\n主题: Invoices\n\n",
}

# heads without a forward mark: only the FW subject of the mail makes a forward of them
BLOCKS = {
    "outlook": ("FW: Invoices", "From: Jane Doe <jane@alder.example>\nSent: Tuesday, November 10, 2026 10:14 AM\n"
    "To: Anna Beck <anna@oakbridge.example>\nSubject: Invoices\n\n"),
    "outlook-rule": ("Fwd: Invoices", "________________________________\nFrom: Jane Doe <jane@alder.example>\n"
    "Sent: 10 November 2026 10:14\nTo: Anna Beck\nSubject: Invoices\n\n"),
    "outlook-de": ("WG: Rechnungen", "Von: Jane Doe <jane@alder.example>\nGesendet: Dienstag, 10. November 2026 10:14\n"
    "An: Anna Beck <anna@oakbridge.example>\nBetreff: Rechnungen\n\n"),
    "outlook-fr": ("TR : Factures", "De : Jane Doe <jane@alder.example>\nEnvoyé : mardi 10 novembre 2026 10:14\n"
    "À : Anna Beck <anna@oakbridge.example>\nObjet : Factures\n\n"),
    "outlook-es": ("RV: Facturas", "De: Jane Doe <jane@alder.example>\nEnviado el: martes, 10 de noviembre de 2026\n"
    "Para: Anna Beck\nAsunto: Facturas\n\n"),
    "original-message": ("FW: Invoices", "-----Original Message-----\nFrom: Jane Doe <jane@alder.example>\n"
    "Sent: Tuesday, November 10, 2026 10:14 AM\nTo: Anna Beck\nSubject: Invoices\n\n"),
    "japanese": ("転送: 請求書", "-----元のメッセージ-----\n差出人: Jane Doe <jane@alder.example>\n"
    "送信日時: 2026年11月10日 10:14\n宛先: Anna Beck\n件名: 請求書\n\n"),
    "japanese-fw": ("Fw: 請求書", "----- Original Message -----\nFrom: Jane Doe <jane@alder.example>\n"
    "To: anna@oakbridge.example\nDate: 2026/11/10, Tue 10:14\nSubject: 請求書\n\n"),
    "referenced": ("[PS-1042] FW: Invoices", "From: Jane Doe <jane@alder.example>\nSent: Tuesday 10:14\n"
    "To: Anna Beck\nSubject: Invoices\n\n"),
    "attribution": ("Fwd: Invoices", "On Tue, 10 Nov 2026 at 10:14, Jane Doe <jane@alder.example> wrote:\n\n"),
    "external": ("[EXTERNAL] Fwd: Invoices", "From: Jane Doe <jane@alder.example>\nDate: 10 Nov 2026\n"
    "To: Anna Beck\nSubject: Invoices\n\n"),
}  # fmt: skip


def marked(text: str) -> str:
    """The text as a quote in `>`."""
    return "\n".join(f"> {row}".rstrip() for row in text.split("\n"))


def forward(text: str, subject: str = "Fwd: Invoices", **more: object) -> object:
    """Cut with our support addresses."""
    return quotes.cut(text, subject=subject, support_addresses=SUPPORT, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("subject", ["Fwd: Invoices", "Invoices", "Re: Invoices", ""])
@pytest.mark.parametrize("client", MARKS)
def test_a_forward_mark_makes_a_forward_whatever_the_subject(client: str, subject: str) -> None:
    cut = quotes.cut(f"{WORDS}\n\n{MARKS[client]}{BODY}\n", subject=subject, support_addresses=SUPPORT)
    assert cut.own == WORDS
    assert BODY in cut.forwarded
    assert BODY in cut.new
    assert cut.forward_authors == (JANE,)
    assert cut.is_forward


@pytest.mark.parametrize("client", BLOCKS)
def test_a_forward_subject_makes_a_forward_of_a_header_block(client: str) -> None:
    subject, head = BLOCKS[client]
    cut = quotes.cut(f"{WORDS}\n\n{head}{BODY}\n", subject=subject, support_addresses=SUPPORT)
    assert cut.own == WORDS
    assert BODY in cut.new
    assert cut.forward_authors == (JANE,)


@pytest.mark.parametrize("client", sorted(set(BLOCKS) - {"referenced", "external", "attribution"}))
def test_the_same_header_block_in_a_reply_is_a_quote(client: str) -> None:
    _, head = BLOCKS[client]
    cut = quotes.cut(
        f"Solved, thank you.\n\n{head}{BODY}\n", subject="RE: Invoices", support_addresses=SUPPORT
    )
    assert cut.new == "Solved, thank you."
    assert not cut.forward_authors


@pytest.mark.parametrize("client", BLOCKS)
def test_a_header_block_of_a_mail_from_support_is_a_quote_even_under_a_forward_subject(client: str) -> None:
    subject, head = BLOCKS[client]
    head = head.replace("jane@alder.example", "partner-support@zohocorp.com")
    assert quotes.cut(f"{WORDS}\n\n{head}{BODY}", subject=subject, support_addresses=SUPPORT).new == WORDS


@pytest.mark.parametrize(
    "people",
    [
        ("Anna Beck <anna@oakbridge.example>", "Partner Support <partner-support@zohocorp.com>"),
        ("Anna Beck", "'partner-support@eu.zohocorp.com'"),
        ("Anna Beck", "Partner Support"),
        ("Zoho Partner Support", "Anna Beck"),
        ("Jane Doe <jane@alder.example>", "Ben Cole <ben@oakbridge.example>; partner-support@zohocorp.com"),
        ("PARTNER-SUPPORT@ZOHOCORP.COM", "Anna Beck <anna@oakbridge.example>"),
    ],
)
def test_a_mail_from_or_to_support_is_never_a_forward(people: tuple[str, str]) -> None:
    head = f"From: {people[0]}\nSent: Tuesday, November 10, 2026\nTo: {people[1]}\nSubject: Invoices\n\n"
    assert forward(f"{WORDS}\n\n{head}{BODY}", "FW: Invoices").new == WORDS  # type: ignore[attr-defined]
    mark = "---------- Forwarded message ---------\n"
    assert forward(f"{WORDS}\n\n{mark}{head}{BODY}").new == WORDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("client", ["apple", "apple-de", "gmail", "thunderbird", "mailto"])
def test_a_forward_in_brackets_is_kept(client: str) -> None:
    head, mark = MARKS[client], ""
    if head.startswith(("Begin", "Anfang")):
        mark, _, head = head.partition("\n\n")
    cut = quotes.cut(f"{WORDS}\n\n{mark}\n{marked(head + BODY)}\n\nCall me.", subject="Fwd: Invoices")
    assert "Our org id is 60031122334." in cut.new
    assert cut.own == f"{WORDS}\n\nCall me."
    assert cut.forward_authors == (JANE,)


def test_a_bracketed_block_under_a_forward_subject_is_a_forward_even_without_a_head() -> None:
    cut = quotes.cut(f"{WORDS}\n\n{marked(BODY)}", subject="Fwd: Invoices")
    assert cut.forwarded == BODY


INSIDE = {
    "gmail": "On Mon, 9 Nov 2026 at 09:00, Anna Beck <anna@oakbridge.example> wrote:\n\n> Birch has ZOID 77700011122.",
    "outlook": "From: Anna Beck <anna@oakbridge.example>\nSent: Monday, November 9, 2026 9:00 AM\n"
    "To: Jane Doe <jane@alder.example>\nSubject: Your invoices\n\nBirch has ZOID 77700011122.",
    "brackets": "> Birch has ZOID 77700011122.\n> Regards",
    "original": "-----Original Message-----\nFrom: Anna Beck\nSent: Monday\nTo: Jane Doe\nSubject: x\n\n77700011122",
}


@pytest.mark.parametrize("inner", INSIDE)
@pytest.mark.parametrize("client", ["gmail", "apple", "thunderbird", "zoho", "gmail-ja"])
def test_a_reply_quote_inside_a_forward_is_no_part_of_it(client: str, inner: str) -> None:
    cut = quotes.cut(f"{WORDS}\n\n{MARKS[client]}{BODY}\n\n{INSIDE[inner]}", subject="Fwd: Invoices")
    assert BODY in cut.new
    assert "77700011122" not in cut.new
    assert "77700011122" in cut.quoted


def test_a_reply_quote_inside_a_bracketed_forward_is_no_part_of_it() -> None:
    inner = f"{BODY}\n\nOn Mon, 9 Nov 2026, at 09:00, Anna Beck wrote:\n\n> Birch has ZOID 77700011122."
    cut = quotes.cut(f"{WORDS}\n\nBegin forwarded message:\n\n{marked('From: Jane Doe <jane@alder.example>')}\n"
                     f"{marked('Subject: x')}\n{marked('')}\n{marked(inner)}", subject="Fwd: x")  # fmt: skip
    assert "60031122334" in cut.new
    assert "77700011122" not in cut.new


def test_a_forward_of_a_forward_keeps_both_and_names_both_authors() -> None:
    outer = ("From: Ben Cole <ben@oakbridge.example>\nSent: Tuesday 11:00\nTo: Anna Beck <anna@oakbridge.example>\n"
             "Subject: FW: Invoices\n\nAnna, can you take this?\n\n")  # fmt: skip
    inner = ("From: Jane Doe <jane@alder.example>\nSent: Tuesday 10:14\nTo: Ben Cole <ben@oakbridge.example>\n"
             "Subject: Invoices\n\n")  # fmt: skip
    cut = quotes.cut(f"{WORDS}\n\n{outer}{inner}{BODY}", subject="FW: Invoices", support_addresses=SUPPORT)
    assert "can you take this" in cut.new
    assert BODY in cut.new
    assert cut.forward_authors == (Address("Ben Cole", "ben@oakbridge.example"), JANE)


def test_two_forwards_one_after_the_other_are_both_kept() -> None:
    second = MARKS["gmail"].replace("Jane Doe <jane@", "Kim Lee <kim@")
    cut = quotes.cut(f"{WORDS}\n\n{MARKS['gmail']}{BODY}\n\n{second}Same here.", subject="Two customers")
    assert "Same here." in cut.new
    assert [author.address for author in cut.forward_authors] == ["jane@alder.example", "kim@alder.example"]


def test_a_forward_inside_a_reply_quote_is_part_of_the_quote() -> None:
    text = f"Done.\n\nOn Tue, 10 Nov 2026 at 10:14, Anna <anna@oakbridge.example> wrote:\n{marked(MARKS['gmail'] + BODY)}"
    assert quotes.cut(text, subject="Re: Fwd: Invoices").new == "Done."


def test_words_under_the_end_mark_of_a_forward_are_the_senders_own() -> None:
    text = f"{WORDS}\n\n{MARKS['mutt']}{BODY}\n\n----- End forwarded message -----\n\nWhat shall I tell her?"
    assert quotes.cut(text, subject="Fwd: x").own == f"{WORDS}\n\nWhat shall I tell her?"


@pytest.mark.parametrize(
    "intro",
    [
        "The customer's mail:",
        "See the message from our customer below.",
        "Siehe unten die Mail:",
        "下記の通りです。",
    ],
)
def test_a_mail_announced_by_the_sender_and_pasted_is_kept(intro: str) -> None:
    _, head = BLOCKS["outlook"]
    cut = quotes.cut(f"{intro}\n\n{head}{BODY}", subject="Invoices of Alder", support_addresses=SUPPORT)
    assert BODY in cut.new


def test_pasted_mail_headers_of_a_mail_in_trouble_stay() -> None:
    text = ("These are the headers:\n\nFrom: shop@alder.example\nTo: kim@birch.example\nSubject: Your order\n"
            "Message-ID: <1@alder.example>\n\nIt bounced with 550.")  # fmt: skip
    assert "It bounced with 550." in quotes.cut(text, subject="Mail delivery").new


def test_an_attached_mail_is_a_forward() -> None:
    mail = Message(from_=(JANE,), to=(Address("", "anna@oakbridge.example"),), subject="Invoices",
                   text=f"{BODY}\n\nOn Mon, 9 Nov 2026 at 09:00, Anna <a@b.example> wrote:\n> 77700011122\n")  # fmt: skip
    cut = quotes.cut("See attached.", subject="Invoices", attached=[mail], support_addresses=SUPPORT)
    assert cut.own == "See attached."
    assert BODY in cut.forwarded
    assert "77700011122" not in cut.new
    assert cut.forward_authors == (JANE,)


def test_an_attached_mail_of_support_is_no_forward() -> None:
    mail = Message(
        from_=(Address("", "partner-support@zohocorp.com"),), subject="Re: x", text="ZOID 77700011122"
    )
    assert quotes.cut("See attached.", attached=[mail], support_addresses=SUPPORT).new == "See attached."


def test_attached_mails_in_attached_mails_are_read_but_not_without_end() -> None:
    mail = Message(from_=(JANE,), subject="innermost", text="the innermost words")
    for level in range(40):
        mail = Message(from_=(JANE,), subject=str(level), text=f"level {level}", attached=(mail,))
    cut = quotes.cut("See attached.", attached=[mail])
    assert "level 39" in cut.new
    assert "level 35" in cut.new
    assert "innermost" not in cut.new


def test_the_signature_of_the_forwarded_mail_is_told_apart() -> None:
    text = (
        f"{WORDS}\n\n{MARKS['gmail']}{BODY}\n\nKind regards\nJane Doe\nAlder Works Ltd\nTel. +44 20 7946 0999"
    )
    cut = quotes.cut(text, subject="Fwd: Invoices")
    assert "7946" not in cut.new
    assert "7946" in cut.signature


def test_the_people_of_a_forwards_head_are_shown_but_no_text_to_search() -> None:
    cut = quotes.cut(f"{WORDS}\n\n{MARKS['gmail']}{BODY}", subject="Fwd: Invoices")
    assert "anna@oakbridge.example" in cut.new
    assert "anna@oakbridge.example" not in cut.forwarded
    assert "Subject: Invoices" in cut.forwarded


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Fwd: x", "forward"), ("FW: RE: x", "forward"), ("Fw:x", "forward"), ("WG: x", "forward"),
        ("TR : x", "forward"), ("RV: x", "forward"), ("転送: x", "forward"), ("ＦＷ：x", "forward"),
        ("[PS-1042] Fwd: x", "forward"), ("[EXTERNAL] [x] FW: y", "forward"), ("I: fatture", "forward"),
        ("ENC: x", "forward"), ("VS: x", "forward"), ("转发：x", "forward"), ("Fwd[2]: x", "forward"),
        ("Re: x", "reply"), ("RE: FW: x", "reply"), ("AW: WG: x", "reply"), ("Re[2]: x", "reply"),
        ("SV: x", "reply"), ("返信: x", "reply"), ("Antwort: x", "reply"), ("[PS-1042] Re: FW: x", "reply"),
        ("", ""), ("Forwarding rule is lost", ""), ("Treasury: report", ""), ("I need help: now", ""),
        ("Renewal: 40 users", ""), ("[PS-1042]", ""),
    ],
)  # fmt: skip
def test_the_first_prefix_of_a_subject_tells_forward_from_reply(subject: str, kind: str) -> None:
    assert subject_kind(subject) == kind


SENDERS = (Address("Anna Beck", "anna@oakbridge.example"),)


def test_a_mail_of_supports_colleague_to_the_sender_is_a_reply_quote() -> None:
    head = "From: Meera <meera@zohocorp.com>\nSent: Tuesday\nTo: Anna Beck <anna@oakbridge.example>\nSubject: x\n\n"
    assert forward(f"{WORDS}\n\n{head}{BODY}", "FW: x", senders=SENDERS).new == WORDS  # type: ignore[attr-defined]


def test_a_notice_of_the_same_house_to_the_customer_is_a_forward() -> None:
    head = "From: Zoho Billing <billing@zohocorp.com>\nSent: Tuesday\nTo: jane@alder.example\nSubject: Invoice\n\n"
    assert BODY in forward(f"{WORDS}\n\n{head}{BODY}", "FW: x", senders=SENDERS).new  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "head",
    [
        "From: Jane Doe <jane@alder.example>\n\nSent: Tuesday, November 10, 2026\n\nTo: Anna Beck\n\nSubject: Invoices\n\n",
        "From: Jane Doe <jane@alder.example> Sent: Tuesday, November 10, 2026 10:14 To: Anna Beck Subject: Invoices\n\n",
        "*Von:* Jane Doe <jane@alder.example> *Gesendet:* Dienstag, 10. November *An:* Anna Beck *Betreff:* Rechnung\n\n",
        "From:\nJane Doe <jane@alder.example>\nSent:\nTuesday, November 10, 2026\nTo:\nAnna Beck\nSubject:\nInvoices\n\n",
        "From: Jane Doe <jane@alder.example>\nSent: Tuesday\nTo: Anna Beck <anna@oakbridge.example>;\n"
        "Ben Cole <ben@oakbridge.example>\nCc: Carl <carl@oakbridge.example>\nSubject: Invoices\nImportance: High\n\n",
    ],
    ids=["paragraphs", "one line", "one line bold", "values below", "wrapped people"],
)
def test_a_header_block_in_any_shape_is_known(head: str) -> None:
    kept = quotes.cut(f"{WORDS}\n\n{head}{BODY}", subject="FW: Invoices", support_addresses=SUPPORT)
    assert kept.forward_authors == (JANE,)
    assert kept.forwarded.endswith(BODY)
    assert quotes.cut(f"Done.\n\n{head}{BODY}", subject="Re: Invoices").new == "Done."


def test_a_memo_with_from_and_to_on_top_is_the_senders_own() -> None:
    text = "From: Anna Beck, Oakbridge\nTo: Partner Support\nSubject: Alder Works\nDate: 10 Nov 2026\n\nZOID: 60031122334"
    assert quotes.cut(text, subject="Alder Works", support_addresses=SUPPORT).new == text


def test_a_pasted_mail_on_top_of_a_new_mail_is_kept() -> None:
    _, head = BLOCKS["outlook"]
    cut = quotes.cut(f"{head}{BODY}", subject="Alder Works", support_addresses=SUPPORT)
    assert BODY in cut.new
    assert cut.forward_authors == (JANE,)


def test_a_reply_announced_inside_a_forward_is_still_a_reply_quote() -> None:
    inner = "See my old mail below:\n\nFrom: Anna Beck <anna@oakbridge.example>\nSent: Monday\nTo: Jane\nSubject: Birch\n\n777"
    assert "777" not in quotes.cut(f"{WORDS}\n\n{MARKS['gmail']}{BODY}\n{inner}", subject="Fwd: x").new


def test_the_words_of_support_after_a_colon_are_a_quote_in_any_mail() -> None:
    text = "You wrote:\n\n> Birch has ZOID 77700011122\n\nThat is somebody else."
    assert "77700011122" not in quotes.cut(text, subject="Alder Works").new


@pytest.mark.parametrize(
    "mark",
    [
        "----- Forwarded by Anna Beck on 10.11.2026 -----",
        "--- Weitergeleitet von Anna Beck ---",
        "----- Transféré par Anna Beck le 10/11/2026 -----",
        "***** Mail forwarded from the customer *****",
        "=== 転送されたお客様メール ===",
        "<<<<< Forwarded >>>>>",
    ],
)
def test_a_framed_line_that_speaks_of_forwarding_is_a_mark(mark: str) -> None:
    cut = quotes.cut(f"{WORDS}\n\n{mark}\n\n{BODY}", subject="Re: Invoices", support_addresses=SUPPORT)
    assert BODY in cut.forwarded


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize(
    "said",
    [
        "On 10 Nov 2026, at 10:14, Jane Doe wrote:",
        "Am 10.11.2026 um 10:14 schrieb Jane Doe <jane@alder.example>:",
    ],
)
def test_under_a_forward_subject_an_attribution_heads_a_forward(said: str, quoted: bool) -> None:
    for text in (
        f"{said}\n\n{marked(BODY) if quoted else BODY}",
        marked(f"{said}\n\n{BODY}"),
        marked(f"{said}\n{marked(BODY)}"),
    ):
        cut = quotes.cut(f"{WORDS}\n\n{text}", subject="WG: Invoices", support_addresses=SUPPORT)
        assert "60031122334" in cut.forwarded
        assert cut.own == WORDS


@pytest.mark.parametrize(
    "said",
    [
        "On 10 Nov 2026, at 10:14, Partner Support wrote:",
        "Am 10.11.2026 um 10:14 schrieb partner-support@zohocorp.com:",
    ],
)
def test_under_a_forward_subject_what_support_wrote_is_still_a_quote(said: str) -> None:
    for text in (f"{said}\n\n{BODY}", f"{said}\n\n{marked(BODY)}", marked(f"{said}\n\n{BODY}")):
        assert quotes.cut(f"{WORDS}\n\n{text}", subject="Fwd: x", support_addresses=SUPPORT).new == WORDS
