"""Exact intervals for a rate and for a share: no normal approximation where events are few."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, chi2

from analysis.errors import InputError
from analysis.market.panel import FloatArray


def _checked(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(f"level = {level:g}; allowed: above 0 and below 1, such as 0.9")
    return (1 - level) / 2


def garwood(
    events: ArrayLike, exposure: ArrayLike, level: float = 0.9
) -> tuple[FloatArray, FloatArray]:
    """Exact bounds of a Poisson rate; arguments broadcast.

    Parameters
    ----------
    events : counts, 0 or more.
    exposure : time at risk, above 0.

    Raises
    ------
    InputError
        A negative count, no exposure, or a level outside 0 to 1.

    Source: F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28, 1936.
    """
    tail = _checked(level)
    count, time = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    if (count < 0).any() or not (time > 0).all():
        raise InputError(
            f"events from {count.min():g}, exposure from {time.min():g}; allowed: events of 0 or "
            "more over an exposure above 0"
        )
    low = np.where(count > 0, chi2.ppf(tail, 2 * np.maximum(count, 1)), 0.0) / 2 / time
    return low, chi2.ppf(1 - tail, 2 * count + 2) / 2 / time


def clopper_pearson(
    hits: ArrayLike, trials: ArrayLike, level: float = 0.9
) -> tuple[FloatArray, FloatArray]:
    """Exact bounds of a share; arguments broadcast, and need not be whole numbers.

    Parameters
    ----------
    hits, trials : 0 to `trials`, and above 0. Effective sizes are allowed (E. L. Korn and B. I.
        Graubard, Confidence intervals for proportions, Survey Methodology 24, 1998).

    Raises
    ------
    InputError
        More hits than trials, no trials, or a level outside 0 to 1.

    Source: C. J. Clopper and E. S. Pearson, Biometrika 26, 1934.
    """
    tail = _checked(level)
    x, n = np.broadcast_arrays(np.asarray(hits, dtype=float), np.asarray(trials, dtype=float))
    if not ((x >= 0) & (x <= n) & (n > 0)).all():
        raise InputError(
            f"hits from {x.min():g} to {x.max():g}, trials from {n.min():g}; allowed: hits of 0 to "
            "trials, and trials above 0"
        )
    some, not_all = x > 0, x < n
    low = np.where(some, beta.ppf(tail, np.where(some, x, 1), n - x + 1), 0.0)
    high = np.where(not_all, beta.ppf(1 - tail, x + 1, np.where(not_all, n - x, 1)), 1.0)
    return low, high
