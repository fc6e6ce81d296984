"""Carry a monthly series known at few months between and beyond them by an indicator.

The ratio of the series to the indicator is kept as smooth as its known values allow: its log is
linear between known months and constant outside. That is the proportional Denton idea (IMF,
Quarterly National Accounts Manual, 2017, ch. 6: benchmark-to-indicator ratio as smooth as
possible) for point observations, and the mean of Fernandez' random-walk model (Review of
Economics and Statistics 63, 1981; survey: Pavia-Miralles, doi:10.4236/jssm.2010.34051).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.market.sampling import mean_one


@dataclass(frozen=True)
class Bridged:
    """A complete monthly series.

    Attributes
    ----------
    value : Series
        Value by month (monthly `PeriodIndex`), unit of the known series.
    status : Series
        `observed` where known, `derived` between known months, `extrapolated` outside them.
    """

    value: pd.Series
    status: pd.Series


def bridge(known: pd.Series, indicator: pd.Series) -> Bridged:
    """Carry `known` over every month of `indicator`.

    Parameters
    ----------
    known : Series
        Positive values at some months; blanks are ignored. Monthly `PeriodIndex`.
    indicator : Series
        Positive values at every month wanted. Monthly `PeriodIndex`, no gaps.

    Raises
    ------
    InputError
        No known month inside the indicator's months, or a value that is not positive.
    """
    known = known.dropna().sort_index()
    known = known[known.index.isin(indicator.index)]
    if known.empty:
        raise InputError(
            f"series '{known.name}': no known month between {indicator.index[0]} and "
            f"{indicator.index[-1]}; give at least one value in these months"
        )
    for series in (known, indicator):
        if not (series > 0).all():
            month = series.index[~(series > 0).to_numpy()][0]
            raise InputError(
                f"series '{series.name}', month {month}: {series[month]} is not positive; "
                "allowed: above 0; correct the value or leave it blank"
            )
    time = month_number(indicator.index)
    known_time = month_number(known.index)
    log_ratio = np.log(known.to_numpy(float) / indicator[known.index].to_numpy(float))
    value = indicator.to_numpy(float) * np.exp(np.interp(time, known_time, log_ratio))
    status = np.where(
        np.isin(time, known_time),
        "observed",
        np.where((time > known_time[0]) & (time < known_time[-1]), "derived", "extrapolated"),
    )
    # The known months are returned as printed, without the rounding of exp(log(x)).
    value[np.isin(time, known_time)] = known.to_numpy(float)
    return Bridged(
        pd.Series(value, index=indicator.index, name=known.name),
        pd.Series(status, index=indicator.index, name="status"),
    )


def leave_one_out(known: pd.Series, indicator: pd.Series) -> pd.Series:
    """Log error at each known month when it is bridged from the others only.

    Returns
    -------
    Series
        log(known / bridged), index the known months.

    Raises
    ------
    InputError
        Fewer than two known months.
    """
    known = known.dropna().sort_index()
    if len(known) < 2:
        raise InputError(
            f"series '{known.name}': {len(known)} known month; allowed: at least 2 to test a bridge"
        )
    time = month_number(known.index)
    log_ratio = np.log(known.to_numpy(float) / indicator[known.index].to_numpy(float))
    others = ~np.eye(len(known), dtype=bool)
    bridged = [
        np.interp(time[month], time[others[month]], log_ratio[others[month]])
        for month in range(len(known))
    ]
    return pd.Series(log_ratio - np.array(bridged), index=known.index, name="log_error")


def gap_errors(status: pd.Series, sd: float, draws: int, rng: np.random.Generator) -> FloatArray:
    """Mean-one lognormal errors of a bridged series, shape (draw, month).

    Observed months carry none. Months of one gap between two observed months share one error:
    what moved the ratio off its straight line in one of them moved it in its neighbours, so that
    errors do not cancel within a gap. `sd` is the error in logs, from `leave_one_out`.
    """
    known = (status == "observed").to_numpy()
    gap = np.cumsum(known)
    factor = mean_one(rng, draws, np.full(int(gap[-1]) + 1, sd))
    return np.where(known, 1.0, factor[:, gap])


def at(series: pd.Series, month: str) -> float:
    """Value of a monthly series at `YYYY-MM`."""
    months = pd.PeriodIndex(series.index, freq="M")
    return float(series.to_numpy()[months.get_loc(pd.Period(month, "M"))])


def month_number(months: pd.Index | pd.Series) -> FloatArray:
    """Months since January of year 0, shape (month,)."""
    index = pd.PeriodIndex(months, freq="M")
    return np.asarray(index.year * 12 + index.month - 1, dtype=np.float64)
