"""What a formula may look at: size, volume, costs and record, under one reading of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Exposure:
    """Bases of the candidate formulas; every array is (..., exchange), JPY mn unless said.

    `trading_value` has one more axis in front, length 3: this year and the two years before it.
    """

    custody_hot: FloatArray
    custody_cold: FloatArray
    customer_fiat: FloatArray
    trading_value: FloatArray
    margin_volume: FloatArray
    operating_revenue: FloatArray
    operating_expenses: FloatArray
    net_assets: FloatArray
    years_registered: FloatArray
    incident_count: FloatArray
    incident_loss: FloatArray

    @property
    def custody(self) -> FloatArray:
        """Customer crypto that counts, hot and cold."""
        return self.custody_hot + self.custody_cold


def _trading_value(values: Mapping[str, FloatArray], reading: str) -> FloatArray:
    years = []
    for lag in ("", "_lag1", "_lag2"):
        spot, margin = values[f"spot_volume{lag}"], values[f"margin_volume{lag}"]
        match reading:
            case "order_book":
                years.append(spot * values["order_book_share"])
            case "spot":
                years.append(spot)
            case _:
                years.append(spot + margin)
    return np.stack(years)


def exposure(panel: Panel, scenario: Scenario) -> Exposure:
    """Exposure of every exchange under the readings of the law that `scenario` picks."""
    return _exposure(panel.values, scenario)


def observed_exposure(panel: Panel, scenario: Scenario) -> Exposure:
    """The same with every imputed cell set to zero: what remains rests on no imputed cell."""
    known: pd.DataFrame = panel.status != "imputed"
    values = {name: array * known[name].to_numpy() for name, array in panel.values.items()}
    return _exposure(values, scenario)


def _exposure(values: Mapping[str, FloatArray], scenario: Scenario) -> Exposure:
    crypto, hot = values["customer_crypto"], values["hot_share"]
    gross = Exposure(
        custody_hot=crypto * hot,
        custody_cold=crypto * (1 - hot),
        customer_fiat=values["customer_fiat"],
        trading_value=_trading_value(values, scenario.trading_value_reading),
        margin_volume=values["margin_volume"],
        operating_revenue=values["operating_revenue"],
        operating_expenses=values["operating_expenses"],
        net_assets=values["net_assets"],
        years_registered=values["years_registered"],
        incident_count=values["incident_count"],
        incident_loss=values["incident_loss"],
    )
    if scenario.custody_reading == "net_of_matched":
        return replace(gross, custody_hot=np.zeros_like(gross.custody_hot))
    return gross
