"""Insurance: prices by hand, and the closed-form optimum against brute force and scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from analysis.impact.insurance import Terms, base_rate_on_line, least_cost, premium, within_capacity
from analysis.scenario import Scenario

TERMS = Terms.of(Scenario())
CARRY = 0.08745
"""Cost of equity 10 % less the one-year yield of 1.255 %."""


def test_rate_on_line_by_hand() -> None:
    # cold 1 %, hot 12 %: nothing hot 1 %; 2 % hot is two fifths of the way, 1 + 0.4 x 11 = 5.4 %;
    # at the ceiling 12 %; above it no more; one incident adds a quarter: 5.4 x 1.25 = 6.75 %.
    hot = np.array([0.0, 0.02, 0.05, 0.08, 0.02])
    incidents = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
    rate = base_rate_on_line(hot, incidents, TERMS)
    np.testing.assert_allclose(rate, [0.01, 0.054, 0.12, 0.12, 0.0675])


def test_rate_on_line_never_exceeds_the_limit_insured() -> None:
    assert base_rate_on_line(np.array([0.05]), np.array([40.0]), TERMS).item() == 1.0


def test_premium_by_hand() -> None:
    # 5 % on line, loading 1, programme limit 40,000: a limit of 20,000 costs
    # 0.05 x 20,000 x (1 + 20,000 / 80,000) = 1,250.
    assert premium(np.array([20_000.0]), np.array([0.05]), TERMS).item() == pytest.approx(1250)


def test_premium_is_the_integral_of_the_marginal_rate() -> None:
    limits = np.linspace(0, 40_000, 200_001)
    marginal = 0.05 * (1 + TERMS.capacity_loading * limits / TERMS.programme_limit)
    area = np.trapezoid(marginal, limits)
    assert premium(limits[-1:], np.array([0.05]), TERMS).item() == pytest.approx(area, rel=1e-9)


def test_optimum_by_hand() -> None:
    # Credit 0.9 x 0.98 = 0.882; saved carry 0.882 x 0.08745 = 0.0771309 per yen of limit.
    # At 6 % on line: l* = 40,000 x (0.0771309 / 0.06 - 1) = 11,420.6, below half of R / credit.
    mix = least_cost(np.array([50_000.0]), np.array([0.06]), CARRY, TERMS)
    assert mix.limit.item() == pytest.approx(11_420.6, abs=0.05)
    assert mix.insured.item() == pytest.approx(0.882 * 11_420.6, abs=0.05)
    assert mix.cash.item() == pytest.approx(50_000 - 0.882 * 11_420.6, abs=0.05)
    # At 8 % the first yen of limit is dearer than the cash it saves: no insurance.
    dear = least_cost(np.array([50_000.0]), np.array([0.08]), CARRY, TERMS)
    assert dear.limit.item() == 0
    assert dear.cash.item() == 50_000
    # At 1 % the share allowed binds: half of 50,000.
    cheap = least_cost(np.array([50_000.0]), np.array([0.01]), CARRY, TERMS)
    assert cheap.insured.item() == pytest.approx(25_000)


terms = st.builds(
    Terms,
    insurable_share=st.floats(0, 1),
    rate_on_line_cold=st.floats(0.0005, 0.05),
    rate_on_line_hot=st.floats(0.05, 0.2),
    record_loading=st.floats(0, 1),
    capacity_loading=st.floats(0.01, 5),
    deductible=st.floats(0.0, 0.5),
    default_haircut=st.floats(0, 0.5),
    programme_limit=st.floats(100, 60_000),
    capacity=st.just(1e12),
)
rates = st.floats(0.001, 0.5)
carries = st.floats(-0.03, 0.15)
amounts = st.floats(0, 200_000)


def _cost(limit: np.ndarray, amount: float, rate: float, carry: float, offer: Terms) -> np.ndarray:
    return carry * (amount - offer.credit * limit) + premium(limit, np.array(rate), offer)


@given(amount=amounts, rate=rates, carry=carries, offer=terms)
def test_optimum_beats_every_point_of_a_grid(
    amount: float, rate: float, carry: float, offer: Terms
) -> None:
    mix = least_cost(np.array([amount]), np.array([rate]), carry, offer)
    largest = min(offer.insurable_share * amount / offer.credit, offer.programme_limit)
    grid = np.linspace(0, largest, 1001)
    best = _cost(grid, amount, rate, carry, offer).min()
    found = _cost(mix.limit, amount, rate, carry, offer).item()
    assert found <= best + 1e-9 * (1 + abs(best))
    assert mix.limit.item() <= largest * (1 + 1e-12)


@settings(max_examples=40)
@given(amount=st.floats(10, 200_000), rate=rates, carry=st.floats(0.01, 0.15), offer=terms)
def test_optimum_agrees_with_a_numerical_search(
    amount: float, rate: float, carry: float, offer: Terms
) -> None:
    offer = replace(offer, insurable_share=max(offer.insurable_share, 0.01))
    largest = min(offer.insurable_share * amount / offer.credit, offer.programme_limit)
    search = minimize_scalar(
        lambda limit: float(_cost(np.array(limit), amount, rate, carry, offer)),
        bounds=(0, largest),
        method="bounded",
        options={"xatol": 1e-6 * largest},
    )
    found = _cost(
        least_cost(np.array([amount]), np.array([rate]), carry, offer).limit,
        amount,
        rate,
        carry,
        offer,
    ).item()
    # No worse than the search, and no better by more than the search's own tolerance.
    assert found <= search.fun + 1e-9 * (1 + abs(search.fun))
    assert found >= search.fun - 1e-4 * (1 + abs(search.fun))


@given(amount=amounts, rate=rates, carry=carries, offer=terms, cash=st.floats(0, 100_000))
def test_parts_add_up_and_keep_their_bounds(
    amount: float, rate: float, carry: float, offer: Terms, cash: float
) -> None:
    mix = least_cost(np.array([amount]), np.array([rate]), carry, offer, cash)
    total = mix.cash + mix.insured + mix.unfunded
    assert total.item() == pytest.approx(amount, rel=1e-12, abs=1e-9)
    assert 0 <= mix.cash.item() <= cash + 1e-9 * amount
    assert 0 <= mix.insured.item() <= offer.insurable_share * amount * (1 + 1e-12) + 1e-9
    assert mix.unfunded.item() >= 0


@given(
    amount=amounts, low=rates, high=rates, carry=carries, offer=terms, share=st.floats(0.01, 0.99)
)
def test_insured_part_falls_with_the_price(
    amount: float, low: float, high: float, carry: float, offer: Terms, share: float
) -> None:
    low, high = sorted([low, high])
    mix = least_cost(np.array([amount]), np.array([low]), carry, offer)
    dearer = least_cost(np.array([amount]), np.array([high]), carry, offer)
    assert dearer.insured.item() <= mix.insured.item() + 1e-9
    lower_credit = replace(offer, deductible=1 - (1 - offer.deductible) * share)
    weaker = least_cost(np.array([amount]), np.array([low]), carry, lower_credit)
    cost = carry * mix.cash + mix.premium
    assert (carry * weaker.cash + weaker.premium).item() >= cost.item() - 1e-6


@pytest.mark.parametrize("loading", [1e-3, 1e-6, 0.0])
def test_all_or_nothing_as_the_loading_vanishes(loading: float) -> None:
    flat = replace(TERMS, capacity_loading=loading)
    amounts = np.array([10_000.0, 10_000.0])
    mix = least_cost(amounts, np.array([0.05, 0.10]), CARRY, flat)
    np.testing.assert_allclose(mix.insured, [5_000, 0])


def test_equal_prices_and_free_cash_hold_cash() -> None:
    flat = replace(TERMS, capacity_loading=0.0)
    fair = np.array([flat.credit * CARRY])
    assert least_cost(np.array([9_000.0]), fair, CARRY, flat).limit.item() == 0
    assert least_cost(np.array([9_000.0]), np.array([0.01]), 0.0, TERMS).limit.item() == 0
    assert least_cost(np.array([9_000.0]), np.array([0.01]), -0.01, TERMS).limit.item() == 0
    barred = replace(TERMS, insurable_share=0.0)
    assert least_cost(np.array([9_000.0]), np.array([0.01]), CARRY, barred).limit.item() == 0


def test_rationed_cash_is_insured_even_at_a_dear_price() -> None:
    # 8 % on line is dearer than cash. Requirement 1,000, cash 700: 300 must be insured, a limit of
    # 300 / 0.882 = 340.1. With cash 200, insurance stops at its half: 500, and 300 stay unfunded.
    mix = least_cost(
        np.array([1_000.0, 1_000.0]), np.array([0.08, 0.08]), CARRY, TERMS, np.array([700.0, 200.0])
    )
    np.testing.assert_allclose(mix.insured, [300, 500])
    np.testing.assert_allclose(mix.cash, [700, 200])
    np.testing.assert_allclose(mix.unfunded, [0, 300], atol=1e-9)
    assert mix.limit[0] == pytest.approx(340.136, abs=1e-3)


def test_capacity_is_shared_in_proportion() -> None:
    # Limits 60 + 30 + 0 against a capacity of 45: all are halved.
    limits = within_capacity(np.array([[60.0, 30.0, 0.0], [10.0, 20.0, 5.0]]), 45.0)
    np.testing.assert_allclose(limits, [[30, 15, 0], [10, 20, 5]])


def test_cash_takes_the_place_of_cut_limits() -> None:
    tight = replace(TERMS, capacity=1_000.0)
    mix = least_cost(np.array([8_000.0, 8_000.0]), np.array([0.01, 0.01]), CARRY, tight)
    assert mix.limit.sum() == pytest.approx(1_000)
    np.testing.assert_allclose(mix.cash + mix.insured, 8_000)


def test_terms_broadcast_over_scenarios() -> None:
    # The same function serves an array of parameters: (scenario, 1, 1) against (draw, exchange).
    shares = np.array([0.0, 0.25, 0.5]).reshape(3, 1, 1)
    loadings = np.array([0.0, 1.0, 5.0]).reshape(3, 1, 1)
    many = replace(TERMS, insurable_share=shares, capacity_loading=loadings)
    amounts = np.array([[100.0, 2_000.0], [300.0, 400.0]])
    rate = np.full((2, 2), 0.01)
    mix = least_cost(amounts, rate, CARRY, many)
    for place, (share, loading) in enumerate([(0.0, 0.0), (0.25, 1.0), (0.5, 5.0)]):
        single = replace(TERMS, insurable_share=share, capacity_loading=loading)
        one = least_cost(amounts, rate, CARRY, single)
        np.testing.assert_array_equal(mix.insured[place], one.insured)
