"""Our own form, filled in inside the quote of our letter: what it left empty and now has a value is new.

Contract: `answered` takes the lines of a reply quote and gives `label: value` lines of a letter that support
wrote, whatever mail program quoted it: in `>`, behind an unmarked header block, wrapped, loosely spaced, the
value beside its label or below it. What a letter printed with a value is not new, nor is what another mail
in the quote says. Labels come from the letters of the rulebook (`Form`) and from those of earlier releases,
which may be answered for weeks. PURE, linear in the text for each label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from triaged.frozen import frozen
from triaged.reading.identifiers.kinds import LABELLED
from triaged.reading.identifiers.labels import LABELS
from triaged.reading.identifiers.passages import fold, normal
from triaged.reading.new_text import attributions, forwards
from triaged.reading.new_text.separators import Line, line, unquoted
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address, Form

DEPTH = 6  # quotes in quotes that are looked into
_LINES = 3_000
_TELLING = 20  # letters of a label that nobody writes but our form
_SURE = 12  # letters of a label that needs no colon behind it
_LONGEST_VALUE = 4_000
_BULLETS = " \t-*•・●■□◆▪‣>|_~#"
_SQUEEZED_OUT = re.compile(r"[\s*_|>]+")
_COLON = re.compile(r"[\s*_]{0,6}[:=]\s{0,3}|\s{1,6}-{0,2}>?\s{0,3}")
_ID_LIKE = re.compile(r"\d{5}|@|\d{2,4}[ ,.]\d{2,4}")
_HEAD = re.compile(r"^[ \t*•>-]{0,6}(?P<label>[^\n:]{2,90}?)[ \t*_]{0,4}:[ \t]*(?P<value>[^\n]*)$")

FORMER = (  # the form as release 0.1 printed it
    Form((
        "Primary customer email (SuperAdmin address)", "Service name", "Service organisation ID (ZOID or ZGID)", "User ID (ZUID)",
        "Category (technical support, payments/renewal, trial extension, store, upgrade, invoice change, commission, product management, sales)",
        "Has it happened before", "Description", "Screenshots",
    ), ("Screenshots: please attach",)),
    Form((
        "主となるお客様のメールアドレス（SuperAdmin）", "サービス名", "サービスの組織ID（ZOIDまたはZGID）", "ユーザーID（ZUID）",
        "区分（技術サポート、支払い・更新、試用期間の延長、ストア、アップグレード、請求書の変更、手数料、製品管理、営業）",
        "以前にも発生したか", "内容", "画面写真",
    ), ("画面写真：添付してください",)),
    Form((
        "Primäre E-Mail-Adresse des Kunden (SuperAdmin)", "Name des Dienstes", "Organisations-ID des Dienstes (ZOID oder ZGID)",
        "Benutzer-ID (ZUID)", "Kategorie (technischer Support, Zahlung/Verlängerung, Testverlängerung, Store, Upgrade, "
        "Rechnungsänderung, Provision, Produktmanagement, Vertrieb)",
        "Schon früher aufgetreten", "Beschreibung", "Bildschirmfotos",
    ), ("Bildschirmfotos: bitte anhängen",)),
    Form((
        "Adresse principale du client (SuperAdmin)", "Nom du service", "ID d'organisation du service (ZOID ou ZGID)", "ID utilisateur (ZUID)",
        "Catégorie (support technique, paiement/renouvellement, prolongation d'essai, boutique, mise à niveau, modification de facture, "
        "commission, gestion de produit, ventes)", "Est-ce déjà arrivé", "Description", "Captures d'écran",
    ), ("Captures d'écran : à joindre",)),
    Form((
        "Correo principal del cliente (SuperAdmin)", "Nombre del servicio", "ID de organización del servicio (ZOID o ZGID)",
        "ID de usuario (ZUID)", "Categoría (soporte técnico, pago/renovación, ampliación de prueba, tienda, mejora de plan, "
        "cambio de factura, comisión, gestión de producto, ventas)", "Ha ocurrido antes", "Descripción", "Capturas de pantalla",
    ), ("Capturas de pantalla: adjúntelas",)),
)  # fmt: skip


class Answered(NamedTuple):
    """What a quote holds of our form: `lines` that were filled in, and whether it asks for anything at all."""

    lines: tuple[str, ...]
    asked: bool


def answered(
    rows: Sequence[str], forms: Sequence[Form], support: Support, senders: Sequence[Address] = ()
) -> Answered:
    """The lines of our form that were filled in inside a reply quote. `senders`: From of the answer."""
    if not LABELS.search(fold(normal("\n".join(rows[:_LINES])))):  # most quotes name no identifier at all
        return Answered((), False)
    quote = _Quote(_known(tuple(forms)), support, frozenset(_names(senders)))
    quote.look([line(row) for row in rows[:_LINES]], None, DEPTH)
    return Answered(tuple(quote.lines), quote.asked)


def filled_in(text: str, forms: Sequence[Form]) -> bool:
    """Whether a letter of ours, copied without its head, holds an answer: it does not come back by itself then."""
    quote = _Quote(_known(tuple(forms)), Support(), frozenset())
    quote.look([line(row) for row in text.split("\n", _LINES)[:_LINES]], True, 1)
    return bool(quote.lines)


@frozen
class _Label:
    """A label of a letter, `squeezed` for finding it. `forms`: numbers of the forms that print it.

    `heading`: squeezed words it must stand behind. `told`: letters print it with a value too.
    """

    text: str
    squeezed: str
    forms: frozenset[int]
    heading: str = ""
    told: bool = False


@frozen
class _Known:
    """Everything our letters print around what they ask, squeezed."""

    labels: tuple[_Label, ...]
    printed: frozenset[str]
    sentences: tuple[str, ...]
    told: frozenset[str]  # labels that letters print with a value, too


@lru_cache(maxsize=8)
def _known(forms: tuple[Form, ...]) -> _Known:
    """`forms` and those of earlier releases, made ready."""
    every = list(dict.fromkeys((*forms, *FORMER)))
    told = {_squeezed(text) for form in every if form.heading for text in form.labels}
    labels: dict[tuple[str, str], _Label] = {}
    for number, form in sorted(enumerate(every), key=lambda pair: not pair[1].heading):
        heading = _squeezed(form.heading)
        for text in form.labels:
            key = (_squeezed(text), heading)
            known = labels.get(
                key, _Label(text, *key[:1], frozenset(), heading, not heading and key[0] in told)
            )
            labels[key] = replace(known, forms=known.forms | {number})
    return _Known(
        tuple(label for label in labels.values() if label.squeezed),
        frozenset(_row(text) for form in every for text in form.printed),
        tuple({_squeezed(text) for form in every for text in form.sentences} - {""}),
        frozenset(told),
    )


def _squeezed(text: str) -> str:
    return _SQUEEZED_OUT.sub("", fold(normal(text)))


def _row(text: str) -> str:
    """A line of a form, squeezed, without the mark of a list."""
    return _squeezed(text).lstrip(_BULLETS)


def _names(senders: Sequence[Address]) -> Iterator[str]:
    for sender in senders:
        yield from (name.casefold() for name in (sender.name, sender.address) if len(name) > 2)


@dataclass(slots=True)
class _Quote:
    """One walk over a quote: whose words each stretch is, and what of our form stands in it."""

    known: _Known
    support: Support
    partner: frozenset[str]  # names and addresses of who answers: what he wrote before is old
    lines: list[str] = field(default_factory=list)
    asked: bool = False

    def look(self, lines: Sequence[Line], ours: bool | None, depth: int) -> None:
        """One level of `>`. `ours`: whether support wrote it; None where nothing says so."""
        stretch: list[str] = []
        index, named = 0, ours
        while index < len(lines):
            one = lines[index]
            if one.quoted and depth:
                end = _quoted_end(lines, index)
                self.look([unquoted(inner) for inner in lines[index:end]], named, depth - 1)
                named, index = None, end
                continue
            author, end = self._author(lines, index)
            if end == index:
                stretch.append(one.raw)
                index += 1
                continue
            self._take(stretch, ours)
            stretch, ours, named, index = [], author, author, end
        self._take(stretch, ours)

    def _author(self, lines: Sequence[Line], index: int) -> tuple[bool | None, int]:
        """Whose mail begins here, and where its head ends; `index` itself if none begins."""
        one = lines[index]
        if one.blank:
            return None, index
        if (one.mark or one.field) and (head := forwards.head_at(lines, index)) and head.block:
            return self._is_ours(head.block.author, head.block.fields.get("from", "")), head.end
        if found := attributions.at(lines, index):
            return self._is_ours(found.author, found.text), index + found.length
        return None, index

    def _is_ours(self, author: Address, text: str) -> bool | None:
        if any(name in text.casefold() for name in self.partner):
            return False
        if author.address:
            return author.address in self.support.addresses or self.support.is_colleague(author.address)
        return True if self.support.is_named(text) else None

    def _take(self, rows: Sequence[str], ours: bool | None) -> None:
        if ours is False or not any(row.strip() for row in rows):
            return
        text = normal("\n".join(rows))
        sheet = _Sheet(text, self.known)
        if ours is None and not sheet.is_our_letter():
            return
        fields = sheet.fields()
        self.asked = self.asked or bool(fields)
        self.lines += [f"{label}: {value}" for label, value in fields if value]
        if not fields and ours:
            self._take_unknown(text)

    def _take_unknown(self, text: str) -> None:
        """A form in words no letter of ours has now: `ZOID: 600…` among lines of which some were left empty.

        Lines with a value alone are what a letter told ("What we understood: ZOID: 600…"), and are old.
        """
        for block in _blocks(text):
            told = any(_squeezed(label) in self.known.told for label, _ in block)
            if not told and any(not value for _, value in block):
                self.asked = True
                self.lines += [f"{label}: {value}" for label, value in block if value]


def _blocks(text: str) -> Iterator[list[tuple[str, str]]]:
    """Neighbouring lines that begin with the label of an identifier, as (label, value)."""
    block: list[tuple[str, str]] = []
    for row in (*text.split("\n"), "."):
        head = _HEAD.match(row[:400])
        if head and _is_label(head["label"]):
            block.append((head["label"], head["value"].strip()))
        elif row.strip() and not head:
            yield block
            block = []


def _is_label(text: str) -> bool:
    found = LABELS.search(fold(text))
    return found is not None and found.lastgroup in LABELLED


def _quoted_end(lines: Sequence[Line], index: int) -> int:
    """Behind the last line of a `>` run; blank lines between `>` lines belong to it."""
    end = index
    for at in range(index, len(lines)):
        if lines[at].quoted:
            end = at + 1
        elif not lines[at].blank:
            break
    return end


class _Field(NamedTuple):
    """A label where it stands: places in the text of its first letter and behind its colon."""

    start: int
    end: int
    label: _Label


class _Sheet:
    """A stretch of a letter with blanks, line ends and marks left out of account, since mail programs wrap."""

    def __init__(self, text: str, known: _Known) -> None:
        self.text, self.folded, self.known = text, fold(text), known
        kept = [(at, c) for at, c in enumerate(self.folded) if not (c.isspace() or c in "*_|>")]
        self.squeezed = "".join(c for _, c in kept)
        self.places = [at for at, _ in kept]

    def is_our_letter(self) -> bool:
        """Whether sentences that only our letters have stand in it."""
        return any(sentence in self.squeezed for sentence in self.known.sentences)

    def fields(self) -> list[tuple[str, str]]:
        """Every label of the form with its value, "" where it is still empty."""
        found: list[_Field] = []
        for one in sorted(self._labels(), key=lambda f: (f.start, -f.end)):
            if not found or one.start >= found[-1].end:
                found.append(one)
        following = [*found[1:], None][: len(found)]
        values = [self._value(one, below) for one, below in zip(found, following, strict=True)]
        if not self._is_form(found, values):
            return []
        # A list of what would help stands below what was understood: "Service name: Zoho CRM" is told there.
        listed = any(one.label.heading for one in found) and not self.is_our_letter()
        pairs = zip(found, values, strict=True)
        return [(one.label.text, value) for one, value in pairs if not (listed and one.label.told)]

    def _is_form(self, found: Sequence[_Field], values: Sequence[str]) -> bool:
        """Whether these are lines to fill in, and not what somebody of ours told: "Service name: Zoho CRM"."""
        if any(one.label.heading for one in found) or (found and self.is_our_letter()):
            return True
        own = [one.label for one in found if not one.label.told]
        left_empty = len(found) > 1 and not all(values)
        return bool(own) and (
            left_empty or len(found) > 2 or any(len(one.squeezed) > _TELLING for one in own)
        )

    def _labels(self) -> Iterator[_Field]:
        for label in self.known.labels:
            at = self.squeezed.find(label.heading)
            at = at + len(label.heading) if at >= 0 else -1
            seen = 0
            while at >= 0 and seen < len(label.forms) and (at := self.squeezed.find(label.squeezed, at)) >= 0:
                one = self._at(label, at)
                seen += one is not None
                if one:
                    yield one
                at += len(label.squeezed)

    def _at(self, label: _Label, at: int) -> _Field | None:
        """The label if it begins a line, and a colon or nothing of its own line follows."""
        start, end = self.places[at], self.places[at + len(label.squeezed) - 1] + 1
        head = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        if head.strip(_BULLETS):
            return None
        colon = _COLON.match(self.text, end)
        if colon and colon.group().strip(" *_\n"):
            return _Field(start, colon.end() if "\n" not in colon.group() else end, label)
        if len(label.squeezed) < _SURE or not (colon or self.text[end : end + 1] in ("", "\n")):
            return None
        return _Field(start, end, label)

    def _value(self, one: _Field, following: _Field | None) -> str:
        """What stands behind a label, as far as the next one of its form; behind the last one, one line."""
        until = following.start if following and following.label.forms & one.label.forms else None
        stretch = self.text[one.end : following.start if following else len(self.text)][:_LONGEST_VALUE]
        first, _, rest = stretch.lstrip(" \t:=").partition("\n")
        first = first.strip(" \t*_")
        if self._is_printed(f"{one.label.text}:{first}"):
            return ""
        if one.label.heading:
            return first
        if until is None:
            return first or self._below(rest)
        below = [
            row.strip(" \t>*_")
            for row in rest.split("\n")
            if row.strip(" \t>*_") and not self._is_printed(row)
        ]
        return "\n".join(part for part in (first, *below) if part)

    def _below(self, rest: str) -> str:
        """The value on the line below the last label, where it looks like one and is none of the letter's own."""
        row = next((row.strip(" \t>") for row in rest.split("\n")[:3] if row.strip()), "")
        return row if _ID_LIKE.search(row) and len(row) < 120 and not self._is_printed(row) else ""

    def _is_printed(self, row: str) -> bool:
        squeezed = _row(row)
        return squeezed in self.known.printed or any(squeezed.startswith(s) for s in self.known.sentences)
