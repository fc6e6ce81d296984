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
from analysis.impact.protection import OwnMeans, Protection, protection
from analysis.losses.aggregate import AnnualLoss
from analysis.scenario import Scenario

# Somebody steps in 6 times of 10, an estate gives half of means, an insurer pays 49 times of 100.
SCENARIO = Scenario(
    voluntary_payment=0.6,
    estate_recovery=0.5,
    insurance_response=0.5,
    insurer_default_haircut=0.02,
    insurance_deductible=0.1,
)
RATE = 0.1
SOME = 1 - exp(-RATE)


def mix_of(cash: float, limit: float = 0.0, exchanges: int = 1) -> Mix:
    full = np.ones((1, exchanges))
    return Mix(cash * full, 0.88 * limit * full, 0 * full, limit * full, 0 * full)


def yearly(
    chances: tuple[float, ...] = (1.0,), unit: float = 100.0, exchanges: int = 1, rate: float = RATE
) -> AnnualLoss:
    """By default every event takes 100, all that is held."""
    severity = Lattice(chances, np.full((1, exchanges), unit))
    atom = np.full((1, exchanges), unit) if len(chances) == 1 else None
    return AnnualLoss(np.full((1, exchanges), rate), 1.0, severity, atom=atom)


def bought(
    cash: float, limit: float, own: float, loss: AnnualLoss | None = None, matched: float = 0.0
) -> Protection:
    means = OwnMeans(np.array([[own]]), np.array([[matched]]))
    return protection(loss or yearly(), mix_of(cash, limit), means, SCENARIO)


def assert_all_is_borne(found: Protection, expected: np.ndarray) -> None:
    """In the world with the rule and in that without, payers and customers bear the whole loss."""
    paid = found.paid_by_reserve + found.paid_by_insurance
    behind = found.matched_with + found.own_with + found.estate_with + found.lost_with
    np.testing.assert_allclose(paid + found.uncovered, expected, rtol=1e-9)
    np.testing.assert_allclose(paid + behind, expected, rtol=1e-9)
    free = found.matched_without + found.own_without + found.estate_without + found.lost_without
    np.testing.assert_allclose(free, expected, rtol=1e-9)


def only(array: np.ndarray) -> float:
    return float(array.ravel()[0])


def test_reserve_of_own_funds_by_hand() -> None:
    # Expected loss 100 x 0.1 = 10; a year has one with 1 - exp(-0.1) = 0.0951626. Net assets of 60
    # never reach a loss of 100. No rule: in 6 of 10 cases somebody steps in, 0.6 x 10 = 6; else an
    # estate gives half of 60: 0.4 x 30 x 0.0951626 = 1.14195; customers bear 2.85805. Cash of 40
    # pays 40 x 0.0951626 = 3.80650 and leaves 6.19350: of it 0.6 is paid, and of 20 that are left
    # in the estate half: 0.4 x 10 x 0.0951626 = 0.38065. Customers bear 2.47740 - 0.38065.
    found = bought(40.0, 0.0, 60.0)
    assert only(found.paid_by_reserve) == pytest.approx(3.80650, rel=1e-5)
    assert only(found.uncovered) == pytest.approx(6.19350, rel=1e-5)
    assert only(found.own_without) == pytest.approx(6.0, rel=1e-5)
    assert only(found.estate_without) == pytest.approx(1.14195, rel=1e-4)
    assert only(found.own_with) == pytest.approx(3.71610, rel=1e-5)
    assert only(found.estate_with) == pytest.approx(0.38065, rel=1e-4)
    assert only(found.lost_without) == pytest.approx(2.85805, rel=1e-5)
    assert only(found.lost_with) == pytest.approx(2.09675, rel=1e-5)
    assert only(found.coverage) == pytest.approx(exp(-RATE))
    assert only(found.coverage_given_loss) == pytest.approx(0.0, abs=1e-9)


def test_an_operator_whose_means_reach_pays_and_lives() -> None:
    # Net assets of 120 reach one loss of 100: only years of two losses and more are lost.
    found, two = bought(0.0, 0.0, 120.0), 1 - exp(-RATE) * (1 + RATE)
    beyond = 10 - 100 * RATE * exp(-RATE)  # what years of two and more lose
    assert only(found.lost_without) == pytest.approx(0.4 * (beyond - 60 * two), rel=1e-3)
    # A reserve within them changes what customers bear in those years alone.
    held = bought(50.0, 0.0, 120.0)
    assert only(held.avoided) == pytest.approx(0.4 * 0.5 * 50 * two, rel=1e-3)


