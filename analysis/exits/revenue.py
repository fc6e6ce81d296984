"""How revenue moves from year to year, and what part of expenses moves with it.

Log revenue of an exchange reverts to its own level: x(t+1) = persistence x(t) + volatility e(t+1).
Statements give few years of each exchange, so the estimate within exchanges is far too low
(S. Nickell, Biases in Dynamic Models with Fixed Effects, Econometrica 49, 1981, eq. 18): it is
corrected, and weighed with the persistence of the industry's volume, which has no such bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.optimize import brentq, minimize

from analysis.data import read
from analysis.errors import InputError
from analysis.market.panel import FloatArray

FLOOR = 0.05
"""Least revenue over expenses in the fit of log revenue: default of `revenue_floor_share`."""
MOST_PERSISTENT = 0.95


@dataclass(frozen=True)
class Estimate:
    """A figure with its standard error and the number of observations behind it."""

    estimate: float
    standard_error: float
    n: int


@dataclass(frozen=True, eq=False)
class ProcessDraws:
    """Parameters of the process, one per data set; arrays (draw, 1).

    Attributes
    ----------
    persistence : of log revenue from year to year.
    volatility : standard deviation of its yearly innovation.
    variable_share : yen by which expenses move when revenue moves by one.
    """

    persistence: FloatArray
    volatility: FloatArray
    variable_share: FloatArray


@dataclass(frozen=True)
class RevenueProcess:
    """Estimates of the process of revenue; the parts of persistence beside the one that is used."""

    persistence: Estimate
    volatility: Estimate
    variable_share: Estimate
    within: Estimate
    corrected: Estimate
    industry: Estimate

    def draws(self, n: int, generator: np.random.Generator) -> ProcessDraws:
        """Parameters for `n` data sets: normal, volatility lognormal, kept inside their bounds."""
        normal = generator.standard_normal((3, n, 1))
        rho, sd, share = self.persistence, self.volatility, self.variable_share
        return ProcessDraws(
            np.clip(rho.estimate + rho.standard_error * normal[0], 0.0, MOST_PERSISTENT),
            sd.estimate * np.exp(sd.standard_error / sd.estimate * normal[1]),
            np.clip(share.estimate + share.standard_error * normal[2], 0.0, 0.9),
        )


@cache
def _statements() -> pd.DataFrame:
    table = read("market/firm_years")
    table = table[(table["basis"] == "statutory") & (table["exchange"] != "money_partners")]
    scale = 12 / table["period_months"].astype(float)
    revenue = table["operating_revenue_jpy_mn"]
    profit = table["operating_profit_jpy_mn"].fillna(table["ordinary_profit_jpy_mn"])
    expenses = table["operating_expenses_jpy_mn"].fillna(revenue - profit)
    kept = pd.DataFrame(
        {
            "exchange": table["exchange"],
            "ended_on": table["fiscal_year_end"],
            "revenue": revenue * scale,
            "expenses": expenses * scale,
            "net_income": table["net_income_jpy_mn"],
            "net_assets": table["net_assets_jpy_mn"],
        }
    )
    return kept.dropna(subset=["revenue", "expenses"]).sort_values(["exchange", "ended_on"])


def statements() -> pd.DataFrame:
    """Statement years of exchanges: what the process of revenue is fitted on.

    Money Partners is left out: it is a foreign exchange broker. Where expenses are not printed
    they are revenue less operating profit, or less ordinary profit.

    Returns
    -------
    DataFrame
        exchange, ended_on, revenue and expenses (JPY mn per 12 months), net_income (JPY mn in the
        period of the statement) and net_assets (JPY mn).
    """
    return _statements().reset_index(drop=True)


def nickell(persistence: float, transitions: float) -> float:
    """Limit of the within estimate, many exchanges with `transitions` year pairs each.

    Nickell 1981, eq. 18. Tends to `persistence` as `transitions` grows.
    """
    rho, t = persistence, transitions
    inner = 1 - (1 - rho**t) / (t * (1 - rho))
    bias = -(1 + rho) / (t - 1) * inner
    return float(rho + bias / (1 - 2 * rho / ((1 - rho) * (t - 1)) * inner))


def _within(pairs: pd.DataFrame, y: str, x: str) -> tuple[Estimate, FloatArray]:
    """Slope within exchanges, errors clustered by exchange; and its residuals."""
    groups = pairs["exchange"]
    centred = pairs[[y, x]] - pairs.groupby("exchange")[[y, x]].transform("mean")
    fit = sm.OLS(centred[y], centred[[x]]).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(groups)[0]}
    )
    slope = Estimate(float(fit.params.iloc[0]), float(fit.bse.iloc[0]), len(pairs))
    return slope, np.asarray(fit.resid)


def _corrected(within: Estimate, transitions: float) -> Estimate:
    def gap(rho: float) -> float:
        return nickell(rho, transitions) - within.estimate

    low, high = 0.0, 0.99
    if gap(low) * gap(high) > 0:
        raise InputError(
            f"persistence within exchanges = {within.estimate:.2f} with {transitions:.1f} pairs "
            "each; no process has that limit; use longer statements"
        )
    rho = float(brentq(gap, low, high))
    slope = (nickell(rho + 1e-4, transitions) - nickell(rho - 1e-4, transitions)) / 2e-4
    return Estimate(rho, within.standard_error / slope, within.n)


def _industry() -> Estimate:
    """Yearly persistence of the industry's log spot volume, from months at irregular distances.

    Ornstein-Uhlenbeck process with noise of the month, by maximum likelihood; the standard error
    is that of a normal with the variance of the likelihood over persistences from 0 to 0.95.
    """
    table = read("market/industry_monthly")
    table = table[(table["measure"] == "spot_volume") & (table["period_type"] == "month")]
    month = pd.PeriodIndex(table["period"], freq="M")
    time = np.asarray(month.year + month.month / 12, dtype=float)
    volume = np.log(table["value"].to_numpy(float))
    distance = np.abs(time[:, None] - time[None, :])

    def lacking(point: FloatArray, rho: float) -> float:
        level, spread, noise = point[0], np.exp(2 * point[1]), np.exp(2 * point[2])
        covariance = spread * rho**distance + noise * np.eye(len(time))
        root = np.linalg.cholesky(covariance)
        scaled = np.linalg.solve(root, volume - level)
        return float(scaled @ scaled / 2 + np.log(np.diag(root)).sum())

    grid = np.linspace(0.025, 0.925, 19)
    start = np.array([volume.mean(), -0.2, -1.5])
    options = {"xatol": 1e-3, "fatol": 1e-4, "maxiter": 2000}
    least = [
        minimize(
            lacking,
            start,
            (rho,),
            "Nelder-Mead",
            bounds=[(5, 25), (-3, 3), (-3, 1)],
            options=options,
        )
        for rho in grid
    ]
    weight = np.exp(-np.array([found.fun for found in least]) + min(f.fun for f in least))
    weight /= weight.sum()
    mean = float(weight @ grid)
    return Estimate(mean, float(np.sqrt(weight @ (grid - mean) ** 2)), len(time))


@cache
def revenue_process() -> RevenueProcess:
    """Fit the process of revenue to the statement years and the industry's volume.

    Persistence is the precision-weighted mean of the corrected within-exchange estimate and the
    industry's. Volatility is the standard deviation of what that persistence leaves unexplained
    within exchanges, its degrees of freedom less one per exchange; its error is clustered by
    exchange. `variable_share` is the slope of expenses on revenue within exchanges, both over the
    exchange's mean expenses, so that each exchange weighs alike.
    """
    years = statements()
    mean = years.groupby("exchange")["expenses"].transform("mean")
    scaled = pd.DataFrame(
        {"exchange": years["exchange"], "e": years["expenses"] / mean, "r": years["revenue"] / mean}
    )
    share, _ = _within(scaled, "e", "r")
    floored = np.maximum(years["revenue"], FLOOR * years["expenses"])
    pairs = years[["exchange"]].assign(now=np.log(floored))
    pairs["before"] = pairs.groupby("exchange")["now"].shift()
    pairs = pairs.dropna()
    firms = pairs["exchange"].nunique()
    within, _ = _within(pairs, "now", "before")
    corrected, industry = _corrected(within, len(pairs) / firms), _industry()
    weight = np.array([1 / e.standard_error**2 for e in (corrected, industry)])
    rho = float(weight @ [corrected.estimate, industry.estimate] / weight.sum())
    persistence = Estimate(rho, float(weight.sum() ** -0.5), within.n)
    left = pairs.assign(left=pairs["now"] - rho * pairs["before"])
    left["left"] -= left.groupby("exchange")["left"].transform("mean")
    by_firm = (left["left"] ** 2).groupby(left["exchange"]).sum()
    variance = float(by_firm.sum() / (len(pairs) - firms))
    excess = by_firm - variance * (left.groupby("exchange").size() - 1)
    error = float(np.sqrt((excess**2).sum()) / (len(pairs) - firms))
    sd = float(np.sqrt(variance))
    volatility = Estimate(sd, error / (2 * sd), within.n)
    return RevenueProcess(persistence, volatility, share, within, corrected, industry)


def fixed_cost(
    expenses: FloatArray, revenue: FloatArray, variable_share: FloatArray, least_share: float
) -> FloatArray:
    """Expenses that do not move with revenue, at least `least_share` of them; JPY mn a year."""
    moving = variable_share * np.maximum(revenue, 0.0)
    return np.asarray(np.maximum(expenses - moving, least_share * expenses))
