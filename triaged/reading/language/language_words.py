"""Tables behind language.py: scripts, priors, telling words, product names. PURE, no logic.

The prior is in the unit of py3langid's score (natural logarithm): the languages partners write are
likelier than the 120 others, which matters on a few words and not on a sentence.
"""

from __future__ import annotations

import re
from typing import Final

BY_SCRIPT: Final = {
    "hiragana": "ja", "katakana": "ja", "hangul": "ko", "thai": "th", "hebrew": "he", "greek": "el",
    "georgian": "ka", "armenian": "hy", "tamil": "ta", "telugu": "te", "kannada": "kn", "malayalam": "ml",
    "gujarati": "gu", "gurmukhi": "pa", "sinhala": "si", "khmer": "km", "lao": "lo", "myanmar": "my",
    "ethiopic": "am", "oriya": "or", "bengali": "bn", "han": "zh",
}  # fmt: skip
_CYRILLIC = "ru uk bg sr mk be kk ky mn tg tt ba"
_ARABIC = "ar fa ur ps ug ku"
_DEVANAGARI = "hi mr ne sa"
_OWN_SCRIPT = "ja ko zh th he el ka hy ta te kn ml gu pa si km lo my am or bn as dz"
SCRIPTS: Final = (
    dict.fromkeys(_CYRILLIC.split(), "cyrillic")
    | dict.fromkeys(_ARABIC.split(), "arabic")
    | dict.fromkeys(_DEVANAGARI.split(), "devanagari")
    | dict.fromkeys(_OWN_SCRIPT.split(), "own")
)
MERGED: Final = {"nn": "no", "nb": "no", "yue": "zh", "wuu": "zh", "arz": "ar", "ary": "ar", "sdh": "ku"}
RARE: Final = -5.0
PRIOR: Final[dict[str, float]] = {
    "en": 4.0, "de": 3.0, "fr": 3.0, "es": 3.0, "pt": 2.0, "it": 2.0, "nl": 2.0, "ja": 3.0,
    "sv": 0.5, "da": 0.5, "no": 0.5, "fi": 0.0, "pl": 1.0, "cs": 0.0, "sk": -1.0, "hu": 0.0, "ro": 0.0,
    "tr": 1.0, "ru": 3.0, "uk": 1.5, "bg": 0.0, "sr": -1.5, "mk": -3.0, "be": -3.0, "ar": 3.0, "fa": 0.5,
    "ur": 0.0, "hi": 3.0, "mr": 0.0, "ne": -1.0, "vi": 0.0, "id": 0.5, "ms": -1.0, "ca": -1.0, "hr": -1.0,
    "sl": -1.0, "et": -1.0, "lv": -1.0, "lt": -1.0, "el": 0.0, "he": 0.0, "tl": -2.5, "gl": -3.0, "eu": -3.0,
    "is": -2.0, "ga": -3.0, "cy": -4.0, "sq": -2.5, "bs": -2.5, "af": -3.5, "mt": -3.0, "sw": -2.0,
}  # fmt: skip
HINT: Final = 4.0


_GRAMMAR = """
    the is are was were not to of and or in on at for with from this that we you our your it has have had can
    cannot could please when which who after before since they their be been will would should do does did
"""
ENGLISH: Final = frozenset(_GRAMMAR.split())
_PRODUCTS: Final = """
    zoho manageengine crm desk books zoid zuid zgid superadmin super creator analytics workdrive salesiq
    cliq bigin zeptomail catalyst iphone outlook gmail excel chrome safari edge firefox api sso csv pdf
    url html http https imap smtp fw fwd re aw wg tr
"""
PRODUCT_WORDS: Final = frozenset(_PRODUCTS.split())
_NAMES = "|".join(sorted(PRODUCT_WORDS - {"super"}, key=len, reverse=True))
PRODUCTS: Final = re.compile(rf"\b(?:super admin|{_NAMES})\b", re.IGNORECASE)
JAPANESE: Final = re.compile(
    "[々〆対応処図価実変様続総経験検帰単戦覚気円売読広転拡権済働込択拠沢浜駅毎県薬辺鉄関竜両仏伝圧囲団壊栄営厳増徳悪"
    "戻払抜拝挙掲揺摂桜楽歓歴残渇渋満滞焼畑畳砕称窓粋粛絵継縦聴脳臓芸荘蔵虚蛍訳証誉譲豊賛践軽辞遅遥郷釈銭錬闘陥隠雑霊"
    "頼顕駆騒髄麦黙齢塩薫峠枠匂凪辻榊搾]|承知|了解|添付|至急|御中|依頼|弊社|御社|貴社|返信|株式会社|有限会社|"
    "見積|請求書|添削|参照|宜|致|取引先"
)
CHINESE: Final = re.compile(  # letters and words that Japanese does not write
    "[们这为请谢问题无户录说对没吗还时后发过开关间见让给应单变业务账错误设页邮吧呢哪您你們這嗎沒妳麼說讓]|"
    "谢|謝謝|請問|請幫|登入|無法|帳號|帳戶|郵件|錯誤訊息|不能|什么|我们|我們|的(?:问|問|客|系|用|帐|账|报|時|时)"
)

# Words of English grammar that no other language writes so.
ONLY_ENGLISH: Final = frozenset(
    """
    the and you this that with have which would please when from our your they been what there their could
    should about because these those how why does its don't it's are were into any can not but some them
    then than has had will who where while after before they're i'm we're isn't can't
    """.split()  # noqa: SIM905
)
