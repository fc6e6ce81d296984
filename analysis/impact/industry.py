"""Totals of the industry and of size bands."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.impact.cost import BASIS_POINTS, equivalent_annual_cost, ratio
from analysis.impact.rows import bounded
from analysis.market.industry import industry_table
from analysis.market.panel import BANDS, FloatArray, over_exchanges, size_bands
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

YEN_PER_JPY_MN = 1e6


def industry(impact: Impact) -> pd.DataFrame:
    """One row per formula: totals of the evaluated exchanges, each with low and high.

    Ratios are taken within each data set and then pooled, so their bounds follow the spread of
    both parts. `yen_per_account` divides by the accounts of the whole industry at the last month
    at or before the base month that has a figure; `imputed_share` is weighted by the requirement.
    `exchanges_without_free_assets` have none before any reserve: they are short under every
    formula that asks them for cash, and because of none.
    """
    ids = [formula.id for formula in impact.formulas]
    return pd.DataFrame({"formula": ids, **totals(impact)})


def totals(impact: Impact) -> dict[str, FloatArray]:
    """Columns of the table, (formula,), or (formula, scenario) of an evaluation of several."""
    measures = _measures(impact) | _other_duties(impact)
    shape = np.broadcast_shapes(*(draws.shape for draws in measures.values()))
    together = np.empty((len(measures), *shape))
    for place, draws in enumerate(measures.values()):
        together[place] = draws
    columns = bounded(list(measures), together, impact.scenario.interval)
    share = _weighted_imputed_share(impact, np.ones(len(impact.panel.exchanges)))
    return {**columns, "imputed_share": share}


def _measures(impact: Impact) -> dict[str, FloatArray]:
    """Totals by name, the unit after a bar, (formula, ..., draw)."""
    panel, steady, scenario = impact.panel, impact.steady, impact.scenario
    response, value = impact.response, impact.value_of_industry
    cost, volume = over_exchanges(impact.annual_cost), over_exchanges(panel["spot_volume"])
    level = equivalent_annual_cost(value, scenario.discount_rate, scenario.horizon_years)
    lost = over_exchanges(response.volume_lost_share * panel["spot_volume"])
    return {
        "required|jpy_mn": over_exchanges(impact.required),
        "cash|jpy_mn": over_exchanges(steady.cash),
        "insured|jpy_mn": over_exchanges(steady.insured),
        "unfunded|jpy_mn": over_exchanges(steady.unfunded),
        "annual_cost|jpy_mn": cost,
        "equivalent_annual_cost|jpy_mn": level[..., 0],
        "present_value|jpy_mn": value[..., 0],
        "share_of_revenue": ratio(cost, over_exchanges(panel["operating_revenue"])),
        "share_of_profit": ratio(cost, over_exchanges(panel["operating_profit"])),
        "bp_of_volume": BASIS_POINTS * ratio(cost, volume),
        "yen_per_account": YEN_PER_JPY_MN * cost / accounts(scenario),
        "volume_lost_share": ratio(lost, volume),
        "revenue_lost|jpy_mn": over_exchanges(response.revenue_lost),
        "borne_by_customers|jpy_mn": over_exchanges(response.borne_by_customers),
        "borne_by_owners|jpy_mn": over_exchanges(response.borne_by_owners),
        "deadweight_loss|jpy_mn": over_exchanges(response.deadweight_loss),
        "shortfall|jpy_mn": over_exchanges(impact.shortfall),
        "exchanges_short": over_exchanges((impact.shortfall > 0).astype(float)),
        "exchanges_without_free_assets": over_exchanges((impact.free <= 0).astype(float)),
    }


def _other_duties(impact: Impact) -> dict[str, FloatArray]:
    duties = impact.other_duties
    if duties is None:
        return {}
    return {
        f"other_duties_{name}|jpy_mn": over_exchanges(array) for name, array in vars(duties).items()
    }


def size_band_table(impact: Impact) -> pd.DataFrame:
    """One row per formula and size band: what it asks, costs and who is short.

    `median_annual_cost_jpy_mn` is the cost of the exchange in the middle of its band.
    """
    bands = size_bands(impact.panel)
    required, cost = impact.required.mean(axis=-2), impact.annual_cost.mean(axis=-2)
    revenue = impact.panel["operating_revenue"].mean(axis=0)
    short = (impact.shortfall > 0).mean(axis=-2)
    parts = []
    for band in BANDS:
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        parts.append(
            pd.DataFrame(
                {
                    "formula": [formula.id for formula in impact.formulas],
                    "band": band,
                    "n_exchanges": int(inside.sum()),
                    "required_jpy_mn": required[:, inside].sum(axis=-1),
                    "annual_cost_jpy_mn": cost[:, inside].sum(axis=-1),
                    "median_annual_cost_jpy_mn": np.median(cost[:, inside], axis=-1),
                    "share_of_revenue": ratio(cost[:, inside].sum(axis=-1), revenue[inside].sum()),
                    "exchanges_short": short[:, inside].sum(axis=-1),
                    "imputed_share": _weighted_imputed_share(impact, inside.astype(float)),
                }
            )
        )
    order = {formula.id: place for place, formula in enumerate(impact.formulas)}
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("formula", key=lambda ids: ids.map(order), kind="stable").reset_index(
        drop=True
    )


def accounts(scenario: Scenario) -> float:
    """Customer accounts of the industry, last month with a figure at or before the base month.

    NaN where no such month is known, so that what is divided by it stays blank.
    """
    if scenario.industry_table is None:
        return _shipped_accounts(scenario.base_month)
    return _accounts(industry_table(scenario), scenario.base_month)


@lru_cache(maxsize=16)
def _shipped_accounts(base_month: str) -> float:
    return _accounts(read("market/industry_monthly"), base_month)


def _accounts(table: pd.DataFrame, base_month: str) -> float:
    months = table[(table["measure"] == "accounts_set") & (table["period_type"] == "month")]
    known = months[months["period"] <= base_month].sort_values("period")
    return float(known["value"].iloc[-1]) if len(known) else float("nan")


def _weighted_imputed_share(impact: Impact, weight: FloatArray) -> FloatArray:
    required = impact.required.mean(axis=-2) * weight
    imputed = np.nan_to_num(impact.imputed_share) * required
    return ratio(imputed.sum(axis=-1), required.sum(axis=-1))
