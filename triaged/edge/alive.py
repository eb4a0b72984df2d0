"""Where a process runs, and whether it has ended: asked of Linux by another process of the same machine.

A process number alone is given again soon; with the moment at which the process began it is one process for ever. What
cannot be known (another machine, another container, no `/proc`) is never called ended.
"""

from __future__ import annotations

import os
import socket
from dataclasses import astuple
from pathlib import Path

from triaged.frozen import frozen

_UNKNOWN = "-"


@frozen
class Place:
    """A process: its host, the machine's own id, in which space of process numbers, which, and begun when.

    No boot is named: after another one no process has the same number and the same beginning, and under systemd's
    `ProcSubset=pid` nobody could read it.
    """

    host: str
    machine: str
    space: str
    number: str
    begun: str

    def __str__(self) -> str:
        return " ".join(astuple(self))


def here() -> Place:
    """This process."""
    number = str(os.getpid())
    return Place(socket.gethostname() or _UNKNOWN, _machine(), _space(), number, _begun(number))


def read(told: str) -> Place | None:
    """A place as it was written down; None: it is none."""
    parts = told.split()
    return Place(*parts) if len(parts) == 5 else None


def has_ended(one: Place, seen_from: Place) -> bool:
    """Whether that process is known to have ended."""
    same = (one.host, one.machine, one.space) == (seen_from.host, seen_from.machine, seen_from.space)
    if not same or _UNKNOWN in (one.space, one.begun, seen_from.begun) or not one.number.isdigit():
        return False
    return _begun(one.number) != one.begun


def _machine() -> str:
    try:
        return "".join(Path("/etc/machine-id").read_text("utf-8").split())[:64] or _UNKNOWN
    except (OSError, UnicodeDecodeError):
        return _UNKNOWN


def _space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink()).replace(" ", "") or _UNKNOWN
    except OSError:
        return _UNKNOWN


def _begun(number: str) -> str:
    """When a process began, in ticks since the boot (proc(5), field 22); one that is only still to be buried has ended."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return _UNKNOWN
    return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else _UNKNOWN
