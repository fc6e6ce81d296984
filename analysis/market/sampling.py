"""Stratified random numbers: every draw of a panel falls in a stratum of its own."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from scipy.stats.qmc import LatinHypercube

from analysis.market.panel import FloatArray


def uniform(rng: np.random.Generator, draws: int, columns: int, common: float = 0.0) -> FloatArray:
    """Latin hypercube in (0, 1), shape (draw, column).

    Each column has exactly one number in each of `draws` equal strata, so that means over draws
    converge faster than with independent numbers (McKay, Beckman and Conover, Technometrics 21,
    1979). With `common` above 0 the columns share one normal factor of that share of variance:
    what is not known of one exchange is then not averaged away against the next.
    """
    if common == 0:
        return np.asarray(LatinHypercube(d=columns, rng=rng).random(draws))
    normal = norm.ppf(LatinHypercube(d=columns + 1, rng=rng).random(draws))
    mixed = np.sqrt(common) * normal[:, :1] + np.sqrt(1 - common) * normal[:, 1:]
    return np.asarray(norm.cdf(mixed))


def mean_one(
    rng: np.random.Generator, draws: int, sd: FloatArray, common: float = 0.0
) -> FloatArray:
    """Lognormal factors with mean one and log standard deviation `sd`, shape (draw, len(sd))."""
    shock = norm.ppf(uniform(rng, draws, len(sd), common))
    return np.asarray(np.exp(sd * shock - sd**2 / 2))
