"""Forward marks and header blocks: where another mail begins inside a body, and whether it is a forward.

Contract: `head_at` finds the head of an enclosed mail (mark, header block, or both); `is_forward` tells a
forward from a reply quote. A forward is a mail *between others*: what support wrote or was sent is a reply
quote, even under a FW subject (design page, `new_text`). A template with a "From:" line is no header
block: three kinds of field are asked for, and a subject or an address. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, cast

from triaged.frozen import frozen
from triaged.reading.new_text.attributions import person_of
from triaged.reading.new_text.separators import Kind, Line, line, subject_kind
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address
from triaged.reading.words.listed import plain
from triaged.reading.words.spoken import spoken

if TYPE_CHECKING:
    from triaged.reading.mime.message import Message

_NONE: Kind = ""
_BLOCK = 16  # lines a header block may take
# A whole block on one line, as Yahoo writes it into its text and some HTML comes out
_PACKED_FROM = re.compile(r"^\W{0,3}(?:from|von|de|da|van|差出人)\W{0,3}:")
_PACKED_SUBJECT = re.compile(r"(?:subject|betreff|objet|asunto|oggetto|onderwerp|件名)\W{0,3}:")
_PACKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (  # in between, in any order
    (
        "date",
        re.compile(r"(?:sent|date|gesendet|datum|envoyé|enviado(?: el)?|inviato|verzonden|送信日時)\W{0,3}:"),
    ),
    ("to", re.compile(r"(?:\bto|\ban|à|\bpara|\ba|\baan|宛先)\W{0,3}:")),
)
_ANNOUNCED = re.compile(
    r"\b(?:forward\w*|fwd|below|beneath|following (?:mail|e-?mail|message)|customer'?s (?:mail|e-?mail|message|"
    r"words)|(?:mail|e-?mail|message) (?:from|of) (?:the|our|my|a|their) |weiter(?:ge)?leite\w*|unten|folgende|"
    r"ci-dessous|transf[eé]r\w*|abajo|reenv[ií]\w*|a continuaci[oó]n|inoltr\w*|di seguito|abaixo|encaminh\w*|"
    r"(?:our|the|my|a|this) (?:customer|client|user|end user|contact|superadmin)s? (?:\w+ )?(?:wrote|writes|sent|sends|says|said|reports|reported|tells|told)|"
    r"what (?:we|i) (?:got|received) from|(?:wrote|writes|written) (?:to )?(?:us|me)|"
    r"(?:unsere?r?|der|die|mein) (?:kunde|kundin|anwender|benutzer|mandant)\w* (?:\w+ )?(?:schrieb|schreibt|geschrieben|meldet|mitgeteilt|hat)|schrieb uns|schreibt uns|nachricht (?:des|der|unseres|unserer)|"
    r"(?:notre|nos|le|la|mon) client\w* (?:\w+ )?(?:[eé]crit|a [eé]crit|signale|envoie|a envoy[eé])|nous (?:a )?[eé]crit|voici (?:ce que|le message|le mail|son message|l'e-?mail)|message (?:de|du) (?:notre|client)|"
    r"(?:nuestr[oa]|el|la|mi) client[ea] (?:\w+ )?(?:escribi[oó]|escribe|ha escrito|env[ií][oa]|dice|reporta)|nos (?:escribi[oó]|escribe|ha escrito)|esto es lo que|mensaje (?:de|del) (?:nuestr|client)|"
    r"(?:nostr[oa]|il|la) client[ea] (?:\w+ )?(?:ha scritto|scrive|ha inviato|dice|segnala)|ci (?:ha scritto|scrive)|ecco (?:cosa|quello|il messaggio|la mail)|messaggio del (?:nostro )?cliente|"
    r"(?:nosso|o|a|nossa) cliente (?:\w+ )?(?:escreveu|escreve|enviou|disse|informa)|mensagem do (?:nosso )?cliente|segue (?:abaixo|a mensagem|o e-?mail)|"
    r"(?:onze|de|mijn) (?:klant|gebruiker) (?:\w+ )?(?:schreef|schrijft|stuurde|meldt)|hieronder|doorgestuurd\w*|bericht van (?:onze|de) klant|"
    r"aşağıda\w*|aşağıya|müşterimiz\w*|iletiyorum|nedan|nedenfor|vidarebefordra\w*|videresend\w*|alla|poniżej|przesyłam|níže|nižšie|ispod|u nastavku|mai jos|lejjebb|alább|žemiau|zemāk|allpool|ниже|нижче|пересыла\w*|по-долу|испод|παρακάτω|"
    r"bên dưới|dưới đây|di bawah)\b|"
    r"転送|下記|以下|お客様(?:より|から|が|の)|顧客(?:より|から|が|の)|下面|客户(?:来信|写道|发来)|아래|고객|ด้านล่าง|ข้างล่าง|להלן|למטה|أدناه|فيما يلي|زیر"
)


@frozen
class Block:
    """A header block: its fields by kind, and where it ends (index of the first line behind it)."""

    end: int
    fields: dict[Kind, str] = field(default_factory=dict)
    recipients: str = ""  # To and Cc together

    @property
    def author(self) -> Address:
        """From of the enclosed mail."""
        return person_of(self.fields.get("from", ""))

    @property
    def subject(self) -> str:
        """Subject of the enclosed mail."""
        return self.fields.get("subject", "")


@frozen
class Head:
    """The head of an enclosed mail: `mark` as in separators.py ("" = a bare header block)."""

    end: int
    mark: str
    block: Block | None


def head_at(lines: Sequence[Line], start: int) -> Head | None:
    """The head of an enclosed mail that begins at `start`: a mark with or without block, or a bare block."""
    first = lines[start]
    if first.mark in ("forward", "original"):
        return _marked(lines, start, first.mark)
    if first.mark == "rule":
        below = _next_seen(lines, start + 1, 2)
        block = block_at(lines, below, marked=True) if below is not None else None
        return Head(block.end, "", block) if block else None
    if first.field and (block := block_at(lines, start, marked=False)):
        return Head(block.end, "", block)
    return None


def _marked(lines: Sequence[Line], start: int, mark: str) -> Head:
    below = _next_seen(lines, start + 1, 3)
    block = None if below is None else block_at(lines, below, marked=True) or _colonless(lines, below)
    end = block.end if block else start + 1
    if end < len(lines) and lines[end].mark == mark:  # Zoho Mail writes its mark above and below the block
        end += 1
    return Head(end, mark, block)


def _next_seen(lines: Sequence[Line], start: int, blanks: int) -> int | None:
    for index in range(start, min(start + blanks + 1, len(lines))):
        if not lines[index].blank:
            return index
    return None


def block_at(lines: Sequence[Line], start: int, *, marked: bool) -> Block | None:
    """The header block at `start`; under a mark or rule two kinds of field are enough, else three."""
    if all(one.field != "from" for one in lines[start : start + 8]):
        return None
    if fields := _packed(lines[start].text):
        return Block(start + 1, fields, fields["to"])
    fields = {}
    recipients: list[str] = []
    index, last = start, _NONE
    while index < len(lines) and index - start < _BLOCK:
        one = lines[index]
        if one.field and not (one.field == "from" and "from" in fields):
            last = one.field
            fields.setdefault(one.field, one.value)
            if one.field == "to" or one.text[:3].casefold() in ("cc:", "cc ", "c.c"):
                recipients.append(one.value)
        elif one.blank and _goes_on(fields, lines, index):
            pass
        elif not _continues(one, last, fields, lines[index - 1] if index > start else one):
            break
        else:
            if not fields.get(last):
                fields[last] = one.text
            elif last == "from":
                fields["from"] = f"{fields['from']} {one.text}"
            if last == "to":
                recipients.append(one.text)
        index += 1
    block = Block(index, fields, " ".join(recipients))
    return block if _is_block(block, marked) else None


def _colonless(lines: Sequence[Line], start: int) -> Block | None:
    """eM Client sets no colons under its mark: `From "Anna" <a@b.example>`, `To …`, `Date …`, `Subject …`."""
    fields: dict[Kind, str] = {}
    index = start
    while index < min(start + 6, len(lines)) and (kind := _first_word(lines[index])):
        fields.setdefault(kind, lines[index].text.partition(" ")[2].strip())
        index += 1
    block = Block(index, fields, fields.get("to", ""))
    return block if "@" in fields.get("from", "") and _is_block(block, marked=False) else None


def _first_word(one: Line) -> Kind:
    return cast(Kind, spoken().label(plain(one.text.partition(" ")[0])))


def subject_rows(rows: Sequence[str]) -> Iterator[str]:
    """What a head says of the enclosed mail's subject, wrapped lines and all."""
    is_subject = False
    for row in rows:
        one = line(row)
        if subject := _packed(one.text).get("subject"):
            yield f"Subject: {subject}"
        kind = one.field or ("" if is_subject else _first_word(one))
        if kind or one.mark or one.blank:
            is_subject = kind == "subject"
        if is_subject:
            yield row


