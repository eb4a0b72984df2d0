"""Staff: the queue."""

PAGES = ()
