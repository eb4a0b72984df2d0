"""The language of short mails, of mixed ones, and of what is no language at all."""

from __future__ import annotations

import pytest

from triaged.reading.language import language
from triaged.reading.language.language_words import PRODUCTS

# written after the tables of language_words.py, to tell what they do on texts they were not made for
TEXTS = """
en|Good morning team, three people at our client lost access after the update.
en|Could you have a look at this one?
en|Nothing happens when she clicks on Save
en|No, it's still broken
en|Kindly do the needful
en|Refund please
en|Great work
en|Two-factor login loop
de|Moin, bei unserem Kunden lassen sich keine Angebote mehr drucken.
de|Könnten Sie das bitte ansehen?
de|Geht nicht
de|Dringend!
de|Lizenzen erhöhen auf 40
de|Die Oberfläche bleibt weiß
de|Erledigt, passt jetzt
fr|Bonsoir, impossible d'imprimer les devis depuis ce matin.
fr|Pouvez-vous regarder ?
fr|Rien ne change
fr|Parfait
fr|Augmenter les licences à 40
fr|La page reste blanche
es|Buenas tardes, nadie puede imprimir presupuestos desde la mañana.
es|¿Lo pueden mirar?
es|Sigue sin abrir
es|Perfecto
es|La página queda en blanco
es|Aumentar licencias a 40
it|Buonasera, da stamattina nessuno riesce a stampare i preventivi.
it|Potete controllare?
it|La pagina resta bianca
it|Perfetto così
pt|Boa tarde, ninguém consegue imprimir orçamentos desde manhã.
pt|Podem verificar?
pt|A página fica em branco
nl|Goedemiddag, niemand kan sinds vanochtend offertes afdrukken.
nl|Kunnen jullie even kijken?
nl|De pagina blijft wit
pl|Od rana nikt nie może drukować ofert.
pl|Strona pozostaje pusta
sv|Sidan förblir tom sedan i morse
sv|Ingen kan skriva ut offerter
da|Ingen kan udskrive tilbud siden i morges
no|Ingen kan skrive ut tilbud siden i morges, vi trenger hjelp
fi|Kukaan ei voi tulostaa tarjouksia aamusta alkaen
tr|Sabahtan beri kimse teklif yazdıramıyor
cs|Od rána nikdo nemůže tisknout nabídky
hu|Reggel óta senki sem tud ajánlatot nyomtatni
ro|De azi dimineață nimeni nu poate tipări oferte
ru|С утра никто не может распечатать предложения
uk|Зранку ніхто не може роздрукувати пропозиції
bg|От сутринта никой не може да отпечата оферти
el|Από το πρωί κανείς δεν μπορεί να εκτυπώσει
ja|朝から見積書を印刷できません。
ja|Zoho BooksのPDF出力が失敗します
ja|至急対応願います
ja|ﾛｸﾞｲﾝできません
ja|添付ご参照
ja|再現手順
zh|从早上起没有人能打印报价单
zh|請幫忙確認帳號
zh|页面一直空白
ko|아침부터 아무도 견적서를 인쇄할 수 없습니다
th|ไม่มีใครพิมพ์ใบเสนอราคาได้
he|אף אחד לא יכול להדפיס
ar|لا أحد يستطيع الطباعة منذ الصباح
fa|از صبح هیچ کس نمی‌تواند چاپ کند
hi|सुबह से कोई भी प्रिंट नहीं कर पा रहा है
ta|காலையிலிருந்து யாராலும் அச்சிட முடியவில்லை
vi|Từ sáng không ai in được báo giá
id|Sejak pagi tidak ada yang bisa mencetak penawaran
ca|Des del matí ningú no pot imprimir pressupostos
et|Hommikust saadik ei saa keegi pakkumisi printida
lt|Nuo ryto niekas negali spausdinti pasiūlymų
"""
PAIRS = [tuple(row.split("|", 1)) for row in TEXTS.strip().split("\n")]


def test_short_texts_in_thirty_languages_are_known() -> None:
    wrong = [(code, text, language.of(text)) for code, text in PAIRS if language.of(text) != code]
    assert len(wrong) <= 2, wrong


