"""The insurance decision laid open: break-even by hand, and the grid as an independent check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.impact import evaluate
from analysis.impact.insurance import Terms, base_rate_on_line, least_cost, premium
from analysis.impact.insurance_choice import (
    break_even_hot_share,
    break_even_rate,
    cheapest_on_grid,
    insured_shares,
    marginal_rate_on_line,
    optimum_check,
)
from analysis.scenario import Scenario

SCENARIO = Scenario()
TERMS = Terms.of(SCENARIO)
CARRY = 0.08745
"""Cost of equity 10 % less the one-year yield of 1.255 %."""


def test_break_even_by_hand() -> None:
    # A yen of limit counts 0.9 x 0.98 = 0.882 and so saves 0.882 x 0.08745 = 0.0771309 of carry.
    assert break_even_rate(CARRY, TERMS) == pytest.approx(0.0771309)
    # Rate 1 % + 11 % x hot / 5 % reaches that at hot = 5 % x (0.0771309 - 0.01) / 0.11 = 3.0514 %;
    # one incident: rate x 1.25, so 5 % x (0.0771309 / 1.25 - 0.01) / 0.11 = 2.3502 %.
    share = break_even_hot_share(CARRY, np.array([0.0, 1.0]), TERMS)
    np.testing.assert_allclose(share, [0.030514, 0.023502], atol=5e-7)


def test_break_even_hot_share_at_its_corners() -> None:
    dear = replace(TERMS, rate_on_line_cold=0.09)
    assert np.isnan(break_even_hot_share(CARRY, 0.0, dear))
    cheap = replace(TERMS, rate_on_line_hot=0.05)
    assert break_even_hot_share(CARRY, 0.0, cheap) == 0.05
    flat = replace(TERMS, rate_on_line_hot=0.01)
    assert break_even_hot_share(CARRY, 0.0, flat) == 0.05


def test_an_exchange_insures_below_the_break_even_and_not_above() -> None:
    edge = float(break_even_hot_share(CARRY, 1.0, TERMS))
    hot = np.array([edge - 1e-4, edge + 1e-4])
    rate = base_rate_on_line(hot, np.ones(2), TERMS)
    limit = least_cost(np.full(2, 1e4), rate, CARRY, TERMS).limit
    assert limit[0] > 0
    assert limit[1] == 0


def test_marginal_rate_is_the_slope_of_the_premium() -> None:
    limit, step, rate = np.array([0.0, 10_000.0, 40_000.0]), 1e-3, np.array(0.05)
    slope = (premium(limit + step, rate, TERMS) - premium(limit, rate, TERMS)) / step
    np.testing.assert_allclose(marginal_rate_on_line(limit, 0.05, TERMS), slope, rtol=1e-6)
    # Loading 1: twice the base rate at the programme limit.
    assert marginal_rate_on_line(limit, 0.05, TERMS)[-1] == pytest.approx(0.10)


def test_grid_by_hand() -> None:
    # R = 8.82, credit 0.882, share 0.5: limits 0, 2.5, 5; at 1 % on line and carry 8.745 % the
    # largest wins: 0.08745 x 4.41 + 0.01 x 5 x (1 + 5 / 80,000) = 0.385655 + 0.050003.
    cost = cheapest_on_grid(np.array([8.82]), np.array([0.01]), CARRY, TERMS, points=3)
    assert cost.item() == pytest.approx(0.435658, abs=1e-6)


def test_no_grid_point_beats_the_closed_form_on_a_market() -> None:
    panel = make_panel(draws=20, spread=0.9, imputed=("hot_share", "customer_crypto"))
    impact = evaluate(panel, SCENARIO, [share_of_custody(0.05), share_of_custody(0.5, "half")])
    check = optimum_check(impact).set_index("formula")
    assert (check["choices"] == 80).all()
    assert (check["beaten"] == 0).all()
    assert (check["saved_jpy_mn"] > 0).all()


def test_the_check_sees_a_choice_that_is_not_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.impact import insurance_choice

    def timid(*arguments: object) -> object:
        mix = least_cost(*arguments)  # type: ignore[arg-type]
        none = np.zeros_like(mix.limit)
        return replace(mix, cash=mix.cash + mix.insured, insured=none, limit=none, premium=none)

    impact = evaluate(make_panel(), SCENARIO, [share_of_custody(0.05)])
    monkeypatch.setattr(insurance_choice, "least_cost", timid)
    # Hot shares 4, 2, 0 and 5 %, one incident at the second: the second and third should insure.
    assert optimum_check(impact)["beaten"].item() == 2 * 3


def test_capacity_that_binds_is_reported() -> None:
    panel = make_panel(hot_share=(0.0, 0.0, 0.0, 0.0))
    tight = SCENARIO.with_(insurance_capacity_jpy_mn=100.0)
    assert (
        optimum_check(evaluate(panel, tight, [share_of_custody(0.05)]))["capacity_binds"].item()
        == 1
    )
    assert (
        optimum_check(evaluate(panel, SCENARIO, [share_of_custody(0.05)]))["capacity_binds"].item()
        == 0
    )


def test_insured_shares_by_hand() -> None:
    # 5 % of custody: 50,000, 5,000, 200, 30. Base rates: 1 + 11 x 0.8 = 9.8 % (dearer than 7.71 %:
    # no insurance); 5.4 % x 1.25 = 6.75 %: l* = 40,000 x (0.0771309 / 0.0675 - 1) = 5,707, above
    # the half allowed (2,500 / 0.882 = 2,834): half; 1 %: half; 12 %: none.
    table = insured_shares(evaluate(make_panel(), SCENARIO, [share_of_custody(0.05)]))
    np.testing.assert_allclose(table["insured_share"], [0, 0.5, 0.5, 0], atol=1e-12)
    np.testing.assert_allclose(table["insures"], [0, 1, 1, 0])
    np.testing.assert_allclose(table["rate_on_line"], [0.098, 0.0675, 0.01, 0.12])
