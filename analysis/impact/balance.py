"""Benefit and cost of a year by formula when one input moves, with no more computed than moves.

What is worth what moves neither payments nor prices; who pays moves payments; prices move the mix
of cash and insurance as well; losses move what is paid. Amounts required stay as they are, those
of rules on losses too: the question is what a rule, once fixed, is worth in another world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from analysis.impact.appraisal import Appraisal
from analysis.impact.benefit import benefit
from analysis.impact.cost import PassThrough, annual_cost, pass_through
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.frontier import yearly_cost
from analysis.impact.funding import steady_mix
from analysis.impact.insurance import Mix, Terms, base_rate_on_line
from analysis.impact.protection import Protection
from analysis.impact.yearly_losses import YearlyLosses
from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

Scope = Literal["stolen", "with_failures"]
Moved = Literal["worth", "payers", "prices", "losses"]


@dataclass(frozen=True)
class Balance:
    """Means over data sets, JPY mn per year with the complete reserve.

    Attributes
    ----------
    cost : total cost, the one-off cost spread over the horizon.
    stolen : benefit to customers whose crypto is stolen.
    failures : what failures avoided are worth to the others.
    """

    cost: float
    stolen: float
    failures: float

    def benefit(self, scope: Scope) -> float:
        """Benefit in a scope."""
        return self.stolen + (self.failures if scope == "with_failures" else 0.0)

    def net(self, scope: Scope) -> float:
        """Benefit less cost."""
        return self.benefit(scope) - self.cost

    def ratio(self, scope: Scope) -> float:
        """Benefit over cost; 0 where nothing is asked."""
        return self.benefit(scope) / self.cost if self.cost > 0 else 0.0


@dataclass(frozen=True, eq=False)
class World:
    """An evaluation as the point from which one input at a time moves.

    Attributes
    ----------
    impact : all formulas.
    alone : the same with each formula alone, by id.
    """

    impact: Impact
    alone: Mapping[str, Impact]

    @classmethod
    def of(
        cls, panel: Panel, scenario: Scenario, formulas: Sequence[Formula] | None = None
    ) -> World:
        """Evaluate the formulas, by default the candidates of the scenario."""
        chosen = candidates(scenario) if formulas is None else tuple(formulas)
        impact = evaluate(panel, scenario, chosen)
        alone = {one.id: _only(impact, place) for place, one in enumerate(impact.formulas)}
        return cls(impact, alone)

    def balances(
        self, moves: Moved, changes: Mapping[str, Any], formula: str | None = None
    ) -> dict[str, Balance]:
        """Balance of every formula, or of one, with parameters changed.

        Parameters
        ----------
        moves : what the parameters move; naming less than they do gives a wrong answer.
        """
        base = self.impact if formula is None else self.alone[formula]
        moved = _moved(base, moves, base.scenario.with_(**changes))
        bought = base.appraisal.steady if moves == "worth" else moved.appraisal.steady
        return _balances(moved.appraisal, bought)


def _moved(base: Impact, moves: Moved, scenario: Scenario) -> Impact:
    if moves == "losses":
        return replace(base, scenario=scenario, losses=YearlyLosses(base.panel, scenario))
    if moves != "prices":
        return replace(base, scenario=scenario)
    panel = base.panel
    rate = base_rate_on_line(panel["hot_share"], panel["incident_count"], Terms.of(scenario))
    steady = steady_mix(base.required, panel, rate, scenario)
    carry = scenario.cost_of_equity - scenario.reserve_yield
    yearly = annual_cost(steady, base.required, carry, scenario.running_cost_jpy_mn)
    response = pass_through(
        yearly,
        panel["spot_volume"],
        panel["operating_revenue"],
        scenario.pass_through,
        scenario.volume_semi_elasticity,
    )
    return replace(
        base,
        scenario=scenario,
        rate_on_line=rate,
        steady=steady,
        annual_cost=yearly,
        response=response,
    )


def _only(impact: Impact, place: int) -> Impact:
    """The evaluation of one formula, out of that of several."""
    one = slice(place, place + 1)
    cut = {name: getattr(impact, name)[one] for name in ("required", "annual_cost", "shortfall")}
    steady = replace(impact.steady, **_cut(impact.steady, one))
    response = replace(impact.response, **_cut(impact.response, one))
    return replace(impact, formulas=impact.formulas[one], steady=steady, response=response, **cut)


def _cut(whole: Mix | PassThrough, one: slice) -> dict[str, FloatArray]:
    return {name: array[one] for name, array in vars(whole).items()}


def _balances(appraisal: Appraisal, bought: Protection) -> dict[str, Balance]:
    worth = benefit(bought, appraisal.impact.scenario).of_industry()
    parts = (yearly_cost(appraisal), worth.customers, worth.failures)
    means = zip(*(part.mean(axis=-1) for part in parts), strict=True)
    return {
        formula.id: Balance(float(cost), float(stolen), float(failures))
        for formula, (cost, stolen, failures) in zip(appraisal.impact.formulas, means, strict=True)
    }
