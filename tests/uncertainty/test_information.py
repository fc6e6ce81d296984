"""Value of information of decisions whose value is known in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.information import (
    Choice,
    narrowing,
    spline_basis,
    value_of_information,
)


def _rows(n: int = 2000, seed: int = 4) -> pd.DataFrame:
    """Two options: one is worth 0, the other a - 0.5 + 0.4 (b - 0.5); c plays no part."""
    unit = np.random.default_rng(seed).random((n, 3))
    points = pd.DataFrame(unit, columns=["a", "b", "c"]).assign(sample=range(n), levers=0)
    risky = points.assign(formula="risky", npv=points["a"] - 0.5 + 0.4 * (points["b"] - 0.5))
    return pd.concat([points.assign(formula="safe", npv=0.0), risky], ignore_index=True)


NAMES = ["a", "b", "c"]


def test_values_are_those_of_the_closed_form() -> None:
    """Both options have mean 0. Learning a alone: E[max(0, a - 1/2)] = 1/8; b alone 0.4 / 8."""
    choice = Choice.of(_rows(), NAMES, "npv")
    found = value_of_information(choice, seed=1).set_index("parameter").to_dict("index")
    assert found["a"]["value"] == pytest.approx(0.125, abs=0.012)
    assert found["b"]["value"] == pytest.approx(0.05, abs=0.012)
    assert found["a"]["low"] <= 0.125 <= found["a"]["high"]
    assert found["c"]["value"] < 0.003
    assert not found["c"]["above_noise"]
    assert found["c"]["low"] == 0.0
    assert found["a"]["above_noise"]
    assert list(found) == ["a", "b", "c"]
    assert found["a"]["changes"] == pytest.approx(0.5, abs=0.1)
    # E[max(0, u)] of u = a - 1/2 + 0.4 (b - 1/2): the mean over a fine grid.
    grid = (np.arange(1000) + 0.5) / 1000 - 0.5
    perfect = np.maximum(grid[:, None] + 0.4 * grid[None, :], 0).mean()
    assert choice.perfect == pytest.approx(perfect, abs=0.01)
    assert found["a"]["value"] <= choice.perfect + 1e-12


def test_an_option_that_is_always_best_leaves_nothing_to_learn() -> None:
    rows = _rows()
    rows.loc[rows["formula"] == "safe", "npv"] = 10.0
    choice = Choice.of(rows, NAMES, "npv")
    found = value_of_information(choice, seed=1)
    assert choice.best == "safe"
    assert choice.perfect == 0.0
    assert set(found["value"]) == {0.0}
    assert not found["above_noise"].any()


def test_where_less_is_better_the_least_is_chosen() -> None:
    rows = _rows()
    rows.loc[rows["formula"] == "safe", "npv"] = 10.0
    assert Choice.of(rows, NAMES, "npv", least=True).best == "risky"


def test_lever_combinations_are_options() -> None:
    both = pd.concat([_rows(100), _rows(100).assign(levers=1, npv=lambda t: t["npv"] + 1)])
    choice = Choice.of(both, NAMES, "npv")
    assert choice.utility.shape == (100, 4)
    assert choice.best.endswith("at lever combination 1")


def test_a_choice_needs_options_and_points() -> None:
    with pytest.raises(InputError, match="1 options at 2000 points"):
        Choice.of(_rows().query("formula == 'safe'"), NAMES, "npv")
    with pytest.raises(InputError, match="2 options at 10 points"):
        Choice.of(_rows(10), NAMES, "npv")
    blank = _rows(100)
    blank.loc[blank["formula"] == "risky", "npv"] = np.nan
    with pytest.raises(InputError, match="2 options at 0 points"):
        Choice.of(blank, NAMES, "npv")


def test_resampling_is_seeded() -> None:
    choice = Choice.of(_rows(200), NAMES, "npv")
    pd.testing.assert_frame_equal(
        value_of_information(choice, seed=3), value_of_information(choice, seed=3)
    )


def test_a_spline_follows_a_curve_and_text_has_one_term_per_value() -> None:
    x = pd.Series(np.random.default_rng(1).random(500))
    basis = spline_basis(x)
    curve = np.sin(5 * x.to_numpy())
    fitted = basis @ np.linalg.lstsq(basis, curve, rcond=None)[0]
    assert np.abs(fitted - curve).max() < 0.06
    assert basis.sum(axis=1) == pytest.approx(np.ones(500))
    assert spline_basis(pd.Series(["x", "y", "x"])).tolist() == [[1, 0], [0, 1], [1, 0]]


def test_narrowing_is_the_index_times_the_variance() -> None:
    """Deviation 2 and an index of 0.75 leave a deviation of 1; a negative index narrows nothing."""
    rows = pd.DataFrame({"formula": "one", "npv": [0.0, 4.0, 0.0, 4.0, 2.0]})
    assert rows["npv"].std() == pytest.approx(2.0)
    first = pd.DataFrame(
        {
            "formula": "one",
            "parameter": ["a", "b", "a"],
            "index": ["first", "first", "total"],
            "value": [0.75, -0.02, 0.9],
        }
    )
    found = narrowing(rows, first, "npv").set_index("parameter").to_dict("index")
    assert found["a"]["left"] == pytest.approx(1.0)
    assert found["b"]["left"] == pytest.approx(2.0)
    assert len(found) == 2


def _useless(n: int, parameters: int, seed: int) -> Choice:
    """A safe option against one of mean 0.1 and deviation 1.1 that no parameter tells about."""
    rng = np.random.default_rng(seed)
    names = [f"p{place}" for place in range(parameters)]
    points = pd.DataFrame(rng.random((n, parameters)), columns=names)
    points = points.assign(sample=range(n), levers=0)
    risky = points.assign(formula="risky", npv=0.1 + 1.1 * rng.standard_normal(n))
    return Choice.of(pd.concat([points.assign(formula="safe", npv=0.0), risky]), names, "npv")


def test_of_many_useless_parameters_none_is_above_the_noise() -> None:
    """20 parameters: noise of each alone would let one of them through in 2 samples of 3."""
    winners, low = 0, []
    for seed in range(10):
        found = value_of_information(_useless(128, 20, 500 + seed), seed)
        winners += bool(found["above_noise"].any())
        low.append(found.loc[~found["above_noise"], "low"].max())
    assert winners <= 2
    assert max(low) == 0.0


def test_a_useless_parameter_is_worth_about_nothing_and_lies_in_its_interval() -> None:
    """Without taking off what shuffles give the mean is 0.06 at 64 points."""
    found = pd.concat([value_of_information(_useless(64, 2, seed), seed) for seed in range(12)])
    assert found["value"].mean() < 0.03
    assert (found["value"] >= found["low"]).all()
    assert (found["value"] <= found["high"]).all()
