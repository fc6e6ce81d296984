"""Spells cut into operator-years, with unknown days drawn within their bounds.

Interval-censored days are drawn uniformly within their bounds, once per data set (multiple
imputation: D. B. Rubin, Multiple Imputation for Nonresponse in Surveys, 1987), so that an exit can
fall in different years in different draws. Bounds are months to three years wide and hazards a few
per cent a year, so the distribution within them matters little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import data
from analysis.errors import InputError
from analysis.exits.register import REGISTER_DAY
from analysis.market.panel import BoolArray, FloatArray

BREACH_YEARS = 1
"""Calendar years that a loss marks: its own, as in the study that the prior comes from."""

_EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True, eq=False)
class RiskYears:
    """Operator-years at risk.

    Attributes
    ----------
    event : whether the operator left in that year, (draw, row).
    at_risk : part of the year at risk, 0 to 1, (draw, row); the day of an exit counts.
    operator, firm, exchange, status_class, kind : text, (row,); `exchange` is empty for deemed
        operators, `kind` is that of the exit in which the spell ends, empty if in none.
    year : calendar year, (row,).
    breach : whether the firm lost customers' crypto in that year, (row,).
    """

    event: BoolArray
    at_risk: FloatArray
    operator: NDArray[Any]
    firm: NDArray[Any]
    exchange: NDArray[Any]
    status_class: NDArray[Any]
    kind: NDArray[Any]
    year: NDArray[np.int64]
    breach: BoolArray


def _days(column: pd.Series) -> FloatArray:
    return np.asarray((column - _EPOCH).dt.days.to_numpy(float))


def draw_days(
    found: pd.DataFrame, draws: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Days of entry and exit, (draw, spell), since 1970; an exit never lies before its entry.

    Raises
    ------
    InputError
        Fewer than one draw.
    """
    if draws < 1:
        raise InputError(f"draws = {draws}; allowed: at least 1")
    low, high = _days(found["entry_low"]), _days(found["entry_high"])
    entry = np.floor(low + (high - low + 1) * generator.random((draws, len(found))))
    last = _days(found["exit_high"])
    entry = np.minimum(entry, last)
    first = np.maximum(_days(found["exit_low"]), entry)
    leave = np.floor(first + (last - first + 1) * generator.random((draws, len(found))))
    return entry, leave


def _breached(firm: NDArray[Any], year: NDArray[np.int64], years: int) -> BoolArray:
    record = data.read("market/incident_record")
    record = record[record["customer_loss_jpy_mn"] > 0]
    hit = firm[:, None] == record["registrant_at_loss"].to_numpy(object)
    since = year[:, None] - record["occurred_on"].dt.year.to_numpy()
    return np.asarray((hit & (since >= 0) & (since < years)).any(axis=1))


def risk_years(
    found: pd.DataFrame,
    draws: int,
    generator: np.random.Generator,
    breach_years: int = BREACH_YEARS,
) -> RiskYears:
    """Operator-years of spells as `register.spells` gives them.

    Parameters
    ----------
    draws : data sets.
    breach_years : calendar years that a loss marks, its own included; 0 marks none.

    Raises
    ------
    InputError
        Fewer than one draw.
    """
    entry, leave = draw_days(found, draws, generator)
    first = found["entry_low"].dt.year.to_numpy(int)
    length = found["exit_high"].dt.year.to_numpy(int) - first + 1
    spell = np.repeat(np.arange(len(found)), length)
    year = first[spell] + np.arange(len(spell)) - np.repeat(np.cumsum(length) - length, length)
    begins = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(float)
    ends = (year - 1969).astype("datetime64[Y]").astype("datetime64[D]").astype(float)
    ended = found["event"].to_numpy(bool)
    # A spell runs from its entry up to, not including, its end; the day of an exit was at risk.
    stop = (leave + ended)[:, spell]
    days = np.minimum(stop, ends) - np.maximum(entry[:, spell], begins)
    inside = (leave[:, spell] >= begins) & (leave[:, spell] < ends)
    columns = found.iloc[spell]
    return RiskYears(
        event=np.asarray(ended[spell] & inside),
        at_risk=np.clip(days / (ends - begins), 0.0, 1.0),
        operator=columns["operator"].to_numpy(object),
        firm=columns["firm"].to_numpy(object),
        exchange=columns["exchange"].fillna("").to_numpy(object),
        status_class=columns["status_class"].to_numpy(object),
        kind=columns["kind"].to_numpy(object),
        year=year.astype(np.int64),
        breach=_breached(columns["firm"].to_numpy(object), year, breach_years),
    )


def registered(years: RiskYears) -> tuple[pd.DataFrame, FloatArray, FloatArray, FloatArray]:
    """Rows of registered exchanges: table, event, at_risk, breach. Deemed operators are left out.

    They left because a licence was refused or not sought, which no reserve rule brings back.
    """
    kept = np.asarray(years.status_class) == "registered"
    table = pd.DataFrame(
        {
            "operator": np.asarray(years.operator)[kept],
            "exchange": np.asarray(years.exchange)[kept],
            "year": np.asarray(years.year)[kept],
        }
    )
    event, at_risk = years.event[:, kept].astype(float), years.at_risk[:, kept]
    breach = np.broadcast_to(np.asarray(years.breach)[kept].astype(float), event.shape)
    if not (event * (at_risk > 0)).any(axis=-1).all():
        raise InputError(
            "register: no exit of a registered exchange; allowed: at least one; set "
            "exit_definition = economic or add years"
        )
    return table, event, at_risk, breach


def whole_year(year: NDArray[np.int64]) -> FloatArray:
    """Part of a calendar year that the register covers, for who does not leave in it."""
    last = REGISTER_DAY
    covered = np.where(year == last.year, last.day_of_year / (366 if last.is_leap_year else 365), 1)
    return np.asarray(covered, dtype=float)
