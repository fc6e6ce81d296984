"""A market whose customers have moved: volume and custody, and what follows from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.market.panel import FloatArray, Panel

LAGS = ("", "_lag1", "_lag2")


def moved(
    panel: Panel, volume: FloatArray, custody: FloatArray, variable_share: FloatArray
) -> Panel:
    """The panel with volume and custody multiplied, and revenue and profit as they follow.

    Revenue follows volume where it is positive; the part `variable_share` of it goes into expenses.
    All years of volume move: the customers had traded before. Net assets and liquid assets stay.

    Parameters
    ----------
    volume, custody : multiples, array (..., draw, exchange).
    variable_share : array (draw, 1).
    """
    more = (volume - 1) * np.maximum(panel["operating_revenue"], 0.0)
    changed: dict[str, FloatArray] = {
        **{f"{m}_volume{lag}": volume for m in ("spot", "margin") for lag in LAGS},
        **dict.fromkeys(("customer_crypto", "customer_fiat", "crypto_owed"), custody),
    }
    values = {name: array * changed.get(name, 1.0) for name, array in panel.values.items()}
    values["operating_revenue"] = panel["operating_revenue"] + more
    values["operating_expenses"] = panel["operating_expenses"] + variable_share * more
    for name in ("operating_profit", "net_income"):
        values[name] = panel[name] + (1 - variable_share) * more
    return replace(panel, values=values)
