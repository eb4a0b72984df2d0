"""A reader process from within (readers/pool.py is its daemon, readers/process.py the desk it reads at)."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from triaged.edge.memory import return_what_is_freed, starting
from triaged.reading.values import Surroundings

READY, WARM = "ready", "warm"  # what it says of itself; anything else is why it could not begin


def work(pipe: Connection, surroundings: Surroundings, model_path: Path | None) -> None:
    """The life of a worker process: ready, then warm, then batches until the daemon closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which then closes the pipe
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ["OMP_NUM_THREADS"] = "1"
    return_what_is_freed()
    resource.setrlimit(resource.RLIMIT_AS, (surroundings.limits.memory,) * 2)
    with contextlib.suppress(EOFError, OSError):
        with starting():
            try:
                from triaged.readers.process import Desk  # all of reading, which the daemon can do without

                desk = Desk(surroundings, model_path)
            except Exception as refused:
                pipe.send(str(refused) or type(refused).__name__)
                return
            pipe.send(READY)
            desk.warm()
        pipe.send(WARM)
        while True:
            wanted, given = pipe.recv()
            if wanted == "guess":
                pipe.send(desk.guess(given))
            elif wanted == "headers":
                pipe.send(replace(desk.read_headers(*given), late=True))
            elif wanted == "read fairly":
                for reading in desk.read_fairly(*given):
                    pipe.send(reading)
            else:
                for raw, door in given:
                    pipe.send(desk.read(raw, door))
