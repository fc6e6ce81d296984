"""Whether what the reserve buys is worth what it costs.

Benefit: what customers gain (see `analysis.impact.benefit`). Cost: what the exchanges pay (carry,
premium, administration, set-up) and the volume that customers lose. Both are counted in each year
of the horizon, with the balance of that year, at prices of the base month and discounted at a real
rate; exposure stays that of the base month, and a reserve that has paid is filled again at once.

The carry is private: owners' required return less the yield of the reserve. More equity behind the
same business makes each yen of it safer, so the cost to society is lower; `equity_cost_offset` is
the part that falls away.

Three balances, from narrow to wide, none of them hidden in another:

- `net_present_value`: customers' benefit on stolen crypto less all costs. It leaves out a cost, the
  principal that owners and insurers pay out, and charges all of the premium;
- `net_of_transfers`: the same payment counts as a loss to who pays it, and a premium as a gain of
  who gets it, but for `insurer_expense_share`, which insurers use up. What is left is the loading,
  earlier payment, and costs that nobody receives;
- `net_with_failures`: the first, and what failures avoided are worth to holders of crypto that was
  not stolen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.impact.benefit import Benefit, benefit
from analysis.impact.bought import bought, bought_by_each
from analysis.impact.cost import (
    PassThrough,
    customers_response,
    equivalent_annual_cost,
    present_value,
    ratio,
)
from analysis.impact.insurance import Mix
from analysis.impact.protection import Protection
from analysis.market.panel import FloatArray

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


@dataclass(frozen=True, eq=False)
class Appraisal:
    """Costs and benefits of every formula, summed over exchanges.

    Attributes
    ----------
    impact : the evaluation that is appraised.
    known : its protection once the reserve is complete, if somebody worked that out already.
    """

    impact: Impact
    known: Protection | None = None

    @cached_property
    def steady(self) -> Protection:
        """Protection once the reserve is complete, (formula, draw, exchange)."""
        impact = self.impact
        if self.known is not None:
            return self.known
        pooled = [formula.pooled for formula in impact.formulas]
        return bought_by_each(impact.losses, impact.steady, pooled, impact.scenario)

    @property
    def annual_cost(self) -> FloatArray:
        """Cost of a year once complete, (formula, draw): see `_of_all`."""
        impact = self.impact
        return self._of_all(impact.annual_cost, impact.steady, impact.response)

    @property
    def level_cost(self) -> FloatArray:
        """The same with the one-off cost spread over the horizon, (formula, draw)."""
        impact = self.impact
        first = impact.scenario.one_off_cost_jpy_mn * (impact.required > 0).sum(axis=-1)
        value = first / (1 + impact.scenario.discount_rate)
        return np.asarray(self.annual_cost + self.as_level_payment(value))

    @cached_property
    def annual_benefit(self) -> Benefit:
        """Benefit of a year once complete, (formula, draw), JPY mn."""
        return benefit(self.steady, self.impact.scenario).of_industry()

    @property
    def insurers_margin(self) -> FloatArray:
        """Premium less expected payments, (formula, draw), JPY mn per year.

        Insurers' expenses are in it; the rest is a transfer.
        """
        margin = self.impact.steady.premium - self.steady.paid_by_insurance
        return np.asarray(margin.sum(axis=-1))

    @cached_property
    def cost_value(self) -> FloatArray:
        """Present value of the cost over the horizon, (formula, draw), JPY mn."""
        impact = self.impact
        paths = zip(impact.build_ups, impact.cost_paths, strict=True)
        totals = (
            self._of_all(
                yearly, grown.mix, customers_response(yearly, impact.panel, impact.scenario)
            )
            for grown, yearly in paths
        )
        return np.stack([present_value(total, impact.scenario.discount_rate) for total in totals])

    @cached_property
    def benefit_value(self) -> Benefit:
        """Present value of the benefit over the horizon, (formula, draw), JPY mn."""
        impact, scenario = self.impact, self.impact.scenario
        known: dict[tuple[bool, bytes, bytes], Benefit] = {}

        def of_year(mix: Mix, pooled: bool) -> Benefit:
            # Years after the phase-in are alike, and so are formulas whose clauses bind alike.
            key = pooled, mix.cash.tobytes(), mix.limit.tobytes()
            if key not in known:
                each = bought(impact.losses, mix, pooled, scenario)
                known[key] = benefit(each, scenario).of_industry()
            return known[key]

        paths = (
            Benefit.joined(
                [of_year(grown.mix.at(year), one.pooled) for year in range(len(grown.balance))]
            )
            for one, grown in zip(impact.formulas, impact.build_ups, strict=True)
        )
        return Benefit.joined([path.present_value(scenario.discount_rate) for path in paths])

    @property
    def net_present_value(self) -> FloatArray:
        """Customers' benefit less cost over the horizon, (formula, draw), JPY mn."""
        return self.benefit_value.customers - self.cost_value

    @property
    def net_of_transfers(self) -> FloatArray:
        """The same where what one pays to another cancels out."""
        received = (1 - self.impact.scenario.insurer_expense_share) * self.premium_value
        return self.benefit_value.net_of_transfers - (self.cost_value - received)

    @property
    def net_with_failures(self) -> FloatArray:
        """The same as `net_present_value`, with what failures avoided are worth."""
        return self.net_present_value + self.benefit_value.failures

    @property
    def benefit_cost_ratio(self) -> FloatArray:
        """Customers' benefit over cost, both present values; NaN where nothing is asked."""
        return ratio(self.benefit_value.customers, self.cost_value)

    @property
    def ratio_with_failures(self) -> FloatArray:
        """The same with what failures avoided are worth."""
        whole = self.benefit_value.customers + self.benefit_value.failures
        return ratio(whole, self.cost_value)

    @property
    def ratio_reformed(self) -> FloatArray:
        """The same where segregation and return of assets are reformed beside the reserve."""
        whole = self.benefit_value.customers + self.benefit_value.failures_reformed
        return ratio(whole, self.cost_value)

    @property
    def premium_value(self) -> FloatArray:
        """Present value of the premiums, part of the cost, (formula, draw), JPY mn."""
        rate = self.impact.scenario.discount_rate
        return np.stack(
            [present_value(grown.mix.premium.sum(axis=-1), rate) for grown in self.impact.build_ups]
        )

    @property
    def net_direct_cost_to_business(self) -> FloatArray:
        """Equivalent annual net direct cost to business, (formula, draw), JPY mn.

        Direct costs of the exchanges alone: no offset, no lost service, no benefit.
        """
        return np.asarray(self.impact.equivalent_annual_cost.sum(axis=-1))

    def as_level_payment(self, value: FloatArray) -> FloatArray:
        """Level yearly payment over the horizon with this present value."""
        scenario = self.impact.scenario
        return equivalent_annual_cost(value, scenario.discount_rate, scenario.horizon_years)

    def _of_all(self, yearly: FloatArray, mix: Mix, response: PassThrough) -> FloatArray:
        """Cost of all exchanges less the part that is none to society, and service lost."""
        scenario = self.impact.scenario
        carry = scenario.carry_rate
        offset = scenario.equity_cost_offset * carry * mix.cash
        return np.asarray((yearly - offset + response.deadweight_loss).sum(axis=-1))
