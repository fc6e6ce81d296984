"""The array code and its plain twin give the same numbers."""

import numpy as np
from evaluation_twin import required_one_by_one

from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.scenario import scenario


def test_the_array_code_equals_one_exchange_at_a_time() -> None:
    small = scenario({"draws": 2})
    panel = build_panel(small)
    fast, slow = evaluate(panel, small).required, required_one_by_one(panel, small)
    np.testing.assert_allclose(fast, slow, rtol=1e-12)
    assert fast.shape == slow.shape
    assert (fast > 0).any()