def _packed(text: str) -> dict[Kind, str]:
    """The four fields of a block on one line, each up to the next; none if it is none."""
    folded = text.lower()
    begin = _PACKED_FROM.match(folded)
    end = _PACKED_SUBJECT.search(folded, begin.end()) if begin else None
    if not begin or not end:
        return {}
    between = [(kind, label.search(folded, begin.end(), end.start())) for kind, label in _PACKED]
    found = sorted((label.span(), kind) for kind, label in between if label)
    if len(found) < len(_PACKED):
        return {}
    labels = [(begin.span(), "from"), *found, (end.span(), "subject")]
    stops = [start for (start, _), _ in labels[1:]] + [len(text)]
    return {
        kind: text[value:stop].strip(" *_") for ((_, value), kind), stop in zip(labels, stops, strict=True)
    }


def _goes_on(fields: dict[Kind, str], lines: Sequence[Line], index: int) -> bool:
    """A blank line in a block that is not whole yet: some HTML mail makes a paragraph of every field."""
    below = lines[index + 1] if index + 1 < len(lines) else None
    whole = {"to", "subject"} <= fields.keys() and len(fields) >= 3
    return below is not None and below.field not in ("", "other") and below.field not in fields and not whole


def _continues(one: Line, last: Kind, fields: dict[Kind, str], previous: Line) -> bool:
    """A wrapped header value: an address list that goes on, or the value of an empty field."""
    if not last or one.blank or one.quoted or one.mark:
        return False
    value = fields.get(last)
    if not value and last in ("from", "to", "subject", "date"):
        return len(one.text) < 120
    wrapped = previous.text[-1:] in ";,<" or one.text[0] in "<;,"
    return (wrapped and "@" in one.text) or (
        last == "subject" and one.raw[:1] in " \t" and len(one.text) < 100
    )


