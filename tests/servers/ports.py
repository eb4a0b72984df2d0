"""Loopback ports for servers of tests."""

from __future__ import annotations

import itertools
import os
import random
import socket
from pathlib import Path

# Below those that the kernel gives to connections: of those, one that was free a moment ago is taken by any client.
_LOWEST = 10_240
_BEYOND = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
_WORKERS = 16
_numbers = itertools.count(random.randrange(_BEYOND))


def free_port() -> int:
    """A port nobody uses, and no other caller gets: each worker of the tests has its own share, taken in turn."""
    share = (_BEYOND - _LOWEST) // _WORKERS
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    for _ in range(share):
        port = _LOWEST + worker * share + next(_numbers) % share
        with socket.socket() as sock:
            # As servers do, or one that just ended is in the way
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port of this worker's share is free")
