"""PostgreSQL's newest texts that hold some words: by its index of words, or by looking at the newest texts themselves.

That index (GIN) has no order: it gathers every text of a word before the newest are taken, and for a beginning every
text of every word that begins so, whoever's they are. So it is asked where it gathers few, as the planner estimates
from its statistics; else the newest texts of whom the question is about are looked at, of which many hold such words.
Both ways find the same; only how long they take differs, and an estimate that is wrong costs time alone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, String, bindparam, text
from sqlalchemy.sql.elements import TextClause

from triaged.frozen import frozen
from triaged.store import words
from triaged.store.page_tables import WHOSE
from triaged.store.words import Phrase, Sought

FEW = 10_000  # postings that the index may gather without any being looked at first
SLICE = 2000  # texts that are looked at first
_DEAR = 8  # postings that are gathered in the time in which a text is looked at: 1 and 2 to 10 microseconds of CPU
_WIDER = 8  # times, where a span of texts held too few

_NEWEST = """
SELECT count(*) AS looked, min(id) AS down_to,
    json_agg(id ORDER BY id DESC) FILTER (WHERE found @@ (SELECT to_tsquery('simple', :sought))) AS hits
FROM ({texts} LIMIT :most) AS newest
"""
_ALL = text(_NEWEST.format(texts="SELECT id, found FROM said WHERE id < :below ORDER BY id DESC"))
# A span of the index of whose the texts are: an equality would let the planner walk everybody's.
_HIS = text(
    _NEWEST.format(
        texts=f"SELECT id, found FROM said WHERE audience = 'partner' AND words <> ''"
        f" AND ({WHOSE}, id) < (:whose, :below) AND ({WHOSE}, id) > (:whose, 0) ORDER BY {WHOSE} DESC, id DESC"
    )
)


def _spelt_out(statement: str) -> TextClause:
    """With its words in the statement itself, so that the planner knows them however often it was asked."""
    return text(statement).bindparams(bindparam("sought", type_=String(), literal_execute=True))


EXPECTED = _spelt_out("EXPLAIN (FORMAT JSON) SELECT FROM said WHERE found @@ to_tsquery('simple', :sought)")
# Put in order apart from the key's index, which a rare word would have walked whole.
TSQUERY = _spelt_out(
    "SELECT id FROM said WHERE found @@ to_tsquery('simple', :sought) AND id > :floor ORDER BY id + 0 DESC LIMIT :most"
)


@frozen
class Looked:
    """What was looked at, from the newest text down to a number; `whole`: there is no older one."""

    texts: int
    down_to: int
    hits: tuple[int, ...] = ()
    whole: bool = False

    def goes_on(self, gathered: int, most: int) -> bool:
        """Whether looking on is likely to find so many sooner than the index gathers its postings."""
        if self.whole or len(self.hits) >= most:
            return False
        return bool(self.hits) and self.lacking(most) * _DEAR <= gathered

    def lacking(self, most: int) -> int:
        """How many texts more are likely to hold the hits that lack, and a tenth more."""
        return 11 * self.texts * (most - len(self.hits)) // (10 * len(self.hits)) + 1


def gathered(connection: Connection, asked: Sought) -> int:
    """The postings that the index is likely to gather: all of each beginning, and of the whole words the fewest."""
    expected = [(any(one.goes_on for one in either), _expected(connection, either)) for either in asked]
    beginnings = sum(number for goes_on, number in expected if goes_on)
    return beginnings + min((number for goes_on, number in expected if not goes_on), default=0)


def newest(connection: Connection, asked: Sought, whose: str, postings: int, most: int) -> list[int]:
    """The texts, newest first, at most so many. `whose`: the word of whose they are, empty for everybody's."""
    if postings <= FEW:
        return _by_index(connection, asked, whose, 0, most)
    top = _top(connection)
    looked = _look(connection, asked, whose, Looked(0, top + 1), SLICE)
    while looked.goes_on(postings, most):
        looked = _look(connection, asked, whose, looked, looked.lacking(most))
    if looked.whole or len(looked.hits) >= most:
        return list(looked.hits[:most])
    span = (top + 1 - looked.down_to) * 2 * most // max(1, len(looked.hits))
    if not whose:  # of everybody's texts it is known how many hold what was common once
        span = min(span, top * FEW // postings)
    span = max(span, SLICE)
    while span < top:
        hits = _by_index(connection, asked, whose, top - span, most)
        if len(hits) >= most:
            return hits
        span *= _WIDER
    return _by_index(connection, asked, whose, 0, most)


def _top(connection: Connection) -> int:
    return connection.scalar(text("SELECT max(id) FROM said")) or 0


def _look(connection: Connection, asked: Sought, whose: str, before: Looked, most: int) -> Looked:
    """So many texts more, behind those that were looked at."""
    given: dict[str, Any] = {"sought": words.for_tsquery(asked), "below": before.down_to, "most": most}
    row = (
        connection.execute(_HIS, given | {"whose": whose}).one()
        if whose
        else connection.execute(_ALL, given).one()
    )
    hits = before.hits + tuple(row.hits or ())
    return Looked(before.texts + row.looked, row.down_to or 0, hits, whole=row.looked < most)


def _by_index(connection: Connection, asked: Sought, whose: str, floor: int, most: int) -> list[int]:
    sought = words.for_tsquery(words.narrowed(asked, whose))
    given = {"sought": sought, "floor": floor, "most": most}
    return list(connection.scalars(TSQUERY, given).all())


def _expected(connection: Connection, either: tuple[Phrase, ...]) -> int:
    (row,) = connection.execute(EXPECTED, {"sought": words.for_tsquery((either,))})
    return int(row[0][0]["Plan"]["Plan Rows"])
