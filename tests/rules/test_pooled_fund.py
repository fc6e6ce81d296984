"""The fund that all exchanges share, worked by hand: see `test_loss_rules` for its exchanges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from exposures import exposures, formula, losses, scaled
from hypothesis import given, settings
from hypothesis import strategies as st
from test_loss_rules import FIXED, fixed

from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.pooled_fund import PooledFund, pooling_gain

FUND = IndustryLoss.tolerance


def pooled(level: float, exposure: Exposure, quantile_weight: float = 0.0) -> FloatArray:
    rule = formula("pooled_fund")
    assert isinstance(rule, PooledFund)
    return replace(rule, level=level, quantile_weight=quantile_weight).required(exposure)


def test_a_fund_of_twenty_equal_exchanges() -> None:
    # 20 x 0.02 = 0.4 events a year in all. None: 67.03 %; up to one: 93.84 %, two: 99.21 %, three:
    # 99.92 %. At 99.5 % the fund holds three losses, 3,000, and each of the twenty pays 150.
    twenty = fixed(20)
    assert pooled(0.995, twenty) == pytest.approx(np.full((1, 20), 150), rel=FUND)
    assert pooled(0.995, twenty, quantile_weight=1.0) == pytest.approx(
        np.full((1, 20), 150), rel=FUND
    )
    assert pooled(0.99, twenty).sum() == pytest.approx(2_000, rel=FUND)
    # Alone each holds 1,000, twenty times: 20,000 over 3,000.
    assert pooling_gain(twenty, 0.995) == pytest.approx(20 / 3, rel=FUND)
    # At 97 % nobody alone expects a loss, and the fund holds two: pooling covers more.
    assert pooling_gain(twenty, 0.97) == 0
    # Expected shortfall of the worst 3 %. Alone that is all losses: 1,000 x 0.02 / 0.03 = 667 each,
    # 13,333. Together two losses or more: 2,000 + 1,000 x E(N - 2)+ / 0.03 with E(N - 2)+ =
    # 0.4 - 2 + 2 x 0.670320 + 0.268128 = 0.008768: 2,292. 13,333 over 2,292 = 5.82.
    gain = pooling_gain(twenty, 0.97, tail_mean=True)
    assert gain == pytest.approx(5.816, rel=FUND)
    assert np.isnan(pooling_gain(fixed(20, loss_model=losses(rate=0.0, **FIXED)), 0.995)).all()


def test_a_fund_of_one_is_its_own_quantile() -> None:
    assert pooled(0.995, fixed()) == pytest.approx(1_000, rel=FUND)
    assert pooling_gain(fixed(), 0.995) == pytest.approx(1, rel=FUND)


def test_the_fund_is_shared_by_risk() -> None:
    # Records: none in no years, and 2 losses in no years, which doubles the rate:
    # (2 + 2) / (2 + 0) = 2. Expected losses 0.02 x 1,000 and 0.04 x 1,000: one third, two thirds.
    # 0.06 events in all: none in 94.18 %, up to one in 99.83 % of years: 1,000 at 99.5 %.
    two = replace(fixed(2), incident_count=np.array([[0.0, 2.0]]))
    assert pooled(0.995, two) == pytest.approx(np.array([[333.333, 666.667]]), rel=FUND)
    parts = pooled(0.995, two)
    assert parts[0, 1] / parts[0, 0] == pytest.approx(2)
    # Own quantiles are 1,000 for both: equal parts.
    assert pooled(0.995, two, quantile_weight=1.0) == pytest.approx(np.full((1, 2), 500), rel=FUND)
    assert pooled(0.995, two, quantile_weight=0.5) == pytest.approx(
        np.array([[416.667, 583.333]]), rel=FUND
    )


def test_a_common_shock_makes_the_fund_larger() -> None:
    # Every event hits all twenty: 0.02 shocks a year, 20,000 each, at 99.5 % of years at most one.
    model = losses(common_shock_share=1.0, **FIXED)
    assert pooled(0.995, fixed(20, loss_model=model)).sum() == pytest.approx(20_000, rel=FUND)
    assert pooling_gain(fixed(20, loss_model=model), 0.995) == pytest.approx(1, rel=FUND)


@given(exposure=exposures(), factor=st.floats(1, 20))
@settings(max_examples=15, deadline=None)
def test_more_custody_never_lowers_the_fund(exposure: Exposure, factor: float) -> None:
    rule = formula("pooled_fund")
    before = rule.required(exposure)
    for base in ("custody_hot", "custody_cold"):
        after = rule.required(scaled(exposure, factor, base))
        assert after.sum() >= before.sum() * (1 - 2 * IndustryLoss.tolerance) - 1e-6
