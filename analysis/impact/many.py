"""Evaluation of many scenarios: the tables of each, one below the other.

A sweep's number is a run's number: every row is, to the last bit, what `evaluate` gives for its
scenario alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import evaluate
from analysis.impact.lazy_tables import MAKERS
from analysis.market import build_panel, load_panel
from analysis.scenario import Scenario


def evaluate_many(
    scenarios: Sequence[Scenario],
    tables: Sequence[str] = ("industry",),
    panel: Path | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables of many scenarios.

    Parameters
    ----------
    scenarios : sequence of Scenario
    tables : names of `analysis.impact.lazy_tables.MAKERS`
    panel : Path, optional
        A user's own panel in place of the shipped one.

    Returns
    -------
    dict of DataFrame
        By name: the column `point`, position in `scenarios`, and the columns of the table.

    Raises
    ------
    InputError
        No scenario, an unknown table, or whatever a scenario itself raises.
    """
    _check(scenarios, tables)
    made: dict[str, list[pd.DataFrame]] = {name: [] for name in tables}
    for point, one in enumerate(scenarios):
        market = build_panel(one) if panel is None else load_panel(panel, one)
        impact = evaluate(market, one)
        for name in made:
            table = impact.tables[name].copy()
            table.insert(0, "point", point)
            made[name].append(table)
    return {name: pd.concat(parts, ignore_index=True) for name, parts in made.items()}


def _check(scenarios: Sequence[Scenario], tables: Sequence[str]) -> None:
    if not len(scenarios):
        raise InputError("scenarios is empty; give at least one")
    for name in tables:
        if name not in MAKERS:
            near = difflib.get_close_matches(name, MAKERS, n=1)
            known = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(MAKERS)}"
            raise InputError(f"unknown table '{name}'; {known}")
