"""Annual trading volume per exchange: published by nobody, allocated from the industry's total.

Spot. A share w of the industry's spot volume ran over the order books that were measured on
several days of 2026; it is split by one of those days, drawn at random. The rest (dealer desks
and unmeasured books) is split among all exchanges by u x revenue share + (1 - u) x custody share.
Margin. All but a share of the volume is split between the measured leveraged markets; that share
goes to exchanges known to offer margin whose volume is not measured, by the same key. Margin
trades in coins (such as bitbank's) are inside the self-regulator's spot figures.
The split of the base year is used for the two years before it as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.panel import FloatArray

# Offers of margin trading without a measured volume: sbivc.co.jp/guide/3-3 (2023-04-17) and
# rakuten-wallet.co.jp/service/leverage_app_wallet.
MARGIN_UNMEASURED = ("sbi_vc_trade", "rakuten_wallet")
SHARED_BOOK = "binance_japan"  # its JPY pairs trade on the engine of the whole Binance group

METHOD = {
    ("spot", True): "measured order-book share of a random day, plus its part of the remainder by "
    "revenue and custody",
    ("spot", False): "remainder of the industry's volume by revenue and custody",
    ("margin", True): "measured share of the leveraged markets of a random day",
    ("margin", False): "part of the industry's margin volume outside the measured markets, by "
    "revenue and custody; zero where no offer of margin trading is known",
}


@dataclass(frozen=True)
class Split:
    """Shares of the industry's volume, shape (draw, exchange), each draw summing to one.

    `order_book` is the part of `spot` that ran over measured order books.
    """

    spot: FloatArray
    order_book: FloatArray
    margin: FloatArray


def measured(volumes: pd.DataFrame, market: str, exchanges: tuple[str, ...]) -> pd.DataFrame:
    """Measured daily volume on the days when every measured exchange was seen.

    Parameters
    ----------
    volumes : DataFrame
        Table market/order_book_volumes: exchange, day, market, volume_jpy_mn.
    market : str
        `spot` or `margin`.
    exchanges : tuple of str
        Exchanges of the panel; the days of others are not used.

    Returns
    -------
    DataFrame
        JPY mn, index day, columns `exchanges` (zero where not measured); empty if none is.
    """
    rows = volumes[(volumes["market"] == market) & volumes["exchange"].isin(exchanges)]
    table = rows.pivot_table(index="day", columns="exchange", values="volume_jpy_mn")
    return table.dropna().reindex(columns=list(exchanges), fill_value=0.0).astype(float)


def key(
    revenue: FloatArray, custody: FloatArray, weight: FloatArray, dormant: FloatArray
) -> FloatArray:
    """Allocation key weight x revenue share + (1 - weight) x custody share, rows summing to one.

    Negative revenue (trading losses netted) counts as zero; dormant exchanges get nothing. If
    nobody has revenue (custody) the other share alone is the key.

    Parameters
    ----------
    revenue, custody : array
        JPY mn, shape (draw, exchange).
    weight : array
        In (0, 1), shape (draw, 1).
    dormant : array
        1.0 where trading is suspended, shape (exchange,).

    Raises
    ------
    InputError
        Nobody has revenue or custody.
    """
    size = np.stack([np.maximum(revenue, 0.0), custody]) * (1 - dormant)
    total = size.sum(axis=-1, keepdims=True)
    if not (total > 0).any(axis=0).all():
        raise InputError(
            "operating_revenue_jpy_mn and customer_crypto_jpy_mn: no exchange has either; allowed: "
            "at least one above 0, so that the industry's volume can be allocated"
        )
    share = size / np.where(total > 0, total, 1.0)
    first = np.where(total[1] > 0, np.where(total[0] > 0, weight, 0.0), 1.0)
    return np.asarray(first * share[0] + (1 - first) * share[1])


def split(
    unit: dict[str, FloatArray],
    books: dict[str, pd.DataFrame],
    keys: FloatArray,
    flow: tuple[float, float],
    order_book: tuple[float, float],
    margin_unmeasured_high: float,
) -> Split:
    """Shares of the industry's spot and margin volume by draw.

    Parameters
    ----------
    unit : dict of array
        Uniform numbers in (0, 1), shape (draw,), under `day`, `flow`, `order_book`, `margin_day`
        and `margin_rest`.
    books : dict of DataFrame
        Output of `measured` for `spot` and `margin`.
    keys : array
        Output of `key`, shape (draw, exchange).
    flow : tuple
        Range of the share of Binance's measured flow that belongs to Binance Japan's customers.
    order_book : tuple
        Range of the share of spot volume on the measured order books.
    margin_unmeasured_high : float
        Largest share of margin volume outside the measured markets.
    """
    exchanges = np.array(books["spot"].columns)
    day = _day(books["spot"], unit["day"])
    day[:, exchanges == SHARED_BOOK] *= _between(unit["flow"], flow)[:, None]
    book = _shares(day)
    on_book = _between(unit["order_book"], order_book)[:, None] * book.any(axis=1, keepdims=True)
    offers = keys * np.isin(exchanges, MARGIN_UNMEASURED)
    seen = _shares(_day(books["margin"], unit["margin_day"]))
    rest = margin_unmeasured_high * unit["margin_rest"][:, None] * offers.any(axis=1, keepdims=True)
    rest = np.where(seen.any(axis=1, keepdims=True), rest, 1.0)
    others = np.where(offers.any(axis=1, keepdims=True), _shares(offers), keys)
    return Split(
        spot=on_book * book + (1 - on_book) * keys,
        order_book=on_book * book,
        margin=(1 - rest) * seen + rest * others,
    )


def _between(unit: FloatArray, limits: tuple[float, float]) -> FloatArray:
    return limits[0] + (limits[1] - limits[0]) * unit


def _day(book: pd.DataFrame, unit: FloatArray) -> FloatArray:
    """Volumes of one measured day per draw, shape (draw, exchange); zeros if none is measured."""
    if book.empty:
        return np.zeros((len(unit), book.shape[1]))
    return np.asarray(book.to_numpy(float)[(unit * len(book)).astype(int)])


def _shares(amount: FloatArray) -> FloatArray:
    """Rows scaled to one; a row of zeros stays zero."""
    total = amount.sum(axis=-1, keepdims=True)
    return np.asarray(amount / np.where(total > 0, total, 1.0))
