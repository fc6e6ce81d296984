"""Benefit and cost of a year by formula when one input moves; amounts asked stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from analysis.impact.appraisal import Appraisal
from analysis.impact.cost import PassThrough
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.insurance import Mix
from analysis.impact.reweighed import reweighed
from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

Scope = Literal["stolen", "with_failures"]


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
        self, changes: Mapping[str, Any], formula: str | None = None
    ) -> dict[str, Balance]:
        """Balance of every formula, or of one, with parameters changed as `reweighed` allows."""
        base = self.impact if formula is None else self.alone[formula]
        return _balances(reweighed(base, changes).appraisal)


def _only(impact: Impact, place: int) -> Impact:
    """The evaluation of one formula, out of that of several."""
    one = slice(place, place + 1)
    cut = {name: getattr(impact, name)[one] for name in ("required", "annual_cost", "shortfall")}
    steady = replace(impact.steady, **_cut(impact.steady, one))
    response = replace(impact.response, **_cut(impact.response, one))
    return replace(impact, formulas=impact.formulas[one], steady=steady, response=response, **cut)


def _cut(whole: Mix | PassThrough, one: slice) -> dict[str, FloatArray]:
    return {name: array[one] for name, array in vars(whole).items()}


def _balances(appraisal: Appraisal) -> dict[str, Balance]:
    worth = appraisal.annual_benefit
    parts = (appraisal.level_cost, worth.customers, worth.failures)
    means = zip(*(part.mean(axis=-1) for part in parts), strict=True)
    return {
        formula.id: Balance(float(cost), float(stolen), float(failures))
        for formula, (cost, stolen, failures) in zip(appraisal.impact.formulas, means, strict=True)
    }
