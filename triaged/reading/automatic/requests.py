"""Whether a text wants something done: what tells a person's mail about automatic mail from the thing. PURE.

"Automatic reply: our customer's out-of-office goes out twice, please check" begins like an absence note and
is a request. An absence note asks for nothing, names no customer, fills in no template.
"""

from __future__ import annotations

import re

from triaged.reading.words.phrases import Phrases

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
    "kunde* | kundin | cliente* | mandant | klant* | benutzer* | gebruiker* | utilisat* | usuario* | usuári* | utente* | the user | お客様 | 顧客 | エンドユーザー | 組織id | ユーザーid | 客户 | 고객사",
)
_MALFUNCTIONS = Phrases(
    "is not sent | are not sent | was not sent | were not sent | not being sent | isn't sent | aren't sent | not sent any more | not sent anymore | no longer sent | never sent | not go out | doesn't go out | don't go out | goes out twice | go out twice | sent twice | answers twice | twice | wrong text | wrong language | wrong date | wrong name | wrong time | old text | last year's",
    "not working | does not work | doesn't work | stopped working | not shown | not displayed | not delivered to | does not arrive | do not arrive | doesn't arrive | don't arrive | not arriving | never arrive* | is ignored | are ignored | keeps sending | still sends | is still sent | get no | gets no | receive no | receives no | cannot set | can't set | is missing | are missing | is broken | are broken | by mistake",
    "nicht gesendet | nicht verschickt | nicht versendet | nicht versandt | geht nicht raus | gehen nicht raus | geht nicht hinaus | doppelt | zweimal | falscher text | falsche sprache | falschen text | funktioniert nicht | funktionieren nicht | lässt sich nicht | lassen sich nicht | kommt nicht an | kommen nicht an | bleibt aus | bleiben aus | immer noch gesendet | noch immer gesendet | fehlt | fehlen",
    "ne part pas | ne part plus | ne partent pas | ne partent plus | pas envoyé* | plus envoyé* | deux fois | en double | ne fonctionne* | mauvais texte | mauvaise langue | n'arrive pas | n'arrive plus | n'arrivent pas | n'arrivent plus | ne s'affiche* | est toujours envoyé*",
    "no se envía* | no se manda* | no sale | no salen | no llega | no llegan | dos veces | texto equivocado | idioma equivocado | no funciona* | sigue enviando* | no aparece* | no se muestra*",
    "non viene inviat* | non vengono inviat* | non viene spedit* | non parte | non partono | non arriva | non arrivano | due volte | testo sbagliato | lingua sbagliata | non funziona* | não é enviad* | não são enviad* | não sai | não chega* | duas vezes | texto errado | não funciona*",
    "niet verzonden | niet verstuurd | twee keer | verkeerde tekst | verkeerde taal | werkt niet | werken niet | komt niet aan | komen niet aan | skickas inte | sendes ikke | nie jest wysyłan* | не отправля*",
    "送信されま | 送信されな | 送られま | 送られな | 返信されま | 返信されな | 届きません | 届かな | 届いていま | 二重 | 2回 | 二回 | 2通 | 設定できま | 設定できな | 変更できま | 変更できな | 古いまま | 表示されま | 表示されな | 機能しま | 機能しな | 動作しま | 動作しな | 間違っ | 止まら | 解除でき | 没有发送 | 不发送 | 未发送 | 两次 | 발송되지 | 전송되지",
)
_OF_ZOHO = re.compile(
    r"zoho (?:mail|desk|crm|cliq|calendar|people|meeting|workplace|one|books|projects|bookings|campaigns)(?![a-z])"
)
_QUESTION = re.compile(r"[^\s?/&=]\s?\?(?:\s|$)|？|か。")
_URL = re.compile(r"\bhttps?://\S{1,2000}")
_LABELLED = re.compile(
    r"(?:(?<![a-z])(?:zoid|zuid|zgid|org(?:anisation|anization)?[ -]?id|organi[sz]ations-id|super ?-?admin(?:istrat(?:or|eur|ore)|istrador)?|primary customer)(?![a-z])"
    r"|組織 ?id|ユーザー ?id|スーパー管理者|特権管理者)[^\n\d@]{0,40}[\d@]"
)


def is_labelled(folded: str) -> bool:
    """Whether an id or the SuperAdmin's address stands behind its label: no machine writes that of itself."""
    return bool(_LABELLED.search(_URL.sub(" ", folded[:4_000])))


def reports_trouble(folded: str) -> bool:
    """Whether a text says that something of a customer or a service goes wrong: an automatic mail is its topic."""
    text = folded[:4_000]
    return bool(_MALFUNCTIONS.find(text) and (_SUBJECT_MATTER.find(text) or _OF_ZOHO.search(text)))


def asks(folded: str) -> bool:
    """Whether a folded text asks for anything, or labels an id."""
    text = _URL.sub(" ", folded[:4_000])
    return bool(_ASKS.find(text) or _QUESTION.search(text) or _LABELLED.search(text))


def speaks_of(folded: str) -> int:
    """How much a text is *about* an automatic mail: as `wants`, with what goes wrong and of which service."""
    return wants(folded) + 3 * reports_trouble(folded) + bool(_OF_ZOHO.search(folded[:4_000]))


def wants(folded: str) -> int:
    """How much a folded text wants something: 0 nothing, 1 to 2 a hint, 3 and more surely a request."""
    text = _URL.sub(" ", folded[:4_000])
    told = min(2, _ASKS.count(text))
    told += bool(_QUESTION.search(text))
    told += min(1, _SUBJECT_MATTER.count(text))
    return told + 3 * bool(_LABELLED.search(text))
