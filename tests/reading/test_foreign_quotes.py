"""Quotes, forwards and attributions of mail programs in many languages; blocks that stand on top."""

from __future__ import annotations

import textwrap

import pytest

from triaged.reading.new_text import quotes
from triaged.reading.values import Address, NewText

DESK = "partner-desk@own.example"
ANNA = Address("Anna Bell", "anna@oak.example")
OURS = "For Moss Ltd. we have the SuperAdmin: root@moss.example\nZOID: 60044455566"
HERS = "SuperAdmin: it@reed.example\n\nAnna\n\n"

LABELS = {  # From, Sent, To, Subject
    "Arabic": ("من", "أُرسل", "إلى", "الموضوع"), "Armenian": ("Ուղարկող", "Ուղարկվել է", "Ում", "Թեմա"), "Azerbaijani": ("Kimdən", "Göndərilib", "Kimə", "Mövzu"),
    "Bengali": ("প্রেরক", "পাঠানো", "প্রাপক", "বিষয়"), "Bulgarian": ("От", "Изпратено", "До", "Относно"), "Croatian": ("Šalje", "Poslano", "Prima", "Predmet"),
    "Czech": ("Od", "Odesláno", "Komu", "Předmět"), "Estonian": ("Saatja", "Saadetud", "Adressaat", "Teema"), "Finnish": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "Georgian": ("გამგზავნი", "გაგზავნილია", "მიმღები", "თემა"), "Greek": ("Από", "Στάλθηκε", "Προς", "Θέμα"), "Hebrew": ("מאת", "נשלח", "אל", "נושא"),
    "Hungarian": ("Feladó", "Elküldve", "Címzett", "Tárgy"), "Icelandic": ("Frá", "Sent", "Til", "Efni"), "Indonesian": ("Dari", "Dikirim", "Kepada", "Subjek"),
    "Irish": ("Ó", "Seolta", "Chuig", "Ábhar"), "Kazakh": ("Кімнен", "Жіберілді", "Кімге", "Тақырып"), "Latvian": ("No", "Nosūtīts", "Kam", "Tēma"),
    "Lithuanian": ("Nuo", "Išsiųsta", "Kam", "Tema"), "Norwegian": ("Fra", "Sendt", "Til", "Emne"), "Persian": ("از", "ارسال", "به", "موضوع"),
    "Romanian": ("De la", "Trimis", "Către", "Subiect"), "Serbian": ("Од", "Послато", "За", "Наслов"), "Slovak": ("Od", "Odoslané", "Komu", "Predmet"),
    "Slovene": ("Od", "Poslano", "Za", "Zadeva"), "Thai": ("จาก", "ส่ง", "ถึง", "เรื่อง"), "Turkish": ("Kimden", "Gönderilen", "Kime", "Konu"),
    "Ukrainian": ("Від", "Надіслано", "Кому", "Тема"), "Vietnamese": ("Từ", "Đã gửi", "Đến", "Chủ đề"),
}  # fmt: skip
ATTRIBUTIONS = [
    "26 Kas 2026 Per, 14:02 tarihinde {} şunu yazdı:", "ในวันที่ พฤ. 26 พ.ย. 2026 เวลา 14:02 {} เขียนว่า:", "чт, 26 лист. 2026 р. о 14:02 {} пише:", "На чт, 26.11.2026 г. в 14:02 {} написа:",
    "čet, 26. stu 2026. u 14:02 {} napisao je:", "2026-11-26, kt, 14:02 {} rašė:", "ceturtd., 2026. g. 26. nov., plkst. 14:02 — lietotājs {} rakstīja:", "Στις Πέμ 26 Νοε 2026 στις 14:02 ο χρήστης {} έγραψε:",
    "في الخميس، ٢٦ نوفمبر ٢٠٢٦ في ١٤:٠٢ تمت كتابة ما يلي بواسطة {}:", "Vào Th 5, 26 thg 11, 2026 vào lúc 14:02 {} đã viết:", "Pada Kam, 26 Nov 2026 pukul 14.02 {} menulis:", "{} ezt írta (időpont: 2026. nov. 26., Cs, 14:02):",
    "În joi, 26 nov. 2026 la 14:02, {} a scris:", "čt 26. 11. 2026 v 14:02 odesílatel {} napsal:", "2026년 11월 26일 (목) 오후 2:02, {}님이 작성:", "ब‍ृहस्पति, 26 नव॰ 2026 को 14:02 बजे {} ने लिखा:", "ხუთ, 26 ნოე. 2026, 14:02-ზე {}-მა დაწერა:",
    "Kuupäev 26. november 2026 kell 14:02 kirjutas {}:", "El dj., 26 de nov. 2026, 14:02, {} va escriure:", "در تاریخ پنجشنبه ۲۶ نوامبر ۲۰۲۶ ساعت ۱۴:۰۲ {} نوشت:", "เมื่อ 26 พ.ย. 2569 14:02 น. {} เขียน:",
]  # fmt: skip


