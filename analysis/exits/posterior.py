"""Posterior of the hazard of leaving, by quadrature over its three parameters.

P(event in a row) = 1 - exp(-t exp(a - b (g - centre) + d breach)), t the part of the year at risk:
complementary log-log (D. R. Cox and D. Oakes, Analysis of Survival Data, 1984, sec. 6.3), with
b > 0. The likelihood splits into rows without and with a breach, each a function of b and one more
number, so the three-dimensional grid costs little and nothing is left to chains that may not have
converged. Events are few: a normal approximation at the mode would be wrong in the tails.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray

POINTS = (61, 31, 21)
"""Grid points of a, log b and d; halving each step moves means by less than 2 % of a prior sd."""


COARSE = (41, 21, 11)
"""Grid where many posteriors are needed; chances of leaving differ by less than 0.1 points."""
MOST = 100.0
"""Largest exponent: a rate as large as that is certain to be wrong, and stays a number."""


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
    at_risk : part of the year at risk, 0 to 1; 0 leaves the row out.
    value : g less the centre, years of fixed cost.
    breach : whether customers' crypto was lost in the year.
    """

    event: FloatArray
    at_risk: FloatArray
    value: FloatArray
    breach: FloatArray

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

    axes: tuple[FloatArray, FloatArray, FloatArray]
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


def _likelihood(rows: Rows, rates: FloatArray, response: FloatArray) -> FloatArray:
    """Log-likelihood on a grid, (draw, rate, response); rows with at_risk 0 count nothing."""
    weight = np.exp(np.minimum(-response[:, None, None] * rows.value, MOST))
    quiet = np.where(rows.event > 0, 0.0, rows.at_risk)
    survived = (weight * quiet).sum(axis=-1).T[:, None, :]
    total = -np.exp(rates)[:, None] * survived
    happened = rows.event * (rows.at_risk > 0)
    most = int(happened.sum(axis=-1).max())
    # Events first: their number differs between draws, the rest is padding that counts nothing.
    order = np.argsort(-happened, axis=-1, kind="stable")[:, :most]
    counts, value, at_risk = (
        np.take_along_axis(np.asarray(a, dtype=float), order, axis=-1)
        for a in (happened, rows.value, rows.at_risk)
    )
    for event in range(most):
        exponent = rates[:, None] - response * value[:, event, None, None]
        rate = np.maximum(at_risk[:, event], 1e-12)[:, None, None] * np.exp(
            np.minimum(exponent, MOST)
        )
        total = total + counts[:, event, None, None] * np.log(-np.expm1(-rate))
    return np.asarray(total)


def _log_normal(points: FloatArray, prior: tuple[float, float]) -> FloatArray:
    return np.asarray(-0.5 * ((points - prior[0]) / prior[1]) ** 2)


def grid(prior: Prior, points: tuple[int, int, int]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Axes of rate, log response and log breach odds; wide enough for no events and separation."""
    (rate, spread), rest = prior.rate, (prior.response, prior.breach)
    first = np.linspace(rate - 4.5 * spread, rate + 3 * spread, points[0])
    second, third = (
        np.linspace(mean - 4 * width, mean + 4 * width, n)
        for (mean, width), n in zip(rest, points[1:], strict=True)
    )
    return first, second, third


def log_likelihood(rows: Rows, axes: tuple[FloatArray, FloatArray, FloatArray]) -> FloatArray:
    """Log-likelihood on the grid, (draw, rate, response, breach)."""
    rate, log_response, breach = axes
    response = np.exp(log_response)
    breached = np.broadcast_to(rows.breach, rows.event.shape) > 0
    clean = replace(rows, at_risk=np.where(breached, 0.0, rows.at_risk))
    hit = replace(rows, at_risk=np.where(breached, rows.at_risk, 0.0))
    return _likelihood(clean, rate, response)[..., None] + _hit(hit, rate, response, breach)


def posterior(rows: Rows, prior: Prior, points: tuple[int, int, int] = POINTS) -> Posterior:
    """Posterior of (rate, log response, breach), one for each draw of the rows.

    Under separation (every leaver had a lower value than every stayer) the likelihood rises
    without end in the response, and without events it falls for ever in the rate; the prior keeps
    both finite.
    """
    axes = grid(prior, points)
    log = log_likelihood(rows, axes)
    log += _log_normal(axes[0], prior.rate)[:, None, None]
    log += _log_normal(axes[1], prior.response)[:, None]
    log += _log_normal(axes[2], prior.breach)
    log -= log.max(axis=(1, 2, 3), keepdims=True)
    weight = np.exp(log)
    weight /= weight.sum(axis=(1, 2, 3), keepdims=True)
    return Posterior(axes, weight)


def _hit(rows: Rows, rate: FloatArray, response: FloatArray, breach: FloatArray) -> FloatArray:
    """Log-likelihood of rows with a breach, (draw, rate, response, breach).

    It depends on the sum of rate and breach: computed on a fine axis of sums, and interpolated.
    """
    sums = np.linspace(rate[0] + breach[0], rate[-1] + breach[-1], 6 * len(rate))
    table = _likelihood(rows, sums, response)
    place = (rate[:, None] + breach - sums[0]) / (sums[1] - sums[0])
    lower = np.clip(place.astype(int), 0, len(sums) - 2)
    share = (place - lower)[..., None]
    found = (1 - share) * table[:, lower] + share * table[:, lower + 1]
    return np.asarray(np.moveaxis(found, -1, 2))
