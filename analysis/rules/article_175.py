"""The securities firms' reserve, as the law writes it: eight items over a history of years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.panel import BoolArray, FloatArray

BASIS_POINT = 1e-4
ITEMS = (
    "stocks",
    "stock_futures",
    "stock_options",
    "bond_futures",
    "bond_options",
    "currency_futures",
    "deposit_rate_futures",
    "bill_rate_futures",
)


@dataclass(frozen=True)
class Accrual:
    """What a history of trading values does to the reserve; arrays are (year, ...), JPY mn."""

    balances: FloatArray
    provisions: FloatArray
    releases: FloatArray


def accrue(
    volumes: FloatArray,
    opening: FloatArray | float,
    accrual: FloatArray,
    ceiling: FloatArray,
    earlier: FloatArray | None = None,
    *,
    release: bool = True,
) -> Accrual:
    """Balances, provisions and releases over a history, year by year.

    provision = max(0, min(sum accrual x V_t, sum ceiling x max(V_t, V_t-1, V_t-2) - balance)); the
    balance above the ceiling, and nothing else, may be released.

    Parameters
    ----------
    volumes : (year, item, ...)
        Trading value of each fiscal year, JPY mn.
    opening : number or (...)
        Balance before the first year, JPY mn.
    accrual, ceiling : (item, ...)
        Rates as fractions of trading value, broadcast against one year of `volumes`.
    earlier : (2, item, ...), optional
        The two fiscal years before the first, oldest first. Default: there were none.
    release : bool
        Whether the firm releases all that it may. The law permits it and does not ask for it.

    Returns
    -------
    Accrual

    Notes
    -----
    Cabinet Office Order on Financial Instruments Business etc. art. 175(1)(i), (ii) and (2).
    """
    before = np.zeros((2, *volumes.shape[1:])) if earlier is None else earlier
    history = np.concatenate([before, volumes])
    balance = np.asarray(opening, dtype=float)
    years = []
    for year in range(len(volumes)):
        best = history[year : year + 3].max(axis=0)
        limit = (ceiling * best).sum(axis=0)
        provision = np.maximum(
            np.minimum((accrual * volumes[year]).sum(axis=0), limit - balance), 0
        )
        released = np.maximum(balance - limit, 0.0) * release
        balance = balance + provision - released
        years.append((balance, provision, released))
    balances, provisions, releases = (
        np.stack(np.broadcast_arrays(*series)) for series in zip(*years, strict=True)
    )
    return Accrual(balances, provisions, releases)


@dataclass(frozen=True, kw_only=True)
class Article175:
    """Rates of the eight items, basis points of trading value; the law of securities firms today.

    Parameters
    ----------
    accrual_* : basis points per year
        Art. 175(1)(i), items i to chi.
    ceiling_* : basis points of the best of three years
        Art. 175(1)(ii), items i to chi. Each is four times its accrual rate, so a firm with flat
        trading fills the reserve in four years.

    Notes
    -----
    FIEA art. 46-5; Cabinet Office Order on Financial Instruments Business etc. art. 175. Text as of
    27 September 2013. Base of item i: customers' orders passed on and own dealing off the exchange.
    Over-the-counter derivatives, cash bonds and own dealing on an exchange are in no item.
    """

    accrual_stocks: float
    accrual_stock_futures: float
    accrual_stock_options: float
    accrual_bond_futures: float
    accrual_bond_options: float
    accrual_currency_futures: float
    accrual_deposit_rate_futures: float
    accrual_bill_rate_futures: float
    ceiling_stocks: float
    ceiling_stock_futures: float
    ceiling_stock_options: float
    ceiling_bond_futures: float
    ceiling_bond_options: float
    ceiling_currency_futures: float
    ceiling_deposit_rate_futures: float
    ceiling_bill_rate_futures: float

    def rates(self, kind: str) -> FloatArray:
        """Rates of `accrual` or `ceiling` as fractions, in the order of `ITEMS`, shape (item,)."""
        return BASIS_POINT * np.array([getattr(self, f"{kind}_{item}") for item in ITEMS])

    def accrue(
        self, volumes: FloatArray, opening: FloatArray | float, *, release: bool = True
    ) -> Accrual:
        """`accrue` at these rates; `volumes` is (year, item, ...) in the order of `ITEMS`.

        Raises
        ------
        InputError
            Another number of items than eight.
        """
        if volumes.ndim < 2 or volumes.shape[1] != len(ITEMS):
            raise InputError(
                f"volumes has shape {volumes.shape}; it must be (year, item, ...) with the eight "
                f"items {', '.join(ITEMS)}; fill an item without trading with zeros"
            )
        shape = (len(ITEMS), *[1] * (volumes.ndim - 2))
        accrual, ceiling = (self.rates(kind).reshape(shape) for kind in ("accrual", "ceiling"))
        return accrue(volumes, opening, accrual, ceiling, release=release)

    def implied_trading_value(self, balances: FloatArray) -> pd.DataFrame:
        """What each year's balance says of stock trading, if nothing but stocks was traded.

        A year is a ceiling case when the balance ends at the ceiling: the best of three years is
        balance / ceiling, and the year itself at least change / accrual. It is an accrual case when
        the provision was the whole accrual: the year's trading value is change / accrual, and the
        best of three years is at least balance / ceiling.

        Parameters
        ----------
        balances : (year,)
            Balances at the ends of consecutive fiscal years, JPY mn.

        Returns
        -------
        DataFrame, one row per year
            change_jpy_mn; ceiling_low_jpy_mn and ceiling_high_jpy_mn (range of the year's trading
            value in the ceiling case; one value where the year must be the best of its three);
            accrual_jpy_mn (trading value in the accrual case); ceiling_case and accrual_case
            (whether each can be true, given what the other years allow).
        """
        accrual, ceiling = (float(self.rates(kind)[0]) for kind in ("accrual", "ceiling"))
        change = np.diff(balances, prepend=np.nan)
        best = balances / ceiling
        least = np.maximum(change, 0) / accrual
        ceiling_case = least <= best
        accrual_case, highest = _bounds(change, least, best, ceiling_case)
        # A balance above what the two years before can explain makes this year the best of three.
        lowest = np.where(_before(highest) < best, best, least)
        return pd.DataFrame(
            {
                "change_jpy_mn": change,
                "ceiling_low_jpy_mn": lowest,
                "ceiling_high_jpy_mn": best,
                "accrual_jpy_mn": np.where(change >= 0, least, np.nan),
                "ceiling_case": ceiling_case,
                "accrual_case": accrual_case,
            }
        )


def _before(values: FloatArray) -> FloatArray:
    """Larger of the two preceding years, infinite where there is none, shape (year,)."""
    one = np.concatenate([[np.inf], values[:-1]])
    two = np.concatenate([[np.inf], one[:-1]])
    larger: FloatArray = np.maximum(one, two)
    return larger


def _bounds(
    change: FloatArray, least: FloatArray, best: FloatArray, ceiling_case: BoolArray
) -> tuple[BoolArray, FloatArray]:
    """Whether each year can be an accrual case, and the largest trading value of each year.

    A year that can only be a ceiling case bounds itself and the two years before it; an accrual
    case needs a year among its three that reaches balance / ceiling.
    """
    accrual_case: BoolArray = change >= 0
    for _ in change:
        highest = np.where(accrual_case, np.fmax(least, best), best)
        highest[0] = np.inf
        settled = np.where(ceiling_case & ~accrual_case, best, np.inf)
        for lag in range(3):
            reach = max(len(highest) - lag, 0)
            highest[:reach] = np.minimum(highest[:reach], settled[lag:])
        reached = np.maximum(least, _before(highest)) >= best * (1 - 1e-12)
        narrowed: BoolArray = (change >= 0) & reached
        if np.array_equal(narrowed, accrual_case):
            break
        accrual_case = narrowed
    return accrual_case, highest
