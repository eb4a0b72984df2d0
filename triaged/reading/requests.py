"""Whether a text wants something done: what tells a person's mail about automatic mail from the thing. PURE.

"Automatic reply: our customer's out-of-office goes out twice, please check" begins like an absence note and
is a request. An absence note asks for nothing, names no customer, fills in no template.
"""

from __future__ import annotations

import re

from triaged.reading.phrases import Phrases

_ASKS = Phrases(
    "please check | please help | please assist | please advise | please investigate | please look* | please fix | please confirm | please let",
    "please tell | please update | please reset | please enable | please increase | please extend | please escalate | please explain | please see",
    "please find | kindly | pls | plz | can you | could you | can we | would you | can someone | could someone | how do | how can | how to",
    "is there a way | is there any | is it possible | why does | why is | why do | what is the | what should | need help | need your help | need assistance",
    "need your assistance | we need | we would like | i would like | i want to | we want to | unable to | not able to | not working | doesn't work",
    "does not work | cannot log | can't log | is failing | are failing | error message* | getting an error | getting error | any update | any news",
    "bitte prüfen | bitte helfen | bitte um hilfe | bitte teilen sie | können sie | könnten sie | funktioniert nicht | wir benötigen | wie kann",
    "pouvez-vous | pourriez-vous | merci de vérifier | merci de nous | ne fonctionne* | nous avons besoin | ^comment | comment faire | comment peut | comment puis* | comment pou* | pueden | podrían | podría",
    "por favor revis* | por favor ayud* | no funciona | necesitamos | cómo | potete | potreste | non funziona | abbiamo bisogno | poderiam | não funciona",
    "precisamos | 教えて | ご確認ください | ご確認をお願い | ご確認お願い | 確認してください | ご対応をお願い | ご対応お願い | 調査を | できません | エラーが | お願いできま",
    "いただけますか | でしょうか | ご教示 | 请帮 | 请问 | 无法 | 확인 부탁 | 도와",
)
_SUBJECT_MATTER = Phrases(
    "customer* | client* | end user | superadmin* | super admin* | administrator* | zoid | zuid | zgid | org id* | organisation id | organization id",
    "kunde* | kundin | cliente* | mandant | お客様 | 顧客 | エンドユーザー | 組織id | ユーザーid | 客户 | 고객사",
)
_QUESTION = re.compile(r"[^\s?/&=]\s?\?(?:\s|$)|？|か。")
_URL = re.compile(r"\bhttps?://\S{1,2000}")
_LABELLED = re.compile(
    r"\b(?:zoid|zuid|zgid|org(?:anisation|anization)? ?id|superadmin|primary customer)\b[^\n\d@]{0,40}[\d@]"
)


def asks(folded: str) -> bool:
    """Whether a folded text asks for anything, or labels an id."""
    text = _URL.sub(" ", folded[:4_000])
    return bool(_ASKS.find(text) or _QUESTION.search(text) or _LABELLED.search(text))


def wants(folded: str) -> int:
    """How much a folded text wants something: 0 nothing, 1 to 2 a hint, 3 and more surely a request."""
    text = _URL.sub(" ", folded[:4_000])
    told = min(2, _ASKS.count(text))
    told += bool(_QUESTION.search(text))
    told += min(1, _SUBJECT_MATTER.count(text))
    return told + 3 * bool(_LABELLED.search(text))
