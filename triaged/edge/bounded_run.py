"""A program of the operator's run once: no shell, no inherited environment, so much time and so much output at most."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress

MOST_OUTPUT = 4096  # bytes
MOST_INPUT = 16_384  # fits into a pipe, so that writing it never waits
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class RunFailed(Exception):
    """It could not be run, ran too long, said too much, or ended with a fault; the words say which."""


def run(command: Sequence[str], given: bytes, seconds: float) -> bytes:
    """What the program prints. `given` is its standard input. Raises RunFailed; nothing it started lives on."""
    if len(given) > MOST_INPUT:
        raise ValueError("too much to be given to a program")
    try:
        process = subprocess.Popen(  # its words are the operator's, and go through no shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,
            cwd="/",
        )
    except (OSError, ValueError) as error:
        raise RunFailed(f"{command[0]}: {getattr(error, 'strerror', None) or error}") from None
    try:
        return _heard(process, given, time.monotonic() + seconds, command[0])
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for end in (process.stdin, process.stdout):
            if end is not None:
                with suppress(OSError):
                    end.close()


def _heard(process: subprocess.Popen[bytes], given: bytes, until: float, name: str) -> bytes:
    assert process.stdin is not None and process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(given)
        process.stdin.close()
    heard, out = b"", process.stdout.fileno()
    while (left := until - time.monotonic()) > 0:
        if not select.select([out], [], [], left)[0]:
            break
        piece = os.read(out, MOST_OUTPUT)
        heard += piece
        if len(heard) > MOST_OUTPUT:
            raise RunFailed(f"{name} printed more than {MOST_OUTPUT} bytes")
        if not piece:
            return _ended(process, heard, until, name)
    raise RunFailed(f"{name} took too long")


def _ended(process: subprocess.Popen[bytes], heard: bytes, until: float, name: str) -> bytes:
    try:
        code = process.wait(max(0.05, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise RunFailed(f"{name} took too long") from None
    if code:
        raise RunFailed(f"{name} ended with {code}")
    return heard
