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

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from analysis.errors import InputError
from analysis.losses.bands import RATIO, Bands, ProvedBands
from analysis.losses.event_pieces import LEAST_HELD, PER_BAND, EventPieces
from analysis.losses.grid import Grid
from analysis.losses.quantile_search import UNEVEN, search
from analysis.market.panel import FloatArray

MOST_BANDS = 16
SMALL = 0.2
"""Chance of a smaller event, that at a known jump apart, below which no band goes."""
HIGHEST_LEVEL = 0.999999


class CompoundLoss(EventPieces):
    """Distribution of a year's loss in each cell: its shape is (draw, exchange), or (draw,)."""

    tolerance: float
    accepted: float

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
        low, high = self._proved.grid.bounds(self._proved.cell(amount), amount)
        known = self.known(amount)
        return known + low, np.minimum(known + high, 1.0)

    def expected_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of a year's loss above `amount`, JPY mn: what a reserve of `amount` leaves open."""
        amount = self._amounts(amount)
        rest = self._bands.excess(amount)
        return np.asarray(self.one_excess(amount) + self.repeats_excess(amount) + rest)

    def expected_excess_bounds(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Proved lower and upper bound of `expected_excess`, JPY mn.

        The excess is the integral of 1 - P(S <= x) from the amount on. Its exact parts are added;
        that of H lies between the integrals of its bounds, and years of more events than the grid
        has add `crowded` at most. Proved up to the severity's own means (1e-6, see `tabulated`).
        """
        amount = self._amounts(amount)
        exact = self.one_excess(amount) + self.repeats_excess(amount)
        low, high = self._proved.excess_bounds(amount)
        return exact + np.maximum(low - self.crowded, 0.0), exact + high + self.crowded

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

    def expected_shortfall_bounds(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Proved lower and upper bound of `expected_shortfall` at one level, JPY mn.

        The shortfall is the minimum of x + E[(S - x)+] / (1 - level) over x, taken at the quantile.
        So it is at most the value at the quantile found, a; the quantile lies within the tolerance
        of a, and a convex function falls from a by at most its slope at a,
        |1 - P(S > a) / (1 - level)|, times that distance.

        References
        ----------
        R. Rockafellar and S. Uryasev, Conditional value-at-risk for general loss distributions,
        Journal of Banking and Finance 26 (2002), theorem 10.
        """
        start, tail = self.quantile(level), 1 - level
        low, high = self.expected_excess_bounds(start)
        slopes = [np.abs(1 - (1 - side) / tail) for side in self.cdf_bounds(start)]
        fall = np.maximum(*slopes) * self.accepted * start
        return start + low / tail - fall, start + high / tail

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
    def _bands(self) -> Bands[Grid]:
        """Grids at several scales; without bounds, which most uses do not need."""
        return Bands(self.estimate(self._spans, self.band_steps), self.several, self._rest)

    @cached_property
    def _proved(self) -> ProvedBands:
        """The same grids between bounds."""
        return ProvedBands(self.bracket(self._spans, self.band_steps), self.several, self._rest)

    @cached_property
    def _rest(self) -> FloatArray:
        """Mean loss of the years that H is of, JPY mn."""
        nothing = np.zeros(self.none.shape)
        rest = self.mean - self.one_excess(nothing) - self.repeats_excess(nothing)
        return np.maximum(rest, 0.0)

    @cached_property
    def _spans(self) -> FloatArray:
        """Spans from the largest loss of a year down to where one event is rarely smaller."""
        spans = [UNEVEN * self.most * np.maximum(self.held, LEAST_HELD)]
        while len(spans) < MOST_BANDS and (self.smooth(spans[-1]) > SMALL).any():
            spans.append(spans[-1] / RATIO)
        return np.asarray(spans)


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
