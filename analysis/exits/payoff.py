"""What leaving yields: winding up, or a sale of the company if a buyer is found."""

from __future__ import annotations

from functools import cache

import numpy as np

from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

SALES_OF_CONTROL = (
    "FXTF BitTrade 2018-06, BitTrade to Huobi 2018-09, Zaif business 2018-11, Zaif Holdings 2021-03, "
    "Liquid 2022-04, DeCurret 2022-02, BITPoint 2022-07, Sakura 2022-11, Amber Japan 2023-08, "
    "FTX Japan 2024-07, Coin Master 2024-12, CoinBest 2025-02, Zaif Holdings 2025-02"
)
"""Registered exchanges whose control was sold, 2018-2025, without purchases of growing leaders."""
CLOSURES = "Payward Asia 2023-01, Coinbase 2023-02, DMM Bitcoin 2025, LINE Xenesis 2026-06"
"""Registered exchanges whose business ended without a buyer of the company, days known."""


def sale_record() -> tuple[int, int]:
    """Sales of control and closures of registered exchanges on record."""
    return len(SALES_OF_CONTROL.split(", ")), len(CLOSURES.split(", "))


@cache
def _record_chance() -> float:
    sales, closures = sale_record()
    return (sales + 0.5) / (sales + closures + 1)


def buyer_chance(scenario: Scenario) -> float:
    """Chance of a buyer: the scenario's, else that of the record (Jeffreys mean)."""
    return _record_chance() if scenario.buyer_chance is None else scenario.buyer_chance


def exit_payoff(
    net_assets: FloatArray, revenue: FloatArray, fixed_cost: FloatArray, scenario: Scenario
) -> FloatArray:
    """S, what leaving yields to owners, JPY mn, never below zero.

    Winding up yields net assets less `closing_cost_share` years of fixed cost; a sale yields
    `sale_multiple` times revenue, where that is more and a buyer is found. Owners are not liable
    beyond their capital, so a company without net assets is left for nothing.

    Parameters
    ----------
    net_assets : JPY mn; revenue, fixed_cost : JPY mn a year; shapes broadcast.
    """
    wound_up = np.maximum(net_assets - scenario.closing_cost_share * fixed_cost, 0.0)
    premium = np.maximum(scenario.sale_multiple * revenue - wound_up, 0.0)
    return np.asarray(wound_up + buyer_chance(scenario) * premium)
