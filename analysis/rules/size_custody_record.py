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

    The multiplier is clean_multiplier for an exchange without an incident and rises by
    incident_loading with each one; or it follows credibility: expected events of the exchange,
    given its record, over those of the market. It stops at highest_multiplier.

    Parameters
    ----------
    volume_rate_bp : basis points
        Rate on this year's trading value.
    custody_rate : share
        Rate on customer crypto, hot and cold.
    clean_multiplier, incident_loading : factor or None
        Multiplier by the number of losses of custody in the last ten years. None: the count does
        not matter.
    credibility : share or None
        Part of the distance between the exchange's and the market's expected events that counts.
        None: it does not matter.
    highest_multiplier : factor
        Largest multiplier.
    floor_amount, cap_amount : JPY mn or None
        Least and largest amount.

    Notes
    -----
    Press reports of November 2025 name trading volume and past incidents; the working group's
    report of 10 December 2025, p. 30, says "an appropriate level" with regard to past outflows and
    security standards. No rate was published: every value is a scenario of this study.

    Credibility is Buehlmann's: with a gamma-Poisson model of losses the expected events of an
    exchange lie between the market's and its own record, the nearer to its record the longer that
    is (H. Buehlmann and A. Gisler, A Course in Credibility Theory, 2005, sec. 2.3). The market's
    are what a rule maker estimates, one number for all data sets. A clean exchange has a multiplier
    below 1, one with an incident above 1.

    With incident_loading 0 or credibility 0 the record stops mattering; as custody_rate tends to 0
    the amount tends to a volume rate alone.

    See Also
    --------
    fiea_turnover : the volume term alone. custody_share : the custody term alone.
    operational_risk : a record measured in yen of loss.
    """

    volume_rate_bp: Parameter
    custody_rate: Parameter
    clean_multiplier: Parameter | None
    incident_loading: Parameter | None
    credibility: Parameter | None
    highest_multiplier: Parameter
    floor_amount: Parameter | None
    cap_amount: Parameter | None

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        size = self.volume_rate_bp * 1e-4 * exposure.trading_value[0]
        size = size + self.custody_rate * exposure.custody
        amount = size * np.minimum(self._record(exposure), self.highest_multiplier)
        least = given(self.floor_amount, 0.0)
        most = given(self.cap_amount, np.inf)
        within: FloatArray = np.minimum(np.maximum(amount, least), most)
        return within

    def _record(self, exposure: Exposure) -> Parameter:
        """Multiplier before its limit."""
        loading = given(self.incident_loading, 0.0)
        count: Parameter = given(self.clean_multiplier, 1.0) + loading * exposure.incident_count
        if self.credibility is None:
            return count
        return count * (1 + self.credibility * (exposure.relative_rate - 1))
