"""What a formula may look at: size, volume, costs and record, under one reading of the law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.losses.model import LossModel, loss_model
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Exposure:
    """Bases of the candidate formulas; every array is (..., exchange), JPY mn unless said.

    `trading_value` has one more axis in front, length 3: this year and the two years before it.
    What follows from the loss model is worked out when a formula asks for it, from the custody
    that counts under the reading of the law: net of matched custody, no event costs customers
    what was in hot wallets. A rule is fixed before anybody knows how often exchanges lose crypto
    and how much, so the model has one estimate of that for all data sets. Custody, hot wallets and
    the record of an exchange are known to its regulator; they are imputed only here, and stay
    those of each data set.
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
    loss_model: LossModel | None = None

    @property
    def custody(self) -> FloatArray:
        """Customer crypto that counts, hot and cold."""
        return self.custody_hot + self.custody_cold

    @cached_property
    def annual_loss(self) -> AnnualLoss:
        """Distribution of each exchange's loss in a year as a rule maker estimates it.

        Raises
        ------
        InputError
            The exposure was made without a loss model.
        """
        custody = self.custody
        hot = np.divide(self.custody_hot, custody, out=np.zeros_like(custody), where=custody > 0)
        return self._model.annual_loss(custody, hot, self.incident_count, self.years_registered)

    @cached_property
    def industry_loss(self) -> IndustryLoss:
        """The same of all exchanges together, shape (..., draw)."""
        return self._model.industry_loss(self.annual_loss)

    @property
    def relative_rate(self) -> FloatArray:
        """Expected events of an exchange, given its record, over those of the market, estimated."""
        return self._model.relative_rate(self.incident_count, self.years_registered)

    @property
    def _model(self) -> LossModel:
        if self.loss_model is None:
            raise InputError(
                "the exposure has no loss_model, which formulas on losses need; give it "
                "estimated_model(values, scenario) of analysis.rules.exposure"
            )
        return self.loss_model


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
    # A shock moves the current year alone: the others have one axis less then.
    return np.stack(np.broadcast_arrays(*years))


def exposure(panel: Panel, scenario: Scenario) -> Exposure:
    """Exposure of every exchange under the readings of the law that `scenario` picks."""
    return bases(panel.values, scenario, estimated_model(panel.values, scenario))


def observed_exposure(panel: Panel, scenario: Scenario) -> Exposure:
    """The same with every imputed cell set to zero: what remains rests on no imputed cell.

    The loss model stays that of the whole panel: rates and severities are of the list of losses.
    """
    model = estimated_model(panel.values, scenario)
    return bases(observed_values(panel), scenario, model)


def observed_values(panel: Panel) -> dict[str, FloatArray]:
    """Values of a panel with every imputed cell set to zero."""
    return {name: array * panel.known[name] for name, array in panel.values.items()}


def estimated_model(values: Mapping[str, FloatArray], scenario: Scenario) -> LossModel:
    """Loss model of a rule maker: mean parameters, and the market of each data set as the mean."""
    return loss_model(scenario, len(values["customer_crypto"])).central().of_market(values)


def bases(
    values: Mapping[str, FloatArray], scenario: Scenario, model: LossModel | None
) -> Exposure:
    """Exposure of values by field, (..., draw, exchange), with a loss model or without."""
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
        loss_model=model,
    )
    if scenario.custody_reading == "net_of_matched":
        return replace(gross, custody_hot=np.zeros_like(gross.custody_hot))
    return gross
