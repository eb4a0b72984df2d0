"""Our own letters coming back, known even where their headers were stripped (failure F12). PURE."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.reading import our_ids
from triaged.reading.answers import filled_in
from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.values import Surroundings
from triaged.reading.words.phrases import Phrases, fold

_REFERENCE = re.compile(r"ps-[1-9]\d{0,9}")
# What letters of earlier releases say about a reference; those in force give their own (letters/known_by.py).
_FORMER = Phrases(
    "reached us under the reference ps-# | unter dem aktenzeichen ps-# bei uns eingegangen | parvenu sous la référence ps-# | ha llegado con la referencia ps-#",
    "its reference is ps-# | we would like to go on with ps-#, and still | now we know which account ps-# | here is how ps-# stands",
    "still working on ps-# and have nothing new | ps-# waits for your answer; | we have marked ps-# as solved | we have not heard from you about ps-#",
    "ps-# is closed. if something | the engineering case…of ps-# is now | the fix for ps-# (engineering case",
    "aktenzeichen ist ps-# | wir möchten mit ps-# weiterkommen | um welches konto es bei ps-# | so steht es um ps-# | ps-# wartet auf ihre antwort; unsere",
    "wir haben ps-# als gelöst | wir haben zu ps-# nichts | ps-# ist geschlossen. wenn wieder | der entwicklungsfall…zu ps-# hat | die korrektur zu ps-# (entwicklungsfall",
    "arbeiten weiter an ps-# | sa référence est ps-# | nous aimerions avancer sur ps-# | de quel compte il s'agit pour ps-# | voici où en est ps-# | ps-# attend votre réponse ; notre",
    "nous avons noté ps-# comme résolu | au sujet de ps-# et considérons | ps-# est clos. si quelque chose | le dossier technique…lié à ps-# est | la correction pour ps-# (dossier",
    "su referencia es ps-# | queremos avanzar con ps-# | de qué cuenta se trata en ps-# | así está ps-# | ps-# espera su respuesta; mientras | hemos marcado ps-# como resuelto",
    "noticias suyas sobre ps-# | ps-# está cerrado. si vuelve | el caso técnico…de ps-# está | la corrección de ps-# (caso técnico",
    "受付番号 ps-# で承り | 受付番号は ps-# です | ps-# の対応を進めたい | ps-# のアカウントを確認 | ps-# の状況をお知らせ | ps-# は引き続き対応中",
    "we would like to go on with ps-#. we take it | we would like to go on with ps-#. neither | ps-# is waiting for your reply | we have marked ps-# as resolved | ps-# is open, and there is nothing new",
    "thank you for the details on ps-#. | the engineering case…of ps-# has been | the engineering case…of ps-# is | the engineering case…of ps-# has a fix | vorgangsnummer ist ps-#",
    "hier der aktuelle stand zu ps-# | ps-# wartet auf ihre antwort | der entwicklungsvorgang…zu ps-# | die korrektur zu ps-# (entwicklungsvorgang | angaben zu ps-#. ein konto",
    "votre demande ps-# attend votre | votre demande ps-# est | nous considérons votre demande ps-# | le dossier technique…lié à ps-# en est | travaillons toujours sur votre demande ps-#",
    "este es el estado de ps-# | ps-# espera su respuesta | estado del caso técnico…de ps-# | gracias por los datos sobre ps-#",
    "ps-# のお問い合わせをクローズ | ps-# に関する開発部門 | ps-#(開発部門 | ps-# は…についてのお問い合わせと理解しております | ps-# は受付中です | ps-# について情報をお送りいただき",
    "ps-# ist offen, und es gibt | merci pour les indications concernant ps-# | seguimos trabajando en ps-# | ps-# está abierto y todavía",
    "ps-# について、ご返信をお待ち | ps-# を解決済みと | ps-# についてご連絡がない | ps-# の受付を終了 | ps-# の開発案件 | ps-#(開発案件",
)


def coming_back(message: Message, own: str, surroundings: Surroundings) -> str:
    """Why this is a letter of ours coming back; empty if it is none. Headers may have been stripped."""
    if "X-Triaged-Letter" in message.headers:
        return "our own letter comes back (X-Triaged-Letter)"
    if message.message_id and our_ids.looks_ours(message.message_id):
        return "our own letter comes back (its Message-ID is ours)"
    text = _REFERENCE.sub("ps-#", fold(own[:1_500]))
    from_us = any(sender.address in surroundings.support_addresses for sender in message.from_)
    if from_us and fold(message.headers.get("Auto-Submitted")).startswith("auto-"):
        return "our own letter comes back (automatic, from our address)"
    above = _above_our_words(text, surroundings.our_sentences)
    if above is not None and not requests.asks(above) and not filled_in.filled_in(own, surroundings.forms):
        return "our own letter comes back (its words)"
    return ""


def _above_our_words(text: str, sentences: Sequence[str]) -> str | None:
    """What stands above a sentence that only our letters have; None where there is no such sentence."""
    if "ps-#" not in text:
        return None
    if said := _FORMER.find(text):
        return text.partition(said)[0]
    squeezed = "".join(text.split())
    at = min((place for one in sentences if (place := squeezed.find(one)) >= 0), default=-1)
    if at < 0:
        return None
    nth = squeezed.count("ps-#", 0, squeezed.find("ps-#", at))
    before = "ps-#".join(text.split("ps-#")[: nth + 1])
    return before[: before.rfind("\n") + 1]
