"""Yearly loss of an exchange: closed forms, Panjer's recursion, simulation, its own bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import gammainc
from scipy.stats import nbinom, poisson
from yearly import Exponential, Lattice, Uniform, panjer

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.severity import ShareSeverity

RATES = np.array([[0.002, 0.014, 0.05], [0.1, 0.3, 0.7]])
ONE = np.ones(1)


def exponential(dispersion: float = 1.0, steps: int = 16_384) -> AnnualLoss:
    return AnnualLoss(RATES, dispersion, Exponential(np.full(RATES.shape, 10.0)), steps)


def exponential_cdf(amount: float, chances: np.ndarray) -> float:
    """The sum of k exponential losses of mean 10 is a gamma variable of shape k."""
    k = np.arange(1, len(chances))
    return float(chances[0] + (chances[1:] * gammainc(k, amount / 10)).sum())


def chances(rate: float, dispersion: float) -> np.ndarray:
    k = np.arange(60)
    if dispersion == 1:
        return np.asarray(poisson.pmf(k, rate))
    return np.asarray(nbinom.pmf(k, rate / (dispersion - 1), 1 / dispersion))


@pytest.mark.parametrize("dispersion", [1.0, 1.5, 3.0])
def test_exponential_losses_have_a_closed_form(dispersion: float) -> None:
    loss = exponential(dispersion)
    fine = exponential(dispersion, 65_536)
    for amount in (0.0, 0.5, 5.0, 12.0, 40.0):
        exact = np.vectorize(lambda r, x=amount: exponential_cdf(x, chances(r, dispersion)))(RATES)
        found = fine.cdf(np.asarray(amount))
        np.testing.assert_allclose(1 - found, 1 - exact, rtol=1e-3, atol=1e-12)
        low, high = loss.cdf_bounds(np.asarray(amount))
        assert (low <= exact + 1e-12).all()
        assert (high >= exact - 1e-12).all()


@pytest.mark.parametrize("dispersion", [1.0, 1.5, 3.0])
def test_quantiles_are_within_a_thousandth_of_the_exact_ones(dispersion: float) -> None:
    levels = [0.9, 0.99, 0.999]
    found = exponential(dispersion).quantile(levels)
    for place, rate in np.ndenumerate(RATES):
        weight = chances(rate, dispersion)
        for number, level in enumerate(levels):
            if level <= weight[0]:
                assert found[number][place] == 0
                continue
            exact = brentq(lambda x, q=level, w=weight: exponential_cdf(x, w) - q, 0, 900)
            assert found[number][place] == pytest.approx(exact, rel=1e-3)


def test_geometric_counts_of_exponential_losses_by_hand() -> None:
    # Negative binomial with mean m and variance over mean 1 + m is geometric; then
    # P(S > x) = m / (1 + m) exp(-x / (10 (1 + m))). With m = 0.25: 0.2 exp(-x / 12.5); 0.001 is
    # passed at 12.5 log 200 = 66.229, and the mean above it is 0.001 x 12.5 = 0.0125.
    loss = AnnualLoss(np.array([0.25]), 1.25, Exponential(np.array([10.0])), 65_536)
    assert loss.cdf(12.5 * ONE).item() == pytest.approx(1 - 0.2 / math.e, abs=1e-5)
    quantile = loss.quantile(0.999)
    assert quantile.item() == pytest.approx(66.229, rel=1e-3)
    assert loss.expected_excess(66.229 * ONE).item() == pytest.approx(0.0125, rel=1e-3)
    assert loss.expected_shortfall(0.999).item() == pytest.approx(66.229 + 12.5, rel=1e-3)


def test_losses_of_one_size_are_the_count() -> None:
    # Each event takes 100. Rate 0.1: P(none) 0.904837, P(at most one) 0.995321, P(at most two)
    # 0.999845; the 99.9 % quantile is 200, E(S - 100)+ = 100 (0.1 - (1 - 0.904837)) = 0.4837.
    loss = AnnualLoss(
        np.array([0.1]), 1.0, Lattice((1.0,), np.array([100.0])), atom=np.array([100.0])
    )
    amounts = np.array([[0.0], [99.999], [100.0], [199.999], [200.0]])
    expected = [0.904837, 0.904837, 0.995321, 0.995321, 0.999845]
    np.testing.assert_allclose(loss.cdf(amounts)[:, 0], expected, atol=1e-6)
    assert loss.quantile([0.9, 0.99, 0.999, 0.9999]).tolist() == [[0], [100], [200], [300]]
    assert loss.expected_excess(100 * ONE).item() == pytest.approx(0.48374, abs=1e-5)


@settings(max_examples=25)
@given(
    rate=st.floats(0.001, 1.5),
    dispersion=st.sampled_from([1.0, 1.2, 2.5]),
    weights=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6),
    nothing=st.floats(0.0, 0.8),
)
def test_bounds_hold_the_recursion(
    rate: float, dispersion: float, weights: list[float], nothing: float
) -> None:
    share = tuple(w / sum(weights) * (1 - nothing) for w in weights)
    loss = AnnualLoss(np.array([rate]), dispersion, Lattice(share, np.array([7.0])))
    exact = np.cumsum(panjer(rate, dispersion, share, 30))
    amounts = np.arange(3.5, 220.0, 7.0)[:, None]
    low, high = loss.cdf_bounds(amounts)
    assert (low[:, 0] <= exact + 1e-10).all()
    assert (high[:, 0] >= exact - 1e-10).all()
    assert (low[:, 0] <= loss.cdf(amounts)[:, 0] + 1e-15).all()


def panel(steps: int = 4096, scale: float = 1.0) -> AnnualLoss:
    """Twenty data sets of five exchanges whose hot wallets hold 0 to 5 % of customer crypto."""
    rng = np.random.default_rng(4)
    held = np.exp(rng.normal(9, 2, (1, 5))) * np.ones((20, 1)) * scale
    hot = rng.uniform(0, 0.05, (20, 5)) * np.array([0, 1, 1, 1, 1])
    rate = rng.gamma(3, 0.01, (20, 1)) * rng.gamma(2, 0.5, (1, 5))
    severity = ShareSeverity(held, rng.normal(-1.9, 0.3, (20, 1)), 1.7, 0.5, hot)
    return AnnualLoss(rate, 1.0, severity, steps, atom=hot * held)


def test_every_quantile_of_a_panel_lies_in_a_fine_bracket_of_a_thousandth() -> None:
    loss = panel()
    for level in (0.995, 0.999):
        quantile = loss.quantile(level)
        fine = loss.bracket(1.02 * np.maximum(quantile, 1.0), 4096)
        cell = np.arange(quantile.size).reshape(quantile.shape)
        above, below = 1.001 * quantile, 0.999 * quantile
        some = quantile > 0
        assert some.mean() > 0.5
        assert (loss.known(above) + fine.bounds(cell, above)[0] >= level)[some].all()
        assert (loss.known(below) + fine.bounds(cell, below)[1] <= level)[some].all()


def test_simulation_agrees_within_its_error() -> None:
    loss = panel()
    rng = np.random.default_rng(8)
    years, draw, exchange = 400_000, 3, 1
    counts = rng.poisson(np.asarray(loss.frequency)[draw, exchange] * 8, years)
    busy = AnnualLoss(
        np.asarray(loss.frequency) * 8, 1.0, loss.severity, loss.steps, atom=loss.atom
    )
    severity = loss.severity
    assert isinstance(severity, ShareSeverity)
    held, hot = severity.held[draw, exchange], np.asarray(severity.hot_share)[draw, exchange]
    location = float(np.asarray(severity.location)[draw, 0])
    share = 1 / (1 + np.exp(-rng.normal(location, 1.7, counts.sum())))
    share = np.where(rng.uniform(size=share.size) < 0.5, share, np.minimum(share, hot))
    total = np.bincount(np.repeat(np.arange(years), counts), share * held, minlength=years)
    for level in (0.9, 0.99, 0.999):
        # At a jump more years than the level lie within the quantile: compare with the cdf.
        amount = 1.000001 * busy.quantile(level)[draw, exchange]
        chance = busy.cdf(np.full((20, 5), amount))[draw, exchange]
        error = np.sqrt(chance * (1 - chance) / years)
        assert chance >= level - 0.01 * (1 - level)
        assert (total <= amount).mean() == pytest.approx(chance, abs=4 * error)
        excess = np.maximum(total - amount, 0)
        found = busy.expected_excess(np.full((20, 5), amount))[draw, exchange]
        assert found == pytest.approx(excess.mean(), abs=4 * excess.std() / np.sqrt(years))
    assert busy.mean[draw, exchange] == pytest.approx(
        total.mean(), abs=4 * total.std() / np.sqrt(years)
    )


@given(amount=st.floats(0, 1e6), more=st.floats(0, 1e5))
def test_distribution_rises_and_excess_falls(amount: float, more: float) -> None:
    first, second = np.full((20, 5), amount), np.full((20, 5), amount + more)
    # Two bands that meet differ by their errors, a thousandth of what is left at most.
    chance = PANEL.cdf(first)
    assert (PANEL.cdf(second) >= chance - 1e-3 * (1 - chance) - 1e-9).all()
    slack = 1e-6 * PANEL.mean
    assert (PANEL.expected_excess(second) <= PANEL.expected_excess(first) + slack).all()


PANEL = panel()


def test_excess_starts_at_the_mean_and_integrates_the_distribution() -> None:
    np.testing.assert_allclose(PANEL.expected_excess(np.zeros(1)), PANEL.mean, rtol=1e-3)
    amounts = np.linspace(0, 1, 400)[:, None, None] * PANEL.quantile(0.999)
    inside = 1 - PANEL.cdf(amounts)
    area = np.trapezoid(inside, amounts, axis=0)
    gap = PANEL.expected_excess(amounts[0]) - PANEL.expected_excess(amounts[-1])
    np.testing.assert_allclose(gap, area, rtol=0.02, atol=1e-9)


def test_twice_the_money_is_twice_the_quantile() -> None:
    once, twice = panel().quantile(0.999), panel(scale=2.0).quantile(0.999)
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-6)


def test_rare_events_leave_the_one_event_term() -> None:
    # At one event in 10^5 years P(S > x) is the rate times P(X > x), but for 5 parts in 10^6.
    loss = AnnualLoss(np.array([1e-5]), 1.0, Uniform(np.array([50.0])))
    assert 1 - loss.cdf(20 * ONE).item() == pytest.approx(1e-5 * 0.6, rel=1e-5)
    assert loss.expected_excess(20 * ONE).item() == pytest.approx(1e-5 * 9, rel=1e-5)


def test_no_event_and_nothing_held_are_no_loss() -> None:
    loss = AnnualLoss(
        np.array([0.0, 0.1]), 1.0, ShareSeverity(np.array([9.0, 0.0]), -2, 1.7, 1, 0.05)
    )
    assert loss.quantile(0.999).tolist() == [0, 0]
    assert loss.cdf(np.zeros(2)).tolist() == [1, 1]
    assert loss.expected_excess(np.zeros(2)).tolist() == [0, 0]


def test_dispersion_of_one_is_the_limit() -> None:
    near, poisson_ = exponential(1 + 1e-7), exponential(1.0)
    np.testing.assert_allclose(near.quantile(0.999), poisson_.quantile(0.999), rtol=1e-3)
    np.testing.assert_allclose(near.none, poisson_.none, rtol=1e-6)


def test_known_jump_saves_steps_and_changes_nothing() -> None:
    loss = panel()
    blind = AnnualLoss(loss.frequency, 1.0, loss.severity, 16_384)
    np.testing.assert_allclose(blind.quantile(0.999), loss.quantile(0.999), rtol=2e-3)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_levels_at_the_ends_are_refused(level: float) -> None:
    with pytest.raises(InputError, match=r"level = .*allowed: above 0, at most 0.999999"):
        PANEL.quantile(level)


def test_too_coarse_a_grid_names_the_steps_it_takes() -> None:
    with pytest.raises(InputError, match=r"steps = 256: too coarse .*allowed here: \d+ and more"):
        exponential(steps=256).quantile(0.999)


@pytest.mark.parametrize(
    ("rate", "dispersion", "steps", "message"),
    [
        (-0.1, 1.0, 1024, "frequency = -0.1"),
        (np.nan, 1.0, 1024, "frequency = nan"),
        (0.1, 0.5, 1024, "dispersion = 0.5"),
        (0.1, 1.0, 100, "steps = 100"),
    ],
)
def test_bad_input_is_refused(rate: float, dispersion: float, steps: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        AnnualLoss(np.array([rate]), dispersion, Uniform(np.array([5.0])), steps)


def test_amounts_and_crowds_of_events_are_refused() -> None:
    with pytest.raises(InputError, match="amount = -1"):
        PANEL.cdf(np.asarray(-1.0))
    with pytest.raises(InputError, match="lower frequency_multiplier"):
        AnnualLoss(np.array([500.0]), 1.0, Uniform(np.array([5.0]))).quantile(0.9)
