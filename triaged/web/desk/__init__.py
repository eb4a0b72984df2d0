"""Staff: the queue."""
PAGES = ()
