"""What cash a rule asks for within the years over which exits are counted, and what is lacking.

A requirement is due where its path is highest within `exit_years`: for one that is built up in
equal steps that is the end of its phase-in, or a part of it after `exit_years` if the phase-in is
longer. Profit retained till then counts as free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analysis.impact.insurance import Mix
from analysis.impact.liquidity import free_liquid_assets, shortfall
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


@dataclass(frozen=True, eq=False)
class Due:
    """Part of a requirement that is due, and years of profit till then; (..., draw, exchange)."""

    share: FloatArray
    years: FloatArray

    def at(self, place: int) -> Due:
        """Of one formula."""
        return Due(self.share[place], self.years[place])


AT_ONCE = Due(np.asarray(1.0), np.asarray(0.0))
"""All of it, before any profit is made."""


def due_within(impact: Impact) -> Due:
    """Of every formula, from its own path, (formula, draw, exchange).

    Without a phase-in the reserve is there before the first year's profit is.
    """
    scenario, shares, years = impact.scenario, [], []
    before = 0 if scenario.phase_in_years else 1
    for formula, required in zip(impact.formulas, impact.required, strict=True):
        path = formula.path(impact.exposure, scenario.exit_years, scenario.phase_in_years)
        whole = np.ones_like(required)
        share = np.divide(path.max(axis=0), required, out=whole, where=required > 0)
        shares.append(np.minimum(share, 1.0))
        years.append(np.broadcast_to(path.argmax(axis=0) + 1.0 - before, required.shape))
    return Due(np.stack(shares), np.stack(years))


def cash_lacking(mix: Mix, panel: Panel, due: Due, scenario: Scenario) -> FloatArray:
    """Cash that is due beyond free liquid assets and profit retained till then, JPY mn.

    Parameters
    ----------
    mix : how the complete requirement is met, arrays (..., draw, exchange).
    due : what of it is due, and when.
    """
    income = panel["net_income"]
    kept = np.maximum(income, 0.0) + scenario.unmet_loss_share * np.minimum(income, 0.0)
    free = free_liquid_assets(panel, scenario) + due.years * kept
    asked = Mix(mix.cash * due.share, mix.insured, mix.unfunded * due.share, mix.limit, mix.premium)
    return shortfall(asked, free)
