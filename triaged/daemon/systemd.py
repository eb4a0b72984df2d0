"""systemd's notification protocol (sd_notify(3)): READY, STATUS, RELOADING, STOPPING, WATCHDOG.

Eight lines of socket instead of a library: the ones there are unmaintained or must be compiled.
"""

from __future__ import annotations

import os
import socket
import time


def tell(*lines: str) -> bool:
    """Send `lines` to systemd; False where nobody listens. Never raises: telling must not stop the work."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            sock.sendall("\n".join(lines).encode())
    except OSError:
        return False
    return True


def ready(status: str) -> None:
    """The service is up (or a reload is done)."""
    tell("READY=1", f"STATUS={status}")


def reloading() -> None:
    """A reload has begun; systemd wants the monotonic time with it."""
    tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def stopping() -> None:
    """An orderly stop has begun."""
    tell("STOPPING=1")


def watchdog_seconds() -> float | None:
    """How often systemd wants a sign of life; None where it does not watch."""
    micros = os.environ.get("WATCHDOG_USEC", "")
    return int(micros) / 1e6 if micros.isdigit() and int(micros) > 0 else None
