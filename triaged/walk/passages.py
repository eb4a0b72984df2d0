"""Passages of a ticket's conversation: what of it somebody marks, to split it off. Only the partner's side's own words count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.store.page_rows import Contribution, TicketPage

LONGEST = 20_000  # characters of all passages together
_MOST = 200  # paragraphs of a conversation that are offered
_BETWEEN = re.compile(r"\n[ \t]*\n")


@frozen
class Paragraph:
    """A paragraph that can be marked. `key`: by which a form names it."""

    key: str
    text: str


def paragraphs(page: TicketPage) -> tuple[Paragraph, ...]:
    """Every paragraph that the partner's side wrote, oldest first."""
    return tuple(
        Paragraph(f"{one.what}-{one.number}-{at}", text.strip())
        for one in _theirs(page)
        for at, text in enumerate(_BETWEEN.split(one.text or ""))
        if text.strip()
    )[:_MOST]


def must_stand(passage: str, page: TicketPage | None) -> None:
    """Raises Faulty unless every paragraph of the passage stands in what the partner's side wrote on this ticket."""
    if len(passage) > LONGEST:
        raise Faulty(f"{LONGEST:,} characters can be split off")
    said = [_flat(one.text or "") for one in _theirs(page)] if page else []
    if any(_flat(passage) in text for text in said):
        return
    for piece in _BETWEEN.split(passage):
        if not any(_flat(piece) in text for text in said):
            raise Faulty(f"“{_flat(piece)[:60]}” stands in no mail of the partner's on this ticket")


def _theirs(page: TicketPage) -> Iterator[Contribution]:
    return (one for one in page.said if not one.ours and one.audience == "partner")


def _flat(text: str) -> str:
    return " ".join(text.split())
