"""Where in a mail to look for identifiers: subject, own words, inline answers, forwards; and where not.

Contract: `passages` leaves out signatures and the From/To/Cc lines of forwarded headers (the author of
a forward counts by `NewText.forward_authors`), and gives an inline answer the label it stands under,
with the values of the quoted label made unreadable, since only the answer is new. PURE.
"""

from __future__ import annotations

import re
from itertools import takewhile

from triaged.reading.identifiers.labels import SUPERADMIN_WORDS
from triaged.reading.identifiers.passages import Passage, fold, normal
from triaged.reading.values import NewText

_HEADER = re.compile(
    r"^[>\s*|]*(?:from|to|cc|bcc|reply-to|sent|date|von|an|kopie|gesendet|datum|antwort an|de|a|à|envoyé|date|para|enviado(?: el)?|fecha|"
    r"差出人|送信者|宛先|送信日時|日時|日付|da|inviato|data|aan|verzonden)\s*\**\s*[:：]",
    re.IGNORECASE,
)
_ADDRESSES_GO_ON = re.compile(r"^[>\s]{0,12}[^:\n]{0,80}<?[^\s@<>]+@[^\s@<>]+>?[,;]?\s*$")
_SHOWN = re.compile(  # the quoted label's example: "Your ZOID? Example: 600…"
    r"(?<=[\s(?:])\(?(?:e\.g\.|(?:for )?example|(?:zum )?beispiel|z\. ?b\.|(?:par )?exemple|p\. ?ex\.|(?:por )?ejemplo|(?:per )?esempio|ad es\.|(?:por )?exemplo|(?:bij)?voorbeeld|bijv\.|記入例|入力例|例)[\s:：]{0,3}[\w@.-]{5,60}\)?",
    re.IGNORECASE,
)
_SIGNATURE = 14  # lines a signature may have
_VALUES = re.compile(r"[\d@]")


def passages(subject: str, parts: NewText, body: str = "") -> list[Passage]:
    """The passages to look through, in the order their finds are told. `body`: the whole text of the mail."""
    signature = _signature_lines(parts.signature) | (frozenset() if parts.whole else _below_delimiters(body))
    own = _without_lines(parts.own, signature)
    forwarded = _without_headers(_without_lines(parts.forwarded, signature))
    answered = [f"{_VALUES.sub('_', _SHOWN.sub('', label))}\n{answer}" for label, answer in parts.inline]
    found = [Passage.of("new", own), *(Passage.of("new", text) for text in answered)]
    return [
        p
        for p in [*found, Passage.of("forwarded", forwarded), Passage.of("subject", subject)]
        if p.text.strip()
    ]


def _below_delimiters(body: str) -> frozenset[str]:
    """Lines with a value under a `-- `, as far as the next blank line: the cutter may have kept them as fields."""
    lines = [line.strip("> \t") for line in body.splitlines()]
    found: set[str] = set()
    for i, line in enumerate(lines):
        if line == "--":
            block = list(takewhile(bool, lines[i + 1 : i + 1 + _SIGNATURE]))
            below = fold(normal("\n".join(block)))
            if not (SUPERADMIN_WORDS.search(below) and "zoid" in below):
                found.update(one for one in block if _VALUES.search(one))
    return frozenset(found)


def _signature_lines(signature: str) -> frozenset[str]:
    """Lines of the signature that hold a value; a name or a greeting may stand elsewhere too."""
    return frozenset(line.strip("> \t") for line in signature.splitlines() if _VALUES.search(line))


def _without_lines(text: str, lines: frozenset[str]) -> str:
    if not lines:
        return text
    return "\n".join("" if line.strip("> \t") in lines else line for line in text.splitlines())


def _without_headers(text: str) -> str:
    """Forwarded text without address and date lines of its header blocks (two such lines or more)."""
    lines = text.splitlines()
    header = [bool(_HEADER.match(line[:200])) for line in lines]
    kept: list[str] = []
    for i, line in enumerate(lines):
        in_block = header[i] and any(header[max(0, i - 3) : i] + header[i + 1 : i + 4])
        goes_on = i > 0 and header[i - 1] and kept[-1] == "" and _ADDRESSES_GO_ON.match(line[:200])
        kept.append("" if in_block or goes_on else line)
    return "\n".join(kept)
