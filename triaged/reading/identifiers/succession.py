"""Who became SuperAdmin in another's place: "a@b is no longer SuperAdmin, c@d is".

Contract: `succeeds` says whether an address behind the word "SuperAdmin" is the new one of a sentence
that takes the role from somebody. A bare comma needs a verb behind the address ("c@d is"), since
"…, c@d cannot log in" gives nobody a role; "now it is c@d" needs none. PURE, linear.
"""

from __future__ import annotations

import re
from itertools import pairwise

from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage

_FARTHEST = 70  # characters between the label and the new address

_ARTICLE = r"(?: (?:the|our|their|your|his|her|a|le|la|notre|el|nuestro|il|lo|nostro|o|nosso|de|het|onze|der|die|unser|ihr|zoho))*"
_NO_LONGER = re.compile(
    r"(?:\bno longer(?: (?:be|is|act as|acting as))?|\bnot|\bisn't|\bwasn't|\bnever|\bstopped being|\bceased to be|\bnicht(?: mehr| langer)?|\bkein(?:e|en)?"
    r"|\bplus|\bpas|\bya no es|\bno es(?: ya)?|\bdejo de ser|\bnon e(?: piu)?|\bja nao e|\bnao e(?: mais)?|\bdeixou de ser|\bniet(?: meer| langer)?|\bgeen)"
    + _ARTICLE
    + r"(?: l')? ?$"
)
_PAST = re.compile(
    r"\b(?:was|were|used to be|has been|war|etait|era|fue|foi|was (?:vroeger|eerst))"
    + _ARTICLE
    + r"(?: l')? ?$"
)
_STILL_OF_THE_OLD = r"(?: (?:any ?more|any longer|mehr|meer|mais|there|since [\w ]{2,20}|seit [\w .]{2,20}|until [\w ]{2,20}|bis [\w .]{2,20}|before|previously|bisher|fruher|avant|antes|prima|vroeger)){0,2}"
_JOIN = r"[\s,;:.()-]*(?:\b(?:and|but|und|aber|et|mais|y|pero|e|ma|mas|en|maar)\b[\s,]*)?"
_NAMED = re.compile(
    "^"
    + _STILL_OF_THE_OLD
    + _JOIN
    + r"(?:(?:now|nowadays|instead|today|it's|it is|that's|that is|this is|sondern|jetzt|nun|neu|das ist|es ist|ist(?: es)?|c'est|ce sera|desormais|maintenant|dorenavant|sino|ahora|lo es|adesso|ora|bensi|agora|nu|dat is|is|est|es|e|"
    r"the new one|the new super ?admin|der neue|die neue|le nouveau|la nouvelle|el nuevo|la nueva|il nuovo|o novo|de nieuwe)[\s,:]+){1,4}$"
)
_BARE = re.compile("^" + _STILL_OF_THE_OLD + _JOIN + "$")
_IS = re.compile(
    r"\A(?:\s*+(?:is|ist(?: es)?|l'est|lo es|lo e|e|o e|is het|is dat|does|has been|took over|takes over|ubernimmt|ha(?:t)? ubernommen)\b"
    r"(?: (?:now|it|that|so|the new one|instead|since [\w ]{2,20}+|jetzt|nun|es|seit [\w .]{2,20}+|maintenant|desormais|ahora|adesso|ora|agora|nu|today|currently))*+\s*+(?:[.,;!)\n]|$)"
    r"|\s*+(?:now|jetzt|nun|desormais|maintenant|ahora|adesso|agora|instead|stattdessen)\s*+(?:[.,;!)\n]|$))"
)


_JAPANESE = re.compile(
    r"^(?:では|じゃ|で)(?:ありません|ございません|ない|なく|なくなりました|なくなり)(?:が)?[。、,.]?\s*(?:現在|今|今後|今月から|新しく|代わり|後任|新任)?(?:は|の|に)?(?:super ?admin|スーパー管理者|管理者|担当)?(?:は|が|に)?[、\s]*$"
)

