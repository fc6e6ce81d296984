"""Kernels of a run: one per notebook, on sockets of their own, stopped with the run.

Kernels started at the same time over TCP can be given the same port: the port is looked up,
released and only then taken. Unix sockets in a folder per kernel cannot collide. Windows has no
such sockets in Jupyter, so there the kernels run one at a time over TCP.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

#: Variable that tells a page where to keep its figures.
FIGURES = "STUDY_FIGURES"

SOCKETS = sys.platform != "win32"

#: Kernels at once: a page uses one core.
AT_ONCE = min(2, os.cpu_count() or 1) if SOCKETS else 1


class Kernels:
    """The kernels of one run: the environment they get, and those that were started.

    Parameters
    ----------
    environment : mapping of str to str
        Variables set for every kernel, beside those of the run itself.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._started: list[AsyncKernelManager] = []
        self._stopped = False

    def manager_class(self) -> type[AsyncKernelManager]:
        """Class that papermill makes one object of per notebook."""
        kernels = self

        class StudyKernel(AsyncKernelManager):
            """Kernel on its own sockets, with the environment of the run."""

            def __init__(self, **options: Any) -> None:
                if SOCKETS:
                    folder = tempfile.mkdtemp(prefix="study-")
                    options |= {"transport": "ipc", "ip": str(Path(folder) / "kernel")}
                super().__init__(**options)
                kernels._started.append(self)

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                if kernels._stopped:
                    raise RuntimeError("the run was stopped before this kernel started")
                environment = {**os.environ, **options.pop("env", {}), **kernels._environment}
                await AsyncKernelManager.start_kernel(self, env=environment, **options)

            def cleanup_ipc_files(self) -> None:
                super().cleanup_ipc_files()
                if SOCKETS:
                    with suppress(OSError):
                        Path(self.ip).parent.rmdir()

        return StudyKernel

    def stop(self) -> None:
        """Stop every kernel at once, and start no more; what has ended already is left alone."""
        self._stopped = True
        for manager in self._started:
            process = getattr(manager.provisioner, "process", None)
            if process is not None and process.poll() is None:
                process.kill()
            manager.cleanup_resources()
