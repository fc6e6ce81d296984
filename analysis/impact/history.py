"""The industry's own months: volumes, custody, and the revenue they imply."""

from __future__ import annotations

import pandas as pd

from analysis.data import read
from analysis.market.bridge import Bridged
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
    known = {name: one.value for name, one in _bridges(scenario).items()}
    history = pd.DataFrame(known).dropna().loc[: pd.Period(scenario.base_month, "M")]
    total = {
        name: float(panel[name].sum(axis=-1).mean())
        for name in ("operating_revenue", "operating_expenses", "spot_volume")
    }
    margin = total["operating_revenue"] / total["spot_volume"]
    return history.assign(
        operating_revenue=margin * history["spot_volume"],
        operating_expenses=total["operating_expenses"] / YEAR,
    )


def history_status(scenario: Scenario) -> pd.DataFrame:
    """What each month of `industry_history` rests on.

    Returns
    -------
    DataFrame
        Same months; columns spot_volume, margin_volume, customer_crypto with `observed` (printed
        by a source), `derived` (between printed months) or `extrapolated` (outside them).
    """
    bridges = _bridges(scenario)
    value = pd.DataFrame({name: one.value for name, one in bridges.items()}).dropna()
    status = pd.DataFrame({name: one.status for name, one in bridges.items()})
    return status.loc[value.index].loc[: pd.Period(scenario.base_month, "M")]


def _bridges(scenario: Scenario) -> dict[str, Bridged]:
    """Monthly series of the industry with the status of every month."""
    industry, prices = industry_table(scenario), read("market/prices_monthly")
    mix = mix_value(prices, read("market/coin_mix"))
    part = (scenario.benchmark_carried_low + scenario.benchmark_carried_high) / 2
    volumes = {
        f"{market}_volume": industry_volume(industry, prices, market).carried(part)
        for market in MARKETS
    }
    return volumes | {"customer_crypto": industry_crypto(industry, mix)}
