"""Worker processes that read mail: hostile input stays out of the daemon (promise 9).

Contract: as many Readings as mails, in their order, whatever the mails do. Every mail has a deadline;
a worker that passes it, dies or runs out of memory is replaced, the mail it was at becomes a Reading
of its headers with the reason in `defects`, and the mails behind it are read by the next worker.

`submit` answers at once with a future, so that the next batch is read while this one is recorded. A
worker sends each Reading as soon as it has it: the first one missing names the culprit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from triaged.errors import Faulty
from triaged.readers import launch
from triaged.readers.question import question_of
from triaged.readers.work import READY, WARM, work
from triaged.reading.mime.header_block import author
from triaged.reading.values import Door, Guess, Reading, Surroundings

Mail = tuple[bytes, Door]

START_SECONDS = 120.0  # importing all of reading and loading a model on a slow, busy machine
GRACE_SECONDS = 5.0  # beyond a mail's own deadline, which the worker keeps itself where Python runs
GUESS_SECONDS = 60.0  # for as many questions as are asked at once
ASKED_AT_ONCE = 10  # an embedding takes a tenth of a second, on a busy machine a whole one
PORTION = 4 * 1024 * 1024  # bytes of mail handed over at once: a whole batch could exhaust the process

_CLOSED, _NOT_STARTED = "the readers are closed", "the reader process did not start"
_spawn = launch.CONTEXT


class Readers:
    """`workers` processes reading for one set of surroundings, swapped whole by `replace`.

    A changed `workers` counts from the next `replace` on.
    """

    def __init__(self, surroundings: Surroundings, model_path: Path | None = None, workers: int = 1) -> None:
        self.workers = workers
        self._lock = threading.Lock()
        self._closed = False
        self._crews: set[_Crew] = set()  # the one in use, one that starts, those that finish their work
        self._crew = self._begun(surroundings, model_path)

    def ready(self) -> None:
        """Wait until every worker has started and loaded the model; it still warms up, and mail waits for that.

        Raises Faulty with the remedy where the model cannot be used.
        """
        self._crew.ready()

    def submit(self, mails: Sequence[Mail], *, fairly: bool = False) -> Future[list[Reading]]:
        """Have a batch read; batches are begun in the order they are given. Once closed it fails with Faulty.

        `fairly`: what follows a late mail of the same author is not read, but marked as put off.
        """
        with self._lock:  # else a `replace` could close the crew before the batch is in its queue
            if not self._closed:
                return self._crew.submit(mails, fairly)
        refused: Future[list[Reading]] = Future()
        refused.set_exception(Faulty(_CLOSED))
        return refused

    def result(self, batch: Future[list[Reading]]) -> list[Reading]:
        """The Readings of a submitted batch, in the order of its mails; waits for them."""
        return batch.result()

    def read(self, mails: Sequence[Mail]) -> list[Reading]:
        """`submit` and `result` in one."""
        return self.result(self.submit(mails))

    def replace(self, surroundings: Surroundings, model_path: Path | None = None) -> None:
        """Read for other surroundings from now on. Raises Faulty and stays as it was where that cannot be.

        Batches already submitted are still read for the old ones.
        """
        crew = self._begun(surroundings, model_path)
        try:
            crew.ready()
        except BaseException:
            self._end(crew)
            raise
        with self._lock:
            old, self._crew = self._crew, crew
        self._end(old)

    def close(self) -> None:
        """Read what is submitted, then stop the workers, also those that a `replace` is just starting."""
        with self._lock:
            self._closed, crews = True, list(self._crews)
        for crew in crews:
            self._end(crew)

    def give_up(self) -> None:
        """Stop the workers at once: what is submitted and not read fails with Faulty."""
        with self._lock:
            self._closed, crews = True, list(self._crews)
        for crew in crews:
            crew.give_up()

    def _begun(self, surroundings: Surroundings, model_path: Path | None) -> _Crew:
        with self._lock:
            if self._closed:
                raise Faulty(_CLOSED)
            crew = _Crew(surroundings, model_path, self.workers)
            self._crews.add(crew)
            return crew

    def _end(self, crew: _Crew) -> None:
        crew.close()
        with self._lock:
            self._crews.discard(crew)


class InlineReaders:
    """The same for a few files in this very process (`explain`): no start-up to wait for.

    The deadline is kept by a signal, so only where it is used on the main thread.
    """

    def __init__(self, surroundings: Surroundings, model_path: Path | None = None, workers: int = 1) -> None:
        self.workers = workers
        self.replace(surroundings, model_path)

    def ready(self) -> None:
        """Nothing to wait for: the model is loaded when the readers are made."""

    def submit(self, mails: Sequence[Mail], *, fairly: bool = False) -> Future[list[Reading]]:
        """A future that is already done."""
        done: Future[list[Reading]] = Future()
        done.set_result(self.read(mails, fairly=fairly))
        return done

    def result(self, batch: Future[list[Reading]]) -> list[Reading]:
        """The Readings of a submitted batch."""
        return batch.result()

    def read(self, mails: Sequence[Mail], *, fairly: bool = False) -> list[Reading]:
        """The mails' Readings, in their order."""
        if fairly:
            readings = list(self._desk.read_fairly(mails))
        else:
            readings = [self._desk.read(raw, door) for raw, door in mails]
        return _guessed(readings, self._desk.guess([question_of(r) for r in readings]))

    def replace(self, surroundings: Surroundings, model_path: Path | None = None) -> None:
        """Read for other surroundings from now on."""
        from triaged.readers.process import Desk  # all of reading, which other readers keep out of here

        self._desk = Desk(surroundings, model_path)
        self._desk.warm()

    def close(self) -> None:
        """Nothing to stop."""

    def give_up(self) -> None:
        """Nothing to stop."""


