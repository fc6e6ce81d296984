"""What losses without a thief add to the industry's loss, and on how little that rests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.losses.credibility import class_counts
from analysis.losses.exceedance import return_level, return_levels
from analysis.losses.model import market_model
from analysis.losses.shares import loss_shares
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

READINGS: Mapping[str, Mapping[str, Any]] = {
    "thefts alone": {"operational_losses": "excluded"},
    "with losses without a thief": {"operational_losses": "included"},
    "with the two doubtful ones too": {"operational_losses": "with_doubtful"},
    "with the share of 2011 too": {
        "operational_losses": "with_doubtful",
        "severity_sample": "from_2011",
    },
}
"""Changes of the scenario, each with more weight on losses without a thief than the one before."""


def operational_table(
    values: Mapping[str, FloatArray], scenario: Scenario, level: float, chance: float = 0.01
) -> pd.DataFrame:
    """The industry's loss of a year with and without losses without a thief.

    The share lost in such an event is of the class's median plus the spread that all classes share
    (`severity_fit`); its interval is that of one measured share, or of two with that of 2011.

    Parameters
    ----------
    values : panel values by field, each (draw, exchange).
    level : share of the data sets inside the intervals.
    chance : of a year whose loss is exceeded.

    Returns
    -------
    DataFrame
        reading, chosen (whether the scenario is that), events (since 2018), shares (measured, in
        the fit), rate (a year and exchange), lost_share, lost_share_low, lost_share_high (mean
        share lost in one event), expected_jpy_mn, expected_low, expected_high, return_level_jpy_mn,
        return_level_low, return_level_high, operational_part, operational_low, operational_high
        (of the expected loss: of its mean, and of the data sets).
    """
    ends = [(1 - level) / 2, (1 + level) / 2]
    rows = []
    for reading, changes in READINGS.items():
        moved = scenario.with_(**changes)
        chosen = all(getattr(scenario, name) == value for name, value in changes.items())
        rows.append({"reading": reading, "chosen": chosen} | _row(values, moved, ends, chance))
    return pd.DataFrame(rows)


def _row(
    values: Mapping[str, FloatArray], scenario: Scenario, ends: list[float], chance: float
) -> dict[str, float]:
    model = market_model(values, scenario)
    fields = ("customer_crypto", "hot_share", "incident_count", "years_registered")
    custody, hot_share, *record = (values[name] for name in fields)
    annual = model.annual_loss(custody, hot_share, *record)
    industry = model.industry_loss(annual)
    one = replace(model.error, held=custody, hot_share=hot_share).limited_mean(custody)
    rate = model.frequency(custody, *record)[1]
    slips, total = (rate * one).sum(axis=-1), annual.mean.sum(axis=-1)
    part = np.divide(slips, total, out=np.zeros_like(total), where=total > 0)
    whole = float(slips.sum() / total.sum()) if total.any() else 0.0
    lost = (one.sum(axis=-1) / custody.sum(axis=-1)) if rate.any() else np.full(len(one), np.nan)
    shares = loss_shares(scenario.severity_sample)["operational"].sum()
    return {
        "events": class_counts(scenario.operational_losses)[0],
        "shares": int(shares) if rate.any() else 0,
        "rate": float(rate.mean()),
        **_spread("lost_share", float(lost.mean()), lost, ends),
        **_spread("expected", float(total.mean()), total, ends, unit="_jpy_mn"),
        **_spread(
            "return_level",
            return_level(industry, chance)[0],
            return_levels(industry, chance),
            ends,
            unit="_jpy_mn",
        ),
        **_spread("operational", whole, part, ends, unit="_part"),
    }


def _spread(
    name: str, centre: float, draws: FloatArray, ends: list[float], unit: str = ""
) -> dict[str, float]:
    low, high = np.quantile(draws, ends)
    return {f"{name}{unit}": centre, f"{name}_low": float(low), f"{name}_high": float(high)}
