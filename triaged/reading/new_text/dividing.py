"""One pass over a body: which lines are the sender's, which a quote, which a forward.

Contract: `Division` goes through the lines once, top to bottom, and never looks further than a few lines
ahead, so that 200 KB of hostile text cost no more than 200 KB of prose. Four things end or interrupt
plain words: a reply-above line, the head of an enclosed mail (forwards.py), an attribution
(attributions.py), and `>` lines. What follows an attribution with `>` is a quote only as far as the `>`
go, so that inline answers and bottom posts stay. A forward is divided the same way, since reply quotes
inside it are no part of it. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from triaged.reading.new_text import attributions, foreign_blocks, forwards
from triaged.reading.new_text.pieces import Piece, PieceKind
from triaged.reading.new_text.separators import Line, line, rows_of, subject_kind, unquoted
from triaged.reading.new_text.support import Support
from triaged.reading.values import Address

if TYPE_CHECKING:
    from triaged.reading.mime.message import Message

LINES: Final = 3_000  # lines understood one by one; what follows stays with the last of them
DEPTH: Final = 6  # forwards in `>` in forwards in `>` …, attached mails in attached mails
_ATTACHED: Final = 20  # attached mails read as forwards
_WRAP: Final = 72  # the column where mail programs wrap
_BLANKS = re.compile(r"\n{4,}")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class Division:
    """One pass over a body. Holds what has been seen; every method takes lines and gives the next index."""

    def __init__(self, support: Support, subject: str) -> None:
        self.support = support
        self.subject = subject  # kind of the subject of the mail we are in
        self.words: PieceKind = "own"  # what plain lines are just now
        self.pieces: list[Piece] = []
        self.authors: list[Address] = []
        self.replied = False
        self.empty = True  # nothing seen yet

    def read(self, text: str) -> None:
        """The whole body: the first LINES lines one by one, the rest goes with the last of them."""
        if not text.isascii() or any(sign in text for sign in "\r\x0b\x0c"):
            text = _BREAKS.sub("\n", text)
        if "\n\n\n\n" in text:
            text = _BLANKS.sub("\n\n\n", text)
        rows = text.split("\n", LINES)
        rest = rows.pop() if len(rows) > LINES else ""
        self.divide([line(one) for row in rows for one in rows_of(row)], DEPTH)
        if rest:
            self._add(self.pieces[-1].kind if self.pieces else "own", rest.split("\n"))

    def divide(self, lines: Sequence[Line], depth: int) -> None:
        """One mail's lines, at one level of `>`."""
        index = above = 0
        while index < len(lines):
            end = self._enclosed(lines, above, index, depth)
            if end == index:
                self._add(self.words, [lines[index].raw])
                end = index + 1
            else:
                above = end
            index = end

    def _enclosed(self, lines: Sequence[Line], above: int, index: int, depth: int) -> int:
        """The index behind what begins at `index` and is not plain words; `index` itself if it is."""
        one = lines[index]
        if one.blank:
            return index
        if one.quoted:
            return self._quote(lines, above, index, depth)
        if one.mark == "reply_above":
            return self._reply_above(lines, index)
        if one.mark == "forward_end":
            return self._forward_end(lines, index)
        if head := self._head_at(lines, index):
            return self._head(lines, above, index, head, depth)
        if found := attributions.at(lines, index):
            return self._attributed(lines, index, found, depth)
        return index

    def _head_at(self, lines: Sequence[Line], index: int) -> forwards.Head | None:
        """The head of an enclosed mail, by the words of a language we know, else by the shape of a block."""
        one = lines[index]
        head = forwards.head_at(lines, index) if one.mark or one.field else None
        if head is None and foreign_blocks.may_begin(one):
            block = foreign_blocks.block_at(lines, index, self.support)
            head = forwards.Head(block.end, "", block) if block else None
        return head

    def _head(self, lines: Sequence[Line], above: int, index: int, head: forwards.Head, depth: int) -> int:
        own = lines[above:index][-12:] if self.words == "own" else ()
        if not forwards.is_forward(head, self.subject, own, self.support, first=self.empty):
            if self.empty and not self.subject and not head.mark:  # a memo: "From: … To: … Subject: …" on top
                self._add(self.words, [one.raw for one in lines[index : head.end]])
                return head.end
            if self.empty and self._answered_below(lines, head.end):
                return self._take_quote(lines, index, head.end)
            return self._cut_rest(lines, index)
        self._begin_forward(lines[index : head.end], head.block)
        below = _next_seen(lines, head.end)
        if below < len(lines) and lines[below].quoted and depth and self._is_body(lines, below, head):
            return self._quoted_forward(lines, below, depth)
        return head.end

    def _is_body(self, lines: Sequence[Line], below: int, head: forwards.Head) -> bool:
        """`>` lines under a forward's head are the mail itself (Proton), unless words follow that answer them."""
        return head.block is None or all(one.blank for one in lines[_quote_end(lines, below) :])

    def _answered_below(self, lines: Sequence[Line], start: int) -> bool:
        """A block on top with the sender's own words under it, which he signs; else it is all of the quote."""
        end = start
        while end < len(lines) and not (lines[end].quoted or lines[end].mark in ("original", "forward")):
            if end > start and self._head_at(lines, end):
                break
            end += 1
        return self.support.is_signed_by_sender([one.text for one in lines[start:end]])

    def _begin_forward(self, head: Sequence[Line], block: forwards.Block | None) -> None:
        self._add("head", [one.raw for one in head])
        if block and block.author.address:
            self.authors.append(block.author)
        self.words, self.subject = "forwarded", forwards.kind_of(block)

    def _quoted_forward(self, lines: Sequence[Line], index: int, depth: int) -> int:
        """A forward whose every line carries `>`: read one level in, then the sender's words go on."""
        end = _quote_end(lines, index)
        inner = [unquoted(one) for one in lines[index:end]]
        words, subject = self.words, self.subject
        start = _next_seen(inner, 0)
        self.words = "forwarded"
        if start < len(inner) and (block := forwards.block_at(inner, start, marked=True)):
            if forwards.is_ours(block, self.support):
                self.words, self.subject = "own", subject
                return self._take_quote(lines, index, end)
            self._begin_forward(inner[start : block.end], block)
            inner = inner[block.end :]
        self.divide(inner, depth - 1)
        self.words, self.subject = "own" if words == "forwarded" else words, subject
        return end

    def _quote(self, lines: Sequence[Line], above: int, index: int, depth: int) -> int:
        """`>` lines under no attribution: a forward by its mark or by the subject, else a quote."""
        end = _quote_end(lines, index)
        inner = unquoted(lines[index])
        if self.subject != "reply" and depth and (self.subject == "forward" or inner.mark == "forward"):
            return self._forward_in_quote(lines, index, end, depth)
        if self._own_marks(lines, above, index, end):
            self._add(self.words, [one.raw for one in lines[index:end]])
            return end
        return self._take_quote(lines, index, end)

    def _forward_in_quote(self, lines: Sequence[Line], index: int, end: int, depth: int) -> int:
        inner = [unquoted(one) for one in lines[index:end]]
        inner = inner[_next_seen(inner, 0) :]
        if not inner:
            return self._take_quote(lines, index, end)
        head = forwards.head_at(inner, 0)
        if head and not forwards.is_forward(head, self.subject, (), self.support):
            return self._take_quote(lines, index, end)
        words, subject = self.words, self.subject
        found = None if head else attributions.at(inner, 0)
        if found and not self._forwards_by_subject(found):
            return self._take_quote(lines, index, end)
        behind = self._attributed(inner, 0, found, depth - 1) if found else 0
        self.words = "forwarded"
        self.divide(inner[behind:], depth - 1)
        self.words, self.subject = words, "" if words == "own" else subject
        return end

    def _own_marks(self, lines: Sequence[Line], above: int, index: int, end: int) -> bool:
        """`>` that quotes no mail: a menu path, or words the sender relays after a colon."""
        if self.words != "own":
            return False
        if end - index == 1 and " > " in lines[index].text[1:] and self.subject != "reply":
            return True
        before = [one.text for one in lines[above:index][-3:] if not one.blank]
        relayed = bool(before) and before[-1][-1] in ":：" and not attributions.quotes_us(before[-1])
        return self.subject == "" and not self.replied and relayed

    def _attributed(
        self, lines: Sequence[Line], index: int, found: attributions.Attribution, depth: int
    ) -> int:
        below = _next_seen(lines, index + found.length)
        quoted = below < len(lines) and lines[below].quoted
        if self._forwards_by_subject(found):
            self._begin_forward(lines[index : index + found.length], None)
            self.authors.extend([found.author] if found.author.address else [])
            return self._quoted_forward(lines, below, depth) if quoted and depth else index + found.length
        if not quoted:
            return self._cut_rest(lines, index)
        end = _quote_end(lines, below)
        return self._take_quote(lines, index, end)

    def _forwards_by_subject(self, found: attributions.Attribution) -> bool:
        """A FW subject over `X wrote:`: a forward by a client that has no forward mark."""
        return self.subject == "forward" and self.words == "own" and not self.support.is_named(found.text)

    def _reply_above(self, lines: Sequence[Line], index: int) -> int:
        """What stands under `reply above this line` is quoted; a desk's line at the very top is only a line."""
        if any(not one.blank for one in lines[:index]):
            return self._cut_rest(lines, index)
        self._add("quote", [lines[index].raw])
        return index + 1

    def _forward_end(self, lines: Sequence[Line], index: int) -> int:
        self._add("head", [lines[index].raw])
        self.words, self.subject = "own", ""
        return index + 1

    def _take_quote(self, lines: Sequence[Line], index: int, end: int) -> int:
        self.replied = True
        self._add("quote", [one.raw for one in lines[index:end]], marked=True)
        return end

    def _cut_rest(self, lines: Sequence[Line], index: int) -> int:
        self.replied = True
        self._add("quote", [one.raw for one in lines[index:]])
        return len(lines)

    def _add(self, kind: PieceKind, rows: Sequence[str], marked: bool = False) -> None:
        self.pieces.append(Piece(kind, tuple(rows), marked))
        self.empty = self.empty and not any(row.strip() for row in rows[:4])

    def attach(self, attached: Sequence[Message], depth: int) -> None:
        """Mails attached as message/rfc822: forwards, unless from or to support."""
        for mail in attached[:_ATTACHED] if depth else ():
            shown = forwards.block_of(mail)
            if forwards.is_ours(shown, self.support):
                self._add("quote", [mail.text])
                continue
            inner = Division(self.support, subject_kind(mail.subject))
            inner.words = "forwarded"
            inner.authors.extend([shown.author] if shown.author.address else [])
            inner._add("head", ["", *forwards.head_lines(mail)])
            inner.read(mail.text)
            inner.attach(mail.attached, depth - 1)
            self.pieces.extend(inner.pieces)
            self.authors.extend(inner.authors)


def _next_seen(lines: Sequence[Line], index: int) -> int:
    while index < len(lines) and lines[index].blank:
        index += 1
    return index


def _quote_end(lines: Sequence[Line], index: int) -> int:
    """Behind the last line of a `>` run: blank lines between `>` lines and wrapped ends belong to it."""
    while index < len(lines):
        if lines[index].quoted or _wrapped(lines, index):
            index += 1
            continue
        below = _next_seen(lines, index)
        if below == index or below >= len(lines) or not lines[below].quoted:
            return index
        index = below
    return index


def _wrapped(lines: Sequence[Line], index: int) -> bool:
    """A line that lost its `>` when a mail program wrapped the one above: small letter, full line above."""
    above, text = lines[index - 1].text, lines[index].text
    if not lines[index - 1].quoted or not text or not text[0].islower() or above[-1] in ":?":
        return False
    return len(above) + len(text.split(None, 1)[0]) >= _WRAP
