"""The warm parent as its client holds it: started, asked for connections, retired, stopped."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analysis.study.record import ROOT
from analysis.study.warm_messages import is_same_user

#: Beginnings of the variables that Python and its libraries read once, when they start.
AT_START = ("PYTHON", "MPL", "OMP_", "OPENBLAS_", "MKL_", "LC_", "LANG", "HOME", "XDG_", "LD_")

#: Set for the parent alone; kernels have the environment of their request. Arrow's allocator would
#: start a thread at import, and the debugger that every kernel imports would print advice.
_QUIET = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}

_numbers = itertools.count()


def why_not() -> str | None:
    """Why this system cannot fork kernels; None when it can.

    macOS has fork, but not for processes that have used its own frameworks, as numpy does there.
    """
    if sys.platform != "linux":
        return f"forking is not safe on {sys.platform}"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return "the system has no process descriptors (Linux 5.3 has)"
    return None


def identity(python: Sequence[str], environment: Mapping[str, str]) -> tuple[object, ...]:
    """What a parent has taken in for good: another one needs another parent."""
    variables = sorted(item for item in environment.items() if item[0].startswith(AT_START))
    return (*python, *variables, *sources(ROOT))


def sources(root: Path) -> Iterator[tuple[str, int, int, int]]:
    """Path, times and size of every file of code, data and lock."""
    found = [*(root / "analysis").rglob("*.py"), *(root / "data").rglob("*")]
    for path in [*sorted(found), root / "requirements.lock"]:
        try:
            about = path.stat()
        except FileNotFoundError:
            continue
        yield str(path), about.st_mtime_ns, about.st_ctime_ns, about.st_size


class ParentProcess:
    """A running warm parent.

    Parameters
    ----------
    key : tuple
        Its identity, taken before it starts to read.
    python : sequence of str
        Interpreter with its options.
    environment : mapping of str to str
        That of the kernels.
    folder : Path
        Private folder for the socket and for what the parent prints.

    Attributes
    ----------
    served : bool
        Whether it has forked a kernel.
    """

    def __init__(
        self,
        key: tuple[object, ...],
        python: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.key, self.served = key, False
        self._address = str(folder / f"warm{next(_numbers)}")
        self._log = Path(f"{self._address}.log")
        with socket.socket(socket.AF_UNIX) as listener, self._log.open("ab") as log:
            listener.bind(self._address)
            listener.listen(128)
            self._process = subprocess.Popen(
                [*python, "-m", "analysis.study.warm_parent", str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**environment, **_QUIET},
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    @property
    def last_words(self) -> str:
        """How it ended, in one line."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        return f"the warm parent ended with status {self._process.poll()}{said}"

    def connect(self) -> socket.socket:
        """New connection; it may be asked before the parent is warm, and is answered then."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._address)
            if not is_same_user(connection):
                raise ConnectionError("the socket belongs to another user")
        except OSError:
            connection.close()
            raise
        return connection

    def retire(self) -> None:
        """Have it fork no more, and end when its last kernel has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"r")
            self._process.stdin.flush()
        except OSError:
            self.stop()

    def stop(self) -> None:
        """End it with its kernels; one that is still warming up does not listen and is killed."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self.served:
                self._process.wait(10)
        self._process.kill()
        self._process.wait()
