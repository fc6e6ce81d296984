"""Protection against cost over all formulas and calibrations, and which of them are dominated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.appraisal import Appraisal
from analysis.impact.cost import ratio
from analysis.impact.evaluate import evaluate
from analysis.impact.layers import Layers
from analysis.impact.replay_record import record
from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

YARDSTICK = "dmm_bitcoin_2024_05"
"""Largest loss at an operator that Japan had registered: what a rule may be expected to cover."""
MULTIPLIERS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SAME = 1e-9
"""Relative difference below which two points are one."""
MORE_IS_BETTER = ("avoided_loss_jpy_mn", "coverage_of_yardstick")
LESS_IS_BETTER = ("annual_total_cost_jpy_mn", "uncovered_share")


def frontier(
    panel: Panel,
    scenario: Scenario,
    multipliers: Sequence[float] = MULTIPLIERS,
    formulas: Sequence[Formula] | None = None,
) -> pd.DataFrame:
    """What each formula buys, and for how much, at each multiple of its amounts.

    Years once complete, the one-off cost spread; means over data sets; all exchanges together.

    Parameters
    ----------
    multipliers : each amount is multiplied with these.
    formulas : by default the candidates of the scenario.

    Returns
    -------
    DataFrame, one row per formula and multiplier:
        `annual_total_cost_jpy_mn`; `uncovered_share`: expected loss that neither reserve nor
        insurance pays, over all of it; `coverage_of_yardstick`: part of a loss as large as
        DMM Bitcoin's (or of all that an exchange holds, if that is less) that they pay, exchanges
        weighted by customer crypto; losses and failures avoided, ratios of benefit to cost;
        `dominated`: another row has no less of each protection at no more cost, and more of one.

    Raises
    ------
    InputError
        No multiplier, or one that is not above 0.
    """
    if not multipliers or min(multipliers) <= 0:
        raise InputError(f"multipliers = {tuple(multipliers)}; allowed: above 0; give e.g. 0.5, 1")
    base = candidates(scenario) if formulas is None else tuple(formulas)
    parts = []
    for multiplier in multipliers:
        scaled = [one if multiplier == 1 else one.times(multiplier) for one in base]
        parts.append(_points(evaluate(panel, scenario, scaled).appraisal))
    points = pd.concat(parts, ignore_index=True)
    points.insert(0, "formula", [one.id for one in base] * len(multipliers))
    points.insert(1, "multiplier", np.repeat(multipliers, len(base)).astype(float))
    return points.assign(dominated=dominated(points))


def dominated(points: pd.DataFrame) -> pd.Series:
    """Whether another row has no less protection at no more cost, and more or less of one.

    Rows that agree in everything do not dominate each other.
    """
    signed = np.column_stack(
        [*(points[name] for name in MORE_IS_BETTER), *(-points[name] for name in LESS_IS_BETTER)]
    )
    room = SAME * np.abs(signed).max(axis=0, initial=1.0)
    gap = signed[np.newaxis] - signed[:, np.newaxis]
    as_good, better = (gap >= -room).all(axis=-1), (gap > room).any(axis=-1)
    return pd.Series((as_good & better).any(axis=1), index=points.index)


def yardstick_coverage(appraisal: Appraisal) -> FloatArray:
    """Part of a loss as large as the yardstick that reserve and insurance pay, (formula, draw)."""
    impact, custody = appraisal.impact, appraisal.impact.panel["customer_crypto"]
    loss = np.minimum(_yardstick(), custody)
    shares = []
    for place, formula in enumerate(impact.formulas):
        mix = impact.steady.at(place)
        of = Layers.of_fund if formula.pooled else Layers.of
        layers = of(mix, impact.scenario)
        insured = np.clip(loss - layers.attachment, 0.0, layers.exhaustion - layers.attachment)
        paid = np.minimum(layers.cash, loss) + layers.response * insured
        share = np.nan_to_num(ratio(paid, loss))
        shares.append((share * custody).sum(axis=-1) / custody.sum(axis=-1))
    return np.stack(shares)


@cache
def _yardstick() -> float:
    return float(record().losses().only([YARDSTICK]).loss[0])


def _points(appraisal: Appraisal) -> pd.DataFrame:
    bought, benefit, cost = appraisal.steady, appraisal.annual_benefit, appraisal.level_cost
    expected = appraisal.impact.annual_loss.mean.sum(axis=-1)
    columns = {
        "annual_total_cost_jpy_mn": cost,
        "uncovered_share": ratio(bought.uncovered.sum(axis=-1), expected),
        "coverage_of_yardstick": yardstick_coverage(appraisal),
        "avoided_loss_jpy_mn": bought.avoided.sum(axis=-1),
        "failures_avoided_jpy_mn": benefit.failures,
    }
    means = {name: draws.mean(axis=-1) for name, draws in columns.items()}
    customers, price = benefit.customers.mean(axis=-1), means["annual_total_cost_jpy_mn"]
    return pd.DataFrame(
        {
            **means,
            "benefit_cost_ratio": ratio(customers, price),
            "benefit_cost_ratio_with_failures": ratio(
                customers + means["failures_avoided_jpy_mn"], price
            ),
        }
    )
