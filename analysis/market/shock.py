"""Stresses: what a change of prices or of trading does to a completed panel."""

from __future__ import annotations

import numpy as np

from analysis.market.panel import FloatArray
from analysis.scenario import Scenario


def shock(values: dict[str, FloatArray], scenario: Scenario) -> None:
    """Apply the stresses in place of the base values.

    Prices move customer crypto and crypto owed to others. Volume moves the current year's trading
    and, by `revenue_elasticity`, positive revenue; expenses stay, so that profit and net income
    move by the same yen. No tax is taken: most exchanges make losses.
    """
    for name in ("customer_crypto", "crypto_owed"):
        values[name] = values[name] * (1 + scenario.price_shock)
    growth = 1 + scenario.volume_shock
    for market in ("spot", "margin"):
        values[f"{market}_volume"] = values[f"{market}_volume"] * growth
    gain = np.maximum(values["operating_revenue"], 0.0) * (growth**scenario.revenue_elasticity - 1)
    for name in ("operating_revenue", "operating_profit", "net_income"):
        values[name] = values[name] + gain
