"""What a year's cost and an exchange's free liquid assets consist of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.cost import ratio
from analysis.impact.liquidity import capital_floor, matched_crypto
from analysis.market.panel import size_bands
from analysis.market.pool import pool

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

COST_PARTS = ("carry", "premium", "running")


def cost_parts(impact: Impact) -> pd.DataFrame:
    """Cost of a year once the reserve is complete, split, one row per formula and exchange.

    Carry is the return that owners forgo on the cash held; premium is what insurers are paid;
    running is administration. Means over data sets; the three add up to the annual cost.

    Returns
    -------
    DataFrame
        Columns formula, exchange, carry_jpy_mn, premium_jpy_mn, running_jpy_mn.
    """
    scenario, names = impact.scenario, impact.panel.exchanges
    rate = scenario.carry_rate
    parts = {
        "carry": rate * impact.steady.cash,
        "premium": impact.steady.premium,
        "running": scenario.running_cost_jpy_mn * (impact.required > 0),
    }
    return pd.DataFrame(
        {
            "formula": np.repeat([formula.id for formula in impact.formulas], len(names)),
            "exchange": np.tile(names, len(impact.formulas)),
        }
        | {f"{part}_jpy_mn": parts[part].mean(axis=-2).ravel() for part in COST_PARTS}
    )


def profit_by_band(impact: Impact) -> pd.DataFrame:
    """What a year's cost takes from operating profit, by size band.

    Returns
    -------
    DataFrame, one row per formula and band:
        formula, band, n_exchanges, annual_cost_jpy_mn, `share_of_revenue` and `share_of_profit`
        of the band (blank where the band has none), `profitable`: exchanges with an operating
        profit, and of these `turned_to_loss`: exchanges whose cost exceeds it; both means over
        data sets.
    """
    panel, bands, ids = impact.panel, size_bands(impact.panel), [f.id for f in impact.formulas]
    profit, cost = panel["operating_profit"], impact.annual_cost
    revenue, before = panel["operating_revenue"].mean(axis=0), (profit > 0).mean(axis=0)
    turned = ((profit > 0) & (cost > profit)).mean(axis=-2)
    parts = []
    for band in bands.cat.categories:
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        total = cost.mean(axis=-2)[:, inside].sum(axis=-1)
        parts.append(
            pd.DataFrame(
                {
                    "formula": ids,
                    "band": band,
                    "n_exchanges": int(inside.sum()),
                    "annual_cost_jpy_mn": total,
                    "share_of_revenue": ratio(total, revenue[inside].sum()),
                    "share_of_profit": ratio(total, profit.mean(axis=0)[inside].sum()),
                    "profitable": before[inside].sum(),
                    "turned_to_loss": turned[:, inside].sum(axis=-1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def liquid_parts(impact: Impact) -> pd.DataFrame:
    """Own liquid assets of each exchange and what is left of them before any reserve.

    Returns
    -------
    DataFrame
        Index exchange; liquid_assets_jpy_mn, matched_jpy_mn (what hot wallets tie up of them,
        after crypto owed to others), floor_jpy_mn (capital), free_jpy_mn with free_low_jpy_mn and
        free_high_jpy_mn (bounds of `scenario.interval` of the draws; negative where the two rules
        ask for more than there is), net_assets_jpy_mn.
    """
    panel, scenario = impact.panel, impact.scenario
    floor = capital_floor(
        panel["operating_expenses"], scenario.minimum_capital_jpy_mn, scenario.capital_ratio
    )
    free = pool(impact.free, scenario.interval)
    return pd.DataFrame(
        {
            "liquid_assets_jpy_mn": panel["liquid_assets"].mean(axis=0),
            "matched_jpy_mn": matched_crypto(panel, scenario).mean(axis=0),
            "floor_jpy_mn": floor.mean(axis=0),
            "free_jpy_mn": free.estimate,
            "free_low_jpy_mn": free.low,
            "free_high_jpy_mn": free.high,
            "net_assets_jpy_mn": panel["net_assets"].mean(axis=0),
        },
        index=pd.Index(panel.exchanges, name="exchange"),
    )
