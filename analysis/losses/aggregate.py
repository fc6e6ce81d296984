"""A year's loss at each exchange: a random number of events, each with a random loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

from analysis.losses.cells import taken
from analysis.losses.compound import CompoundLoss, checked_steps
from analysis.losses.costly import BESIDE, CostlyEvent
from analysis.losses.counts import TAIL, Counts, require_at_least, thinned
from analysis.losses.grid import (
    NOISE,
    Bracket,
    Grid,
    Places,
    accumulated,
    density,
    turned,
)
from analysis.losses.jumps import take_repeats
from analysis.losses.severity import Severity
from analysis.market.panel import FloatArray

RARE = 0.03  # years of several events for each of one, up to which bands have their usual steps
UP, HALF, DOWN = 1.0, 0.5, 0.0  # chance with which a loss is rounded up to the next node


@dataclass(frozen=True, eq=False)
class AnnualLoss(CompoundLoss):
    """Yearly loss of each exchange in each draw, JPY mn.

    As `frequency` tends to 0 the excess tends to frequency times that of one event; as
    `dispersion` tends to 1 the count becomes Poisson.

    Attributes
    ----------
    frequency : expected events a year, shape (..., draw, exchange).
    dispersion : variance over mean of the yearly count, 1 and more; 1 is Poisson, above it the
        count is negative binomial.
    severity : loss of one event, a dataclass whose arrays broadcast to the shape of `frequency`.
    steps : most steps of a quantile's grid; other amounts have a 64th of them in each band.
    atom : amount at which the severity jumps (what is in hot wallets), JPY mn, if there is one.
        Years in which every loss stops there are then exact, which saves steps; without it, or
        with a wrong one, the bracket is wider and as true.
    tolerance : largest relative error of a quantile, proved before it is given.

    Raises
    ------
    InputError
        A frequency below 0 or not finite, a dispersion below 1, unusable `steps`.
    """

    frequency: FloatArray
    dispersion: float | FloatArray
    severity: Severity
    steps: int = 4096
    atom: FloatArray | None = None
    tolerance: float = 0.001

    def __post_init__(self) -> None:
        require_at_least("frequency", self.frequency, 0.0, "expected events a year")
        require_at_least(
            "dispersion", self.dispersion, 1.0, "variance over mean of the yearly count"
        )
        checked_steps(self.steps)

    @cached_property
    def event(self) -> CostlyEvent:
        """Loss of one event that costs customers something."""
        shape = np.broadcast_shapes(
            np.shape(self.frequency), np.shape(self.dispersion), np.shape(self.severity.held)
        )
        return CostlyEvent(self.severity, self.atom, shape)

    @cached_property
    def counts(self) -> Counts:
        """Events that cost customers something; the severity may say that some cost nothing."""
        frequency, dispersion = (
            np.broadcast_to(np.asarray(one, dtype=float), self.event.shape)
            for one in (self.frequency, self.dispersion)
        )
        return thinned(Counts(frequency, dispersion), self.event.chance)

    @cached_property
    def most(self) -> int:
        """Number of events that a year exceeds with a probability of at most 1e-12."""
        return self.counts.most()

    @property
    def accepted(self) -> float:  # type: ignore[override]
        """The same as `tolerance`: one exchange's quantiles need few steps."""
        return self.tolerance

    @property
    def none(self) -> FloatArray:
        """Probability of no loss, shape (..., draw, exchange)."""
        return np.asarray(self._chances[0])

    @property
    def single(self) -> FloatArray:
        """Probability of one event."""
        return np.asarray(self._chances[1])

    @cached_property
    def several(self) -> FloatArray:
        """Probability of two to `most` events that do not all stop at the jump."""
        return np.asarray(sum(self._chances[k] * (1 - self.event.jump**k) for k in self._many))

    @property
    def held(self) -> FloatArray:
        """Largest loss of one event, JPY mn."""
        return self.severity.held

    @cached_property
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn."""
        return np.asarray(self.counts.mean * self.event.mean)

    @property
    def crowded(self) -> FloatArray:
        """Mean loss of the years of more than `most` events, which no grid has, JPY mn."""
        number = np.arange(self.most + 1).reshape(-1, *(1,) * self.none.ndim)
        counted = (number * self._chances).sum(axis=0)
        return np.asarray(self.event.mean * np.maximum(self.counts.mean - counted, 0.0))

    @property
    def band_steps(self) -> int:
        """Steps of each band; the error is of the share of several events times their square."""
        share = float(np.max(self.several / np.maximum(self.single, TAIL)))
        return super().band_steps * max(int(np.ceil(np.sqrt(share / RARE))), 1)

    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event with a loss of at most `amount`."""
        return self.single * self.event.cdf(amount)

    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount` and not at the atom."""
        return np.asarray(
            self.event.cdf(amount) - np.where(amount >= self.event.stop, self.event.jump, 0.0)
        )

    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event, JPY mn."""
        return self.single * self.event.excess(amount)

    def estimate(self, span: FloatArray, steps: int) -> Grid:
        """Probability of several events within multiples of span / steps."""
        return Grid(span, self._tables(span, steps, (HALF,))[0])

    def bracket(self, span: FloatArray, steps: int) -> Bracket:
        """The same between bounds."""
        estimate, low, high = self._tables(span, steps, (HALF, UP, DOWN))
        noise = NOISE * self.several
        low -= noise
        high += TAIL + noise
        return Bracket(
            span, estimate, np.maximum(low, 0.0, out=low), np.maximum(high, 0.0, out=high)
        )

    def _tables(self, span: FloatArray, steps: int, sides: tuple[float, ...]) -> list[FloatArray]:
        """H at the nodes with losses rounded up with a chance, one table for each of `sides`.

        Of k losses one enters with its own distribution function, which is exact at the nodes; the
        other k - 1 are rounded up, or down, or (the estimate) each up or down by chance.
        """
        length = int(next_fast_len(steps + 1, real=True))
        up, down = turned(self.event.below_nodes(span, steps), length)
        rounded = {UP: up, DOWN: down, HALF: (up + down) / 2}
        tables = [density(up * self._others(rounded[side]), steps, length) for side in sides]
        if self.event.jump.any():
            repeated = [self._chances[k] * self.event.jump**k for k in self._many]
            for table, side in zip(tables, sides, strict=True):
                take_repeats(table, side, span / steps, self.event.stop, repeated)
        return [accumulated(table) for table in tables]

    def repeats(self, amount: FloatArray) -> FloatArray:
        """Probability of several events that all stop at the jump, with sum <= `amount`."""
        total = np.zeros(np.broadcast_shapes(np.shape(amount), self.none.shape))
        if self.event.jump.any():
            for k in self._many:
                chance = self._chances[k] * self.event.jump**k
                total += np.where(amount >= k * self.event.stop * (1 - BESIDE), chance, 0.0)
        return total

    def repeats_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in those years, JPY mn."""
        total = np.zeros(np.broadcast_shapes(np.shape(amount), self.none.shape))
        if self.event.jump.any():
            for k in self._many:
                chance = self._chances[k] * self.event.jump**k
                total += chance * np.maximum(k * self.event.stop - amount, 0.0)
        return total

    def jump(self, amount: FloatArray) -> FloatArray:
        """Multiple of the atom that is nearest to `amount`; `amount` where there is none."""
        jumps = self.event.jump > 0
        unit = np.where(jumps, self.event.stop, np.maximum(amount, 1.0))
        return np.where(jumps, np.maximum(np.round(amount / unit), 1.0) * unit, amount)

    def take(self, where: tuple[Places | None, ...]) -> Self:
        """The cells at the indices `where` of the leading axes, on one new first axis.

        What has been worked out by cell goes with them; so does `most`, enough for each.
        """
        shape, event = self.none.shape, self.event.take(where)
        part = replace(
            self,
            frequency=taken(np.asarray(self.frequency), shape, where),
            dispersion=taken(self.dispersion, shape, where),
            severity=event.severity,
            atom=event.atom,
        )
        vars(part).update(event=event, most=self.most)
        vars(part)["_chances"] = np.stack([chance[where] for chance in self._chances])
        for name in ("counts", "several"):
            vars(part)[name] = taken(getattr(self, name), shape, where)
        return part

    @property
    def _many(self) -> range:
        return range(2, self.most + 1)

    @cached_property
    def _chances(self) -> FloatArray:
        return self.counts.probabilities(self.most)

    def _others(self, transform: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Sum over k of P(k events) z^(k - 1), by Horner's rule."""
        total = self._chances[self.most] * transform
        for k in reversed(self._many[:-1]):
            total += self._chances[k]
            total *= transform
        return np.asarray(total)
