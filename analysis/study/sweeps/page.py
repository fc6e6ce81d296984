"""One page of a sweep, and how it ended, in forms that travel to other processes and machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.study.sweeps.chunk import FAILED
from analysis.study.sweeps.version import Version


@dataclass(frozen=True)
class PageOutcome:
    """How a page ended: the executed notebook, the page's tables, and where it failed."""

    page: str
    point: int
    status: str
    cell: int | None = None
    error: str | None = None
    notebook: bytes | None = None
    table: bytes | None = None


@dataclass(frozen=True)
class Page:
    """A page to execute, in a form that travels.

    Attributes
    ----------
    source : the notebook, as bytes.
    parameters : what differs from the baseline, with the user's panel.
    expected : the sweep's rows for the point, a Parquet file by table.
    seconds : limit of a cell.
    version : what whoever executes it must have.
    warm : whether kernels may be forked from one that has imported what pages need.
    """

    page: str
    point: int
    source: bytes
    parameters: Mapping[str, Any]
    expected: Mapping[str, bytes]
    seconds: int
    warm: bool
    version: Version

    def lost(self, why: str) -> PageOutcome:
        """Outcome of a page that nobody lived to execute."""
        return PageOutcome(self.page, self.point, FAILED, error=why)
