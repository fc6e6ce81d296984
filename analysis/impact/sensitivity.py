"""One panel under other parameters: named variants, and each price moved over its swept range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.funding import net_assets_after
from analysis.impact.industry import industry
from analysis.market.panel import Panel
from analysis.rules.formula import Formula
from analysis.scenario import Scenario
from analysis.scenario.funding import FundingParameters
from analysis.scenario.panel import PanelParameters

#: Prices and terms behind the cost of a reserve; none of them changes the panel or the formulas.
COST_PARAMETERS = (
    "cost_of_equity",
    "reserve_yield",
    "running_cost_jpy_mn",
    "one_off_cost_jpy_mn",
    "discount_rate",
    *(
        name
        for name in FundingParameters.model_fields
        if name not in {"treatment", "retained_earnings_only"}
    ),
)


def variants(
    panel: Panel,
    scenario: Scenario,
    changes: Mapping[str, Mapping[str, Any]],
    formulas: Sequence[Formula] | None = None,
) -> pd.DataFrame:
    """Industry table of each variant of a scenario, one row per variant and formula.

    Parameters
    ----------
    changes : mapping of name to parameters
        What each variant changes; an empty mapping is the scenario itself. Parameters of the
        panel cannot be among them, since the panel stays.
    formulas : sequence of Formula, optional
        By default the candidates of each variant.

    Returns
    -------
    DataFrame
        `variant`, then the columns of the `industry` table, `exchanges_unfunded` (cash may not
        come from anywhere for a part of the requirement) and `exchanges_negative_net_assets`
        (reported, after the reserve), means over data sets.
    """
    parts = []
    for name, change in changes.items():
        impact = evaluate(panel, _changed(scenario, change), formulas)
        table = industry(impact).assign(
            exchanges_unfunded=_count(impact.steady.unfunded > _rounding(impact)),
            exchanges_negative_net_assets=_count(
                net_assets_after(panel["net_assets"], impact.steady.cash, impact.scenario.treatment)
                < 0
            ),
        )
        table.insert(0, "variant", name)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def one_at_a_time(
    panel: Panel,
    scenario: Scenario,
    names: Iterable[str] = COST_PARAMETERS,
    formulas: Sequence[Formula] | None = None,
) -> pd.DataFrame:
    """Equivalent annual cost at both ends of each parameter's swept range, all others staying.

    Returns
    -------
    DataFrame, one row per formula and parameter:
        `low`, `high`: ends of the range; `central_jpy_mn`, `at_low_jpy_mn`, `at_high_jpy_mn`:
        mean over data sets of the cost summed over exchanges.

    Raises
    ------
    InputError
        A parameter without a swept range, or one that changes the panel.
    """
    central = evaluate(panel, scenario, formulas)
    parts = []
    for name in names:
        low, high = swept(name)
        ends = [
            evaluate(panel, _changed(scenario, {name: value}), formulas) for value in (low, high)
        ]
        parts.append(
            pd.DataFrame(
                {
                    "formula": [formula.id for formula in central.formulas],
                    "parameter": name,
                    "low": low,
                    "high": high,
                    "central_jpy_mn": _total(central),
                    "at_low_jpy_mn": _total(ends[0]),
                    "at_high_jpy_mn": _total(ends[1]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def swept(name: str) -> tuple[float, float]:
    """Range over which a parameter is swept, of the parameter's own type.

    Raises
    ------
    InputError
        No such parameter, or one without a range.
    """
    field = Scenario.model_fields.get(name)
    extra = cast(Mapping[str, Any], field.json_schema_extra) if field else {}
    if field is None or extra["swept"] is None:
        raise InputError(
            f"parameter '{name}' has no swept range; give one that has, such as "
            f"{COST_PARAMETERS[0]}"
        )
    low, high = extra["swept"]
    return (int(low), int(high)) if field.annotation is int else (low, high)


def _changed(scenario: Scenario, change: Mapping[str, Any]) -> Scenario:
    if fixed := sorted(set(change) & set(PanelParameters.model_fields) - {"interval"}):
        raise InputError(f"parameter '{fixed[0]}' changes the panel; build another panel for it")
    return scenario.with_(**change)


def _total(impact: Impact) -> np.ndarray:
    return np.asarray(impact.equivalent_annual_cost.sum(axis=-1).mean(axis=-1))


def _count(which: np.ndarray) -> np.ndarray:
    return np.asarray(which.sum(axis=-1).mean(axis=-1))


def _rounding(impact: Impact) -> np.ndarray:
    """Amounts below a billionth of the requirement are rounding."""
    return 1e-9 * impact.required
