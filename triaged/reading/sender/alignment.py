"""Whether a DMARC result speaks for a domain. PURE; small, since letters ask it too."""

from __future__ import annotations

import re

from triaged.reading.sender.lookalikes import SECOND_LEVEL

_DOMAIN = re.compile(r"[a-z0-9_-]++(?:\.[a-z0-9_-]++)*+")


def aligned(domain: str, tested: str) -> bool:
    """Whether a DMARC result for `tested` speaks for `domain`: the same, or its organisational parent."""
    domain, tested = _comparable(domain), _comparable(tested)
    if not domain or not tested or _is_public_suffix(tested):
        return False
    return domain == tested or domain.endswith("." + tested)


def _comparable(domain: str) -> str:
    """As it travels in DNS. "" for what is no domain, or what only normalising would make an ASCII one."""
    domain = domain.removesuffix(".").lower()
    if domain.isascii():
        return domain if _DOMAIN.fullmatch(domain) else ""
    try:
        wire = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return wire if "xn--" in wire else ""


def _is_public_suffix(domain: str) -> bool:
    """`com`, `co.uk`: what no organisation owns. Our own server would hardly name one."""
    labels = domain.split(".")
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SECOND_LEVEL)
