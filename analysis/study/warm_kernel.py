"""A forked kernel as its client sees it, at the other end of a connection to the warm parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from analysis.study.warm_messages import Inbox, write

#: Longest wait for a parent to warm up, in seconds, and between two looks at a dying kernel.
PATIENCE, LOOK = 300.0, 0.002


class ColdError(Exception):
    """Why a kernel is started cold."""


class ForkedKernel:
    """Process of a forked kernel, as its client sees it; the likeness of `subprocess.Popen`.

    Parameters
    ----------
    connection : socket
        To the warm parent, which alone can wait for the process.
    on_loss : callable
        Called with its process id when the kernel has ended because the parent did.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, on_loss: Callable[[int], None]) -> None:
        self._connection, self._inbox = connection, Inbox(connection)
        self._on_loss = on_loss
        self._lock = threading.Lock()
        self.pid = 0
        self.returncode: int | None = None

    async def start(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: str
    ) -> None:
        """Ask for the fork and wait until it has been made.

        Raises
        ------
        ColdError
            If the parent refuses, ends, or takes too long.
        """
        start = {"arguments": list(arguments), "environment": dict(environment), "folder": folder}
        deadline, pause = time.monotonic() + PATIENCE, LOOK
        try:
            write(self._connection, {"start": start})
            while (answer := self._inbox.read()) is None:
                if time.monotonic() > deadline:
                    raise ColdError(f"the warm parent was not ready within {PATIENCE:g} s")
                await asyncio.sleep(pause)
                pause = min(1.2 * pause, 0.1)
        except (EOFError, OSError):
            raise ColdError("the warm parent ended") from None
        if "started" not in answer:
            raise ColdError(str(answer.get("refused", "the warm parent refused")))
        self.pid = int(answer["started"])

    def poll(self) -> int | None:
        """Exit code; None while the kernel lives. Without its parent no kernel lives."""
        with self._lock:
            if self.returncode is None:
                try:
                    if message := self._inbox.read():
                        self.returncode = int(message["ended"])
                except EOFError:
                    self.returncode = -9
                    self._end_group()
                    self._on_loss(self.pid)
                if self.returncode is not None:
                    self._connection.close()
        return self.returncode

    def _end_group(self) -> None:
        """End what the kernel has started, which its parent did not live to do."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Exit code, once there is one."""
        deadline = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(LOOK)
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel and the processes it has started."""
        with self._lock:
            if self.returncode is None:
                try:
                    write(self._connection, {"signal": int(number)})
                except OSError:
                    raise ProcessLookupError(f"kernel {self.pid} has ended") from None

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(9)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(15)

    def close(self) -> None:
        """Let go of it; a kernel that nobody holds is killed."""
        self._connection.close()
