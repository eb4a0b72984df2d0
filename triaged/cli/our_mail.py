"""`triaged check --connect`: whether other servers can believe mail from our own addresses, as far as it shows here.

We ask no DNS, so what SPF, DKIM and DMARC say of us is not looked up. What the store has is truthful all the same: what our
mail server said of letters of ours that came back to one of our mailboxes (by the outbox's Message-IDs, so that what is
merely forged in our name does not count), and why other servers refused letters.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from triaged.cli import output

if TYPE_CHECKING:
    from triaged.config.config import Config
    from triaged.store.mail import CameBack
    from triaged.store.rows import FailedAddress

LATELY = timedelta(days=30)
_REMEDY = (
    "look at the domain's SPF (does it name the server that sends?), at DKIM (does that server sign for the domain of "
    "From?) and at DMARC"
)
# RFC 7372's codes for what authentication failed by, or the names themselves
_OF_AUTHENTICATION = re.compile(r"(?<![\d.])[45]\.7\.2[0-6](?![\d.])|\b(?:SPF|DKIM|DMARC)\b", re.IGNORECASE)


def warnings(config: Config, now: datetime) -> list[str]:
    """What is known of our own mail of the last 30 days that nobody should overlook."""
    from triaged.store import open_store

    since = now - LATELY
    store = open_store.open_store(config)
    try:
        came = store.came_back([one.address for one in config.mailboxes], since)
        refused = store.refusals(since)
    finally:
        store.close()
    return [*of_what_came_back(came), *of_refusals(refused)]


def of_what_came_back(came: Iterable[CameBack]) -> Iterator[str]:
    """One line for each address of ours whose letters our own mail server did not believe."""
    by_address: dict[str, list[CameBack]] = defaultdict(list)
    for one in came:
        by_address[one.address].append(one)
    for address, those in sorted(by_address.items()):
        failed = [one for one in those if one.result == "fail"]
        if failed:
            last = max(failed, key=lambda one: one.at)
            yield (
                f"mail from our own {address} failed authentication at our mail server on {output.when(last.at)} UTC "
                f"({len(failed)} of {len(those)} letters that came back in 30 days): {last.why[:200]}; {_REMEDY}"
            )


def of_refusals(refused: Sequence[FailedAddress]) -> Iterator[str]:
    """One line for all that other servers refused for that."""
    found = [one for one in refused if _OF_AUTHENTICATION.search(one.why)]
    if found:
        last = max(found, key=lambda one: one.at)
        letters = "a letter of ours was" if len(found) == 1 else f"{len(found)} letters of ours were"
        yield (
            f"{letters} refused in 30 days since SPF, DKIM or DMARC failed, last on {output.when(last.at)} UTC for "
            f"{last.address}: {last.why[:200]}; {_REMEDY}"
        )
