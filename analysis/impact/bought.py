"""What cash and insurance buy under any losses and payers, by one rule or by several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from analysis.impact.insurance import Mix
from analysis.impact.protection import OwnMeans, Protection, pooled_protection, protection
from analysis.impact.yearly_losses import YearlyLosses
from analysis.scenario import Scenario


def bought(losses: YearlyLosses, mix: Mix, pooled: bool, scenario: Scenario) -> Protection:
    """Protection by what is held, all of it pooled or each exchange's its own.

    Parameters
    ----------
    losses : what is lost, and at which exchanges.
    mix : what is held, arrays (..., draw, exchange).
    pooled : whether it pays for whichever exchange has the loss.
    scenario : who else pays.
    """
    own = OwnMeans.of(losses.panel)
    if pooled:
        return pooled_protection(losses.annual, losses.industry, mix, own, scenario)
    return protection(losses.annual, mix, own, scenario)


def bought_by_each(
    losses: YearlyLosses, mix: Mix, pooled: Sequence[bool], scenario: Scenario
) -> Protection:
    """The same by several rules at once, arrays (formula, draw, exchange)."""
    shared = np.array(pooled, dtype=bool)
    whole = {field.name: np.empty(mix.cash.shape) for field in fields(Protection)}
    for one_fund in (False, True):
        chosen = shared == one_fund
        if chosen.any():
            part = bought(losses, _some(mix, chosen), one_fund, scenario)
            for name, array in whole.items():
                array[chosen] = getattr(part, name)
    return Protection(**whole)


def _some(mix: Mix, chosen: NDArray[np.bool_]) -> Mix:
    return Mix(*(getattr(mix, field.name)[chosen] for field in fields(Mix)))
