"""Cost: present values, ratios and the customers' response, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.impact.cost import (
    annual_cost,
    discount_factors,
    equivalent_annual_cost,
    highest_price_bp,
    other_duties,
    pass_through,
    present_value,
    ratio,
    volume_lost_share,
    with_one_off,
)
from analysis.impact.insurance import Terms, least_cost
from analysis.scenario import Scenario

TERMS = Terms.of(Scenario())


def test_annual_cost_by_hand() -> None:
    # No insurance: 1,000 of cash at 8.745 % is 87.45, plus 8 for administration; nothing required,
    # nothing paid.
    mix = least_cost(np.array([1_000.0, 0.0]), np.array([0.5, 0.5]), 0.08745, TERMS)
    cost = annual_cost(mix, np.array([1_000.0, 0.0]), 0.08745, 8.0)
    np.testing.assert_allclose(cost, [95.45, 0])


def test_one_off_falls_in_the_first_year_where_anything_is_required() -> None:
    yearly = with_one_off(np.ones((3, 2)), np.array([5.0, 0.0]), 30.0)
    np.testing.assert_array_equal(yearly, [[31, 1], [1, 1], [1, 1]])


def test_present_value_by_hand() -> None:
    # 110 after one year and 121 after two, at 10 %: 100 + 100.
    assert present_value(np.array([[110.0], [121.0]]), 0.10).item() == pytest.approx(200)


@given(level=st.floats(0.1, 1e5), rate=st.floats(-0.04, 0.5), years=st.integers(1, 60))
def test_level_payment_is_its_own_equivalent(level: float, rate: float, years: int) -> None:
    yearly = np.full((years, 1), level)
    value = present_value(yearly, rate)
    if rate != 0 and abs(rate) > 1e-6:
        # Annuity formula: a (1 - (1 + r)^-n) / r.
        closed = level * (1 - (1 + rate) ** -years) / rate
        assert value.item() == pytest.approx(closed, rel=1e-6)
    assert equivalent_annual_cost(value, rate, years).item() == pytest.approx(level, rel=1e-9)


def test_equivalent_annual_cost_at_zero_rate_is_the_mean() -> None:
    yearly = np.array([[30.0], [0.0], [60.0]])
    value = present_value(yearly, 0.0)
    assert equivalent_annual_cost(value, 0.0, 3).item() == pytest.approx(30)
    np.testing.assert_array_equal(discount_factors(0.0, 3), [1, 1, 1])


amounts = st.floats(0, 200_000)
rates = st.floats(0.002, 0.3)
carries = st.floats(0.0, 0.15)


def _cost_of(amount: float, rate: float, carry: float) -> float:
    required = np.array([amount])
    return annual_cost(
        least_cost(required, np.array([rate]), carry, TERMS), required, carry, 8
    ).item()


@given(low=amounts, high=amounts, rate=rates, carry=carries)
def test_cost_rises_with_the_requirement(
    low: float, high: float, rate: float, carry: float
) -> None:
    low, high = sorted([low, high])
    assert _cost_of(high, rate, carry) >= _cost_of(low, rate, carry) - 1e-6


@given(amount=amounts, rate=rates, low=carries, high=carries)
def test_cost_rises_with_the_cost_of_equity(
    amount: float, rate: float, low: float, high: float
) -> None:
    low, high = sorted([low, high])
    assert _cost_of(amount, rate, high) >= _cost_of(amount, rate, low) - 1e-6


@given(amount=amounts, low=rates, high=rates, carry=carries)
def test_cost_rises_with_the_rate_on_line(
    amount: float, low: float, high: float, carry: float
) -> None:
    low, high = sorted([low, high])
    assert _cost_of(amount, high, carry) >= _cost_of(amount, low, carry) - 1e-6


def test_ratio_is_blank_where_the_whole_is_not_positive() -> None:
    shares = ratio(np.array([1.0, 1.0, 1.0]), np.array([4.0, 0.0, -2.0]))
    assert shares[0] == 0.25
    assert np.isnan(shares[1:]).all()


def test_pass_through_by_hand() -> None:
    # 200 a year on a volume of 1,000,000; half passed on: 100 / 1,000,000 = 1 bp. At 0.5 % of
    # volume per bp, 1 - exp(-0.005) = 0.498752 % of volume goes; deadweight loss
    # 0.5 x 1e-4 x 4,987.52 = 0.249376; customers pay 100 x (1 - 0.00498752) = 99.5012, owners
    # 100.4988 and the revenue lost, 0.498752 % of 5,000 = 24.9376.
    out = pass_through(
        np.array([200.0]),
        np.array([1_000_000.0]),
        np.array([5_000.0]),
        share=0.5,
        semi_elasticity=0.5,
    )
    assert out.price_change_bp.item() == pytest.approx(1.0)
    assert out.volume_lost_share.item() == pytest.approx(0.00498752, rel=1e-5)
    assert out.deadweight_loss.item() == pytest.approx(0.249376, rel=1e-5)
    assert out.borne_by_customers.item() == pytest.approx(99.5012, rel=1e-6)
    assert out.borne_by_owners.item() == pytest.approx(100.4988, rel=1e-6)
    assert out.revenue_lost.item() == pytest.approx(24.9376, rel=1e-5)


def test_semi_elasticity_reproduces_the_indian_episode() -> None:
    # A 1 % levy is 100 bp; at 1.66 % per bp, exp(-1.66) = 19 % of volume is left, as the Esya
    # Centre found from July to October 2022 (81 % lost).
    assert volume_lost_share(np.array([100.0]), 1.66).item() == pytest.approx(0.81, abs=0.001)


def test_no_exchange_asks_for_more_than_yields_most() -> None:
    # 40 of cost on a volume of 10 cannot be passed on: at 0.5 % per bp the best rise is 200 bp. It
    # leaves exp(-1) of the volume and brings 10 x 2 % x 0.3679 = 0.07358.
    out = pass_through(np.array([40.0]), np.array([10.0]), np.array([1.0]), 1.0, 0.5)
    assert out.price_change_bp.item() == pytest.approx(200)
    assert out.borne_by_customers.item() == pytest.approx(0.07358, rel=1e-3)
    grid = np.linspace(0, 2_000, 20_001)
    yields = grid * (1 - volume_lost_share(grid, 0.5))
    assert grid[yields.argmax()] == pytest.approx(200)
    assert highest_price_bp(0.0).item() == np.inf


def test_no_volume_no_pass_through() -> None:
    out = pass_through(np.array([50.0]), np.array([0.0]), np.array([-3.0]), 1.0, 1.0)
    assert out.borne_by_owners.item() == 50
    assert out.volume_lost_share.item() == 0
    assert out.revenue_lost.item() == 0


def test_a_gain_stays_with_the_owners() -> None:
    # A reserve that yields more than owners require: no price falls, however small the volume.
    out = pass_through(np.array([-500.0]), np.array([0.01]), np.array([20.0]), 1.0, 1.7)
    assert out.price_change_bp.item() == 0
    assert out.volume_lost_share.item() == 0
    assert out.borne_by_owners.item() == -500


@given(
    cost=st.floats(0, 1e6),
    volume=st.just(0.0) | st.floats(1e-3, 1e8),
    share=st.floats(0, 1),
    elasticity=st.floats(0, 5),
)
def test_customers_and_owners_share_the_whole_cost(
    cost: float, volume: float, share: float, elasticity: float
) -> None:
    out = pass_through(np.array([cost]), np.array([volume]), np.array([1.0]), share, elasticity)
    total = out.borne_by_customers + out.borne_by_owners
    assert total.item() == pytest.approx(cost, rel=1e-12, abs=1e-9)
    assert 0 <= out.volume_lost_share.item() <= 1
    assert out.deadweight_loss.item() >= 0


def test_other_duties_by_hand() -> None:
    # Net assets of -30 against a minimum of 50: 80 of capital at 10 % is 8 a year, plus 30 running.
    # Over two years at 0 %: 2 x 38 + 100 one-off = 176. The well-capitalised one: 2 x 30 + 100.
    duties = other_duties(np.array([-30.0, 900.0]), 50.0, 0.10, 30.0, 100.0, 0.0, 2)
    np.testing.assert_allclose(duties.capital, [80, 0])
    np.testing.assert_allclose(duties.annual_cost, [38, 30])
    np.testing.assert_allclose(duties.present_value, [176, 160])
