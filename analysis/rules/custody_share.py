"""A share of what customers have in custody, different for hot and cold wallets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter, given


@dataclass(frozen=True, kw_only=True)
class CustodyShare(Formula):
    """max(base + hot_rate x hot + cold_rate x cold above the threshold, floor).

    Parameters
    ----------
    hot_rate, cold_rate : share or None
        Share of customer crypto in hot and in cold wallets. None: that custody does not count.
    threshold : JPY mn or None
        Custody that is free; taken off hot and cold in proportion.
    base : JPY mn or None
        Fixed amount to which the shares are added.
    floor : JPY mn or None
        Least amount.

    Notes
    -----
    Korea: Virtual Asset User Protection Act art. 8 and its decree. Hong Kong: Guidelines for
    Virtual Asset Trading Platform Operators (2023). Thailand: net capital rule of 2020. Turkey:
    communique III-35/B.2 (2025). Pinpoints stand beside each value in `data/rules/custody_share`.

    As custody tends to 0 the amount tends to max(base, floor); far above the floor it is linear in
    custody. It follows prices: when they double, it doubles.

    See Also
    --------
    k_factors : a far smaller share of custody, beside overheads.
    size_custody_record : custody and volume, moved by the record.
    """

    hot_rate: Parameter | None
    cold_rate: Parameter | None
    threshold: Parameter | None
    base: Parameter | None
    floor_amount: Parameter | None

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        custody = exposure.custody
        above = np.maximum(custody - given(self.threshold, 0.0), 0.0)
        counted = np.divide(above, custody, out=np.zeros_like(above), where=custody > 0)
        hot = given(self.hot_rate, 0.0) * exposure.custody_hot
        cold = given(self.cold_rate, 0.0) * exposure.custody_cold
        share: FloatArray = given(self.base, 0.0) + counted * (hot + cold)
        return np.maximum(share, given(self.floor_amount, 0.0))
