"""Evaluation of many scenarios: the tables of each, one below the other.

A sweep's number is a run's number: every row is, to the last bit, what `evaluate` gives for its
scenario alone. Totals of the industry are worked out for many scenarios side by side: what they
share once, what differs by broadcasting.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import Given, Impact, evaluate, with_amounts
from analysis.impact.industry import totals
from analysis.impact.lazy_tables import MAKERS
from analysis.impact.stacked import (
    LOSSES,
    PANEL,
    SHARED,
    ExposuresSideBySide,
    Places,
    exposures_side_by_side,
    panels_side_by_side,
    side_by_side,
)
from analysis.impact.tables import imputed_share
from analysis.impact.yearly_losses import YearlyLosses
from analysis.market import Panel, build_panel, load_panel
from analysis.market.panel import FloatArray
from analysis.rules import Formula, candidates
from analysis.rules.exposure import Exposure, bases, exposure, observed_exposure, observed_values
from analysis.scenario import Scenario

CELLS = 100_000
"""Scenarios times draws times exchanges that are worked out at once: an array of them is 0.8 MB,
about thirty are alive at a time, and fewer would not make up for the calls they take."""

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
        By name: the column `point`, position in `scenarios`, and the columns of the table.

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
    for point, one in enumerate(scenarios) if tables else ():
        impact = evaluate(_panel(one, path), one)
        for name in tables:
            table = impact.tables[name].copy()
            table.insert(0, "point", point)
            made[name].append(table)
    return {name: pd.concat(parts, ignore_index=True) for name, parts in made.items()}


def _panel(one: Scenario, path: Path | None) -> Panel:
    return build_panel(one) if path is None else load_panel(path, one)


def _industry(scenarios: Sequence[Scenario], path: Path | None) -> pd.DataFrame:
    """Totals of the industry, many scenarios at a time."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for point, one in enumerate(scenarios):
        key = (*attrgetter(*SHARED)(one), frozenset(one.rule_parameters))
        groups.setdefault(key, []).append(point)
    parts = [_of_group(scenarios, points, path) for points in groups.values()]
    table = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    if table["point"].is_monotonic_increasing:
        return table
    return table.sort_values("point", kind="stable", ignore_index=True)


def _of_group(scenarios: Sequence[Scenario], points: list[int], path: Path | None) -> pd.DataFrame:
    """Totals of scenarios that agree in `SHARED`."""
    first = scenarios[points[0]]
    formulas, market = candidates(first), _panel(first, path)
    size, models = max(CELLS // (market.draws * len(market.exchanges)), 1), len(points)
    if any(formula.on_losses for formula in formulas):
        models = LOSS_MODELS
    blocks, order, before = [], [], None
    for chunk in _chunks(scenarios, points, size, models):
        before = _SideBySide([scenarios[point] for point in chunk], path, before)
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
    alike: dict[tuple[Any, ...], list[int]] = {}
    for point in points:
        alike.setdefault(attrgetter(*PANEL, *LOSSES)(scenarios[point]), []).append(point)
    chunk: list[int] = []
    held = 0
    for members in alike.values():
        held += 1
        if held > models and chunk:
            yield chunk
            chunk, held = [], 1
        for point in members:
            if len(chunk) == size:
                yield chunk
                chunk, held = [], 1
            chunk.append(point)
    if chunk:
        yield chunk


class _SideBySide:
    """Scenarios that are worked out at once.

    Parameters
    ----------
    scenarios : that agree in `SHARED`.
    path : user's panel, if any.
    before : the chunk before, of which exposures are taken over.
    """

    def __init__(
        self, scenarios: Sequence[Scenario], path: Path | None, before: _SideBySide | None
    ) -> None:
        self._scenarios = scenarios
        panels: dict[tuple[Any, ...], int] = {}
        firsts = []
        of = []
        for one in scenarios:
            key = attrgetter(*PANEL)(one)
            if key not in panels:
                panels[key] = len(panels)
                firsts.append(_panel(one, path))
            of.append(panels[key])
        self._panels, self._panel_of = firsts, of
        self._taken = {} if before is None else before._made
        self._made: dict[tuple[Any, ...], Exposure] = {}

    def totals(self) -> dict[str, FloatArray]:
        """Columns of the table, rows scenario by formula."""
        shape = (len(self._scenarios), len(self._formulas))
        parts = [totals(impact) for impact in self._impacts()]
        table = {name: np.empty(shape) for name in parts[0]}
        for name, column in table.items():
            for place, part in enumerate(parts):
                column[:, place] = part[name][0]
        return {name: column.ravel() for name, column in table.items()}

    @cached_property
    def _panel(self) -> Panel:
        return panels_side_by_side(self._panels, np.array(self._panel_of, dtype=np.intp))

    @cached_property
    def _scenario(self) -> Scenario:
        return side_by_side(self._scenarios)

    @cached_property
    def _formulas(self) -> tuple[Formula, ...]:
        return candidates(self._scenario)

    def _impacts(self) -> Iterator[Impact]:
        """Evaluation of each formula, so that its arrays stay near the processor."""
        scenario, panel = self._scenario, self._panel
        base = self._exposure(scenario, panel.values, exposure)
        known = self._exposure(scenario, observed_values(panel), observed_exposure)
        losses, given = YearlyLosses(panel, scenario), Given.of(panel, scenario)
        for formula in self._formulas:
            # Rows of exchanges lie together: means over draws are summed in one order.
            required = np.ascontiguousarray(formula.required(base))[None]
            impact = with_amounts(required, (formula,), base, losses, scenario, given)
            # The evaluation of one scenario works this out from a panel of its own.
            seen = np.ascontiguousarray(formula.required(known))[None]
            vars(impact)["imputed_share"] = imputed_share(impact, seen)
            yield impact

    def _exposure(self, scenario: Scenario, values: Any, of_one: Any) -> ExposuresSideBySide:
        def single(place: int) -> Exposure:
            key = (of_one.__name__, *keys[place])
            if key not in self._made:
                market, one = self._panels[self._panel_of[firsts[place]]], firsts[place]
                known = self._taken.get(key)
                self._made[key] = known or of_one(market, self._scenarios[one])
            return self._made[key]

        keys, firsts, of = self._different
        return exposures_side_by_side(bases(values, scenario, None), single, of)

    @cached_property
    def _different(self) -> tuple[list[tuple[Any, ...]], list[int], Places]:
        """Exposures whose losses differ: what tells them apart, their first scenario, whose is."""
        contents = [_content(panel) for panel in self._panels]
        seen: dict[tuple[Any, ...], int] = {}
        firsts, of = [], []
        for place, one in enumerate(self._scenarios):
            key = (contents[self._panel_of[place]], *attrgetter(*LOSSES)(one))
            if key not in seen:
                seen[key] = len(seen)
                firsts.append(place)
            of.append(seen[key])
        different = of if len(seen) > 1 else of[:1]
        return list(seen), firsts, np.array(different, dtype=np.intp)


def _content(panel: Panel) -> bytes:
    """What losses depend on."""
    read = ("customer_crypto", "hot_share", "incident_count", "years_registered")
    return b"".join(panel[name].tobytes() for name in read)
