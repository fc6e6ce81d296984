"""A year's losses as they may come true, which is not what a rule was sized with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.losses.model import annual_loss, market_model
from analysis.market.panel import Panel
from analysis.rules.exposure import Exposure
from analysis.scenario import Scenario
from analysis.scenario.losses import LossParameters
from analysis.scenario.panel import PanelParameters
from analysis.scenario.severity import SeverityParameters

LOSSES = (*LossParameters.model_fields, *SeverityParameters.model_fields)
"""Parameters that move the losses of a panel."""


@dataclass(frozen=True, eq=False)
class YearlyLosses:
    """Losses of a year by data set, of all customer crypto; worked out when asked for.

    Each data set has its own rates and severities: any of them may be the truth. Rules are sized
    with one estimate for all, `Exposure.annual_loss`, so an amount is too large in one data set and
    too small in another. With a single data set the estimate is the truth, and computed once.

    Attributes
    ----------
    panel, scenario : whose losses these are.
    sized : exposure that rules were sized with under the same scenario, if there is one.
    """

    panel: Panel
    scenario: Scenario
    sized: Exposure | None = None

    @cached_property
    def annual(self) -> AnnualLoss:
        """Loss of a year at each exchange, (draw, exchange)."""
        known = self._known
        return annual_loss(self.panel.values, self.scenario) if known is None else known.annual_loss

    @cached_property
    def industry(self) -> IndustryLoss:
        """Loss of a year at all exchanges together, (draw,)."""
        if self._known is not None:
            return self._known.industry_loss
        return market_model(self.panel.values, self.scenario).industry_loss(self.annual)

    def under(self, scenario: Scenario) -> YearlyLosses:
        """Losses of the same exchanges in another scenario; these, where nothing moves them.

        Raises
        ------
        InputError
            The scenario would draw another panel.
        """
        base = self.scenario
        for name in PanelParameters.model_fields:
            if name != "interval" and getattr(scenario, name) != getattr(base, name):
                raise InputError(
                    f"parameter '{name}' changes the panel; evaluate another panel for it"
                )
        if all(getattr(scenario, name) == getattr(base, name) for name in LOSSES):
            return self
        return YearlyLosses(self.panel, scenario)

    @property
    def _known(self) -> Exposure | None:
        """Exposure with these very losses."""
        gross = self.scenario.custody_reading == "gross"
        return self.sized if gross and self.panel.draws == 1 else None
