"""Who is connected to a door: so many in all, and no one peer so many that nobody else gets in.

A peer is an IPv4 address, or the /64 of an IPv6 one: whoever has one has them all. This machine is a peer
like any other, and its mail server needs no more than its share: the last fifth is kept for the others.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from typing import Any


def share_of(most: int) -> int:
    """How many of `most` connections one peer may have where the config does not say."""
    return most - most // 5


def peer(address: Any) -> str:
    """Whom an address of a socket stands for; one that is no IP address stands for itself."""
    host = str(address[0] if isinstance(address, tuple) and address else address).partition("%")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


class Connections:
    """The connections of one door; used by its one thread."""

    def __init__(self, most: int, most_of_a_peer: int | None) -> None:
        self.most, self.share = most, most_of_a_peer or share_of(most)
        self._by_peer: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._by_peer.total()

    def refusal(self, who: str) -> str | None:
        """Why one more of this peer is too much; None: it is let in and counted until `gone`."""
        if len(self) >= self.most:
            return "too many connections"
        if self._by_peer[who] >= self.share:
            return "too many connections from one address"
        self._by_peer[who] += 1
        return None

    def gone(self, who: str) -> None:
        """One of this peer has ended."""
        self._by_peer[who] -= 1
        if self._by_peer[who] <= 0:
            del self._by_peer[who]
