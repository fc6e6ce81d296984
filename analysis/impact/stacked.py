"""Scenarios side by side: one scenario, one panel, one exposure with an axis of scenarios.

Arrays have the axes (scenario, draw, exchange). The first has length 1 where the scenarios do not
differ, so that what they share is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray, Panel
from analysis.rules.exposure import Exposure
from analysis.scenario import Scenario
from analysis.scenario.cost import CostParameters
from analysis.scenario.funding import FundingParameters
from analysis.scenario.losses import LossParameters
from analysis.scenario.panel import PanelParameters
from analysis.scenario.rules import RuleParameters
from analysis.scenario.severity import SeverityParameters

Places = NDArray[np.intp]

_READ = {
    **CostParameters.model_fields,
    **FundingParameters.model_fields,
    **RuleParameters.model_fields,
}
STACKED = (*(name for name, one in _READ.items() if one.annotation is float), "price_shock")
"""Numbers by which arrays may differ from scenario to scenario."""

LOSSES = (*LossParameters.model_fields, *SeverityParameters.model_fields)
"""Parameters of the losses that rules are sized with: one loss model for each set of them."""

_APART = ("treatment", "rule_parameters")

SHARED = (
    *(name for name in _READ if name not in (*STACKED, *_APART)),
    *("base_month", "draws", "seed", "interval", "industry_table"),
)
"""Parameters that scenarios side by side have in common."""

PANEL = tuple(PanelParameters.model_fields)


def side_by_side(scenarios: Sequence[Scenario]) -> Scenario:
    """One scenario of several that agree in `SHARED` and in the names of `rule_parameters`.

    A number of `STACKED`, or of `rule_parameters`, that differs becomes an array (scenario, 1, 1).
    Nothing else can be read: asking for it is an error, not the value of the first scenario.
    """
    first = scenarios[0]
    rules = [one.rule_parameters for one in scenarios]
    values = {name: getattr(first, name) for name in SHARED}
    values["rule_parameters"] = {name: _joined([one[name] for one in rules]) for name in rules[0]}
    for name in STACKED:
        values[name] = _joined([getattr(one, name) for one in scenarios])
    made = Scenario.model_construct(**values)
    for name in Scenario.model_fields:
        if name not in values:
            vars(made).pop(name)  # model_construct has put the default there
    return made


def _joined(given: list[float]) -> float | FloatArray:
    if given.count(given[0]) == len(given):
        return given[0]
    return np.array(given, dtype=float).reshape(-1, 1, 1)


def panels_side_by_side(panels: Sequence[Panel], of: Places) -> Panel:
    """One panel with values (scenario, draw, exchange); `of` says which panel a scenario has."""
    first = panels[0]
    values = {}
    for name in first.values:
        arrays = [panel[name] for panel in panels]
        same = all(array is arrays[0] or np.array_equal(array, arrays[0]) for array in arrays[1:])
        values[name] = arrays[0][None] if same else np.stack(arrays)[of]
    panel = replace(first, values=values)
    vars(panel)["known"] = first.known
    return panel


@dataclass(frozen=True)
class LossesSideBySide:
    """Losses of several exposures, with an axis of scenarios in front.

    Each is asked by itself: the steps of a search follow from all cells that are searched together,
    and a scenario's number must not depend on its neighbours.

    Attributes
    ----------
    losses : of each exposure.
    of : which of them a scenario has, shape (scenario,) or (1,).
    """

    losses: Sequence[AnnualLoss | IndustryLoss]
    of: Places
    _known: dict[tuple[int, bytes], FloatArray] = field(default_factory=dict)

    @property
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn."""
        return np.stack([loss.mean for loss in self.losses])[self.of]

    def quantile(self, level: float | Sequence[float]) -> FloatArray:
        """Quantile at a level, or at one of each scenario."""
        if np.ndim(level) == 0:
            return np.stack([loss.quantile(level) for loss in self.losses])[self.of]
        levels = np.asarray(level, dtype=float).tolist()
        of = np.broadcast_to(self.of, len(levels)).tolist()
        return np.stack(
            [self.losses[place].quantile(one) for place, one in zip(of, levels, strict=True)]
        )

    def expected_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of a year's loss above `amount` (scenario, ...), JPY mn."""
        of = np.broadcast_to(self.of, max(len(self.of), len(amount))).tolist()
        amounts = np.broadcast_to(amount, (len(of), *amount.shape[1:]))
        return np.stack([self._excess(place, one) for place, one in zip(of, amounts, strict=True)])

    def _excess(self, place: int, amount: FloatArray) -> FloatArray:
        key = (place, amount.tobytes())
        if key not in self._known:
            self._known[key] = self.losses[place].expected_excess(amount)
        return self._known[key]


@dataclass(frozen=True)
class ExposuresSideBySide(Exposure):
    """Exposures with an axis of scenarios, arrays (scenario, draw, exchange).

    Attributes
    ----------
    single : makes each of the different exposures that a loss model is applied to.
    of : which of them a scenario has, shape (scenario,) or (1,).
    """

    single: Callable[[int], Exposure] = field(kw_only=True)
    of: Places = field(kw_only=True)

    @property
    def annual_loss(self) -> Any:
        """Losses of a year, by the loss model of each scenario."""
        return LossesSideBySide([one.annual_loss for one in self._each], self.of)

    @property
    def industry_loss(self) -> Any:
        """The same of all exchanges together, cells (scenario, draw)."""
        return LossesSideBySide([one.industry_loss for one in self._each], self.of)

    @property
    def relative_rate(self) -> FloatArray:
        """Expected events of an exchange over those of the market, given its record."""
        return np.stack([one.relative_rate for one in self._each])[self.of]

    @property
    def _each(self) -> list[Exposure]:
        return [self.single(place) for place in range(int(self.of.max()) + 1)]


def exposures_side_by_side(
    gross: Exposure, single: Callable[[int], Exposure], of: Places
) -> ExposuresSideBySide:
    """The same exposure, with losses by the loss model of each scenario."""
    values = {one.name: getattr(gross, one.name) for one in fields(Exposure)}
    return ExposuresSideBySide(**values, single=single, of=of)
