"""What the database counted of itself (tally_tables.py), summed up."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, delete, func, insert, select

from triaged.store.connected import Connected
from triaged.store.tally_tables import tally

MANY = 500  # rows from which on they are made few


class Tallies(Connected):
    """Keeps the tally short."""

    def add_up(self) -> int:
        """Make one row a word of many; how many there were. 0: there were few."""
        with self._reading() as connection:
            if (connection.scalar(select(func.count()).select_from(tally)) or 0) < MANY:
                return 0
        sums: Counter[tuple[str, str]] = Counter()
        with self._writing() as connection:
            # What is deleted is what is added up, whoever else adds rows or adds up just now.
            rows = connection.execute(delete(tally).returning(tally.c.of, tally.c.word, tally.c.number)).all()
            for of, word, number in rows:
                sums[of, word] += number
            left = [
                {"of": of, "word": word, "number": number} for (of, word), number in sums.items() if number
            ]
            if left:
                connection.execute(insert(tally), left)
        return len(rows)


def numbers(connection: Connection, of: str) -> dict[str, int]:
    """How many rows of a table there are by word, without those of which there are none."""
    query = select(tally.c.word, func.sum(tally.c.number)).where(tally.c.of == of).group_by(tally.c.word)
    return {word: int(number) for word, number in connection.execute(query) if number}
