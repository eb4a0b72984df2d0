"""Labels, role words, groups and inline answers in languages and layouts of Europe and Japan."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import find, told
from triaged.reading.page.html import to_text

# fmt: off
ROLES = [
    ("Onze hoofdbeheerder is Jan van Dijk (it@alder.example).", {"sa": "it@alder.example"}),
    ("it@alder.example is daar superadmin.", {"sa": "it@alder.example"}),
    ("Den Superadmin macht dort Herr Ehlers (it@alder.example), weitere Adressen vom Kunden: ana@alder.example / lager@alder.example.", {"sa": "it@alder.example", "ca": "ana@alder.example lager@alder.example"}),
    ("The one who holds the super administrator role is Mr Farid (it@alder.example), and the normal administrator is Ms Huda (ana@alder.example).", {"sa": "it@alder.example", "ca": "ana@alder.example"}),
    ("Il super amministratore da loro è la signora Conti (it@alder.example).", {"sa": "it@alder.example"}),
    ("Correo del súper administrador → it@alder.example\nOtros contactos → compras@rowan.example", {"sa": "it@alder.example", "ca": "compras@rowan.example"}),
    ("Superadmin hat ana@alder.example gesperrt.", {"ca": "ana@alder.example"}),
]
IDS = [
    ("Organisations-ID: 60031 12233 4", {"zoid": "60031122334"}),
    ("ZOID: 60031 12233 4 users are affected", {"zoid": "6003112233"}),
    ("a organização tem o ID 6003 1122 334", {"zoid": "60031122334"}),
    ("Die Organisation hat die ID 60031122334.", {"zoid": "60031122334"}),
    ("Usr id : 60031122999", {"zuid": "60031122999"}),
    ("L'ID dell'organizzazione (ZOID)?\n60031122334", {"zoid": "60031122334"}),
    ("ID utente (esempio: 60012345678): 60031122999", {"zuid": "60031122999"}),
    ("> L'ID utente (ZUID)? Esempio: 60012345678\n\n6003 1122 999", {"zuid": "60031122999"}),
]
# fmt: on


@pytest.mark.parametrize(("text", "want"), ROLES + IDS)
def test_labels_and_roles_of_european_languages(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


def test_our_id_in_a_forward_is_the_customers_and_no_partners() -> None:
    text = "転送します。\n\n-------- 転送されたメッセージ --------\n差出人: 加藤 <ana@alder.example>\n宛先: 森下 <dana@oakbridge.example>\n件名: 配信\n日付: 2026年11月19日\n\n弊社の組織IDは 6003-1122-334 です。"
    assert find(text, subject="転送: 配信").zoid == ("60031122334",)


@pytest.mark.parametrize(
    "style",
    [
        "text-decoration:line-through",
        "color:red; TEXT-DECORATION: underline line-through;",
        "text-decoration-line:line-through",
    ],
)
def test_what_a_style_strikes_out_is_taken_back(style: str) -> None:
    text = to_text(f'<p>ZOID: <span style="{style}">60031122999</span> 60031122334</p>')
    assert told(find(text)) == {"zoid": "60031122334"}


def test_a_table_of_items_and_values_keeps_each_label_beside_its_value() -> None:
    rows = "<tr><th>項目</th><th>値</th></tr><tr><td>スーパー管理者</td><td>it@alder.example</td></tr><tr><td>組織ID</td><td>60031122334</td></tr>"
    assert told(find(to_text(f"<table>{rows}</table>"))) == {"sa": "it@alder.example", "zoid": "60031122334"}
