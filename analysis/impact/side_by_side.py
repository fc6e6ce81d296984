"""Totals of the industry in several scenarios at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

from analysis.impact.evaluate import Impact, with_amounts
from analysis.impact.given import Given
from analysis.impact.industry import totals
from analysis.impact.stacked import (
    LOSSES,
    PANEL,
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


def panel_of(one: Scenario, path: Path | None) -> Panel:
    """Panel of a scenario: the shipped one, or the user's at a path."""
    return build_panel(one) if path is None else load_panel(path, one)


class SideBySide:
    """Scenarios that are worked out at once.

    Parameters
    ----------
    scenarios : that agree in `SHARED`.
    path : user's panel, if any.
    before : the chunk before, of which exposures are taken over.
    """

    def __init__(
        self, scenarios: Sequence[Scenario], path: Path | None, before: SideBySide | None
    ) -> None:
        self._scenarios = scenarios
        panels: dict[tuple[Any, ...], int] = {}
        firsts = []
        of = []
        for one in scenarios:
            key = attrgetter(*PANEL)(one)
            if key not in panels:
                panels[key] = len(panels)
                firsts.append(panel_of(one, path))
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
