"""Addresses that stand for any address: `name@company.com`, `you@yourdomain`, `user@example.org`.

Contract: pure, by words alone. A domain ending in `.example` is no placeholder by itself. PURE.
"""

from __future__ import annotations

import re

_SOMEBODY = re.compile(
    r"^(?:your|you|name|username|user|someone|somebody|email|mail|e-?mail|address|first\.?(?:name)?[._]last(?:name)?|firstname|vorname[._]nachname|"
    r"ihr[._-]?name|prenom[._]nom|votre[._-]?nom|nombre|tu[._-]?nombre|your[._-]?(?:name|e?mail|address|id)|super[._-]?admin|x{2,}|abc|xyz|taro)$"
)
_YOURS = re.compile(
    r"^(?:example[0-9]?|your[._-]?\w*|ihre?[._-]?(?:firma|domain|kunde|unternehmen)\w*|votre[._-]?\w*|(?:tu|su)[._-]?(?:empresa|dominio|cliente)|x{3,}|my-?(?:company|domain)|"
    r"kunden-?domain|the-?(?:company|customer)|some-?(?:company|domain))$"
)
_ANY = re.compile(
    r"^(?:company|domain|customer|client|organi[sz]ation|org|firma|kunde|unternehmen|entreprise|societe|domaine|empresa|cliente|dominio|abc|xyz|beispiel|exemple|ejemplo)$"
)
_RESERVED = re.compile(
    r"(?:^|\.)example\.(?:com|org|net|co\.jp|co\.uk|jp|de|fr|es)$|\.(?:invalid|localhost|local)$"
)
NOBODY = re.compile(
    r"^(?:no-?_?reply|do-?_?not-?_?reply|donotreply|mailer-daemon|bounces?|noreply-.*|no\.reply|notifications?)(?:[+._-].*)?$"
)


def is_placeholder(address: str) -> bool:
    """Whether the (folded, lower-case) address only shows what an address looks like."""
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    name = (
        labels[-3]
        if len(labels) > 2 and labels[-2] in ("co", "com", "or", "ne", "org")
        else labels[-2]
        if len(labels) > 1
        else domain
    )
    if _RESERVED.search(domain) or _YOURS.match(name):
        return True
    return bool(_ANY.match(name) and _SOMEBODY.match(local))
