"""What one line of a body says about the mail's structure: forward marks, separators, header fields, `>`.

Contract: a `Line` is made once per line, in constant time (only its first 400 characters are looked at),
and answers every question the scanner in quotes.py asks of a single line. The phrases mail programs write,
in the languages they write them, are those in force (words/spoken.py). PURE.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, NamedTuple, cast

from triaged.reading.words.listed import plain
from triaged.reading.words.spoken import spoken

LIMIT: Final = 400  # characters of a line that are ever looked at
Mark = Literal["", "forward", "forward_end", "original", "reply_above", "rule"]
Kind = Literal["", "from", "date", "to", "subject", "other"]

_GLUED = re.compile(r"\s{0,9}(-{3,20} ?[^-\n]{4,60} ?-{3,20})\s{1,9}(?=\S)")
# GroupWise's and Notes' heads of a quote: ">>> Anna 10.11.26 10:14 >>>", "Anna ---10/11/2026 10:14:02---Her first words"
_NAMED_HEAD = re.compile(
    r">>> ?[^>].{1,120}\b\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\b.{0,20}>>>$|"
    r"[^\d>-].{1,80} ?---\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: [AP]M)?---"
)
_DECORATION = "-_=*#~+<>—–─━―‐[]【】《》＜＞「」 \t"
_REPLY_ABOVE = re.compile(
    r"(reply|respond|write|type|answer|response|text|message)\b.{0,30}\b(above|below) th(is|e) (line|dashed)|"
    r"above th(is|e) line.{0,20}\b(reply|respond|answer)|do not (write|type|reply) below this line|"
    r"please type your reply above|add your reply above|"
    r"(oberhalb|über) dies(er|em|e) (linie|zeile|trennlinie|textes?)|"
    r"au[- ]dessus de cette ligne|(encima|arriba) de esta l[ií]nea|acima desta linha|"
    r"sopra (a )?questa (riga|linea)|boven deze (regel|lijn)|ovenfor denne linje|ovanför den(na)? (här )?rad|"
    r"(こ|本)の?(線|行|ライン)(より|の)?(も)?上|在此(行|线|線)(之)?上|이 줄 위"
)
_ASKING = (
    "please", "reply", "write", "type", "add your", "enter", "do not", "bitte", "veuillez", "répond", "merci de", "por favor",
    "escriba", "responda", "digite", "si prega", "rispondi", "gelieve", "typ", "antwort", "この", "本", "请", "請",
)  # fmt: skip
_FORWARD_STEM = re.compile(
    r"\bforward|\bfwd\b|weitergeleitet|transf[eé]r|r[eé]exp[eé]di|reenviad|inoltrat|encaminhad|reencaminhad|doorgestuurd|"
    r"vidarebefordra|videresend|przekazan|пересл|пересыл|転送|转发|轉寄|전달"
)
_BRACKETED = re.compile(r"^(?:\[[^\]]{0,60}\]\s*){0,4}")
_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\x00",
    )
)


class Line(NamedTuple):
    """One line, understood: `raw` as it stands, `text` its matching copy (NFKC, stripped, cut)."""

    raw: str
    text: str
    quoted: bool
    mark: Mark
    field: Kind
    value: str  # of the header field

    @property
    def blank(self) -> bool:
        """Nothing to see in it."""
        return not self.text


_BLANK: Final = Line("", "", False, "", "", "")


def line(raw: str) -> Line:
    """Understand one line. Constant time: whatever stands behind 400 characters is not looked at."""
    text = matching(raw)
    if not text:
        return _BLANK
    if ("---" in text or text.startswith(">>>")) and _NAMED_HEAD.match(text):
        return Line(raw, text, False, "original", "", "")
    if text[0] == ">":
        return Line(raw, text, True, "", "", "")
    field, value = header_field(text)
    return Line(raw, text, False, mark_of(text), field, value)


def rows_of(raw: str) -> tuple[str, ...]:
    """A line as it is meant: Yahoo writes its mark and the head of the mail behind it as one."""
    glued = _GLUED.match(raw) if "---" in raw else None
    if glued and mark_of(matching(glued[1])) and header_field(matching(raw[glued.end() :]))[0] == "from":
        return glued[1], raw[glued.end() :]
    return (raw,)


def matching(raw: str) -> str:
    """A copy for matching: first 400 characters, NFKC, without invisible characters, stripped."""
    text = raw[:LIMIT]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return text.strip()


def unquoted(one: Line) -> Line:
    """The same line with one `>` level taken off; a line without `>` stays as it is."""
    if not one.quoted:
        return one
    rest = one.raw.lstrip()[1:]
    return line(rest.removeprefix(" "))


def mark_of(text: str) -> Mark:
    """Which separator a line is, if it is one and nothing else."""
    if len(text) > 160:
        return ""
    if text.startswith("##-") and text.endswith("-##"):
        return "reply_above"  # the first line of our own letters (`write_above` in the rulebook), in any language
    core = text.strip(_DECORATION)
    if not core:
        return "rule" if len(text) >= 4 else ""
    decorated = len(text) - len(core) >= 4 and text[0] in _DECORATION
    return _phrase_mark(core, text, decorated)


def _phrase_mark(core: str, text: str, decorated: bool) -> Mark:
    phrase = plain(core.rstrip(": "))
    known = spoken().quote
    if phrase in known.forward and (
        decorated or core[-1] == ":" or len(phrase.split()) > 1 or text[0] in "-="
    ):
        return "forward"
    if phrase in known.forward_end:
        return "forward_end"
    if phrase in known.original and (decorated or text[:1] in "-="):
        return "original"
    if decorated and phrase.startswith("original message"):
        return "original"
    if (decorated or text[0] in _DECORATION or _asks_to_reply(phrase)) and _REPLY_ABOVE.search(phrase):
        return "reply_above"
    framed = decorated and text[-1] in _DECORATION and len(phrase) <= 100
    return "forward" if framed and _FORWARD_STEM.search(phrase) else ""


def _asks_to_reply(phrase: str) -> bool:
    return len(phrase) < 70 and phrase.startswith(_ASKING)


def header_field(text: str) -> tuple[Kind, str]:
    """The mail header field a line looks like (`From: …`, `*Von:* …`, `差出人：…`), with its value."""
    head, colon, _ = text[:48].partition(":")
    if not colon:
        head, colon, _ = text[:48].partition("\t")
        if not colon:
            return "", ""
    kind = cast(Kind, spoken().label(plain(head.strip(" \t*_|•"))))
    if not kind:
        return "", ""
    return kind, text[len(head) + 1 :].strip(" \t*_|")


def subject_kind(subject: str) -> Literal["forward", "reply", ""]:
    """What the first prefix of a subject says; ticket references and `[EXTERNAL]` before it are skipped."""
    text = plain(unicodedata.normalize("NFKC", subject[:LIMIT])).strip()
    text = text[_BRACKETED.match(text).end() :].lstrip()  # type: ignore[union-attr]
    text = text.removeprefix("automatic reply:").lstrip()
    if spoken().subject.forward.begin(text):
        return "forward"
    return "reply" if spoken().subject.reply.begin(text) else ""
