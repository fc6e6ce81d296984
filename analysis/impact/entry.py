"""The smallest newcomer that breaks even under each formula.

A newcomer has the fixed cost of the small exchange in the middle, the industry's revenue, custody
and volume in proportion to each other, a clean record, and no customers while it waits for its
registration. It breaks even where

    R (1 - v) = F + cost of the reserve to owners + level payment for what it spent to open,

what it spent being `entry_cost_jpy_mn`, at the cost of equity from the middle of the preparation,
over the horizon; and the minimum capital, which costs the carry. It pays no price for a sale of an
existing company; that is often the cheaper way in (`data/market/acquisitions`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.impact.cost import (
    annual_cost,
    equivalent_annual_cost,
    owners_cost,
    pass_through,
)
from analysis.impact.insurance import Terms, base_rate_on_line, least_cost
from analysis.market.panel import FloatArray, size_bands
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula
from analysis.rules.shape import representative

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

SMALLEST, LARGEST, STEPS = 10.0, 1e7, 241
"""Custody of newcomers that are tried, JPY mn, and how many: 6 % apart, interpolated between."""


@dataclass(frozen=True)
class Entry:
    """Break-even scale by formula, the rule-free one first; (1 + formula,), JPY mn.

    Attributes
    ----------
    revenue, custody : at break-even; NaN where no size tried breaks even.
    required : reserve asked of a newcomer of that size.
    start_up : level yearly payment for what opening cost, JPY mn per year, the same for all.
    fixed_cost : of the small exchange in the middle, JPY mn per year.
    """

    revenue: FloatArray
    custody: FloatArray
    required: FloatArray
    start_up: float
    fixed_cost: float


def entry(impact: Impact, fixed_cost: FloatArray, variable_share: float) -> Entry:
    """Smallest scale from which a newcomer of any larger size breaks even, too.

    Parameters
    ----------
    impact : the evaluation.
    fixed_cost : of today's exchanges, JPY mn a year, (draw, exchange).
    variable_share : part of revenue that expenses move with.
    """
    custody = np.geomspace(SMALLEST, LARGEST, STEPS)
    newcomer = representative(impact.exposure, custody)
    small = (size_bands(impact.panel) == "small").to_numpy()
    middle = fixed_cost.mean(axis=0)[small] if small.any() else fixed_cost.mean(axis=0)
    fixed, once = float(np.median(middle)), start_up(impact)
    asked = [_required(one, newcomer, impact, place) for place, one in enumerate(impact.formulas)]
    required = np.stack([np.zeros(STEPS), *asked])
    margin = (1 - variable_share) * newcomer.operating_revenue
    surplus = margin - fixed - once - _owners(required, newcomer, impact, variable_share)
    return Entry(
        revenue=_break_even(surplus, newcomer.operating_revenue),
        custody=_break_even(surplus, custody),
        required=_at(surplus, required),
        start_up=once,
        fixed_cost=fixed,
    )


def start_up(impact: Impact) -> float:
    """Level yearly payment for what opening cost, and the carry of the minimum capital."""
    scenario = impact.scenario
    spent = scenario.entry_cost_jpy_mn * (1 + scenario.cost_of_equity) ** (scenario.entry_years / 2)
    level = equivalent_annual_cost(
        np.asarray(spent), scenario.cost_of_equity, scenario.horizon_years
    )
    return float(level + scenario.carry_rate * scenario.minimum_capital_jpy_mn)


def _required(formula: Formula, newcomer: Exposure, impact: Impact, place: int) -> FloatArray:
    """Amount at each size; of a fund for all, the industry's rate on custody."""
    if not formula.pooled:
        return np.broadcast_to(formula.required(newcomer), (STEPS,))
    rate = impact.required[place].sum(axis=-1).mean() / impact.exposure.custody.sum(axis=-1).mean()
    return np.asarray(rate * newcomer.custody)


def _owners(
    required: FloatArray, newcomer: Exposure, impact: Impact, variable_share: float
) -> FloatArray:
    """Yearly cost to owners of a newcomer, as of an exchange there is, (formula, size)."""
    scenario, panel = impact.scenario, impact.panel
    carry = scenario.carry_rate
    hot = panel["hot_share"].mean() * np.ones(STEPS)
    terms = Terms.of(scenario)
    rate = base_rate_on_line(hot, np.zeros(STEPS), terms)
    # One newcomer at a time: sizes must not share the insurers' capacity.
    mix = least_cost(required[..., None], rate[:, None], carry, terms)
    cost = annual_cost(mix, required[..., None], carry, scenario.running_cost_jpy_mn)[..., 0]
    volume = panel["spot_volume"].sum(axis=-1).mean() * newcomer.custody
    response = pass_through(
        cost,
        volume / impact.exposure.custody.sum(axis=-1).mean(),
        newcomer.operating_revenue,
        scenario.pass_through,
        scenario.volume_semi_elasticity,
    )
    return owners_cost(response, required, variable_share, scenario)


def _last_loss(surplus: FloatArray) -> FloatArray:
    """Place of the largest size with a loss; -1 where no size has one, (formula,)."""
    below = surplus < 0
    last = surplus.shape[-1] - 1 - np.argmax(below[..., ::-1], axis=-1)
    return np.asarray(np.where(below.any(axis=-1), last, -1))


def _at(surplus: FloatArray, amount: FloatArray) -> FloatArray:
    """`amount` (formula, size) where the surplus crosses zero for the last time; NaN for never."""
    last = _last_loss(surplus)
    low, high = np.clip(last, 0, STEPS - 2), np.clip(last, 0, STEPS - 2) + 1
    rows = np.arange(len(surplus))
    below, above = surplus[rows, low], surplus[rows, high]
    weight = np.clip(below / np.where(below == above, 1.0, below - above), 0.0, 1.0)
    found = amount[rows, low] + weight * (amount[rows, high] - amount[rows, low])
    found = np.where(last < 0, amount[:, 0], found)
    return np.where(last == STEPS - 1, np.nan, found)


def _break_even(surplus: FloatArray, size: FloatArray) -> FloatArray:
    return _at(surplus, np.broadcast_to(size, surplus.shape))
