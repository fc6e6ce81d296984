"""Plain Python twin of the requirement: one formula, one draw, one exchange at a time.

The peer of the benchmark, and a check of it: the array code must give the same numbers. A fund
that exchanges share cannot be worked out for one of them and is left out; quantiles of losses are
a search, with a peer and tests of their own, and are left out of the benchmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from analysis.market.panel import FloatArray, Panel
from analysis.rules import Formula, candidates
from analysis.rules.exposure import Exposure, exposure
from analysis.rules.loss_quantile import LossQuantile
from analysis.scenario import Scenario


def plain_formulas(scenario: Scenario) -> tuple[Formula, ...]:
    """Candidates that need one exchange and no distribution of losses."""
    return tuple(
        formula
        for formula in candidates(scenario)
        if not (formula.pooled or isinstance(formula, LossQuantile))
    )


def required_one_by_one(
    panel: Panel, scenario: Scenario, formulas: Sequence[Formula]
) -> FloatArray:
    """What each formula requires, JPY mn, shape (formula, draw, exchange), without broadcasting."""
    whole = exposure(panel, scenario)
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
        if field.name != "loss_model"
    }
    model = None if whole.loss_model is None else whole.loss_model.of_draw(draw)
    return Exposure(**cells, loss_model=model)
