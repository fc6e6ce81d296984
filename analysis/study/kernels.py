"""Kernels of a run: one per notebook, on sockets of their own, stopped with the run.

Kernels started at the same time over TCP can be given the same port: the port is looked up,
released and only then taken. Unix sockets in a folder per kernel cannot collide. Windows has no
such sockets in Jupyter, so there the kernels run one at a time over TCP.

Kernels are forked from a warm parent where the system can (`analysis.study.warm`), and started
cold elsewhere, or when asked to. Pages come out the same, byte for byte.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from analysis.study.scratch import Scratch
from analysis.study.warm import PROVISIONER, Warm
from analysis.study.warm_process import why_not

#: Variable that tells a page where to keep its figures.
FIGURES = "STUDY_FIGURES"

#: Variable that has every kernel started cold when it is set to `cold`.
SWITCH = "STUDY_KERNELS"

#: The same for cold and forked kernels, so that sums are added up in the same order.
ALONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

#: A socket's path may have 104 bytes on macOS, 108 on Linux, with the channel's number.
LONGEST = 100

SOCKETS = sys.platform != "win32"

#: Kernels at once: a page uses one core.
AT_ONCE = min(2, os.cpu_count() or 1) if SOCKETS else 1


class Kernels:
    """The kernels of one run, as a context: none of them outlives it.

    Parameters
    ----------
    environment : mapping of str to str
        Variables set for every kernel, beside those of the run itself.
    warm : bool
        Whether kernels are forked from a warm parent, where the system can.
    """

    def __init__(self, environment: Mapping[str, str], warm: bool = True) -> None:
        self._environment = {**ALONE, **environment, "PYTHONHASHSEED": "0"}
        self._folder = Scratch(sockets=True)
        self._numbers = itertools.count()
        self._started: set[AsyncKernelManager] = set()
        self.stopped = False
        wanted = warm and os.environ.get(SWITCH) != "cold"
        self.warm = Warm(Path(self._folder.name)) if wanted and why_not() is None else None

    @property
    def cold_because(self) -> tuple[str, ...]:
        """Why kernels that should have been forked were started cold."""
        return tuple(self.warm.reasons) if self.warm else ()

    @property
    def losses(self) -> int:
        """Kernels that ended because the warm parent did."""
        return self.warm.losses if self.warm else 0

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> None:
        """Stop every kernel at once, and start no more; what has ended already is left alone."""
        self.stopped = True
        for manager in tuple(self._started):
            process = getattr(manager.provisioner, "process", None)
            if process is not None and process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                process.wait()
            _end_group(manager)
        if self.warm:
            self.warm.stop()

    def manager_class(self) -> type[AsyncKernelManager]:
        """Class that papermill makes one object of per notebook."""
        kernels = self

        class StudyKernel(AsyncKernelManager):
            """Kernel on its own sockets, with the environment of the run."""

            def __init__(self, **options: Any) -> None:
                super().__init__(**{**kernels._transport(), **options})
                self.warm = kernels.warm
                kernels._started.add(self)

            async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
                if kernels.stopped:
                    raise RuntimeError("the run was stopped before this kernel started")
                if kernels.warm and self.kernel_spec:
                    self.kernel_spec.metadata["kernel_provisioner"] = {
                        "provisioner_name": PROVISIONER
                    }
                environment = {**os.environ, **options.pop("env", {}), **kernels._environment}
                await AsyncKernelManager.start_kernel(self, env=environment, **options)

            async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
                _end_group(self)
                await AsyncKernelManager._async_cleanup_resources(self, restart)
                if not restart:
                    kernels._started.discard(self)

        return StudyKernel

    def _transport(self) -> dict[str, str]:
        """Sockets of the next kernel; TCP where there are none, or the path is too long for one."""
        prefix = str(Path(self._folder.name) / str(next(self._numbers)))
        sockets = SOCKETS and len(os.fsencode(prefix)) < LONGEST
        return {
            "connection_file": f"{prefix}.json",
            **({"transport": "ipc", "ip": prefix} if sockets else {}),
        }


def _end_group(manager: AsyncKernelManager) -> None:
    """End what a cold kernel has started and left behind; the warm parent does it for its own."""
    group = getattr(manager.provisioner, "pgid", None)
    if group and SOCKETS and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
