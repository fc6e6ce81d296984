"""How long exchanges stay: survival curves, cumulative incidence by kind, hazard per year.

The clock of a spell starts with the registration, or, for a deemed operator, on 2017-04-01, the
day from which the law deemed it registered. Spells that go on, and ends that are no exits, are
censored. Unknown days are drawn within their bounds, and draws are pooled by Rubin's rules.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from analysis.errors import InputError
from analysis.exits.exact import clopper_pearson, garwood
from analysis.exits.register import KINDS, Definition, spells
from analysis.exits.risk_years import draw_days, risk_years
from analysis.losses.exposure import DAYS_PER_YEAR
from analysis.market.panel import FloatArray

STATUSES = ("registered", "deemed")


def _durations(
    found: pd.DataFrame, draws: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Years from entry to exit or censoring, (draw, spell), and code of the kind, (spell,)."""
    entry, leave = draw_days(found, draws, generator)
    # The day of an exit counts, so that a spell of one day has a length.
    years = (leave - entry + found["event"].to_numpy(float)) / DAYS_PER_YEAR
    code = found["kind"].map({kind: i + 1 for i, kind in enumerate(KINDS)}).fillna(0)
    return np.maximum(years, 1 / DAYS_PER_YEAR), np.asarray(code, dtype=float)


def _checked_times(times: ArrayLike) -> FloatArray:
    grid = np.asarray(times, dtype=float)
    if grid.ndim != 1 or not (grid >= 0).all():
        raise InputError(f"times = {grid}; allowed: a list of years, 0 or more")
    return grid


def _at(times: FloatArray, steps: FloatArray, values: FloatArray, start: float) -> FloatArray:
    """Value of a right-continuous step function at given times."""
    place = np.searchsorted(steps, times, side="right")
    return np.concatenate([[start], np.nan_to_num(values, nan=0.0)])[place]


def _pooled(
    share: FloatArray, variance: FloatArray, at_risk: FloatArray, level: float
) -> FloatArray:
    """Estimate, low and high of a share from draws, (3, time).

    Total variance by Rubin's rules; bounds are Clopper and Pearson's at the effective number of
    operators, and at the number at risk where nothing has varied yet (Korn and Graubard 1998).
    """
    draws = len(share)
    mean = share.mean(axis=0)
    between = share.var(axis=0, ddof=1) if draws > 1 else np.zeros_like(mean)
    total = variance.mean(axis=0) + (1 + 1 / draws) * between
    seen = np.maximum(at_risk.mean(axis=0), 1.0)
    effective = np.where(total > 0, mean * (1 - mean) / np.where(total > 0, total, 1.0), seen)
    effective = np.maximum(effective, 1.0)
    low, high = clopper_pearson(np.clip(mean, 0, 1) * effective, effective, level)
    return np.stack([mean, low, high])


def kaplan_meier(
    found: pd.DataFrame,
    times: ArrayLike,
    draws: int,
    generator: np.random.Generator,
    level: float = 0.9,
) -> pd.DataFrame:
    """Share of operators that are still there some years after their entry.

    Parameters
    ----------
    found : spells of one status, as `register.spells` gives them.
    times : years since entry, (time,).

    Returns
    -------
    DataFrame
        at_risk (mean over draws), survival, low, high; index years.

    Raises
    ------
    InputError
        Negative times, no spells, or fewer than one draw.

    Source: E. L. Kaplan and P. Meier, JASA 53, 1958; variance by Greenwood.
    """
    grid = _checked_times(times)
    years, code = _spell_years(found, draws, generator)
    share, variance = np.empty((2, draws, len(grid)))
    for draw, length in enumerate(years):
        curve = SurvfuncRight(length, code > 0)
        share[draw] = _at(grid, curve.surv_times, curve.surv_prob, 1.0)
        variance[draw] = _at(grid, curve.surv_times, curve.surv_prob_se**2, 0.0)
    at_risk = (years[:, :, None] >= grid).sum(axis=1).astype(float)
    estimate, low, high = _pooled(share, variance, at_risk, level)
    columns = {"at_risk": at_risk.mean(axis=0), "survival": estimate, "low": low, "high": high}
    return pd.DataFrame(columns, index=pd.Index(grid, name="years"))


