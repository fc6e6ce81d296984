"""Warm parent: a process that has imported the study and evaluated its baseline, and forks kernels.

`analysis.study.warm` starts it with a listening socket. Every connection asks for one kernel, a
forked copy that shares what is loaded until it writes to it. The connection then carries signals
one way and the kernel's end the other; closing it kills the kernel. All of it runs in one thread:
a lock that another thread held at the fork would stay locked for ever in the copy. The parent ends
with its client, and the kernels end with the parent, kill -9 included.
"""

from __future__ import annotations

import builtins
import gc
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

from analysis.study.warm_child import Request, become_kernel, forget_warnings
from analysis.study.warm_messages import Inbox, is_same_user, write

#: What pages and the start of a kernel import. The inline backend is left out: imported before
#: there is a shell, it would never be told of one, and figures would vanish.
MODULES = (
    "ipykernel_launcher",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
    "tornado.queues",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "sqlite3",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "statsmodels.api",
    "analysis.impact",
    "analysis.impact.readings",
    "analysis.report",
    "analysis.study.notebook",
)
INLINE = "module://matplotlib_inline.backend_inline"
SECONDS = 1.0  #: between two looks whether the client is there, beside the pipe that ends with it


def warm_up() -> dict[str, str]:
    """Import what pages import, draw an empty picture that nobody sees, evaluate the baseline.

    Returns
    -------
    dict of str to str
        Variables that imports have set, as they would have in a cold kernel.
    """
    os.environ.setdefault("MPLBACKEND", INLINE)
    before = dict(os.environ)
    # Pandas asks at import whether it is in a notebook: outside of one it shows all columns.
    vars(builtins)["get_ipython"] = lambda: SimpleNamespace(kernel=None)
    for name in MODULES:
        import_module(name)
    del vars(builtins)["get_ipython"]
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from analysis import build_panel, evaluate, scenario

    FigureCanvasAgg(Figure()).print_png(BytesIO())  # type: ignore[no-untyped-call]
    baseline = scenario({})
    evaluate(build_panel(baseline), baseline)
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


def threads() -> str | None:
    """Complaint about threads beside the one that forks; None when there are none."""
    others = len(os.listdir("/proc/self/task")) - 1
    return f"{others} more threads run in the warm parent" if others else None


def printed() -> str | None:
    """Complaint about what was printed so far; None when nothing was."""
    sys.stdout.flush()
    sys.stderr.flush()
    return "the warm parent printed what a page would have shown" if os.fstat(2).st_size else None


def hidden_by(folder: Path) -> str | None:
    """Module of the working folder that a cold kernel would import instead of one loaded here."""
    found = [*folder.glob("*.py"), *(init.parent for init in folder.glob("*/__init__.py"))]
    for path in found:
        loaded = getattr(sys.modules.get(path.stem), "__file__", None)
        if loaded is not None and not Path(loaded).is_relative_to(path.resolve()):
            return path.name
    return None


@dataclass(frozen=True, eq=False)
class Kernel:
    """A forked kernel: its process, a descriptor that tells its end, and who asked for it."""

    process: int
    descriptor: int
    connection: socket.socket

    def signal(self, number: int) -> None:
        """Signal the kernel and what it has started; alone until it has its own group."""
        try:
            os.killpg(self.process, number)
        except ProcessLookupError:
            os.kill(self.process, number)


class Parent:
    """Answers requests until the client is gone."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._client = os.getppid()
        self._selector = selectors.PollSelector()
        self._kernels: dict[socket.socket, Kernel] = {}
        self._retired = False
        self._watch(listener, self._accept)
        self._watch(sys.stdin.fileno(), self._hear_client)

    def serve(self) -> Request | None:
        """Answer until the end, which is None; in each copy, return what the copy is to become."""
        while os.getppid() == self._client and not (self._retired and not self._kernels):
            for key, _ in self._selector.select(SECONDS):
                request: Request | None = key.data()
                if request is not None:
                    return request
        for kernel in self._kernels.values():
            kernel.signal(signal.SIGKILL)
        return None

    def _watch(self, source: socket.socket | int, answer: Callable[[], Request | None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, answer)

    def _hear_client(self) -> None:
        """A word from the client means: go when the last kernel has gone. Silence means: now."""
        if os.read(sys.stdin.fileno(), 1):
            self._retired = True
            self._selector.unregister(self._listener)
            self._listener.close()
        else:
            self._client = 0

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        if not is_same_user(connection):
            connection.close()
            return
        inbox = Inbox(connection)
        self._watch(connection, lambda: self._hear(connection, inbox))

    def _hear(self, connection: socket.socket, inbox: Inbox) -> Request | None:
        """Messages on one connection: the request for its kernel, then signals to it."""
        try:
            while message := inbox.read():
                if "signal" in message:
                    if kernel := self._kernels.get(connection):
                        kernel.signal(int(message["signal"]))
                elif request := self._fork(connection, Request(**message["start"])):
                    return request
        except (EOFError, KeyError, TypeError, ValueError, OSError):
            self._drop(connection)
        return None

    def _fork(self, connection: socket.socket, request: Request) -> Request | None:
        """Fork; the request in the copy, None in the parent."""
        hidden = hidden_by(Path(request.folder))
        if reason := f"{hidden} hides a module that pages import" if hidden else threads():
            write(connection, {"refused": reason})
            return None
        process = os.fork()
        if process == 0:
            self._let_go()
            return request
        kernel = Kernel(process, os.pidfd_open(process), connection)
        self._kernels[connection] = kernel
        self._watch(kernel.descriptor, lambda: self._reap(kernel))
        write(connection, {"started": process})
        return None

    def _reap(self, kernel: Kernel) -> None:
        """Tell how a kernel has ended; what it had started goes with it, while the id is its."""
        self._selector.unregister(kernel.descriptor)
        os.close(kernel.descriptor)
        kernel.signal(signal.SIGKILL)
        _, status = os.waitpid(kernel.process, 0)
        del self._kernels[kernel.connection]
        try:
            write(kernel.connection, {"ended": os.waitstatus_to_exitcode(status)})
        except OSError:
            self._drop(kernel.connection)

    def _drop(self, connection: socket.socket) -> None:
        """End the kernel that the client has let go of."""
        try:
            self._selector.unregister(connection)
        except (KeyError, ValueError):
            return
        if kernel := self._kernels.get(connection):
            kernel.signal(signal.SIGKILL)
        connection.close()

    def _let_go(self) -> None:
        """In a copy: close what is the parent's."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            elif key.fd > 2:
                os.close(key.fd)
        self._selector.close()


def main() -> None:
    """Warm up, then serve on the listening socket whose descriptor is the argument."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    sys.path.pop(0)  # the working folder, as for a cold kernel, which adds its own
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    client = os.getppid()
    signal.signal(signal.SIGALRM, lambda *_: None if os.getppid() == client else os._exit(1))
    signal.setitimer(signal.ITIMER_REAL, SECONDS, SECONDS)
    variables = warm_up()
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    if reason := threads() or printed():
        sys.exit(reason)
    forget_warnings()
    gc.freeze()  # uncollected: a kernel would write into the holes, and so copy what is around
    parent = os.getpid()
    if request := Parent(listener).serve():
        become_kernel(request, parent, variables)


if __name__ == "__main__":
    main()
