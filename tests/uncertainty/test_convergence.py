"""Monte Carlo error against a normal mean whose error is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.scenario import Scenario
from analysis.uncertainty.convergence import (
    LEAST,
    converged,
    convergence,
    is_count,
    monte_carlo_error,
)


def _seeds(n: int, mean: float = 1000.0, spread: float = 50.0, seed: int = 5) -> pd.DataFrame:
    draws = np.random.default_rng(seed).normal(mean, spread, n)
    return pd.DataFrame(
        {"point": range(n), "levers": 0, "formula": "one", "annual_cost_jpy_mn": draws}
    )


def test_the_error_is_that_of_a_normal_mean() -> None:
    """With s = 50 and n = 400 the standard error is 2.5, and 0.25 % of a mean of 1,000."""
    row = monte_carlo_error(_seeds(400), {"annual_cost_jpy_mn": 0.01}).iloc[0]
    assert row["standard_error"] == pytest.approx(2.5, rel=0.1)
    assert row["error"] == pytest.approx(0.0025, rel=0.1)
    # (50 / 1000 / 0.01)^2 = 25 seeds give an error of 1 %.
    assert row["seeds_needed"] == pytest.approx(25, abs=5)


def test_the_interval_holds_the_known_mean_as_often_as_it_says() -> None:
    """Mean +- 1.96 standard errors of 100 seeds holds the true mean in 95 % of 400 sweeps."""
    held = []
    for seed in range(400):
        row = monte_carlo_error(_seeds(100, seed=seed), {"annual_cost_jpy_mn": 1.0}).iloc[0]
        held.append(abs(row["mean"] - 1000.0) <= 1.96 * row["standard_error"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)


def test_more_seeds_reach_the_tolerance_and_it_says_how_many_data_sets() -> None:
    few = convergence(_seeds(8), {"annual_cost_jpy_mn": 0.01}, draws_each=100)
    many = convergence(_seeds(64), {"annual_cost_jpy_mn": 0.01}, draws_each=100)
    assert not few.reached
    assert str(few) == (
        "the standard errors of 1 of 1 headlines are not within their tolerance after 800 data sets"
    )
    assert many.reached
    assert many.draws == 6400


def test_amounts_are_relative_and_counts_are_absolute() -> None:
    counts = ("exchanges_short", "expected_exits", "effective_number_after")
    assert all(is_count(measure) for measure in counts)
    assert not is_count("required_jpy_mn")
    assert not is_count("offshore_share")
    table = _seeds(100).assign(exchanges_short=lambda t: t["annual_cost_jpy_mn"] / 100)
    errors = monte_carlo_error(table, {"annual_cost_jpy_mn": 1.0, "exchanges_short": 1.0})
    relative, absolute = errors["error"]
    # s / 100 = 0.5 exchanges, over 10: 0.05; the mean of 10 exchanges plays no part.
    assert absolute == pytest.approx(0.05, rel=0.2)
    assert absolute == pytest.approx(relative * table["annual_cost_jpy_mn"].mean() / 100, rel=1e-9)


def test_a_mean_of_zero_is_near_enough_only_without_spread() -> None:
    nothing = _seeds(8).assign(annual_cost_jpy_mn=0.0)
    assert convergence(nothing, {"annual_cost_jpy_mn": 0.01}, 1).reached
    both = nothing.assign(annual_cost_jpy_mn=[1.0, -1.0] * 4)
    assert not convergence(both, {"annual_cost_jpy_mn": 0.01}, 1).reached


def test_a_few_seeds_are_never_enough() -> None:
    same = _seeds(LEAST - 1).assign(annual_cost_jpy_mn=7.0)
    assert not convergence(same, {"annual_cost_jpy_mn": 0.01}, 1).reached


def test_every_formula_and_lever_combination_must_be_near_enough() -> None:
    table = pd.concat([_seeds(16, spread=1.0).assign(levers=0), _seeds(16).assign(levers=1)])
    report = convergence(table, {"annual_cost_jpy_mn": 0.005}, 1)
    assert report.report.set_index("levers")["reached"].to_dict() == {0: True, 1: False}
    assert not report.reached


def test_a_measure_without_any_figure_is_left_out() -> None:
    table = _seeds(8).assign(annual_cost_jpy_mn=np.nan)
    found = convergence(table, {"annual_cost_jpy_mn": 0.1}, 1)
    assert not found.reached
    assert str(found) == "no headline has a figure"


def _design(**changes: Any) -> Any:
    points = pd.DataFrame({"point": range(64), "levers": 0, "sample": range(64)})
    stop = SimpleNamespace(tolerance={"annual_cost_jpy_mn": 0.01}, batch=4)
    return SimpleNamespace(
        **{"name": "d", "base": {"draws": 20}, "points": points, "stop": stop} | changes
    )


def test_a_design_says_the_tolerance_and_the_data_sets_per_seed() -> None:
    found = converged(_seeds(64).drop(columns="levers"), _design())
    assert found.reached
    assert found.draws == 64 * 20
    assert converged({"industry": _seeds(64)}, _design(base={})).draws == 64 * Scenario().draws


def test_a_design_without_stop_and_an_unknown_measure_are_refused() -> None:
    with pytest.raises(InputError, match="it has no `stop`"):
        converged(_seeds(8), _design(stop=None))
    with pytest.raises(InputError, match="names 'annual_cots', which no table"):
        monte_carlo_error(_seeds(8), {"annual_cots": 0.1})


def test_an_absolute_tolerance_holds_near_zero_where_a_relative_one_never_does() -> None:
    """s = 50 over 400 seeds: 2.5, whatever the mean; relative to a mean near 0 there is no end."""
    table = _seeds(400, mean=0.0)
    assert not convergence(table, {"annual_cost_jpy_mn": 0.1}, 1).reached
    row = monte_carlo_error(table, {"annual_cost_jpy_mn": {"absolute": 3.0}}).iloc[0]
    assert row["scale"] == "absolute"
    assert row["error"] == row["standard_error"] == pytest.approx(2.5, rel=0.1)
    assert row["reached"]
    assert not convergence(table, {"annual_cost_jpy_mn": {"absolute": 2.0}}, 1).reached


def test_a_sweep_stops_only_where_the_rule_held_before_the_last_batch_too() -> None:
    """Twelve seeds are content at 3 % and the first eight are not, so sixteen are needed."""
    values = [1000 + 100 * sign for sign in (1, -1) * 4] + [1000.0] * 28
    table = pd.DataFrame({"point": range(36), "formula": "one", "annual_cost_jpy_mn": values})
    # Of 1,000: 100 sqrt(8 / 11) / sqrt(12) = 24.6; of the first eight
    # 100 sqrt(8 / 7) / sqrt(8) = 37.8.
    design = _design(stop=SimpleNamespace(tolerance={"annual_cost_jpy_mn": 0.03}, batch=4))
    first, then = (converged(table.head(n), design) for n in (12, 16))
    assert not first.reached
    assert str(first).endswith("after 240 data sets, but not yet in two batches in a row")
    assert then.reached
    # Eight seeds that are content have no eight before them.
    same = table.assign(annual_cost_jpy_mn=1000.0)
    assert not converged(same.head(8), design).reached
    assert converged(same.head(12), design).reached
    # Batches of one are no second look: four seeds less are.
    single = _design(stop=SimpleNamespace(tolerance={"annual_cost_jpy_mn": 0.03}, batch=1))
    assert not converged(table.head(13), single).reached


def test_stopping_early_by_luck_is_rare() -> None:
    """Figures of the module: s four tolerances, so that 16 seeds are needed, in batches of four."""
    over, held, runs = [], [], 50
    design = _design(stop=SimpleNamespace(tolerance={"annual_cost_jpy_mn": 0.01}, batch=4))
    for seed in range(runs):
        table = _seeds(64, spread=40.0, seed=seed).drop(columns="levers")
        stopped = next(n for n in range(12, 65, 4) if converged(table.head(n), design).reached)
        row = converged(table.head(stopped), design).report.iloc[0]
        over.append(40.0 / np.sqrt(stopped) / 10.0)
        held.append(abs(row["mean"] - 1000.0) <= 1.96 * row["standard_error"])
    assert np.mean(np.array(over) > 1.0) < 0.3  # 0.13 of 3,000
    assert np.mean(np.array(over) > 1.25) == 0.0
    assert np.mean(held) > 0.8  # 0.92 of 3,000
