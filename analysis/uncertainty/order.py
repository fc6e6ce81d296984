"""Whether the order of the formulas holds over the points of a sweep.

Points are compared as they are: every combination of levers and every row of the sample counts
alike. A share of points is a probability only where the design draws from beliefs and has no
levers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.impact.switching import SAME


def places(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Place of each formula at each point, 1 for the smallest; equal ones share the mean place.

    Parameters
    ----------
    rows : `point`, `formula` and the measure.

    Returns
    -------
    DataFrame
        Points down, formulas across; blank where the formula has no figure.
    """
    return _wide(rows, measure).rank(axis=1, method="average")


def pairs(rows: pd.DataFrame, measure: str, varied: Sequence[str] = ()) -> pd.DataFrame:
    """How often one formula of each pair is above the other.

    Parameters
    ----------
    varied : parameters of few values that may decide alone which of two is above.

    Returns
    -------
    DataFrame
        `first`, `second`, then shares of the points at which both have a figure: `above` (the
        first is larger), `below`, `equal`; `points`; and `decided_by`, the first of `varied` at
        each of whose values the order is one, where it is not one overall, or empty. Without
        points there is no row.
    """
    wide = _wide(rows, measure)
    causes = rows.drop_duplicates("point").set_index("point")[list(varied)]
    found = []
    for one, other in combinations(wide.columns, 2):
        difference = (wide[one] - wide[other]).dropna()
        apart = pd.Series(np.sign(difference.to_numpy()), difference.index)
        if len(apart):
            shares = [float((apart == sign).mean()) for sign in (1, -1, 0)]
            cause = _cause(apart, causes) if shares[0] and shares[1] else ""
            found.append((one, other, *shares, len(apart), cause))
    columns = ["first", "second", "above", "below", "equal", "points", "decided_by"]
    return pd.DataFrame(found, columns=columns)


def _cause(apart: pd.Series, causes: pd.DataFrame) -> str:
    """Parameter at each of whose values two formulas have one order, or an empty name."""
    turned = apart[apart != 0]
    for name in causes:
        at_each = turned.groupby(causes[name])
        if (at_each.min() == at_each.max()).all():
            return str(name)
    return ""


def _wide(rows: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Points down, formulas across, on a grid of logarithms so fine that only what is one falls
    together: formulas that are one rule by another path differ in the last digits.
    """
    wide = rows.pivot_table(measure, "point", "formula", sort=False, dropna=False)
    values = wide.to_numpy(dtype=float)
    size = np.abs(values)
    steps = np.round(np.log(size, out=np.zeros_like(size), where=size > 0) / SAME)
    on_grid = np.where(size > 0, np.sign(values) * np.exp(steps * SAME), values)
    return pd.DataFrame(on_grid, wide.index, wide.columns)
