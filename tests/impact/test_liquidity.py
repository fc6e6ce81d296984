"""Liquidity: what is free after the rules already in force, and who is short."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import make_panel

from analysis.impact.insurance import Terms, least_cost
from analysis.impact.liquidity import (
    capital_floor,
    free_liquid_assets,
    fundable_probability,
    matched_crypto,
    shortfall,
    with_retained_profit,
)
from analysis.market import build_panel
from analysis.scenario import Scenario

TERMS = Terms.of(Scenario(insurable_share=0.0))


def _short(amount: float, free: float) -> float:
    mix = least_cost(np.array([amount]), np.array([0.05]), 0.09, TERMS)
    return shortfall(mix, np.array([free])).item()


def test_free_liquid_assets_by_hand() -> None:
    # Large: 100,000 - 4 % of 1,000,000 - max(50, 1.2 x 20,000 / 4) = 100,000 - 40,000 - 6,000.
    # Loss-making: 200 - 5 % of 600 - max(50, 1.2 x 500 / 4) = 200 - 30 - 150 = 20.
    free = free_liquid_assets(make_panel(), Scenario())
    np.testing.assert_allclose(free[0, [0, 3]], [54_000, 20])


def test_capital_floor_by_hand() -> None:
    # 120 % of a quarter of 100 is 30, below the minimum of 50; of 1,000 it is 300.
    np.testing.assert_allclose(capital_floor(np.array([100.0, 1_000.0]), 50.0, 1.2), [50, 300])


def test_basic_risk_agrees_with_a_published_one() -> None:
    # Toyo Securities: basic risk JPY 2,620 mn at 2024-12-31; expenses of JPY 10,301 mn in the year
    # to 2025-03. A quarter is 2,575, within 2 %.
    assert capital_floor(np.array([10_301.0]), 0.0, 1.0).item() == pytest.approx(2_620, rel=0.02)


def test_crypto_owed_to_others_matches_before_own_means_do() -> None:
    # 4 % of 1,000,000 = 40,000 less 30,000; 2 % of 100,000 = 2,000, all borrowed; nothing in hot
    # wallets; 5 % of 600 = 30 less 10. Borrowed crypto beyond the match adds nothing.
    panel = make_panel(crypto_owed=(30_000, 5_000, 700, 10))
    np.testing.assert_allclose(matched_crypto(panel, Scenario())[0], [10_000, 0, 0, 20])
    # Large: 100,000 - 10,000 - 6,000. Medium: 12,000 - max(50, 1.2 x 3,000 / 4) = 11,100.
    np.testing.assert_allclose(free_liquid_assets(panel, Scenario())[0, :2], [84_000, 11_100])


def test_matched_crypto_is_one_for_one_where_nothing_is_owed() -> None:
    np.testing.assert_allclose(matched_crypto(make_panel(), Scenario())[0], [40_000, 2_000, 0, 30])


def test_a_price_shock_neither_frees_nor_binds_matched_crypto() -> None:
    before = free_liquid_assets(make_panel(crypto_owed=(30_000, 5_000, 700, 10)), Scenario())
    halved = make_panel(
        customer_crypto=(500_000, 50_000, 2_000, 300), crypto_owed=(15_000, 2_500, 350, 5)
    )
    np.testing.assert_allclose(free_liquid_assets(halved, Scenario(price_shock=-0.5)), before)


def test_a_price_shock_moves_free_assets_of_no_shipped_exchange() -> None:
    base, shocked = Scenario(draws=4), Scenario(draws=4, price_shock=-0.5)
    np.testing.assert_allclose(
        free_liquid_assets(build_panel(shocked), shocked),
        free_liquid_assets(build_panel(base), base),
        atol=1e-6,
    )


def test_what_customers_lent_coincheck_covers_its_match() -> None:
    # 44,479 borrowed against at most 15,154 of match (net assets bound the hot share), both of
    # 2025-03-31 and rolled alike: only the capital floor comes off, 1.2 x expenses / 4.
    scenario = Scenario(draws=20)
    panel = build_panel(scenario)
    here = panel.exchanges.index("coincheck")
    assert (matched_crypto(panel, scenario)[:, here] == 0).all()
    free = free_liquid_assets(panel, scenario)[:, here]
    rest = panel["liquid_assets"][:, here] - 0.3 * panel["operating_expenses"][:, here]
    np.testing.assert_allclose(free, rest)
    assert (free > 0).all()


def test_shortfall_by_hand() -> None:
    assert _short(100, free=130) == 0
    assert _short(100, free=60) == pytest.approx(40)
    assert _short(100, free=-50) == pytest.approx(100)
    assert _short(0, free=-50) == 0


def test_what_may_not_be_funded_counts_as_shortfall() -> None:
    mix = least_cost(np.array([100.0]), np.array([0.05]), 0.09, TERMS, np.array([30.0]))
    assert shortfall(mix, np.array([1e9])).item() == pytest.approx(70)


@given(amount=st.floats(0, 1e6), free=st.floats(-1e6, 1e6), more=st.floats(0, 1e6))
def test_more_free_assets_never_mean_a_larger_shortfall(
    amount: float, free: float, more: float
) -> None:
    assert _short(amount, free + more) <= _short(amount, free) + 1e-9
    assert 0 <= _short(amount, free) <= amount


def test_retained_profit_adds_income_and_losses() -> None:
    grown = with_retained_profit(np.array([[10.0, 10.0]]), np.array([[5.0, -4.0]]), 3)
    np.testing.assert_array_equal(grown[:, 0], [[15, 6], [20, 2], [25, -2]])


def test_probability_counts_draws_without_a_shortfall() -> None:
    short = np.array([[0.0, 3.0], [0.0, 0.0], [1.0, 2.0], [0.0, 5.0]])
    np.testing.assert_array_equal(fundable_probability(short), [0.75, 0.25])
