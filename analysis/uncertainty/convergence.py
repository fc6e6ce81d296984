"""Monte Carlo error of a sweep's headlines over seeds, and whether it is below the tolerance.

Each seed completes the data sets anew, so the values of one lever combination and formula under n
seeds are independent draws of the same mean. The error is the standard error of their mean,
s / sqrt(n): relative to the mean for amounts and ratios, in exchanges or exits for counts.
Looking after each batch, and stopping at the first that is near enough, favours a batch in which s
comes out small by luck; with `LEAST` seeds and several cells that must all be near enough this
matters little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.uncertainty.design import Design

LEAST = 4
"""Fewest seeds from which a standard error is taken."""
Tables = pd.DataFrame | Mapping[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Convergence:
    """Whether every headline is known well enough.

    Attributes
    ----------
    reached : no error is above its tolerance, and there are `LEAST` seeds.
    report : what `monte_carlo_error` returns.
    draws : data sets behind each mean: seeds times data sets per seed, in the cell with fewest.
    """

    reached: bool
    report: pd.DataFrame
    draws: int

    def __str__(self) -> str:
        if self.report.empty:
            return "no headline has a figure"
        over = self.report[~self.report["reached"]]
        if self.reached:
            return f"every headline is within its tolerance after {self.draws:,} data sets"
        return (
            f"{len(over):,} of {len(self.report):,} headlines are not within their tolerance "
            f"after {self.draws:,} data sets"
        )


def converged(table: Tables, design: Design) -> Convergence:
    """Compare the error of each headline with the tolerance that a design states.

    Parameters
    ----------
    table : DataFrame or mapping of DataFrames
        Tables of a sweep with `point` and `formula`, from the points so far.
    design : Design
        With `stop`.

    Raises
    ------
    InputError
        The design has no `stop`, or a measure is in none of the tables.
    """
    if design.stop is None:
        raise InputError(
            f"design {design.name}: it has no `stop`, so nothing says how small the error must be; "
            "add `stop: {by: seed, tolerance: {annual_cost_jpy_mn: 0.02}}`"
        )
    where = design.points[["point", "levers"]]
    given = design.base.get("draws", Scenario.model_fields["draws"].default)
    each = int(design.points["draws"].min() if "draws" in design.points else given)
    return convergence(_with_levers(table, where), design.stop.tolerance, each)


def convergence(table: Tables, tolerance: Mapping[str, float], draws_each: int) -> Convergence:
    """The same from tables that have `levers`, tolerances and the data sets per seed."""
    report = monte_carlo_error(table, tolerance)
    fewest = int(report["seeds"].min()) if len(report) else 0
    return Convergence(bool(len(report) and report["reached"].all()), report, fewest * draws_each)


def monte_carlo_error(table: Tables, tolerance: Mapping[str, float]) -> pd.DataFrame:
    """Error of each headline by formula and lever combination.

    Parameters
    ----------
    table : DataFrame or mapping of DataFrames
        `levers`, `formula` and the measures, one row per seed.
    tolerance : mapping of measure to the largest error allowed

    Returns
    -------
    DataFrame
        `measure`, `formula`, `levers`, `seeds`, `mean`, `standard_error`, `error` (relative
        but for counts), `tolerance`, `reached`, and `seeds_needed` (for this mean and spread). A
        cell in which no seed has a figure is left out; one in which some do not is judged by the
        others.
    """
    tables = [table] if isinstance(table, pd.DataFrame) else list(table.values())
    parts = []
    for measure, allowed in tolerance.items():
        holder = next((one for one in tables if measure in one), None)
        if holder is None:
            raise InputError(
                f"stop.tolerance names '{measure}', which no table of the sweep has; "
                "annual_cost_jpy_mn, say, is in industry"
            )
        groups = holder.groupby(["formula", "levers"], sort=False)[measure]
        cells = groups.agg(seeds="count", mean="mean", spread="std").reset_index()
        cells.insert(0, "measure", measure)
        parts.append(cells[cells["seeds"] > 0].assign(tolerance=float(allowed)))
    return _judged(pd.concat(parts, ignore_index=True))


def is_count(measure: str) -> bool:
    """Whether a measure is a number of exchanges or exits."""
    return any(word in measure for word in ("exchanges", "exits", "number"))


def _judged(cells: pd.DataFrame) -> pd.DataFrame:
    """Errors against tolerances; a mean of zero without spread has no error."""
    deviation = cells.pop("spread").to_numpy()
    seeds = cells["seeds"].to_numpy()
    standard = deviation / np.sqrt(seeds)
    counts = cells["measure"].map(is_count).to_numpy(dtype=bool)
    size = np.where(counts, 1.0, np.abs(cells["mean"].to_numpy()))
    unit = np.divide(deviation, size, out=np.where(deviation > 0, np.inf, 0.0), where=size > 0)
    unit = np.where(np.isnan(deviation), np.nan, unit)
    error = unit / np.sqrt(seeds)
    allowed = cells["tolerance"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.maximum(np.ceil((unit / allowed) ** 2), LEAST)
    return cells.assign(
        standard_error=standard,
        error=error,
        reached=(error <= allowed) & (seeds >= LEAST),
        seeds_needed=needed,
    )


def _with_levers(table: Tables, points: pd.DataFrame) -> Tables:
    if isinstance(table, pd.DataFrame):
        return table if "levers" in table else table.merge(points, on="point")
    return {
        name: one if "levers" in one else one.merge(points, on="point")
        for name, one in table.items()
    }
