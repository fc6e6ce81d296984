"""How much of a variance lies between groups of a parameter's values, from given data.

Notes
-----
Kelley 1935, PNAS 21(9), 554-559: the correlation ratio without its bias (epsilon squared). In a
sample a part of what lies between groups is chance, which the correction takes off; where every
combination of the values was run nothing is left to chance, and the plain share is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray

MOST_BINS = 50
LEAST_PER_VALUE = 4
"""Points per value from which values are groups of their own, however many they are."""


def whole_grid(points: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether every combination of the values of the parameters is there exactly once."""
    known = points[list(names)]
    combinations = int(np.prod([known[name].nunique() for name in names], dtype=object))
    return len(known) == combinations and not known.duplicated().any()


def bins(values: pd.Series) -> tuple[np.ndarray, int]:
    """Group of each value: the value itself where few, else equal groups, sqrt(n) of them.

    Equal values are in one group, so that groups are only about equal where values repeat.
    """
    number = int(np.clip(np.sqrt(len(values)), 2, MOST_BINS))
    different = values.nunique()
    few = different <= max(number, min(MOST_BINS, len(values) // LEAST_PER_VALUE))
    if not pd.api.types.is_numeric_dtype(values) or few:
        groups, known = pd.factorize(values)
        return groups, len(known)
    cut = pd.qcut(values, number, labels=False, duplicates="drop").to_numpy(dtype=int)
    return cut, int(cut.max()) + 1


def between_share(values: FloatArray, groups: np.ndarray) -> float:
    """Share of the variance that lies between groups, as it is; NaN if nothing varies."""
    total, between, _ = _sums(values, groups, int(groups.max()) + 1)
    return between / total if total > 0 else float("nan")


def correlation_ratio(values: FloatArray, groups: np.ndarray, number: int) -> float:
    """Share of the variance that lies between groups, without its bias; NaN if nothing varies.

    Epsilon squared: (between - (k - 1) within / (n - k)) / total, with sums of squares.
    """
    total, between, k = _sums(values, groups, number)
    n = len(values)
    if total == 0 or n <= k:
        return float("nan")
    return (between - (k - 1) * (total - between) / (n - k)) / total


def _sums(values: FloatArray, groups: np.ndarray, number: int) -> tuple[float, float, int]:
    """Sum of squares around the mean (0 where that is rounding), between groups; filled groups."""
    counts = np.bincount(groups, minlength=number)
    filled = counts > 0
    total = float(((values - values.mean()) ** 2).sum())
    if total <= 1e-24 * float((values**2).sum()):
        return 0.0, 0.0, int(filled.sum())
    means = np.bincount(groups, values, minlength=number)[filled] / counts[filled]
    between = float((counts[filled] * (means - values.mean()) ** 2).sum())
    return total, between, int(filled.sum())
