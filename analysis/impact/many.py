"""Evaluation of many scenarios: the tables of each, one below the other.

A sweep's number is a run's number: every row is, to the last bit, what `evaluate` gives for its
scenario alone. A column that only some scenarios have is blank for the others. Totals of the
industry are worked out for many scenarios side by side: what they share once, what differs by
broadcasting.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import evaluate_on
from analysis.impact.lazy_tables import MAKERS
from analysis.impact.side_by_side import SideBySide, panel_of
from analysis.impact.stacked import LOSSES, PANEL, SHARED
from analysis.impact.yearly_losses import YearlyLosses
from analysis.rules import candidates
from analysis.rules.exposure import exposure
from analysis.scenario import Scenario

CELLS = 100_000
"""Scenarios times draws times exchanges that are worked out at once: an array of them is 0.8 MB,
about thirty are alive at a time, and fewer would not make up for the calls they take."""

_SIZED = ("trading_value_reading", "custody_reading", *PANEL, *LOSSES)
"""What an exposure and the losses of a panel depend on."""

LOSS_MODELS = 4
"""Distributions of losses that are held at once, where formulas read them."""


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
        By name: the column `point`, position in `scenarios`, and the columns of the table; one
        that only some of the scenarios have is blank for the others.

    Raises
    ------
    InputError
        No scenario, an unknown table, or whatever a scenario itself raises.
    """
    _check(scenarios, tables)
    made = _one_by_one(scenarios, [name for name in tables if name != "industry"], panel)
    if "industry" in tables:
        made["industry"] = _industry(scenarios, panel)
    return {name: made[name] for name in tables}


def _check(scenarios: Sequence[Scenario], tables: Sequence[str]) -> None:
    if not len(scenarios):
        raise InputError("scenarios is empty; give at least one")
    for name in tables:
        if name not in MAKERS:
            near = difflib.get_close_matches(name, MAKERS, n=1)
            known = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(MAKERS)}"
            raise InputError(f"unknown table '{name}'; {known}")


def _one_by_one(
    scenarios: Sequence[Scenario], tables: Sequence[str], path: Path | None
) -> dict[str, pd.DataFrame]:
    """Tables of each scenario by an evaluation of its own."""
    made: dict[str, list[pd.DataFrame]] = {name: [] for name in tables}
    for points in _alike(scenarios, attrgetter(*_SIZED)) if tables else ():
        first = scenarios[points[0]]
        market = panel_of(first, path)
        base = exposure(market, first)
        losses = YearlyLosses(market, first, base)
        for point in points:
            one = scenarios[point]
            impact = evaluate_on(base, losses, one, candidates(one))
            for name in tables:
                table = impact.tables[name].copy()
                table.insert(0, "point", point)
                made[name].append(table)
    return {name: _in_order(parts) for name, parts in made.items()}


def _alike(scenarios: Sequence[Scenario], key: Callable[[Scenario], object]) -> list[list[int]]:
    """Places of scenarios that agree in `key`, in the order of the first of each."""
    places: dict[object, list[int]] = {}
    for place, one in enumerate(scenarios):
        places.setdefault(key(one), []).append(place)
    return list(places.values())


def _in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of several, by point; rows of a point keep their order."""
    parts = sorted(parts, key=lambda part: int(part["point"].iloc[0]))
    return pd.concat(parts, ignore_index=True)


def _industry(scenarios: Sequence[Scenario], path: Path | None) -> pd.DataFrame:
    """Totals of the industry, many scenarios at a time."""
    shared = attrgetter(*SHARED)
    groups = _alike(scenarios, lambda one: (shared(one), frozenset(one.rule_parameters)))
    parts = [_of_group(scenarios, points, path) for points in groups]
    table = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    # Some have columns that others lack; those that have them say where they stand.
    table = table[max((part.columns for part in parts), key=len)]
    if table["point"].is_monotonic_increasing:
        return table
    return table.sort_values("point", kind="stable", ignore_index=True)


def _of_group(scenarios: Sequence[Scenario], points: list[int], path: Path | None) -> pd.DataFrame:
    """Totals of scenarios that agree in `SHARED`."""
    first = scenarios[points[0]]
    formulas, market = candidates(first), panel_of(first, path)
    size, models = max(CELLS // (market.draws * len(market.exchanges)), 1), len(points)
    if any(formula.on_losses for formula in formulas):
        models = LOSS_MODELS
    blocks, order, before = [], [], None
    for chunk in _chunks(scenarios, points, size, models):
        before = SideBySide([scenarios[point] for point in chunk], path, before)
        blocks.append(before.totals())
        order.extend(chunk)
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    ids = [formula.id for formula in formulas]
    return pd.DataFrame(
        {"point": np.repeat(order, len(ids)), "formula": np.tile(ids, len(order)), **columns}
    )


def _chunks(
    scenarios: Sequence[Scenario], points: list[int], size: int, models: int
) -> Iterator[list[int]]:
    """At most `size` points with at most `models` panels and loss models, like beside like."""
    chunk: list[int] = []
    held = 0
    like = attrgetter(*PANEL, *LOSSES)
    for members in _alike([scenarios[point] for point in points], like):
        held += 1
        if held > models and chunk:
            yield chunk
            chunk, held = [], 1
        for point in (points[place] for place in members):
            if len(chunk) == size:
                yield chunk
                chunk, held = [], 1
            chunk.append(point)
    if chunk:
        yield chunk
