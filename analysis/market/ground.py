"""What a panel stands on whatever is drawn: printed cells, the industry's series, measured books.

It follows from the base month and the tables alone, so it is worked out once for all scenarios of
a sweep. What only takes draws and seed besides, the chained equations, is kept as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.market import allocation, fiat
from analysis.market.assemble import industry_crypto
from analysis.market.bridge import at
from analysis.market.impute import impute
from analysis.market.industry import industry_table
from analysis.market.panel import FIELDS, BoolArray, FloatArray
from analysis.market.volumes import MARKETS, IndustryVolume, industry_volume
from analysis.scenario import Scenario

STEPS = ("imputation", "roll", "fiat", "liquid", "hot_share", "volume")
CROSS_SECTION = (
    "total_assets",
    "net_assets",
    "operating_expenses",
    "operating_revenue",
    "net_income",
)
STATEMENT = (
    "roll_factor",
    "roll_sd",
    "statement_customer_fiat_jpy_mn",
    "statement_crypto_owed_jpy_mn",
    "own_cash_jpy_mn",
)


@dataclass(frozen=True, eq=False)
class Ground:
    """Printed cells of a panel, and series of the industry, at a base month.

    Attributes
    ----------
    assembled : output of `assemble`, or a user's panel prepared in the same shape.
    excluded : exchanges left out, with their reasons.
    scenario : read for its base month and industry table only.
    """

    assembled: pd.DataFrame
    excluded: pd.DataFrame
    scenario: Scenario

    @cached_property
    def table(self) -> pd.DataFrame:
        """Of revenue, expenses and profit, the one that is blank follows from the other two."""
        out = self.assembled.copy()
        columns = [FIELDS[f"operating_{part}"].column for part in ("revenue", "expenses", "profit")]
        revenue, expenses, profit = (out[column].astype(float) for column in columns)
        for column, value, how in zip(
            columns,
            (profit + expenses, revenue - profit, revenue - expenses),
            ("profit plus expenses", "revenue less profit", "revenue less expenses"),
            strict=True,
        ):
            made = out[column].isna() & value.notna()
            out.loc[made, column] = value[made]
            out.loc[made, f"{column}_status"] = "derived"
            out.loc[made, f"{column}_method"] = how
        return out

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Ids of the exchange axis."""
        return tuple(str(exchange) for exchange in self.assembled.index)

    @cached_property
    def numbers(self) -> Mapping[str, FloatArray]:
        """Columns of numbers as arrays, blank as NaN, shape (exchange,)."""
        names = (*(field.column for field in FIELDS.values()), *STATEMENT)
        return {name: self.table[name].to_numpy(float) for name in names}

    @cached_property
    def words(self) -> Mapping[str, np.ndarray]:
        """Status and method of the printed cells, by column."""
        ends = ("_status", "_method")
        return {
            f"{field.column}{end}": self.table[f"{field.column}{end}"].to_numpy(object)
            for field in FIELDS.values()
            for end in ends
        }

    @cached_property
    def industry(self) -> pd.DataFrame:
        """Series of the industry."""
        return industry_table(self.scenario)

    @cached_property
    def crypto(self) -> pd.Series:
        """Customers' crypto of the whole industry by month, JPY mn, before any price shock."""
        return industry_crypto(self.scenario)

    @cached_property
    def crypto_now(self) -> float:
        """The same at the base month."""
        return at(self.crypto, self.scenario.base_month)

    @cached_property
    def fiat_ratios(self) -> tuple[float, float, float]:
        """Lowest, industry's and highest known ratio of customers' yen to crypto."""
        industry = fiat.industry_ratio(self.industry, self.crypto, self.scenario.base_month)
        printed = self.table[[FIELDS[f"customer_{kind}"].column for kind in ("fiat", "crypto")]]
        return fiat.known_ratios(industry, printed.iloc[:, 0], printed.iloc[:, 1])

    @cached_property
    def volumes(self) -> dict[str, IndustryVolume]:
        """Monthly volume of the industry by market."""
        prices = read("market/prices_monthly")
        return {market: industry_volume(self.industry, prices, market) for market in MARKETS}

    @cached_property
    def books(self) -> dict[str, pd.DataFrame]:
        """Measured days of the order books by market."""
        table = read("market/order_book_volumes")
        return {market: allocation.measured(table, market, self.exchanges) for market in MARKETS}

    @cached_property
    def asleep(self) -> BoolArray:
        """Exchanges whose trading is suspended, shape (exchange,)."""
        return np.isin(self.exchanges, list(dormant()))


def cross_section(table: pd.DataFrame) -> pd.DataFrame:
    """What the chained equations see of an assembled table: JPY mn at the statement date."""
    known = table[[FIELDS[name].column for name in CROSS_SECTION]].set_axis(CROSS_SECTION, axis=1)
    custody = table["statement_customer_crypto_jpy_mn"]
    return known.assign(customer_crypto=custody).astype(float)


def streams(seed: int) -> dict[str, np.random.Generator]:
    """One stream of random numbers for each step, so that no step moves the draws of another."""
    seeds = np.random.SeedSequence(seed).spawn(len(STEPS))
    return {step: np.random.default_rng(one) for step, one in zip(STEPS, seeds, strict=True)}


@lru_cache(maxsize=16)
def imputed(ground: Ground, draws: int, seed: int) -> Mapping[str, FloatArray]:
    """Completed cross-section at the statement date, by field; nobody changes its arrays.

    Raises
    ------
    InputError
        Too few observed cells.
    """
    return impute(cross_section(ground.table), draws, streams(seed)["imputation"])


def dormant() -> set[str]:
    """Exchanges whose trading is suspended, by the note of the operators' table."""
    operators = read("market/operators")
    suspended = operators["note"].fillna("").str.contains("trading suspended", case=False)
    return set(operators.loc[suspended, "exchange"])
