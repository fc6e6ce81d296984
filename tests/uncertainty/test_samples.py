"""Samples of the unit cube: their size, their strata, the same bits for the same plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.uncertainty.levers import grid, one_at_a_time, together
from analysis.uncertainty.samples import Plan

NAMES = ("a", "b", "c")
FEW = settings(max_examples=20, deadline=None)


@FEW
@given(rows=st.integers(2, 200), columns=st.integers(1, 6), seed=st.integers(0, 2**32 - 1))
def test_a_latin_hypercube_has_one_row_in_each_stratum(rows: int, columns: int, seed: int) -> None:
    unit = Plan("latin_hypercube", rows, seed, tuple("abcdef"[:columns])).unit()
    strata = np.sort(np.floor(unit * rows).astype(int), axis=0)
    assert (strata == np.arange(rows)[:, None]).all()


@FEW
@given(power=st.integers(1, 6), columns=st.integers(1, 5), second=st.booleans())
def test_sobol_has_the_rows_that_its_estimator_asks_for(
    power: int, columns: int, second: bool
) -> None:
    n = 2**power
    plan = Plan("sobol", n, 64, tuple("abcde"[:columns]), second_order=second)
    unit = plan.unit()
    # Saltelli: N (d + 2), with second order N (2 d + 2).
    assert len(unit) == plan.rows == n * ((2 * columns if second else columns) + 2)
    assert ((unit >= 0) & (unit < 1)).all()


def test_sobol_blocks_take_one_column_of_the_other_matrix() -> None:
    block = Plan("sobol", 4, 64, NAMES).unit()[:5]  # A, three of A with one column of B, B
    a, b = block[0], block[-1]
    for column in range(3):
        expected = a.copy()
        expected[column] = b[column]
        np.testing.assert_array_equal(block[1 + column], expected)


@FEW
@given(trajectories=st.integers(2, 10), columns=st.integers(2, 5))
def test_a_trajectory_moves_each_parameter_once(trajectories: int, columns: int) -> None:
    plan = Plan("morris", trajectories, 64, tuple("abcde"[:columns]))
    unit = plan.unit()
    assert len(unit) == plan.rows == trajectories * (columns + 1)
    steps = np.diff(unit.reshape(trajectories, columns + 1, columns), axis=1) != 0
    assert (steps.sum(axis=2) == 1).all()
    assert (steps.sum(axis=1) == 1).all()


def test_groups_move_together_and_count_once() -> None:
    groups = ("prices", "prices", "c")
    sobol = Plan("sobol", 8, 64, NAMES, groups)
    assert len(sobol.unit()) == sobol.rows == 8 * (2 + 2)
    assert sobol.problem["groups"] == list(groups)
    morris = Plan("morris", 3, 64, NAMES, groups)
    assert len(morris.unit()) == morris.rows == 3 * (2 + 1)


@pytest.mark.parametrize("method", ["latin_hypercube", "sobol", "morris"])
def test_the_same_plan_gives_the_same_bits_and_another_seed_others(method: str) -> None:
    plan = Plan(method, 16, 64, NAMES)  # type: ignore[arg-type]
    first = plan.unit()
    np.random.default_rng(1).random(10)
    assert plan.unit().tobytes() == first.tobytes()
    assert Plan.of(plan.as_dict()).unit().tobytes() == first.tobytes()
    assert Plan(method, 16, 65, NAMES).unit().tobytes() != first.tobytes()  # type: ignore[arg-type]


def test_no_sampler_touches_the_random_numbers_of_others() -> None:
    before = _legacy_state()
    for method in ("latin_hypercube", "sobol", "morris"):
        Plan(method, 4, 64, NAMES).unit()
    assert _legacy_state() == before


def _legacy_state() -> bytes:
    return bytes(np.random.get_state()[1])  # type: ignore[index]  # noqa: NPY002


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_a_grid_has_the_product_of_its_lengths(lengths: list[int]) -> None:
    values = {f"x{i}": list(range(length)) for i, length in enumerate(lengths)}
    made = grid(values)
    assert len(made) == np.prod(lengths)
    assert len({tuple(row.values()) for row in made}) == len(made)


def test_combinations_by_hand() -> None:
    values = {"a": [1, 2], "b": [3, 4]}
    assert grid(values) == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 2, "b": 4},
    ]
    assert together(values) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]
    assert one_at_a_time(values) == [{}, {"a": 1}, {"a": 2}, {"b": 3}, {"b": 4}]
