"""Loss of one event in yen, whatever the size of the exchange: the alternative to a share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import exprel, ndtr

from analysis.errors import InputError
from analysis.losses.hot_wallets import (
    Number,
    require_amount,
    require_finite,
    require_positive,
    require_share,
    stop_cdf,
    stop_mean,
)
from analysis.market.panel import FloatArray

STRAIGHT = 1e-9  # bend of the tail below which it is exponential in double precision
ENDLESS = 1e300


@dataclass(frozen=True)
class YenSeverity:
    """Lognormal body, generalised Pareto tail, truncated at what is held.

    Up to `threshold` the loss is lognormal; what the lognormal leaves above it is spread as
    threshold plus a generalised Pareto excess. The whole is conditioned on a loss of at most
    `held`: a tail without a mean (`tail_shape` of 1 and more, a Pareto index of 1 and less) has one
    only because of it. As `tail_shape` tends to 0 the tail becomes exponential; as `held` grows
    the truncation vanishes, and with a shape of 1 and more the mean grows without bound.

    Attributes
    ----------
    held : customer crypto, JPY mn, shape (..., draw, exchange); infinite for no truncation.
    location, scale : mean and standard deviation of the body's log loss (JPY mn), shape (draw, 1).
    threshold : JPY mn at which the tail starts.
    tail_shape, tail_scale : xi, and beta in JPY mn, of the generalised Pareto distribution.
    reach : probability that an event goes beyond the hot wallets.
    hot_share : share of customer crypto in hot wallets, at which the other events stop.

    Raises
    ------
    InputError
        A probability outside [0, 1], a scale or threshold not above 0, `held` negative; by
        `limited_mean`, a mean that does not exist.

    References
    ----------
    P. Embrechts, C. Klueppelberg and T. Mikosch, Modelling Extremal Events, 1997, sec. 3.4.
    """

    held: FloatArray
    location: Number
    scale: Number
    threshold: Number
    tail_shape: Number
    tail_scale: Number
    reach: Number = 1.0
    hot_share: Number = 1.0

    def __post_init__(self) -> None:
        require_amount("held", self.held)
        for name in ("location", "tail_shape"):
            require_finite(name, getattr(self, name))
        for name in ("scale", "threshold", "tail_scale"):
            require_positive(name, getattr(self, name))
        for name in ("reach", "hot_share"):
            require_share(name, getattr(self, name))

    def cdf(self, loss: FloatArray) -> FloatArray:
        """Probability that an event's loss is at most `loss` JPY mn."""
        loss = np.asarray(loss, dtype=float)
        part, whole = np.broadcast_arrays(
            self._untruncated(np.clip(loss, 0.0, self.held)), self._untruncated(self.held)
        )
        below = np.divide(part, whole, out=np.ones(part.shape), where=whole > 0)
        stopped = stop_cdf(below, np.asarray(loss >= self._hot()), self.reach)
        return np.asarray(np.where(loss < 0, 0.0, stopped))

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        """Mean of an event's loss cut at `loss`, both JPY mn.

        Raises
        ------
        InputError
            No truncation, no cut, and a tail without a mean.
        """
        cap = np.clip(np.asarray(loss, dtype=float), 0.0, self.held)
        if (np.isinf(cap) & (np.asarray(self.tail_shape) >= 1)).any():
            raise InputError(
                f"tail_shape = {np.max(self.tail_shape):g} without truncation: the mean does not "
                "exist; allowed: below 1, or a finite `held`; give the customer crypto as `held`"
            )
        hot = self._hot()
        past_hot = np.asarray(cap > hot)
        return stop_mean(self._capped(cap), self._capped(hot), past_hot, self.reach)

    def _hot(self) -> FloatArray:
        """What the hot wallets hold, JPY mn."""
        with np.errstate(invalid="ignore"):  # 0 of an infinite amount is 0
            return np.asarray(np.nan_to_num(self.held * np.asarray(self.hot_share), posinf=np.inf))

    def _deviation(self, loss: Number) -> FloatArray:
        """Standard normal deviation of a loss in the body."""
        loss = np.asarray(loss, dtype=float)
        log_loss = np.log(loss, out=np.full(loss.shape, -np.inf), where=loss > 0)
        return np.asarray((log_loss - self.location) / self.scale)

    def _tail_hazard(self, loss: FloatArray) -> FloatArray:
        """Minus the log of the survival in the tail."""
        excess = np.maximum(loss - self.threshold, 0.0) / self.tail_scale
        return pareto_hazard(excess, self.tail_shape)

    def _untruncated(self, loss: FloatArray) -> FloatArray:
        """Distribution function before truncation."""
        tail = ndtr(-self._deviation(self.threshold)) * np.exp(-self._tail_hazard(loss))
        return np.asarray(np.where(loss <= self.threshold, ndtr(self._deviation(loss)), 1.0 - tail))

    def _capped(self, cap: FloatArray) -> FloatArray:
        """Mean after truncation of the loss cut at `cap`, which is at most `held`.

        With F before truncation, it is the integral of 1 - F / F(held) from 0 to the cap: up to
        the threshold by the lognormal's partial mean, beyond it by the integral of the tail's
        survival, beta (exp((xi - 1) w) - 1) / (xi - 1) with w the hazard.
        """
        whole = self._untruncated(self.held)
        low = np.minimum(cap, self.threshold)
        at_low = self._deviation(low)
        centre = np.exp(self.location + np.asarray(self.scale) ** 2 / 2)
        body = centre * ndtr(at_low - self.scale) + low * (whole - ndtr(at_low))
        hazard = self._tail_hazard(cap)
        spread = self.tail_scale * hazard * exprel((np.asarray(self.tail_shape) - 1) * hazard)
        above = np.where(np.isinf(cap), 0.0, cap - low) * (1 - whole)
        tail = ndtr(-self._deviation(self.threshold)) * spread - above
        area, whole = np.broadcast_arrays(body + np.where(cap > low, tail, 0.0), whole)
        return np.asarray(np.divide(area, whole, out=np.zeros(area.shape), where=whole > 0))


def pareto_hazard(excess: FloatArray, shape: Number) -> FloatArray:
    """Cumulative hazard of the generalised Pareto distribution, log(1 + xi y) / xi.

    As the shape xi tends to 0 it tends to the excess y (in units of the tail's scale) itself; a
    negative shape ends the tail at y = -1 / xi.
    """
    xi, y = np.broadcast_arrays(np.asarray(shape, dtype=float), excess)
    bend = np.maximum(xi * np.minimum(y, ENDLESS), -1.0)
    with np.errstate(divide="ignore"):  # the end of a tail with a negative shape
        hazard = np.divide(np.log1p(bend), xi, out=y.copy(), where=np.abs(bend) > STRAIGHT)
    return np.asarray(np.minimum(hazard, ENDLESS))
