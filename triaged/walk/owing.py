"""Staff hear of mail that a server does not give: once per mail, by letter (promise 8).

The gauge `triaged_owed_mails` says it too, and falls again when they come; then their tickets speak for
them, and no letter does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from triaged.config.config import Mailbox
from triaged.intake.folder import BROKE_OFF
from triaged.letters import desk_letters
from triaged.store.rows import OwedMail
from triaged.walk.house import House
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan, some

_HOUR = timedelta(hours=1)
LETTERS_AN_HOUR = 5  # of one mailbox: an outage of hours must not become hundreds of letters
_LISTED = 100


def tell(house: House, mailbox: Mailbox, owed: Sequence[OwedMail], now: datetime) -> None:
    """Write one letter about everything owed to the mailbox of which staff do not know yet. Raises Unavailable."""
    untold = [one for one in owed if one.told_at is None and _tells(one)][:_LISTED]
    lately = {one.told_at for one in owed if one.told_at is not None and now - one.told_at < _HOUR}
    if not untold or len(lately) >= LETTERS_AN_HOUR:
        return
    knowledge = house.knowledge
    writer = knowledge.writer(mailbox.name, now)
    key = f"owed@{untold[0].uidvalidity}.{untold[0].uid}@{now:%Y%m%dT%H%M%S}"
    letter = desk_letters.mail_owed(writer, [_line(one) for one in untold], key)
    with house.store.transaction() as tx:
        Pen(tx, knowledge, house.secret, now).write(Plan(letters=some([letter]), owed=tuple(untold)))


def _tells(one: OwedMail) -> bool:
    """A connection that breaks once may break about anything; the second time, it is about the mail."""
    return one.failures > 1 or not one.error.startswith(BROKE_OFF)


def _line(one: OwedMail) -> str:
    size = f", {one.size} bytes" if one.size is not None else ""
    arrived = f", arrived {one.received_at:%Y-%m-%d %H:%M %Z}" if one.received_at else ""
    return f"{one.folder} uid {one.uid} (UIDVALIDITY {one.uidvalidity}{size}{arrived}): {one.error}"
