"""Loss of one event at one exchange: how much of its customers' crypto is gone.

Two models. `ShareSeverity` draws the lost share of customer crypto, so it scales with the exchange
and cannot exceed what is held. `YenSeverity` (`severity_yen`) draws the amount, whatever the size
of the exchange, and is cut off at what is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.special import logit, ndtr

from analysis.errors import InputError
from analysis.losses.capped_mean import capped_share_mean
from analysis.losses.hot_wallets import (
    Number,
    require_amount,
    require_finite,
    require_positive,
    require_share,
    stop_cdf,
    stop_mean,
)
from analysis.losses.severity_yen import YenSeverity
from analysis.market.panel import FloatArray

__all__ = ["Mixture", "Severity", "ShareSeverity", "YenSeverity", "capped_share_mean"]

ROUNDING = 1e-9


class Severity(Protocol):
    """Loss of one event, JPY mn; arguments broadcast against `held`."""

    @property
    def held(self) -> FloatArray:
        """Largest possible loss: customer crypto, JPY mn, shape (..., draw, exchange)."""
        ...

    def cdf(self, loss: FloatArray) -> FloatArray:
        """Probability that an event's loss is at most `loss` JPY mn."""
        ...

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        """Mean of an event's loss cut at `loss`, both JPY mn."""
        ...


@runtime_checkable
class ByShare(Protocol):
    """A severity that can be asked about shares of what is held, if `proportional`."""

    @property
    def proportional(self) -> bool:
        """Whether it can."""
        ...

    def cdf_of_share(self, share: FloatArray) -> FloatArray:
        """Probability that an event loses at most `share` of what is held."""
        ...


@dataclass(frozen=True)
class ShareSeverity:
    """Loss as a share of customer crypto: logit-normal, with an atom at the hot wallets.

    The share is min(1, multiplier U) with logit U normal. With probability `reach` it is lost;
    otherwise the loss ends at `hot_share`. As reach tends to 1 the fit to past losses is left as it
    is; as it tends to 0 no event takes more than the hot wallets (nothing, where they are empty).

    Attributes
    ----------
    held : customer crypto, JPY mn, shape (..., draw, exchange).
    location, scale : mean and standard deviation of logit U, shape (draw, 1) or broadcastable.
    reach : probability that an event goes beyond the hot wallets.
    hot_share : share of customer crypto in hot wallets, shape (..., draw, exchange).
    multiplier : factor on the share; above 1 it leaves a probability that everything is lost.

    Raises
    ------
    InputError
        `reach` or `hot_share` outside [0, 1]; `scale` or `multiplier` not above 0; `held` negative.
    """

    held: FloatArray
    location: Number
    scale: Number
    reach: Number
    hot_share: Number
    multiplier: Number = 1.0

    def __post_init__(self) -> None:
        require_amount("held", self.held)
        for name in ("held", "location"):
            require_finite(name, getattr(self, name))
        for name in ("scale", "multiplier"):
            require_positive(name, getattr(self, name))
        for name in ("reach", "hot_share"):
            require_share(name, getattr(self, name))

    def cdf(self, loss: FloatArray) -> FloatArray:
        """Probability that an event's loss is at most `loss` JPY mn."""
        return self.cdf_of_share(self.share(loss))

    def cdf_of_share(self, share: FloatArray, odds: FloatArray | None = None) -> FloatArray:
        """Probability that an event loses at most `share` of what is held.

        Shares that are the same for all exchanges, (..., draw, 1), save most of the work.

        Parameters
        ----------
        odds : `odds(share)`, if it is known already.
        """
        deviation = (self.odds(share) if odds is None else odds) - self.location
        deviation = np.divide(deviation, self.scale, out=deviation)
        below = np.asarray(ndtr(deviation, out=deviation))
        if self._unstopped:
            return below
        return stop_cdf(below, np.asarray(share >= self.hot_share), self.reach)

    @cached_property
    def _unstopped(self) -> bool:
        """Whether every event goes beyond hot wallets."""
        return bool(np.all(np.asarray(self.reach) == 1))

    @property
    def proportional(self) -> bool:
        """True: a loss is a share of what is held."""
        return True

    def odds(self, share: FloatArray) -> FloatArray:
        """Logit of the largest U with which no more than `share` is lost."""
        part = np.clip(share / self.multiplier, 0.0, 1.0)
        return np.asarray(logit(np.where(share >= 1, 1.0, part)))

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        """Mean of an event's loss cut at `loss`, both JPY mn."""
        share = np.clip(self.share(loss), 0.0, 1.0)
        past_hot = np.asarray(share > self.hot_share)
        cut = stop_mean(self._capped(share), self._within_hot, past_hot, self.reach)
        return np.asarray(self.held * cut)

    def share(self, loss: FloatArray) -> FloatArray:
        """Loss as a share of what is held; where nothing is held every loss is all of it."""
        amount, held = np.broadcast_arrays(np.asarray(loss, dtype=float), self.held)
        whole = np.where(amount < 0, -1.0, 1.0)
        return np.asarray(np.divide(amount, held, out=whole, where=held > 0))

    @cached_property
    def _within_hot(self) -> FloatArray:
        """Mean of the share lost, cut at the hot wallets."""
        return self._capped(np.asarray(self.hot_share, dtype=float))

    def _capped(self, share: FloatArray) -> FloatArray:
        """Mean of min(multiplier U, share), share at most 1."""
        cap = np.minimum(share / self.multiplier, 1.0)
        return np.asarray(self.multiplier * capped_share_mean(cap, self.location, self.scale))


