"""How a measure answers to what a sweep varies: curves and surfaces as tidy tables.

Every function takes rows of one table of a sweep, joined with what was varied (`Results.table`),
and gives rows per formula. Spread is over the sample of uncertainties, not over data sets: the
sweep's figures are means over data sets already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError

BINS = 10
"""Groups of equal size into which a parameter is cut that takes more values than that."""
LEAST = 15
"""Fewest points in a group, if two groups hold as many: fewer show the noise of the sample."""
_ENDS = ("low", "median", "high")


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a sweep in which some levers stand still.

    Attributes
    ----------
    rows : the rows.
    held : value of each lever that stands still.
    off : levers whose baseline was not run.
    """

    rows: pd.DataFrame
    held: Mapping[str, Any]
    off: tuple[str, ...] = ()


def part(
    table: pd.DataFrame,
    levers: Sequence[str],
    baseline: Mapping[str, Any],
    free: Sequence[str] = (),
) -> Part:
    """Rows with every lever but the free ones at the value nearest to the baseline.

    Where levers move together (zip, list) holding one may hold the others.

    Parameters
    ----------
    baseline : value of each lever without the sweep. A rule's clause that it does not have (None)
        stands still at 0, or else at the middle of its values.
    """
    rows, held, off = table, {}, []
    for name in levers:
        if name in free:
            continue
        held[name] = _nearest(rows[name], baseline.get(name))
        rows = rows[rows[name] == held[name]]
        if held[name] != baseline.get(name) and not (baseline.get(name) is None and not held[name]):
            off.append(name)
    return Part(rows, held, tuple(off))


def along(
    rows: pd.DataFrame, name: str, measure: str, interval: float, bins: int | None = BINS
) -> pd.DataFrame:
    """Median and interval of a measure along one parameter, whatever else varies in the rows.

    Parameters
    ----------
    interval : share of the points between `low` and `high`.
    bins : a numeric parameter with more values than this is cut into so many equal groups, or
        fewer, of `LEAST` points; None for a lever, which keeps its values.

    Returns
    -------
    DataFrame
        `formula`, `at` (a value, or the median of its group), `median`, `low`, `high`, `points`.

    Raises
    ------
    InputError
        The parameter takes one value only in these rows.
    """
    values = rows[name]
    if values.nunique() < 2:
        raise InputError(
            f"{name} takes one value where the other levers stand still; levers that move "
            "together (zip, list) have no curves of their own: use `combine: grid`"
        )
    points = int(rows["formula"].value_counts().max())
    group = values.rename("_group")
    if bins is not None:
        group = _groups(values, bins, max(2, min(bins, points // LEAST)))
    tails = [(1 - interval) / 2, 0.5, (1 + interval) / 2]
    cut = rows.assign(_group=group).groupby(["formula", "_group"], sort=False)
    ends = {end: cut[measure].quantile(tail) for end, tail in zip(_ENDS, tails, strict=True)}
    found = pd.DataFrame({**ends, "points": cut[measure].count()})
    middle = values.groupby(group, sort=False).agg("median" if is_number(values) else "first")
    found["at"] = found.index.get_level_values("_group").map(middle.to_dict())
    order = ["formula", "at", "median", "low", "high", "points"]
    found = found.reset_index()[order]
    return _sorted(found, rows["formula"], numeric=is_number(values))


def surface(rows: pd.DataFrame, down: str, across: str, measure: str) -> pd.DataFrame:
    """Median of a measure over two parameters: `formula`, `down`, `across`, `median`, `points`.

    Raises
    ------
    InputError
        Not every pair of values was run.
    """
    for name in (down, across):
        if rows[name].nunique() < 2:
            raise InputError(f"{name} takes one value in these rows; a map needs two of both")
    cut = rows.groupby(["formula", down, across], sort=True)[measure]
    found = cut.agg(median="median", points="size").reset_index()
    pairs = rows[down].nunique() * rows[across].nunique()
    if (found.groupby("formula").size() < pairs).any():
        raise InputError(
            f"{down} and {across} were not run at every pair of their values; a map needs "
            "`combine: grid`"
        )
    return found


def _nearest(values: pd.Series, wanted: Any) -> Any:
    """Value nearest to the one wanted, or the middle one; of text that very one, or the first."""
    known = list(values.unique())
    if wanted in known:
        return wanted
    if not is_number(values):
        return known[0]
    ordered = np.sort(np.asarray(known))
    if wanted is None and 0 in ordered:
        return ordered[ordered == 0][0].item()
    if not isinstance(wanted, int | float):
        return ordered[(len(ordered) - 1) // 2].item()
    return ordered[np.argmin(np.abs(ordered - wanted))].item()


def _groups(values: pd.Series, few: int, groups: int) -> pd.Series:
    """Value itself where there are few, otherwise the number of its group."""
    if not is_number(values) or values.nunique() <= few:
        return values.rename("_group")
    return pd.qcut(values, groups, labels=False, duplicates="drop").rename("_group")


def is_number(values: pd.Series) -> bool:
    """Whether values are numbers rather than text or yes and no."""
    return bool(pd.api.types.is_numeric_dtype(values)) and values.dtype != bool


def _sorted(found: pd.DataFrame, formulas: pd.Series, *, numeric: bool) -> pd.DataFrame:
    """Formulas in the order of the sweep, numbers in theirs."""
    place = found["formula"].map({name: rank for rank, name in enumerate(formulas.unique())})
    keyed = found.assign(_place=place)
    by = ["_place", "at"] if numeric else ["_place"]
    return keyed.sort_values(by, kind="stable", ignore_index=True).drop(columns="_place")
