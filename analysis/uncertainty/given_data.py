"""How much of a variance lies between groups of a parameter's values, from given data.

Notes
-----
Kelley 1935, PNAS 21(9), 554-559: the correlation ratio without its bias (epsilon squared).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray

MOST_BINS = 50


def bins(values: pd.Series) -> tuple[np.ndarray, int]:
    """Group of each value: the value itself where few, else equal groups, sqrt(n) of them."""
    number = int(np.clip(np.sqrt(len(values)), 2, MOST_BINS))
    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= number:
        groups, known = pd.factorize(values)
        return groups, len(known)
    cut = pd.qcut(values.rank(method="first"), number, labels=False)
    return cut.to_numpy(dtype=int), number


def correlation_ratio(values: FloatArray, groups: np.ndarray, number: int) -> float:
    """Share of the variance that lies between groups, without its bias; NaN if nothing varies.

    Epsilon squared: (between - (k - 1) within / (n - k)) / total, with sums of squares.
    """
    counts = np.bincount(groups, minlength=number)
    total = float(((values - values.mean()) ** 2).sum())
    filled = counts > 0
    k, n = int(filled.sum()), len(values)
    if total <= 1e-24 * float((values**2).sum()) or n <= k:
        return float("nan")
    means = np.bincount(groups, values, minlength=number)[filled] / counts[filled]
    between = float((counts[filled] * (means - values.mean()) ** 2).sum())
    return (between - (k - 1) * (total - between) / (n - k)) / total
