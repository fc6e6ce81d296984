"""Rows of the tidy tables, and columns with bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.market.panel import FloatArray
from analysis.market.pool import bounds

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


def by_exchange(impact: Impact, **columns: FloatArray | np.ndarray) -> pd.DataFrame:
    """Rows formula by exchange; each column broadcasts to (formula, exchange)."""
    ids, names = [formula.id for formula in impact.formulas], impact.panel.exchanges
    shape = (len(ids), len(names))
    return pd.DataFrame(
        {"formula": np.repeat(ids, shape[1]), "exchange": np.tile(names, shape[0])}
        | {name: np.broadcast_to(column, shape).ravel() for name, column in columns.items()}
    )


def by_year(impact: Impact, **columns: FloatArray) -> pd.DataFrame:
    """Rows formula by year; each column is (formula, year)."""
    ids = [formula.id for formula in impact.formulas]
    years = impact.scenario.horizon_years
    return pd.DataFrame(
        {"formula": np.repeat(ids, years), "year": np.tile(np.arange(1, years + 1), len(ids))}
        | {name: column.ravel() for name, column in columns.items()}
    )


def bounded(
    names: str | Sequence[str], draws: FloatArray, interval: float
) -> dict[str, FloatArray]:
    """Columns of the mean over data sets (the last axis) and of its bounds.

    The unit, after a bar in the name, stays last. Several names are those of the first axis.
    """
    several = [names] if isinstance(names, str) else names
    values = draws[None] if isinstance(names, str) else draws
    mean, (low, high) = values.mean(axis=-1), bounds(values, interval)
    columns = {}
    for place, name in enumerate(several):
        stem, _, unit = name.partition("|")
        end = f"_{unit}" if unit else ""
        columns[f"{stem}{end}"] = mean[place]
        columns[f"{stem}_low{end}"] = low[place]
        columns[f"{stem}_high{end}"] = high[place]
    return columns
