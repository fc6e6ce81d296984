"""Operational-risk capital of a bank: income by bucket times a multiplier of past losses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter, given


@dataclass(frozen=True, kw_only=True)
class OperationalRisk(Formula):
    """Business indicator component x internal loss multiplier.

    Parameters
    ----------
    coefficient_1, coefficient_2, coefficient_3 : share
        Marginal coefficients of the three buckets of the business indicator.
    threshold_1, threshold_2 : JPY mn
        Upper ends of the first and the second bucket.
    loss_multiple : times
        Loss component per mean annual loss.
    loss_years : years
        Years over which losses are averaged.
    losses_count_above : JPY mn or None
        Business indicator above which a bank's own losses count; None: the multiplier is 1.

    Notes
    -----
    Basel Framework OPE25 (in force 2023-01-01), 25.2 and 25.7 to 25.11. The business indicator is
    operating revenue, the only income item that exchanges publish; negative revenue counts as 0.

    As revenue tends to 0 the amount tends to 0 whatever was lost, because
    BIC x ln(e - 1 + (LC/BIC)^0.8) tends to 0: the rule asks least of a firm without income.
    Without losses the multiplier is ln(e - 1) = 0.541; it is 1 where LC equals BIC. Where losses
    start to count the amount jumps: it falls to 54 % for a firm without any.

    See Also
    --------
    size_custody_record : a record that acts on size instead of income.
    """

    coefficient_1: Parameter
    coefficient_2: Parameter
    coefficient_3: Parameter
    threshold_1: Parameter
    threshold_2: Parameter
    loss_multiple: Parameter
    loss_years: Parameter
    losses_count_above: Parameter | None

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        indicator = np.maximum(exposure.operating_revenue, 0.0)
        component = (
            self.coefficient_1 * np.minimum(indicator, self.threshold_1)
            + self.coefficient_2 * np.clip(indicator - self.threshold_1, 0.0, self._second_bucket)
            + self.coefficient_3 * np.maximum(indicator - self.threshold_2, 0.0)
        )
        losses = self.loss_multiple * exposure.incident_loss / self.loss_years
        counts = indicator > given(self.losses_count_above, np.inf)
        return component * np.where(counts, _multiplier(losses, component), 1.0)

    @property
    def _second_bucket(self) -> Parameter:
        return self.threshold_2 - self.threshold_1


def _multiplier(losses: FloatArray, component: FloatArray) -> FloatArray:
    """Internal loss multiplier, OPE25.8; 1 where the component is next to nothing."""
    losses, component = np.broadcast_arrays(losses, component)
    ratio = np.divide(losses, component, out=np.ones_like(component), where=component > 1e-100)
    multiplier: FloatArray = np.log(math.e - 1 + ratio**0.8)
    return multiplier
