"""A sweep on an existing Dask cluster, of which every worker has the same code, data and lock.

Workers evaluate and send results back; only the process that was started by the user writes.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.errors import InputError
from analysis.study.sweeps.chunk import Outcome, Task, died, evaluate_chunk
from analysis.study.sweeps.keys import input_hashes, made
from analysis.study.sweeps.packages import locked, others
from analysis.study.sweeps.page import Page, PageOutcome
from analysis.study.sweeps.version import Version

if TYPE_CHECKING:
    from analysis.study.kernels import Kernels

#: Seconds to wait for a scheduler, and then for a first worker.
SECONDS = 10

#: How often Dask gives a task to another worker when one dies under it.
RETRIES = 3

_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d{1,5}")
_Given = TypeVar("_Given")
_Answer = TypeVar("_Answer")


class ClusterError(Exception):
    """The scheduler went away, or a worker that joined later is not like the others."""


class Cluster:
    """Workers of a Dask scheduler, as a context.

    Parameters
    ----------
    address : str
        Of the scheduler, as tcp://host:8786.
    inputs : iterable of Path
        Files of the user that the workers must find, with the same bytes.
    """

    def __init__(self, address: str, inputs: Iterable[Path]) -> None:
        self.address = address
        self._inputs = tuple(inputs)
        self._client: Any = None

    def __enter__(self) -> Cluster:
        self._client = _connected(self.address)
        try:
            self._compare()
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self._client.close()

    @property
    def count(self) -> int:
        """Threads of all workers together."""
        with self._there():
            return sum(self._client.nthreads().values())

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes of chunks as they come."""
        return self._mapped(evaluate_here, tasks, died)

    def read(self, pages: Iterable[Page]) -> Iterator[PageOutcome]:
        """Outcomes of pages as they come."""
        return self._mapped(read_here, pages, Page.lost)

    def _mapped(
        self,
        function: Callable[[_Given], _Answer],
        given: Iterable[_Given],
        lost: Callable[[_Given, str], _Answer],
    ) -> Iterator[_Answer]:
        """Answers as they come, with a bounded number of tasks in flight."""
        import distributed

        loop = self._client.loop
        source, flying = iter(given), dict[Any, _Given]()
        answers: Any = distributed.as_completed(loop=loop)  # type: ignore[no-untyped-call]
        while True:
            while len(flying) < max(2, 2 * self.count) and (one := next(source, None)) is not None:
                with self._there():
                    future = self._client.submit(function, one, pure=False, retries=RETRIES)
                flying[future] = one
                answers.add(future)
            if not flying:
                return
            future = next(answers)
            one = flying.pop(future)
            try:
                with self._there():
                    answer = future.result()
            except distributed.KilledWorker as failure:
                answer = lost(one, f"its workers died ({' '.join(str(failure).split())[:200]})")
            yield answer
            future.release()

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        """Say in one way that the scheduler went away, which Dask does in several."""
        try:
            yield
        except (concurrent.futures.CancelledError, OSError):
            raise ClusterError(
                f"--scheduler {self.address}: went away; what was done is kept, the same command "
                "goes on from there"
            ) from None

    def _compare(self) -> None:
        """Refuse a cluster on which a worker is not like this checkout.

        Raises
        ------
        InputError
            Names the worker and the part.
        """
        here, packages = made(self._inputs), locked()
        there = self._client.run(_made_there, [str(one) for one in self._inputs], on_error="return")
        for worker, found in sorted(there.items()):
            if not isinstance(found, Mapping):
                raise InputError(
                    f"--scheduler {self.address}: worker {worker} cannot run this study ({found}); "
                    "install the same checkout and lock there"
                )
            for name, mine, theirs in others(packages, found["installed"]):
                raise InputError(
                    f"--scheduler {self.address}: worker {worker} has {name} {theirs}, here is "
                    f"{mine}; install the packages of requirements.lock in both places"
                )
            for part in ("code", "data", "lock"):
                if found[part] != here.parts[part]:
                    raise InputError(
                        f"--scheduler {self.address}: worker {worker} has other {part}; "
                        "give every worker the same checkout and requirements.lock"
                    )
            for name, sha256 in here.inputs.items():
                if found["inputs"].get(name) != sha256:
                    raise InputError(
                        f"--scheduler {self.address}: worker {worker} does not find {name} with "
                        "the same bytes; put the file on a folder that all machines share, and "
                        "give its whole path"
                    )


def _connected(address: str) -> Any:
    """Client of the scheduler, with a worker at least."""
    if not _ADDRESS.fullmatch(address):
        raise InputError(
            f"--scheduler {address}: cannot be reached (no address); give one as tcp://host:8786"
        )
    import dask
    from distributed import Client

    certificate = "distributed.comm.tls.client.cert"
    if address.startswith("tls:") and not dask.config.get(certificate, None):
        raise InputError(
            f"--scheduler {address}: cannot be reached (no certificate); set {certificate} in "
            "Dask's configuration, or give a scheduler as tcp://host:8786"
        )
    # What Dask logs of workers that come and go is said here in one line, where it matters; each
    # of its loggers has a level of its own.
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=SECONDS, set_as_default=False
        )
    except (TimeoutError, OSError, ValueError, TypeError) as failure:
        reason = " ".join(str(failure).split()) or "no answer"
        raise InputError(
            f"--scheduler {address}: cannot be reached ({reason}); start `dask scheduler`, and "
            "give its address, as tcp://host:8786"
        ) from None
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        client.close()
        raise InputError(
            f"--scheduler {address}: has no worker; start `dask worker {address}` on every machine"
        ) from None
    return client


def _made_there(inputs: list[str]) -> dict[str, Any]:
    """Hashes of a worker's checkout and of the files that it finds."""
    found = input_hashes(Path(one) for one in inputs)
    return {**_parts_there(), "inputs": found, "installed": locked()}


@cache
def _parts_there() -> Mapping[str, str]:
    return made().parts


def evaluate_here(task: Task) -> Outcome:
    """Evaluate a chunk on a worker, which may have joined since the others were compared."""
    _same_version(task.version)
    return evaluate_chunk(task)


def read_here(task: Page) -> PageOutcome:
    """Execute a page on a worker, in a kernel and a folder of its own."""
    from analysis.study.sweeps.page_run import run_page

    _same_version(task.version)
    return run_page(task, *_kernels_here(task.warm))


@cache
def _kernels_here(warm: bool) -> tuple[Kernels, Path]:
    """Kernels of this worker and the folder in which their pages meet, until it ends."""
    from analysis.study.scratch import Scratch
    from analysis.study.sweeps.page_run import kernels

    ending = contextlib.ExitStack()
    atexit.register(ending.close)
    place = Path(ending.enter_context(Scratch()))
    return ending.enter_context(kernels(place, warm)), place


def _same_version(version: Version) -> None:
    found = _parts_there()
    other = [part for part, sha256 in version.parts.items() if found[part] != sha256]
    if other:
        raise ClusterError(
            f"a worker that joined later has other {', '.join(other)}; what was done is kept"
        )
