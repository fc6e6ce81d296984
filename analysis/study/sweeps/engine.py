"""What evaluates chunks and executes pages: processes here, or a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from analysis.study.sweeps.chunk import Outcome, Task
from analysis.study.sweeps.page import Page, PageOutcome


class Engine(Protocol):
    """Workers, wherever they are."""

    @property
    def count(self) -> int:
        """How many work at the same time."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Outcomes of chunks as they come."""

    def read(self, pages: Iterable[Page]) -> Iterator[PageOutcome]:
        """Outcomes of pages as they come."""
