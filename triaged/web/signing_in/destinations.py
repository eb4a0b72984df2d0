"""Where somebody may be sent after signing in: to paths of our own and nowhere else (open redirects, P8). PURE."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_OWN = re.compile(r"/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@/%?\[\] -]{0,400}")


def own_path(given: str) -> str:
    """The path, if it is one of ours; else nothing. What a browser would take for another host is none."""
    undone = unquote(given)
    harmless = "\\" not in undone and not undone.startswith("//") and undone.isprintable()
    if not (_OWN.fullmatch(given) and harmless) or given.startswith(("/sign-in", "/sign-out")):
        return ""
    return quote(given, safe="/?&=%:@,;+!$'()*~[]")
