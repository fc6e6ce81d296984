"""The same amounts in another world: other judgements, payers, prices or losses.

What a rule asks stays, that of rules on losses too: the question is what a rule, once fixed, is
worth if the world is not as assumed. Only what moves is computed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.appraisal import Appraisal
from analysis.impact.cost import ratio
from analysis.impact.evaluate import Impact, with_amounts
from analysis.impact.sensitivity import swept
from analysis.market.panel import FloatArray
from analysis.scenario.appraisal import AppraisalParameters
from analysis.scenario.protection import ProtectionParameters
from analysis.scenario.rules import RuleParameters

#: Left out: what reforms move, and insurers' expenses, which only cancelled transfers show.
BESIDE = (
    *(name for name in ProtectionParameters.model_fields if name.endswith("_reformed")),
    "insurer_expense_share",
)

#: How a reserve is weighed, and what pays beside it.
JUDGEMENTS = tuple(
    name
    for name in (*AppraisalParameters.model_fields, *ProtectionParameters.model_fields)
    if name not in BESIDE
)

#: What decides who pays beside losses and what is held; all else prices payments.
PAYERS = (
    "insurance_response",
    "insurer_default_haircut",
    "insurance_deductible",
    "voluntary_payment",
    "estate_recovery",
)

MEASURES = ("customers", "with_failures")

NOTHING = 1e-9
"""Difference of two ratios below which nothing has moved."""


def reweighed(impact: Impact, changes: Mapping[str, Any]) -> Impact:
    """The evaluation with the amounts that it asks, and whatever else `changes` moves.

    Prices move the mix of cash and insurance and what it costs; payers and losses what is paid;
    judgements what that is worth.

    Raises
    ------
    InputError
        A parameter that changes the panel or the rules, or a value out of its range.
    """
    if fixed := sorted(set(changes) & set(RuleParameters.model_fields)):
        raise InputError(f"parameter '{fixed[0]}' changes what is asked; evaluate anew with it")
    scenario = impact.scenario.with_(**changes)
    losses = impact.losses.under(scenario)
    moved = with_amounts(impact.required, impact.formulas, impact.exposure, losses, scenario)
    if _pays_alike(impact, moved):
        vars(moved)["appraisal"] = Appraisal(moved, impact.appraisal.steady)
    return moved


def _pays_alike(one: Impact, other: Impact) -> bool:
    """Whether the same is lost, and the same payers have the same to pay with."""
    return (
        one.losses is other.losses
        and all(getattr(one.scenario, name) == getattr(other.scenario, name) for name in PAYERS)
        and np.array_equal(one.steady.cash, other.steady.cash)
        and np.array_equal(one.steady.limit, other.steady.limit)
    )


def by_judgement(impact: Impact, names: Iterable[str] = JUDGEMENTS) -> pd.DataFrame:
    """Benefit over cost at both ends of each judgement's swept range, one at a time.

    Both are those of a year once the reserve is complete, so the build-up and the one-off cost are
    left out, unlike in `Appraisal.benefit_cost_ratio`.

    Returns
    -------
    DataFrame
        One row per formula, parameter and measure (`customers`: benefit to customers whose crypto
        is stolen; `with_failures`: failures avoided beside): `low`, `high` (ends of the range, or
        the scenario's own value where that lies beyond), `central`, `at_low`, `at_high` (of
        means over data sets; NaN where nothing is asked).
    """
    central = _yearly_ratios(impact)
    parts: list[pd.DataFrame] = []
    for name in names:
        ends = _range(impact, name)
        at_low, at_high = (_yearly_ratios(reweighed(impact, {name: end})) for end in ends)
        parts.extend(
            pd.DataFrame(
                {
                    "formula": [formula.id for formula in impact.formulas],
                    "parameter": name,
                    "measure": measure,
                    "low": ends[0],
                    "high": ends[1],
                    "central": central[measure],
                    "at_low": at_low[measure],
                    "at_high": at_high[measure],
                }
            )
            for measure in MEASURES
        )
    return pd.concat(parts, ignore_index=True)


def most_favourable(table: pd.DataFrame, measure: str) -> dict[str, float]:
    """End of each judgement at which a measure, on average over formulas, is higher.

    Taken one at a time from `by_judgement`. All of them together are a corner of what is possible,
    neither likely nor, since judgements may interact, proved to be the highest. A judgement that
    moves the measure at neither end is left as it is.
    """
    chosen = table[table["measure"] == measure]
    means = chosen.groupby("parameter", sort=False)[["low", "high", "at_low", "at_high"]].mean()
    moving = means[(means["at_high"] - means["at_low"]).abs() > NOTHING]
    ends = moving["high"].where(moving["at_high"] > moving["at_low"], moving["low"])
    return {str(name): float(end) for name, end in ends.items()}


def _range(impact: Impact, name: str) -> tuple[float, float]:
    low, high = swept(name)
    own = getattr(impact.scenario, name)
    return min(low, own), max(high, own)


def _yearly_ratios(impact: Impact) -> dict[str, FloatArray]:
    """Each measure as a ratio of means over data sets, (formula,)."""
    worth, spent = impact.appraisal.annual_benefit, impact.appraisal.annual_cost.mean(axis=-1)
    amounts = {"customers": worth.customers, "with_failures": worth.customers + worth.failures}
    return {name: ratio(amount.mean(axis=-1), spent) for name, amount in amounts.items()}
