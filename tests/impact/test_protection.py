"""Protection against enumeration: every number of losses, answer of the insurer and of owners."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yearly import Lattice, panjer

from analysis.impact.insurance import Mix
from analysis.impact.protection import Protection, pooled_protection, protection
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import industry_loss
from analysis.scenario import Scenario

# Somebody steps in in 6 of 10 cases, an estate gives half of own means, an insurer pays 49 times
# of 100.
SCENARIO = Scenario(
    voluntary_payment=0.6,
    estate_recovery=0.5,
    insurance_response=0.5,
    insurer_default_haircut=0.02,
    insurance_deductible=0.1,
)
RATE = 0.1
SOME = 1 - exp(-RATE)


def _mix(cash: float, limit: float = 0.0, exchanges: int = 1) -> Mix:
    full = np.ones((1, exchanges))
    return Mix(cash * full, 0.88 * limit * full, 0 * full, limit * full, 0 * full)


def _loss(
    chances: tuple[float, ...] = (1.0,), unit: float = 100.0, exchanges: int = 1, rate: float = RATE
) -> AnnualLoss:
    """By default every event takes 100, all that is held."""
    severity = Lattice(chances, np.full((1, exchanges), unit))
    atom = np.full((1, exchanges), unit) if len(chances) == 1 else None
    return AnnualLoss(np.full((1, exchanges), rate), 1.0, severity, atom=atom)


def _bought(cash: float, limit: float, own: float, loss: AnnualLoss | None = None) -> Protection:
    return protection(loss or _loss(), _mix(cash, limit), np.array([[own]]), SCENARIO)


def _only(array: np.ndarray) -> float:
    return float(array.ravel()[0])


def test_reserve_of_own_funds_by_hand() -> None:
    # Expected loss 100 x 0.1 = 10; a year has one with 1 - exp(-0.1) = 0.0951626. Net assets of 60
    # never reach a loss of 100. No rule: in 6 of 10 cases somebody steps in, 0.6 x 10 = 6; else an
    # estate gives half of 60: 0.4 x 30 x 0.0951626 = 1.14195; customers bear 2.85805. Cash of 40
    # pays 40 x 0.0951626 = 3.80650 and leaves 6.19350: of it 0.6 is paid, and of 20 that are left
    # in the estate half: 0.4 x 10 x 0.0951626 = 0.38065. Customers bear 2.47740 - 0.38065.
    bought = _bought(40.0, 0.0, 60.0)
    assert _only(bought.paid_by_reserve) == pytest.approx(3.80650, rel=1e-5)
    assert _only(bought.uncovered) == pytest.approx(6.19350, rel=1e-5)
    assert _only(bought.own_without) == pytest.approx(6.0, rel=1e-5)
    assert _only(bought.estate_without) == pytest.approx(1.14195, rel=1e-4)
    assert _only(bought.own_with) == pytest.approx(3.71610, rel=1e-5)
    assert _only(bought.estate_with) == pytest.approx(0.38065, rel=1e-4)
    assert _only(bought.without_rule) == pytest.approx(2.85805, rel=1e-5)
    assert _only(bought.with_rule) == pytest.approx(2.09675, rel=1e-5)
    assert _only(bought.coverage) == pytest.approx(exp(-RATE))
    assert _only(bought.coverage_given_loss) == pytest.approx(0.0, abs=1e-9)


def test_an_operator_whose_means_reach_pays_and_lives() -> None:
    # Net assets of 120 reach one loss of 100: only years of two losses and more are lost.
    bought, two = _bought(0.0, 0.0, 120.0), 1 - exp(-RATE) * (1 + RATE)
    beyond = 10 - 100 * RATE * exp(-RATE)  # what years of two and more lose
    assert _only(bought.without_rule) == pytest.approx(0.4 * (beyond - 60 * two), rel=1e-3)
    # A reserve within them changes what customers bear in those years alone.
    held = _bought(50.0, 0.0, 120.0)
    assert _only(held.avoided) == pytest.approx(0.4 * 0.5 * 50 * two, rel=1e-3)


def test_insurance_layer_by_hand() -> None:
    # Limit 50, retention 5 below the cash of 40: the insurer pays from 40 to 85, 45 in each year
    # with a loss, times 0.5 x 0.98.
    bought = _bought(40.0, 50.0, 0.0)
    assert _only(bought.paid_by_insurance) == pytest.approx(0.49 * 45 * SOME, rel=1e-6)
    assert _only(bought.uncovered) == pytest.approx(10 - 40 * SOME - 0.49 * 45 * SOME, rel=1e-6)
    # No own means: customers bear what is uncovered, or all of it, where nobody steps in.
    assert _only(bought.without_rule) == pytest.approx(0.4 * 10.0)
    assert _only(bought.avoided) == pytest.approx(0.4 * (40 * SOME + 0.49 * 45 * SOME), rel=1e-6)


def test_retention_above_the_cash_stays_open() -> None:
    # Limit 200, retention 20, cash 10: from 10 to 20 nobody pays, so no loss is paid in full.
    bought = _bought(10.0, 200.0, 0.0)
    two = 1 - exp(-RATE) * (1 + RATE)
    # Of 100 the insurer pays 80; of 200 and more all 180.
    insured = 0.49 * (80 * (SOME - two) + 180 * two)
    assert _only(bought.paid_by_insurance) == pytest.approx(insured, rel=1e-4)
    assert _only(bought.coverage_given_loss) == pytest.approx(0.0, abs=1e-9)
    # Own means of 15 leave 5 of the gap open: the operator fails, its estate gives half of 5.
    estate = _bought(10.0, 200.0, 15.0).estate_with
    assert _only(estate) == pytest.approx(0.4 * 0.5 * 5 * SOME, rel=1e-4)


def test_response_is_the_chance_that_the_layer_counts() -> None:
    # Cash 60 and a layer of 45 reach 100 only if the insurer answers: 49 years of a hundred, in
    # years of one loss.
    one = RATE * exp(-RATE)
    assert _only(_bought(60.0, 50.0, 0.0).coverage_given_loss) == pytest.approx(0.49 * one / SOME)


def test_cash_for_all_that_one_event_can_take() -> None:
    bought = _bought(100.0, 0.0, 30.0)
    two = 1 - exp(-RATE) * (1 + RATE)
    assert _only(bought.exceedance) == pytest.approx(two, rel=1e-6)
    assert _only(bought.return_period) == pytest.approx(1 / two, rel=1e-6)
    missing = 10 - 100 * SOME  # E[(S - 100)+]
    assert _only(bought.shortfall_beyond) == pytest.approx(missing / two, rel=1e-4)


def test_no_reserve_changes_nothing() -> None:
    bought = _bought(0.0, 0.0, 35.0, _loss((0.5, 0.3, 0.2), 50.0))
    for name in ("avoided", "paid_by_reserve", "paid_by_insurance"):
        assert _only(getattr(bought, name)) == pytest.approx(0.0, abs=1e-9)
    assert _only(bought.stranded_with) == pytest.approx(_only(bought.stranded_without))


@dataclass(frozen=True)
class Enumerated:
    """Expectations by going through everything that can happen."""

    reserve: float = 0.0
    insurance: float = 0.0
    uncovered: float = 0.0
    with_rule: float = 0.0
    stranded: float = 0.0


def _enumerated(cash: float, limit: float, own: float, chances: tuple[float, ...]) -> Enumerated:
    """Losses in units of 50 by Panjer's recursion; the insurer pays last but before owners."""
    start = max(cash, 0.1 * limit)
    held = 50.0 * len(chances)
    sums = np.zeros(5)
    for number, chance in enumerate(panjer(RATE, 1.0, chances, 40)):
        loss = 50.0 * number
        for answers, pays in product((0, 1), repeat=2):
            weight = chance * (0.49 if answers else 0.51) * (0.6 if pays else 0.4)
            reserve = min(cash, loss)
            insurance = answers * min(max(loss - start, 0.0), 0.9 * limit)
            missing = loss - reserve - insurance
            behind = min(max(max(own, 0.0) - cash, 0.0), missing)
            fails = missing > behind + 1e-9 and not pays
            reached = 0.5 * behind if fails else missing
            stranded = max(held - loss, 0.0) if fails else 0.0
            parts = (reserve, insurance, missing, missing - reached, stranded)
            sums += weight * np.array(parts)
    return Enumerated(*(float(part) for part in sums))