class _Crew:
    """Workers of one generation: a queue of batches, and a thread beside each process that feeds it."""

    def __init__(self, surroundings: Surroundings, model_path: Path | None, workers: int) -> None:
        self._batches: queue.SimpleQueue[tuple[list[Mail], bool, Future[list[Reading]]] | None] = (
            queue.SimpleQueue()
        )
        self._workers = [_Worker(surroundings, model_path) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._feed, args=(worker,), name=f"reader-{number}", daemon=True)
            for number, worker in enumerate(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def ready(self) -> None:
        for worker in self._workers:
            worker.started.result()

    def submit(self, mails: Sequence[Mail], fairly: bool) -> Future[list[Reading]]:
        batch: Future[list[Reading]] = Future()
        self._batches.put((list(mails), fairly, batch))
        return batch

    def close(self) -> None:
        for _ in self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()

    def give_up(self) -> None:
        for worker in self._workers:
            worker.give_up()

    def _feed(self, worker: _Worker) -> None:
        worker.start()
        while (task := self._batches.get()) is not None:
            mails, fairly, batch = task
            try:
                batch.set_result(worker.read(mails, fairly))
            except BaseException as broken:  # whoever waits for the batch must hear of it, or waits for ever
                batch.set_exception(broken)
        worker.stop()


class _Fault(NamedTuple):
    """Why a process gave no Reading."""

    died: bool
    why: str


class _Worker:
    """One process as the daemon sees it; used by one thread only."""

    def __init__(self, surroundings: Surroundings, model_path: Path | None) -> None:
        self._given = (surroundings, model_path)
        self._seconds = surroundings.limits.seconds + GRACE_SECONDS
        self._process: Any = None
        self._pipe: Connection | None = None
        self._given_up = self._warm = False
        self.started: Future[None] = Future()

    def start(self) -> None:
        """Start the process and wait until it is ready; `started` tells how that went."""
        try:
            self._start()
        except BaseException as refused:  # whoever waits for it must hear of it
            self.started.set_exception(refused)
        else:
            self.started.set_result(None)

    def read(self, mails: list[Mail], fairly: bool) -> list[Reading]:
        """The batch's Readings: each mail by the process, or by its headers where the process fails on it.

        Raises Faulty where no process can be started at all: then no mail is to blame.
        """
        readings: list[Reading] = []
        tried_again = -1
        while (at := len(readings)) < len(mails):
            self._revive()
            portion = _portion(mails[at:])
            late = {author(raw) for (raw, _), one in zip(mails, readings, strict=False) if one.late}
            fault = self._read_on(
                ("read fairly", (portion, late)) if fairly else ("read", portion), len(portion), readings
            )
            if fault is None:
                continue
            self.stop()
            culprit = len(readings)
            if fault.died and culprit != tried_again:
                tried_again = culprit  # somebody else may have killed it: once more before the mail is blamed
            else:
                readings.append(self._by_headers(mails[culprit], f"not read: {fault.why}"))
        return _guessed(readings, self._guesses(readings))

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._pipe:
            self._pipe.close()
        if self._process:
            self._process.join(0.2)
            self._process.kill()
            self._process.join()
        self._pipe = self._process = None

    def give_up(self) -> None:
        """End the process, and start none any more; called by another thread."""
        self._given_up = True
        process = self._process
        if process is not None:
            with suppress(ValueError, OSError, AttributeError):  # gone, or not begun: then it sees for itself
                process.kill()

    def _start(self) -> None:
        self._not_given_up()
        pipe, theirs = _spawn.Pipe()
        self._pipe = pipe
        self._process = _spawn.Process(
            target=work, args=(theirs, *self._given), name="triaged-reader", daemon=True
        )
        self._process.start()
        theirs.close()
        self._not_given_up()
        self._warm = False
        answer = self._answer(START_SECONDS)
        if answer != READY:
            self.stop()
            raise Faulty(answer or _NOT_STARTED)

    def _warmed(self) -> bool:
        """Wait until the process is warm; False where it dies on the way."""
        self._warm = self._warm or self._answer(START_SECONDS) == WARM
        return self._warm

    def _not_given_up(self) -> None:
        if self._given_up:
            self.stop()
            raise Faulty(_CLOSED)

    def _revive(self) -> None:
        """Start the process anew if it is gone, nothing was asked of it when it died; and wait until it is warm."""
        self._not_given_up()
        if self._process is not None and not self._process.is_alive():
            self.stop()
        if self._process is not None and not self._warmed():
            self.stop()
        if self._process is None:
            self._start()
            if not self._warmed():
                self.stop()
                raise Faulty(_NOT_STARTED)

    def _read_on(self, order: tuple[str, object], count: int, readings: list[Reading]) -> _Fault | None:
        """Add the Readings of so many mails; answers why the first missing one could not be read."""
        if not self._send(*order):
            return self._fate()
        for _ in range(count):
            reading = self._answer(self._seconds)
            if not isinstance(reading, Reading):
                return self._fate()
            readings.append(reading)
        return None

    def _by_headers(self, mail: Mail, why: str) -> Reading:
        """The headers of a mail a process failed on, read by a new one; if that fails too, the bare least."""
        self._revive()
        reading = self._answer(self._seconds) if self._send("headers", (*mail, why)) else None
        if isinstance(reading, Reading):
            return reading
        self.stop()
        from triaged.reading.read import bare

        return replace(bare(mail[0], why), late=True)

    def _send(self, wanted: str, given: object) -> bool:
        try:
            assert self._pipe is not None
            self._pipe.send((wanted, given))
        except OSError:
            return False
        return True

    def _guesses(self, readings: list[Reading]) -> list[Guess | None]:
        none: list[Guess | None] = [None] * len(readings)
        if self._given[1] is None or self._pipe is None:
            return none
        questions = [question_of(reading) for reading in readings]
        answers: list[Guess | None] = []
        for at in range(0, len(questions), ASKED_AT_ONCE):
            asked = questions[at : at + ASKED_AT_ONCE]
            answer = self._answer(GUESS_SECONDS) if self._send("guess", asked) else None
            if not isinstance(answer, list):
                self._not_given_up()
                self.stop()
                break
            answers += answer
        return answers + none[len(answers) :]

    def _answer(self, seconds: float) -> Any:
        """What the process sends within the time; None if nothing comes, or the process is gone."""
        try:
            return self._pipe.recv() if self._pipe and self._pipe.poll(seconds) else None
        except (EOFError, OSError):
            return None

    def _fate(self) -> _Fault:
        """What became of a process that answers no more."""
        self._process.join(0.2)
        code = self._process.exitcode
        if code is None:
            return _Fault(False, f"reading took over {self._seconds:.0f} s")
        return _Fault(True, f"the reader process died ({code})")


def _portion(mails: list[Mail]) -> list[Mail]:
    """The first mails up to PORTION bytes, at least one."""
    size = 0
    for count, (raw, _) in enumerate(mails):
        size += len(raw)
        if size > PORTION and count:
            return mails[:count]
    return mails


def _guessed(readings: list[Reading], guesses: Sequence[Guess | None]) -> list[Reading]:
    return [replace(r, guess=g) if g else r for r, g in zip(readings, guesses, strict=True)]
