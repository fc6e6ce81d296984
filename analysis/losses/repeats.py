"""How unlike exchanges are: what platforms robbed twice say about it, which is little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from analysis.errors import InputError
from analysis.losses.frequency import FIRST
from analysis.losses.incidents import counted, incidents
from analysis.market.panel import FloatArray

LARGEST_SHAPE = 1e4
"""Shape from which a gamma mixture of Poisson laws is a Poisson law for all purposes."""


@dataclass(frozen=True)
class Heterogeneity:
    """Profile likelihood of the shape of a gamma distribution of rates between platforms.

    Attributes
    ----------
    victims : platforms by number of losses (1, 2, ...).
    shapes : grid of shapes. Shape (grid,).
    profile : log-likelihood at each, less its maximum; the mean is set to its best value.
    best : shape of greatest likelihood; `LARGEST_SHAPE` where the data ask for no spread at all.
    """

    victims: pd.Series
    shapes: FloatArray
    profile: FloatArray
    best: float

    @property
    def identified(self) -> bool:
        """Whether both ends of the grid lie outside the 95 % likelihood interval (1.92 lower)."""
        return bool(self.profile[0] < -1.92 and self.profile[-1] < -1.92)


def victims_by_losses() -> pd.Series:
    """Platforms with one, two, ... hacks since 2018; the index is the number of losses."""
    rows = counted(incidents(), loss_class="hack")
    rows = rows[rows["occurred_on"].dt.year >= FIRST]
    times, platforms = np.unique(rows["platform"].value_counts().to_numpy(), return_counts=True)
    return pd.Series(platforms, index=times, name="platforms")


def truncated_log_likelihood(victims: pd.Series, shape: float, mean: float) -> float:
    """Log-likelihood of losses per victim under a zero-truncated negative binomial law.

    Platforms without a loss are not on any list, so their number plays no part. With shape a and
    mean m per platform: P(n) = G(a+n) / (G(a) n!) (a/(a+m))^a (m/(a+m))^n / (1 - (a/(a+m))^a).
    As a grows the law tends to the zero-truncated Poisson.
    """
    times = victims.index.to_numpy(float)
    log_zero = -shape * np.log1p(mean / shape)
    law = (
        gammaln(shape + times)
        - gammaln(shape)
        - gammaln(times + 1)
        + log_zero
        + times * np.log(mean / (shape + mean))
        - np.log(-np.expm1(log_zero))
    )
    return float(victims.to_numpy(float) @ law)


def heterogeneity(victims: pd.Series | None = None) -> Heterogeneity:
    """Profile the shape over losses per victim.

    Raises
    ------
    InputError
        No platform with two losses: the shape cannot be told from none.
    """
    victims = victims_by_losses() if victims is None else victims
    if victims.index.max() < 2 or victims.sum() < 3:
        raise InputError(
            "victims: no platform with two losses, or fewer than three platforms; allowed: at "
            "least as many as the two parameters need; set firm_heterogeneity by judgement"
        )
    shapes = np.geomspace(0.05, LARGEST_SHAPE, 60)
    profile = np.array([_best_mean(victims, shape)[1] for shape in shapes])
    place = int(profile.argmax())
    return Heterogeneity(victims, shapes, profile - profile.max(), float(shapes[place]))


def _best_mean(victims: pd.Series, shape: float) -> tuple[float, float]:
    """Mean of greatest likelihood at a shape, and that likelihood."""
    found = minimize_scalar(
        lambda log_mean: -truncated_log_likelihood(victims, shape, float(np.exp(log_mean))),
        bounds=(np.log(1e-6), np.log(50.0)),
        method="bounded",
    )
    return float(np.exp(found.x)), -float(found.fun)


def poisson_repeats(victims: pd.Series) -> float:
    """Expected platforms with two losses or more if all platforms had one common Poisson rate.

    The rate is the one at which a victim has as many losses on average as seen.
    """
    total = float(victims.sum())
    average = float(victims.index.to_numpy(float) @ victims.to_numpy(float)) / total
    rate = brentq(lambda m: m / -np.expm1(-m) - average, 1e-9, 50.0)
    return float(total * (1 - rate * np.exp(-rate) / -np.expm1(-rate)))
