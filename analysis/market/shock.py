"""Stresses: what a change of prices or of trading does to a completed panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

STRESSES = ("price_shock", "volume_shock", "revenue_elasticity")
"""Parameters that move a completed panel."""


def shock(panel: Panel, scenario: Scenario) -> Panel:
    """Panel under the stresses of a scenario; fields that none of them moves are shared.

    Prices move customer crypto and crypto owed to others. Volume moves the current year's trading
    and, by `revenue_elasticity`, positive revenue; expenses stay, so that profit and net income
    move by the same yen. No tax is taken: most exchanges make losses.
    """
    moved: dict[str, FloatArray] = {}
    if scenario.price_shock != 0:
        for name in ("customer_crypto", "crypto_owed"):
            moved[name] = panel[name] * (1 + scenario.price_shock)
    if scenario.volume_shock != 0:
        growth = 1 + scenario.volume_shock
        for market in ("spot", "margin"):
            moved[f"{market}_volume"] = panel[f"{market}_volume"] * growth
        more = growth**scenario.revenue_elasticity - 1
        gain = np.maximum(panel["operating_revenue"], 0.0) * more
        for name in ("operating_revenue", "operating_profit", "net_income"):
            moved[name] = panel[name] + gain
    for array in moved.values():
        array.flags.writeable = False  # one panel serves many callers
    return replace(panel, values={**panel.values, **moved}) if moved else panel
