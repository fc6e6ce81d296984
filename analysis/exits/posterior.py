"""Posterior of the hazard of leaving, by quadrature over its three parameters.

The yearly rate of a row is exp(a - b (g - centre) + d breach), b > 0, so the chance of leaving in a
year is 1 - exp(-rate): complementary log-log (D. R. Cox and D. Oakes, Analysis of Survival Data,
1984, sec. 6.3). Each data set has a day for every exit, and the likelihood is that of the day: rate
at the exit, times the chance of having stayed until then. It splits into rows without and with a
breach, each a function of b and one more number, so the grid of three dimensions costs little and
no chain has to converge on it. Events are few: a normal approximation would be wrong in the tails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray

POINTS = (61, 31, 21)
"""Grid points of a, log b and d; halving each step moves means by less than 2 % of a prior sd."""


COARSE = (41, 21, 15)
"""Grid where many posteriors are needed; chances of leaving differ by less than 0.1 points."""


def rate_of(exponent: FloatArray) -> FloatArray:
    """Yearly rate; exponents beyond what a rate can be are cut so that its log stays a number."""
    return np.asarray(np.exp(np.clip(exponent, -500.0, 100.0)))


Axes = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class Prior:
    """Independent normal priors: log rate at the centre, log response to value, log breach odds."""

    rate: tuple[float, float] = (np.log(0.05), 1.5)
    response: tuple[float, float] = (np.log(0.2), 1.0)
    breach: tuple[float, float] = (np.log(13.0), 1.0)

    def draws(self, n: int, generator: np.random.Generator) -> FloatArray:
        """Parameters (rate, log response, breach) from the prior, shape (n, 3)."""
        means, spreads = np.array([self.rate, self.response, self.breach]).T
        return np.asarray(means + spreads * generator.standard_normal((n, 3)))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of exchanges at risk; arrays (draw, row), values already less their centre.

    Attributes
    ----------
    event : whether the exchange left in the row's year.
    at_risk : part of the year at risk, up to the day of an exit; 0 leaves the row out.
    value : g less the centre, years of fixed cost.
    breach : whether customers' crypto was lost in the year.
    """

    event: FloatArray
    at_risk: FloatArray
    value: FloatArray
    breach: FloatArray

    def first(self, draws: int) -> Rows:
        """The first data sets alone."""
        return Rows(*(a[:draws] for a in (self.event, self.at_risk, self.value, self.breach)))

    def __post_init__(self) -> None:
        """Refuse parts of a year outside 0 to 1."""
        if not ((self.at_risk >= 0) & (self.at_risk <= 1)).all():
            raise InputError(
                f"at_risk from {self.at_risk.min():g} to {self.at_risk.max():g}; allowed: 0 to 1"
            )


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weights on the grid, by draw.

    Attributes
    ----------
    axes : grid of rate, log response and breach, each (point,).
    weight : (draw, rate, response, breach), sums to 1 in each draw.
    """

    axes: Axes
    weight: FloatArray

    def marginal(self, axis: int) -> FloatArray:
        """Weights of one parameter, (draw, point)."""
        others = tuple(1 + i for i in range(3) if i != axis)
        return np.asarray(self.weight.sum(axis=others))

    def moments(self, axis: int) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of one parameter, each (draw,)."""
        weight, points = self.marginal(axis), self.axes[axis]
        mean = weight @ points
        return mean, np.sqrt(np.maximum(weight @ points**2 - mean**2, 0.0))

    def below(self, axis: int, value: FloatArray) -> FloatArray:
        """Posterior probability that one parameter is below a value, (draw,)."""
        points = self.axes[axis]
        step = points[1] - points[0]
        share = np.clip((value[:, None] - points) / step + 0.5, 0.0, 1.0)
        return np.asarray((self.marginal(axis) * share).sum(axis=-1))

    def sample(self, generator: np.random.Generator, n: int = 1) -> FloatArray:
        """Points (rate, log response, breach) per draw, uniform in their cells; (n, draw, 3)."""
        draws, shape = len(self.weight), self.weight.shape[1:]
        total = self.weight.reshape(draws, -1).cumsum(axis=-1)
        total /= total[:, -1:]
        # One sorted line of all draws: draw d lies between d and d + 1.
        first = np.arange(draws)
        place = np.searchsorted(
            (total + first[:, None]).ravel(), first + generator.random((n, draws))
        )
        cells = np.unravel_index(
            np.clip(place - first * total.shape[1], 0, total.shape[1] - 1), shape
        )
        steps = [axis[1] - axis[0] for axis in self.axes]
        jitter = generator.random((3, n, draws)) - 0.5
        found = [
            axis[cell] + step * part
            for axis, cell, step, part in zip(self.axes, cells, steps, jitter, strict=True)
        ]
        return np.stack(found, axis=-1)


