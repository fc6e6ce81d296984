"""The loss model of a scenario: rates and severities by data set, and the losses that follow.

Parameters are drawn once for each completed data set and hold for all exchanges, so that what is
computed from them is by data set and exchange, like the panel. They depend on the parameters of
losses, the seed and the number of data sets: scenarios differ by what was changed, not by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd

from analysis.losses.aggregate import AnnualLoss
from analysis.losses.credibility import RECORD_YEARS, japan_rates
from analysis.losses.event import hack_severity, operational_severity
from analysis.losses.industry import IndustryLoss, industry_loss
from analysis.losses.severity import Mixture, ShareSeverity, YenSeverity
from analysis.losses.tabulated import tabulated
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario
from analysis.scenario.losses import LossParameters
from analysis.scenario.severity import SeverityParameters

TOLERANCE = 0.005
"""Proved relative error of one exchange's quantile in one data set; sums are closer by far.

Between data sets quantiles differ by a factor of ten, and the proof of 0.1 % takes twice as long.
"""
EventSeverity = ShareSeverity | YenSeverity
Drawn = TypeVar("Drawn", bound="LossModel | ShareSeverity | YenSeverity")


@dataclass(frozen=True, eq=False)
class LossModel:
    """Parameters of the losses of every exchange; arrays (draw, 1), or (1,) for one data set.

    Attributes
    ----------
    hacks, operational : expected events a year at an exchange with the market's mean record.
    hack, error : severity of a theft and of an operational error, at an exchange without crypto:
        size and hot wallets come in with `annual_loss`.
    mean_record, mean_custody : mean over the market's exchanges of what the record multiplies the
        rate with, and of customer crypto (JPY mn; 0: size does not matter): the record and size
        move exchanges against each other, never the market.
    firm_heterogeneity, size_elasticity, count_dispersion, common_shock_share, common_shock_reach,
    loss_steps : as in the scenario.
    """

    hacks: FloatArray
    operational: FloatArray
    hack: EventSeverity
    error: EventSeverity
    mean_record: FloatArray
    mean_custody: FloatArray
    firm_heterogeneity: float
    size_elasticity: float
    count_dispersion: float
    common_shock_share: float
    common_shock_reach: float
    loss_steps: int

    def relative_rate(self, incident_count: FloatArray, years: FloatArray) -> FloatArray:
        """Expected hacks of an exchange, given its record, over those of the market.

        (a + n) / (a + r e) over its mean in the market: n losses in e years, r the market's rate,
        a `firm_heterogeneity` (see `analysis.losses.credibility`).
        """
        return self._record(incident_count, years) / self.mean_record

    def frequency(
        self, custody: FloatArray, incident_count: FloatArray, years: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Expected hacks and operational losses a year, shape (..., exchange)."""
        hacks = self.hacks * self.relative_rate(incident_count, years) * self._size(custody)
        return hacks, np.broadcast_to(self.operational, hacks.shape)

    def annual_loss(
        self,
        custody: FloatArray,
        hot_share: FloatArray,
        incident_count: FloatArray,
        years: FloatArray,
    ) -> AnnualLoss:
        """Distribution of the loss of a year at exchanges of a size and record.

        Parameters
        ----------
        custody : customer crypto, JPY mn, shape (..., exchange).
        hot_share : share of it in hot wallets.
        incident_count, years : losses on record, and years registered.
        """
        hacks, operational = self.frequency(custody, incident_count, years)
        total = hacks + operational
        share = np.divide(operational, total, out=np.zeros_like(total), where=total > 0)
        parts = [
            tabulated(replace(part, held=custody, hot_share=hot_share))
            for part in (self.hack, self.error)
        ]
        severity = Mixture((1 - share, share), parts) if self.operational.any() else parts[0]
        return AnnualLoss(
            total,
            self.count_dispersion,
            severity,
            self.loss_steps,
            atom=custody * hot_share,
            tolerance=TOLERANCE,
        )

    def industry_loss(self, annual: AnnualLoss) -> IndustryLoss:
        """Distribution of the sum over exchanges, with the common shock."""
        return industry_loss(
            annual, self.common_shock_share, self.common_shock_reach, self.loss_steps
        )

    def of_market(self, values: Mapping[str, FloatArray]) -> LossModel:
        """The same, with a market's exchanges as the mean to which a record and a size are held."""
        record = self._record(values["incident_count"], values["years_registered"])
        custody = values["customer_crypto"]
        mean = custody.mean(axis=-1, keepdims=True)
        sized = replace(self, mean_custody=mean)
        factor = record * sized._size(custody)
        return replace(sized, mean_record=factor.mean(axis=-1, keepdims=True))

    def of_draw(self, draw: int) -> LossModel:
        """Parameters of one data set; what all of them share stays."""
        return self._each(lambda array: array[draw])

    def central(self) -> LossModel:
        """Mean parameters over the data sets, as a single one: the point estimate."""
        return self._mean

    @cached_property
    def _mean(self) -> LossModel:
        return self._each(lambda array: array.mean(axis=0))

    def _record(self, incident_count: FloatArray, years: FloatArray) -> FloatArray:
        seen = np.minimum(years, RECORD_YEARS)
        shape = self.firm_heterogeneity
        return np.asarray((shape + incident_count) / (shape + self.hacks * seen))

    def _size(self, custody: FloatArray) -> FloatArray:
        """What size multiplies the rate with."""
        custody, mean = np.broadcast_arrays(custody, self.mean_custody)
        relative = np.divide(custody, mean, out=np.ones(custody.shape), where=mean > 0)
        return np.asarray(relative**self.size_elasticity)

    def _each(self, change: Callable[[FloatArray], FloatArray]) -> LossModel:
        hack, error = _changed(self.hack, change), _changed(self.error, change)
        return replace(_changed(self, change), hack=hack, error=error)


