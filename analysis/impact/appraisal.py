"""Whether what the reserve buys is worth what it costs.

Benefit: the expected loss of customers that the rule avoids, and the earlier payment of what owners
would have paid in the end. Cost: what the exchanges pay (carry, premium, administration, set-up)
and the volume that customers lose. Both are counted in each year of the horizon, with the balance
of that year, at prices of the base month and discounted at a real rate.

The carry is private: owners' required return less the yield of the reserve. More equity behind the
same business makes each yen of it safer, so the cost to society is lower; `equity_cost_offset` is
the part that falls away. A premium returns in part when losses are paid; the rest, the insurers'
margin, is a transfer and shown apart, as is what is passed on to customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.impact.cost import equivalent_annual_cost, pass_through, present_value, ratio
from analysis.impact.insurance import Mix
from analysis.impact.protection import Protection, joined, pooled_protection, protection
from analysis.market.panel import FloatArray
from analysis.rules.formula import Formula

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

DAYS = 365.0


@dataclass(frozen=True, eq=False)
class Appraisal:
    """Costs and benefits of every formula, summed over exchanges.

    Attributes
    ----------
    impact : the evaluation that is appraised.
    """

    impact: Impact

    @cached_property
    def steady(self) -> Protection:
        """Protection once the reserve is complete, (formula, draw, exchange)."""
        impact = self.impact
        return joined(
            self._protection(formula, impact.steady.at(place))
            for place, formula in enumerate(impact.formulas)
        )

    @property
    def annual_cost(self) -> FloatArray:
        """Cost of a year once complete: exchanges' cost less the offset, and lost service."""
        impact = self.impact
        lost = impact.response.deadweight_loss
        return (impact.annual_cost - self._offset(impact.steady) + lost).sum(axis=-1)

    @property
    def annual_benefit(self) -> FloatArray:
        """Benefit of a year once complete, (formula, draw), JPY mn."""
        return self._benefit(self.steady).sum(axis=-1)

    @property
    def insurers_margin(self) -> FloatArray:
        """Premium less expected payments, a transfer, (formula, draw), JPY mn per year."""
        return (self.impact.steady.premium - self.steady.paid_by_insurance).sum(axis=-1)

    @cached_property
    def cost_value(self) -> FloatArray:
        """Present value of the cost over the horizon, (formula, draw), JPY mn."""
        impact, panel, scenario = self.impact, self.impact.panel, self.impact.scenario
        values = []
        for grown, yearly in zip(impact.build_ups, impact.cost_paths, strict=True):
            response = pass_through(
                yearly,
                panel["spot_volume"],
                panel["operating_revenue"],
                scenario.pass_through,
                scenario.volume_semi_elasticity,
            )
            total = yearly - self._offset(grown.mix) + response.deadweight_loss
            values.append(present_value(total.sum(axis=-1), scenario.discount_rate))
        return np.stack(values)

    @cached_property
    def benefit_value(self) -> FloatArray:
        """Present value of the benefit over the horizon, (formula, draw), JPY mn."""
        rate = self.impact.scenario.discount_rate
        values = []
        for formula, grown in zip(self.impact.formulas, self.impact.build_ups, strict=True):
            yearly = self._benefit(self._protection(formula, grown.mix)).sum(axis=-1)
            values.append(present_value(yearly, rate))
        return np.stack(values)

    @property
    def net_present_value(self) -> FloatArray:
        """Benefit less cost over the horizon, (formula, draw), JPY mn."""
        return self.benefit_value - self.cost_value

    @property
    def benefit_cost_ratio(self) -> FloatArray:
        """Benefit over cost, both present values; NaN where nothing is asked."""
        return ratio(self.benefit_value, self.cost_value)

    @property
    def net_direct_cost_to_business(self) -> FloatArray:
        """Equivalent annual net direct cost to business, (formula, draw), JPY mn.

        Direct costs of the exchanges alone: no offset, no lost service, no benefit.
        """
        return self.impact.equivalent_annual_cost.sum(axis=-1)

    def as_level_payment(self, value: FloatArray) -> FloatArray:
        """Level yearly payment over the horizon with this present value."""
        scenario = self.impact.scenario
        return equivalent_annual_cost(value, scenario.discount_rate, scenario.horizon_years)

    def _protection(self, formula: Formula, mix: Mix) -> Protection:
        impact = self.impact
        net_assets, scenario = impact.panel["net_assets"], impact.scenario
        if formula.pooled:
            industry = impact.industry_loss
            return pooled_protection(impact.annual_loss, industry, mix, net_assets, scenario)
        return protection(impact.annual_loss, mix, net_assets, scenario)

    def _benefit(self, bought: Protection) -> FloatArray:
        """Value of the loss avoided, and of earlier payment, JPY mn per year."""
        scenario = self.impact.scenario
        at_once = bought.paid_by_reserve + bought.paid_by_insurance
        sooner = np.maximum(at_once - bought.avoided, 0.0)
        days = scenario.days_to_payment - scenario.days_to_payment_from_reserve
        waiting = sooner * scenario.waiting_cost * days / DAYS
        return scenario.customer_risk_loading * bought.avoided + waiting

    def _offset(self, mix: Mix) -> FloatArray:
        """Part of the carry that is no cost to society, JPY mn per year."""
        scenario = self.impact.scenario
        carry = scenario.cost_of_equity - scenario.reserve_yield
        return np.asarray(scenario.equity_cost_offset * carry * mix.cash)
