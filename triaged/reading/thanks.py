"""Whether a mail is nothing but thanks. PURE."""

from __future__ import annotations

import re

from triaged.reading import requests
from triaged.reading.phrases import Phrases, fold

LONGEST = 400  # characters
MOST_WORDS = 50
_NUMBER = re.compile(r"\d{5}")
_THANKS = Phrases(
    "thank you | thanks | many thanks | thx | thanx | tysm | much appreciated | appreciate | cheers | great job | well done | perfect | awesome | grateful",
    "danke | vielen dank | besten dank | herzlichen dank | dankeschön | merci | mille mercis | gracias | muchas gracias | mil gracias | agradec* | grazie | mille grazie",
    "obrigad* | bedankt | dank je | dank u | tack | takk | tusen takk | mange tak | kiitos | dziękuj* | děkuj | спасибо | благодар* | teşekkür | köszön* | mulțumesc | ευχαριστ*",
    "ありがとう | 有難う | 有り難う | 感謝 | 助かりました | お礼 | 谢谢 | 感谢 | 謝謝 | 感謝 | 감사합니다 | 고맙습니다 | תודה | شكرا",
)
# Words after which something follows that is more than thanks.
_MORE_WORDS = frozenset(
    [
        "but",
        "however",
        "still",
        "again",
        "also",
        "another",
        "except",
        "not",
        "unfortunately",
        "reopen",
        "issue",
        "problem",
        "error",
        "question",
        "questions",
        "when",
        "waiting",
        "urgent",
        "cannot",
        "can't",
        "don't",
        "doesn't",
        "isn't",
        "won't",
        "didn't",
        "aber",
        "jedoch",
        "noch",
        "leider",
        "nicht",
        "auch",
        "mais",
        "toujours",
        "pas",
        "encore",
        "pero",
        "todavía",
        "aún",
        "no",
        "ma",
        "ancora",
        "purtroppo",
        "non",
        "mas",
        "ainda",
        "não",
        "maar",
        "nog",
        "niet",
        "но",
        "ещё",
        "не",
        "yet",
        "once",
        "another",
        "until",
        "unless",
        "need",
        "needs",
        "voraus",
        "avance",
        "antemano",
        "adelantado",
        "anticipo",
    ]
)
_MORE = Phrases(
    "merci de | merci d' | would appreciate | appreciate if | appreciate it if | agradecería | agradeceríamos | wäre dankbar | wären dankbar | would be grateful",
    "inaccessible | indisponible | en panne | plus personne | erreur | fehler | störung | caído | no carga | guasto | errore | エラー | 障害 | 開けません | 报错",
    "autre sujet | arrive plus | andere frage | anderes thema | separately | by the way | otro tema | otra cosa | altro argomento | 別件 | ところで | 另外",
    "in advance | one more | sin embargo | ただ | しかし | まだ | もう一 | ですが、 | が、 | また、 | よろしくお願い | お願いいたします | お願いします | お待ち | 但是 | 不过 | 还有 | 하지만",
)
_CLOSED = Phrases(
    "merci de votre | merci de ton | merci de nous avoir | merci d'avoir | merci de m'avoir | works again | working again | work again | back again | up again | live again | fine again | good again | online again | visible again | in again | running again | funktioniert wieder | läuft wieder | geht wieder | no further questions | no further issues | no further help | no further action | no further | no issue | no more | no longer | not a problem | no problem | no other | no need | not needed | no questions | nothing else | issue is resolved | issue resolved | problem is solved",
    "problem solved | problem is resolved | issue has been resolved | issue is fixed | issue is now | kein problem | keine weiteren | problem gelöst | problem ist gelöst | plus de problème | pas de problème",
    "problème résolu | sin problema | no hay problema | problema resuelto | nessun problema | problema risolto | sem problema | problema resolvido | 問題なく | 問題ありません | 問題は解決 | again for | thanks again | thank you again",
    "今後ともよろしくお願い | 今後とも宜しくお願い | 今後ともどうぞよろしくお願い | 引き続きよろしくお願い | 引き続き宜しくお願い",
    "nochmals vielen dank | nochmals danke | vielen dank nochmal | encore merci | merci encore | de nuevo gracias | gracias de nuevo | ancora grazie | grazie ancora | また何かありましたら | また機会",
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def is_thanks(own_text: str) -> bool:
    """Whether a person's own words only thank: short, thanking, wanting nothing, without a `but`."""
    text = fold(own_text.strip()[: LONGEST + 1])
    if not text or len(text) > LONGEST or not _THANKS.find(text):
        return False
    while found := _CLOSED.find(text):
        text = text.replace(found, " thanks ")
    words = _WORD.findall(text)
    if len(words) > MOST_WORDS or "@" in text or _NUMBER.search(text):
        return False
    return not (requests.asks(text) or _MORE.find(text) or _MORE_WORDS & set(words))
