"""How many exchanges leave: the distribution of a sum of chances, mixed over data sets."""

from __future__ import annotations

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray

TOLERANCE = 1e-9


def number_of_exits(probability: FloatArray) -> FloatArray:
    """Probability of 0, 1, ..., n exits, (..., n + 1): Poisson-binomial in each data set, mixed.

    Given a data set exchanges leave independently; what they have in common (parameters of the
    hazard, imputed cells) differs between data sets, so that the mixture is wider.

    Parameters
    ----------
    probability : array (..., draw, exchange), from 0 to 1.

    Raises
    ------
    InputError
        A probability outside 0 to 1, or chances that do not add up to one.
    """
    if not np.all((probability >= 0) & (probability <= 1)):
        raise InputError(
            f"probability from {np.min(probability):g} to {np.max(probability):g}; allowed: 0 to 1"
        )
    n = probability.shape[-1]
    chance = np.zeros((*probability.shape[:-1], n + 1))
    chance[..., 0] = 1.0
    for one in np.moveaxis(probability, -1, 0)[..., np.newaxis]:
        left = chance[..., :-1] * one
        chance *= 1 - one
        chance[..., 1:] += left
    mixed = np.asarray(chance.mean(axis=-2))
    checked(mixed)
    return mixed


def checked(chance: FloatArray) -> None:
    """Refuse chances (..., outcome) that do not add up to one."""
    gap = np.abs(chance.sum(axis=-1) - 1)
    if np.any(~(gap <= TOLERANCE)):
        raise InputError(
            f"chances add up to {chance.sum(axis=-1).ravel()[np.argmax(gap)]:g}; they must add up "
            "to 1; check the probabilities that they come from"
        )


def interval(chance: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Numbers of exits between which lies at least the share `level`, equal tails; (...,)."""
    upto = chance.cumsum(axis=-1)
    tail = (1 - level) / 2
    low = (upto < tail).sum(axis=-1).astype(float)
    high = (upto < 1 - tail - TOLERANCE).sum(axis=-1).astype(float)
    return low, high
