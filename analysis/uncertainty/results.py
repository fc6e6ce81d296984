"""A sweep on disk, read: its design, its points, and each table joined with what was varied."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.errors import InputError
from analysis.scenario import Scenario, changed, scenario
from analysis.scenario.rule_names import DOTTED, RULE
from analysis.uncertainty.design import scenario_with, values_at
from analysis.uncertainty.design_names import quantity
from analysis.uncertainty.results_files import (
    Coverage,
    read_points,
    read_status,
    read_written,
    whole_chunks,
)

KEYS = ("point", "levers", "sample")
"""Columns of a sweep's points beside what is varied."""


class Results:
    """Results of a sweep, complete or not.

    Parameters
    ----------
    folder : Path
        What `study sweep` wrote.

    Raises
    ------
    InputError
        No sweep there, a file of it that cannot be read, none of its points done, or a point in
        two chunks.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        written = read_written(self.folder)
        self.design: dict[str, Any] = written["design"]
        self.hashes: dict[str, str] = written.get("hashes", {})
        self._files_read = tuple(written.get("files", {}).get("inputs", {}))
        self.points = read_points(self.folder)
        self._chunks = whole_chunks(self.folder)
        self._schemas: dict[str, pa.Schema] = {}
        if not self.coverage.done:
            raise InputError(
                f"sweep {self.folder}: none of its {len(self.points):,} points is done; run "
                "`study sweep` on its design again, it takes up where it stopped"
            )

    @cached_property
    def status(self) -> pd.DataFrame:
        """One row per point that was reached: point, status (done or failed), where, error."""
        return read_status(self.folder, self._chunks)

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

    def scenario(self, point: int) -> Scenario:
        """Scenario of a point, as it was evaluated.

        Raises
        ------
        InputError
            No such point.
        """
        places = np.flatnonzero(self.points["point"] == point)
        if not len(places):
            last = self.points["point"].max()
            raise InputError(f"sweep {self.folder}: no point {point}; allowed: 0 to {last}")
        names = (*self.levers, *self.uncertainties)
        return scenario_with(self.design["base"], values_at(self.points, int(places[0]), names))

    def command(self, point: int) -> str:
        """Line for a shell whose run has the numbers of a point.

        It holds what differs from the baseline. Files stand as the design names them; of a panel of
        one's own the folder knows the name alone, so the line is for the panel's folder.

        Raises
        ------
        InputError
            No such point.

        Examples
        --------
        `print(results.command(17))`
        """
        given = changed(self.scenario(point))
        rules = {f"{DOTTED}{name}": value for name, value in given.pop(RULE, {}).items()}
        words = ["study", "run"]
        for name, value in {**given, **rules}.items():
            words += ["-p", name, _text(value)]
        return shlex.join([*words, *(("--panel", self.panel) if self.panel else ())])

    @property
    def panel(self) -> str | None:
        """Name of the panel of one's own on which the points were evaluated, if there was one."""
        named = {
            Path(str(value)).name
            for name in ("industry_table", "formula_file")
            for value in (self.design["base"].get(name), *self.points.get(name, ()))
        }
        return next((name for name in self._files_read if name not in named), None)

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
        """Columns of a table at any of its points, `point` first."""
        if name not in self.tables:
            raise InputError(
                f"sweep {self.folder}: there is no table '{name}'; its design asks for "
                f"{', '.join(self.tables)}; add it under `tables:` of the design"
            )
        return list(self._schema(name).names)

    def measures(self, name: str) -> list[str]:
        """Columns of a table that are figures, without the bounds of others."""
        self.columns(name)
        return [
            field.name
            for field in self._schema(name)
            if (pa.types.is_floating(field.type) or pa.types.is_integer(field.type))
            and field.name != "point"
            and not any(bound in field.name for bound in ("_low", "_high"))
        ]

    def query(self, sql: str) -> pd.DataFrame:
        """Rows that an SQL query gives over the views `points`, `status` and each table.

        What is varied is in `points`; the views of tables hold `point` and what was evaluated.

        Raises
        ------
        InputError
            A query that DuckDB refuses.

        Examples
        --------
        `results.query("SELECT floor_jpy_mn, avg(annual_cost_jpy_mn) AS cost FROM industry "
        "JOIN points USING (point) GROUP BY floor_jpy_mn")`
        """
        with duckdb.connect() as connection:
            connection.register("points", self.points)
            connection.register("status", self.status)
            for name in self.tables:
                files = ", ".join(_quoted(file) for file in self._files(name))
                listed = ", ".join(f'"{column}"' for column in self._schema(name).names)
                connection.execute(
                    f'CREATE VIEW "{name}" AS SELECT {listed} FROM read_parquet([{files}], '
                    "union_by_name = true)"
                )
            try:
                return connection.execute(sql).df()
            except duckdb.Error as refusal:
                first = str(refusal).strip().splitlines()[0]
                there = f"there are the views points, status, {', '.join(self.tables)}"
                if "column" in first:
                    there += "; what is varied is in points: FROM ... JOIN points USING (point)"
                raise InputError(f"query {sql!r}: {first}; {there}") from None

    def _schema(self, name: str) -> pa.Schema:
        """Columns of all chunks: points can have some that others lack, blank for those."""
        if name not in self._schemas:
            schemas = sorted(map(pq.read_schema, self._files(name)), key=len, reverse=True)
            bare = [schema.remove_metadata() for schema in schemas]
            self._schemas[name] = pa.unify_schemas(bare, promote_options="permissive")
        return self._schemas[name]

    def _files(self, name: str) -> list[Path]:
        return [file for chunk in self._chunks if (file := chunk / f"{name}.parquet").is_file()]


def _text(value: Any) -> str:
    """Value as it stands after `-p NAME`: numbers with all digits, so that they are read back."""
    if isinstance(value, str):
        return value
    return "none" if value is None else json.dumps(value)


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