@dataclass(frozen=True)
class Mixture:
    """Events of several classes: the class of an event is drawn, then its loss.

    Attributes
    ----------
    weights : probability of each class, each broadcastable to (..., draw, exchange), sum 1.
    parts : severity of each class.

    Raises
    ------
    InputError
        Weights outside [0, 1], with another sum than 1, or as many as there are not parts.
    """

    weights: Sequence[Number]
    parts: Sequence[Severity]

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.parts) or not self.parts:
            raise InputError(
                f"weights: {len(self.weights)} for {len(self.parts)} classes of events; allowed: "
                "one for each class; give a weight for each"
            )
        for weight in self.weights:
            require_share("weight of a class of events", weight)
        total = np.asarray(sum(np.asarray(weight, dtype=float) for weight in self.weights))
        if (np.abs(total - 1) > ROUNDING).any():
            raise InputError(
                f"weights: their sum is {total.flat[0]:g}; allowed: 1; divide them by their sum"
            )

    @property
    def held(self) -> FloatArray:
        """Largest possible loss of any class, JPY mn."""
        return np.asarray(np.max(np.broadcast_arrays(*(part.held for part in self.parts)), axis=0))

    def cdf(self, loss: FloatArray) -> FloatArray:
        """Probability that an event's loss is at most `loss` JPY mn."""
        alike = self._of_shares
        if alike:
            return self.cdf_of_share(alike[0].share(loss))
        return self._mean([part.cdf(loss) for part in self.parts])

    def cdf_of_share(self, share: FloatArray) -> FloatArray:
        """Probability that an event loses at most `share` of what is held.

        Only where `proportional` holds.
        """
        odds = self._of_shares[0].odds(share)
        return self._mean([part.cdf_of_share(share, odds) for part in self._of_shares])

    @property
    def proportional(self) -> bool:
        """Whether all classes lose shares of the same holdings, by the same multiplier."""
        return bool(self._of_shares)

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        """Mean of an event's loss cut at `loss`, both JPY mn."""
        return self._mean([part.limited_mean(loss) for part in self.parts])

    @cached_property
    def _of_shares(self) -> tuple[ShareSeverity, ...]:
        """The classes, if they all lose shares of the same holdings; otherwise none."""
        found = tuple(part for part in self.parts if isinstance(part, ShareSeverity))
        first = found[0] if len(found) == len(self.parts) else None
        alike = first is not None and all(
            np.array_equal(part.held, first.held)
            and np.array_equal(part.multiplier, first.multiplier)
            for part in found
        )
        return found if alike else ()

    def _mean(self, values: Sequence[FloatArray]) -> FloatArray:
        return np.asarray(sum(w * v for w, v in zip(self.weights, values, strict=True)))