def _likelihood(
    rows: Rows, weight: FloatArray, rates: FloatArray, response: FloatArray, which: FloatArray
) -> FloatArray:
    """Log-likelihood of the chosen rows, (draw, rate, response); `which` is 1 for these.

    `weight` is rate over the rate at the centre, (response, draw, row).
    """
    event = rows.event * which
    exposed = (weight * (rows.at_risk * which)).sum(axis=-1).T[:, None, :]
    count = event.sum(axis=-1)[:, None, None]
    value = (event * rows.value).sum(axis=-1)[:, None, None]
    return np.asarray(count * rates[:, None] - value * response - np.exp(rates)[:, None] * exposed)


def _log_normal(points: FloatArray, prior: tuple[float, float]) -> FloatArray:
    return np.asarray(-0.5 * ((points - prior[0]) / prior[1]) ** 2)


def grid(prior: Prior, points: tuple[int, int, int]) -> Axes:
    """Axes of rate, log response and log breach odds; wide enough for no events and separation.

    The step of the breach odds is twice that of the rate, so that sums of both are on one line.
    """
    mean, spread = prior.rate
    rate = np.linspace(mean - 4.5 * spread, mean + 3 * spread, points[0])
    centre, width = prior.response
    response = np.linspace(centre - 4 * width, centre + 4 * width, points[1])
    place = np.arange(points[2]) - (points[2] - 1) / 2
    return rate, response, prior.breach[0] + 2 * (rate[1] - rate[0]) * place


def log_likelihood(rows: Rows, axes: Axes) -> FloatArray:
    """Log-likelihood on the grid, (draw, rate, response, breach)."""
    rate, log_response, breach = axes
    response = np.exp(log_response)
    hit = (np.broadcast_to(rows.breach, rows.event.shape) > 0).astype(float)
    weight = rate_of(-response[:, None, None] * rows.value)
    clean = _likelihood(rows, weight, rate, response, 1 - hit)
    step, last = rate[1] - rate[0], len(rate) + 2 * (len(breach) - 1)
    sums = rate[0] + breach[0] + step * np.arange(last)
    table = _likelihood(rows, weight, sums, response, hit)
    place = np.arange(len(rate))[:, None] + 2 * np.arange(len(breach))
    return np.asarray(clean[..., None] + np.moveaxis(table[:, place], -1, 2))


def posterior(rows: Rows, prior: Prior, points: tuple[int, int, int] = POINTS) -> Posterior:
    """Posterior of (rate, log response, breach), one for each draw of the rows.

    Under separation (every leaver had a lower value than every stayer) the likelihood rises
    without end in the response, and without events it falls for ever in the rate; the prior keeps
    both finite.
    """
    axes = grid(prior, points)
    before = _log_normal(axes[0], prior.rate)[:, None, None] + _log_normal(axes[2], prior.breach)
    weight = log_likelihood(rows, axes)
    weight += before + _log_normal(axes[1], prior.response)[:, None]
    weight -= weight.max(axis=(1, 2, 3), keepdims=True)
    np.exp(weight, out=weight)
    weight /= weight.sum(axis=(1, 2, 3), keepdims=True)
    return Posterior(axes, weight)
