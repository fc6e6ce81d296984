"""Indices of functions whose indices are known, and refusal of what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.fitting import Sample
from analysis.uncertainty.given_data import bins, correlation_ratio, whole_grid
from analysis.uncertainty.samples import Plan
from analysis.uncertainty.sensitivity import indices

NAMES = ("a", "b", "c", "dummy")
Model = Callable[[np.ndarray], np.ndarray]


def _linear(unit: np.ndarray) -> np.ndarray:
    """4a + 2b + c of uniform inputs: variances 16, 4 and 1 of 21; nothing for the dummy."""
    return np.asarray(unit[:, :3] @ (4.0, 2.0, 1.0))


def _ishigami(unit: np.ndarray) -> np.ndarray:
    """Ishigami and Homma 1990 with a = 7, b = 0.1; a fourth input plays no part."""
    x = np.pi * (2 * unit - 1)
    return np.asarray(
        np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )


LINEAR = {"a": 16 / 21, "b": 4 / 21, "c": 1 / 21, "dummy": 0.0}
# Saltelli et al. 2008, Global Sensitivity Analysis: The Primer, eq. for the Ishigami function.
ISHIGAMI_FIRST = {"a": 0.3139, "b": 0.4424, "c": 0.0, "dummy": 0.0}
ISHIGAMI_TOTAL = {"a": 0.5576, "b": 0.4424, "c": 0.2437, "dummy": 0.0}


def _sweep(method: str, samples: int, model: Model, seed: int = 1) -> tuple[pd.DataFrame, Sample]:
    plan = Plan(method, samples, seed, NAMES)  # type: ignore[arg-type]
    unit = plan.unit()
    rows = pd.DataFrame(unit, columns=list(NAMES)).assign(
        point=range(len(unit)),
        sample=range(len(unit)),
        levers=0,
        formula="one",
        measure=model(unit),
    )
    return rows, Sample(method, NAMES, plan.rows, plan)


def _column(found: pd.DataFrame, index: str, column: str = "value") -> dict[str, float]:
    chosen = found[found["index"] == index].set_index("parameter")[column]
    return {str(name): float(value) for name, value in chosen.items()}


def test_sobol_indices_of_ishigami() -> None:
    rows, sample = _sweep("sobol", 1024, _ishigami)
    found = indices(rows, "measure", sample)
    assert _column(found, "first") == pytest.approx(ISHIGAMI_FIRST, abs=0.03)
    assert _column(found, "total") == pytest.approx(ISHIGAMI_TOTAL, abs=0.03)
    assert set(found["estimator"]) == {"sobol"}


@pytest.mark.parametrize(
    ("method", "samples", "tolerance"),
    [("sobol", 512, 0.04), ("latin_hypercube", 2000, 0.04)],
)
def test_first_indices_of_a_linear_model(method: str, samples: int, tolerance: float) -> None:
    found = indices(*_args(_sweep(method, samples, _linear)))
    assert _column(found, "first") == pytest.approx(LINEAR, abs=tolerance)
    low, high = _column(found, "first", "low"), _column(found, "first", "high")
    assert all(low[name] - 0.01 <= LINEAR[name] <= high[name] + 0.01 for name in NAMES)
    assert low["dummy"] <= 0 <= high["dummy"]
    assert low["a"] > high["b"] > high["dummy"]


def _args(sweep: tuple[pd.DataFrame, Sample]) -> tuple[pd.DataFrame, str, Sample]:
    return sweep[0], "measure", sweep[1]


def test_the_interval_of_given_data_holds_the_index_about_as_often_as_it_says() -> None:
    """Share of 60 hypercubes of 200 points whose interval holds each index of the linear model."""
    held = dict.fromkeys(NAMES, 0)
    for seed in range(60):
        found = indices(*_args(_sweep("latin_hypercube", 200, _linear, seed=seed)))
        low, high = _column(found, "first", "low"), _column(found, "first", "high")
        for name in NAMES:
            held[name] += low[name] <= LINEAR[name] <= high[name]
    assert min(held.values()) >= 0.85 * 60


def test_a_sobol_design_with_points_missing_still_has_indices_from_given_data() -> None:
    rows, sample = _sweep("sobol", 1024, _linear)
    with pytest.raises(
        InputError, match=r"needs measure at all 6,144 points.*1 failed.*given_data"
    ):
        indices(rows.drop(index=7), "measure", sample)
    found = indices(rows.drop(index=7), "measure", sample, "given_data")
    assert set(found["points"]) == {2048}  # the two base samples of 1,024
    assert _column(found, "first") == pytest.approx(LINEAR, abs=0.05)


def test_a_point_without_a_figure_is_a_gap() -> None:
    rows, sample = _sweep("sobol", 64, _linear)
    rows.loc[3, "measure"] = np.nan
    with pytest.raises(InputError, match="have no figure"):
        indices(rows, "measure", sample)


def test_elementary_effects_of_a_linear_model_are_its_coefficients() -> None:
    found = indices(*_args(_sweep("morris", 20, _linear)))
    expected = {"a": 4.0, "b": 2.0, "c": 1.0, "dummy": 0.0}
    assert _column(found, "mu_star") == pytest.approx(expected, abs=1e-9)
    assert _column(found, "sigma") == pytest.approx(dict.fromkeys(NAMES, 0.0), abs=1e-9)


def test_an_interaction_shows_in_the_spread_of_effects() -> None:
    found = indices(*_args(_sweep("morris", 40, lambda unit: unit[:, 0] * unit[:, 1])))
    assert _column(found, "sigma")["a"] > 0.2
    assert _column(found, "sigma")["c"] == 0.0


def test_a_measure_that_does_not_vary_has_no_index() -> None:
    for method, samples in (("sobol", 64), ("latin_hypercube", 64)):
        found = indices(*_args(_sweep(method, samples, lambda unit: np.full(len(unit), 3.3))))
        assert found["value"].isna().all()


def test_resampling_is_seeded() -> None:
    sweep = _sweep("sobol", 64, _ishigami)
    pd.testing.assert_frame_equal(indices(*_args(sweep)), indices(*_args(sweep)))


@pytest.mark.parametrize(
    ("method", "asked", "told"),
    [
        (
            "latin_hypercube",
            "sobol",
            "'sobol' needs a sobol design.*method latin_hypercube; to this one fits given_data",
        ),
        ("morris", "given_data", "needs a grid or latin_hypercube or sobol design"),
        ("sobol", "morris", "needs a morris design; this sweep has method sobol"),
        ("one_at_a_time", None, "sensitivity indices need a .* this sweep has method one_at"),
        ("list", None, "this sweep has method list"),
    ],
)
def test_an_estimator_that_does_not_fit_is_refused(
    method: str, asked: str | None, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        Sample(method, NAMES, 10).estimator(asked)


def test_without_uncertainties_and_with_an_unknown_estimator_it_says_so() -> None:
    with pytest.raises(InputError, match="this sweep has no uncertainties"):
        Sample("grid", (), 1).estimator()
    with pytest.raises(InputError, match="estimator 'fast'; known: sobol, morris, given_data"):
        Sample("sobol", NAMES, 1).estimator("fast")


def test_the_correlation_ratio_of_a_case_by_hand() -> None:
    """Groups (1, 3) and (5, 7): between 16, within 4, total 20; (16 - 1 * 4 / 2) / 20 = 0.7."""
    values, groups = np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1])
    assert correlation_ratio(values, groups, 2) == pytest.approx(0.7)


def test_few_values_are_their_own_groups() -> None:
    groups, number = bins(pd.Series(["x", "y"] * 50))
    assert number == 2
    assert set(groups[::2]) == {0}
    groups, number = bins(pd.Series(np.arange(100.0)))
    assert number == 10
    assert np.bincount(groups).tolist() == [10] * 10


def test_equal_values_are_never_in_two_groups() -> None:
    """Seven levels at 42 points, more than sqrt(42), are seven groups of six."""
    levels = pd.Series(np.tile(np.linspace(0.0005, 0.05, 7), 6))
    groups, number = bins(levels)
    assert number == 7
    assert np.bincount(groups).tolist() == [6] * 7
    # Half of the points share one value; the rest are all different.
    mixed = pd.Series([0.0] * 100 + list(np.linspace(1, 2, 100)))
    groups, number = bins(mixed)
    assert len(set(groups[:100])) == 1
    assert sorted(set(groups)) == list(range(number))


def _grid(*sizes: int) -> pd.DataFrame:
    names = list(NAMES[: len(sizes)])
    points = pd.DataFrame(list(product(*map(range, sizes))), columns=names, dtype=float)
    return points.assign(sample=range(len(points)), levers=0, formula="one")


def test_indices_of_a_whole_grid_are_the_exact_shares() -> None:
    """Of a + b on levels 0..5 and 0..6 the variances are (36 - 1)/12 and (49 - 1)/12: 35 to 48."""
    rows = _grid(6, 7)
    sample = Sample("grid", NAMES[:2], len(rows))
    found = indices(rows.assign(measure=rows["a"] + rows["b"]), "measure", sample)
    assert _column(found, "first") == pytest.approx({"a": 35 / 83, "b": 48 / 83}, abs=1e-12)
    assert found["low"].isna().all()
    assert set(found["estimator"]) == {"whole_grid"}


def test_what_does_not_act_on_a_grid_has_an_index_of_zero() -> None:
    rows = _grid(3, 3, 3)
    sample = Sample("grid", NAMES[:3], 27)
    found = indices(rows.assign(measure=rows["a"]), "measure", sample)
    assert _column(found, "first") == pytest.approx({"a": 1.0, "b": 0.0, "c": 0.0}, abs=1e-12)


def test_a_grid_with_a_hole_is_estimated_with_an_interval() -> None:
    rows = _grid(6, 7).drop(index=5)
    assert not whole_grid(rows, ["a", "b"])
    sample = Sample("grid", NAMES[:2], 42)
    found = indices(rows.assign(measure=rows["a"]), "measure", sample)
    assert set(found["estimator"]) == {"given_data"}
    assert found["low"].notna().all()