def _changed(drawn: Drawn, change: Callable[[FloatArray], FloatArray]) -> Drawn:
    """The same with every parameter changed that differs between data sets; the others stay."""
    arrays: dict[str, Any] = {
        field.name: change(value)
        for field in fields(drawn)
        if isinstance(value := getattr(drawn, field.name), np.ndarray) and value.ndim > 1
    }
    return replace(drawn, **arrays)


def loss_model(scenario: Scenario, draws: int) -> LossModel:
    """Loss model of a scenario for a number of data sets; rates relative to a clean new exchange.

    The same object is returned again for the same parameters of losses: nobody changes its arrays.

    Raises
    ------
    InputError
        Parameters for which the losses on record are too few, or a base month without prices.
    """
    return _loss_model(_key(scenario), draws)


def annual_loss(values: Mapping[str, FloatArray], scenario: Scenario) -> AnnualLoss:
    """Distribution of every exchange's loss in a year, gross of what matches hot wallets.

    Parameters
    ----------
    values : mapping
        Panel values by field, each (draw, exchange): customer_crypto, hot_share, incident_count
        and years_registered are read.
    """
    model = market_model(values, scenario)
    return model.annual_loss(
        values["customer_crypto"],
        values["hot_share"],
        values["incident_count"],
        values["years_registered"],
    )


def market_model(values: Mapping[str, FloatArray], scenario: Scenario) -> LossModel:
    """Loss model whose rates are on average the market's over the exchanges of a panel."""
    return loss_model(scenario, len(values["customer_crypto"])).of_market(values)


def _key(scenario: Scenario) -> tuple[tuple[str, Any], ...]:
    names = (*LossParameters.model_fields, *SeverityParameters.model_fields, "seed", "base_month")
    return tuple((name, getattr(scenario, name)) for name in names)


@lru_cache(maxsize=256)
def _loss_model(key: tuple[tuple[str, Any], ...], draws: int) -> LossModel:
    scenario = Scenario.model_validate(dict(key))
    hacks, operational = japan_rates(scenario, draws)
    empty, one = np.zeros((draws, 1)), np.ones((draws, 1))
    nobody = Panel(
        ("none",),
        {"customer_crypto": empty, "hot_share": empty},
        pd.DataFrame(),
        pd.DataFrame(),
        pd.DataFrame(),
    )
    return LossModel(
        hacks=scenario.frequency_multiplier * hacks,
        operational=scenario.frequency_multiplier * operational,
        hack=cast(EventSeverity, hack_severity(nobody, scenario)),
        error=cast(EventSeverity, operational_severity(nobody, scenario)),
        mean_record=one,
        mean_custody=empty,
        firm_heterogeneity=scenario.firm_heterogeneity,
        size_elasticity=scenario.size_elasticity,
        count_dispersion=scenario.count_dispersion,
        common_shock_share=scenario.common_shock_share,
        common_shock_reach=scenario.common_shock_reach,
        loss_steps=scenario.loss_steps,
    )
