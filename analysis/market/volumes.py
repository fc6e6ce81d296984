"""Monthly trading volume of the industry: printed months, and an indicator between them.

The indicator is a regression of log volume on the log price of bitcoin, its absolute monthly
log return and a trend. The trend is kept because it halves the unexplained variance: turnover per
yen of price fell over the years, above all for margin after the leverage limit of 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.tools import add_constant

from analysis.errors import InputError
from analysis.market.bridge import Bridged, bridge, leave_one_out, month_number
from analysis.market.custody import monthly, yen_prices

FIRST_MONTH = "2018-09"  # first month of the self-regulator's series
MARKETS = ("spot", "margin")
REGRESSORS = ("log_price", "absolute_return", "years")


@dataclass(frozen=True)
class IndustryVolume:
    """Monthly industry volume of one market with what a reader needs to judge it.

    Attributes
    ----------
    monthly : Bridged
        JPY mn by month with status.
    coefficients : DataFrame
        Estimate and HC3 standard error by regressor.
    months : int
        Printed months in the regression.
    r_squared : float
    error : float
        Root mean squared log error when each printed month is bridged from the others.
    """

    monthly: Bridged
    coefficients: pd.DataFrame
    months: int
    r_squared: float
    error: float


def drivers(prices: pd.DataFrame) -> pd.DataFrame:
    """Regressors by month: log BTC/JPY, its absolute monthly log return, years since 2018-09."""
    log_price = np.log(yen_prices(prices)["BTC"].dropna())
    first = month_number(pd.PeriodIndex([FIRST_MONTH], freq="M"))[0]
    table = pd.DataFrame(
        {
            "log_price": log_price,
            "absolute_return": log_price.diff().abs(),
            "years": (month_number(log_price.index) - first) / 12,
        }
    )
    return table.dropna().loc[pd.Period(FIRST_MONTH, "M") :]


def industry_volume(industry: pd.DataFrame, prices: pd.DataFrame, market: str) -> IndustryVolume:
    """Monthly volume of one market, from September 2018 to the last month with a price.

    Standard errors are HC3 (MacKinnon and White, Journal of Econometrics 29, 1985), which hold
    up in samples of this size.

    Parameters
    ----------
    industry, prices : DataFrame
        Tables market/industry_monthly and market/prices_monthly.
    market : str
        `spot` or `margin`.

    Raises
    ------
    InputError
        Too few printed months to fit the indicator.
    """
    table = drivers(prices)
    known = monthly(industry, f"{market}_volume")
    known = known[known.index.isin(table.index)]
    least = len(REGRESSORS) + 3
    if len(known) < least:
        raise InputError(
            f"{market}_volume: {len(known)} printed months since {FIRST_MONTH}; allowed: at least "
            f"{least}; give an industry table with more months"
        )
    fit = OLS(np.log(known), add_constant(table.loc[known.index])).fit(cov_type="HC3")
    indicator = np.exp(fit.predict(add_constant(table, has_constant="add"))).rename("indicator")
    return IndustryVolume(
        monthly=bridge(known, indicator),
        coefficients=pd.DataFrame({"estimate": fit.params, "standard_error": fit.bse}),
        months=len(known),
        r_squared=float(fit.rsquared),
        error=float(np.sqrt((leave_one_out(known, indicator) ** 2).mean())),
    )


def year_weights(months: pd.Index, base_month: str) -> pd.DataFrame:
    """Which months make up the base year and the two years before it.

    Returns
    -------
    DataFrame
        1.0 or 0.0; index year (0, 1, 2 years back), columns month.

    Raises
    ------
    InputError
        The three years are not covered.
    """
    base = pd.Period(base_month, "M")
    index = pd.PeriodIndex(months, freq="M")
    first, last = index[0] + 35, index[-1]
    if not first <= base <= last:
        raise InputError(
            f"base_month = {base_month}: three years of industry volume are needed; allowed: "
            f"{first} to {last}; choose another base month"
        )
    back = month_number(pd.PeriodIndex([base], freq="M"))[0] - month_number(index)
    rows = [((back >= 12 * year) & (back < 12 * year + 12)).astype(float) for year in range(3)]
    return pd.DataFrame(rows, columns=index)


def fiscal_year_checks(industry: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Printed fiscal-year totals (April to March) against the sum of the monthly series.

    They are not used to fit anything. Returns market, fiscal_year, printed_jpy_mn,
    monthly_jpy_mn, difference (share of the printed total).
    """
    rows = []
    for market in MARKETS:
        series = industry_volume(industry, prices, market).monthly.value
        number = month_number(series.index)
        year = pd.Series((number - 3) // 12, index=series.index).astype(int)
        whole = year.groupby(year).transform("size") == 12
        totals = series[whole].groupby(year[whole]).sum()
        printed = industry[
            (industry["period_type"] == "fiscal_year") & (industry["measure"] == f"{market}_volume")
        ].set_index("period")["value"]
        for period, value in printed.items():
            fiscal = int(str(period).removeprefix("FY"))
            if fiscal in totals.index:
                rows.append((market, str(period), float(value), float(totals[fiscal])))
    table = pd.DataFrame(
        rows, columns=["market", "fiscal_year", "printed_jpy_mn", "monthly_jpy_mn"]
    )
    return table.assign(difference=table["monthly_jpy_mn"] / table["printed_jpy_mn"] - 1)
