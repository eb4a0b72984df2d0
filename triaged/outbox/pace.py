"""As evenly as letters are made they leave: what makes them waits for a sender that is swift.

Beside a thread that computes, a sender waits for its turn at each small step of a letter and falls behind: of 8,000
mails that waited, half were judged by the time a quarter of the acknowledgments had left. With the machine to itself a
sender needs a millisecond for a letter, so that little is lost by letting it go first.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from triaged.outbox.sending import MailboxSender

_SWIFT = 0.005  # seconds a letter, of all senders together
_MOST = 0.25  # seconds
_LOOK = 0.001


def let_leave(senders: Sequence[MailboxSender], *, swift: float = _SWIFT, most: float = _MOST) -> None:
    """Wait until all letters have left, while one does every `swift` seconds, and `most` seconds in all.

    A server that is slow or away holds nothing up.
    """
    begun = since = time.monotonic()
    left = -1
    while any(sender.busy for sender in senders) and (now := time.monotonic()) - begun < most:
        if (gone := sum(sender.left for sender in senders)) != left:
            left, since = gone, now
        elif now - since > swift:
            return
        time.sleep(_LOOK)
