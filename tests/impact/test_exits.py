"""Who leaves: nothing asked changes nothing, more asked never helps, and hand-checked parts."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import DEFAULTS, make_panel, share_of_custody

from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.exits import Exits
from analysis.scenario import Scenario, scenario

LARGE, LOSS_MAKING = 0, 3
CASH_ONLY = {"insurable_share": 0.0, "pass_through": 0.0, "running_cost_jpy_mn": 0.0}


@cache
def _impact(share: float, **changes: float) -> Impact:
    return evaluate(make_panel(4), scenario(dict(changes)), [share_of_custody(share)])


def test_a_rule_that_asks_nothing_changes_nothing_to_the_last_digit() -> None:
    exits = _impact(0.0).exits
    assert np.array_equal(exits.policy, exits.baseline)
    assert not exits.forced.any()
    assert not exits.short.any()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_more_required_never_lowers_a_probability(first: float, second: float) -> None:
    impact = _impact(1.0)
    less, more = sorted((first, second))
    faced = [impact.exits.prospect(share * impact.required, impact.panel) for share in (less, more)]
    assert (faced[1].leaving >= faced[0].leaving - 1e-12).all()
    assert (faced[1].value <= faced[0].value + 1e-12).all()
    assert (faced[0].leaving >= impact.exits.baseline - 1e-12).all()


def test_cost_and_shortfall_of_the_loss_maker_by_hand() -> None:
    # 10 % of 600 is 60, in cash. Liquid 200, less 5 % of 600 in hot wallets and 1.2 x 500 / 4 of
    # capital, is 20; owners cover the losses of the phase-in. Carry 0.1 - 0.01255; 30 at once over
    # ten years at 10 %: 30 / 6.144567.
    exits = _impact(0.1, **CASH_ONLY).exits
    assert exits.short[0, 0, LOSS_MAKING] == pytest.approx(40.0)
    cost = exits.with_rule.cost[0, 0, LOSS_MAKING]
    assert cost == pytest.approx(60 * 0.08745 + 30 / 6.144567, rel=1e-6)
    # 40 over one year's expenses of 500: the owner is asked for 0.08 of what owners pay in.
    support = exits.support[0, LOSS_MAKING]
    assert exits.forced[0, 0, LOSS_MAKING] == pytest.approx(1 - support**0.08)
    hazard = exits.model.hazard(exits.value_gap[0])[0, LOSS_MAKING]
    expected = 1 - support**0.08 * (1 - hazard) ** Scenario().exit_years
    assert exits.policy[0, 0, LOSS_MAKING] == pytest.approx(expected)


def test_a_profit_of_the_phase_in_counts() -> None:
    # Required 100,000; free 100,000 - 40,000 - 6,000 = 54,000, and 14,000 in each of three years.
    exits = _impact(0.1, **CASH_ONLY).exits
    assert exits.short[0, 0, LARGE] == pytest.approx(100_000 - 54_000 - 42_000)
    at_once = _impact(0.1, **CASH_ONLY, phase_in_years=0).exits
    assert at_once.short[0, 0, LARGE] == pytest.approx(100_000 - 54_000)
    # Time never hurts, not even who makes losses.
    assert (exits.forced <= at_once.forced).all()


def test_full_backing_ends_the_largest_and_a_trifle_ends_nobody() -> None:
    full, trifle = _impact(1.0).exits, _impact(1e-9).exits
    # Short of some 850,000 with yearly expenses of 20,000: more than forty yeses of the owner.
    assert full.policy[..., LARGE].min() > 0.99
    assert (full.policy > full.baseline + 0.05).all()
    assert (trifle.policy - trifle.baseline).max() < 0.02


def test_the_largest_is_safer_than_the_loss_maker() -> None:
    baseline = _impact(0.0).exits.baseline.mean(axis=1)[0]
    assert baseline[LARGE] < baseline[LOSS_MAKING]


def test_longer_horizons_and_weaker_owners_mean_more_exits() -> None:
    base = _impact(0.05).exits
    longer = _impact(0.05, exit_years=10).exits
    weaker = _impact(0.05, support_shift=-2.0).exits
    sooner = _impact(0.05, support_years=0.25).exits
    assert (longer.policy > base.policy).all()
    short = base.short > 0
    assert short.any()
    for harder in (weaker, sooner):
        assert (harder.forced[short] > base.forced[short]).all()
        assert not harder.forced[~short].any()


def test_an_impact_keeps_its_exits() -> None:
    impact = _impact(0.0)
    assert isinstance(impact.exits, Exits)
    assert impact.exits is impact.exits


def test_an_exchange_without_expenses_or_a_market_without_volume_has_an_answer() -> None:
    none, silent = {**DEFAULTS}, {**DEFAULTS}
    none["operating_expenses"] = (20_000, 3_000, 300, 0)
    silent |= {"spot_volume": (0.0,) * 4, "margin_volume": (0.0,) * 4}
    for fields in (none, silent):
        impact = evaluate(make_panel(4, 0.0, (), **fields), Scenario(), [share_of_custody(0.05)])
        for chance in (impact.exits.policy, impact.market_after.leaving):
            assert np.isfinite(chance).all()
            assert ((chance >= 0) & (chance <= 1)).all()
