"""Bounds of an exchange's own liquid assets: almost nobody publishes them."""

from __future__ import annotations

import numpy as np

from analysis.market.panel import FloatArray

METHOD_CASH = (
    "uniform between own cash as printed and total assets less customer crypto, customer yen and "
    "crypto owed to others (statement date); cash of a group is taken for the exchange's"
)
METHOD = (
    "uniform between net assets and total assets less customer crypto, customer yen and crypto "
    "owed to others (statement date), both cut at zero"
)


def bounds(
    total_assets: FloatArray,
    customer_crypto: FloatArray,
    customer_fiat: FloatArray,
    net_assets: FloatArray,
    crypto_owed: FloatArray | float = 0.0,
    own_cash: FloatArray | float = np.nan,
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper bound of own liquid assets at the statement date, JPY mn.

    U = total assets - customer crypto - customer yen - crypto owed to others, as printed or at
    least own crypto above net assets. It counts as liquid everything else on the balance sheet:
    own crypto, further borrowed crypto, margin deposits, receivables, software. L = net
    assets. It is what belongs to the owners, and takes fixed assets for liquid and other debt
    for unavailable. Neither dominates: U is below L where fixed or deferred assets are small and
    debts other than to customers are smaller still, or where the figures are of different scope.
    The interval is [max(0, min(U, L)), max(0, max(U, L))].

    Where own cash C is printed it takes the place of net assets, which stood in for it: at least C
    is liquid, and at most U. The interval is [C, max(C, U)]. Coincheck, 2025-03-31: C = 8,584 of
    the group, U = 8,785, net assets 15,154.

    Parameters
    ----------
    total_assets, customer_crypto, customer_fiat, net_assets, crypto_owed, own_cash : array
        JPY mn at the statement date, own cash NaN where not printed; broadcastable, shape
        (draw, exchange) or (exchange,).

    Returns
    -------
    tuple of array
        Lower and upper bound, broadcast shape.
    """
    upper = total_assets - customer_crypto - customer_fiat - crypto_owed
    low = np.maximum(0.0, np.minimum(upper, net_assets))
    high = np.maximum(0.0, np.maximum(upper, net_assets))
    printed = ~np.isnan(own_cash)
    with_cash = np.fmax(own_cash, upper)
    return np.where(printed, own_cash, low), np.where(printed, with_cash, high)
