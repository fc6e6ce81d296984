"""Bring a bridged monthly series to the fiscal-year totals that are printed.

Proportional first differences after F. T. Denton (Journal of the American Statistical Association
66, 1971) without his assumption on the first month (P. A. Cholette, Survey Methodology 10, 1984;
Dagum and Cholette, Benchmarking, 2006, ch. 6): the ratio to the series before is as smooth as the
totals allow. Printed months are further constraints, so that they stay as printed; packages for
temporal disaggregation have no such constraint, hence the linear system below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.bridge import Bridged, month_number
from analysis.market.panel import BoolArray, FloatArray


@dataclass(frozen=True)
class Benchmarked:
    """A monthly series that adds up to the printed years.

    Attributes
    ----------
    monthly : Bridged
        Value and status by month; observed months as printed.
    years : DataFrame
        Index fiscal year (FY2021: April 2021 to March 2022) of every printed total whose months
        are covered; printed_jpy_mn, bridged_jpy_mn (sum before), monthly_jpy_mn (sum after),
        ratio (of the unprinted months: what is left for them over what the bridge gives; blank
        if there are none), used.
        A total that leaves nothing for the unprinted months, or whose months are all printed, is
        not used: the months stand.
    """

    monthly: Bridged
    years: pd.DataFrame


def fiscal_years(months: pd.Index) -> pd.Series:
    """Fiscal year of each month, as `FY2021` for April 2021 to March 2022; index the months."""
    year = ((month_number(months) - 3) // 12).astype(int)
    return pd.Series([f"FY{one}" for one in year], index=months)


def benchmark(bridged: Bridged, printed: pd.Series) -> Benchmarked:
    """Move the unprinted months so that every usable fiscal year has its printed total.

    Parameters
    ----------
    bridged : Bridged
        Monthly series, printed months `observed`.
    printed : Series
        Totals by fiscal year (`FY2021`), unit of the series.

    Raises
    ------
    InputError
        Totals so far from the months that the smoothest ratios are not all positive.
    """
    value, fixed = bridged.value.to_numpy(float), (bridged.status == "observed").to_numpy()
    year = fiscal_years(bridged.value.index)
    years = _years(bridged, fixed, year, printed)
    used = years[years["used"]]
    members = np.array([(year == name).to_numpy() for name in used.index], dtype=float)
    totals = used["printed_jpy_mn"].to_numpy(float)
    ratio = denton(value, fixed, members.reshape(-1, len(value)), totals)
    if not (ratio > 0).all():
        month = bridged.value.index[~(ratio > 0)][0]
        raise InputError(
            f"series '{bridged.value.name}': the smoothest way to the totals of "
            f"{', '.join(used.index)} beside the printed months takes {month} below zero; allowed: "
            "above 0; correct the months or leave them blank"
        )
    after = np.where(fixed, value, value * ratio)
    series = pd.Series(after, index=bridged.value.index, name=bridged.value.name)
    years["monthly_jpy_mn"] = series.groupby(year).sum().reindex(years.index)
    return Benchmarked(Bridged(series, bridged.status), years)


def _years(bridged: Bridged, fixed: BoolArray, year: pd.Series, printed: pd.Series) -> pd.DataFrame:
    """Printed totals of fully covered years, with what they leave for the unprinted months."""
    months = year.groupby(year).size()
    whole = [str(name) for name in printed.index if months.get(name, 0) == 12]
    value = bridged.value
    given = value[fixed].groupby(year[fixed]).sum().reindex(whole).fillna(0.0)
    loose = value[~fixed].groupby(year[~fixed]).sum().reindex(whole)
    table = pd.DataFrame(
        {
            "printed_jpy_mn": printed.reindex(whole).astype(float),
            "bridged_jpy_mn": value.groupby(year).sum().reindex(whole),
            "ratio": (printed.reindex(whole).astype(float) - given) / loose,
        }
    )
    return table.assign(used=table["ratio"] > 0).rename_axis("fiscal_year").sort_index()


def denton(
    series: FloatArray, fixed: BoolArray, members: FloatArray, totals: FloatArray
) -> FloatArray:
    """Ratios r that minimise the sum of squared first differences subject to the constraints.

    Parameters
    ----------
    series : array
        Positive values before, shape (month,).
    fixed : array of bool
        Months that stay (r = 1), shape (month,).
    members : array
        1.0 where a month belongs to a total, shape (total, month); at least one of the months of
        each total is not fixed.
    totals : array
        Sum of r x series over the members, shape (total,).

    Returns
    -------
    array
        Shape (month,). Ones without totals.
    """
    if not len(totals):
        return np.ones(len(series))
    months, scale = len(series), series.mean()
    difference = np.diff(np.eye(months), axis=0)
    constraints = np.vstack([np.eye(months)[fixed], members * series / scale])
    wanted = np.concatenate([np.ones(int(fixed.sum())), totals / scale])
    corner = np.zeros((len(wanted), len(wanted)))
    system = np.block([[difference.T @ difference, constraints.T], [constraints, corner]])
    known = np.concatenate([np.zeros(months), wanted])
    return np.asarray(np.linalg.solve(system, known)[:months])


def kept_totals(draws: FloatArray, benchmarked: Benchmarked) -> FloatArray:
    """Scale the unprinted months of every used year so that each draw has the printed total.

    Parameters
    ----------
    draws : array
        Monthly values with errors in the unprinted months, shape (draw, month).
    benchmarked : Benchmarked
    """
    loose = (benchmarked.monthly.status != "observed").to_numpy()
    year = fiscal_years(benchmarked.monthly.value.index)
    out = draws.copy()
    for name in benchmarked.years.index[benchmarked.years["used"]]:
        inside = (year == name).to_numpy()
        rest = float(benchmarked.years.loc[name, "printed_jpy_mn"]) - draws[:, inside & ~loose].sum(
            axis=1
        )
        free = inside & loose
        out[:, free] *= (rest / draws[:, free].sum(axis=1))[:, None]
    return out


def after_the_last_year(benchmarked: Benchmarked) -> tuple[BoolArray, float]:
    """Unprinted months after the last used year, and that year's ratio; none and 1 without one.

    A ratio carried forward is how the IMF extrapolates beyond the last benchmark (Quarterly
    National Accounts Manual, 2017, ch. 6): what the bridge misses in the last year it is taken to
    miss later too.
    """
    used = benchmarked.years[benchmarked.years["used"]].sort_index()
    months = benchmarked.monthly.value.index
    if used.empty:
        return np.zeros(len(months), dtype=bool), 1.0
    later = (fiscal_years(months) > used.index[-1]).to_numpy()
    loose = (benchmarked.monthly.status != "observed").to_numpy()
    return later & loose, float(used["ratio"].iloc[-1])
