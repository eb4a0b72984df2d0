"""PURE: what we write. Templates come from the rulebook, Jinja2 in a sandbox."""