MIXED = [
    ("ja", "お客様の Zoho CRM Plus で Blueprint の Transition ボタンが Chrome に表示されません。"),
    ("ja", "Error: cannot read property 'id' of undefined at Widget.render\nこのエラーが画面に出て、先に進めません。"),
    ("ja", "CRM / Desk とも NG です"),
    ("ja", "次の画面のまま先に進めませんのでご確認をお願いします。\nUncaught TypeError undefined function widget render "
     "loader bundle vendor chunk module promise reject async callback stack frame line column script"),
    ("en", "The customer sees the text 次の画面のまま先に進めませんのでご確認 on the screen and cannot go on, so could you "
     "please tell us what this means and when it will be fixed for all of the users that we have there?"),
    ("ja", "3名様のログインができません"),
    ("ja", "個別対応"),
    ("ja", "帳票出力"),
    ("zh", "報表無法開啟"),
    ("en", "The customer 株式会社サクラ cannot open the report since this morning, please check."),
    ("en", "The field 住所 is empty for all contacts of this account, can you tell us why that is?"),
    ("de", "Primary customer email: it@alder.example\nService name: Zoho CRM\nZOID: 60031122334\nDescription: Der "
     "Kunde kann sich nicht anmelden."),
    ("fr", "Service Name: Zoho Books\nCategory: Technical support\nDescription: les factures ne s'impriment plus"),
    ("de", "Zoho Desk: Ticket-Workflow feuert doppelt seit dem Update, bitte prüfen"),
    ("es", "El workflow de Zoho CRM envía el e-mail dos veces"),
    ("en", "ZOID 60031122334, user anna@alder.example, https://crm.zoho.example/crm/org60031122334/ shows nothing"),
    ("ko", "Zoho CRM 로그인 오류입니다"),
    ("zh", "Zoho CRM 报表无法打开，请检查"),
    ("en", "URGENT!!! CRM DOWN FOR ALL USERS"),
    ("de", "DRINGEND: NIEMAND KANN SICH ANMELDEN"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), MIXED)
def test_product_names_labels_and_ids_do_not_sway_it(code: str, text: str) -> None:
    assert language.of(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "12345 67890",
        "...!!!",
        "60031122334",
        "a@b.example",
        "https://x.example/y",
        "🎉🎉",
        "— * —",
        ">>> 17",
    ],
)
def test_without_words_there_is_no_language(text: str) -> None:
    assert language.of(text) is None


def test_a_product_name_alone_is_still_words() -> None:
    assert PRODUCTS.fullmatch("Zoho")
    assert language.of("Zoho CRM") == "en"


@pytest.mark.parametrize(
    "text", ["\ud800 hello there", "\x00 hello there you", "a" * 400_000, "あ" * 400_000, "А" * 99]
)
def test_odd_text_is_no_trouble(text: str) -> None:
    assert language.of(text) is None or len(str(language.of(text))) == 2


def test_what_follows_the_first_pages_does_not_count() -> None:
    assert language.of("Der Kunde kann sich nicht anmelden. " * 400 + "The rest is English. " * 9_000) == "de"


@pytest.mark.parametrize("text", ["ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ᏣᎳᎩ", "ᐃᓄᒃᑎᑐᑦ ᐅᖃᐅᓯᖅ"])
def test_a_script_of_which_the_model_has_no_language_gives_none(text: str) -> None:
    assert language.of(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"ああ {'x' * 5}", "ja"),
        (f"ああ {'x' * 6}", "no"),
        (f"{'の' * 8} the {'x' * 60}", "ja"),
        (f"{'の' * 8} the the {'x' * 60}", "en"),
        (f"{'の' * 9} the the {'x' * 60}", "ja"),
        (f"{'の' * 7} {'x' * 60}", "ln"),
        ("한한한ああ日日", "ja"),
        ("한한한ああ日", "ko"),
        ("한한한한ああ日日", "ko"),
        ("日" * 12, "ja"),
        ("日" * 13, "zh"),
        (f"们{'日' * 19}あ", "ja"),
        (f"们{'日' * 20}あ", "zh"),
        (f"{'日' * 21}あ", "ja"),
        (" ".join(["the"] * 5 + ["x"] * 30), "en"),
    ],
)
def test_scripts_beside_each_other_are_weighed_by_what_they_say(text: str, code: str) -> None:
    assert language.of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Fehlermeldung: 12", "de"),
        ("Fehlermeldung beim Anmelden: 12\nKunde: 7", "de"),
        ("Service name: Die Rechnung fehlt noch immer", "de"),
        ("Beschreibung " + "b" * 37 + ": the invoice is still missing here", "en"),
        ("Beschreibung " + "b" * 38 + ": die Rechnung fehlt noch immer", "de"),
        ("Die Rechnung: https://a.example/x", "de"),
        ("CRM: 5", "en"),
        ("Zoho CRM", "en"),
        ("123", None),
        ("a", None),
        ("ab", "en"),
        ("anna@b.exampleさん、お願いします", "ja"),
        ("www.a.example はい", "ja"),
        ("客户", "zh"),
        ("日" * 13, "zh"),
        ("привет как дела", "ru"),
        ("γεια σου", "el"),
        ("שלום", "he"),
        ("مرحبا بك", "ar"),
        ("สวัสดี", "th"),
        ("नमस्ते", "sa"),
    ],
)
def test_of_labels_addresses_and_scripts_the_words_tell(text: str, code: str | None) -> None:
    assert language.of(text) == code
