"""Pooling against Rubin's formulas by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.market.pool import bounds, pool


def test_rubin_by_hand() -> None:
    # Three data sets 1, 2, 6: mean 3, B = ((-2)^2 + (-1)^2 + 3^2) / 2 = 7,
    # standard error sqrt((1 + 1/3) x 7) = 3.0550505.
    # Median interval of level 0.5: quantiles 0.25 and 0.75 of (1, 2, 6) are 1.5 and 4.
    result = pool(np.array([[1.0], [2.0], [6.0]]), level=0.5)
    assert result.estimate.tolist() == [3.0]
    assert result.standard_error == pytest.approx([3.0550505])
    assert (result.low.tolist(), result.high.tolist()) == ([1.5], [4.0])


def test_axis_is_the_draw_axis() -> None:
    draws = np.arange(24.0).reshape(2, 4, 3)
    assert pool(draws, 0.9).estimate.shape == (2, 3)
    np.testing.assert_allclose(pool(draws, 0.9, axis=0).estimate, draws.mean(axis=0))


def test_constant_draws_have_no_error() -> None:
    result = pool(np.full((5, 2), 7.0), 0.9)
    assert result.low.tolist() == result.high.tolist() == [7.0, 7.0]
    assert result.standard_error.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("rows", "level", "message"), [(1, 0.9, "at least 2"), (3, 1.0, "level")])
def test_bad_arguments(rows: int, level: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pool(np.zeros((rows, 2)), level)


@given(
    draws=st.integers(2, 120),
    level=st.floats(0.001, 0.999),
    seed=st.integers(0, 1000),
    blank=st.booleans(),
)
def test_bounds_are_the_quantiles_of_numpy_to_the_last_bit(
    draws: int, level: float, seed: int, blank: bool
) -> None:
    rows = np.random.default_rng(seed).lognormal(3, 4, (3, 2, draws))
    rows[1, 0] = -7.25
    if blank:
        rows[0, 1, draws // 2] = np.nan
    expected = np.quantile(rows, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    np.testing.assert_array_equal(np.stack(bounds(rows, level)), expected)
