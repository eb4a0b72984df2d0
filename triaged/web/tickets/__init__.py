"""My tickets: what partners see and do."""

PAGES = ()
