"""What is new in a body: the sender's own words plus what is forwarded; reply quotes and signatures apart.

Contract: `cut` never raises, is linear, and loses nothing: what the identifier finder must not read
(quotes, signatures) is given apart, never thrown away. What counts as new is the design page's
`new_text`; dividing.py finds the parts, signatures.py takes off who signs. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from triaged.reading.answers.filled_in import answered
from triaged.reading.new_text import forwards, signatures
from triaged.reading.new_text.dividing import DEPTH, Division
from triaged.reading.new_text.pieces import Piece, joined
from triaged.reading.new_text.separators import subject_kind
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address, Form, NewText

if TYPE_CHECKING:
    from triaged.reading.mime.message import Message


def cut(
    text: str,
    *,
    subject: str = "",
    attached: Sequence[Message] = (),
    support_addresses: frozenset[str] = frozenset(),
    senders: Sequence[Address] = (),
    forms: Sequence[Form] = (),
) -> NewText:
    """Cut a body up. `forms`: what our letters ask, to know it when it comes back filled in.

    `senders` (the From addresses), if given, help to know a signature without a mark, and a mail that
    support's colleagues wrote to the sender, which is a reply quote like support's own.
    """
    support = Support(
        support_addresses,
        frozenset(a.domain for a in senders if a.domain),
        frozenset(word for a in senders for word in _name_words(a)),
    )
    divided = Division(support, subject_kind(subject))
    divided.read(text)
    divided.attach(attached, DEPTH)
    return _assemble(divided, senders, forms)


def runs(text: str, *, subject: str = "", support_addresses: frozenset[str] = frozenset()) -> list[Piece]:
    """The runs of a body in order, signatures still in them."""
    divided = Division(Support(support_addresses), subject_kind(subject))
    divided.read(text)
    return joined(divided.pieces)


def _assemble(divided: Division, senders: Sequence[Address], forms: Sequence[Form]) -> NewText:
    found = joined(divided.pieces)
    new: list[str] = []
    asked = False
    by_kind: dict[str, list[str]] = {"own": [], "forwarded": [], "quote": [], "signature": []}
    for piece in found:
        if piece.kind in ("own", "forwarded"):
            kept, signature = signatures.split(piece.lines, senders if piece.kind == "own" else ())
            by_kind["signature"] += ["\n".join(signature)] if signature else []
            by_kind[piece.kind].append("\n".join(kept))
            new.append("\n".join(kept))
        else:
            by_kind["quote" if piece.kind == "quote" else "forwarded"].append(_shown(piece))
            new += [piece.text] if piece.kind == "head" else []
        if piece.kind == "quote":
            answer = answered(piece.lines, forms, divided.support, senders)
            asked = asked or answer.asked
            by_kind["own"].append("\n".join(answer.lines))
            new.append("\n".join(answer.lines))
    return NewText(
        new=_tidy(new),
        own=_tidy(by_kind["own"]),
        forwarded=_tidy(by_kind["forwarded"]),
        quoted=_tidy(by_kind["quote"]),
        signature=_tidy(by_kind["signature"]),
        forward_authors=tuple(dict.fromkeys(divided.authors)),
        is_forward=any(piece.kind in ("head", "forwarded") for piece in found),
        is_reply=divided.replied,
        asked=asked,
        inline=_answers(found),
    )


def _shown(piece: Piece) -> str:
    """Of a forward's head only the subject is text to search; its people stand in `forward_authors`."""
    if piece.kind == "quote":
        return piece.text
    return "\n".join(forwards.subject_rows(piece.lines))


def _name_words(person: Address) -> list[str]:
    """The words of a person's name, and of his address before the `@`."""
    return re.findall(r"[^\W\d_]{3,}", f"{person.name} {person.address.partition('@')[0]}".casefold())


def _answers(pieces: Sequence[Piece]) -> tuple[tuple[str, str], ...]:
    """Inline answers: the last line of a `>` quote and what the sender wrote under it."""
    found = []
    for quote, answer in pairwise(pieces):
        if quote.kind == "quote" and quote.marked and answer.kind == "own":
            asked = next((row for row in reversed(quote.lines) if row.strip(" >\t")), "")
            said = "\n".join(signatures.split(answer.lines).kept).strip()
            found.append((asked.strip(" >\t"), said))
    return tuple(found)


def _tidy(parts: Sequence[str]) -> str:
    """Parts one under the other; blanks at line ends and at both ends taken off."""
    text = "\n\n".join(stripped for part in parts if (stripped := part.strip("\n").rstrip()))
    return "\n".join(row.rstrip() for row in text.split("\n")).strip()
