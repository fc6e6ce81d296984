"""Chances that a year exceeds an amount, against sums of gamma laws; and simulated years."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import gamma, poisson
from yearly import Exponential, Lattice

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.exceedance import exceedance, return_level, return_levels
from analysis.losses.industry import IndustryLoss, industry_loss
from analysis.losses.simulation import against_simulation, simulate_years

RATES, SCALES = (0.05, 0.4), (10.0, 3.0)


def one_exchange() -> IndustryLoss:
    """Two data sets of one exchange with exponential losses."""
    severity = Exponential(np.array(SCALES)[:, None])
    return industry_loss(AnnualLoss(np.array(RATES)[:, None], 1.0, severity), 0.0, steps=16_384)


def survival(amount: float, draw: int) -> float:
    """Sum over k of P(k events) P(gamma(k) > amount): the sum of k exponential losses is gamma."""
    k = np.arange(1, 40)
    return float(poisson.pmf(k, RATES[draw]) @ gamma.sf(amount, k, scale=SCALES[draw]))


def test_chances_are_means_over_data_sets() -> None:
    amounts = np.array([0.0, 5.0, 30.0])
    found = exceedance(one_exchange(), amounts, 0.9)
    exact = np.array([[survival(amount, draw) for draw in (0, 1)] for amount in amounts])
    np.testing.assert_allclose(found["chance"], exact.mean(axis=1), rtol=2e-3)
    # Quantiles of two values at 5 % and 95 %: a twentieth of the way from either.
    low, high = exact.min(axis=1), exact.max(axis=1)
    np.testing.assert_allclose(found["low"], low + 0.05 * (high - low), rtol=2e-3)
    assert (found["proved_low"] <= exact.mean(axis=1) + 1e-9).all()
    assert (found["proved_high"] >= exact.mean(axis=1) - 1e-9).all()


def test_return_level_solves_the_mean_and_return_levels_each() -> None:
    chance = 0.01
    level, low, high = return_level(one_exchange(), chance)
    exact = brentq(lambda x: (survival(x, 0) + survival(x, 1)) / 2 - chance, 1e-3, 200)
    assert level == pytest.approx(exact, rel=2e-3)
    assert low <= exact <= high
    each = [brentq(lambda x, d=d: survival(x, d) - chance, 1e-3, 200) for d in (0, 1)]
    np.testing.assert_allclose(return_levels(one_exchange(), chance), each, rtol=2e-3)


def test_a_loss_rarer_than_asked_is_none_and_bad_chances_are_refused() -> None:
    assert return_level(one_exchange(), 0.5)[0] == 0
    for chance in (0.0, 1.0):
        with pytest.raises(InputError, match="above 0 and below 1"):
            return_level(one_exchange(), chance)


@pytest.mark.parametrize("dispersion", [1.0, 2.5])
def test_simulated_counts_have_their_mean_and_variance(dispersion: float) -> None:
    # Losses of 1 are their number: mean 0.6 + 0.2 = 0.8, variance that times the dispersion.
    rate, years = np.array([[0.6, 0.2]]), 200_000
    annual = AnnualLoss(rate, dispersion, Lattice((1.0,), np.ones((1, 2))))
    total = simulate_years(industry_loss(annual, 0.0), years, np.random.default_rng(3))
    assert total.shape == (1, years)
    np.testing.assert_allclose(total, np.round(total), atol=1e-9)
    variance = 0.8 * dispersion
    assert total.mean() == pytest.approx(0.8, abs=4 * np.sqrt(variance / years))
    assert total.var() == pytest.approx(variance, rel=0.03)


def test_a_shock_that_always_hits_hits_all() -> None:
    # Every event is a shock at both: the sum is twice a Poisson number, variance 4 x 0.3.
    annual = AnnualLoss(np.full((1, 2), 0.3), 1.0, Lattice((1.0,), np.ones((1, 2))))
    total = simulate_years(industry_loss(annual, 1.0, 1.0), 100_000, np.random.default_rng(4))
    np.testing.assert_allclose(total % 2, 0, atol=1e-9)
    assert total.var() == pytest.approx(1.2, rel=0.03)


@pytest.mark.parametrize(("dispersion", "share"), [(1.0, 0.3), (2.0, 0.5)])
def test_computed_and_simulated_agree_within_the_error_and_the_bracket(
    dispersion: float, share: float
) -> None:
    severity = Exponential(np.array([[10.0, 2.0], [5.0, 5.0]]))
    annual = AnnualLoss(np.array([[0.1, 0.3], [0.2, 0.2]]), dispersion, severity)
    industry = industry_loss(annual, share, 0.5, steps=16_384)
    found = against_simulation(
        industry, np.array([0.0, 5.0, 20.0, 60.0]), 100_000, np.random.default_rng(6)
    )
    allowed = 4 * found["standard_error"]
    assert (found["simulated"] >= found["proved_low"] - allowed).all()
    assert (found["simulated"] <= found["proved_high"] + allowed).all()
    gap = (found["excess"] - found["simulated_excess"]).abs()
    assert (gap <= 4 * found["excess_error"]).all()
    # At 0 the excess is the expected loss: 0.1 x 10 + 0.3 x 2 = 1.6 and 0.2 x 10 = 2.
    assert found["excess"].iloc[0] == pytest.approx(1.8, rel=5e-3)


def test_no_year_is_refused() -> None:
    with pytest.raises(InputError, match="1 and more"):
        simulate_years(one_exchange(), 0, np.random.default_rng(0))
