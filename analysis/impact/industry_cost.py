"""What the reserve costs all exchanges together, year by year, with no more years than differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from analysis.impact.cost import annual_cost, present_value
from analysis.impact.funding import each_year
from analysis.impact.insurance import onto
from analysis.market.panel import FloatArray, over_exchanges
from analysis.rules.formula import built_up

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


def value_of_industry(impact: Impact) -> FloatArray:
    """Present value over the horizon of all exchanges' cost, (formula, ..., draw, 1), JPY mn."""
    yearly = np.moveaxis(yearly_cost(impact), 1, 0)
    return present_value(yearly, impact.scenario.discount_rate)


def yearly_cost(impact: Impact) -> FloatArray:
    """Cost of all exchanges in each year, the one-off cost in the first, JPY mn.

    Returns
    -------
    array (formula, year, ..., draw, 1)
    """
    sums = [_sums(impact, place) for place in range(len(impact.formulas))]
    shape = np.broadcast_shapes(*(one.shape for each in sums for one in each))
    yearly = np.empty((len(sums), impact.scenario.horizon_years, *shape, 1))
    for place, each in enumerate(sums):
        for year, one in enumerate(each):
            # The last cost is that of every year to come.
            yearly[place, year:] = one[..., None]
    return yearly


def _sums(impact: Impact, place: int) -> list[FloatArray]:
    """Cost of one formula to all exchanges, until it no longer changes, (..., draw)."""
    once = impact.scenario.one_off_cost_jpy_mn * (impact.required[place] > 0)
    costs = _costs(impact, place)
    first = next(costs)
    sums = [over_exchanges(first + once), *(over_exchanges(cost) for cost in costs)]
    return (
        sums if len(sums) > 1 else [*sums, over_exchanges(first)][: impact.scenario.horizon_years]
    )


def _costs(impact: Impact, place: int) -> Iterator[FloatArray]:
    """Cost of each year of one formula until it no longer changes, (..., draw, exchange).

    An amount that is complete costs the same every year, so only the phase-in is worked out. That
    does not hold for a rule that accrues, nor where cash comes out of earnings, found year by year.
    """
    scenario, formula, required = impact.scenario, impact.formulas[place], impact.required[place]
    offer, carry, running = impact.offer, scenario.carry_rate, scenario.running_cost_jpy_mn
    if formula.accrues or scenario.retained_earnings_only:
        for balance, mix in each_year(formula, impact.exposure, impact.panel, offer, scenario):
            yield annual_cost(mix, balance, carry, running)
        return
    administration = running * (required > 0)
    for share in built_up(scenario.horizon_years, scenario.phase_in_years):
        if share == 1:
            yield impact.annual_cost[place]
            return
        mix = offer.cheapest(share * required)
        yield onto(np.add, onto(np.add, carry * mix.cash, mix.premium), administration)
