"""What a sweep will do: chunks in batches, what is there already, and what the rest will take."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import InputError
from analysis.study.folder import DESIGN
from analysis.study.sweeps import parquet
from analysis.study.sweeps.chunk import Task
from analysis.study.sweeps.engine import Engine
from analysis.study.sweeps.keys import chunk_key
from analysis.study.sweeps.request import Request
from analysis.study.sweeps.store import chunk_name
from analysis.uncertainty.convergence import check_headlines

if TYPE_CHECKING:
    from analysis.uncertainty.design import Design

#: More than this needs --yes.
MOST_POINTS, MOST_SECONDS = 20_000, 3600.0

#: Points in a chunk: tables that are broadcast over scenarios gain by many at a time; the others
#: do not, and a small chunk is little to lose.
BROADCAST, MANY, FEW = frozenset({"industry"}), 256, 8

#: Seconds of a core that a page takes: of the ten, 7 to 35 on two cores.
PAGE_SECONDS = 20.0

#: Bytes of an executed page: of the ten, 0.3 to 0.9 MB.
PAGE_SIZE = 1e6

#: Seconds beyond which no larger trial is made.
LONGEST_TRIAL = 10.0


@dataclass(frozen=True)
class Chunk:
    """Points that are evaluated and stored together."""

    name: str
    points: tuple[int, ...]


@dataclass(frozen=True)
class Estimate:
    """What is left to do, and what it will take: seconds are None where nobody knows."""

    points: int
    to_do: int
    chunks: int
    pages: int
    seconds: float | None
    size: float

    def lines(self, workers: int) -> Iterator[str]:
        """The plan in a few lines."""
        there = self.points - self.to_do
        yield (
            f"{self.points:,} points in {self.chunks:,} chunks"
            f"{f', {there:,} of them there already' if there else ''}; {self.pages:,} notebooks"
        )
        if self.to_do or self.pages:
            took = (
                "unknown: the points tried failed" if self.seconds is None else _words(self.seconds)
            )
            each = f", {PAGE_SIZE / 1e6:g} MB of it for each notebook" if self.pages else ""
            disk = f"disk about {self.size / 1e6:,.1f} MB{each}"
            yield f"time about {took} with {workers} workers; {disk}"

    def refuse(self, yes: bool, folder: Path) -> None:
        """Refuse what is too large to have been meant, or for the disk.

        Raises
        ------
        InputError
            More points or time than allowed without --yes, or less room than needed.
        """
        free = shutil.disk_usage(next(p for p in folder.absolute().parents if p.is_dir())).free
        if self.size > free:
            raise InputError(
                f"--out {folder}: the sweep needs about {self.size / 1e6:,.0f} MB, the disk has "
                f"{free / 1e6:,.0f} MB; give a folder on another disk"
            )
        long = self.seconds is not None and self.seconds > MOST_SECONDS
        if (self.to_do > MOST_POINTS or long) and not yes:
            took = "an unknown time" if self.seconds is None else f"about {_words(self.seconds)}"
            raise InputError(
                f"{self.to_do:,} points and {self.pages:,} notebooks would take {took} and "
                f"{self.size / 1e6:,.1f} MB; without --yes at most {MOST_POINTS:,} points and "
                f"{_words(MOST_SECONDS)} are started: add --yes if that is meant"
            )


def refuse_many(asked: Request, yes: bool) -> None:
    """Refuse too many points by their number alone, before any is hashed or tried.

    Where a sweep is there already, what counts is what is left of it: see `Estimate.refuse`.

    Raises
    ------
    InputError
        A sweep that is to start with more points than allowed without --yes.
    """
    goes_on = (asked.folder / DESIGN).is_file() and not asked.force
    points = len(asked.design)
    if points > MOST_POINTS and not yes and not goes_on:
        raise InputError(
            f"{points:,} points; without --yes at most {MOST_POINTS:,} points are started: add "
            "--yes if that is meant, or fewer values or samples to the design"
        )


def batches(asked: Request) -> list[list[Chunk]]:
    """Chunks in the batches in which they are evaluated: one, unless the design says when to stop.

    Chunks depend on the design alone, so that any number of workers finds the same ones.
    """
    design, numbers = asked.design, asked.design.points["point"].to_numpy()
    if design.stop is None:
        groups = [numbers]
    else:
        turn = design.points["sample"].to_numpy() // design.stop.batch
        groups = [numbers[turn == one] for one in np.unique(turn)]
    return [[_chunk(asked, part) for part in _split(design, group)] for group in groups]


def _split(design: Design, points: np.ndarray) -> list[np.ndarray]:
    most = MANY if set(design.tables) <= BROADCAST else FEW
    size = int(np.clip(-(-len(points) // 16), min(8, most), most))
    return [points[first : first + size] for first in range(0, len(points), size)]


def _chunk(asked: Request, points: np.ndarray) -> Chunk:
    numbers = tuple(int(one) for one in points)
    key = chunk_key(asked.design, numbers, asked.made.parts, asked.design.tables)
    return Chunk(chunk_name(numbers[0], key), numbers)


def task(asked: Request, chunk: Chunk) -> Task:
    """What a worker is given for a chunk."""
    return Task(
        chunk.name,
        chunk.points,
        tuple(asked.design.scenarios(chunk.points)),
        asked.design.tables,
        asked.panel,
        asked.version,
    )


def estimate(asked: Request, chunks: Sequence[Chunk], pages: int, engine: Engine) -> Estimate:
    """Time and disk for the chunks that are not there, from a short trial on `engine`."""
    store, workers = asked.store, engine.count
    there = {
        one.name for one in chunks if not asked.force and isinstance(store.read(one.name), tuple)
    }
    left = [one for one in chunks if one.name not in there]
    to_do = [point for one in left for point in one.points]
    total = sum(len(one.points) for one in chunks)
    tried, size = _trial(asked, to_do, len(left), engine) if to_do else (0.0, 0.0)
    seconds = None
    if tried is not None:
        seconds = tried / max(1, min(workers, len(left))) + PAGE_SECONDS * pages / workers
    return Estimate(total, len(to_do), len(chunks), pages, seconds, size + PAGE_SIZE * pages)


def _trial(
    asked: Request, points: Sequence[int], chunks: int, engine: Engine
) -> tuple[float | None, float]:
    """Seconds of one worker and bytes, from what three sizes of a trial tell of chunk and point.

    The first round only warms a worker up; no point is tried twice if there are enough, as what is
    kept of it would make it look quick. Points that fail say nothing about the time. Its tables
    also tell whether the design's headlines are in them.
    """
    spread = np.linspace(0, len(points) - 1, min(36, len(points)), dtype=int)
    rounds = np.split(np.resize(np.asarray(points)[spread], 36), [1, 2, 4])
    sizes, found = [], []
    for numbers in rounds:
        numbers = np.unique(numbers)
        [tried] = engine.run([task(asked, Chunk("trial", tuple(int(one) for one in numbers)))])
        if tried.failures:
            return None, 0.0
        if asked.design.stop is not None:
            check_headlines(asked.design.stop.tolerance, _columns(tried.tables))
        sizes.append(len(numbers))
        found.append((tried.seconds, sum(len(content) for content in tried.tables.values())))
        if len(sizes) == 3 and tried.seconds / sizes[-1] * 32 > LONGEST_TRIAL:
            break  # so long that the points decide
    seconds, size = (_scaled(sizes, part, len(points), chunks) for part in zip(*found, strict=True))
    return seconds, size


def _columns(tables: Mapping[str, bytes]) -> set[str]:
    return {
        name for content in tables.values() for name in parquet.from_bytes(content)[0].column_names
    }


def _scaled(sizes: Sequence[int], amounts: Sequence[float], points: int, chunks: int) -> float:
    """Amount of all points: a chunk's own plus one for each point, where the trial tells them."""
    if len(sizes) < 4 or sizes[-1] <= sizes[-2]:
        return amounts[-1] * points / sizes[-1]
    each = max(amounts[-1] - amounts[-2], 0.0) / (sizes[-1] - sizes[-2])
    return chunks * max(amounts[-1] - each * sizes[-1], 0.0) + points * each


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
