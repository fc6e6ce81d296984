"""Pool the draws of the panel: estimate, interval, standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray


@dataclass(frozen=True)
class Pooled:
    """Pooled draws; every array has the shape of one draw."""

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    standard_error: FloatArray


def pool(draws: FloatArray, level: float, axis: int = -2) -> Pooled:
    """Pool completed data sets by Rubin's rules with no variance within a data set.

    The panel is a census: given complete data nothing is left to estimate, so the total variance
    (1 + 1/m) B + W has W = 0. The interval is the quantiles of the draws, which suits skewed
    amounts better than a normal interval.

    Parameters
    ----------
    draws : array
        Values by draw along `axis`, shape (..., draw, exchange) with the default axis.
    level : float
        Share of the draws inside the interval, between 0 and 1.
    axis : int
        Axis of the draws.

    Raises
    ------
    InputError
        Fewer than two draws, or a level outside (0, 1).

    References
    ----------
    D. B. Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, eqs. 3.1.2 to 3.1.5.
    """
    if not 0 < level < 1:
        raise InputError(f"level = {level}; allowed: above 0 and below 1; give e.g. 0.9")
    m = draws.shape[axis]
    if m < 2:
        raise InputError(f"draws: {m} data set; allowed: at least 2; raise `draws`")
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=axis)
    between = draws.var(axis=axis, ddof=1)
    return Pooled(draws.mean(axis=axis), low, high, np.sqrt((1 + 1 / m) * between))


def bounds(draws: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Lower and upper end of the interval of `pool` over the last axis, to the last bit.

    Both ends come from one sorting, so that a sweep does not sort each row twice.

    Parameters
    ----------
    draws : array
        Values by draw along the last axis; not a number where any of them is not.
    level : float
        Share of the draws inside the interval, above 0 and below 1.
    """
    ordered = np.sort(draws, axis=-1)
    low, high = (_between(ordered, share) for share in ((1 - level) / 2, (1 + level) / 2))
    return low, high


def _between(ordered: FloatArray, share: float) -> FloatArray:
    """Quantile of sorted rows, straight between neighbours (the default of `numpy.quantile`)."""
    last = ordered.shape[-1] - 1
    place = share * last
    left = min(int(place), last)
    part, right = place - left, min(left + 1, last)
    below, above = ordered[..., left], ordered[..., right]
    # From the nearer neighbour, as numpy does: the result never leaves the two.
    step = above - below
    found = above - step * (1 - part) if part >= 0.5 else below + step * part
    blank = np.isnan(ordered[..., last])
    return np.where(blank, np.nan, found) if blank.any() else found
