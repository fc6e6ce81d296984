"""A sweep on disk, read: its design, its points, and each table joined with what was varied.

Only whole chunks are read: a folder that is still hidden is being written, and a chunk whose tables
do not have the hashes that its `status.parquet` states counts as not there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import InputError
from analysis.scenario import scenario
from analysis.uncertainty.design_names import quantity

KEYS = ("point", "levers", "sample")
"""Columns of a sweep's points beside what is varied."""
HASHES = b"sha256"
"""Key in the metadata of `status.parquet`: JSON of table name to SHA-256 of its file."""


@dataclass(frozen=True)
class Coverage:
    """How many points of a sweep are there."""

    points: int
    done: int
    failed: int

    @property
    def missing(self) -> int:
        """Points that were not reached yet, or whose chunk is damaged."""
        return self.points - self.done - self.failed

    @property
    def complete(self) -> bool:
        """Whether every point has its rows."""
        return self.done == self.points

    def __str__(self) -> str:
        if self.complete:
            return f"all {self.points:,} points are there"
        return (
            f"{self.done:,} of {self.points:,} points are there; {self.failed:,} failed, "
            f"{self.missing:,} are missing"
        )


class Results:
    """Results of a sweep, complete or not.

    Parameters
    ----------
    folder : Path
        What `study sweep` wrote.

    Raises
    ------
    InputError
        No sweep there, none of its points done, or a point in two chunks.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        written = _read_design(self.folder)
        self.design: dict[str, Any] = written["design"]
        self.hashes: dict[str, str] = written.get("hashes", {})
        self.points = pd.read_parquet(self.folder / "points.parquet").infer_objects()
        self._chunks = _whole_chunks(self.folder)
        if not self.coverage.done:
            raise InputError(
                f"sweep {self.folder}: none of its {len(self.points):,} points is done; run "
                "`study sweep` on its design again, it takes up where it stopped"
            )

    @cached_property
    def status(self) -> pd.DataFrame:
        """One row per point that was reached: point, status (done or failed), where, error."""
        parts = [pq.read_table(chunk / "status.parquet") for chunk in self._chunks]
        if not parts:
            return pd.DataFrame({"point": [], "status": []})
        status: pd.DataFrame = pa.concat_tables(parts).to_pandas()
        if (twice := status["point"].duplicated()).any():
            raise InputError(
                f"sweep {self.folder}: point {status.loc[twice, 'point'].iloc[0]} is in two "
                "chunks; run `study sweep` on its design again, which keeps one"
            )
        return status.sort_values("point", ignore_index=True)

    @cached_property
    def coverage(self) -> Coverage:
        """How many points are there, failed and missing."""
        counts = self.status["status"].value_counts()
        return Coverage(len(self.points), int(counts.get("done", 0)), int(counts.get("failed", 0)))

    @property
    def levers(self) -> tuple[str, ...]:
        """Varied parameters that an authority picks."""
        return tuple(self.design["levers"])

    @property
    def uncertainties(self) -> tuple[str, ...]:
        """Varied parameters that nobody knows."""
        return tuple(self.design["uncertainties"])

    @cached_property
    def baseline(self) -> dict[str, Any]:
        """Value of everything that is varied, where the design leaves it as it is."""
        base = scenario(self.design["base"])
        return {name: quantity(name, base).default for name in (*self.levers, *self.uncertainties)}

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.design["tables"])

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Rows of a table for every point that is done, in the order of points.

        Parameters
        ----------
        columns : sequence of str, optional
            Columns of the table beside `point` and `formula`; all by default.

        Returns
        -------
        DataFrame
            `point`, `levers`, `sample`, what is varied, then the columns of the table. Where the
            formula itself is a lever, `formula` is that of the row.

        Raises
        ------
        InputError
            The sweep has no such table or column.
        """
        known = self.columns(name)
        if unknown := [one for one in columns or () if one not in known]:
            raise InputError(
                f"sweep {self.folder}: table {name} has no column '{unknown[0]}'; it has "
                f"{', '.join(known)}"
            )
        wanted = dict.fromkeys(["point", "formula", *(known if columns is None else columns)])
        chosen = ", ".join(f'"{one}"' for one in wanted if one in known)
        rows = self.query(f'SELECT {chosen} FROM "{name}"')
        joined = self.points.drop(columns=[one for one in self.points if one in rows.columns[1:]])
        return joined.merge(rows, on="point", how="inner", sort=False, validate="one_to_many")

    def columns(self, name: str) -> list[str]:
        """Columns of a table, `point` first."""
        if name not in self.tables:
            raise InputError(
                f"sweep {self.folder}: there is no table '{name}'; its design asks for "
                f"{', '.join(self.tables)}; add it under `tables:` of the design"
            )
        return list(pq.read_schema(self._files(name)[0]).names)

    def measures(self, name: str) -> list[str]:
        """Columns of a table that are figures, without the bounds of others."""
        self.columns(name)
        return [
            field.name
            for field in pq.read_schema(self._files(name)[0])
            if (pa.types.is_floating(field.type) or pa.types.is_integer(field.type))
            and field.name != "point"
            and not any(bound in field.name for bound in ("_low", "_high"))
        ]

    def query(self, sql: str) -> pd.DataFrame:
        """Rows that an SQL query gives over the views `points`, `status` and each table.

        Raises
        ------
        InputError
            A query that DuckDB refuses.

        Examples
        --------
        `results.query("SELECT formula, avg(annual_cost_jpy_mn) FROM industry GROUP BY formula")`
        """
        with duckdb.connect() as connection:
            connection.register("points", self.points)
            connection.register("status", self.status)
            for name in self.tables:
                files = ", ".join(_quoted(file) for file in self._files(name))
                connection.execute(
                    f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet([{files}], '
                    "union_by_name = true)"
                )
            try:
                return connection.execute(sql).df()
            except duckdb.Error as refusal:
                first = str(refusal).strip().splitlines()[0]
                raise InputError(
                    f"query {sql!r}: {first}; there are the views points, status, "
                    f"{', '.join(self.tables)}"
                ) from None

    def _files(self, name: str) -> list[Path]:
        return [file for chunk in self._chunks if (file := chunk / f"{name}.parquet").is_file()]


def _read_design(folder: Path) -> dict[str, Any]:
    for name in ("design.json", "points.parquet"):
        if not (folder / name).is_file():
            raise InputError(
                f"sweep {folder}: there is no sweep ({name} is missing); give the folder that "
                "`study sweep` wrote"
            )
    try:
        written = json.loads((folder / "design.json").read_text(encoding="utf-8"))
        return {"design": written["design"], **written}
    except (ValueError, KeyError, TypeError) as failure:
        raise InputError(f"sweep {folder}: design.json cannot be read ({failure!r})") from None


def _whole_chunks(folder: Path) -> list[Path]:
    """Chunks in the order of points, without those being written and those that are damaged."""
    return [
        chunk
        for chunk in sorted((folder / "chunks").glob("[0-9]*"))
        if chunk.is_dir() and is_whole(chunk)
    ]


def is_whole(chunk: Path) -> bool:
    """Whether a chunk's tables have the hashes that its status states."""
    try:
        metadata = pq.read_schema(chunk / "status.parquet").metadata or {}
        stated: dict[str, str] = json.loads(metadata[HASHES])
        return all(
            hashlib.sha256((chunk / f"{name}.parquet").read_bytes()).hexdigest() == sha
            for name, sha in stated.items()
        )
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return False


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
