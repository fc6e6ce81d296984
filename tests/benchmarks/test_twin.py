"""The array code and its plain twin give the same numbers."""

import numpy as np
from evaluation_twin import plain_formulas, required_one_by_one

from analysis.impact import evaluate
from analysis.losses.quantile_search import TOLERANCE
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
    """Within the error that the search proves: it refines its grid for all exchanges together."""
    small = scenario({"draws": 2})
    panel = build_panel(small)
    formulas = [f for f in candidates(small) if isinstance(f, LossQuantile)]
    fast = evaluate(panel, small, formulas).required
    slow = required_one_by_one(panel, small, formulas)
    np.testing.assert_allclose(fast, slow, rtol=2 * TOLERANCE, atol=1e-9)
    assert len(formulas) == 3
    assert (fast > 0).any()
