"""Which exits could be mergers instead: what a larger exchange would earn by taking over a smaller.

The buyer gets the target's revenue less what moves with it, pays the fixed cost that is not saved
(`synergy_share` of it is), and holds one reserve for both:

    profit = R (1 - v) - (1 - synergy) F - (cost of the joint reserve - cost of the buyer's own).

At a purchase price of nothing; customers stay. A formula with a floor, a step or a rate that falls
with size favours mergers, one that is proportional does not care, and one whose rate rises with
size is against them. A buyer must be larger by revenue, and the cash of the joint reserve must fit
into the free liquid assets of both.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.impact.cost import annual_cost
from analysis.impact.insurance import Terms, base_rate_on_line, least_cost
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


@dataclass(frozen=True)
class Mergers:
    """What the best buyer would earn, at the mean of the data sets; (formula, exchange).

    Attributes
    ----------
    profit : yearly profit of the best buyer, JPY mn; NaN where nobody could buy.
    reserve_saving : yearly cost of two reserves less that of the joint one, with that buyer.
    buyers : larger exchanges that could fund the joint reserve and would earn by it.
    """

    profit: FloatArray
    reserve_saving: FloatArray
    buyers: FloatArray


def mergers(impact: Impact, fixed_cost: FloatArray, variable_share: float) -> Mergers:
    """What a takeover of each exchange by each larger one would yield under every formula.

    Parameters
    ----------
    fixed_cost : JPY mn a year, (draw, exchange).
    variable_share : part of revenue that expenses move with.
    """
    panel, scenario = impact.panel, impact.scenario
    revenue = panel["operating_revenue"].mean(axis=0)
    kept = (1 - scenario.synergy_share) * fixed_cost.mean(axis=0)
    gained = ((1 - variable_share) * np.maximum(revenue, 0.0) - kept)[:, None]
    alone = _mean(impact.exposure)
    both = _pairs(alone)
    free = np.maximum(impact.free.mean(axis=0), 0.0)
    larger = revenue[None, :] > revenue[:, None]
    rows = []
    for formula in impact.formulas:
        own, cash = _reserve(formula, alone, impact)
        joint, joint_cash = _reserve(formula, both, impact)
        if formula.pooled:  # A fund asks of both what it asked of each.
            joint, joint_cash = own[:, None] + own[None, :], cash[:, None] + cash[None, :]
        profit = gained - (joint - own[None, :])
        able = larger & (joint_cash <= free[:, None] + free[None, :])
        rows.append(_best(profit, own[:, None] + own[None, :] - joint, able))
    return Mergers(*(np.stack(part) for part in zip(*rows, strict=True)))


def _best(
    profit: FloatArray, saving: FloatArray, able: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Profit and saving with the best of the able buyers, and how many would earn; (exchange,)."""
    offered = np.where(able, profit, -np.inf)
    best = np.argmax(offered, axis=-1)[:, None]
    some = able.any(axis=-1)
    found = (
        np.where(some, np.take_along_axis(array, best, axis=-1)[:, 0], np.nan)
        for array in (profit, saving)
    )
    return (*found, (able & (profit > 0)).sum(axis=-1).astype(float))


def _reserve(formula: Formula, seen: Exposure, impact: Impact) -> tuple[FloatArray, FloatArray]:
    """Yearly cost of a reserve and its cash, JPY mn, each cell alone with the insurers."""
    scenario = impact.scenario
    required = np.broadcast_to(formula.required(seen), seen.custody.shape)
    hot = np.divide(
        seen.custody_hot, seen.custody, out=np.zeros(required.shape), where=seen.custody > 0
    )
    terms, carry = Terms.of(scenario), scenario.cost_of_equity - scenario.reserve_yield
    rate = base_rate_on_line(hot, seen.incident_count, terms)
    mix = least_cost(required[..., None], rate[..., None], carry, terms)
    cost = annual_cost(mix, required[..., None], carry, scenario.running_cost_jpy_mn)
    return cost[..., 0], mix.cash[..., 0]


def _mean(base: Exposure) -> Exposure:
    """Exposure of each exchange, mean over draws."""
    means = {
        field.name: getattr(base, field.name).mean(axis=-2)
        for field in fields(base)
        if field.name != "loss_model"
    }
    model = base.loss_model
    return Exposure(**means, loss_model=None if model is None else model.central())


def _pairs(alone: Exposure) -> Exposure:
    """Exposure of every pair, (..., target, buyer): sums, and the longer time on the register."""
    sums = {
        field.name: (array := getattr(alone, field.name))[..., :, None] + array[..., None, :]
        for field in fields(alone)
        if field.name != "loss_model"
    }
    years = alone.years_registered
    longer = np.maximum(years[:, None], years[None, :])
    return replace(Exposure(**sums, loss_model=alone.loss_model), years_registered=longer)
