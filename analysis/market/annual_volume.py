"""Annual volume by exchange and draw: the industry's total times the allocated shares."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.market import allocation
from analysis.market.benchmark import kept_totals
from analysis.market.bridge import gap_errors
from analysis.market.panel import FloatArray
from analysis.market.sampling import mean_one, uniform
from analysis.market.volumes import MARKETS, industry_volume, ratio_spread, year_weights
from analysis.scenario import Scenario

LAGS = ("", "_lag1", "_lag2")
_UNIT = ("day", "flow", "order_book", "margin_day", "margin_rest", "key")
_ORDER_BOOK = "measured order-book volume over all its spot volume; zero where not measured"


def industry_totals(
    industry: pd.DataFrame,
    prices: pd.DataFrame,
    scenario: Scenario,
    rng: dict[str, np.random.Generator],
) -> dict[str, FloatArray]:
    """Industry volume of the base year and the two before it, JPY mn, shape (draw, year).

    Printed months, and the sum of a printed fiscal year, are the same in every draw; the others
    carry the error of the bridge, and after the last printed year a part of its ratio.
    """
    volumes = {market: industry_volume(industry, prices, market) for market in MARKETS}
    spread = ratio_spread(volumes)
    totals = {}
    for market, volume in volumes.items():
        series = volume.monthly
        errors, carry = rng[market].spawn(2)
        error = gap_errors(series.status, volume.error, scenario.draws, errors)
        unit = uniform(carry, scenario.draws, 1)
        low, high = scenario.benchmark_carried_low, scenario.benchmark_carried_high
        ratio_error = mean_one(carry, scenario.draws, np.array([spread]))
        factor = volume.carried_factor(low + (high - low) * unit, ratio_error)
        months = kept_totals(series.value.to_numpy() * error, volume.benchmarked) * factor
        totals[market] = months @ year_weights(series.value.index, scenario.base_month).to_numpy().T
    return totals


def dormant() -> set[str]:
    """Exchanges whose trading is suspended, by the note of the operators' table."""
    operators = read("market/operators")
    suspended = operators["note"].fillna("").str.contains("trading suspended", case=False)
    return set(operators.loc[suspended, "exchange"])


def annual_volumes(
    exchanges: tuple[str, ...],
    revenue: FloatArray,
    custody: FloatArray,
    printed: dict[str, FloatArray],
    industry: pd.DataFrame,
    prices: pd.DataFrame,
    scenario: Scenario,
    rng: np.random.Generator,
) -> tuple[dict[str, FloatArray], dict[str, pd.Series], dict[str, pd.Series]]:
    """Volumes of exchanges that do not print theirs, with method and status of each cell.

    What is printed is taken off the industry's total; the rest is shared among the blanks in the
    proportions of the allocation. A panel is taken for the whole industry: one that is only a
    part of it must bring its own volumes.

    Parameters
    ----------
    exchanges : tuple of str
        Ids of the exchange axis.
    revenue, custody : array
        JPY mn, shape (draw, exchange), before any stress.
    printed : dict of array
        Cells that are known by field name, NaN where blank, shape (exchange,).
    industry, prices : DataFrame
        Tables market/industry_monthly and market/prices_monthly.
    scenario : Scenario
    rng : Generator

    Returns
    -------
    tuple of dict
        Draws by field name, shape (draw, exchange), JPY mn (`order_book_share`: share); methods;
        statuses (index exchange).
    """
    streams = dict(zip((*MARKETS, "split"), rng.spawn(3), strict=True))
    totals = industry_totals(industry, prices, scenario, streams)
    books, shares = _split(exchanges, revenue, custody, scenario, streams["split"])
    drawn: dict[str, FloatArray] = {}
    how: dict[str, pd.Series] = {}
    status: dict[str, pd.Series] = {}
    for market, share in (("spot", shares.spot), ("margin", shares.margin)):
        seen = pd.Series(books[market].sum().to_numpy() > 0, index=list(exchanges))
        for year, lag in enumerate(LAGS):
            name = f"{market}_volume{lag}"
            drawn[name] = _rest(totals[market][:, year], share, printed[name])
            how[name] = seen.map({flag: allocation.METHOD[market, flag] for flag in (True, False)})
            status[name] = _status(exchanges)
    on_book = shares.order_book / np.where(shares.spot > 0, shares.spot, 1.0)
    drawn["order_book_share"] = on_book
    how["order_book_share"] = pd.Series(_ORDER_BOOK, index=list(exchanges))
    status["order_book_share"] = _status(exchanges)
    return drawn, how, status


def _status(exchanges: tuple[str, ...]) -> pd.Series:
    """Imputed, for the split is drawn; the zero of an exchange that may not trade is derived."""
    return pd.Series(
        np.where(np.isin(exchanges, list(dormant())), "derived", "imputed"), index=list(exchanges)
    )


def _split(
    exchanges: tuple[str, ...],
    revenue: FloatArray,
    custody: FloatArray,
    scenario: Scenario,
    rng: np.random.Generator,
) -> tuple[dict[str, pd.DataFrame], allocation.Split]:
    """Measured days and the shares drawn from them."""
    table = read("market/order_book_volumes")
    books = {market: allocation.measured(table, market, exchanges) for market in MARKETS}
    unit = dict(zip(_UNIT, uniform(rng, scenario.draws, len(_UNIT)).T, strict=True))
    asleep = np.isin(exchanges, list(dormant())).astype(float)
    keys = allocation.key(revenue, custody, unit["key"][:, None], asleep)
    return books, allocation.split(
        unit,
        books,
        keys,
        (scenario.binance_flow_low, scenario.binance_flow_high),
        (scenario.order_book_share_low, scenario.order_book_share_high),
        scenario.margin_unmeasured_high,
    )


def _rest(total: FloatArray, share: FloatArray, printed: FloatArray) -> FloatArray:
    """Total less what is printed, shared among the blanks, shape (draw, exchange)."""
    blank = np.isnan(printed)
    rest = np.maximum(total - np.nansum(printed), 0.0)
    among = np.where(blank, share, 0.0)
    whole = among.sum(axis=-1, keepdims=True)
    return np.asarray(rest[:, None] * among / np.where(whole > 0, whole, 1.0))
