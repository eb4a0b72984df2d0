"""Whether a text wants something done: what tells a person's mail about automatic mail from the thing. PURE.

"Automatic reply: our customer's out-of-office goes out twice, please check" begins like an absence note and
is a request. An absence note asks for nothing, names no customer, fills in no template.
"""

from __future__ import annotations

import re

from triaged.reading.words.spoken import spoken

_OF_ZOHO = re.compile(
    r"zoho (?:mail|desk|crm|cliq|calendar|people|meeting|workplace|one|books|projects|bookings|campaigns)(?![a-z])"
)
_QUESTION = re.compile(r"[^\s?/&=]\s?\?(?:\s|$)|？|か。")
_URL = re.compile(r"\bhttps?://\S{1,2000}")
_LABELLED = re.compile(
    r"(?:(?<![a-z])(?:zoid|zuid|zgid|org(?:anisation|anization)?[ -]?id|organi[sz]ations-id|super ?-?admin(?:istrat(?:or|eur|ore)|istrador)?|primary customer)(?![a-z])"
    r"|組織 ?id|ユーザー ?id|スーパー管理者|特権管理者)[^\n\d@]{0,40}[\d@]"
)


def is_labelled(folded: str) -> bool:
    """Whether an id or the SuperAdmin's address stands behind its label: no machine writes that of itself."""
    return bool(_LABELLED.search(_URL.sub(" ", folded[:4_000])))


def reports_trouble(folded: str) -> bool:
    """Whether a text says that something of a customer or a service goes wrong: an automatic mail is its topic."""
    text = folded[:4_000]
    return bool(
        spoken().request.malfunctions.find(text)
        and (spoken().request.customer.find(text) or _OF_ZOHO.search(text))
    )


def asks(folded: str) -> bool:
    """Whether a folded text asks for anything, or labels an id."""
    text = _URL.sub(" ", folded[:4_000])
    return bool(spoken().request.asks.find(text) or _QUESTION.search(text) or _LABELLED.search(text))


def speaks_of(folded: str) -> int:
    """How much a text is *about* an automatic mail: as `wants`, with what goes wrong and of which service."""
    return wants(folded) + 3 * reports_trouble(folded) + bool(_OF_ZOHO.search(folded[:4_000]))


def wants(folded: str) -> int:
    """How much a folded text wants something: 0 nothing, 1 to 2 a hint, 3 and more surely a request."""
    text = _URL.sub(" ", folded[:4_000])
    told = min(2, spoken().request.asks.count(text))
    told += bool(_QUESTION.search(text))
    told += min(1, spoken().request.customer.count(text))
    return told + 3 * bool(_LABELLED.search(text))
