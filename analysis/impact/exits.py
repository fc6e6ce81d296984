"""Who is likely to leave under each formula: funding test, value test and hazard, in one rule.

Over `exit_years` T an exchange leaves with probability

    1 - (1 - forced) (1 - hazard(value))^T

- value: what staying adds over leaving, in years of fixed cost (`analysis.exits.value`), with the
  rule's cost to owners taken off every year: the part of the annual cost of the complete reserve
  that is not passed on, the margin on the volume that goes away with the price, and the one-off
  cost as a level payment over the horizon at the cost of equity. The phase-in is left out here: the
  owner looks ahead to the years in which the reserve is complete;
- hazard: yearly chance of leaving at that value, from the register (`analysis.exits.hazard`);
- forced: cash that falls due within T years (`analysis.impact.cash_due`) beyond free liquid assets
  and the profit retained till then must come from an owner. Losses till then take nothing from it:
  an exchange that makes losses is there because owners cover them, and that they may stop is in the
  hazard; `unmet_loss_share` is the part that they do not cover. Owners pay in `support_years` of
  expenses at a time, with the chance seen in the statements; a shortfall of x times that needs x
  independent yeses, so

      forced = 1 - support^x,  x = shortfall / (support_years expenses).

  A shortfall of a million yen thus ends no business whose owner pays hundreds of millions every
  year, and one of ten years' expenses is hardly ever met. Nothing asked, nothing forced.

What a longer phase-in does here: more profit is retained, and what falls due after T years is not
counted. The yeses go by what is lacking in all, in however many parts it is paid: whether an owner
is readier to pay a little every year is not in the record, and the model does not say it.

An exchange that has left already (`at_risk`) has probability 0 of leaving, with any rule.

With nothing required both parts are those without the rule, to the last digit. More required means
more cost and a larger shortfall, so no probability falls, before the market answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.exits.breach import breach_chance
from analysis.exits.hazard import ExitModel, exit_model
from analysis.exits.register import at_risk
from analysis.exits.revenue import fixed_cost
from analysis.exits.support import parent_support, support_years
from analysis.impact.cash_due import AT_ONCE, Due, cash_lacking, due_within
from analysis.impact.cost import annual_cost, customers_response, owners_cost
from analysis.impact.funding import steady_mix
from analysis.impact.insurance import Mix
from analysis.market.panel import BoolArray, FloatArray, Panel

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

LEAST_EXPENSES_JPY_MN = 1.0
"""Expenses of an exchange that states less: value and shortfall are measured in years of them."""


@dataclass(frozen=True, eq=False)
class Prospect:
    """What exchanges face under given requirements; arrays (..., draw, exchange).

    Attributes
    ----------
    cost : yearly cost to owners, JPY mn.
    value : what staying adds over leaving, years of fixed cost.
    short : cash lacking within `exit_years`, JPY mn.
    forced : probability that nobody pays that in; 0 for who has left already, as are the next two.
    voluntary : probability of leaving within `exit_years` if the cash is there.
    leaving : probability of leaving within `exit_years`.
    """

    cost: FloatArray
    value: FloatArray
    short: FloatArray
    forced: FloatArray
    voluntary: FloatArray
    leaving: FloatArray


@dataclass(frozen=True, eq=False)
class Exits:
    """Exits under every formula before the market answers, (formula, draw, exchange).

    Attributes
    ----------
    impact : the evaluation whose formulas these are.
    """

    impact: Impact

    @cached_property
    def model(self) -> ExitModel:
        """What register and statements tell about leaving."""
        return exit_model(self.impact.scenario, self.impact.panel.draws)

    @cached_property
    def support(self) -> FloatArray:
        """Probability that an owner pays in once, (draw, exchange)."""
        panel = self.impact.panel
        return parent_support(panel.exchanges, self.impact.scenario, panel.draws)

    @cached_property
    def support_years(self) -> FloatArray:
        """What an owner can be asked for at a time, years of expenses, (draw, 1)."""
        return support_years(self.impact.scenario, self.impact.panel.draws)

    @cached_property
    def at_risk(self) -> BoolArray:
        """Who is still there to leave, (exchange,)."""
        return at_risk(self.impact.panel.exchanges, self.impact.scenario)

    @cached_property
    def breach_chance(self) -> FloatArray:
        """Chance of a theft in a year, with any rule and without, (draw, exchange)."""
        return breach_chance(self.impact.panel.values, self.impact.scenario)

    @cached_property
    def due(self) -> Due:
        """What of each requirement is due within `exit_years`, and when."""
        return due_within(self.impact)

    @cached_property
    def without_rule(self) -> Prospect:
        """The same without any reserve, (draw, exchange)."""
        return self.prospect(np.zeros_like(self.impact.free), self.impact.panel)

    @cached_property
    def with_rule(self) -> Prospect:
        """Under every formula."""
        return self.prospect(self.impact.required, self.impact.panel, self.due)

    @property
    def fixed_cost(self) -> FloatArray:
        """Expenses that do not move with revenue, JPY mn a year, (draw, exchange)."""
        panel, scenario = self.impact.panel, self.impact.scenario
        moving = self.model.process.variable_share
        return fixed_cost(
            panel["operating_expenses"],
            panel["operating_revenue"],
            moving,
            scenario.fixed_cost_share,
        )

    @property
    def baseline(self) -> FloatArray:
        """Probability of leaving without the rule, the same for every formula."""
        return np.broadcast_to(self.without_rule.leaving, self.impact.required.shape)

    @property
    def policy(self) -> FloatArray:
        """Probability of leaving with it."""
        return self.with_rule.leaving

    @property
    def forced(self) -> FloatArray:
        """Probability that the cash is lacking and nobody pays it in."""
        return self.with_rule.forced

    @property
    def short(self) -> FloatArray:
        """Cash lacking within `exit_years`, JPY mn."""
        return self.with_rule.short

    @property
    def value_gap(self) -> FloatArray:
        """What staying adds over leaving with the rule, years of fixed cost."""
        return self.with_rule.value

    def prospect(self, required: FloatArray, panel: Panel, due: Due = AT_ONCE) -> Prospect:
        """What exchanges face if so much is required of them.

        Parameters
        ----------
        required : array (..., draw, exchange), JPY mn.
        panel : the market, or the market moved: its arrays may be (..., draw, exchange).
        due : what of the requirement is due, and when.
        """
        scenario = self.impact.scenario
        mix = steady_mix(required, panel, self.impact.offer, scenario)
        cost = self._owners(mix, required, panel)
        expenses = np.maximum(panel["operating_expenses"], LEAST_EXPENSES_JPY_MN)
        values = {**panel.values, "operating_expenses": expenses}
        value = self.model.standing(values, scenario, cost)
        short = cash_lacking(mix, panel, due, scenario)
        asked = short / (self.support_years * expenses)
        forced = np.where(self.at_risk, 1 - self.support**asked, 0.0)
        hazard = np.where(self.at_risk, self.model.hazard(value, self.breach_chance), 0.0)
        staying = (1 - hazard) ** scenario.exit_years
        return Prospect(cost, value, short, forced, 1 - staying, 1 - (1 - forced) * staying)

    def _owners(self, mix: Mix, required: FloatArray, panel: Panel) -> FloatArray:
        """Yearly cost of the complete reserve to owners, JPY mn."""
        scenario = self.impact.scenario
        cost = annual_cost(mix, required, scenario.carry_rate, scenario.running_cost_jpy_mn)
        response = customers_response(cost, panel, scenario)
        return owners_cost(response, required, self.model.process.variable_share, scenario)