def test_the_match_of_hot_wallets_by_hand() -> None:
    # Of net assets of 60 the match is 30, paid at once in every year with a loss: 30 x 0.0951626 =
    # 2.85488. No rule: 7.14512 are open, of which 0.6 is paid; else half of the other 30 reached.
    found = bought(40.0, 0.0, 60.0, matched=30.0)
    assert only(found.matched_without) == pytest.approx(30 * SOME)
    assert only(found.own_without) == pytest.approx(0.6 * (10 - 30 * SOME))
    assert only(found.estate_without) == pytest.approx(0.4 * 0.5 * 30 * SOME)
    # Cash of 40 leaves 20 of net assets, less than the match, which stands there all the same.
    assert only(found.matched_with) == pytest.approx(30 * SOME)
    assert only(found.own_with) == pytest.approx(0.6 * (10 - 70 * SOME))
    assert only(found.estate_with) == pytest.approx(0.0, abs=1e-9)
    # An operator without net assets of its own has borrowed it.
    borrowed = bought(0.0, 0.0, -5.0, matched=30.0)
    assert only(borrowed.lost_without) == pytest.approx(0.4 * (10 - 30 * SOME))
    # Behind cash for 80 it pays 20 of one loss, and 30 in a year of more.
    two = 1 - exp(-RATE) * (1 + RATE)
    behind = bought(80.0, 0.0, 0.0, matched=30.0).matched_with
    assert only(behind) == pytest.approx(20 * (SOME - two) + 30 * two, rel=1e-3)


def test_insurance_layer_by_hand() -> None:
    # Limit 50, retention 5 below the cash of 40: the insurer pays from 40 to 85, 45 in each year
    # with a loss, times 0.5 x 0.98.
    found = bought(40.0, 50.0, 0.0)
    assert only(found.paid_by_insurance) == pytest.approx(0.49 * 45 * SOME, rel=1e-6)
    assert only(found.uncovered) == pytest.approx(10 - 40 * SOME - 0.49 * 45 * SOME, rel=1e-6)
    # No own means: customers bear what is uncovered, or all of it, where nobody steps in.
    assert only(found.lost_without) == pytest.approx(0.4 * 10.0)
    assert only(found.avoided) == pytest.approx(0.4 * (40 * SOME + 0.49 * 45 * SOME), rel=1e-6)


def test_retention_above_the_cash_stays_open() -> None:
    # Limit 200, retention 20, cash 10: from 10 to 20 nobody pays, so no loss is paid in full.
    found = bought(10.0, 200.0, 0.0)
    two = 1 - exp(-RATE) * (1 + RATE)
    # Of 100 the insurer pays 80; of 200 and more all 180.
    insured = 0.49 * (80 * (SOME - two) + 180 * two)
    assert only(found.paid_by_insurance) == pytest.approx(insured, rel=1e-4)
    assert only(found.coverage_given_loss) == pytest.approx(0.0, abs=1e-9)
    # Own means of 15 leave 5 of the gap open: the operator fails, its estate gives half of 5.
    estate = bought(10.0, 200.0, 15.0).estate_with
    assert only(estate) == pytest.approx(0.4 * 0.5 * 5 * SOME, rel=1e-4)


def test_response_is_the_chance_that_the_layer_counts() -> None:
    # Cash 60 and a layer of 45 reach 100 only if the insurer answers: 49 years of a hundred, in
    # years of one loss.
    one = RATE * exp(-RATE)
    assert only(bought(60.0, 50.0, 0.0).coverage_given_loss) == pytest.approx(0.49 * one / SOME)


def test_cash_for_all_that_one_event_can_take() -> None:
    found = bought(100.0, 0.0, 30.0)
    two = 1 - exp(-RATE) * (1 + RATE)
    assert only(found.exceedance) == pytest.approx(two, rel=1e-6)
    assert only(found.return_period) == pytest.approx(1 / two, rel=1e-6)
    missing = 10 - 100 * SOME  # E[(S - 100)+]
    assert only(found.shortfall_beyond) == pytest.approx(missing / two, rel=1e-4)


def test_no_reserve_changes_nothing() -> None:
    found = bought(0.0, 0.0, 35.0, yearly((0.5, 0.3, 0.2), 50.0))
    for name in ("avoided", "paid_by_reserve", "paid_by_insurance"):
        assert only(getattr(found, name)) == pytest.approx(0.0, abs=1e-9)
    assert only(found.stranded_with) == pytest.approx(only(found.stranded_without))


