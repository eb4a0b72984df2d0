"""A mail program's thumb or heart under a letter of ours. PURE.

Contract: `reaction` answers with the reason, or nothing. Gmail gives its reactions a part of their own;
others are a line that says so and nothing else, or an answer that is nothing but a sign. A person who writes
about reactions says more than that.
"""

from __future__ import annotations

import re
import unicodedata

from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.values import NewText
from triaged.reading.words.phrases import Phrases, fold

LONGEST = 300  # characters of a reaction's own words
_SIGNS = 8  # signs of an answer that is only a sign
_REACTED = Phrases(
    "reacted to your message | reacted to your email | reacted to this message | reacted to a message you sent | reacted via gmail | reacted via outlook | reacted with | liked your message | loved your message | laughed at your message",
    "hat auf ihre nachricht reagiert | hat auf deine nachricht reagiert | hat auf ihre e-mail reagiert | hat über gmail reagiert | hat per gmail reagiert | hat mit… reagiert | reagierte auf ihre nachricht | hat mit… auf ihre nachricht reagiert",
    "a réagi à votre message | a réagi à ton message | a réagi via gmail | a réagi avec | a réagi par | a réagi à votre e-mail | a aimé votre message",
    "ha reaccionado a su mensaje | ha reaccionado a tu mensaje | reaccionó a su mensaje | reaccionó a tu mensaje | ha reaccionado mediante gmail | ha reaccionado a través de gmail | reaccionó a través de gmail | reaccionó con | ha reaccionado con",
    "ha reagito al tuo messaggio | ha reagito al suo messaggio | ha reagito al messaggio | ha reagito tramite gmail | ha reagito con | reagiu à sua mensagem | reagiu à tua mensagem | reagiu pelo gmail | reagiu através do gmail | reagiu com",
    "heeft op je bericht gereageerd | heeft op uw bericht gereageerd | heeft gereageerd op je bericht | heeft gereageerd op uw bericht | heeft gereageerd via gmail | heeft via gmail gereageerd | reagerade på ditt meddelande | har reagerat på ditt meddelande | reagerede på din meddelelse | har reageret på din meddelelse | reagerte på meldingen din | har reagert på meldingen din",
    "あなたのメッセージにリアクション | メッセージにリアクション | でリアクションしました | がリアクションしました | さんがリアクション | リアクションを追加しました | 对你的消息作出了反应 | 对您的消息做出了回应 | 对你的邮件做出了回应 | 已通过 gmail 回应 | 반응했습니다 | 반응을 남겼습니다",
    "zareagował* na | отреагировал* на | iletinize tepki verdi | mesajınıza tepki verdi | gmail üzerinden tepki verdi | zareagoval* na",
)
_TAPBACK = re.compile(
    r"(?:liked|loved|laughed at|emphasi[sz]ed|disliked|questioned|reacted \S{1,8} to) [\"“„«]"
)
_LINK = re.compile(r"<?https?://\S{1,500}>?")


def reaction(message: Message, text: NewText, own: str) -> str:
    """Why this mail is a reaction; empty if it is none."""
    if message.reacted:
        return "a reaction (its own part says so)"
    said = own.strip()
    if not said or len(said) > LONGEST or message.attached:
        return ""
    if (text.is_reply or message.in_reply_to) and _is_sign(said):
        return f"a reaction: “{said}”"
    folded = fold(_LINK.sub(" ", said)).strip()
    lines = [line for line in folded.splitlines() if line.strip() and not _is_sign(line.strip())]
    told = _REACTED.find(lines[0]) if lines else ""
    told = told or (lines[0][:20] if lines and _TAPBACK.match(lines[0]) else "")
    alone = len(lines) == 1 and requests.speaks_of(folded) < 2 and not requests.asks(folded)
    return f"a reaction: “{told}”" if told and alone else ""


def _is_sign(text: str) -> bool:
    """A few pictures and nothing else."""
    shown = [c for c in text if not c.isspace() and c not in "\ufe0f\u200d"]
    return 0 < len(shown) <= _SIGNS and all(unicodedata.category(c) in ("So", "Sk") for c in shown)
