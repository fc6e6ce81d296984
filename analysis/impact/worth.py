"""Tables of what the reserve buys: protection, and costs against benefits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.cost import ratio
from analysis.impact.rows import by_exchange
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
    yearly, value = appraisal.annual_benefit, appraisal.benefit_value
    columns: dict[str, object] = {"formula": [formula.id for formula in impact.formulas]}
    for name, draws in {
        "expected_loss|_jpy_mn": np.broadcast_to(
            impact.annual_loss.mean.sum(axis=-1), appraisal.annual_cost.shape
        ),
        "annual_cost|_jpy_mn": impact.annual_cost.sum(axis=-1),
        "annual_total_cost|_jpy_mn": appraisal.annual_cost,
        "annual_benefit|_jpy_mn": yearly.customers,
        "avoided_loss|_jpy_mn": appraisal.steady.avoided.sum(axis=-1),
        "earlier_payment|_jpy_mn": yearly.earlier,
        "failures_avoided|_jpy_mn": yearly.failures,
        "cost_value|_jpy_mn": appraisal.cost_value,
        "benefit_value|_jpy_mn": value.customers,
        "npv|_jpy_mn": appraisal.net_present_value,
        "npv_net_of_transfers|_jpy_mn": appraisal.net_of_transfers,
        "npv_with_failures|_jpy_mn": appraisal.net_with_failures,
        "net_direct_cost_to_business|_jpy_mn": appraisal.net_direct_cost_to_business,
        "insurers_margin|_jpy_mn": appraisal.insurers_margin,
    }.items():
        stem, _, unit = name.partition("|")
        pooled = pool(draws, interval, axis=-1)
        columns[f"{stem}{unit}"] = pooled.estimate
        columns[f"{stem}_low{unit}"], columns[f"{stem}_high{unit}"] = pooled.low, pooled.high
    worth = {
        "benefit_cost_ratio": value.customers,
        "benefit_cost_ratio_with_failures": value.customers + value.failures,
        "benefit_cost_ratio_reformed": value.customers + value.failures_reformed,
    }
    for name, draws in worth.items():
        columns |= _of_means(name, draws, appraisal.cost_value, interval)
    claims = appraisal.steady.paid_by_insurance.sum(axis=-1)
    premium = impact.steady.premium.sum(axis=-1)
    columns |= _of_means("insurance_loss_ratio", claims, premium, interval)
    chances = {
        "positive_npv_probability": appraisal.net_present_value,
        "positive_npv_with_failures_probability": appraisal.net_with_failures,
    }
    for name, draws in chances.items():
        columns[name] = (draws > 0).mean(axis=-1)
    return pd.DataFrame(columns)


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
