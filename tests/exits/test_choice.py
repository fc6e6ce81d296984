"""The nested logit: by hand, against its definition, and at its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.exits.choice import Number, if_staying, utility_of
from analysis.market.panel import BoolArray, FloatArray

SHARES = np.array([0.5, 0.3, 0.2])
GONE = np.array([True, True, False])

stayers = st.lists(st.booleans(), min_size=4, max_size=4).filter(any)
weights = st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4)
nestings = st.floats(0.0, 0.95)
outsides = st.floats(0.01, 0.9)


def _of(values: list[float]) -> FloatArray:
    array = np.asarray(values)
    return np.asarray(array / array.sum())


def multipliers(
    shares: FloatArray,
    stays: BoolArray,
    outside: Number,
    nesting: Number,
    change: Number = 0.0,
) -> tuple[FloatArray, FloatArray]:
    """What each has, 0 for who leaves, as a multiple of before; and the outside's share."""
    alone, after = if_staying(shares, stays, outside, nesting, change)
    return np.where(stays, alone, 0.0), after


def mean_utilities(shares: FloatArray, outside: float, nesting: float) -> FloatArray:
    """Berry's inversion: delta_j = log(S_j / S0) - nesting log(c_j), with S_j = (1 - S0) c_j."""
    return np.asarray(np.log((1 - outside) * shares / outside) - nesting * np.log(shares))


def choice_shares(utilities: FloatArray, nesting: float) -> tuple[FloatArray, float]:
    """Shares of all by the plain definition, with sums of exponentials; and the outside's."""
    weights = np.exp(utilities / (1 - nesting))
    nest = weights.sum() ** (1 - nesting)
    return weights / weights.sum() * nest / (1 + nest), 1 / (1 + nest)


def test_without_nesting_it_is_the_plain_logit() -> None:
    # Of all: 0.35, 0.21, 0.14 and outside 0.3. Without the third: each over 0.86.
    multiplier, outside = multipliers(SHARES, GONE, 0.3, 0.0)
    np.testing.assert_allclose(multiplier, [1 / 0.86, 1 / 0.86, 0.0])
    assert outside == pytest.approx(0.3 / 0.86)


def test_by_hand_with_nesting_a_half() -> None:
    # D = 0.8, nest = 0.7 sqrt(0.8) = 0.6261, all 0.9261; m = 0.8^-0.5 / 0.9261.
    multiplier, outside = multipliers(SHARES, GONE, 0.3, 0.5)
    np.testing.assert_allclose(multiplier[:2], 1.118034 / 0.926099, rtol=1e-6)
    assert outside == pytest.approx(0.3 / 0.926099, rel=1e-6)


def test_as_nesting_tends_to_one_all_stay_in_the_nest() -> None:
    multiplier, outside = multipliers(SHARES, GONE, 0.3, 1 - 1e-9)
    np.testing.assert_allclose(multiplier[:2], 1 / 0.8, rtol=1e-6)
    assert outside == pytest.approx(0.3, rel=1e-6)


def test_nobody_left_is_everybody_outside() -> None:
    multiplier, outside = multipliers(SHARES, np.zeros(3, dtype=bool), 0.3, 0.7)
    assert outside == 1.0
    assert not multiplier.any()


def test_an_exchange_without_volume_takes_nothing_along() -> None:
    shares = np.array([0.6, 0.4, 0.0])
    multiplier, outside = multipliers(shares, GONE, 0.3, 0.7)
    np.testing.assert_allclose(multiplier, [1.0, 1.0, 0.0])
    assert outside == pytest.approx(0.3)


@given(weights, stayers, outsides, nestings)
def test_all_shares_add_up_to_one(
    values: list[float], stays: list[bool], outside: float, nesting: float
) -> None:
    shares = _of(values)
    multiplier, after = multipliers(shares, np.asarray(stays), outside, nesting)
    assert ((1 - outside) * shares * multiplier).sum() + after == pytest.approx(1.0)
    # Who stays never loses, and the outside never shrinks, by others' leaving.
    assert (multiplier[np.asarray(stays)] >= 1 - 1e-12).all()
    assert after >= outside - 1e-12


