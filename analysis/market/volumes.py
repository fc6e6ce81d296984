"""Monthly trading volume of the industry: printed months, and an indicator between them.

The indicator is a regression of log volume on the log price of bitcoin, its absolute monthly
log return and a trend. The trend is kept because it halves the unexplained variance: turnover per
yen of price fell over the years, above all for margin after the leverage limit of 2020.

Press quotes records more often than quiet months, so that months between quoted ones come out too
high: by 33 to 49 % in the years whose total is printed. Those years are brought to their totals;
how much of that excess the later months have too is open (`benchmark_carried_low`, `_high`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.tools import add_constant

from analysis.errors import InputError
from analysis.market.benchmark import Benchmarked, after_the_last_year, benchmark
from analysis.market.bridge import Bridged, bridge, leave_one_out, month_number
from analysis.market.custody import monthly, yen_prices
from analysis.market.panel import FloatArray

FIRST_MONTH = "2018-09"  # first month of the self-regulator's series
MARKETS = ("spot", "margin")
REGRESSORS = ("log_price", "absolute_return", "years")


@dataclass(frozen=True)
class IndustryVolume:
    """Monthly industry volume of one market with what a reader needs to judge it.

    Attributes
    ----------
    benchmarked : Benchmarked
        JPY mn by month with status, printed months and printed fiscal years kept.
    bridged : Series
        The same before the fiscal years.
    coefficients : DataFrame
        Estimate and HC3 standard error by regressor.
    months : int
        Printed months in the regression.
    r_squared : float
    error : float
        Root mean squared log error when each printed month is bridged from the others.
    """

    benchmarked: Benchmarked
    bridged: pd.Series
    coefficients: pd.DataFrame
    months: int
    r_squared: float
    error: float

    @property
    def monthly(self) -> Bridged:
        """JPY mn by month with status, no ratio carried beyond the last printed year."""
        return self.benchmarked.monthly

    def carried(self, part: float) -> Bridged:
        """Monthly series with a part of the last ratio carried beyond the last printed year."""
        value = self.monthly.value * self.carried_factor(np.array([[part]]))[0]
        return Bridged(value.rename(self.monthly.value.name), self.monthly.status)

    def carried_factor(self, part: FloatArray, ratio_error: FloatArray | float = 1.0) -> FloatArray:
        """Factor on every month if `part` of the last ratio (in logs) holds for later months.

        With part 1 a later unprinted month is the bridge times the last ratio, with part 0 the
        ratio has gone back to 1 by the next printed month.

        Parameters
        ----------
        part, ratio_error : array
            Shape (draw, 1): in [0, 1]; factor on the ratio.

        Returns
        -------
        array
            Shape (draw, month); ones but in unprinted months after the last printed year.
        """
        later, ratio = after_the_last_year(self.benchmarked)
        bridged = self.bridged.to_numpy(float) / self.monthly.value.to_numpy(float)
        return np.asarray(np.where(later, (bridged * ratio * ratio_error) ** part, 1.0))


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
    bridged = bridge(known, indicator)
    return IndustryVolume(
        benchmarked=benchmark(bridged, _printed_years(industry, market)),
        bridged=bridged.value,
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


def ratio_spread(volumes: Mapping[str, IndustryVolume]) -> float:
    """Standard deviation of the log ratios of all printed years of all markets; 0 below two."""
    tables = [volume.benchmarked.years for volume in volumes.values()]
    ratios = pd.concat([table.loc[table["used"], "ratio"] for table in tables]).astype(float)
    return float(np.log(ratios).std(ddof=1)) if len(ratios) > 1 else 0.0


def fiscal_year_checks(industry: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Printed fiscal-year totals (April to March) against the monthly series.

    Returns
    -------
    DataFrame
        market, fiscal_year, printed_jpy_mn, bridged_jpy_mn (sum of the months before the total is
        used), ratio (of the unprinted months), used, monthly_jpy_mn (sum after), difference
        (share of the printed total, after), difference_before.
    """
    tables = []
    for market in MARKETS:
        years = industry_volume(industry, prices, market).benchmarked.years.reset_index()
        years.insert(0, "market", market)
        tables.append(years)
    table = pd.concat(tables, ignore_index=True)
    return table.assign(
        difference=table["monthly_jpy_mn"] / table["printed_jpy_mn"] - 1,
        difference_before=table["bridged_jpy_mn"] / table["printed_jpy_mn"] - 1,
    )


def _printed_years(industry: pd.DataFrame, market: str) -> pd.Series:
    """Printed fiscal-year totals of one market, JPY mn, index as `FY2021`."""
    rows = industry[
        (industry["period_type"] == "fiscal_year") & (industry["measure"] == f"{market}_volume")
    ]
    return rows.set_index("period")["value"].astype(float)
