"""Whose mail is claimed when more waits than a batch holds: nobody's flood and no history delays anybody else.

Each mailbox has a lane of its own and an equal share of the batch; what came as history, which nobody waits for,
fills what is left. Within a lane the oldest goes first. Where all that waits fits into the batch, none of this is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from triaged.store.claims import SOUND, claim
from triaged.store.columns import Moment
from triaged.store.tables import mail

_OF_LANE = claim(
    mail, mail.c, where=(mail.c.mailbox == bindparam("lane")) & (mail.c.history == bindparam("sort")) & SOUND
)
_FULL = select(func.count()).select_from(
    select(mail.c.id)
    .where(mail.c.ready_at <= bindparam("now", type_=Moment))
    .limit(bindparam("most"))
    .subquery()
)
# Each mailbox that has waiting mail, by the oldest of it: a look into ix_mail_lane_ready a mailbox, however much waits.
_MAILBOXES = text("""
WITH RECURSIVE lane(mailbox) AS (
    SELECT min(mailbox) FROM mail WHERE ready_at IS NOT NULL
    UNION ALL
    SELECT (SELECT min(mailbox) FROM mail WHERE ready_at IS NOT NULL AND mailbox > lane.mailbox)
    FROM lane WHERE lane.mailbox IS NOT NULL
)
SELECT mailbox FROM lane WHERE mailbox IS NOT NULL ORDER BY (
    SELECT min(ready_at) FROM mail
    WHERE mail.mailbox = lane.mailbox AND history = :sort AND ready_at IS NOT NULL
)
""")


def overfull(connection: Connection, limit: int, now: datetime) -> bool:
    """Whether more mails wait than that."""
    return connection.execute(_FULL, {"now": now, "most": limit + 1}).scalar_one() > limit


def claimed(connection: Connection, taken: Mapping[str, Any], others: Collection[str]) -> Sequence[Any]:
    """Rows of mails claimed with these parameters; none of the mailboxes that are `others`'."""
    rows: list[Any] = []
    for history in ("none", "quiet"):
        if room := taken["most"] - len(rows):
            found = connection.scalars(_MAILBOXES, {"sort": history})
            mailboxes = [one for one in found if one not in others]
            rows += _shared_out(connection, {**taken, "sort": history}, mailboxes, room)
    return rows


def _shared_out(connection: Connection, taken: dict[str, Any], mailboxes: list[str], room: int) -> list[Any]:
    """The same number of each mailbox; what some have not enough for, the others may have."""
    rows: list[Any] = []
    lanes = list(mailboxes)
    while lanes and (left := room - len(rows)) > 0:
        share = -(-left // len(lanes))
        for lane in tuple(lanes):
            most = min(share, room - len(rows))
            found = connection.execute(_OF_LANE, {**taken, "lane": lane, "most": most}).all() if most else []
            rows += found
            if len(found) < most or not most:
                lanes.remove(lane)
    return rows
