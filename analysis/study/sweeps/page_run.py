"""Pages executed at points of a sweep, and held against the sweep's rows by their last cell."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import chain, islice
from pathlib import Path

from papermill import PapermillExecutionError

from analysis.study.execute import execute
from analysis.study.kernels import SOCKETS, Kernels
from analysis.study.page_result import EXPECTED, FOLDER, RESULT, cell, folder_of
from analysis.study.scratch import Scratch
from analysis.study.sweeps.chunk import DONE, FAILED, ONE_THREAD
from analysis.study.sweeps.page import Page, PageOutcome


class EarlyEndError(Exception):
    """A page ended by itself before its last cell, as by `sys.exit(0)`."""


def kernels(folder: Path, warm: bool) -> Kernels:
    """Kernels whose pages meet the sweep in a folder."""
    return Kernels({FOLDER: str(folder), **ONE_THREAD}, warm)


def run_page(task: Page, kernels: Kernels, folder: Path) -> PageOutcome:
    """Execute a page in `kernels` of the same folder; whatever fails is an outcome of this page.

    A page whose kernel ended with the warm parent is executed once more: it has done nothing.
    """
    losses = kernels.losses
    outcome = _attempt(task, kernels, folder)
    if outcome.status == FAILED and kernels.losses > losses and not kernels.stopped:
        outcome = _attempt(task, kernels, folder)
    return outcome


def _attempt(task: Page, kernels: Kernels, folder: Path) -> PageOutcome:
    meeting = folder_of(folder, task.page, task.point)
    copy = meeting / "executed.ipynb"
    reached: int | None = None

    def on_cell(done: int, total: int) -> None:
        nonlocal reached
        reached = min(done, total)

    table, error = None, None
    try:
        source = _lay_out(task, meeting)
        execute(
            source,
            copy,
            task.parameters,
            kernels,
            on_cell,
            seconds=task.seconds,
            appended=cell(task.page, task.point),
        )
        table = _table(meeting)
    except Exception as failure:
        error = _error(failure, task.seconds)
    notebook = copy.read_bytes() if copy.is_file() else None
    shutil.rmtree(meeting, ignore_errors=True)
    if error is not None:
        return PageOutcome(task.page, task.point, FAILED, reached, error, notebook)
    return PageOutcome(task.page, task.point, DONE, notebook=notebook, table=table)


def _lay_out(task: Page, meeting: Path) -> Path:
    """Put the sweep's rows and the page where they meet; the page."""
    (meeting / EXPECTED).mkdir(parents=True, exist_ok=True)
    for name, content in task.expected.items():
        (meeting / EXPECTED / f"{name}.parquet").write_bytes(content)
    source = meeting / f"{task.page}.ipynb"
    source.write_bytes(task.source)
    return source


def _table(meeting: Path) -> bytes:
    """Tables that the last cell has left; a page may end before, without an error."""
    try:
        return (meeting / RESULT).read_bytes()
    except FileNotFoundError:
        raise EarlyEndError from None


def run_pages(tasks: Iterable[Page], at_once: int) -> Iterator[PageOutcome]:
    """Outcomes of pages as they come, some in flight; kernels end with the iteration.

    A single page has a cold kernel: to warm up a parent takes as long.
    """
    at_once = at_once if SOCKETS else 1
    source = iter(tasks)
    first = list(islice(source, 2))
    if not first:
        return
    with (
        Scratch() as folder,
        kernels(Path(folder), first[0].warm and len(first) > 1) as started,
        ThreadPoolExecutor(at_once) as pool,
    ):
        try:
            rest = chain(first, source)
            flying = {
                pool.submit(run_page, one, started, Path(folder))
                for one in islice(rest, 2 * at_once)
            }
            while flying:
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                flying |= {
                    pool.submit(run_page, one, started, Path(folder))
                    for one in islice(rest, len(done))
                }
                for future in done:
                    yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            started.stop()
            raise


def _error(failure: Exception, seconds: int) -> str:
    if isinstance(failure, PapermillExecutionError):
        return " ".join(f"{failure.ename}: {failure.evalue}".split())
    if isinstance(failure, TimeoutError):
        return f"the cell outran its limit of {seconds} s"
    if isinstance(failure, EarlyEndError):
        return "the page ended before its last cell"
    return " ".join(f"{type(failure).__name__}: {failure}".split())[:500]
