"""Kernels forked from a warm parent, for runs of many pages; cold kernels where that cannot be.

A cold kernel spends seconds on imports and on the baseline before its page begins. Here a parent
process (`analysis.study.warm_parent`) does both once and every kernel is a forked copy of it. No
maintained package does this: ipykernel closed its proposals (410, 1261), hotpot_km is abandoned,
and SageMathCell's is part of its server. It plugs in as a kernel provisioner of jupyter_client.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from analysis.study.warm_kernel import LOOK, ColdError, ForkedKernel
from analysis.study.warm_process import ParentProcess, identity

#: Name of the provisioner in a kernel specification.
PROVISIONER = "study-warm"
KernelProvisionerFactory.provisioners[PROVISIONER] = EntryPoint(
    PROVISIONER, "analysis.study.warm:WarmProvisioner", KernelProvisionerFactory.GROUP_NAME
)

#: Parents that may die under a run before it goes on with cold kernels.
DEATHS = 3

_LAUNCHER = ["-m", "ipykernel_launcher"]


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by forking the warm parent of its manager's run, or else cold."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Fork a kernel; where that cannot be, launch it as `LocalProvisioner` does."""
        warm: Warm = self.parent.warm  # type: ignore[union-attr]
        try:
            kernel = await warm.kernel(cmd, options)
        except ColdError as reason:
            warm.note(str(reason))
            return await super().launch_kernel(cmd, **options)
        self.process, self.pid = kernel, kernel.pid  # type: ignore[assignment]
        self.cwd = options.get("cwd") or os.getcwd()
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill it and see it gone, so that nobody has to look again after a tenth of a second."""
        await super().kill(restart)
        deadline = time.monotonic() + 1.0
        while await self.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(LOOK)


class Warm:
    """The warm parent of a run, started when it is first needed and again when it is stale.

    Parameters
    ----------
    folder : Path
        Private folder of the run, for the socket and for what the parent prints.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._current: ParentProcess | None = None
        self._retired: list[ParentProcess] = []
        self._stopped = False
        self._deaths = 0
        self.reasons: list[str] = []
        self._lost: list[int] = []

    @property
    def losses(self) -> int:
        """Kernels that have ended because their parent did."""
        return len(self._lost)

    def note(self, reason: str) -> None:
        """Keep why a kernel was started cold, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    async def kernel(self, command: list[str], options: Mapping[str, Any]) -> ForkedKernel:
        """Forked kernel for the command of a cold one.

        Raises
        ------
        ColdError
            If there can be no such kernel.
        RuntimeError
            If the run was stopped meanwhile.
        """
        if strange := set(options) - {"env", "cwd", "kernel_id"}:
            raise ColdError(f"option {min(strange)} of a process")
        place = next((n for n in range(len(command)) if command[n : n + 2] == _LAUNCHER), None)
        if place is None:
            raise ColdError("the kernel is not this Python's ipykernel")
        environment = dict(options.get("env") or os.environ)
        parent, connection = self._connect(command[:place], environment)
        kernel = ForkedKernel(connection, self._lost.append)
        folder = str(options.get("cwd") or os.getcwd())
        try:
            await kernel.start(command[place + 2 :], environment, folder)
        except BaseException:
            kernel.close()
            if self._stopped:
                raise RuntimeError("the run was stopped before this kernel started") from None
            raise
        parent.served = True
        return kernel

    def stop(self) -> None:
        """End the parents and with them their kernels; none is started any more."""
        with self._lock:
            self._stopped = True
            for parent in [*self._retired, *([self._current] if self._current else [])]:
                parent.stop()

    def _connect(
        self, python: list[str], environment: Mapping[str, str]
    ) -> tuple[ParentProcess, socket.socket]:
        """Parent that has this interpreter, environment, code and data, and a connection to it."""
        with self._lock:
            if self._stopped:
                raise RuntimeError("the run was stopped before this kernel started")
            key = identity(python, environment)
            self._bury()
            if self._current is not None and self._current.key != key:
                self._current.retire()
                self._retired.append(self._current)
                self._current = None
            try:
                if self._current is None:
                    self._current = ParentProcess(key, python, environment, self._folder)
                return self._current, self._current.connect()
            except OSError as failure:
                raise ColdError(f"no warm parent: {failure}") from None

    def _bury(self) -> None:
        """Forget parents that have ended; after too many of them, have no other."""
        for parent in [parent for parent in self._retired if parent.ended]:
            parent.stop()
            self._retired.remove(parent)
        if self._current is not None and self._current.ended:
            self._deaths += 1 if self._current.served else DEATHS
            self.note(self._current.last_words)
            self._current.stop()
            self._current = None
        if self._deaths >= DEATHS:
            raise ColdError(self.reasons[-1])
