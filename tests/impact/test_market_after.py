"""The market after exits: nobody is lost, it always ends, and a second start checks the end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact import evaluate as evaluate_panel
from analysis.impact.answers import losses_scale_with_custody, required_after, uniform_numbers
from analysis.impact.concentration import effective_number, hhi, largest
from analysis.impact.evaluate import Impact
from analysis.impact.market_after import Answer
from analysis.impact.moved_market import moved
from analysis.losses.model import TOLERANCE
from analysis.market import build_panel
from analysis.market.panel import Panel
from analysis.rules import candidates
from analysis.rules.exposure import exposure
from analysis.scenario import Scenario, scenario

SHARES = (0.0, 0.02, 0.3)
N = 4


@cache
def _impact(**changes: float) -> Impact:
    formulas = [share_of_custody(share, f"custody_{share}") for share in SHARES]
    return evaluate_panel(make_panel(6), scenario(dict(changes)), formulas)


def _answer(impact: Impact, place: int) -> Answer:
    return Answer(
        impact.exits,
        partial(required_after, impact, place),
        impact.exits.due.at(place),
        impact.response.volume_lost_share[place],
    )


def test_nothing_required_is_the_market_without_a_rule() -> None:
    impact = _impact()
    with_rule, without = impact.market_after, impact.market_without_rule
    assert np.array_equal(with_rule.leaving[0], without.leaving)
    assert np.array_equal(with_rule.volume[0], without.volume)
    assert np.array_equal(with_rule.outside[0], without.outside)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(range(len(SHARES))))
def test_whoever_stays_wants_to_and_it_ends(seed: int, place: int) -> None:
    impact = _impact()
    uniforms = np.random.default_rng(seed).random((6, N)) ** 2
    after = _answer(impact, place).settle(uniforms)
    assert (after.rounds <= N + 1).all()
    assert (uniforms[after.stays] >= after.leaving[after.stays]).all()
    # Whoever leaves at once has left for good.
    at_once = uniforms < impact.exits.policy[place]
    assert not (at_once & after.stays).any()
    assert not (after.regret & after.stays).any()
    assert (after.ends[0] <= after.exits).all()
    assert (after.exits <= after.ends[1]).all()
    assert (after.volume[~after.stays] == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_all_customers_are_somewhere(seed: int) -> None:
    impact = _impact()
    after = _answer(impact, 2).settle(np.random.default_rng(seed).random((6, N)))
    volume = impact.panel["spot_volume"]
    share = volume / volume.sum(axis=-1, keepdims=True)
    inside = 0.7 * (share * after.volume).sum(axis=-1)
    np.testing.assert_allclose(inside + after.outside, 1.0)
    assert (after.outside >= 0.3 - 1e-12).all()


def test_customers_of_who_leaves_keep_the_others_in_business() -> None:
    """The exception to 'more required, more exits': survivors gain what leavers lose."""
    impact = _impact()
    uniforms = np.ones((6, N))
    uniforms[:, 0] = 0.0  # the largest leaves
    after = _answer(impact, 0).settle(uniforms)
    assert not after.stays[:, 0].any()
    assert (after.leaving[:, 1:] < impact.exits.baseline[0, :, 1:]).all()
    # 8,000,000 of 8,921,000 left: at nesting 0.7 most of it comes to the three others.
    assert (after.volume[:, 1:] > 5).all()


def test_who_left_with_the_crowd_regrets_and_stays_when_exits_come_one_by_one() -> None:
    """All leave at once, one of them by a hair: alone with everybody's customers it would not."""
    impact = _impact()
    uniforms = np.zeros((6, N))
    uniforms[:, 1] = impact.exits.baseline[0, :, 1] * 0.999
    after = _answer(impact, 0).settle(uniforms)
    assert (after.exits == 4).all()
    assert (after.regret.sum(axis=-1) == 1).all()
    assert after.regret[:, 1].all()
    # The second start: who stays if alone is in from the start, and the others want nothing of it.
    assert (after.stays_second == [False, True, False, False]).all()
    assert not after.regret_second.any()
    assert after.differ.all()
    assert (after.ends[0] == 3).all()
    assert (after.ends[1] == 4).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(range(len(SHARES))))
def test_whoever_stays_wants_to_from_the_second_start_too(seed: int, place: int) -> None:
    """Asked again one by one: an end without regret is an equilibrium of the literal game."""
    impact = _impact()
    answer = _answer(impact, place)
    uniforms = np.random.default_rng(seed).random((6, N)) ** 2
    after = answer.settle(uniforms)
    for stays, regret in (
        (after.stays, after.regret),
        (after.stays_second, after.regret_second),
    ):
        leaving = answer.prospect_if(stays).leaving
        assert (leaving[stays] <= uniforms[stays]).all()
        assert np.array_equal(regret, ~stays & (leaving <= uniforms))


def test_not_settled_in_the_rounds_allowed_is_an_error_with_the_last_iterate() -> None:
    impact = _impact()
    with pytest.raises(InputError, match=r"after 1 rounds: 24 left in the last, 4\.00 of 4"):
        _answer(impact, 0).settle(np.full((6, N), -1.0), most_rounds=1)


