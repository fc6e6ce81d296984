"""Is a panel the whole industry? The industry's volume is shared among its exchanges only then."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.errors import InputError
from analysis.market.assemble import industry_crypto
from analysis.market.bridge import at
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

LEAST = 0.5
"""Least share of the industry's customer crypto that stands for the whole industry."""
MOST = 3.0
"""Multiple of the industry's customer crypto above which the unit must be wrong."""


def check_coverage(
    customer_crypto: FloatArray, printed: Mapping[str, FloatArray], scenario: Scenario
) -> None:
    """Refuse a panel whose blanks in volume cannot be the rest of the industry's.

    Parameters
    ----------
    customer_crypto : array
        JPY mn, shape (draw, exchange), before any price shock.
    printed : mapping of str to array
        Volumes by field name, NaN where blank, shape (exchange,).
    scenario : Scenario

    Raises
    ------
    InputError
        More than `MOST` times the industry's customer crypto; or blank volumes and less than
        `LEAST` of it.
    """
    industry = at(industry_crypto(scenario), scenario.base_month)
    share = float(customer_crypto.sum(axis=1).mean()) / industry
    if share > MOST:
        raise InputError(
            f"customer_crypto_jpy_mn adds up to {share:,.1f} times the industry's total at "
            f"{scenario.base_month}; allowed: at most {MOST:g} times; give it in JPY million"
        )
    blank = [name for name, volume in printed.items() if np.isnan(volume).any()]
    if share < LEAST and blank:
        raise InputError(
            f"{blank[0]}_jpy_mn is blank and the panel holds {share:.0%} of the industry's "
            f"customer crypto at {scenario.base_month}; allowed: at least {LEAST:.0%}, so that "
            "the industry's volume can be shared out; fill the volume columns (0 where none)"
        )
