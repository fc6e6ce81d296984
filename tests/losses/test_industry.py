"""Loss of the industry: by hand, simulated, and with every exchange's own law left alone."""

from __future__ import annotations

import numpy as np
import pytest
from yearly import Exponential, Lattice, panjer

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss, industry_loss

UNIT = np.full((1, 2), 7.0)


def exponential(dispersion: float = 1.0) -> AnnualLoss:
    rate = np.array([[0.05, 0.1, 0.02], [0.2, 0.1, 0.3]])
    return AnnualLoss(rate, dispersion, Exponential(np.array([[10.0, 40.0, 3.0]] * 2)))


def test_independent_exchanges_of_one_law_are_one_of_the_summed_rate() -> None:
    alike = AnnualLoss(np.array([[0.02, 0.05, 0.08]]), 1.0, Exponential(np.full((1, 3), 10.0)))
    one = AnnualLoss(np.array([0.15]), 1.0, Exponential(np.array([10.0])), 65_536)
    industry = industry_loss(alike, 0.0, steps=65_536)
    amounts = np.array([[0.0], [5.0], [20.0], [60.0]])
    np.testing.assert_allclose(1 - industry.cdf(amounts), 1 - one.cdf(amounts), rtol=2e-3)
    np.testing.assert_allclose(industry.quantile(0.999), one.quantile(0.999), rtol=2e-3)
    np.testing.assert_allclose(
        industry.expected_excess(amounts), one.expected_excess(amounts), rtol=5e-3
    )


def test_shocks_that_always_hit_both_by_hand() -> None:
    # Two exchanges, rate 0.1 each, 7 lost in each event, all events shared, each hits both: the
    # sum is 14 times a Poisson count of 0.1: P(0) = 0.904837, P(<= 14) = 0.995321,
    # P(<= 28) = 0.999845. Apart, the sum is 7 times a Poisson count of 0.2: P(<= 7) = 0.982477.
    annual = AnnualLoss(np.full((1, 2), 0.1), 1.0, Lattice((1.0,), UNIT))
    amounts = np.array([[3.0], [10.0], [20.0], [30.0]])
    shared = industry_loss(annual, 1.0, steps=65_536)
    expected = [0.904837, 0.904837, 0.995321, 0.999845]
    np.testing.assert_allclose(shared.cdf(amounts)[:, 0], expected, atol=1e-6)
    assert shared.quantile(0.99).item() == pytest.approx(14, rel=0.02)
    apart = industry_loss(annual, 0.0, steps=65_536)
    assert apart.cdf(np.array([10.0])).item() == pytest.approx(0.982477, abs=1e-6)
    assert apart.none.item() == pytest.approx(np.exp(-0.2))
    np.testing.assert_allclose(shared.mean, apart.mean)


@pytest.mark.parametrize("dispersion", [1.0, 2.0])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_an_exchange_alone_keeps_its_own_law(dispersion: float, share: float) -> None:
    chances = (0.5, 0.3, 0.2)
    annual = AnnualLoss(np.array([[0.4]]), dispersion, Lattice(chances, np.array([[7.0]])))
    industry = industry_loss(annual, share, 0.6, steps=16_384)
    exact = np.cumsum(panjer(0.4, dispersion, chances, 20))
    low, high = industry.cdf_bounds(np.arange(3.5, 150.0, 7.0)[:, None])
    assert (low[:, 0] <= exact + 1e-9).all()
    assert (high[:, 0] >= exact - 1e-9).all()
    np.testing.assert_allclose(industry.none, annual.none[:, 0])
    np.testing.assert_allclose(industry.single, annual.single[:, 0])


def simulated(industry: IndustryLoss, draw: int, years: int) -> np.ndarray:
    """Sums of exponential losses, Poisson events, with shocks; event by event."""
    rng = np.random.default_rng(5)
    rate = industry.annual.counts.mean[draw]
    share, reach = industry.common_shock_share, industry.common_shock_reach
    events = rng.poisson((1 - share) * rate, (years, rate.size))
    shocks = rng.poisson(share * rate.max() / reach, years)
    events = events + rng.binomial(shocks[:, None], reach * rate / rate.max())
    severity = industry.annual.severity
    assert isinstance(severity, Exponential)
    return np.asarray(rng.gamma(np.maximum(events, 1e-300), severity.scale[draw]).sum(axis=1))


