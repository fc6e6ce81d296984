"""The array code gives the chances of leaving that its plain twin gives."""

import numpy as np
from exit_twin import CASH_ONLY, large_panel, leaving_one_by_one, ten_formulas

from analysis.impact import evaluate


def test_the_array_code_equals_one_exchange_at_a_time() -> None:
    impact = evaluate(large_panel(4), CASH_ONLY, ten_formulas())
    slow = leaving_one_by_one(impact, 4)
    np.testing.assert_allclose(impact.exits.policy, slow, rtol=1e-9, atol=1e-12)
    assert slow.shape == (10, 4, 26)
    assert 0 < slow.min() < 0.05
    assert slow.max() > 0.5
