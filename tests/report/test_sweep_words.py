"""Sentences of the page on a sweep, against tables whose answer is plain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sweep_folders import write_sweep

from analysis.report.sweep_texts import Reading
from analysis.report.sweep_words import at_cells, beside_base, few_decide, moves, of_indices, skewed
from analysis.uncertainty.results import Results

PAIR = ["rate", "floor_jpy_mn"]


def _cells(*medians: float) -> pd.DataFrame:
    pairs = pd.MultiIndex.from_product([[1, 2], [0, 5]], names=PAIR)
    return pd.DataFrame({"median": medians}, index=pairs).reset_index()


def test_points_to_one_side_of_the_base_are_told_with_the_ranges_that_draw_there() -> None:
    values = pd.Series([1.0, 2.0, 3.0, 4.0])
    baseline = {"unmet_loss_share": 0.0, "pass_through": 0.5, "beyond_hot": None}
    ranges = {
        "unmet_loss_share": {"low": 0.0, "high": 1.0},
        "pass_through": {"low": 0.0, "high": 1.0},
        "beyond_hot": {"low": 0.0, "high": 1.0},
        "population_reading": {},
    }
    assert beside_base(values, 1.0, baseline, ranges) == (
        "The base, 1, is exceeded at 75 % of the points and not reached at 0 %. It stands at an "
        "end of the range of unmet loss share, which draws to one side."
    )
    assert beside_base(values, 2.5, baseline, ranges).endswith("and not reached at 50 %.")


def test_one_cell_is_one_place_and_ties_are_all_named() -> None:
    assert at_cells(_cells(1.0, 2.0, 3.0, 4.0), PAIR, 1.0) == "rate 1, floor (JPY mn) 0"
    tied = at_cells(_cells(1.0, 2.0, 3.0, 1.0), PAIR, 1.0)
    assert tied == "rate 1, floor (JPY mn) 0; also at rate 2, floor (JPY mn) 5"


def test_a_lever_that_does_not_matter_is_said() -> None:
    assert at_cells(_cells(1.0, 2.0, 1.0, 4.0), PAIR, 1.0) == "floor (JPY mn) 0, whatever the rate"
    assert at_cells(_cells(1.0, 1.0, 3.0, 4.0), PAIR, 1.0) == "rate 1, whatever the floor (JPY mn)"


def _line(*medians: float) -> pd.DataFrame:
    return pd.DataFrame({"at": [0.0, 1.0, 2.0], "median": medians})


def test_a_move_goes_from_the_low_end_to_the_high_end() -> None:
    assert moves("x", _line(9.0, 5.0, 4.0)) == (
        "Along *x* the median moves most: from 9 at 0 to 4 at 2."
    )
    assert moves("x", _line(4.0, 12.0, 5.0)).endswith(
        "from 4 at 0 to 5 at 2, highest at 1 with 12."
    )
    assert moves("x", _line(4.0, 1.0, 5.0)).endswith("to 5 at 2, lowest at 1 with 1.")


def _indices(estimator: str, low: float, high: float) -> pd.DataFrame:
    row = {"estimator": estimator, "index": "first", "value": 0.4, "low": low, "high": high}
    return pd.DataFrame([row])


def test_intervals_of_few_base_samples_are_said_to_cover_too_little() -> None:
    assert "cover too little" in of_indices(_indices("sobol", 0.1, 0.9), 32)[0]
    assert of_indices(_indices("sobol", 0.1, 0.9), 256) == []
    assert "sampling noise" in of_indices(_indices("sobol", -0.1, 0.9), 256)[0]
    assert "sampling noise" in of_indices(_indices("sobol", 0.1, 1.1), 256)[0]


def test_a_whole_grid_has_no_noise_to_be_told() -> None:
    told = of_indices(_indices("whole_grid", np.nan, np.nan), None)
    assert len(told) == 1
    assert "no sampling noise" in told[0]


def test_few_points_decide_about_a_skewed_variance() -> None:
    """99 ones and a 101: the mean is 2, squares 99 of 1 and 99^2 = 9,801: 99 % are the one's."""
    values = pd.Series([1.0] * 99 + [101.0])
    assert skewed(values)
    assert "the largest 1 % of the points make 99 % of its variance" in few_decide(values, "cost")
    assert not skewed(pd.Series(np.linspace(1, 2, 100)))
    assert not skewed(values - 1.0)


def test_a_pair_with_one_index_is_moved_one_after_the_other(tmp_path: Path) -> None:
    """Groups have no column of their own; breakpoints move what belongs to them."""
    points = pd.DataFrame({"point": [0, 1], "levers": 0, "sample": [0, 1]})
    names = ["binance_flow_low", "binance_flow_high", "cost_of_equity"]
    table = pd.DataFrame({"point": [0, 1], "formula": "one", "cost": [1.0, 2.0]})
    groups = ["binance_flow_low_to_high"] * 2 + ["cost_of_equity"]
    folder = write_sweep(
        tmp_path / "s",
        points.assign(**{name: [0.1, 0.12] for name in names}),
        {"industry": table},
        uncertainties=names,
        method="sobol",
        plan={"names": names, "groups": groups},
    )
    found = pd.DataFrame({"parameter": groups[1:], "index": "first", "value": [0.7, 0.2]})
    reading = Reading.of(Results(folder), "cost", None, None)
    assert reading.movable(None, found) == names
