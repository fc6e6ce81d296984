"""What a panel must hold before anything is drawn from it: enough of the industry, enough printed.

The industry's volume is shared among the exchanges of a panel only if it is the whole industry,
and a base month is only as good as the balance sheets that were printed by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from analysis.errors import InputError
from analysis.market.panel import FloatArray, Panel

LEAST = 0.5
"""Least share of the industry's customer crypto that stands for the whole industry."""
LEAST_PRINTED = 0.5
"""Least share of all total assets that is printed or derived, not imputed."""
MOST = 3.0
"""Multiple of the industry's customer crypto above which the unit must be wrong."""


def check_coverage(
    customer_crypto: FloatArray,
    printed: Mapping[str, FloatArray],
    industry: float,
    base_month: str,
) -> None:
    """Refuse a panel whose blanks in volume cannot be the rest of the industry's.

    Parameters
    ----------
    customer_crypto : array
        JPY mn, shape (draw, exchange), before any price shock.
    printed : mapping of str to array
        Volumes by field name, NaN where blank, shape (exchange,).
    industry : float
        Customer crypto of the whole industry at the base month, JPY mn.
    base_month : str

    Raises
    ------
    InputError
        More than `MOST` times the industry's customer crypto; or blank volumes and less than
        `LEAST` of it.
    """
    share = float(customer_crypto.sum(axis=1).mean()) / industry
    if share > MOST:
        raise InputError(
            f"customer_crypto_jpy_mn adds up to {share:,.1f} times the industry's total at "
            f"{base_month}; allowed: at most {MOST:g} times; give it in JPY million"
        )
    blank = [name for name, volume in printed.items() if np.isnan(volume).any()]
    if share < LEAST and blank:
        raise InputError(
            f"{blank[0]}_jpy_mn is blank and the panel holds {share:.0%} of the industry's "
            f"customer crypto at {base_month}; allowed: at least {LEAST:.0%}, so that "
            "the industry's volume can be shared out; fill the volume columns (0 where none)"
        )


def printed_share(panel: Panel) -> float:
    """Share of the total assets of all exchanges that is printed or derived, mean over draws."""
    assets = panel["total_assets"]
    printed = assets[:, (panel.status["total_assets"] != "imputed").to_numpy()]
    return float((printed.sum(axis=1) / assets.sum(axis=1)).mean())


def check_balance_sheets(panel: Panel, base_month: str, months: Callable[[], list[str]]) -> None:
    """Refuse a base month whose balance sheets would be mostly imputed.

    Parameters
    ----------
    panel : Panel
        Shipped panel of the base month.
    base_month : str
    months : callable
        First and last month that are allowed; called only for the message.

    Raises
    ------
    InputError
        Less than `LEAST_PRINTED` of total assets is printed.
    """
    share = printed_share(panel)
    if share < LEAST_PRINTED:
        allowed = " to ".join(months())
        raise InputError(
            f"base_month = {base_month}: of the total assets of all exchanges {share:.0%} are "
            f"printed by then, the rest would be imputed; allowed: {allowed}, where at least "
            f"{LEAST_PRINTED:.0%} are; choose such a month, or give a panel of your own"
        )
