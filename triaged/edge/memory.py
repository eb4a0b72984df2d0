"""Memory: what is freed goes back to the system, and what a start makes is not looked through for garbage."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_BYTES = 256 * 1024


def return_what_is_freed() -> None:
    """Keep glibc from raising its own thresholds after the first large block, and so holding all later ones for ever.

    Nothing happens where the C library has no `mallopt`.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _BYTES)
        library.mallopt(_TRIM_THRESHOLD, _BYTES)


@contextmanager
def starting() -> Iterator[None]:
    """What is made in here stays for the life of the process: Python looks for no garbage in it, now or later.

    It would cost a tenth of the start, and later pauses of a tenth of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
