"""An amount that rises with trading volume between two anchors, on a ramp or in tiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter


@dataclass(frozen=True, kw_only=True)
class VolumeTiers(Formula):
    """From low_amount at low_volume to high_amount at high_volume, linear in logarithms.

    Parameters
    ----------
    low_amount, high_amount : JPY mn
        Amount at and below the low, at and above the high anchor.
    low_volume, high_volume : JPY mn per year
        Anchors of this year's trading value.
    tiers : number or None
        Number of steps, each as wide as the next in log volume. None: a ramp.

    Raises
    ------
    InputError
        The low anchor is not below the high one.

    Notes
    -----
    Press report of 24 November 2025: large face-to-face securities firms hold JPY 2 to 40 billion
    by trading volume. It describes them and was never proposed for crypto-asset exchanges.

    Below the low anchor the amount does not fall with volume: as volume tends to 0 the amount per
    yen traded grows without bound. With many tiers the steps tend to the ramp.

    See Also
    --------
    fiea_turnover : the rule behind the press range, proportional to volume.
    """

    low_amount: Parameter
    high_amount: Parameter
    low_volume: Parameter
    high_volume: Parameter
    tiers: Parameter | None

    def __post_init__(self) -> None:
        if np.any(np.greater_equal(self.low_volume, self.high_volume)):
            raise InputError(
                f"rule_parameters.{self.id}: low_volume = {self.low_volume} must be below "
                f"high_volume = {self.high_volume}"
            )

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        volume = np.clip(exposure.trading_value[0], self.low_volume, self.high_volume)
        position = np.log(volume / self.low_volume) / np.log(self.high_volume / self.low_volume)
        if self.tiers is not None:
            # The guard keeps a volume on a step's edge from falling below it by rounding.
            step = np.floor(position * self.tiers + 1e-9)
            position = np.minimum(step, self.tiers - 1) / (self.tiers - 1)
        amount: FloatArray = self.low_amount * (self.high_amount / self.low_amount) ** position
        return amount
