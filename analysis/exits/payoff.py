"""What leaving yields: winding up, or a sale of the company if a buyer is found."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.exits.register import spells
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

CONTROL = ("acquisition", "majority", "business_transfer", "transfer_for_debt")
"""Deals by which the exchange got another owner."""


@cache
def sale_record() -> tuple[int, int]:
    """Sales of control that closed, of exchanges then registered, and ends without such a sale.

    A pending or abandoned deal counts as neither, and so does a merger within a group.
    """
    deals = read("market/acquisitions")
    sold = deals["deal_type"].isin(CONTROL) & (deals["outcome"] == "closed")
    spell = spells("economic").query("status_class == 'registered'")
    entered = spell.groupby("exchange")["entry_high"].min()
    sold &= deals["closed_low"] >= deals["exchange"].map(entered)
    ended = spell["event"]
    bought = set(deals.loc[sold, "exchange"])
    return int(sold.sum()), int((ended & ~spell["exchange"].isin(bought)).sum())


@cache
def sale_multiples() -> pd.Series:
    """Price of the whole over yearly revenue, in closed sales of control that show both; by deal.

    Purchases of a part and deals that are pending have no say.
    """
    deals = read("market/acquisitions").set_index("deal")
    closed = deals["deal_type"].isin(CONTROL) & (deals["outcome"] == "closed")
    return deals.loc[closed, "revenue_multiple"].dropna()


def buyer_chance(scenario: Scenario) -> float:
    """Chance of a buyer: the scenario's, else that of the record (Jeffreys mean)."""
    if scenario.buyer_chance is not None:
        return scenario.buyer_chance
    sold, ended = sale_record()
    return (sold + 0.5) / (sold + ended + 1)


def exit_payoff(
    net_assets: FloatArray, revenue: FloatArray, fixed_cost: FloatArray, scenario: Scenario
) -> FloatArray:
    """S, what owners gain by leaving, JPY mn, never below zero.

    Winding up frees the net assets that the business uses, at most `capital_in_use_years` of fixed
    cost, less `closing_cost_share` years of it: what is there beyond them can be paid out to owners
    who stay as well. A sale yields `sale_multiple` times revenue, where that is more and a buyer is
    found. Owners are not liable beyond their capital, so a company without net assets is left for
    nothing.

    Parameters
    ----------
    net_assets : JPY mn; revenue, fixed_cost : JPY mn a year; shapes broadcast.
    """
    in_use = np.minimum(net_assets, scenario.capital_in_use_years * fixed_cost)
    wound_up = np.maximum(in_use - scenario.closing_cost_share * fixed_cost, 0.0)
    premium = np.maximum(scenario.sale_multiple * revenue - wound_up, 0.0)
    return np.asarray(wound_up + buyer_chance(scenario) * premium)
