"""Full-text search over what was said on tickets: one question for both databases, its words made by words.py.

The newest hits come first and are bounded. A partner's search goes by a word that all his texts carry, so that
another's millions of texts neither answer nor slow it; who may see a ticket is asked beside that (pages.py).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select, text
from sqlalchemy.sql.elements import TextClause

from triaged.store import words
from triaged.store.connected import Connected
from triaged.store.page_tables import said
from triaged.store.scope import Scope
from triaged.store.words import Phrase, Sought

MOST = 2000  # texts that a search looks at further, the newest
RECENT = 50_000  # texts among which a common word is met often enough
FTS5 = text(
    "SELECT rowid AS id FROM said_words WHERE said_words MATCH :sought ORDER BY rowid DESC LIMIT :most"
)
# Of all, and (`floor`) of the newest. Put in order apart from the key's index, which a rare word would have walked whole.
TSQUERY = text(
    "SELECT id FROM said WHERE found @@ to_tsquery('simple', :sought) AND id > :floor ORDER BY id + 0 DESC LIMIT :most"
)


class Searching(Connected):
    """Finds tickets by words."""

    def _found(self, connection: Connection, scope: Scope, query: str) -> list[int] | None:
        """The tickets in which the words stand, by number; None: nothing was asked. Nothing where it holds no word."""
        if not query.strip():
            return None
        asked = words.sought(query)
        if not asked:
            return []
        hits = _hits(connection, _narrowed(asked, scope))
        if not hits:
            return []
        return list(connection.scalars(of_hits(scope, hits)))


def of_hits(scope: Scope, hits: list[int]) -> Select[Any]:
    """The tickets of these texts; staff's own texts count for staff alone."""
    query = select(said.c.ticket_id).where(said.c.id.in_(hits)).distinct()
    return query if scope.is_staff else query.where(said.c.audience == "partner")


def _narrowed(asked: Sought, scope: Scope) -> Sought:
    """Only texts of the reader's partner, and of nobody's: he may have written before he was one."""
    if scope.is_staff:
        return asked
    whose = dict.fromkeys(words.of_partner(name) for name in (*scope.partners, None))
    return (tuple(Phrase((one,)) for one in whose), *asked)


def _hits(connection: Connection, asked: Sought) -> list[int]:
    if connection.dialect.name == "sqlite":
        return _ids(connection, FTS5, sought=words.for_fts5(asked))
    query = words.for_tsquery(asked)
    newest = connection.scalar(select(func.max(said.c.id))) or 0
    if newest > RECENT:
        recent = _ids(connection, TSQUERY, sought=query, floor=newest - RECENT)
        if len(recent) >= MOST:
            return recent
    return _ids(connection, TSQUERY, sought=query, floor=0)


def _ids(connection: Connection, asked: TextClause, **given: object) -> list[int]:
    return list(connection.scalars(asked, {**given, "most": MOST}))