def _is_block(block: Block, marked: bool) -> bool:
    kinds = {kind for kind in block.fields if kind != "other"}
    if "from" not in kinds:
        return False
    if marked:
        return len(kinds) >= 2
    addressed = "@" in block.fields["from"] or "@" in block.fields.get("to", "")
    return len(kinds) >= 3 and (addressed or ("subject" in kinds and "date" in kinds))


def is_ours(block: Block, support: Support) -> bool:
    """The enclosed mail is from or to support."""
    return support.is_part_of(block.author, block.fields.get("from", ""), block.recipients)


def announced(lines: Sequence[Line], *, first: bool) -> bool:
    """The own words just above say that a mail of somebody else follows.

    `first`: nothing at all stands above, so that a header block there is pasted, no quote under an answer.
    """
    seen = [one.text for one in lines[-12:] if not one.blank][-2:]
    if not seen:
        return first
    return seen[-1][-1] in ":：" or any(_ANNOUNCED.search(text.casefold()) for text in seen)


def is_forward(
    head: Head, subject: str, above: Sequence[Line], support: Support, *, first: bool = False
) -> bool:
    """Whether the enclosed mail is a forward (kept) or a reply quote (cut).

    `subject`: kind of the subject of the mail that encloses it ("forward", "reply", ""). `first`: it stands
    at the very top of the body.
    """
    if head.block and is_ours(head.block, support):  # our own people forward what was written to support
        return subject == "forward" and support.wrote and not support.is_colleague(head.block.author.address)
    if head.mark == "forward" or subject == "forward":
        return True
    return subject != "reply" and head.block is not None and announced(above, first=first)


def kind_of(block: Block | None) -> str:
    """What the enclosed mail's own subject makes of mails enclosed in it."""
    return subject_kind(block.subject) if block else ""


def head_lines(mail: Message) -> tuple[str, ...]:
    """How the head of an attached mail is shown."""
    author = mail.from_[0] if mail.from_ else Address("", "")
    return (f"From: {author.name} <{author.address}>", f"Subject: {mail.subject}", "")


def block_of(mail: Message) -> Block:
    """The header block of an attached mail, as if it stood in the text."""
    author = mail.from_[0] if mail.from_ else Address("", "")
    people = " ".join(address.address for address in (*mail.to, *mail.cc))
    fields: dict[Kind, str] = {"from": f"{author.name} <{author.address}>", "subject": mail.subject}
    return Block(0, fields, people)