_HANDED = re.compile(
    r"(?<!be )(?<!been )\b(?:changed|moved|transferred|switched|passed|handed over|migrated|wechselte|gewechselt|a change|est passe|a ete transfere|cambio|ha cambiado|ha pasado|paso|e cambiato|e passato|mudou|passou|is gewijzigd|is overgegaan)\b[^.\n]{0,30}"
    r"\b(?:from|von|de|du|d'|da|van)[\s:<(]*$"
)
_WISHED = re.compile(
    r"\b(?:wants?|would like|needs?|wishes|please|to have|to get|kindly|bitte|mochte\w*|soll|souhaite\w*|quieren?|vorrebbe\w*|graag)\b"
)
_TO = re.compile(r"^[\s>)]*(?:to|an|auf|zu|nach|a|au|para|naar|->|=>|→)[\s<(]*$")
_JAPANESE_FROM = re.compile(
    r"^[\s>)]*(?:様|さん|氏)?\s?(?:から|より)[、\s]*(?:[一-龥ァ-ヶー]{1,8}(?:様|さん|氏)?[(<\s]*)?$"
)
_JAPANESE_TO = re.compile(
    r"[\s>)]{0,20}+(?:様|さん|氏)?\s?(?:に|へ)[、\s]{0,20}+(?:変更|交代|移行|移管|引き?継ぎ?|変わ|切り?替え?)(?:に|と)?(?:り|な[りっ]|し(?:ま|て(?:お|い|ご))|され|済)"
)
_REPLACES = re.compile(
    r"^[\s>)]*(?:has |have |hat |a |ha |heeft )?(?:now |just )?(?:replac\w+|succeed\w+|took over from|taken over from|takes over from|abgelost|ersetzt|remplac\w+|succede? a|reemplaz\w+(?: a)?|sustitu\w+(?: a)?|sostitu\w+|substitu\w+|vervangt|vervangen)[\s<(]*$"
)


def handovers(passage: Passage, marks: list[Mark]) -> list[tuple[Mark, Mark]]:
    """(former, new) SuperAdmin addresses: "changed from a@b to c@d", "c@d replaced a@b as SuperAdmin"."""
    labels = [mark for mark in marks if mark.kind == "superadmin"]
    beside = pairwise(mark for mark in marks if mark.kind == "address") if labels else ()
    pairs = [_handover(passage, one, other) for one, other in beside if other.start - one.end <= _FARTHEST]
    return [
        pair for pair in pairs if pair and any(_near(label, *sorted(pair, key=_place)) for label in labels)
    ]


def _handover(passage: Passage, one: Mark, other: Mark) -> tuple[Mark, Mark] | None:
    """(former, new) of two neighbouring addresses, if the words around tell of a change that took place."""
    before = passage.folded[max(0, one.start - 80) : one.start]
    between = passage.folded[one.end : other.start]
    changed = _TO.match(between) and _HANDED.search(before) and not _WISHED.search(before)
    in_japanese = _JAPANESE_FROM.match(between) and _JAPANESE_TO.match(passage.folded, other.end)
    if changed or in_japanese:
        return one, other
    return (other, one) if _REPLACES.match(between) else None


def _place(mark: Mark) -> int:
    return mark.start


def _near(label: Mark, one: Mark, other: Mark) -> bool:
    return one.start - 90 <= label.start <= other.end + 30


def succeeds(passage: Passage, label: Mark, value: Mark) -> bool:
    """Whether the address takes over the role of the label, which the words before take from another."""
    if not 0 <= value.start - label.end <= _FARTHEST:
        return False
    before = passage.folded[max(0, label.start - 60) : label.start].rpartition("\n\n")[2]
    gap = passage.folded[label.end : value.start]
    named = bool(_NAMED.match(gap))
    if _PAST.search(before):
        return named
    if _JAPANESE.match(gap):
        return True
    if not _NO_LONGER.search(before):
        return False
    return named or bool(_BARE.match(gap) and _IS.match(passage.folded[value.end : value.end + 60]))
