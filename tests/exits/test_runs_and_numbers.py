"""What a run costs, and how many exits there are, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.exits.number_of_exits import checked, interval, number_of_exits
from analysis.exits.runs import run_cost, run_record, years_of_business_lost


def test_a_run_by_hand() -> None:
    # A quarter away for 45 days, then back over 75: 0.25 (45 + 37.5) / 365.
    assert years_of_business_lost(45, 0.25, 75) == pytest.approx(0.0565068)


def test_expected_cost_by_hand_and_no_margin_no_cost() -> None:
    # 1,000 of margin and 2 % a year: paid by own means in 45 days or at once, one as likely as the
    # other.
    cost = run_cost(
        np.array([1_000.0, -50.0]), np.array([0.02, 0.02]), np.array([0.5, 0.5]), (45, 3), 0.25, 75
    )
    slow, fast = 0.25 * 82.5 / 365, 0.25 * 40.5 / 365
    np.testing.assert_allclose(cost, [1_000 * 0.02 * (slow + fast) / 2, 0.0])


def test_the_record_has_the_shares_that_the_parameter_names() -> None:
    record = run_record()
    bybit = record["event"].str.startswith("Bybit")
    assert record.loc[bybit, "share_withdrawn"].item() == pytest.approx(0.275)
    assert record["share_withdrawn"].between(0.01, 0.6).all()
    assert len(record) == 5


def test_two_chances_by_hand_and_a_mixture() -> None:
    # 0.5 and 0.2: none 0.4, one 0.5 x 0.8 + 0.5 x 0.2 = 0.5, two 0.1.
    np.testing.assert_allclose(number_of_exits(np.array([[0.5, 0.2]])), [0.4, 0.5, 0.1])
    # Half of the data sets say never, half always: none or both.
    np.testing.assert_allclose(number_of_exits(np.array([[0.0, 0.0], [1.0, 1.0]])), [0.5, 0, 0.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_chances_add_up_and_have_the_right_mean_and_variance(values: list[float]) -> None:
    p = np.asarray(values)
    chance, count = number_of_exits(p[np.newaxis]), np.arange(p.size + 1)
    assert chance.sum() == pytest.approx(1.0)
    assert chance @ count == pytest.approx(p.sum(), abs=1e-9)
    variance = chance @ count**2 - (chance @ count) ** 2
    assert variance == pytest.approx((p * (1 - p)).sum(), abs=1e-9)


def test_the_interval_holds_the_level() -> None:
    chance = np.array([0.04, 0.06, 0.8, 0.06, 0.04])
    low, high = interval(chance, 0.9)
    assert (float(low), float(high)) == (1.0, 3.0)
    assert chance[1:4].sum() >= 0.9


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(InputError, match=r"probability from -0\.1 to 0\.5"):
        number_of_exits(np.array([[-0.1, 0.5]]))
    with pytest.raises(InputError, match="probability from nan"):
        number_of_exits(np.array([[np.nan, 0.5]]))
    with pytest.raises(InputError, match=r"chances add up to 0\.9"):
        checked(np.array([0.5, 0.4]))
