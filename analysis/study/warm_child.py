"""What a forked copy of the warm parent does to become a kernel like one started cold."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

# Loaded before the fork, so that nothing can fail between it and the first system call.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Request:
    """Kernel that is asked for: arguments of its launcher, whole environment, working folder."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: str


def become_kernel(request: Request, parent: int, variables: Mapping[str, str]) -> None:
    """Take on what a new process would have been given, then serve as a kernel until the end.

    Parameters
    ----------
    request : Request
    parent : int
        Process id of the warm parent; this process does not outlive it.
    variables : mapping of str to str
        Set by imports, where the environment does not have them.
    """
    _die_with(parent)
    os.setsid()
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update({**variables, **request.environment, "JPY_PARENT_PID": str(parent)})
    time.tzset()
    _take_stdin()
    _reset_signals()
    _reseed()
    gc.enable()
    _serve(request.arguments, parent)


def _die_with(parent: int) -> None:
    """Have the system kill this process when the parent ends, however that ends."""
    assert _LIBC is not None
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _take_stdin() -> None:
    """No input; output goes where the parent's went, and from there the kernel catches it."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)


def _reset_signals() -> None:
    for number in (signal.SIGALRM, signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _reseed() -> None:
    """Fresh streams: without a seed no two kernels draw the same numbers.

    The seed of Python's hashes cannot be drawn again; a run fixes it for all its kernels.
    """
    import numpy as np

    np.random.seed()  # noqa: NPY002
    random.seed()


def forget_warnings() -> None:
    """Before any fork: Python shows most warnings once per place, and no page has shown any yet.

    Done by each kernel it would write to, and so copy, memory all over the place.
    """
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType):
            vars(module).pop("__warningregistry__", None)


def _serve(arguments: Sequence[str], parent: int) -> None:
    import ipykernel_launcher  # type: ignore[import-untyped]
    from ipykernel.kernelapp import IPKernelApp
    from matplotlib import pyplot

    sys.argv = [str(Path(ipykernel_launcher.__file__)), *arguments]
    kernel = IPKernelApp.instance(parent_handle=parent)
    kernel.initialize(list(arguments))  # type: ignore[no-untyped-call]
    # Pyplot was imported before there was a shell to tell of figures.
    pyplot.install_repl_displayhook()
    kernel.start()  # type: ignore[no-untyped-call]
