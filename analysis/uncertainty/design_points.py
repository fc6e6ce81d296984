"""The table of all points: every combination of levers with the same sample of uncertainties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.uncertainty.design_levers import MOST
from analysis.uncertainty.design_names import Quantity
from analysis.uncertainty.design_source import Source
from analysis.uncertainty.design_uncertainties import Sample
from analysis.uncertainty.levers import Combination

MOST_VALUES = 100_000_000


def points_of(
    source: Source, combinations: list[Combination], levers: list[Quantity], sample: Sample | None
) -> pd.DataFrame:
    """Every combination of levers meets the same sample, levers outermost."""
    drawn = {each.name: _sampled(sample, each) for each in sample.varied} if sample else {}
    each_has = len(next(iter(drawn.values()))) if drawn else 1
    n = len(combinations) * each_has
    if n > MOST or n * (len(levers) + len(drawn)) > MOST_VALUES:
        raise source.marked.error(
            (), f"{n:,} points; allowed: at most {MOST:,} and {MOST_VALUES:,} values"
        )
    columns: dict[str, Any] = {
        "point": np.arange(n, dtype=np.int64),
        "levers": np.repeat(np.arange(len(combinations), dtype=np.int64), each_has),
        "sample": np.tile(np.arange(each_has, dtype=np.int64), len(combinations)),
    }
    for each in levers:
        values = _column([row.get(each.name, each.default) for row in combinations], each)
        columns[each.name] = np.repeat(values, each_has)
    for name, values in drawn.items():
        columns[name] = np.tile(values, len(combinations))
    # Text stays object: pandas would choose a type of its own.
    return pd.DataFrame(
        {name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()}
    )


def _sampled(sample: Sample, varied: Quantity) -> np.ndarray:
    if varied.name in sample.columns:
        return _column(sample.columns[varied.name].tolist(), varied)
    return _column([row.get(varied.name, varied.default) for row in sample.rows], varied)


def _column(values: list[Any], varied: Quantity) -> np.ndarray:
    if varied.kind == "text" or any(value is None for value in values):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        return column
    types = {"number": np.float64, "integer": np.int64, "boolean": np.bool_}
    return np.asarray(values, dtype=types[varied.kind])
