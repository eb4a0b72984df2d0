"""Lines that say who wrote what is quoted below: `On Tue, 10 Nov 2026 at 10:00, Anna <a@b.example> wrote:`.

Contract: `at(lines, i, …)` answers with how many lines (1 to 4) the attribution starting at line `i`
takes and whom it names, or None. Running text ("On Monday we wrote:") is none: a date or time or address
is asked for, and words of prose speak against it. Bounded: at most four lines of 400 characters. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.frozen import frozen
from triaged.reading.new_text.separators import Line
from triaged.reading.values import Address
from triaged.reading.words.listed import plain
from triaged.reading.words.spoken import spoken

_ENDING = 24  # characters of a line's end that can be such a word
_TAIL = 80  # characters it is looked for in
_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,64}@[^\s<>()\[\]\",;:@]{1,120}")
_ADDRESS_END = re.compile(r"@[^\s<>()\[\]\",;@]{1,120}\s?[>)\]]{0,3}[\"']?(?:\s?\([^)]{0,60}\))?$")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|(?:19|20)\d\d年|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{1,2}月 ?\d{1,2}日|(?:19|20)\d\d[/-]\d"
)
# In any digits
_STAMP = re.compile(r"\b\d{4}\b.{0,60}\b\d{1,2}[:.h] ?\d{2}\b|\b\d{1,2}[:.h] ?\d{2}\b.{0,60}\b\d{4}\b")
_BRACKETED = re.compile(r"<(?:mailto:)?[^\s<>@]{1,64}@[^\s<>@]{1,120}>")
_TIME = re.compile(r"\b\d{1,2}[:.h時] ?\d{2}\b|\d{1,2}:\d{2}|\d ?[ap]\.?m\b")
_PROSE = re.compile(  # words of running text, whatever address stands at its end
    r"\b(?:we|i|our|they|he|she|it|that|which|who|you can|this|because|and then|the (?:customer|client|user|admin|"
    r"superadmin|error|following|log)|der kunde|die kundin|wir|ich|unser|unsere|uns|der benutzer|le client|la cliente|"
    r"nous|notre|el cliente|nosotros|nuestro|il cliente|noi|nostro)\b|お客様|顧客|ユーザー|弊社"
)
_ROLES = re.compile(r"\b(?:customer|client|support|agent|system|team|error)\b")  # prose, or part of a name
_OURS = re.compile(r"\b(?:you|your|support|sie|ihre|vous|votre|usted|ustedes)\b|貴社|御社|ご返信|ご回答")
_THEIRS = re.compile(r"\b(?:customer|client|user|kunde|kundin|cliente|they|he|she)\b|お客様")
# An error text
_SERVER = re.compile(
    r"\bhost \S{3,100}\[[0-9a-f.:]{3,40}\]|\b(?:smtp|server|mta|relay) \S{0,60} ?(?:said|replied)$"
)
_OF_THE_HOUR = frozenset({"AM", "PM", "am", "pm", "a.m.", "p.m.", "Uhr", "uhr", "tarihinde"})
_IN_BRACKETS = re.compile(r"[>\])]?\s{0,3}\(([^()@\d]{1,60})\)")  # "cy@alder.example (Cy Alder)"
_NAME = re.compile(r"([^,<>\d\"]{1,60}?)[\"']?\s{0,3}[<(\[]{1,2}(?:mailto:)?$")


@frozen
class Attribution:
    """How many lines it takes, and the author it names (empty address if none is given)."""

    length: int
    author: Address
    text: str = ""  # its lines, joined


def at(lines: Sequence[Line], start: int) -> Attribution | None:
    """The attribution that begins at `start`. Joins up to four lines, since clients wrap them."""
    first = lines[start]
    if first.blank or not _may_start(first.text):
        return None
    joined = ""
    for length in range(1, 5):
        if start + length > len(lines) or not _goes_on(lines[start + length - 1], joined):
            return None
        # A name or address wrapped at its hyphen
        cut = joined.endswith("-") and joined[-2:-1].isalnum()
        joined = f"{joined}{'' if cut else ' '}{lines[start + length - 1].text}".strip()
        if len(joined) > 300:
            return None
        if _ends_like_one(joined):
            follows = _quote_follows(lines, start + length)
            if _is_attribution(joined, follows):
                return Attribution(length, _writer(joined), joined)
        if length == 1 and not _may_wrap(first.text):
            return None
    return None


def _goes_on(one: Line, joined: str) -> bool:
    """A wrapped address may leave its `>` at the start of a line, where it is no quote mark."""
    if one.quoted:
        return joined.count("<") > joined.count(">") and len(one.text) <= 30 and one.text[-1] in ":：>"
    return not one.blank


def _may_start(text: str) -> bool:
    return (
        _begins_like_one(text)
        or text[0].isdigit()
        or "@" in text
        or text.startswith("--")
        or _ends_like_one(text)
        or _STAMP.search(text) is not None
    )


def _begins_like_one(text: str) -> bool:
    return plain(text.split(None, 1)[0]).strip(".,(*_-") in spoken().attribution.begins


def _may_wrap(text: str) -> bool:
    """Prose wraps too, but an attribution's first line has a digit, an address or starts like one."""
    begun = _begins_like_one(text) or text[0].isdigit() or text[-1] in "<," or text.startswith("--")
    return begun or _STAMP.search(text) is not None or _BRACKETED.search(text) is not None


