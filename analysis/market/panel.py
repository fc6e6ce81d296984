"""The panel that every formula and every cost reads: draws of completed data sets.

A cell is `observed` (printed in a source), `derived` (arithmetic on observed cells) or `imputed`
(drawn, because nobody publishes it). The panel keeps the status of every cell beside its draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Field:
    """One column of the panel: `name` in code, `column` in files, unit and smallest value."""

    name: str
    unit: str
    about: str
    minimum: float = -np.inf
    maximum: float = np.inf
    required: bool = False

    @property
    def column(self) -> str:
        """Name in files: money carries its unit."""
        return f"{self.name}_jpy_mn" if self.unit == "JPY mn" else self.name


_YEAR = ("", "_lag1", "_lag2")
FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in [
        Field(
            "operating_revenue",
            "JPY mn",
            "Operating revenue, 12 months; can be negative",
            required=True,
        ),
        Field("operating_expenses", "JPY mn", "Operating expenses, 12 months", 0, required=True),
        Field("operating_profit", "JPY mn", "Revenue less expenses", required=True),
        Field("net_income", "JPY mn", "Net income, 12 months", required=True),
        Field("total_assets", "JPY mn", "Total assets at the statement date", 0, required=True),
        Field("net_assets", "JPY mn", "Net assets at the statement date", required=True),
        Field(
            "customer_crypto",
            "JPY mn",
            "Customers' crypto-assets at the base date",
            0,
            required=True,
        ),
        Field("customer_fiat", "JPY mn", "Customers' yen at the base date", 0),
        Field("liquid_assets", "JPY mn", "Own liquid assets", 0),
        Field(
            "crypto_owed",
            "JPY mn",
            "Crypto held but owed to others, such as borrowed from customers; not in liquid assets",
            0,
        ),
        Field("hot_share", "share", "Share of customer crypto in hot wallets", 0, 1),
        *(
            Field(f"{market}_volume{lag}", "JPY mn", f"{market} trading value of the year{lag}", 0)
            for market in ("spot", "margin")
            for lag in _YEAR
        ),
        Field("order_book_share", "share", "Share of its spot volume on the order book", 0, 1),
        Field("years_registered", "years", "Years since registration", 0),
        Field("incident_count", "incidents", "Losses of custody in the last ten years", 0),
        Field("incident_loss", "JPY mn", "Sum of those losses", 0),
    ]
}


@dataclass(frozen=True)
class Panel:
    """Completed data sets of the market.

    Attributes
    ----------
    exchanges : tuple of str
        Ids of the exchanges, the order of the last axis everywhere. Shape (exchange,).
    values : mapping of str to array
        One array per name in `FIELDS`, shape (draw, exchange), unit as in `FIELDS`.
    status : DataFrame
        `observed`, `derived` or `imputed`; index exchange, one column per field.
    method : DataFrame
        How a derived or imputed cell was made, in words; same shape as `status`, blank if observed.
    excluded : DataFrame
        Registered exchanges left out, with the column `reason`.
    """

    exchanges: tuple[str, ...]
    values: Mapping[str, FloatArray]
    status: pd.DataFrame
    method: pd.DataFrame
    excluded: pd.DataFrame

    def __getitem__(self, field: str) -> FloatArray:
        """Draws of one field, shape (draw, exchange)."""
        return self.values[field]

    @cached_property
    def known(self) -> Mapping[str, BoolArray]:
        """Whether a cell is not imputed, by field, shape (exchange,)."""
        words = self.status != "imputed"
        return {str(name): words[name].to_numpy(bool) for name in words}

    @property
    def draws(self) -> int:
        """Number of completed data sets."""
        return int(next(iter(self.values.values())).shape[-2])


LARGE_JPY_MN = 100_000.0
MEDIUM_JPY_MN = 5_000.0
BANDS = ("large", "medium", "small")


def size_bands(panel: Panel) -> pd.Series:
    """Size band of each exchange by its customer crypto, mean over draws.

    `large` from JPY 100 bn, `medium` from JPY 5 bn, `small` below. The bands are this study's own:
    no rule defines them. A price shock can move an exchange to another band.

    Returns
    -------
    Series
        Ordered categorical, index exchange.
    """
    custody = panel["customer_crypto"].mean(axis=0)
    band = np.where(
        custody >= LARGE_JPY_MN, "large", np.where(custody >= MEDIUM_JPY_MN, "medium", "small")
    )
    return pd.Series(
        pd.Categorical(band, categories=BANDS, ordered=True), index=panel.exchanges, name="band"
    )


def over_exchanges(array: FloatArray) -> FloatArray:
    """Sum over exchanges, the last axis; four times as fast as `array.sum` where they are few.

    Each row is summed in the same order however the array lies in memory and whatever else it
    holds, so that a scenario among many gives the bits that it gives alone.
    """
    summed: FloatArray = np.einsum("...e->...", np.ascontiguousarray(array))
    return summed
