"""Whether the author of a forwarded mail calls himself the SuperAdmin: "as super admin of our account I…",
「スーパー管理者、佐藤です」. Talking of another SuperAdmin, or of not being one, is no such claim. PURE.
"""

from __future__ import annotations

import re

from triaged.reading.identifiers.labels import SUPERADMIN_WORDS
from triaged.reading.identifiers.passages import fold, normal
from triaged.reading.values import NewText
from triaged.reading.words.automata import compiled

_MOST = 200  # mentions looked at

_I_AM = re.compile(
    r"(?:\b(?:i am|i'm|i have been|i've been|i was made|i became|being|i serve as|i act as|acting as|me as|myself,?|my role (?:is|as)|i'm also|i remain)"
    r"(?: (?:the|a|an|your|our|their|one of|also|now|still|currently|new|only|main|official|acting|\w+'s))*\s*$)"
    r"|\b(?:i am|i'm|this is|my name is) [\w' -]{2,30}, (?:(?:the|your|our|one of|also|zoho) )*$"
    r"|\b(?:en ma qualite de|moi qui suis|en calidad de|in my (?:role|capacity|function) as|in meiner (?:rolle|funktion|eigenschaft) als)(?: (?:the|le|la|l'|el|zoho))* ?$"
    r"|\bas (?:(?:the|a|our|your|this|company'?s?|\w+'s|zoho|only|main|new) )*$|\bi,? (?:as )?the $"
    r"|\b(?:ich bin|bin ich|als|ich als|ich, der|ich, die)(?: (?:der|die|das|ein|eine|unser|unsere|euer|ihr|neue[rn]?|auch|hier|aktuelle[rn]?|zustandige[rn]?|zoho-?|bei uns|seit \w+(?: \d{4})?|inzwischen|jetzt|nun|\w+-))*\s*$"
    r"|\b(?:je suis|en tant que|comme|moi,?|etant)(?: (?:le|la|l'|votre|notre|un|une|aussi|nouveau|nouvelle))*\s*(?:l')?$"
    r"|\b(?:sou|sono|ik ben|ben ik|na qualidade de|in qualita di|em minha funcao de|in mijn rol als)(?: (?:o|a|um|uma|il|lo|la|un|una|de|het|een|vosso|vossa|nosso|nossa|nostr[oa]|vostr[oa]|onze|jullie|anche|tambem|ook|nieuwe|nuov[oa]|nov[oa]))*\s*(?:l')?$"
    r"|\b(?:soy|como|yo,?|siendo)(?: (?:el|la|un|una|vuestr[oa]|nuestr[oa]|nuev[oa]|tambien))*\s*$"
)
_NOT_I = re.compile(
    r"\b(?:not|isn't|no longer|nicht|kein|keine|pas|plus|no|nao|non|niet|geen|wasn't|never|nur|only an?|just an?|deputy|assistant|secretary|same|such|well|treat|listed|logged in|log in|signed in|sign in)\b[^.]{0,16}$"
)
_JAPANESE_CLAIM = re.compile(
    r"^(?:の私|\s?[(（]私[)）]|権限を持つ私|(?:をして|を担当|を務め|を引き継|を拝命|に就任|に任命|となり|になり|であ(?:る|り)|として)|、?\s?[一-龥ぁ-んァ-ヶa-z ]{1,12}(?:です|と申します|でございます)|です|でございます|(?:の|、)[一-龥]{1,6}(?:です|と申し))"
)
_JAPANESE_OTHER = re.compile(
    r"^(?:の(?:アドレス|メール|方|権限|連絡先|id|変更|様)|は[^私]|が|に(?:は|連絡|確認|依頼)|から|へ|様|さん|権限|ではな|でな)"
)
# The parts of such a line can be cut in many ways, which RE2 does not mind.
_SIGNED = compiled(
    r"^[\s>*_-]*(?:[\p{L}\p{N}_.' -]{2,40}(?:[,/|&-]|and|und|et|y|\(|\s{2,}) ?){0,2}(?:zoho )?$"
)
_SIGNED_IN_JAPANESE = re.compile(r"^[\s>*_-]*+[一-龥ぁ-んァ-ヶーa-z ]{0,16}[\s/・、|]$")
_TELLS = re.compile(
    r"\A\s++(?:told|said|says|asked|mentioned|wrote|explained|confirmed|noticed|knows|wants|suggested|sees|hat|sagt|m'a|a dit|dit|me dijo|dice)\b"
)


def calls_himself_superadmin(parts: NewText) -> str:
    """The line in which the forward's author does so; empty if none."""
    forwarded = fold(normal(parts.forwarded))
    signed = fold(normal(parts.signature)) if parts.is_forward else ""
    for text in (forwarded, signed):
        for found in list(SUPERADMIN_WORDS.finditer(text))[:_MOST]:
            if _claimed(text, found.start(), found.end()):
                return _line(text, found.start())
    return ""


def _claimed(text: str, start: int, end: int) -> bool:
    before = re.split(r"[.!?]\s|。", text[max(0, start - 70) : start].replace("\n", " "))[-1]
    after = text[end : end + 30]
    if not _is_latin(text[start:end]):
        told = bool(_JAPANESE_CLAIM.match(after)) and not _JAPANESE_OTHER.match(after)
        return told or _is_title(text, start, end)
    if _TELLS.match(after) or text[start:end].endswith("'s"):  # "I am the super admin's deputy"
        return False
    if _NOT_I.search(before) or re.match(
        r"\A\s*+(?:e-?mail|address|rights?|role|access|account is|mailbox|is\b|:|=)", after
    ):
        return False
    return (
        bool(_I_AM.search(before))
        or _is_title(text, start, end)
        or bool(
            re.match(
                r"(?: (?:here|of \w+))?,? ?(?:bin ich|soy yo|c'est moi|(?:is|that's|would be) me)\b", after
            )
        )
    )


def _is_title(text: str, start: int, end: int) -> bool:
    """A line of a signature: "Super Admin, Acme Ltd" or "Jane Doe, Super Administrator"."""
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    rest = text[end : line_end if line_end >= 0 else len(text)]
    is_short = len(rest) < 50 and not re.search(
        r"[:=@?\d]|\b(?:is|are|was|has|can|the|and|ist|est|es)\b", rest
    )
    below = text[line_end + 1 : line_end + 120].strip().split("\n")[0] if line_end >= 0 else ""
    if line_start == 0 or not is_short or ("@" in below and " " not in below):
        return False
    head = text[line_start:start]
    return bool(
        _SIGNED.search(head)
        if _is_latin(text[start:end])
        else _SIGNED_IN_JAPANESE.match(head) and not rest.strip()
    )


def _is_latin(text: str) -> bool:
    return all(ord(char) < 0x2000 for char in text)


def _line(text: str, place: int) -> str:
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)].strip()[:120]