def _ends_like_one(text: str) -> bool:
    tail = text.rstrip(" -*_")
    return tail[-1:] in {":", "："} or plain(tail[-_ENDING:]).endswith(spoken().attribution.wrote.tails)


def _quote_follows(lines: Sequence[Line], index: int) -> bool:
    for one in lines[index : index + 4]:
        if not one.blank:
            return one.quoted
    return False


def _is_attribution(joined: str, quote_follows: bool) -> bool:
    text = plain(joined.strip(" -*_"))
    colon = text[-1] in ":："
    text = text.rstrip(":： ")
    verb_end = _verb_at_end(text) >= 0
    verb = verb_end or _ends_in_name(text, quote_follows)
    address = _ADDRESS.search(text) is not None
    when = _DATE.search(text) is not None or _TIME.search(text) is not None
    if _SERVER.search(text):
        return False
    spoken = _ADDRESS.sub(" ", text)
    if _PROSE.search(spoken) or (_ROLES.search(spoken) and not (address or verb)):
        return False
    return _weigh(verb, verb_end, address, when, colon, quote_follows, text)


def _weigh(
    verb: bool, verb_end: bool, address: bool, when: bool, colon: bool, quote_follows: bool, text: str
) -> bool:
    """Evidence enough? The more of verb, date and address, the less need a `>` follow."""
    if verb and address and when:
        return True
    if verb and when and colon:
        return True
    if colon and _BRACKETED.search(text) and _STAMP.search(text):
        return True  # in any language: nobody writes an address in brackets and the minute
    if address and when and colon:
        return text[-1] in ">)]" and _ADDRESS_END.search(text) is not None
    return verb_end and (
        quote_follows or (address and colon and _ADDRESS_END.search(_before_verb(text)) is not None)
    )


def quotes_us(text: str) -> bool:
    """A line over `>` lines that says they are support's words, or names a date or address as mail programs do."""
    folded = plain(text)
    if _THEIRS.search(folded):
        return False
    named = _DATE.search(folded) or _ADDRESS.search(folded)
    return bool(_OURS.search(folded) or (named and _verb_at_end(folded.rstrip(":： ")) >= 0))


def _before_verb(text: str) -> str:
    at = _verb_at_end(text)
    return (text[:at] if at >= 0 else text).rstrip(" ,")


def _verb_at_end(text: str) -> int:
    """Where the word begins that ends a plain text and says that somebody wrote; -1 if none does."""
    skipped = max(0, len(text) - _TAIL)
    at = spoken().attribution.wrote.start_in(text[skipped:])
    return at if at < 0 else at + skipped


def _ends_in_name(text: str, quote_follows: bool) -> bool:
    """For languages that put the verb before the name: what follows the verb is a name or address."""
    verbs = list(spoken().attribution.wrote_before_name.spans(text))
    if not verbs:
        return False
    tail = text[verbs[-1][1] :]
    return (
        _ADDRESS_END.search(text) is not None or (len(tail.split()) <= 5 and quote_follows) or len(tail) <= 40
    )


def _writer(joined: str) -> Address:
    """Whom it names, without the words of it that may stand right before a name ("10:14 AM Cy", "um 10:14 Uhr schrieb Cy")."""
    author = _author(joined)
    words = author.name.split()
    if len(words) > 1 and words[0] in _OF_THE_HOUR and re.search(rf"\d\s?{re.escape(words[0])}\s", joined):
        words = words[1:]
    folded = plain(" ".join(words))
    start, end = next(spoken().attribution.wrote_before_name.spans(folded), (1, 0))
    if start == 0 and (behind := folded[end:].split()):
        words = words[-len(behind) :]
    return Address(" ".join(words), author.address)


def _author(joined: str) -> Address:
    """The address, and the words before it as far as no date or time can be among them."""
    found = _ADDRESS.search(joined)
    if not found:
        return Address("", "")
    name = _NAME.search(joined[: found.start()].rstrip()[-90:])
    return Address(name.group(1).strip(" \"'*_,:;-") if name else "", _bare(found))


def person_of(value: str) -> Address:
    """Whom a From value names, as mail programs write them into a text; an empty address where there is none."""
    bracketed = _BRACKETED.search(value)  # another address may be part of the name
    found = _ADDRESS.search(value, bracketed.start() if bracketed else 0)
    if not found:
        return Address("", "")
    before = value[: found.start()].rstrip().removesuffix("mailto:").rstrip(" <([").strip(" *_,:;-")[:90]
    behind = _IN_BRACKETS.match(value, found.end())
    name = before or (behind.group(1).strip() if behind else "")
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip(" *_")
    return Address("" if "@" in name else name, _bare(found))


def _bare(found: re.Match[str]) -> str:
    return found.group().lower().removeprefix("mailto:").strip(".'")
