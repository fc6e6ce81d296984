"""Exchange-years at risk: worldwide from collectors' counts, in Japan from the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from analysis import data
from analysis.errors import InputError
from analysis.market.panel import FloatArray

Reading = Literal["low", "central", "high"]
READINGS: tuple[Reading, ...] = ("low", "central", "high")
Record = Literal["registered", "with_deemed"]

FIRST_DAY = pd.Timestamp("2017-04-01")
"""Day from which operators were deemed registered while their application was open."""

REGISTER_DAY = pd.Timestamp("2026-06-30")
"""Day of the register that the table was brought up to."""

DAYS_PER_YEAR = 365.25
YEAR = pd.Timedelta(days=DAYS_PER_YEAR)


def populations(reading: Reading, years: Sequence[int]) -> pd.Series:
    """Exchanges in operation worldwide in the middle of each year.

    Collectors do not count the same firms. `low` follows lists of markets that somebody rates or
    tracks, `high` lists of everything listed; between dated counts the number grows at a constant
    rate, before the first and after the last it stays (no count after 2023 was found). `central`
    is the geometric mean of the two; it runs within a tenth of the lists with a trust or security
    score (236 in March 2020, 289 in 2021, 301 in 2022), which it does not use.

    Raises
    ------
    InputError
        Unknown reading.
    """
    if reading == "central":
        low, high = populations("low", years), populations("high", years)
        return low.pow(0.5).mul(high.pow(0.5)).rename("population")
    lists = {"low": "narrow", "high": "listed"}
    if reading not in lists:
        raise InputError(f"reading = '{reading}'; allowed: low, central or high")
    return _interpolated(lists[reading], years)


def _interpolated(kind: str, years: Sequence[int]) -> pd.Series:
    counts = data.read("losses/exposures")
    counts = counts[(counts["measure"] == "population") & (counts["reading"] == kind)]
    counts = counts.sort_values("period_low")
    start = pd.Timestamp("2018-01-01")
    when = ((counts["period_low"] - start) / YEAR).to_numpy(float)
    wanted = np.array([(pd.Timestamp(year, 7, 1) - start) / YEAR for year in years])
    level = np.exp(np.interp(wanted, when, np.log(counts["value"].to_numpy(float))))
    return pd.Series(level, index=pd.Index(years, name="year"), name="population")


def korean_exchanges(years: Sequence[int]) -> pd.Series:
    """Registered exchanges in Korea by year, from the half-year survey (end of 2021 to mid 2025).

    Raises
    ------
    InputError
        A year before 2022: no count was found before the register of September 2021.
    """
    if min(years) < 2022:
        raise InputError(f"years from {min(years)}; allowed: from 2022, the first full year")
    counts = data.read("losses/exposures")
    counts = counts[counts["collector"] == "korea_fiu"].sort_values("period_low")
    start = pd.Timestamp("2018-01-01")
    when = ((counts["period_low"] - start) / YEAR).to_numpy(float)
    wanted = np.array([(pd.Timestamp(year, 7, 1) - start) / YEAR for year in years])
    level = np.interp(wanted, when, counts["value"].to_numpy(float))
    return pd.Series(level, index=pd.Index(years, name="year"), name="population")


def exposure_years(
    record: Record = "registered",
    first: pd.Timestamp = FIRST_DAY,
    last: pd.Timestamp = REGISTER_DAY,
) -> pd.DataFrame:
    """Exchange-years of Japan's operators by calendar year, with bounds from unknown days.

    An operator counts from the day of its entry to that of its exit, whether or not it was
    trading. Where only bounds of a day are known, `low` takes the shortest spell, `high` the
    longest, `central` the mean of the two.

    Parameters
    ----------
    record : {'registered', 'with_deemed'}
        Registered operators alone, or with those deemed so while their application was open.
    first, last : Timestamp
        Window of days.

    Returns
    -------
    DataFrame
        Columns low, central, high; index year.

    Raises
    ------
    InputError
        A window that ends before it starts, or after the day of the register.
    """
    if not first < last <= REGISTER_DAY:
        raise InputError(
            f"window {first:%Y-%m-%d} to {last:%Y-%m-%d}; allowed: an end after the start and "
            f"not after {REGISTER_DAY:%Y-%m-%d}, the day of the register"
        )
    spells = data.read("market/register")
    if record == "registered":
        spells = spells[spells["status_class"] == "registered"]
    years = range(first.year, last.year + 1)
    longest = _spell_years(spells, first, last, years, longest=True)
    shortest = _spell_years(spells, first, last, years, longest=False)
    table = pd.DataFrame({"low": shortest, "central": (shortest + longest) / 2, "high": longest})
    return table.set_index(pd.Index(years, name="year"))


def _spell_years(
    spells: pd.DataFrame,
    first: pd.Timestamp,
    last: pd.Timestamp,
    years: range,
    *,
    longest: bool,
) -> FloatArray:
    """Exchange-years by calendar year with every unknown day at one end of its bounds."""
    entered = spells["entry_low" if longest else "entry_high"]
    left = spells["exit_high" if longest else "exit_low"].fillna(last)
    begins = np.array([pd.Timestamp(year, 1, 1) for year in years], dtype="datetime64[D]")
    ends = np.array([pd.Timestamp(year + 1, 1, 1) for year in years], dtype="datetime64[D]")
    begins, ends = np.maximum(begins, _day(first)), np.minimum(ends, _day(last))
    start = np.maximum(entered.to_numpy("datetime64[D]")[:, None], begins)
    stop = np.minimum(left.to_numpy("datetime64[D]")[:, None], ends)
    days = np.maximum((stop - start) / np.timedelta64(1, "D"), 0.0)
    return np.asarray(spells["operators"].to_numpy(float) @ days / DAYS_PER_YEAR)


def _day(when: pd.Timestamp) -> np.datetime64:
    return np.datetime64(when.date(), "D")
