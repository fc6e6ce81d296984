"""Switching values: how far an input must move until benefit equals cost, or the best two swap.

One input moves and all others stay; joint movements are not in it. Years with the complete reserve
and means over data sets, as in `analysis.impact.frontier`. Amounts stay those of the baseline, for
rules on losses too, so that what is asked is when a rule, once fixed, would pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.balance import Balance, Scope, World
from analysis.impact.cost import ratio
from analysis.impact.crossing import crossing
from analysis.impact.evaluate import Impact
from analysis.impact.reweighed import reweighed
from analysis.market.panel import Panel
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

SCOPES: tuple[Scope, ...] = ("stolen", "with_failures")
PROBES = 5
"""Values over a range between which a change of sign is looked for: the first one counts."""
LOSS_STEPS = 1024
"""Steps of the losses' grid: a quarter of the study's, which moves no value by more than 0.2 %."""
SAME = 1e-6
"""Relative difference below which two formulas are one and cannot swap places."""
Score = Callable[[Balance, Scope], float]


@dataclass(frozen=True)
class Input:
    """What is moved, over which range; on a logarithmic scale where that starts above 0."""

    name: str
    low: float
    high: float
    logarithmic: bool = False

    def probes(self) -> list[float]:
        """Values over the range, in equal steps of its scale."""
        spaced = np.geomspace if self.logarithmic else np.linspace
        return [float(value) for value in spaced(self.low, self.high, PROBES)]

    def change(self, scenario: Scenario, value: float) -> dict[str, Any]:
        """Parameters at a value of the input."""
        if self.name != "insurance_price_factor":
            return {self.name: value}
        rates = ("rate_on_line_cold", "rate_on_line_hot")
        return {name: min(value * getattr(scenario, name), 1.0) for name in rates}

    def within(self, scenario: Scenario) -> Input:
        """The same; of the cost of equity no value below the yield of the reserve."""
        least = scenario.reserve_yield if self.name == "cost_of_equity" else self.low
        return replace(self, low=max(self.low, least))


INPUTS = (
    Input("frequency_multiplier", 0.1, 50.0, logarithmic=True),
    Input("severity_multiplier", 0.1, 10.0, logarithmic=True),
    Input("cost_of_equity", 0.0, 0.20),
    Input("insurance_price_factor", 0.1, 10.0, logarithmic=True),
    Input("equity_cost_offset", 0.0, 1.0),
    Input("customer_risk_loading", 1.0, 100.0, logarithmic=True),
    Input("voluntary_payment", 0.0, 1.0),
    Input("segregated_share", 0.0, 1.0),
)
"""Inputs by the order of the table. `insurance_price_factor` multiplies both rates on line."""


def switching(
    panel: Panel,
    scenario: Scenario,
    formulas: Sequence[Formula] | None = None,
    draws: int = 20,
    inputs: Sequence[Input] = INPUTS,
) -> pd.DataFrame:
    """Value of each input at which benefit equals cost, or at which the best two swap places.

    Parameters
    ----------
    formulas : by default the candidates of the scenario.
    draws : the first so many data sets of the panel are used.

    Returns
    -------
    DataFrame, one row per question, formula, scope and input:
        `question`: benefit equals cost, or the best two by ratio or by net benefit swap; `formula`
        (for a swap the first over the second); `scope`: stolen crypto alone, or with failures
        avoided; `input`, `baseline`, `low`, `high`, `value` (blank if there is none), `found` in
        words.

    Raises
    ------
    InputError
        Fewer than one data set is asked for.
    """
    if draws < 1:
        raise InputError(f"draws = {draws}; allowed: 1 and more; give e.g. 20")
    few = replace(panel, values={name: array[:draws] for name, array in panel.values.items()})
    world = World.of(few, scenario.with_(loss_steps=LOSS_STEPS), formulas)
    chosen = [moved.within(scenario) for moved in inputs]
    rows = [row for moved in chosen for row in _questions(world, moved)]
    return _ordered(pd.DataFrame(rows), [one.id for one in world.impact.formulas], chosen)


def _ordered(table: pd.DataFrame, formulas: Sequence[str], inputs: Sequence[Input]) -> pd.DataFrame:
    """By scope, formula and input, each as given; swaps after the values at which cost is met."""
    ranks: dict[str, pd.Series] = {
        "swap": table["question"] != EQUAL,
        "place": table["formula"].map({name: place for place, name in enumerate(formulas)}),
        "moved": table["input"].map({moved.name: place for place, moved in enumerate(inputs)}),
    }
    by = ["scope", "swap", "place", "question", "moved"]
    ranked = table.assign(**ranks).sort_values(by, kind="stable")
    return ranked[list(table.columns)].reset_index(drop=True)


def at_free_capital(impact: Impact) -> pd.DataFrame:
    """Benefit over cost where owners require no more than the reserve yields.

    Cash then costs nothing and nothing is insured; administration, set-up and the service lost with
    them are left. Where even so a ratio is below 1, no cost of equity makes the rule pay.

    Returns
    -------
    DataFrame
        One row per formula: `formula`, `ratio` and `ratio_with_failures` (of means over data sets,
        a year once complete, the one-off cost spread; blank where nothing is asked), and whether
        some cost of equity makes the rule pay, `can_pay` and `can_pay_with_failures`.
    """
    free = reweighed(impact, {"cost_of_equity": impact.scenario.reserve_yield}).appraisal
    worth, cost = free.annual_benefit, free.level_cost.mean(axis=-1)
    stolen = ratio(worth.customers.mean(axis=-1), cost)
    whole = ratio((worth.customers + worth.failures).mean(axis=-1), cost)
    return pd.DataFrame(
        {
            "formula": [formula.id for formula in impact.formulas],
            "ratio": stolen,
            "ratio_with_failures": whole,
            "can_pay": stolen >= 1,
            "can_pay_with_failures": whole >= 1,
        }
    )


EQUAL = "benefit equals cost"
SWAPS: dict[str, Score] = {
    "best two by ratio swap": Balance.ratio,
    "best two by net benefit swap": Balance.net,
}


def _questions(world: World, moved: Input) -> Iterator[dict[str, Any]]:
    """Rows of one input: its probes are shared by all formulas."""
    probes = moved.probes()
    changes = [moved.change(world.impact.scenario, value) for value in probes]
    known = [world.balances(change) for change in changes]
    today = world.balances({})

    def at(name: str, value: float) -> Balance:
        change = moved.change(world.impact.scenario, value)
        return world.balances(change, name)[name]

    for scope in SCOPES:
        for name in today:

            def net(value: float, name: str = name, scope: Scope = scope) -> float:
                return at(name, value).net(scope)

            gaps = [one[name].net(scope) for one in known]
            yield _row(EQUAL, name, scope, moved, _root(net, moved, probes, gaps), world)
        for question, score in SWAPS.items():
            pair = best_two({name: score(one, scope) for name, one in today.items()})
            if not pair:
                continue
            first, second = pair

            def lead(
                value: float,
                score: Score = score,
                scope: Scope = scope,
                pair: tuple[str, ...] = pair,
            ) -> float:
                return score(at(pair[0], value), scope) - score(at(pair[1], value), scope)

            gaps = [score(one[first], scope) - score(one[second], scope) for one in known]
            found = _root(lead, moved, probes, gaps)
            yield _row(question, f"{first} over {second}", scope, moved, found, world)


def best_two(scores: dict[str, float]) -> tuple[str, ...]:
    """The first, and the best that differs from it; empty where all agree."""
    order = sorted(scores, key=lambda name: -scores[name])
    first = scores[order[0]]
    for name in order[1:]:
        if abs(first - scores[name]) > SAME * max(abs(first), abs(scores[name])):
            return order[0], name
    return ()


def _root(
    gap: Callable[[float], float], moved: Input, probes: Sequence[float], gaps: Sequence[float]
) -> float:
    """First value at which `gap`, known at the probes, changes its sign; NaN where it does not."""
    for bracket, ends in zip(pairwise(probes), pairwise(gaps), strict=True):
        if ends[0] == 0:
            return bracket[0]
        if ends[0] * ends[1] < 0:
            return crossing(gap, bracket, ends, logarithmic=moved.logarithmic)
    return float("nan")


def _row(
    question: str, formula: str, scope: Scope, moved: Input, value: float, world: World
) -> dict[str, Any]:
    found = f"{value:.3g}" if np.isfinite(value) else f"none from {moved.low:g} to {moved.high:g}"
    return {
        "question": question,
        "formula": formula,
        "scope": scope,
        "input": moved.name,
        "baseline": float(getattr(world.impact.scenario, moved.name, 1.0)),
        "low": moved.low,
        "high": moved.high,
        "value": value,
        "found": found,
    }
