"""Protection is the mean of the failure waterfall over a year's losses: held to simulated years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from panels import EXCHANGES, make_panel, share_of_custody

from analysis.impact.evaluate import evaluate
from analysis.impact.insurance import Mix
from analysis.impact.waterfall import Failure, Insolvency, Waterfall, waterfall
from analysis.impact.yearly_losses import YearlyLosses
from analysis.losses.industry import industry_loss
from analysis.losses.model import loss_model
from analysis.losses.simulation import simulate_years
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

# Many losses a year, answers that are neither yes nor no, all of what is not stolen segregated: the
# estate then holds own means alone.
SCENARIO = Scenario(
    frequency_multiplier=15.0,
    insurance_response=0.6,
    voluntary_payment=0.4,
    estate_recovery=0.3,
    segregated_share=1.0,
)
PANEL = make_panel(draws=1)
CUSTODY = PANEL["customer_crypto"]
YEARS, WIDE = 400_000, 100.0
ERRORS = 4.5
"""Standard errors within which each of about 90 means must lie: by chance one in 3,000 runs."""
NEAR = 2e-3
"""Of an exchange's expected loss: what the computed excesses may be off by, beside the sampling."""


@pytest.fixture(scope="module")
def lost() -> FloatArray:
    """Loss of each year at each exchange, (year, 1, exchange); exchanges drawn as data sets."""
    names = ("customer_crypto", "hot_share", "incident_count", "years_registered")
    model = loss_model(SCENARIO, 1).of_market(PANEL.values)
    apart = model.annual_loss(*(PANEL[name].T for name in names))
    together = YearlyLosses(PANEL, SCENARIO).annual
    np.testing.assert_allclose(apart.mean.T, together.mean, rtol=1e-12)
    years = simulate_years(industry_loss(apart, 0.0), YEARS, np.random.default_rng(20))
    return years.T[:, np.newaxis]


def test_the_match_of_hot_wallets_pays_at_once_and_in_insolvency() -> None:
    # 600 of 1,000 lost, reserve 100, no insurer: 500 open. Of net assets of 50 the match is 30,
    # paid after 3 days; 20 go to the estate, of which 30 % are reached: 6, after 1,560 days.
    rules = Insolvency.of(SCENARIO, False)
    case = Failure(1_000, 0.6, reserve=100, own=50, matched=30)
    out = waterfall(case, rules)
    paid = [out.matched, out.own, out.estate, out.shortfall]
    np.testing.assert_array_equal(paid, [30, 0, 6, 464])
    assert out.days == pytest.approx((130 * 3 + 400 * 103 + 6 * 1_560) / 536)
    # It may be borrowed: an operator without net assets pays with it all the same, and lives.
    borrowed = waterfall(replace(case, own=-10, matched=500), rules)
    last = [borrowed.matched, borrowed.shortfall, borrowed.failure]
    np.testing.assert_array_equal(last, [500, 0, 0])


def _settled(lost: FloatArray, mix: Mix, response: float | None = None) -> Waterfall:
    """Every year through the waterfall; the claim is wide enough for years of several losses."""
    case = Failure.of(PANEL, mix, lost / (WIDE * CUSTODY), SCENARIO)
    answers = case.response if response is None else response
    wide = replace(case, custody=WIDE * CUSTODY, response=answers)
    return waterfall(wide, Insolvency.of(SCENARIO, False))


def _agrees(simulated: FloatArray, computed: FloatArray, expected: FloatArray) -> None:
    error = simulated.std(axis=0) / np.sqrt(YEARS)
    gap = np.abs(simulated.mean(axis=0) - computed)
    assert (gap <= ERRORS * error + NEAR * expected).all(), (gap / expected, error / expected)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.1])
def test_protection_is_the_mean_of_the_waterfall(lost: FloatArray, share: float) -> None:
    """By payer and exchange. Monte Carlo error: at most 1.5 % of an exchange's expected loss."""
    impact = evaluate(PANEL, SCENARIO, [share_of_custody(share)])
    bought, mix = impact.appraisal.steady, impact.steady.at(0)
    assert (mix.limit > 0).any()
    nothing = Mix(*(np.zeros_like(array) for array in vars(mix).values()))
    expected = impact.annual_loss.mean
    error = lost.std(axis=0) / np.sqrt(YEARS) / expected
    assert error.shape == (1, len(EXCHANGES))
    assert (error < 0.015).all()
    _agrees(lost, expected, expected)
    for world, held in (("with", mix), ("without", nothing)):
        out = _settled(lost, held)
        parts = {
            "matched": out.matched,
            "own": out.own + out.owners,
            "estate": out.estate,
            "lost": out.shortfall,
        }
        for name, simulated in parts.items():
            _agrees(simulated, getattr(bought, f"{name}_{world}")[0], expected)
        stranded = out.failure * np.maximum(CUSTODY - lost, 0.0)
        _agrees(stranded, getattr(bought, f"stranded_{world}")[0], expected)
        if world == "with":
            _agrees(out.reserve, bought.paid_by_reserve[0], expected)
            _agrees(out.insurance, bought.paid_by_insurance[0], expected)
    answered = SCENARIO.insurance_response * (1 - SCENARIO.insurer_default_haircut)
    with_policy = answered * _in_full(lost, mix, 1.0) + (1 - answered) * _in_full(lost, mix, 0.0)
    _agrees(with_policy, bought.coverage[0], np.ones_like(expected))


def _in_full(lost: FloatArray, mix: Mix, response: float) -> FloatArray:
    """Whether cash and a policy that answers, or does not, pay all."""
    out = _settled(lost, mix, response)
    return np.asarray(out.reserve + out.insurance >= lost * (1 - 1e-12), dtype=float)
