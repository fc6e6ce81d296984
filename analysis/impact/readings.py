"""Legal uncertainty: what each formula requires under every reading of the law."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import get_args

import pandas as pd

from analysis.market.panel import Panel
from analysis.rules import candidates
from analysis.rules.exposure import exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario


def readings(
    panel: Panel, scenario: Scenario, formulas: Sequence[Formula] | None = None
) -> pd.DataFrame:
    """Industry total of each formula under each pair of readings.

    Parameters
    ----------
    panel, scenario
        As for `evaluate`; the readings in `scenario` are replaced by every pair in turn.
    formulas : sequence of Formula, optional
        The candidates of the scenario by default.

    Returns
    -------
    DataFrame
        Columns formula, trading_value_reading, custody_reading, required_jpy_mn (mean over the
        data sets of the sum over exchanges).
    """
    chosen = tuple(candidates(scenario) if formulas is None else formulas)
    rows = []
    for trading, custody in product(*map(_choices, ("trading_value_reading", "custody_reading"))):
        read_so = scenario.with_(trading_value_reading=trading, custody_reading=custody)
        base = exposure(panel, read_so)
        rows += [
            (formula.id, trading, custody, float(formula.required(base).sum(axis=-1).mean()))
            for formula in chosen
        ]
    columns = ["formula", "trading_value_reading", "custody_reading", "required_jpy_mn"]
    return pd.DataFrame(rows, columns=columns)


def _choices(parameter: str) -> tuple[str, ...]:
    return get_args(Scenario.model_fields[parameter].annotation)