@settings(max_examples=40)
@given(
    cash=st.integers(0, 22).map(lambda n: 13.0 * n),
    limit=st.integers(0, 12).map(lambda n: 37.0 * n),
    own=st.integers(-2, 20).map(lambda n: 17.0 * n),
)
def test_agrees_with_enumeration(cash: float, limit: float, own: float) -> None:
    chances = (0.5, 0.3, 0.2)
    loss = _loss(chances, 50.0)
    bought, known = _bought(cash, limit, own, loss), _enumerated(cash, limit, own, chances)
    # Two losses and more lie in a bracket of 4096 / 64 steps: 1 % of the expected loss is enough.
    near = 0.01 * _only(loss.mean)
    assert _only(bought.paid_by_reserve) == pytest.approx(known.reserve, abs=near)
    assert _only(bought.paid_by_insurance) == pytest.approx(known.insurance, abs=near)
    assert _only(bought.uncovered) == pytest.approx(known.uncovered, abs=near)
    assert _only(bought.with_rule) == pytest.approx(known.with_rule, abs=near)
    assert _only(bought.stranded_with) == pytest.approx(known.stranded, abs=0.15)
    nothing = _enumerated(0.0, 0.0, own, chances)
    assert _only(bought.without_rule) == pytest.approx(nothing.with_rule, abs=near)
    assert _only(bought.stranded_without) == pytest.approx(nothing.stranded, abs=0.15)


