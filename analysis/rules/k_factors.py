"""The largest of a minimum, a quarter of overheads and the sum of K-factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter, given

# Crypto-asset markets trade every day; the rules for investment firms average business days.
DAYS_PER_YEAR = 365


@dataclass(frozen=True, kw_only=True)
class KFactors(Formula):
    """max(minimum, overheads_share x fixed overheads, sum of coefficient x base).

    Parameters
    ----------
    minimum : JPY mn
        Permanent minimum.
    overheads_share, fixed_share : share
        Part of a year's fixed overheads; fixed overheads as a share of operating expenses.
    safeguarded, client_money : share or None
        Coefficients of customer crypto in custody and of customers' yen.
    client_orders : share or None
        Coefficient of client orders handled in a day, on average over the calendar year.

    Notes
    -----
    United Kingdom: FCA PS26/12, CRYPTOPRU 4. European Union: Regulation (EU) 2019/2033 art. 11, 13
    to 15, 18 to 20; Directive (EU) 2019/2034 art. 9. A clause without a value is left out, so that
    the amount is a lower bound where the rules have more factors.

    As custody and orders tend to 0 the amount tends to that of `own_funds`.

    See Also
    --------
    own_funds : without the K-factors.
    custody_share : larger shares of custody, without overheads.
    """

    minimum: Parameter
    overheads_share: Parameter
    fixed_share: Parameter
    safeguarded: Parameter | None
    client_money: Parameter | None
    client_orders: Parameter | None

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        overheads = self.overheads_share * self.fixed_share * exposure.operating_expenses
        daily_orders = exposure.trading_value[0] / DAYS_PER_YEAR
        factors: FloatArray = (
            given(self.safeguarded, 0.0) * exposure.custody
            + given(self.client_money, 0.0) * exposure.customer_fiat
            + given(self.client_orders, 0.0) * daily_orders
        )
        largest: FloatArray = np.maximum(np.maximum(self.minimum, overheads), factors)
        return largest
