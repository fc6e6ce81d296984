"""Rules on the distribution of losses, worked by hand, and held to a slow recursion.

The exchange of the cases loses all that is in its hot wallets, JPY 1,000 mn, in every event, of
which it expects 0.02 a year: no event in exp(-0.02) = 98.0199 % of years, one or none in
98.0199 % x 1.02 = 99.9803 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import transcriptions as text
from exposures import LARGE, amount, exposures, formula, losses, one
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.losses.model import TOLERANCE, LossModel
from analysis.market import build_panel
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure, exposure
from analysis.rules.loss_quantile import LossQuantile
from analysis.scenario import scenario

SOLVENCY, SHORTFALL = "loss_quantile_solvency", "loss_quantile_shortfall"
FIXED: dict[str, Any] = {"reach": 0.0, "location": 40.0}


def fixed(exchanges: int = 1, **changed: Any) -> Exposure:
    """Equal exchanges with hot wallets of 1,000, all of it lost in every event, clean and new."""
    given = {**LARGE, **changed}
    given |= {"custody_hot": 1_000, "custody_cold": 99_000, "years_registered": 0}
    given |= {"incident_count": 0, "incident_loss": 0}
    trading = np.broadcast_to(np.reshape(given.pop("trading_value"), (3, 1, 1)), (3, 1, exchanges))
    model = given.pop("loss_model", losses(**FIXED))
    arrays = {name: np.full((1, exchanges), float(value)) for name, value in given.items()}
    return Exposure(trading_value=trading.astype(float), **arrays, loss_model=model)


def quantile(level: float, exposure: Exposure, tail_mean: float = 0.0) -> FloatArray:
    rule = formula(SOLVENCY)
    assert isinstance(rule, LossQuantile)
    return replace(rule, level=level, tail_mean=tail_mean).required(exposure)


def test_a_loss_in_two_of_a_hundred_years() -> None:
    # At 99.5 % one loss: 1,000. At 98 % none: 98 % of years are without.
    assert amount(SOLVENCY, fixed()) == pytest.approx(1_000)
    assert amount("loss_quantile_basel_ama", fixed()) == pytest.approx(1_000)
    assert quantile(0.98, fixed()) == 0
    assert quantile(0.9805, fixed()) == pytest.approx(1_000)
    # 99.99 % takes two losses, of which 0.0197 % of years have more than one: 2,000.
    assert quantile(0.9999, fixed()) == pytest.approx(2_000)


def test_expected_shortfall_in_the_worst_hundredth_of_years() -> None:
    # The worst 1 % all have a loss of at least 1,000. Above it: 1,000 x E(N - 1)+, which is
    # 0.02 - (1 - exp(-0.02)) = 0.000198673; over 1 %: 1,000 + 1,000 x 0.0198673 = 1,019.87.
    assert amount(SHORTFALL, fixed()) == pytest.approx(1_019.867, abs=0.01)
    # The worst 4 % hold all losses: 1,000 x 0.02 / 0.04 = 500, while the quantile at 96 % is 0.
    assert quantile(0.96, fixed(), tail_mean=1.0) == pytest.approx(500)
    assert quantile(0.96, fixed(), tail_mean=0.25) == pytest.approx(125)


def test_no_more_than_customers_have() -> None:
    # All is in hot wallets and two losses are asked for: 2 x 1,000, of which customers have 1,000.
    everything = one(custody_hot=1_000, custody_cold=0, incident_count=0, years_registered=0)
    everything = replace(everything, loss_model=losses(**FIXED))
    assert quantile(0.9999, everything) == pytest.approx(1_000)


@dataclass(frozen=True)
class Exponential:
    """Loss of one event: exponential with mean `mean`; truncated where nothing is left of it."""

    held: FloatArray
    mean: float

    def cdf(self, loss: FloatArray) -> FloatArray:
        return np.asarray(-np.expm1(-np.clip(loss, 0, self.held) / self.mean))

    def limited_mean(self, loss: FloatArray) -> FloatArray:
        return np.asarray(-self.mean * np.expm1(-np.clip(loss, 0, self.held) / self.mean))


@dataclass(frozen=True, eq=False)
class ExponentialModel(LossModel):
    """Loss model with exponential losses of mean 1,000."""

    def annual_loss(
        self,
        custody: FloatArray,
        hot_share: FloatArray,  # noqa: ARG002
        incident_count: FloatArray,  # noqa: ARG002
        years: FloatArray,  # noqa: ARG002
    ) -> AnnualLoss:
        return AnnualLoss(self.hacks, 1.0, Exponential(custody, 1_000.0), self.loss_steps)


@pytest.mark.parametrize("level", [0.99, 0.995, 0.999])
def test_exponential_losses_in_closed_form(level: float) -> None:
    """P(S > x) = sum over k of P(N = k) exp(-x / m) times the sum over j < k of (x / m)^j / j!."""
    rate = 0.3
    model = ExponentialModel(**vars(losses(rate=rate)))
    found = quantile(level, one(custody_hot=0, custody_cold=40_000, loss_model=model)).item()

    def above(x: float) -> float:
        total, inner = 0.0, 0.0
        for k in range(1, 30):
            inner += (x / 1_000) ** (k - 1) / math.factorial(k - 1)
            total += math.exp(-rate) * rate**k / math.factorial(k) * math.exp(-x / 1_000) * inner
        return total

    assert above(found * (1 + TOLERANCE)) <= 1 - level <= above(found * (1 - TOLERANCE))


def test_size_custody_record_by_credibility() -> None:
    # 0.8 bp x 8,000,000 + 1 % x 1,000,000 = 10,640. One loss in 9 years, shape 2, rate 0.02:
    # (2 + 1) / (2 + 0.02 x 9) = 3 / 2.18 = 1.376147; clean 2 / 2.18 = 0.917431.
    id = "size_custody_record_credibility"
    assert amount(id, one()) == pytest.approx(14_642.2, abs=0.1)
    assert amount(id, one(incident_count=0)) == pytest.approx(9_761.47, abs=0.01)
    # Four losses give 6 / 2.18 = 2.75: x 2, the largest; the record of years stops at ten.
    assert amount(id, one(incident_count=4)) == pytest.approx(21_280)
    ten = amount(id, one(incident_count=0, years_registered=10))
    assert ten == amount(id, one(incident_count=0, years_registered=30))
    assert ten == pytest.approx(10_640 * 2 / 2.2)
    # Half believed: 1 + (1.376147 - 1) / 2 = 1.188073.
    half = amount(id, one(), rule_parameters={f"{id}.credibility": 0.5})
    assert half == pytest.approx(12_641.1, abs=0.1)


def test_the_market_keeps_its_rate_whatever_the_records() -> None:
    """Records move exchanges against each other: one above 1, the clean ones below, mean 1."""
    panel = build_panel(scenario({"draws": 2}))
    base = exposure(panel, scenario({"draws": 2}))
    assert base.relative_rate.mean(axis=-1) == pytest.approx([1, 1])
    clean = base.incident_count == 0
    assert np.all(base.relative_rate[~clean] > 1)
    assert np.all(base.relative_rate[clean] < 1.05)


@given(exposure=exposures())
@settings(max_examples=40, deadline=None)
def test_credibility_equals_transcription(exposure: Exposure) -> None:
    fast = formula("size_custody_record_credibility").required(exposure)[0]
    slow = [
        text.size_custody_credibility_jpy_mn(
            float(exposure.trading_value[0, 0, i]),
            float(exposure.custody[0, i]),
            int(exposure.incident_count[0, i]),
            float(exposure.years_registered[0, i]),
        )
        for i in range(3)
    ]
    np.testing.assert_allclose(fast, slow, rtol=1e-9, atol=1e-9)


@given(
    hot=st.floats(0.01, 0.5),
    count=st.integers(0, 3),
    level=st.sampled_from([0.97, 0.99, 0.995, 0.999]),
)
@settings(max_examples=8, deadline=None)
def test_quantile_equals_a_recursion_step_by_step(hot: float, count: int, level: float) -> None:
    """Panjer's recursion with losses rounded up and down brackets the quantile."""
    exchange = one(
        custody_hot=1e5 * hot,
        custody_cold=1e5 * (1 - hot),
        incident_count=count,
        years_registered=9,
    )
    rate = 0.02 * (2 + count) / (2 + 0.02 * 9)
    step, steps = 1e5 / 400, 1_000

    def share_lost(amount: float) -> float:
        return text.hot_wallet_loss(amount / 1e5, hot, reach=0.2, location=-2.0, scale=1.5)

    low, high = text.panjer_quantile(rate, share_lost, step, steps, level)
    found = quantile(level, exchange).item()
    top = exchange.custody.item()
    assert min(low, top) * (1 - TOLERANCE) <= found <= min(high, top) * (1 + TOLERANCE)


@given(exposure=exposures(), factor=st.floats(1, 20))
@settings(max_examples=15, deadline=None)
def test_more_events_never_lower_an_amount(exposure: Exposure, factor: float) -> None:
    more = replace(exposure, loss_model=losses(rate=0.02 * factor))
    for id in (SOLVENCY, SHORTFALL):
        before, after = (formula(id).required(e) for e in (exposure, more))
        assert np.all(after >= before * (1 - 3 * TOLERANCE) - 1e-6)
    before, after = (formula("pooled_fund").required(e).sum() for e in (exposure, more))
    assert after >= before * (1 - 2 * IndustryLoss.tolerance) - 1e-6


@given(exposure=exposures())
@settings(max_examples=15, deadline=None)
def test_never_more_than_customer_crypto(exposure: Exposure) -> None:
    for id in (SOLVENCY, SHORTFALL, "loss_quantile_basel_ama", "pooled_fund"):
        assert np.all(formula(id).required(exposure) <= exposure.custody)
