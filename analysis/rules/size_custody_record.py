"""The design as announced: trading volume, custody and security record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter, given


@dataclass(frozen=True, kw_only=True)
class SizeCustodyRecord(Formula):
    """(volume_rate x volume + custody_rate x custody) x multiplier, within floor and cap.

    The multiplier is clean_multiplier for an exchange without an incident, rises by
    incident_loading with each one and stops at highest_multiplier.

    Parameters
    ----------
    volume_rate_bp : basis points
        Rate on this year's trading value.
    custody_rate : share
        Rate on customer crypto, hot and cold.
    clean_multiplier, incident_loading, highest_multiplier : factor
        Multiplier by the number of losses of custody since registration.
    floor_amount, cap_amount : JPY mn or None
        Least and largest amount.

    Notes
    -----
    Press reports of November 2025 name trading volume and past incidents; the working group's
    report of 10 December 2025, p. 30, says "an appropriate level" with regard to past outflows and
    security standards. No rate was published: every value is a scenario of this study. The count
    is used as it stands; weights by credibility need a loss model.

    With incident_loading 0 the record stops mattering; as custody_rate tends to 0 the amount tends
    to a volume rate alone.

    See Also
    --------
    fiea_turnover : the volume term alone. custody_share : the custody term alone.
    operational_risk : a record measured in yen of loss.
    """

    volume_rate_bp: Parameter
    custody_rate: Parameter
    clean_multiplier: Parameter
    incident_loading: Parameter
    highest_multiplier: Parameter
    floor_amount: Parameter | None
    cap_amount: Parameter | None

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        size = self.volume_rate_bp * 1e-4 * exposure.trading_value[0]
        size = size + self.custody_rate * exposure.custody
        record = self.clean_multiplier + self.incident_loading * exposure.incident_count
        amount = size * np.minimum(record, self.highest_multiplier)
        least = given(self.floor_amount, 0.0)
        most = given(self.cap_amount, np.inf)
        within: FloatArray = np.minimum(np.maximum(amount, least), most)
        return within
