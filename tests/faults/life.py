"""Daemons of the bench: real ones, each a process, told how to die or left to the driver's mercy."""

from __future__ import annotations

import logging
import multiprocessing.process
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e import doomed
from triaged import maillog
from triaged.config import config as configs
from triaged.daemon import daemon
from triaged.readers.pool import InlineReaders

nursery = doomed._nursery
nursery.set_forkserver_preload([*doomed.PRELOAD, "tests.faults.warm"])
COMMITS = ("before a commit", "after a commit")


def born(
    config: Path, begin: datetime, log: Path, doom: tuple[str, int] | None = None
) -> multiprocessing.process.BaseProcess:
    """A daemon whose clock begins at `begin`. `doom`: the point, and the how-manieth time, at which it kills itself."""
    process = nursery.Process(target=_live, args=(config, begin, log, doom), daemon=True)
    process.start()
    return process


def _live(config: Path, begin: datetime, log: Path, doom: tuple[str, int] | None) -> None:
    started = time.monotonic()
    with log.open("a", encoding="utf-8") as told:
        os.dup2(told.fileno(), sys.stderr.fileno())
    maillog.begin("info", "plain")
    logging.captureWarnings(True)
    daemon.Readers = lambda surroundings, *_: InlineReaders(surroundings)  # type: ignore[assignment,misc]
    house = daemon.Daemon(
        configs.load(config),
        config_path=config,
        clock=lambda: begin + timedelta(seconds=time.monotonic() - started),
    )
    if doom is not None and doom[0] in COMMITS:
        _doom_commits(doom[0].startswith("after"), doom[1])
    elif doom is not None:
        doomed.doom(*doom)
    house.serve()


def _doom_commits(after: bool, count: int) -> None:
    """Whatever commits: keeping, claiming, recording, a heartbeat, what was sent, a note for `status`."""
    from sqlalchemy import Connection

    honest: Callable[[Connection], Any] = Connection._commit_impl
    left = [count]

    def commit(connection: Connection) -> None:
        left[0] -= 1
        if left[0] == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        honest(connection)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Connection._commit_impl = commit  # type: ignore[method-assign]
