"""Number of events in a year: Poisson, or negative binomial where years differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.market.panel import FloatArray

Spectrum = NDArray[np.complex128]

TAIL = 1e-12
"""Probability of more events than are convolved; it is added to every upper bound."""
MOST_EVENTS = 200
POISSON = 1e-9  # excess of the dispersion over 1 below which clusters are single events


@dataclass(frozen=True)
class Counts:
    """Events a year, of the class that Panjer's recursion is made for.

    Attributes
    ----------
    mean : expected events a year, shape (..., draw, exchange).
    dispersion : variance over mean; 1 is Poisson, above 1 negative binomial. As it tends to 1 the
        one becomes the other.
    """

    mean: FloatArray
    dispersion: FloatArray

    @property
    def cluster_rate(self) -> FloatArray:
        """Rate of the Poisson clusters of events that the count is a sum of.

        A negative binomial count is a Poisson number of clusters of logarithmic size; a Poisson
        count has clusters of one event each.
        """
        return np.asarray(self.mean * _log_over_excess(self.dispersion))

    def probabilities(self, most: int) -> FloatArray:
        """Probability of 0, 1, ..., `most` events, on a new first axis.

        Panjer's recursion of the (a, b, 0) class: p_k = (a + b / k) p_(k-1).
        """
        a = (self.dispersion - 1) / self.dispersion
        b = self.mean / self.dispersion - a
        chance = [np.exp(-self.cluster_rate)]
        for k in range(1, most + 1):
            chance.append((a + b / k) * chance[-1])
        return np.asarray(chance)

    def most(self) -> int:
        """Smallest number of events that no cell exceeds with a probability above `TAIL`.

        Raises
        ------
        InputError
            More than 200: the mean is not that of a rare event.
        """
        reached = np.cumsum(self.probabilities(MOST_EVENTS), axis=0)
        within = (reached >= 1 - TAIL).reshape(MOST_EVENTS + 1, -1).all(axis=1)
        if not within.any():
            raise InputError(
                f"expected events a year: up to {self.mean.max():g} (dispersion up to "
                f"{self.dispersion.max():g}); allowed: years of more than {MOST_EVENTS} events are "
                "rarer than 1e-12; lower frequency_multiplier or count_dispersion"
            )
        return max(int(within.argmax()), 2)


def thinned(counts: Counts, kept: FloatArray) -> Counts:
    """Counts of the events that are kept, each with probability `kept`; same class."""
    return Counts(counts.mean * kept, 1 + (counts.dispersion - 1) * kept)


def cluster(kept: Spectrum, dispersion: FloatArray) -> Spectrum:
    """Probability generating function of a cluster's size at `kept`.

    Logarithmic with parameter (d - 1) / d: 1 - log(1 + (d - 1)(1 - z)) / log d, which tends to z
    as the dispersion d tends to 1.
    """
    excess = dispersion - 1
    many = excess > POISSON
    if not many.any():
        return kept
    safe = np.where(many, excess, 1.0)
    size = 1 - np.log1p(safe * (1 - kept)) / np.log1p(safe)
    return np.asarray(np.where(many, size, kept))


def _log_over_excess(dispersion: FloatArray) -> FloatArray:
    """log(d) / (d - 1), 1 at d = 1."""
    excess = np.asarray(dispersion - 1)
    return np.divide(np.log1p(excess), excess, out=np.ones(excess.shape), where=excess > 0)


def require_at_least(name: str, value: float | FloatArray, least: float, about: str) -> None:
    """Refuse what is below `least`, infinite or not a number."""
    amount = np.asarray(value, dtype=float)
    fits = np.isfinite(amount) & (amount >= least)
    if not fits.all():
        raise InputError(
            f"{name} = {amount[~fits].flat[0]:g} ({about}); allowed: {least:g} and more, finite; "
            f"correct {name}"
        )
