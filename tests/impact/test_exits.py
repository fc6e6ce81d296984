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
CASH_ONLY = {
    "insurable_share": 0.0,
    "pass_through": 0.0,
    "running_cost_jpy_mn": 0.0,
    "support_years": 1.0,
}


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
    hazard = exits.model.hazard(exits.value_gap[0], exits.breach_chance)[0, LOSS_MAKING]
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


def test_only_what_is_due_within_the_years_counted_forces_anybody_out() -> None:
    # 100,000 in three yearly parts, of which one is due in the first year: 33,333 against 54,000
    # free and a profit of 14,000. The loss-maker: 20 of 60 against its 20.
    first = _impact(0.1, **CASH_ONLY, exit_years=1).exits
    assert not first.short[0, 0, [LARGE, LOSS_MAKING]].any()
    whole = _impact(0.4, **CASH_ONLY, exit_years=1).exits
    assert whole.short[0, 0, LARGE] == pytest.approx(400_000 / 3 - 54_000 - 14_000)
    assert whole.short[0, 0, LOSS_MAKING] == pytest.approx(240 / 3 - 20)
    # Without a phase-in there is nothing to wait for.
    at_once = _impact(0.4, **CASH_ONLY, exit_years=1, phase_in_years=0).exits
    assert at_once.short[0, 0, LARGE] == pytest.approx(400_000 - 54_000)


def test_a_phase_in_beyond_the_years_counted_forces_fewer_out_within_them() -> None:
    # Five of ten parts of 200,000, and five years' profit: 100,000 - 54,000 - 70,000 is nothing.
    slow, fast = (_impact(0.2, **CASH_ONLY, phase_in_years=years).exits for years in (10, 3))
    assert fast.short[0, 0, LARGE] == pytest.approx(200_000 - 54_000 - 42_000)
    assert slow.short[0, 0, LARGE] == 0.0
    assert slow.short[0, 0, LOSS_MAKING] == pytest.approx(120 / 2 - 20)
    assert (slow.forced <= fast.forced).all()
    assert slow.forced.sum() < 0.8 * fast.forced.sum()


def test_a_formula_has_its_own_phase_in() -> None:
    own = evaluate(make_panel(4), scenario({**CASH_ONLY}), [share_of_custody(0.2).phase_in(10)])
    # As above, though the scenario's phase-in is three years.
    assert own.exits.short[0, 0, LOSS_MAKING] == pytest.approx(120 / 2 - 20)


def test_losses_that_owners_do_not_cover_drain_what_is_free() -> None:
    # Three years of 400 lost: nothing of the 20 is left; half of that would do, too.
    drained = _impact(0.1, **CASH_ONLY, unmet_loss_share=1.0).exits
    assert drained.short[0, 0, LOSS_MAKING] == pytest.approx(60.0)
    little = _impact(0.1, **CASH_ONLY, unmet_loss_share=0.01).exits
    assert little.short[0, 0, LOSS_MAKING] == pytest.approx(60 - (20 - 3 * 4))
    assert little.short[0, 0, LARGE] == _impact(0.1, **CASH_ONLY).exits.short[0, 0, LARGE]


def test_full_backing_ends_the_largest_and_a_trifle_ends_nobody() -> None:
    full, trifle = (_impact(share, **CASH_ONLY).exits for share in (1.0, 1e-9))
    # Short of some 900,000 with yearly expenses of 20,000: more than forty yeses of the owner.
    short = full.short[0, :, LARGE]
    assert short == pytest.approx(1_000_000 - 54_000 - 42_000)
    forced = 1 - full.support[:, LARGE] ** (short / 20_000)
    assert (full.policy[0, :, LARGE] >= forced).all()
    assert full.policy[..., LARGE].mean() > 0.8
    assert (full.policy > full.baseline).all()
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
