"""Tables of what the reserve buys: protection, and costs against benefits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.cost import ratio
from analysis.impact.rows import bounded, by_exchange
from analysis.market.panel import FloatArray
from analysis.market.pool import pool

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

YEARS_AT_MOST = 1e6
"""Longest return period that is shown; beyond it the cell is blank."""


def protection_table(impact: Impact) -> pd.DataFrame:
    """How often, and how far, the complete reserve and its insurance pay a year's loss."""
    bought, interval = impact.appraisal.steady, impact.scenario.interval
    uncovered = pool(bought.uncovered, interval)
    exceedance = bought.exceedance.mean(axis=-2)
    years = np.divide(1.0, exceedance, out=np.full(exceedance.shape, np.nan), where=exceedance > 0)
    return by_exchange(
        impact,
        coverage_probability=1 - exceedance,
        coverage_given_loss=bought.coverage_given_loss.mean(axis=-2),
        expected_loss_jpy_mn=impact.annual_loss.mean.mean(axis=0),
        expected_uncovered_loss_jpy_mn=uncovered.estimate,
        expected_uncovered_loss_low_jpy_mn=uncovered.low,
        expected_uncovered_loss_high_jpy_mn=uncovered.high,
        shortfall_beyond_jpy_mn=ratio(uncovered.estimate, exceedance),
        return_period_years=np.where(years > YEARS_AT_MOST, np.nan, years),
        paid_by_reserve_jpy_mn=bought.paid_by_reserve.mean(axis=-2),
        paid_by_insurance_jpy_mn=bought.paid_by_insurance.mean(axis=-2),
        customers_loss_without_jpy_mn=bought.lost_without.mean(axis=-2),
        avoided_loss_jpy_mn=bought.avoided.mean(axis=-2),
        stranded_without_jpy_mn=bought.stranded_without.mean(axis=-2),
        stranded_avoided_jpy_mn=(bought.stranded_without - bought.stranded_with).mean(axis=-2),
    )


def appraisal_table(impact: Impact) -> pd.DataFrame:
    """Costs and benefits of each formula, all exchanges together.

    A ratio is that of the two means; its bounds are those of the data sets in which it exists.
    """
    appraisal, interval = impact.appraisal, impact.scenario.interval
    columns: dict[str, object] = {"formula": [formula.id for formula in impact.formulas]}
    for name, draws in _amounts(impact).items():
        columns |= bounded(f"{name}|jpy_mn", draws, interval)
    for name, (part, whole) in _ratios(impact).items():
        columns |= _of_means(name, part, whole, interval)
    chances = {
        "positive_npv_probability": appraisal.net_present_value,
        "positive_npv_with_failures_probability": appraisal.net_with_failures,
    }
    return pd.DataFrame(columns | {n: (draws > 0).mean(axis=-1) for n, draws in chances.items()})


def _amounts(impact: Impact) -> dict[str, FloatArray]:
    """Amounts of the appraisal by name, (formula, draw), JPY mn or JPY mn per year."""
    appraisal = impact.appraisal
    yearly, lost = appraisal.annual_benefit, impact.annual_loss.mean.sum(axis=-1)
    return {
        "expected_loss": np.broadcast_to(lost, appraisal.annual_cost.shape),
        "annual_cost": impact.annual_cost.sum(axis=-1),
        "annual_total_cost": appraisal.annual_cost,
        "annual_benefit": yearly.customers,
        "avoided_loss": appraisal.steady.avoided.sum(axis=-1),
        "earlier_payment": yearly.earlier,
        "failures_avoided": yearly.failures,
        "cost_value": appraisal.cost_value,
        "benefit_value": appraisal.benefit_value.customers,
        "npv": appraisal.net_present_value,
        "npv_net_of_transfers": appraisal.net_of_transfers,
        "npv_with_failures": appraisal.net_with_failures,
        "net_direct_cost_to_business": appraisal.net_direct_cost_to_business,
        "insurers_margin": appraisal.insurers_margin,
    }


def _ratios(impact: Impact) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Both parts of each ratio of the appraisal, (formula, draw)."""
    appraisal = impact.appraisal
    value, cost = appraisal.benefit_value, appraisal.cost_value
    claims, premium = appraisal.steady.paid_by_insurance, impact.steady.premium
    return {
        "benefit_cost_ratio": (value.customers, cost),
        "benefit_cost_ratio_with_failures": (value.customers + value.failures, cost),
        "benefit_cost_ratio_reformed": (value.customers + value.failures_reformed, cost),
        "insurance_loss_ratio": (claims.sum(axis=-1), premium.sum(axis=-1)),
    }


def _of_means(
    name: str, part: FloatArray, whole: FloatArray, interval: float
) -> dict[str, FloatArray]:
    """Ratio of the means over data sets, and bounds over those in which it exists."""
    each, tails = ratio(part, whole), [(1 - interval) / 2, (1 + interval) / 2]
    bounds = np.full((2, len(each)), np.nan)
    some = np.isfinite(each).any(axis=-1)
    if some.any():
        bounds[:, some] = np.nanquantile(each[some], tails, axis=-1)
    low, high = bounds
    middle = ratio(part.mean(axis=-1), whole.mean(axis=-1))
    return {name: middle, f"{name}_low": low, f"{name}_high": high}