def cut(text: str, subject: str = "Re: Export", sender: Address = ANNA) -> NewText:
    return quotes.cut(text, subject=subject, support_addresses=frozenset({DESK}), senders=(sender,))


def block(
    labels: tuple[str, ...],
    sender: str = f"Partner Desk <{DESK}>",
    to: str = "Anna Bell <anna@oak.example>",
    mark: str = "{}:",
) -> str:
    values = (sender, "26.11.2026 09:02", to, "Export")
    return (
        "\n".join(f"{mark.format(label)} {value}" for label, value in zip(labels, values, strict=True))
        + "\n\n"
    )


@pytest.mark.parametrize("mark", ["{}:", "*{}:*", "**{}:**", "{} :"])
@pytest.mark.parametrize("language", LABELS)
def test_a_reply_quote_is_known_in_any_language(language: str, mark: str) -> None:
    found = cut(HERS + block(LABELS[language], mark=mark) + OURS)
    assert "it@reed.example" in found.new and "moss" not in found.new and "60044455566" in found.quoted


@pytest.mark.parametrize("subject", ["Fwd: Export", "İLT: Export", "Export"])
@pytest.mark.parametrize("language", LABELS)
def test_a_customer_s_mail_is_a_forward_in_any_language(language: str, subject: str) -> None:
    text = (
        "Here is what our customer wrote:\n\n"
        + block(LABELS[language], "Olga Reed <it@reed.example>")
        + "I cannot export. ZOID: 60011122233"
    )
    found = cut(text, subject)
    assert "60011122233" in found.new and [a.address for a in found.forward_authors] == ["it@reed.example"]


@pytest.mark.parametrize("wrap", [200, 60])
@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_an_attribution_is_known_in_any_language(line: str, wrap: int) -> None:
    told = "\n".join(textwrap.wrap(line.format(f"Partner Desk <{DESK}>"), wrap))
    found = cut(f"{HERS}{told}\n\n{OURS}")
    assert "it@reed.example" in found.new and "moss" not in found.new


@pytest.mark.parametrize("language", LABELS)
def test_a_block_on_top_with_a_signed_answer_below_empties_nothing(language: str) -> None:
    found = cut(block(LABELS[language]) + "Hello, the SuperAdmin is it@reed.example.\n\nAnna")
    assert "it@reed.example" in found.new and DESK not in found.new


@pytest.mark.parametrize("language", ["Turkish", "Thai", "Greek", "Finnish"])
def test_a_block_on_top_with_nothing_of_the_sender_below_is_all_quote(language: str) -> None:
    assert "moss" not in cut(block(LABELS[language]) + OURS).new


@pytest.mark.parametrize(
    "announced",
    ["Unser Kunde hat uns das geschrieben", "hier schreibt unser Kunde:", "Voici le message de notre client :", "Notre cliente nous a écrit ceci", "Nuestro cliente nos escribió lo siguiente:",
     "Ecco cosa ha scritto il nostro cliente", "O nosso cliente escreveu o seguinte", "Onze klant schreef ons dit", "お客様からのメールです。", "Our client writes", "This is what the customer sent us.", "Aşağıya bakınız."],
)  # fmt: skip
def test_who_announces_the_customer_s_words_forwards_them(announced: str) -> None:
    found = cut(
        f"{announced}\n\n"
        + block(("From", "Sent", "To", "Subject"), "Olga Reed <it@reed.example>")
        + "ZOID: 60011122233",
        "Export",
    )
    assert "60011122233" in found.new and found.is_forward


@pytest.mark.parametrize(
    "form",
    ["Ansprechpartner: Olga Reed\nE-Mail: olga@reed.example\nTelefon: 040 1234567\nService: Zoho CRM", "SuperAdmin: it@reed.example\nZOID: 60011122233\nZUID: 70011122233\nSince: 26.11.2026 09:02",
     "Benutzer: olga@reed.example\nFehler: 4711\nModul: Leads"],
)  # fmt: skip
def test_a_form_that_somebody_filled_in_is_no_block(form: str) -> None:
    found = cut(f"Hello,\n\n{form}\n\nAnna")
    assert all(line in found.new for line in form.split("\n"))


def test_our_own_people_forward_what_was_written_to_support() -> None:
    text = (
        "Please open a case.\n\n---------- Forwarded message ---------\n"
        + block(("From", "Date", "To", "Subject"), "Anna Bell <anna@oak.example>", DESK)
        + "ZOID: 60011122233"
    )
    assert "60011122233" in cut(text, "Fwd: Export", Address("Sam Mill", "sam@own.example")).forwarded
    assert "60011122233" not in cut(text, "Fwd: Export").new  # the partner's own earlier mail to support
