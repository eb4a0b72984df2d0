"""Work that takes minutes, each in a process of its own: begun here, seen in the store by every process of the pages.

It ends with the process that began it. Whoever looks then finds it told as stopped: by that process itself, or by the next
one on the same machine, which knows that the other has ended. Only of another machine's one has to wait for its silence.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Mapping
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any

from triaged.config.config import Config
from triaged.edge import alive
from triaged.store.jobs import CANCELLED, FAILED, STOPPED, Job
from triaged.store.store import Store
from triaged.web import job_process

_spawn = multiprocessing.get_context("spawn")
_WAIT_SECONDS = 5.0
_PROMOTION_SECONDS = 15.0  # that a promotion is given to come to its end


class Working:
    """The jobs that this process has begun. Their times are the machine's, as their processes tell them."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config, self._store = config, store
        self._here = alive.here()
        self._lock = threading.Lock()
        self._processes: dict[int, tuple[str, BaseProcess]] = {}

    def begin(self, kind: str, who: str, asked: Mapping[str, Any]) -> int | None:
        """Set it going; its number, or None where one of the kind is under way."""
        self.settle()
        number = self._store.begin_job(kind, who, asked, job_process.now(), str(self._here))
        if number is None:
            return None
        process = _spawn.Process(target=job_process.run, args=(self._config, number), name=f"job-{number}")
        resource_tracker.ensure_running()  # beginning it, `start` would undo what the next line does
        before = signal.pthread_sigmask(signal.SIG_BLOCK, job_process.UNHEARD)  # as the new process begins
        try:
            process.start()
        except OSError as error:
            self._end(number, FAILED, f"no process: {error.strerror}")
            return number
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        with self._lock:
            self._processes[number] = kind, process
        threading.Thread(
            target=self._watch, args=(number, process), name=f"watch-{number}", daemon=True
        ).start()
        return number

    def cancel(self, number: int, who: str) -> bool:
        """It is not wanted any more, wherever it runs; its process learns of it within two seconds."""
        return self._end(number, CANCELLED, f"cancelled by {who}")

    def settle(self) -> None:
        """Jobs whose pages have ended on this machine without a word are told as stopped, and can be begun anew."""
        for job in self._store.running_jobs():
            self.settled(job)

    def settled(self, job: Job) -> Job:
        """The job as it stands, now that it was looked whether the process it ends with is still there."""
        place = alive.read(job.place) if job.runs else None
        if place is None or not alive.has_ended(place, self._here):
            return job
        last = f"{job.beat_at:%Y-%m-%d %H:%M} UTC"
        self._end(job.id, STOPPED, f"the pages on {place.host} ended without a word; last heard of at {last}")
        return self._store.job(job.id) or job

    def stop(self) -> None:
        """End those that still run, with this process. A promotion is given the time to come to its end."""
        with self._lock:
            processes, self._processes = self._processes, {}
        for number, (kind, process) in processes.items():
            if kind == "promote":
                process.join(_PROMOTION_SECONDS)
            self._end(number, STOPPED, f"the pages on {self._here.host} were stopped, and it with them")
            process.kill()
            process.join(_WAIT_SECONDS)

    def _watch(self, number: int, process: BaseProcess) -> None:
        """A process that was ended from outside cannot say so itself."""
        process.join()
        with self._lock:
            ours = self._processes.pop(number, None)
        if ours is not None and process.exitcode:
            self._end(number, FAILED, f"its process {_ended(process.exitcode)}")

    def _end(self, number: int, state: str, why: str) -> bool:
        return self._store.end_job(number, state, {"error": why}, job_process.now())


def _ended(status: int) -> str:
    if status > 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"
