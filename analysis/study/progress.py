"""How far a run or a sweep is: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class RunProgress:
    """Progress of the pages of a run; safe to call from the threads that execute them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._since: dict[str, float] = {}

    def __enter__(self) -> RunProgress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def say(self, line: str) -> None:
        """Print one line above the bars."""
        self._console.print(line, highlight=False)

    def began(self, page: str) -> None:
        """A page has begun."""
        self._since[page] = time.monotonic()
        self._tasks[page] = self._bars.add_task(page, total=None, state="kernel starts")
        if not self._console.is_terminal:
            self.say(f"  {page}: running")

    def advanced(self, page: str, done: int, total: int) -> None:
        """`done` of `total` cells of the page are done."""
        state = f"cell {done + 1} of {total}"
        self._bars.update(self._tasks[page], completed=done, total=total, state=state)

    def ended(self, page: str, outcome: str) -> None:
        """The page has ended; `outcome` is "done" or "failed"."""
        task = self._tasks[page]
        total = self._bars.tasks[task].total or 1
        self._bars.update(task, completed=total, total=total, state=outcome)
        if not self._console.is_terminal:
            seconds = time.monotonic() - self._since[page]
            self.say(f"  {page}: {outcome}, {seconds:.1f} s")


class SweepProgress:
    """Progress of a sweep, first over its points, then over its notebooks, with the time left."""

    #: Seconds between two lines where there is no terminal.
    EVERY = 10.0

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Progress | None = None
        self._what, self._total, self._done, self._failed = "", 0, 0, 0
        self._since = self._said = 0.0

    def say(self, line: str) -> None:
        """Print one line above the bar."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def points(self, total: int) -> AbstractContextManager[None]:
        """Context in which `total` points are evaluated."""
        return self._shown("points", total)

    def pages(self, total: int) -> AbstractContextManager[None]:
        """Context in which `total` notebooks are executed."""
        return self._shown("notebooks", total)

    @contextmanager
    def _shown(self, what: str, total: int) -> Iterator[None]:
        self._what, self._total, self._done, self._failed = what, total, 0, 0
        self._since = self._said = time.monotonic()
        if not total:
            yield
            return
        bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        with bars:
            bars.add_task(what, total=total, state="")
            self._bars = bars
            yield
        self._bars = None
        if self._done and not self._console.is_terminal:
            self._line()

    def advanced(self, done: int, failed: int) -> None:
        """`done` more are done, `failed` of them badly."""
        self._done, self._failed = self._done + done, self._failed + failed
        state = f"{self._failed} failed" if self._failed else ""
        if self._bars is not None:
            self._bars.update(TaskID(0), completed=self._done, state=state)
        late = time.monotonic() - self._said > self.EVERY
        if late and self._done < self._total and not self._console.is_terminal:
            self._line()

    def _line(self) -> None:
        self._said = time.monotonic()
        spent = self._said - self._since
        left = spent / self._done * (self._total - self._done)
        bad = f", {self._failed} failed" if self._failed else ""
        self.say(
            f"  {self._done:,} of {self._total:,} {self._what}{bad}, {spent:.0f} s"
            + (f", about {left:.0f} s left" if left else "")
        )
