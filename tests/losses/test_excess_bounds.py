"""Expected excess and shortfall between proved bounds: closed forms, recursion, finer grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import gammaincc
from scipy.stats import nbinom, poisson
from yearly import Exponential, Lattice, panjer

from analysis.losses.aggregate import AnnualLoss
from analysis.losses.compound import CompoundLoss
from analysis.losses.industry import IndustryLoss, industry_loss
from analysis.losses.severity import ShareSeverity

AMOUNTS = (0.0, 0.5, 5.0, 20.0, 60.0, 150.0)
MEAN = 10.0


def chances(rate: float, dispersion: float) -> np.ndarray:
    k = np.arange(80)
    if dispersion == 1:
        return np.asarray(poisson.pmf(k, rate))
    return np.asarray(nbinom.pmf(k, rate / (dispersion - 1), 1 / dispersion))


def exact_excess(rate: float, dispersion: float, amount: float) -> float:
    """k exponential losses are gamma: E[(G - x)+] = 10 k Q(k + 1, x / 10) - x Q(k, x / 10)."""
    weight, k = chances(rate, dispersion)[1:], np.arange(1, 80)
    at = amount / MEAN
    return float(weight @ (MEAN * k * gammaincc(k + 1, at) - amount * gammaincc(k, at)))


def exact_quantile(rate: float, dispersion: float, level: float) -> float:
    weight, k = chances(rate, dispersion)[1:], np.arange(1, 80)
    return float(brentq(lambda x: weight @ gammaincc(k, x / MEAN) - (1 - level), 1e-9, 5_000))


def widths(loss: CompoundLoss, exact: np.ndarray, amount: float) -> np.ndarray:
    low, high = loss.expected_excess_bounds(np.full(loss.none.shape, amount))
    assert (low <= exact * (1 + 1e-9)).all()
    assert (high >= exact * (1 - 1e-9)).all()
    return np.asarray((high - low) / exact)


@pytest.mark.parametrize("dispersion", [1.0, 1.5, 3.0])
def test_bounds_hold_the_closed_form_and_close_with_the_steps(dispersion: float) -> None:
    rates = np.array([0.002, 0.05, 0.7])
    coarse = AnnualLoss(rates, dispersion, Exponential(np.full(3, MEAN)))
    fine = replace(coarse, steps=16_384)
    for amount in AMOUNTS:
        exact = np.array([exact_excess(rate, dispersion, amount) for rate in rates])
        wide, narrow = widths(coarse, exact, amount), widths(fine, exact, amount)
        # Far in the tail the rounding of the transform is what is left.
        assert (narrow <= wide + 1e-9).all()
        if amount <= 2 * MEAN:
            assert (narrow <= 0.4 * wide + 1e-6).all()
            assert (wide < 0.08).all()
            error = np.abs(coarse.expected_excess(np.full(3, amount)) / exact - 1)
            assert (error < 5e-3).all()


@pytest.mark.parametrize("level", [0.95, 0.99, 0.999])
def test_shortfall_lies_between_its_bounds(level: float) -> None:
    rates = np.array([0.02, 0.1, 0.7])
    loss = AnnualLoss(rates, 1.5, Exponential(np.full(3, MEAN)))
    exact = []
    for rate in rates:
        none = chances(rate, 1.5)[0]
        start = 0.0 if level <= none else exact_quantile(rate, 1.5, level)
        exact.append(start + exact_excess(rate, 1.5, start) / (1 - level))
    low, high = loss.expected_shortfall_bounds(level)
    assert (low <= exact).all()
    assert (high >= exact).all()
    assert ((high - low) / exact < 0.06).all()
    np.testing.assert_allclose(loss.expected_shortfall(level), exact, rtol=5e-3)


@settings(max_examples=25)
@given(
    rate=st.floats(0.01, 1.5),
    dispersion=st.sampled_from([1.0, 1.2, 2.5]),
    weights=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=5),
)
def test_bounds_hold_the_recursion(rate: float, dispersion: float, weights: list[float]) -> None:
    share = tuple(weight / sum(weights) for weight in weights)
    loss = AnnualLoss(np.array([rate]), dispersion, Lattice(share, np.array([7.0])))
    # What is above 200 units is less than 1e-12 for these rates.
    mass, units = panjer(rate, dispersion, share, 200), 7.0 * np.arange(201)
    for amount in (0.0, 3.5, 10.0, 21.0, 60.0):
        exact = float(mass @ np.maximum(units - amount, 0.0))
        low, high = loss.expected_excess_bounds(np.array([amount]))
        assert low.item() <= exact + 1e-9
        assert high.item() >= exact - 1e-9


def shared_exponential(share: float = 0.0) -> IndustryLoss:
    alike = AnnualLoss(np.array([[0.1, 0.3, 0.2]]), 1.0, Exponential(np.full((1, 3), MEAN)))
    return industry_loss(alike, share)


def test_industry_of_one_law_is_one_exchange_of_the_summed_rate() -> None:
    for amount in AMOUNTS[:5]:
        exact = np.array([exact_excess(0.6, 1.0, amount)])
        wide = widths(shared_exponential(), exact, amount)
        assert (wide < (0.2 if amount <= 2 * MEAN else 0.8)).all()


def test_industry_bounds_hold_a_shock_that_always_hits_both() -> None:
    # 14 times a Poisson count of 0.1: E(S - 14)+ = 14 (0.1 - 1 + 0.904837) = 0.067724, and
    # E(S - 20)+ = 0.067724 - 6 P(N >= 2) = 0.067724 - 6 x 0.004679 = 0.039650.
    annual = AnnualLoss(np.full((1, 2), 0.1), 1.0, Lattice((1.0,), np.full((1, 2), 7.0)))
    shared = industry_loss(annual, 1.0)
    for amount, exact in ((0.0, 1.4), (14.0, 0.067724), (20.0, 0.039650)):
        low, high = shared.expected_excess_bounds(np.array([amount]))
        assert low.item() <= exact + 1e-6
        assert high.item() >= exact - 1e-6


@pytest.mark.parametrize("level", [0.9, 0.99, 0.999])
def test_industry_quantiles_are_within_half_a_per_cent(level: float) -> None:
    industry = shared_exponential()
    assert industry.tolerance == 0.005
    assert industry.quantile(level).item() == pytest.approx(
        exact_quantile(0.6, 1.0, level), rel=0.005
    )


def panel(scale: float = 1.0) -> AnnualLoss:
    rng = np.random.default_rng(4)
    held = np.exp(rng.normal(9, 2, (1, 8))) * np.ones((6, 1))
    hot = rng.uniform(0, 0.05, (6, 8))
    rate = scale * rng.gamma(3, 0.01, (6, 1)) * rng.gamma(2, 0.5, (1, 8))
    severity = ShareSeverity(held, rng.normal(-1.9, 0.3, (6, 1)), 1.7, 0.5, hot)
    return AnnualLoss(rate, 1.0, severity, atom=hot * held)


def test_a_panel_is_proved_to_a_per_cent_and_agrees_with_a_finer_grid() -> None:
    loss, fine = panel(), replace(panel(), steps=65_536)
    for share in (0.0, 1e-3, 0.02, 0.2):
        amount = share * loss.held
        low, high = loss.expected_excess_bounds(amount)
        least, most = fine.expected_excess_bounds(amount)
        assert (low <= most).all()
        assert (high >= least).all()
        assert ((high - low) <= 0.01 * low).all()
        assert ((most - least) <= 0.001 * low).all()


def test_fifty_times_the_rate_is_answered_with_what_can_be_proved() -> None:
    industry = industry_loss(panel(50.0), 0.1, 0.3)
    quantile = industry.quantile(0.99)
    fine = industry.bracket(1.1 * quantile, 8192)
    cell, around = np.arange(6), industry.accepted
    above, below = quantile * (1 + around), quantile * (1 - around)
    assert (industry.known(above) + fine.bounds(cell, above)[0] >= 0.99).all()
    assert (industry.known(below) + fine.bounds(cell, below)[1] <= 0.99).all()
