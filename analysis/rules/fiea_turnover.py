"""The securities firms' reserve, copied to crypto-asset exchanges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.article_175 import BASIS_POINT, accrue
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula, Parameter


@dataclass(frozen=True, kw_only=True)
class FieaTurnover(Formula):
    """Accrue a rate of trading value a year, up to a ceiling on the best of three years.

    Crypto trading value stands in for item i, stocks. Under the reading `spot_and_margin` margin
    trading enters at the same rate, although over-the-counter derivatives are in no item of the
    law. What counts is the exposure's `trading_value`.

    Parameters
    ----------
    accrual_bp : basis points per year
        Rate of the yearly provision.
    ceiling_bp : basis points
        Ceiling on the balance, of the best of this year and the two before.
    opening_balance : JPY mn
        Balance at the start, the same for every exchange.

    Notes
    -----
    FIEA art. 46-5; Cabinet Office Order on Financial Instruments Business etc. art. 175(1), (2).

    `required` is the ceiling. `path` accrues at this year's volume from the years before; once a
    better year leaves the window the excess is released, so the balance tends to the ceiling of a
    constant volume, which may be below `required`. With accrual_bp far above ceiling_bp the ceiling
    is reached in the first year; with accrual_bp 0 the balance never rises.

    See Also
    --------
    article_175 : all eight items over a real history.
    volume_tiers : amounts in steps of volume. custody_share : what is lost, not what is traded.
    """

    accrual_bp: Parameter
    ceiling_bp: Parameter
    opening_balance: Parameter

    @property
    def accrues(self) -> bool:
        """True."""
        return True

    def required(self, exposure: Exposure) -> FloatArray:
        """Ceiling on the balance, JPY mn, shape (..., exchange)."""
        ceiling: FloatArray = self.ceiling_bp * BASIS_POINT * exposure.trading_value.max(axis=0)
        return ceiling

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:  # noqa: ARG002
        """Balance at the end of each year, JPY mn, shape (year, ..., exchange)."""
        this_year, *before = exposure.trading_value[:, np.newaxis]
        volumes = np.broadcast_to(this_year, (years, *this_year.shape))
        accrual, ceiling = (
            np.asarray(rate)[np.newaxis] * BASIS_POINT
            for rate in (self.accrual_bp, self.ceiling_bp)
        )
        # Year 1 closes the year that the exposure measures: the one before it is lag 1.
        earlier = np.stack(before[::-1])
        return accrue(volumes, self.opening_balance, accrual, ceiling, earlier).balances
