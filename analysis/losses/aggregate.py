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
from analysis.losses.counts import TAIL, Counts, require_at_least, thinned
from analysis.losses.grid import DAMPING, Grid, Places, accumulated, density, nodes, turned
from analysis.losses.jumps import take_repeats
from analysis.losses.severity import ByShare, Severity
from analysis.market.panel import FloatArray

RARE = 0.03  # years of several events for each of one, up to which bands have their usual steps
BESIDE = 1e-12  # relative distance from a jump at which the severity is read on either side


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
    def counts(self) -> Counts:
        """Events that cost customers something; the severity may say that some cost nothing."""
        shape = np.broadcast_shapes(
            np.shape(self.frequency), np.shape(self.dispersion), np.shape(self.severity.held)
        )
        every = Counts(
            np.broadcast_to(np.asarray(self.frequency, dtype=float), shape),
            np.broadcast_to(np.asarray(self.dispersion, dtype=float), shape),
        )
        return thinned(every, self._costly)

    @cached_property
    def most(self) -> int:
        """Number of events that a year exceeds with a probability of at most 1e-12."""
        return self.counts.most()

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
        return np.asarray(sum(self._chances[k] * (1 - self._jump**k) for k in self._many))

    @property
    def held(self) -> FloatArray:
        """Largest loss of one event, JPY mn."""
        return self.severity.held

    @cached_property
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn."""
        return np.asarray(self.counts.mean * self.event_mean)

    @property
    def band_steps(self) -> int:
        """Steps of each band; the error is of the share of several events times their square."""
        share = float(np.max(self.several / np.maximum(self.single, TAIL)))
        return super().band_steps * max(int(np.ceil(np.sqrt(share / RARE))), 1)

    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event with a loss of at most `amount`."""
        return self.single * self.positive_cdf(amount)

    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount` and not at the atom."""
        return np.asarray(
            self.positive_cdf(amount) - np.where(amount >= self._stop, self._jump, 0.0)
        )

    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event, JPY mn."""
        return self.single * self.event_excess(amount)

    def event_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of one event's loss above `amount`, given that it costs something, JPY mn."""
        cut = _ratio(self.severity.limited_mean(amount), self._costly)
        return np.maximum(self.event_mean - cut, 0.0)

    def positive_cdf(self, amount: FloatArray) -> FloatArray:
        """Probability that an event that costs something costs at most `amount`."""
        return self._given_costly(self.severity.cdf(amount))

    def grid(self, span: FloatArray, steps: int) -> Grid:
        """Bracket of the probability of several events within multiples of span / steps.

        Of k losses one enters with its own distribution function, which is exact at the nodes;
        the other k - 1 are rounded up, or down, or (the estimate) each up or down by chance.
        """
        below = self._below_nodes(span, steps)
        length = int(next_fast_len(steps + 1, real=True))
        up, down = turned(below, length)
        sides = (up, down, (up + down) / 2)
        tables = [density(up * self._others(side), steps, length) for side in sides]
        if self._jump.any():
            repeated = [self._chances[k] * self._jump**k for k in self._many]
            take_repeats(tables, span / steps, self._stop, repeated)
        low, high, estimate = (accumulated(table) for table in tables)
        noise = self.several / DAMPING
        low -= noise
        high += TAIL + noise
        return Grid(span, np.maximum(low, 0.0, out=low), np.maximum(high, 0.0, out=high), estimate)

    def repeats(self, amount: FloatArray) -> FloatArray:
        """Probability of several events that all stop at the jump, with sum <= `amount`."""
        total = np.zeros(np.broadcast_shapes(np.shape(amount), self.none.shape))
        if self._jump.any():
            for k in self._many:
                chance = self._chances[k] * self._jump**k
                total += np.where(amount >= k * self._stop * (1 - BESIDE), chance, 0.0)
        return total

    def repeats_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in those years, JPY mn."""
        total = np.zeros(np.broadcast_shapes(np.shape(amount), self.none.shape))
        if self._jump.any():
            for k in self._many:
                chance = self._chances[k] * self._jump**k
                total += chance * np.maximum(k * self._stop - amount, 0.0)
        return total

    def jump(self, amount: FloatArray) -> FloatArray:
        """Multiple of the atom that is nearest to `amount`; `amount` where there is none."""
        unit = np.where(self._jump > 0, self._stop, np.maximum(amount, 1.0))
        return np.where(self._jump > 0, np.maximum(np.round(amount / unit), 1.0) * unit, amount)

    def take(self, where: tuple[Places, ...]) -> Self:
        """The cells at the indices `where` of the leading axes, on one new first axis.

        What has been worked out by cell goes with them; so does `most`, enough for each.
        """
        shape = self.none.shape
        part = replace(
            self,
            frequency=taken(np.asarray(self.frequency), shape, where),
            dispersion=taken(self.dispersion, shape, where),
            severity=taken(self.severity, shape, where),
            atom=taken(self.atom, shape, where),
        )
        vars(part)["most"] = self.most
        vars(part)["_chances"] = np.stack([chance[where] for chance in self._chances])
        for name in ("counts", "event_mean", "_costly", "_jump", "several"):
            vars(part)[name] = taken(getattr(self, name), shape, where)
        return part

    def _below_nodes(self, span: FloatArray, steps: int) -> FloatArray:
        """`positive_cdf` at the nodes; where spans are one multiple of all holdings, by share."""
        severity, held = self.severity, self.held
        if isinstance(severity, ByShare) and severity.proportional and span.ndim > held.ndim > 1:
            share = np.divide(span, held, out=np.zeros(span.shape), where=held > 0)
            common = share.max(axis=-1, keepdims=True)
            if (np.abs(share - common) <= BESIDE * common)[..., held > 0].all():
                return self._given_costly(severity.cdf_of_share(nodes(common, steps)))
        return self.positive_cdf(nodes(span, steps))

    def _given_costly(self, chance: FloatArray) -> FloatArray:
        """Chance of at most some loss, for events that cost something."""
        if self._costs_always:
            return chance
        return np.clip(_ratio(chance - (1 - self._costly), self._costly), 0.0, 1.0)

    @cached_property
    def _costs_always(self) -> bool:
        return bool((self._costly == 1).all())

    @property
    def _many(self) -> range:
        return range(2, self.most + 1)

    @cached_property
    def _chances(self) -> FloatArray:
        return self.counts.probabilities(self.most)

    @cached_property
    def _costly(self) -> FloatArray:
        return 1 - self.severity.cdf(np.zeros(np.shape(self.severity.held)))

    @cached_property
    def event_mean(self) -> FloatArray:
        """Mean loss of one event that costs something, JPY mn."""
        return _ratio(self.severity.limited_mean(self.severity.held), self._costly)

    @cached_property
    def _stop(self) -> FloatArray:
        return np.zeros(self.none.shape) if self.atom is None else np.asarray(self.atom)

    @cached_property
    def _jump(self) -> FloatArray:
        """Probability that an event's loss is the atom."""
        if self.atom is None:
            return np.zeros(self.none.shape)
        before = self.positive_cdf(self._stop * (1 - BESIDE))
        jump = self.positive_cdf(self._stop * (1 + BESIDE)) - before
        return np.where((self._stop > 0) & (jump > np.sqrt(BESIDE)), jump, 0.0)

    def _others(self, transform: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Sum over k of P(k events) z^(k - 1), by Horner's rule."""
        total = self._chances[self.most] * transform
        for k in reversed(self._many[:-1]):
            total += self._chances[k]
            total *= transform
        return np.asarray(total)


def _ratio(amount: FloatArray, share: FloatArray) -> FloatArray:
    above, under = np.broadcast_arrays(amount, share)
    return np.asarray(np.divide(above, under, out=np.zeros(above.shape), where=under > 0))
