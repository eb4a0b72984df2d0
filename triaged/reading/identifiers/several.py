"""Whether a mail asks about two customers at once (it is then in conflict, and support may split it).

Contract: words must say so; two ids alone are left to the directory, since one customer may have two
organisations. PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.people import is_kin

_SAID = re.compile(
    r"(?<!other )(?<!these )(?<!their )\b(?:two|2|three|3|both|a couple of|several) (?:(?:of (?:our|my) |different |separate )?(?:customers|clients)|(?:of (?:our|my) |different |separate )(?:accounts|organi[sz]ations|orgs))(?: of (?:ours|mine))?\b(?! of (?:theirs|them|his|hers))"
    r"|\b(?:two|both) of (?:mine|ours)\b|\b(?:zwei|2|beide|drei) (?:unserer |verschiedene )?(?:kunden|mandanten)\b|\b(?:deux|2|trois) (?:de nos |de mes )?clients\b|\b(?:dos|2|tres|ambos) (?:de nuestros |de mis )?clientes\b"
    r"|(?:2|二|両|3|三)(?:社|名のお客様|件のお客様|つのお客様)(?:様|分|とも|から|の)|複数のお客様"
)
_THEIR_CUSTOMERS = re.compile(
    r"(?:their|his|her|its|deren|ses|leurs|sus|to|for|an|from|emails?|mails?) (?:\w+ )?$"
)
# The pattern is dear; without one of these pieces it cannot match.
_HINTS = (
    "customer",
    "client",
    "account",
    "organi",
    "orgs",
    " of mine",
    " of ours",
    "kunden",
    "mandant",
    "社",
    "お客様",
)
_EARLY = 600  # characters: who asks about two says so at the start


def customers_asked_about(passages: Sequence[Passage], superadmins: Sequence[str]) -> str:
    """Why the mail is about two customers; empty if it is not."""
    domains = list(dict.fromkeys(address.rpartition("@")[2] for address in superadmins))
    if len(domains) > 1 and not is_kin(domains[1], frozenset(domains[:1])):
        return f"SuperAdmin addresses of two customers: {superadmins[0]}, {next(a for a in superadmins if a.endswith('@' + domains[1]))}"
    for passage in passages:
        if passage.part != "forwarded":
            early = passage.folded[:_EARLY]
            found = _SAID.search(early) if any(word in early for word in _HINTS) else None
            if found and not _THEIR_CUSTOMERS.search(
                passage.folded[max(0, found.start() - 20) : found.start()]
            ):
                return f"says “{passage.text[found.start() : found.end()]}”"
    return ""
