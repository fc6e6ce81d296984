"""An amount that covers the losses of a year with a given probability, from the loss model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter


@dataclass(frozen=True, kw_only=True)
class LossQuantile(Formula):
    """(1 - tail_mean) x quantile + tail_mean x expected shortfall of the annual loss, at `level`.

    Parameters
    ----------
    level : probability
        That a year's loss stays within the quantile.
    tail_mean : share
        0: quantile; 1: expected shortfall, the mean of the worst 1 - level of years.

    Notes
    -----
    Levels as in Directive 2009/138/EC art. 101(3) (insurers, 99.5 % over a year), the Swiss
    Solvency Test (expected shortfall, 99 %) and Basel II (banks, 99.9 %). The loss is that of
    `analysis.losses` as a rule maker estimates it, with mean parameters on each exchange's custody,
    hot wallets and record; expected losses are in the amount, which never exceeds customer crypto.

    Where a loss in a year is less likely than 1 - level the quantile is 0, while the expected
    shortfall is the expected annual loss over 1 - level. As level tends to 1 both tend to all
    customer crypto, however rare losses are.

    See Also
    --------
    pooled_fund : the same level for all exchanges together.
    operational_risk : losses of the past instead of a distribution.
    """

    level: Parameter
    tail_mean: Parameter

    @property
    def on_losses(self) -> bool:
        """True."""
        return True

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        loss = exposure.annual_loss
        amount = at_level(loss.quantile, self.level)
        if np.any(np.asarray(self.tail_mean) != 0):
            # The search for the quantile is not repeated in `loss.expected_shortfall`.
            beyond = loss.expected_excess(amount) / (1 - self.level)
            amount = amount + self.tail_mean * beyond
        return np.minimum(amount, exposure.custody)


def at_level(
    statistic: Callable[[float | Sequence[float]], FloatArray], level: Parameter
) -> FloatArray:
    """A statistic of a loss at one level, or at several, which then have an axis in front.

    Parameters
    ----------
    statistic : function
        Of a level, or of a sequence of them, which it returns on a new first axis.
    level : number or array (scenario, 1, ...)

    Raises
    ------
    InputError
        Levels that differ between data sets or exchanges.
    """
    levels = np.asarray(level, dtype=float)
    if levels.size == 1:
        return statistic(float(levels.flat[0]))
    if levels.shape[0] != levels.size:
        raise InputError(
            f"level has shape {levels.shape}; allowed: one level, or one per scenario in front, as "
            "(scenario, 1, 1); give every exchange the same"
        )
    return statistic(list(levels.flat))