def test_who_has_left_already_never_leaves_again() -> None:
    impact = evaluate_panel(_with_custodiem(), Scenario(), [share_of_custody(0.3)])
    assert list(impact.exits.at_risk) == [True, True, True, False]
    after = impact.market_after
    assert after.stays[..., 3].all()
    assert not impact.exits.policy[..., 3].any()
    assert not after.leaving[..., 3].any()
    assert (after.exits <= 3).all()


def _with_custodiem() -> Panel:
    """The loss-maker under the id of an exchange that ended its business in 2022."""
    panel = make_panel(4)
    names = (*panel.exchanges[:3], "custodiem")
    status = panel.status.set_axis(list(names))
    return replace(panel, exchanges=names, status=status, method=panel.method.set_axis(list(names)))


def test_the_moved_panel_by_hand() -> None:
    # Volume doubles, custody grows by half, half of revenue goes into expenses.
    panel = make_panel(2)
    two, more = np.full((2, N), 2.0), np.full((2, N), 1.5)
    after = moved(panel, two, more, np.full((2, 1), 0.5))
    assert list(after["operating_revenue"][0]) == [80_000, 8_000, 800, 200]
    assert list(after["operating_expenses"][0]) == [40_000, 5_000, 500, 550]
    assert list(after["net_income"][0]) == [34_000, 2_700, 270, -350]
    assert after["customer_crypto"][0, 0] == 1_500_000
    assert after["margin_volume_lag1"][0, 0] == 5_000_000
    assert np.array_equal(after["net_assets"], panel["net_assets"])


def test_numbers_are_the_same_for_every_formula_and_follow_the_seed() -> None:
    impact, other = _impact(), _impact(seed=7)
    assert np.array_equal(uniform_numbers(impact), uniform_numbers(impact))
    assert not np.array_equal(uniform_numbers(impact), uniform_numbers(other))
    # Six data sets: one number of each exchange in every sixth of 0 to 1.
    assert (np.arange(6) == np.sort(np.floor(6 * uniform_numbers(impact)), axis=0).T).all()


def test_trust_brings_customers_home_and_is_nothing_by_default() -> None:
    before, after = _impact().market_after, _impact(trust_semi_elasticity=0.2).market_after
    np.testing.assert_allclose(before.outside[0], after.outside[0])
    assert (after.outside[2] <= before.outside[2]).all()
    assert (after.outside[2] < before.outside[2]).any()


def test_scaling_of_losses_is_asking_the_formula_again() -> None:
    small = scenario({"draws": 2})
    panel = build_panel(small)
    formulas = [
        f
        for f in candidates(small)
        if f.id in {"loss_quantile_solvency", "loss_quantile_shortfall"}
    ]
    impact = evaluate_panel(panel, small, formulas)
    assert losses_scale_with_custody(impact.exposure)
    custody = np.linspace(0.5, 3.0, panel["net_assets"].size).reshape(panel["net_assets"].shape)
    market = moved(panel, custody, custody, np.full((2, 1), 0.3))
    stays = np.ones(custody.shape, dtype=bool)
    for place, formula in enumerate(formulas):
        scaled = required_after(impact, place, market, custody, stays, np.ones(2, dtype=bool))
        again = evaluate_panel(market, small, [formula]).required[0]
        error = 0.01 if "shortfall" in formula.id else 2 * TOLERANCE
        np.testing.assert_allclose(scaled, again, rtol=error, atol=1e-9)


def test_a_fund_for_all_is_sized_for_who_stays() -> None:
    small = scenario({"draws": 2})
    panel = build_panel(small)
    fund = [formula for formula in candidates(small) if formula.pooled]
    impact = evaluate_panel(panel, small, fund)
    one = np.ones(panel["net_assets"].shape)
    everybody = np.ones(one.shape, dtype=bool)
    same = required_after(impact, 0, panel, one, everybody, everybody[:, 0])
    np.testing.assert_allclose(same, impact.required[0], rtol=2 * TOLERANCE)
    left = np.arange(len(panel.exchanges)) != np.argmax(panel["customer_crypto"].mean(axis=0))
    fewer = required_after(impact, 0, panel, one, everybody & left, everybody[:, 0])
    # As if the largest had never been there.
    alone = replace(panel, values={name: array[:, left] for name, array in panel.values.items()})
    seen = replace(exposure(alone, small), loss_model=impact.exposure.loss_model)
    np.testing.assert_allclose(fewer[:, left], fund[0].required(seen), rtol=2 * TOLERANCE)
    np.testing.assert_array_equal(fewer[:, ~left], impact.required[0][:, ~left])


def test_losses_by_size_do_not_scale() -> None:
    panel, yen = make_panel(2), Scenario(size_elasticity=0.3)
    assert not losses_scale_with_custody(evaluate_panel(panel, yen).exposure)


def test_concentration_by_hand() -> None:
    volume = np.array([50.0, 30.0, 20.0, 0.0])
    assert hhi(volume) == pytest.approx(0.38)  # 0.25 + 0.09 + 0.04
    assert largest(volume, 2) == pytest.approx(0.8)
    assert effective_number(np.ones(5)) == pytest.approx(5.0)
    assert np.isnan(hhi(np.zeros(3)))
