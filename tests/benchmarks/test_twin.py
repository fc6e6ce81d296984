"""The array code and its plain twin give the same numbers."""

import numpy as np
from evaluation_twin import plain_formulas, required_one_by_one

from analysis.impact import evaluate
from analysis.losses.model import TOLERANCE
from analysis.market import build_panel
from analysis.rules import candidates
from analysis.rules.loss_quantile import LossQuantile
from analysis.scenario import scenario


def test_the_array_code_equals_one_exchange_at_a_time() -> None:
    small = scenario({"draws": 2})
    panel, formulas = build_panel(small), plain_formulas(small)
    fast = evaluate(panel, small, formulas).required
    slow = required_one_by_one(panel, small, formulas)
    np.testing.assert_allclose(fast, slow, rtol=1e-12)
    assert fast.shape == slow.shape
    assert (fast > 0).any()


def test_quantiles_of_losses_are_those_of_one_exchange_at_a_time() -> None:
    """Within errors of the grids, which are refined for all exchanges together.

    That of a quantile is proved by the search; that of an expected shortfall is that of a mean
    excess on a fixed grid.
    """
    small = scenario({"draws": 2})
    panel = build_panel(small)
    formulas = [f for f in candidates(small) if isinstance(f, LossQuantile)]
    fast = evaluate(panel, small, formulas).required
    slow = required_one_by_one(panel, small, formulas)
    for formula, together, apart in zip(formulas, fast, slow, strict=True):
        error = 0.01 if "shortfall" in formula.id else 2 * TOLERANCE
        np.testing.assert_allclose(together, apart, rtol=error, atol=1e-9)
    assert len(formulas) == 3
    assert (fast > 0).any()
