"""Monte Carlo standard error of a sweep's headlines over seeds, and whether it is small enough.

Each seed completes the data sets anew, so the values of one lever combination and formula under n
seeds are independent draws of the same mean. What is compared with a tolerance is one standard
error of their mean, s / sqrt(n), relative to the mean for amounts and ratios, in exchanges or exits
for counts, or absolute where the tolerance says so; about two of them either way hold the true mean
in 19 of 20 cases.

Looking after each batch, and stopping where s comes out small by luck, takes too few seeds. So a
sweep stops only with `LEAST` seeds, and where the rule holds twice in a row: now, and without the
last batch (of `APART` seeds at least). Simulated for normal draws in batches of 4 and a true
standard deviation of 2, 3, 4 and 6 tolerances, one headline alone stops with a true standard error
above its tolerance in 0, 0, 13 and 22 % of sweeps and above 1.25 times it in 0, 0, 0 and 3 %
(without the two conditions: 0, 56, 40 and 41 %, and 0, 28, 23 and 12 %); mean +- 1.96 standard
errors hold the true mean in 93, 92, 92 and 94 % of them (85, 83, 87 and 90 %). Of several headlines
all must be near enough, so that the worst of them stops the sweep later: of three, 1 % or less stop
with a true standard error above the tolerance.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.uncertainty.design import Design

LEAST = 8
"""Fewest seeds from which a standard error is taken."""
APART = 4
"""Fewest seeds by which the two looks differ that must both be content."""
Tolerance = float | Mapping[str, float]
"""A number, relative but for counts; or `{"absolute": number}`, in the measure's own unit."""
Tables = pd.DataFrame | Mapping[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Convergence:
    """Whether every headline is known well enough.

    Attributes
    ----------
    reached : no standard error is above its tolerance, from `LEAST` seeds at least, and for
        `converged` neither without the last batch.
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
        after = f"after {self.draws:,} data sets"
        if self.reached:
            return f"the standard error of every headline is within its tolerance {after}"
        if over.empty:
            return (
                f"the standard error of every headline is within its tolerance {after}, but not "
                "yet in two batches in a row"
            )
        return (
            f"the standard errors of {len(over):,} of {len(self.report):,} headlines are not "
            f"within their tolerance {after}"
        )


def converged(table: Tables, design: Design) -> Convergence:
    """Whether a sweep may stop: standard errors are within tolerance, twice in a row.

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
    where = design.points[["point", "levers", "sample"]]
    given = design.base.get("draws", Scenario.model_fields["draws"].default)
    each = int(design.points["draws"].min() if "draws" in design.points else given)
    rows = _with_levers(table, where)
    now = convergence(rows, design.stop.tolerance, each)
    if not now.reached:
        return now
    before = _without_last(rows, max(design.stop.batch, APART))
    return replace(now, reached=convergence(before, design.stop.tolerance, each).reached)


def fewest_seeds(batch: int) -> int:
    """Seeds after which a sweep in such batches may stop at the earliest."""
    return -(-(LEAST + max(batch, APART)) // batch) * batch


def convergence(table: Tables, tolerance: Mapping[str, Tolerance], draws_each: int) -> Convergence:
    """How it stands now, from tables that have `levers`, tolerances and the data sets per seed."""
    report = monte_carlo_error(table, tolerance)
    fewest = int(report["seeds"].min()) if len(report) else 0
    return Convergence(bool(len(report) and report["reached"].all()), report, fewest * draws_each)


def monte_carlo_error(table: Tables, tolerance: Mapping[str, Tolerance]) -> pd.DataFrame:
    """Standard error of each headline by formula and lever combination.

    Parameters
    ----------
    table : DataFrame or mapping of DataFrames
        `levers`, `formula` and the measures, one row per seed.
    tolerance : mapping of measure to the largest standard error allowed

    Returns
    -------
    DataFrame
        `measure`, `formula`, `levers`, `seeds`, `mean`, `tolerance`, `scale` (relative or
        absolute), `standard_error`, `error` (the standard error on that scale), `reached`, and
        `seeds_needed` (for this mean and spread). A cell in which no seed has a figure is left
        out; one in which some do not is judged by the others.
    """
    tables = [table] if isinstance(table, pd.DataFrame) else list(table.values())
    check_headlines(tolerance, {str(name) for one in tables for name in one})
    parts = []
    for measure, allowed in tolerance.items():
        holder = next(one for one in tables if measure in one)
        groups = holder.groupby(["formula", "levers"], sort=False)[measure]
        cells = groups.agg(seeds="count", mean="mean", spread="std").reset_index()
        cells.insert(0, "measure", measure)
        own = isinstance(allowed, Mapping)
        cells["tolerance"] = float(allowed["absolute"] if isinstance(allowed, Mapping) else allowed)
        cells["scale"] = "absolute" if own or is_count(measure) else "relative"
        parts.append(cells[cells["seeds"] > 0])
    return _judged(pd.concat(parts, ignore_index=True))


def check_headlines(tolerance: Iterable[str], columns: Collection[str]) -> None:
    """Refuse a headline that is in none of the tables of a sweep, which have `columns`.

    Raises
    ------
    InputError
        There is one; the nearest column is suggested.
    """
    for measure in tolerance:
        if measure not in columns:
            near = difflib.get_close_matches(measure, sorted(columns), n=1)
            hint = f"did you mean '{near[0]}'?" if near else "add its table to `tables`"
            raise InputError(
                f"stop.tolerance names '{measure}', which no table of this sweep has; {hint}"
            )


def is_count(measure: str) -> bool:
    """Whether a measure is a number of exchanges or exits."""
    return any(word in measure for word in ("exchanges", "exits", "number"))


def _judged(cells: pd.DataFrame) -> pd.DataFrame:
    """Errors against tolerances; a mean of zero without spread has no error."""
    deviation = cells.pop("spread").to_numpy()
    seeds = cells["seeds"].to_numpy()
    standard = deviation / np.sqrt(seeds)
    absolute = (cells["scale"] == "absolute").to_numpy()
    size = np.where(absolute, 1.0, np.abs(cells["mean"].to_numpy()))
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


def _with_levers(table: Tables, points: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    tables = {"": table} if isinstance(table, pd.DataFrame) else table
    lacking = {name: [c for c in points if c not in one] for name, one in tables.items()}
    return {
        name: one.merge(points[["point", *lacking[name]]], on="point") if lacking[name] else one
        for name, one in tables.items()
    }


def _without_last(tables: Mapping[str, pd.DataFrame], seeds: int) -> dict[str, pd.DataFrame]:
    last = max(int(one["sample"].max()) for one in tables.values())
    return {name: one[one["sample"] <= last - seeds] for name, one in tables.items()}
