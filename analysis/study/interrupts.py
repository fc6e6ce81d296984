"""Ends that are asked for: by a scheduler, a container or a closed terminal, as by Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

#: Windows has no second one.
SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def ends_like_an_interrupt() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise KeyboardInterrupt, so that contexts close.

    Only the first does: what a second one would interrupt is the tidying up. One that is ignored
    already, as under `nohup`, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: Any) -> None:  # noqa: ARG001
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {one: signal.getsignal(one) for one in SIGNALS}
    before = {one: how for one, how in before.items() if how is signal.SIG_DFL}
    for one in before:
        signal.signal(one, interrupt)
    try:
        yield
    finally:
        for one, how in before.items():
            signal.signal(one, how)
