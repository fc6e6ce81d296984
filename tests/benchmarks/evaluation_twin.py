"""Plain Python twin of the requirement: one formula, one draw, one exchange at a time.

The peer of the benchmark, and a check of it: the array code must give the same numbers.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.exposure import Exposure, exposure
from analysis.scenario import Scenario


def required_one_by_one(panel: Panel, scenario: Scenario) -> FloatArray:
    """What each formula requires, JPY mn, shape (formula, draw, exchange), without broadcasting."""
    whole = exposure(panel, scenario)
    formulas = candidates(scenario)
    amounts = np.empty((len(formulas), panel.draws, len(panel.exchanges)))
    for f, formula in enumerate(formulas):
        for draw in range(panel.draws):
            for exchange in range(len(panel.exchanges)):
                one = _one(whole, draw, exchange)
                amounts[f, draw, exchange] = formula.required(one)[0]
    return amounts


def _one(whole: Exposure, draw: int, exchange: int) -> Exposure:
    """Exposure of one exchange in one data set, every array with an exchange axis of length 1."""
    cells = {
        field.name: np.asarray(getattr(whole, field.name))[..., draw, exchange : exchange + 1]
        for field in fields(whole)
    }
    return Exposure(**cells)
