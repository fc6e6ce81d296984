"""Tables of who leaves, of the market after, and of who could start anew.

A named exchange's probability is output of a model fitted on few events, so it is never printed
without its interval, and with a band that is as precise as the figure deserves. Who has left
already has no figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.exits.number_of_exits import interval, number_of_exits
from analysis.exits.runs import run_cost
from analysis.impact.answers import extrapolates, left_with_leavers
from analysis.impact.concentration import effective_number, hhi, largest, shares
from analysis.impact.cost import ratio
from analysis.impact.entry import entry
from analysis.impact.marginal import margin
from analysis.impact.merger import mergers
from analysis.impact.rows import by_exchange
from analysis.market.panel import FloatArray
from analysis.market.pool import pool

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

EDGES = (0.05, 0.10, 0.20, 0.40, 0.60, 0.80)
LEFT = "left already"
"""Band of who is no longer there to leave."""
BANDS = ("< 5 %", "5-10 %", "10-20 %", "20-40 %", "40-60 %", "60-80 %", "> 80 %")


def band(probability: FloatArray) -> np.ndarray:
    """Band of a probability in words, same shape."""
    return np.asarray(BANDS)[np.searchsorted(EDGES, probability, side="right")]


def exits_table(impact: Impact) -> pd.DataFrame:
    """Probability of leaving within `exit_years`, and what it rests on."""
    exits, level = impact.exits, impact.scenario.interval
    leaving = pool(exits.policy, level)
    added = pool(exits.policy - exits.baseline, level)
    multiple = margin(exits)
    taken = mergers(impact, exits.fixed_cost, _variable_share(impact))
    without = exits.without_rule
    table = by_exchange(
        impact,
        exit_probability=leaving.estimate,
        low=leaving.low,
        high=leaving.high,
        band=np.where(exits.at_risk, band(leaving.estimate), LEFT),
        baseline_probability=exits.baseline.mean(axis=-2),
        added_probability=added.estimate,
        added_probability_low=added.low,
        added_probability_high=added.high,
        forced_probability=exits.forced.mean(axis=-2),
        exit_probability_after=(~impact.market_after.stays).mean(axis=-2),
        funding_test=(exits.short > 0).mean(axis=-2) <= 0.5,
        value_test=(exits.value_gap >= 0).mean(axis=-2) >= 0.5,
        value_test_without=(without.value >= 0).mean(axis=-2) >= 0.5,
        value_gap_years=np.median(exits.value_gap, axis=-2),
        value_gap_without_years=np.median(without.value, axis=-2),
        cost_to_owners_jpy_mn=exits.with_rule.cost.mean(axis=-2),
        cash_lacking_jpy_mn=exits.short.mean(axis=-2),
        support_probability=exits.support.mean(axis=-2),
        leaves_at_multiple=multiple.leaves,
        short_at_multiple=multiple.short,
        buyers=taken.buyers,
        buyer_profit_jpy_mn=taken.profit,
        merged_reserve_saving_jpy_mn=taken.reserve_saving,
    )
    return _blank(table, np.tile(~exits.at_risk, len(impact.formulas)))


def _blank(table: pd.DataFrame, left: NDArray[np.bool_]) -> pd.DataFrame:
    """The table without figures in the rows of who has left already."""
    tests = [name for name in table if table[name].dtype == bool]
    table = table.astype(dict.fromkeys(tests, "boolean"))
    figures = [name for name in table if name not in ("formula", "exchange", "band")]
    table.loc[left, figures] = pd.NA
    return table


def market_table(impact: Impact) -> pd.DataFrame:
    """Number of exits under each formula, and the market that is left."""
    exits, level, after = impact.exits, impact.scenario.interval, impact.market_after
    columns: dict[str, object] = {"formula": [formula.id for formula in impact.formulas]}
    for stem, chance in (("number", exits.policy), ("baseline_number", exits.baseline)):
        ends = interval(number_of_exits(chance), level)
        columns[f"{stem}_low"], columns[f"{stem}_high"] = ends
    for name, draws in (_numbers(impact) | _structure(impact)).items():
        columns |= _pooled(name, draws, level)
    columns["extrapolation"] = extrapolates(impact)
    columns["starts_differ_share"] = after.differ.mean(axis=-1)
    columns["unsettled_exchanges"] = after.regret.sum(axis=-1).mean(axis=-1)
    columns["unsettled_exchanges_second"] = after.regret_second.sum(axis=-1).mean(axis=-1)
    columns["rounds"] = after.rounds[:, 0]
    return pd.DataFrame(columns)


def entry_table(impact: Impact) -> pd.DataFrame:
    """Smallest newcomer that breaks even under each formula."""
    found = entry(impact, impact.exits.fixed_cost, _variable_share(impact))
    revenue = impact.panel["operating_revenue"].mean(axis=0)[impact.exits.at_risk]
    # Where nobody breaks even all are below.
    least = np.where(np.isnan(found.revenue), np.inf, found.revenue)
    return pd.DataFrame(
        {
            "formula": [formula.id for formula in impact.formulas],
            "newcomer_revenue_jpy_mn": found.revenue[1:],
            "newcomer_custody_jpy_mn": found.custody[1:],
            "newcomer_required_jpy_mn": found.required[1:],
            "newcomer_revenue_without_jpy_mn": found.revenue[0],
            "newcomer_start_up_jpy_mn": found.start_up,
            "newcomer_fixed_cost_jpy_mn": found.fixed_cost,
            "exchanges_below": (revenue < least[1:, np.newaxis]).sum(axis=-1),
            "exchanges_below_without": int((revenue < least[0]).sum()),
        }
    )


def _variable_share(impact: Impact) -> float:
    return float(impact.exits.model.process.variable_share.mean())


def _numbers(impact: Impact) -> dict[str, FloatArray]:
    """Sums over exchanges by name, the unit after a bar, (formula, draw)."""
    exits, after = impact.exits, impact.market_after
    fewest, most = after.ends
    volume, custody = shares(impact.panel["spot_volume"]), shares(impact.panel["customer_crypto"])
    return {
        "expected_exits": exits.policy.sum(axis=-1),
        "baseline_exits": exits.baseline.sum(axis=-1),
        "added_exits": (exits.policy - exits.baseline).sum(axis=-1),
        "forced_exits": exits.forced.sum(axis=-1),
        "exits_after": after.exits,
        "exits_after_fewest": fewest,
        "exits_after_most": most,
        "volume_at_risk_share": (exits.policy * volume).sum(axis=-1),
        "volume_at_risk_without_share": (exits.baseline * volume).sum(axis=-1),
        "custody_at_risk_share": (exits.policy * custody).sum(axis=-1),
        "custody_at_risk_without_share": (exits.baseline * custody).sum(axis=-1),
        "volume_of_leavers_share": left_with_leavers(impact),
        **_runs(impact),
    }


def _structure(impact: Impact) -> dict[str, FloatArray]:
    """Concentration and the outside, before, after and without the rule, (formula, draw)."""
    after, without, panel = impact.market_after, impact.market_without_rule, impact.panel
    today, volume = panel["spot_volume"], panel["spot_volume"] * after.volume
    alone = panel["spot_volume"] * without.volume
    shape = after.outside.shape
    found = {
        "hhi_before": hhi(today),
        "hhi_after": hhi(volume),
        "hhi_without": hhi(alone),
        "hhi_custody_before": hhi(panel["customer_crypto"]),
        "hhi_custody_after": hhi(panel["customer_crypto"] * after.custody),
        "cr3_before": largest(today),
        "cr3_after": largest(volume),
        "effective_number_before": effective_number(today),
        "effective_number_after": effective_number(volume),
        "offshore_share": after.outside,
        "offshore_share_without": without.outside,
        "price_rise_bp": ratio(
            (impact.response.price_change_bp * volume).sum(axis=-1), volume.sum(axis=-1)
        ),
    }
    return {name: np.broadcast_to(draws, shape) for name, draws in found.items()}


def _runs(impact: Impact) -> dict[str, FloatArray]:
    """What runs after losses cost exchanges in a year, with and without the rule."""
    scenario, variable = impact.scenario, impact.exits.model.process.variable_share
    covered = impact.appraisal.steady.coverage_given_loss
    cost = [
        run_cost(
            (1 - variable) * impact.panel["operating_revenue"],
            1 - impact.annual_loss.none,
            paid,
            (scenario.days_to_payment, scenario.days_to_payment_from_reserve),
            scenario.run_share,
            scenario.run_return_days,
        ).sum(axis=-1)
        for paid in (covered, np.zeros_like(covered))
    ]
    return dict(zip(("run_cost|_jpy_mn", "run_cost_without|_jpy_mn"), cost, strict=True))


def _pooled(name: str, draws: FloatArray, level: float) -> dict[str, FloatArray]:
    """Mean and bounds over the data sets in which there is a figure; NaN where there is none."""
    stem, _, unit = name.partition("|")
    known = [row[np.isfinite(row)] for row in draws]
    figures = [pool(row, level, axis=-1) if row.size > 1 else None for row in known]
    return {
        f"{stem}{suffix}{unit}": np.array(
            [np.nan if one is None else float(getattr(one, field)) for one in figures]
        )
        for suffix, field in (("", "estimate"), ("_low", "low"), ("_high", "high"))
    }
