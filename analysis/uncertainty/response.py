"""How a measure answers to what a sweep varies: curves, surfaces and tornadoes as tidy tables.

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
TAIL = 0.1
"""Share of the sample at each end of a parameter that a conditional tornado compares."""
_ENDS = ("low", "median", "high")


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a sweep in which some levers stand still.

    Attributes
    ----------
    rows : the rows.
    held : value of each lever that stands still.
    """

    rows: pd.DataFrame
    held: Mapping[str, Any]


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
    baseline : value of each lever without the sweep; without one, the middle of its values.
    """
    rows, held = table, {}
    for name in levers:
        if name in free:
            continue
        held[name] = _nearest(rows[name], baseline.get(name))
        rows = rows[rows[name] == held[name]]
    return Part(rows, held)


def along(
    rows: pd.DataFrame, name: str, measure: str, interval: float, bins: int = BINS
) -> pd.DataFrame:
    """Median and interval of a measure along one parameter, whatever else varies in the rows.

    Parameters
    ----------
    interval : share of the points between `low` and `high`.
    bins : a numeric parameter with more values than this is cut into so many equal groups.

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
    group = _groups(values, bins)
    tails = [(1 - interval) / 2, 0.5, (1 + interval) / 2]
    cut = rows.assign(_group=group).groupby(["formula", "_group"], sort=False)
    ends = {end: cut[measure].quantile(tail) for end, tail in zip(_ENDS, tails, strict=True)}
    found = pd.DataFrame({**ends, "points": cut[measure].count()})
    middle = values.groupby(group, sort=False).agg("median" if _numeric(values) else "first")
    found["at"] = found.index.get_level_values("_group").map(middle.to_dict())
    order = ["formula", "at", "median", "low", "high", "points"]
    found = found.reset_index()[order]
    return _sorted(found, rows["formula"], numeric=_numeric(values))


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
    rows: pd.DataFrame, names: Sequence[str], measure: str, tail: float = TAIL
) -> pd.DataFrame:
    """Tornado of a sample in which all move at once: means at both ends of each parameter.

    `base` is the mean of all points, `at_low` that of the points in the lowest `tail` of a
    parameter (or at its lowest value, where it takes few), `at_high` that in the highest. Others
    vary as in the sample, so a bar is an average effect with a sampling error: `sure` says whether
    the two ends differ by more than twice the standard error of their difference. Other columns as
    of `moved_alone`.
    """
    every = rows.groupby("formula", sort=False)[measure].mean()
    parts = []
    for name in names:
        values = rows[name]
        if len(values.unique()) < 2:
            continue
        group = _tail_groups(values, tail)
        cut = rows.assign(_end=group, _value=values)
        wide = {
            kind: cut.pivot_table(measure, "_end", "formula", aggfunc=kind, dropna=False)[
                list(every.index)
            ]
            for kind in ("mean", "sem")
        }
        place = cut.groupby("_end")["_value"].agg("median" if _numeric(values) else "first")
        bars = _ends(name, place.reindex(wide["mean"].index), wide["mean"], every)
        error = np.sqrt((wide["sem"].fillna(0.0) ** 2).iloc[[0, -1]].sum())
        parts.append(bars.assign(sure=bars["span"].to_numpy() > 2 * error.to_numpy()))
    if not parts:
        raise InputError("nothing varies in these rows; a tornado needs uncertainties")
    return pd.concat(parts, ignore_index=True)


def _tail_groups(values: pd.Series, tail: float) -> pd.Series:
    """The value itself where there are few; else 0, 1 and 2 for low end, middle and high end."""
    if not _numeric(values) or len(values.unique()) <= BINS:
        return values
    low, high = values.quantile([tail, 1 - tail])
    return pd.Series(np.select([values <= low, values >= high], [0, 2], 1), values.index)


def _ends(name: str, values: pd.Series, reached: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """One row per formula from measures (value, formula); what is text is ordered by measure."""
    if _numeric(values):
        low, high = (
            np.full(reached.shape[1], int(place))
            for place in (np.argmin(values.to_numpy()), np.argmax(values.to_numpy()))
        )
    else:
        low, high = (which(reached.to_numpy(), axis=0) for which in (np.argmin, np.argmax))
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


def _nearest(values: pd.Series, wanted: Any) -> Any:
    """Value nearest to the one wanted, or the middle one; of text that very one, or the first."""
    known = list(values.unique())
    if wanted in known:
        return wanted
    if not _numeric(values):
        return known[0]
    ordered = np.sort(np.asarray(known))
    if not isinstance(wanted, int | float):
        return ordered[(len(ordered) - 1) // 2].item()
    return ordered[np.argmin(np.abs(ordered - wanted))].item()


def _groups(values: pd.Series, bins: int) -> pd.Series:
    """Value itself where there are few, otherwise the number of its group."""
    if not _numeric(values) or values.nunique() <= bins:
        return values.rename("_group")
    return pd.qcut(values, bins, labels=False, duplicates="drop").rename("_group")


def _numeric(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values)) and values.dtype != bool


def _sorted(found: pd.DataFrame, formulas: pd.Series, *, numeric: bool) -> pd.DataFrame:
    """Formulas in the order of the sweep, numbers in theirs."""
    place = found["formula"].map({name: rank for rank, name in enumerate(formulas.unique())})
    keyed = found.assign(_place=place)
    by = ["_place", "at"] if numeric else ["_place"]
    return keyed.sort_values(by, kind="stable", ignore_index=True).drop(columns="_place")
