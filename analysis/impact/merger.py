"""Which exits could be mergers instead: what a larger exchange would gain by taking over a smaller.

The buyer gets the target's revenue less what moves with it, pays the fixed cost that is not saved
(`synergy_share` of it is), holds one reserve for both, and pays a price. Had it not bought, the
target would have left, and part of its customers would have come anyway, for nothing:

    gain = R (1 - v) - (1 - synergy) F - price - cost of the joint reserve
           - [(m - 1) R' (1 - v) - cost of the reserve of the buyer with those customers]

with R' the buyer's revenue and m what a nested logit multiplies it with when the target alone
leaves. All customers of a target that is bought stay. The price is what the seller could have
otherwise: net assets, or `sale_multiple` times revenue where that is more. The buyer gets the net
assets, which cost the carry from then on; what is paid beyond them counts as a level payment over
the horizon at the cost of equity.

A formula with a floor, a step or a rate that falls with size favours mergers, one that is
proportional does not care, and one whose rate rises with size is against them. A buyer must be
larger by revenue, and the cash of the joint reserve must fit into the free liquid assets of both.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.exits.choice import if_staying
from analysis.impact.concentration import market_shares
from analysis.impact.cost import annual_cost, equivalent_annual_cost
from analysis.impact.insurance import Terms, base_rate_on_line, least_cost
from analysis.market.panel import FloatArray, Panel
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


@dataclass(frozen=True)
class Mergers:
    """What the best buyer would gain, at the mean of the data sets; (formula, exchange).

    Attributes
    ----------
    profit : yearly gain of the best buyer, JPY mn, over letting the target leave and taking the
        customers who come anyway; NaN where nobody could buy.
    reserve_saving : yearly cost of two reserves less that of the joint one, with that buyer.
    buyers : larger exchanges that could fund the joint reserve and would gain by it.
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
    revenue = np.maximum(panel["operating_revenue"].mean(axis=0), 0.0)
    kept = (1 - scenario.synergy_share) * fixed_cost.mean(axis=0)
    price = yearly_price(panel["net_assets"].mean(axis=0), revenue, scenario)
    followed = _anyway(panel, scenario)
    margin = 1 - variable_share
    without = margin * (followed.volume - 1) * revenue[None, :]
    gained = (margin * revenue - kept - price)[:, None] - without
    alone = _mean(impact.exposure)
    both, larger_buyer = _pairs(alone), followed.exposure(alone)
    free = np.maximum(impact.free.mean(axis=0), 0.0)
    there = impact.exits.at_risk
    larger = (revenue[None, :] > revenue[:, None]) & there[None, :] & there[:, None]
    rows = []
    for formula in impact.formulas:
        own, cash = _reserve(formula, alone, impact)
        if formula.pooled:  # A fund asks of both what it asked of each.
            joint, joint_cash = own[:, None] + own[None, :], cash[:, None] + cash[None, :]
            grown = own[None, :] * followed.custody
        else:
            joint, joint_cash = _reserve(formula, both, impact)
            grown, _ = _reserve(formula, larger_buyer, impact)
        able = larger & (joint_cash <= free[:, None] + free[None, :])
        saving = own[:, None] + own[None, :] - joint
        rows.append(_best(gained - joint + grown, saving, able))
    return Mergers(*(np.stack(part) for part in zip(*rows, strict=True)))


def yearly_price(net_assets: FloatArray, revenue: FloatArray, scenario: Scenario) -> FloatArray:
    """What the purchase of each exchange costs the buyer a year, JPY mn, (exchange,)."""
    bought = np.maximum(net_assets, 0.0)
    paid = np.maximum(bought, scenario.sale_multiple * revenue)
    level = equivalent_annual_cost(paid - bought, scenario.cost_of_equity, scenario.horizon_years)
    return scenario.carry_rate * bought + level


@dataclass(frozen=True, eq=False)
class _Anyway:
    """What each buyer's volume and custody are multiplied with, (target, buyer)."""

    volume: FloatArray
    custody: FloatArray

    def exposure(self, alone: Exposure) -> Exposure:
        """Of each buyer with the customers who come anyway; costs stay as they are."""
        multiple = {
            **dict.fromkeys(("trading_value", "margin_volume", "operating_revenue"), self.volume),
            **dict.fromkeys(("custody_hot", "custody_cold", "customer_fiat"), self.custody),
        }
        changed = {
            field.name: getattr(alone, field.name)[..., None, :]
            * multiple.get(field.name, np.ones_like(self.volume))
            for field in fields(alone)
            if field.name != "loss_model"
        }
        return Exposure(**changed, loss_model=alone.loss_model)


def _anyway(panel: Panel, scenario: Scenario) -> _Anyway:
    stays = ~np.eye(len(panel.exchanges), dtype=bool)
    volume, custody = (
        if_staying(
            np.broadcast_to(market_shares(panel[name].mean(axis=0)), stays.shape),
            stays,
            scenario.outside_share,
            scenario.nesting,
        )[0]
        for name in ("spot_volume", "customer_crypto")
    )
    return _Anyway(volume, custody)


def _best(
    profit: FloatArray, saving: FloatArray, able: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gain and saving with the best of the able buyers, and how many would gain; (exchange,)."""
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
    terms, carry = Terms.of(scenario), scenario.carry_rate
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
