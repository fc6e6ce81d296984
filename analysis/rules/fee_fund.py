"""A fund into which an exchange pays a share of its trading fees until it reaches a target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter


@dataclass(frozen=True, kw_only=True)
class FeeFund(Formula):
    """Balance grows by fee_share of trading fees a year, up to target_share of custody.

    Parameters
    ----------
    fee_share : share
        Part of trading fees paid in.
    fees_of_revenue : share
        Trading fees as a share of operating revenue, the only income that exchanges publish.
    target_share : share
        Target as a share of customer crypto.
    opening_balance : JPY mn
        Balance at the start, the same for every exchange.

    Notes
    -----
    Binance, Secure Asset Fund for Users, from 14 July 2018: 10 % of trading fees. The fund has no
    published target; the target is an assumption.

    An exchange without revenue pays nothing, so that its balance stays at the opening one and never
    reaches `required`. As fee_share tends to 1 the target is reached in the first year.

    See Also
    --------
    fiea_turnover : accrues on volume instead of fees. custody_share : the target at once.
    """

    fee_share: Parameter
    fees_of_revenue: Parameter
    target_share: Parameter
    opening_balance: Parameter

    @property
    def accrues(self) -> bool:
        """True."""
        return True

    def required(self, exposure: Exposure) -> FloatArray:
        """Target, JPY mn, shape (..., exchange)."""
        target: FloatArray = self.target_share * exposure.custody
        return target

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:  # noqa: ARG002
        """Balance at the end of each year, JPY mn, shape (year, ..., exchange)."""
        target = self.required(exposure)
        fees = self.fees_of_revenue * np.maximum(exposure.operating_revenue, 0.0)
        paid = self.fee_share * fees + np.zeros_like(target)
        year = np.arange(1, years + 1).reshape(-1, *[1] * paid.ndim)
        return np.minimum(self.opening_balance + year * paid, target)
