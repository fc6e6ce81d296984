"""A year's loss of all exchanges together, with events that hit several of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.fft import next_fast_len

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.compound import CompoundLoss, checked_steps
from analysis.losses.counts import TAIL, Spectrum, cluster
from analysis.losses.grid import DAMPING, Grid, Places, accumulated, density, nodes, turned
from analysis.losses.quantile_search import SINGLE_LOSSES
from analysis.market.panel import FloatArray

BASES = 24
LARGEST_BASE = 40.0
ROOM = 0.05  # kept from where a cluster's number of events has no generating function


@dataclass(frozen=True, eq=False)
class IndustryLoss(CompoundLoss):
    """Sum of the yearly losses of all exchanges, JPY mn; cells have the shape (..., draw).

    A common shock (a provider of software or custody that several use) comes at a Poisson rate and
    hits each exchange by chance, independently; what an exchange then loses is its own draw. Each
    exchange's own loss keeps the distribution that it has alone: `common_shock_share` of its rate
    comes from shocks, whatever the other parameters. As the share tends to 0 exchanges are
    independent; as `common_shock_reach` tends to 0 each shock hits one of them at most, which is
    the same.

    Attributes
    ----------
    annual : losses of the exchanges, shape (..., draw, exchange).
    common_shock_share : share of every exchange's rate that comes from common shocks.
    common_shock_reach : chance that a shock hits the exchange with the highest rate; the others'
        chances are to it as their rates are. The smaller, the more frequent are shocks.
    steps : most steps of a grid.
    tolerance : largest proved error of a quantile, relative. Wider than for one exchange: a shock
        can bring many losses, and the bracket grows with each.

    Raises
    ------
    InputError
        A share outside [0, 1], a reach outside (0, 1], unusable `steps`.

    References
    ----------
    F. Lindskog and A. McNeil, Common Poisson shock models, ASTIN Bulletin 33 (2003), sec. 2. A
    negative binomial count enters as Poisson clusters of logarithmic size, so that it can share
    shocks too.
    """

    annual: AnnualLoss
    common_shock_share: float = 0.0
    common_shock_reach: float = 1.0
    steps: int = 2048
    tolerance: float = 0.02

    def __post_init__(self) -> None:
        share, reach = self.common_shock_share, self.common_shock_reach
        if not 0 <= share <= 1:
            raise InputError(f"common_shock_share = {share:g}; allowed: 0 to 1; give a share")
        if not 0 < reach <= 1:
            raise InputError(
                f"common_shock_reach = {reach:g}; allowed: above 0, at most 1; give a probability"
            )
        checked_steps(self.steps)

    @cached_property
    def none(self) -> FloatArray:
        """Probability that no exchange has a loss, shape (..., draw)."""
        return np.asarray(
            np.exp(self._missed - self._rate(np.ones(self._own.shape, dtype=complex))).real
        )

    @cached_property
    def single(self) -> FloatArray:
        """Probability of one event in all."""
        return np.asarray(self._alone.sum(axis=-1))

    @property
    def several(self) -> FloatArray:
        """Probability of several events, at one exchange or more."""
        return np.maximum(1 - self.none - self.single, 0.0)

    @cached_property
    def held(self) -> FloatArray:
        """Largest loss of one event at any exchange, JPY mn."""
        shape = self.annual.none.shape
        return np.asarray(np.broadcast_to(self.annual.held, shape).max(axis=-1))

    @cached_property
    def most(self) -> int:
        """Number of events that all exchanges together exceed with a negligible probability.

        From the generating function of the number of events on the unit circle, at points enough
        that what wraps around is negligible.
        """
        points = 2 ** int(np.ceil(np.log2(2 * self._enough)))
        half = np.exp(-2j * np.pi * np.arange(points // 2 + 1) / points)
        at = half.reshape(-1, *(1,) * self._own.ndim)
        rate = self._rate(cluster(at, self.annual.counts.dispersion))
        chance = np.fft.irfft(np.exp(rate - self._rate(np.ones_like(at))), points, axis=0)
        within = np.cumsum(chance, axis=0) >= 1 - 100 * TAIL
        enough = within.reshape(points, -1).all(axis=1)
        return max(int(enough.argmax()), 2) if enough.any() else self._enough

    @property
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn: the sum of the exchanges' own."""
        return np.asarray(self.annual.mean.sum(axis=-1))

    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event in all, with a loss of at most `amount`."""
        each = self._alone * self.annual.positive_cdf(np.asarray(amount)[..., None])
        return np.asarray(each.sum(axis=-1))

    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount`."""
        one, single = np.broadcast_arrays(self.one(amount), self.single)
        return np.asarray(np.divide(one, single, out=np.zeros(one.shape), where=single > 0))

    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event, JPY mn."""
        each = self.annual.event_excess(np.asarray(amount)[..., None])
        return np.asarray((self._alone * each).sum(axis=-1))

    def grid(self, span: FloatArray, steps: int) -> Grid:
        """Bracket of the probability of several events within multiples of span / steps.

        All losses rounded up give the lower bound. One of them is exact at the nodes, so all
        rounded down give the upper bound one node later. The estimate rounds each exchange's
        losses up or down with the chance that keeps their mean.
        """
        below = self.annual.positive_cdf(nodes(span, steps)[..., None])
        length = int(next_fast_len(2 * steps, real=True))
        up, down = turned(below, length)
        chance = self._chance_up(below, span)
        low, late, kept = (
            accumulated(density(self._several(event), steps, length))
            for event in (up, down, down + chance * (up - down))
        )
        first = np.zeros((1, *late.shape[1:]))
        high = np.maximum(np.concatenate([first, late[:-1]]), 0.0)
        low = np.maximum(low - self.several / DAMPING, 0.0)
        centre = (kept + np.concatenate([first, kept[:-1]])) / 2
        return Grid(span, low, high, np.clip(centre, low, np.maximum(low, high)))

    def start(self, level: FloatArray) -> FloatArray:
        """Amount near the quantile: that of the year's largest loss, and the mean of all losses.

        The largest loss is at most x with probability exp(-sum of rate (1 - F(x))), about.
        """
        share = SINGLE_LOSSES.reshape(-1, *(1,) * level.ndim)
        above = 1 - self.annual.positive_cdf((share * self.held)[..., None])
        rare = (self.annual.counts.mean * above).sum(axis=-1) <= -np.log(level)
        first = np.where(rare.any(axis=0), rare.argmax(axis=0), len(share) - 1)
        return np.asarray(SINGLE_LOSSES[first] * self.held + self.mean)

    def take(self, where: tuple[Places, ...]) -> Self:
        """The draws at the indices `where`, on one new first axis."""
        part = replace(self, annual=self.annual.take(where))
        vars(part)["most"] = self.most
        return part

    @cached_property
    def _enough(self) -> int:
        """Number of events at least as large as `most`, by Chernoff's bound.

        P(N >= n) is at most E[z^N] / z^n: for the best of some z above 1.
        """
        dispersion = self.annual.counts.dispersion
        excess = max(float(dispersion.max()) - 1, 1 / LARGEST_BASE)
        base = np.geomspace(1.01, 1 + (1 - ROOM) / excess, BASES)
        at = base.reshape(-1, *(1,) * self._own.ndim).astype(complex)
        exponent = self._rate(cluster(at, dispersion)) - self._rate(np.ones_like(at))
        needed = (exponent.real - np.log(100 * TAIL)) / np.log(at.real[..., 0])
        return max(int(np.ceil(needed.min(axis=0).max())), 2)

    @cached_property
    def _own(self) -> FloatArray:
        """Rate of each exchange's clusters of events, without those of common shocks."""
        return (1 - self.common_shock_share) * self.annual.counts.cluster_rate

    @cached_property
    def _shock_rate(self) -> FloatArray:
        """Common shocks a year, shape (..., draw)."""
        highest = self.annual.counts.cluster_rate.max(axis=-1)
        return np.asarray(self.common_shock_share * highest / self.common_shock_reach)

    @cached_property
    def _hit(self) -> FloatArray:
        """Chance that a shock hits each exchange."""
        rate = self.annual.counts.cluster_rate
        highest = rate.max(axis=-1, keepdims=True)
        share = np.divide(rate, highest, out=np.zeros(rate.shape), where=highest > 0)
        return np.asarray(self.common_shock_reach * share)

    @cached_property
    def _missed(self) -> FloatArray:
        """Rate of the shocks that hit nobody."""
        return np.asarray(self._shock_rate * (1 - self._hit).prod(axis=-1))

    @cached_property
    def _alone(self) -> FloatArray:
        """Probability that all of the year's events are one event, at this exchange."""
        rate = self.annual.counts.cluster_rate
        one_in_cluster = np.divide(
            self.annual.single, rate * self.annual.none, out=np.zeros(rate.shape), where=rate > 0
        )
        missed = 1 - self._hit
        others = np.where(np.eye(rate.shape[-1], dtype=bool), 1.0, missed[..., None, :])
        by_shock = self._shock_rate[..., None] * self._hit * others.prod(axis=-1)
        return np.asarray(self.none[..., None] * (self._own + by_shock) * one_in_cluster)

    def _chance_up(self, below: FloatArray, span: FloatArray) -> FloatArray:
        """Chance of rounding up that keeps the mean of losses within the span, per exchange."""
        step = span[..., None] / len(below)
        rounded = step * (len(below) - below[:-1].sum(axis=0))
        cut = self.annual.event_mean - self.annual.event_excess(span[..., None])
        above = np.divide(
            rounded - cut, step * below[-1], out=np.full(rounded.shape, 0.5), where=below[-1] > 0
        )
        return np.asarray(np.clip(1 - above, 0.0, 1.0))

    def _rate(self, cluster_loss: Spectrum) -> Spectrum:
        """Exponent of the compound Poisson law, from the transform of each exchange's clusters."""
        alone = np.asarray((self._own * cluster_loss).sum(axis=-1))
        if not self.common_shock_share:
            return alone
        shocks = (1 - self._hit * (1 - cluster_loss)).prod(axis=-1)
        return np.asarray(alone + self._shock_rate * shocks)

    def _several(self, event: Spectrum) -> Spectrum:
        """Transform of the sum in years of several events, from that of each exchange's event."""
        exponent = self._rate(cluster(event, self.annual.counts.dispersion)) - self._missed
        one = (self._alone * event).sum(axis=-1)
        return np.asarray(self.none * np.expm1(exponent) - one)


def industry_loss(
    annual: AnnualLoss,
    common_shock_share: float,
    common_shock_reach: float = 1.0,
    steps: int = 2048,
) -> IndustryLoss:
    """Distribution of the sum over exchanges (last axis) of `annual`; see `IndustryLoss`."""
    return IndustryLoss(annual, common_shock_share, common_shock_reach, steps)
