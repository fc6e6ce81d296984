"""One chunk of points: evaluated together, or one by one where that fails."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.scenario import Scenario
from analysis.study.sweeps import parquet
from analysis.study.sweeps.version import Version

DONE, FAILED = "done", "failed"

#: `where` of a point whose worker process died: not the point's own doing, so it is tried again.
WORKER = "worker"

#: `where` of the points of a chunk under which a file of the user changed; never stored.
EDITED = "edited"

#: One thread of linear algebra per process: the cores are shared out already, and the order of
#: sums, so the last digit of a figure, does not depend on the machine. Dask does the same.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS"), "1"
)


@dataclass(frozen=True)
class Status:
    """How a point ended: `where` it failed and the error, or None."""

    point: int
    status: str
    where: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Task:
    """A chunk to evaluate, in a form that travels to other processes and machines.

    Attributes
    ----------
    name : of its folder.
    points : numbers in the design.
    version : what whoever evaluates it must have.
    """

    name: str
    points: tuple[int, ...]
    scenarios: tuple[Scenario, ...]
    tables: tuple[str, ...]
    panel: Path | None
    version: Version


@dataclass(frozen=True)
class Outcome:
    """An evaluated chunk: Parquet files by table, and how each point ended."""

    name: str
    tables: Mapping[str, bytes]
    statuses: tuple[Status, ...]
    seconds: float = 0.0

    @property
    def failures(self) -> tuple[Status, ...]:
        """Points that failed."""
        return tuple(one for one in self.statuses if one.status == FAILED)

    @property
    def edited(self) -> str:
        """Files of the user that changed under it; blank where none did."""
        return next((one.error or "" for one in self.statuses if one.where == EDITED), "")


def evaluate_chunk(task: Task) -> Outcome:
    """Evaluate the points of a chunk; a point that raises becomes a failed row, alone.

    Files of the user are read while it runs, so that they have to be the same before and after.
    """
    since = time.perf_counter()
    if edited := task.version.edited:
        return _lost(task, EDITED, edited)
    parts, statuses = _tried(task, task.points)
    if edited := task.version.edited:
        return _lost(task, EDITED, edited)
    frames = {
        name: pd.concat([part[name] for part in parts], ignore_index=True)
        for name in task.tables
        if parts
    }
    files = {
        name: parquet.to_bytes(parquet.from_frame(frame)) for name, frame in sorted(frames.items())
    }
    return Outcome(task.name, files, tuple(statuses), time.perf_counter() - since)


def _evaluated(task: Task, points: Sequence[int]) -> dict[str, pd.DataFrame]:
    """Tables of some points of a task, numbered as in the design."""
    from analysis.impact.many import evaluate_many

    places = {point: place for place, point in enumerate(task.points)}
    chosen = [task.scenarios[places[point]] for point in points]
    numbers = np.asarray(points, dtype=np.int64)
    tables = evaluate_many(chosen, task.tables, task.panel)
    return {
        name: frame.assign(point=numbers[frame["point"].to_numpy()])
        for name, frame in tables.items()
    }


def _tried(task: Task, points: Sequence[int]) -> tuple[list[dict[str, pd.DataFrame]], list[Status]]:
    """Tables of some points, by halves where they fail together, until the guilty one is alone."""
    try:
        return [_evaluated(task, points)], [Status(point, DONE) for point in points]
    except Exception as failure:
        if len(points) == 1:
            return [], [Status(points[0], FAILED, _where(failure), _error(failure))]
    parts, statuses = _tried(task, points[: len(points) // 2])
    others, rest = _tried(task, points[len(points) // 2 :])
    return [*parts, *others], [*statuses, *rest]


def died(task: Task, why: str) -> Outcome:
    """Outcome of a chunk that nobody lived to evaluate."""
    return _lost(task, WORKER, why)


def _lost(task: Task, where: str, why: str) -> Outcome:
    return Outcome(task.name, {}, tuple(Status(one, FAILED, where, why) for one in task.points))


def _where(failure: Exception) -> str:
    """Function of the study in which an error arose; without line numbers, which shift."""
    frames = traceback.extract_tb(failure.__traceback__)
    own = [one for one in frames if "analysis" in Path(one.filename).parts[-4:]] or frames
    return f"{Path(own[-1].filename).stem}.{own[-1].name}"


def _error(failure: Exception) -> str:
    return f"{type(failure).__name__}: {' '.join(str(failure).split())}"
