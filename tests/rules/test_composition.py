"""Formulas compose: floor, cap, factor, phase-in, largest, sum, a reader's own."""

from __future__ import annotations

import numpy as np
import pytest
from exposures import formula, grid, one
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.rules import Reference, custom, maximum, total

KOREA, FIEA = formula("custody_share_korea"), formula("fiea_turnover")
FUND = formula("fee_fund_safu")


@given(least=st.floats(0, 1e6), most=st.floats(0, 1e6))
def test_floor_and_cap_are_respected(least: float, most: float) -> None:
    exposure = grid()
    assert np.all(KOREA.floor(least).required(exposure) >= least)
    assert np.all(KOREA.cap(most).required(exposure) <= most)
    both = KOREA.floor(least).cap(most).required(exposure)
    np.testing.assert_array_equal(
        both, np.minimum(np.maximum(KOREA.required(exposure), least), most)
    )


def test_amounts_compose() -> None:
    # Korea 2,000, art. 175 720 (worked in test_candidate_cases).
    exposure = one()
    assert KOREA.times(1.5).required(exposure).item() == pytest.approx(3_000)
    assert maximum(KOREA, FIEA).required(exposure).item() == pytest.approx(2_000)
    assert total(KOREA, FIEA).required(exposure).item() == pytest.approx(2_720)


def test_fixed_amounts_phase_in_after_composition() -> None:
    # max(2,000, 3,000) over three years: thirds of 3,000.
    path = KOREA.floor(3_000).path(one(), 4, 3).ravel()
    assert path == pytest.approx([1_000, 2_000, 3_000, 3_000])
    assert KOREA.path(one(), 2, 0).ravel() == pytest.approx([2_000, 2_000])


def test_a_rule_that_accrues_keeps_accruing_when_composed() -> None:
    # Art. 175 alone: 160, 320, 480, 640, 640. A phase-in of three years does not apply to it.
    exposure = one()
    assert FIEA.times(2).path(exposure, 5, 3).ravel() == pytest.approx([320, 640, 960, 1280, 1280])
    assert FIEA.cap(400).path(exposure, 5, 3).ravel() == pytest.approx([160, 320, 400, 400, 400])
    # A floor of 600 is reached in thirds: 200, 400, 600; the accrual overtakes it in year 4.
    assert FIEA.floor(600).path(exposure, 5, 3).ravel() == pytest.approx([200, 400, 600, 640, 640])
    # Korea 2,000 over three years beside it.
    assert total(FIEA, KOREA).path(exposure, 4, 3).ravel() == pytest.approx(
        [160 + 2_000 / 3, 320 + 4_000 / 3, 480 + 2_000, 640 + 2_000]
    )
    assert maximum(FUND, FIEA).path(exposure, 3, 1).ravel() == pytest.approx([4_000, 8_000, 10_000])


def test_own_phase_in() -> None:
    exposure = one()
    assert KOREA.phase_in(4).path(exposure, 5, 1).ravel() == pytest.approx(
        [500, 1_000, 1_500, 2_000, 2_000]
    )
    # The slower of accrual (160 a year) and steps of 720 / 10 = 72 a year.
    assert FIEA.phase_in(10).path(exposure, 3, 1).ravel() == pytest.approx([72, 144, 216])
    # A composition keeps it: twice the steps.
    assert KOREA.phase_in(4).times(2).path(exposure, 2, 1).ravel() == pytest.approx([1_000, 2_000])


def test_a_composition_says_what_it_is() -> None:
    floored = KOREA.floor(300)
    assert floored.id == "custody_share_korea, at least 300"
    assert floored.title == f"{KOREA.title}, at least 300 JPY mn"
    assert floored.status == "scenario"
    assert floored.reference == KOREA.reference
    assert floored.not_modelled == KOREA.not_modelled
    joined = maximum(KOREA, FIEA)
    assert joined.id == "largest of custody_share_korea and fiea_turnover"
    assert KOREA.reference.title in joined.reference.title
    assert FIEA.reference.pinpoint in joined.reference.pinpoint
    assert KOREA.not_modelled in joined.not_modelled
    assert joined.accrues
    assert not KOREA.times(0.5).accrues


def test_nothing_to_join_is_an_error() -> None:
    with pytest.raises(InputError, match="at least one formula"):
        total()


def test_a_reader_adds_a_formula_in_one_call() -> None:
    half = custom("half_percent", "0.5 % of custody", lambda e: 0.005 * e.custody, "own proposal")
    assert half.required(one()).item() == pytest.approx(5_000)
    assert half.status == "scenario"
    assert half.reference.title == "own proposal"
    assert maximum(half, KOREA).required(one()).item() == pytest.approx(5_000)
    law = Reference("a text", "https://example.org/text", "art. 1", "2026-11-22")
    cited = custom("flat", "JPY 10 mn", lambda _: np.array(10.0), law)
    assert cited.last_checked_on == "2026-11-22"
    assert cited.required(grid()).shape == grid().operating_revenue.shape


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda e: -e.custody, "returned 1 of 1 amounts that are negative"),
        (lambda e: e.custody * np.nan, "not a number"),
        (lambda e: e.custody + np.inf, "infinite"),
        (lambda _: np.ones(7), r"shape \(7,\), which does not fit \(1, 1\)|one value per exchange"),
    ],
)
def test_a_readers_formula_is_checked(function: object, message: str) -> None:
    wrong = custom("wrong", "wrong", function, "test")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=message):
        wrong.required(one())


def test_foreign_money_is_revalued_wherever_it_stands_and_yen_is_not() -> None:
    # KRW 3 bn at 0.109099 is 327.3; with the won at twice the yen 654.6. Nothing is held here, so
    # the floor binds, and the one of 100 added in yen stays.
    empty = one(custody_hot=0, custody_cold=0)

    def twice(currency: str) -> float:
        return {"KRW": 2.0}[currency]

    for changed, amount in (
        (KOREA, 654.594),
        (KOREA.times(0.1).floor(100), 100),
        (KOREA.times(0.5), 327.297),
        (maximum(KOREA, FUND).phase_in(3), 654.594),
    ):
        assert changed.revalued(twice).required(empty).item() == pytest.approx(amount)
    # A rate by exchange gives an amount by exchange.
    by_exchange = KOREA.revalued(lambda _: np.array([1.0, 2.0])).required(empty)
    assert by_exchange.ravel() == pytest.approx([327.297, 654.594])
    assert FIEA.revalued(twice) is FIEA
