"""Full-text search over what was said on tickets: one question for both databases, its words made by words.py.

The newest hits come first and are bounded. A partner's search goes by a word that all his texts carry, so that
another's millions of texts neither answer nor slow it; who may see a ticket is asked beside that (pages.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from triaged.frozen import frozen
from triaged.store import newest, words
from triaged.store.columns import address_key
from triaged.store.connected import Connected
from triaged.store.listed import among, spelt
from triaged.store.newcomers import reads
from triaged.store.page_tables import said
from triaged.store.scope import SEES, Scope
from triaged.store.tables import letter, mail, person
from triaged.store.words import Phrase, Sought

MOST_TERMS = 200  # words that a beginning may stand for, to be asked for one by one
MOST = 1000  # texts that a search looks at further, the newest
OWN_TEXTS = 3000  # of them, the newest
OWN = 300  # tickets of one person, the newest, whose texts are looked at by themselves
FTS5 = text(
    "SELECT rowid AS id FROM said_words WHERE said_words MATCH :sought ORDER BY rowid DESC LIMIT :most"
)
FTS5_AMONG = text(
    "SELECT rowid AS id FROM said_words WHERE said_words MATCH :sought"
    " AND rowid IN (SELECT value FROM json_each(:ids)) ORDER BY rowid DESC LIMIT :most"
)
TSQUERY_AMONG = text(
    "SELECT id FROM said WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(:ids AS json)))"
    " AND found @@ to_tsquery('simple', :sought) ORDER BY id DESC LIMIT :most"
)
# The different words of a span, each by one step: what is found is not counted.
TERMS = text("""
WITH RECURSIVE found(term, step) AS (
    SELECT (SELECT term FROM said_terms WHERE term >= :begin LIMIT 1), 1
    UNION ALL
    SELECT (SELECT term FROM said_terms WHERE term >= found.term || ' ' LIMIT 1), step + 1
    FROM found WHERE found.term < :end AND step < :most
)
SELECT term FROM found WHERE term < :end
""")


@frozen
class Found:
    """The tickets in which words stand, by number; `more`: only the newest texts that hold them were looked at further."""

    tickets: tuple[int, ...] = ()
    more: bool = False


class Searching(Connected):
    """Finds tickets by words."""

    def _found(self, connection: Connection, scope: Scope, query: str) -> Found | None:
        """None: nothing was asked. Nothing where it holds no word."""
        if not query.strip():
            return None
        asked = words.sought(query)
        hits, more = _hits(connection, scope, asked) if asked else ([], False)
        tickets = connection.scalars(of_hits(scope, hits)).all() if hits else ()
        return Found(tuple(dict.fromkeys(tickets)), more)


def of_hits(scope: Scope, hits: list[int]) -> Select[Any]:
    """The tickets of these texts; staff's own texts count for staff alone."""
    query = select(said.c.ticket_id).where(among(said.c.id, hits))
    if scope.is_staff:
        return query
    query = query.join(mail, mail.c.id == said.c.mail_id, isouter=True)
    query = query.join(letter, letter.c.id == said.c.letter_id, isouter=True)
    at = func.coalesce(mail.c.received_at, letter.c.written_at)
    return query.where(said.c.audience == "partner", *reads(scope, said.c.ticket_id, at))


def _hits(connection: Connection, scope: Scope, asked: Sought) -> tuple[list[int], bool]:
    """The newest texts, and whether there may be more.

    Only texts of the reader's partner, and of nobody's: he may have written before he was one. These are apart, that
    they do not keep his own out.
    """
    own = dict.fromkeys(map(words.of_partner, scope.partners))
    readers = ([""],) if scope.is_staff else (list(own), [words.of_partner(None)])
    find = _finder(connection, asked)
    hits: list[int] = []
    more = False
    for names in readers:
        its = sorted((one for whose in names for one in find(whose)), reverse=True)
        hits += its[:MOST]
        more = more or len(its) >= MOST
    if more and scope.who == "person":
        return _own(connection, scope, asked)
    return hits, more


def _own(connection: Connection, scope: Scope, asked: Sought) -> tuple[list[int], bool]:
    """The same among the texts of a person's own tickets: his colleagues' newer ones would keep his old ones out."""
    stands = (person.c.address == address_key(scope.address), person.c.role.in_(SEES))
    his = select(person.c.ticket_id).where(*stands).order_by(person.c.ticket_id.desc()).limit(OWN + 1)
    tickets = connection.scalars(his).all()
    texts = select(said.c.id).where(among(said.c.ticket_id, tickets[:OWN]), said.c.audience == "partner")
    ids = spelt(connection.scalars(texts.order_by(said.c.id.desc()).limit(OWN_TEXTS)))
    if connection.dialect.name != "sqlite":
        query, sought = TSQUERY_AMONG, words.for_tsquery(asked)
    else:
        query, sought = FTS5_AMONG, words.for_fts5(_whole(connection, asked))
    given = {"ids": ids, "sought": sought, "most": MOST}
    hits = list(connection.scalars(query, given)) if sought else []
    return hits, len(tickets) > OWN or len(hits) >= MOST


def _finder(connection: Connection, asked: Sought) -> Callable[[str], list[int]]:
    """What finds the newest texts that carry a word of a partner's; of everybody's where none is given."""
    if connection.dialect.name != "sqlite":
        postings = newest.gathered(connection, asked)
        return lambda whose: newest.newest(connection, asked, whose, postings, MOST)
    whole = _whole(connection, asked)
    return lambda whose: _by_fts5(connection, words.narrowed(whole, whose)) if whole else []


def _by_fts5(connection: Connection, asked: Sought) -> list[int]:
    return list(connection.scalars(FTS5, {"sought": words.for_fts5(asked), "most": MOST}).all())


def _whole(connection: Connection, asked: Sought) -> Sought:
    """The same in whole words that there are; empty where one of them is nowhere."""
    whole = tuple(tuple(_ended(connection, either)) for either in asked)
    return whole if all(whole) else ()


def _ended(connection: Connection, either: tuple[Phrase, ...]) -> Iterator[Phrase]:
    """Phrases whose last word may go on, as phrases of the whole words that there are; none: nothing begins so.

    FTS5 reads the texts of whole words from the newest on, and only as many as are wanted; of a beginning it gathers
    all. Where too many words begin so, it does.
    """
    for phrase in either:
        *before, last = phrase.words
        asked = {"begin": last, "end": f"{last}~", "most": MOST_TERMS + 1}
        found = list(connection.scalars(TERMS, asked)) if phrase.goes_on else [last]
        if len(found) > MOST_TERMS:
            yield phrase
            continue
        for term in found:
            yield Phrase((*before, term))
