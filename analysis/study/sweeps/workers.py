"""Worker processes on this machine: replaced when they die, gone when their parent is."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from analysis.study.scratch import temporary_files_in_scratch
from analysis.study.sweeps.chunk import ONE_THREAD, Outcome, Task, died
from analysis.study.sweeps.page import Page, PageOutcome
from analysis.study.sweeps.serve import serve

#: How often a chunk is given to a worker before its points count as failed.
ATTEMPTS = 3

#: Seconds in which a process that was killed is gone.
PAUSE = 0.1


@dataclass
class _Worker:
    process: Any
    connection: Connection
    task: Task | None = None
    attempt: int = 0


class Workers:
    """Worker processes, as a context: none of them outlives it, however it ends.

    Parameters
    ----------
    count : int
        Processes at the same time.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        # A fork of a process that has threads may hang; a server forks where that is cheap.
        method = "forkserver" if sys.platform == "linux" else "spawn"
        self._context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload([serve.__module__, "analysis.impact.many"])
        self._workers: list[_Worker] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *raised: object) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers.clear()

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes as they come; a task is only taken when a worker is free for it."""
        source, again = iter(tasks), deque[tuple[Task, int]]()
        while True:
            while self._has_room() and (
                given := again.popleft() if again else _first(next(source, None))
            ):
                worker = self._free()
                worker.task, worker.attempt = given
                try:
                    worker.connection.send(worker.task)
                except OSError:
                    yield from self._lost(worker, again)
            busy = [worker for worker in self._workers if worker.task is not None]
            if not busy and not again:
                return
            ready = wait([worker.connection for worker in busy])
            for worker in [one for one in busy if one.connection in ready]:
                try:
                    outcome = worker.connection.recv()
                except (EOFError, OSError):
                    yield from self._lost(worker, again)
                else:
                    worker.task = None
                    yield outcome

    def read(self, pages: Iterable[Page]) -> Iterator[PageOutcome]:
        """Outcomes of pages as they come, as many at once as there are workers."""
        from analysis.study.sweeps.page_run import run_pages

        self.__exit__()
        return run_pages(pages, self.count)

    def _has_room(self) -> bool:
        busy = sum(worker.task is not None for worker in self._workers)
        return busy < self.count

    def _free(self) -> _Worker:
        for worker in self._workers:
            if worker.task is None:
                return worker
        self._workers.append(self._started())
        return self._workers[-1]

    def _lost(self, worker: _Worker, again: deque[tuple[Task, int]]) -> Iterator[Outcome]:
        """Replace a worker that died, and have its task done again, or give the task up."""
        task, attempt = worker.task, worker.attempt
        assert task is not None
        code = self._replace(worker)
        if attempt < ATTEMPTS:
            again.append((task, attempt + 1))
        else:
            yield died(task, f"the worker process ended {ATTEMPTS} times ({_ending(code)})")

    def _replace(self, worker: _Worker) -> int | None:
        """Put a new process in the place of one that died; the exit code of the old."""
        worker.connection.close()
        worker.process.join(5)
        code: int | None = worker.process.exitcode
        worker.process.kill()
        self._workers[self._workers.index(worker)] = self._started()
        return code

    def _started(self) -> _Worker:
        """A new worker.

        Raises
        ------
        OSError
            The server that forks workers ends again and again, or cannot be started.
        """
        for _ in range(ATTEMPTS):
            here, there = self._context.Pipe()
            process = self._context.Process(target=serve, args=(there,), daemon=True)
            try:
                with _environment(ONE_THREAD), temporary_files_in_scratch():
                    process.start()
            except (EOFError, ConnectionError):
                # The server was killed while it was asked; the next request starts another.
                here.close()
                time.sleep(PAUSE)
            else:
                return _Worker(process, here)
            finally:
                there.close()
        raise OSError(
            f"no worker process could be started ({ATTEMPTS} times the process that starts them "
            "was killed); what was done is kept, the same command goes on"
        )


def _first(task: Task | None) -> tuple[Task, int] | None:
    return None if task is None else (task, 1)


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return "killed, or out of memory" if code in {None, 255} else f"exit status {code}"


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Variables that a process started in the block finds."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
