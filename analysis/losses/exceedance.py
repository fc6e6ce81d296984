"""How likely the industry's loss of a year exceeds an amount, data sets averaged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.losses.compound import CompoundLoss
from analysis.market.panel import FloatArray

HALVINGS = 44
LEAST = 1e-6  # JPY mn; a loss below it is none


def exceedance(loss: CompoundLoss, amounts: FloatArray, level: float) -> pd.DataFrame:
    """Chance that a year's loss exceeds each amount.

    Data sets differ in what is not known. Their mean is the chance to expect; the interval is what
    the unknown does to it; the proved bounds are what the grid of the computation does to it.

    Parameters
    ----------
    loss : distribution with one cell per data set, such as an `IndustryLoss`.
    amounts : array (amount,), JPY mn, 0 and more.
    level : share of the data sets inside `low` and `high`.

    Returns
    -------
    DataFrame
        amount, chance, low, high, proved_low, proved_high.
    """
    chance = 1 - loss.cdf(amounts[:, None])
    under, over = loss.cdf_bounds(amounts[:, None])
    low, high = np.quantile(chance, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return pd.DataFrame(
        {
            "amount": amounts,
            "chance": chance.mean(axis=-1),
            "low": low,
            "high": high,
            "proved_low": 1 - over.mean(axis=-1),
            "proved_high": 1 - under.mean(axis=-1),
        }
    )


def return_level(loss: CompoundLoss, chance: float) -> tuple[float, float, float]:
    """Loss of a year that is exceeded with a chance, data sets averaged, and its proved bounds.

    Not the mean of the data sets' own quantiles: one year is drawn from one of them, nobody knows
    which.

    Parameters
    ----------
    chance : probability in a year; 0.01 asks for the loss of one year in a hundred.

    Returns
    -------
    tuple
        Amount, lower and upper bound, JPY mn; 0 where any loss is rarer than `chance`.

    Raises
    ------
    InputError
        A chance at or outside 0 and 1.
    """
    _check(chance)

    def bound(side: int) -> Callable[[FloatArray], FloatArray]:
        return lambda amount: np.asarray(loss.cdf_bounds(amount)[side].mean(axis=-1))

    def middle(amount: FloatArray) -> FloatArray:
        return np.asarray(loss.cdf(amount).mean(axis=-1))

    highest = np.asarray(loss.most * np.max(loss.held))
    found = [_crossing(one, 1 - chance, highest) for one in (middle, bound(1), bound(0))]
    return float(found[0]), float(found[1]), float(found[2])


def return_levels(loss: CompoundLoss, chance: float) -> FloatArray:
    """The same amount in every data set, JPY mn, shape (draw,).

    Raises
    ------
    InputError
        A chance at or outside 0 and 1.
    """
    _check(chance)
    return _crossing(loss.cdf, 1 - chance, np.asarray(loss.most * loss.held))


def _check(chance: float) -> None:
    if not 0 < chance < 1:
        raise InputError(f"chance = {chance:g}; allowed: above 0 and below 1; give e.g. 0.01")


def _crossing(
    below: Callable[[FloatArray], FloatArray], level: float, highest: FloatArray
) -> FloatArray:
    """Smallest amount at which a distribution function reaches a level, by halving its log."""
    low = np.full(highest.shape, np.log(LEAST))
    high = np.log(np.maximum(highest, 2 * LEAST))
    for _ in range(HALVINGS):
        centre = (low + high) / 2
        reached = below(np.exp(centre)) >= level
        low, high = np.where(reached, low, centre), np.where(reached, centre, high)
    return np.asarray(np.where(below(np.zeros(highest.shape)) >= level, 0.0, np.exp(high)))
