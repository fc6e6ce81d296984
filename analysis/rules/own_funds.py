"""Own funds of a crypto-asset service provider: a minimum by class or a quarter of overheads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter


@dataclass(frozen=True, kw_only=True)
class OwnFunds(Formula):
    """max(minimum, overheads_share x fixed overheads of the preceding year).

    Parameters
    ----------
    minimum : JPY mn
        Permanent minimum of the class of services.
    overheads_share : share
        Part of a year's fixed overheads.
    fixed_share : share
        Fixed overheads as a share of operating expenses.

    Notes
    -----
    Regulation (EU) 2023/1114, art. 67(1) to (3) and Annex IV.

    As expenses tend to 0 the amount tends to the minimum; for a large firm it is `overheads_share`
    of its overheads and does not see custody or volume at all.

    See Also
    --------
    k_factors : the same two terms and a third by custody and orders.
    """

    minimum: Parameter
    overheads_share: Parameter
    fixed_share: Parameter

    def required(self, exposure: Exposure) -> FloatArray:
        """Amount, JPY mn, shape (..., exchange)."""
        overheads = self.overheads_share * self.fixed_share * exposure.operating_expenses
        return np.maximum(self.minimum, overheads)
