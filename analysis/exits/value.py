"""Worth of staying in business with the option to leave later: optimal stopping, without a grid.

Yearly profit is R (1 - v) - F - c; R follows the process of `analysis.exits.revenue` about the
exchange's own level. Leaving yields S, now or later, so what staying adds, V - S, is the
worth of a business with profit R (1 - v) - F - c - (1 - d) S that may be dropped at no cost, with
d the discount factor: money left in the exchange costs its yield. In a Markov chain for log revenue
(K. A. Kopecky and R. M. H. Suen, Finite State Markov-Chain Approximations to Highly Persistent
Processes, Review of Economic Dynamics 13, 2010, on Rouwenhorst's chain) the best rule is to leave
below a state, since profit rises with the state and a higher state leads to higher ones. Each such
rule is worth R (1 - v) a - K b with numbers a, b that depend on the chain alone; the best is the
largest of them, exactly, for all exchanges, costs and formulas at once.

References
----------
A. K. Dixit and R. S. Pindyck, Investment under Uncertainty, 1994, ch. 7 (exit).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.exits.revenue import ProcessDraws
from analysis.market.panel import FloatArray

STATES = 41
"""States of the chain: g is within 0.03 years of fixed cost of that with 101 states (tested)."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Markov chain of revenue, arrays by draw; revenue of a state is the level times `multiple`."""

    multiple: FloatArray
    transition: FloatArray
    start: FloatArray


@dataclass(frozen=True, eq=False)
class Stopping:
    """Worth from next year on of the rules 'leave below state k', k = 0 (never) to n (always).

    Attributes
    ----------
    revenue, cost : shape (draw, rule); a rule is worth revenue x R (1 - v) - cost x K today, from
        next year on, K being the yearly cost of staying.
    discount : factor of one year.
    """

    revenue: FloatArray
    cost: FloatArray
    discount: float


def rouwenhorst(persistence: FloatArray, states: int) -> tuple[FloatArray, FloatArray]:
    """Nodes in stationary standard deviations, (state,), and transitions, (draw, state, state)."""
    p = ((1 + np.asarray(persistence, dtype=float)) / 2).reshape(-1, 1, 1)
    matrix = np.concatenate([np.concatenate([p, 1 - p], 2), np.concatenate([1 - p, p], 2)], 1)
    for size in range(3, states + 1):
        grown = np.zeros((len(p), size, size))
        grown[:, :-1, :-1] += p * matrix
        grown[:, :-1, 1:] += (1 - p) * matrix
        grown[:, 1:, :-1] += (1 - p) * matrix
        grown[:, 1:, 1:] += p * matrix
        grown[:, 1:-1] /= 2
        matrix = grown
    edge = np.sqrt(states - 1)
    return np.linspace(-edge, edge, states), matrix


def chain(persistence: FloatArray, volatility: FloatArray, states: int = STATES) -> Chain:
    """Chain whose revenue has mean 1, and which starts where revenue is that mean.

    The revenue of the statement year is taken for the mean of the years to come, neither its
    median nor a good or a bad year.

    Parameters
    ----------
    persistence, volatility : (draw, 1); persistence from 0 to below 1, volatility not negative.

    Raises
    ------
    InputError
        A parameter outside those ranges.
    """
    if not ((persistence >= 0) & (persistence < 1) & (volatility >= 0)).all():
        raise InputError(
            f"persistence {np.min(persistence):g} to {np.max(persistence):g}, volatility from "
            f"{np.min(volatility):g}; allowed: 0 to below 1, and not negative"
        )
    nodes, transition = rouwenhorst(persistence, states)
    spread = volatility / np.sqrt(1 - persistence**2)
    level = np.exp(spread * nodes)
    # Weights of the stationary distribution of the chain: binomial.
    weight = np.ones(1)
    for _ in range(states - 1):
        weight = np.convolve(weight, [0.5, 0.5])
    mean = level @ weight
    multiple = level / mean[:, None]
    at = np.divide(np.log(mean)[:, None], spread, out=np.zeros_like(spread), where=spread > 0)
    place = np.clip((at - nodes[0]) / (nodes[1] - nodes[0]), 0, states - 1 - 1e-9)
    lower = np.floor(place).astype(int)
    share = place - lower
    rows = np.arange(len(transition))[:, None]
    start = (1 - share) * transition[rows, lower][:, 0] + share * transition[rows, lower + 1][:, 0]
    return Chain(multiple, transition, start)


