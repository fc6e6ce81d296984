"""How far a run is: a bar per page on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


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
