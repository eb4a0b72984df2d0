"""A socket to listen on, for servers that are handed one."""

from __future__ import annotations

import socket

from triaged.errors import Faulty


def listening(host: str, port: int, told: str, backlog: int = 128) -> socket.socket:
    """Bound and listening: whoever comes before it is served waits a moment and is not refused.

    `told` begins the line of a fault: whose door it is, and where. Raises Faulty where the address can't be had.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio sees to it on sockets of its own making alone; without it an answer's body waits 40 ms for the peer's
    # delayed acknowledgment of its head. What is accepted inherits it.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
        sock.listen(backlog)
    except (OSError, OverflowError) as error:
        sock.close()
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Faulty(f"{told}: {why}") from None
    return sock
