"""Worker processes: how they begin, and that they end with whoever started them."""

import multiprocessing.forkserver
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from sweep_lab import PATIENCE, wait_for
from warm_lab import gone

from analysis.study import record
from analysis.study.sweeps import workers
from analysis.study.sweeps.chunk import ONE_THREAD
from analysis.study.sweeps.workers import ATTEMPTS, Workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there a server forks workers")


def _server() -> int:
    found: int = multiprocessing.forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return found


def _end_server() -> None:
    """As the next request finds it: gone."""
    os.kill(_server(), signal.SIGKILL)
    wait_for(lambda: gone(_server()))


def test_a_worker_has_one_thread_of_linear_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "2")
    with Workers(1) as started:
        started._started().process.kill()
        _end_server()  # it may have been there, with another environment
        worker = started._started()
        started._workers.append(worker)
        environment = psutil.Process(worker.process.pid).environ()
    assert {name: environment[name] for name in ONE_THREAD} == ONE_THREAD
    assert os.environ["OMP_NUM_THREADS"] == "2"


class _Killed:
    """A process whose server dies while it is asked for it."""

    def start(self) -> None:
        raise EOFError


class _Context:
    """Gives some processes that cannot start, and then those of another context."""

    def __init__(self, plain: Any, deaths: int) -> None:
        self._plain, self._left = plain, deaths
        self.Pipe = plain.Pipe

    def Process(self, **options: Any) -> Any:  # noqa: N802
        self._left -= 1
        return _Killed() if self._left >= 0 else self._plain.Process(**options)


def test_a_server_that_is_killed_while_it_is_asked_is_asked_again() -> None:
    with Workers(1) as started:
        started._context = _Context(started._context, 1)
        started._workers.append(started._started())
        assert started._workers[0].process.is_alive()


def test_a_server_that_is_always_killed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PAUSE", 0.0)
    with Workers(1) as started:
        started._context = _Context(started._context, ATTEMPTS)
        with pytest.raises(OSError, match="the same command goes on"):
            started._started()


BUSY = """
import multiprocessing, os, sys, time
from pathlib import Path
from analysis.study.sweeps import serve

def evaluate(told):
    Path(told).write_text(str(os.getpid()))
    time.sleep(600)

def busy(connection):
    serve.evaluate_chunk = evaluate
    serve.serve(connection)

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    context.Process(target=busy, args=(there,), daemon=True).start()
    there.close()
    here.send(sys.argv[1])
    time.sleep(600)
"""


def test_a_worker_in_mid_chunk_ends_with_its_parent(tmp_path: Path) -> None:
    script, told = tmp_path / "busy.py", tmp_path / "told"
    script.write_text(BUSY)
    environment = {**os.environ, "PYTHONPATH": str(record.ROOT)}
    parent = subprocess.Popen([sys.executable, script, told], env=environment)
    try:
        wait_for(lambda: told.exists() and bool(told.read_text()))
    finally:
        parent.kill()
        parent.wait(PATIENCE)
    worker = int(told.read_text())
    wait_for(lambda: gone(worker), 20, required=False)
    stayed = not gone(worker)
    if stayed:
        os.kill(worker, signal.SIGKILL)
    assert not stayed
