"""Address lists: flanker's valid and invalid mailboxes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.corpora import CORPORA
from tests.measures import Figure
from triaged.reading.mime import addresses


def figures() -> Iterator[Figure]:
    """Valid ones must parse (strictly, and as one entry of a list), invalid ones must not."""
    valid, invalid = _lines("mailbox_valid.txt"), _lines("mailbox_invalid.txt")
    yield _figure("valid mailboxes parse", [addresses.mailbox(line) is not None for line in valid])
    yield _figure("valid mailboxes are one entry", [len(addresses.parse_list(line)) == 1 for line in valid])
    yield _figure("invalid mailboxes do not parse", [addresses.mailbox(line) is None for line in invalid])


def _figure(name: str, right: list[bool]) -> Figure:
    share = sum(right) / len(right)
    return Figure(f"flanker: {name}", f"{sum(right)}/{len(right)}", ">= 0.95", share >= 0.95)


def _lines(name: str) -> list[str]:
    text = (CORPORA / "flanker" / name).read_text("utf-8")
    lines = (re.split(r"\s{5,}#", line)[0].strip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]