@dataclass(frozen=True)
class Enumerated:
    """Expectations by going through everything that can happen."""

    reserve: float = 0.0
    insurance: float = 0.0
    uncovered: float = 0.0
    matched: float = 0.0
    lost_with: float = 0.0
    stranded: float = 0.0


def _enumerated(
    cash: float, limit: float, own: float, matched: float, chances: tuple[float, ...]
) -> Enumerated:
    """Losses in units of 50 by Panjer's recursion; the insurer pays last but before owners."""
    start = max(cash, 0.1 * limit)
    held = 50.0 * len(chances)
    sums = np.zeros(6)
    for number, chance in enumerate(panjer(RATE, 1.0, chances, 40)):
        loss = 50.0 * number
        for answers, pays in product((0, 1), repeat=2):
            weight = chance * (0.49 if answers else 0.51) * (0.6 if pays else 0.4)
            reserve = min(cash, loss)
            insurance = answers * min(max(loss - start, 0.0), 0.9 * limit)
            missing = loss - reserve - insurance
            match = min(matched, missing)
            behind = min(max(own - cash, matched) - matched, missing - match)
            fails = missing - match > behind + 1e-9 and not pays
            reached = match + (0.5 * behind if fails else missing - match)
            stranded = max(held - loss, 0.0) if fails else 0.0
            parts = (reserve, insurance, missing, match, missing - reached, stranded)
            sums += weight * np.array(parts)
    return Enumerated(*(float(part) for part in sums))


@settings(max_examples=40)
@given(
    cash=st.integers(0, 22).map(lambda n: 13.0 * n),
    limit=st.integers(0, 12).map(lambda n: 37.0 * n),
    own=st.integers(-2, 20).map(lambda n: 17.0 * n),
    matched=st.integers(0, 9).map(lambda n: 11.0 * n),
)
def test_agrees_with_enumeration(cash: float, limit: float, own: float, matched: float) -> None:
    chances = (0.5, 0.3, 0.2)
    loss = yearly(chances, 50.0)
    found = bought(cash, limit, own, loss, matched)
    known = _enumerated(cash, limit, own, matched, chances)
    # Two losses and more lie in a bracket of 4096 / 64 steps: 1 % of the expected loss is enough.
    near = 0.01 * only(loss.mean)
    assert only(found.paid_by_reserve) == pytest.approx(known.reserve, abs=near)
    assert only(found.paid_by_insurance) == pytest.approx(known.insurance, abs=near)
    assert only(found.uncovered) == pytest.approx(known.uncovered, abs=near)
    assert only(found.matched_with) == pytest.approx(known.matched, abs=near)
    assert only(found.lost_with) == pytest.approx(known.lost_with, abs=near)
    assert only(found.stranded_with) == pytest.approx(known.stranded, abs=0.15)
    nothing = _enumerated(0.0, 0.0, own, matched, chances)
    assert only(found.matched_without) == pytest.approx(nothing.matched, abs=near)
    assert only(found.lost_without) == pytest.approx(nothing.lost_with, abs=near)
    assert only(found.stranded_without) == pytest.approx(nothing.stranded, abs=0.15)


@settings(max_examples=40)
@given(
    cash=st.floats(0, 250),
    more=st.floats(0, 100),
    limit=st.floats(0, 400),
    own=st.floats(-50, 400),
    matched=st.floats(0, 120),
)
def test_conserves_and_never_harms(
    cash: float, more: float, limit: float, own: float, matched: float
) -> None:
    loss = yearly((0.5, 0.3, 0.2), 50.0)
    found = bought(cash, limit, own, loss, matched)
    larger = bought(cash + more, limit, own, loss, matched)
    assert_all_is_borne(found, loss.mean)
    tiny = 1e-9 * only(loss.mean)
    for one in (found, larger):
        assert only(one.lost_with) <= only(one.lost_without) + tiny
        assert only(one.stranded_with) <= only(one.stranded_without) + 1e-6
        assert only(one.own_with) >= -tiny
        assert only(one.matched_with) >= -tiny
        assert only(one.matched_with) <= only(one.matched_without) + 5e-3 * only(loss.mean)
    assert only(larger.uncovered) <= only(found.uncovered) + tiny
    assert only(larger.lost_with) <= only(found.lost_with) + tiny
    # Where two grids meet it steps by up to a thousandth of what lies beyond.
    assert only(larger.exceedance) <= 1.001 * only(found.exceedance) + 1e-9
