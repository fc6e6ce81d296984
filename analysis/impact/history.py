"""The industry's own months: volumes, custody, and the revenue they imply."""

from __future__ import annotations

import pandas as pd

from analysis.data import read
from analysis.market.custody import industry_crypto, mix_value
from analysis.market.industry import industry_table
from analysis.market.panel import Panel
from analysis.market.volumes import MARKETS, industry_volume
from analysis.scenario import Scenario

YEAR = 12


def industry_history(panel: Panel, scenario: Scenario) -> pd.DataFrame:
    """Monthly series of the industry up to the base month, for `procyclicality`.

    Volumes and custody are the market room's: printed months, and an indicator between them.
    Nobody publishes monthly revenue. It is set to the month's spot volume times one margin: the
    panel's operating revenue over its spot volume, both of the base year, means over draws.
    Expenses are the panel's, spread evenly. So revenue moves with volume by construction.

    Returns
    -------
    DataFrame
        Index month; spot_volume, margin_volume, operating_revenue, operating_expenses (flows of
        the month) and customer_crypto (at its end), JPY mn.
    """
    industry, prices, mix = (
        industry_table(scenario),
        read("market/prices_monthly"),
        read("market/coin_mix"),
    )
    series = {
        f"{market}_volume": industry_volume(industry, prices, market).monthly.value
        for market in MARKETS
    }
    series["customer_crypto"] = industry_crypto(industry, mix_value(prices, mix)).value
    history = pd.DataFrame(series).dropna().loc[: pd.Period(scenario.base_month, "M")]
    total = {
        name: float(panel[name].sum(axis=-1).mean())
        for name in ("operating_revenue", "operating_expenses", "spot_volume")
    }
    margin = total["operating_revenue"] / total["spot_volume"]
    return history.assign(
        operating_revenue=margin * history["spot_volume"],
        operating_expenses=total["operating_expenses"] / YEAR,
    )
