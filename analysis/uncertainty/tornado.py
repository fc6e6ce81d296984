"""Tornadoes: how far a measure goes from one end of each parameter to the other.

As `response`, from rows of one table of a sweep, joined with what was varied, to rows per formula.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.uncertainty.response import BINS, is_number

TAIL = 0.1
"""Share of the sample at each end of a parameter that a conditional tornado compares."""
CHANCE = 0.05
"""Chance that any bar of a tornado of a sample is called sure without being so."""
IntArray = np.ndarray


def moved_alone(rows: pd.DataFrame, names: Sequence[str], measure: str) -> pd.DataFrame:
    """Tornado of a one-at-a-time design: each parameter at its ends, the others at the base.

    Returns
    -------
    DataFrame
        `formula`, `parameter`, `low`, `high` (values of the parameter), `base`, `at_low`,
        `at_high`, `least`, `most` (of the measure, over all values), `span`, `sure`.

    Raises
    ------
    InputError
        No parameter moves alone from the first point.
    """
    points = rows.drop_duplicates("point").sort_values("point").set_index("point")[list(names)]
    differs = points.ne(points.iloc[0])
    alone = differs.sum(axis=1) == 1
    if not alone.any():
        raise InputError(
            "no parameter moves alone from the first point; a tornado of single moves needs "
            "`method: one_at_a_time`"
        )
    by_point = rows.pivot_table(measure, "point", "formula", sort=False, dropna=False)
    base, parts = by_point.loc[points.index[0]], []
    for name in names:
        moved = points.index[alone & differs[name]]
        if len(moved):
            reached = by_point.loc[[points.index[0], *moved]]
            parts.append(_ends(name, points.loc[reached.index, name], reached, base))
    return pd.concat(parts, ignore_index=True)


def at_tails(
    rows: pd.DataFrame,
    names: Sequence[str],
    measure: str,
    tail: float = TAIL,
    *,
    exact: bool = False,
) -> pd.DataFrame:
    """Tornado of a sample in which all move at once: means at both ends of each parameter.

    `base` is the mean of all points, `at_low` that of the points in the lowest `tail` of a
    parameter (or at its lowest value, where it takes few), `at_high` that in the highest. Others
    vary as in the sample, so a bar is an average effect with a sampling error: `sure` says whether
    the two ends differ by a t test with pooled variance, at `CHANCE` for all bars of a formula
    together (Bonferroni; of text also for the pairs of values from which the ends are taken). With
    one point at an end it is not sure. Other columns as of `moved_alone`.

    Parameters
    ----------
    exact : whether the points are a whole grid, on which no bar has a sampling error.
    """
    every = rows.groupby("formula", sort=False)[measure].mean()
    varied = [name for name in names if len(rows[name].unique()) > 1]
    parts = []
    for name in varied:
        cut = rows.assign(_end=_tail_groups(rows[name], tail), _value=rows[name])
        mean, spread, count = (
            cut.pivot_table(measure, "_end", "formula", aggfunc=kind, dropna=False)[
                list(every.index)
            ]
            for kind in ("mean", "var", "count")
        )
        place = cut.groupby("_end")["_value"].agg("median" if is_number(rows[name]) else "first")
        values = place.reindex(mean.index)
        pairs = 1 if is_number(values) else len(values) * (len(values) - 1) // 2
        bars = _ends(name, values, mean, every)
        if not exact:
            low, high = _places(values, mean)
            level = CHANCE / (len(varied) * pairs)
            bars["sure"] = bars["span"] > _needed(spread, count, low, high, level)
        parts.append(bars)
    if not parts:
        raise InputError("nothing varies in these rows; a tornado needs uncertainties")
    return pd.concat(parts, ignore_index=True)


def _needed(
    spread: pd.DataFrame, count: pd.DataFrame, low: IntArray, high: IntArray, level: float
) -> FloatArray:
    """Least difference of two means that is sure, by formula; infinite where one is of one point.

    From variances and counts (value, formula) and the places of both ends, (formula,).
    """
    column = np.arange(spread.shape[1])
    ends = np.stack([low, high])
    variance, points = spread.to_numpy()[ends, column], count.to_numpy()[ends, column]
    free = points.sum(axis=0) - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (variance * (points - 1)).sum(axis=0) / free
        needed = t.ppf(1 - level / 2, free) * np.sqrt(pooled * (1 / points).sum(axis=0))
    return np.where(np.isfinite(needed), needed, np.inf)


def _tail_groups(values: pd.Series, tail: float) -> pd.Series:
    """The value itself where there are few; else 0, 1 and 2 for low end, middle and high end."""
    if not is_number(values) or len(values.unique()) <= BINS:
        return values
    low, high = values.quantile([tail, 1 - tail])
    return pd.Series(np.select([values <= low, values >= high], [0, 2], 1), values.index)


def _ends(name: str, values: pd.Series, reached: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """One row per formula from measures (value, formula); what is text is ordered by measure."""
    low, high = _places(values, reached)
    column = np.arange(reached.shape[1])
    at_low, at_high = reached.to_numpy()[low, column], reached.to_numpy()[high, column]
    return pd.DataFrame(
        {
            "formula": list(reached.columns),
            "parameter": name,
            "low": values.to_numpy()[low],
            "high": values.to_numpy()[high],
            "base": base.reindex(reached.columns).to_numpy(),
            "at_low": at_low,
            "at_high": at_high,
            "least": reached.min().to_numpy(),
            "most": reached.max().to_numpy(),
            "span": np.abs(at_high - at_low),
            "sure": True,
        }
    )


def _places(values: pd.Series, reached: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Place of the low and of the high end for each formula; of text, of least and most measure."""
    if not is_number(values):
        return reached.to_numpy().argmin(axis=0), reached.to_numpy().argmax(axis=0)
    ends = values.to_numpy().argmin(), values.to_numpy().argmax()
    return np.full(reached.shape[1], ends[0]), np.full(reached.shape[1], ends[1])
