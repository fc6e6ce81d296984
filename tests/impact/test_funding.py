"""Funding: build-up, the two treatments, retained earnings, refilling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.funding import (
    BuildUp,
    build_up,
    charge,
    earnings,
    net_assets_after,
    refill,
    steady_mix,
)
from analysis.impact.insurance import Mix, Offer
from analysis.market.panel import FloatArray
from analysis.rules.exposure import exposure
from analysis.scenario import Scenario


def _built(scenario: Scenario, share: float = 0.01) -> tuple[FloatArray, Mix, BuildUp]:
    """Requirement, steady mix and build-up of a share of custody."""
    panel, formula = make_panel(), share_of_custody(share)
    base = exposure(panel, scenario)
    offer, required = Offer.of(panel, scenario), formula.required(base)
    steady = steady_mix(required, panel, offer, scenario)
    return required, steady, build_up(formula, base, panel, offer, scenario)


@pytest.mark.parametrize("phase_in", [0, 1, 3, 10])
def test_path_reaches_the_requirement_at_the_end_of_the_phase_in(phase_in: int) -> None:
    required, _, grown = _built(Scenario(phase_in_years=phase_in))
    np.testing.assert_allclose(grown.balance[max(phase_in, 1) - 1], required)
    np.testing.assert_allclose(grown.balance[-1], required)
    assert np.all(np.diff(grown.balance, axis=0) >= 0)


def test_equal_steps_by_hand() -> None:
    # 1 % of 1,000,000 over four years: 2,500, 5,000, 7,500, 10,000, then level.
    _, _, grown = _built(Scenario(phase_in_years=4, horizon_years=6))
    np.testing.assert_allclose(
        grown.balance[:, 0, 0], [2_500, 5_000, 7_500, 10_000, 10_000, 10_000]
    )
    met = grown.mix.cash + grown.mix.insured + grown.mix.unfunded
    np.testing.assert_allclose(met, grown.balance)


def test_last_year_of_the_path_is_the_steady_mix() -> None:
    _, steady, grown = _built(Scenario(phase_in_years=4))
    np.testing.assert_allclose(grown.mix.cash[-1], steady.cash)
    np.testing.assert_allclose(grown.mix.premium[-1], steady.premium)


def test_retained_earnings_by_hand() -> None:
    # Small exchange: 10 % of 4,000 = 400 within two years at a net income of 70: cash 140; its
    # customers' crypto is cold (1 % on line), so it insures its half, 200, and 60 stay unfunded.
    # Loss-making: no income, requirement 60, insures 30, 30 unfunded.
    scenario = Scenario(retained_earnings_only=True, phase_in_years=2)
    _, steady, _ = _built(scenario, share=0.10)
    np.testing.assert_allclose(steady.cash[0, 2:], [140, 0])
    np.testing.assert_allclose(steady.insured[0, 2:], [200, 30])
    np.testing.assert_allclose(steady.unfunded[0, 2:], [60, 30])


def test_earnings_go_on_after_the_phase_in_and_close_the_gap() -> None:
    # The small exchange's 60 are earned in the third year: 3 x 70 = 210 covers the other half.
    scenario = Scenario(retained_earnings_only=True, phase_in_years=2, horizon_years=4)
    _, _, grown = _built(scenario, share=0.10)
    np.testing.assert_allclose(grown.mix.unfunded[:, 0, 2], [0 + 30, 60, 0, 0], atol=1e-9)


def test_no_phase_in_still_has_the_first_year_to_earn() -> None:
    scenario = Scenario(retained_earnings_only=True, phase_in_years=0)
    assert _built(scenario, share=0.10)[1].cash[0, 2] == pytest.approx(70)


def test_earnings_ignore_losses() -> None:
    income = np.array([[10.0, -5.0]])
    np.testing.assert_array_equal(earnings(income, 3)[:, 0], [[10, 0], [20, 0], [30, 0]])


def test_provision_charges_the_build_up_and_returns_the_release() -> None:
    cash = np.array([[10.0], [30.0], [25.0]])
    np.testing.assert_array_equal(charge(cash, "provision"), [[10], [20], [-5]])
    np.testing.assert_array_equal(charge(cash, "lock_up"), [[0], [0], [0]])


def test_provision_lowers_net_assets_by_the_reserve_and_lock_up_does_not() -> None:
    net_assets, cash = np.array([100.0, 20.0]), np.array([30.0, 30.0])
    np.testing.assert_array_equal(net_assets_after(net_assets, cash, "provision"), [70, -10])
    np.testing.assert_array_equal(net_assets_after(net_assets, cash, "lock_up"), [100, 20])


paths = st.lists(st.floats(0, 1e5), min_size=6, max_size=12)


@given(path=paths)
def test_charges_add_up_to_the_reserve(path: list[float]) -> None:
    cash = np.array(path)[:, None]
    np.testing.assert_allclose(charge(cash, "provision").cumsum(axis=0), cash, atol=1e-6)


def test_refill_by_hand() -> None:
    # Level reserve of 100, loss of 80 at the end of year 2, refilled over four years by 20 each.
    balance = np.full((7, 1), 100.0)
    path = refill(balance, np.array([80.0]), year=2, years=4)
    np.testing.assert_allclose(path[:, 0], [100, 20, 40, 60, 80, 100, 100])
    # A loss above the balance empties it and no more; refilled at once the year after.
    path = refill(balance, np.array([500.0]), year=1, years=0)
    np.testing.assert_allclose(path[:, 0], [0, 100, 100, 100, 100, 100, 100])


def test_refill_refuses_a_year_outside_the_path() -> None:
    with pytest.raises(InputError, match="year = 4 is outside the path; give 1 to 3"):
        refill(np.ones((3, 1)), np.array([1.0]), year=4, years=1)


@given(
    path=paths,
    loss=st.floats(0, 2e5),
    year=st.integers(1, 6),
    years=st.integers(0, 5),
)
def test_refill_returns_to_the_path(path: list[float], loss: float, year: int, years: int) -> None:
    balance = np.sort(np.array(path))[:, None]
    after = refill(balance, np.array([loss]), year, years)
    np.testing.assert_array_equal(after[: year - 1], balance[: year - 1])
    np.testing.assert_allclose(after[year - 1], np.maximum(balance[year - 1] - loss, 0), atol=1e-9)
    np.testing.assert_allclose(
        after[year - 1 + max(years, 1) :], balance[year - 1 + max(years, 1) :]
    )
    assert np.all(after >= -1e-9)
