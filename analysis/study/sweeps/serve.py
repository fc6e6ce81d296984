"""What a worker process does; apart, so that it imports no more than it needs."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection

from analysis.study.sweeps.chunk import evaluate_chunk


def serve(connection: Connection) -> None:
    """Evaluate what comes, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(evaluate_chunk(connection.recv()))


def _leave_with_parent() -> None:
    """End this process at once when the one that started it has ended, even in mid-chunk."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