@given(weights, stayers, outsides, nestings, st.lists(st.floats(-0.5, 0.5), min_size=4, max_size=4))
def test_the_closed_form_is_the_definition_at_inverted_utilities(
    values: list[float], stays: list[bool], outside: float, nesting: float, change: list[float]
) -> None:
    shares, kept = _of(values), np.asarray(stays)
    utilities = mean_utilities(shares, outside, nesting)
    today, out_today = choice_shares(utilities, nesting)
    np.testing.assert_allclose(today, (1 - outside) * shares, rtol=1e-9)
    assert out_today == pytest.approx(outside)
    moved = np.where(kept, utilities + np.asarray(change), -np.inf)
    after, out_after = choice_shares(moved, nesting)
    multiplier, closed = multipliers(shares, kept, outside, nesting, np.asarray(change))
    np.testing.assert_allclose(multiplier * (1 - outside) * shares, after, rtol=1e-8, atol=1e-15)
    assert closed == pytest.approx(out_after, rel=1e-8)


@given(weights, outsides, nestings)
def test_odds_of_two_survivors_do_not_change(
    values: list[float], outside: float, nesting: float
) -> None:
    stays = np.array([True, False, True, True])
    multiplier, _ = multipliers(_of(values), stays, outside, nesting)
    assert np.ptp(multiplier[stays]) < 1e-12


def test_a_common_change_moves_the_nest_by_its_semi_elasticity() -> None:
    # One basis point at 0.5 % per basis point, at the margin.
    change = utility_of(0.5, -0.01, 0.3)
    multiplier, _ = multipliers(SHARES, np.ones(3, dtype=bool), 0.3, 0.7, change)
    np.testing.assert_allclose(multiplier - 1, -0.5 / 100 * 0.01, rtol=1e-3)
    assert utility_of(0.5, -1.0, 0.0) == 0.0


def test_data_sets_and_formulas_broadcast() -> None:
    stays = np.array([[GONE, ~GONE], [GONE, GONE]])
    multiplier, outside = multipliers(SHARES, stays, 0.3, 0.7)
    assert multiplier.shape == (2, 2, 3)
    assert outside.shape == (2, 2)
    np.testing.assert_allclose(multiplier[0, 0], multipliers(SHARES, GONE, 0.3, 0.7)[0])


@pytest.mark.parametrize(
    ("shares", "outside", "nesting", "complaint"),
    [
        (np.array([0.5, 0.4]), 0.3, 0.7, "add up to 0.9, not to 1"),
        (np.array([1.5, -0.5]), 0.3, 0.7, "outside 0 to 1"),
        (np.array([0.5, np.nan]), 0.3, 0.7, "outside 0 to 1"),
        (np.array([0.5, 0.5]), 1.0, 0.7, "outside_share = 1; allowed: 0 to below 1"),
        (np.array([0.5, 0.5]), 0.3, 1.0, "nesting = 1; allowed: 0 to below 1"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    shares: FloatArray, outside: float, nesting: float, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        multipliers(shares, np.ones(2, dtype=bool), outside, nesting)


@given(weights, stayers, outsides, nestings)
def test_who_leaves_would_have_what_it_has_when_it_alone_comes_back(
    values: list[float], stays: list[bool], outside: float, nesting: float
) -> None:
    shares, kept = _of(values), np.asarray(stays)
    alone, _ = if_staying(shares, kept, outside, nesting)
    back = kept | np.eye(4, dtype=bool)
    each, _ = multipliers(np.broadcast_to(shares, (4, 4)), back, outside, nesting)
    np.testing.assert_allclose(alone, np.diag(each), rtol=1e-12)
