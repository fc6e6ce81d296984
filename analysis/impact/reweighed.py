"""The same reserves weighed otherwise: what each judgement of the appraisal moves.

None of these parameters changes what is required, held, paid for or lost, so nothing of that is
computed again. Prices and rates of losses do: see `analysis.impact.switching`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.errors import InputError
from analysis.impact.benefit import benefit
from analysis.impact.cost import ratio
from analysis.impact.evaluate import Impact
from analysis.impact.protection import Protection
from analysis.impact.sensitivity import swept
from analysis.market.panel import FloatArray
from analysis.scenario.appraisal import AppraisalParameters
from analysis.scenario.protection import ProtectionParameters

#: How a reserve is weighed, and what pays beside it.
JUDGEMENTS = tuple(
    name
    for name in (*AppraisalParameters.model_fields, *ProtectionParameters.model_fields)
    if not name.endswith("_reformed")
)

#: Those among them that decide who pays; the others price payments that stay as they are.
WHO_PAYS = frozenset({"insurance_response", "voluntary_payment", "estate_recovery"})

MEASURES = ("customers", "with_failures")

NOTHING = 1e-9
"""Difference of two ratios below which nothing has moved."""


def reweighed(impact: Impact, changes: Mapping[str, Any]) -> Impact:
    """The evaluation with its reserves as they are, and other judgements on their worth.

    Parameters
    ----------
    changes : mapping of name to value
        Only names of `JUDGEMENTS`, and `discount_rate`.

    Raises
    ------
    InputError
        A name that is none of them, or a value out of its range.
    """
    if strangers := sorted(set(changes) - {*JUDGEMENTS, "discount_rate"}):
        raise InputError(
            f"parameter '{strangers[0]}' changes the reserves or their cost; evaluate anew with it,"
            f" or give one of: {', '.join(JUDGEMENTS)}"
        )
    return replace(impact, scenario=impact.scenario.with_(**changes))


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
    bought = impact.appraisal.steady
    central = _yearly_ratios(impact, bought)
    parts: list[pd.DataFrame] = []
    for name in names:
        ends = _range(impact, name)
        at_low, at_high = (
            _yearly_ratios(changed, changed.appraisal.steady if name in WHO_PAYS else bought)
            for changed in (reweighed(impact, {name: end}) for end in ends)
        )
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


def _yearly_ratios(impact: Impact, bought: Protection) -> dict[str, FloatArray]:
    """Each measure as a ratio of means over data sets, (formula,)."""
    worth, cost = benefit(bought, impact.scenario).of_industry(), impact.appraisal.annual_cost
    amounts = {"customers": worth.customers, "with_failures": worth.customers + worth.failures}
    spent = cost.mean(axis=-1)
    return {name: ratio(amount.mean(axis=-1), spent) for name, amount in amounts.items()}