@settings(max_examples=40)
@given(
    cash=st.floats(0, 250),
    more=st.floats(0, 100),
    limit=st.floats(0, 400),
    own=st.floats(-50, 400),
)
def test_conserves_and_never_harms(cash: float, more: float, limit: float, own: float) -> None:
    loss = _loss((0.5, 0.3, 0.2), 50.0)
    bought, larger = _bought(cash, limit, own, loss), _bought(cash + more, limit, own, loss)
    paid = bought.paid_by_reserve + bought.paid_by_insurance + bought.uncovered
    assert _only(paid) == pytest.approx(_only(loss.mean), rel=1e-9)
    tiny = 1e-9 * _only(loss.mean)
    for one in (bought, larger):
        assert _only(one.with_rule) <= _only(one.without_rule) + tiny
        assert _only(one.stranded_with) <= _only(one.stranded_without) + 1e-6
        assert _only(one.own_with) >= -tiny
    assert _only(larger.uncovered) <= _only(bought.uncovered) + tiny
    assert _only(larger.with_rule) <= _only(bought.with_rule) + tiny
    # Where two grids meet the distribution steps by up to a thousandth of what lies beyond.
    assert _only(larger.exceedance) <= 1.001 * _only(bought.exceedance) + 1e-9


def _pooled(cash: float, limit: float, own: float, share: float = 0.0) -> Protection:
    loss = _loss(exchanges=2)
    means = np.full((1, 2), own)
    return pooled_protection(
        loss, industry_loss(loss, share), _mix(cash, limit, 2), means, SCENARIO
    )


def test_fund_of_two_alike_by_hand() -> None:
    # Each pays in 50, so that the fund has 100 for one loss of 100 at either. Both together have
    # Poisson losses of rate 0.2: the fund pays 100 in 1 - exp(-0.2) = 18.127 % of years, 18.127
    # of an expected 20, half of it for each.
    bought = _pooled(50.0, 0.0, 0.0)
    np.testing.assert_allclose(bought.paid_by_reserve, 50 * (1 - exp(-0.2)), rtol=5e-3)
    np.testing.assert_allclose(bought.uncovered, 10 - 50 * (1 - exp(-0.2)), rtol=2e-2)
    # Alone, 50 would pay half of each loss.
    assert (bought.paid_by_reserve > 1.8 * _only(_bought(50.0, 0.0, 0.0).paid_by_reserve)).all()


def test_fund_counts_a_contribution_once() -> None:
    # Net assets of 50 are the contribution: nothing stands behind the fund.
    np.testing.assert_allclose(_pooled(50.0, 0.0, 50.0).estate_with, 0.0, atol=1e-9)
    # Net assets of 60 leave 30 behind a fund of 60, too little for a loss of 100. The fund leaves
    # open 20 - 60 (1 - exp(-0.2)) in all and 10 - 60 (1 - exp(-0.1)) at each alone, so that what
    # each lacks is scaled up by 1.0633.
    scale = (20 - 60 * (1 - exp(-0.2))) / (2 * (10 - 60 * SOME))
    assert scale == pytest.approx(1.0633, rel=1e-4)
    bought, left = _pooled(30.0, 0.0, 60.0), (10 - 90 * SOME) * scale
    np.testing.assert_allclose(bought.estate_with, 0.4 * 0.5 * 30 * SOME, rtol=0.01)
    np.testing.assert_allclose(bought.with_rule, 0.4 * (left + 30 * SOME * 0.5), rtol=0.03)


def test_fund_of_one_is_its_own_reserve() -> None:
    loss = _loss()
    mix, own = _mix(40.0, 50.0), np.array([[60.0]])
    pooled = pooled_protection(loss, industry_loss(loss, 0.0), mix, own, SCENARIO)
    alone = protection(loss, mix, own, SCENARIO)
    for name in ("uncovered", "paid_by_insurance", "with_rule", "coverage", "stranded_with"):
        np.testing.assert_allclose(getattr(pooled, name), getattr(alone, name), rtol=1e-2)


def test_fund_conserves_in_the_industry_and_never_harms_it() -> None:
    for cash, limit, own in ((50.0, 0.0, 20.0), (30.0, 60.0, 90.0), (150.0, 0.0, 0.0)):
        bought = _pooled(cash, limit, own, share=0.3)
        paid = bought.paid_by_reserve + bought.paid_by_insurance + bought.uncovered
        assert paid.sum() == pytest.approx(20.0)
        assert bought.with_rule.sum() <= bought.without_rule.sum() + 1e-9


def test_common_shocks_empty_the_fund_and_no_reserve_of_ones_own() -> None:
    apart, together = _pooled(50.0, 0.0, 0.0), _pooled(50.0, 0.0, 0.0, share=1.0)
    assert (together.uncovered > 1.5 * apart.uncovered).all()
