"""How many events all exchanges have in a year, with shocks that hit several of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.losses.counts import TAIL, Counts, Spectrum, cluster
from analysis.market.panel import FloatArray

BASES = 24
LARGEST_BASE = 40.0
ROOM = 0.05  # kept from where a cluster's number of events has no generating function


@dataclass(frozen=True, eq=False)
class SharedCounts:
    """Poisson clusters of events of each exchange, and those that common shocks bring.

    Attributes
    ----------
    counts : events of each exchange, shape (..., draw, exchange).
    share, reach : as `common_shock_share` and `common_shock_reach` of `IndustryLoss`.
    """

    counts: Counts
    share: float
    reach: float

    @cached_property
    def none(self) -> FloatArray:
        """Probability of no event at any exchange, shape (..., draw)."""
        return np.asarray(np.exp(self._missed - self._at_one.real))

    @cached_property
    def alone(self) -> FloatArray:
        """Probability that all of the year's events are one event, at this exchange."""
        rate = self.counts.cluster_rate
        none, single = self.counts.probabilities(1)
        one_in_cluster = np.divide(single, rate * none, out=np.zeros(rate.shape), where=rate > 0)
        missed = 1 - self._hit
        others = np.where(np.eye(rate.shape[-1], dtype=bool), 1.0, missed[..., None, :])
        by_shock = self._shock_rate[..., None] * self._hit * others.prod(axis=-1)
        return np.asarray(self.none[..., None] * (self._own + by_shock) * one_in_cluster)

    def several(self, event: Spectrum) -> Spectrum:
        """Transform of the sum in years of several events, from that of each exchange's event."""
        exponent = self._rate(cluster(event, self.counts.dispersion)) - self._missed
        return np.asarray(self.none * np.expm1(exponent) - _summed(event, self.alone))

    def most(self) -> int:
        """Number of events that all exchanges together exceed with a negligible probability.

        From the generating function of the number of events on the unit circle, at points enough
        that what wraps around is negligible.
        """
        points = 2 ** int(np.ceil(np.log2(2 * self._enough)))
        half = np.exp(-2j * np.pi * np.arange(points // 2 + 1) / points)
        at = half.reshape(-1, *(1,) * self._own.ndim)
        rate = self._rate(cluster(at, self.counts.dispersion))
        chance = np.fft.irfft(np.exp(rate - self._at_one), points, axis=0)
        within = np.cumsum(chance, axis=0) >= 1 - 100 * TAIL
        enough = within.reshape(points, -1).all(axis=1)
        return max(int(enough.argmax()), 2) if enough.any() else self._enough

    def beyond(self, most: int) -> FloatArray:
        """Upper bound of E[(N - most)+], the mean number of events beyond `most`.

        It is the sum over n >= most of P(N > n), so by Chernoff's bound at most
        E[z^N] / (z^most (z - 1)), for the best of some z.
        """
        base, exponent = self._generating
        bound = exponent - most * np.log(base) - np.log(base - 1)
        return np.asarray(np.exp(bound.min(axis=0)))

    @cached_property
    def _enough(self) -> int:
        """Number of events at least as large as `most`, by Chernoff's bound.

        P(N >= n) is at most E[z^N] / z^n: for the best of some z above 1.
        """
        base, exponent = self._generating
        needed = (exponent - np.log(100 * TAIL)) / np.log(base)
        return max(int(np.ceil(needed.min(axis=0).max())), 2)

    @cached_property
    def _generating(self) -> tuple[FloatArray, FloatArray]:
        """Some z above 1 and log E[z^N] of the number of events, shape (base, ..., draw)."""
        dispersion = self.counts.dispersion
        excess = max(float(dispersion.max()) - 1, 1 / LARGEST_BASE)
        base = np.geomspace(1.01, 1 + (1 - ROOM) / excess, BASES)
        at = base.reshape(-1, *(1,) * self._own.ndim).astype(complex)
        exponent = self._rate(cluster(at, dispersion)) - self._at_one
        return at.real[..., 0], exponent.real

    @cached_property
    def _own(self) -> FloatArray:
        """Rate of each exchange's clusters of events, without those of common shocks."""
        return (1 - self.share) * self.counts.cluster_rate

    @cached_property
    def _shock_rate(self) -> FloatArray:
        """Common shocks a year, shape (..., draw)."""
        return np.asarray(self.share * self.counts.cluster_rate.max(axis=-1) / self.reach)

    @cached_property
    def _hit(self) -> FloatArray:
        """Chance that a shock hits each exchange."""
        rate = self.counts.cluster_rate
        highest = rate.max(axis=-1, keepdims=True)
        share = np.divide(rate, highest, out=np.zeros(rate.shape), where=highest > 0)
        return np.asarray(self.reach * share)

    @cached_property
    def _missed(self) -> FloatArray:
        """Rate of the shocks that hit nobody."""
        return np.asarray(self._shock_rate * (1 - self._hit).prod(axis=-1))

    @cached_property
    def _at_one(self) -> Spectrum:
        """Rate of all clusters and shocks."""
        return self._rate(np.ones(self._own.shape, dtype=complex))

    def _rate(self, cluster_loss: Spectrum) -> Spectrum:
        """Exponent of the compound Poisson law, from the transform of each exchange's clusters."""
        rate = _summed(cluster_loss, self._own)
        if not self.share:
            return rate
        after_one = self._hit * cluster_loss
        after_one += 1 - self._hit
        rate += self._shock_rate * after_one.prod(axis=-1)
        return rate


def _summed(transform: Spectrum, weight: FloatArray) -> Spectrum:
    """Sum over exchanges, the last axis, each times its weight."""
    return np.asarray(np.einsum("...e,...e->...", transform, weight))
