"""Customers' crypto-assets, brought from each exchange's statement to the base month.

A(base) = A(reported) x I(base) / I(report date), where I is the industry's customer crypto: its
printed months, carried between them by the price of the customers' coin mix. The roll assumes
that every exchange's customers hold the industry's mix and add or withdraw at the industry's
rate; `roll_checks` measures how far that was off where an exchange printed two dates.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.bridge import Bridged, at, bridge, month_number

COINS = ("BTC", "XRP", "ETH")


def mix_value(prices: pd.DataFrame, mix: pd.DataFrame) -> pd.Series:
    """Value of the quantities that customers held at the latest known coin mix, 1 at that month.

    The shares of BTC, XRP and ETH are scaled to one: what is not in these three (13 % in October
    2025, customers' yen perhaps among it) is taken to move with them.

    Parameters
    ----------
    prices : DataFrame
        Table market/prices_monthly: month, series (`BTC/JPY`, ...), value in JPY at month end.
    mix : DataFrame
        Table market/coin_mix: as_of, coin, share.

    Returns
    -------
    Series
        By month (monthly `PeriodIndex`), without unit.
    """
    as_of = pd.to_datetime(mix["as_of"])
    latest = mix[as_of == as_of.max()].set_index("coin")["share"].astype(float)
    share = latest.loc[list(COINS)] / latest.loc[list(COINS)].sum()
    table = yen_prices(prices)[list(COINS)].dropna()
    at_date = (table.index == as_of.max().to_period("M")).tolist()
    relative = table / table[at_date].iloc[0]
    return pd.Series(relative.to_numpy() @ share.to_numpy(), index=table.index, name="coin mix")


def yen_prices(prices: pd.DataFrame) -> pd.DataFrame:
    """Month-end price in JPY, one row per month, one column per coin."""
    wanted = prices[prices["series"].isin([f"{coin}/JPY" for coin in COINS])]
    table = wanted.assign(
        month=pd.PeriodIndex(wanted["month"], freq="M"),
        coin=wanted["series"].str.removesuffix("/JPY"),
    ).pivot_table(index="month", columns="coin", values="value", aggfunc="first")
    return table.astype(float)


def monthly(industry: pd.DataFrame, measure: str) -> pd.Series:
    """Known months of one industry measure; bounds and blanks are left out.

    Parameters
    ----------
    industry : DataFrame
        Table market/industry_monthly: period, period_type, measure, value, precision.
    measure : str
        As `spot_volume` or `customer_crypto`.
    """
    rows = industry[(industry["period_type"] == "month") & (industry["measure"] == measure)]
    if "precision" in rows:
        rows = rows[rows["precision"].fillna("") != "lower_bound"]
    months = pd.PeriodIndex(rows["period"], freq="M")
    return pd.Series(rows["value"].to_numpy(float), index=months, name=measure).sort_index()


def industry_crypto(industry: pd.DataFrame, mix: pd.Series) -> Bridged:
    """Customers' crypto-assets of the whole industry by month, JPY mn."""
    return bridge(monthly(industry, "customer_crypto"), mix)


def reported(balances: pd.DataFrame, firm_years: pd.DataFrame, base_month: str) -> pd.DataFrame:
    """Customer crypto that each exchange reported nearest before the base month, else after it.

    Returns
    -------
    DataFrame
        Index exchange; `value` JPY mn, `as_of`, `status`, `method`.
    """
    printed = balances[balances["measure"] == "customer_crypto"].copy()
    printed["method"] = printed["derivation"].fillna("").astype(str)
    computed = _from_total_assets(balances, firm_years)
    dated = pd.concat([printed, computed])[["exchange", "as_of", "value", "status", "method"]]
    dated["as_of"] = pd.to_datetime(dated["as_of"])
    dated = dated.drop_duplicates(["exchange", "as_of"])
    base = pd.Period(base_month, "M").end_time
    gap = (base - dated["as_of"]).dt.days
    # Earlier dates rank by closeness; later ones only when there is no earlier one.
    dated["rank"] = np.where(gap >= 0, gap, 1e6 - gap)
    return dated.sort_values("rank").groupby("exchange").head(1).set_index("exchange").sort_index()


def _from_total_assets(balances: pd.DataFrame, firm_years: pd.DataFrame) -> pd.DataFrame:
    """Customer crypto as total assets less customer yen, crypto on the balance sheet and cash.

    Every other asset (receivables, software) is taken for customer crypto: an upper bound, close
    where these are small. Coincheck at 2025-03-31: 881,153 - 51,655 - 44,680 - 8,584 = 776,234.
    """
    parts = balances.assign(as_of=pd.to_datetime(balances["as_of"])).pivot_table(
        index=["exchange", "as_of"], columns="measure", values="value", aggfunc="first"
    )
    needed = ["customer_fiat", "crypto_on_balance_sheet", "own_cash"]
    if not set(needed) <= set(parts.columns):
        return pd.DataFrame(columns=["exchange", "as_of", "value", "status", "method"])
    known = parts[needed].dropna()
    if "customer_crypto" in parts:
        known = known[parts.loc[known.index, "customer_crypto"].isna()]
    years = firm_years.assign(as_of=pd.to_datetime(firm_years["fiscal_year_end"]))
    total = years.set_index(["exchange", "as_of"])["total_assets_jpy_mn"].astype(float)
    value = (total.reindex(known.index) - known.sum(axis=1)).dropna()
    return (
        value.rename("value")
        .reset_index()
        .assign(
            status="derived",
            method="total assets less customer yen, crypto on the balance sheet and cash",
        )
    )


def roll_factor(as_of: pd.Series, index: pd.Series, base_month: str) -> pd.Series:
    """I(base) / I(report date) by exchange.

    Raises
    ------
    InputError
        A month for which there is no industry index.
    """
    months = pd.PeriodIndex(pd.to_datetime(as_of), freq="M")
    for month in (pd.Period(base_month, "M"), *months):
        if month not in index.index:
            raise InputError(
                f"base_month = {base_month}: no price of the coin mix for {month}; allowed: "
                f"{index.index[0]} to {index.index[-1]}; choose another base month"
            )
    factor = at(index, base_month) / index[months].to_numpy(float)
    return pd.Series(factor, index=as_of.index, name="roll_factor")


def years_between(as_of: pd.Series, base_month: str) -> pd.Series:
    """Years from the report date's month to the base month, without sign."""
    base = pd.PeriodIndex([base_month], freq="M")
    months = month_number(pd.PeriodIndex(pd.to_datetime(as_of), freq="M"))
    return pd.Series(np.abs(month_number(base)[0] - months) / 12, index=as_of.index)


def roll_checks(balances: pd.DataFrame, firm_years: pd.DataFrame, index: pd.Series) -> pd.DataFrame:
    """Roll each printed figure to the next printed one of the same exchange, and compare.

    Where a date has only customer assets (crypto and yen together), the yen of the nearest known
    date is taken off.

    Returns
    -------
    DataFrame
        exchange, from, to, from_jpy_mn, to_jpy_mn, rolled_jpy_mn, log_error, years.
    """
    points = _crypto_points(balances, firm_years)
    points["month"] = pd.PeriodIndex(points["as_of"], freq="M")
    points = points[points["month"].isin(index.index)].sort_values(["exchange", "month"])
    after = points.groupby("exchange").shift(-1)
    pairs = points[after["value"].notna()].copy()
    after = after.loc[pairs.index]
    factor = index[pd.PeriodIndex(after["month"])].to_numpy() / index[pairs["month"]].to_numpy()
    rolled = pairs["value"].to_numpy() * factor
    gap = month_number(pd.PeriodIndex(after["month"])) - month_number(pairs["month"])
    return pd.DataFrame(
        {
            "exchange": pairs["exchange"].to_numpy(),
            "from": pairs["month"].astype(str).to_numpy(),
            "to": after["month"].astype(str).to_numpy(),
            "from_jpy_mn": pairs["value"].to_numpy(),
            "to_jpy_mn": after["value"].to_numpy(),
            "rolled_jpy_mn": rolled,
            "log_error": np.log(after["value"].to_numpy(float) / rolled),
            "years": gap / 12,
        }
    )


def tracking_error(checks: pd.DataFrame) -> float:
    """Standard deviation of the log error of a roll, per square root of a year.

    Errors of a random walk of net flows grow with the square root of time: the mean of
    error^2 / years estimates the variance of one year.
    """
    if checks.empty:
        return 0.0
    return float(np.sqrt((checks["log_error"] ** 2 / checks["years"]).mean()))


def _crypto_points(balances: pd.DataFrame, firm_years: pd.DataFrame) -> pd.DataFrame:
    """Every dated customer-crypto figure of every exchange: exchange, as_of, value."""
    rows = balances.assign(as_of=pd.to_datetime(balances["as_of"]))
    crypto = pd.concat(
        [rows[rows["measure"] == "customer_crypto"], _from_total_assets(balances, firm_years)]
    )[["exchange", "as_of", "value"]]
    assets = rows[rows["measure"] == "customer_assets"][["exchange", "as_of", "value"]]
    fiat = rows[rows["measure"] == "customer_fiat"][["exchange", "as_of", "value"]]
    netted = pd.merge_asof(
        assets.sort_values("as_of"),
        fiat.sort_values("as_of").rename(columns={"value": "fiat"}),
        on="as_of",
        by="exchange",
        direction="nearest",
    ).dropna(subset=["fiat"])
    netted["value"] = netted["value"] - netted.pop("fiat")
    points = pd.concat([crypto, netted]).astype({"value": float})
    return points.drop_duplicates(["exchange", "as_of"]).reset_index(drop=True)
