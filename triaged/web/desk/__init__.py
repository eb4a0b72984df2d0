"""What staff see: the queue and a ticket, to be looked at. The console's pages join them here."""

from triaged.web.desk import queue

PAGES = (*queue.PAGES,)

__all__ = ["PAGES"]
