"""How a reader process starts: as multiprocessing spawns, without what a reader does not need.

The resource tracker (a third process of 6 MB, for shared memory that nobody here has) is not started, and the
daemon's own main module is not imported once more in the child.
"""

from __future__ import annotations

import io
import os
from contextlib import suppress
from multiprocessing import context, popen_spawn_posix, reduction, spawn, util
from typing import Any

_NO_TRACKER = -1


class _Popen(popen_spawn_posix.Popen):
    """What the library does in `_launch`, less the tracker and the main module."""

    def _launch(self, process_obj: Any) -> None:
        given = spawn.get_preparation_data(process_obj._name)
        for main in ("init_main_from_name", "init_main_from_path"):
            given.pop(main, None)
        ours, theirs = os.pipe(), os.pipe()  # we read that it has ended; it reads what it is
        try:
            told = self._pickled(given, process_obj)
            command = spawn.get_command_line(tracker_fd=_NO_TRACKER, pipe_handle=theirs[0])
            kept: list[int] = [*self._fds, theirs[0], ours[1]]  # type: ignore[attr-defined]
            self.pid = util.spawnv_passfds(os.fsencode(spawn.get_executable()), command, kept)
            self.sentinel = ours[0]
            with suppress(BrokenPipeError), open(theirs[1], "wb", closefd=False) as pipe:
                pipe.write(told)
        finally:
            self.finalizer = util.Finalize(self, util.close_fds, (ours[0], theirs[1]))  # type: ignore[attr-defined]
            os.close(theirs[0])
            os.close(ours[1])

    def _pickled(self, *given: Any) -> bytes:
        pickled = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            for one in given:
                reduction.dump(one, pickled)
        finally:
            context.set_spawning_popen(None)
        return pickled.getvalue()


class _Process(context.SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        return _Popen(process_obj)


class _Context(context.SpawnContext):
    Process = _Process


CONTEXT = _Context()
