"""One fund for the losses of all exchanges, shared by risk, and what pooling them saves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter
from analysis.rules.loss_quantile import at_level


@dataclass(frozen=True, kw_only=True)
class PooledFund(Formula):
    """Share by risk of a fund that covers the losses of all exchanges in a year, at `level`.

    Parameters
    ----------
    level : probability
        That the losses of all exchanges in a year stay within the fund.
    quantile_weight : share
        Part of the fund that is shared in proportion to each exchange's own quantile at `level`;
        the rest is shared in proportion to its expected annual loss.

    Notes
    -----
    Contributions by the amount protected and by risk: Directive 2014/49/EU art. 13(1) and (2). The
    fund is a scenario of this study. No share exceeds the exchange's own customer crypto. Fund and
    shares follow the losses that a rule maker estimates (see `Exposure.annual_loss`).

    Losses hit exchanges apart but for the common shock of the loss model: the larger its share, the
    larger the fund. With one exchange the amount is its own quantile; with more and more equal
    ones, each holds its expected annual loss.

    See Also
    --------
    loss_quantile : every exchange for itself.
    """

    level: Parameter
    quantile_weight: Parameter

    @property
    def pooled(self) -> bool:
        """True."""
        return True

    @property
    def on_losses(self) -> bool:
        """True."""
        return True

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        loss = exposure.annual_loss
        weight = _shares(loss.mean)
        if np.any(np.asarray(self.quantile_weight) != 0):
            alone = _shares(at_level(loss.quantile, self.level))
            weight = weight + self.quantile_weight * (alone - weight)
        fund = at_level(exposure.industry_loss.quantile, self.level)
        return np.minimum(fund[..., np.newaxis] * weight, exposure.custody)


def pooling_gain(exposure: Exposure, level: float, *, tail_mean: bool = False) -> FloatArray:
    """Sum of what exchanges need alone over what they need together, shape (..., draw).

    What a fund for all saves against every exchange holding its own amount at the same level.
    By expected shortfall (`tail_mean`) it is 1 or more, whatever the losses. By quantile it can be
    below 1: at a level at which most exchanges expect no loss, or none beyond hot wallets, the
    fund must still pay the few that have one, so it costs more and covers more. Not a number where
    nothing is needed together.

    References
    ----------
    P. Artzner, F. Delbaen, J.-M. Eber and D. Heath, Coherent measures of risk, Mathematical
    Finance 9 (1999), on quantiles; C. Acerbi and D. Tasche, On the coherence of expected
    shortfall, Journal of Banking and Finance 26 (2002).

    Raises
    ------
    InputError
        A level at or outside 0 and 1, or an exposure without a loss model.
    """
    losses = (exposure.annual_loss, exposure.industry_loss)
    own, pooled = (
        loss.expected_shortfall(level) if tail_mean else loss.quantile(level) for loss in losses
    )
    alone = own.sum(axis=-1)
    never = np.full_like(pooled, np.nan)
    return np.asarray(np.divide(alone, pooled, out=never, where=pooled > 0))


def _shares(risk: FloatArray) -> FloatArray:
    """Each exchange's part of the sum over exchanges; 0 where the sum is."""
    whole = risk.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(risk, whole, out=np.zeros_like(risk), where=whole > 0))
