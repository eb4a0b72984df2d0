"""Domains made to look like another: homoglyphs, punycode, one letter off, another ending. PURE.

An index over the known domains is built once (they are the same for every mail) so that the test
costs the length of one domain, not the number of partners.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

SHORTEST = 5  # letters a name needs before one letter off means anything
# Labels that stand between a country and the organisations in it: `co.uk`, `or.jp`.
SECOND_LEVEL = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "gob",
        "gov",
        "go",
        "gouv",
        "ltd",
        "me",
        "ne",
        "net",
        "nom",
        "or",
        "org",
        "plc",
        "sch",
        "web",
    ]
)
# Letters that look alike to a hasty reader, each to one of its kind; two-letter tricks first.
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_TWINS = str.maketrans(
    {
        **dict(zip("01357|$", "oisstls", strict=True)),
        **dict(zip("авеіјкмнорсѕтухԁԛԝһӏɡ", "abeijkmhopcstyxdqwhlg", strict=True)),
        **dict(zip("αβεικνορτυχωη", "abeikvoptuxwn", strict=True)),
        **dict(zip("ıłđøßħŧ", "ildobht", strict=True)),
        "l": "i",
        "-": None,
        "_": None,
    }
)


def imitated(domain: str, known: frozenset[str]) -> str:
    """The known domain that `domain` looks like; empty if none, or if it is one of them or under one."""
    if not domain or domain in known or parents(domain) & known:
        return ""
    labels = domain.split(".")[:20]  # `oak.example.evil.test`: a known one put in front
    front = (".".join(labels[:end]) for end in range(2, len(labels)))
    return next((house for house in front if house in known), "") or _similar(_name(domain), known)


def parents(domain: str) -> frozenset[str]:
    """Every domain above this one: `a.oak.example` -> `oak.example`, `example`."""
    labels = domain.split(".")
    return frozenset(".".join(labels[at:]) for at in range(1, min(len(labels), 10)))


def _similar(name: str, known: frozenset[str]) -> str:
    by_skeleton, by_deletion = _index(known)
    if len(name) < SHORTEST:  # of short names only a real homoglyph means anything
        model = by_skeleton.get(_skeleton(name), "")
        return model if model and not name.isascii() else ""
    parts = [name, *(part for part in name.split("-") if len(part) >= SHORTEST)]
    model = next((by_skeleton[s] for s in map(_skeleton, parts) if s in by_skeleton), "")
    return model or next((by_deletion[shorter] for shorter in _deletions(name) if shorter in by_deletion), "")


@lru_cache(maxsize=8)
def _index(known: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Known domains by what their name looks like, and by their name with up to one letter left out.

    Two names within one letter (left out, put in, changed, or two swapped) share such an entry.
    """
    by_skeleton: dict[str, str] = {}
    by_deletion: dict[str, str] = {}
    for domain in sorted(known):
        name = _name(domain)
        by_skeleton.setdefault(_skeleton(name), domain)
        if len(name) >= SHORTEST:
            for shorter in _deletions(name):
                by_deletion.setdefault(shorter, domain)
    return by_skeleton, by_deletion


def _deletions(name: str) -> Iterator[str]:
    yield name
    yield from (name[:at] + name[at + 1 :] for at in range(len(name)))


def _name(domain: str) -> str:
    """The label an organisation is known by: `oak` of `mail.oak.co.uk` and of `oak.example`."""
    labels = [_unicode(label) for label in domain.lower().split(".")[-4:] if label]
    if len(labels) > 1:
        labels.pop()
    if len(labels) > 1 and labels[-1] in SECOND_LEVEL:
        labels.pop()
    return labels[-1] if labels else ""


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _skeleton(name: str) -> str:
    """What a name looks like: accents off, twins made one."""
    bare = unicodedata.normalize("NFKD", name.lower())
    text = "".join(letter for letter in bare if not unicodedata.combining(letter))
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text.translate(_TWINS)
