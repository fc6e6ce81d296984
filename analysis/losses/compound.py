"""Yearly losses of rare events: what one event does is exact, what several do lies in a bracket.

The distribution function of a year's loss S is cut by the number of events,

    P(S <= x) = P(none) + P(one) F(x) + H(x),    H(x) = P(several, S <= x).

The first two parts are taken from the severity itself. For H every loss is rounded to a grid, up
(a lower bound of the distribution function) and down (an upper one), and the sums are convolved by
a fast Fourier transform. Events are rare, so H is small and a coarse grid is enough: the
error of a quantile is the step times the share of H in the density.

References
----------
Rounding to a grid: S. Klugman, H. Panjer and G. Willmot, Loss Models, "method of rounding". Damping
against what a transform wraps around: R. Gruebel and R. Hermesmeier, Computation of compound
distributions I: aliasing errors and exponential tilting, ASTIN Bulletin 29 (1999).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Self

import numpy as np

from analysis.errors import InputError
from analysis.losses.bands import RATIO, Bands
from analysis.losses.grid import Grid, Places
from analysis.losses.quantile_search import SINGLE_LOSSES, UNEVEN, search
from analysis.market.panel import FloatArray

PER_BAND = 64
"""Share of `steps` that each band of amounts has, as a divisor: the default is 64. Bands are a
factor 4 apart, so a step is then a 16th of the amount or less."""
MOST_BANDS = 16
SMALL = 0.2
"""Chance of a smaller event, that at a known jump apart, below which no band goes."""
HIGHEST_LEVEL = 0.999999
LEAST_HELD = 1e-6  # JPY mn, in place of nothing held


class CompoundLoss(ABC):
    """Distribution of a year's loss in each cell: its shape is (draw, exchange), or (draw,)."""

    steps: int
    tolerance: float

    @property
    @abstractmethod
    def none(self) -> FloatArray:
        """Probability of no loss."""

    @property
    @abstractmethod
    def single(self) -> FloatArray:
        """Probability of one event."""

    @property
    @abstractmethod
    def several(self) -> FloatArray:
        """Probability of several events (less what `repeats` can reach)."""

    @property
    @abstractmethod
    def held(self) -> FloatArray:
        """Largest loss of one event, JPY mn."""

    @property
    @abstractmethod
    def most(self) -> int:
        """Number of events that a year exceeds with a probability that is neglected."""

    @property
    @abstractmethod
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn."""

    @property
    def band_steps(self) -> int:
        """Steps of each band of amounts."""
        return self.steps // PER_BAND

    @abstractmethod
    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event with a loss of at most `amount`."""

    @abstractmethod
    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount` and not at a known jump."""

    @abstractmethod
    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event (0 in others), JPY mn."""

    @abstractmethod
    def grid(self, span: FloatArray, steps: int) -> Grid:
        """Bracket of H up to `span`, shape (..., *cells)."""

    @abstractmethod
    def take(self, where: tuple[Places, ...]) -> Self:
        """The cells at the indices `where` of the cells' axes, on one new first axis."""

    def start(self, level: FloatArray) -> FloatArray:
        """Amount near the quantile at `level`, of the shape of the cells, JPY mn.

        That of one event where one alone decides, and the largest loss of a year elsewhere.
        """
        held = np.maximum(np.broadcast_to(self.held, level.shape), LEAST_HELD)
        losses = SINGLE_LOSSES.reshape(-1, *(1,) * level.ndim) * held
        place = (self.none + self.one(losses) < level).sum(axis=0)
        table = np.concatenate([losses, (self.most * held)[None]])
        return np.asarray(np.take_along_axis(table, place[None], axis=0)[0])

    def repeats(self, amount: FloatArray) -> FloatArray:
        """Probability that all of several losses stop at the same jump, with sum <= `amount`."""
        return np.zeros(np.shape(amount))

    def repeats_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in those years, JPY mn."""
        return np.zeros(np.shape(amount))

    def jump(self, amount: FloatArray) -> FloatArray:
        """Nearest amount at which the distribution function jumps, or `amount` itself."""
        return amount

    def cdf(self, amount: FloatArray) -> FloatArray:
        """Probability that a year's loss is at most `amount` JPY mn; broadcasts against the cells.

        Raises
        ------
        InputError
            An amount that is negative or not a number.
        """
        amount = self._amounts(amount)
        rest = self._bands.grid.value(self._bands.cell(amount), amount)
        return np.minimum(self.known(amount) + rest, 1.0)

    def cdf_bounds(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Proved lower and upper bound of `cdf`."""
        amount = self._amounts(amount)
        low, high = self._bands.grid.bounds(self._bands.cell(amount), amount)
        known = self.known(amount)
        return known + low, np.minimum(known + high, 1.0)

    def expected_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of a year's loss above `amount`, JPY mn: what a reserve of `amount` leaves open."""
        amount = self._amounts(amount)
        rest = self._bands.excess(amount)
        return np.asarray(self.one_excess(amount) + self.repeats_excess(amount) + rest)

    def quantile(self, level: float | Sequence[float]) -> FloatArray:
        """Smallest amount that a year's loss stays within with probability `level`, JPY mn.

        The grid is refined until the bracket proves a relative error of at most `tolerance`.

        Returns
        -------
        array
            Shape of the cells; one more axis in front where `level` is a sequence.

        Raises
        ------
        InputError
            A level at or outside 0 and 1; `steps` too few for the proof (says how many it takes).
        """
        levels = _levels(level)
        # Paths over the years and tables ask for the same levels again.
        missing = [one for one in dict.fromkeys(levels.tolist()) if one not in self._quantiles]
        if missing:
            shape = (len(missing), *self.none.shape)
            asked = np.broadcast_to(np.reshape(missing, (-1, *(1,) * self.none.ndim)), shape)
            self._quantiles.update(zip(missing, search(self, asked), strict=True))
        found = np.stack([self._quantiles[one] for one in levels.tolist()])
        return found if np.ndim(level) else found[0]

    def expected_shortfall(self, level: float | Sequence[float]) -> FloatArray:
        """Mean of a year's loss in its worst 1 - level of cases, JPY mn.

        References
        ----------
        C. Acerbi and D. Tasche, On the coherence of expected shortfall, Journal of Banking and
        Finance 26 (2002): also right where the distribution function jumps.
        """
        levels = _levels(level)
        tail = 1 - (levels.reshape(-1, *(1,) * self.none.ndim) if np.ndim(level) else levels[0])
        start = self.quantile(level)
        return start + self.expected_excess(start) / tail

    def known(self, amount: FloatArray) -> FloatArray:
        """Exact part of the distribution function: no event, one, or several at the jump."""
        return np.asarray(self.none + self.one(amount) + self.repeats(amount))

    def _amounts(self, amount: FloatArray) -> FloatArray:
        amount = np.asarray(amount, dtype=float)
        if not (amount >= 0).all():
            worst = amount[~(amount >= 0)].flat[0]
            raise InputError(f"amount = {worst:g} JPY mn; allowed: 0 and more; give such an amount")
        return np.broadcast_to(amount, np.broadcast_shapes(amount.shape, self.none.shape))

    @cached_property
    def _quantiles(self) -> dict[float, FloatArray]:
        """Quantiles that have been found, by level."""
        return {}

    @cached_property
    def _bands(self) -> Bands:
        """Grids from the largest loss of a year down to where one event is rarely smaller."""
        spans = [UNEVEN * self.most * np.maximum(self.held, LEAST_HELD)]
        while len(spans) < MOST_BANDS and (self.smooth(spans[-1]) > SMALL).any():
            spans.append(spans[-1] / RATIO)
        return Bands(self.grid(np.asarray(spans), self.band_steps), self.several)


def checked_steps(steps: int) -> None:
    """Refuse a number of steps that the bands cannot share.

    Raises
    ------
    InputError
        Not a multiple of 256.
    """
    unit = PER_BAND * RATIO
    if steps < unit or steps % unit:
        raise InputError(
            f"steps = {steps}; allowed: multiples of {unit}, from {unit} on; give e.g. 4096"
        )


def _levels(level: float | Sequence[float]) -> FloatArray:
    levels = np.atleast_1d(np.asarray(level, dtype=float))
    wrong = ~((levels > 0) & (levels <= HIGHEST_LEVEL))
    if wrong.any():
        raise InputError(
            f"level = {levels[wrong][0]:g}; allowed: above 0, at most {HIGHEST_LEVEL}; "
            "give e.g. 0.999"
        )
    return levels