@pytest.mark.parametrize(("share", "reach"), [(0.0, 1.0), (0.5, 0.5), (1.0, 1.0)])
def test_simulation_agrees_within_its_error(share: float, reach: float) -> None:
    industry = industry_loss(exponential(), share, reach, steps=16_384)
    years = 400_000
    for draw in (0, 1):
        total = simulated(industry, draw, years)
        for amount in (1.0, 20.0, 80.0, 150.0):
            chance = industry.cdf(np.full(2, amount))[draw]
            error = np.sqrt(chance * (1 - chance) / years)
            assert (total <= amount).mean() == pytest.approx(chance, abs=4 * error)
            excess = np.maximum(total - amount, 0)
            found = industry.expected_excess(np.full(2, amount))[draw]
            assert found == pytest.approx(excess.mean(), abs=4 * excess.std() / np.sqrt(years))
        assert total.mean() == pytest.approx(
            industry.mean[draw], abs=4 * total.std() / np.sqrt(years)
        )


def test_shocks_move_the_tail_and_not_the_mean() -> None:
    shortfalls = [
        industry_loss(exponential(), share).expected_shortfall(0.99) for share in (0.0, 0.5, 1.0)
    ]
    assert (np.diff(shortfalls, axis=0) > 0).all()
    for share in (0.0, 0.5, 1.0):
        industry = industry_loss(exponential(), share)
        np.testing.assert_allclose(industry.expected_excess(np.zeros(2)), industry.mean, rtol=5e-3)
        np.testing.assert_allclose(industry.mean, exponential().mean.sum(axis=-1))


def test_rare_reach_is_independence() -> None:
    # A shock that hits the likeliest exchange once in a thousand times hardly ever hits two.
    amounts = np.array([[5.0, 5.0], [60.0, 60.0]])
    rare, apart = industry_loss(exponential(), 1.0, 1e-3), industry_loss(exponential(), 0.0)
    np.testing.assert_allclose(1 - rare.cdf(amounts), 1 - apart.cdf(amounts), rtol=5e-3)


@pytest.mark.parametrize("level", [0.9, 0.99, 0.995, 0.999])
def test_without_a_draw_the_quantile_is_that_of_one_draw(level: float) -> None:
    # Many small exchanges and a large one: the first grid does not prove it, so cells are taken.
    scale = np.array([2.0] * 20 + [5_000.0])
    rate = np.array([0.01] * 20 + [0.004])
    bare = industry_loss(AnnualLoss(rate, 1.0, Exponential(scale)), 0.1, 0.2)
    one = industry_loss(AnnualLoss(rate[None], 1.0, Exponential(scale[None])), 0.1, 0.2)
    assert np.shape(bare.quantile(level)) == ()
    assert bare.quantile(level) == one.quantile(level)[0]
    assert bare.quantile([level, 0.5]).tolist() == [bare.quantile(level), 0.0]


def test_pooling_never_takes_more_than_the_exchanges_alone() -> None:
    # Expected shortfall is subadditive.
    alone = exponential().expected_shortfall(0.99).sum(axis=-1)
    for share in (0.0, 0.4, 1.0):
        pooled = industry_loss(exponential(), share).expected_shortfall(0.99)
        assert (pooled <= alone * 1.005).all()


@pytest.mark.parametrize(
    ("share", "reach", "steps", "message"),
    [
        (1.2, 1.0, 2048, "common_shock_share = 1.2; allowed: 0 to 1"),
        (-0.1, 1.0, 2048, "common_shock_share = -0.1"),
        (0.1, 0.0, 2048, "common_shock_reach = 0"),
        (0.1, 1.0, 7, "steps = 7"),
    ],
)
def test_bad_input_is_refused(share: float, reach: float, steps: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        industry_loss(exponential(), share, reach, steps)


def test_too_coarse_a_grid_names_the_steps_it_takes() -> None:
    busy = AnnualLoss(np.full((1, 3), 5.0), 1.0, Exponential(np.full((1, 3), 10.0)))
    with pytest.raises(InputError, match=r"steps = 256: too coarse .*allowed here: \d+ and more"):
        industry_loss(busy, 0.0, steps=256).quantile(0.999)
