"""Printed results of published studies beside what follows from their other numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from analysis import data
from analysis.exits.published import breach_and_closure, value

FIRST, SECOND, CODE = "moore_christin_2013", "moore_christin_szurdi_2018", "fantazzini_code"
AGIO_YEARS = (pd.Timestamp("2026-03-31") - pd.Timestamp("2022-07-01")).days / 365.25


def _shares() -> Iterator[tuple[str, str, float, float, float]]:
    table = breach_and_closure()
    yield SECOND, "closed of the breached", 0.60, table.closed[0] / table.total[0], 0.005
    yield SECOND, "closed of the others", 0.418, table.closed[1] / table.total[1], 0.0005
    yield FIRST, "closed", 0.45, value(FIRST, "sample", "closed") / 40, 0.005
    for effect in ("breach_same_quarter", "log2_volume"):
        printed = {"breach_same_quarter": 13.0, "log2_volume": 0.88}[effect]
        yield SECOND, effect, printed, float(np.exp(value(SECOND, "logit_quarterly", effect))), 0.01


def _fits() -> Iterator[tuple[str, str, float, float, float]]:
    closed = value(FIRST, "sample", "closed")
    null = -2 * (closed * np.log(closed / 40) + (40 - closed) * np.log(1 - closed / 40))
    yield CODE, "null deviance", value(CODE, "logit_closure", "null_deviance"), float(null), 0.001
    deviance = value(CODE, "logit_closure", "residual_deviance")
    printed = value(CODE, "logit_closure", "aic")
    yield CODE, "AIC of five coefficients", printed, deviance + 2 * 5, 0.001
    months = sum(
        count * value(CODE, f"mean_{group}", "lifetime_months") / 40
        for group, count in (("open", 40 - closed), ("closed", closed))
    )
    intercept, slope, age = (
        value(FIRST, "logit_breach", name)
        for name in ("intercept", "log2_volume", "months_operational")
    )
    for volume in (275, 5570):
        found = float(expit(intercept + slope * np.log2(volume) + age * months))
        printed = value(FIRST, "logit_breach", f"breach_probability_{volume}")
        yield FIRST, f"breach at {volume} BTC a day, mean age", printed, found, 0.005
    printed = value(FIRST, "kaplan_meier", "closing_within_a_year")
    found = value(FIRST, "cox_closure", "closing_within_a_year")
    yield FIRST, "closing within a year, rebuilt table", printed, found, 0.0005


def _tests() -> Iterator[tuple[str, str, float, float, float]]:
    table = data.read("market/published_survival").dropna(subset=["standard_error", "p_value"])
    names = table["study"] + ", " + table["model"] + ", " + table["quantity"]
    p = 2 * norm.sf((table["value"] / table["standard_error"]).abs())
    for study, name, printed, found in zip(table["study"], names, table["p_value"], p, strict=True):
        yield study, f"p-value: {name}", printed, float(found), 0.003


def _default() -> Iterator[tuple[str, str, float, float, float]]:
    kept = 1 - value("agio_ratings", "default_frequency", "defaulted") / 100
    yield "agio_ratings", "defaults per year", 0.077, float(-np.log(kept) / AGIO_YEARS), 0.0005


def replication() -> pd.DataFrame:
    """Every printed result that other printed numbers determine.

    Returns
    -------
    DataFrame
        study, result, printed, recalculated, difference, agrees (whether the difference is within
        the rounding of the print). Those that do not agree are shown, not dropped.
    """
    rows = [*_shares(), *_fits(), *_tests(), *_default()]
    table = pd.DataFrame(rows, columns=["study", "result", "printed", "recalculated", "rounding"])
    difference = table["recalculated"] - table["printed"]
    table = table.assign(
        difference=difference, agrees=difference.abs() <= table["rounding"] * (1 + 1e-6)
    )
    return table.drop(columns="rounding")
