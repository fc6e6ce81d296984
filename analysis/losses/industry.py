"""A year's loss of all exchanges together, with events that hit several of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np
from scipy.fft import next_fast_len

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.cells import Where
from analysis.losses.compound import CompoundLoss, checked_steps
from analysis.losses.counts import Spectrum
from analysis.losses.grid import (
    NOISE,
    Bracket,
    Grid,
    Places,
    accumulated,
    density,
    nodes,
    turned,
)
from analysis.losses.quantile_search import SINGLE_LOSSES
from analysis.losses.shared_counts import SharedCounts
from analysis.market.panel import FloatArray

PARTS = 8  # of a grid: its nodes are asked for in blocks of 1, 1, 2 and 4 of them


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
    tolerance : relative error of a quantile that is proved where `steps` suffice.
    accepted : largest proved error, where they do not: the bracket grows with each loss of a year,
        so that very frequent ones would need very many steps.

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
    steps: int = 4096
    tolerance: float = 0.005
    accepted: float = 0.02

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
    def shared(self) -> SharedCounts:
        """Number of events at each exchange and in all."""
        return SharedCounts(self.annual.counts, self.common_shock_share, self.common_shock_reach)

    @property
    def none(self) -> FloatArray:
        """Probability that no exchange has a loss, shape (..., draw)."""
        return self.shared.none

    @cached_property
    def single(self) -> FloatArray:
        """Probability of one event in all."""
        return np.asarray(self.shared.alone.sum(axis=-1))

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
        """Number of events that all exchanges together exceed with a negligible probability."""
        return self.shared.most()

    @property
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn: the sum of the exchanges' own."""
        return np.asarray(self.annual.mean.sum(axis=-1))

    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event in all, with a loss of at most `amount`."""
        each = self.shared.alone * self.annual.event.cdf(np.asarray(amount)[..., None])
        return np.asarray(each.sum(axis=-1))

    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount`."""
        one, single = np.broadcast_arrays(self.one(amount), self.single)
        return np.asarray(np.divide(one, single, out=np.zeros(one.shape), where=single > 0))

    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event, JPY mn."""
        each = self.annual.event.excess(np.asarray(amount)[..., None])
        return np.asarray((self.shared.alone * each).sum(axis=-1))

    def estimate(self, span: FloatArray, steps: int) -> Grid:
        """Probability of several events within multiples of span / steps.

        Each exchange's losses are rounded up or down with the chance that keeps their mean. As one
        of them is exact at the nodes, the sum lies between that and the same one node later.
        """
        events = self._events(span, steps)
        return Grid(span, self._kept(events, span, steps))

    def bracket(self, span: FloatArray, steps: int) -> Bracket:
        """The same between bounds.

        All losses rounded up give the lower one. One of them is exact at the nodes, so all rounded
        down give the upper one a node later.
        """
        events = self._events(span, steps)
        length, noise = events.length, NOISE * (1 - self.none)
        low, late = (
            accumulated(density(self.shared.several(side), steps, length))
            for side in (events.up, events.down)
        )
        low = np.maximum(low - noise, 0.0)
        high = np.maximum(_later(late) + noise, low)
        return Bracket(span, np.clip(self._kept(events, span, steps), low, high), low, high)

    def _events(self, span: FloatArray, steps: int) -> _Events:
        below, length = self._below(span, steps), int(next_fast_len(steps + 1, real=True))
        return _Events(below, length, *turned(below, length))

    def _below(self, span: FloatArray, steps: int) -> FloatArray:
        """Distribution function of each exchange's event at the nodes.

        It is 1 from what the exchange holds on; most hold little beside what all may lose.
        """
        shape, at = self.annual.none.shape, nodes(span, steps)[..., None]
        held = np.broadcast_to(self.annual.held, shape)
        below = np.ones((steps, *span.shape, shape[-1]))
        for first, last in pairwise(steps * part // PARTS for part in (0, 1, 2, 4, PARTS)):
            larger = (held > at[first]).reshape(-1, shape[-1]).any(axis=0)
            where: Where = (..., np.nonzero(larger)[0])
            below[first:last][where] = self.annual.event.take(where).cdf(at[first:last])
        return below

    def _kept(self, events: _Events, span: FloatArray, steps: int) -> FloatArray:
        """H with losses rounded so that their means stay."""
        chance = self._chance_up(events.below, span)
        mixed = events.down + chance * (events.up - events.down)
        table = accumulated(density(self.shared.several(mixed), steps, events.length))
        return np.maximum((table + _later(table)) / 2, 0.0)

    def start(self, level: FloatArray) -> FloatArray:
        """Amount near the quantile: that of the year's largest loss, and the mean of all losses.

        The largest loss is at most x with probability exp(-sum of rate (1 - F(x))), about.
        """
        share = SINGLE_LOSSES.reshape(-1, *(1,) * level.ndim)
        above = 1 - self.annual.event.cdf((share * self.held)[..., None])
        rare = (self.annual.counts.mean * above).sum(axis=-1) <= -np.log(level)
        first = np.where(rare.any(axis=0), rare.argmax(axis=0), len(share) - 1)
        return np.asarray(SINGLE_LOSSES[first] * self.held + self.mean)

    @property
    def crowded(self) -> FloatArray:
        """Upper bound of what years of more than `most` events add to the mean loss, JPY mn.

        What the widest grid leaves of them is the largest holding for each event beyond, at most.
        """
        return self.held * self.shared.beyond(self.most)

    def take(self, where: tuple[Places | None, ...]) -> Self:
        """The draws at the indices `where`, on one new first axis."""
        part = replace(self, annual=self.annual.take(where))
        vars(part)["most"] = self.most
        return part

    def _chance_up(self, below: FloatArray, span: FloatArray) -> FloatArray:
        """Chance of rounding up that keeps the mean of losses within the span, per exchange."""
        step = span[..., None] / len(below)
        rounded = step * (len(below) - below[:-1].sum(axis=0))
        cut = self.annual.event.mean - self.annual.event.excess(span[..., None])
        above = np.divide(
            rounded - cut, step * below[-1], out=np.full(rounded.shape, 0.5), where=below[-1] > 0
        )
        return np.asarray(np.clip(1 - above, 0.0, 1.0))


@dataclass(frozen=True)
class _Events:
    """One event's loss at each exchange: distribution function at the nodes, damped transforms."""

    below: FloatArray
    length: int
    up: Spectrum
    down: Spectrum


def _later(table: FloatArray) -> FloatArray:
    """The same one node later."""
    return np.concatenate([np.zeros((1, *table.shape[1:])), table[:-1]])


def industry_loss(
    annual: AnnualLoss,
    common_shock_share: float,
    common_shock_reach: float = 1.0,
    steps: int = 4096,
) -> IndustryLoss:
    """Distribution of the sum over exchanges (last axis) of `annual`; see `IndustryLoss`."""
    return IndustryLoss(annual, common_shock_share, common_shock_reach, steps)
