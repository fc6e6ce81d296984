"""Points of a sweep that people read: executed notebooks, each held against the sweep's rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.scenario import changed
from analysis.study import record
from analysis.study.page_result import cell
from analysis.study.progress import SweepProgress
from analysis.study.sweeps import parquet
from analysis.study.sweeps.chunk import DONE, FAILED, Status
from analysis.study.sweeps.engine import Engine
from analysis.study.sweeps.files import write_file
from analysis.study.sweeps.page import Page, PageOutcome
from analysis.study.sweeps.plan import Chunk
from analysis.study.sweeps.request import Request
from analysis.study.sweeps.store import READING

_SCHEMA = pa.schema(
    [
        ("point", pa.int64()),
        ("page", pa.large_string()),
        ("status", pa.large_string()),
        ("cell", pa.int64()),
        ("error", pa.large_string()),
    ]
)


@dataclass(frozen=True)
class Reading:
    """Notebooks of a sweep: which are there, which are to be executed.

    Parameters
    ----------
    chunks : that hold the rows of the points.
    failed : points that the library could not evaluate.
    """

    asked: Request
    chunks: Sequence[Chunk]
    failed: Sequence[Status]

    def execute(self, engine: Engine, progress: SweepProgress, outcomes: list[PageOutcome]) -> None:
        """Execute the pages that are not there; all outcomes are added to `outcomes`."""
        left = self._left(progress, outcomes)
        outcomes += self._others(progress)
        if not left and not outcomes:
            (self.asked.folder / READING).unlink(missing_ok=True)
            return
        try:
            with progress.pages(len(left)):
                for outcome in engine.read(self._page(*one) for one in left):
                    self.asked.check_inputs()
                    self._write(outcome)
                    outcomes.append(outcome)
                    progress.advanced(1, outcome.status == FAILED)
        finally:
            outcomes.sort(key=lambda one: (one.point, one.page))
            self._write_table(outcomes)

    def _left(self, progress: SweepProgress, outcomes: list[PageOutcome]) -> list[tuple[str, int]]:
        """Pages to execute, saying why those that were there are; the others are outcomes."""
        left: list[tuple[str, int]] = []
        reasons: Counter[str] = Counter()
        errors = {one.point: one.error for one in self.failed}
        for point in self._points():
            for page in self.asked.pages:
                if point in errors:
                    why = f"the point itself failed: {errors[point]}"
                    outcomes.append(PageOutcome(page, point, FAILED, error=why))
                elif (wrong := self._wrong(page, point)) == "":
                    outcomes.append(PageOutcome(page, point, DONE))
                else:
                    left.append((page, point))
                    reasons.update([f"done again: {page}: {wrong}"] if wrong else [])
        for reason, count in reasons.items():
            progress.say(f"{count} notebook{'s' if count > 1 else ''} {reason}")
        return left

    def _others(self, progress: SweepProgress) -> list[PageOutcome]:
        """Notebooks that are there and not asked for now; those that are stale are removed."""
        asked = set(product(self.asked.pages, self._points()))
        there = [one for one in self.asked.store.pages() if one not in asked]
        kept = [one for one in there if one[1] in self._reached and self._wrong(*one) == ""]
        for page, point in set(there) - set(kept):
            for path in self._files(page, point):
                path.unlink(missing_ok=True)
        if gone := len(there) - len(kept):
            progress.say(f"{gone} notebook{'s' if gone > 1 else ''} removed: stale, not asked for")
        return [PageOutcome(page, point, DONE) for page, point in kept]

    @cached_property
    def _cells(self) -> dict[str, str]:
        """Hash of the cells of each page, those that are there already too."""
        there = [record.NOTEBOOKS / f"{page}.ipynb" for page, _ in self.asked.store.pages()]
        known = {path for path in there if path.is_file()}
        return record.notebook_hashes({*self.asked.pages.values(), *known})

    def _points(self) -> Iterator[int]:
        return (point for point in self.asked.read if point in self._reached)

    @cached_property
    def _reached(self) -> frozenset[int]:
        return frozenset(point for chunk in self.chunks for point in chunk.points)

    def _page(self, page: str, point: int) -> Page:
        return Page(
            page,
            point,
            self.asked.pages[page].read_bytes(),
            self._parameters(point),
            self._expected(point),
            self.asked.cell_seconds,
            self.asked.warm,
            self.asked.version,
        )

    def _parameters(self, point: int) -> dict[str, Any]:
        panel = {"panel": str(self.asked.panel.absolute())} if self.asked.panel else {}
        return {**changed(self.asked.design.scenarios([point])[0]), **panel}

    def _expected(self, point: int) -> dict[str, bytes]:
        """The sweep's rows of a point, a file by table."""
        chunk = next(one for one in self.chunks if point in one.points)
        found = {}
        for name in self.asked.design.tables:
            rows = self.asked.store.table(name, [chunk.name])
            one = rows[rows["point"] == point].reset_index(drop=True)
            found[name] = parquet.to_bytes(parquet.from_frame(one))
        return found

    def _key(self, page: str, point: int) -> str:
        """What an executed page depends on; another limit of time makes no other page."""
        return record.digest(
            {
                "page": self._cells.get(f"{page}.ipynb"),
                "cell": cell(page, point),
                "parameters": record.plain_parameters(self.asked.design.scenarios([point])[0]),
                "tables": list(self.asked.design.tables),
                "parts": self.asked.made.parts,
            }
        )

    def _files(self, page: str, point: int) -> tuple[Path, Path]:
        stem = self.asked.folder / "notebooks" / page / f"{point:08d}"
        return stem.with_suffix(".ipynb"), stem.with_suffix(".parquet")

    def _wrong(self, page: str, point: int) -> str | None:
        """What is wrong with an executed page; blank where nothing is, None where it is not there.

        What else is in the key was looked at when the folder was made ready.
        """
        notebook, table = self._files(page, point)
        if not table.exists():
            return "it failed, or was not finished" if notebook.exists() else None
        try:
            _, stated = parquet.from_bytes(table.read_bytes())
            sha256 = hashlib.sha256(notebook.read_bytes()).hexdigest()
        except OSError as failure:
            return f"{Path(failure.filename or notebook).suffix} cannot be read"
        except ValueError as failure:
            return f"its table: {failure}"
        if stated.get("key") != self._key(page, point):
            return "its template was edited, or it is another sweep's"
        return "" if stated.get("notebook") == sha256 else "the executed notebook was changed"

    def _write(self, outcome: PageOutcome) -> None:
        """Notebook first: the table, which states the notebook's hash, says that both are whole."""
        notebook, table = self._files(outcome.page, outcome.point)
        table.unlink(missing_ok=True)
        if outcome.notebook is not None:
            write_file(notebook, outcome.notebook)
        if outcome.table is not None and outcome.notebook is not None:
            stated = {
                "key": self._key(outcome.page, outcome.point),
                "notebook": hashlib.sha256(outcome.notebook).hexdigest(),
            }
            write_file(table, parquet.to_bytes(parquet.from_bytes(outcome.table)[0], stated))

    def _write_table(self, outcomes: Sequence[PageOutcome]) -> None:
        rows = [{name: getattr(one, name) for name in _SCHEMA.names} for one in outcomes]
        content = parquet.to_bytes(pa.Table.from_pylist(rows, schema=_SCHEMA))
        write_file(self.asked.folder / READING, content)
