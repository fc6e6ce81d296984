"""Customers' yen: printed by two exchanges, at the industry's ratio to crypto for the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market.bridge import at, bridge
from analysis.market.custody import monthly
from analysis.market.panel import FloatArray

METHOD = (
    "customer crypto at the base month times a ratio of yen to crypto, triangular over the known "
    "ratios with its mode at the industry's; at most total assets less customer crypto"
)


def reported(balances: pd.DataFrame, base_month: str) -> pd.DataFrame:
    """Latest customer yen printed at or before the base month.

    Yen do not move with prices, so the amount is carried to the base month unchanged.

    Returns
    -------
    DataFrame
        Index exchange; `value` JPY mn, `as_of`, `status`, `method`.
    """
    rows = balances[balances["measure"] == "customer_fiat"].copy()
    rows["as_of"] = pd.to_datetime(rows["as_of"])
    rows = rows[rows["as_of"] <= pd.Period(base_month, "M").end_time]
    rows = rows.sort_values("as_of").groupby("exchange").tail(1).set_index("exchange")
    rows["method"] = rows["derivation"].fillna("").astype(str)
    return rows[["value", "as_of", "status", "method"]].sort_index()


def industry_ratio(industry: pd.DataFrame, crypto: pd.Series, base_month: str) -> float:
    """Customer yen over customer crypto of the industry at the base month.

    July 2026: 230,505 / 2,641,858 = 0.0873. The yen of a month that is not printed lie on a
    straight line in logs between printed months: they have no price to follow.
    """
    known = monthly(industry, "customer_fiat")
    flat = pd.Series(1.0, index=crypto.index, name="flat")
    return at(bridge(known, flat).value, base_month) / at(crypto, base_month)


def known_ratios(
    industry_value: float, fiat: pd.Series, customer_crypto: pd.Series
) -> tuple[float, float, float]:
    """Lowest, industry's and highest known ratio of yen to crypto at the base month.

    Parameters
    ----------
    industry_value : float
        Ratio of the industry.
    fiat, customer_crypto : Series
        JPY mn by exchange; an exchange with a blank in either, or no crypto, is not known.
    """
    ratio = (fiat / customer_crypto.where(customer_crypto > 0)).dropna()
    values = [industry_value, *ratio.astype(float)]
    return min(values), industry_value, max(values)


def draw(
    unit: FloatArray,
    ratios: tuple[float, float, float],
    crypto: FloatArray,
    room: FloatArray,
) -> FloatArray:
    """Customer yen of exchanges that do not print it, JPY mn.

    Parameters
    ----------
    unit : array
        Uniform numbers in (0, 1), shape (draw, exchange).
    ratios : tuple
        Lowest, most likely and highest ratio of yen to crypto.
    crypto : array
        Customer crypto at the base month before any price shock, JPY mn.
    room : array
        Total assets less customer crypto at the statement date: customers' yen cannot be more.
    """
    low, mode, high = ratios
    if high > low:
        split = (mode - low) / (high - low)
        rising = low + np.sqrt(unit * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - unit) * (high - low) * (high - mode))
        ratio = np.where(unit < split, rising, falling)
    else:
        ratio = np.full_like(unit, mode)
    return np.minimum(ratio * crypto, np.maximum(room, 0.0))