def stopping(process: Chain, discount_rate: float) -> Stopping:
    """Worth of every rule 'leave below state k' from next year on, by one linear solve each.

    Raises
    ------
    InputError
        A discount rate that is not positive: staying for ever has no finite worth.
    """
    if not discount_rate > 0:
        raise InputError(f"discount rate = {discount_rate:g}; allowed: above 0; give e.g. 0.1")
    discount = 1 / (1 + discount_rate)
    draws, states = process.multiple.shape
    flows = np.stack([process.multiple, np.ones((draws, states))], axis=-1)
    worth = np.zeros((draws, states + 1, 2))
    for rule in range(states):
        stays = (np.arange(states) >= rule)[:, None]
        kept = np.where(stays & stays.T, process.transition, 0.0)
        value = np.linalg.solve(np.eye(states) - discount * kept, np.where(stays, flows, 0.0))
        worth[:, rule] = discount * np.einsum("ds,dsf->df", process.start, value)
    return Stopping(worth[..., 0], worth[..., 1], discount)


def stopping_of(process: ProcessDraws, discount_rate: float) -> Stopping:
    """The same for drawn parameters of the process."""
    return stopping(chain(process.persistence, process.volatility), discount_rate)


def gain(margin: FloatArray, cost: FloatArray, rules: Stopping) -> FloatArray:
    """V - S: what staying this year and then the best rule yields above leaving now, JPY mn.

    Parameters
    ----------
    margin : R (1 - v), JPY mn a year, shape (..., draw, exchange).
    cost : F + c + (1 - d) S, what a year of staying costs.
    """
    margin, cost = np.broadcast_arrays(margin, cost)
    best = np.zeros(margin.shape)
    for rule in range(rules.revenue.shape[-1] - 1):
        worth = rules.revenue[:, rule, None] * margin - rules.cost[:, rule, None] * cost
        np.maximum(best, worth, out=best)
    return np.asarray(margin - cost + best)


def continuation(
    revenue: FloatArray,
    fixed_cost: FloatArray,
    variable_share: FloatArray,
    payoff: FloatArray,
    cost: FloatArray | float,
    rules: Stopping,
) -> FloatArray:
    """V, worth of staying at least this year with the option to leave later, JPY mn.

    It may be below the exit payoff S: then leaving at once is better. It is never below the worth
    of staying for ever, and falls with `cost`, by at least one year's and at most all years' cost.

    Parameters
    ----------
    revenue, fixed_cost, variable_share : JPY mn a year and share, shape (..., draw, exchange).
    payoff : S, what leaving yields, JPY mn.
    cost : yearly cost of a rule that owners bear, JPY mn a year.
    """
    yearly = fixed_cost + cost + (1 - rules.discount) * payoff
    return gain(revenue * (1 - variable_share), yearly, rules) + payoff


def iterated(
    margin: float, cost: float, process: Chain, discount_rate: float, most: int = 5_000
) -> FloatArray:
    """V - S of one exchange by value iteration: slow, and independent of `stopping`; (draw,).

    Raises
    ------
    InputError
        No convergence to 1e-10 of the yearly cost in `most` rounds: residual and last iterate.
    """
    discount = 1 / (1 + discount_rate)
    flow = margin * process.multiple - cost
    value = np.zeros_like(flow)
    for _ in range(most):
        onward = np.einsum("dst,dt->ds", process.transition, value)
        updated = np.maximum(flow + discount * onward, 0.0)
        residual = float(np.abs(updated - value).max())
        value = updated
        if residual <= 1e-10 * max(abs(cost), 1.0):
            onward = np.einsum("ds,ds->d", process.start, value)
            return np.asarray(margin - cost + discount * onward)
    raise InputError(
        f"value iteration: residual {residual:.3g} after {most} rounds, last iterate from "
        f"{value.min():.6g} to {value.max():.6g}; allowed: 1e-10 of the cost; raise the rounds or "
        "the discount rate"
    )