def incidence(
    found: pd.DataFrame,
    times: ArrayLike,
    draws: int,
    generator: np.random.Generator,
    level: float = 0.9,
) -> pd.DataFrame:
    """Share of operators that have left in each way some years after their entry.

    The kinds compete: their shares add up to one less the Kaplan-Meier estimate on the same draws.

    Returns
    -------
    DataFrame
        share, low, high; index kind, years.

    Raises
    ------
    InputError
        Negative times, no spells, or fewer than one draw.

    Source: O. O. Aalen and S. Johansen, Scandinavian Journal of Statistics 5, 1978.
    """
    grid = _checked_times(times)
    years, code = _spell_years(found, draws, generator)
    share, variance = np.zeros((2, len(KINDS), draws, len(grid)))
    for draw, length in enumerate(years):
        # Where everybody at risk leaves on one day the variance is 0 / 0, read as no information.
        with np.errstate(divide="ignore", invalid="ignore"):
            curve = CumIncidenceRight(length, code)
        for kind, (part, error) in enumerate(zip(curve.cinc, curve.cinc_se, strict=True)):
            share[kind, draw] = _at(grid, curve.times, part, 0.0)
            variance[kind, draw] = _at(grid, curve.times, error**2, 0.0)
    at_risk = (years[:, :, None] >= grid).sum(axis=1).astype(float)
    tables = [
        pd.DataFrame(
            dict(zip(("share", "low", "high"), _pooled(s, v, at_risk, level), strict=True)),
            index=pd.Index(grid, name="years"),
        )
        for s, v in zip(share, variance, strict=True)
    ]
    return pd.concat(tables, keys=list(KINDS), names=["kind"])


def _spell_years(
    found: pd.DataFrame, draws: int, generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    if found.empty:
        raise InputError("spells: none; allowed: at least one; check the status and the window")
    return _durations(found, draws, generator)


def hazards(draws: int, generator: np.random.Generator, level: float = 0.9) -> pd.DataFrame:
    """Exits per operator-year, and the share of operators that left, by definition and status.

    Returns
    -------
    DataFrame
        operators, operator_years (mean over draws), events, hazard with low and high (Garwood),
        share, share_low, share_high (of operators that left; Clopper and Pearson); index
        definition, status_class. Bounds of the hazard are means over draws of the exposure.
    """
    rows = []
    for definition in get_args(Definition):
        found = spells(definition)
        years = risk_years(found, draws, generator)
        for status in STATUSES:
            here = found["status_class"] == status
            exposure = years.at_risk[:, years.status_class == status].sum(axis=1)
            events, operators = int(found.loc[here, "event"].sum()), int(here.sum())
            low, high = garwood(events, exposure, level)
            share = clopper_pearson(events, operators, level)
            rows.append(
                {
                    "definition": definition,
                    "status_class": status,
                    "operators": operators,
                    "operator_years": exposure.mean(),
                    "events": events,
                    "hazard": (events / exposure).mean(),
                    "low": low.mean(),
                    "high": high.mean(),
                    "share": events / operators,
                    "share_low": float(share[0]),
                    "share_high": float(share[1]),
                }
            )
    return pd.DataFrame(rows).set_index(["definition", "status_class"])


def yearly(found: pd.DataFrame, draws: int, generator: np.random.Generator) -> pd.DataFrame:
    """Exits and operator-years by calendar year and status, means over draws."""
    years = risk_years(found, draws, generator)
    table = pd.DataFrame(
        {
            "year": years.year,
            "status_class": years.status_class,
            "events": years.event.mean(axis=0),
            "operator_years": years.at_risk.mean(axis=0),
        }
    )
    return table.groupby(["status_class", "year"])[["events", "operator_years"]].sum()
