"""Bridge between known months: hand cases and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.market.bridge import at, bridge, gap_errors, leave_one_out

MONTHS = pd.period_range("2025-01", periods=5, freq="M")
INDICATOR = pd.Series([5.0, 10.0, 10.0, 20.0, 40.0], index=MONTHS, name="indicator")


def known(values: dict[str, float]) -> pd.Series:
    months = pd.PeriodIndex(list(values), freq="M")
    return pd.Series(list(values.values()), index=months, name="series")


def test_ratio_is_geometric_between_and_constant_outside() -> None:
    # Ratios: 100/10 = 10 in February, 400/20 = 20 in April; March lies half way in logs:
    # sqrt(10 x 20) = 14.1421, times 10. January: 10 x 5 = 50. May: 20 x 40 = 800.
    result = bridge(known({"2025-02": 100.0, "2025-04": 400.0}), INDICATOR)
    assert result.value.tolist() == pytest.approx([50.0, 100.0, 141.4213562, 400.0, 800.0])
    assert result.status.tolist() == [
        "extrapolated",
        "observed",
        "derived",
        "observed",
        "extrapolated",
    ]


def test_leave_one_out_by_hand() -> None:
    # Log ratios ln 10, ln 15, ln 20 in February to April. Without March: sqrt(200) = 14.142.
    # Without an end the other end's neighbour holds: 10 against 15, 20 against 15.
    series = known({"2025-02": 100.0, "2025-03": 150.0, "2025-04": 400.0})
    errors = leave_one_out(series, INDICATOR)
    assert errors.tolist() == pytest.approx(
        [np.log(10 / 15), np.log(15 / 200**0.5), np.log(20 / 15)]
    )


@given(
    values=st.lists(st.floats(0.1, 1e6), min_size=2, max_size=5),
    factor=st.floats(0.01, 100.0),
)
def test_known_months_kept_and_scale_of_the_indicator_is_irrelevant(
    values: list[float], factor: float
) -> None:
    series = pd.Series(values, index=MONTHS[: len(values)], name="series")
    plain = bridge(series, INDICATOR).value
    scaled = bridge(series, INDICATOR * factor).value
    assert plain[: len(values)].tolist() == values
    np.testing.assert_allclose(scaled, plain, rtol=1e-9)
    np.testing.assert_allclose(bridge(series * factor, INDICATOR).value, plain * factor, rtol=1e-9)


def test_gap_errors_are_shared_within_a_gap_and_average_to_one() -> None:
    status = pd.Series(["extrapolated", "observed", "derived", "derived", "observed"])
    error = gap_errors(status, 0.4, 2000, np.random.default_rng(0))
    assert (error[:, [1, 4]] == 1).all()
    assert (error[:, 2] == error[:, 3]).all()
    assert (error[:, 0] != error[:, 2]).all()
    np.testing.assert_allclose(error.mean(axis=0), 1.0, atol=0.01)
    assert np.log(error[:, 2]).std() == pytest.approx(0.4, rel=0.02)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"2030-01": 1.0}, "no known month between 2025-01 and 2025-05"),
        ({"2025-02": -3.0}, "month 2025-02: -3.0 is not positive"),
    ],
)
def test_bad_series_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        bridge(known(values), INDICATOR)


def test_one_month_cannot_be_left_out() -> None:
    with pytest.raises(InputError, match="at least 2"):
        leave_one_out(known({"2025-02": 1.0}), INDICATOR)


def test_value_at_a_month() -> None:
    assert at(INDICATOR, "2025-04") == 20.0
